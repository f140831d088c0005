//! What is sent to other servers, as plain data: requests of our own, and e-mail.
//!
//! Nothing here talks to anyone; that is `Host::fetch` and `Host::send_email`. No answer is ever
//! redirected: where a request goes is decided before it is sent.

use crate::http::{Headers, Method};

/// The most bytes of an answer that are read; a longer one is an error. 200 kB, as webhooks have it.
pub const ANSWER_BYTES_MAX: usize = 200_000;

/// How long an answer may take, its body included, in milliseconds.
pub const ANSWER_MILLISECONDS_MAX: u32 = 10_000;

/// A request to another server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbound {
    /// The method.
    pub method: Method,
    /// An absolute URL. None of it may come from a client, unless it was checked.
    pub url: String,
    /// Names in lower case, and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body; `None` sends none.
    pub body: Option<String>,
    /// How long the answer may take, in milliseconds; at most [`ANSWER_MILLISECONDS_MAX`].
    pub milliseconds: u32,
}

impl Outbound {
    /// A request without a body.
    #[must_use]
    pub const fn get(url: String) -> Self {
        let method = Method::Get;
        Self { method, url, headers: Vec::new(), body: None, milliseconds: ANSWER_MILLISECONDS_MAX }
    }

    /// A request with a body.
    #[must_use]
    pub fn post(url: String, content_type: &str, body: String) -> Self {
        Self { method: Method::Post, body: Some(body), ..Self::get(url) }
            .with("content-type", content_type)
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The headers' names and values, one a line; `None` where one of them has a line break, which
    /// would make two of it.
    #[must_use]
    pub fn lines(&self) -> Option<String> {
        let mut lines = String::new();
        for part in self.headers.iter().flat_map(|(name, value)| [*name, value]) {
            if part.contains(['\r', '\n', '\0']) {
                return None;
            }
            lines.push_str(part);
            lines.push('\n');
        }
        Some(lines)
    }
}

/// What another server has answered, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The body, at most [`ANSWER_BYTES_MAX`].
    pub body: Vec<u8>,
}

impl Inbound {
    /// Whether the status is a success.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }
}

/// There is no answer: the server cannot be reached, takes too long, or says too much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchError {
    /// For the log.
    pub message: String,
}

/// An e-mail to one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email {
    /// Who sends it, as people see it; empty for nobody's name.
    pub sender_name: String,
    /// The address it comes from.
    pub sender: String,
    /// The address it goes to.
    pub recipient: String,
    /// One line.
    pub subject: String,
    /// The HTML version.
    pub html: String,
    /// The same as text.
    pub text: String,
}

/// An e-mail was not taken. It may have been sent nevertheless.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendError {
    /// For the log. It holds nothing of the e-mail.
    pub message: String,
}
