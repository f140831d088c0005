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
    let mut batch = vec![user.session_guard(), end, note.always()];
    if scope == "global" {
        // A code that waits for its app is a session that has yet to begin.
        let codes = "delete from auth_flows where user_id = ?1";
        batch.push(Statement::fixed(codes, vec![Some(user.id.clone())]));
    }
    ask(host, batch).await?;
    Ok(Response::empty(204))
}
