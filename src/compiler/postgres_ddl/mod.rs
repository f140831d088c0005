//! Reads `schema.sql` before SQLite does, and translates what PostgreSQL writes otherwise.
//!
//! What is translated without doubt is edited in place; what is not is explained at its place, with
//! the line to write. A statement without anything of PostgreSQL stays as it is, byte for byte, so
//! that the file may as well be plain SQLite. SQLite then judges the outcome, which is exactly what
//! the database executes.

mod alter;
mod cast;
mod cursor;
mod declared_type;
mod default;
mod edits;
mod expression;
mod index;
mod literal;
mod pattern;
mod qualify;
mod statement;
mod table;
mod table_constraint;
mod trigger;
mod view;

pub use edits::Edits;

use std::ops::Range;

use super::lexer::{Kind, Token, statements};
use super::report::{Diagnostic, File, Places, Report, Severity};
use cursor::{Cursor, range};
use table::TableDraft;
use trigger::TriggerFunction;

/// What the schema says that SQLite has no words for.
#[derive(Debug, Clone, Default)]
pub(super) struct Extras {
    /// Columns, by table, whose default is the caller's id.
    pub caller_defaults: Vec<(String, String)>,
    /// Columns, by table, whose default is a claim of the caller's token, and the claim.
    pub claim_defaults: Vec<(String, String, String)>,
    /// Columns, by table, that are `generated always as identity`: no caller may choose their value.
    pub identities: Vec<(String, String)>,
    /// Columns, by table, that SQLite numbers and that were declared as another type than `integer`, and that type.
    pub numbered: Vec<(String, String, &'static str)>,
    /// Statements that belong into `policies.sql`: their bytes in what was written.
    pub policies: Vec<Range<usize>>,
    /// Tables with a column of a type that is not here.
    pub untyped: Vec<String>,
    /// Types that list their values, as `create type .. as enum` does.
    pub enums: Vec<EnumType>,
}

/// A `create type .. as enum`.
#[derive(Debug, Clone)]
pub(super) struct EnumType {
    pub name: String,
    pub values: Vec<String>,
}

/// A statement and its bytes, with its semicolon.
#[derive(Debug, Clone)]
struct Statement<'a> {
    tokens: Vec<Token<'a>>,
    whole: Range<usize>,
}

/// The schema while it is read.
struct Reader<'a> {
    text: &'a str,
    places: Places,
    edits: Edits,
    findings: Vec<Diagnostic>,
    enums: Vec<EnumType>,
    /// Types that are created and have no translation.
    explained_types: Vec<String>,
    tables: Vec<TableDraft>,
    functions: Vec<TriggerFunction>,
    failed: Vec<String>,
    /// How many findings leave a table that can be created nevertheless.
    mended_count: usize,
    extras: Extras,
}

/// Translates the schema in the report, and pushes what cannot be translated.
pub(super) fn translate(report: &mut Report) -> Extras {
    let written = report.sources().get(File::Schema).text.clone();
    let text = without_rows(&written);
    let mut reader = Reader {
        text: &text,
        places: report.places(File::Schema),
        edits: Edits::default(),
        findings: Vec::new(),
        enums: Vec::new(),
        explained_types: Vec::new(),
        tables: Vec::new(),
        functions: Vec::new(),
        failed: Vec::new(),
        mended_count: 0,
        extras: Extras::default(),
    };
    let statements = cut(&text);
    reader.read_types(&statements);
    reader.read_functions(&statements);
    for statement in &statements {
        reader.read(statement);
    }
    reader.finish_tables();
    let Reader { mut edits, findings, failed, mut extras, enums, .. } = reader;
    extras.enums = enums;
    // Which is as long as what was written, so that places are the same.
    let schema = edits.apply(&text);
    report.translate(schema, edits);
    for name in failed {
        report.fail(&name);
    }
    for finding in findings {
        report.push(finding);
    }
    extras
}

/// Blanks the rows behind `copy .. from stdin;`, which are no SQL.
fn without_rows(text: &str) -> String {
    let mut output = String::with_capacity(text.len());
    let mut is_data = false;
    for line in text.split_inclusive('\n') {
        let lower = line.trim().to_ascii_lowercase();
        if is_data {
            output.extend(line.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
            is_data = lower != "\\.";
        } else {
            output.push_str(line);
            is_data = lower.starts_with("copy ") && lower.ends_with("from stdin;");
        }
    }
    output
}

/// The statements; a line of `psql`, which begins with a backslash, is one.
fn cut(text: &str) -> Vec<Statement<'_>> {
    let mut all = Vec::new();
    for mut tokens in statements(text) {
        let end = |tokens: &[Token<'_>]| {
            let end = range(tokens).end;
            let behind = text.get(end..).unwrap_or_default();
            let semicolon = behind
                .find(|c: char| !c.is_whitespace())
                .filter(|at| behind.get(*at..).is_some_and(|rest| rest.starts_with(';')));
            semicolon.map_or(end, |at| end.saturating_add(at).saturating_add(1))
        };
        while let Some(first) = tokens.first().filter(|first| first.text == "\\") {
            let line = text.get(first.start..).and_then(|rest| rest.find('\n'));
            let line_end = line.map_or(text.len(), |at| first.start.saturating_add(at));
            let rest = tokens.iter().position(|token| token.start >= line_end);
            let rest = tokens.split_off(rest.unwrap_or(tokens.len()));
            let whole = range(&tokens).start..line_end;
            all.push(Statement { tokens, whole });
            tokens = rest;
        }
        if !tokens.is_empty() {
            let whole = range(&tokens).start..end(&tokens);
            all.push(Statement { tokens, whole });
        }
    }
    all
}

impl<'a> Reader<'a> {
    /// Says what is wrong at a place.
    fn error(&mut self, at: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.findings.push(Diagnostic::error(self.places.span(at), message).help(help));
    }

    /// Says what is wrong, and puts something in its place that SQLite can take, so that what else is
    /// wrong is found as well.
    fn error_mended(
        &mut self,
        at: &Range<usize>,
        mended: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.error(at, message, help);
        self.edits.replace(at.clone(), mended);
        self.mended_count = self.mended_count.saturating_add(1);
    }

    /// How many findings leave nothing that SQLite could create.
    fn failures_count(&self) -> usize {
        let is_error = |one: &&Diagnostic| one.severity == Severity::Error;
        let errors = self.findings.iter().filter(is_error).count();
        errors.saturating_sub(self.mended_count)
    }

    fn warn(&mut self, at: &Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.findings.push(Diagnostic::warning(self.places.span(at), message).help(help));
    }

    /// Leaves a statement out, with the end of its line.
    fn leave_out(&mut self, statement: &Statement<'_>) {
        let Range { mut start, mut end } = statement.whole.clone();
        let behind = self.text.get(end..).unwrap_or_default();
        let blank = behind.find(|c: char| c != ' ' && c != '\t').unwrap_or(behind.len());
        if behind.get(blank..).is_some_and(|rest| rest.starts_with('\n')) {
            end = end.saturating_add(blank).saturating_add(1);
            let before = self.text.get(..start).unwrap_or_default();
            let indented = before.trim_end_matches([' ', '\t']);
            if indented.is_empty() || indented.ends_with('\n') {
                start = indented.len();
            }
        }
        self.edits.remove(start..end);
    }

    /// Leaves a statement out that has been explained.
    fn reject(
        &mut self,
        statement: &Statement<'_>,
        at: &Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.error(at, message, help);
        self.leave_out(statement);
    }

    /// The text of some bytes.
    fn source(&self, at: &Range<usize>) -> &'a str {
        self.text.get(at.clone()).unwrap_or_default()
    }

    fn enum_named(&self, name: &str) -> Option<&EnumType> {
        self.enums.iter().find(|one| one.name.eq_ignore_ascii_case(name))
    }

    /// Collects `create type .. as enum` and `alter type .. add value`, wherever they stand.
    fn read_types(&mut self, statements: &[Statement<'a>]) {
        for statement in statements {
            let mut cursor = Cursor::new(&statement.tokens);
            if cursor.take(&["create", "type"]) {
                let Some(name) = cursor.qualified() else { continue };
                if !cursor.take(&["as", "enum"]) {
                    self.explained_types.push(name.text());
                    continue;
                }
                let values = cursor.group().unwrap_or_default().iter();
                let values = values.filter(|token| token.kind == Kind::Text);
                let values: Vec<String> = values.filter_map(Token::name).collect();
                if !values.is_sorted() {
                    let message = format!(
                        "the values of \"{}\" are ordered as texts here, not as they are listed",
                        name.text()
                    );
                    self.warn(
                        &name.range(),
                        message,
                        "where the order matters, keep a number for it in a table of its own",
                    );
                }
                self.enums.push(EnumType { name: name.text(), values });
                self.leave_out(statement);
            } else if cursor.take(&["create", "domain"]) {
                self.explained_types.extend(cursor.qualified().map(|name| name.text()));
            } else if cursor.take(&["alter", "type"]) {
                self.alter_type(statement, cursor);
            }
        }
    }

    fn alter_type(&mut self, statement: &Statement<'a>, mut cursor: Cursor<'_, 'a>) {
        let Some(name) = cursor.qualified().map(|name| name.text()) else { return };
        if cursor.take(&["owner"]) {
            return self.leave_out(statement);
        }
        let is_value = cursor.take(&["add", "value"]);
        cursor.take(&["if", "not", "exists"]);
        let value = cursor.next().filter(|token| is_value && token.kind == Kind::Text);
        let known = self.enums.iter_mut().find(|one| one.name.eq_ignore_ascii_case(&name));
        match (value.and_then(|value| value.name()), known) {
            (Some(value), Some(known)) => {
                if !known.values.contains(&value) {
                    known.values.push(value);
                }
                self.leave_out(statement);
            }
            _ => self.reject(
                statement,
                &range(&statement.tokens),
                "this change of a type has no translation",
                "write the type as it is to be where it is created",
            ),
        }
    }
}
