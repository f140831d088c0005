//! A placeholder until the auth room is merged; replace this file wholesale.

use crate::config::Config;
use crate::error::{Code, Dialect, Error};
use crate::host::{Host, Milliseconds};
use crate::http::{Headers, Request, Response};
use crate::identity::Identity;
use crate::route::Endpoint;

/// Why a token is refused.
#[derive(Debug)]
pub struct TokenError;

impl TokenError {
    /// The refusal in the words of a dialect.
    #[must_use]
    pub fn refusal(&self, dialect: Dialect) -> Error {
        match dialect {
            Dialect::Rest => Error::new(Code::TokenInvalid, "no token is known yet"),
            Dialect::Auth | Dialect::Page => Error::new(Code::BadJwt, "no token is known yet"),
        }
    }
}

/// Who is asking: every token is bad until there is an auth room.
///
/// # Errors
/// When there is a bearer token.
pub fn identify(
    headers: &Headers,
    _config: &Config,
    _now: Milliseconds,
) -> Result<Identity, TokenError> {
    if headers.get("authorization").is_some() { Err(TokenError) } else { Ok(Identity::Anonymous) }
}

/// Answers one endpoint.
///
/// # Errors
/// Always, until there is an auth room.
#[expect(clippy::unused_async, reason = "a placeholder")]
pub async fn serve<H: Host>(
    _host: &H,
    _config: &Config,
    _endpoint: Endpoint,
    _identity: &Identity,
    _request: &Request,
) -> Result<Response<H::Rows>, Error> {
    Err(Error::new(Code::FeatureDisabled, "the auth room is not built yet"))
}
