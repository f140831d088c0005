//! A plan as SQL. The only SQL text for users' tables is written here.

mod call;
mod cast;
mod condition;
mod counted;
mod embed;
mod json;
mod number;
mod output;
mod pattern;
mod probe;
mod raise;
mod read;
mod sorting;
mod spread;
mod text_search;
mod write;
mod writer;

pub use probe::{missing, referenced};
pub use raise::explain;

use std::borrow::Cow;

use crate::db::{Batch, Statement};
use crate::error::Error;
use crate::rest::plan::{Action, Answered, Change, Plan, Read, RowsLimit, Shape, Total};
use writer::Writer;

/// A plan, ready to be sent: one batch, and where in it the answers will be.
#[derive(Debug)]
pub struct Prepared {
    /// All statements. The first is the session's guard, or holds it.
    pub batch: Batch,
    /// The position of the statement that answers the rows; that of the total when only they count.
    pub rows: usize,
    /// The position of the statement that counts rows, if there is one: all that a read could
    /// answer, or those that a change is going to meet.
    pub total: Option<usize>,
}

/// Writes a plan as one batch. A guard that is to stand `apart` is a statement of its own also where
/// the first one could hold it.
///
/// # Errors
/// `54001` when the statement would be longer than the database takes.
pub fn statement(plan: &Plan<'_>, apart: bool) -> Result<Prepared, Error> {
    let mut batch = Batch::new();
    if apart || !begins_with_read(plan.action()) {
        batch.extend(plan.who().guard());
    }
    let mut rows = batch.len();
    let mut total = None;
    match plan.action() {
        Action::Read(read) => total = read_all(plan, read, &mut batch, read::rows)?,
        Action::Write(write) => {
            let mut writer = Writer::new(plan.who());
            if let Some(sql) = counted::count(&mut writer, write) {
                total = Some(rows);
                batch.push(writer.finish(sql)?);
                rows = batch.len();
            }
            let mut writer = Writer::new(plan.who());
            if let Some(sql) = counted::twice(&mut writer, write) {
                batch.push(writer.finish(sql)?);
                rows = batch.len();
            }
            if let (Change::Delete { .. }, Answered::Rows(read)) = (&write.change, &write.answered)
            {
                batch.push(written(plan, |writer| read::rows(writer, read))?);
                if let (Some(RowsLimit::One), true) = (plan.rows_limit(), read.is_narrowed()) {
                    batch.push(written(plan, |writer| call::guard(writer, read, RowsLimit::One))?);
                }
            }
            batch.push(written(plan, |writer| write::change(writer, write))?);
            limit_changes(plan, &mut batch)?;
            batch.extend(sorting::guard(write));
        }
        Action::Call(call) => {
            for (number, effect) in call.effects.iter().enumerate() {
                batch.push(written(plan, |writer| {
                    writer.number(number);
                    call::effect(writer, effect)
                })?);
            }
            let Some(read) = &call.read else {
                let rows = batch.len().saturating_sub(1);
                limit_changes(plan, &mut batch)?;
                return Ok(Prepared { batch, rows, total });
            };
            rows = batch.len();
            let answer = if call::is_value(call) { read::values } else { read::rows };
            total = read_all(plan, read, &mut batch, answer)?;
            // What only reads is counted when it is answered: there is nothing to undo.
            if let (Some(limit), true) = (plan.rows_limit(), call.function.is_volatile) {
                batch.push(written(plan, |writer| call::guard(writer, read, limit))?);
            }
        }
    }
    Ok(Prepared { batch, rows, total })
}

/// Whether the first statement is a select, which [`select`] guards by itself.
fn begins_with_read(action: &Action<'_>) -> bool {
    match action {
        Action::Read(_) => true,
        Action::Write(_) => false,
        Action::Call(call) => call.effects.is_empty() && call.read.is_some(),
    }
}

/// Writes a select into a batch. Nothing has guarded an empty one, so there it begins with the guard.
fn select<'a>(
    plan: &'a Plan<'_>,
    batch: &mut Batch,
    write: impl FnOnce(&mut Writer<'a>) -> String,
) -> Result<(), Error> {
    let is_guarded = !batch.is_empty();
    batch.push(written(plan, |writer| {
        let guard = if is_guarded { None } else { writer.guard() };
        let sql = write(writer);
        match guard {
            Some(guard) => format!("{guard}select q.row from (\n{sql}\n) as q"),
            None => sql,
        }
    })?);
    Ok(())
}

/// Turns a statement into the question how SQLite would go about it.
pub fn ask_for_plan(statement: &mut Statement) {
    statement.sql = Cow::Owned(format!("explain query plan {}", statement.sql));
}

fn written<'a>(
    plan: &'a Plan<'_>,
    write: impl FnOnce(&mut Writer<'a>) -> String,
) -> Result<Statement, Error> {
    let mut writer = Writer::of(plan);
    let sql = write(&mut writer);
    writer.finish(sql)
}

/// Writes a statement that reads, unless the headers follow from the total alone, and one that
/// counts, whose position it answers.
fn read_all(
    plan: &Plan<'_>,
    read: &Read<'_>,
    batch: &mut Batch,
    rows: fn(&mut Writer<'_>, &Read<'_>) -> String,
) -> Result<Option<usize>, Error> {
    if !(read.shape == Shape::Nothing && plan.total() == Some(Total::All)) {
        select(plan, batch, |writer| rows(writer, read))?;
    }
    let Some(extent) = plan.total() else { return Ok(None) };
    let position = batch.len();
    select(plan, batch, |writer| read::total(writer, read, extent))?;
    Ok(Some(position))
}

/// Adds a statement that undoes the batch when the change before it concerned more rows than it may.
fn limit_changes(plan: &Plan<'_>, batch: &mut Batch) -> Result<(), Error> {
    let Some(limit) = plan.rows_limit() else { return Ok(()) };
    batch.push(written(plan, |writer| limited(writer, limit, "changes()"))?);
    Ok(())
}

/// Writes a statement that raises when a count, which is SQL, is another than it may be.
fn limited(writer: &mut Writer<'_>, limit: RowsLimit, count: &str) -> String {
    let exceeds = match limit {
        RowsLimit::One => "<> 1".to_owned(),
        RowsLimit::AtMost(most) => ["> ", &embed::bound(writer, most)].concat(),
    };
    let raise = raise::raise_with("rows", count);
    format!("select case when {count} {exceeds} then {raise} end as row")
}
