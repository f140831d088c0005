//! Refresh tokens: derived from a session's id and counter, and stored nowhere.
//!
//! ```text
//! version (1 byte) | session id (16) | counter (6, big-endian) | HMAC-SHA-256 (first 16)
//! ```
//! In base64url these are 52 characters without unused bits. The database holds session id and
//! counter only, so a copy of it yields no token; and since a token can be derived again, a client
//! that lost an answer can be told the current one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

use crate::auth::token::{Key, Purpose};
use crate::config::Config;
use crate::uuid::Uuid;

/// The most a counter can be.
const COUNTER_MAX: u64 = (1 << 48) - 1;

const VERSION: u8 = 1;
const SIGNED_BYTES: usize = 1 + 16 + 6;
const SIGNATURE_BYTES: usize = 16;
const TOKEN_BYTES: usize = SIGNED_BYTES + SIGNATURE_BYTES;

/// What a genuine refresh token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::auth) struct RefreshToken {
    /// The session.
    pub session_id: Uuid,
    /// How often the session had been refreshed when this token was made.
    pub counter: u64,
}

/// Why a text is no refresh token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::auth) enum RefreshTokenError {
    /// Not of the form.
    Malformed,
    /// Of the form, but not made here.
    Signature,
}

impl RefreshToken {
    /// The token's text, to be handed to the client. `None` past 2^48 refreshes.
    pub(in crate::auth) fn text(&self, config: &Config) -> Option<String> {
        let signed = self.signed()?;
        let signature = Key::signing(config, Purpose::Refresh).sign(&signed);
        let signature = signature.iter().take(SIGNATURE_BYTES);
        let bytes: Vec<u8> = signed.iter().chain(signature).copied().collect();
        Some(BASE64URL.encode(bytes))
    }

    /// Reads a token's text and checks its signature under every live secret.
    pub(in crate::auth) fn read(text: &str, config: &Config) -> Result<Self, RefreshTokenError> {
        if text.len() != TOKEN_BYTES / 3 * 4 {
            return Err(RefreshTokenError::Malformed);
        }
        let bytes = BASE64URL.decode(text).map_err(|_| RefreshTokenError::Malformed)?;
        let (token, signed, signature) = Self::split(&bytes).ok_or(RefreshTokenError::Malformed)?;
        if Key::any_verifies(config, Purpose::Refresh, signed, signature) {
            Ok(token)
        } else {
            Err(RefreshTokenError::Signature)
        }
    }

    fn signed(&self) -> Option<[u8; SIGNED_BYTES]> {
        if self.counter > COUNTER_MAX {
            return None;
        }
        let counter = self.counter.to_be_bytes().into_iter().skip(2);
        let bytes = std::iter::once(VERSION).chain(self.session_id).chain(counter);
        bytes.collect::<Vec<u8>>().try_into().ok()
    }

    fn split(bytes: &[u8]) -> Option<(Self, &[u8], &[u8])> {
        let (signed, signature) = bytes.split_at_checked(SIGNED_BYTES)?;
        let (version, rest) = signed.split_first()?;
        let (session_id, counter) = rest.split_at_checked(16)?;
        let session_id = session_id.try_into().ok()?;
        let counter = counter.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        (*version == VERSION).then_some((Self { session_id, counter }, signed, signature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::tests::{ONE, TWO, config};

    const TOKEN: RefreshToken = RefreshToken { session_id: [0xa5; 16], counter: 258 };

    #[test]
    fn reads_what_it_writes() {
        for counter in [0, 1, 258, COUNTER_MAX] {
            let token = RefreshToken { counter, ..TOKEN };
            let text = token.text(&config(ONE, None)).expect("in range");
            assert_eq!(text.len(), 52);
            assert_eq!(RefreshToken::read(&text, &config(ONE, None)), Ok(token));
        }
        let beyond = RefreshToken { counter: COUNTER_MAX + 1, ..TOKEN };
        assert_eq!(beyond.text(&config(ONE, None)), None);
    }

    #[test]
    fn every_changed_character_is_refused() {
        let config = config(ONE, None);
        let text = TOKEN.text(&config).expect("in range");
        for index in 0..text.len() {
            for other in
                (0..=127).map(char::from).filter(|other| !text[index..].starts_with(*other))
            {
                let mut changed = text.clone();
                changed.replace_range(index..=index, &other.to_string());
                assert!(RefreshToken::read(&changed, &config).is_err(), "{changed:?}");
            }
        }
    }

    #[test]
    fn what_has_another_form_is_malformed() {
        let config = config(ONE, None);
        let text = TOKEN.text(&config).expect("in range");
        let version_2 = {
            let mut bytes = BASE64URL.decode(&text).expect("base64url");
            bytes[0] = 2;
            BASE64URL.encode(bytes)
        };
        for wrong in ["", "x", &text[..51], &format!("{text}A"), &format!("{text}="), &version_2] {
            let read = RefreshToken::read(wrong, &config);
            assert_eq!(read, Err(RefreshTokenError::Malformed), "{wrong}");
        }
    }

    #[test]
    fn the_previous_secret_verifies_and_no_other() {
        let text = TOKEN.text(&config(ONE, None)).expect("in range");
        assert_eq!(RefreshToken::read(&text, &config(TWO, Some(ONE))), Ok(TOKEN));
        let refused = RefreshToken::read(&text, &config(TWO, None));
        assert_eq!(refused, Err(RefreshTokenError::Signature));
        assert_ne!(TOKEN.text(&config(TWO, Some(ONE))), Some(text));
    }
}
