//! Loads Selvedge's own tables and `schema.sql` into a real SQLite, statement by statement, so that
//! an error has its place.

use std::ops::Range;

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;

use super::declarations::created;
use super::lexer::{Token, statements};
use super::report::{Diagnostic, File, Places, Report};

/// Where a table, view or trigger was created.
#[derive(Debug, Clone)]
pub(super) struct Creation {
    pub file: File,
    /// `table`, `view`, `index` or `trigger`.
    pub kind: &'static str,
    pub name: String,
    /// The whole statement, in bytes.
    pub at: Range<usize>,
    /// The name in it, in bytes.
    pub name_at: Range<usize>,
}

/// What D1 sets lower than SQLite, so that a schema which builds can be executed there.
const D1_LIMITS: [(Limit, i32); 4] = [
    (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
    (Limit::SQLITE_LIMIT_COLUMN, 100),
    (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
    (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 5),
];

/// SQLite's own functions that D1 does not let a statement use.
const NOT_ON_D1: [&str; 17] = [
    "ceiling",
    "if",
    "json_array_insert",
    "json_error_position",
    "json_pretty",
    "jsonb_array_insert",
    "load_extension",
    "log10",
    "power",
    "sqlite_compileoption_get",
    "sqlite_compileoption_used",
    "sqlite_log",
    "sqlite_source_id",
    "sqlite_version",
    "subtype",
    "unistr",
    "unistr_quote",
];

/// Denies what D1 denies.
fn authorize(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Function { function_name }
            if NOT_ON_D1.iter().any(|name| name.eq_ignore_ascii_case(function_name)) =>
        {
            Authorization::Deny
        }
        _ => Authorization::Allow,
    }
}

/// An in-memory database without any table, with D1's limits, on which foreign keys are enforced.
///
/// # Errors
/// When SQLite cannot allocate it.
pub(super) fn open() -> rusqlite::Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    connection.execute_batch("pragma foreign_keys = on")?;
    for (limit, value) in D1_LIMITS {
        connection.set_limit(limit, value)?;
    }
    connection.authorizer(Some(authorize))?;
    Ok(connection)
}

/// Runs all statements of both files and tells where each thing was created.
pub(super) fn load(connection: &Connection, report: &mut Report) -> Vec<Creation> {
    let mut creations = Vec::new();
    for file in [File::Migration, File::Schema] {
        let text = report.sources().get(file).text.clone();
        let places = report.places(file);
        for statement in statements(&text) {
            match run(connection, file, &text, &places, &statement) {
                Ok(creation) => creations.push(creation),
                Err(diagnostic) => {
                    report.push(diagnostic);
                    match created(&statement) {
                        Some(("table" | "view", name)) => {
                            report.fail(&name.name().unwrap_or_default());
                        }
                        Some(_) => {}
                        // It may have been meant to create anything.
                        None => report.fail_unknown(),
                    }
                }
            }
        }
    }
    creations
}

fn run(
    connection: &Connection,
    file: File,
    text: &str,
    places: &Places,
    statement: &[Token<'_>],
) -> Result<Creation, Diagnostic> {
    let [first, .., last] = statement else {
        let at = statement.first().map(Token::range).unwrap_or_default();
        return Err(Diagnostic::error(places.span(&at), "not a statement"));
    };
    let at = first.start..last.range().end;
    let second = statement.get(1).filter(|token| token.is("temp") || token.is("temporary"));
    if let Some(wrong) = second.or((!first.is("create")).then_some(first)) {
        let message = format!("`{}` has no place in a schema", wrong.text.to_lowercase());
        return Err(Diagnostic::error(places.span(&wrong.range()), message).help(
            "a schema creates tables, views, indexes and triggers; rows belong into the seed",
        ));
    }
    let sql = text.get(at.clone()).unwrap_or_default();
    if let Err(error) = connection.execute_batch(sql) {
        return Err(refused(places, statement, error));
    }
    let (kind, name) = created(statement).ok_or_else(|| {
        Diagnostic::error(places.span(&first.range()), "this cannot be created here")
    })?;
    let plain = name.name().unwrap_or_default();
    if file == File::Schema && kind != "trigger" && is_reserved(&plain) {
        let message = format!("the name \"{plain}\" is reserved");
        return Err(Diagnostic::error(places.span(&name.range()), message)
            .help("openapi.json and what begins with auth_, d1_ or _cf_ are Selvedge's and D1's"));
    }
    if matches!(kind, "table" | "view") && is_alias(&plain) {
        let message = format!("the name \"{plain}\" is reserved");
        return Err(Diagnostic::error(places.span(&name.range()), message)
            .help("Selvedge's statements call rows excluded, new row, json_each, json_tree, p0, p1, .., t0, .., v0, .."));
    }
    Ok(Creation { file, kind, name: plain, at, name_at: name.range() })
}

fn is_reserved(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // The address of the API's description.
    name == "openapi.json" || ["auth_", "d1_", "_cf_"].iter().any(|prefix| name.starts_with(prefix))
}

/// Whether statements call rows by that name. A change calls its row by the table's own name, so
/// within a policy's sub-select such a table's row would be taken for one of the sub-select's.
fn is_alias(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let numbered = name.strip_prefix(['p', 't', 'v']).is_some_and(|number| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    numbered || matches!(name.as_str(), "excluded" | "new row" | "json_each" | "json_tree")
}

/// SQLite's own words, at the token it points to.
fn refused(places: &Places, statement: &[Token<'_>], error: rusqlite::Error) -> Diagnostic {
    let begin = statement.first().map_or(0, |first| first.start);
    let offset = match &error {
        rusqlite::Error::SqlInputError { offset, .. } => usize::try_from(*offset).ok(),
        _ => None,
    };
    let message = super::message(error);
    let pointed = offset.map(|offset| begin.saturating_add(offset));
    let token = match pointed {
        Some(offset) => statement.iter().find(|token| token.range().contains(&offset)),
        None if message == "incomplete input" => statement.last(),
        None => created(statement)
            .and_then(|(_, name)| statement.iter().find(|token| token.start == name.start))
            .or(statement.first()),
    };
    let at = token.map(Token::range).unwrap_or(begin..begin);
    Diagnostic::error(places.span(&at), message)
}
