//! What is sent by mail: a link and a code, each good for one use. Both are derived from a row's
//! random id and stored nowhere, so a copy of the database opens nothing.
//!
//! ```text
//! link = the id, signed (`signed_id`)
//! code = six decimal digits of another HMAC-SHA-256 of the id
//! ```
//! A link is 256 bits that cannot be guessed. A code is 20, so it is taken for ten minutes and five
//! attempts only (OWASP ASVS 6.5.5, 6.6.3); what counts them is the row.

use super::key::{Key, Purpose};
use super::signed_id::{genuine_id, signed_id};
use crate::config::Config;
use crate::secret::equal_in_constant_time;
use crate::uuid::Uuid;

/// How many digits a code has.
pub(in crate::auth) const CODE_DIGITS: usize = 6;

/// A row of `auth_one_time_tokens`, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::auth) struct OneTimeToken(pub Uuid);

impl OneTimeToken {
    /// What stands in a link.
    pub(in crate::auth) fn link(self, config: &Config) -> String {
        signed_id(self.0, Purpose::Link, config)
    }

    /// Reads what stands in a link; `None` when it was not made here.
    pub(in crate::auth) fn of_link(text: &str, config: &Config) -> Option<Self> {
        genuine_id(text, Purpose::Link, config).map(Self)
    }

    /// The code that people type.
    pub(in crate::auth) fn code(self, config: &Config) -> String {
        code(&Key::signing(config, Purpose::Code), self.0)
    }

    /// Whether that is the code, under any live secret and in constant time.
    pub(in crate::auth) fn has_code(self, text: &str, config: &Config) -> bool {
        let same = config.live_secrets().map(|secret| {
            let right = code(&Key::new(secret, Purpose::Code), self.0);
            equal_in_constant_time(right.as_bytes(), text.as_bytes())
        });
        same.fold(false, |any, one| any | one)
    }
}

/// The signature's first 128 bits as a number, of which one in 2^108 is the bias.
fn code(key: &Key, id: Uuid) -> String {
    let signature = key.sign(&id);
    let number = signature.iter().take(16).fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    format!("{:0width$}", number % 1_000_000, width = CODE_DIGITS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::tests::{ONE, TWO, config};

    const TOKEN: OneTimeToken = OneTimeToken([0xa5; 16]);

    #[test]
    fn a_link_is_read_back_and_none_of_its_neighbors() {
        let config = config(ONE, None);
        let link = TOKEN.link(&config);
        assert_eq!((link.len(), OneTimeToken::of_link(&link, &config)), (64, Some(TOKEN)));
        for index in 0..link.len() {
            for other in ('!'..='~').filter(|other| !link[index..].starts_with(*other)) {
                let mut changed = link.clone();
                changed.replace_range(index..=index, &other.to_string());
                assert_eq!(OneTimeToken::of_link(&changed, &config), None, "{changed}");
            }
        }
        for wrong in ["", "x", &link[..60], &format!("{link}AAAA"), &format!("{link}=")] {
            assert_eq!(OneTimeToken::of_link(wrong, &config), None, "{wrong}");
        }
    }

    #[test]
    fn a_code_is_six_digits_and_belongs_to_one_id() {
        let config = config(ONE, None);
        let code = TOKEN.code(&config);
        assert!(code.len() == CODE_DIGITS && code.bytes().all(|byte| byte.is_ascii_digit()));
        assert!(TOKEN.has_code(&code, &config));
        for wrong in
            ["", "0", &code[1..], &format!("{code}0"), &OneTimeToken([0; 16]).code(&config)]
        {
            assert!(!TOKEN.has_code(wrong, &config), "{wrong}");
        }
    }

    #[test]
    fn the_previous_secret_verifies_and_no_other() {
        let before = config(ONE, None);
        let (link, code) = (TOKEN.link(&before), TOKEN.code(&before));
        let between = config(TWO, Some(ONE));
        assert_eq!(OneTimeToken::of_link(&link, &between), Some(TOKEN));
        assert!(TOKEN.has_code(&code, &between));
        let after = config(TWO, None);
        assert_eq!(OneTimeToken::of_link(&link, &after), None);
        assert!(!TOKEN.has_code(&code, &after));
    }
}
