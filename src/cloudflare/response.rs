//! A response as the platform's: one call, and rows go from the database to the client without
//! entering Wasm.

use wasm_bindgen::JsValue;

use super::d1::JsRows;
use super::glue;
use crate::http::{Body, Response};

/// Makes the platform's response.
///
/// # Errors
/// When a header cannot be sent, which the gate has made sure of.
pub fn write(response: Response<JsRows>) -> Result<web_sys::Response, JsValue> {
    let mut common = String::with_capacity(HEADERS_BYTES);
    let mut own = String::new();
    for (name, value) in &response.headers {
        let lines = if OWN.contains(name) { &mut own } else { &mut common };
        for part in [name, "\n", value.as_ref(), "\n"] {
            lines.push_str(part);
        }
    }
    let content = match response.body {
        Body::Empty => JsValue::NULL,
        Body::Text(text) => JsValue::from_str(&text),
        Body::Array(rows) => glue::json(rows.as_array(), true).into(),
        Body::First(rows) => glue::json(rows.as_array(), false).into(),
        Body::Lines(head, rows) => glue::lines(&head, rows.as_array()).into(),
    };
    glue::respond(response.status, &common, &own, &content)
}

/// Headers that are mostly another in each answer. JavaScript keeps the others for the next.
const OWN: [&str; 5] = ["content-location", "content-range", "etag", "location", "x-request-id"];

/// More than the gate's headers take, so that the text grows once.
const HEADERS_BYTES: usize = 2048;
