//! Writes the statements of a body. Only the last one answers.

use sqlparser::ast::{CreateFunctionBody, Expr, Query, Spanned, Statement, Value};
use sqlparser::tokenizer::{Location, TokenWithSpan};

use super::parse::{Declared, solid};
use crate::catalog::{Column, Step, Type};
use crate::compiler::expand::Expander;
use crate::compiler::kinds::{Kind, is_integer, wider};
use crate::compiler::parse::{parse_statement, span, statements as split};
use crate::compiler::query::Purpose;
use crate::compiler::report::{Diagnostic, Report, Span};
use crate::compiler::types;

/// The most statements of one body.
const STATEMENTS_MAX: usize = 20;

/// A statement of a body, and where it begins.
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
        let kinds = std::mem::take(&mut self.result);
        self.check_result(&kinds, result, span(query.span()));
        Some(Step::Select(sql.into_template()))
    }

    /// Whether a statement answers what the function declares.
    pub fn check_result(&mut self, kinds: &[Kind], result: &[Column], at: Span) {
        let function = self.routine.map(|routine| routine.name.text.clone()).unwrap_or_default();
        if kinds.len() != result.len() {
            let message = format!(
                "function \"{function}\" returns {}, but its last statement answers {}",
                columns(result.len()),
                columns(kinds.len())
            );
            self.refuse(at, message, "answer as many columns as are declared, in their order");
            return;
        }
        for (kind, column) in kinds.iter().zip(result) {
            let found = match kind {
                Kind::Null | Kind::Unknown => continue,
                Kind::Literal(text) => {
                    if types::is_canonical_text(column.kind, text) {
                        continue;
                    }
                    "text"
                }
                Kind::Known(kind) if column.kind == Type::Any || answers(*kind, column.kind) => {
                    continue;
                }
                Kind::Known(kind) => types::name(*kind),
            };
            let message = format!(
                "column \"{}\" of the result is of type {}, but its last statement answers {found}",
                column.name, column.declared
            );
            self.refuse(at, message, "answer the declared types, in their order");
        }
    }
}

/// Whether a value of one type may be answered as one of another: numbers as numbers, integers only
/// from integers.
pub(super) fn answers(found: Type, declared: Type) -> bool {
    wider(found, declared).is_some() && (is_integer(found) || !is_integer(declared))
}

fn columns(count: usize) -> String {
    if count == 1 { "1 column".to_owned() } else { format!("{count} columns") }
}
