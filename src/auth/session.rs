//! What a client gets for having signed in: an access token, a refresh token, and its user.

use super::account::Account;
use super::refresh_token::RefreshToken;
use super::row_defect;
use super::token::{self, AUDIENCE};
use crate::config::Config;
use crate::error::Error;
use crate::host::Milliseconds;
use crate::http::Response;
use crate::http::json::Writer;
use crate::identity::Role;
use crate::{time, uuid};

/// A living session and the account it belongs to.
pub(super) struct Session {
    pub account: Account,
    /// The session's id and how often it has been refreshed.
    pub refresh_token: RefreshToken,
    /// When the password was given.
    pub signed_in_at: Milliseconds,
}

impl Session {
    /// Signs the tokens and answers with them.
    ///
    /// # Errors
    /// Only by a defect of ours.
    pub(super) fn respond<R>(
        &self,
        config: &Config,
        now: Milliseconds,
    ) -> Result<Response<R>, Error> {
        let issued_at = time::seconds(now);
        let refresh_token =
            self.refresh_token.text(config).ok_or_else(|| row_defect("auth_sessions.counter"))?;
        let mut view = Writer::object();
        view.texts(&[
            ("access_token", &token::sign(&config.jwt_secret, &self.claims(config, issued_at))),
            ("token_type", "bearer"),
        ]);
        view.integers(&[
            ("expires_in", config.access_token_seconds.into()),
            ("expires_at", expires_at(config, issued_at)),
        ]);
        view.texts(&[("refresh_token", &refresh_token)]);
        view.member("user", &self.account.user());
        Ok(Response::json(200, view.finish_object()))
    }

    /// The claims of a new access token, in the order of the dialect. Times are seconds since 1970.
    fn claims(&self, config: &Config, issued_at: i64) -> String {
        let account = &self.account;
        let mut claims = Writer::object();
        claims.texts(&[("iss", &config.issuer()), ("sub", &account.id), ("aud", AUDIENCE)]);
        claims.integers(&[("exp", expires_at(config, issued_at)), ("iat", issued_at)]);
        claims.texts(&[("email", account.address()), ("phone", "")]);
        claims.member("app_metadata", &account.app_metadata);
        claims.member("user_metadata", &account.user_metadata);
        claims.texts(&[("role", Role::Authenticated.name()), ("aal", "aal1")]);
        claims.member("amr", "[{");
        claims.texts(&[("method", "password")]);
        claims.integers(&[("timestamp", time::seconds(self.signed_in_at))]);
        claims.end("}]");
        claims.texts(&[("session_id", &uuid::format(&self.refresh_token.session_id))]);
        claims.member("is_anonymous", "false");
        claims.finish_object()
    }
}

fn expires_at(config: &Config, issued_at: i64) -> i64 {
    issued_at.saturating_add(config.access_token_seconds.into())
}
