//! Values that must not be shown: they print as their name only and compare in constant time.

use std::fmt;

use subtle::ConstantTimeEq;

/// A secret text: a password, a signing key, a token as the client holds it.
///
/// It cannot be printed, and is read only through [`Secret::expose`], so that every place where a
/// secret is used can be found by that word.
pub struct Secret(String);

impl Secret {
    /// Takes a text into keeping.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The text itself, for hashing, signing or handing to its owner. Never for a log.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret")
    }
}

/// Whether two byte strings are equal, taking as long for the first difference as for the last.
///
/// Their lengths are not hidden.
#[must_use]
pub fn equal_in_constant_time(left: &[u8], right: &[u8]) -> bool {
    let (left, left_rest) = left.as_chunks();
    let (right, right_rest) = right.as_chunks();
    let word = |bytes: &[u8; 8]| u64::from_le_bytes(*bytes);
    // Eight bytes at a time, since each step costs a call that the compiler cannot see through.
    let words = left.iter().zip(right).map(|(left, right)| word(left).ct_eq(&word(right)));
    let rests = left_rest.ct_eq(right_rest);
    left.len() == right.len() && words.fold(rests, |all, equal| all & equal).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_as_its_name() {
        assert_eq!(format!("{:?}", Secret::new("hunter2".into())), "Secret");
    }

    #[test]
    fn equality_looks_at_every_byte() {
        assert!(equal_in_constant_time(b"abc", b"abc"));
        assert!(!equal_in_constant_time(b"abc", b"abd"));
        assert!(!equal_in_constant_time(b"abc", b"ab"));
        let text = b"0123456789abcdefXYZ";
        assert!(equal_in_constant_time(text, &text.clone()));
        for position in 0..text.len() {
            let mut other = *text;
            other[position] ^= 0x80;
            assert!(!equal_in_constant_time(text, &other), "{position}");
            assert!(!equal_in_constant_time(text, &text[..position]), "{position}");
            assert!(!equal_in_constant_time(&text[..position], text), "{position}");
        }
        assert!(!equal_in_constant_time(&text[..8], text));
        assert!(!equal_in_constant_time(&[0; 8], &[0; 16]));
        assert!(equal_in_constant_time(b"", b""));
    }
}
