//! An account as the database has it, and the user that clients see.

use super::token::AUDIENCE;
use crate::host::Milliseconds;
use crate::http::json::{Object, Writer};
use crate::identity::Role;
use crate::time::rfc3339;

/// SQL for a row of `auth_users` as the JSON that [`Account`] reads. Never the password's hash.
macro_rules! account_json {
    () => {
        "json_object(
           'id', auth_users.id,
           'email', auth_users.email,
           'email_confirmed_at', auth_users.email_confirmed_at,
           'last_sign_in_at', auth_users.last_sign_in_at,
           'app_metadata', json(auth_users.app_metadata),
           'user_metadata', json(auth_users.user_metadata),
           'created_at', auth_users.created_at,
           'updated_at', auth_users.updated_at
         )"
    };
}
pub(super) use account_json;

/// A row of `auth_users`.
pub(super) struct Account {
    pub id: String,
    pub email: Option<String>,
    email_confirmed_at: Option<Milliseconds>,
    last_sign_in_at: Option<Milliseconds>,
    /// JSON, as is the other.
    pub app_metadata: String,
    pub user_metadata: String,
    created_at: Milliseconds,
    updated_at: Milliseconds,
}

impl Account {
    /// Reads what [`account_json`] writes.
    pub(super) fn read(row: &Object<'_>) -> Option<Self> {
        Some(Self {
            id: row.text("id").ok()??,
            email: row.text("email").ok()?,
            email_confirmed_at: row.integer("email_confirmed_at").ok()?,
            last_sign_in_at: row.integer("last_sign_in_at").ok()?,
            app_metadata: row.raw("app_metadata")?.to_owned(),
            user_metadata: row.raw("user_metadata")?.to_owned(),
            created_at: row.integer("created_at").ok()??,
            updated_at: row.integer("updated_at").ok()??,
        })
    }

    /// The address, or an empty text as the dialect has it.
    pub(super) fn address(&self) -> &str {
        self.email.as_deref().unwrap_or_default()
    }

    /// The account as clients see it: the dialect's user. A time that is none is left out; address
    /// and phone are empty instead.
    pub(super) fn user(&self) -> String {
        let confirmed_at = self.email_confirmed_at.map(rfc3339);
        let last_sign_in_at = self.last_sign_in_at.map(rfc3339);
        let mut user = Writer::object();
        user.texts(&[
            ("id", &self.id),
            ("aud", AUDIENCE),
            ("role", Role::Authenticated.name()),
            ("email", self.address()),
        ]);
        user.optional_texts(&[("email_confirmed_at", confirmed_at.as_deref())]);
        user.texts(&[("phone", "")]);
        user.optional_texts(&[
            ("confirmed_at", confirmed_at.as_deref()),
            ("last_sign_in_at", last_sign_in_at.as_deref()),
        ]);
        user.member("app_metadata", &self.app_metadata);
        user.member("user_metadata", &self.user_metadata);
        user.member("identities", "[");
        if let Some(email) = &self.email {
            user.raw(&self.identity(email, last_sign_in_at.as_deref()));
        }
        user.end("]");
        self.write_times(&mut user);
        user.member("is_anonymous", "false");
        user.finish_object()
    }

    /// An account with an address has that one identity, whose ids are the account's own. Mind the
    /// names: `id` is the provider's subject, `identity_id` the row.
    fn identity(&self, email: &str, last_sign_in_at: Option<&str>) -> String {
        let is_verified = if self.email_confirmed_at.is_some() { "true" } else { "false" };
        let mut identity = Writer::object();
        identity.texts(&[("identity_id", &self.id), ("id", &self.id), ("user_id", &self.id)]);
        identity.member("identity_data", "{");
        identity.texts(&[("email", email)]);
        identity.member("email_verified", is_verified);
        identity.member("phone_verified", "false");
        identity.texts(&[("sub", &self.id)]);
        identity.end("}");
        identity.texts(&[("provider", "email")]);
        identity.optional_texts(&[("last_sign_in_at", last_sign_in_at)]);
        self.write_times(&mut identity);
        identity.texts(&[("email", email)]);
        identity.finish_object()
    }

    fn write_times(&self, json: &mut Writer) {
        json.texts(&[
            ("created_at", &rfc3339(self.created_at)),
            ("updated_at", &rfc3339(self.updated_at)),
        ]);
    }
}
