//! Rows of values: `(a, b) = (c, d)`, `row(a, b) < row(c, d)`, `(a, b) in ((1, 2), ..)`.

use sqlparser::ast::{BinaryOperator, Expr};

use super::comparison::{negatable, operator_name};
use super::kind::Kind;
use super::operators::COMPARISONS;
use super::rows::plain_arguments_of;
use super::typed::Typed;
use crate::compiler::expand::Expander;
use crate::compiler::report::Span;
use crate::compiler::sql::Sql;

impl Expander<'_> {
    /// Writes `(a, b) in ((1, 2), ..)`.
    pub(super) fn listed_rows(
        &mut self,
        parts: &[Expr],
        list: &[Expr],
        negated: bool,
        at: Span,
    ) -> Typed {
        let mut tests = Vec::new();
        for item in list {
            let Expr::Tuple(values) = item else {
                let help = "write a row of as many values: `(a, b) in ((1, 2), (3, 4))`";
                return self.refuse_typed(at, "a row is compared with rows", help);
            };
            tests.push(self.compare_rows("=", parts, values, at).grouped().sql);
        }
        negatable(Sql::join(tests, " or "), negated)
    }

    /// Writes `(a, b) = (c, d)` or `(a, b) <> (c, d)`.
    pub(super) fn compare_rows(
        &mut self,
        name: &str,
        left: &[Expr],
        right: &[Expr],
        at: Span,
    ) -> Typed {
        if left.len() != right.len() || !COMPARISONS.contains(&name) {
            let help = "write as many values on both sides, and `=`, `<>`, `<` or `>`";
            return self.refuse_typed(at, "unequal number of entries in row expressions", help);
        }
        if !matches!(name, "=" | "<>") {
            return self.order_rows(name, left, right, at);
        }
        let mut tests = Vec::new();
        for (one, other) in left.iter().zip(right) {
            let (one, other) = (self.expression(one), self.expression(other));
            tests.push(self.compare(name, one, other, at).grouped().sql);
        }
        let word = if name == "=" { " and " } else { " or " };
        Typed::closed(Kind::Boolean, Sql::join(tests, word).grouped())
    }

    /// Writes `(a, b) < (c, d)`: the first values that are not equal decide.
    fn order_rows(&mut self, name: &str, left: &[Expr], right: &[Expr], at: Span) -> Typed {
        let (mut ones, mut others) = (Vec::new(), Vec::new());
        for (one, other) in left.iter().zip(right) {
            let (one, other) = (self.expression(one), self.expression(other));
            let Some((one, other)) = self.comparable(name, one, other, at) else {
                return Typed::broken();
            };
            ones.push(one.sql);
            others.push(other.sql);
        }
        let (left, right) = (Sql::join(ones, ", ").grouped(), Sql::join(others, ", ").grouped());
        Typed::open(Kind::Boolean, left.then(" ").then(name).then(" ").and(right))
    }

    /// Writes `(a, b) is [not] distinct from (c, d)`.
    pub(super) fn distinct_rows(
        &mut self,
        (left, right): (Vec<Expr>, Vec<Expr>),
        is_same: bool,
        at: Span,
    ) -> Typed {
        if left.len() != right.len() {
            let help = "write as many values on both sides";
            return self.refuse_typed(at, "unequal number of entries in row expressions", help);
        }
        let mut tests = Vec::new();
        for (one, other) in left.iter().zip(&right) {
            let (one, other) = (self.expression(one), self.expression(other));
            tests.push(self.distinct(one, other, is_same, at).grouped().sql);
        }
        let word = if is_same { " and " } else { " or " };
        Typed::closed(Kind::Boolean, Sql::join(tests, word).grouped())
    }
}

/// Whether it is a comparison, beside which another one needs parentheses.
pub(super) fn is_compared(expression: &Expr) -> bool {
    match expression {
        Expr::BinaryOp { op, .. } => is_comparison(op),
        Expr::AnyOp { .. } | Expr::AllOp { .. } => true,
        _ => false,
    }
}

pub(super) fn is_comparison(operator: &BinaryOperator) -> bool {
    operator_name(operator).is_some_and(|name| COMPARISONS.contains(&name))
}

/// The values of `(a, b)` or `row(a, b)`.
pub(super) fn row_of(expression: &Expr) -> Option<Vec<Expr>> {
    match expression {
        Expr::Tuple(values) => Some(values.clone()),
        Expr::Function(function) if function.name.to_string().eq_ignore_ascii_case("row") => {
            plain_arguments_of(function).map(|values| values.into_iter().cloned().collect())
        }
        _ => None,
    }
}
