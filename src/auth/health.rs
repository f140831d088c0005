//! `GET /auth/v1/health`: that the Worker answers. It asks no database.

use crate::http::Response;

const HEALTH: &str = concat!(
    r#"{"description":"Selvedge, which speaks GoTrue's dialect","name":"GoTrue","version":"v"#,
    env!("CARGO_PKG_VERSION"),
    r#""}"#
);

pub(super) fn serve<R>() -> Response<R> {
    Response::json(200, HEALTH.to_owned())
}
