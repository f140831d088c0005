//! Writing as SQL: one statement changes the rows, checks the policies on what they become, and
//! answers them. A row that breaks a policy raises, which undoes the whole batch.
//!
//! `returning` sees each row as it is stored, generated values included, but also the table with the
//! row in it: a policy that looks around could so be met by the very row it judges. And a unique key
//! would be looked at first, whose refusal tells of rows that nobody was to learn of. So a policy is
//! asked before the change, when the table is still as it was: always when it looks around, else
//! when all that it judges is known by then. It is asked again only where something was not. Of a
//! merge, too, the policy for inserts judges what was sent.

use super::condition::{all, cast};
use super::counted::value;
use super::output::row;
use super::probe::key_value;
use super::read::order;
use super::sorting;
use super::writer::{Writer, joined, literal, name, where_clause};
use crate::catalog::{CALLER_ID, Claim, Column, Predicate, Table, Type, caller_claim};
use crate::rest::plan::{Answered, Cast, Cells, Change, Conflict, Read, Touched, Write};

/// What is raised when a row breaks a policy for new rows.
pub const CHECK: &str = "check";

/// What is raised when whoever writes a row may not see it.
const HIDDEN: &str = "hidden";

/// What a row is called that is yet to be written.
pub const NEW_ROW: &str = "\"new row\"";

/// Writes a change.
pub fn change(writer: &mut Writer<'_>, write: &Write<'_>) -> String {
    let table = name(&write.table.name);
    let (statement, checks) = match &write.change {
        // No rows, or nothing to set, changes nothing and answers no rows. It is a change nevertheless,
        // since the guard behind it asks how many rows the last one touched. And a policy that looks
        // at nothing but constants is one to SQLite, which would fail over it before the first row.
        Change::Insert { cells, .. } if cells.count == 0 => return nothing(&table),
        Change::Update { cells, .. } if cells.columns.is_empty() => return nothing(&table),
        Change::Insert { cells, check, conflict } => {
            let merge = conflict.as_ref().and_then(|conflict| conflict.merge.as_ref());
            let foreseen = foresee(*check, write.table, |column| {
                is_known_before_insert(write.table, column, cells.writes(&column.name))
            });
            let asks = *check;
            let asks = asks.filter(|check| check.looks_around() || foreseen);
            let insert = insert(writer, write, cells, asks);
            let conflict = conflict
                .as_ref()
                .map(|conflict| on_conflict(writer, conflict, cells, &table))
                .unwrap_or_default();
            let after = check.filter(|_| asks.is_none() || !foreseen);
            let merged = merge
                .and_then(|merge| merge.check)
                .filter(|check| !foresee(Some(check), write.table, |column| !column.generated));
            (format!("{insert}{conflict}"), [after, merged])
        }
        Change::Update { cells, check, rows } => {
            let foreseen = foresee(*check, write.table, |column| !column.generated);
            let before = check.filter(|check| check.looks_around() || foreseen);
            let after = check.filter(|_| before.is_none() || !foreseen);
            (update(writer, cells, before, rows, &table), [after, None])
        }
        Change::Delete { rows } => {
            let conditions = touched(writer, rows, &table);
            (format!("delete from {table}{}", where_clause(&conditions)), [None, None])
        }
    };
    let returning = returning(writer, write, checks, &table);
    format!("{statement}\nreturning {returning} as row")
}

fn nothing(table: &str) -> String {
    format!("delete from {table} where 0 returning null as row")
}

fn update(
    writer: &mut Writer<'_>,
    cells: &Cells<'_>,
    check: Option<&Predicate>,
    rows: &Touched<'_>,
    table: &str,
) -> String {
    // Bound when it is first needed: where all columns take their defaults, it never is.
    let mut row = None;
    let values: Vec<(String, String)> = cells
        .columns
        .iter()
        .enumerate()
        .map(|(index, column)| {
            let value = if cells.defaulted.get(index) == Some(&true) {
                default(writer, column)
            } else {
                let row = row.get_or_insert_with(|| writer.bind(cells.rows.as_str()));
                cell(column, row, &format!("'$[0][{index}]'"))
            };
            (name(&column.name), value)
        })
        .collect();
    let conditions = touched(writer, rows, table);
    let Some(check) = check else {
        let assignments: Vec<String> =
            values.iter().map(|(column, value)| format!("{column} = {value}")).collect();
        return format!(
            "update {table} set {}{}",
            assignments.join(", "),
            where_clause(&conditions)
        );
    };
    let becomes = |column: &str| if cells.writes(column) { NEW_ROW } else { table };
    let check = writer.predicate_for(check, becomes);
    let raise = writer.raise(CHECK);
    // The check stands with the first value, for a row that is not meant must not raise, and SQLite
    // tries conditions in an order of its own. The values of all rows are found before any is changed.
    let assignments: Vec<String> = values
        .iter()
        .enumerate()
        .map(|(index, (column, _))| match index {
            0 => format!("{column} = case when {check} then {NEW_ROW}.{column} else {raise} end"),
            _ => format!("{column} = {NEW_ROW}.{column}"),
        })
        .collect();
    let columns = cells.columns.iter().copied();
    let new_row = new_row(table, columns.zip(values.into_iter().map(|(_, value)| value)), "");
    format!(
        "update {table} set {}\nfrom {new_row}{}",
        assignments.join(", "),
        where_clause(&conditions)
    )
}

/// Writes which rows a change touches.
pub fn touched(writer: &mut Writer<'_>, rows: &Touched<'_>, table: &str) -> Vec<String> {
    let mut conditions = Vec::new();
    for predicate in [rows.using, rows.seen].into_iter().flatten() {
        conditions.push(writer.predicate(predicate, table));
    }
    all(writer, &rows.conditions, table, &mut conditions);
    conditions
}

/// Writes what is answered of each row, behind the policies on it.
fn returning(
    writer: &mut Writer<'_>,
    write: &Write<'_>,
    [check, merged]: [Option<&Predicate>; 2],
    table: &str,
) -> String {
    let row = match &write.answered {
        Answered::Rows(_) if matches!(write.change, Change::Delete { .. }) => "null".to_owned(),
        Answered::Rows(read) => row(writer, read, table),
        Answered::Keys => key(write.table, table),
        Answered::Nothing => "null".to_owned(),
    };
    judged(writer, row, [check, merged, write.visible], table)
}

/// Writes what is answered of a row behind two policies that it must meet, and one to be seen.
pub fn judged(
    writer: &mut Writer<'_>,
    row: String,
    [check, merged, visible]: [Option<&Predicate>; 3],
    table: &str,
) -> String {
    let mut refusals = String::new();
    for (predicate, raise) in [(check, CHECK), (merged, CHECK), (visible, HIDDEN)] {
        if let Some(predicate) = predicate {
            let predicate = writer.predicate(predicate, table);
            let raise = writer.raise(raise);
            refusals.push_str(&format!("when {predicate} is not true then {raise} "));
        }
    }
    if refusals.is_empty() { row } else { format!("case {refusals}else {row} end") }
}

fn key(table: &Table, alias: &str) -> String {
    let columns = table.primary_key.iter().filter_map(|name| table.column(name));
    let members: Vec<String> = columns
        .map(|column| format!("{}, {}", literal(&column.name), key_value(column, alias)))
        .collect();
    format!("json_object({})", members.join(", "))
}

fn insert(
    writer: &mut Writer<'_>,
    write: &Write<'_>,
    cells: &Cells<'_>,
    check: Option<&Predicate>,
) -> String {
    let rows = writer.bind(cells.rows.as_str());
    let mut values: Vec<(&Column, String)> = Vec::new();
    for (index, column) in cells.columns.iter().enumerate() {
        values.push((column, value(writer, cells, index, column)));
    }
    if values.is_empty() {
        // A row of defaults: SQLite wants one column to be named when it inserts several rows.
        let column = write
            .table
            .columns
            .iter()
            .find(|column| column.default.is_some() || column.nullable)
            .or_else(|| write.table.columns.first());
        values.extend(column.map(|column| (column, default(writer, column))));
    }
    let rows = format!("from json_each({rows}) as r");
    insert_rows(writer, (write.table, values), &rows, check, sorting::before_insert(write))
}

/// Writes an insert of a value for each of some columns for each row of a `from`, asking the policy
/// for new rows first, and in an order if there is one.
pub fn insert_rows(
    writer: &mut Writer<'_>,
    (table, mut values): (&Table, Vec<(&Column, String)>),
    rows: &str,
    check: Option<&Predicate>,
    sorted: Option<&Read<'_>>,
) -> String {
    let columns = &table.columns;
    let table = name(&table.name);
    // The database does not know the caller, so that default is written out.
    for column in columns.iter().filter(|column| is_caller(column)) {
        if !values.iter().any(|(written, _)| written.name == column.name) {
            values.push((column, default(writer, column)));
        }
    }
    let names: Vec<String> = values.iter().map(|(column, _)| name(&column.name)).collect();
    let names = names.join(", ");
    if check.is_none() && sorted.is_none() {
        let values: Vec<String> = values.into_iter().map(|(_, value)| value).collect();
        return format!(
            "insert into {table} ({names})\nselect {}\n{rows}\nwhere true",
            values.join(", ")
        );
    }
    // What SQLite will choose by itself, such as a generated value, is null before it is there.
    let columns = columns.iter().map(|column| {
        let value = values.iter().find(|(written, _)| written.name == column.name);
        (column, value.map_or_else(|| default(writer, column), |(_, value)| value.clone()))
    });
    let columns: Vec<(&Column, String)> = columns.collect();
    let new_row = new_row(&table, columns.into_iter(), rows);
    let check = match check {
        Some(check) => {
            let check = writer.predicate(check, NEW_ROW);
            format!("case when {check} then 1 else {} end", writer.raise(CHECK))
        }
        None => "true".to_owned(),
    };
    let order = sorted.map(|sorted| order(writer, sorted, NEW_ROW)).unwrap_or_default();
    format!("insert into {table} ({names})\nselect {names}\nfrom {new_row}\nwhere {check}{order}")
}

/// Writes rows that are yet to be written into a `from`. No row of the table is among them, but by
/// standing before them it gives them its columns' collations.
pub fn new_row<'a>(
    table: &str,
    columns: impl Iterator<Item = (&'a Column, String)>,
    from: &str,
) -> String {
    let (names, values): (Vec<String>, Vec<String>) =
        columns.map(|(column, value)| (name(&column.name), typed(column, &value))).unzip();
    format!(
        "(select {} from {table} where 0 union all select {} {from}) as {NEW_ROW}",
        names.join(", "),
        values.join(", ")
    )
}

/// Whether all columns that a policy looks at in a new row are known before it is written.
pub fn foresee(
    check: Option<&Predicate>,
    table: &Table,
    is_known: impl Fn(&Column) -> bool,
) -> bool {
    let columns = check.map(Predicate::columns).unwrap_or_default();
    columns.iter().all(|name| table.column(name).is_some_and(&is_known))
}

/// A default may be another each time, and a key of its own is chosen by SQLite.
pub fn is_known_before_insert(table: &Table, column: &Column, written: bool) -> bool {
    let is_constant = |default: &String| {
        *default == CALLER_ID
            || caller_claim(default).is_some()
            || !default.contains('(') && !default.to_ascii_lowercase().contains("current")
    };
    let is_key = matches!(table.primary_key.as_slice(), [key] if *key == column.name);
    !column.generated && column.default.as_ref().is_none_or(is_constant) && (written || !is_key)
}

/// Gives a value the type that its column has, so that it compares in the same way. Its text was
/// checked, so nothing is lost.
fn typed(column: &Column, value: &str) -> String {
    let kind = match column.kind {
        Type::Boolean | Type::SmallInt | Type::Integer | Type::BigInt => "integer",
        Type::Double => "real",
        Type::Numeric { .. } => "numeric",
        Type::Text { .. }
        | Type::Uuid
        | Type::TimestampTz
        | Type::Timestamp
        | Type::Date
        | Type::Time
        | Type::Array(_) => "text",
        Type::Json | Type::Bytes | Type::Any => return value.to_owned(),
    };
    format!("cast({value} as {kind})")
}

/// Whether the default of a column is the caller's id, or a claim of the caller's token.
pub fn is_caller(column: &Column) -> bool {
    let default = column.default.as_deref();
    default.is_some_and(|default| default == CALLER_ID || caller_claim(default).is_some())
}

/// Writes a column's default.
pub fn default(writer: &mut Writer<'_>, column: &Column) -> String {
    if let Some(claim) = column.default.as_deref().and_then(caller_claim) {
        let claims = writer.claim(Claim::Jwt);
        // The name has letters, digits and underscores only. What is no text is its JSON, as in PostgreSQL.
        return format!(
            "case json_type({claims}, '$.{claim}') when 'text' then {claims} ->> '$.{claim}' \
             when 'null' then null else {claims} -> '$.{claim}' end"
        );
    }
    if is_caller(column) {
        return writer.claim(Claim::Uid);
    }
    column.default.as_ref().map_or_else(|| "null".to_owned(), |default| format!("({default})"))
}

/// Writes the value at `path` of a bound JSON array, as its column stores it.
pub fn cell(column: &Column, array: &str, path: &str) -> String {
    let value = format!("{array} ->> {path}");
    match column.kind {
        Type::Bytes => cast(&value, Cast::Bytes),
        _ => stored(column, &value),
    }
}

/// Writes a value as its column stores it.
pub fn stored(column: &Column, value: &str) -> String {
    match column.kind {
        // SQLite would take a text that is a number for a number and lose its form: 1.0 would come
        // back as 1. Its binary JSON keeps the digits.
        Type::Json => format!(
            "case when json_type({value}) in ('integer', 'real') then jsonb({value}) \
             else {value} end"
        ),
        _ => value.to_owned(),
    }
}

/// Writes a value that SQL has computed as its column stores it: a numeric of a declared scale is
/// rounded and limited, as a value of a body was before.
pub fn stored_computed(column: &Column, value: &str) -> String {
    let Type::Numeric { digits: Some(digits) } = column.kind else { return stored(column, value) };
    // SQLite rounds to no powers of ten.
    let Ok(scale) = u16::try_from(digits.scale) else { return value.to_owned() };
    let power = i64::from(digits.precision).saturating_sub(scale.into());
    format!(
        "(select case when abs(v) >= 1e{power} then {} else v end \
         from (select iif(typeof({value}) = 'real', round({value}, {scale}), {value}) as v))",
        super::raise::numeric_overflow(digits)
    )
}

/// Writes what becomes of rows whose key exists.
fn on_conflict(
    writer: &mut Writer<'_>,
    conflict: &Conflict<'_>,
    cells: &Cells<'_>,
    table: &str,
) -> String {
    let target: Vec<String> = conflict.target.iter().map(|column| name(column)).collect();
    let target = target.join(", ");
    let Some(merge) = conflict.merge.as_ref().filter(|_| !cells.columns.is_empty()) else {
        return format!("\non conflict ({target}) do nothing");
    };
    let assignments: Vec<String> = cells
        .columns
        .iter()
        .map(|column| format!("{0} = excluded.{0}", name(&column.name)))
        .collect();
    let mut policies = Vec::new();
    for predicate in [merge.using, merge.seen].into_iter().flatten() {
        policies.push(writer.predicate(predicate, table));
    }
    if let Some(check) = merge.check {
        let becomes = |column: &str| if cells.writes(column) { "excluded" } else { table };
        policies.push(writer.predicate_for(check, becomes));
    }
    let guard = if policies.is_empty() {
        String::new()
    } else {
        let policies = joined(&policies, "and", "1");
        format!("\nwhere case when {policies} then 1 else {} end", writer.raise(CHECK))
    };
    format!("\non conflict ({target}) do update set {}{guard}", assignments.join(", "))
}
