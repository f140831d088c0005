//! Requests and responses as plain, owned data. Nothing here knows a platform.

pub mod encoding;
pub mod head;
pub mod json;
pub mod network;

use std::borrow::Cow;

/// A method that Selvedge knows. Any other is refused before routing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
    Delete,
    Options,
}

impl Method {
    /// Reads a method's name, which is case-sensitive (RFC 9110 section 9.1).
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "PATCH" => Self::Patch,
            "DELETE" => Self::Delete,
            "OPTIONS" => Self::Options,
            _ => return None,
        })
    }

    /// The method's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }
}

/// The headers of a request: names in lower case, in the order received.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// Takes names in any case.
    #[must_use]
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut pairs: Vec<_> = pairs.into_iter().collect();
        for (name, _) in &mut pairs {
            name.make_ascii_lowercase();
        }
        Self(pairs)
    }

    /// The first header of that (lower-case) name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// Every header of that (lower-case) name, in order.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.iter().filter(move |(other, _)| *other == name).map(|(_, value)| value)
    }

    /// The type that `Content-Type` names, in lower case and without parameters; empty without one.
    #[must_use]
    pub fn media_type(&self) -> String {
        let content_type = self.get("content-type").unwrap_or_default();
        content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
    }

    /// All headers, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// The body of a request. It cannot hold more than [`BODY_BYTES_MAX`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestBody {
    /// What was sent, empty when nothing was.
    Bytes(Vec<u8>),
    /// More was sent than is read; none of it was kept.
    TooLarge,
}

/// The most bytes of a body that are read: 1 MiB.
pub const BODY_BYTES_MAX: usize = 1 << 20;

/// A request, its URL split but not yet decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `None` for a method that Selvedge does not know.
    pub method: Option<Method>,
    /// The path as sent, percent-encoded, beginning with `/`.
    pub path: String,
    /// The query as sent, without its `?`; empty when there is none.
    pub query: String,
    /// The headers.
    pub headers: Headers,
    /// The body.
    pub body: RequestBody,
}

/// What a response is, which decides its security headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A page.
    Html,
    /// A page whose form is answered by leading on to another site.
    Doorway,
    /// An answer of an API, with or without a body.
    Json,
    /// A file that never changes under its name.
    Asset,
}

/// The body of a response; `R` is the host's own form of rows.
#[derive(Debug)]
pub enum Body<R> {
    /// Nothing.
    Empty,
    /// A text made here.
    Text(String),
    /// Rows, to be sent as a JSON array.
    Array(R),
    /// Rows of which the first is sent as it is.
    First(R),
    /// Lines without their ends, each a row, below the given one.
    Lines(String, R),
}

/// A header of a response: its name in lower case, and its value, which mostly is a constant.
pub type Header = (&'static str, Cow<'static, str>);

/// A response before the gate has put its headers on.
#[derive(Debug)]
pub struct Response<R> {
    /// The status code.
    pub status: u16,
    /// What it is.
    pub kind: Kind,
    /// Headers of its own.
    pub headers: Vec<Header>,
    /// The body.
    pub body: Body<R>,
}

impl<R> Response<R> {
    /// A response with a JSON text as its body.
    #[must_use]
    pub fn json(status: u16, text: String) -> Self {
        let headers = vec![("content-type", JSON.into())];
        Self { status, kind: Kind::Json, headers, body: Body::Text(text) }
    }

    /// A response of an API without a body.
    #[must_use]
    pub const fn empty(status: u16) -> Self {
        Self { status, kind: Kind::Json, headers: Vec::new(), body: Body::Empty }
    }

    /// A page.
    #[must_use]
    pub fn html(status: u16, text: String) -> Self {
        let headers = vec![("content-type", "text/html; charset=utf-8".into())];
        Self { status, kind: Kind::Html, headers, body: Body::Text(text) }
    }

    /// The response with one more header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Whether a response's headers have one of that (lower-case) name.
#[must_use]
pub fn has_header(headers: &[Header], name: &str) -> bool {
    headers.iter().any(|(other, _)| *other == name)
}

/// Puts a header on, in place of any of that (lower-case) name.
pub fn put_header(
    headers: &mut Vec<Header>,
    name: &'static str,
    value: impl Into<Cow<'static, str>>,
) {
    headers.retain(|(other, _)| *other != name);
    headers.push((name, value.into()));
}

/// The content type of every JSON answer.
pub const JSON: &str = "application/json; charset=utf-8";

/// The media type of CSV (RFC 7111).
pub const CSV: &str = "text/csv";

/// The media type of what HTML forms send.
pub const FORM: &str = "application/x-www-form-urlencoded";
