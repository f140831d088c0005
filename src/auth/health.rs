//! `GET /auth/v1/health`: that the Worker answers. It asks no database.

use serde_json::json;

use crate::http::Response;

pub(super) fn serve<R>() -> Response<R> {
    let health = json!({
        "version": concat!("v", env!("CARGO_PKG_VERSION")),
        "name": "GoTrue",
        "description": "Selvedge, which speaks GoTrue's dialect",
    });
    Response::json(200, health.to_string())
}
