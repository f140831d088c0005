//! What a plan's rows are answered with: status, headers, body.

mod called;
mod read;
mod written;

use super::Call;
use super::plan::{Action, Plan, Read};
use super::query::{Form, Query};
use crate::db::Rows;
use crate::error::{Code, Error};
use crate::http::{Body, Kind, Response};

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
    call: &Call<'_>,
) -> Result<Response<R>, Error> {
    let mut response = match plan.action() {
        Action::Read(read) => read::reply(query, (plan, read), answer, call)?,
        Action::Call(called) => called::reply(query, (plan, called), answer, call)?,
        Action::Write(write) => written::reply(query, write, answer),
    };
    let applied = applied(query, plan);
    if !applied.is_empty() {
        response = response.with("preference-applied", applied);
    }
    // There is one schema, so whoever named one has named that.
    let named = ["accept-profile", "content-profile"]
        .iter()
        .find_map(|header| call.request.headers.get(header));
    Ok(match named {
        Some(_) => response.with("content-profile", super::query::SCHEMA),
        None => response,
    })
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

/// Leaves out the changed rows that an inner embed leaves out, which are null.
fn leave_out<R: Rows>(read: &Read<'_>, rows: &mut R) {
    if read.is_narrowed() {
        rows.leave_out_nulls();
    }
}

/// How many rows there are.
fn counted<R: Rows>(rows: &R) -> u64 {
    u64::try_from(rows.count()).unwrap_or(u64::MAX)
}

/// The rows from `offset` on, as `Content-Range` has them.
fn range(offset: u64, count: u64) -> String {
    let Some(more) = count.checked_sub(1) else {
        return "*".to_owned();
    };
    format!("{offset}-{}", offset.saturating_add(more))
}

/// A response of rows in the form that was asked for.
fn body<R: Rows>(status: u16, query: &Query, read: &Read<'_>, mut rows: R) -> Response<R> {
    if query.media.nulls_stripped {
        rows.strip_nulls();
    }
    let body = match query.media.form {
        Form::List => Body::Array(rows),
        Form::Object => Body::First(rows),
        Form::Csv => Body::Lines(read.head(), rows),
    };
    let headers = vec![("content-type", query.media.content_type().into())];
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
        push(count.name());
    }
    match preferences.strict {
        Some(true) => push("handling=strict"),
        Some(false) => push("handling=lenient"),
        None => {}
    }
    if let Some(timezone) = preferences.timezone {
        push(timezone);
    }
    if let Some(most) = preferences.max_affected()
        && plan.is_limited()
    {
        push(&format!("max-affected={most}"));
    }
    applied.join(", ")
}
