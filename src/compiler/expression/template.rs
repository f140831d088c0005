//! SQL with places for operands: how the tables of operators, casts and functions say what an entry is for
//! SQLite.
//!
//! ```text
//! @0 @1 @2     an operand
//! @!marker@    an expression that fails when it is evaluated, and what the failure is told by
//! @@           the character itself
//! @blank@      the characters that PostgreSQL takes for white space around a value
//! ```

use super::typed::{Form, Typed};
use crate::compiler::sql::Sql;

/// What makes a statement fail, as `rest::statement` does it; the marker says why.
pub(in crate::compiler) fn raise(marker: &str) -> String {
    format!("json_extract('{{}}', 'selvedge:{marker}')")
}

/// White space as PostgreSQL's input functions skip it.
const BLANK: &str = "char(32, 9, 10, 11, 12, 13)";

/// Writes a template with its operands. One that stands in it more than once is computed once.
pub(super) fn write(template: &str, operands: &[Typed]) -> Sql {
    let count = |index: usize| template.matches(&format!("@{index}")).count();
    let is_bound = operands
        .iter()
        .enumerate()
        .any(|(index, operand)| count(index) > 1 && !operand.is_simple());
    // Within another query an aggregate would sum up that query's rows.
    let is_aggregated = operands.iter().any(|operand| operand.sql.has_aggregate());
    if is_aggregated && template.contains("(select ") {
        return Sql::text("aggregate_within_such_an_expression()");
    }
    if !is_bound || is_aggregated {
        return fill(template, &operands.iter().map(Typed::operand).collect::<Vec<_>>());
    }
    let names: Vec<Sql> = (0..operands.len()).map(|index| Sql::text(format!("v{index}"))).collect();
    let values = operands
        .iter()
        .zip(&names)
        .map(|(operand, name)| operand.sql.clone().grouped().then(" as ").and(name.clone()));
    let filled = fill(template, &names);
    Sql::text("(select ").and(filled).then(" from (select ").and(Sql::join(values, ", ")).then("))")
}

/// A string in quotes, as a template has it.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''").replace('@', "@@"))
}

fn fill(template: &str, operands: &[Sql]) -> Sql {
    let mut sql = Sql::default();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('@') {
        sql = sql.then(before);
        if let Some(after) = behind.strip_prefix('@') {
            sql = sql.then("@");
            rest = after;
        } else if let Some(marked) = behind.strip_prefix('!') {
            let (marker, after) = marked.split_once('@').unwrap_or((marked, ""));
            sql = sql.then(&raise(marker));
            rest = after;
        } else if let Some(after) = behind.strip_prefix("blank@") {
            sql = sql.then(BLANK);
            rest = after;
        } else {
            let index = behind.chars().next().and_then(|digit| digit.to_digit(10)).unwrap_or(0);
            let operand = usize::try_from(index).ok().and_then(|index| operands.get(index));
            sql = sql.and(operand.cloned().unwrap_or_default());
            rest = behind.get(1..).unwrap_or_default();
        }
    }
    sql.then(rest)
}

/// What is made certain of a computed value, which PostgreSQL raises an error for and SQLite does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Check {
    /// Within 16, 32 or 64 bits.
    Int2,
    Int4,
    Int8,
    /// A decimal number, of which the 15 digits are kept that are exact.
    Decimal,
    /// Finite.
    Float,
    /// A day or a time that is not in the years 1 to 9999: PostgreSQL has more of them than can be kept here.
    Moment,
}

impl Check {
    /// Writes the check around a value. A value that no operand can make null is null with an operand.
    pub fn write(self, sql: Sql) -> Sql {
        let template = match self {
            Self::Int2 => {
                "case when @0 between -32768 and 32767 then @0 when @0 is not null then @!range:smallint@ end"
            }
            Self::Int4 => {
                "case when @0 between -2147483648 and 2147483647 then @0 when @0 is not null then @!range:integer@ end"
            }
            Self::Int8 => "case typeof(@0) when 'real' then @!range:bigint@ else @0 end",
            Self::Decimal => {
                "case typeof(@0) when 'real' then cast(format('%.15g', @0) as numeric) else @0 end"
            }
            Self::Float => {
                "case when abs(@0) <= 1.7976931348623157e308 then @0 when @0 is not null then @!range:double precision@ end"
            }
            Self::Moment => {
                "case when @0 >= '0001' then @0 when @0 is not null then @!range:timestamp@ end"
            }
        };
        write(template, &[Typed::new(super::kind::Kind::Unknown, Form::Closed, sql)])
    }
}
