//! The access log: one line of JSON for each request.
//!
//! It names the pattern of a route and never the path, query, headers or body, so no token, key or
//! password can get into it. What it says of a user is the id.

use crate::db::Usage;
use crate::error::Error;
use crate::host::Milliseconds;
use crate::http::json::Writer;
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
        let level = if outcome.status >= 500 { "error" } else { "info" };
        let mut record = Writer::object();
        record.texts(&[
            ("time", &rfc3339(now)),
            ("level", level),
            ("request_id", &self.request_id),
            ("method", self.method.map_or("unknown", Method::name)),
            ("route", self.route.unwrap_or("none")),
        ]);
        record.integers(&[("status", outcome.status.into())]);
        record.optional_texts(&[
            ("code", outcome.error.map(|error| error.code.wire())),
            ("cause", outcome.error.and_then(|error| error.cause.as_deref()).map(shortened)),
            ("role", self.role),
            ("user_id", self.user_id.as_deref()),
        ]);
        record.integers(&[
            ("duration_ms", now.saturating_sub(self.started)),
            ("round_trips", usage.round_trips.into()),
            ("statements", usage.statements.into()),
            ("rows_read", usage.rows_read.try_into().unwrap_or(i64::MAX)),
            ("rows_written", usage.rows_written.try_into().unwrap_or(i64::MAX)),
        ]);
        record.finish_object()
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

fn shortened(cause: &str) -> &str {
    cause.get(..cause.floor_char_boundary(CAUSE_BYTES_MAX)).unwrap_or_default()
}
