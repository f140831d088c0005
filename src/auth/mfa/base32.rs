//! Base32 (RFC 4648 section 6) without padding: what people and their apps read of random bytes.

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Writes bytes, whose number is a multiple of five.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut out = String::new();
    for group in bytes.as_chunks::<5>().0 {
        let bits = group.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for shift in [35, 30, 25, 20, 15, 10, 5, 0] {
            let digit = usize::try_from(bits >> shift & 31).unwrap_or_default();
            out.extend(ALPHABET.get(digit).map(|letter| char::from(*letter)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4648, section 10, and both ends of the alphabet.
    #[test]
    fn writes_as_the_rfc_says() {
        assert_eq!(encode(b""), "");
        assert_eq!(encode(b"fooba"), "MZXW6YTB");
        assert_eq!(encode(b"foobafooba"), "MZXW6YTBMZXW6YTB");
        assert_eq!(encode(&[0; 5]), "AAAAAAAA");
        assert_eq!(encode(&[255; 5]), "77777777");
    }
}
