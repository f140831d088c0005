//! Numbers.

use std::borrow::Cow;

use super::{Cast, LiteralError, Rejected, Scalar};
use crate::catalog::{Digits, Type};
use crate::http::json::Decimal;

/// Decimal digits that a double holds exactly.
const EXACT_DIGITS: usize = 15;

/// Reads a whole number of that type: decimal, or hexadecimal, octal or binary behind `0x`, `0o` or
/// `0b`; a single underscore may separate digits.
pub fn integer(kind: Type, text: &str) -> Result<Scalar, LiteralError> {
    let (least, greatest) = match kind {
        Type::SmallInt => (i128::from(i16::MIN), i128::from(i16::MAX)),
        Type::Integer => (i128::from(i32::MIN), i128::from(i32::MAX)),
        _ => (i128::from(i64::MIN), i128::from(i64::MAX)),
    };
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = unsigned.to_ascii_lowercase();
    let (radix, digits) = [("0x", 16), ("0o", 8), ("0b", 2)]
        .into_iter()
        .find_map(|(prefix, radix)| lower.strip_prefix(prefix).map(|digits| (radix, digits)))
        .unwrap_or((10, &lower));
    // Behind a prefix the first digit may be separated from it.
    let grouped = if radix == 10 { digits } else { digits.strip_prefix('_').unwrap_or(digits) };
    let are_digits = |group: &str| !group.is_empty() && group.chars().all(|c| c.is_digit(radix));
    let is_number = grouped.split('_').all(are_digits);
    // The digits in front of what is none: of "12_3x4_5" they are 123.
    let mut leading = String::new();
    for group in grouped.split('_') {
        let behind = group.trim_start_matches(|c: char| c.is_digit(radix));
        leading.push_str(group.strip_suffix(behind).unwrap_or(group));
        if !behind.is_empty() || group.is_empty() {
            break;
        }
    }
    // More digits than 128 bits hold are out of any range.
    let magnitude = match leading.as_str() {
        "" => 0,
        digits => i128::from_str_radix(digits, radix).unwrap_or(i128::MAX),
    };
    let number = if text.starts_with('-') { magnitude.saturating_neg() } else { magnitude };
    // PostgreSQL notices an overflow before it sees what stands behind the digits.
    if !(least..=greatest).contains(&number) && !grouped.starts_with('_') {
        return Err(LiteralError::OutOfRange(Rejected::new(kind, text)));
    }
    if !is_number {
        return Err(LiteralError::syntax(kind, text));
    }
    Ok(Scalar::new(&number.to_string(), Cast::Integer))
}

/// Whether a text is a decimal number: `-1.5e3`, `.5`, `5.`, and not `inf` or `nan`.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let all_digits = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    (!whole.is_empty() || !fraction.is_empty())
        && all_digits(whole)
        && all_digits(fraction)
        && exponent_fits
}

/// Reads a number that a double can hold, perhaps rounded.
pub fn double(text: &str) -> Result<Scalar, LiteralError> {
    let rejected = || Rejected::new(Type::Double, text);
    if is_special(text) {
        return Err(LiteralError::NotFinite(rejected()));
    }
    if !is_decimal(text) {
        return Err(LiteralError::Syntax(rejected()));
    }
    match Decimal::read(text) {
        Some(number) if number.is_finite() && !number.is_lost() => {
            Ok(Scalar::new(&plain_number(text), Cast::Real))
        }
        _ => Err(LiteralError::OutOfRange(rejected())),
    }
}

/// Reads a decimal number that is stored exactly.
pub fn numeric(text: &str) -> Result<Scalar, LiteralError> {
    let decimal = without_groups(text);
    let number = read_numeric(text, &decimal)?;
    // Without an exponent and a point an integer is stored as one: SQLite would make 2^59 and not
    // itself of 5.764607523034e17, since it finds the nearest double to be an integer.
    let written = number.written();
    exact(&written, number)?;
    Ok(Scalar::new(&written, Cast::Numeric))
}

/// Reads a decimal number for a column of that precision and scale, to which it is rounded.
pub fn rounded(digits: Digits, text: &str) -> Result<Scalar, LiteralError> {
    let number = read_numeric(text, &without_groups(text))?.rounded(digits.scale.into());
    let power = i64::from(digits.precision).saturating_sub(digits.scale.into());
    if !number.is_below_power(power) {
        return Err(LiteralError::NumericOverflow(digits));
    }
    let written = number.written();
    exact(&written, number)?;
    Ok(Scalar::new(&written, Cast::Numeric))
}

fn read_numeric(text: &str, decimal: &str) -> Result<Decimal, LiteralError> {
    if is_special(text) {
        return Err(LiteralError::NotFinite(Rejected::new(Type::NUMERIC, text)));
    }
    let number = is_decimal(decimal).then(|| Decimal::read(decimal)).flatten();
    number.ok_or_else(|| LiteralError::syntax(Type::NUMERIC, text))
}

/// A numeric without the underscores between its digits, and in decimal where it is not.
fn without_groups(text: &str) -> Cow<'_, str> {
    let is_hexadecimal = text.trim_start_matches(['+', '-']).starts_with('0')
        && text.contains(['x', 'X', 'o', 'O', 'b', 'B']);
    if is_hexadecimal {
        return match integer(Type::BigInt, text) {
            Ok(scalar) => Cow::Owned(scalar.text),
            Err(_) => Cow::Borrowed(text),
        };
    }
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let between_digits =
        |at: usize| at > 0 && is_digit(at.saturating_sub(1)) && is_digit(at.saturating_add(1));
    let mut groups = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'_').peekable();
    if groups.peek().is_some() && groups.all(|(at, _)| between_digits(at)) {
        return Cow::Owned(text.replace('_', ""));
    }
    Cow::Borrowed(text)
}

/// What PostgreSQL's numbers know beside numbers.
fn is_special(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let unsigned = lower.strip_prefix(['+', '-']).unwrap_or(&lower);
    matches!(unsigned, "nan" | "inf" | "infinity")
}

/// SQLite keeps a decimal as a double. What that cannot hold to the digit is rejected, since what
/// goes in must come out.
fn exact(text: &str, number: Decimal) -> Result<(), LiteralError> {
    let is_stored = number.is_finite() && !number.is_below_normal();
    let is_exact = is_stored && number.significant() <= EXACT_DIGITS || text.parse::<i64>().is_ok();
    is_exact.then_some(()).ok_or_else(|| LiteralError::Inexact(Rejected::new(Type::NUMERIC, text)))
}

/// Writes a decimal as JSON wants it: no `+`, a digit before and after the point.
fn plain_number(text: &str) -> String {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => unsigned.split_at(at),
        None => (unsigned, ""),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}{exponent}")
}

/// A computed column has no type, so a number is taken for a number.
pub fn untyped(text: &str) -> Scalar {
    let finite = is_decimal(text) && Decimal::read(text).is_some_and(|number| number.is_finite());
    if finite {
        Scalar::new(&plain_number(text), Cast::Numeric)
    } else {
        Scalar::new(text, Cast::Text)
    }
}
