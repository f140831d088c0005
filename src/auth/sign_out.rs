//! `POST /auth/v1/logout?scope=`: ends sessions. Their access tokens die with them, since every
//! request asks whether its session lives.

use super::{ask, parameter, require_user};
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::{Request, Response};
use crate::identity::Identity;

/// One round trip.
pub(super) async fn serve<H: Host>(
    host: &H,
    identity: &Identity,
    request: &Request,
) -> Result<Response<H::Rows>, Error> {
    let user = require_user(identity)?;
    let sql = match parameter(request, "scope")?.as_deref() {
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
    ask(host, vec![user.session_guard(), end]).await?;
    Ok(Response::empty(204))
}
