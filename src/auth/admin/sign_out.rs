//! `POST /auth/v1/admin/users/{user_id}/logout`: ends all sessions of an account, which the
//! original can only do with the user's own token.

use super::not_found;
use crate::auth::account::{end_codes, end_sessions};
use crate::auth::audit::{Action, Note};
use crate::auth::call::{Call, invalid};
use crate::auth::database::{ask, has_row};
use crate::db::Statement;
use crate::error::Error;
use crate::host::Host;
use crate::http::Response;

/// One round trip.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    call.admin()?;
    if call.parameter("scope")?.is_some_and(|scope| scope != "global") {
        return Err(invalid("scope can be nothing but global"));
    }
    let id = call.id(0)?;
    // Changes nothing, but is noted only where there is somebody.
    let find = Statement::fixed(
        "update auth_users set id = id where id = ?1 returning 'true' as row",
        vec![Some(id.to_owned())],
    );
    let note = Note::new(host, call, Action::Logout, &[("user_id", id), ("scope", "global")]);
    let rows = ask(host, vec![find, note.if_changed(), end_sessions(id), end_codes(id)]).await?;
    if has_row(&rows, 0) { Ok(Response::empty(204)) } else { Err(not_found()) }
}
