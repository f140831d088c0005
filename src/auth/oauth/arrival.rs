//! Whose account it is that a provider vouches for. One batch decides, so of any number of people who
//! arrive at once as the same person all come into one account.
//!
//! | what there is | what becomes of it |
//! |---|---|
//! | the identity | its account |
//! | an account whose owner has proven the same address | gets the identity too, and its owner a letter |
//! | an account of that address which nobody has proven | is emptied first, then gets it |
//! | nothing | a new account |
//!
//! The second to fourth need an address that the provider has verified. An account that nobody has
//! proven may be a trap: somebody has signed up with another's address and waits for its owner
//! (CVE-2024-38351). So whatever could open it again goes: password, sessions, identities, factors,
//! letters and flows that are on their way, a change of address that waits.
//!
//! With `MAILER_AUTOCONFIRM` an address counts as confirmed though nobody has proven it, so there only
//! a provider's word is proof.

use super::provider::Vouched;
use crate::auth::account::{Address, USER_METADATA_BYTES_MAX};
use crate::auth::audit::{Action, Note};
use crate::auth::call::Call;
use crate::auth::database::{ask, first_row, new_id, row_defect, user_banned};
use crate::auth::outbox;
use crate::db::{Batch, Statement};
use crate::error::{Code, Error};
use crate::host::{Host, Milliseconds};
use crate::http::json::{Object, Writer};
use crate::mail::Kind;

/// Somebody who comes back from a provider.
pub(super) struct Arrival<'a> {
    pub call: &'a Call<'a>,
    pub provider: &'a str,
    pub vouched: &'a Vouched,
    pub now: Milliseconds,
}

/// SQL for what `app_metadata` says of an account's ways in, its first one first.
macro_rules! with_providers {
    () => {
        "json_set(app_metadata,
           '$.provider', (
             select provider from auth_identities where user_id = auth_users.id
             order by provider <> coalesce(json_extract(app_metadata, '$.provider'), ''), created_at, id
             limit 1
           ),
           '$.providers', json((
             select json_group_array(provider) from (
               select provider from auth_identities where user_id = auth_users.id
               group by provider
               order by provider <> coalesce(json_extract(app_metadata, '$.provider'), ''),
                 min(created_at), min(id)
             )
           ))
         )"
    };
}
pub(in crate::auth) use with_providers;

/// SQL for what is known of a user, with what a provider tells. What the user has said counts more, and all of
/// it stays as it was where it would be more than so many bytes.
macro_rules! with_told {
    ($told:literal, $bytes_max:literal) => {
        concat!(
            "iif(octet_length(json_patch(",
            $told,
            ", user_metadata)) <= cast(",
            $bytes_max,
            " as integer), json_patch(",
            $told,
            ", user_metadata), user_metadata)"
        )
    };
}
pub(super) use with_told;

/// SQL that is true of a row of `auth_users` whose address its owner has proven. `?3` says whether
/// confirmed means proven.
macro_rules! is_proven {
    () => {
        "(?3 is not null and email_confirmed_at is not null or exists (
           select 1 from auth_identities
           where user_id = auth_users.id and provider <> 'email' and email = auth_users.email
             and json_extract(identity_data, '$.email_verified')
         ))"
    };
}

/// SQL for the account of a known identity.
macro_rules! account_of_identity {
    () => {
        "(select user_id from auth_identities where provider = ?1 and subject = ?2)"
    };
}
pub(super) use account_of_identity;

impl Arrival<'_> {
    /// The account's id.
    ///
    /// # Errors
    /// When the person may not come in, or there is no account and none may be made.
    pub(super) async fn enter<H: Host>(
        &self,
        host: &H,
        last: Option<Statement>,
    ) -> Result<String, Error> {
        let mut batch = self.entering(host);
        let told = batch.len();
        batch.push(self.tell());
        batch.extend(last);
        let rows = ask(host, batch).await?;
        let told = first_row(&rows, told, Told::read)?.ok_or_else(|| row_defect("an arrival"))?;
        match told {
            Told { is_banned: true, .. } => Err(user_banned()),
            Told { user_id: Some(user_id), .. } => Ok(user_id),
            Told { user_id: None, .. } => Err(self.refusal()),
        }
    }

    fn entering<H: Host>(&self, host: &H) -> Batch {
        let [user_id, identity_id] = [new_id(host), new_id(host)];
        let verified = self.vouched.email.as_ref().filter(|_| self.vouched.is_verified);
        let mut batch = Vec::new();
        if let Some(address) = verified {
            batch.extend(self.empty(host, address));
        }
        if let Some(account) = self.make_account(&user_id) {
            let note = self.note_of(host, Action::UserSignedUp, Some(&user_id));
            batch.extend([account, note.if_changed()]);
        }
        batch.push(self.add_identity(&identity_id, &user_id));
        if let Some(address) = verified {
            let (address, kind) = (address.as_str(), Kind::IdentityLinked);
            let note = self.note_of(host, Action::IdentityLinked, None);
            batch.push(note.if_changed_by(address));
            // Who has had the account before did not ask for it.
            batch.push(outbox::post_notice_to_address(host, kind, address, &self.told_provider()));
            host.later();
        }
        batch.extend([self.renew_identity(), self.renew_account()]);
        batch
    }

    /// What the audit log is told.
    pub(super) fn note_of<H: Host>(
        &self,
        host: &H,
        action: Action,
        actor_id: Option<&str>,
    ) -> Note {
        Note::of(host, self.call, action, actor_id, &[("provider", self.provider)])
    }

    /// What a letter is told.
    pub(super) fn told_provider(&self) -> String {
        let mut data = Writer::object();
        data.texts(&[("provider", self.provider)]);
        data.finish_object()
    }

    /// Takes everything from an account of that address which nobody has proven, and gives the
    /// address to who has proven it now. Nothing happens where the identity has its account, or to who
    /// is banned.
    fn empty<H: Host>(&self, host: &H, address: &Address) -> Batch {
        let (provider, subject) = (Some(self.provider()), Some(self.subject()));
        let proof = (!self.call.config.accounts.autoconfirm).then(String::new);
        let note = self.note_of(host, Action::UserModified, None);
        let note = note.if_changed_by(address.as_str());
        let address = Some(address.as_str().to_owned());
        let binds = || {
            vec![
                provider.clone(),
                subject.clone(),
                proof.clone(),
                address.clone(),
                Some(self.now()),
            ]
        };
        macro_rules! nobodys {
            () => {
                concat!(
                    "(select id from auth_users where email = ?4 and not ",
                    is_proven!(),
                    " and not exists (
                        select 1 from auth_identities where provider = ?1 and subject = ?2
                      ) and deleted_at is null and coalesce(banned_until, 0) <= cast(?5 as integer))"
                )
            };
        }
        macro_rules! delete {
            ($table:literal, $column:literal) => {
                Statement::fixed(
                    concat!("delete from ", $table, " where ", $column, " = ", nobodys!()),
                    binds(),
                )
            };
        }
        vec![
            delete!("auth_sessions", "user_id"),
            delete!("auth_one_time_tokens", "user_id"),
            delete!("auth_flows", "user_id"),
            delete!("auth_flows", "linking_user_id"),
            delete!("auth_factors", "user_id"),
            delete!("auth_recovery_codes", "user_id"),
            Statement::fixed(
                concat!(
                    "update auth_users set password_hash = null, new_email = null, is_anonymous = 0, is_open = 0,
                       email_confirmed_at = cast(?5 as integer), app_metadata = '{}',
                       user_metadata = '{}', updated_at = cast(?5 as integer)
                     where id = ",
                    nobodys!()
                ),
                binds(),
            ),
            note,
            // Last, since what has just been confirmed counts as proven from now on.
            Statement::fixed(
                "delete from auth_identities where changes() = 1
                   and user_id = (select id from auth_users where email = ?1)",
                vec![address.clone()],
            ),
        ]
    }

    /// A new account, unless there is one of that identity or address.
    fn make_account(&self, user_id: &str) -> Option<Statement> {
        let accounts = &self.call.config.accounts;
        let address = self.vouched.email.as_ref()?;
        let may = self.vouched.is_verified || accounts.autoconfirm;
        if accounts.signup_disabled || !may {
            return None;
        }
        Some(Statement::fixed(
            "insert into auth_users (id, email, email_confirmed_at, created_at, updated_at)
             select ?3, ?4, cast(?5 as integer), cast(?5 as integer), cast(?5 as integer)
             where not exists (
               select 1 from auth_identities where provider = ?1 and subject = ?2
             )
             on conflict (email) do nothing",
            vec![
                Some(self.provider()),
                Some(self.subject()),
                Some(user_id.to_owned()),
                Some(address.as_str().to_owned()),
                Some(self.now()),
            ],
        ))
    }

    /// The identity, for the new account or for the one of the verified address.
    fn add_identity(&self, id: &str, user_id: &str) -> Statement {
        let (verified, told) = (self.verified_address(), self.vouched.email.as_ref());
        Statement::fixed(
            "insert into auth_identities (
               id, user_id, provider, subject, email, identity_data, created_at, updated_at
             )
             select ?1, id, ?2, ?3, ?4, ?5, cast(?6 as integer), cast(?6 as integer)
             from auth_users
             where (id = ?7 or email = ?8)
               and deleted_at is null and coalesce(banned_until, 0) <= cast(?6 as integer)
             on conflict (provider, subject) do nothing",
            vec![
                Some(id.to_owned()),
                Some(self.provider()),
                Some(self.subject()),
                told.map(|address| address.as_str().to_owned()),
                Some(self.vouched.data.clone()),
                Some(self.now()),
                Some(user_id.to_owned()),
                verified,
            ],
        )
    }

    /// What the provider says now.
    fn renew_identity(&self) -> Statement {
        let address = self.vouched.email.as_ref();
        Statement::fixed(
            "update auth_identities set email = ?3, identity_data = ?4,
               last_sign_in_at = cast(?5 as integer), updated_at = cast(?5 as integer)
             where provider = ?1 and subject = ?2",
            vec![
                Some(self.provider()),
                Some(self.subject()),
                address.map(|address| address.as_str().to_owned()),
                Some(self.vouched.data.clone()),
                Some(self.now()),
            ],
        )
    }

    /// What the account says of itself. What its owner has written there stays.
    fn renew_account(&self) -> Statement {
        Statement::fixed(
            concat!(
                "update auth_users set
                   app_metadata = ",
                with_providers!(),
                ", user_metadata = ",
                with_told!("?3", "?4"),
                ", updated_at = cast(?5 as integer)
                 where id = ",
                account_of_identity!()
            ),
            vec![
                Some(self.provider()),
                Some(self.subject()),
                Some(self.vouched.data.clone()),
                Some(USER_METADATA_BYTES_MAX.to_string()),
                Some(self.now()),
            ],
        )
    }

    /// Whose identity it is, and whether the account that it would be may not be entered.
    fn tell(&self) -> Statement {
        Statement::fixed(
            concat!(
                "select json_object(
                   'user_id', ",
                account_of_identity!(),
                ", 'is_banned', (
                     select max(coalesce(banned_until, 0) > cast(?4 as integer)) from auth_users
                     where id = coalesce(",
                account_of_identity!(),
                ", (select id from auth_users where email = ?3))
                   )) as row"
            ),
            vec![
                Some(self.provider()),
                Some(self.subject()),
                self.verified_address(),
                Some(self.now()),
            ],
        )
    }

    fn refusal(&self) -> Error {
        let provider = self.provider;
        match &self.vouched.email {
            None => Error::new(
                Code::EmailAddressNotProvided,
                "Error getting user email from external provider",
            ),
            Some(_) if self.call.config.accounts.signup_disabled => {
                Error::new(Code::SignupDisabled, "Signups not allowed for this instance")
            }
            Some(_) => Error::new(
                Code::ProviderEmailNeedsVerification,
                format!(
                    "Unverified email with {provider}. Verify the email with {provider} in order to sign in"
                ),
            ),
        }
    }

    // As they are bound.

    pub(super) fn provider(&self) -> String {
        self.provider.to_owned()
    }

    pub(super) fn subject(&self) -> String {
        self.vouched.subject.clone()
    }

    pub(super) fn now(&self) -> String {
        self.now.to_string()
    }

    /// The address, as far as it counts.
    pub(super) fn verified_address(&self) -> Option<String> {
        let address = self.vouched.email.as_ref().filter(|_| self.vouched.is_verified)?;
        Some(address.as_str().to_owned())
    }
}

/// What has become of an arrival.
struct Told {
    user_id: Option<String>,
    is_banned: bool,
}

impl Told {
    fn read(row: &Object<'_>) -> Option<Self> {
        Some(Self {
            user_id: row.text("user_id").ok()?,
            is_banned: row.integer("is_banned").ok()? == Some(1),
        })
    }
}
