//! Booleans, UUIDs and bytes.

use super::{Cast, LiteralError, Rejected, Scalar};
use crate::catalog::Type;

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

/// Reads `\x` and pairs of hexadecimal digits, perhaps with white space between the pairs; without
/// `\x` the text's own bytes, of which `\ooo` is one in octal digits and `\\` a backslash.
pub fn bytes(text: &str) -> Result<Scalar, LiteralError> {
    let rejected = || Rejected::new(Type::Bytes, text);
    if let Some(hexadecimal) = text.strip_prefix("\\x") {
        let pairs = hexadecimal.split([' ', '\t', '\n', '\r']);
        let is_paired = |run: &str| {
            run.len().is_multiple_of(2) && run.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        let digits = pairs.clone().all(is_paired).then(|| pairs.collect::<String>());
        let digits = digits.ok_or_else(|| LiteralError::Hexadecimal(rejected()))?;
        return Ok(Scalar::new(&digits, Cast::Bytes));
    }
    let mut digits = String::with_capacity(text.len().saturating_mul(2));
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let byte = match byte {
            b'\\' => escaped(&mut rest).ok_or_else(|| LiteralError::Syntax(rejected()))?,
            plain => plain,
        };
        digits.push_str(&format!("{byte:02x}"));
    }
    Ok(Scalar::new(&digits, Cast::Bytes))
}

/// The byte behind a backslash.
fn escaped(rest: &mut std::str::Bytes<'_>) -> Option<u8> {
    let mut value = match rest.next()? {
        b'\\' => return Some(b'\\'),
        first @ b'0'..=b'3' => first & 3,
        _ => return None,
    };
    for _ in 0..2 {
        let digit = rest.next().filter(|digit| matches!(digit, b'0'..=b'7'))?;
        value = value << 3 | digit & 7;
    }
    Some(value)
}
