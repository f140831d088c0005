//! New accounts.

use super::{Account, Identity, Metadata, email_identity_json};
use crate::auth::database::new_id;
use crate::db::Statement;
use crate::host::{Host, Milliseconds};
use crate::http::json::Writer;

/// What an account by address says of its ways in.
const BY_EMAIL: &str = r#"{"provider":"email","providers":["email"]}"#;

/// An account that is to be made for an address.
pub(in crate::auth) struct NewAccount<'a> {
    /// A fresh UUID.
    pub id: &'a str,
    /// In its one form.
    pub address: &'a str,
    /// A PHC string of Argon2id; none where somebody comes in by mail.
    pub password_hash: Option<String>,
    /// What the user says.
    pub metadata: &'a Metadata,
    /// Whether the address counts as confirmed.
    pub confirmed: bool,
    /// Whether it is asked for by somebody whom nobody knows yet.
    pub is_open: bool,
    pub now: Milliseconds,
}

impl NewAccount<'_> {
    /// The account and its identity; neither where the address is taken. The last one changes one
    /// row if the account is new.
    ///
    /// An open account has the password and the metadata of its one sign-up. With another one it
    /// has none until a letter is opened: each letter brings those of its own sign-up.
    pub(in crate::auth) fn insert(&self) -> [Statement; 2] {
        let (id, address) = (Some(self.id.to_owned()), Some(self.address.to_owned()));
        let now = Some(self.now.to_string());
        let confirmed = Some(if self.confirmed { "true" } else { "false" }.to_owned());
        let account = Statement::fixed(
            "insert into auth_users (
               id, email, password_hash, email_confirmed_at, last_sign_in_at,
               app_metadata, user_metadata, is_open, created_at, updated_at
             ) values (
               ?1, ?2, ?3, iif(?4 = 'true', cast(?5 as integer), null),
               iif(?4 = 'true', cast(?5 as integer), null),
               ?6, ?7, ?8 = 'open', cast(?5 as integer), cast(?5 as integer)
             ) on conflict (email) do update set
               password_hash = null,
               user_metadata = '{\"email_verified\":false}',
               updated_at = excluded.updated_at
             where excluded.is_open = 1 and excluded.password_hash is not null
               and auth_users.is_open = 1 and auth_users.email_confirmed_at is null",
            vec![
                id.clone(),
                address.clone(),
                self.password_hash.clone(),
                confirmed.clone(),
                now.clone(),
                Some(BY_EMAIL.to_owned()),
                Some(self.metadata.of_new_account(self.confirmed)),
                Some(if self.is_open { "open" } else { "closed" }.to_owned()),
            ],
        );
        let identity = Statement::fixed(
            concat!(
                "insert into auth_identities (
                   id, user_id, provider, subject, email, identity_data,
                   last_sign_in_at, created_at, updated_at
                 )
                 select ?1, id, 'email', id, ?2, ",
                email_identity_json!("?2", "?4", "id"),
                ", cast(?3 as integer), cast(?3 as integer), cast(?3 as integer)
                 from auth_users where id = ?1"
            ),
            vec![id, address, now, confirmed],
        );
        [account, identity]
    }

    /// The account as it is told to whoever signs up, before anybody knows whether the address is
    /// theirs. It is made of the request alone: where the address is taken it looks the same, and
    /// its id is nobody's.
    pub(in crate::auth) fn told(&self) -> Account {
        let mut data = Writer::object();
        data.texts(&[("email", self.address)]);
        data.raw(r#""email_verified":false,"phone_verified":false"#);
        data.texts(&[("sub", self.id)]);
        let now = self.now;
        let identity = Identity {
            id: self.id.to_owned(),
            subject: self.id.to_owned(),
            provider: "email".to_owned(),
            email: Some(self.address.to_owned()),
            data: data.finish_object(),
            last_sign_in_at: Some(now),
            created_at: now,
            updated_at: now,
        };
        Account {
            id: self.id.to_owned(),
            email: Some(self.address.to_owned()),
            new_email: None,
            is_anonymous: false,
            app_metadata: BY_EMAIL.to_owned(),
            user_metadata: self.metadata.of_new_account(false),
            times: vec![("confirmation_sent_at", now)],
            identities: vec![identity],
            factors: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }
}

/// The statements that make an account without a password for an address that nobody has yet.
pub(in crate::auth) fn insert_unconfirmed<H: Host>(
    host: &H,
    address: &str,
    metadata: &Metadata,
    now: Milliseconds,
) -> [Statement; 2] {
    let id = new_id(host);
    let password_hash = None;
    let new = NewAccount {
        id: &id,
        address,
        password_hash,
        metadata,
        confirmed: false,
        is_open: true,
        now,
    };
    new.insert()
}

/// The statement that makes an account without an address.
pub(in crate::auth) fn insert_anonymous(
    id: &str,
    metadata: &Metadata,
    now: Milliseconds,
) -> Statement {
    Statement::fixed(
        "insert into auth_users (
           id, is_anonymous, last_sign_in_at, user_metadata, created_at, updated_at
         ) values (?1, 1, cast(?2 as integer), ?3, cast(?2 as integer), cast(?2 as integer))",
        vec![Some(id.to_owned()), Some(now.to_string()), Some(metadata.object())],
    )
}
