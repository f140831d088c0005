//! What the owner's server may say of an account. Every other member of a body has no effect.

use crate::auth::account::{Address, Metadata};
use crate::auth::call::{Call, invalid, phone_refused};
use crate::auth::database::hasher_error;
use crate::auth::new_password;
use crate::config::Config;
use crate::error::Error;
use crate::host::{Host, Milliseconds};
use crate::http::json::{JsonError, Object};
use crate::identity::Role;
use crate::password::is_hash;
use crate::secret::Secret;
use crate::time::duration;
use crate::uuid;

/// The members as they were sent.
struct Body {
    id: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    password: Option<String>,
    password_hash: Option<String>,
    role: Option<String>,
    ban_duration: Option<String>,
    email_confirm: Option<bool>,
    user_metadata: Option<String>,
    app_metadata: Option<String>,
}

impl Body {
    fn read(body: &Object<'_>) -> Result<Self, JsonError> {
        Ok(Self {
            id: body.given("id")?,
            email: body.given("email")?,
            phone: body.given("phone")?,
            password: body.given("password")?,
            password_hash: body.given("password_hash")?,
            role: body.given("role")?,
            ban_duration: body.given("ban_duration")?,
            email_confirm: body.boolean("email_confirm")?,
            user_metadata: body.raw("user_metadata").map(str::to_owned),
            app_metadata: body.raw("app_metadata").map(str::to_owned),
        })
    }
}

/// A body of which every part is acceptable; what is `None` stays as it is.
pub(super) struct Wish {
    /// For a new account only.
    pub id: Option<String>,
    pub address: Option<Address>,
    /// Whether the address is to count as confirmed.
    pub confirmed: bool,
    pub user_metadata: Option<Metadata>,
    pub app_metadata: Option<Metadata>,
    /// Until when the account may not be entered; 0 for no ban.
    pub banned_until: Option<Milliseconds>,
    password: Option<Password>,
}

enum Password {
    Plain(Secret),
    Hashed(String),
}

impl Wish {
    /// Reads a body.
    ///
    /// # Errors
    /// 400 or 422 with the first part that is not acceptable.
    pub(super) fn read(call: &Call<'_>, now: Milliseconds) -> Result<Self, Error> {
        let body = call.body(Body::read)?;
        if body.phone.is_some() {
            return Err(phone_refused());
        }
        // A token's role is chosen by how it was got, so no account has one of its own.
        if body.role.is_some_and(|role| role != Role::Authenticated.name()) {
            return Err(invalid("role can be nothing but authenticated"));
        }
        if body.id.as_deref().is_some_and(|id| !is_good_id(id)) {
            return Err(invalid("ID must conform to the uuid v4 format"));
        }
        Ok(Self {
            id: body.id,
            address: body.email.as_deref().map(Address::read).transpose()?,
            confirmed: body.email_confirm.unwrap_or(false),
            user_metadata: body
                .user_metadata
                .map(|text| Metadata::read(Some(&text)))
                .transpose()?,
            app_metadata: body
                .app_metadata
                .map(|text| Metadata::read_for_app(&text))
                .transpose()?,
            banned_until: body.ban_duration.map(|text| banned_until(&text, now)).transpose()?,
            password: password(body.password, body.password_hash)?,
        })
    }

    /// The hash of the password, if there is one. A password is hashed here, which takes its time.
    pub(super) async fn password_hash<H: Host>(
        &mut self,
        host: &H,
        config: &Config,
    ) -> Result<Option<String>, Error> {
        let address = self.address.as_ref().map(Address::as_str);
        Ok(match self.password.take() {
            None => None,
            Some(Password::Hashed(hash)) => Some(hash),
            Some(Password::Plain(password)) => {
                new_password::check(host, config, &password, address).await?;
                Some(host.hash_password(&password).await.map_err(hasher_error)?)
            }
        })
    }
}

/// A UUID in its one form, and not the one that means nobody.
fn is_good_id(text: &str) -> bool {
    uuid::parse(text).is_some_and(|id| id != uuid::Uuid::default())
}

fn password(plain: Option<String>, hash: Option<String>) -> Result<Option<Password>, Error> {
    match (plain, hash) {
        (Some(_), Some(_)) => Err(invalid("Only a password or a password hash should be provided")),
        (Some(plain), None) => Ok(Some(Password::Plain(Secret::new(plain)))),
        (None, Some(hash)) if is_hash(&hash) => Ok(Some(Password::Hashed(hash))),
        (None, Some(_)) => Err(invalid(
            "password_hash is not an Argon2id PHC string of version 19 within the limits; \
             hashes of bcrypt, scrypt and others are not compared with",
        )),
        (None, None) => Ok(None),
    }
}

fn banned_until(text: &str, now: Milliseconds) -> Result<Milliseconds, Error> {
    if text == "none" {
        return Ok(0);
    }
    let banned_for = duration(text).filter(|milliseconds| *milliseconds > 0);
    banned_for
        .map(|milliseconds| now.saturating_add(milliseconds))
        .ok_or_else(|| invalid("ban_duration is neither none nor a duration such as 24h or 1h30m"))
}
