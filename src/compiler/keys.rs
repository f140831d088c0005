//! Keys, checks and indexes of a table, each under its declared name or the one that Postgres would
//! give it.

use std::collections::BTreeSet;

use rusqlite::{Connection, Result};

use super::declarations::{Constraint, ConstraintKind, inside};
use super::lexer::{Kind, tokens, unquote};
use super::reflect::{Relation, find_column};
use crate::catalog::{Check, Column, ForeignKey, Index, Table, Type, Unique};

/// Reads the names of the key's columns.
pub(super) fn primary_key(connection: &Connection, table: &mut Table) -> Result<()> {
    let mut statement =
        connection.prepare("select name from pragma_table_xinfo(?1) where pk > 0 order by pk")?;
    let rows = statement.query_map([&table.name], |row| row.get(0))?;
    table.primary_key = rows.collect::<Result<_>>()?;
    Ok(())
}

/// Whether the primary key is SQLite's own row number: a single `integer` without an index.
pub(super) fn is_rowid(connection: &Connection, table: &Table) -> Result<bool> {
    connection.query_row(
        "select (select count(*) from pragma_table_xinfo(?1) where pk > 0) = 1
            and (select lower(type) from pragma_table_xinfo(?1) where pk > 0) = 'integer'
            and not exists (select 1 from pragma_index_list(?1) where origin = 'pk')",
        [&table.name],
        |row| row.get(0),
    )
}

/// Fills in everything but columns and primary key.
pub(super) fn reflect(connection: &Connection, relation: &mut Relation) -> Result<()> {
    let declared = relation.declared.clone();
    let constraints = declared.map(|declared| declared.constraints).unwrap_or_default();
    let name = relation.table.name.clone();
    let mut names = Names::new(&name, &constraints);
    uniques(connection, &mut relation.table, &constraints, &mut names)?;
    checks(&mut relation.table, &constraints, &mut names);
    foreign_keys(connection, &mut relation.table, &constraints, &mut names)
}

/// Hands out names of constraints, none twice, as Postgres does.
struct Names<'a> {
    table: &'a str,
    taken: BTreeSet<String>,
}

impl<'a> Names<'a> {
    fn new(table: &'a str, constraints: &[Constraint]) -> Self {
        let taken = constraints.iter().filter_map(|constraint| constraint.name.clone()).collect();
        Self { table, taken }
    }

    fn make(&mut self, columns: &[String], suffix: &str) -> String {
        let mut parts = vec![self.table];
        parts.extend(columns.iter().map(String::as_str));
        parts.push(suffix);
        let base = parts.join("_");
        let mut name = base.clone();
        let mut number = 1_u32;
        while !self.taken.insert(name.clone()) {
            name = format!("{base}{number}");
            number = number.saturating_add(1);
        }
        name
    }
}

fn same(left: &[String], right: &[String]) -> bool {
    left.len() == right.len()
        && left.iter().zip(right).all(|(left, right)| left.eq_ignore_ascii_case(right))
}

fn uniques(
    connection: &Connection,
    table: &mut Table,
    constraints: &[Constraint],
    names: &mut Names<'_>,
) -> Result<()> {
    let declared = |kind: &ConstraintKind, columns: &[String]| {
        constraints
            .iter()
            .find(|one| one.kind == *kind && same(&one.columns, columns))
            .and_then(|one| one.name.clone())
    };
    if !table.primary_key.is_empty() {
        let name = declared(&ConstraintKind::PrimaryKey, &table.primary_key)
            .unwrap_or_else(|| names.make(&[], "pkey"));
        let index = connection
            .query_row(
                "select max(name) from pragma_index_list(?1) where origin = 'pk'",
                [&table.name],
                |row| row.get::<_, Option<String>>(0),
            )?
            .unwrap_or_default();
        let folds = folds(connection, &index)?;
        table.uniques.push(Unique { name, columns: table.primary_key.clone(), folds });
    }
    let mut statement = connection.prepare(
        "select name, \"unique\" and not partial, origin from pragma_index_list(?1)
         where origin <> 'pk' order by seq desc",
    )?;
    let mut rows = statement.query([&table.name])?;
    while let Some(row) = rows.next()? {
        let (name, is_unique, origin): (String, bool, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let columns = index_columns(connection, &name)?;
        // A unique expression is an index, not a key that rows can be named by.
        if !is_unique || columns.iter().any(String::is_empty) {
            table.indexes.push(Index { name, columns });
            continue;
        }
        let folds = folds(connection, &name)?;
        let name = if origin == "c" {
            name
        } else {
            declared(&ConstraintKind::Unique, &columns)
                .unwrap_or_else(|| names.make(&columns, "key"))
        };
        table.uniques.push(Unique { name, columns, folds });
    }
    table.indexes.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(())
}

/// Whether an index compares texts by a collation of its own.
fn folds(connection: &Connection, index: &str) -> Result<bool> {
    connection.query_row(
        "select exists (select 1 from pragma_index_xinfo(?1) where key and coll <> 'BINARY')",
        [index],
        |row| row.get(0),
    )
}

fn index_columns(connection: &Connection, index: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare(
        "select coalesce(name, '') from pragma_index_xinfo(?1) where key order by seqno",
    )?;
    let rows = statement.query_map([index], |row| row.get(0))?;
    rows.collect()
}

fn checks(table: &mut Table, constraints: &[Constraint], names: &mut Names<'_>) {
    for constraint in constraints {
        let ConstraintKind::Check { expression } = &constraint.kind else { continue };
        let is_in = |column: &&Column| {
            constraint.columns.iter().any(|name| name.eq_ignore_ascii_case(&column.name))
        };
        let columns = table.columns.iter().filter(is_in).map(|column| column.name.clone());
        let mut columns: Vec<String> = columns.collect();
        // Postgres names a check after its column if it is about a single one.
        if columns.len() != 1 {
            columns.clear();
        }
        if let Some((name, options)) = listed(expression)
            && let Some(column) =
                table.columns.iter_mut().find(|column| column.name.eq_ignore_ascii_case(&name))
            && matches!(column.kind, Type::Text { .. })
            && column.options.is_empty()
        {
            column.options = options;
        }
        let name = constraint.name.clone();
        let name = name.unwrap_or_else(|| names.make(&columns, "check"));
        table.checks.push(Check { name, expression: expression.clone() });
    }
}

/// Reads `column in ('a', 'b')`, and nothing else but parentheses around it, as the column's name and
/// its texts.
fn listed(expression: &str) -> Option<(String, Vec<String>)> {
    let all = tokens(expression);
    let mut tokens = all.as_slice();
    while let Some(inner) = inside(tokens)
        .filter(|inner| inner.len().saturating_add(2) == tokens.len())
        .filter(|_| tokens.first().is_some_and(|first| first.is("(")))
    {
        tokens = inner;
    }
    // `pg_dump` writes `(column)::text`.
    let (name, rest) = match tokens {
        [open, name, close, rest @ ..] if open.is("(") && close.is(")") => (name, rest),
        [name, rest @ ..] => (name, rest),
        [] => return None,
    };
    let [word, open, items @ .., close] = rest else { return None };
    if !(word.is("in") && open.is("(") && close.is(")") && name.kind != Kind::Text) {
        return None;
    }
    let options = items.split(|token| token.is(",")).map(|item| match item {
        [text] if text.kind == Kind::Text => Some(unquote(text.text)),
        _ => None,
    });
    Some((name.name()?, options.collect::<Option<_>>()?))
}

fn foreign_keys(
    connection: &Connection,
    table: &mut Table,
    constraints: &[Constraint],
    names: &mut Names<'_>,
) -> Result<()> {
    let declared: Vec<&Constraint> =
        constraints.iter().filter(|one| one.kind == ConstraintKind::ForeignKey).collect();
    let mut statement = connection.prepare(
        "select id, \"table\", \"from\", \"to\",
           on_delete not in ('NO ACTION', 'RESTRICT'), on_update not in ('NO ACTION', 'RESTRICT')
         from pragma_foreign_key_list(?1) order by id desc, seq",
    )?;
    let mut rows = statement.query([&table.name])?;
    let mut last = None;
    while let Some(row) = rows.next()? {
        let (id, references, from): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let to: Option<String> = row.get(3)?;
        if last.replace(id) != Some(id) {
            let key = ForeignKey {
                name: String::new(),
                columns: Vec::new(),
                references,
                referenced_columns: Vec::new(),
                follows_delete: row.get(4)?,
                follows_update: row.get(5)?,
            };
            table.foreign_keys.push(key);
        }
        if let Some(key) = table.foreign_keys.last_mut() {
            key.columns.push(column_name(&table.columns, from));
            // Left out, they are the key of the table referred to: `references::resolve` knows it.
            key.referenced_columns.extend(to);
        }
    }
    // SQLite numbers them backwards, so this is the order of the text.
    for (index, key) in table.foreign_keys.iter_mut().enumerate() {
        let name = declared.get(index).filter(|one| same(&one.columns, &key.columns));
        key.name = name
            .and_then(|one| one.name.clone())
            .unwrap_or_else(|| names.make(&key.columns, "fkey"));
    }
    Ok(())
}

/// The name as the column declares it.
fn column_name(columns: &[Column], name: String) -> String {
    find_column(columns, &name).map_or(name, |column| column.name.clone())
}
