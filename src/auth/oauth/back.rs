//! The way back to the app, with what has become of the flow.

use super::granted::Granted;
use crate::auth::redirect;
use crate::auth::session::Tokens;
use crate::config::Config;
use crate::error::Error;
use crate::http::encoding::encode;

/// An address with a session in its fragment, which no server sees.
pub(super) fn with_session(
    target: &str,
    config: &Config,
    tokens: &Tokens,
    granted: &Granted,
) -> String {
    let (ends, lasts) = (tokens.expires_at.to_string(), config.access_token_seconds.to_string());
    let mut pairs = vec![
        ("access_token", tokens.access.as_str()),
        ("expires_at", &ends),
        ("expires_in", &lasts),
    ];
    pairs.extend(granted.pairs());
    pairs.extend([
        ("refresh_token", tokens.refresh.as_str()),
        ("sb", ""),
        ("token_type", "bearer"),
    ]);
    with_fragment(target, &pairs)
}

/// An address that tells of a refusal, in the query and in the fragment: each flow of the clients'
/// looks at one of them.
pub(super) fn with_error(target: &str, error: &Error) -> String {
    let pairs = [
        ("error", error.code.oauth_name()),
        ("error_code", error.code.wire()),
        ("error_description", &error.message),
    ];
    let target = redirect::with_query(target, &form(&pairs));
    let [a, b, c] = pairs;
    with_fragment(&target, &[a, b, c, ("sb", "")])
}

fn with_fragment(target: &str, pairs: &[(&str, &str)]) -> String {
    [target, "#", &form(pairs)].concat()
}

fn form(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| [name, "=", &encode(value)].concat());
    pairs.collect::<Vec<_>>().join("&")
}
