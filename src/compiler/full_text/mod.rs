//! Indexes of full text: `create virtual table .. using fts5 (.., content='tasks', ..)`.
//!
//! Such a table holds no texts of its own, so it is put to the table that it indexes and not served.
//! Whatever would make a search find the wrong rows is an error, above all a trigger that is not
//! there: an index that a change does not reach goes stale without a word.

mod upkeep;

use std::ops::Range;

use rusqlite::Connection;

use super::declarations::{created, inside, split};
use super::keys;
use super::lexer::{Token, statements};
use super::parse::Name;
use super::reflect::{Relation, find, find_column};
use super::report::{Diagnostic, File, Report, Span};
use super::rules::{missing, no_column};
use crate::catalog::{Column, FullText, Table, TableKind, Tokenizer, Type};

/// An FTS5 table, as it is written.
struct Declared<'a> {
    name: Token<'a>,
    columns: Vec<DeclaredColumn>,
    options: Vec<Setting>,
}

struct DeclaredColumn {
    name: String,
    is_indexed: bool,
    at: Range<usize>,
}

/// An option, such as `content='tasks'`.
struct Setting {
    name: String,
    value: String,
    at: Range<usize>,
}

impl Declared<'_> {
    fn option(&self, name: &str) -> Option<&Setting> {
        self.options.iter().find(|option| option.name == name)
    }
}

/// Puts every index of full text to the table that it indexes.
pub(super) fn reflect(connection: &Connection, relations: &mut [Relation], report: &mut Report) {
    let text = report.sources().get(File::Schema).text.clone();
    let schema = statements(&text);
    let places = report.places(File::Schema);
    let span = |at: &Range<usize>| places.span(at);
    for declared in schema.iter().filter_map(|statement| declared(statement)) {
        match resolve(connection, relations, &declared, &span) {
            Ok((table, index)) => {
                for finding in upkeep::missing(&schema, table, &index) {
                    let at = finding.at.unwrap_or_else(|| declared.name.range());
                    let error = Diagnostic::error(span(&at), finding.message);
                    report.push(error.help(finding.help));
                }
                if let Some(at) = upkeep::replaced(&schema, table) {
                    let message = format!(
                        "full-text index \"{}\" goes stale: a replaced row fires no trigger",
                        index.name
                    );
                    let error = Diagnostic::error(span(&at), message);
                    report.push(
                        error.help("write `on conflict .. do update set ..` where it is inserted"),
                    );
                }
                let name = table.name.clone();
                if let Some(indexed) = relations.iter_mut().find(|one| one.table.name == name) {
                    indexed.table.full_texts.push(index);
                }
            }
            Err(diagnostic) => report.push(diagnostic),
        }
    }
}

/// Reads `create virtual table name using fts5 (..)`, whose syntax SQLite has judged.
fn declared<'a>(statement: &[Token<'a>]) -> Option<Declared<'a>> {
    let (_, name) = created(statement)?;
    let using = statement.iter().position(|token| token.is("using"))?;
    let [_, module, arguments @ ..] = statement.get(using..)? else { return None };
    if !statement.get(1)?.is("virtual") || !module.is("fts5") {
        return None;
    }
    let mut declared = Declared { name, columns: Vec::new(), options: Vec::new() };
    for argument in split(inside(arguments)?) {
        let [first, rest @ ..] = argument else { continue };
        let end = argument.last().map_or(first.range().end, |last| last.range().end);
        let (name, at) = (first.name()?, first.start..end);
        match rest {
            [equals, value @ ..] if equals.is("=") => {
                let words: Vec<String> = value.iter().filter_map(Token::name).collect();
                let (name, value) = (name.to_lowercase(), words.join(" "));
                declared.options.push(Setting { name, value, at });
            }
            _ => {
                let is_indexed = !rest.iter().any(|token| token.is("unindexed"));
                declared.columns.push(DeclaredColumn { name, is_indexed, at });
            }
        }
    }
    Some(declared)
}

/// The table that is indexed, and the index.
fn resolve<'r>(
    connection: &Connection,
    relations: &'r [Relation],
    declared: &Declared<'_>,
    span: &impl Fn(&Range<usize>) -> Span,
) -> Result<(&'r Table, FullText), Diagnostic> {
    let name = declared.name.name().unwrap_or_default();
    let whole = span(&declared.name.range());
    let Some(content) = declared.option("content").filter(|content| !content.value.is_empty())
    else {
        let message = format!("full-text table \"{name}\" indexes no table, so no search uses it");
        return Err(Diagnostic::warning(whole, message)
            .help("name the table and its key: content='tasks', content_rowid='id'"));
    };
    let table = content_table(relations, content, span(&content.at))?;
    let key = key(connection, table, declared, span)?;
    let mut columns = Vec::new();
    for column in &declared.columns {
        let known = indexed_column(table, column, span(&column.at))?;
        columns.push(if column.is_indexed { known.name.clone() } else { String::new() });
    }
    if let Some(detail) = declared.option("detail").filter(|detail| detail.value != "full") {
        let message = "without detail=full phrases cannot be found";
        return Err(Diagnostic::error(span(&detail.at), message).help("leave `detail` out"));
    }
    let tokenizer = declared.option("tokenize").map_or("", |option| option.value.as_str());
    let first = tokenizer.split_whitespace().next().unwrap_or_default();
    let tokenizer = match first.trim_matches(['\'', '"']).to_ascii_lowercase().as_str() {
        "porter" => Tokenizer::Porter,
        "trigram" => Tokenizer::Trigram,
        _ => Tokenizer::Words,
    };
    Ok((table, FullText { name, key, columns, tokenizer }))
}

fn content_table<'a>(
    relations: &'a [Relation],
    content: &Setting,
    at: Span,
) -> Result<&'a Table, Diagnostic> {
    let Some(relation) = find(relations, &content.value) else {
        return Err(missing(&Name { text: content.value.clone(), span: at }, relations));
    };
    let name = &relation.table.name;
    if !relation.is_exposed {
        let message = format!("\"{name}\" is not served, so its texts cannot be searched");
        return Err(Diagnostic::error(at, message).help("copy what may be searched into a table"));
    }
    if relation.table.kind == TableKind::View {
        let message = format!("\"{name}\" is a view, and an index of a view cannot be kept");
        return Err(Diagnostic::error(at, message).help("index the table behind it"));
    }
    Ok(&relation.table)
}

/// The column that numbers both tables' rows.
fn key(
    connection: &Connection,
    table: &Table,
    declared: &Declared<'_>,
    span: &impl Fn(&Range<usize>) -> Span,
) -> Result<String, Diagnostic> {
    let is_rowid = keys::is_rowid(connection, table).unwrap_or_default();
    let Some(key) = table.primary_key.first().filter(|_| is_rowid) else {
        // SQLite may number such rows anew whenever it likes.
        let message = format!("the rows of table \"{}\" have no lasting number", table.name);
        return Err(Diagnostic::error(span(&declared.name.range()), message).help(
            "an index knows rows by an `integer primary key`; another key can stay as a unique column",
        ));
    };
    if let Some(option) = declared.option("content_rowid") {
        let rowid = ["rowid", "oid", "_rowid_"];
        let is_key = option.value.eq_ignore_ascii_case(key);
        if !is_key && !rowid.iter().any(|name| option.value.eq_ignore_ascii_case(name)) {
            let message = format!("\"{}\" does not number the rows of its table", option.value);
            let help = format!("write content_rowid='{key}'");
            return Err(Diagnostic::error(span(&option.at), message).help(help));
        }
    }
    Ok(key.clone())
}

fn indexed_column<'a>(
    table: &'a Table,
    column: &DeclaredColumn,
    at: Span,
) -> Result<&'a Column, Diagnostic> {
    let Some(known) = find_column(&table.columns, &column.name) else {
        return Err(no_column(&Name { text: column.name.clone(), span: at }, table));
    };
    if column.is_indexed && !matches!(known.kind, Type::Text { .. }) {
        let message = format!("column \"{}\" of type {} is no text", known.name, known.declared);
        return Err(Diagnostic::error(at, message)
            .help("only text is searched; a generated column of type text can be indexed"));
    }
    Ok(known)
}
