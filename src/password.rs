//! Argon2id, with OWASP's parameters, as PHC strings. Pure: a host decides where it runs.

use crate::secret::Secret;

/// The bytes of salt that a new hash takes.
pub const SALT_BYTES: usize = 16;

/// What comparing a password with a stored hash showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is another password, or the stored text is no hash.
    Wrong,
    /// It is the password.
    Right,
    /// It is the password, but the hash was made with older parameters and should be replaced.
    RightButOutdated,
}
