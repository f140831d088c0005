//! Which foreign key a refused write has broken.
//!
//! It reads tables without their policies, as the foreign key itself does. It answers nothing but
//! that a key is missing or still used, which the refusal has told already, and the key only where
//! whoever asks may see its row.

use super::number;
use super::write::{cell, touched};
use super::writer::{Writer, joined, name, where_clause};
use crate::catalog::{Column, ForeignKey, Table, Type};
use crate::db::Statement;
use crate::error::Error;
use crate::identity::Identity;
use crate::rest::plan::{Cells, Source, Touched};

/// Writes a statement that answers a text when some row refers through `key` to nothing.
pub fn missing(cells: &Cells<'_>, key: &ForeignKey) -> Statement {
    let mut present = Vec::new();
    let mut equal = Vec::new();
    for (column, referenced) in key.columns.iter().zip(&key.referenced_columns) {
        let written = cells.columns.iter().enumerate().find(|(_, written)| written.name == *column);
        let Some((index, column)) = written else { continue };
        let value = cell(column, "r.value", &format!("'$[{index}]'"));
        present.push(format!("{value} is not null"));
        equal.push(format!("p.{} = {value}", name(referenced)));
    }
    let sql = format!(
        "select case when exists (select 1 from json_each(?1) as r where {} \
         and not exists (select 1 from {} as p where {})) then 'missing' end as row",
        present.join(" and "),
        name(&key.references),
        equal.join(" and ")
    );
    Statement::rendered(sql, vec![Some(cells.rows.clone())])
}

/// Writes a statement that answers the values of `key` in one of the touched rows that rows of the
/// table `referring` refer to: a JSON array, empty when the row may not be seen.
///
/// # Errors
/// `54001`
pub fn referenced(
    who: &Identity,
    (table, rows): (&Table, &Touched<'_>),
    (referring, key): (&Table, &ForeignKey),
    seen: Option<&Source<'_>>,
) -> Result<Statement, Error> {
    let mut writer = Writer::new(who);
    let own = name(&table.name);
    let mut conditions = touched(&mut writer, rows, &own);
    let users = writer.alias();
    let equal: Vec<String> = key
        .columns
        .iter()
        .zip(&key.referenced_columns)
        .map(|(near, far)| format!("{users}.{} = {own}.{}", name(near), name(far)))
        .collect();
    let equal = joined(&equal, "and", "1");
    conditions
        .push(format!("exists (select 1 from {} as {users} where {equal})", name(&referring.name)));
    let is_covered = |source: &&Source<'_>| {
        key.referenced_columns.iter().all(|column| source.cover(column).is_ok())
    };
    let values = match seen.filter(is_covered) {
        Some(source) => {
            let columns = key.referenced_columns.iter().filter_map(|name| table.column(name));
            let values: Vec<String> = columns.map(|column| key_value(column, &own)).collect();
            let values = format!("json_array({})", values.join(", "));
            match source.using() {
                Some(policy) => {
                    let policy = writer.predicate(policy, &own);
                    format!("case when {policy} then {values} else '[]' end")
                }
                None => values,
            }
        }
        None => "'[]'".to_owned(),
    };
    let sql = format!("select {values} as row\nfrom {own}{}\nlimit 1", where_clause(&conditions));
    writer.finish(sql)
}

/// Writes a column of a key as JSON can hold it.
pub fn key_value(column: &Column, alias: &str) -> String {
    let value = format!("{alias}.{}", name(&column.name));
    match column.kind {
        Type::Bytes => format!("'\\x' || lower(hex({value}))"),
        Type::Double | Type::Numeric { .. } => {
            format!("json({})", number::text(&value, column.kind))
        }
        _ => value,
    }
}
