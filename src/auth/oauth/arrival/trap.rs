//! An account that nobody has proven, at the address of somebody who arrives.
//!
//! It may be a trap: somebody has signed up with another's address and waits for its owner
//! (CVE-2024-38351). So whatever could open it again goes: password, sessions, identities, factors,
//! letters and flows that are on their way, a change of address that waits.
//!
//! With `MAILER_AUTOCONFIRM` an address counts as confirmed though nobody has proven it, so there
//! only a provider's word is proof.

use super::Arrival;
use crate::auth::account::{Address, may_be_entered};
use crate::auth::audit::Action;
use crate::db::{Batch, Statement};
use crate::host::Host;

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

/// SQL for the id of the account that is emptied; no row where the identity has its account, or
/// where who is meant is banned.
macro_rules! nobodys {
    () => {
        concat!(
            "(select id from auth_users where email = ?4 and not ",
            is_proven!(),
            " and not exists (
                select 1 from auth_identities where provider = ?1 and subject = ?2
              ) and ",
            may_be_entered!("?5"),
            ")"
        )
    };
}

impl Arrival<'_> {
    /// Takes everything from an account of that address which nobody has proven, and gives the
    /// address to who has proven it now. Nothing happens where the identity has its account, or to
    /// who is banned.
    pub(super) fn empty<H: Host>(&self, host: &H, address: &Address) -> Batch {
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
}
