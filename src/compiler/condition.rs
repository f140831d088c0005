//! Conditions, joined and simplified.

use sqlparser::ast::{Expr, Value};

use super::sql::Sql;
use crate::catalog::Predicate;

/// A condition, simplified as far as one can see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    Always,
    Never,
    When(Sql),
}

impl Condition {
    pub fn into_predicate(self) -> Predicate {
        match self {
            Self::Always => Predicate::always(),
            Self::Never => Predicate::never(),
            Self::When(sql) => sql.into_predicate(),
        }
    }
}

/// At least one of them; without any, never.
pub(super) fn any(conditions: Vec<Condition>) -> Condition {
    let mut terms = Vec::new();
    for condition in conditions {
        match condition {
            Condition::Always => return Condition::Always,
            Condition::Never => {}
            Condition::When(sql) => terms.push(sql),
        }
    }
    if terms.is_empty() { Condition::Never } else { Condition::When(terms_joined(terms, " or ")) }
}

/// All of them; without any, always.
pub(super) fn all(conditions: impl Iterator<Item = Condition>) -> Condition {
    let mut terms = Vec::new();
    for condition in conditions {
        match condition {
            Condition::Always => {}
            Condition::Never => return Condition::Never,
            Condition::When(sql) => terms.push(sql),
        }
    }
    if terms.is_empty() { Condition::Always } else { Condition::When(terms_joined(terms, " and ")) }
}

fn terms_joined(terms: Vec<Sql>, operator: &str) -> Sql {
    match <[Sql; 1]>::try_from(terms) {
        Ok([only]) => only,
        Err(terms) => Sql::join(terms.into_iter().map(Sql::grouped), operator),
    }
}

/// What an expression says that is `true` or `false` and nothing else.
pub(super) fn constant(expression: &Expr) -> Option<bool> {
    match expression {
        Expr::Nested(inner) => constant(inner),
        Expr::Value(value) => match value.value {
            Value::Boolean(truth) => Some(truth),
            _ => None,
        },
        _ => None,
    }
}
