//! `PUT /auth/v1/user`: what users change of their own accounts.
//!
//! What a change of address or password depends on is looked at first; the change refuses if that is
//! no longer so.

mod address;
mod password;
mod stored;

use self::address::set_address;
use self::password::{check_password, set_password};
use self::stored::Stored;
use super::user::account;
use super::{Address, Metadata, read_account};
use crate::auth::audit::{Action, Note};
use crate::auth::call::{Call, phone_refused};
use crate::auth::database::{ask, hasher_error};
use crate::auth::{flow, new_password};
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::{Host, Milliseconds};
use crate::http::Response;
use crate::http::json::{JsonError, Object};
use crate::secret::Secret;

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

/// One round trip; another one in front of it for an address or a password.
pub(super) async fn serve<H: Host>(host: &H, call: &Call<'_>) -> Result<Response<H::Rows>, Error> {
    let user = call.user()?;
    let change = check(call.body(Body::read)?)?;
    let now = host.now();
    let mut batch = vec![user.session_guard()];
    if change.address.is_some() || change.password.is_some() {
        let stored = stored::read(host, call, &change, now).await?;
        if let Some(password) = &change.password {
            check_password(host, call, &change, &stored, password).await?;
            let address = change.address.as_ref().map(Address::as_str);
            let address = address.or(stored.email.as_deref());
            new_password::check_asked(host, call.config, password, address, stored.is_common)
                .await?;
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

fn touch(user_id: &str, now: Milliseconds) -> Statement {
    Statement::fixed(
        "update auth_users set updated_at = cast(?2 as integer) where id = ?1",
        vec![Some(user_id.to_owned()), Some(now.to_string())],
    )
}
