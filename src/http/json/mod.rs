//! JSON that strangers send, and JSON that they are sent: one reader and one writer.
//!
//! A text is checked as a whole ([`checked`]), then walked over value by value ([`Walker`],
//! [`Object`]); nothing is made of what nobody asks for, and numbers keep their digits.

mod check;
mod number;
mod read;
mod write;

pub use check::checked;
pub use number::Decimal;
pub use read::{Object, Walker};
pub use write::{Writer, list, quoted};

use read::unquoted;
use std::borrow::Cow;

/// The deepest nesting of arrays and objects that is read.
pub const JSON_DEPTH_MAX: usize = 64;

/// Why a body is not the JSON that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonError {
    /// Not UTF-8.
    NotUtf8,
    /// Nested deeper than [`JSON_DEPTH_MAX`].
    TooDeep,
    /// Contains the character NUL, plain or as `\u0000`.
    Nul,
    /// Not JSON, or not of the shape asked for: what and where.
    Invalid(String),
}

/// A JSON value, read no deeper than its own level: what is within an array or object stays text.
///
/// So numbers keep their digits, and nothing a client nests is walked by recursion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// A text, without quotes and escapes.
    Text(String),
    /// An array or object, as it was written.
    Compound(String),
}

impl Json {
    /// Reads one value, whose text is known to be JSON without white space around it.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        Some(match text.as_bytes().first()? {
            b'n' => Self::Null,
            b't' => Self::Bool(true),
            b'f' => Self::Bool(false),
            b'"' => Self::Text(unquoted(text).map(Cow::into_owned)?),
            b'[' | b'{' => Self::Compound(text.to_owned()),
            _ => Self::Number(text.to_owned()),
        })
    }

    /// The value as JSON.
    #[must_use]
    pub fn written(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(truth) => truth.to_string(),
            Self::Number(text) | Self::Compound(text) => text.clone(),
            Self::Text(text) => quoted(text),
        }
    }

    /// The value as people write it: a text without its quotes.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            other => other.written(),
        }
    }
}

/// Reads one value.
///
/// # Errors
/// See [`JsonError`].
pub fn read(bytes: &[u8]) -> Result<Json, JsonError> {
    Json::of(checked(bytes)?).ok_or_else(|| JsonError::Invalid("no value".to_owned()))
}

/// Reads an array, item by item.
///
/// # Errors
/// See [`JsonError`].
pub fn read_list(bytes: &[u8]) -> Result<Vec<Json>, JsonError> {
    let mut walker = Walker::new(checked(bytes)?);
    let mut items = Vec::new();
    if !walker.eat('[') {
        return Err(JsonError::Invalid("not an array".to_owned()));
    }
    while !walker.eat(']') {
        items.extend(Json::of(walker.value()));
        walker.eat(',');
    }
    Ok(items)
}

#[cfg(test)]
mod tests;
