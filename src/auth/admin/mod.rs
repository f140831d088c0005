//! What the owner's server does with accounts: everything here is for the `service_role` key alone,
//! which each `serve` asks for first.

mod page;
mod wish;
pub(super) mod list;
pub(super) mod create;
pub(super) mod user;
pub(super) mod update;
pub(super) mod sign_out;
pub(super) mod factors;
pub(super) mod link;
pub(super) mod audit_log;

use super::account::{Account, read_account};
use super::database::first_row;
use crate::db::Rows;
use crate::error::{Code, Error};
use crate::http::Response;

/// Answers with the account that one statement of a batch has found.
fn answer<R: Rows>(rows: &[R], statement: usize) -> Result<Response<R>, Error> {
    let account = first_row(rows, statement, Account::read)?.ok_or_else(not_found)?;
    Ok(Response::json(200, account.user()))
}

/// Nobody has that id.
fn not_found() -> Error {
    Error::new(Code::AccountNotFound, "User not found")
}

/// The address is somebody else's, or the id of a new account is taken.
fn email_exists() -> Error {
    Error::new(Code::EmailExists, "A user with this email address has already been registered")
}
