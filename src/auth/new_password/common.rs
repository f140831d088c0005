//! The passwords that are tried first: the 3,000 most common ones of 8 characters and more.
//!
//! They are in the database as hashes, in drawers of which there are 4,096. The password itself
//! stays here: the database is asked for a drawer, which says no more of it than that.

use sha2::{Digest, Sha256};

use crate::db::{Rows, Statement};
use crate::secret::{Secret, equal_in_constant_time};

/// The hexadecimal digits of a hash that name its drawer.
const DRAWER_DIGITS: usize = 3;

/// Asks for the drawer of a password.
pub(super) fn drawer(password: &Secret) -> Statement {
    let digest = digest(password.expose());
    Statement::fixed(
        "select digest as row from auth_common_passwords where drawer = ?1",
        vec![digest.get(..DRAWER_DIGITS).map(str::to_owned)],
    )
}

/// Whether the password is in its drawer, in capitals or not.
pub(super) fn is_in(drawer: Option<&impl Rows>, password: &Secret) -> bool {
    let digest = digest(password.expose());
    let rest = digest.get(DRAWER_DIGITS..).unwrap_or_default();
    let Some(drawer) = drawer else { return false };
    let found = (0..drawer.count()).filter_map(|index| drawer.text(index));
    let same = |found: String| equal_in_constant_time(found.as_bytes(), rest.as_bytes());
    found.fold(false, |any, found| any | same(found))
}

/// The first 64 bits of the hash, in hexadecimal digits: as `scripts/passwords.mjs` writes them.
fn digest(password: &str) -> String {
    let digest = Sha256::digest(password.to_ascii_lowercase());
    let number = digest.iter().take(8).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    format!("{number:016x}")
}
