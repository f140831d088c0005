//! Writes a policy's expression anew, for SQLite: names resolved, `auth.uid()` and its like as
//! claims, every operator and function one that is known to mean the same there.

use sqlparser::ast::{
    BinaryOperator, CaseWhen, CastKind, DataType, DuplicateTreatment, Expr, Function, FunctionArg,
    FunctionArgExpr, FunctionArguments, Ident, Spanned, UnaryOperator, Value, ValueWithSpan,
};

use super::expand::Expander;
use super::functions::{AGGREGATE, INSTEAD, NOW, SCALAR};
use super::parse::span;
use super::query::Purpose;
use super::report::{Diagnostic, closest};
use super::sql::Sql;
use crate::catalog::Claim;

impl Expander<'_> {
    /// Writes an expression.
    pub fn expression(&mut self, expression: &Expr) -> Sql {
        match expression {
            Expr::Identifier(ident) => self.column(ident),
            Expr::CompoundIdentifier(parts) => self.compound(parts, expression),
            Expr::Nested(inner) => self.expression(inner).grouped(),
            Expr::Value(value) => self.value(value),
            Expr::BinaryOp { left, op, right } => self.binary(left, op, right),
            Expr::UnaryOp { op, expr } => match op {
                UnaryOperator::Not => Sql::text("not ").and(self.operand(expr)),
                UnaryOperator::Minus => Sql::text("- ").and(self.operand(expr)),
                UnaryOperator::Plus => Sql::text("+ ").and(self.operand(expr)),
                _ => self.unsupported(expression, "this operator"),
            },
            Expr::IsNull(inner) | Expr::IsUnknown(inner) => self.operand(inner).then(" is null"),
            Expr::IsNotNull(inner) | Expr::IsNotUnknown(inner) => {
                self.operand(inner).then(" is not null")
            }
            Expr::IsTrue(inner) => self.operand(inner).then(" is true"),
            Expr::IsNotTrue(inner) => self.operand(inner).then(" is not true"),
            Expr::IsFalse(inner) => self.operand(inner).then(" is false"),
            Expr::IsNotFalse(inner) => self.operand(inner).then(" is not false"),
            Expr::IsDistinctFrom(left, right) => self.pair(left, " is not ", right),
            Expr::IsNotDistinctFrom(left, right) => self.pair(left, " is ", right),
            Expr::InList { expr, list, negated } => {
                let list: Vec<Sql> = list.iter().map(|one| self.expression(one)).collect();
                self.operand(expr).then(not(*negated, "in")).and(Sql::join(list, ", ").grouped())
            }
            Expr::InSubquery { expr, subquery, negated } => {
                let subquery = self.query(subquery, Purpose::Value);
                self.operand(expr).then(not(*negated, "in")).and(subquery.grouped())
            }
            Expr::Exists { subquery, negated } => {
                let subquery = self.query(subquery, Purpose::Exists).grouped();
                Sql::text(if *negated { "not exists " } else { "exists " }).and(subquery)
            }
            Expr::Subquery(subquery) => self.subquery(subquery),
            Expr::Between { expr, negated, low, high } => {
                let (low, high) = (self.operand(low), self.operand(high));
                let subject = self.operand(expr).then(not(*negated, "between"));
                subject.and(low).then(" and ").and(high)
            }
            Expr::Like { negated, any: false, expr, pattern, escape_char } => {
                let pattern = self.operand(pattern);
                let escape = escape_char.as_ref().map(|escape| self.operand(escape));
                let like = self.operand(expr).then(not(*negated, "like")).and(pattern);
                escape.map_or(like.clone(), |escape| like.then(" escape ").and(escape))
            }
            Expr::Case { operand, conditions, else_result, .. } => {
                self.case(operand.as_deref(), conditions, else_result.as_deref())
            }
            Expr::Cast { kind: CastKind::Cast | CastKind::DoubleColon, expr, data_type, format: None } => {
                self.cast(expression, expr, data_type)
            }
            Expr::Function(function) => self.function(function),
            Expr::Tuple(list) => {
                let list: Vec<Sql> = list.iter().map(|one| self.expression(one)).collect();
                Sql::join(list, ", ").grouped()
            }
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                let parts = [Some(expr), substring_from.as_ref(), substring_for.as_ref()];
                let parts: Vec<Sql> =
                    parts.into_iter().flatten().map(|part| self.expression(part)).collect();
                Sql::text("substr").and(Sql::join(parts, ", ").grouped())
            }
            Expr::Trim { trim_where: None, trim_what: None, expr, trim_characters: None } => {
                Sql::text("trim").and(self.expression(expr).grouped())
            }
            Expr::Ceil { expr, .. } => Sql::text("ceil").and(self.expression(expr).grouped()),
            Expr::Floor { expr, .. } => Sql::text("floor").and(self.expression(expr).grouped()),
            other => self.foreign(other),
        }
    }

    /// Writes an expression so that it can stand beside any operator.
    fn operand(&mut self, expression: &Expr) -> Sql {
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
            _ => self.refuse(
                span(value.span),
                "this kind of literal is not supported",
                "write a number, a string in single quotes, true, false or null",
            ),
        }
    }

    fn binary(&mut self, left: &Expr, operator: &BinaryOperator, right: &Expr) -> Sql {
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
            BinaryOperator::LongArrow => " ->> ",
            other => {
                let at = span(left.span().union(&right.span()));
                let message = format!("the operator {other} does not exist in SQLite");
                return self.refuse(at, message, instead_of(other));
            }
        };
        // A chain of the same `and` or `or` reads better without parentheses.
        let chains = |side: &Expr| {
            let is_chain = matches!(operator, BinaryOperator::And | BinaryOperator::Or);
            matches!(side, Expr::BinaryOp { op, .. } if op == operator) && is_chain
        };
        let is_tighter = |side: &Expr| {
            let is_logic = matches!(operator, BinaryOperator::And | BinaryOperator::Or);
            is_logic && !matches!(side, Expr::BinaryOp { op: BinaryOperator::And | BinaryOperator::Or, .. })
        };
        let mut side = |expression: &Expr, may_chain: bool| {
            if (may_chain && chains(expression)) || is_tighter(expression) {
                self.expression(expression)
            } else {
                self.operand(expression)
            }
        };
        let left = side(left, true);
        left.then(written).and(side(right, false))
    }

    fn case(&mut self, subject: Option<&Expr>, conditions: &[CaseWhen], other: Option<&Expr>) -> Sql {
        let mut sql = Sql::text("case");
        if let Some(subject) = subject {
            sql = sql.then(" ").and(self.operand(subject));
        }
        for CaseWhen { condition, result } in conditions {
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
            DataType::Real | DataType::Float4 | DataType::Float8 | DataType::DoublePrecision => "real",
            other => {
                let message = format!("a cast to {} does not exist", other.to_string().to_lowercase());
                return self.refuse(
                    span(whole.span()),
                    message,
                    "SQLite casts to text, integer and real; uuids, dates, times and JSON are text \
                     here, so leave the cast out",
                );
            }
        };
        Sql::text("cast(").and(self.expression(inner)).then(" as ").then(written).then(")")
    }

    fn function(&mut self, function: &Function) -> Sql {
        let parts: Option<Vec<&Ident>> =
            function.name.0.iter().map(|part| part.as_ident()).collect();
        let at = span(function.name.span());
        let is_plain = function.over.is_none()
            && function.null_treatment.is_none()
            && function.within_group.is_empty()
            && !function.uses_odbc_syntax
            && matches!(function.parameters, FunctionArguments::None);
        if !is_plain {
            return self.refuse(at, "window functions are not supported", "use a sub-select");
        }
        match parts.unwrap_or_default().as_slice() {
            [schema, name] if schema.value.eq_ignore_ascii_case("auth") => {
                self.claim(function, &name.value)
            }
            [name] => self.call(function, &name.value.to_ascii_lowercase()),
            _ => {
                let message = format!("function {} does not exist", function.name);
                self.refuse(at, message, "functions of schemas other than auth do not exist here")
            }
        }
    }

    fn claim(&mut self, function: &Function, name: &str) -> Sql {
        let at = span(function.name.span());
        let claim = Claim::ALL.into_iter().find(|claim| name.eq_ignore_ascii_case(claim.name()));
        let Some(claim) = claim else {
            let message = format!("function auth.{name}() does not exist");
            let help = "there are auth.uid(), auth.role(), auth.email() and auth.jwt()";
            return self.refuse(at, message, help);
        };
        match &function.args {
            FunctionArguments::List(list) if list.args.is_empty() && function.filter.is_none() => {
                Sql::claim(claim)
            }
            _ => self.refuse(at, format!("auth.{name}() takes no arguments"), "write it with ()"),
        }
    }

    fn call(&mut self, function: &Function, name: &str) -> Sql {
        let at = span(function.name.span());
        let has_arguments =
            matches!(&function.args, FunctionArguments::List(list) if !list.args.is_empty());
        if name == "now" && !has_arguments {
            return Sql::text(NOW);
        }
        if name == "current_date" && !has_arguments {
            return Sql::text(name);
        }
        let is_aggregate = AGGREGATE.contains(&name);
        if !is_aggregate && !SCALAR.contains(&name) {
            let error = Diagnostic::error(at, format!("function {name}() is not supported"));
            let instead = INSTEAD.iter().find(|(wrong, _)| *wrong == name);
            let known = || SCALAR.iter().chain(AGGREGATE).copied();
            self.report.push(match (instead, closest(name, known())) {
                (Some((_, help)), _) => error.help(*help),
                (None, Some(name)) => error.help(format!("did you mean {name}()?")),
                (None, None) => error.help(
                    "a policy may call SQLite's core, JSON, date and aggregate functions",
                ),
            });
            return Sql::default();
        }
        let FunctionArguments::List(list) = &function.args else {
            return self.refuse(at, format!("{name} is a function"), "write it with (..)");
        };
        let is_distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
        let is_scalar = !is_aggregate && (is_distinct || function.filter.is_some());
        if !list.clauses.is_empty() || is_scalar {
            return self.refuse(at, format!("{name}() does not take this"), "leave it out");
        }
        let mut arguments = Vec::new();
        for argument in &list.args {
            match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => {
                    arguments.push(self.expression(expression));
                }
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) if name == "count" => {
                    arguments.push(Sql::text("*"));
                }
                _ => return self.refuse(at, "this argument is not supported", "write a value"),
            }
        }
        let arguments = Sql::join(arguments, ", ");
        let prefix = if is_distinct { "(distinct " } else { "(" };
        let call = Sql::text(name).then(prefix).and(arguments).then(")");
        match &function.filter {
            Some(filter) => {
                let filter = self.expression(filter);
                call.then(" filter (where ").and(filter).then(")")
            }
            None => call,
        }
    }

    /// What Postgres or another database has and SQLite has not, with what to write instead.
    fn foreign(&mut self, expression: &Expr) -> Sql {
        let (what, help) = match expression {
            Expr::ILike { .. } => ("ilike", "write like, which ignores the case of ASCII letters"),
            Expr::AnyOp { .. } => ("any(..)", "write `in (select ..)` or `in (..)`"),
            Expr::AllOp { .. } => ("all(..)", "write `not in (select ..)` or `not exists (..)`"),
            Expr::Array(_) => ("an array", "write `in (..)`, or JSON and json_each(..)"),
            Expr::SimilarTo { .. } | Expr::RLike { .. } => {
                ("a regular expression", "write like, or glob(pattern, value)")
            }
            Expr::Interval(_) => ("an interval", "write strftime(.., 'now', '-1 day')"),
            Expr::AtTimeZone { .. } => ("at time zone", "times are held in UTC"),
            Expr::Extract { .. } => ("extract", "write strftime(..)"),
            Expr::Position { .. } => ("position", "write instr(text, part)"),
            Expr::TypedString(_) => ("a typed string", "write the string alone"),
            Expr::Collate { .. } => ("collate", "declare the collation of the column, or use lower(..)"),
            _ => return self.unsupported(expression, "this expression"),
        };
        self.unsupported_with(expression, what, help)
    }

    pub fn unsupported(&mut self, expression: &Expr, what: &str) -> Sql {
        self.unsupported_with(expression, what, "write it with SQLite's operators and functions")
    }

    fn unsupported_with(&mut self, expression: &Expr, what: &str, help: &str) -> Sql {
        let message = format!("{what} is not supported in a policy");
        self.refuse(span(expression.span()), message, help)
    }
}

fn not(negated: bool, word: &str) -> &'static str {
    match (negated, word) {
        (false, "in") => " in ",
        (true, "in") => " not in ",
        (false, "between") => " between ",
        (true, "between") => " not between ",
        (false, _) => " like ",
        (true, _) => " not like ",
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
        BinaryOperator::AtArrow | BinaryOperator::ArrowAt | BinaryOperator::Question => {
            "write exists (select 1 from json_each(..) where ..)"
        }
        _ => "write it with SQLite's operators",
    }
}
