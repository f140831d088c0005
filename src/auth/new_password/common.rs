//! The passwords that are tried first: the 3,000 most common ones of 8 characters and more.
//!
//! They are in the database as hashes, in drawers of which there are 4,096. The password itself stays
//! here: the database is asked for a drawer, which says no more of it than that.

use sha2::{Digest, Sha256};

use crate::auth::database::ask;
use crate::db::{Rows, Statement};
use crate::error::Error;
use crate::host::Host;
use crate::secret::{Secret, equal_in_constant_time};

/// The hexadecimal digits of a hash that name its drawer.
const DRAWER_DIGITS: usize = 3;

/// Whether the password is a common one, in capitals or not. One round trip.
///
/// # Errors
/// When the database cannot be reached.
pub(super) async fn is_common<H: Host>(host: &H, password: &Secret) -> Result<bool, Error> {
    let digest = digest(password.expose());
    let (drawer, rest) = digest.split_at_checked(DRAWER_DIGITS).unwrap_or_default();
    let statement = Statement::fixed(
        "select digest as row from auth_common_passwords where drawer = ?1",
        vec![Some(drawer.to_owned())],
    );
    let rows = ask(host, vec![statement]).await?;
    let Some(rows) = rows.first() else { return Ok(false) };
    let found = (0..rows.count()).filter_map(|index| rows.text(index));
    let same = |found: String| equal_in_constant_time(found.as_bytes(), rest.as_bytes());
    Ok(found.fold(false, |any, found| any | same(found)))
}

/// The first 64 bits of the hash, in hexadecimal digits: as `scripts/passwords.mjs` writes them.
fn digest(password: &str) -> String {
    let digest = Sha256::digest(password.to_ascii_lowercase());
    let number = digest.iter().take(8).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    format!("{number:016x}")
}
