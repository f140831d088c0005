//! The rows of somebody who arrives: an account, the identity that leads into it, and what both say
//! of the person.

use super::{Arrival, account_of_identity};
use crate::auth::account::{USER_METADATA_BYTES_MAX, may_be_entered};
use crate::db::Statement;

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

/// SQL for what is known of a user, with what a provider tells. What the user has said counts more,
/// and all of it stays as it was where it would be more than so many bytes.
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
pub(in crate::auth::oauth) use with_told;

impl Arrival<'_> {
    /// A new account, unless there is one of that identity or address.
    pub(super) fn make_account(&self, user_id: &str) -> Option<Statement> {
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
    pub(super) fn add_identity(&self, id: &str, user_id: &str) -> Statement {
        let (verified, told) = (self.verified_address(), self.vouched.email.as_ref());
        Statement::fixed(
            concat!(
                "insert into auth_identities (
                   id, user_id, provider, subject, email, identity_data, created_at, updated_at
                 )
                 select ?1, id, ?2, ?3, ?4, ?5, cast(?6 as integer), cast(?6 as integer)
                 from auth_users where (id = ?7 or email = ?8) and ",
                may_be_entered!("?6"),
                " on conflict (provider, subject) do nothing"
            ),
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
    pub(super) fn renew_identity(&self) -> Statement {
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
    pub(super) fn renew_account(&self) -> Statement {
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
}
