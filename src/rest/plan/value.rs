//! Values, checked against the declared type of their column.
//!
//! SQLite would take anything anywhere; clients of PostgreSQL rely on being rejected. So every value
//! is read here once, as PostgreSQL would read it, and goes on in one canonical text.

use crate::catalog::{Column, Type};
use crate::error::{Code, Error, shortened};
use crate::http::json::Json;
use crate::time::Milliseconds;
use crate::values::{self, LiteralError};

pub use crate::values::{Cast, Scalar, type_name};

/// Reads a text as a value of that column's type.
///
/// # Errors
/// `22P02`, `22003`, `22007` or `22008`, as Postgres has them; `54001` and `PGRST127` for arrays.
pub fn from_text(column: &Column, text: &str, now: Milliseconds) -> Result<Scalar, Error> {
    values::parse_at(column.kind, text, Some(now)).map_err(rejection)
}

/// The items of an array as PostgreSQL writes one; `None` is null.
///
/// # Errors
/// `22P02`, `54001`, `PGRST127`.
pub fn array_items(text: &str) -> Result<Vec<Option<String>>, Error> {
    values::items(text).map_err(rejection)
}

/// Reads a text as the argument of that type of a function.
///
/// # Errors
/// As [`from_json`].
pub fn from_argument(argument: &Column, text: &str, now: Milliseconds) -> Result<Scalar, Error> {
    let scalar = from_text(argument, text, now)?;
    check_length(argument, &scalar.text)?;
    Ok(scalar)
}

/// Reads a value of a JSON body for the argument of a function: `None` is null.
///
/// # Errors
/// As [`from_json`]. An argument has no precision and scale, as in PostgreSQL.
pub fn from_json_argument(
    argument: &Column,
    value: &Json,
    now: Milliseconds,
) -> Result<Option<Scalar>, Error> {
    let scalar = values::parse_json(argument.kind, value, Some(now)).map_err(rejection)?;
    if let Some(scalar) = &scalar {
        check_length(argument, &scalar.text)?;
    }
    Ok(scalar)
}

/// Reads a value of a JSON body for that column: `None` is null.
///
/// # Errors
/// As [`from_text`], and `22001` for a text that is too long.
pub fn from_json(
    column: &Column,
    value: &Json,
    now: Milliseconds,
) -> Result<Option<Scalar>, Error> {
    let mut scalar = values::assign(column.kind, value, Some(now)).map_err(rejection)?;
    if let (Type::Text { characters_max: Some(most) }, Some(scalar)) = (column.kind, &mut scalar) {
        cut_spaces(&mut scalar.text, most);
    }
    if let Some(scalar) = &scalar {
        check_length(column, &scalar.text)?;
    }
    Ok(scalar)
}

/// The error for a value that does not parse.
pub fn invalid(kind: Type, text: &str) -> Error {
    rejection(LiteralError::syntax(kind, text))
}

/// The code that goes with what is wrong with a literal.
pub fn rejection(fault: LiteralError) -> Error {
    if fault == LiteralError::NestedArray {
        return Error::not_implemented(fault.message());
    }
    let code = match fault {
        LiteralError::Syntax(_)
        | LiteralError::NotFinite(_)
        | LiteralError::Hexadecimal(_)
        | LiteralError::Array { .. } => Code::ValueInvalid,
        LiteralError::DateSyntax(_) | LiteralError::ZoneName(_) | LiteralError::Relative(_) => {
            Code::DateInvalid
        }
        LiteralError::OutOfRange(_)
        | LiteralError::Inexact(_)
        | LiteralError::NumericOverflow(_) => Code::OutOfRange,
        LiteralError::DateOutOfRange(_) | LiteralError::Unsupported(..) => Code::DateOutOfRange,
        LiteralError::ZoneOutOfRange(_) => Code::ZoneOutOfRange,
        LiteralError::NestedArray => Code::NotImplemented,
        LiteralError::TooManyItems => Code::TooComplex,
    };
    let fault = fault.map_text(shortened);
    let mut error = Error::new(code, fault.message());
    if let Some(details) = fault.details() {
        error = error.details(details);
    }
    match fault.hint() {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// Cuts the spaces behind the longest text that fits, as SQL demands.
fn cut_spaces(text: &mut String, most: u32) {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    if let Some((end, _)) = text.char_indices().nth(most)
        && text.get(end..).is_some_and(|rest| rest.bytes().all(|byte| byte == b' '))
    {
        text.truncate(end);
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
    use crate::http::json;

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

    #[test]
    fn bodies() {
        let json = |kind, text: &str| {
            let value = json::read(text.as_bytes()).expect("test JSON");
            from_json(&column(kind), &value, 0)
                .map(|scalar| scalar.map(|scalar| scalar.to_json()))
                .map_err(|error| error.code.wire())
        };
        assert_eq!(json(Type::Integer, "null"), Ok(None));
        assert_eq!(json(Type::BigInt, "9007199254740993"), Ok(Some("9007199254740993".into())));
        assert_eq!(json(Type::BigInt, "\"9007199254740993\""), Ok(Some("9007199254740993".into())));
        assert_eq!(json(Type::Integer, "1.5"), Err("22P02"));
        assert_eq!(json(Type::Integer, "true"), Err("22P02"));
        assert_eq!(json(Type::Boolean, "1"), Ok(Some("1".into())));
        assert_eq!(json(Type::Boolean, "0"), Ok(Some("0".into())));
        for text in ["2", "1.0", "10", "-1"] {
            assert_eq!(json(Type::Boolean, text), Err("22P02"), "{text}");
        }
        assert_eq!(json(Type::Boolean, "true"), Ok(Some("1".into())));
        assert_eq!(json(Type::Text { characters_max: None }, "5"), Ok(Some("\"5\"".into())));
        assert_eq!(json(Type::Text { characters_max: Some(2) }, "\"äöü\""), Err("22001"));
        assert_eq!(json(Type::Json, r#"{"a":1.0}"#), Ok(Some(r#""{\"a\":1.0}""#.into())));
        assert_eq!(json(Type::Uuid, "{}"), Err("22P02"));
    }
}
