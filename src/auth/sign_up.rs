//! `POST /auth/v1/signup`: a new account and its first session. The address counts as confirmed.

use super::account::{Address, USER_METADATA_BYTES_MAX};
use super::audit::Action;
use super::call::{Call, invalid, phone_refused};
use super::database::{ask, first_row, hasher_error, new_uuid};
use super::new_password;
use super::session::{Entry, Found, Method};
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::Response;
use crate::secret::Secret;
use crate::uuid;

/// The members that are read; nothing else of an account can be set here.
struct Body {
    email: Option<String>,
    phone: Option<String>,
    password: Option<String>,
    data: Option<String>,
}

/// A body of which every part is acceptable.
struct NewAccount {
    address: Address,
    password: Secret,
    user_metadata: String,
}

/// One hash and two round trips, whether or not the address is taken: one for the password's rules.
pub(super) async fn serve<H: Host>(host: &H, call: &Call<'_>) -> Result<Response<H::Rows>, Error> {
    if call.config.accounts.signup_disabled {
        return Err(Error::new(Code::SignupDisabled, "Signups not allowed for this instance"));
    }
    let new = check(call.body(|body| {
        Ok(Body {
            email: body.text("email")?,
            phone: body.text("phone")?,
            password: body.text("password")?,
            data: body.raw("data").map(str::to_owned),
        })
    })?)?;
    new_password::check(host, call.config, &new.password, Some(new.address.as_str())).await?;
    let hash = host.hash_password(&new.password).await.map_err(hasher_error)?;
    let user_id = uuid::format(&new_uuid(host));
    let mut entry = Entry::new(host, call, Method::Password);
    entry.action = Action::UserSignedUp;
    let rows = ask(host, entry.after(insert(new, &user_id, hash, &entry), &user_id)).await?;
    let taken = || Error::new(Code::UserAlreadyExists, "User already registered");
    let found = first_row(&rows, 3, Found::read)?.ok_or_else(taken)?;
    found.session(entry.now, taken)?.respond(call.config, entry.now)
}

/// The account and its identity; neither where the address is taken.
fn insert(new: NewAccount, user_id: &str, hash: String, entry: &Entry) -> Vec<Statement> {
    let (id, address) = (Some(user_id.to_owned()), Some(new.address.as_str().to_owned()));
    let now = Some(entry.now.to_string());
    let account = Statement::fixed(
        "insert into auth_users (
           id, email, password_hash, email_confirmed_at, last_sign_in_at,
           app_metadata, user_metadata, created_at, updated_at
         ) values (
           ?1, ?2, ?3, cast(?4 as integer), cast(?4 as integer),
           '{\"provider\":\"email\",\"providers\":[\"email\"]}',
           json_set(?5, '$.email_verified', json('true')),
           cast(?4 as integer), cast(?4 as integer)
         ) on conflict (email) do nothing",
        vec![id.clone(), address.clone(), Some(hash), now.clone(), Some(new.user_metadata)],
    );
    let identity = Statement::fixed(
        "insert into auth_identities (
           id, user_id, provider, subject, email, identity_data,
           last_sign_in_at, created_at, updated_at
         )
         select ?1, id, 'email', id, ?2,
           json_object('email', ?2, 'email_verified', json('true'),
             'phone_verified', json('false'), 'sub', id),
           cast(?3 as integer), cast(?3 as integer), cast(?3 as integer)
         from auth_users where id = ?4 and changes() = 1",
        vec![id.clone(), address, now, id],
    );
    vec![account, identity]
}

fn check(body: Body) -> Result<NewAccount, Error> {
    if body.phone.is_some_and(|phone| !phone.is_empty()) {
        return Err(phone_refused());
    }
    let email = body.email.filter(|email| !email.is_empty()).ok_or_else(|| {
        Error::new(Code::AnonymousProviderDisabled, "Anonymous sign-ins are disabled")
    })?;
    let address = Address::parse(&email)
        .ok_or_else(|| invalid("Unable to validate email address: invalid format"))?;
    let password = body.password.filter(|password| !password.is_empty());
    let password = password.ok_or_else(|| invalid("Signup requires a valid password"))?;
    let user_metadata = body.data.unwrap_or_else(|| "{}".to_owned());
    if !user_metadata.starts_with('{') {
        return Err(invalid("data must be an object"));
    }
    if user_metadata.len() > USER_METADATA_BYTES_MAX {
        return Err(invalid(format!("data is larger than {USER_METADATA_BYTES_MAX} bytes")));
    }
    Ok(NewAccount { address, password: Secret::new(password), user_metadata })
}
