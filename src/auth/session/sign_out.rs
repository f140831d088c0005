//! `POST /auth/v1/logout?scope=`: ends sessions. Their access tokens die with them, since every
//! request asks whether its session lives.

use crate::auth::audit::{Action, Note};
use crate::auth::call::Call;
use crate::auth::database::ask;
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::Response;

/// One round trip.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let user = call.user()?;
    let scope = call.parameter("scope")?;
    let sql = match scope.as_deref() {
        None | Some("global") => "delete from auth_sessions where user_id = ?1 and ?2 is not null",
        Some("local") => "delete from auth_sessions where user_id = ?1 and id = ?2",
        Some("others") => "delete from auth_sessions where user_id = ?1 and id <> ?2",
        Some(_) => {
            return Err(Error::new(
                Code::ValidationFailed,
                "scope must be one of global, local, others",
            ));
        }
    };
    let end = Statement::fixed(sql, vec![Some(user.id.clone()), Some(user.session_id.clone())]);
    let scope = scope.as_deref().unwrap_or("global");
    let note = Note::new(host, call, Action::Logout, &[("scope", scope)]);
    // A code that waits to be redeemed would be a session again.
    let end_codes = Statement::fixed(
        "delete from auth_flows where user_id = ?1 and ?2 <> 'local'",
        vec![Some(user.id.clone()), Some(scope.to_owned())],
    );
    ask(host, vec![user.session_guard(), end, note.always(), end_codes]).await?;
    Ok(Response::empty(204))
}
