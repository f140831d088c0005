//! Writing, resolved: each column may be written, each value fits it, each policy is at hand.

use super::condition::{self, Node};
use super::read::{Context, Read};
use super::source::{Privilege, Source};
use super::value;
use crate::catalog::{Column, Predicate, Table, TableKind};
use crate::error::{Code, Error};
use crate::http::json::Json;
use crate::rest::query::{Payload, Preferences, Resolution, Return, Row};

/// A change to the rows of one table.
#[derive(Debug)]
pub struct Write<'a> {
    /// The table.
    pub table: &'a Table,
    /// The change.
    pub change: Change<'a>,
    /// What is answered of each row.
    pub answered: Answered<'a>,
    /// Which new rows may be seen, when whoever asks gets to see them.
    pub visible: Option<&'a Predicate>,
}

/// What is answered of each row that a change touched.
#[derive(Debug)]
pub enum Answered<'a> {
    /// Nothing.
    Nothing,
    /// Its primary key, for a `Location`.
    Keys,
    /// What the request selects.
    Rows(Read<'a>),
}

/// What is changed.
#[derive(Debug)]
pub enum Change<'a> {
    Insert { cells: Cells<'a>, check: Option<&'a Predicate>, conflict: Option<Conflict<'a>> },
    Update { cells: Cells<'a>, check: Option<&'a Predicate>, rows: Touched<'a> },
    Delete { rows: Touched<'a> },
}

/// The existing rows that a change touches.
#[derive(Debug)]
pub struct Touched<'a> {
    /// Which may be changed.
    pub using: Option<&'a Predicate>,
    /// Which may be seen, when the change shows or asks what is in them.
    pub seen: Option<&'a Predicate>,
    /// Which are meant.
    pub conditions: Vec<Node<'a>>,
}

/// What becomes of a row whose key exists.
#[derive(Debug)]
pub struct Conflict<'a> {
    /// The columns of the unique constraint.
    pub target: Vec<&'a str>,
    /// How the existing row is changed; `None` to leave it alone.
    pub merge: Option<Merge<'a>>,
}

/// The policies that a merge must meet on top of an insert's.
#[derive(Debug)]
pub struct Merge<'a> {
    /// On the existing row.
    pub using: Option<&'a Predicate>,
    /// On the existing row, for seeing it.
    pub seen: Option<&'a Predicate>,
    /// On the row as it will be.
    pub check: Option<&'a Predicate>,
}

/// Values for some columns of some rows.
#[derive(Debug)]
pub struct Cells<'a> {
    /// The columns that are written.
    pub columns: Vec<&'a Column>,
    /// A JSON array with an array for each row, in the order of the columns. An empty array in the
    /// place of a value stands for the column's default.
    pub rows: String,
    /// The row, when there is just one, for messages.
    pub single: Option<Row>,
}

impl<'a> Context<'a, '_> {
    /// Resolves an insert.
    ///
    /// # Errors
    /// `55000`, `42501`, `PGRST204`, `428C9`, `42P10` and what values say.
    pub fn insert(
        &self,
        table: &'a Table,
        payload: &Payload,
        preferences: &Preferences,
    ) -> Result<Write<'a>, Error> {
        let target = self.writable(table, Privilege::Insert)?;
        let defaults = preferences.missing_default == Some(true);
        let cells = cells(&target, payload, defaults)?;
        let conflict = self.conflict(table, &cells, preferences)?;
        let answered = self.answered(table, preferences)?;
        let shown = !matches!(answered, Answered::Nothing);
        let visible = if shown || conflict.is_some() {
            Source::new(table, Privilege::Select, self.who)?.using()
        } else {
            None
        };
        let change = Change::Insert { cells, check: target.check(), conflict };
        Ok(Write { table, change, answered, visible })
    }

    /// Resolves an update.
    ///
    /// # Errors
    /// As [`Self::insert`], and `42703` for a filter's column.
    pub fn update(
        &self,
        table: &'a Table,
        payload: &Payload,
        preferences: &Preferences,
    ) -> Result<Write<'a>, Error> {
        if payload.rows.len() > 1 {
            return Err(Error::new(Code::BodyInvalid, "an update takes one object"));
        }
        let target = self.writable(table, Privilege::Update)?;
        let mut cells = cells(&target, payload, false)?;
        if payload.rows.is_empty() {
            // An empty list changes nothing, whatever `columns=` names.
            cells.columns.clear();
        }
        let answered = self.answered(table, preferences)?;
        let rows = self.touched(&target, matches!(answered, Answered::Rows(_)))?;
        let visible = rows.seen;
        let change = Change::Update { cells, check: target.check(), rows };
        Ok(Write { table, change, answered, visible })
    }

    /// Resolves a delete.
    ///
    /// # Errors
    /// As [`Self::update`].
    pub fn delete(&self, table: &'a Table, preferences: &Preferences) -> Result<Write<'a>, Error> {
        let target = self.writable(table, Privilege::Delete)?;
        let answered = self.answered(table, preferences)?;
        let rows = self.touched(&target, matches!(answered, Answered::Rows(_)))?;
        Ok(Write { table, change: Change::Delete { rows }, answered, visible: None })
    }

    fn writable(&self, table: &'a Table, privilege: Privilege) -> Result<Source<'a>, Error> {
        let source = Source::new(table, privilege, self.who)?;
        if table.kind == TableKind::View {
            return Err(Error::new(
                Code::ViewReadOnly,
                format!("cannot write to view \"{}\"", table.name),
            )
            .hint("write to the tables it reads"));
        }
        Ok(source)
    }

    fn answered(&self, table: &'a Table, preferences: &Preferences) -> Result<Answered<'a>, Error> {
        match preferences.returning {
            Some(Return::Representation) => {
                let read = self.read(table)?;
                if read.is_grouped() {
                    return Err(Error::new(Code::NotImplemented, "Feature not implemented")
                        .details(
                            "Aggregates of written rows are not implemented: read them afterwards.",
                        ));
                }
                Ok(Answered::Rows(read))
            }
            Some(Return::HeadersOnly) if !table.primary_key.is_empty() => {
                let source = Source::new(table, Privilege::Select, self.who)?;
                table.primary_key.iter().try_for_each(|column| source.cover(column))?;
                Ok(Answered::Keys)
            }
            Some(Return::HeadersOnly | Return::Minimal) | None => Ok(Answered::Nothing),
        }
    }

    /// Seeing is needed as soon as a filter asks what is in a row, or the answer shows it: else
    /// filters would tell what policies hide.
    fn touched(&self, target: &Source<'a>, shown: bool) -> Result<Touched<'a>, Error> {
        let own = || self.parameters.conditions.iter().filter(|placed| placed.path.is_empty());
        if own().next().is_none() && !shown {
            return Ok(Touched { using: target.using(), seen: None, conditions: Vec::new() });
        }
        let seen = Source::new(target.table(), Privilege::Select, self.who)?;
        let conditions = own()
            .map(|placed| condition::resolve(&placed.value, &seen, &[]))
            .collect::<Result<_, _>>()?;
        Ok(Touched { using: target.using(), seen: seen.using(), conditions })
    }

    fn conflict(
        &self,
        table: &'a Table,
        cells: &Cells<'a>,
        preferences: &Preferences,
    ) -> Result<Option<Conflict<'a>>, Error> {
        let Some(resolution) = preferences.resolution else { return Ok(None) };
        let target = match &self.parameters.on_conflict {
            Some(names) => unique(table, names)?,
            None if table.primary_key.is_empty() => return Ok(None),
            None => table.primary_key.iter().map(String::as_str).collect(),
        };
        let seen = Source::new(table, Privilege::Select, self.who)?;
        target.iter().try_for_each(|column| seen.cover(column))?;
        let merge = match resolution {
            Resolution::Ignore => None,
            Resolution::Merge => {
                let update = Source::new(table, Privilege::Update, self.who)?;
                cells.columns.iter().try_for_each(|column| update.cover(&column.name))?;
                Some(Merge { using: update.using(), seen: seen.using(), check: update.check() })
            }
        };
        Ok(Some(Conflict { target, merge }))
    }
}

/// The unique constraint over exactly those columns.
fn unique<'a>(table: &'a Table, names: &[String]) -> Result<Vec<&'a str>, Error> {
    for name in names {
        if table.column(name).is_none() {
            let message = format!("column \"{name}\" does not exist");
            return Err(Error::new(Code::ColumnUndefined, message));
        }
    }
    table
        .uniques
        .iter()
        .find(|unique| {
            unique.columns.len() == names.len()
                && unique.columns.iter().all(|column| names.contains(column))
        })
        .map(|unique| unique.columns.iter().map(String::as_str).collect())
        .ok_or_else(|| {
            let message =
                "there is no unique or exclusion constraint matching the ON CONFLICT specification";
            Error::new(Code::ConflictTargetInvalid, message)
        })
}

/// The most bytes of all rows together: the longest text that D1 binds. It keeps short rows with
/// many columns left out from growing beyond an isolate's memory.
const CELLS_BYTES_MAX: usize = 2_000_000;

fn cells<'a>(target: &Source<'a>, payload: &Payload, defaults: bool) -> Result<Cells<'a>, Error> {
    let columns = payload
        .columns
        .iter()
        .map(|name| writable_column(target, name))
        .collect::<Result<Vec<_>, _>>()?;
    let mut rows = String::from("[");
    for row in &payload.rows {
        let mut separator = if rows.len() > 1 { ",[" } else { "[" };
        for column in &columns {
            rows.push_str(separator);
            separator = ",";
            rows.push_str(&cell(target.table(), column, row.get(&column.name), defaults)?);
        }
        // A row of no columns has had no separator yet.
        if columns.is_empty() {
            rows.push_str(separator);
        }
        rows.push(']');
        if rows.len() > CELLS_BYTES_MAX {
            return Err(Error::new(Code::TooComplex, "the request is too complex")
                .hint("send the rows in several requests"));
        }
    }
    rows.push(']');
    let single = match payload.rows.as_slice() {
        [row] => Some(row.clone()),
        _ => None,
    };
    Ok(Cells { columns, rows, single })
}

/// One value as JSON.
fn cell(
    table: &Table,
    column: &Column,
    sent: Option<&Json>,
    defaults: bool,
) -> Result<String, Error> {
    let scalar = match sent {
        None if defaults => return Ok("[]".to_owned()),
        None => None,
        Some(value) => value::from_json(column, value)?,
    };
    if scalar.is_none() && table.primary_key.contains(&column.name) {
        return Err(null_in_key(table, column));
    }
    Ok(scalar.map_or_else(|| "null".to_owned(), |scalar| scalar.to_json()))
}

/// SQLite would choose a key itself, which in a merge is a new one for an old row, or store the null.
fn null_in_key(table: &Table, column: &Column) -> Error {
    let message = format!(
        "null value in column \"{}\" of relation \"{}\" violates not-null constraint",
        column.name, table.name
    );
    Error::new(Code::NotNullViolation, message)
}

fn writable_column<'a>(target: &Source<'a>, name: &str) -> Result<&'a Column, Error> {
    let table = target.table();
    let column = table.column(name).ok_or_else(|| {
        let message =
            format!("Could not find the '{name}' column of '{}' in the schema cache", table.name);
        Error::new(Code::NoColumn, message)
    })?;
    target.cover(&column.name)?;
    if column.generated {
        let message = format!("cannot insert a non-DEFAULT value into column \"{name}\"");
        return Err(Error::new(Code::ColumnGenerated, message)
            .details(format!("Column \"{name}\" is a generated column.")));
    }
    Ok(column)
}
