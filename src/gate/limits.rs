//! Limits with their units, and the spelling of URLs and headers. Nothing is truncated to fit: what
//! is over a limit is refused.

use crate::error::{Code, Dialect, Error};
use crate::http::encoding::{EncodingError, decode_query};
use crate::http::{BODY_BYTES_MAX, CSV, FORM, Headers, Method, Request, RequestBody};
use crate::route::{self, Route};

/// The most bytes of path, `?` and query: what Cloudflare accepts, which local runs do not check.
const URL_BYTES_MAX: usize = 16 << 10;

/// The most bytes of all header names and values together.
const HEADERS_BYTES_MAX: usize = 32 << 10;

/// The most bytes of one header's value. Tokens have a smaller limit of their own.
const HEADER_BYTES_MAX: usize = 16 << 10;

/// Every method that some address answers.
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// Refuses a URL that is too long, or whose query does not decode.
pub fn check_url(request: &Request) -> Result<(), Error> {
    let question_mark = usize::from(!request.query.is_empty());
    let bytes =
        request.path.len().saturating_add(request.query.len()).saturating_add(question_mark);
    if bytes > URL_BYTES_MAX {
        let message = format!("the URL is longer than {URL_BYTES_MAX} bytes");
        return Err(Error::new(Code::UriTooLong, message)
            .hint("send long lists of values in several requests"));
    }
    decode_query(&request.query).map(drop).map_err(|error| bad_encoding("query", error))
}

/// Refuses headers that are too large or hold control characters.
pub fn check_headers(headers: &Headers) -> Result<(), Error> {
    let mut bytes = 0_usize;
    for (name, value) in headers.iter() {
        bytes = bytes.saturating_add(name.len()).saturating_add(value.len());
        if value.len() > HEADER_BYTES_MAX {
            let message = format!("a header is longer than {HEADER_BYTES_MAX} bytes");
            return Err(Error::new(Code::HeadersTooLarge, message));
        }
        if holds_control(name) || holds_control(value) {
            let message = "a header holds a control character";
            return Err(Error::new(Code::BadEncoding, message));
        }
    }
    if bytes > HEADERS_BYTES_MAX {
        let message = format!("the headers are longer than {HEADERS_BYTES_MAX} bytes together");
        return Err(Error::new(Code::HeadersTooLarge, message));
    }
    Ok(())
}

/// A tab is allowed in a value (RFC 9110 section 5.5). Nearly all texts are plain, which bytes tell.
fn holds_control(text: &str) -> bool {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\t');
    !text.bytes().all(is_plain)
        && text.contains(|character: char| character.is_control() && character != '\t')
}

/// Finds the address. A method that is not known anywhere is 405 even where nothing is.
pub fn find_route(request: &Request) -> Result<Route, Error> {
    let found = Route::find(&request.path).map_err(|error| bad_encoding("path", error))?;
    match (found, request.method) {
        (Some(route), _) => Ok(route),
        (None, Some(_)) => Err(nothing_at(&request.path)),
        (None, None) => Err(not_allowed(request, METHODS)),
    }
}

/// Refuses a method that the address does not answer.
pub fn check_method(request: &Request, route: &Route) -> Result<Method, Error> {
    match request.method {
        Some(Method::Options) => Ok(Method::Options),
        Some(method) if route.methods().contains(&method) => Ok(method),
        Some(method) if matches!(route, Route::Function { .. }) => {
            let message = format!("Cannot use the {} method on RPC", method.name());
            Err(Error::new(Code::FunctionVerb, message).header("allow", route.allow()))
        }
        Some(_) | None => Err(not_allowed(request, &route.allow())),
    }
}

/// Refuses a body that is too large or of a type that is not read. `GET`, `HEAD` and `OPTIONS` have none that counts.
pub fn check_body(request: &Request, route: &Route, method: Method) -> Result<(), Error> {
    if matches!(method, Method::Get | Method::Head | Method::Options) {
        return Ok(());
    }
    match &request.body {
        RequestBody::TooLarge => {
            let message = format!("the body is larger than {BODY_BYTES_MAX} bytes");
            Err(Error::new(Code::BodyTooLarge, message).hint("send the rows in several requests"))
        }
        RequestBody::Bytes(bytes) if bytes.is_empty() => Ok(()),
        RequestBody::Bytes(_) => check_content_type(request, route),
    }
}

/// Where a cookie may say who asks, requiring JSON keeps HTML forms of other sites out, which cannot
/// send it (OWASP ASVS 3.5.2). The REST dialect reads no cookie but a token that a form cannot send
/// either, so there a form is as harmless as whoever sends it.
fn check_content_type(request: &Request, route: &Route) -> Result<(), Error> {
    let read = match route {
        Route::Auth(endpoint, _) if endpoint.takes_form() => &["application/json", FORM],
        _ => media_types(route::dialect(&request.path)),
    };
    if request.headers.get("content-type").is_none() {
        return Ok(());
    }
    if read.contains(&request.headers.media_type().as_str()) {
        return Ok(());
    }
    Err(Error::new(Code::MediaTypeUnsupported, "the body's content type is not read here")
        .hint(format!("send {}", read.join(" or "))))
}

const fn media_types(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Rest => &[
            "application/json",
            "application/vnd.pgrst.object+json",
            "application/vnd.pgrst.array+json",
            CSV,
            FORM,
        ],
        Dialect::Auth | Dialect::Page => &["application/json"],
    }
}

fn bad_encoding(part: &str, error: EncodingError) -> Error {
    let what = match error {
        EncodingError::BadPercent => "has a % without two hexadecimal digits behind it",
        EncodingError::NotUtf8 => "is not UTF-8",
        EncodingError::Nul => "holds the character NUL",
    };
    Error::new(Code::BadEncoding, format!("the URL's {part} {what}"))
}

fn nothing_at(path: &str) -> Error {
    match route::dialect(path) {
        Dialect::Rest => Error::new(Code::PathInvalid, "Invalid path specified in request URL"),
        Dialect::Auth | Dialect::Page => Error::new(Code::NotFound, "nothing is at this address"),
    }
}

fn not_allowed(request: &Request, allow: &str) -> Error {
    let refusal = match route::dialect(&request.path) {
        Dialect::Rest => {
            let name = request.method.map_or("unknown", Method::name);
            Error::new(Code::VerbUnsupported, format!("Unsupported HTTP method: {name}"))
        }
        Dialect::Auth | Dialect::Page => {
            Error::new(Code::MethodNotAllowed, "this address does not answer that method")
        }
    };
    refusal.hint(format!("use one of {allow}")).header("allow", allow)
}
