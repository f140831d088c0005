//! The access log: one line of JSON for each request.
//!
//! It names the pattern of a route and never the path, query, headers or body, so no token, key or
//! password can get into it. What it says of a user is the id.

use serde::Serialize;

use crate::db::Usage;
use crate::error::Error;
use crate::host::Milliseconds;
use crate::http::{Method, Request};
use crate::identity::Identity;
use crate::route::Route;
use crate::time::rfc3339;

/// The most bytes of a cause that are logged; the platform cuts long lines off.
const CAUSE_BYTES_MAX: usize = 2048;

/// What is known of a request while it walks the corridor.
#[derive(Debug)]
pub struct Line {
    request_id: String,
    started: Milliseconds,
    method: Option<Method>,
    route: Option<&'static str>,
    role: Option<&'static str>,
    user_id: Option<String>,
}

impl Line {
    /// Begins a line for a request that arrived at `started`.
    #[must_use]
    pub const fn begin(request_id: String, started: Milliseconds, request: &Request) -> Self {
        let method = request.method;
        Self { request_id, started, method, route: None, role: None, user_id: None }
    }

    /// Notes where the request goes.
    pub const fn note_route(&mut self, route: &Route) {
        self.route = Some(route.pattern());
    }

    /// Notes who is asking.
    pub fn note_identity(&mut self, identity: &Identity) {
        self.role = Some(identity.role().name());
        self.user_id = identity.uid().map(str::to_owned);
    }

    /// The line as JSON, for a request that is answered at `now`.
    #[must_use]
    pub fn end(&self, now: Milliseconds, usage: Usage, outcome: Outcome<'_>) -> String {
        let record = Record {
            time: rfc3339(now),
            level: if outcome.status >= 500 { "error" } else { "info" },
            request_id: &self.request_id,
            method: self.method.map_or("unknown", Method::name),
            route: self.route.unwrap_or("none"),
            status: outcome.status,
            code: outcome.error.map(|error| error.code.wire()),
            cause: outcome.error.and_then(|error| error.cause.as_deref()).map(shortened),
            role: self.role,
            user_id: self.user_id.as_deref(),
            duration_ms: now.saturating_sub(self.started),
            round_trips: usage.round_trips,
            statements: usage.statements,
            rows_read: usage.rows_read,
            rows_written: usage.rows_written,
        };
        // Plain fields always serialize; an empty line would at least be noticed.
        serde_json::to_string(&record).unwrap_or_default()
    }
}

/// How a request ended.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a> {
    /// The status that was sent.
    pub status: u16,
    /// The refusal, if it was one.
    pub error: Option<&'a Error>,
}

/// The line's fields, in the order in which they are written.
#[derive(Serialize)]
struct Record<'a> {
    time: String,
    level: &'static str,
    request_id: &'a str,
    method: &'static str,
    route: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    duration_ms: Milliseconds,
    round_trips: u32,
    statements: u32,
    rows_read: u64,
    rows_written: u64,
}

fn shortened(cause: &str) -> &str {
    cause.get(..cause.floor_char_boundary(CAUSE_BYTES_MAX)).unwrap_or_default()
}
