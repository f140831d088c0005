//! What a caller may reach, described: an OpenAPI 3.1 document, written from the catalog.
//!
//! Every table, verb and column in it has been asked of the same [`Source`](super::plan::Source)
//! that refuses requests, so it holds no name that the API would not answer to. It asks no
//! database: it tells what a role may do and nothing of any row, so a token is as good here until
//! it expires, even when its session has ended.

mod account;
mod fixed;
mod function;
mod shape;
mod table;

use super::Call;
use crate::http::json::Writer;
use crate::http::{JSON, Response, put_header};
use crate::route::REST_PREFIX;
use table::Reach;

/// The media type of the document by its own name.
const OPENAPI: &str = "application/openapi+json";

/// Answers with the document, under the name for its media type that the client knows.
#[must_use]
pub fn serve<R>(call: &Call<'_>) -> Response<R> {
    let mut response = Response::json(200, document(call));
    let accepted = call.request.headers.all("accept").any(|value| value.contains(OPENAPI));
    put_header(&mut response.headers, "content-type", if accepted { OPENAPI } else { JSON });
    response
}

/// Fixed text with four gaps: where the API is, its paths, its filters, its schemas.
fn document(call: &Call<'_>) -> String {
    let site_url = &call.config.site_url;
    let reaches: Vec<Reach<'_>> =
        call.catalog.tables.iter().filter_map(|table| Reach::of(table, call)).collect();
    let mut json = Writer::default();
    json.raw(fixed::BEGINNING);
    // Never built from what a client sent.
    json.text(&[site_url, REST_PREFIX].concat());
    json.end(fixed::PATHS);
    account::paths(&mut json, site_url);
    for reach in &reaches {
        reach.path(&mut json);
    }
    function::paths(&mut json, call, &reaches);
    json.end(fixed::PARAMETERS);
    for reach in &reaches {
        reach.filters(&mut json);
    }
    json.end(fixed::SCHEMAS);
    account::schemas(&mut json);
    for reach in &reaches {
        reach.schemas(&mut json);
    }
    json.end("}}}");
    json.finish()
}
