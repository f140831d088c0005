//! `PUT /auth/v1/user`: what users change of their own accounts.
//!
//! Metadata take one round trip. An address or a password takes two, since the account is looked at
//! between; the second refuses if it has changed meanwhile.

use super::user::account;
use super::{Address, Metadata, end_codes, end_links, read_account};
use crate::auth::abuse::{CURRENT_PASSWORD, Counter};
use crate::auth::audit::{Action, Note};
use crate::auth::call::{Call, invalid, phone_refused};
use crate::auth::database::{ask, first_row, hasher_error};
use crate::auth::new_password;
use crate::auth::one_time::{self, CODE_MILLISECONDS};
use crate::auth::{flow, outbox, redirect};
use crate::db::{Batch, Statement};
use crate::error::{Code, Error};
use crate::host::{Host, Milliseconds};
use crate::http::Response;
use crate::http::json::{JsonError, Object};
use crate::mail::Kind;
use crate::password::{PASSWORD_BYTES_MAX, Verdict};
use crate::secret::Secret;

/// For how long a session may change the password without a code, where codes are asked for.
const SESSION_IS_YOUNG: Milliseconds = 86_400_000;

/// Members that only the service role may write, elsewhere.
const FOR_ADMINS: [&str; 7] = [
    "app_metadata",
    "role",
    "aud",
    "email_confirm",
    "phone_confirm",
    "ban_duration",
    "password_hash",
];

/// The request, as it was sent.
struct Body {
    email: Option<String>,
    phone: Option<String>,
    password: Option<String>,
    current_password: Option<String>,
    nonce: Option<String>,
    data: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
    is_for_admins: bool,
}

impl Body {
    fn read(body: &Object<'_>) -> Result<Self, JsonError> {
        Ok(Self {
            email: body.given("email")?,
            phone: body.given("phone")?,
            password: body.text("password")?,
            current_password: body.given("current_password")?,
            nonce: body.given("nonce")?,
            data: body.raw("data").map(str::to_owned),
            code_challenge: body.given("code_challenge")?,
            code_challenge_method: body.given("code_challenge_method")?,
            is_for_admins: FOR_ADMINS.iter().any(|name| body.raw(name).is_some()),
        })
    }
}

/// A body of which every part is acceptable by itself.
struct Change {
    address: Option<Address>,
    password: Option<Secret>,
    current_password: Option<Secret>,
    nonce: Option<String>,
    metadata: Option<Metadata>,
    code_challenge: Option<String>,
}

/// What is stored of the account and of the session that asks.
struct Stored {
    email: Option<String>,
    password_hash: Option<String>,
    is_anonymous: bool,
    session_created_at: Milliseconds,
    /// Whether the account has a second factor which the session has not shown.
    is_below: bool,
    amr: String,
    /// The id of the row that stands for the code which was sent.
    nonce_id: Option<String>,
}

pub(super) async fn serve<H: Host>(host: &H, call: &Call<'_>) -> Result<Response<H::Rows>, Error> {
    let user = call.user()?;
    let change = check(call.body(Body::read)?)?;
    let now = host.now();
    let mut batch = vec![user.session_guard()];
    if change.address.is_some() || change.password.is_some() {
        let stored = read(host, call, &change, now).await?;
        if let Some(password) = &change.password {
            check_password(host, call, &change, &stored, password).await?;
            let address = change.address.as_ref().map(Address::as_str);
            let address = address.or(stored.email.as_deref());
            new_password::check(host, call.config, password, address).await?;
            let hash = host.hash_password(password).await.map_err(hasher_error)?;
            batch.extend(set_password(host, call, hash, &stored)?);
        }
        batch.extend(set_address(host, call, &change, &stored, now)?);
    }
    batch.extend(change.metadata.map(|metadata| metadata.merge_into(&user.id)));
    batch.push(touch(&user.id, now));
    batch.push(Note::new(host, call, Action::UserModified, &[]).if_changed());
    batch.push(read_account(&user.id));
    let place = batch.len().saturating_sub(1);
    host.later();
    let rows = ask(host, batch).await?;
    Ok(Response::json(200, account(&rows, place)?.user()))
}

fn check(body: Body) -> Result<Change, Error> {
    if body.is_for_admins {
        return Err(Error::new(
            Code::NotAdmin,
            "Updating this part of an account requires admin privileges",
        ));
    }
    if body.phone.is_some() {
        return Err(phone_refused());
    }
    Ok(Change {
        address: body.email.as_deref().map(Address::read).transpose()?,
        password: body.password.map(Secret::new),
        current_password: body.current_password.map(Secret::new),
        nonce: body.nonce,
        metadata: body.data.map(|data| Metadata::read(Some(&data))).transpose()?,
        code_challenge: flow::challenge(body.code_challenge, body.code_challenge_method)?,
    })
}

/// Reads what the change depends on. A code that is given has one attempt less afterwards.
async fn read<H: Host>(
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
    let rows = ask(host, batch).await?;
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
        })
    })?;
    let stored = stored.ok_or_else(|| Error::unexpected("a session without its account"))?;
    if stored.is_below {
        return Err(Error::new(
            Code::AalTooLow,
            "AAL2 session is required to update email or password when MFA is enabled.",
        ));
    }
    Ok(Stored { nonce_id, ..stored })
}

/// Whether this session may set that password.
async fn check_password<H: Host>(
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

/// A new password ends every other session and everything that was sent by mail, and its owner is told.
fn set_password<H: Host>(
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

/// Asks for another address, or sets it where nobody needs to agree. Only there a taken one is refused, which
/// the database does; else its owner gets a letter, and whoever asks is told what is told of a free one.
fn set_address<H: Host>(
    host: &H,
    call: &Call<'_>,
    change: &Change,
    stored: &Stored,
    now: Milliseconds,
) -> Result<Batch, Error> {
    let user = call.user()?;
    let Some(address) = &change.address else { return Ok(Vec::new()) };
    if stored.email.as_deref() == Some(address.as_str()) {
        return Ok(Vec::new());
    }
    let settings = &call.config.accounts;
    let wait = Statement::fixed(
        "update auth_users set new_email = ?2, email_change_sent_at = cast(?3 as integer)
         where id = ?1",
        vec![Some(user.id.clone()), Some(address.as_str().to_owned()), Some(now.to_string())],
    );
    let both = settings.both_agree_to_change;
    // That addresses need no confirmation is no reason for the present one not to be asked.
    if settings.autoconfirm && (stored.email.is_none() || !both) {
        let mut batch = vec![wait];
        batch.extend(one_time::change_at_once(host, &user.id, address.as_str(), now));
        return Ok(batch);
    }
    let redirect_to = redirect::target(call);
    let asked = (redirect_to.as_str(), change.code_challenge.as_deref());
    let mut batch = one_time::throttle(call, address.as_str(), now);
    batch.push(wait);
    batch.extend(one_time::change_of_address(host, &user.id, asked, both, now));
    batch.push(outbox::post_account_exists(host, address.as_str(), ""));
    Ok(batch)
}

fn touch(user_id: &str, now: Milliseconds) -> Statement {
    Statement::fixed(
        "update auth_users set updated_at = cast(?2 as integer) where id = ?1",
        vec![Some(user_id.to_owned()), Some(now.to_string())],
    )
}
