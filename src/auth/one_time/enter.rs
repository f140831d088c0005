//! Coming in by a link or a code.

use super::Purpose;
use super::change;
use super::find::{Ticket, link_refused};
use crate::auth::call::Call;
use crate::auth::database::{ask, ban_guard, first_row, has_row, new_uuid};
use crate::auth::flow::{AuthCode, Flow};
use crate::auth::session::{Entry, Found, Session};
use crate::db::{Batch, Statement};
use crate::error::Error;
use crate::host::Host;
use crate::uuid;

/// What comes of it.
pub(super) enum Outcome {
    /// A session.
    Session(Box<Session>),
    /// A code that buys one.
    Code(String),
    /// The other of two addresses has to agree, too.
    Half,
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
        let mut batch = vec![ban_guard(&self.user_id, entry.now)];
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
        let rows = ask(host, entry.after(batch, &self.user_id)).await?;
        if is_change && has_row(&rows, change::HALF) {
            return Ok(Outcome::Half);
        }
        let found = first_row(&rows, place, Found::read)?.ok_or_else(link_refused)?;
        let session = found.session(entry.now, link_refused)?;
        Ok(Outcome::Session(Box::new(session)))
    }

    /// The address counts as confirmed. Whoever could not show that before has had no right to what lies in
    /// the account: where it is not the confirmation itself that was sent, password, sessions and identities
    /// of the time before go.
    fn confirm(&self, entry: &Entry) -> Batch {
        let (user, token) = (Some(self.user_id.clone()), Some(self.id.clone()));
        let now = Some(entry.now.to_string());
        let is_own = matches!(self.purpose, Purpose::Signup);
        let mut batch = Vec::new();
        if !is_own {
            batch.push(Statement::fixed(
                "delete from auth_sessions where user_id = ?1
                   and exists (select 1 from auth_one_time_tokens where id = ?2)
                   and exists (
                     select 1 from auth_users where id = ?1 and email_confirmed_at is null
                   )",
                vec![user.clone(), token.clone()],
            ));
            batch.push(Statement::fixed(
                "delete from auth_identities where user_id = ?1 and provider <> 'email'
                   and exists (select 1 from auth_one_time_tokens where id = ?2)
                   and exists (
                     select 1 from auth_users where id = ?1 and email_confirmed_at is null
                   )",
                vec![user.clone(), token.clone()],
            ));
        }
        if !is_own {
            // Also what is on its way: codes, and letters such as those of a change of address.
            for sql in [
                "delete from auth_flows where user_id = ?1
                   and exists (select 1 from auth_one_time_tokens where id = ?2)
                   and exists (
                     select 1 from auth_users where id = ?1 and email_confirmed_at is null
                   )",
                "delete from auth_one_time_tokens where user_id = ?1 and id <> ?2
                   and exists (select 1 from auth_one_time_tokens where id = ?2)
                   and exists (
                     select 1 from auth_users where id = ?1 and email_confirmed_at is null
                   )",
            ] {
                batch.push(Statement::fixed(sql, vec![user.clone(), token.clone()]));
            }
        }
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
            "update auth_users set
               email_confirmed_at = coalesce(email_confirmed_at, cast(?3 as integer)),
               password_hash = iif(email_confirmed_at is null and ?4 = 'other', null, password_hash),
               new_email = iif(email_confirmed_at is null and ?4 = 'other', null, new_email),
               user_metadata = json_set(user_metadata, '$.email_verified', json('true')),
               last_sign_in_at = cast(?3 as integer),
               updated_at = cast(?3 as integer)
             where id = ?1 and email = ?2 and changes() = 1",
            vec![
                user,
                Some(self.address.clone()),
                now,
                Some(if is_own { "own" } else { "other" }.to_owned()),
            ],
        ));
        batch
    }
}

/// A random id as text.
pub(super) fn new_id(host: &impl Host) -> String {
    uuid::format(&new_uuid(host))
}
