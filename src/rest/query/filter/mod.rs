//! Conditions on rows, as wished.
//!
//! [`read`] makes them of texts; what they mean for a column is the planner's business.

mod read;

pub use read::{logic, top_level};

use super::field::Field;
use super::text_search::TextSearch;

/// A condition, as a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// One test of one field.
    Filter(Filter),
    /// A search in the text of one field.
    Search(Field, TextSearch),
    /// All of them.
    All(Vec<Self>),
    /// Any of them.
    Any(Vec<Self>),
    /// Not that.
    Not(Box<Self>),
}

impl Condition {
    /// How many fields it tests.
    pub fn tests(&self) -> usize {
        match self {
            Self::Filter(_) | Self::Search(..) => 1,
            Self::All(members) | Self::Any(members) => {
                members.iter().map(Self::tests).fold(0, usize::saturating_add)
            }
            Self::Not(inner) => inner.tests(),
        }
    }
}

/// One test of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// What is tested.
    pub field: Field,
    /// How.
    pub test: Test,
}

/// How a field is tested, and against what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// Against one value.
    Value(Operator, String),
    /// `eq(any)`, `like(all)` and so on: against each item of an array in Postgres' form.
    Each { operator: Operator, all: bool, items: String },
    /// `in`
    In(Vec<String>),
    /// `is`
    Is(Is),
    /// `cs cd ov`: against an array or, within JSON, against JSON.
    Set(Set, String),
    /// `sl sr nxr nxl adj`: against a range.
    Range,
}

/// How a field is tested against one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `eq neq gt gte lt lte isdistinct`
    Compare(Comparison),
    /// `like` and, ignoring case, `ilike`; `*` stands for `%`.
    Like { ignore_case: bool },
    /// `match` and, ignoring case, `imatch`.
    Match { ignore_case: bool },
}

/// The comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
    /// Different, where null is a value like others.
    Distinct,
}

/// The comparisons of collections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Set {
    /// `cs`: has all of these.
    Contains,
    /// `cd`: has nothing but these.
    Contained,
    /// `ov`: has one of these.
    Overlaps,
}

/// What `is` compares with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Is {
    Null,
    NotNull,
    True,
    False,
    Unknown,
}
