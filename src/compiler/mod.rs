//! `schema.sql`, `policies.sql` and `functions.sql` -> catalog, when the crate is built and in tests.
//!
//! The schema is loaded into a real SQLite and asked what it is; the policies are parsed, their names
//! looked up, each rewritten into a condition for SQLite and tried there. Each stage reports all its
//! mistakes before the next begins. This room imports nothing of the crate but `catalog`'s types, as
//! the build script compiles it too.

mod report;
mod lexer;
mod declarations;
mod postgres_ddl;
mod load;
mod types;
mod reflect;
mod keys;
mod references;
mod views;
mod full_text;
mod relationships;
mod policy;
mod parse;
mod object_name;
mod statement_kind;
mod grants;
mod rules;
mod sql;
mod condition;
mod environment;
mod grouping;
mod expand;
mod names;
mod expression;
mod query;
mod single;
mod result;
mod from;
mod access;
mod auth_tables;
mod routine;
mod advice;
mod conditions;

pub use conditions::conditions;
pub use expression::{CONSTRUCTS, Construct, Entry, Part, defects, language};
pub use report::{Report, Source, Sources};

use expand::Environment;
use report::{Diagnostic, File, Position, Span};

use crate::catalog::{Catalog, TableKind};

/// What the sources come to.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// What the Worker serves.
    pub catalog: Catalog,
    /// Warnings only.
    pub report: Report,
    /// The schema as the database is to execute it: what PostgreSQL writes otherwise is translated.
    pub schema: String,
}

/// Compiles a schema and its policies.
///
/// # Errors
/// All mistakes of the first stage that finds any.
pub fn compile(sources: &Sources) -> Result<Compiled, Report> {
    let mut report = Report::new(sources.clone());
    match run(&mut report) {
        Ok(Some(catalog)) if !report.has_errors() => {
            Ok(Compiled { catalog, schema: report.schema(), report })
        }
        Ok(_) => Err(report),
        Err(error) => {
            report.push(Diagnostic::error(start(File::Schema), message(error)));
            Err(report)
        }
    }
}

/// The stages, each of which leaves its findings in the report; `None` when one found errors. What
/// failed in one is left out of the next, so that no finding follows from another.
fn run(report: &mut Report) -> rusqlite::Result<Option<Catalog>> {
    let connection = load::open()?;
    let extras = postgres_ddl::translate(report);
    let creations = load::load(&connection, report);
    let policies = parse::parse(&extras.policies, report);
    let mut relations = reflect::reflect(&connection, &creations, &extras, report)?;
    // What did not load, or has no type, would be found again in all that needs it.
    if !report.has_errors() {
        full_text::reflect(&connection, &mut relations, report);
    }
    if !report.has_errors() {
        references::prepare(&connection, &relations, &creations, report);
    }
    auth_tables::add_later_columns(&connection)?;
    relationships::infer(&mut relations);
    let rules = rules::rules(&policies, &relations, report);
    let routines =
        routine::read(Environment::new(&connection, &relations, &rules, &extras.enums), report);
    access::fill(&connection, &mut relations, &rules, (&routines, &extras.enums), report)?;
    warn(&relations, &rules, report);
    advice::policies(&policies, report);
    let mut functions = Vec::new();
    // What is wrong with tables and policies would be said again of every function that reads them.
    if !report.has_errors_in(File::Schema) && !report.has_errors_in(File::Policies) {
        let environment =
            Environment::new(&connection, &relations, &rules, &extras.enums).with(&routines);
        functions = routine::compile(environment, &routines, report);
    }
    let served = relations.into_iter().filter(|relation| relation.is_exposed);
    let tables = served.map(|relation| relation.table).collect();
    Ok(Some(Catalog { tables, functions }))
}

/// What builds but is seldom meant.
fn warn(relations: &[reflect::Relation], rules: &rules::Rules, report: &mut Report) {
    for relation in relations.iter().filter(|relation| relation.is_exposed) {
        let table = &relation.table;
        let span = relation.name_span(report);
        let is_table = table.kind == TableKind::Table;
        if is_table && table.primary_key.is_empty() {
            let message = format!("table \"{}\" has no primary key", table.name);
            report.push(
                Diagnostic::warning(span, message)
                    .help("add one, so that its rows can be told apart"),
            );
        }
        if is_table && rules.is_closed(&table.name) {
            let message = format!("table \"{}\" has no policy", table.name);
            report.push(
                Diagnostic::warning(span, message)
                    .help("only service_role can access it until a policy admits other roles"),
            );
        }
    }
}

fn start(file: File) -> Span {
    let position = Position { line: 1, column: 1 };
    Span { file, start: position, end: position }
}

/// A name as SQL quotes it.
fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// SQLite's own words for what went wrong.
fn message(error: rusqlite::Error) -> String {
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => msg,
        rusqlite::Error::SqliteFailure(_, Some(message)) => message,
        other => other.to_string(),
    }
}
