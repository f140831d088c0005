//! The values that a write brings, checked column by column and written as one JSON text.

use super::source::Source;
use super::value;
use crate::catalog::{Column, Table, Type};
use crate::error::{Code, Error};
use crate::http::json::{Json, Walker};
use crate::rest::query::{Payload, too_many_rows};
use crate::time::Milliseconds;

/// Values for some columns of some rows.
#[derive(Debug)]
pub struct Cells<'a> {
    /// The columns that are written, those of the conflict's key first.
    pub columns: Vec<&'a Column>,
    /// Of each column, whether some row leaves it to the column's default.
    pub defaulted: Vec<bool>,
    /// How many rows there are.
    pub count: usize,
    /// A JSON array with an array for each row, in the order of the columns. An empty array in the
    /// place of a value stands for the column's default.
    pub rows: String,
}

impl Cells<'_> {
    /// Whether a column of that name is written.
    pub fn writes(&self, column: &str) -> bool {
        self.columns.iter().any(|written| written.name == column)
    }

    /// The values of those columns for a message, when there is one row and it has all of them.
    pub fn told(&self, columns: &[String]) -> Option<String> {
        if self.count != 1 {
            return None;
        }
        let mut walker = Walker::new(&self.rows);
        walker.eat('[');
        walker.eat('[');
        let mut values: Vec<Json> = Vec::new();
        for _ in &self.columns {
            values.push(Json::of(walker.value())?);
            walker.eat(',');
        }
        let mut told = Vec::new();
        for column in columns {
            let mut written = self.columns.iter().zip(&values);
            told.push(written.find(|(written, _)| written.name == *column)?.1.plain());
        }
        Some(told.join(", "))
    }
}

/// How a payload's rows are to be written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Manner<'q> {
    /// Whether a value that is left out is its column's default rather than null.
    pub defaults: bool,
    /// The one row that is meant; `None` for all.
    pub only: Option<usize>,
    /// The columns of the key that decides which row is merged into.
    pub key: &'q [&'q str],
    /// Whether two rows of one key are refused.
    pub distinct: bool,
    /// Whether existing rows are changed rather than new ones made.
    pub update: bool,
}

/// The most bytes of all rows together: the longest text that D1 binds. It keeps short rows with
/// many columns left out from growing beyond an isolate's memory.
const CELLS_BYTES_MAX: usize = 2_000_000;

/// Checks all values, and that their columns may be written.
///
/// # Errors
/// `PGRST204`, `42501`, `428C9`, `23502` for a null in a key, `21000`, `54001`, and what values say.
pub fn cells<'a>(
    target: &Source<'a>,
    payload: &Payload,
    manner: Manner<'_>,
) -> Result<Cells<'a>, Error> {
    let mut columns = Vec::with_capacity(payload.columns().len());
    for (position, name) in payload.columns().iter().enumerate() {
        columns.push((position, writable_column(target, name, manner.update)?));
    }
    // With its key in front, a row's key is the beginning of the row's text.
    let is_key = |(_, column): &(usize, &Column)| manner.key.contains(&column.name.as_str());
    let (mut columns, others): (Vec<_>, Vec<_>) = columns.into_iter().partition(is_key);
    let key_columns = columns.len();
    columns.extend(others);
    if !manner.update {
        check_key(target.table(), &columns)?;
    }
    let mut cells = Cells {
        defaulted: vec![false; columns.len()],
        count: 0,
        rows: String::with_capacity(payload.bytes()),
        columns: columns.iter().map(|(_, column)| *column).collect(),
    };
    let mut keys: Vec<std::ops::Range<usize>> = Vec::new();
    let is_keyed = manner.distinct && !manner.key.is_empty() && key_columns == manner.key.len();
    cells.rows.push('[');
    for row in 0..payload.len() {
        if manner.only.is_some_and(|only| only != row) {
            continue;
        }
        cells.rows.push_str(if cells.count == 0 { "[" } else { ",[" });
        cells.count = cells.count.saturating_add(1);
        let start = cells.rows.len();
        let mut has_key = is_keyed;
        for (index, (position, column)) in columns.iter().enumerate() {
            if index > 0 {
                cells.rows.push(',');
            }
            let value = payload.value(row, *position);
            let is_value = match value {
                None if manner.defaults => {
                    cells.rows.push_str("[]");
                    cells.defaulted.get_mut(index).into_iter().for_each(|flag| *flag = true);
                    false
                }
                value => cell((target.table(), target.now()), column, value, &mut cells.rows)?,
            };
            has_key &= is_value || index >= key_columns;
            if has_key && index.saturating_add(1) == key_columns {
                keys.push(start..cells.rows.len());
            }
        }
        cells.rows.push(']');
        if cells.rows.len() > CELLS_BYTES_MAX {
            return Err(too_many_rows());
        }
    }
    cells.rows.push(']');
    check_distinct(&cells.rows, &keys)?;
    Ok(cells)
}

/// A part of a key that is left out is chosen by SQLite or is its default. Else it would be null, which
/// SQLite takes in a key as long as nothing says `not null`.
fn check_key(table: &Table, columns: &[(usize, &Column)]) -> Result<(), Error> {
    let is_written = |name: &str| columns.iter().any(|(_, column)| column.name == name);
    let missing = table.columns.iter().find(|column| {
        let is_null = column.nullable && column.default.is_none() && !column.generated;
        is_null && table.primary_key.contains(&column.name) && !is_written(&column.name)
    });
    missing.map_or(Ok(()), |column| Err(not_null(&table.name, &column.name)))
}

/// Postgres changes no row twice in one statement, for the order would decide what becomes of it.
fn check_distinct(rows: &str, keys: &[std::ops::Range<usize>]) -> Result<(), Error> {
    let mut keys: Vec<Option<&str>> = keys.iter().map(|range| rows.get(range.clone())).collect();
    keys.sort_unstable();
    if keys.windows(2).any(|pair| matches!(pair, [one, other] if one == other)) {
        return Err(row_twice());
    }
    Ok(())
}

/// The refusal of two rows of one key.
pub fn row_twice() -> Error {
    let message = "ON CONFLICT DO UPDATE command cannot affect row a second time";
    Error::new(Code::Cardinality, message).hint(
        "Ensure that no rows proposed for insertion within the same command have duplicate \
         constrained values.",
    )
}

/// Writes one value as JSON, and answers whether it is one rather than null.
fn cell(
    (table, now): (&Table, Milliseconds),
    column: &Column,
    sent: Option<&str>,
    rows: &mut String,
) -> Result<bool, Error> {
    let is_value = match sent {
        None | Some("null") => false,
        Some(text) => value_as_json(column, text, now, rows)?,
    };
    if is_value {
        return Ok(true);
    }
    // SQLite would choose a key itself, which in a merge is a new one for an old row, or store the null.
    if table.primary_key.contains(&column.name) {
        return Err(not_null(&table.name, &column.name));
    }
    rows.push_str("null");
    Ok(false)
}

/// Writes a value in its canonical form. Most values are that already, and are copied as they are.
///
/// # Errors
/// What the column's type has against it.
pub fn value_as_json(
    column: &Column,
    text: &str,
    now: Milliseconds,
    out: &mut String,
) -> Result<bool, Error> {
    if is_canonical(column.kind, text) {
        out.push_str(text);
        return Ok(true);
    }
    let value = Json::of(text).ok_or_else(|| Error::unexpected("a value that is no JSON"))?;
    let Some(scalar) = value::from_json(column, &value, now)? else { return Ok(false) };
    out.push_str(&scalar.to_json());
    Ok(true)
}

/// Whether a value is surely in its canonical form, told by a glance.
fn is_canonical(kind: Type, text: &str) -> bool {
    let is_short_text = |most: usize| {
        text.starts_with('"') && text.len() <= most.saturating_add(2) && !text.contains('\\')
    };
    // JSON has no zeros in front; so many digits are in range whatever they are.
    let is_short_number = |digits: usize| {
        let number = text.strip_prefix('-').unwrap_or(text);
        number.len() <= digits && number.bytes().all(|byte| byte.is_ascii_digit()) && text != "-0"
    };
    match kind {
        Type::Text { characters_max } => is_short_text(
            characters_max.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX)),
        ),
        Type::SmallInt => is_short_number(4),
        Type::Integer => is_short_number(9),
        Type::BigInt => is_short_number(18),
        Type::Uuid => is_plain_uuid(text),
        _ => false,
    }
}

/// Whether a text is `"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx"`, in lower case.
fn is_plain_uuid(text: &str) -> bool {
    text.len() == 38
        && text.bytes().enumerate().all(|(index, byte)| match index {
            0 | 37 => byte == b'"',
            9 | 14 | 19 | 24 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// The refusal of a null.
pub fn not_null(table: &str, column: &str) -> Error {
    let message = format!(
        "null value in column \"{column}\" of relation \"{table}\" violates not-null constraint"
    );
    Error::new(Code::NotNullViolation, message)
}

fn writable_column<'a>(target: &Source<'a>, name: &str, update: bool) -> Result<&'a Column, Error> {
    let table = target.table();
    let column = table.column(name).ok_or_else(|| {
        let message =
            format!("Could not find the '{name}' column of '{}' in the schema cache", table.name);
        Error::new(Code::NoColumn, message)
    })?;
    target.cover(&column.name)?;
    if column.generated {
        let message = if update {
            format!("column \"{name}\" can only be updated to DEFAULT")
        } else {
            format!("cannot insert a non-DEFAULT value into column \"{name}\"")
        };
        return Err(Error::new(Code::ColumnGenerated, message)
            .details(format!("Column \"{name}\" is a generated column.")));
    }
    Ok(column)
}
