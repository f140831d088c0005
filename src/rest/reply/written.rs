//! What a change is answered with.

use super::{Answer, body, counted, leave_out, range};
use crate::db::Rows;
use crate::http::Response;
use crate::http::encoding::encode;
use crate::http::json::{Json, Object};
use crate::rest::plan::{Answered, Change, Write};
use crate::rest::query::{Query, Resolution, Return, Verb};
use crate::route::Route;

/// Makes the response to a change.
pub fn reply<R: Rows>(query: &Query, write: &Write<'_>, mut answer: Answer<R>) -> Response<R> {
    let hint = hint(write, counted(&answer.rows), answer.total);
    if let Answered::Rows(read) = &write.answered {
        leave_out(read, &mut answer.rows);
    }
    let count = counted(&answer.rows);
    let total = query.preferences.count.map_or("*".to_owned(), |_| count.to_string());
    let returning = query.preferences.returning;
    let shows = returning == Some(Return::Representation);
    let (status, range) = match &write.change {
        Change::Insert { .. } if is_put(query) => {
            (if shows { made(write, &answer) } else { 204 }, None)
        }
        Change::Insert { .. } => (made(write, &answer), Some("*".to_owned())),
        Change::Update { .. } => (if shows { 200 } else { 204 }, Some(range(0, count))),
        Change::Delete { .. } => (if shows { 200 } else { 204 }, Some("*".to_owned())),
    };
    let mut response = match &write.answered {
        Answered::Rows(read) => body(status, query, read, answer.rows),
        Answered::Keys => located(status, write, &answer.rows),
        Answered::Nothing => Response::empty(status),
    };
    if let Some(range) = range {
        response = response.with("content-range", format!("{range}/{total}"));
    }
    match hint {
        Some(hint) => response.with(HINT_HEADER, hint),
        None => response,
    }
}

fn is_put(query: &Query) -> bool {
    matches!(query.verb, Verb::Replace(_))
}

/// Whether an insert has made a row: 201, or only merged into what was there: 200.
fn made<R>(write: &Write<'_>, answer: &Answer<R>) -> u16 {
    let Change::Insert { cells, conflict, .. } = &write.change else { return 201 };
    let merges = conflict.as_ref().is_some_and(|conflict| conflict.merge.is_some());
    let existing = answer.total.unwrap_or(0);
    if merges && u64::try_from(cells.count) == Ok(existing) { 200 } else { 201 }
}

/// What a developer is told of a change beside the dialect.
const HINT_HEADER: &str = "selvedge-hint";

/// A sentence on rows that were meant and left alone. There is none unless they were counted, which
/// is done in development only.
fn hint(write: &Write<'_>, count: u64, meant: Option<u64>) -> Option<String> {
    let action = match write.change {
        Change::Update { .. } => "update",
        Change::Delete { .. } => "delete",
        Change::Insert { .. } => return None,
    };
    let left = meant?.checked_sub(count).filter(|left| *left > 0)?;
    let (rows, them) = if left == 1 { ("row", "it") } else { ("rows", "them") };
    let table: String = write.table.name.chars().filter(|part| matches!(part, ' '..='~')).collect();
    Some(format!(
        "{left} {rows} matched the filters but no policy for {action} on \"{table}\" lets you change {them}"
    ))
}

/// An answer without a body that says where the one new row is.
fn located<R: Rows>(status: u16, write: &Write<'_>, rows: &R) -> Response<R> {
    let response = Response::empty(status);
    let row = rows.text(0).filter(|_| status == 201 && rows.count() == 1);
    let key = row.as_deref().and_then(Object::of);
    let members = key.as_ref().map(Object::members).unwrap_or_default();
    if members.is_empty() {
        return response;
    }
    let filters: Vec<String> = members
        .iter()
        .filter_map(|(column, value)| Some((column, Json::of(value)?.plain())))
        .map(|(column, value)| format!("{}=eq.{}", encode(column), encode(&value)))
        .collect();
    let table = Route::Table { name: write.table.name.clone() };
    response.with("location", format!("{}?{}", table.path(), filters.join("&")))
}

/// Tells the preferences of a change that were followed, in the order of the dialect.
pub fn applied(query: &Query, write: &Write<'_>, push: &mut impl FnMut(&str)) {
    let preferences = &query.preferences;
    let (resolves, fills) = match &write.change {
        Change::Insert { conflict, .. } if !is_put(query) => (conflict.is_some(), true),
        Change::Insert { .. } | Change::Delete { .. } => (false, false),
        Change::Update { .. } => (false, true),
    };
    match preferences.resolution.filter(|_| resolves) {
        Some(Resolution::Merge) => push("resolution=merge-duplicates"),
        Some(Resolution::Ignore) => push("resolution=ignore-duplicates"),
        None => {}
    }
    match preferences.missing_default.filter(|_| fills) {
        Some(true) => push("missing=default"),
        Some(false) => push("missing=null"),
        None => {}
    }
    match preferences.returning {
        Some(Return::Minimal) => push("return=minimal"),
        Some(Return::HeadersOnly) => push("return=headers-only"),
        Some(Return::Representation) => push("return=representation"),
        None => {}
    }
}
