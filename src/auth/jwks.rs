//! `GET /auth/v1/.well-known/jwks.json`: no keys, since the only key is a secret one.

use crate::http::Response;

pub(super) fn serve<R>() -> Response<R> {
    Response::json(200, r#"{"keys":[]}"#.to_owned()).with("cache-control", "public, max-age=600")
}
