//! Values, checked against the declared type of their column.
//!
//! SQLite would take anything anywhere; Postgres' clients rely on being refused. So every value is
//! read here once, as Postgres would read it, and goes on in one canonical text.

use super::{array, moment};
use crate::catalog::{Column, Item, Type};
use crate::error::{Code, Error, shortened};
use crate::http::json::{self, Decimal, Json};

/// A value in the canonical form of its type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The value's text.
    pub text: String,
    /// What SQL must make of the text.
    pub cast: Cast,
}

/// What SQL must make of a bound text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cast {
    /// Nothing.
    Text,
    /// `cast(.. as integer)`
    Integer,
    /// `cast(.. as real)`
    Real,
    /// `cast(.. as numeric)`
    Numeric,
    /// `unhex(..)`
    Bytes,
}

/// Decimal digits that a double holds exactly.
const EXACT_DIGITS: usize = 15;

/// Reads a text as a value of that column's type.
///
/// # Errors
/// `22P02`, `22003`, `22007` or `22008`, as Postgres has them.
pub fn from_text(column: &Column, text: &str) -> Result<Scalar, Error> {
    of_kind(column.kind, text)
}

/// Reads a text as a value of that type.
///
/// # Errors
/// As [`from_text`].
pub fn of_kind(kind: Type, text: &str) -> Result<Scalar, Error> {
    let trimmed = text.trim_matches(' ');
    match kind {
        Type::Boolean => boolean(trimmed)
            .map(|truth| Scalar::new(if truth { "1" } else { "0" }, Cast::Integer))
            .ok_or_else(|| invalid(kind, text)),
        Type::SmallInt => integer(kind, trimmed, i16::MIN.into(), i16::MAX.into()),
        Type::Integer => integer(kind, trimmed, i32::MIN.into(), i32::MAX.into()),
        Type::BigInt => integer(kind, trimmed, i64::MIN, i64::MAX),
        Type::Double => double(trimmed),
        Type::Numeric => numeric(trimmed),
        Type::Text { .. } => Ok(Scalar::new(text, Cast::Text)),
        Type::Uuid => uuid(trimmed).ok_or_else(|| invalid(kind, text)),
        Type::TimestampTz | Type::Timestamp | Type::Date | Type::Time => {
            let read = match kind {
                Type::TimestampTz => moment::timestamp_tz(trimmed),
                Type::Timestamp => moment::timestamp(trimmed),
                Type::Date => moment::date(trimmed),
                _ => moment::time(trimmed),
            };
            read.map(|text| Scalar::new(&text, Cast::Text))
                .map_err(|error| moment_refused(error, kind, text))
        }
        Type::Json => json::read(text.as_bytes())
            .map(|value| Scalar::new(&value.written(), Cast::Text))
            .map_err(|_| invalid(kind, text)),
        Type::Bytes => bytes(trimmed).ok_or_else(|| invalid(kind, text)),
        Type::Array(item) => array::from_text(item, text),
        Type::Any => Ok(untyped(text)),
    }
}

/// Reads a text as the argument of that type of a function.
///
/// # Errors
/// As [`from_json`].
pub fn from_argument(argument: &Column, text: &str) -> Result<Scalar, Error> {
    let scalar = from_text(argument, text)?;
    check_length(argument, &scalar.text)?;
    Ok(scalar)
}

/// Reads a value of a JSON body for that column: `None` is null.
///
/// # Errors
/// As [`from_text`], and `22001` for a text that is too long.
pub fn from_json(column: &Column, value: &Json) -> Result<Option<Scalar>, Error> {
    let scalar = of_json(column.kind, value)?;
    if let Some(scalar) = &scalar {
        check_length(column, &scalar.text)?;
    }
    Ok(scalar)
}

/// Reads a JSON value as one of that type: `None` is null.
///
/// # Errors
/// As [`from_text`].
pub fn of_json(kind: Type, value: &Json) -> Result<Option<Scalar>, Error> {
    let scalar = match (kind, value) {
        (_, Json::Null) => return Ok(None),
        (Type::Json, value) => Scalar::new(&value.written(), Cast::Text),
        (_, Json::Text(text)) => of_kind(kind, text)?,
        (Type::Text { .. }, value) => Scalar::new(&value.written(), Cast::Text),
        (Type::Boolean, Json::Bool(_)) => of_kind(kind, &value.written())?,
        (Type::Array(item), Json::Compound(text)) => array::from_json(item, text)?,
        (Type::Boolean | Type::Array(_), _) | (_, Json::Bool(_) | Json::Compound(_)) => {
            return Err(invalid(kind, &value.written()));
        }
        (_, Json::Number(number)) => of_kind(kind, number)?,
    };
    Ok(Some(scalar))
}

impl Scalar {
    fn new(text: &str, cast: Cast) -> Self {
        Self { text: text.to_owned(), cast }
    }

    /// The value as it stands in a JSON list that is bound as a whole.
    #[must_use]
    pub fn to_json(&self) -> String {
        match self.cast {
            Cast::Integer | Cast::Real | Cast::Numeric => self.text.clone(),
            Cast::Text | Cast::Bytes => json::quoted(&self.text),
        }
    }
}

/// The type's name in Postgres' messages.
#[must_use]
pub const fn type_name(kind: Type) -> &'static str {
    match kind {
        Type::Boolean => "boolean",
        Type::SmallInt => "smallint",
        Type::Integer => "integer",
        Type::BigInt => "bigint",
        Type::Double => "double precision",
        Type::Numeric => "numeric",
        Type::Text { .. } => "text",
        Type::Uuid => "uuid",
        Type::TimestampTz => "timestamp with time zone",
        Type::Timestamp => "timestamp without time zone",
        Type::Date => "date",
        Type::Time => "time without time zone",
        Type::Json => "json",
        Type::Bytes => "bytea",
        Type::Any => "unknown",
        Type::Array(item) => match item {
            Item::Boolean => "boolean[]",
            Item::SmallInt => "smallint[]",
            Item::Integer => "integer[]",
            Item::BigInt => "bigint[]",
            Item::Double => "double precision[]",
            Item::Numeric => "numeric[]",
            Item::Text => "text[]",
            Item::Uuid => "uuid[]",
            Item::TimestampTz => "timestamp with time zone[]",
            Item::Timestamp => "timestamp without time zone[]",
            Item::Date => "date[]",
            Item::Time => "time without time zone[]",
            Item::Bytes => "bytea[]",
        },
    }
}

/// The refusal of a value that does not parse.
pub fn invalid(kind: Type, text: &str) -> Error {
    let message =
        format!("invalid input syntax for type {}: \"{}\"", type_name(kind), shortened(text));
    Error::new(Code::ValueInvalid, message)
}

fn moment_refused(error: moment::MomentError, kind: Type, text: &str) -> Error {
    match error {
        moment::MomentError::Syntax => Error { code: Code::DateInvalid, ..invalid(kind, text) },
        moment::MomentError::Range => Error::new(
            Code::DateOutOfRange,
            format!("date/time field value out of range: \"{}\"", shortened(text)),
        ),
    }
}

/// Reads what Postgres reads: any beginning of `true`, `false`, `yes`, `no`, and `on`, `off`, `1`, `0`.
fn boolean(text: &str) -> Option<bool> {
    let lower = text.to_ascii_lowercase();
    let begins = |word: &str| !lower.is_empty() && word.starts_with(&lower);
    if begins("true") || begins("yes") || lower == "on" || lower == "1" {
        Some(true)
    } else if begins("false") || begins("no") || lower == "off" || lower == "of" || lower == "0" {
        Some(false)
    } else {
        None
    }
}

fn integer(kind: Type, text: &str, least: i64, greatest: i64) -> Result<Scalar, Error> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid(kind, text));
    }
    text.parse::<i64>()
        .ok()
        .filter(|number| (least..=greatest).contains(number))
        .map(|number| Scalar::new(&number.to_string(), Cast::Integer))
        .ok_or_else(|| {
            Error::new(
                Code::OutOfRange,
                format!(
                    "value \"{}\" is out of range for type {}",
                    shortened(text),
                    type_name(kind)
                ),
            )
        })
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

fn out_of_range(text: &str, kind: Type) -> Error {
    Error::new(
        Code::OutOfRange,
        format!("\"{}\" is out of range for type {}", shortened(text), type_name(kind)),
    )
}

fn double(text: &str) -> Result<Scalar, Error> {
    if !is_decimal(text) {
        return Err(invalid(Type::Double, text));
    }
    match Decimal::read(text) {
        Some(number) if number.is_finite() => Ok(Scalar::new(&plain_number(text), Cast::Real)),
        _ => Err(out_of_range(text, Type::Double)),
    }
}

fn numeric(text: &str) -> Result<Scalar, Error> {
    if !is_decimal(text) {
        return Err(invalid(Type::Numeric, text));
    }
    let number = Decimal::read(text).filter(Decimal::is_finite);
    // SQLite keeps a decimal as a double. What that cannot hold to the digit is refused, since
    // what goes in must come out.
    let is_exact = number.is_some_and(|number| number.significant() <= EXACT_DIGITS)
        || text.parse::<i64>().is_ok();
    if !is_exact {
        return Err(out_of_range(text, Type::Numeric)
            .hint("a numeric holds 15 digits exactly; a text column holds any number of them"));
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

/// Reads 32 hexadecimal digits, with hyphens where Postgres allows them, perhaps in braces.
fn uuid(text: &str) -> Option<Scalar> {
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

fn bytes(text: &str) -> Option<Scalar> {
    let digits = text.strip_prefix("\\x")?;
    (digits.len() % 2 == 0 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then(|| Scalar::new(digits, Cast::Bytes))
}

/// A computed column has no type, so a number is taken for a number.
fn untyped(text: &str) -> Scalar {
    let finite = is_decimal(text) && Decimal::read(text).is_some_and(|number| number.is_finite());
    if finite {
        Scalar::new(&plain_number(text), Cast::Numeric)
    } else {
        Scalar::new(text, Cast::Text)
    }
}

fn check_length(column: &Column, text: &str) -> Result<(), Error> {
    let Type::Text { characters_max: Some(most) } = column.kind else { return Ok(()) };
    let most_characters = usize::try_from(most).unwrap_or(usize::MAX);
    if text.chars().nth(most_characters).is_none() {
        return Ok(());
    }
    let message = format!("value too long for type character varying({most})");
    Err(Error::new(Code::TextTooLong, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(kind: Type) -> Column {
        Column {
            name: "c".into(),
            declared: String::new(),
            kind,
            nullable: true,
            default: None,
            generated: false,
            options: Vec::new(),
        }
    }

    #[track_caller]
    fn reads(kind: Type, text: &str, expected: &str) {
        let read = from_text(&column(kind), text).map(|scalar| scalar.text);
        assert_eq!(read.as_deref().map_err(|error| &error.message), Ok(expected), "{text}");
    }

    #[track_caller]
    fn refuses(kind: Type, texts: &[&str], code: Code) {
        for text in texts {
            let refused = from_text(&column(kind), text).map_err(|error| error.code);
            assert_eq!(refused, Err(code), "{text}");
        }
    }

    #[test]
    fn booleans() {
        for text in ["true", "T", "yes", "y", "on", "1"] {
            reads(Type::Boolean, text, "1");
        }
        for text in ["false", "f", "no", "off", "0"] {
            reads(Type::Boolean, text, "0");
        }
        refuses(Type::Boolean, &["", "o", "2", "truth", "null"], Code::ValueInvalid);
    }

    #[test]
    fn integers() {
        reads(Type::Integer, " 12 ", "12");
        reads(Type::Integer, "+12", "12");
        reads(Type::BigInt, "9223372036854775807", "9223372036854775807");
        refuses(Type::Integer, &["", "abc", "1.0", "1e3", "0x1", "- 1", "١"], Code::ValueInvalid);
        refuses(Type::Integer, &["2147483648"], Code::OutOfRange);
        refuses(Type::SmallInt, &["-32769"], Code::OutOfRange);
        refuses(Type::BigInt, &["9223372036854775808"], Code::OutOfRange);
    }

    #[test]
    fn decimals() {
        reads(Type::Double, "1.5e3", "1.5e3");
        reads(Type::Double, ".5", "0.5");
        reads(Type::Numeric, "+007.50", "7.50");
        reads(Type::Numeric, "9007199254740993", "9007199254740993");
        refuses(Type::Double, &["", "nan", "inf", "1e", ".", "1_0", "0x1"], Code::ValueInvalid);
        refuses(Type::Double, &["1e999"], Code::OutOfRange);
        refuses(Type::Numeric, &["0.1234567890123456", "1e400"], Code::OutOfRange);
    }

    #[test]
    fn uuids() {
        let canonical = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
        reads(Type::Uuid, canonical, canonical);
        reads(Type::Uuid, "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", canonical);
        reads(Type::Uuid, "{a0eebc999c0b4ef8bb6d6bb9bd380a11}", canonical);
        refuses(
            Type::Uuid,
            &["", "1", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", "g0eebc999c0b4ef8bb6d6bb9bd380a11"],
            Code::ValueInvalid,
        );
    }

    #[test]
    fn bodies() {
        let json = |kind, text: &str| {
            let value = json::read(text.as_bytes()).expect("test JSON");
            from_json(&column(kind), &value)
                .map(|scalar| scalar.map(|scalar| scalar.to_json()))
                .map_err(|error| error.code.wire())
        };
        assert_eq!(json(Type::Integer, "null"), Ok(None));
        assert_eq!(json(Type::BigInt, "9007199254740993"), Ok(Some("9007199254740993".into())));
        assert_eq!(json(Type::BigInt, "\"9007199254740993\""), Ok(Some("9007199254740993".into())));
        assert_eq!(json(Type::Integer, "1.5"), Err("22P02"));
        assert_eq!(json(Type::Integer, "true"), Err("22P02"));
        assert_eq!(json(Type::Boolean, "1"), Err("22P02"));
        assert_eq!(json(Type::Boolean, "true"), Ok(Some("1".into())));
        assert_eq!(json(Type::Text { characters_max: None }, "5"), Ok(Some("\"5\"".into())));
        assert_eq!(json(Type::Text { characters_max: Some(2) }, "\"äöü\""), Err("22001"));
        assert_eq!(json(Type::Json, r#"{"a":1.0}"#), Ok(Some(r#""{\"a\":1.0}""#.into())));
        assert_eq!(json(Type::Uuid, "{}"), Err("22P02"));
    }
}
