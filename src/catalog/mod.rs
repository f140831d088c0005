//! What exists and who may see it: the compiled form of `schema.sql`, `policies.sql` and
//! `functions.sql`.
//!
//! The compiler writes it as bytes when the crate is built; the Worker embeds that file and decodes
//! it once per isolate. (`serde` would be most of a fifth of the Worker; it serves the readable
//! form, in tests.) Types only, and look-up by name: no parsing, no SQL execution. The build script
//! compiles this module too, so it imports nothing of the crate.

mod caller_default;
mod function;
mod predicate;
mod relationship;

pub use caller_default::{CALLER_ID, caller_claim, caller_claim_default};
pub use function::{Action, Change, Execution, Function, Returning, Returns, Row, Step};
pub use predicate::{Claim, Piece, Predicate, Template};
pub use relationship::{Cardinality, Junction, Relationship};

use nanoserde::{DeBin, DeBinErr, SerBin};
#[cfg(not(target_arch = "wasm32"))]
use serde::Serialize;

/// All tables, views and functions that the REST API may serve.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
pub struct Catalog {
    /// Sorted by name. Selvedge's own tables (`auth_*`) are never among them.
    pub tables: Vec<Table>,
    /// Sorted by name.
    pub functions: Vec<Function>,
}

impl Catalog {
    /// Decodes what the compiler wrote.
    ///
    /// # Errors
    /// When the bytes are not such a file.
    pub fn decode(bytes: &[u8]) -> Result<Self, DeBinErr> {
        Self::deserialize_bin(bytes)
    }

    /// What [`Self::decode`] reads.
    #[cfg(not(target_arch = "wasm32"))]
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.serialize_bin()
    }

    /// The table or view of that exact name.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&Table> {
        let index = self.tables.binary_search_by(|table| table.name.as_str().cmp(name)).ok()?;
        self.tables.get(index)
    }

    /// The function of that exact name.
    #[must_use]
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.name == name)
    }
}

/// A table or view.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
pub struct Table {
    /// The name, as declared.
    pub name: String,
    /// Whether it is a table or a view.
    pub kind: TableKind,
    /// In declaration order.
    pub columns: Vec<Column>,
    /// The names of the key's columns in key order; empty without a primary key.
    pub primary_key: Vec<String>,
    /// Unique constraints and unique indexes, the primary key first.
    pub uniques: Vec<Unique>,
    /// Checks, in declaration order.
    pub checks: Vec<Check>,
    /// Foreign keys of this table.
    pub foreign_keys: Vec<ForeignKey>,
    /// Indexes that are not unique.
    pub indexes: Vec<Index>,
    /// Indexes of full text over its columns, in declaration order.
    #[cfg_attr(not(target_arch = "wasm32"), serde(skip_serializing_if = "Vec::is_empty"))]
    pub full_texts: Vec<FullText>,
    /// What may be embedded in this table's rows.
    pub relationships: Vec<Relationship>,
    /// What `anon` may do.
    pub anon: Access,
    /// What `authenticated` may do.
    pub authenticated: Access,
}

impl Table {
    /// The column of that exact name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The unique constraint over exactly those columns, in any order.
    #[must_use]
    pub fn unique(&self, columns: &[String]) -> Option<&Unique> {
        self.uniques.iter().find(|unique| {
            unique.columns.len() == columns.len()
                && unique.columns.iter().all(|column| columns.contains(column))
        })
    }
}

/// Tables are written, views only read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
#[cfg_attr(not(target_arch = "wasm32"), serde(rename_all = "snake_case"))]
pub enum TableKind {
    Table,
    View,
}

/// A column.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
pub struct Column {
    /// The name, as declared.
    pub name: String,
    /// The type as declared, for messages.
    pub declared: String,
    /// How values are checked and shown.
    #[cfg_attr(not(target_arch = "wasm32"), serde(rename = "type"))]
    pub kind: Type,
    /// Whether it holds null. An `integer primary key` does not, but may be left out.
    pub nullable: bool,
    /// The default's SQL, if there is one, or [`CALLER_ID`], or a [`caller_claim`].
    #[cfg_attr(not(target_arch = "wasm32"), serde(skip_serializing_if = "Option::is_none"))]
    pub default: Option<String>,
    /// Whether no caller can write it: SQLite computes it, or it is `generated always as identity`.
    #[cfg_attr(not(target_arch = "wasm32"), serde(skip_serializing_if = "is_false"))]
    pub generated: bool,
    /// The only texts that a check of the column allows, where it lists them.
    #[cfg_attr(not(target_arch = "wasm32"), serde(skip_serializing_if = "Vec::is_empty"))]
    pub options: Vec<String>,
}

#[cfg(not(target_arch = "wasm32"))]
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// How a column's values are checked on the way in and shown on the way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
#[cfg_attr(not(target_arch = "wasm32"), serde(rename_all = "snake_case"))]
pub enum Type {
    /// 0 or 1, shown as `false` and `true`.
    Boolean,
    /// 16 bits.
    SmallInt,
    /// 32 bits.
    Integer,
    /// 64 bits.
    BigInt,
    /// IEEE 754, 64 bits.
    Double,
    /// A decimal number, held exactly up to 15 digits; rounded and limited where it is declared so.
    Numeric { digits: Option<Digits> },
    /// Text, of at most so many characters if that is declared.
    Text { characters_max: Option<u32> },
    /// Lower-case, with hyphens.
    Uuid,
    /// `YYYY-MM-DDTHH:MM:SS.ffffff+00:00`.
    TimestampTz,
    /// `YYYY-MM-DDTHH:MM:SS.ffffff`.
    Timestamp,
    /// `YYYY-MM-DD`.
    Date,
    /// `HH:MM:SS.ffffff`.
    Time,
    /// JSON text.
    Json,
    /// Bytes, shown as `\x` and hexadecimal digits.
    Bytes,
    /// A list, kept and shown as a JSON array.
    Array(Item),
    /// The unknown type of a view's computed column.
    Any,
}

/// The precision and scale of `numeric(precision, scale)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
pub struct Digits {
    /// How many digits a value has at most.
    pub precision: u16,
    /// How many of them are behind the point; before it, as zeros, where it is negative.
    pub scale: i16,
}

impl Type {
    /// `numeric` without precision and scale.
    pub const NUMERIC: Self = Self::Numeric { digits: None };
}

/// What an array holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
#[cfg_attr(not(target_arch = "wasm32"), serde(rename_all = "snake_case"))]
pub enum Item {
    Boolean,
    SmallInt,
    Integer,
    BigInt,
    Double,
    Numeric,
    Text,
    Uuid,
    TimestampTz,
    Timestamp,
    Date,
    Time,
    Bytes,
}

impl Item {
    /// The type of one.
    #[must_use]
    pub const fn kind(self) -> Type {
        match self {
            Self::Boolean => Type::Boolean,
            Self::SmallInt => Type::SmallInt,
            Self::Integer => Type::Integer,
            Self::BigInt => Type::BigInt,
            Self::Double => Type::Double,
            Self::Numeric => Type::NUMERIC,
            Self::Text => Type::Text { characters_max: None },
            Self::Uuid => Type::Uuid,
            Self::TimestampTz => Type::TimestampTz,
            Self::Timestamp => Type::Timestamp,
            Self::Date => Type::Date,
            Self::Time => Type::Time,
            Self::Bytes => Type::Bytes,
        }
    }

    /// The item of that type; none for what arrays do not hold: JSON, other arrays, texts of a
    /// limited length, numbers of a limited precision.
    #[must_use]
    pub const fn of(kind: Type) -> Option<Self> {
        Some(match kind {
            Type::Boolean => Self::Boolean,
            Type::SmallInt => Self::SmallInt,
            Type::Integer => Self::Integer,
            Type::BigInt => Self::BigInt,
            Type::Double => Self::Double,
            Type::Numeric { digits: None } => Self::Numeric,
            Type::Text { characters_max: None } => Self::Text,
            Type::Uuid => Self::Uuid,
            Type::TimestampTz => Self::TimestampTz,
            Type::Timestamp => Self::Timestamp,
            Type::Date => Self::Date,
            Type::Time => Self::Time,
            Type::Bytes => Self::Bytes,
            Type::Text { .. } | Type::Numeric { .. } | Type::Json | Type::Array(_) | Type::Any => {
                return None;
            }
        })
    }
}

/// A unique constraint or index that covers every row.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
pub struct Unique {
    /// Declared, or as Postgres would name it: `<table>_pkey`, `<table>_<columns>_key`.
    pub name: String,
    /// In index order.
    pub columns: Vec<String>,
    /// Whether a collation takes texts for equal that are not the same.
    #[cfg_attr(not(target_arch = "wasm32"), serde(skip_serializing_if = "is_false"))]
    pub folds: bool,
}

/// A check.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
pub struct Check {
    /// Declared, or as Postgres would name it: `<table>_<column>_check`, `<table>_check`.
    pub name: String,
    /// Its SQL, exactly as SQLite quotes it when it fails without a declared name.
    pub expression: String,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
pub struct ForeignKey {
    /// Declared, or as Postgres would name it: `<table>_<columns>_fkey`.
    pub name: String,
    /// The referring columns.
    pub columns: Vec<String>,
    /// The table referred to, which may be one of Selvedge's own.
    pub references: String,
    /// The columns referred to, in the same order.
    pub referenced_columns: Vec<String>,
    /// Whether rows are changed or deleted with the row that they refer to, rather than in its way.
    #[cfg_attr(not(target_arch = "wasm32"), serde(skip_serializing_if = "is_false"))]
    pub follows_delete: bool,
    /// The same when its key changes.
    #[cfg_attr(not(target_arch = "wasm32"), serde(skip_serializing_if = "is_false"))]
    pub follows_update: bool,
}

/// An index that is not unique, or is partial.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
pub struct Index {
    /// Its name.
    pub name: String,
    /// In index order; an expression is an empty text.
    pub columns: Vec<String>,
}

/// An index of full text: an FTS5 table that holds no texts of its own, and whose row numbers are
/// the table's.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
pub struct FullText {
    /// The name of the FTS5 table, which is never served itself.
    pub name: String,
    /// The column of the table that its row numbers are; always an `integer primary key`.
    pub key: String,
    /// In the order of the FTS5 table; an unindexed column is an empty text.
    pub columns: Vec<String>,
    /// What makes words of a text.
    pub tokenizer: Tokenizer,
}

/// FTS5's tokenizers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
#[cfg_attr(not(target_arch = "wasm32"), serde(rename_all = "snake_case"))]
pub enum Tokenizer {
    /// `unicode61` and `ascii`: words as they are.
    Words,
    /// `porter`: the stems of English words.
    Porter,
    /// `trigram`: any three characters.
    Trigram,
}

/// What one role may do with one table: `None` without the privilege.
#[derive(Debug, Clone, PartialEq, Eq, Default, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
pub struct Access {
    #[cfg_attr(not(target_arch = "wasm32"), serde(skip_serializing_if = "Option::is_none"))]
    pub select: Option<Grant>,
    #[cfg_attr(not(target_arch = "wasm32"), serde(skip_serializing_if = "Option::is_none"))]
    pub insert: Option<Grant>,
    #[cfg_attr(not(target_arch = "wasm32"), serde(skip_serializing_if = "Option::is_none"))]
    pub update: Option<Grant>,
    #[cfg_attr(not(target_arch = "wasm32"), serde(skip_serializing_if = "Option::is_none"))]
    pub delete: Option<Grant>,
}

/// A privilege, and the rows it extends to.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
pub struct Grant {
    /// The columns it is limited to; `None` for all.
    #[cfg_attr(not(target_arch = "wasm32"), serde(skip_serializing_if = "Option::is_none"))]
    pub columns: Option<Vec<String>>,
    /// Which existing rows; for insert, always true.
    pub using: Predicate,
    /// Which new rows; for select and delete, always true.
    pub check: Predicate,
}

impl Grant {
    /// Whether the privilege covers that column.
    #[must_use]
    pub fn covers(&self, column: &str) -> bool {
        self.columns.as_ref().is_none_or(|columns| columns.iter().any(|name| name == column))
    }
}
