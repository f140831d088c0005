//! Truth, `case`, and what takes values of one common type.

use sqlparser::ast::{BinaryOperator, CaseWhen, Expr, Spanned};

use super::Context;
use super::kind::Kind;
use super::template;
use super::typed::Typed;
use crate::compiler::expand::Expander;
use crate::compiler::parse::span;
use crate::compiler::report::Span;
use crate::compiler::sql::Sql;

impl Expander<'_> {
    /// Writes what must be true or not; `place` is what asks for it, for messages.
    pub fn truth(&mut self, expression: &Expr, place: &str) -> Typed {
        let value = self.expression(expression);
        self.as_truth(value, place, span(expression.span()))
    }

    fn as_truth(&mut self, value: Typed, place: &str, at: Span) -> Typed {
        match value.kind {
            Kind::Boolean | Kind::Broken => value,
            Kind::Unknown => self.coerce(value, Kind::Boolean, Context::Implicit, at),
            kind => {
                let message =
                    format!("argument of {place} must be type boolean, not type {}", kind.name());
                let help = match kind {
                    Kind::Text | Kind::Varchar | Kind::Jsonb | Kind::Int4 => {
                        "write a comparison, or the cast: `(..)::boolean`"
                    }
                    Kind::Untyped => "write its type: `(..)::boolean`",
                    _ => "write a comparison",
                };
                self.refuse_typed(at, message, help)
            }
        }
    }

    /// Writes `and` and `or`. A chain of the same reads better without parentheses.
    pub(super) fn joined(
        &mut self,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
        decides: bool,
    ) -> Typed {
        let (word, place) = match operator {
            BinaryOperator::And => (" and ", "AND"),
            _ => (" or ", "OR"),
        };
        let mut side = |expression: &Expr, may_chain: bool| {
            self.decides = decides;
            let value = self.truth(expression, place);
            let needs_none = match expression {
                Expr::BinaryOp { op, .. } if op == operator => may_chain,
                Expr::BinaryOp { op: BinaryOperator::And | BinaryOperator::Or, .. } => false,
                _ => true,
            };
            // `case when ..`, `not` and comparisons bind tighter.
            if needs_none { value.sql } else { value.grouped().sql }
        };
        let left = side(left, true);
        let right = side(right, false);
        Typed::open(Kind::Boolean, left.then(word).and(right))
    }

    /// Reports `not exists (..)` as the operand of an operator or a test, which binds tighter than `not` does in
    /// PostgreSQL, and less tight to the parser.
    pub(super) fn is_loose_negation(&mut self, operand: &Expr) -> bool {
        let is_loose = matches!(operand, Expr::Exists { negated: true, .. });
        if is_loose {
            let help = "write parentheses: `(not exists (..))`, or `not (..)` around the whole";
            self.refuse(span(operand.span()), "`not` applies to the whole comparison here", help);
        }
        is_loose
    }

    /// Reports what stands in front of `in` and `between` without the parentheses that PostgreSQL wants.
    pub(super) fn is_loose_subject(&mut self, subject: &Expr) -> bool {
        let is_loose = matches!(
            subject,
            Expr::Between { .. }
                | Expr::InList { .. }
                | Expr::InSubquery { .. }
                | Expr::Like { .. }
                | Expr::ILike { .. }
        );
        if is_loose {
            let help = "write parentheses around what stands in front";
            self.refuse(span(subject.span()), "these tests cannot follow each other", help);
        }
        is_loose || self.is_loose_negation(subject)
    }

    /// Writes `is true` and the like.
    pub(super) fn truth_test(&mut self, expression: &Expr, test: &str) -> Typed {
        if self.is_loose_negation(expression) {
            return Typed::broken();
        }
        let place = test.trim().to_ascii_uppercase();
        let value = self.truth(expression, &place);
        if value.is_broken() {
            return value;
        }
        Typed::open(Kind::Boolean, value.operand().then(test))
    }

    /// Writes `is null` and `is not null`.
    pub(super) fn null_test(&mut self, expression: &Expr, test: &str) -> Typed {
        // A row is null where all its values are, and not null where none is.
        if let Expr::Tuple(values) = super::array::bare(expression) {
            let values: Vec<Typed> = values.iter().map(|one| self.expression(one)).collect();
            if values.iter().any(Typed::is_broken) {
                return Typed::broken();
            }
            let tests = values.iter().map(|value| value.operand().then(test));
            return Typed::closed(Kind::Boolean, Sql::join(tests, " and ").grouped());
        }
        if self.is_loose_negation(expression) {
            return Typed::broken();
        }
        let value = self.expression(expression);
        if value.is_broken() {
            return value;
        }
        Typed::open(Kind::Boolean, value.operand().then(test))
    }

    /// The type of all of them, as `case`, `coalesce`, `union` and arrays have it.
    pub(in crate::compiler) fn common_kind(
        &mut self,
        values: &[Typed],
        place: &str,
        at: Span,
    ) -> Option<Kind> {
        if values.iter().any(Typed::is_broken) {
            return None;
        }
        if values.iter().any(|value| value.kind == Kind::Untyped) {
            let message = "the type of this column is not known, since it is computed";
            self.refuse(at, message, "write its type, as in `(..)::text`");
            return None;
        }
        match common(values.iter().map(|value| value.kind)) {
            Ok(kind) => Some(kind),
            Err((one, other)) => {
                let message =
                    format!("{place} types {} and {} cannot be matched", one.name(), other.name());
                self.refuse(at, message, "cast one of them to the other's type");
                None
            }
        }
    }

    /// Writes `case`.
    pub(super) fn case(
        &mut self,
        subject: Option<&Expr>,
        conditions: &[CaseWhen],
        other: Option<&Expr>,
        at: Span,
    ) -> Typed {
        let mut subject = subject.map(|subject| self.expression(subject));
        // A string in quotes is a text here, whatever it is compared with.
        if let Some(subject) = subject.as_mut().filter(|subject| subject.kind == Kind::Unknown) {
            subject.kind = Kind::Text;
        }
        let mut tests = Vec::new();
        let mut results = Vec::new();
        for CaseWhen { condition, result } in conditions {
            let test = match &subject {
                Some(subject) => {
                    let value = self.expression(condition);
                    self.compare("=", subject.clone(), value, span(condition.span()))
                }
                None => self.truth(condition, "CASE/WHEN"),
            };
            tests.push(test);
            results.push(self.expression(result));
        }
        results.push(other.map_or_else(Typed::null, |other| self.expression(other)));
        if tests.iter().any(Typed::is_broken) {
            return Typed::broken();
        }
        let Some(kind) = self.common_kind(&results, "CASE", at) else { return Typed::broken() };
        let scale = common_scale(&results);
        let is_ranked = results.iter().any(|one| one.is_ranked);
        let mut sql = Sql::text("case");
        let mut results = results.into_iter();
        for test in tests {
            let result = results.next().unwrap_or_else(Typed::null);
            let result = self.coerce(result, kind, Context::Implicit, at);
            sql = sql.then(" when ").and(test.sql).then(" then ").and(result.sql);
        }
        if let Some(last) = results.next().filter(|_| other.is_some()) {
            let last = self.coerce(last, kind, Context::Implicit, at);
            sql = sql.then(" else ").and(last.sql);
        }
        Typed { scale, is_ranked, ..Typed::closed(kind, sql.then(" end")) }
    }

    /// Writes `coalesce`, `greatest` and `least`.
    pub(super) fn of_common_type(&mut self, name: &str, values: Vec<Typed>, at: Span) -> Typed {
        let Some(kind) = self.common_kind(&values, &name.to_ascii_uppercase(), at) else {
            return Typed::broken();
        };
        let is_sorted = name != "coalesce";
        if is_sorted && matches!(kind, Kind::Json | Kind::Jsonb | Kind::Array(_)) {
            let message = format!("{name}() of {} is not supported", kind.name());
            return self.refuse_typed(at, message, "compare members: `.. ->> 'key'`");
        }
        let is_ranked = values.iter().any(|one| one.is_ranked);
        if is_sorted && values.iter().any(|one| self.refuse_rank(one, at)) {
            return Typed::broken();
        }
        let scale = common_scale(&values);
        let values: Vec<Typed> = values
            .into_iter()
            .map(|value| self.coerce(value, kind, Context::Implicit, at))
            .collect();
        if values.iter().any(Typed::is_broken) {
            return Typed::broken();
        }
        let is_infinite = values.iter().any(|value| value.is_infinite);
        let written = if is_sorted {
            // Nulls do not count, other than in SQLite's own functions.
            let function = if name == "greatest" { "max" } else { "min" };
            let template = format!("coalesce({function}(@0, @1), @0, @1)");
            values
                .into_iter()
                .reduce(|one, other| Typed::closed(kind, template::write(&template, &[one, other])))
        } else {
            match <[Typed; 1]>::try_from(values) {
                Ok([only]) => Some(only),
                Err(values) => {
                    let list = Sql::join(values.into_iter().map(|value| value.sql), ", ");
                    Some(Typed::closed(kind, Sql::text("coalesce").and(list.grouped())))
                }
            }
        };
        match written {
            Some(written) => Typed { scale, literal: None, is_infinite, is_ranked, ..written },
            None => self.refuse_typed(at, format!("{name}() needs a value"), "write a value"),
        }
    }

    /// Writes `nullif(value, other)`.
    pub(super) fn null_if(&mut self, value: Typed, other: Typed, at: Span) -> Typed {
        let value = if value.kind == Kind::Unknown {
            let kind = if other.kind == Kind::Unknown { Kind::Text } else { other.kind };
            self.coerce(value, kind, Context::Implicit, at)
        } else {
            value
        };
        // The value has the type by which it is compared.
        let value = match (value.kind, other.kind) {
            (Kind::Time, Kind::Interval) => {
                self.coerce(value, Kind::Interval, Context::Implicit, at)
            }
            _ => value,
        };
        let equal = self.compare("=", value.clone(), other, at);
        if equal.is_broken() || value.is_broken() {
            return Typed::broken();
        }
        let (kind, scale) = (value.kind, value.scale);
        let sql = template::write("case when @0 then null else @1 end", &[equal, value]);
        Typed { scale, ..Typed::closed(kind, sql) }
    }
}

fn common_scale(values: &[Typed]) -> Option<u32> {
    let mut scales = values.iter().filter(|value| !value.is_null()).map(|value| value.scale);
    let first = scales.next()??;
    scales.all(|scale| scale == Some(first)).then_some(first)
}

/// The type that values of all these types become; two that do not meet otherwise (its documentation, "Type
/// Conversion", 10.5).
pub(in crate::compiler) fn common(kinds: impl Iterator<Item = Kind>) -> Result<Kind, (Kind, Kind)> {
    let mut chosen = Kind::Unknown;
    for kind in kinds.filter(|kind| *kind != Kind::Unknown) {
        if chosen == Kind::Unknown {
            chosen = kind;
        } else if kind != chosen {
            if kind.category() != chosen.category()
                || (!kind.becomes(chosen) && !chosen.becomes(kind))
            {
                return Err((chosen, kind));
            }
            let is_wider = chosen.becomes(kind) && !kind.becomes(chosen);
            if is_wider && !chosen.is_preferred() {
                chosen = kind;
            }
        }
    }
    Ok(if chosen == Kind::Unknown { Kind::Text } else { chosen })
}
