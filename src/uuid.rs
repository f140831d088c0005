//! UUIDs (RFC 9562) in their one text form: lower case, with hyphens.

/// The bytes of a UUID.
pub type Uuid = [u8; 16];

/// Makes a version 4 UUID of random bytes.
#[must_use]
pub fn version_4(random: Uuid) -> Uuid {
    let mut bytes = random;
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    bytes
}

/// Writes a UUID as `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`.
#[must_use]
pub fn format(uuid: &Uuid) -> String {
    let mut out = String::with_capacity(36);
    for (index, byte) in uuid.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        for digit in [byte >> 4, byte & 15] {
            out.push(char::from_digit(digit.into(), 16).unwrap_or('0'));
        }
    }
    out
}

/// Reads what [`format`] writes, and nothing else: upper case and missing hyphens are refused.
#[must_use]
pub fn parse(text: &str) -> Option<Uuid> {
    let mut uuid = Uuid::default();
    let mut digits = text
        .chars()
        .filter(|character| *character != '-')
        .map(|character| character.to_digit(16).and_then(|digit| u8::try_from(digit).ok()));
    for byte in &mut uuid {
        let high = digits.next()??;
        *byte = high << 4 | digits.next()??;
    }
    // Writing it again is the simplest proof that case and hyphens are as they belong.
    (format(&uuid) == text).then_some(uuid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_what_it_reads() {
        let text = "00112233-4455-4677-8899-aabbccddeeff";
        assert_eq!(parse(text).map(|uuid| format(&uuid)).as_deref(), Some(text));
    }

    #[test]
    fn refuses_any_other_form() {
        for text in [
            "",
            "-",
            "00112233-4455-4677-8899-aabbccddeef",
            "00112233-4455-4677-8899-aabbccddeeff0",
            "00112233-4455-4677-8899-aabbccddeeff-",
            "00112233445546778899aabbccddeeff",
            "001122334-455-4677-8899-aabbccddeeff",
            "00112233-4455-4677-8899-AABBCCDDEEFF",
            "{00112233-4455-4677-8899-aabbccddeeff}",
            "00112233-4455-4677-8899-aabbccddeefg",
            "00112233-4455-4677-8899-aabbccddeeﬀ",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn version_and_variant_are_set() {
        assert_eq!(format(&version_4([0; 16])), "00000000-0000-4000-8000-000000000000");
        assert_eq!(format(&version_4([255; 16])), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }
}
