//! Refusals that only the database can know of: expressions that fail, and what their failing means.
//!
//! A failing expression quotes its marker, which undoes the batch. A value of a row travels in it as
//! hexadecimal digits, so that no marker is ever read from data.

use super::writer::literal;
use crate::catalog::{Digits, Type};
use crate::db::RAISE_MARKER;
use crate::error::{Code, Error, QUOTED_CHARACTERS_MAX, shortened};
use crate::rest::plan::{rejection, type_name};
use crate::values::LiteralError;

/// Writes an expression that fails with a marker.
pub fn raise(marker: &str) -> String {
    ["json_extract('{}', '", RAISE_MARKER, marker, "')"].concat()
}

/// Writes an expression that fails with a marker and a value, which is SQL.
pub fn raise_with(marker: &str, value: &str) -> String {
    ["json_extract('{}', '", RAISE_MARKER, marker, ":' || ", value, ")"].concat()
}

/// Writes an expression that refuses a value, which is SQL for a text, as none of a type.
pub fn invalid(value: &str, kind: Type) -> String {
    let name = type_name(kind);
    // One more than is shown, to tell that there are more.
    let length = QUOTED_CHARACTERS_MAX.saturating_add(1);
    raise_with(&["invalid:", name].concat(), &format!("hex(substr({value}, 1, {length}))"))
}

/// Writes an expression that refuses a number as too large for a type.
pub fn out_of_range(kind: Type) -> String {
    raise(&["range:", type_name(kind)].concat())
}

/// Writes an expression that refuses a number of more digits than its column is declared with.
pub fn numeric_overflow(digits: Digits) -> String {
    raise(&format!("numeric:{}:{}", digits.precision, digits.scale))
}

/// Writes an expression that refuses more related rows than there may be.
pub fn too_many(rows_max: u64, table: &str) -> String {
    raise_with("many", &format!("{rows_max} || ':' || {}", literal(table)))
}

/// What a marker means that one of these expressions has raised.
pub fn explain(marker: &str) -> Option<Error> {
    let (what, rest) = marker.split_once(':').unwrap_or((marker, ""));
    Some(match what {
        "invalid" => {
            let (kind, value) = rest.split_once(':')?;
            let code = if kind.starts_with("date") || kind.starts_with("time") {
                Code::DateInvalid
            } else {
                Code::ValueInvalid
            };
            let value = shortened(&decode(value));
            Error::new(code, format!("invalid input syntax for type {kind}: \"{value}\""))
        }
        "range" if rest == "timestamp" || rest == "date" => {
            Error::new(Code::DateOutOfRange, format!("{rest} out of range"))
        }
        "range" => Error::new(Code::OutOfRange, format!("{rest} out of range")),
        "numeric" => {
            let (precision, scale) = rest.split_once(':')?;
            let digits = Digits { precision: precision.parse().ok()?, scale: scale.parse().ok()? };
            rejection(LiteralError::NumericOverflow(digits))
        }
        "length" if !rest.is_empty() => {
            let message = format!("value too long for type character varying({rest})");
            Error::new(Code::TextTooLong, message)
        }
        "many" => {
            let (rows_max, table) = rest.split_once(':')?;
            let message = format!("more than {rows_max} rows of \"{table}\" belong to one row");
            Error::new(Code::TooManyRows, message).hint(format!(
                "limit them, for instance by {table}.limit={rows_max}, or ask for them by themselves in pages"
            ))
        }
        "large" => Error::new(Code::TooManyRows, "the answer is too large").hint(
            "ask for fewer rows by limit=, and for fewer rows of each embed by its name and .limit=",
        ),
        _ => return explain_expression(what, rest),
    })
}

/// What a marker means that an expression of a policy or function has raised. No value is shown, as it may
/// be that of a row which the caller may not see.
fn explain_expression(what: &str, rest: &str) -> Option<Error> {
    Some(match what {
        "cast" => {
            let code = if rest.starts_with("date") || rest.starts_with("time") {
                Code::DateInvalid
            } else {
                Code::ValueInvalid
            };
            Error::new(code, format!("invalid input syntax for type {rest}"))
        }
        "json" if rest == "containment" => Error::new(
            Code::ParameterInvalid,
            "containment of one document in the other cannot be decided",
        )
        .hint("they are nested too deeply, or have keys with brackets"),
        "json" => Error::new(
            Code::ParameterInvalid,
            format!("cannot cast this jsonb value to type {rest}"),
        ),
        "length" => Error::new(Code::OutOfRange, "requested length too large"),
        "pattern" => Error::new(
            Code::PatternInvalid,
            "a pattern that is computed has a backslash, or is too long",
        ),
        "zero" => Error::new(Code::DivisionByZero, "division by zero"),
        "subquery" => Error::new(
            Code::Cardinality,
            "more than one row returned by a subquery used as an expression",
        ),
        "substring" => Error::new(Code::SubstringInvalid, "negative substring length not allowed"),
        "split" => Error::new(Code::ParameterInvalid, "field position must not be zero"),
        _ => return None,
    })
}

fn decode(digits: &str) -> String {
    let pairs = digits.as_bytes().chunks_exact(2);
    let bytes = pairs.filter_map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
    String::from_utf8_lossy(&bytes.collect::<Vec<u8>>()).into_owned()
}
