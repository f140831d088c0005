//! Whose account it is that a provider vouches for. One batch decides, so of any number of people
//! who arrive at once as the same person all come into one account.
//!
//! | what there is | what becomes of it |
//! |---|---|
//! | the identity | its account |
//! | an account whose owner has proven the same address | gets the identity too, and its owner a letter |
//! | an account of that address which nobody has proven | is emptied first, then gets it |
//! | nothing | a new account |
//!
//! The second to fourth need an address that the provider has verified; the third is in [`trap`].

mod rows;
mod trap;

pub(in crate::auth) use rows::with_providers;
pub(super) use rows::with_told;

use super::provider::Vouched;
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
    /// The request that has brought them back.
    pub call: &'a Call<'a>,
    /// The provider's name.
    pub provider: &'a str,
    /// What the provider says.
    pub vouched: &'a Vouched,
    /// When.
    pub now: Milliseconds,
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

    /// The statements in front of [`Self::tell`], each of which does something in one of the cases.
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
