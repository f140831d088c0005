//! Counting, before a change, the rows that it will meet. Only those are counted that whoever asks
//! may see, so the count tells nothing that a read would not. And the rows that would meet each other.

use super::condition;
use super::raise::raise;
use super::write::{NEW_ROW, cell, default, new_row};
use super::writer::{Writer, name, where_clause};
use crate::catalog::Column;
use crate::rest::plan::{Cells, Change, Conflict, Counted, Source, Touched, Write};

/// Writes the count, where there is one to make.
pub fn count(writer: &mut Writer<'_>, write: &Write<'_>) -> Option<String> {
    match (write.counted.as_ref()?, &write.change) {
        (Counted::Existing(seen), Change::Insert { cells, conflict: Some(conflict), .. }) => {
            existing(writer, seen, cells, conflict)
        }
        (Counted::Meant(seen), Change::Update { rows, .. } | Change::Delete { rows }) => {
            Some(meant(writer, seen, rows))
        }
        _ => None,
    }
}

/// Writes how many of the sent rows have a key that exists. A merge is refused when it meets a row
/// that may not be seen, so where it succeeds this is the number of rows that it did not make.
fn existing(
    writer: &mut Writer<'_>,
    seen: &Source<'_>,
    cells: &Cells<'_>,
    conflict: &Conflict<'_>,
) -> Option<String> {
    let alias = writer.alias();
    let mut conditions = Vec::new();
    let table = writer.from(seen, &alias, &mut conditions);
    let rows = writer.bind(cells.rows.as_str());
    for key in &conflict.target {
        let column = seen.table().column(key)?;
        let written = cells.columns.iter().position(|written| written.name == *key);
        let value = match written {
            Some(index) => value(writer, cells, index, column),
            // Without a value there is no row of that key.
            None if column.default.is_none() => return None,
            None => default(writer, column),
        };
        conditions.push(format!("{alias}.{} = {value}", name(key)));
    }
    Some(format!(
        "select cast(count(*) as text) as row from json_each({rows}) as r\n\
         where exists (select 1 from {table}{})",
        where_clause(&conditions)
    ))
}

/// Writes the value at a column's place in the row `r`, or the column's default.
pub fn value(writer: &mut Writer<'_>, cells: &Cells<'_>, index: usize, column: &Column) -> String {
    let path = format!("'$[{index}]'");
    let cell = cell(column, "r.value", &path);
    if cells.defaulted.get(index).is_none_or(|defaulted| !defaulted) {
        return cell;
    }
    let default = default(writer, column);
    format!("case when json_type(r.value, {path}) = 'array' then {default} else {cell} end")
}

/// Writes how many rows the filters mean, whether or not they may be changed.
fn meant(writer: &mut Writer<'_>, seen: &Source<'_>, rows: &Touched<'_>) -> String {
    let alias = writer.alias();
    let mut conditions = Vec::new();
    let table = writer.from(seen, &alias, &mut conditions);
    condition::all(writer, &rows.conditions, &alias, &mut conditions);
    format!("select cast(count(*) as text) as row from {table}{}", where_clause(&conditions))
}

/// Writes a statement that raises when two rows that are sent have one key, as the database compares.
pub fn twice(writer: &mut Writer<'_>, write: &Write<'_>) -> Option<String> {
    let Change::Insert { cells, conflict: Some(conflict), .. } = &write.change else { return None };
    if !conflict.is_loose || conflict.merge.is_none() || cells.count < 2 {
        return None;
    }
    let rows = writer.bind(cells.rows.as_str());
    let mut values = Vec::new();
    let mut keys = Vec::new();
    // Nulls are no keys, and not equal to each other.
    let mut conditions = Vec::new();
    for key in &conflict.target {
        let index = cells.columns.iter().position(|written| written.name == *key)?;
        let column = write.table.column(key)?;
        values.push((column, value(writer, cells, index, column)));
        let key = format!("{NEW_ROW}.{}", name(key));
        conditions.push(format!("{key} is not null"));
        keys.push(key);
    }
    let rows = format!("from json_each({rows}) as r");
    let rows = new_row(&name(&write.table.name), values.into_iter(), &rows);
    let (raise, conditions, keys) = (raise("twice"), where_clause(&conditions), keys.join(", "));
    Some(format!(
        "select case when count(*) > 1 then {raise} end as row\nfrom {rows}{conditions}\n\
         group by {keys} having count(*) > 1"
    ))
}
