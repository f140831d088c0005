//! `/auth/v1/user`: the user whose access token is presented. `GET` is here, `PUT` in
//! [`super::update`].

use super::{Account, read_account};
use crate::auth::call::Call;
use crate::auth::database::{ask, first_row};
use crate::db::Rows;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::{Method, Response};

/// One round trip: the session is asked for in the same batch.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    if call.request.method == Some(Method::Put) {
        return super::update::serve(host, call).await;
    }
    let user = call.user()?;
    let rows = ask(host, vec![user.session_guard(), read_account(&user.id)]).await?;
    Ok(Response::json(200, account(&rows, 1)?.user()))
}

/// The account that [`read_account`] has found at that place of a batch.
pub(super) fn account(rows: &[impl Rows], statement: usize) -> Result<Account, Error> {
    first_row(rows, statement, Account::read)?
        .ok_or_else(|| Error::new(Code::UserNotFound, "User from sub claim in JWT does not exist"))
}
