//! Why a text is no value of a type, in PostgreSQL's words.

use super::{ITEMS_MAX, type_name};
use crate::catalog::Type;

/// Why a text is no value of a type. In an array, type and text are those of the item at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LiteralError {
    /// `22P02`: it does not have the form of one.
    Syntax(Rejected),
    /// `22007`: it does not have the form of a date or time.
    DateSyntax(Rejected),
    /// `22003`: a number that the type does not hold.
    OutOfRange(Rejected),
    /// `22003`: a decimal of more digits than are stored exactly.
    Inexact(Rejected),
    /// `22008`: no such day or time exists, or none that is stored.
    DateOutOfRange(Rejected),
    /// `22P02`: it does not have the form of an array.
    Array {
        /// What was read.
        text: String,
        /// What is wrong with it.
        details: &'static str,
    },
    /// Arrays within an array, which PostgreSQL has and this does not.
    NestedArray,
    /// `54001`: an array of more than [`ITEMS_MAX`] items.
    TooManyItems,
}

/// What was read, and as what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// The type that it is no value of.
    pub kind: Type,
    /// The text.
    pub text: String,
}

impl Rejected {
    pub(super) fn new(kind: Type, text: &str) -> Self {
        Self { kind, text: text.to_owned() }
    }
}

impl LiteralError {
    /// The error for a text that does not have the form of a value of that type.
    #[must_use]
    pub fn syntax(kind: Type, text: &str) -> Self {
        Self::Syntax(Rejected::new(kind, text))
    }

    /// The SQLSTATE that PostgreSQL gives, or would give.
    #[must_use]
    pub const fn sqlstate(&self) -> &'static str {
        match self {
            Self::Syntax(_) | Self::Array { .. } => "22P02",
            Self::DateSyntax(_) => "22007",
            Self::OutOfRange(_) | Self::Inexact(_) => "22003",
            Self::DateOutOfRange(_) => "22008",
            Self::NestedArray => "0A000",
            Self::TooManyItems => "54001",
        }
    }

    /// The same error with another form of the text that it quotes, such as a shortened one.
    #[must_use]
    pub fn map_text(mut self, change: impl FnOnce(&str) -> String) -> Self {
        match &mut self {
            Self::Syntax(Rejected { text, .. })
            | Self::DateSyntax(Rejected { text, .. })
            | Self::OutOfRange(Rejected { text, .. })
            | Self::Inexact(Rejected { text, .. })
            | Self::DateOutOfRange(Rejected { text, .. })
            | Self::Array { text, .. } => *text = change(text),
            Self::NestedArray | Self::TooManyItems => {}
        }
        self
    }

    /// PostgreSQL's message.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Syntax(rejected) | Self::DateSyntax(rejected) => format!(
                "invalid input syntax for type {}: \"{}\"",
                type_name(rejected.kind),
                rejected.text
            ),
            Self::OutOfRange(rejected) | Self::Inexact(rejected) => {
                let (name, text) = (type_name(rejected.kind), &rejected.text);
                match rejected.kind {
                    Type::SmallInt | Type::Integer | Type::BigInt => {
                        format!("value \"{text}\" is out of range for type {name}")
                    }
                    _ => format!("\"{text}\" is out of range for type {name}"),
                }
            }
            Self::DateOutOfRange(rejected) => {
                format!("date/time field value out of range: \"{}\"", rejected.text)
            }
            Self::Array { text, .. } => format!("malformed array literal: \"{text}\""),
            Self::NestedArray => {
                "arrays hold no arrays here; declare the column as jsonb".to_owned()
            }
            Self::TooManyItems => format!("an array of more than {ITEMS_MAX} items"),
        }
    }

    /// What more is known, as PostgreSQL says it.
    #[must_use]
    pub const fn details(&self) -> Option<&'static str> {
        match self {
            Self::Array { details, .. } => Some(details),
            _ => None,
        }
    }

    /// What to write instead.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Inexact(_) => {
                Some("a numeric holds 15 digits exactly; a text column holds any number of them")
            }
            _ => None,
        }
    }
}
