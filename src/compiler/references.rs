//! Foreign keys across tables: that what they refer to is there, and the types that follow.

use rusqlite::Connection;

use super::load::{Creation, span};
use super::reflect::Relation;
use super::report::{Diagnostic, File, Report};
use crate::catalog::{Column, ForeignKey, TableKind};

/// Completes every foreign key (the names as declared, the columns that were left out) and reports
/// those that SQLite would refuse at the first write.
pub(super) fn resolve(relations: &mut [Relation], report: &mut Report) {
    let mut resolved = Vec::new();
    for relation in relations.iter() {
        let mut keys = Vec::new();
        for (index, key) in relation.table.foreign_keys.iter().enumerate() {
            match complete(relations, key) {
                Ok(key) => keys.push(key),
                Err((message, help)) => {
                    let at = relation.declared.as_ref().and_then(|declared| {
                        let is_key = |one: &&super::declarations::Constraint| {
                            one.kind == super::declarations::ConstraintKind::ForeignKey
                        };
                        declared.constraints.iter().filter(is_key).nth(index)
                    });
                    let span = at.map_or_else(
                        || relation.name_span(report),
                        |constraint| relation.span(report, &constraint.at),
                    );
                    report.push(Diagnostic { help, ..Diagnostic::error(span, message) });
                }
            }
        }
        resolved.push(keys);
    }
    for (relation, keys) in relations.iter_mut().zip(resolved) {
        relation.table.foreign_keys = keys;
    }
}

fn complete(
    relations: &[Relation],
    key: &ForeignKey,
) -> Result<ForeignKey, (String, Option<String>)> {
    let tables = || relations.iter().filter(|one| one.table.kind == TableKind::Table);
    let Some(parent) = tables().find(|one| one.table.name.eq_ignore_ascii_case(&key.references))
    else {
        let names = tables().map(|one| one.table.name.as_str());
        let help = super::report::closest(&key.references, names);
        return Err((
            format!("table \"{}\" does not exist", key.references),
            help.map(|name| format!("did you mean \"{name}\"?")),
        ));
    };
    let parent = &parent.table;
    let mut columns = Vec::new();
    for name in &key.referenced_columns {
        let same = |column: &&Column| column.name.eq_ignore_ascii_case(name);
        let Some(column) = parent.columns.iter().find(same) else {
            let names = parent.columns.iter().map(|column| column.name.as_str());
            let help = super::report::closest(name, names);
            return Err((
                format!("column \"{name}\" does not exist in table \"{}\"", parent.name),
                help.map(|name| format!("did you mean \"{name}\"?")),
            ));
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
        return Err((
            format!("these columns are no key of table \"{}\"", parent.name),
            Some("a foreign key refers to a primary key or to unique columns".into()),
        ));
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
                    |trigger| {
                        let text = &report.sources().get(trigger.file).text;
                        span(trigger.file, text, &trigger.name_at)
                    },
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
