//! The way back to the app, with what has become of a way in that led through another page.

use super::session::Tokens;
use super::{log, redirect};
use crate::error::Error;
use crate::host::Host;
use crate::http::encoding::form;

/// An address with a code in its query, which buys a session.
pub(super) fn with_code(target: &str, code: &str) -> String {
    redirect::with_query(target, &["code=", code].concat())
}

/// An address with a session in its fragment, which no server sees, and with `more`.
pub(super) fn with_session(target: &str, tokens: &Tokens, more: &[(&str, &str)]) -> String {
    let (ends, lasts) = (tokens.expires_at.to_string(), tokens.expires_in.to_string());
    let pairs = [
        ("access_token", tokens.access.as_str()),
        ("expires_at", &ends),
        ("expires_in", &lasts),
        ("refresh_token", &tokens.refresh),
        ("sb", ""),
        ("token_type", "bearer"),
    ];
    with_fragment(target, &[&pairs, more].concat())
}

/// An address that tells of a refusal, in the query and in the fragment: an app's server sees the
/// one, and its page looks at the other.
pub(super) fn with_error(target: &str, error: &Error) -> String {
    let [name, code, description] = [
        ("error", error.code.oauth_name()),
        ("error_code", error.code.wire()),
        ("error_description", &error.message),
    ];
    let target = redirect::with_query(target, &form(&[name, code, description]));
    with_fragment(&target, &[name, code, description, ("sb", "")])
}

/// An address with `pairs` in its fragment.
pub(super) fn with_fragment(target: &str, pairs: &[(&str, &str)]) -> String {
    [target, "#", &form(pairs)].concat()
}

/// Tells the log why somebody could not come in by a link or a provider. The answer is a redirect,
/// so the line of the request does not.
pub(super) fn report<H: Host>(host: &H, way: &str, error: &Error) {
    let mut line = log::line(host, "warn", "way in");
    line.texts(&[("way", way), ("code", error.code.wire())]);
    line.optional_texts(&[("cause", error.cause.as_deref())]);
    host.log(&line.finish_object());
}
