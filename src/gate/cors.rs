//! Cross-origin access (Fetch standard, section 3.2). The two APIs are open to every origin and
//! read no cookie, so credentials are never allowed and no origin is ever echoed. (The way back from a
//! provider reads one, for which it can only refuse.) Pages and assets are not shared.

use std::borrow::Cow;

use super::Departure;
use crate::error::Dialect;
use crate::http::{Headers, Response, has_header, put_header};
use crate::route::Route;

/// How long a browser may remember a preflight, in seconds; Chromium's own limit.
const MAX_AGE_SECONDS: &str = "7200";

/// What supabase-js and its siblings send. A fixed list, as an echo would hide a typing mistake.
const ALLOW_HEADERS: &str = "accept, accept-profile, apikey, authorization, baggage, \
    content-profile, content-type, if-none-match, prefer, range, range-unit, traceparent, \
    tracestate, x-client-info, x-retry-count, x-supabase-api-version";

/// What they must be able to read: without `x-supabase-api-version` they lose every error's code.
const EXPOSE_HEADERS: &str = "content-location, content-profile, content-range, content-type, \
    etag, link, location, preference-applied, proxy-status, range-unit, retry-after, \
    selvedge-count, selvedge-row-cap, x-request-id, x-sb-error-code, x-supabase-api-version, x-total-count";

/// What an answer explains of itself, in development only.
const DEVELOPMENT_HEADER: &str = "selvedge-hint";

/// Whether this is what browsers ask before they send; another `OPTIONS` asks about a table.
#[must_use]
pub fn is_preflight(headers: &Headers, route: &Route) -> bool {
    !matches!(route, Route::Table { .. }) || headers.get("access-control-request-method").is_some()
}

/// Answers a browser's question.
///
/// The origin's own header comes from [`put`], like every answer's.
#[must_use]
pub fn preflight<R>(route: &Route) -> Response<R> {
    let answer = Response::empty(200).with("allow", route.allow());
    match route {
        Route::Home | Route::Asset { .. } | Route::Inbox(_) => answer,
        Route::Auth(..)
        | Route::Absent(_)
        | Route::RestRoot
        | Route::OpenApi
        | Route::Table { .. }
        | Route::Function { .. } => answer
            .with("access-control-allow-methods", route.allow())
            .with("access-control-allow-headers", ALLOW_HEADERS)
            .with("access-control-max-age", MAX_AGE_SECONDS),
    }
}

/// Opens an answer of the APIs, refusals too, to scripts of every origin.
pub fn put<R>(response: &mut Response<R>, departure: &Departure) {
    match departure.dialect {
        Dialect::Rest | Dialect::Auth => {
            put_header(&mut response.headers, "access-control-allow-origin", "*");
            let mut exposed = Cow::Borrowed(EXPOSE_HEADERS);
            if has_header(&response.headers, DEVELOPMENT_HEADER) {
                exposed = format!("{EXPOSE_HEADERS}, {DEVELOPMENT_HEADER}").into();
            }
            put_header(&mut response.headers, "access-control-expose-headers", exposed);
        }
        Dialect::Page => {}
    }
}
