//! What a client gets for having signed in: an access token, a refresh token, and its user.

use serde::Serialize;

use super::account::{Account, UserView};
use super::refresh_token::RefreshToken;
use super::token::{self, AUDIENCE, Method, NewClaims};
use super::{encode, row_defect};
use crate::config::Config;
use crate::error::Error;
use crate::host::Milliseconds;
use crate::http::Response;
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

/// The dialect's session.
#[derive(Serialize)]
struct SessionView<'a> {
    access_token: String,
    token_type: &'a str,
    expires_in: u32,
    expires_at: i64,
    refresh_token: String,
    user: UserView<'a>,
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
        let expires_at = issued_at.saturating_add(config.access_token_seconds.into());
        let account = &self.account;
        let claims = encode(&NewClaims {
            iss: &config.issuer(),
            sub: &account.id,
            aud: AUDIENCE,
            exp: expires_at,
            iat: issued_at,
            email: account.address(),
            phone: "",
            app_metadata: &account.app_metadata,
            user_metadata: &account.user_metadata,
            role: Role::Authenticated.name(),
            aal: "aal1",
            amr: [Method { method: "password", timestamp: time::seconds(self.signed_in_at) }],
            session_id: &uuid::format(&self.refresh_token.session_id),
            is_anonymous: false,
        })?;
        let refresh_token = self.refresh_token.text(config);
        let view = SessionView {
            access_token: token::sign(&config.jwt_secret, &claims),
            token_type: "bearer",
            expires_in: config.access_token_seconds,
            expires_at,
            refresh_token: refresh_token.ok_or_else(|| row_defect("auth_sessions.counter"))?,
            user: account.user(),
        };
        Ok(Response::json(200, encode(&view)?))
    }
}
