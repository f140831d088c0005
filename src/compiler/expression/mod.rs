//! Expressions of policies and functions, typed as PostgreSQL types them and written for SQLite so that
//! they mean the same there.
//!
//! ```text
//! kind        the types                          resolve     which overload is meant
//! typed       an expression and its type         operators, casts, functions
//! coerce      one type made another                          the tables: what there is, and its SQL
//! comparison, logic, pattern, time, json, array, call         what takes more than a template
//! ```
//!
//! What has no entry is an error that says what to write. Where PostgreSQL would raise an error for a value,
//! the SQL raises one, too.

mod array;
mod array_function;
mod aggregate;
mod call;
mod cast_to;
mod casts;
mod characters;
mod coerce;
mod defect;
mod comparison;
mod constructs;
mod document;
mod functions;
mod interval;
mod json;
mod kind;
mod language;
mod logic;
mod membership;
mod operation;
mod operators;
mod pattern;
mod regex;
mod resolve;
mod row;
mod rows;
mod special;
mod template;
mod time;
mod typed;
mod variadic;

pub(super) use aggregate::AGGREGATES;
pub(super) use casts::Context;
pub use constructs::CONSTRUCTS;
pub(super) use defect::Defect;
pub use defect::defects;
pub(super) use kind::Kind;
pub(super) use language::is_built_in;
pub use language::{Construct, Entry, Part, language};
pub(super) use logic::common;
pub(super) use rows::has_rows;
pub(super) use template::raise;
pub(super) use typed::{Form, Literal, Typed};

use sqlparser::ast::{
    BinaryOperator, CastKind, Expr, Ident, Spanned, UnaryOperator, Value, ValueWithSpan,
};

use super::expand::Expander;
use super::parse::span;
use super::query::Purpose;
use super::report::Span;
use super::sql::Sql;
use pattern::Matching;
use row::{is_compared, is_comparison, row_of};

impl Expander<'_> {
    /// Writes an expression.
    pub fn expression(&mut self, expression: &Expr) -> Typed {
        let decides = std::mem::take(&mut self.decides);
        let may_yield = std::mem::take(&mut self.may_yield);
        let is_compared = std::mem::take(&mut self.is_compared);
        let at = span(expression.span());
        match expression {
            Expr::Identifier(ident) => self.column(ident),
            Expr::CompoundIdentifier(parts) => self.compound(parts, at),
            Expr::Nested(inner) => {
                self.decides = decides;
                self.may_yield = may_yield;
                self.is_compared = is_compared;
                self.expression(inner).grouped()
            }
            Expr::Value(value) => Typed { is_compared, ..self.value(value) },
            Expr::BinaryOp { left, op, right } => {
                self.may_yield =
                    may_yield && !matches!(op, BinaryOperator::And | BinaryOperator::Or);
                self.binary(left, op, right, decides)
            }
            Expr::UnaryOp { op, expr } => self.unary(*op, expr, at),
            Expr::InList { expr, list, negated } => self.listed(expr, list, *negated, at),
            Expr::InSubquery { expr, subquery, negated } => {
                self.member(expr, subquery, (*negated, decides), at)
            }
            Expr::Exists { subquery, negated } => {
                let subquery = self.query(subquery, Purpose::Exists).grouped();
                let word = if *negated { "not exists " } else { "exists " };
                Typed::new(Kind::Boolean, Form::Open, Sql::text(word).and(subquery))
            }
            Expr::Subquery(subquery) => self.subquery(subquery, at),
            Expr::Between { expr, negated, low, high } => {
                self.between(expr, (low, high), *negated, at)
            }
            Expr::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref(), at)
            }
            Expr::Cast { kind: CastKind::TryCast | CastKind::SafeCast, .. } => {
                let help = "write `cast(.. as ..)`";
                self.refuse_typed(at, "such a cast does not exist", help)
            }
            Expr::Cast { expr, data_type, .. } => {
                self.may_yield = may_yield;
                self.is_compared = is_compared && matches!(expr.as_ref(), Expr::Value(_));
                self.cast(expr, data_type, at)
            }
            Expr::Function(function) => {
                let rows = self.rows_in_select(function, may_yield, at);
                rows.or_else(|| self.worded(function, at)).unwrap_or_else(|| {
                    self.is_compared = is_compared;
                    self.function(function)
                })
            }
            Expr::AnyOp { left, compare_op, right, .. } => {
                self.quantified((left, compare_op, right), true, decides, at)
            }
            Expr::AllOp { left, compare_op, right } => {
                self.quantified((left, compare_op, right), false, decides, at)
            }
            Expr::Array(list) => self.array(&list.elem, at),
            other => self.special(other, at),
        }
    }

    fn compound(&mut self, parts: &[Ident], at: Span) -> Typed {
        match parts {
            [table, column] => self.qualified(table, column),
            [schema, table, column] if schema.value.eq_ignore_ascii_case("public") => {
                self.qualified(table, column)
            }
            [schema, table, column] if schema.value.eq_ignore_ascii_case("auth") => {
                self.qualified_in_auth(table, column)
            }
            _ => self.refuse_typed(at, "this name is not supported", "write `table.column`"),
        }
    }

    fn value(&mut self, value: &ValueWithSpan) -> Typed {
        let at = span(value.span);
        match &value.value {
            Value::Number(digits, false) => number(digits),
            Value::SingleQuotedString(text) => Typed::string(text).placed(at),
            Value::Boolean(truth) => Typed::boolean(*truth),
            Value::Null => Typed::null(),
            Value::Placeholder(text) if self.routine.is_some() || !self.frames.is_empty() => {
                self.placeholder(text, at)
            }
            _ => self.refuse_typed(
                at,
                "this kind of literal is not supported",
                "write a number, a string in single quotes, true, false or null",
            ),
        }
    }

    fn unary(&mut self, operator: UnaryOperator, operand: &Expr, at: Span) -> Typed {
        match operator {
            UnaryOperator::Not => {
                let operand = self.truth(operand, "NOT");
                Typed::open(Kind::Boolean, Sql::text("not ").and(operand.grouped().sql))
            }
            UnaryOperator::Minus | UnaryOperator::Plus => {
                let value = self.expression(operand);
                if value.is_broken() {
                    return value;
                }
                self.signed(value, operator == UnaryOperator::Minus, at)
            }
            _ => {
                let help = "write `not`, `-` or `+`, or a function such as `abs(..)`";
                self.refuse_typed(at, format!("the operator {operator} is not supported"), help)
            }
        }
    }

    fn signed(&mut self, value: Typed, is_minus: bool, at: Span) -> Typed {
        match &value.literal {
            Some(Literal::Number(digits)) if is_minus && number(digits).kind == value.kind => {
                let negated = match digits.strip_prefix('-') {
                    Some(positive) => positive.to_owned(),
                    None => format!("-{digits}"),
                };
                // A number and its sign are one: the lowest integer has no positive one of its type.
                return Typed { scale: value.scale, ..number(&negated) };
            }
            Some(Literal::Interval(interval)) if is_minus => {
                let negated = interval.negated();
                return self.interval(negated, at);
            }
            _ => {}
        }
        let check = match value.kind {
            Kind::Int2 => Some(template::Check::Int2),
            Kind::Int4 => Some(template::Check::Int4),
            Kind::Int8 => Some(template::Check::Int8),
            Kind::Numeric | Kind::Float8 | Kind::Interval => None,
            _ => {
                let sign = if is_minus { "-" } else { "+" };
                let message = format!("operator does not exist: {sign} {}", value.kind.name());
                return self.refuse_typed(at, message, "write a number behind the sign");
            }
        };
        if !is_minus {
            return value;
        }
        let kind = value.kind;
        let scale = value.scale;
        let sql = template::write("- @0", &[value]);
        let sql = check.map_or_else(|| sql.clone(), |check| check.write(sql.clone()));
        Typed { scale, ..Typed::open(kind, sql) }
    }

    fn binary(
        &mut self,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
        decides: bool,
    ) -> Typed {
        if matches!(operator, BinaryOperator::And | BinaryOperator::Or) {
            return self.joined(left, operator, right, decides);
        }
        let at = span(left.span().union(&right.span()));
        if self.is_loose_negation(left) || self.is_loose_negation(right) {
            return Typed::broken();
        }
        if is_comparison(operator) && [left, right].iter().any(|one| is_compared(one)) {
            let message = format!("syntax error at or near \"{operator}\"");
            return self.refuse_typed(
                at,
                message,
                "write parentheses around one of the comparisons",
            );
        }
        if let (Some(one), Some(other), Some(name)) =
            (row_of(left), row_of(right), comparison::operator_name(operator))
        {
            return self.compare_rows(name, &one, &other, at);
        }
        let (left, right) = if is_comparison(operator) {
            (self.compared(left), self.compared(right))
        } else {
            (self.expression(left), self.expression(right))
        };
        if left.is_broken() || right.is_broken() {
            return Typed::broken();
        }
        let matching = Matching::new;
        match operator {
            BinaryOperator::PGRegexMatch => {
                self.regular_expression(left, right, matching(false, false), at)
            }
            BinaryOperator::PGRegexIMatch => {
                self.regular_expression(left, right, matching(false, true), at)
            }
            BinaryOperator::PGRegexNotMatch => {
                self.regular_expression(left, right, matching(true, false), at)
            }
            BinaryOperator::PGRegexNotIMatch => {
                self.regular_expression(left, right, matching(true, true), at)
            }
            BinaryOperator::PGLikeMatch => self.like_typed(left, right, matching(false, false), at),
            BinaryOperator::PGILikeMatch => self.like_typed(left, right, matching(false, true), at),
            BinaryOperator::PGNotLikeMatch => {
                self.like_typed(left, right, matching(true, false), at)
            }
            BinaryOperator::PGNotILikeMatch => {
                self.like_typed(left, right, matching(true, true), at)
            }
            operator => match comparison::operator_name(operator) {
                Some(name) if operators::COMPARISONS.contains(&name) => {
                    self.compare(name, left, right, at)
                }
                Some(name) => self.binary_operation(name, left, right, at),
                None => {
                    let help =
                        "write it with the operators that the documentation of policies lists";
                    self.refuse_typed(at, format!("the operator {operator} is not supported"), help)
                }
            },
        }
    }
}

/// The type of a number as it stands there.
fn number(digits: &str) -> Typed {
    let is_whole = !digits.contains(['.', 'e', 'E']);
    let kind = if !is_whole {
        Kind::Numeric
    } else if digits.parse::<i32>().is_ok() {
        Kind::Int4
    } else if digits.parse::<i64>().is_ok() {
        Kind::Int8
    } else {
        Kind::Numeric
    };
    let scale = match digits.split_once('.') {
        Some((_, decimals)) if !digits.contains(['e', 'E']) => u32::try_from(decimals.len()).ok(),
        None if is_whole => Some(0),
        _ => None,
    };
    let literal = Some(Literal::Number(digits.to_owned()));
    Typed { literal, scale, ..Typed::new(kind, Form::Simple, Sql::text(digits)) }
}
