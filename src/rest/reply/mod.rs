//! What a plan's rows are answered with: status, headers, body.

mod called;
mod written;

use super::plan::{Action, Plan};
use super::query::{Form, Query};
use crate::db::Rows;
use crate::error::{Code, Error};
use crate::http::{Body, JSON, Kind, Response};

/// The results that an answer is made of.
pub struct Answer<R> {
    rows: R,
    total: Option<u64>,
}

impl<R: Rows> Answer<R> {
    /// Takes them out of a batch's results.
    ///
    /// # Errors
    /// When the host answered fewer results than there were statements.
    pub fn new(results: Vec<R>, rows: usize, total: Option<usize>) -> Result<Self, Error> {
        let count = |position: usize| results.get(position)?.text(0)?.parse().ok();
        let total = total.and_then(count);
        let rows = results
            .into_iter()
            .nth(rows)
            .ok_or_else(|| Error::unexpected("a batch answered too few results"))?;
        Ok(Self { rows, total })
    }
}

/// Makes the response.
///
/// # Errors
/// `PGRST116` when one object was asked for and there is another number of rows, `PGRST103` when
/// the offset lies behind the last row.
pub fn reply<R: Rows>(
    query: &Query,
    plan: &Plan<'_>,
    answer: Answer<R>,
) -> Result<Response<R>, Error> {
    let count = answer.rows.count();
    let response = match plan.action() {
        Action::Read(read) => {
            check_single(query.form, count)?;
            let offset = read.offset.unwrap_or(0);
            let status = read_status(count, offset, answer.total)?;
            let range = content_range(offset, count, answer.total);
            body(status, query.form, answer.rows).with("content-range", range)
        }
        Action::Call(call) => called::reply(query, plan, call, answer)?,
        Action::Write(write) => written::reply(query, write, answer),
    };
    let applied = applied(query, plan);
    Ok(if applied.is_empty() { response } else { response.with("preference-applied", applied) })
}

fn check_single(form: Form, count: usize) -> Result<(), Error> {
    if form == Form::Object && count != 1 {
        return Err(not_single(count));
    }
    Ok(())
}

/// One object was asked for and there is another number of rows.
pub fn not_single(count: impl std::fmt::Display) -> Error {
    Error::new(Code::NotSingular, "Cannot coerce the result to a single JSON object")
        .details(format!("The result contains {count} rows"))
}

/// More rows were concerned than the client allowed.
pub fn too_many(count: impl std::fmt::Display) -> Error {
    let message = "Query result exceeds max-affected preference constraint";
    Error::new(Code::MaxAffectedExceeded, message)
        .details(format!("The query affects {count} rows"))
}

fn read_status(count: usize, offset: u64, total: Option<u64>) -> Result<u16, Error> {
    let Some(total) = total else { return Ok(200) };
    if offset > total {
        return Err(Error::new(Code::RangeInvalid, "Requested range not satisfiable").details(
            format!("An offset of {offset} was requested, but there are only {total} rows."),
        ));
    }
    Ok(if u64::try_from(count).unwrap_or(u64::MAX) < total { 206 } else { 200 })
}

fn content_range(offset: u64, count: usize, total: Option<u64>) -> String {
    let total = total.map_or("*".to_owned(), |total| total.to_string());
    format!("{}/{total}", range(offset, count))
}

fn range(offset: u64, count: usize) -> String {
    let Some(more) = u64::try_from(count).unwrap_or(u64::MAX).checked_sub(1) else {
        return "*".to_owned();
    };
    format!("{offset}-{}", offset.saturating_add(more))
}

fn body<R>(status: u16, form: Form, rows: R) -> Response<R> {
    let (body, content_type) = match form {
        Form::List => (Body::Array(rows), JSON),
        Form::Object => (Body::First(rows), "application/vnd.pgrst.object+json; charset=utf-8"),
    };
    let headers = vec![("content-type", content_type.to_owned())];
    Response { status, kind: Kind::Json, headers, body }
}

/// The preferences that were followed, in the order of the dialect.
fn applied(query: &Query, plan: &Plan<'_>) -> String {
    let preferences = &query.preferences;
    let mut applied: Vec<String> = Vec::new();
    let mut push = |preference: &str| applied.push(preference.to_owned());
    if let Action::Write(write) = plan.action() {
        written::applied(query, write, &mut push);
    }
    if let Some(count) = preferences.count {
        push(&format!("count={count}"));
    }
    match preferences.strict {
        Some(true) => push("handling=strict"),
        Some(false) => push("handling=lenient"),
        None => {}
    }
    if let Some(most) = preferences.max_affected()
        && plan.is_limited()
    {
        push(&format!("max-affected={most}"));
    }
    applied.join(", ")
}
