//! What a change of address or password depends on, looked at before it.

use super::Change;
use crate::auth::abuse::{CURRENT_PASSWORD, Counter};
use crate::auth::call::Call;
use crate::auth::database::{ask, first_row};
use crate::auth::new_password;
use crate::auth::one_time::{self, CODE_MILLISECONDS};
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::{Host, Milliseconds};

/// What is stored of the account and of the session that asks.
pub(super) struct Stored {
    pub email: Option<String>,
    pub password_hash: Option<String>,
    pub is_anonymous: bool,
    pub session_created_at: Milliseconds,
    /// Whether the account has a second factor which the session has not shown.
    pub is_below: bool,
    pub amr: String,
    /// The id of the row that stands for the code which was sent.
    pub nonce_id: Option<String>,
    /// Whether the new password is on the list of common passwords.
    pub is_common: bool,
}

/// Reads what the change depends on. A code that is given has one attempt less afterwards.
pub(super) async fn read<H: Host>(
    host: &H,
    call: &Call<'_>,
    change: &Change,
    now: Milliseconds,
) -> Result<Stored, Error> {
    let user = call.user()?;
    let since = now.saturating_sub(CODE_MILLISECONDS);
    let is_tried = change.nonce.is_some() && change.password.is_some();
    let count = Statement::fixed(
        "update auth_one_time_tokens set attempts = attempts + 1
         where user_id = ?1 and purpose = 'reauthentication' and ?4 = 'tried'
           and attempts < cast(?2 as integer) and created_at > cast(?3 as integer)
         returning json_object('id', id) as row",
        vec![
            Some(user.id.clone()),
            Some(one_time::ATTEMPTS_MAX.to_owned()),
            Some(since.to_string()),
            Some(if is_tried { "tried" } else { "" }.to_owned()),
        ],
    );
    let read = Statement::fixed(
        "select json_object('email', auth_users.email, 'password_hash', password_hash,
           'is_anonymous', is_anonymous, 'amr', json(amr),
           'session_created_at', auth_sessions.created_at,
           'is_below', aal = 'aal1' and exists (select 1 from auth_factors
             where auth_factors.user_id = ?1 and auth_factors.status = 'verified')) as row
         from auth_users join auth_sessions on auth_sessions.user_id = auth_users.id
         where auth_users.id = ?1 and auth_sessions.id = ?2",
        vec![Some(user.id.clone()), Some(user.session_id.clone())],
    );
    let mut batch = vec![user.session_guard(), count, read];
    if change.current_password.is_some() || is_tried {
        batch.push(Counter::new(call.config, CURRENT_PASSWORD, &[&user.id]).count(now, None));
    }
    batch.extend(change.password.as_ref().map(new_password::question));
    let rows = ask(host, batch).await?;
    let is_common = |password| new_password::is_common(rows.last(), password);
    let is_common = change.password.as_ref().is_some_and(is_common);
    let nonce_id = first_row(&rows, 1, |row| row.text("id").ok()?)?;
    let stored = first_row(&rows, 2, |row| {
        Some(Stored {
            email: row.text("email").ok()?,
            password_hash: row.text("password_hash").ok()?,
            is_anonymous: row.integer("is_anonymous").ok()?? != 0,
            session_created_at: row.integer("session_created_at").ok()??,
            is_below: row.integer("is_below").ok()?? != 0,
            amr: row.raw("amr")?.to_owned(),
            nonce_id: None,
            is_common: false,
        })
    })?;
    let stored = stored.ok_or_else(|| Error::unexpected("a session without its account"))?;
    if stored.is_below {
        return Err(Error::new(
            Code::AalTooLow,
            "AAL2 session is required to update email or password when MFA is enabled.",
        ));
    }
    Ok(Stored { nonce_id, is_common, ..stored })
}
