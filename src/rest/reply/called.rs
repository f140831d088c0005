//! What a function answers: nothing, one value or object, or a list.

use super::{Answer, body, check_single, content_range, read_status, too_many};
use crate::db::Rows;
use crate::error::Error;
use crate::http::{JSON, Response};
use crate::rest::plan::{Call, Plan, RowsLimit};
use crate::rest::query::{Form, Query, Return};

/// Makes the response.
///
/// # Errors
/// `PGRST116`, `PGRST103` and `PGRST124`.
pub fn reply<R: Rows>(
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
