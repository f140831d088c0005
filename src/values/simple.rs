//! Booleans, UUIDs and bytes.

use super::{Cast, Scalar};

/// Reads what PostgreSQL reads: any beginning of `true`, `false`, `yes`, `no`, and `on`, `off`, `1`,
/// `0`.
pub fn boolean(text: &str) -> Option<Scalar> {
    let lower = text.to_ascii_lowercase();
    let begins = |word: &str| !lower.is_empty() && word.starts_with(&lower);
    let truth = |text| Some(Scalar::new(text, Cast::Integer));
    if begins("true") || begins("yes") || lower == "on" || lower == "1" {
        truth("1")
    } else if begins("false") || begins("no") || lower == "off" || lower == "of" || lower == "0" {
        truth("0")
    } else {
        None
    }
}

/// Reads 32 hexadecimal digits, with hyphens where Postgres allows them, perhaps in braces.
pub fn uuid(text: &str) -> Option<Scalar> {
    let inner = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}')?,
        None => text,
    };
    let mut digits = String::with_capacity(36);
    for character in inner.chars() {
        match character {
            '-' if digits.len().is_multiple_of(4) && !digits.is_empty() => {}
            hexadecimal if hexadecimal.is_ascii_hexdigit() => {
                digits.push(hexadecimal.to_ascii_lowercase());
            }
            _ => return None,
        }
    }
    if digits.len() != 32 || inner.ends_with('-') || inner.contains("--") {
        return None;
    }
    let part = |range: std::ops::Range<usize>| digits.get(range).unwrap_or_default();
    let text = format!(
        "{}-{}-{}-{}-{}",
        part(0..8),
        part(8..12),
        part(12..16),
        part(16..20),
        part(20..32)
    );
    Some(Scalar { text, cast: Cast::Text })
}

/// Reads `\x` and hexadecimal digits.
pub fn bytes(text: &str) -> Option<Scalar> {
    let digits = text.strip_prefix("\\x")?;
    (digits.len() % 2 == 0 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then(|| Scalar::new(digits, Cast::Bytes))
}
