//! Who is asking, and how one becomes somebody: the Supabase Auth dialect.
//!
//! - An **access token** is a signed statement of who its bearer is, for an hour or what `JWT_EXP`
//!   says. It is checked without the database ([`identify`]); whether its session has ended is asked
//!   in the batch that serves the request.
//! - An **API key** is such a token without a user: `anon` or `service_role`.
//! - A **session** is what signing in begins and signing out ends: a row with a counter.
//! - A **refresh token** names a session and a counter, and buys the next access token.
//! - A **link** and its **code** come by mail and prove access to a mailbox, once ([`one_time`]).
//! - An **identity** is a way into an account: its address, or somebody's account at a provider
//!   ([`oauth`]). A way that leads through another page is a **flow** ([`flow`]).
//! - A **factor** raises a session from the level `aal1` to `aal2` ([`mfa`]).
//! - The **owner's server** is whoever has the key of `service_role` ([`admin`]).
//!
//! What is sent out is derived from a row's random id and stored nowhere; what may happen once
//! spends that row in the statement that does it. A letter is a row, too, before it is sent
//! ([`outbox`]).
//!
//! Each endpoint is one file with one `serve`: read the request into a type, ask the database once,
//! answer. Where it has to ask twice, it says why. Nothing here knows a platform or renders an error.

mod call;
mod token;
mod abuse;
mod sign_up;
mod sign_in;
mod session;
mod one_time;
mod redirect;
mod back;
mod flow;
mod oauth;
mod mfa;
mod account;
mod new_password;
mod admin;
mod audit;
mod outbox;
mod cleanup;
mod settings;
mod health;
mod jwks;
mod database;
mod log;

pub use account::USER_METADATA_BYTES_MAX;
pub use call::Call;
pub use cleanup::CHUNK;
pub use one_time::verify::Link;
pub use outbox::inbox;
pub use session::REUSE_MILLISECONDS;
pub use token::{TOKEN_BYTES_MAX, TokenError, api_key, identify, sign};

use crate::config::Config;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::{Method, Response};
use crate::route::Endpoint;

/// Answers a request to an endpoint whose method has been checked.
///
/// # Errors
/// Every refusal, for the corridor to render.
pub async fn serve<H: Host>(host: &H, call: &Call<'_>) -> Result<Response<H::Rows>, Error> {
    abuse::enter(host, call).await?;
    match call.endpoint {
        Endpoint::Signup => sign_up::serve(host, call).await,
        Endpoint::Token => match call.parameter("grant_type")?.as_deref() {
            Some("password") => sign_in::serve(host, call).await,
            Some("refresh_token") => session::refresh::serve(host, call).await,
            Some("id_token") => oauth::id_token::serve(host, call).await,
            Some("pkce") => flow::exchange::serve(host, call).await,
            Some("web3") => {
                Err(Error::new(Code::Web3ProviderDisabled, "Web3 provider is disabled"))
            }
            _ => Err(Error::new(Code::InvalidCredentials, "unsupported_grant_type")),
        },
        Endpoint::User => account::user::serve(host, call).await,
        Endpoint::Recover => one_time::recover::serve(host, call).await,
        Endpoint::Otp | Endpoint::MagicLink => one_time::otp::serve(host, call).await,
        Endpoint::Verify => one_time::verify::serve(host, call).await,
        Endpoint::Resend => one_time::resend::serve(host, call).await,
        Endpoint::Reauthenticate => one_time::reauthenticate::serve(host, call).await,
        Endpoint::Logout => session::sign_out::serve(host, call).await,
        Endpoint::Factors => mfa::enroll::serve(host, call).await,
        Endpoint::Factor => mfa::unenroll::serve(host, call).await,
        Endpoint::FactorChallenge => mfa::challenge::serve(host, call).await,
        Endpoint::FactorVerify => mfa::verify::serve(host, call).await,
        Endpoint::RecoveryCodes => mfa::recovery::codes(host, call).await,
        Endpoint::RecoveryCodesVerify => mfa::recovery::redeem(host, call).await,
        Endpoint::Authorize => oauth::authorize::serve(host, call).await,
        Endpoint::Callback => oauth::callback::serve(host, call).await,
        Endpoint::LinkIdentity => oauth::authorize::serve_link(host, call).await,
        Endpoint::Identity => account::identity::serve(host, call).await,
        Endpoint::Sessions => session::list::serve(host, call).await,
        Endpoint::Session => session::list::end(host, call).await,
        Endpoint::AdminUsers => match call.request.method {
            Some(Method::Post) => admin::create::serve(host, call).await,
            _ => admin::list::serve(host, call).await,
        },
        Endpoint::AdminUser => match call.request.method {
            Some(Method::Put) => admin::update::serve(host, call).await,
            Some(Method::Delete) => admin::user::delete(host, call).await,
            _ => admin::user::serve(host, call).await,
        },
        Endpoint::AdminUserLogout => admin::sign_out::serve(host, call).await,
        Endpoint::AdminUserFactors => admin::factors::serve(host, call).await,
        Endpoint::AdminUserFactor => admin::factors::delete(host, call).await,
        Endpoint::AdminGenerateLink => admin::link::generate(host, call).await,
        Endpoint::Invite => admin::link::invite(host, call).await,
        Endpoint::AdminAudit => admin::audit_log::serve(host, call).await,
        Endpoint::Settings => Ok(settings::serve(call.config)),
        Endpoint::Health => Ok(health::serve()),
        Endpoint::Jwks => Ok(jwks::serve()),
    }
}

/// What a request has put off: letters are sent.
pub async fn errands<H: Host>(host: &H, config: &Config) {
    outbox::deliver(host, config, 1).await;
}

/// How many rounds of letters are sent each time the clock strikes: an invocation on the free plan
/// may ask others 50 times, and the database as often.
const ROUNDS: u32 = 4;

/// What is to be done from time to time: letters that could not be sent, and what has expired.
pub async fn scheduled<H: Host>(host: &H, config: &Config) {
    outbox::deliver(host, config, ROUNDS).await;
    cleanup::run(host, config).await;
}

#[cfg(test)]
mod tests;
