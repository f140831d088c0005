//! A row's id, signed for one purpose: what stands in a link, and the code that ends a flow. The
//! row is looked for only when the signature is ours, so guesses never reach the database.
//!
//! ```text
//! id (16 bytes) | HMAC-SHA-256 (32 bytes), 64 characters of base64url
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

use super::key::{Key, Purpose, SIGNATURE_BYTES};
use crate::config::Config;
use crate::uuid::Uuid;

/// The id as it is handed out, signed by the present secret.
pub(in crate::auth) fn signed_id(id: Uuid, purpose: Purpose, config: &Config) -> String {
    let signature = Key::signing(config, purpose).sign(&id);
    BASE64URL.encode([id.as_slice(), &signature].concat())
}

/// The id in a text that [`signed_id`] has made under any live secret for the same purpose, else
/// `None`.
pub(in crate::auth) fn genuine_id(text: &str, purpose: Purpose, config: &Config) -> Option<Uuid> {
    let bytes = BASE64URL.decode(text).ok()?;
    let (id, signature) = bytes.split_at_checked(size_of::<Uuid>())?;
    // Shortened signatures are for refresh tokens alone.
    let is_genuine =
        signature.len() == SIGNATURE_BYTES && Key::any_verifies(config, purpose, id, signature);
    if is_genuine { id.try_into().ok() } else { None }
}
