//! What a read is answered with: which rows these are, how many there are, and whether the client
//! has them already.

use super::{Answer, body, counted, not_single, range};
use crate::db::Rows;
use crate::error::{Code, Error};
use crate::http::{Body, Method, Request, Response};
use crate::identity::Identity;
use crate::rest::Call;
use crate::rest::plan::{Action, Plan, Read, Shape, Total};
use crate::rest::query::{Form, Query};
use crate::route::Route;

/// Says that rows were left out because a read answers that many at most. There are more.
const ROW_CAP: &str = "selvedge-row-cap";

/// Says that the total is not the number of all rows, but one that they reach at least.
const COUNT: &str = "selvedge-count";

/// Makes the response to a read.
///
/// # Errors
/// `PGRST116` and `PGRST103`.
pub fn reply<R: Rows>(
    query: &Query,
    (plan, read): (&Plan<'_>, &Read<'_>),
    answer: Answer<R>,
    call: &Call<'_>,
) -> Result<Response<R>, Error> {
    let Answer { mut rows, total } = answer;
    let offset = read.offset.unwrap_or(0);
    let mut count = match (read.shape, plan.total(), total) {
        // Nothing but the total was asked of the database.
        (Shape::Nothing, Some(Total::All), Some(total)) => {
            total.saturating_sub(offset).min(read.limit.unwrap_or(total))
        }
        _ => counted(&rows),
    };
    let capped = plan.row_cap().filter(|most| count > *most);
    if let Some(most) = capped {
        count = most;
        rows.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    }
    if query.media.form == Form::Object && count != 1 {
        return Err(not_single(count));
    }
    let status = status(count, offset, total)?;
    let total_shown = total.map_or("*".to_owned(), |total| total.to_string());
    let content_range = format!("{}/{total_shown}", range(offset, count));
    let mut response = body(status, query, read, rows).with("content-range", content_range);
    if let Some(most) = capped {
        response = response.with(ROW_CAP, most.to_string());
    }
    if let (Some(Total::UpTo(most)), Some(total)) = (plan.total(), total)
        && total >= most
    {
        response = response.with(COUNT, "at-least");
    }
    response = response.with("range-unit", "items");
    // To name rows they would have to be read. `HEAD` may leave such headers out (RFC 9110 9.3.2).
    if read.shape != Shape::Nothing && call.request.method == Some(Method::Get) {
        identify(&mut response, call);
    }
    // What anyone may read may be kept by a browser, which then asks each time whether it is still
    // so. What only somebody may read is not: others may use the same browser later.
    if *call.who == Identity::Anonymous {
        response = response.with("cache-control", "private, no-cache");
    }
    Ok(match plan.action() {
        Action::Read(_) => response.with("content-location", location(call.request, read)),
        Action::Write(_) | Action::Call(_) => response,
    })
}

fn status(count: u64, offset: u64, total: Option<u64>) -> Result<u16, Error> {
    let Some(total) = total else { return Ok(200) };
    if offset > total {
        return Err(Error::new(Code::RangeInvalid, "Requested range not satisfiable")
            .details(format!(
                "An offset of {offset} was requested, but there are only {total} rows."
            ))
            .header("content-range", format!("*/{total}")));
    }
    Ok(if count < total { 206 } else { 200 })
}

/// What stands before the `=` of a parameter.
fn name(parameter: &str) -> &str {
    parameter.split('=').next().unwrap_or_default()
}

/// The address of exactly these rows: the parameters as sent, but sorted, so that it is the same
/// for the same question.
fn location(request: &Request, read: &Read<'_>) -> String {
    let mut location = Route::Table { name: read.source.table().name.clone() }.path();
    let mut parameters: Vec<&str> = Vec::new();
    // A part without `=` means nothing.
    for parameter in request.query.split('&').filter(|parameter| parameter.contains('=')) {
        let place = parameters.partition_point(|other| name(other) <= name(parameter));
        parameters.insert(place, parameter);
    }
    let mut separator = '?';
    for parameter in parameters {
        location.push(separator);
        location.push_str(parameter);
        separator = '&';
    }
    location
}

/// Names an answer by its rows and headers, unless it is long, and leaves the rows out when the client
/// has them already.
fn identify<R: Rows>(response: &mut Response<R>, call: &Call<'_>) {
    let rows = match &response.body {
        Body::Array(rows) | Body::First(rows) | Body::Lines(_, rows) => rows,
        Body::Empty | Body::Text(_) => return,
    };
    // The same rows in another form, or of another total, are another answer.
    let context: String = response.headers.iter().map(|(_, value)| value.as_ref()).collect();
    let name = rows.fingerprint(&call.config.fingerprint_key, &context);
    let tag = name.map(|name| format!("\"{name}\""));
    let known = call
        .request
        .headers
        .all("if-none-match")
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| {
            known == "*" || tag.as_deref() == Some(known.strip_prefix("W/").unwrap_or(known))
        });
    if known {
        *response = Response::empty(304);
    }
    if let Some(tag) = tag {
        response.headers.push(("etag", tag.into()));
    }
}
