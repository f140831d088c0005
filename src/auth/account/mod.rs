//! An account as the database has it, and the user that clients see.

mod email;
mod metadata;
mod insert;
mod factor;
mod end;
pub(super) mod user;
mod update;
pub(super) mod identity;

pub(super) use email::Address;
pub(super) use end::{end_codes, end_links, end_sessions};
pub(super) use factor::Factor;
pub(super) use insert::{NewAccount, insert_anonymous, insert_unconfirmed};
pub(super) use metadata::{Metadata, TOO_LARGE, too_large};

use super::token::AUDIENCE;
use crate::db::Statement;
use crate::host::Milliseconds;
use crate::http::json::{Object, Writer, list, read_list};
use crate::identity::Role;
use crate::time::rfc3339;

/// SQL for a row of `auth_users` as the JSON that [`Account`] reads. Never the password's hash, nor
/// a factor's seed. Patching an object onto an empty one leaves out what is null (RFC 7396).
macro_rules! account_json {
    () => {
        "json_object(
           'id', auth_users.id,
           'email', auth_users.email,
           'new_email', auth_users.new_email,
           'is_anonymous', auth_users.is_anonymous,
           'times', json_object(
             'email_confirmed_at', auth_users.email_confirmed_at,
             'invited_at', auth_users.invited_at,
             'confirmation_sent_at', auth_users.confirmation_sent_at,
             'confirmed_at', auth_users.email_confirmed_at,
             'recovery_sent_at', auth_users.recovery_sent_at,
             'email_change_sent_at', auth_users.email_change_sent_at,
             'reauthentication_sent_at', auth_users.reauthentication_sent_at,
             'last_sign_in_at', auth_users.last_sign_in_at,
             'banned_until', auth_users.banned_until,
             'deleted_at', auth_users.deleted_at
           ),
           'app_metadata', json(auth_users.app_metadata),
           'user_metadata', json(auth_users.user_metadata),
           'identities', json((
             select json_group_array(json_object(
               'id', id, 'subject', subject, 'provider', provider, 'email', email,
               'identity_data', json(identity_data), 'last_sign_in_at', last_sign_in_at,
               'created_at', created_at, 'updated_at', updated_at
             ))
             from (select * from auth_identities where user_id = auth_users.id order by created_at)
           )),
           'factors', json((
             select json_group_array(json_object('id', id, 'written', json_patch('{}', json_object(
               'id', id, 'friendly_name', nullif(friendly_name, ''), 'factor_type', 'totp',
               'status', status,
               'created_at', strftime('%Y-%m-%dT%H:%M:%fZ', created_at / 1000.0, 'unixepoch'),
               'updated_at', strftime('%Y-%m-%dT%H:%M:%fZ', updated_at / 1000.0, 'unixepoch'),
               'last_challenged_at',
                 strftime('%Y-%m-%dT%H:%M:%fZ', last_challenged_at / 1000.0, 'unixepoch')
             ))))
             from (select * from auth_factors where user_id = auth_users.id order by created_at)
           )),
           'created_at', auth_users.created_at,
           'updated_at', auth_users.updated_at
         )"
    };
}
pub(super) use account_json;

/// SQL that is true of a row of `auth_users` that may be entered at a moment: it is neither deleted
/// nor banned.
macro_rules! may_be_entered {
    ($now:literal) => {
        concat!("deleted_at is null and coalesce(banned_until, 0) <= cast(", $now, " as integer)")
    };
}
pub(super) use may_be_entered;

/// SQL for what the identity of an address says of its user, in the dialect's words.
macro_rules! email_identity_json {
    ($address:literal, $is_verified:literal, $user_id:literal) => {
        concat!(
            "json_object('email', ",
            $address,
            ", 'email_verified', json(",
            $is_verified,
            "), 'phone_verified', json('false'), 'sub', ",
            $user_id,
            ")"
        )
    };
}
pub(super) use email_identity_json;

/// The most bytes of a user's own metadata, which rides in every access token.
pub const USER_METADATA_BYTES_MAX: usize = 4096;

/// The most bytes of what the owner's server says of an account. With the user's own it must fit
/// into a token of [`TOKEN_BYTES_MAX`](crate::auth::TOKEN_BYTES_MAX), which is a third longer than
/// its claims.
pub(super) const APP_METADATA_BYTES_MAX: usize = 1024;

/// Reads an account by its id; [`Account::read`] takes the row.
pub(super) fn read_account(user_id: &str) -> Statement {
    Statement::fixed(
        concat!("select ", account_json!(), " as row from auth_users where id = ?1"),
        vec![Some(user_id.to_owned())],
    )
}

/// A row of `auth_users` and what hangs on it.
pub(super) struct Account {
    pub id: String,
    pub email: Option<String>,
    pub new_email: Option<String>,
    pub is_anonymous: bool,
    /// JSON, as is the other.
    pub app_metadata: String,
    pub user_metadata: String,
    /// What has happened when, by the dialect's names and in their order.
    times: Vec<(&'static str, Milliseconds)>,
    identities: Vec<Identity>,
    pub factors: Vec<Factor>,
    created_at: Milliseconds,
    updated_at: Milliseconds,
}

/// A row of `auth_identities`.
struct Identity {
    id: String,
    subject: String,
    provider: String,
    email: Option<String>,
    data: String,
    last_sign_in_at: Option<Milliseconds>,
    created_at: Milliseconds,
    updated_at: Milliseconds,
}

/// Times that are left out of a user until they are.
const TIMES: [&str; 10] = [
    "email_confirmed_at",
    "invited_at",
    "confirmation_sent_at",
    "confirmed_at",
    "recovery_sent_at",
    "email_change_sent_at",
    "reauthentication_sent_at",
    "last_sign_in_at",
    "banned_until",
    "deleted_at",
];

impl Account {
    /// Reads what [`account_json`] writes.
    pub(super) fn read(row: &Object<'_>) -> Option<Self> {
        let times = Object::of(row.raw("times")?)?;
        let time = |name| Some((name, times.integer(name).ok()??));
        Some(Self {
            id: row.text("id").ok()??,
            email: row.text("email").ok()?,
            new_email: row.text("new_email").ok()?,
            is_anonymous: row.integer("is_anonymous").ok()?? != 0,
            app_metadata: row.raw("app_metadata")?.to_owned(),
            user_metadata: row.raw("user_metadata")?.to_owned(),
            times: TIMES.into_iter().filter_map(time).collect(),
            identities: objects(row.raw("identities")?, Identity::read)?,
            factors: objects(row.raw("factors")?, Factor::read)?,
            created_at: row.integer("created_at").ok()??,
            updated_at: row.integer("updated_at").ok()??,
        })
    }

    /// The address, or an empty text as the dialect has it.
    pub(super) fn address(&self) -> &str {
        self.email.as_deref().unwrap_or_default()
    }

    /// When something has happened, by the dialect's name for it.
    pub(super) fn time(&self, name: &str) -> Option<Milliseconds> {
        self.times.iter().find(|(other, _)| *other == name).map(|(_, time)| *time)
    }

    /// Whether the account may not be entered now.
    pub(super) fn is_banned(&self, now: Milliseconds) -> bool {
        self.time("banned_until").is_some_and(|until| until > now)
    }

    /// The account as clients see it: the dialect's user. A time that is none is left out; address
    /// and phone are empty instead.
    pub(super) fn user(&self) -> String {
        let mut user = Writer::object();
        user.texts(&[
            ("id", &self.id),
            ("aud", AUDIENCE),
            ("role", Role::Authenticated.name()),
            ("email", self.address()),
            ("phone", ""),
        ]);
        user.optional_texts(&[("new_email", self.new_email.as_deref())]);
        for (name, time) in &self.times {
            user.texts(&[(name, &rfc3339(*time))]);
        }
        user.member("app_metadata", &self.app_metadata);
        user.member("user_metadata", &self.user_metadata);
        let identities: Vec<String> =
            self.identities.iter().map(|identity| identity.written(&self.id)).collect();
        user.member("identities", &list(&identities));
        if !self.factors.is_empty() {
            let factors: Vec<String> = self.factors.iter().map(Factor::written).collect();
            user.member("factors", &list(&factors));
        }
        write_times(&mut user, self.created_at, self.updated_at);
        user.member("is_anonymous", if self.is_anonymous { "true" } else { "false" });
        user.finish_object()
    }
}

impl Identity {
    fn read(row: &Object<'_>) -> Option<Self> {
        Some(Self {
            id: row.text("id").ok()??,
            subject: row.text("subject").ok()??,
            provider: row.text("provider").ok()??,
            email: row.text("email").ok()?,
            data: row.raw("identity_data")?.to_owned(),
            last_sign_in_at: row.integer("last_sign_in_at").ok()?,
            created_at: row.integer("created_at").ok()??,
            updated_at: row.integer("updated_at").ok()??,
        })
    }

    /// Mind the dialect's names: `id` is the provider's subject, `identity_id` the row.
    fn written(&self, user_id: &str) -> String {
        let mut identity = Writer::object();
        identity.texts(&[("identity_id", &self.id), ("id", &self.subject), ("user_id", user_id)]);
        identity.member("identity_data", &self.data);
        identity.texts(&[("provider", &self.provider)]);
        identity
            .optional_texts(&[("last_sign_in_at", self.last_sign_in_at.map(rfc3339).as_deref())]);
        write_times(&mut identity, self.created_at, self.updated_at);
        identity.optional_texts(&[("email", self.email.as_deref())]);
        identity.finish_object()
    }
}

fn write_times(json: &mut Writer, created_at: Milliseconds, updated_at: Milliseconds) {
    json.texts(&[("created_at", &rfc3339(created_at)), ("updated_at", &rfc3339(updated_at))]);
}

/// The objects of a JSON array.
fn objects<T>(array: &str, read: fn(&Object<'_>) -> Option<T>) -> Option<Vec<T>> {
    let items = read_list(array.as_bytes()).ok()?;
    items.iter().map(|item| read(&Object::of(&item.written())?)).collect()
}
