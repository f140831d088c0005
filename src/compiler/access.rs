//! Each role's privileges and the rows they extend to, each condition tried on SQLite.

use rusqlite::Connection;
use rusqlite::limits::Limit;

use super::expand::{Environment, Expander, Part};
use super::parse::{Role, Verb};
use super::postgres_ddl::EnumType;
use super::reflect::Relation;
use super::report::{Diagnostic, Report};
use super::routine::Routines;
use super::rules::{Columns, Rules};
use crate::catalog::{Access, Claim, Grant, Piece, Predicate, Table};

/// The longest condition, in bytes: D1 takes statements of 100 kB, and one statement may read
/// several tables.
const CONDITION_BYTES_MAX: usize = 16_384;

/// How deep a condition may be nested: D1 takes expressions 100 deep, and a condition becomes part
/// of a statement's.
pub(super) const CONDITION_DEPTH_MAX: i32 = 70;

/// Fills in the access of all tables that are served.
pub(super) fn fill(
    connection: &Connection,
    relations: &mut [Relation],
    rules: &Rules,
    (routines, enums): (&Routines, &[EnumType]),
    report: &mut Report,
) -> rusqlite::Result<()> {
    connection.set_limit(Limit::SQLITE_LIMIT_EXPR_DEPTH, CONDITION_DEPTH_MAX)?;
    let mut filled = Vec::new();
    let environment = Environment::new(connection, relations, rules, enums).with(routines);
    for relation in relations.iter().filter(|relation| relation.is_exposed) {
        let accesses = Role::ALL.map(|role| {
            let had_errors = report.has_errors();
            let expander = Expander::new(environment, Some(role), report);
            let access = access(expander, &relation.table);
            if !had_errors && !report.has_errors() {
                prepare(environment, &access, relation, report);
            }
            access
        });
        filled.push((relation.table.name.clone(), accesses));
    }
    for (name, [anon, authenticated]) in filled {
        if let Some(relation) = relations.iter_mut().find(|one| one.table.name == name) {
            relation.table.anon = anon;
            relation.table.authenticated = authenticated;
        }
    }
    Ok(())
}

fn access(mut expander: Expander<'_>, table: &Table) -> Access {
    let mut grant = |verb: Verb| -> Option<Grant> {
        let columns = expander.columns(table, verb)?;
        let mut rows = |part| expander.condition(table, verb, part).into_predicate();
        let (using, check) = match verb {
            Verb::Select | Verb::Delete => (rows(Part::Using), Predicate::always()),
            Verb::Insert => (Predicate::always(), rows(Part::Check)),
            Verb::Update => (rows(Part::Using), rows(Part::Check)),
        };
        let columns = match columns {
            Columns::All => None,
            Columns::Some(columns) => Some(columns),
        };
        Some(Grant { columns, using, check })
    };
    Access {
        select: grant(Verb::Select),
        insert: grant(Verb::Insert),
        update: grant(Verb::Update),
        delete: grant(Verb::Delete),
    }
}

/// Lets SQLite judge each condition, alone with its table.
pub(super) fn prepare(
    environment: Environment<'_>,
    access: &Access,
    relation: &Relation,
    report: &mut Report,
) {
    let grants = [
        (Verb::Select, &access.select),
        (Verb::Insert, &access.insert),
        (Verb::Update, &access.update),
        (Verb::Delete, &access.delete),
    ];
    for (verb, grant) in grants {
        let Some(grant) = grant else { continue };
        for predicate in [&grant.using, &grant.check] {
            let condition = filled(predicate);
            let message = if condition.len() > CONDITION_BYTES_MAX {
                format!(
                    "the policies for {} on table \"{}\" make a condition of {} bytes; {} are allowed",
                    verb.name(),
                    relation.table.name,
                    condition.len(),
                    CONDITION_BYTES_MAX
                )
            } else {
                match environment.connection.prepare(&trial(&relation.table, predicate)) {
                    Ok(_) => continue,
                    Err(error) => super::message(error),
                }
            };
            let policies = Role::ALL
                .iter()
                .flat_map(|role| environment.rules.policies(&relation.table.name, *role, verb));
            let span = policies.map(|policy| policy.name.span).min();
            let span = span.unwrap_or_else(|| relation.name_span(report));
            report.push(
                Diagnostic::error(span, message)
                    .help("the policies of all tables that a policy reads are part of it"),
            );
        }
    }
}

/// A query that is as valid as the condition.
pub(super) fn trial(table: &Table, predicate: &Predicate) -> String {
    let condition = filled(predicate);
    let condition = if condition.is_empty() { "1" } else { &condition };
    format!("select 1 from {} as t0 where {condition}", super::quote(&table.name))
}

/// The condition as it stands in a statement.
fn filled(predicate: &Predicate) -> String {
    let fill = |piece: &Piece| match piece {
        Piece::Sql(text) => text.clone(),
        Piece::Row => "t0".to_owned(),
        Piece::Claim(Claim::Uid) => "?1".to_owned(),
        Piece::Claim(Claim::Role) => "?2".to_owned(),
        Piece::Claim(Claim::Email) => "?3".to_owned(),
        Piece::Claim(Claim::Jwt) => "?4".to_owned(),
        Piece::Argument(_) => "null".to_owned(),
    };
    predicate.pieces().iter().map(fill).collect()
}
