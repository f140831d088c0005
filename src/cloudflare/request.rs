//! The platform's request as plain data: one call for everything but the body.

use super::glue;
use crate::http::{BODY_BYTES_MAX, Headers, Method, Request, RequestBody};

/// A request whose body broke off. What arrived of it must not be taken for all of it.
pub struct Broken {
    /// The request with an empty body, to be refused.
    pub request: Request,
    /// For the log.
    pub cause: String,
}

/// Reads a request and its body.
pub async fn read(request: &web_sys::Request) -> Result<Request, Broken> {
    let mut read = parse(&glue::head(request));
    if matches!(read.method, Some(Method::Get | Method::Head | Method::Options)) {
        return Ok(read);
    }
    let limit = u32::try_from(BODY_BYTES_MAX).unwrap_or(u32::MAX);
    match glue::body(request, limit).await {
        Ok(body) => {
            read.body = glue::bytes(&body).map_or(RequestBody::TooLarge, RequestBody::Bytes);
            Ok(read)
        }
        Err(error) => Err(Broken { request: read, cause: glue::thrown(&error) }),
    }
}

/// Reads what `head` of `glue.js` wrote.
fn parse(head: &str) -> Request {
    let mut lines = head.split('\n');
    let method = lines.next().and_then(Method::parse);
    let (path, query) = split_url(lines.next().unwrap_or_default());
    let mut pairs = Vec::new();
    while let (Some(name), Some(value)) = (lines.next(), lines.next()) {
        pairs.push((name.to_owned(), value.to_owned()));
    }
    let headers = Headers::new(pairs);
    Request { method, path, query, headers, body: RequestBody::Bytes(Vec::new()) }
}

/// Path and query of an absolute URL. Its host is whatever the client said, so it is dropped.
fn split_url(url: &str) -> (String, String) {
    let without_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let start = without_scheme.find(['/', '?']).unwrap_or(without_scheme.len());
    let local = without_scheme.get(start..).unwrap_or_default();
    let local = local.split('#').next().unwrap_or_default();
    let (path, query) = local.split_once('?').unwrap_or((local, ""));
    let path = if path.is_empty() { "/" } else { path };
    (path.to_owned(), query.to_owned())
}
