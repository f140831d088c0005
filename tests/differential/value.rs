//! Values, and SQL's truth of them.

use std::cmp::Ordering;

use serde_json::json;

use super::schema::{Column, Kind};
use crate::support::corridor::{ADA, ALAN, GRACE, Person};
use crate::support::generator::Generator;

pub const PEOPLE: [Person; 3] = [ADA, GRACE, ALAN];

/// Texts that a careless quotation would stumble over, and whose order is not that of people.
const TEXTS: [&str; 8] = ["", "a", "B", "b,c", "d)", "e\"f", "g'h", "ö*%"];

/// Truth in SQL: `None` is null.
pub type Truth = Option<bool>;

/// A value of a column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    Null,
    Boolean(bool),
    Integer(i64),
    Text(String),
}

impl Value {
    /// A value of that kind which is not null.
    pub fn any(generator: &mut Generator, kind: Kind) -> Self {
        match kind {
            Kind::Integer => Self::Integer(generator.small(6)),
            Kind::Boolean => Self::Boolean(generator.once_in(2)),
            Kind::Text => Self::Text((*generator.pick(&TEXTS)).into()),
            Kind::Uuid => Self::Text(generator.pick(&PEOPLE).0.into()),
        }
    }

    /// A value that the column may hold.
    pub fn of(generator: &mut Generator, column: &Column) -> Self {
        if column.nullable && generator.once_in(5) {
            return Self::Null;
        }
        Self::any(generator, column.kind)
    }

    /// As JSON shows it.
    pub fn json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Boolean(truth) => json!(truth),
            Self::Integer(number) => json!(number),
            Self::Text(text) => json!(text),
        }
    }

    /// As SQL writes it.
    pub fn sql(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Boolean(truth) => truth.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Text(text) => format!("'{}'", text.replace('\'', "''")),
        }
    }

    /// As a filter writes it.
    pub fn plain(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Boolean(truth) => truth.to_string(),
            Self::Integer(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }

    /// How it compares; `None` where one is null.
    pub fn compared(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Null, _) | (_, Self::Null) => None,
            (one, other) => Some(one.cmp(other)),
        }
    }

    /// Whether it is true, as a condition.
    pub fn truth(&self) -> Truth {
        match self {
            Self::Boolean(truth) => Some(*truth),
            _ => None,
        }
    }

    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty())
    }

    pub fn is_null(&self) -> bool {
        *self == Self::Null
    }
}

/// A comparison that policies and filters have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    Greater,
    AtMost,
}

impl Operator {
    pub const ALL: [Self; 4] = [Self::Equal, Self::NotEqual, Self::Greater, Self::AtMost];

    pub fn sql(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Greater => ">",
            Self::AtMost => "<=",
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "neq",
            Self::Greater => "gt",
            Self::AtMost => "lte",
        }
    }

    pub fn holds(self, left: &Value, right: &Value) -> Truth {
        let ordering = left.compared(right)?;
        Some(match self {
            Self::Equal => ordering.is_eq(),
            Self::NotEqual => ordering.is_ne(),
            Self::Greater => ordering.is_gt(),
            Self::AtMost => ordering.is_le(),
        })
    }
}

pub fn and(truths: impl IntoIterator<Item = Truth>) -> Truth {
    let mut all = Some(true);
    for truth in truths {
        match truth {
            Some(false) => return Some(false),
            Some(true) => {}
            None => all = None,
        }
    }
    all
}

pub fn or(truths: impl IntoIterator<Item = Truth>) -> Truth {
    and(truths.into_iter().map(not)).map(|all| !all)
}

pub fn not(truth: Truth) -> Truth {
    truth.map(|truth| !truth)
}
