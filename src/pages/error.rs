//! The page that a refusal is to somebody with a browser.

use maud::html;

use crate::error::Error;
use crate::html::shell;
use crate::http::Response;
use crate::route::HOME;

/// A refusal as a page, without its own headers.
#[must_use]
pub fn error<R>(error: &Error) -> Response<R> {
    let status = error.code.status();
    let content = html! {
        p.status { (status) }
        h1 { (title(status)) }
        p { (error.message) "." }
        p { a href=(HOME) { "Go to the first page" } }
    };
    Response::html(status, shell(title(status), &content).into_string())
}

const fn title(status: u16) -> &'static str {
    match status {
        404 => "Nothing is here",
        405 => "Not in this way",
        400..=499 => "This request was not understood",
        503 => "Not right now",
        _ => "Something went wrong here",
    }
}
