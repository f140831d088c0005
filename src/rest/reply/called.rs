//! What a function answers: nothing, one value or object, or a list.

use super::{Answer, counted, leave_out, not_single, range, read, too_many};
use crate::db::Rows;
use crate::error::Error;
use crate::http::{Body, JSON, Kind, Response};
use crate::rest;
use crate::rest::plan::{Call, Outcome, Plan, RowsLimit};
use crate::rest::query::{Form, Query, Return};

/// Makes the response.
///
/// # Errors
/// `PGRST116`, `PGRST103` and `PGRST124`.
pub fn reply<R: Rows>(
    query: &Query,
    (plan, called): (&Plan<'_>, &Call<'_>),
    mut answer: Answer<R>,
    call: &rest::Call<'_>,
) -> Result<Response<R>, Error> {
    let count = counted(&answer.rows);
    let Some(returns) = &called.function.returns else {
        return Ok(Response::empty(204).with("content-range", "0-0/*"));
    };
    if let Some(RowsLimit::AtMost(most)) = plan.rows_limit()
        && count > most
    {
        return Err(too_many(count));
    }
    if let (None, Some(Outcome::Rows(read))) = (&called.read, called.answered()) {
        leave_out(read, &mut answer.rows);
    }
    let mut response = match &called.read {
        Some(read) if returns.is_set => read::reply(query, (plan, read), answer, call)?,
        _ => plain(query, returns.is_set, answer)?,
    };
    if query.preferences.returning == Some(Return::Minimal) {
        response.status = 204;
        response.body = Body::Empty;
        response.headers.retain(|(name, _)| *name != "content-type");
    }
    Ok(response)
}

/// The answer of what is no query, or not of a set.
fn plain<R: Rows>(query: &Query, is_set: bool, answer: Answer<R>) -> Result<Response<R>, Error> {
    let mut rows = answer.rows;
    let count = counted(&rows);
    let form = query.media.form;
    if is_set && form == Form::Object && count != 1 {
        return Err(not_single(count));
    }
    if query.media.nulls_stripped {
        rows.strip_nulls();
    }
    // A change has no pages: what it answers is all there is.
    let total = query.preferences.count.map_or("*".to_owned(), |_| count.to_string());
    let body = match count {
        _ if is_set && form != Form::Object => Body::Array(rows),
        0 => Body::Text("null".to_owned()),
        _ => Body::First(rows),
    };
    let content_type = match form {
        Form::Object => query.media.content_type(),
        Form::List | Form::Csv => JSON,
    };
    let headers = vec![("content-type", content_type.into())];
    let response = Response { status: 200, kind: Kind::Json, headers, body };
    Ok(response.with("content-range", format!("{}/{total}", range(0, count))))
}
