//! A plan as SQL. The only SQL text for users' tables is written here.

mod call;
mod condition;
mod json;
mod pattern;
mod counted;
mod probe;
mod read;
mod write;
mod writer;

pub use probe::{missing, referenced};

use crate::db::{Batch, Statement};
use crate::error::Error;
use crate::rest::plan::{Action, Call, Plan, RowsLimit};
use writer::Writer;

/// A plan, ready to be sent: one batch, and where in it the answers will be.
#[derive(Debug)]
pub struct Prepared {
    /// All statements, the session's guard first.
    pub batch: Batch,
    /// The position of the statement that answers the rows.
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
            batch.push(written(plan, |writer| read::rows(writer, read))?);
            if plan.wants_total() {
                total = Some(batch.len());
                batch.push(written(plan, |writer| read::total(writer, read))?);
            }
        }
        Action::Write(write) => {
            let mut writer = Writer::new(plan.who());
            if let Some(sql) = counted::count(&mut writer, write) {
                total = Some(rows);
                batch.push(writer.finish(sql)?);
                rows = batch.len();
            }
            batch.push(written(plan, |writer| write::change(writer, write))?);
            batch.extend(plan.rows_limit().map(limit_guard));
        }
        Action::Call(call) => {
            for (number, effect) in call.effects.iter().enumerate() {
                batch.push(called(plan, call, |writer| {
                    writer.number(number);
                    call::effect(writer, effect)
                })?);
            }
            if let Some(read) = &call.read {
                batch.push(called(plan, call, |writer| call::answer(writer, call, read))?);
            }
            rows = batch.len().saturating_sub(1);
            if let (Some(read), true) = (&call.read, plan.wants_total()) {
                total = Some(batch.len());
                batch.push(called(plan, call, |writer| read::total(writer, read))?);
            }
            match (&call.read, plan.rows_limit()) {
                (Some(read), Some(limit)) if call.function.is_volatile => {
                    batch.push(called(plan, call, |writer| call::guard(writer, read, limit))?);
                }
                (None, Some(limit)) => batch.push(limit_guard(limit)),
                _ => {}
            }
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

fn called<'a>(
    plan: &Plan<'a>,
    call: &'a Call<'a>,
    write: impl FnOnce(&mut Writer<'a>) -> String,
) -> Result<Statement, Error> {
    let mut writer = Writer::calling(plan.who(), &call.arguments);
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
