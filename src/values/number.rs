//! Numbers.

use super::{Cast, LiteralError, Rejected, Scalar};
use crate::catalog::Type;
use crate::http::json::Decimal;

/// Decimal digits that a double holds exactly.
const EXACT_DIGITS: usize = 15;

/// Reads a whole number within those bounds.
pub fn integer(kind: Type, text: &str, least: i64, greatest: i64) -> Result<Scalar, LiteralError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(LiteralError::Syntax(Rejected::new(kind, text)));
    }
    text.parse::<i64>()
        .ok()
        .filter(|number| (least..=greatest).contains(number))
        .map(|number| Scalar::new(&number.to_string(), Cast::Integer))
        .ok_or_else(|| LiteralError::OutOfRange(Rejected::new(kind, text)))
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
        !digits.is_empty() && digits.len() <= 4 && all_digits(digits)
    });
    (!whole.is_empty() || !fraction.is_empty())
        && all_digits(whole)
        && all_digits(fraction)
        && exponent_fits
}

/// Reads a number that a double can hold, perhaps rounded.
pub fn double(text: &str) -> Result<Scalar, LiteralError> {
    let rejected = || Rejected::new(Type::Double, text);
    if !is_decimal(text) {
        return Err(LiteralError::Syntax(rejected()));
    }
    match Decimal::read(text) {
        Some(number) if number.is_finite() => Ok(Scalar::new(&plain_number(text), Cast::Real)),
        _ => Err(LiteralError::OutOfRange(rejected())),
    }
}

/// Reads a decimal number that is stored exactly.
pub fn numeric(text: &str) -> Result<Scalar, LiteralError> {
    let rejected = || Rejected::new(Type::Numeric, text);
    if !is_decimal(text) {
        return Err(LiteralError::Syntax(rejected()));
    }
    let number = Decimal::read(text).filter(Decimal::is_finite);
    // SQLite keeps a decimal as a double. What that cannot hold to the digit is rejected, since
    // what goes in must come out.
    let is_exact = number.is_some_and(|number| number.significant() <= EXACT_DIGITS)
        || text.parse::<i64>().is_ok();
    if !is_exact {
        return Err(LiteralError::Inexact(rejected()));
    }
    Ok(Scalar::new(&plain_number(text), Cast::Numeric))
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
