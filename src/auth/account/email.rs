//! E-mail addresses, in the one form in which they are stored and looked up.

use crate::auth::call::invalid;
use crate::error::Error;

/// The most characters of an address (RFC 5321 section 4.5.3.1.3, less the brackets).
const ADDRESS_CHARACTERS_MAX: usize = 254;
/// The most characters in front of the `@` (RFC 5321 section 4.5.3.1.1).
const LOCAL_CHARACTERS_MAX: usize = 64;
/// The most characters of one label of a domain (RFC 1035 section 2.3.4).
const LABEL_CHARACTERS_MAX: usize = 63;

/// An address in lower case.
///
/// ```text
/// address = 1*64 local "@" label *("." label)
/// local   = ALPHA / DIGIT / any of .!#$%&'*+/=?^_`{|}~-
/// label   = 1*63 (ALPHA / DIGIT / "-"), not beginning or ending in "-"
/// ```
/// This is what browsers take in `<input type=email>`, so it is ASCII throughout: there are no two
/// addresses that look the same, and none that another system folds to another's. International
/// domains are written in their `xn--` form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::auth) struct Address(String);

impl Address {
    /// Reads an address; `None` when it is not of the form. Spaces around it are not cut off.
    pub(in crate::auth) fn parse(text: &str) -> Option<Self> {
        if text.len() > ADDRESS_CHARACTERS_MAX {
            return None;
        }
        let (local, domain) = text.split_once('@')?;
        let local_is_good = (1..=LOCAL_CHARACTERS_MAX).contains(&local.len())
            && local.bytes().all(is_local_character);
        let good = local_is_good && domain.split('.').all(is_label);
        good.then(|| Self(text.to_ascii_lowercase()))
    }

    /// Reads the address that a request names.
    ///
    /// # Errors
    /// 400 when it is not of the form.
    pub(in crate::auth) fn read(text: &str) -> Result<Self, Error> {
        let message = "Unable to validate email address: invalid format";
        Self::parse(text).ok_or_else(|| invalid(message))
    }

    /// The address as text.
    pub(in crate::auth) fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_local_character(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte)
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_CHARACTERS_MAX).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Option<String> {
        Address::parse(text).map(|address| address.as_str().to_owned())
    }

    #[test]
    fn lowers_ascii_and_nothing_else() {
        assert_eq!(check("Ann.B+c@Example.COM").as_deref(), Some("ann.b+c@example.com"));
        assert_eq!(check("a@localhost").as_deref(), Some("a@localhost"));
        assert_eq!(check("a@xn--bcher-kva.example").as_deref(), Some("a@xn--bcher-kva.example"));
    }

    #[test]
    fn refuses_what_could_be_taken_for_another() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long_label = format!("a@{}.com", "b".repeat(64));
        let long_address = format!("a@{}", ["b"; 5].map(|b| b.repeat(60)).join("."));
        for text in [
            "",
            "@",
            "a",
            "a@",
            "@example.com",
            "a@b@example.com",
            "a@@example.com",
            "a@.com",
            "a@example.",
            "a@example..com",
            "a@-example.com",
            "a@example-.com",
            "a@exa_mple.com",
            " a@example.com",
            "a@example.com ",
            "a b@example.com",
            "a\n@example.com",
            "a@example.com\r\nbcc: b@example.com",
            "\"a b\"@example.com",
            "a@[127.0.0.1]",
            "Ann <a@example.com>",
            "a,b@example.com",
            "mıke@example.com",
            "mike@example\u{212a}.com",
            "mike＠example.com",
            "mike@ｅxample.com",
            "a@bücher.example",
            &long_local,
            &long_label,
            &long_address,
        ] {
            assert_eq!(check(text), None, "{text}");
        }
    }
}
