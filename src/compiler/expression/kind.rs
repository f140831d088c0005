//! The types of expressions, as PostgreSQL has them (`pg_type`): their names, their categories, and what
//! becomes what without a cast being written (`pg_cast`).

use crate::catalog::{Column, Digits, Item, Type};
use crate::compiler::types;

/// The PostgreSQL type of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::compiler) enum Kind {
    /// A string in quotes or a null, whose type follows from where it stands.
    Unknown,
    Boolean,
    Int2,
    Int4,
    Int8,
    Numeric,
    Float4,
    Float8,
    Text,
    Varchar,
    Uuid,
    Date,
    Time,
    Timestamp,
    TimestampTz,
    Interval,
    Json,
    Jsonb,
    Bytea,
    Array(Item),
    /// A value of which SQLite tells no type: a computed column of a view, or of `json_each`. It must be cast.
    Untyped,
    /// An expression with a mistake that has been reported.
    Broken,
}

/// The categories of types (`pg_type.typcategory`), which decide between overloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Category {
    Boolean,
    Number,
    String,
    DateTime,
    Timespan,
    UserDefined,
    Array,
    Unknown,
}

/// What a type says of the size of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::compiler) enum Size {
    Any,
    /// At most so many characters.
    Characters(u32),
    /// A decimal number of so many digits, of which so many are decimals.
    Digits(Digits),
}

impl Kind {
    /// The type of a declared column, an argument or a cast.
    pub fn of(kind: Type, declared: &str) -> Self {
        let base = declared.split(['(', '[']).next().unwrap_or_default().trim();
        let is = |names: &[&str]| names.iter().any(|name| base.eq_ignore_ascii_case(name));
        match kind {
            Type::Boolean => Self::Boolean,
            Type::SmallInt => Self::Int2,
            Type::Integer => Self::Int4,
            // SQLite numbers the rows of an `integer primary key` with 64 bits, and it stays an integer.
            Type::BigInt if is(&["integer", "int", "int4"]) => Self::Int4,
            Type::BigInt if is(&["smallint", "int2", "smallserial"]) => Self::Int2,
            Type::BigInt => Self::Int8,
            Type::Double if is(&["real", "float4"]) => Self::Float4,
            Type::Double => Self::Float8,
            Type::Numeric { .. } => Self::Numeric,
            Type::Text { characters_max: Some(_) } => Self::Varchar,
            Type::Text { characters_max: None } if is(&["varchar", "character varying"]) => {
                Self::Varchar
            }
            Type::Text { .. } => Self::Text,
            Type::Uuid => Self::Uuid,
            Type::TimestampTz => Self::TimestampTz,
            Type::Timestamp => Self::Timestamp,
            Type::Date => Self::Date,
            Type::Time => Self::Time,
            Type::Json if is(&["json"]) => Self::Json,
            Type::Json => Self::Jsonb,
            Type::Bytes => Self::Bytea,
            Type::Array(item) => Self::Array(item),
            Type::Any => Self::Untyped,
        }
    }

    /// The type of a column.
    pub fn of_column(column: &Column) -> Self {
        Self::of(column.kind, &column.declared)
    }

    /// The type that a cast names, and what it says of the size: `varchar(3)`, `numeric(10, 2)`.
    pub fn named(name: &str) -> Option<(Self, Size)> {
        let lower = name.trim().to_ascii_lowercase();
        let lower = lower.strip_prefix("pg_catalog.").unwrap_or(&lower);
        if lower == "interval" {
            return Some((Self::Interval, Size::Any));
        }
        let kind = types::parse(lower)?;
        let size = match kind {
            Type::Text { characters_max: Some(length) } => Size::Characters(length),
            Type::Numeric { digits: Some(digits) } => Size::Digits(digits),
            _ => Size::Any,
        };
        Some((Self::of(kind, lower), size))
    }

    /// The type as a column is declared with it.
    pub const fn stored(self) -> Type {
        match self {
            Self::Boolean => Type::Boolean,
            Self::Int2 => Type::SmallInt,
            Self::Int4 => Type::Integer,
            Self::Int8 => Type::BigInt,
            Self::Numeric => Type::NUMERIC,
            Self::Float4 | Self::Float8 => Type::Double,
            Self::Text | Self::Varchar | Self::Unknown => Type::Text { characters_max: None },
            Self::Uuid => Type::Uuid,
            Self::Date => Type::Date,
            Self::Time => Type::Time,
            Self::Timestamp => Type::Timestamp,
            Self::TimestampTz => Type::TimestampTz,
            Self::Json | Self::Jsonb => Type::Json,
            Self::Bytea => Type::Bytes,
            Self::Array(item) => Type::Array(item),
            Self::Interval | Self::Untyped | Self::Broken => Type::Any,
        }
    }

    /// The name in messages, as PostgreSQL writes it.
    pub fn name(self) -> String {
        let name = match self {
            Self::Unknown | Self::Broken | Self::Untyped => "unknown",
            Self::Boolean => "boolean",
            Self::Int2 => "smallint",
            Self::Int4 => "integer",
            Self::Int8 => "bigint",
            Self::Numeric => "numeric",
            Self::Float4 => "real",
            Self::Float8 => "double precision",
            Self::Text => "text",
            Self::Varchar => "character varying",
            Self::Uuid => "uuid",
            Self::Date => "date",
            Self::Time => "time without time zone",
            Self::Timestamp => "timestamp without time zone",
            Self::TimestampTz => "timestamp with time zone",
            Self::Interval => "interval",
            Self::Json => "json",
            Self::Jsonb => "jsonb",
            Self::Bytea => "bytea",
            Self::Array(item) => return format!("{}[]", Self::of(item.kind(), "").name()),
        };
        name.to_owned()
    }

    /// The name to write behind `::`.
    pub fn cast_name(self) -> String {
        match self {
            Self::Boolean | Self::Int2 | Self::Int4 | Self::Int8 => self.name(),
            other => other.internal_name(),
        }
    }

    /// The name in `pg_type`, by which the tables of operators, casts and functions name it.
    pub fn internal_name(self) -> String {
        let name = match self {
            Self::Boolean => "bool",
            Self::Int2 => "int2",
            Self::Int4 => "int4",
            Self::Int8 => "int8",
            Self::Float4 => "float4",
            Self::Float8 => "float8",
            Self::Varchar => "varchar",
            Self::Time => "time",
            Self::Timestamp => "timestamp",
            Self::TimestampTz => "timestamptz",
            Self::Array(item) => return format!("{}[]", Self::of(item.kind(), "").internal_name()),
            other => return other.name(),
        };
        name.to_owned()
    }

    pub(super) const fn category(self) -> Category {
        match self {
            Self::Boolean => Category::Boolean,
            Self::Int2 | Self::Int4 | Self::Int8 | Self::Numeric | Self::Float4 | Self::Float8 => {
                Category::Number
            }
            Self::Text | Self::Varchar => Category::String,
            Self::Date | Self::Time | Self::Timestamp | Self::TimestampTz => Category::DateTime,
            Self::Interval => Category::Timespan,
            Self::Uuid | Self::Json | Self::Jsonb | Self::Bytea => Category::UserDefined,
            Self::Array(_) => Category::Array,
            Self::Unknown | Self::Untyped | Self::Broken => Category::Unknown,
        }
    }

    /// Whether overloads with this type are preferred in its category.
    pub(super) const fn is_preferred(self) -> bool {
        matches!(
            self,
            Self::Boolean | Self::Float8 | Self::Text | Self::TimestampTz | Self::Interval
        )
    }

    pub const fn is_integer(self) -> bool {
        matches!(self, Self::Int2 | Self::Int4 | Self::Int8)
    }

    pub const fn is_number(self) -> bool {
        matches!(self.category(), Category::Number)
    }

    pub const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Varchar)
    }

    /// Whether a value of this type becomes one of `other` without a cast.
    pub(super) fn becomes(self, other: Self) -> bool {
        self == other
            || match self {
                Self::Unknown => true,
                Self::Int2 => matches!(
                    other,
                    Self::Int4 | Self::Int8 | Self::Numeric | Self::Float4 | Self::Float8
                ),
                Self::Int4 => {
                    matches!(other, Self::Int8 | Self::Numeric | Self::Float4 | Self::Float8)
                }
                Self::Int8 => matches!(other, Self::Numeric | Self::Float4 | Self::Float8),
                Self::Numeric => matches!(other, Self::Float4 | Self::Float8),
                Self::Float4 => matches!(other, Self::Float8),
                Self::Varchar => matches!(other, Self::Text),
                Self::Text => matches!(other, Self::Varchar),
                Self::Date => matches!(other, Self::Timestamp | Self::TimestampTz),
                Self::Timestamp => matches!(other, Self::TimestampTz),
                Self::Time => matches!(other, Self::Interval),
                _ => false,
            }
    }
}
