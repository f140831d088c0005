//! Foreign keys across tables: that what they refer to is there, and the types that follow.

use rusqlite::Connection;

use super::declarations::ConstraintKind;
use super::load::Creation;
use super::parse::Name;
use super::reflect::{Relation, find_column};
use super::report::{Diagnostic, File, Report, Span};
use super::rules::no_column;
use crate::catalog::{ForeignKey, TableKind};

/// Completes every foreign key (the names as declared, the columns that were left out) and reports
/// those that SQLite would refuse at the first write.
pub(super) fn resolve(relations: &mut [Relation], report: &mut Report) {
    let mut resolved = Vec::new();
    for relation in relations.iter() {
        let mut keys = Vec::new();
        for (index, key) in relation.table.foreign_keys.iter().enumerate() {
            match complete(relations, key, key_span(relation, index, report)) {
                Ok(key) => keys.push(key),
                Err(diagnostic) => report.push(diagnostic),
            }
        }
        resolved.push(keys);
    }
    for (relation, keys) in relations.iter_mut().zip(resolved) {
        relation.table.foreign_keys = keys;
    }
}

/// Where the foreign key of that number is declared.
fn key_span(relation: &Relation, index: usize, report: &Report) -> Span {
    let constraints = relation.declared.iter().flat_map(|declared| &declared.constraints);
    let mut keys = constraints.filter(|one| one.kind == ConstraintKind::ForeignKey);
    let declared = keys.nth(index).map(|key| relation.span(report, &key.at));
    declared.unwrap_or_else(|| relation.name_span(report))
}

fn complete(
    relations: &[Relation],
    key: &ForeignKey,
    span: Span,
) -> Result<ForeignKey, Diagnostic> {
    let tables = || relations.iter().filter(|one| one.table.kind == TableKind::Table);
    let Some(parent) = tables().find(|one| one.table.name.eq_ignore_ascii_case(&key.references))
    else {
        let names = tables().map(|one| one.table.name.as_str());
        let message = format!("table \"{}\" does not exist", key.references);
        return Err(Diagnostic::error(span, message)
            .suggest(&key.references, names)
            .misses(&key.references));
    };
    let parent = &parent.table;
    let mut columns = Vec::new();
    for name in &key.referenced_columns {
        let Some(column) = find_column(&parent.columns, name) else {
            return Err(no_column(&Name { text: name.clone(), span }, parent));
        };
        columns.push(column.name.clone());
    }
    if columns.is_empty() {
        columns.clone_from(&parent.primary_key);
    }
    let mut sorted = columns.clone();
    sorted.sort();
    let is_unique = parent.uniques.iter().any(|unique| {
        let mut unique = unique.columns.clone();
        unique.sort();
        unique == sorted
    });
    if !is_unique || columns.len() != key.columns.len() {
        let message = format!("these columns are no key of table \"{}\"", parent.name);
        return Err(Diagnostic::error(span, message)
            .help("a foreign key refers to a primary key or to unique columns"));
    }
    Ok(ForeignKey { references: parent.name.clone(), referenced_columns: columns, ..key.clone() })
}

/// Prepares every kind of statement on every table and view, so that SQLite looks into views,
/// triggers, checks and generated columns before a request does.
pub(super) fn prepare(
    connection: &Connection,
    relations: &[Relation],
    creations: &[Creation],
    report: &mut Report,
) {
    // Selvedge's own tables, too: the schema may have put triggers on them.
    for relation in relations {
        let name = super::quote(&relation.table.name);
        let mut statements = vec![format!("select * from {name}")];
        if relation.table.kind == TableKind::Table {
            let columns = relation.table.columns.iter().filter(|column| !column.generated);
            let same = columns.map(|column| super::quote(&column.name));
            let same: Vec<String> = same.map(|name| format!("{name} = {name}")).collect();
            statements.push(format!("insert into {name} default values"));
            statements.push(format!("update {name} set {}", same.join(", ")));
            statements.push(format!("delete from {name}"));
        }
        for sql in statements {
            if let Err(error) = connection.prepare(&sql) {
                // Selvedge's own tables are sound, so it is a trigger of the schema.
                let is_blamed = |creation: &&Creation| {
                    creation.kind == "trigger" && creation.file == File::Schema
                };
                let trigger = creations.iter().find(is_blamed).filter(|_| !relation.is_exposed);
                let span = trigger.map_or_else(
                    || relation.name_span(report),
                    |trigger| report.span(trigger.file, &trigger.name_at),
                );
                let verb = sql.split(' ').next().unwrap_or_default();
                let error = Diagnostic::error(span, super::message(error));
                report.push(error.help(format!(
                    "SQLite says so of `{verb}` on \"{}\", which runs its triggers and checks",
                    relation.table.name
                )));
                break;
            }
        }
    }
}

/// Whether the table has a unique key inside those columns.
pub(super) fn is_unique(relation: &Relation, columns: &[String]) -> bool {
    relation
        .table
        .uniques
        .iter()
        .any(|unique| unique.columns.iter().all(|column| columns.contains(column)))
}
