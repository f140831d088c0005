//! What the unit tests of this room share.

use crate::config::Config;

/// A signing secret, and another one.
pub(super) const ONE: &str = "0123456789abcdef0123456789abcdef";
pub(super) const TWO: &str = "fedcba9876543210fedcba9876543210";

/// The least that is safe, with these secrets to sign and to verify by.
pub(super) fn config(secret: &str, previous: Option<&str>) -> Config {
    Config::read(|name| match name {
        "JWT_SECRET" => Some(secret.into()),
        "JWT_SECRET_PREVIOUS" => previous.map(Into::into),
        "SITE_URL" => Some("https://example.com".into()),
        _ => None,
    })
    .expect("safe settings")
}
