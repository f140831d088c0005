//! The page at `/`: what this is and where its APIs are.

use maud::html;

use crate::html::shell;
use crate::http::Response;
use crate::route::{AUTH_PREFIX, Endpoint, OPENAPI_PATH, REST_PREFIX};

/// The page at `/`.
#[must_use]
pub fn home<R>() -> Response<R> {
    let content = html! {
        h1 { "This backend is running." }
        p {
            "It was made from two files, " code { "schema.sql" } " and " code { "policies.sql" }
            ", and speaks the dialects of PostgREST and Supabase Auth."
        }
        dl {
            dt { "Rows" }
            dd { code { (REST_PREFIX) } }
            dt { "What nobody in particular may reach, as OpenAPI" }
            dd { a href=(OPENAPI_PATH) { code { (OPENAPI_PATH) } } }
            dt { "Accounts" }
            dd { code { (AUTH_PREFIX) } }
            dt { "Health" }
            dd { a href=(Endpoint::Health.path()) { code { (Endpoint::Health.path()) } } }
        }
    };
    Response::html(200, shell("Selvedge", &content).into_string())
}
