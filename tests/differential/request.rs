//! A request, what it must come to, and what is wrong with what it came to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use super::schema::{Table, quoted};
use super::value::{Operator, Truth, Value, and, not, or};
use super::world::{Row, World};
use crate::support::corridor::Caller::{self, Nobody, Service};
use crate::support::corridor::{Answer, House};
use crate::support::generator::Generator;

/// What a filter asks of a row.
#[derive(Debug, Clone)]
pub enum Filter {
    Compare(usize, Operator, Value),
    In(usize, Vec<Value>),
    IsNull(usize),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Filter {
    /// None, one or several filters, all of which must hold.
    pub fn several(generator: &mut Generator, table: &Table) -> Vec<Self> {
        (0..generator.below(3)).map(|_| Self::any(generator, table, 0)).collect()
    }

    fn any(generator: &mut Generator, table: &Table, depth: usize) -> Self {
        let at = generator.below(table.columns.len());
        let kind = table.columns[at].kind;
        match generator.below(if depth < 2 { 10 } else { 6 }) {
            0..=2 => {
                Self::Compare(at, *generator.pick(&Operator::ALL), Value::any(generator, kind))
            }
            3 | 4 => {
                let count = generator.below(4);
                Self::In(at, (0..count).map(|_| Value::any(generator, kind)).collect())
            }
            5 => Self::IsNull(at),
            6 => Self::Not(Box::new(Self::any(generator, table, depth + 1))),
            logic => {
                let count = 1 + generator.below(3);
                let inner = (0..count).map(|_| Self::any(generator, table, depth + 1)).collect();
                if logic == 7 { Self::All(inner) } else { Self::Any(inner) }
            }
        }
    }

    /// The columns that it asks about.
    pub fn columns(&self) -> Vec<usize> {
        match self {
            Self::Compare(at, ..) | Self::In(at, _) | Self::IsNull(at) => vec![*at],
            Self::Not(inner) => inner.columns(),
            Self::All(inner) | Self::Any(inner) => inner.iter().flat_map(Self::columns).collect(),
        }
    }

    pub fn truth(&self, row: &Row) -> Truth {
        match self {
            Self::Compare(at, operator, value) => operator.holds(&row[*at], value),
            // A list of one empty text is an empty list.
            Self::In(_, values) if values.iter().all(Value::is_empty) && values.len() < 2 => {
                Some(false)
            }
            Self::In(at, values) => {
                or(values.iter().map(|value| Operator::Equal.holds(&row[*at], value)))
            }
            Self::IsNull(at) => Some(row[*at].is_null()),
            Self::Not(inner) => not(inner.truth(row)),
            Self::All(inner) => and(inner.iter().map(|one| one.truth(row))),
            Self::Any(inner) => or(inner.iter().map(|one| one.truth(row))),
        }
    }

    /// As a parameter of the query, for the embed that the prefix leads to.
    pub fn parameter(&self, table: &Table, prefix: &str) -> String {
        let logic = |word: &str, inner: &[Self], negation: &str| {
            let inner: Vec<String> = inner.iter().map(|one| one.member(table)).collect();
            format!("&{prefix}{negation}{word}={}", encoded(&format!("({})", inner.join(","))))
        };
        match self {
            Self::All(inner) => logic("and", inner, ""),
            Self::Any(inner) => logic("or", inner, ""),
            Self::Not(inner) => match inner.as_ref() {
                Self::All(inner) => logic("and", inner, "not."),
                Self::Any(inner) => logic("or", inner, "not."),
                Self::Not(_) => logic("and", std::slice::from_ref(self), ""),
                leaf => leaf.leaf_parameter(table, prefix, "not."),
            },
            leaf => leaf.leaf_parameter(table, prefix, ""),
        }
    }

    fn leaf_parameter(&self, table: &Table, prefix: &str, negation: &str) -> String {
        let (at, operation) = self.leaf(false);
        let column = encoded(&quoted(&table.columns[at].name));
        format!("&{prefix}{column}={negation}{}", encoded(&operation))
    }

    /// As a member of `and()` or `or()`.
    fn member(&self, table: &Table) -> String {
        let all = |word: &str, inner: &[Self]| {
            let inner: Vec<String> = inner.iter().map(|one| one.member(table)).collect();
            format!("{word}({})", inner.join(","))
        };
        match self {
            Self::All(inner) => all("and", inner),
            Self::Any(inner) => all("or", inner),
            Self::Not(inner) => match inner.as_ref() {
                Self::All(_) | Self::Any(_) => format!("not.{}", inner.member(table)),
                // A leaf is negated behind its column, and twice by a tree of one.
                Self::Not(_) => format!("not.and({})", inner.member(table)),
                leaf => {
                    let (at, operation) = leaf.leaf(true);
                    format!("{}.not.{operation}", quoted(&table.columns[at].name))
                }
            },
            leaf => {
                let (at, operation) = leaf.leaf(true);
                format!("{}.{operation}", quoted(&table.columns[at].name))
            }
        }
    }

    fn leaf(&self, within_logic: bool) -> (usize, String) {
        let item = |value: &Value| format!("\"{}\"", value.plain().replace('"', "\\\""));
        match self {
            Self::Compare(at, operator, value) => {
                let value = if within_logic { item(value) } else { value.plain() };
                (*at, format!("{}.{value}", operator.name()))
            }
            Self::In(at, values) => {
                let values: Vec<String> = values.iter().map(item).collect();
                (*at, format!("in.({})", values.join(",")))
            }
            Self::IsNull(at) => (*at, "is.null".into()),
            Self::Not(_) | Self::All(_) | Self::Any(_) => unreachable!("it is a leaf"),
        }
    }
}

/// Percent-encodes all but letters and digits.
pub fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut all, byte| {
        if byte.is_ascii_alphanumeric() {
            all.push(byte.into());
        } else {
            all.push_str(&format!("%{byte:02x}"));
        }
        all
    })
}

/// A request and what it must come to.
pub struct Expected {
    /// Method and target.
    pub line: String,
    pub prefer: &'static str,
    pub body: String,
    /// The rows, or `Err` for a refusal by privilege or policy.
    pub answer: Result<Json, ()>,
    /// Whether the rows stand in this order.
    pub ordered: bool,
    /// How many rows there are beyond the page.
    pub total: Option<usize>,
    /// What it leaves, if it changes anything.
    pub after: Option<World>,
}

/// What is wrong with an answer and with what it leaves, if anything is.
pub fn fault(house: &House, who: Caller, expected: &Expected, found: &Answer) -> Option<String> {
    match &expected.answer {
        Err(()) => {
            let status = if who == Nobody { 401 } else { 403 };
            if (found.status, found.code().as_str()) != (status, "42501") {
                return Some("must be refused".into());
            }
        }
        Ok(_) if found.status >= 300 => return Some("must not be refused".into()),
        Ok(rows) => {
            let answered: Json = serde_json::from_str(&found.body).unwrap_or_default();
            let same = if expected.ordered {
                answered == *rows
            } else {
                sorted(&answered) == sorted(rows)
            };
            if !same {
                return Some("answers other rows".into());
            }
            let range = found.header("content-range").unwrap_or_default();
            if expected.total.is_some_and(|total| !range.ends_with(&format!("/{total}"))) {
                return Some(format!("counts {range}"));
            }
        }
    }
    let after = expected.after.as_ref()?;
    let wanted: BTreeMap<&str, BTreeSet<String>> = after
        .schema
        .tables
        .iter()
        .zip(&after.rows)
        .map(|(table, rows)| {
            let texts = rows.iter().map(|row| table.json(row, &table.all()).to_string());
            (table.name, texts.collect())
        })
        .collect();
    let is = state(house, after);
    (is != wanted).then(|| format!("leaves {is:#?} instead of {wanted:#?}"))
}

/// The database as it is.
fn state<'a>(house: &House, world: &'a World) -> BTreeMap<&'a str, BTreeSet<String>> {
    let read = |table: &'a Table| {
        let line = format!("GET {}", encoded(table.name));
        let answer = house.rest(Service, &line, "", "");
        let rows: Vec<Json> = serde_json::from_str(&answer.body).expect("rows");
        (table.name, rows.iter().map(Json::to_string).collect())
    };
    world.schema.tables.iter().map(read).collect()
}

fn sorted(rows: &Json) -> Vec<String> {
    let mut rows: Vec<String> =
        rows.as_array().into_iter().flatten().map(Json::to_string).collect();
    rows.sort();
    rows
}
