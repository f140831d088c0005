//! The code that ends a flow: derived from the id of a row of `auth_flows`, and stored nowhere.
//!
//! ```text
//! id (16 bytes) | HMAC-SHA-256 (32 bytes), 64 characters of base64url
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

use crate::auth::token::{Key, Purpose};
use crate::config::Config;
use crate::uuid::Uuid;

/// A row of `auth_flows`, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::auth) struct AuthCode(pub Uuid);

impl AuthCode {
    /// The code as the client gets it.
    pub(in crate::auth) fn text(self, config: &Config) -> String {
        let signature = Key::signing(config, Purpose::AuthCode).sign(&self.0);
        BASE64URL.encode([self.0.as_slice(), &signature].concat())
    }

    /// Reads a code; `None` when it was not made here.
    pub(in crate::auth) fn read(text: &str, config: &Config) -> Option<Self> {
        let bytes = BASE64URL.decode(text).ok()?;
        let (id, signature) = bytes.split_at_checked(size_of::<Uuid>())?;
        let genuine =
            signature.len() == 32 && Key::any_verifies(config, Purpose::AuthCode, id, signature);
        genuine.then_some(Self(id.try_into().ok()?))
    }
}
