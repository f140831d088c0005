//! A plan as SQL. The only SQL text for users' tables is written here.

mod cast;
mod condition;
mod counted;
mod embed;
mod json;
mod output;
mod pattern;
mod probe;
mod raise;
mod read;
mod sorting;
mod text_search;
mod write;
mod writer;

pub use probe::{missing, referenced};
pub use raise::explain;

use crate::db::{Batch, Statement};
use crate::error::Error;
use crate::rest::plan::{Action, Answered, Change, Plan, RowsLimit, Shape, Total};
use writer::Writer;

/// A plan, ready to be sent: one batch, and where in it the answers will be.
#[derive(Debug)]
pub struct Prepared {
    /// All statements, the session's guard first.
    pub batch: Batch,
    /// The position of the statement that answers the rows; that of the total when only they count.
    pub rows: usize,
    /// The position of the statement that counts rows, if there is one: all that a read could
    /// answer, or those that a change is going to meet.
    pub total: Option<usize>,
}

/// Writes a plan as one batch.
///
/// # Errors
/// `54001` when the statement would be longer than the database takes.
pub fn statement(plan: &Plan<'_>) -> Result<Prepared, Error> {
    let mut batch: Batch = plan.who().guard().into_iter().collect();
    let mut rows = batch.len();
    let mut total = None;
    match plan.action() {
        Action::Read(read) => {
            // The headers follow from the total alone.
            if !(read.shape == Shape::Nothing && plan.total() == Some(Total::All)) {
                batch.push(written(plan, |writer| read::rows(writer, read))?);
            }
            if let Some(extent) = plan.total() {
                total = Some(batch.len());
                batch.push(written(plan, |writer| read::total(writer, read, extent))?);
            }
        }
        Action::Write(write) => {
            let mut writer = Writer::new(plan.who());
            if let Some(sql) = counted::count(&mut writer, write) {
                total = Some(rows);
                batch.push(writer.finish(sql)?);
                rows = batch.len();
            }
            if let (Change::Delete { .. }, Answered::Rows(read)) = (&write.change, &write.answered)
            {
                batch.push(written(plan, |writer| read::rows(writer, read))?);
            }
            batch.push(written(plan, |writer| write::change(writer, write))?);
            batch.extend(plan.rows_limit().map(limit_guard));
            batch.extend(sorting::guard(write));
        }
    }
    Ok(Prepared { batch, rows, total })
}

fn written<'a>(
    plan: &Plan<'a>,
    write: impl FnOnce(&mut Writer<'a>) -> String,
) -> Result<Statement, Error> {
    let mut writer = Writer::new(plan.who());
    let sql = write(&mut writer);
    writer.finish(sql)
}

/// A statement that undoes the batch when the change before it concerned another number of rows.
fn limit_guard(limit: RowsLimit) -> Statement {
    match limit {
        RowsLimit::One => Statement::fixed(
            "select case when changes() <> 1 then json_extract('{}', 'selvedge:rows:' || changes()) end as row",
            Vec::new(),
        ),
        RowsLimit::AtMost(most) => Statement::fixed(
            "select case when changes() > cast(?1 as integer) then json_extract('{}', 'selvedge:rows:' || changes()) end as row",
            vec![Some(most.to_string())],
        ),
    }
}
