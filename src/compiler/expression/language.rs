//! What the language has, as data: for documentation and for tests that try everything.

use super::casts::CASTS;
use super::functions::FUNCTIONS;
use super::operators::{MomentOperation, OPERATORS, Write};

/// An operator, a cast or a function of expressions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// `operator`, `cast` or `function`.
    pub kind: &'static str,
    /// Its name; of a cast, nothing.
    pub name: &'static str,
    /// The types of its operands, as `pg_type` names them.
    pub operands: Vec<String>,
    /// The type of its result.
    pub result: String,
    /// Of a cast, where it happens without being written: `implicit`, `assignment` or `explicit`.
    pub context: Option<&'static str>,
}

/// Everything in the tables that is supported.
#[must_use]
pub fn language() -> Vec<Entry> {
    let operators = OPERATORS
        .iter()
        .filter(|operator| !matches!(operator.write, Write::Unsupported(_)))
        // Of literals only.
        .filter(|operator| operator.write != Write::Moment(MomentOperation::Divide))
        .map(|operator| Entry {
            kind: "operator",
            name: operator.name,
            operands: operator.operands.iter().map(|kind| kind.internal_name()).collect(),
            result: operator.result.internal_name(),
            context: None,
        });
    let casts = CASTS.iter().map(|cast| Entry {
        kind: "cast",
        name: "",
        operands: vec![cast.from.internal_name()],
        result: cast.to.internal_name(),
        context: Some(cast.context.name()),
    });
    let functions = FUNCTIONS
        .iter()
        .filter(|function| !matches!(function.write, Write::Unsupported(_)))
        .map(|function| Entry {
            kind: "function",
            name: function.name,
            operands: function.operands.iter().map(|kind| kind.internal_name()).collect(),
            result: function.result.internal_name(),
            context: None,
        });
    operators.chain(casts).chain(functions).collect()
}

/// What has a syntax of its own or takes values of any type, and so is written by code and not by an entry of the
/// tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Construct {
    /// The part of the language that it belongs to.
    pub part: Part,
    /// How it is written.
    pub form: &'static str,
    /// The type of its result; nothing where that is not one type.
    pub result: &'static str,
    /// What is to be known of it; may be empty.
    pub note: &'static str,
    /// A condition on the columns of the table in `tests/language.rs`.
    pub example: &'static str,
}

/// A part of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Logic, comparisons and conditional expressions.
    Logic,
    /// The caller of the request.
    Claims,
    /// Texts and bytes.
    Text,
    /// Dates, times and intervals.
    Time,
    /// Documents.
    Json,
    /// Arrays.
    Array,
    /// Functions of many rows.
    Aggregate,
    /// Functions that yield rows.
    Rows,
}
