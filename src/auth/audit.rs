//! Who did what to which account: rows of `auth_audit`, written in the batch of what they tell of.
//!
//! So they cost no round trip, and nothing happens without its row or is told without happening.
//! How to write one:
//!
//! - A way in does it by itself: `session::Entry` writes `login`, or what its `action` says.
//! - [`Note::if_changed`] goes right behind the change it tells of, and is written if that changed
//!   exactly one row. Behind it `changes()` is what it was, so it may stand within a chain.
//! - [`Note::always`] goes behind a guard that fails the batch. It may not stand within a chain.
//!
//! A row holds ids and no address, name or secret: whoever reads it later looks the account up
//! while that exists. Of somebody unknown it holds the network alone.

use super::call::Call;
use super::database::new_id;
use crate::db::Statement;
use crate::host::Host;
use crate::http::json::Writer;
use crate::http::network::Client;

/// Writes the table of actions once.
macro_rules! actions {
    ($($action:ident, $name:literal, $kind:literal;)*) => {
        /// What can be told. The names are the original's, but for `login_failed`, which it keeps
        /// to itself (OWASP ASVS 16.3.1 wants it told).
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(dead_code, reason = "the dialect's whole list")]
        pub(in crate::auth) enum Action {
            $($action,)*
        }

        impl Action {
            /// The action as it is stored and shown.
            pub(in crate::auth) const fn name(self) -> &'static str {
                match self { $(Self::$action => $name,)* }
            }
        }

        /// All actions, and what the dialect calls the kind of each.
        pub(in crate::auth) const ACTIONS: &[(&str, &str)] = &[$(($name, $kind)),*];
    };
}

actions! {
    Login, "login", "account";
    LoginFailed, "login_failed", "account";
    Logout, "logout", "account";
    InviteAccepted, "invite_accepted", "account";
    UserSignedUp, "user_signedup", "team";
    UserInvited, "user_invited", "team";
    UserDeleted, "user_deleted", "team";
    UserModified, "user_modified", "user";
    UserRecoveryRequested, "user_recovery_requested", "user";
    UserReauthenticateRequested, "user_reauthenticate_requested", "user";
    UserConfirmationRequested, "user_confirmation_requested", "user";
    UserRepeatedSignUp, "user_repeated_signup", "user";
    UserUpdatedPassword, "user_updated_password", "user";
    TokenRevoked, "token_revoked", "token";
    TokenRefreshed, "token_refreshed", "token";
    FactorInProgress, "factor_in_progress", "factor";
    FactorUnenrolled, "factor_unenrolled", "factor";
    ChallengeCreated, "challenge_created", "factor";
    VerificationAttempted, "verification_attempted", "factor";
    FactorDeleted, "factor_deleted", "factor";
    FactorUpdated, "factor_updated", "factor";
    RecoveryCodesDeleted, "recovery_codes_deleted", "recovery_codes";
    IdentityLinked, "identity_linked", "user";
    IdentityUnlinked, "identity_unlinked", "user";
}

/// What the dialect calls the kind of an action.
pub(in crate::auth) fn kind(action: &str) -> &'static str {
    ACTIONS.iter().find(|(name, _)| *name == action).map_or("account", |(_, kind)| kind)
}

/// A row that is to be written.
pub(in crate::auth) struct Note(Vec<Option<String>>);

/// SQL of a note, up to where its row comes from and on which condition.
macro_rules! insert {
    () => {
        insert!("?2", "?4")
    };
    ($actor_id:literal, $traits:literal) => {
        concat!(
            "insert into auth_audit (id, actor_id, action, traits, network, created_at)
             select ?1, ",
            $actor_id,
            ", ?3, ",
            $traits,
            ", ?5, cast(?6 as integer)"
        )
    };
}

impl Note {
    /// What the one who asks does; nobody's id for the owner's server. `traits` are what else is to
    /// be known of it, by name.
    pub(in crate::auth) fn new<H: Host>(
        host: &H,
        call: &Call<'_>,
        action: Action,
        traits: &[(&str, &str)],
    ) -> Self {
        Self::of(host, call, action, call.who.uid(), traits)
    }

    /// The same of somebody whom no token names yet.
    pub(in crate::auth) fn of<H: Host>(
        host: &H,
        call: &Call<'_>,
        action: Action,
        actor_id: Option<&str>,
        traits: &[(&str, &str)],
    ) -> Self {
        let mut json = Writer::object();
        json.texts(traits);
        Self(vec![
            Some(new_id(host)),
            actor_id.map(str::to_owned),
            Some(action.name().to_owned()),
            Some(json.finish_object()),
            network(call),
            Some(host.now().to_string()),
        ])
    }

    /// The row's id, under which [`succeeded`] finds it.
    pub(in crate::auth) fn id(&self) -> Option<String> {
        self.0.first().cloned().flatten()
    }

    /// A row in any case, if the batch does not fail.
    pub(in crate::auth) fn always(self) -> Statement {
        Statement::fixed(insert!(), self.0)
    }

    /// A row if the statement in front of it changed exactly one.
    pub(in crate::auth) fn if_changed(self) -> Statement {
        Statement::fixed(concat!(insert!(), " where changes() = 1"), self.0)
    }

    /// The same about whoever has that address, whose id becomes the row's one trait.
    pub(in crate::auth) fn if_changed_for(mut self, address: &str) -> Statement {
        self.0.push(Some(address.to_owned()));
        Statement::fixed(
            concat!(
                insert!("?2", "json_patch(?4, json_object('user_id', id))"),
                " from auth_users where email = ?7 and changes() = 1"
            ),
            self.0,
        )
    }

    /// The same, by whoever has that address then, if the note names nobody.
    pub(in crate::auth) fn if_changed_by(mut self, address: &str) -> Statement {
        self.0.push(Some(address.to_owned()));
        Statement::fixed(
            concat!(
                insert!("coalesce(?2, (select id from auth_users where email = ?7))", "?4"),
                " where changes() = 1"
            ),
            self.0,
        )
    }
}

/// What was noted as a failure before it was known turns out to be none.
pub(in crate::auth) fn succeeded(id: Option<String>) -> Statement {
    Statement::fixed(
        "update auth_audit set action = ?2 where id = ?1",
        vec![id, Some(Action::Login.name().to_owned())],
    )
}

/// Where a request comes from, as far as that is kept.
pub(in crate::auth) fn network(call: &Call<'_>) -> Option<String> {
    Client::of(&call.request.headers).map(Client::network)
}
