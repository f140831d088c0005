//! Asking the database for accounts and sessions, and reading its answers.
//!
//! A statement of a batch that finds what must not be raises a marker by
//! `json_extract('{}', 'selvedge:..')`, which fails and undoes the whole batch; [`failure`] makes a
//! refusal of the marker.

use super::abuse;
use super::account::{TOO_LARGE, too_large};
use crate::db::{Batch, DbError, Rows, Statement};
use crate::error::{Code, Error};
use crate::host::{HasherUnavailable, Host, Milliseconds};
use crate::http::json::Object;
use crate::identity::{SESSION_ENDED, User};
use crate::uuid::{self, Uuid};

/// Runs a batch.
///
/// # Errors
/// See [`failure`].
pub(super) async fn ask<H: Host>(host: &H, batch: Batch) -> Result<Vec<H::Rows>, Error> {
    host.batch(batch).await.map_err(failure)
}

/// Runs a batch that has [`one_changed`] in it.
///
/// # Errors
/// `refusal` where nothing was changed, else see [`failure`].
pub(super) async fn ask_once<H: Host>(
    host: &H,
    batch: Batch,
    refusal: fn() -> Error,
) -> Result<Vec<H::Rows>, Error> {
    host.batch(batch).await.map_err(|error| match error {
        DbError::Raised { marker } if marker == UNCHANGED => refusal(),
        other => failure(other),
    })
}

/// What a failed batch means to the client: an end of the session, too many tries, another refusal
/// that a statement of ours has raised by its marker, or trouble.
pub(super) fn failure(error: DbError) -> Error {
    match &error {
        DbError::Raised { marker } if marker == SESSION_ENDED => {
            Error::new(Code::SessionNotFound, "Session from session_id claim in JWT does not exist")
        }
        DbError::Raised { marker } if marker == CHANGED_MEANWHILE => Error::new(
            Code::Conflict,
            "The account has been changed at this moment by another request",
        ),
        DbError::Raised { marker } if marker == LEVEL_TOO_LOW => Error::new(
            Code::AalTooLow,
            "AAL2 session is required to change identities when MFA is enabled.",
        ),
        DbError::Raised { marker } if marker == BANNED => user_banned(),
        DbError::Raised { marker } if marker == TOO_LARGE => too_large(),
        // An address is the one thing in these tables that two may want.
        DbError::Unique { table, .. } if table == "auth_users" => Error::new(
            Code::EmailExists,
            "A user with this email address has already been registered",
        ),
        DbError::Raised { marker } => {
            abuse::refusal(marker).unwrap_or_else(|| Error::from_database(&error))
        }
        other => Error::from_database(other),
    }
}

/// The one refusal of who is banned, whichever the way in.
pub(super) fn user_banned() -> Error {
    Error::new(Code::UserBanned, "User is banned")
}

/// The marker that is raised where what a request relies on has changed since it was read.
const CHANGED_MEANWHILE: &str = "conflict";

/// The marker that [`level_guard`] raises.
const LEVEL_TOO_LOW: &str = "level";

/// A statement that aborts its batch when the account has a second factor which the session has not
/// shown.
pub(super) fn level_guard(user: &User) -> Statement {
    Statement::fixed(
        "select case when exists (
           select 1 from auth_sessions where id = ?1 and user_id = ?2 and aal = 'aal1'
         ) and exists (
           select 1 from auth_factors where user_id = ?2 and status = 'verified'
         ) then json_extract('{}', 'selvedge:level') end as row",
        vec![Some(user.session_id.clone()), Some(user.id.clone())],
    )
}

/// The marker that [`ban_guard`] raises.
const BANNED: &str = "banned";

/// A statement that aborts its batch while the account is banned, so that nothing of it is changed.
pub(super) fn ban_guard(user_id: &str, now: Milliseconds) -> Statement {
    Statement::fixed(
        "select case when exists (
           select 1 from auth_users where id = ?1 and banned_until > cast(?2 as integer)
         ) then json_extract('{}', 'selvedge:banned') end as row",
        vec![Some(user_id.to_owned()), Some(now.to_string())],
    )
}

/// The marker that [`one_changed`] raises.
const UNCHANGED: &str = "unchanged";

/// A statement that aborts its batch unless the one in front of it has changed exactly one row: for
/// what is done once, with whatever else depends on it.
pub(super) fn one_changed() -> Statement {
    Statement::fixed(
        "select case when changes() <> 1 then json_extract('{}', 'selvedge:unchanged') end as row",
        Vec::new(),
    )
}

/// The first row of one statement of a batch, as what `read` makes of it.
pub(super) fn first_row<T>(
    rows: &[impl Rows],
    statement: usize,
    read: fn(&Object<'_>) -> Option<T>,
) -> Result<Option<T>, Error> {
    let text = rows.get(statement).and_then(|rows| rows.text(0));
    text.map(|text| Object::of(&text).and_then(|row| read(&row)).ok_or_else(|| row_defect("a row")))
        .transpose()
}

/// All rows of one statement of a batch, as JSON texts.
pub(super) fn read_rows(rows: &[impl Rows], statement: usize) -> Vec<String> {
    let rows = rows.get(statement);
    let count = rows.map_or(0, Rows::count);
    (0..count).filter_map(|index| rows?.text(index)).collect()
}

/// Whether one statement of a batch gave a row.
pub(super) fn has_row(rows: &[impl Rows], statement: usize) -> bool {
    rows.get(statement).is_some_and(|rows| rows.count() > 0)
}

/// A row that our own statements could not have written. Its values are not told to the log.
pub(super) fn row_defect(what: &str) -> Error {
    Error::unexpected(format!("{what} of the auth tables is not as it must be"))
}

/// A fresh random id.
pub(super) fn new_uuid(host: &impl Host) -> Uuid {
    let mut random = Uuid::default();
    host.random(&mut random);
    uuid::version_4(random)
}

/// A fresh random id as rows have it.
pub(super) fn new_id(host: &impl Host) -> String {
    uuid::format(&new_uuid(host))
}

/// Hashing is done elsewhere, and not to be had at the moment: 503, which says nothing of the
/// password.
pub(super) fn hasher_error(error: HasherUnavailable) -> Error {
    Error::unavailable(error.message)
}
