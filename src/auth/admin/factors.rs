//! `GET /auth/v1/admin/users/{user_id}/factors` and `DELETE` of one of them: help for who has lost
//! a device.

use super::{not_found, read_account};
use crate::auth::account::{Account, Factor};
use crate::auth::audit::{Action, Note};
use crate::auth::call::Call;
use crate::auth::database::{ask, first_row};
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::Response;
use crate::http::json::list;

/// One round trip.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    call.admin()?;
    let rows = ask(host, vec![read_account(call.id(0)?)]).await?;
    let account = first_row(&rows, 0, Account::read)?.ok_or_else(not_found)?;
    let factors: Vec<String> = account.factors.iter().map(Factor::written).collect();
    Ok(Response::json(200, list(&factors)))
}

/// One round trip. Which factor a session has shown is not known, so all sessions fall back to
/// `aal1`.
pub(in crate::auth) async fn delete<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    call.admin()?;
    let (user_id, factor_id) = (call.id(0)?, call.id(1)?);
    let binds = || vec![Some(factor_id.to_owned()), Some(user_id.to_owned())];
    let note = Note::new(
        host,
        call,
        Action::FactorDeleted,
        &[("user_id", user_id), ("factor_id", factor_id)],
    );
    let batch = vec![
        read_account(user_id),
        Statement::fixed("delete from auth_factors where id = ?1 and user_id = ?2", binds()),
        note.if_changed(),
        Statement::fixed(
            "update auth_sessions set aal = 'aal1' where user_id = ?1 and changes() = 1",
            vec![Some(user_id.to_owned())],
        ),
    ];
    let rows = ask(host, batch).await?;
    let account = first_row(&rows, 0, Account::read)?.ok_or_else(not_found)?;
    let factor = account.factors.iter().find(|factor| factor.has_id(factor_id));
    let factor = factor.ok_or_else(|| Error::new(Code::MfaFactorNotFound, "Factor not found"))?;
    Ok(Response::json(200, factor.written()))
}
