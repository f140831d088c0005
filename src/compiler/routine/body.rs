//! Writes the statements of a body. Only the last one answers.

use sqlparser::ast::{CreateFunctionBody, Expr, Query, Spanned, Statement, Value};
use sqlparser::tokenizer::{Location, TokenWithSpan};

use super::parse::{Declared, solid};
use crate::catalog::{Column, Step};
use crate::compiler::expand::Expander;
use crate::compiler::expression::{Context, Form, Kind, Typed};
use crate::compiler::parse::{parse_statement, span, statements as split};
use crate::compiler::query::Purpose;
use crate::compiler::quote;
use crate::compiler::report::{Diagnostic, Report, Span};
use crate::compiler::sql::Sql;

/// The most statements of one body.
const STATEMENTS_MAX: usize = 20;

/// A statement of a body, and where it begins.
#[derive(Debug, Clone)]
pub(in crate::compiler) struct BodyStatement {
    pub statement: Statement,
    pub at: Span,
}

/// Parses a body; what cannot be parsed is reported.
pub(super) fn statements(declared: &Declared, report: &mut Report) -> Vec<BodyStatement> {
    let name = &declared.name;
    let refuse = |report: &mut Report, message: &str, help: &str| {
        report.push(Diagnostic::error(name.span, message).help(help));
        Vec::new()
    };
    let Some((text, begin)) = text(declared) else {
        return refuse(report, "this form of body is not supported", "write `as $$ select .. $$`");
    };
    let before = report.errors_count();
    let found: Vec<Vec<TokenWithSpan>> = split(&text, begin, report);
    if found.is_empty() && report.errors_count() == before {
        return refuse(report, "the body has no statement", "write `as $$ select .. $$`");
    }
    if found.len() > STATEMENTS_MAX {
        let message = format!("the body has more than {STATEMENTS_MAX} statements");
        return refuse(report, &message, "write several functions");
    }
    let mut statements = Vec::new();
    for tokens in found {
        let at = solid(&tokens).next().map_or(name.span, |token| span(token.span));
        match parse_statement(&tokens) {
            Ok(statement) => statements.push(BodyStatement { statement, at }),
            Err(diagnostic) => report.push(diagnostic),
        }
    }
    statements
}

/// The body's text, and where in the file it begins.
fn text(declared: &Declared) -> Option<(String, Location)> {
    let body = declared.created.function_body.as_ref()?;
    let CreateFunctionBody::AsBeforeOptions { body: Expr::Value(value), link_symbol: None } = body
    else {
        return None;
    };
    let (text, before) = match &value.value {
        Value::DollarQuotedString(quoted) => {
            let tag = quoted.tag.as_ref().map_or(0, |tag| tag.chars().count());
            (quoted.value.clone(), tag.saturating_add(2))
        }
        Value::SingleQuotedString(text) => (text.clone(), 1),
        _ => return None,
    };
    let Location { line, column } = value.span.start;
    let before = u64::try_from(before).unwrap_or(0);
    Some((text, Location { line, column: column.saturating_add(before) }))
}

impl Expander<'_> {
    /// Writes all statements for this expander's role.
    pub fn steps(&mut self, statements: &[BodyStatement]) -> Vec<Step> {
        let Some(routine) = self.routine else { return Vec::new() };
        let last = statements.len().saturating_sub(1);
        let mut steps = Vec::new();
        for (index, BodyStatement { statement, at }) in statements.iter().enumerate() {
            self.begin();
            self.statement = Some(*at);
            let result = if index == last { routine.result.as_slice() } else { &[] };
            let step = match statement {
                Statement::Query(query) => self.answer(query, result, *at),
                other => self.change(other, result, *at),
            };
            if let Some(step) = step {
                if !self.has_failed() {
                    self.try_step(&step, result, *at);
                }
                steps.push(step);
            }
        }
        steps
    }

    /// Writes the query that answers.
    fn answer(&mut self, query: &Query, result: &[Column], at: Span) -> Option<Step> {
        if result.is_empty() {
            let help = "only the last statement answers, and only when the function returns more \
                        than void";
            self.refuse(at, "nobody gets to see the rows of this query", help);
            return None;
        }
        self.names = result.iter().map(|column| column.name.clone()).collect();
        let sql = self.query(query, Purpose::Result);
        if self.has_failed() {
            return None;
        }
        let columns = std::mem::take(&mut self.result);
        let alias = self.fresh_alias();
        let place = |(value, column): (Typed, &Column)| {
            let sql = Sql::text(format!("{alias}.{}", quote(&column.name)));
            match value.literal {
                Some(_) => value,
                None => Typed::new(value.kind, Form::Simple, sql),
            }
        };
        let count = columns.len();
        let mut placed: Vec<Typed> = columns.into_iter().zip(result).map(place).collect();
        placed.resize_with(count, Typed::null);
        let answered = self.as_result(placed.clone(), result, span(query.span()))?;
        if answered.iter().zip(&placed).all(|(one, other)| one.sql == other.sql) {
            return Some(Step::Select(sql.into_template()));
        }
        let list = answered
            .into_iter()
            .zip(result)
            .map(|(value, column)| value.sql.then(" as ").then(&quote(&column.name)));
        let list = Sql::join(list.collect::<Vec<_>>(), ", ");
        let sql =
            Sql::text("select ").and(list).then(" from (").and(sql).then(") as ").then(&alias);
        Some(Step::Select(sql.into_template()))
    }

    /// What a statement answers as the function declares it.
    pub fn as_result(
        &mut self,
        values: Vec<Typed>,
        result: &[Column],
        at: Span,
    ) -> Option<Vec<Typed>> {
        let function = self.routine.map(|routine| routine.name.text.clone()).unwrap_or_default();
        if values.len() != result.len() {
            let message = format!(
                "function \"{function}\" returns {}, but its last statement answers {}",
                columns(result.len()),
                columns(values.len())
            );
            self.refuse(at, message, "answer as many columns as are declared, in their order");
            return None;
        }
        let mut answered = Vec::new();
        for (value, column) in values.into_iter().zip(result) {
            let kind = Kind::of_column(column);
            if kind == Kind::Untyped || value.is_broken() {
                answered.push(value);
                continue;
            }
            if value.kind != Kind::Unknown && !value.kind.is_assignable(kind) {
                let message = format!(
                    "column \"{}\" of the result is of type {}, but its last statement answers {}",
                    column.name,
                    column.declared,
                    value.kind.name()
                );
                let help = "answer the declared types, in their order, or write a cast";
                self.refuse(at, message, help);
                return None;
            }
            answered.push(self.coerce(value, kind, Context::Assignment, at));
        }
        Some(answered)
    }
}

fn columns(count: usize) -> String {
    if count == 1 { "1 column".to_owned() } else { format!("{count} columns") }
}
