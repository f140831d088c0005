//! Recovery codes, which the dialect does not have: ten, each good for one raise of a session when
//! the app is gone.
//!
//! A code is 120 random bits as 24 letters of base32, so nothing needs to count guesses. Stored is
//! its keyed digest only, under the secret that encrypts at rest; one more change of that secret
//! than it has a previous one for ends the codes, and a new set is made.

mod codes;
mod redeem;

pub(in crate::auth) use codes::serve as codes;
pub(in crate::auth) use redeem::serve as redeem;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

use crate::auth::database::{first_row, row_defect};
use crate::auth::token::{Key, Purpose};
use crate::db::{Rows, Statement};
use crate::error::Error;
use crate::identity::User;
use crate::secret::Secret;

/// The digest by which a user's code is stored under one secret.
fn digest(secret: &Secret, user_id: &str, letters: &str) -> String {
    // An id is always as long, so no two pairs make the same message.
    let message = [user_id, letters].concat();
    BASE64URL.encode(Key::new(secret, Purpose::RecoveryCode).sign(message.as_bytes()))
}

/// Counts a user's codes.
fn count(user: &User) -> Statement {
    Statement::fixed(
        "select json_object('left', count(*)) as row from auth_recovery_codes where user_id = ?1",
        vec![Some(user.id.clone())],
    )
}

/// What [`count`] has counted.
fn read_count(rows: &[impl Rows], statement: usize) -> Result<i64, Error> {
    let left = first_row(rows, statement, |row| row.integer("left").ok()?)?;
    left.ok_or_else(|| row_defect("a row of auth_recovery_codes"))
}
