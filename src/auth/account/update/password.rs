//! Another password: who may set it, and what ends with the one before.

use super::{Change, Stored};
use crate::auth::account::{end_codes, end_links};
use crate::auth::audit::{Action, Note};
use crate::auth::call::{Call, invalid};
use crate::auth::database::hasher_error;
use crate::auth::{one_time, outbox};
use crate::db::{Batch, Statement};
use crate::error::{Code, Error};
use crate::host::{Host, Milliseconds};
use crate::mail::Kind;
use crate::password::{PASSWORD_BYTES_MAX, Verdict};
use crate::secret::Secret;

/// For how long a session may change the password without a code, where codes are asked for: a day.
const SESSION_IS_YOUNG: Milliseconds = 86_400_000;

/// Whether this session may set that password.
pub(super) async fn check_password<H: Host>(
    host: &H,
    call: &Call<'_>,
    change: &Change,
    stored: &Stored,
    password: &Secret,
) -> Result<(), Error> {
    let settings = &call.config.accounts;
    if stored.is_anonymous && stored.email.is_none() && change.address.is_none() {
        return Err(invalid(
            "Updating password of an anonymous user without an email or phone is not allowed",
        ));
    }
    // Whoever comes by way of a forgotten password does not know it.
    let is_recovery = stored.amr.contains(r#""method":"recovery""#);
    if let Some(hash) = &stored.password_hash {
        match &change.current_password {
            Some(current) => check_current(host, current, hash).await?,
            None if settings.ask_current_password && !is_recovery => {
                return Err(Error::new(
                    Code::CurrentPasswordRequired,
                    "Current password required when setting new password",
                ));
            }
            None => {}
        }
    }
    let since = host.now().saturating_sub(SESSION_IS_YOUNG);
    if settings.reauthenticate && stored.session_created_at <= since {
        let Some(nonce) = &change.nonce else {
            return Err(Error::new(
                Code::ReauthenticationNeeded,
                "Password update requires reauthentication",
            ));
        };
        let id = stored.nonce_id.as_deref().unwrap_or_default();
        if !one_time::code_is_right(id, nonce, call.config) {
            return Err(Error::new(
                Code::ReauthenticationNotValid,
                "Nonce has expired or is invalid",
            ));
        }
    }
    if let Some(hash) = &stored.password_hash
        && host.verify_password(password, hash).await.map_err(hasher_error)? != Verdict::Wrong
    {
        return Err(Error::new(
            Code::SamePassword,
            "New password should be different from the old password.",
        ));
    }
    Ok(())
}

async fn check_current<H: Host>(host: &H, current: &Secret, hash: &str) -> Result<(), Error> {
    let is_right = current.expose().len() <= PASSWORD_BYTES_MAX
        && host.verify_password(current, hash).await.map_err(hasher_error)? != Verdict::Wrong;
    if is_right {
        return Ok(());
    }
    Err(Error::new(Code::CurrentPasswordInvalid, "Current password is not valid"))
}

/// A new password ends every other session and everything that was sent by mail, and its owner is
/// told.
pub(super) fn set_password<H: Host>(
    host: &H,
    call: &Call<'_>,
    hash: String,
    stored: &Stored,
) -> Result<Batch, Error> {
    let user = call.user()?;
    let id = Some(user.id.clone());
    // A code that was looked at must not have been used by another request since.
    let unused = Statement::fixed(
        "select case when ?1 is not null and not exists (
           select 1 from auth_one_time_tokens where id = ?1
         ) then json_extract('{}', 'selvedge:conflict') end as row",
        vec![stored.nonce_id.clone()],
    );
    let set = Statement::fixed(
        "update auth_users set
           password_hash = case when password_hash is ?2 then ?3
             else json_extract('{}', 'selvedge:conflict') end
         where id = ?1",
        vec![id.clone(), stored.password_hash.clone(), Some(hash)],
    );
    let end_others = Statement::fixed(
        "delete from auth_sessions where user_id = ?1 and id <> ?2",
        vec![id, Some(user.session_id.clone())],
    );
    let (end_links, end_codes) = (end_links(&user.id), end_codes(&user.id));
    let notify = outbox::post_notice(host, Kind::PasswordChanged, &user.id, "{}");
    let note = Note::new(host, call, Action::UserUpdatedPassword, &[]).if_changed();
    Ok(vec![unused, set, note, notify, end_others, end_links, end_codes])
}
