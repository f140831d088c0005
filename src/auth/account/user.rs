//! `GET /auth/v1/user`: the user whose access token is presented.

use super::{Account, account_json};
use crate::auth::call::Call;
use crate::auth::database::{ask, first_row};
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::Response;

/// One round trip: the session is asked for in the same batch.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let user = call.user()?;
    let read = Statement::fixed(
        concat!("select ", account_json!(), " as row from auth_users where id = ?1"),
        vec![Some(user.id.clone())],
    );
    let rows = ask(host, vec![user.session_guard(), read]).await?;
    let account = first_row(&rows, 1, Account::read)?.ok_or_else(|| {
        Error::new(Code::UserNotFound, "User from sub claim in JWT does not exist")
    })?;
    Ok(Response::json(200, account.user()))
}
