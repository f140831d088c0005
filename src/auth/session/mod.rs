//! Sessions: what signing in begins, refreshing prolongs and signing out ends.
//!
//! Every way in ends alike: its last change is one row of `auth_users`, behind which
//! [`Entry::begin`] makes the session and [`read_session`] reads what the answer needs, all in one
//! batch. So a session exists exactly when whatever led to it was still so at that moment.

mod begin;
mod device;
mod raise;
mod refresh_token;
pub(super) mod list;
pub(super) mod refresh;
pub(super) mod sign_out;

pub(super) use begin::{Entry, Method};
pub(super) use raise::raise;
pub use refresh::REUSE_MILLISECONDS;

use self::refresh_token::RefreshToken;
use super::account::{Account, account_json};
use super::database::{row_defect, user_banned};
use super::token::{self, AUDIENCE};
use crate::config::Config;
use crate::db::Statement;
use crate::error::Error;
use crate::host::Milliseconds;
use crate::http::Response;
use crate::http::json::{Object, Writer};
use crate::identity::Role;
use crate::{time, uuid};

/// A living session and the account it belongs to.
pub(super) struct Session {
    pub account: Account,
    /// Its id and how often it has been refreshed.
    refresh_token: RefreshToken,
    /// How sure it is of its user: `aal1` or `aal2`.
    aal: String,
    /// By what the user has come in, a JSON array, the newest first.
    amr: String,
    created_at: Milliseconds,
    refreshed_at: Milliseconds,
}

/// Reads an account, and one of its sessions if that lives; no row if the account is gone. Without
/// a user it is the session's own.
pub(super) fn read_session(session_id: &str, user_id: Option<&str>) -> Statement {
    Statement::fixed(
        concat!(
            "select json_object('account', ",
            account_json!(),
            ", 'session', json((
               select json_object('id', id, 'counter', counter, 'aal', aal, 'amr', json(amr),
                 'created_at', created_at, 'refreshed_at', refreshed_at)
               from auth_sessions where id = ?1 and user_id = auth_users.id
             ))) as row
             from auth_users
             where id = coalesce(?2, (select user_id from auth_sessions where id = ?1))"
        ),
        vec![Some(session_id.to_owned()), user_id.map(str::to_owned)],
    )
}

/// What [`read_session`] found.
pub(super) struct Found {
    pub account: Account,
    session: Option<Session>,
}

impl Found {
    /// Reads a row of [`read_session`].
    pub(super) fn read(row: &Object<'_>) -> Option<Self> {
        let account = || Account::read(&Object::of(row.raw("account")?)?);
        let session = match row.raw("session") {
            None => None,
            Some(text) => Some(Session::read(&Object::of(text)?, account()?)?),
        };
        Some(Self { account: account()?, session })
    }

    /// The session, or why there is none: a banned account has its own reason, else it is `reason`.
    pub(super) fn session(
        self,
        now: Milliseconds,
        reason: fn() -> Error,
    ) -> Result<Session, Error> {
        self.session.ok_or_else(
            || {
                if self.account.is_banned(now) { user_banned() } else { reason() }
            },
        )
    }
}

impl Session {
    fn read(row: &Object<'_>, account: Account) -> Option<Self> {
        let session_id = uuid::parse(&row.text("id").ok()??)?;
        let counter = u64::try_from(row.integer("counter").ok()??).ok()?;
        Some(Self {
            account,
            refresh_token: RefreshToken { session_id, counter },
            aal: row.text("aal").ok()??,
            amr: row.raw("amr")?.to_owned(),
            created_at: row.integer("created_at").ok()??,
            refreshed_at: row.integer("refreshed_at").ok()??,
        })
    }

    /// Signs the tokens and answers with them.
    ///
    /// # Errors
    /// Only by a defect of ours.
    pub(super) fn respond<R>(
        &self,
        config: &Config,
        now: Milliseconds,
    ) -> Result<Response<R>, Error> {
        self.respond_with(config, now, &|_| ())
    }

    /// The same, with whatever else `write` writes.
    ///
    /// # Errors
    /// Only by a defect of ours.
    pub(super) fn respond_with<R>(
        &self,
        config: &Config,
        now: Milliseconds,
        write: &dyn Fn(&mut Writer),
    ) -> Result<Response<R>, Error> {
        let Tokens { access, refresh, expires_in, expires_at } = self.tokens(config, now)?;
        let mut view = Writer::object();
        view.texts(&[("access_token", &access), ("token_type", "bearer")]);
        view.integers(&[("expires_in", expires_in), ("expires_at", expires_at)]);
        view.texts(&[("refresh_token", &refresh)]);
        view.member("user", &self.account.user());
        write(&mut view);
        Ok(Response::json(200, view.finish_object()))
    }

    /// Signs the tokens. The access token ends with the session at the latest, so that limits of
    /// sessions hold wherever it is shown, without a question to the database.
    ///
    /// # Errors
    /// Only by a defect of ours.
    pub(super) fn tokens(&self, config: &Config, now: Milliseconds) -> Result<Tokens, Error> {
        let issued_at = time::seconds(now);
        let end = time::seconds(config.sessions.end(self.created_at, self.refreshed_at));
        let expires_at = issued_at.saturating_add(config.access_token_seconds.into()).min(end);
        let refresh =
            self.refresh_token.text(config).ok_or_else(|| row_defect("auth_sessions.counter"))?;
        let access = token::sign(&config.jwt_secret, &self.claims(config, issued_at, expires_at));
        Ok(Tokens { access, refresh, expires_in: expires_at.saturating_sub(issued_at), expires_at })
    }

    /// The claims of a new access token, in the order of the dialect. Times are seconds since 1970.
    fn claims(&self, config: &Config, issued_at: i64, expires_at: i64) -> String {
        let account = &self.account;
        let mut claims = Writer::object();
        claims.texts(&[("iss", &config.issuer()), ("sub", &account.id), ("aud", AUDIENCE)]);
        claims.integers(&[("exp", expires_at), ("iat", issued_at)]);
        claims.texts(&[("email", account.address()), ("phone", "")]);
        claims.member("app_metadata", &account.app_metadata);
        claims.member("user_metadata", &account.user_metadata);
        claims.texts(&[("role", Role::Authenticated.name()), ("aal", &self.aal)]);
        claims.member("amr", &self.amr);
        claims.texts(&[("session_id", &uuid::format(&self.refresh_token.session_id))]);
        claims.member("is_anonymous", if account.is_anonymous { "true" } else { "false" });
        claims.finish_object()
    }
}

/// What a client is given for a session.
pub(super) struct Tokens {
    pub access: String,
    pub refresh: String,
    /// How long the access token lives, in seconds.
    pub expires_in: i64,
    /// When it ends: seconds since 1970.
    pub expires_at: i64,
}
