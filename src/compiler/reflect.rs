//! Asks the loaded SQLite what there is: tables, their columns and types.

use std::ops::Range;

use rusqlite::types::Value;
use rusqlite::{Connection, Result};

use super::declarations::{Declared, declared};
use super::keys;
use super::lexer::{Token, statements, tokens};
use super::load::Creation;
use super::postgres_ddl::Extras;
use super::references;
use super::report::{Diagnostic, File, Report, Span};
use super::types;
use super::views;
use crate::catalog::{Access, CALLER_ID, Column, Table, TableKind, Type, caller_claim_default};

/// A table or view of which nothing is known but its columns: closed, and related to nothing.
pub(super) fn bare(name: String, kind: TableKind, columns: Vec<Column>) -> Table {
    Table {
        name,
        kind,
        columns,
        primary_key: Vec::new(),
        uniques: Vec::new(),
        checks: Vec::new(),
        foreign_keys: Vec::new(),
        indexes: Vec::new(),
        full_texts: Vec::new(),
        relationships: Vec::new(),
        anon: Access::default(),
        authenticated: Access::default(),
    }
}

/// A table or view as reflected, and where it was created.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub table: Table,
    /// Whether the REST API may serve it: Selvedge's own tables it may not.
    pub is_exposed: bool,
    pub creation: Creation,
    /// For tables, what their text tells.
    pub declared: Option<Declared>,
    /// For a view that only picks columns and rows of one table, that table.
    pub simple_over: Option<String>,
}

impl Relation {
    /// Where its name stands.
    pub fn name_span(&self, report: &Report) -> Span {
        self.span(report, &self.creation.name_at)
    }

    pub fn span(&self, report: &Report, at: &Range<usize>) -> Span {
        report.span(self.creation.file, at)
    }
}

/// All tables and views but virtual tables and what belongs to SQLite, sorted by name.
///
/// # Errors
/// Only when SQLite fails in a way that no source can cause; what is wrong with the sources goes to
/// the report.
pub(super) fn reflect(
    connection: &Connection,
    creations: &[Creation],
    extras: &Extras,
    report: &mut Report,
) -> Result<Vec<Relation>> {
    let mut relations = Vec::new();
    for listed in list(connection)? {
        // A trigger may have the name of a table.
        let same = |creation: &&Creation| {
            matches!(creation.kind, "table" | "view")
                && creation.name.eq_ignore_ascii_case(&listed.name)
        };
        let Some(creation) = creations.iter().find(same) else { continue };
        let text = report.sources().get(creation.file).text.clone();
        // The statement is cut again, so that offsets stay those of the file.
        let declared = statements(&text)
            .iter()
            .find(|tokens| tokens.first().is_some_and(|first| first.start == creation.at.start))
            .and_then(|tokens| declared(&text, tokens));
        let mut relation = Relation {
            table: bare(listed.name.clone(), listed.kind, Vec::new()),
            is_exposed: creation.file == File::Schema,
            creation: creation.clone(),
            declared,
            simple_over: None,
        };
        if listed.kind == TableKind::Table {
            keys::primary_key(connection, &mut relation.table)?;
            columns(connection, &listed, &mut relation, report)?;
            keys::reflect(connection, &mut relation)?;
        }
        relations.push(relation);
    }
    relations.sort_by(|left, right| left.table.name.cmp(&right.table.name));
    references::resolve(&mut relations, report);
    widen_references(&mut relations);
    check_defaults(connection, &relations, report);
    add_extras(&mut relations, extras);
    views::reflect(connection, &mut relations, report);
    leave_out_failed(&mut relations, extras, report);
    Ok(relations)
}

/// Leaves out tables and views of which a column's type is not known, and what reads them: nothing
/// can be said of their policies.
fn leave_out_failed(relations: &mut Vec<Relation>, extras: &Extras, report: &mut Report) {
    for name in &extras.untyped {
        report.fail(name);
    }
    loop {
        let failed = |relation: &Relation| {
            let is_untyped = relation.table.kind == TableKind::Table
                && relation.is_exposed
                && relation.table.columns.iter().any(|column| column.kind == Type::Any);
            let name = &relation.table.name;
            is_untyped || report.has_failed(name) || reads_failed(relation, report)
        };
        let names: Vec<String> = relations
            .iter()
            .filter(|relation| failed(relation))
            .map(|relation| relation.table.name.clone())
            .collect();
        if names.is_empty() {
            return;
        }
        for name in &names {
            report.fail(name);
        }
        relations.retain(|relation| !names.contains(&relation.table.name));
    }
}

/// Whether a view reads what could not be created.
fn reads_failed(relation: &Relation, report: &Report) -> bool {
    if relation.table.kind != TableKind::View {
        return false;
    }
    let text = &report.sources().get(relation.creation.file).text;
    let statement = text.get(relation.creation.at.clone()).unwrap_or_default();
    tokens(statement).iter().filter_map(Token::name).any(|name| report.has_failed(&name))
}

/// Adds what only PostgreSQL's words say: a default that is the caller's id, and a key whose values no
/// caller may choose.
fn add_extras(relations: &mut [Relation], extras: &Extras) {
    let mut each = |places: &[(String, String)], change: fn(&mut Column)| {
        for (table, name) in places {
            let same = |one: &&mut Relation| one.table.name.eq_ignore_ascii_case(table);
            let columns = relations.iter_mut().find(same).map(|one| &mut one.table.columns);
            let column = columns
                .and_then(|all| all.iter_mut().find(|one| one.name.eq_ignore_ascii_case(name)));
            if let Some(column) = column {
                change(column);
            }
        }
    };
    each(&extras.caller_defaults, |column| column.default = Some(CALLER_ID.to_owned()));
    each(&extras.identities, |column| column.generated = true);
    for (table, name, claim) in &extras.claim_defaults {
        let same = |one: &&mut Relation| one.table.name.eq_ignore_ascii_case(table);
        let columns = relations.iter_mut().find(same).map(|one| &mut one.table.columns);
        let column =
            columns.and_then(|all| all.iter_mut().find(|one| one.name.eq_ignore_ascii_case(name)));
        if let Some(column) = column {
            column.default = Some(caller_claim_default(claim));
        }
    }
    for (table, name, declared) in &extras.numbered {
        let same = |one: &&mut Relation| one.table.name.eq_ignore_ascii_case(table);
        let columns = relations.iter_mut().find(same).map(|one| &mut one.table.columns);
        let column =
            columns.and_then(|all| all.iter_mut().find(|one| one.name.eq_ignore_ascii_case(name)));
        if let Some(column) = column {
            (*declared).clone_into(&mut column.declared);
        }
    }
}

struct Listed {
    name: String,
    kind: TableKind,
    /// Strict tables and those without rowid hold no null in their key.
    keeps_key_not_null: bool,
}

fn list(connection: &Connection) -> Result<Vec<Listed>> {
    let mut statement = connection.prepare(
        "select name, type, wr or strict from pragma_table_list
         where schema = 'main' and type in ('table', 'view') and name not like 'sqlite\\_%' escape '\\'
         order by name",
    )?;
    let rows = statement.query_map([], |row| {
        let kind: String = row.get(1)?;
        Ok(Listed {
            name: row.get(0)?,
            kind: if kind == "view" { TableKind::View } else { TableKind::Table },
            keeps_key_not_null: row.get(2)?,
        })
    })?;
    rows.collect()
}

fn columns(
    connection: &Connection,
    listed: &Listed,
    relation: &mut Relation,
    report: &mut Report,
) -> Result<()> {
    let is_rowid = keys::is_rowid(connection, &relation.table)?;
    let mut statement = connection.prepare(
        "select name, type, \"notnull\", dflt_value, hidden from pragma_table_xinfo(?1) order by cid",
    )?;
    let mut rows = statement.query([&listed.name])?;
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        // SQLite capitalizes some of its own types, so the text is asked first.
        let declared: String = row.get(1)?;
        let written = column_at(relation, &name, |column| &column.type_at);
        let written = written.and_then(|at| source(relation, report).get(at.clone()));
        let declared = match written {
            Some(written) if written.eq_ignore_ascii_case(&declared) => written.to_owned(),
            _ => declared,
        };
        let is_key = relation.table.primary_key.contains(&name);
        let is_rowid = is_rowid && is_key;
        let is_not_null: bool = row.get(2)?;
        let hidden: i64 = row.get(4)?;
        let kind = match types::parse(&declared) {
            // SQLite numbers these by itself, with 64 bits.
            Some(Type::Integer) if is_rowid => Type::BigInt,
            // Times of Selvedge's own tables are milliseconds.
            Some(Type::Integer) if !relation.is_exposed => Type::BigInt,
            Some(Type::Text { .. })
                if !relation.is_exposed && (name == "id" || name == "user_id") =>
            {
                Type::Uuid
            }
            Some(kind) => kind,
            None => {
                report.push(unknown_type(relation, report, &name, &declared));
                Type::Any
            }
        };
        let nullable = !(is_not_null || is_rowid || (is_key && listed.keeps_key_not_null));
        if is_key && nullable {
            report.push(nullable_key(relation, report, &name));
        }
        let declared = match kind {
            Type::BigInt if !relation.is_exposed => "bigint".to_owned(),
            _ => declared,
        };
        relation.table.columns.push(Column {
            name,
            declared,
            kind,
            nullable,
            default: row.get(3)?,
            generated: hidden == 2 || hidden == 3,
            options: Vec::new(),
        });
    }
    Ok(())
}

fn unknown_type(relation: &Relation, report: &Report, name: &str, declared: &str) -> Diagnostic {
    let column = column_at(relation, name, |column| &column.type_at);
    let span = column.map_or_else(|| relation.name_span(report), |at| relation.span(report, at));
    let of = format!("column \"{name}\" of table \"{}\"", relation.table.name);
    let lower = declared.to_ascii_lowercase();
    if declared.is_empty() {
        return Diagnostic::error(span, format!("{of} has no type"))
            .help(format!("the types are {}", types::TYPES));
    }
    let error = Diagnostic::error(span, format!("{of} has the unknown type \"{declared}\""));
    if lower.contains("serial") {
        return error.help("write `integer primary key`, which SQLite numbers by itself");
    }
    if lower.starts_with("numeric") || lower.starts_with("decimal") {
        return error.help("the precision is from 1 to 1000, and the scale from -1000 to 1000");
    }
    if lower.starts_with("citext") && lower != "citext" {
        return error.help("write `text[]`, whose items are compared with their case");
    }
    if lower == "citext" {
        return error.help("write `text collate nocase`, which ignores the case of ASCII letters");
    }
    error.help(format!("the types are {}", types::TYPES))
}

fn nullable_key(relation: &Relation, report: &Report, name: &str) -> Diagnostic {
    let column = column_at(relation, name, |column| &column.name_at);
    let span = column.map_or_else(|| relation.name_span(report), |at| relation.span(report, at));
    Diagnostic::warning(span, format!("column \"{name}\" of a primary key may hold null in SQLite"))
        .help("add `not null`")
}

fn source<'a>(relation: &Relation, report: &'a Report) -> &'a str {
    &report.sources().get(relation.creation.file).text
}

fn column_at<'a>(
    relation: &'a Relation,
    name: &str,
    part: fn(&super::declarations::DeclaredColumn) -> &Range<usize>,
) -> Option<&'a Range<usize>> {
    let columns = relation.declared.as_ref().map(|declared| declared.columns.as_slice());
    let columns = columns.unwrap_or_default();
    columns.iter().find(|column| column.name.eq_ignore_ascii_case(name)).map(part)
}

/// Gives an `integer` that refers to a 64-bit key its 64 bits, so that both compare alike.
fn widen_references(relations: &mut [Relation]) {
    loop {
        let mut wider = Vec::new();
        for (index, relation) in relations.iter().enumerate() {
            for key in &relation.table.foreign_keys {
                let Some(parent) = find(relations, &key.references) else { continue };
                for (from, to) in key.columns.iter().zip(&key.referenced_columns) {
                    let narrow = relation.table.column(from).map(|column| column.kind);
                    let wide = parent.table.column(to).map(|column| column.kind);
                    if (narrow, wide) == (Some(Type::Integer), Some(Type::BigInt)) {
                        wider.push((index, from.clone()));
                    }
                }
            }
        }
        // Each round makes at least one column wider, so this ends.
        if wider.is_empty() {
            return;
        }
        for (index, name) in wider {
            let columns = relations.get_mut(index).map(|relation| &mut relation.table.columns);
            let column = columns.and_then(|all| all.iter_mut().find(|one| one.name == name));
            if let Some(column) = column {
                column.kind = Type::BigInt;
            }
        }
    }
}

/// The relation of that name; SQLite's names have no case.
pub(super) fn find<'a>(relations: &'a [Relation], name: &str) -> Option<&'a Relation> {
    relations.iter().find(|relation| relation.table.name.eq_ignore_ascii_case(name))
}

/// The column of that name, which has no case either.
pub(super) fn find_column<'a>(columns: &'a [Column], name: &str) -> Option<&'a Column> {
    columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
}

/// Evaluates each default once and looks whether the column may hold it.
fn check_defaults(connection: &Connection, relations: &[Relation], report: &mut Report) {
    for relation in relations.iter().filter(|relation| relation.is_exposed) {
        for column in &relation.table.columns {
            let Some(default) = column.default.as_ref().filter(|_| !column.generated) else {
                continue;
            };
            let value = connection
                .query_row(&format!("select {default}"), [], |row| row.get::<_, Value>(0));
            let message = match value {
                Ok(value) if types::is_canonical(column.kind, &value) => continue,
                Ok(_) => format!(
                    "the default of column \"{}\" is not a value of type {}",
                    column.name, column.declared
                ),
                Err(error) => {
                    let why = super::message(error);
                    format!("the default of column \"{}\" cannot be computed: {why}", column.name)
                }
            };
            let at = column_at(relation, &column.name, |column| &column.whole_at);
            let span =
                at.map_or_else(|| relation.name_span(report), |at| relation.span(report, at));
            report.push(Diagnostic::error(span, message).help(types::default_help(column.kind)));
        }
    }
}
