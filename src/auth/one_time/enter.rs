//! Coming in by a link or a code.

use super::Purpose;
use super::change;
use super::find::{Ticket, link_refused};
use crate::auth::abuse::known_network;
use crate::auth::call::Call;
use crate::auth::database::{ask, ban_guard, first_row, has_row, new_uuid};
use crate::auth::flow::{AuthCode, Flow};
use crate::auth::session::{Entry, Found, Session};
use crate::db::{Batch, Statement};
use crate::error::Error;
use crate::host::Host;

/// What comes of it.
pub(super) enum Outcome {
    /// A session.
    Session(Box<Session>),
    /// A code that buys one.
    Code(String),
    /// The other of two addresses has to agree, too.
    Half,
}

/// SQL: whether what lies in an account that is not confirmed is of a time before its address was shown: if
/// the letter, as `?3` says, is not the one of a sign-up, or if somebody has been in already.
macro_rules! is_of_before {
    () => {
        "(?3 = 'other' or last_sign_in_at is not null)"
    };
}

/// SQL that takes rows away when the letter `?2` confirms the address of the account `?1`.
macro_rules! forget {
    ($table:literal, $rows:literal, $($condition:tt)+) => {
        concat!(
            "delete from ",
            $table,
            " where user_id = ?1 and ",
            $rows,
            " and exists (select 1 from auth_one_time_tokens where id = ?2)
              and exists (
                select 1 from auth_users where id = ?1 and email_confirmed_at is null and ",
            $($condition)+,
            ")"
        )
    };
}

impl Ticket {
    /// Uses it. With `redirect_to` a link of a flow with a challenge gives a code, since what a browser is
    /// led to with tokens would not need the secret.
    ///
    /// # Errors
    /// When somebody else has used it at this moment, the account has changed its address, or may not be
    /// entered.
    pub(super) async fn enter<H: Host>(
        &self,
        host: &H,
        call: &Call<'_>,
        redirect_to: Option<&str>,
    ) -> Result<Outcome, Error> {
        let mut entry = Entry::new(host, call, self.purpose.method());
        entry.action = self.purpose.action();
        host.later();
        let is_change = matches!(self.purpose, Purpose::ChangeFrom | Purpose::ChangeTo);
        let mut batch = vec![ban_guard(&self.user_id, entry.now), self.void()];
        batch.extend(if is_change {
            change::apply(host, self, entry.now)
        } else {
            self.confirm(&entry)
        });
        let place = batch.len();
        if let (Some(redirect_to), Some(challenge)) = (redirect_to, &self.code_challenge) {
            let id = new_uuid(host);
            let flow = Flow {
                user_id: Some(&self.user_id),
                linking_user_id: None,
                provider: None,
                method: self.purpose.method(),
                code_challenge: Some(challenge),
                redirect_to,
            };
            batch.push(flow.begin(&id, entry.now));
            let rows = ask(host, batch).await?;
            return match is_change && has_row(&rows, change::HALF) {
                true => Ok(Outcome::Half),
                false if has_row(&rows, place) => Ok(Outcome::Code(AuthCode(id).text(call.config))),
                false => Err(link_refused()),
            };
        }
        // Behind the changes the session is made, then read.
        let place = place.saturating_add(1);
        let mut batch = entry.after(batch, &self.user_id);
        batch.push(known_network(call, &self.address).prove(entry.now, &entry.session_id));
        let rows = ask(host, batch).await?;
        if is_change && has_row(&rows, change::HALF) {
            return Ok(Outcome::Half);
        }
        let found = first_row(&rows, place, Found::read)?.ok_or_else(link_refused)?;
        let session = found.session(entry.now, link_refused)?;
        Ok(Outcome::Session(Box::new(session)))
    }

    /// Ends the letter where its address is no longer the account's, or no longer the one that the account wants:
    /// whoever reads it has no say in anything else. What follows finds nothing then.
    fn void(&self) -> Statement {
        Statement::fixed(
            "delete from auth_one_time_tokens
             where id = ?1 and address is not (
               select iif(purpose = 'email_change_new', new_email, email) from auth_users
               where auth_users.id = user_id
             )",
            vec![Some(self.id.clone())],
        )
    }

    /// The address counts as confirmed. An open account gets what the letter brings. Whoever could not show
    /// the address before has had no right to what lies in the account: password, sessions and identities of
    /// the time before go, but not what the owner's server has given to an account in which nobody has been.
    fn confirm(&self, entry: &Entry) -> Batch {
        let (user, token) = (Some(self.user_id.clone()), Some(self.id.clone()));
        let now = Some(entry.now.to_string());
        let is_own = matches!(self.purpose, Purpose::Signup);
        let kind = Some(if is_own { "own" } else { "other" }.to_owned());
        let forget = |sql| Statement::fixed(sql, vec![user.clone(), token.clone(), kind.clone()]);
        let mut batch: Batch = FORGET.map(forget).into();
        batch.push(Statement::fixed(
            "update auth_identities set
               identity_data = json_set(identity_data, '$.email_verified', json('true')),
               updated_at = cast(?3 as integer)
             where user_id = ?1 and provider = 'email'
               and exists (select 1 from auth_one_time_tokens where id = ?2)",
            vec![user.clone(), token.clone(), now.clone()],
        ));
        batch.push(Statement::fixed("delete from auth_one_time_tokens where id = ?1", vec![token]));
        batch.push(Statement::fixed(
            concat!(
                "update auth_users set
                   email_confirmed_at = coalesce(email_confirmed_at, cast(?4 as integer)),
                   password_hash = case
                     when email_confirmed_at is not null then password_hash
                     when ?3 = 'own' and is_open = 1 then ?5
                     when ",
                is_of_before!(),
                " then null
                     else password_hash end,
                   user_metadata = json_set(
                     iif(email_confirmed_at is null and is_open = 1, coalesce(?6, '{}'), user_metadata),
                     '$.email_verified', json('true')),
                   new_email = iif(email_confirmed_at is null and ",
                is_of_before!(),
                ", null, new_email),
                   is_open = 0,
                   last_sign_in_at = cast(?4 as integer),
                   updated_at = cast(?4 as integer)
                 where id = ?1 and email = ?2 and changes() = 1"
            ),
            vec![
                user,
                Some(self.address.clone()),
                kind,
                now,
                self.pending.password_hash.clone(),
                self.pending.user_metadata.clone(),
            ],
        ));
        batch
    }
}

/// What goes when a letter confirms an address: in any case the sign-ups that wait beside it, and also what
/// is of the time before, or on its way, such as a change of address.
const FORGET: [&str; 4] = [
    forget!("auth_sessions", "true", is_of_before!()),
    forget!("auth_identities", "provider <> 'email'", is_of_before!()),
    forget!("auth_flows", "true", is_of_before!()),
    forget!("auth_one_time_tokens", "id <> ?2", "(purpose = 'signup' or ", is_of_before!(), ")"),
];
