//! An account as the database has it, and the user that clients see.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::token::AUDIENCE;
use crate::host::Milliseconds;
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
#[derive(Deserialize)]
pub(super) struct Account {
    pub id: String,
    pub email: Option<String>,
    email_confirmed_at: Option<Milliseconds>,
    last_sign_in_at: Option<Milliseconds>,
    pub app_metadata: Box<RawValue>,
    pub user_metadata: Box<RawValue>,
    created_at: Milliseconds,
    updated_at: Milliseconds,
}

impl Account {
    /// The address, or an empty text as the dialect has it.
    pub(super) fn address(&self) -> &str {
        self.email.as_deref().unwrap_or_default()
    }

    /// The account as clients see it.
    pub(super) fn user(&self) -> UserView<'_> {
        let confirmed_at = self.email_confirmed_at.map(rfc3339);
        UserView {
            id: &self.id,
            aud: AUDIENCE,
            role: Role::Authenticated.name(),
            email: self.address(),
            email_confirmed_at: confirmed_at.clone(),
            phone: "",
            confirmed_at,
            last_sign_in_at: self.last_sign_in_at.map(rfc3339),
            app_metadata: &self.app_metadata,
            user_metadata: &self.user_metadata,
            identities: self.identities(),
            created_at: rfc3339(self.created_at),
            updated_at: rfc3339(self.updated_at),
            is_anonymous: false,
        }
    }

    /// An account with an address has that one identity, whose ids are the account's own.
    fn identities(&self) -> Vec<IdentityView<'_>> {
        let identity = |email| IdentityView {
            identity_id: &self.id,
            id: &self.id,
            user_id: &self.id,
            identity_data: IdentityData {
                email,
                email_verified: self.email_confirmed_at.is_some(),
                phone_verified: false,
                sub: &self.id,
            },
            provider: "email",
            last_sign_in_at: self.last_sign_in_at.map(rfc3339),
            created_at: rfc3339(self.created_at),
            updated_at: rfc3339(self.updated_at),
            email,
        };
        self.email.as_deref().map(identity).into_iter().collect()
    }
}

/// The dialect's user. What is `None` is left out; address and phone are empty instead.
#[derive(Serialize)]
pub(super) struct UserView<'a> {
    id: &'a str,
    aud: &'a str,
    role: &'a str,
    email: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email_confirmed_at: Option<String>,
    phone: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_at: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_sign_in_at: Option<String>,
    app_metadata: &'a RawValue,
    user_metadata: &'a RawValue,
    identities: Vec<IdentityView<'a>>,
    created_at: String,
    updated_at: String,
    is_anonymous: bool,
}

/// The dialect's identity. Mind the names: `id` is the provider's subject, `identity_id` the row.
#[derive(Serialize)]
struct IdentityView<'a> {
    identity_id: &'a str,
    id: &'a str,
    user_id: &'a str,
    identity_data: IdentityData<'a>,
    provider: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_sign_in_at: Option<String>,
    created_at: String,
    updated_at: String,
    email: &'a str,
}

#[derive(Serialize)]
struct IdentityData<'a> {
    email: &'a str,
    email_verified: bool,
    phone_verified: bool,
    sub: &'a str,
}
