//! Where SQLite would compare without a word what Postgres refuses to, or compares as another type.
//!
//! Each of these would make a policy mean something else than its author thought, and mostly let more
//! through: a text beside a boolean is never equal to it, a time in another form sorts elsewhere. So
//! they are errors.

use sqlparser::ast::{BinaryOperator, Expr, Spanned, UnaryOperator, Value};

use super::expand::Expander;
use super::kinds::wider;
use super::parse::span;
use super::report::Diagnostic;
use super::sql::Sql;
use super::types;
use crate::catalog::Type;

/// The longest pattern that D1 takes, in bytes.
const PATTERN_BYTES_MAX: usize = 50;

impl Expander<'_> {
    /// Reports operands that cannot be compared with each other.
    pub fn check_comparison(&mut self, operands: &[&Expr]) {
        for one in operands {
            for other in operands {
                self.check_pair(one, other);
            }
        }
    }

    /// Reports items of a list that cannot be compared with what is looked for in it.
    pub fn check_list(&mut self, subject: &Expr, list: &[Expr]) {
        for item in list {
            self.check_comparison(&[subject, item]);
        }
    }

    fn check_pair(&mut self, one: &Expr, literal: &Expr) {
        if is_text_of_json(one) && (is_number(literal) || is_boolean(literal)) {
            let error = Diagnostic::error(
                span(literal.span()),
                "`->>` gives a text, which compares with texts only",
            );
            self.push(error.help("write the value in single quotes, or cast the text"));
        }
        if self.routine.is_some() {
            self.check_kinds(one, literal);
        }
        let Some(text) = string(literal) else { return };
        let Some(kind) = self.kind_of(one) else { return };
        let form = match kind {
            Type::Boolean => "write true or false, without quotes",
            Type::Uuid => "write it in lower case, with hyphens",
            Type::TimestampTz => "write '2026-11-22T10:00:00.000000+00:00'",
            Type::Timestamp => "write '2026-11-22T10:00:00.000000'",
            Type::Date => "write '2026-11-22'",
            Type::Time => "write '10:00:00.000000'",
            Type::Array(_) => "an array is kept as JSON: write '[\"a\",\"b\"]'",
            _ => return,
        };
        if !types::is_canonical_text(kind, text) {
            let message = format!("'{text}' is not the form in which the column is kept");
            self.push(Diagnostic::error(span(literal.span()), message).help(form));
        }
    }

    /// Reports operands of different types, which SQLite would never find equal.
    fn check_kinds(&mut self, one: &Expr, other: &Expr) {
        let (left, right) = (span(one.span()), span(other.span()));
        if left.start > right.start {
            return;
        }
        let kinds = (self.kind(one).known(), self.kind(other).known());
        let (Some(left), Some(right)) = kinds else { return };
        if wider(left, right).is_none() {
            let message =
                format!("{} and {} are different types", types::name(left), types::name(right));
            let error = Diagnostic::error(span(one.span().union(&other.span())), message);
            self.push(error.help("give the argument or the expression the other's type"));
        }
    }

    /// Reports a text that stands where something true or false must.
    pub fn check_truth(&mut self, expression: &Expr) {
        if is_text_of_json(expression) {
            let error = Diagnostic::error(
                span(expression.span()),
                "`->>` gives a text, which is neither true nor false",
            );
            self.push(error.help("compare it, as in `.. ->> 'admin' = 'true'`"));
        }
    }

    /// The declared type of a column or an argument, where the expression is one.
    pub fn kind_of(&self, expression: &Expr) -> Option<Type> {
        let (table, column) = match expression {
            Expr::Nested(inner) => return self.kind_of(inner),
            Expr::Identifier(column) => (None, column),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [.., table, column] => (Some(table), column),
                _ => return None,
            },
            _ => return None,
        };
        let items = self.scopes.iter().rev().flatten();
        let in_item = items
            .filter(|item| table.is_none_or(|table| table.value.eq_ignore_ascii_case(&item.name)))
            .find_map(|item| {
                let mut names = item.columns.iter().zip(&item.kinds);
                names
                    .find(|(name, _)| name.eq_ignore_ascii_case(&column.value))
                    .map(|(_, kind)| *kind)
            });
        let is_ours = table.is_none_or(|table| {
            let routine = self.routine.map(|routine| &routine.name.text);
            routine.is_some_and(|routine| routine.eq_ignore_ascii_case(&table.value))
        });
        let argument = || self.find_argument(&column.value).map(|(_, argument)| argument.kind);
        in_item.or_else(|| argument().filter(|_| is_ours))
    }

    /// Writes `json ->> key` so that it is a text, as in Postgres: SQLite would make 1 of true.
    pub fn text_of_json(&mut self, json: &Expr, key: &Expr) -> Sql {
        let (json, key) = (self.operand(json), self.operand(key));
        let value = json.clone().then(" -> ").and(key.clone());
        let text = json.then(" ->> ").and(key);
        Sql::text("case json_type(")
            .and(value)
            .then(") when 'true' then 'true' when 'false' then 'false' else cast(")
            .and(text)
            .then(" as text) end")
            .grouped()
    }

    /// Writes a cast to a number. A text that is none becomes null, where Postgres would fail:
    /// SQLite would take what digits there are, or zero.
    pub fn number(&mut self, inner: &Expr, kind: &str) -> Sql {
        let value = self.operand(inner);
        let cast = |to: &str| Sql::text("cast(").and(value.clone()).then(" as ").then(to).then(")");
        let as_text = |to: &str| Sql::text("cast(").and(cast(to)).then(" as text)");
        let mut forms = vec![as_text("integer")];
        if kind == "real" {
            forms.push(as_text("real"));
        }
        Sql::text("case when typeof(")
            .and(value.clone())
            .then(") <> 'text' or ")
            .and(value.clone())
            .then(" in (")
            .and(Sql::join(forms, ", "))
            .then(") then ")
            .and(cast(kind))
            .then(" end")
            .grouped()
    }

    /// Writes `like`, which minds case as Postgres' does and SQLite's does not.
    pub fn like(&mut self, subject: &Expr, pattern: &Expr, negated: bool) -> Sql {
        let glob = string(pattern).map(glob).filter(|glob| glob.len() <= PATTERN_BYTES_MAX);
        let Some(glob) = glob else {
            return self.refuse(
                span(pattern.span()),
                "a pattern is a short text in single quotes here",
                "write instr(..), substr(..) or glob(pattern, value)",
            );
        };
        let subject = self.operand(subject);
        let literal = format!("'{}'", glob.replace('\'', "''"));
        subject.then(if negated { " not glob " } else { " glob " }).then(&literal)
    }
}

pub(super) fn is_text_of_json(expression: &Expr) -> bool {
    match expression {
        Expr::Nested(inner) => is_text_of_json(inner),
        Expr::BinaryOp { op: BinaryOperator::LongArrow, .. } => true,
        _ => false,
    }
}

fn is_number(expression: &Expr) -> bool {
    match expression {
        Expr::Nested(inner) | Expr::UnaryOp { op: UnaryOperator::Minus, expr: inner } => {
            is_number(inner)
        }
        Expr::Value(value) => matches!(value.value, Value::Number(..)),
        _ => false,
    }
}

fn is_boolean(expression: &Expr) -> bool {
    matches!(expression, Expr::Value(value) if matches!(value.value, Value::Boolean(_)))
}

pub(super) fn string(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Nested(inner) => string(inner),
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// A pattern of `like` as one of `glob`.
fn glob(like: &str) -> String {
    let mut glob = String::new();
    let mut characters = like.chars();
    while let Some(character) = characters.next() {
        match character {
            '%' => glob.push('*'),
            '_' => glob.push('?'),
            other => {
                let literal = if other == '\\' { characters.next().unwrap_or('\\') } else { other };
                if matches!(literal, '*' | '?' | '[') {
                    glob.push('[');
                    glob.push(literal);
                    glob.push(']');
                } else {
                    glob.push(literal);
                }
            }
        }
    }
    glob
}
