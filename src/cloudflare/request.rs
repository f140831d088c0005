//! The platform's request as plain data: one call for everything but the body.

use super::{glue, task};
use crate::http::{BODY_BYTES_MAX, Method, Request, RequestBody, head};

/// A request whose body broke off. What arrived of it must not be taken for all of it.
pub struct Broken {
    /// The request with an empty body, to be refused.
    pub request: Request,
    /// For the log.
    pub cause: String,
}

/// Reads a request and its body.
pub async fn read(request: &web_sys::Request) -> Result<Request, Broken> {
    let mut read = head::read(&glue::head(request));
    if matches!(read.method, Some(Method::Get | Method::Head | Method::Options)) {
        return Ok(read);
    }
    let limit = u32::try_from(BODY_BYTES_MAX).unwrap_or(u32::MAX);
    match task::wait(glue::body(request, limit)).await {
        Ok(body) => {
            read.body = glue::bytes(&body).map_or(RequestBody::TooLarge, RequestBody::Bytes);
            Ok(read)
        }
        Err(error) => Err(Broken { request: read, cause: glue::thrown(&error) }),
    }
}
