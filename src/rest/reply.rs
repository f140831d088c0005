//! What a plan's rows are answered with: status, headers, body.

use serde_json::{Map, Value};

use super::plan::{Action, Call, Change, Plan, RowsLimit};
use super::query::{Form, Preferences, Query, Resolution, Return};
use crate::db::Rows;
use crate::error::{Code, Error};
use crate::http::encoding::encode;
use crate::http::{Body, JSON, Kind, Response};
use crate::route::Route;

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
        Action::Call(call) => called(query, plan, call, answer)?,
        Action::Write(write) => {
            let (written, range) = match &write.change {
                Change::Insert { .. } => (201, "*".to_owned()),
                Change::Update { .. } => (204, range(0, count)),
                Change::Delete { .. } => (204, "*".to_owned()),
            };
            let total = query.preferences.count.map_or("*".to_owned(), |_| count.to_string());
            let response = match query.preferences.returning {
                Some(Return::Representation) => {
                    let status = if written == 201 { 201 } else { 200 };
                    body(status, query.form, answer.rows)
                }
                Some(Return::HeadersOnly) => located(written, plan, &answer.rows),
                Some(Return::Minimal) | None => Response::empty(written),
            };
            response.with("content-range", format!("{range}/{total}"))
        }
    };
    let applied = applied(&query.preferences, plan);
    Ok(if applied.is_empty() { response } else { response.with("preference-applied", applied) })
}

/// The answer of a function: nothing, one value or object, or a list.
fn called<R: Rows>(
    query: &Query,
    plan: &Plan<'_>,
    call: &Call<'_>,
    answer: Answer<R>,
) -> Result<Response<R>, Error> {
    let count = answer.rows.count();
    let Some(returns) = &call.function.returns else {
        return Ok(Response::empty(204).with("content-range", "0-0/*"));
    };
    if returns.is_set {
        check_single(query.form, count)?;
    }
    if let Some(RowsLimit::AtMost(most)) = plan.rows_limit()
        && u64::try_from(count).unwrap_or(u64::MAX) > most
    {
        return Err(too_many(count));
    }
    let offset = call.read.as_ref().and_then(|read| read.offset).unwrap_or(0);
    // A change has no pages: what it answers is all there is.
    let total = answer.total.or_else(|| query.preferences.count.and(u64::try_from(count).ok()));
    let status = read_status(count, offset, total)?;
    let mut response = if query.preferences.returning == Some(Return::Minimal) {
        Response::empty(204)
    } else if returns.is_set {
        body(status, query.form, answer.rows)
    } else if count == 0 {
        Response::json(status, "null".to_owned())
    } else {
        body(status, Form::Object, answer.rows)
    };
    if query.form == Form::List && response.status != 204 {
        response.headers = vec![("content-type", JSON.to_owned())];
    }
    Ok(response.with("content-range", content_range(offset, count, total)))
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

/// An answer without a body that says where the one new row is.
fn located<R: Rows>(status: u16, plan: &Plan<'_>, rows: &R) -> Response<R> {
    let response = Response::empty(status);
    let Action::Write(write) = plan.action() else { return response };
    let key = rows
        .text(0)
        .filter(|_| status == 201 && rows.count() == 1)
        .and_then(|text| serde_json::from_str::<Map<String, Value>>(&text).ok());
    let Some(key) = key.filter(|key| !key.is_empty()) else { return response };
    let filters: Vec<String> = key
        .iter()
        .map(|(column, value)| {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{}=eq.{}", encode(column), encode(&value))
        })
        .collect();
    let table = Route::Table { name: write.table.name.clone() };
    response.with("location", format!("{}?{}", table.path(), filters.join("&")))
}

/// The preferences that were followed, in the order of the dialect.
fn applied(preferences: &Preferences, plan: &Plan<'_>) -> String {
    let mut applied: Vec<String> = Vec::new();
    let mut push = |preference: &str| applied.push(preference.to_owned());
    if let Action::Write(write) = plan.action() {
        if let Change::Insert { conflict: Some(_), .. } = &write.change {
            match preferences.resolution {
                Some(Resolution::Merge) => push("resolution=merge-duplicates"),
                Some(Resolution::Ignore) => push("resolution=ignore-duplicates"),
                None => {}
            }
        }
        if let Change::Insert { .. } = &write.change {
            match preferences.missing_default {
                Some(true) => push("missing=default"),
                Some(false) => push("missing=null"),
                None => {}
            }
        }
        match preferences.returning {
            Some(Return::Minimal) => push("return=minimal"),
            Some(Return::HeadersOnly) => push("return=headers-only"),
            Some(Return::Representation) => push("return=representation"),
            None => {}
        }
    }
    if let Some(count) = preferences.count {
        push(&format!("count={count}"));
    }
    match preferences.strict {
        Some(true) => push("handling=strict"),
        Some(false) => push("handling=lenient"),
        None => {}
    }
    if let (Action::Write(_) | Action::Call(_), Some(most)) =
        (plan.action(), preferences.max_affected())
    {
        push(&format!("max-affected={most}"));
    }
    applied.join(", ")
}
