//! Literals: texts and JSON values read as values of the declared types, as PostgreSQL's input
//! functions read them, and written in the one form in which the database stores them.
//!
//! The REST API reads bodies and filters by it, the compiler the literals of policies. The build
//! script compiles this module too, so it imports nothing of the crate but the catalog's types,
//! the JSON reader and the calendar.

mod array;
mod clock;
mod document;
mod error;
mod moment;
mod number;
mod simple;

pub use array::{ITEMS_MAX, items};
pub use error::{LiteralError, Rejected};

use crate::catalog::{Item, Type};
use crate::http::json::{self, Json};
use crate::time::Milliseconds;

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

/// Reads a text as a value of that type, where there is no clock: `now` is rejected.
///
/// # Errors
/// See [`LiteralError`].
pub fn parse(kind: Type, text: &str) -> Result<Scalar, LiteralError> {
    parse_at(kind, text, None)
}

/// Reads a text as a value of that type; `now`, `today`, `tomorrow` and `yesterday` are as of `now`.
///
/// # Errors
/// See [`LiteralError`].
pub fn parse_at(kind: Type, text: &str, now: Option<Milliseconds>) -> Result<Scalar, LiteralError> {
    let trimmed = trim(text);
    let syntax = || LiteralError::syntax(kind, text);
    match kind {
        Type::Boolean => simple::boolean(trimmed).ok_or_else(syntax),
        Type::SmallInt | Type::Integer | Type::BigInt => number::integer(kind, trimmed),
        Type::Double => number::double(trimmed),
        Type::Numeric { .. } => number::numeric(trimmed),
        Type::Text { .. } => Ok(Scalar::new(text, Cast::Text)),
        Type::Uuid => simple::uuid(text).ok_or_else(syntax),
        Type::TimestampTz | Type::Timestamp | Type::Date | Type::Time => {
            moment::parse(kind, trimmed, now)
        }
        Type::Json => json::read(text.as_bytes())
            .map(|value| Scalar::new(&document::normalized(&value.written()), Cast::Text))
            .map_err(|_| syntax()),
        Type::Bytes => simple::bytes(text),
        Type::Array(item) => array::parse(item, text, now),
        Type::Any => Ok(number::untyped(text)),
    }
}

/// A text without the white space around it that PostgreSQL's input functions ignore.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\u{b}', '\u{c}', '\r'])
}

/// Reads a JSON value as one of that type: `None` is null.
///
/// # Errors
/// See [`LiteralError`].
pub fn parse_json(
    kind: Type,
    value: &Json,
    now: Option<Milliseconds>,
) -> Result<Option<Scalar>, LiteralError> {
    let scalar = match (kind, value) {
        (_, Json::Null) => return Ok(None),
        (Type::Json, value) => Scalar::new(&document::normalized(&value.written()), Cast::Text),
        (_, Json::Text(text)) => parse_at(kind, text, now)?,
        (Type::Array(item), Json::Compound(text)) => array::parse_json(item, text, now)?,
        (Type::Array(_), value) => return Err(LiteralError::syntax(kind, &value.written())),
        // As a text, like PostgreSQL: 1 and 0 are booleans, and 2 is none.
        (_, value) => parse_at(kind, &value.written(), now)?,
    };
    Ok(Some(scalar))
}

/// Reads a JSON value as one that a column of that type stores: `None` is null. A number is rounded
/// to the column's scale.
///
/// # Errors
/// See [`LiteralError`].
pub fn assign(
    kind: Type,
    value: &Json,
    now: Option<Milliseconds>,
) -> Result<Option<Scalar>, LiteralError> {
    match (kind, value) {
        (Type::Numeric { digits: Some(digits) }, Json::Text(text) | Json::Number(text)) => {
            number::rounded(digits, trim(text)).map(Some)
        }
        _ => parse_json(kind, value, now),
    }
}

/// The type's name in PostgreSQL's messages.
#[must_use]
pub const fn type_name(kind: Type) -> &'static str {
    match kind {
        Type::Boolean => "boolean",
        Type::SmallInt => "smallint",
        Type::Integer => "integer",
        Type::BigInt => "bigint",
        Type::Double => "double precision",
        Type::Numeric { .. } => "numeric",
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

#[cfg(test)]
mod tests;
