//! `POST /auth/v1/token?grant_type=password`: a session for an address and its password.
//!
//! An unknown address, an address that is none, and a wrong password take the same path: one read,
//! one comparison, one answer. Only the right password leads further. How often it may be tried is
//! the same for all of them, too.

use super::abuse::Tries;
use super::account::{Address, may_be_entered};
use super::call::{Call, invalid, phone_refused};
use super::database::{ask, first_row, hasher_error};
use super::new_password;
use super::session::{Entry, Found, Method};
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::Response;
use crate::password::{DUMMY, PASSWORD_BYTES_MAX, Verdict};
use crate::secret::Secret;

struct Body {
    email: Option<String>,
    phone: Option<String>,
    password: Option<String>,
}

/// What is stored of an account that someone wants to enter.
struct Stored {
    id: String,
    password_hash: Option<String>,
}

/// An account whose password was given.
struct Proven<'a> {
    id: String,
    password: &'a Secret,
    address: Option<&'a str>,
    /// The hash that was compared with.
    hash: String,
    /// A hash with the current parameters, if that one is outdated.
    replacement: Option<String>,
}

/// Two round trips, since the password is compared between them.
pub(super) async fn serve<H: Host>(host: &H, call: &Call<'_>) -> Result<Response<H::Rows>, Error> {
    let body = call.body(|body| {
        Ok(Body {
            email: body.text("email")?,
            phone: body.given("phone")?,
            password: body.text("password")?,
        })
    })?;
    if body.phone.is_some() {
        return Err(phone_refused());
    }
    if !call.config.accounts.by_email {
        return Err(Error::new(Code::EmailProviderDisabled, "Email logins are disabled"));
    }
    let Some(email) = body.email else {
        return Err(invalid("missing email or phone"));
    };
    let password = Secret::new(body.password.unwrap_or_default());
    if password.expose().len() > PASSWORD_BYTES_MAX {
        // No account has such a password, so this tells nothing about any.
        return Err(invalid_credentials());
    }
    let address = Address::parse(&email);
    let address = address.as_ref().map(Address::as_str);
    let tries = Tries::of_password(call, address.unwrap_or(&email));
    let entry = Entry::new(host, call, Method::Password);
    let stored = read(host, address, &entry, &tries).await?;
    let hash = stored.as_ref().and_then(|stored| stored.password_hash.as_deref());
    let verdict = host.verify_password(&password, hash.unwrap_or(DUMMY)).await;
    let replacement = match verdict.map_err(hasher_error)? {
        Verdict::Wrong => return Err(invalid_credentials()),
        Verdict::Right => None,
        Verdict::RightButOutdated => {
            Some(host.hash_password(&password).await.map_err(hasher_error)?)
        }
    };
    // Should somebody learn the dummy's password, it still opens nothing.
    let Some(Stored { id, password_hash: Some(hash) }) = stored else {
        return Err(invalid_credentials());
    };
    let proven = Proven { id, password: &password, address, hash, replacement };
    enter(host, call, proven, (&entry, &tries)).await
}

/// What waits with a sign-up is compared with, too, but opens nothing: whoever knows the password of the
/// newest one is told that its address has yet to be confirmed.
async fn read<H: Host>(
    host: &H,
    address: Option<&str>,
    entry: &Entry,
    tries: &Tries,
) -> Result<Option<Stored>, Error> {
    let statement = Statement::fixed(
        "select json_object('id', id, 'password_hash', coalesce(password_hash, (
           select waiting.password_hash from auth_one_time_tokens as waiting
           where user_id = auth_users.id and purpose = 'signup'
             and waiting.password_hash is not null
             and is_open = 1 and email_confirmed_at is null
           order by waiting.created_at desc limit 1
         ))) as row
         from auth_users where email = ?1",
        vec![address.map(str::to_owned)],
    );
    let mut batch = vec![statement, entry.attempt(address)];
    batch.extend(tries.begin(entry.now));
    first_row(&ask(host, batch).await?, 0, |row| {
        Some(Stored { id: row.text("id").ok()??, password_hash: row.text("password_hash").ok()? })
    })
}

/// Begins a session, if the account still has the hash that was compared with: the comparison takes
/// long enough for the password to be changed meanwhile. Whoever has come in is told if the password is
/// weaker than a new one may be.
async fn enter<H: Host>(
    host: &H,
    call: &Call<'_>,
    Proven { id, password, address, hash, replacement }: Proven<'_>,
    (entry, tries): (&Entry, &Tries),
) -> Result<Response<H::Rows>, Error> {
    let note = Statement::fixed(
        concat!(
            "update auth_users set
               last_sign_in_at = cast(?4 as integer),
               password_hash = coalesce(?3, password_hash)
             where id = ?1 and password_hash = ?2 and email_confirmed_at is not null and ",
            may_be_entered!("?4")
        ),
        vec![Some(id.clone()), Some(hash), replacement, Some(entry.now.to_string())],
    );
    let mut batch = entry.after(vec![note], &id);
    batch.extend(tries.succeed(entry.now, &entry.session_id));
    batch.push(new_password::question(password));
    let rows = ask(host, batch).await?;
    let found = first_row(&rows, 2, Found::read)?.ok_or_else(invalid_credentials)?;
    if found.account.time("email_confirmed_at").is_none() {
        return Err(Error::new(Code::EmailNotConfirmed, "Email not confirmed"));
    }
    let session = found.session(entry.now, invalid_credentials)?;
    let weak = new_password::weakness(call.config, password, address, rows.last());
    session.respond_with(call.config, entry.now, &|view| {
        if let Some(weak) = &weak {
            view.member("weak_password", weak);
        }
    })
}

/// The one answer to everything that does not fit together.
fn invalid_credentials() -> Error {
    Error::new(Code::InvalidCredentials, "Invalid login credentials")
}
