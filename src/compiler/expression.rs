//! Writes a policy's expression anew, for SQLite: names resolved, `auth.uid()` and its like as
//! claims, every operator and function one that is known to mean the same there.

use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, CeilFloorKind, DataType, DateTimeField, Expr, Ident, Query,
    Spanned, UnaryOperator, Value, ValueWithSpan,
};

use super::expand::Expander;
use super::parse::span;
use super::query::Purpose;
use super::sql::Sql;

/// `ceil(x)`, not `ceil(x, 2)` or `ceil(x to day)`.
const WHOLE: &CeilFloorKind = &CeilFloorKind::DateTimeField(DateTimeField::NoDateTime);

impl Expander<'_> {
    /// Writes an expression.
    pub fn expression(&mut self, expression: &Expr) -> Sql {
        let decides = std::mem::take(&mut self.decides);
        match expression {
            Expr::Identifier(ident) => self.column(ident),
            Expr::CompoundIdentifier(parts) => self.compound(parts, expression),
            Expr::Nested(inner) => {
                self.decides = decides;
                self.expression(inner).grouped()
            }
            Expr::Value(value) => self.value(value),
            Expr::BinaryOp { left, op, right } => {
                let joins = matches!(op, BinaryOperator::And | BinaryOperator::Or);
                self.binary(left, op, right, decides && joins)
            }
            Expr::UnaryOp { op, expr } => match op {
                UnaryOperator::Not => {
                    self.check_truth(expr);
                    Sql::text("not ").and(self.operand(expr))
                }
                UnaryOperator::Minus => Sql::text("- ").and(self.operand(expr)),
                UnaryOperator::Plus => Sql::text("+ ").and(self.operand(expr)),
                _ => self.unsupported(expression, "this operator"),
            },
            Expr::InList { expr, list, negated } => self.listed(expr, list, *negated),
            Expr::InSubquery { expr, subquery, negated } => {
                self.member(expr, subquery, *negated, decides)
            }
            Expr::Exists { subquery, negated } => {
                let subquery = self.query(subquery, Purpose::Exists).grouped();
                Sql::text(if *negated { "not exists " } else { "exists " }).and(subquery)
            }
            Expr::Subquery(subquery) => self.subquery(subquery),
            Expr::Between { expr, negated, low, high } => {
                self.check_comparison(&[expr, low, high]);
                let (low, high) = (self.operand(low), self.operand(high));
                let subject = self.operand(expr).then(not(*negated, "between"));
                subject.and(low).then(" and ").and(high)
            }
            Expr::Like { negated, any: false, expr, pattern, escape_char: None } => {
                self.like(expr, pattern, *negated)
            }
            Expr::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref())
            }
            Expr::Cast {
                kind: CastKind::Cast | CastKind::DoubleColon,
                expr,
                data_type,
                format: None,
            } => self.cast(expression, expr, data_type),
            Expr::Function(function) => self.function(function),
            Expr::AnyOp { .. } | Expr::AllOp { .. } => match self.quantified(expression, decides) {
                Some(written) => written,
                None => self.foreign(expression),
            },
            Expr::Tuple(list) => {
                let list: Vec<Sql> = list.iter().map(|one| self.expression(one)).collect();
                Sql::join(list, ", ").grouped()
            }
            other => self.worded(other),
        }
    }

    /// Writes `subject in (..)`.
    pub fn listed(&mut self, subject: &Expr, list: &[Expr], negated: bool) -> Sql {
        self.check_list(subject, list);
        let list: Vec<Sql> = list.iter().map(|one| self.expression(one)).collect();
        self.operand(subject).then(not(negated, "in")).and(Sql::join(list, ", ").grouped())
    }

    /// Writes `subject in (select ..)`.
    pub fn member(&mut self, subject: &Expr, query: &Query, negated: bool, decides: bool) -> Sql {
        let is_looked_up = decides && !negated && is_column(subject);
        let subject = self.operand(subject);
        let query = if is_looked_up {
            self.looked_up(query, &subject)
        } else {
            self.query(query, Purpose::Value)
        };
        subject.then(not(negated, "in")).and(query.grouped())
    }

    /// Writes a function that SQL calls with words of its own.
    fn worded(&mut self, expression: &Expr) -> Sql {
        match expression {
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                let parts = [Some(expr), substring_from.as_ref(), substring_for.as_ref()];
                let parts: Vec<Sql> =
                    parts.into_iter().flatten().map(|part| self.expression(part)).collect();
                Sql::text("substr").and(Sql::join(parts, ", ").grouped())
            }
            Expr::Trim { trim_where: None, trim_what: None, expr, trim_characters: None } => {
                Sql::text("trim").and(self.expression(expr).grouped())
            }
            Expr::Ceil { expr, field } if field == WHOLE => {
                Sql::text("ceil").and(self.expression(expr).grouped())
            }
            Expr::Floor { expr, field } if field == WHOLE => {
                Sql::text("floor").and(self.expression(expr).grouped())
            }
            other => self.test(other),
        }
    }

    /// Writes a test of what kind of value there is.
    fn test(&mut self, expression: &Expr) -> Sql {
        match expression {
            Expr::IsNull(inner) | Expr::IsUnknown(inner) => self.operand(inner).then(" is null"),
            Expr::IsNotNull(inner) | Expr::IsNotUnknown(inner) => {
                self.operand(inner).then(" is not null")
            }
            Expr::IsTrue(inner) => self.truth(inner, " is true"),
            Expr::IsNotTrue(inner) => self.truth(inner, " is not true"),
            Expr::IsFalse(inner) => self.truth(inner, " is false"),
            Expr::IsNotFalse(inner) => self.truth(inner, " is not false"),
            Expr::IsDistinctFrom(left, right) => self.pair(left, " is not ", right),
            Expr::IsNotDistinctFrom(left, right) => self.pair(left, " is ", right),
            other => self.foreign(other),
        }
    }

    fn truth(&mut self, inner: &Expr, test: &str) -> Sql {
        self.check_truth(inner);
        self.operand(inner).then(test)
    }

    /// Writes an expression so that it can stand beside any operator.
    pub fn operand(&mut self, expression: &Expr) -> Sql {
        let sql = self.expression(expression);
        let is_atom = matches!(
            expression,
            Expr::Identifier(_)
                | Expr::CompoundIdentifier(_)
                | Expr::Nested(_)
                | Expr::Value(_)
                | Expr::Function(_)
                | Expr::Subquery(_)
                | Expr::Tuple(_)
                | Expr::Case { .. }
                | Expr::Cast { .. }
                | Expr::Substring { .. }
                | Expr::Trim { .. }
                | Expr::Ceil { .. }
                | Expr::Floor { .. }
        );
        if is_atom { sql } else { sql.grouped() }
    }

    fn pair(&mut self, left: &Expr, operator: &str, right: &Expr) -> Sql {
        self.check_comparison(&[left, right]);
        let left = self.operand(left);
        left.then(operator).and(self.operand(right))
    }

    fn compound(&mut self, parts: &[Ident], whole: &Expr) -> Sql {
        match parts {
            [table, column] => self.qualified(table, column),
            [schema, table, column] if schema.value.eq_ignore_ascii_case("public") => {
                self.qualified(table, column)
            }
            _ => self.unsupported(whole, "this name"),
        }
    }

    fn value(&mut self, value: &ValueWithSpan) -> Sql {
        match &value.value {
            Value::Number(digits, false) => Sql::text(digits),
            Value::SingleQuotedString(text) => Sql::text(format!("'{}'", text.replace('\'', "''"))),
            Value::Boolean(true) => Sql::text("true"),
            Value::Boolean(false) => Sql::text("false"),
            Value::Null => Sql::text("null"),
            Value::Placeholder(text) if self.routine.is_some() => {
                self.placeholder(text, span(value.span))
            }
            _ => self.refuse(
                span(value.span),
                "this kind of literal is not supported",
                "write a number, a string in single quotes, true, false or null",
            ),
        }
    }

    fn binary(
        &mut self,
        left: &Expr,
        operator: &BinaryOperator,
        right: &Expr,
        decides: bool,
    ) -> Sql {
        let written = match operator {
            BinaryOperator::And => " and ",
            BinaryOperator::Or => " or ",
            BinaryOperator::Eq => " = ",
            BinaryOperator::NotEq => " <> ",
            BinaryOperator::Gt => " > ",
            BinaryOperator::GtEq => " >= ",
            BinaryOperator::Lt => " < ",
            BinaryOperator::LtEq => " <= ",
            BinaryOperator::Plus => " + ",
            BinaryOperator::Minus => " - ",
            BinaryOperator::Multiply => " * ",
            BinaryOperator::Divide => " / ",
            BinaryOperator::Modulo => " % ",
            BinaryOperator::StringConcat => " || ",
            BinaryOperator::BitwiseAnd => " & ",
            BinaryOperator::BitwiseOr => " | ",
            BinaryOperator::PGBitwiseShiftLeft => " << ",
            BinaryOperator::PGBitwiseShiftRight => " >> ",
            BinaryOperator::Arrow => " -> ",
            BinaryOperator::LongArrow => return self.text_of_json(left, right),
            other => {
                if let Some(written) = self.overlap(left, other, right) {
                    return written;
                }
                let at = span(left.span().union(&right.span()));
                let message = format!("the operator {other} does not exist in SQLite");
                return self.refuse(at, message, instead_of(other));
            }
        };
        if matches!(operator, BinaryOperator::And | BinaryOperator::Or) {
            self.check_truth(left);
            self.check_truth(right);
        } else {
            self.check_comparison(&[left, right]);
        }
        // A chain of the same `and` or `or` reads better without parentheses.
        let chains = |side: &Expr| {
            let is_chain = matches!(operator, BinaryOperator::And | BinaryOperator::Or);
            matches!(side, Expr::BinaryOp { op, .. } if op == operator) && is_chain
        };
        let is_tighter = |side: &Expr| {
            let is_logic = matches!(operator, BinaryOperator::And | BinaryOperator::Or);
            is_logic
                && !matches!(
                    side,
                    Expr::BinaryOp { op: BinaryOperator::And | BinaryOperator::Or, .. }
                )
        };
        let mut side = |expression: &Expr, may_chain: bool| {
            self.decides = decides;
            if (may_chain && chains(expression)) || is_tighter(expression) {
                self.expression(expression)
            } else {
                self.operand(expression)
            }
        };
        let left = side(left, true);
        left.then(written).and(side(right, false))
    }

    fn case(
        &mut self,
        subject: Option<&Expr>,
        conditions: &[CaseWhen],
        other: Option<&Expr>,
    ) -> Sql {
        let mut sql = Sql::text("case");
        if let Some(subject) = subject {
            sql = sql.then(" ").and(self.operand(subject));
        }
        for CaseWhen { condition, result } in conditions {
            match subject {
                Some(subject) => self.check_comparison(&[subject, condition]),
                None => self.check_truth(condition),
            }
            sql = sql.then(" when ").and(self.expression(condition));
            sql = sql.then(" then ").and(self.expression(result));
        }
        if let Some(other) = other {
            sql = sql.then(" else ").and(self.expression(other));
        }
        sql.then(" end")
    }

    fn cast(&mut self, whole: &Expr, inner: &Expr, kind: &DataType) -> Sql {
        let written = match kind {
            DataType::Text | DataType::Varchar(None) | DataType::CharacterVarying(None) => "text",
            DataType::SmallInt(None)
            | DataType::Int(None)
            | DataType::Integer(None)
            | DataType::BigInt(None)
            | DataType::Int2(None)
            | DataType::Int4(None)
            | DataType::Int8(None) => "integer",
            DataType::Real | DataType::Float4 | DataType::Float8 | DataType::DoublePrecision => {
                "real"
            }
            other => {
                let message =
                    format!("a cast to {} does not exist", other.to_string().to_lowercase());
                return self.refuse(
                    span(whole.span()),
                    message,
                    "SQLite casts to text, integer and real; uuids, dates, times and JSON are text \
                     here, so leave the cast out",
                );
            }
        };
        if written != "text" {
            return self.number(inner, written);
        }
        Sql::text("cast(").and(self.expression(inner)).then(" as text)")
    }

    /// What Postgres or another database has and SQLite has not, with what to write instead.
    fn foreign(&mut self, expression: &Expr) -> Sql {
        let (what, help) = match expression {
            Expr::ILike { .. } => {
                ("ilike", "write lower(..) like '..' with a pattern in lower case")
            }
            Expr::AnyOp { .. } => (
                "this any(..)",
                "write `= any(..)` of a column of an array, of array[..] or of a select, or exists (..)",
            ),
            Expr::AllOp { .. } => (
                "this all(..)",
                "write `<> all(..)` of a column of an array, of array[..] or of a select, or not exists (..)",
            ),
            Expr::Array(_) => ("an array", "write `in (..)`, or JSON and json_each(..)"),
            Expr::SimilarTo { .. } | Expr::RLike { .. } => {
                ("a regular expression", "write like, or glob(pattern, value)")
            }
            Expr::Interval(_) => ("an interval", "write strftime(.., 'now', '-1 day')"),
            Expr::AtTimeZone { .. } => ("at time zone", "times are held in UTC"),
            Expr::Extract { .. } => ("extract", "write strftime(..)"),
            Expr::Position { .. } => ("position", "write instr(text, part)"),
            Expr::TypedString(_) => ("a typed string", "write the string alone"),
            Expr::Collate { .. } => {
                ("collate", "declare the collation of the column, or use lower(..)")
            }
            _ => return self.unsupported(expression, "this expression"),
        };
        self.unsupported_with(expression, what, help)
    }

    pub fn unsupported(&mut self, expression: &Expr, what: &str) -> Sql {
        self.unsupported_with(expression, what, "write it with SQLite's operators and functions")
    }

    fn unsupported_with(&mut self, expression: &Expr, what: &str, help: &str) -> Sql {
        let message = format!("{what} is not supported in a {}", self.noun());
        self.refuse(span(expression.span()), message, help)
    }
}

fn is_column(expression: &Expr) -> bool {
    matches!(expression, Expr::Identifier(_) | Expr::CompoundIdentifier(_))
}

fn not(negated: bool, word: &str) -> &'static str {
    match (negated, word) {
        (false, "in") => " in ",
        (true, "in") => " not in ",
        (false, _) => " between ",
        (true, _) => " not between ",
    }
}

fn instead_of(operator: &BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::PGRegexMatch
        | BinaryOperator::PGRegexIMatch
        | BinaryOperator::PGRegexNotMatch
        | BinaryOperator::PGRegexNotIMatch => "write like, or glob(pattern, value)",
        BinaryOperator::HashArrow | BinaryOperator::HashLongArrow => {
            "write one -> or ->> for each step"
        }
        BinaryOperator::AtArrow | BinaryOperator::ArrowAt | BinaryOperator::PGOverlap => {
            "between a column of an array and array['a', ..] it does; of JSON write -> and ->>, or \
             exists (select 1 from json_each(..) where ..)"
        }
        BinaryOperator::Question => "write exists (select 1 from json_each(..) where ..)",
        _ => "write it with SQLite's operators",
    }
}
