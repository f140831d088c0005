//! What a change is answered with.

use serde_json::{Map, Value};

use super::{Answer, body, range};
use crate::db::Rows;
use crate::http::Response;
use crate::http::encoding::encode;
use crate::rest::plan::{Answered, Change, Write};
use crate::rest::query::{Preferences, Query, Resolution, Return};
use crate::route::Route;

/// Makes the response to a change.
pub fn reply<R: Rows>(query: &Query, write: &Write<'_>, answer: Answer<R>) -> Response<R> {
    let count = u64::try_from(answer.rows.count()).unwrap_or(u64::MAX);
    let (written, range) = match &write.change {
        Change::Insert { .. } => (201, "*".to_owned()),
        Change::Update { .. } => (204, range(0, count)),
        Change::Delete { .. } => (204, "*".to_owned()),
    };
    let total = query.preferences.count.map_or("*".to_owned(), |_| count.to_string());
    let response = match &write.answered {
        Answered::Rows(read) => {
            let status = if written == 201 { 201 } else { 200 };
            body(status, query, read, answer.rows)
        }
        Answered::Keys => located(written, write, &answer.rows),
        Answered::Nothing => Response::empty(written),
    };
    response.with("content-range", format!("{range}/{total}"))
}

/// An answer without a body that says where the one new row is.
fn located<R: Rows>(status: u16, write: &Write<'_>, rows: &R) -> Response<R> {
    let response = Response::empty(status);
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

/// Tells the preferences of a change that were followed, in the order of the dialect.
pub fn applied(preferences: &Preferences, write: &Write<'_>, push: &mut impl FnMut(&str)) {
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
