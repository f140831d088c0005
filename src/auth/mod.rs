//! Who is asking, and how one becomes somebody: the Supabase Auth dialect.
//!
//! - An **access token** is a signed statement of who its bearer is, for an hour. It is checked
//!   without the database ([`identify`]); whether its session has ended is asked in the batch that
//!   serves the request.
//! - An **API key** is such a token without a user: `anon` or `service_role`.
//! - A **session** is what signing in begins and signing out ends: a row with a counter.
//! - A **refresh token** names a session and a counter, and buys the next access token.
//!
//! Each endpoint is one file with one `serve`: read the request into a type, ask the database once,
//! answer. Nothing here knows a platform or renders an error.

mod identify;
mod token;
mod key;

mod sign_up;
mod sign_in;
mod refresh;
mod user;
mod sign_out;
mod settings;
mod health;
mod jwks;

mod session;
mod refresh_token;
mod account;
mod email;

pub use identify::identify;
pub use refresh::REUSE_MILLISECONDS;
pub use sign_up::USER_METADATA_BYTES_MAX;
pub use token::{TOKEN_BYTES_MAX, TokenError, api_key, sign};

use crate::config::Config;
use crate::db::{Batch, DbError, Rows};
use crate::error::{Code, Error};
use crate::host::{HasherUnavailable, Host};
use crate::http::encoding::query_pairs;
use crate::http::json::{JsonError, Object};
use crate::http::{Request, RequestBody, Response};
use crate::identity::{Identity, SESSION_ENDED, User};
use crate::route::Endpoint;
use crate::uuid::{self, Uuid};

/// Answers a request to an endpoint whose method has been checked.
///
/// # Errors
/// Every refusal, for the corridor to render.
pub async fn serve<H: Host>(
    host: &H,
    config: &Config,
    endpoint: Endpoint,
    identity: &Identity,
    request: &Request,
) -> Result<Response<H::Rows>, Error> {
    match endpoint {
        Endpoint::Signup => sign_up::serve(host, config, request).await,
        Endpoint::Token => match parameter(request, "grant_type")?.as_deref() {
            Some("password") => sign_in::serve(host, config, request).await,
            Some("refresh_token") => refresh::serve(host, config, request).await,
            _ => Err(Error::new(Code::InvalidCredentials, "unsupported_grant_type")),
        },
        Endpoint::User => user::serve(host, identity).await,
        Endpoint::Logout => sign_out::serve(host, identity, request).await,
        Endpoint::Settings => Ok(settings::serve(config)),
        Endpoint::Health => Ok(health::serve()),
        Endpoint::Jwks => Ok(jwks::serve()),
    }
}

/// The user, where the endpoint is for users; an API key is nobody's.
fn require_user(identity: &Identity) -> Result<&User, Error> {
    identity.user().ok_or_else(|| {
        Error::new(Code::NoAuthorization, "This endpoint requires a valid Bearer token")
            .header("www-authenticate", "Bearer")
    })
}

/// A parameter of the query, which may be given once.
fn parameter(request: &Request, name: &str) -> Result<Option<String>, Error> {
    let pairs = query_pairs(&request.query)
        .map_err(|_| Error::new(Code::BadEncoding, "the query is not valid percent-encoding"))?;
    let mut values = pairs.into_iter().filter(|(other, _)| other == name);
    let first = values.next();
    if values.next().is_some() {
        return Err(Error::new(Code::ValidationFailed, format!("{name} is given twice")));
    }
    Ok(first.map(|(_, value)| value.unwrap_or_default()))
}

/// The body, an object, as what `read` makes of it. What is wrong with it is not repeated, since it
/// may hold a password.
fn read_body<T>(
    request: &Request,
    read: fn(&Object<'_>) -> Result<T, JsonError>,
) -> Result<T, Error> {
    match &request.body {
        RequestBody::TooLarge => {
            Err(Error::new(Code::BodyTooLarge, "the body is larger than 1 MiB"))
        }
        RequestBody::Bytes(bytes) => Object::read(bytes)
            .and_then(|body| read(&body))
            .map_err(|_| Error::new(Code::BadJson, "Could not parse request body as JSON")),
    }
}

/// Runs a batch. That it fails means the end of the session or trouble, and no fault of the client.
async fn ask<H: Host>(host: &H, batch: Batch) -> Result<Vec<H::Rows>, Error> {
    host.batch(batch).await.map_err(|error| match error {
        DbError::Raised { marker } if marker == SESSION_ENDED => {
            Error::new(Code::SessionNotFound, "Session from session_id claim in JWT does not exist")
        }
        other => Error::from_database(&other),
    })
}

/// The first row of one statement of a batch, as what `read` makes of it.
fn first_row<T>(
    rows: &[impl Rows],
    statement: usize,
    read: fn(&Object<'_>) -> Option<T>,
) -> Result<Option<T>, Error> {
    let text = rows.get(statement).and_then(|rows| rows.text(0));
    text.map(|text| Object::of(&text).and_then(|row| read(&row)).ok_or_else(|| row_defect("a row")))
        .transpose()
}

/// A row that our own statements could not have written. Its values are not told to the log.
fn row_defect(what: &str) -> Error {
    Error::unexpected(format!("{what} of the auth tables is not as it must be"))
}

/// A fresh random id.
fn new_uuid(host: &impl Host) -> Uuid {
    let mut random = Uuid::default();
    host.random(&mut random);
    uuid::version_4(random)
}

fn hasher_error(error: HasherUnavailable) -> Error {
    Error::unavailable(error.message)
}

fn phone_refused() -> Error {
    Error::new(Code::PhoneProviderDisabled, "Phone logins are disabled")
}
