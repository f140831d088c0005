//! Encryption at rest: what must be read again and is worth stealing, the seeds of second factors
//! and the tokens of providers.
//!
//! ```text
//! version (1 byte) | key id (1) | nonce (24) | XChaCha20-Poly1305 of the text (n + 16)
//! ```
//! in base64url. The nonce is random, which its 192 bits allow for any number of texts under a key
//! (draft-irtf-cfrg-xchacha). Version, key id and the name of the row are authenticated with the
//! text, so one row's text opens in no other. What does not open is an error and never empty.
//!
//! `ENCRYPTION_SECRET` seals, or `JWT_SECRET` where there is none. Every live secret opens, so what
//! was sealed under another one can be sealed anew when it is used next.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, Tag, XChaCha20Poly1305, XNonce};

use super::key::{Key, Purpose};
use crate::config::Config;
use crate::error::Error;
use crate::host::Host;
use crate::secret::Secret;

const VERSION: u8 = 1;
const HEADER_BYTES: usize = 2;
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;

/// The live secrets under which something may have been stored, the present one first.
pub(in crate::auth) fn secrets(config: &Config) -> impl Iterator<Item = &Secret> {
    let own = [&config.encryption.secret, &config.encryption.previous];
    own.into_iter().flatten().chain(config.live_secrets())
}

/// What was sealed.
pub(in crate::auth) struct Opened {
    /// The text. It is a secret, so do not print it.
    pub plain: Vec<u8>,
    /// Whether another secret than the present one had sealed it: to be sealed again.
    pub is_outdated: bool,
}

/// Encrypts a text for one row, whose `row` is a name that no other row has.
///
/// # Errors
/// Only by a defect of ours.
pub(in crate::auth) fn seal<H: Host>(
    host: &H,
    config: &Config,
    row: &str,
    plain: &[u8],
) -> Result<String, Error> {
    let mut nonce = [0; NONCE_BYTES];
    host.random(&mut nonce);
    let sealed =
        secrets(config).next().and_then(|secret| Sealer::new(secret).seal(nonce, row, plain));
    sealed.map(|bytes| BASE64URL.encode(bytes)).ok_or_else(|| Error::unexpected("sealing"))
}

/// Decrypts what was sealed for that row.
///
/// # Errors
/// When no live secret opens it: the secret is gone, or the row was tampered with.
pub(in crate::auth) fn open(config: &Config, row: &str, sealed: &str) -> Result<Opened, Error> {
    let sealed = BASE64URL.decode(sealed).unwrap_or_default();
    for (age, secret) in secrets(config).enumerate() {
        if let Some(plain) = Sealer::new(secret).open(row, &sealed) {
            return Ok(Opened { plain, is_outdated: age > 0 });
        }
    }
    Err(Error::unexpected(format!("no live secret opens {row}")))
}

/// A secret's key for sealing, and its id.
struct Sealer {
    cipher: XChaCha20Poly1305,
    /// Tells keys apart before anything is decrypted; of it one learns nothing of the key.
    key_id: u8,
}

impl Sealer {
    fn new(secret: &Secret) -> Self {
        let root = Key::new(secret, Purpose::Seal);
        let [key_id, ..] = root.sign(b"id");
        Self { cipher: XChaCha20Poly1305::new(&root.sign(b"key").into()), key_id }
    }

    fn seal(&self, nonce: [u8; NONCE_BYTES], row: &str, plain: &[u8]) -> Option<Vec<u8>> {
        let header = [VERSION, self.key_id];
        let mut text = plain.to_vec();
        let tag = self.encrypt(&nonce.into(), &associated(header, row), &mut text)?;
        Some([header.as_slice(), &nonce, &text, &tag].concat())
    }

    fn open(&self, row: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (header, rest) = sealed.split_at_checked(HEADER_BYTES)?;
        let (nonce, rest) = rest.split_at_checked(NONCE_BYTES)?;
        let (text, tag) = rest.split_at_checked(rest.len().checked_sub(TAG_BYTES)?)?;
        let known = [VERSION, self.key_id];
        if header != known {
            return None;
        }
        let (nonce, tag) = (XNonce::try_from(nonce).ok()?, Tag::try_from(tag).ok()?);
        let mut text = text.to_vec();
        let associated = associated(known, row);
        let buffer = text.as_mut_slice().into();
        self.cipher.decrypt_inout_detached(&nonce, &associated, buffer, &tag).ok()?;
        Some(text)
    }

    fn encrypt(&self, nonce: &XNonce, associated: &[u8], text: &mut [u8]) -> Option<Tag> {
        self.cipher.encrypt_inout_detached(nonce, associated, text.into()).ok()
    }
}

/// What is authenticated beside the text.
fn associated(header: [u8; HEADER_BYTES], row: &str) -> Vec<u8> {
    [header.as_slice(), row.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "0123456789abcdef0123456789abcdef";
    const TWO: &str = "fedcba9876543210fedcba9876543210";
    const THREE: &str = "a third secret, of 32 bytes or more";

    fn config(settings: &[(&str, &str)]) -> Config {
        let site = [("SITE_URL", "http://127.0.0.1:54321")];
        Config::read(|name| {
            let mut settings = settings.iter().chain(&site);
            settings.find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        })
        .expect("safe settings")
    }

    fn bytes(hexadecimal: &str) -> Vec<u8> {
        let digits: Vec<char> = hexadecimal.chars().collect();
        let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16);
        digits.chunks(2).map(|pair| byte(pair).expect("hexadecimal")).collect()
    }

    fn sealed(secret: &str, row: &str, plain: &[u8]) -> Vec<u8> {
        let sealer = Sealer::new(&Secret::new(secret.into()));
        sealer.seal([7; NONCE_BYTES], row, plain).expect("a short text")
    }

    fn opened(settings: &[(&str, &str)], row: &str, sealed: &[u8]) -> Option<(Vec<u8>, bool)> {
        let opened = open(&config(settings), row, &BASE64URL.encode(sealed)).ok()?;
        Some((opened.plain, opened.is_outdated))
    }

    /// The example of draft-irtf-cfrg-xchacha-03, appendix A.3.1.
    #[test]
    fn encrypts_as_the_draft_of_xchacha_says() {
        let key: [u8; 32] = std::array::from_fn(|index| 0x80 + u8::try_from(index).expect("small"));
        let nonce: [u8; 24] =
            std::array::from_fn(|index| 0x40 + u8::try_from(index).expect("small"));
        let sealer = Sealer { cipher: XChaCha20Poly1305::new(&key.into()), key_id: 0 };
        let mut text =
            b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip \
            for the future, sunscreen would be it."
                .to_vec();
        let associated = bytes("50515253c0c1c2c3c4c5c6c7");
        let tag = sealer.encrypt(&nonce.into(), &associated, &mut text).expect("a short text");
        assert_eq!(
            text,
            bytes(
                "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb\
                 731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452\
                 2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9\
                 21f9664c97637da9768812f615c68b13b52e"
            )
        );
        assert_eq!(tag.to_vec(), bytes("c0875924c1c7987947deafd8780acf49"));
    }

    #[test]
    fn every_flipped_bit_every_end_and_every_other_row_is_refused() {
        let secret = [("JWT_SECRET", ONE)];
        let good = sealed(ONE, "row 1", b"a seed");
        assert_eq!(opened(&secret, "row 1", &good), Some((b"a seed".to_vec(), false)));
        for bit in 0..good.len() * 8 {
            let mut wrong = good.clone();
            wrong[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(opened(&secret, "row 1", &wrong), None, "bit {bit}");
        }
        for end in 0..good.len() {
            assert_eq!(opened(&secret, "row 1", &good[..end]), None, "{end} bytes");
        }
        for row in ["", "row", "row 2", "row 11", "Row 1"] {
            assert_eq!(opened(&secret, row, &good), None, "{row}");
        }
        let text = BASE64URL.encode(&good);
        for wrong in ["", "=", "null", &format!("{text}="), &format!("{text}AAAA")] {
            assert!(open(&config(&secret), "row 1", wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_empty_text_is_sealed_as_any_other() {
        let empty = sealed(ONE, "row", b"");
        assert_eq!(empty.len(), HEADER_BYTES + NONCE_BYTES + TAG_BYTES);
        assert_eq!(opened(&[("JWT_SECRET", ONE)], "row", &empty), Some((Vec::new(), false)));
    }

    #[test]
    fn every_live_secret_opens_and_the_present_one_is_not_outdated() {
        let under = |secret| sealed(secret, "row", b"x");
        let old = Some((b"x".to_vec(), true));
        let new = Some((b"x".to_vec(), false));
        let rotated = [("JWT_SECRET", TWO), ("JWT_SECRET_PREVIOUS", ONE)];
        assert_eq!(opened(&rotated, "row", &under(ONE)), old);
        assert_eq!(opened(&rotated, "row", &under(TWO)), new);
        assert_eq!(opened(&rotated, "row", &under(THREE)), None);
        // With a secret of its own encryption no longer follows the signing secret's changes.
        let own = [("JWT_SECRET", ONE), ("ENCRYPTION_SECRET", TWO)];
        assert_eq!(opened(&own, "row", &under(ONE)), old);
        assert_eq!(opened(&own, "row", &under(TWO)), new);
        let own = [
            ("JWT_SECRET", ONE),
            ("ENCRYPTION_SECRET", THREE),
            ("ENCRYPTION_SECRET_PREVIOUS", TWO),
        ];
        assert_eq!(opened(&own, "row", &under(TWO)), old);
        assert_eq!(opened(&own, "row", &under(THREE)), new);
        assert_eq!(opened(&[("JWT_SECRET", THREE)], "row", &under(ONE)), None);
    }

    /// Keys of the same id are 1 in 256, so that the id is no proof of anything.
    #[test]
    fn a_key_of_the_same_id_opens_nothing() {
        let good = sealed(ONE, "row", b"x");
        let same_id = (0..10_000)
            .map(|number| format!("secret number {number:05} of 32 bytes and more"))
            .find(|secret| Sealer::new(&Secret::new(secret.clone())).key_id == good[1])
            .expect("one in 256");
        assert_eq!(opened(&[("JWT_SECRET", &same_id)], "row", &good), None);
    }
}
