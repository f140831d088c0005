//! The code that ends a flow: derived from the id of a row of `auth_flows`, and stored nowhere.

use crate::auth::token::{Purpose, genuine_id, signed_id};
use crate::config::Config;
use crate::uuid::Uuid;

/// A row of `auth_flows`, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::auth) struct AuthCode(pub Uuid);

impl AuthCode {
    /// The code as the client gets it.
    pub(in crate::auth) fn text(self, config: &Config) -> String {
        signed_id(self.0, Purpose::AuthCode, config)
    }

    /// Reads a code; `None` when it was not made here.
    pub(in crate::auth) fn read(text: &str, config: &Config) -> Option<Self> {
        genuine_id(text, Purpose::AuthCode, config).map(Self)
    }
}
