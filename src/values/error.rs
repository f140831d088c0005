//! Why a text is no value of a type, in PostgreSQL's words.

use super::{ITEMS_MAX, type_name};
use crate::catalog::{Digits, Type};

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
    /// `22P02`: not a number, or infinity, which PostgreSQL stores and this does not.
    NotFinite(Rejected),
    /// `22003`: more digits than the column is declared with.
    NumericOverflow(Digits),
    /// `22008`: no such day or time exists, or none that is stored.
    DateOutOfRange(Rejected),
    /// `22023`: bytes behind `\x` that are not pairs of hexadecimal digits.
    Hexadecimal(Rejected),
    /// `22009`: an offset from UTC that no time zone has.
    ZoneOutOfRange(Rejected),
    /// `22007`: it names a time zone, which PostgreSQL looks up and this does not.
    ZoneName(Rejected),
    /// `22007`: it means the present, such as `now`, and is read where there is no clock.
    Relative(Rejected),
    /// `22008`: PostgreSQL stores it and this does not; what to write instead.
    Unsupported(Rejected, &'static str),
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
            Self::Syntax(_) | Self::NotFinite(_) | Self::Array { .. } => "22P02",
            Self::DateSyntax(_) | Self::ZoneName(_) | Self::Relative(_) => "22007",
            Self::OutOfRange(_) | Self::Inexact(_) | Self::NumericOverflow(_) => "22003",
            Self::DateOutOfRange(_) | Self::Unsupported(..) => "22008",
            Self::ZoneOutOfRange(_) => "22009",
            Self::Hexadecimal(_) => "22023",
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
            | Self::ZoneOutOfRange(Rejected { text, .. })
            | Self::ZoneName(Rejected { text, .. })
            | Self::NotFinite(Rejected { text, .. })
            | Self::Hexadecimal(Rejected { text, .. })
            | Self::Relative(Rejected { text, .. })
            | Self::Unsupported(Rejected { text, .. }, _)
            | Self::Array { text, .. } => *text = change(text),
            Self::NumericOverflow(_) | Self::NestedArray | Self::TooManyItems => {}
        }
        self
    }

    /// PostgreSQL's message.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Syntax(rejected)
            | Self::NotFinite(rejected)
            | Self::DateSyntax(rejected)
            | Self::ZoneName(rejected)
            | Self::Relative(rejected) => {
                format!(
                    "invalid input syntax for type {}: \"{}\"",
                    type_name(rejected.kind),
                    rejected.text
                )
            }
            Self::OutOfRange(rejected) | Self::Inexact(rejected) => {
                let (name, text) = (type_name(rejected.kind), &rejected.text);
                match rejected.kind {
                    Type::SmallInt | Type::Integer | Type::BigInt => {
                        format!("value \"{text}\" is out of range for type {name}")
                    }
                    _ => format!("\"{text}\" is out of range for type {name}"),
                }
            }
            Self::DateOutOfRange(rejected) | Self::Unsupported(rejected, _) => {
                format!("date/time field value out of range: \"{}\"", rejected.text)
            }
            Self::Hexadecimal(rejected) => {
                format!("invalid hexadecimal data: \"{}\"", rejected.text)
            }
            Self::ZoneOutOfRange(rejected) => {
                format!("time zone displacement out of range: \"{}\"", rejected.text)
            }
            Self::Array { text, .. } => format!("malformed array literal: \"{text}\""),
            Self::NumericOverflow(_) => "numeric field overflow".to_owned(),
            Self::NestedArray => {
                "arrays hold no arrays here; declare the column as jsonb".to_owned()
            }
            Self::TooManyItems => format!("an array of more than {ITEMS_MAX} items"),
        }
    }

    /// What more is known, as PostgreSQL says it.
    #[must_use]
    pub fn details(&self) -> Option<String> {
        match self {
            Self::NumericOverflow(Digits { precision, scale }) => {
                let bound = match i64::from(*precision).saturating_sub(i64::from(*scale)) {
                    0 => "1".to_owned(),
                    power => format!("10^{power}"),
                };
                Some(format!(
                    "A field with precision {precision}, scale {scale} must round to an absolute \
                     value less than {bound}."
                ))
            }
            Self::Array { details, .. } => Some((*details).to_owned()),
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
            Self::DateSyntax(_) => Some(
                "write a date as 2026-02-28, a time as 13:30:00 and both as 2026-02-28T13:30:00+01:00; \
                 now, today, tomorrow and yesterday are read too",
            ),
            Self::NotFinite(_) => {
                Some("NaN and infinity are not stored; leave the value null instead")
            }
            Self::Relative(_) => Some("it would mean the time at which it is read; call now()"),
            Self::ZoneName(_) => {
                Some("write the offset from UTC, such as +01:00, in place of the time zone's name")
            }
            Self::Unsupported(_, hint) => Some(hint),
            _ => None,
        }
    }
}
