//! `POST /auth/v1/signup`: a new account and its first session. The address counts as confirmed.

use super::account::{Account, account_json};
use super::email::Address;
use super::refresh_token::RefreshToken;
use super::session::Session;
use super::{ask, first_row, hasher_error, new_uuid, phone_refused, read_body};
use crate::config::Config;
use crate::db::Statement;
use crate::error::{Code, Details, Error};
use crate::host::Host;
use crate::http::{Request, Response};
use crate::password::{PASSWORD_BYTES_MAX, PASSWORD_CHARACTERS_MIN};
use crate::secret::Secret;
use crate::uuid;

/// The most bytes of `data`. It becomes the user's metadata, which rides in every access token.
pub const USER_METADATA_BYTES_MAX: usize = 4096;

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

/// One hash and one round trip, whether or not the address is taken.
pub(super) async fn serve<H: Host>(
    host: &H,
    config: &Config,
    request: &Request,
) -> Result<Response<H::Rows>, Error> {
    if config.signup_disabled {
        return Err(Error::new(Code::SignupDisabled, "Signups not allowed for this instance"));
    }
    let new = check(read_body(request, |body| {
        Ok(Body {
            email: body.text("email")?,
            phone: body.text("phone")?,
            password: body.text("password")?,
            data: body.raw("data").map(str::to_owned),
        })
    })?)?;
    let hash = host.hash_password(&new.password).await.map_err(hasher_error)?;
    let (user_id, session_id) = (uuid::format(&new_uuid(host)), new_uuid(host));
    let now = host.now();
    let insert_account = Statement::fixed(
        concat!(
            "insert into auth_users (
               id, email, password_hash, email_confirmed_at, last_sign_in_at,
               app_metadata, user_metadata, created_at, updated_at
             ) values (
               ?1, ?2, ?3, cast(?4 as integer), cast(?4 as integer),
               '{\"provider\":\"email\",\"providers\":[\"email\"]}',
               json_set(?5, '$.email_verified', json('true')),
               cast(?4 as integer), cast(?4 as integer)
             ) on conflict (email) do nothing returning ",
            account_json!(),
            " as row"
        ),
        vec![
            Some(user_id.clone()),
            Some(new.address.as_str().to_owned()),
            Some(hash),
            Some(now.to_string()),
            Some(new.user_metadata),
        ],
    );
    // Where the address was taken there is no account of the new id, hence no session.
    let insert_session = Statement::fixed(
        "insert into auth_sessions (id, user_id, refreshed_at, created_at)
         select ?1, id, cast(?3 as integer), cast(?3 as integer) from auth_users where id = ?2",
        vec![Some(uuid::format(&session_id)), Some(user_id), Some(now.to_string())],
    );
    let rows = ask(host, vec![insert_account, insert_session]).await?;
    let account = first_row(&rows, 0, Account::read)?
        .ok_or_else(|| Error::new(Code::UserAlreadyExists, "User already registered"))?;
    let refresh_token = RefreshToken { session_id, counter: 0 };
    Session { account, refresh_token, signed_in_at: now }.respond(config, now)
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
    check_strength(&password)?;
    let user_metadata = body.data.unwrap_or_else(|| "{}".to_owned());
    if !user_metadata.starts_with('{') {
        return Err(invalid("data must be an object"));
    }
    if user_metadata.len() > USER_METADATA_BYTES_MAX {
        return Err(invalid(&format!("data is larger than {USER_METADATA_BYTES_MAX} bytes")));
    }
    Ok(NewAccount { address, password: Secret::new(password), user_metadata })
}

fn invalid(message: &str) -> Error {
    Error::new(Code::ValidationFailed, message)
}

/// Length is the only rule: composition rules make passwords worse (NIST SP 800-63B 5.1.1.2).
fn check_strength(password: &str) -> Result<(), Error> {
    let message = if password.chars().count() < PASSWORD_CHARACTERS_MIN {
        format!("Password should be at least {PASSWORD_CHARACTERS_MIN} characters.")
    } else if password.len() > PASSWORD_BYTES_MAX {
        format!("Password should be at most {PASSWORD_BYTES_MAX} bytes.")
    } else {
        return Ok(());
    };
    Err(Error::new(Code::WeakPassword, message)
        .details(Details::Json(r#"{"reasons":["length"]}"#.to_owned())))
}
