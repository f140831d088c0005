//! What everybody passes who wants something changed: the platform's rate limit, then the captcha.

use super::counter::too_many_requests;
use super::turnstile;
use crate::auth::call::Call;
use crate::error::Error;
use crate::host::Host;
use crate::http::Method;
use crate::http::network::Client;
use crate::identity::Identity;
use crate::route::Endpoint;

/// The period of the platform's limit, as `wrangler.toml` sets it.
const PERIOD_SECONDS: i64 = 60;

/// Lets a request in, or refuses it. The owner's own server is not held up: it knows whom it serves.
///
/// One subscriber is counted, by the address that the platform tells. Where it tells none the request
/// has not come from outside.
///
/// # Errors
/// When there were too many requests, or the captcha was not solved.
pub(in crate::auth) async fn enter<H: Host>(host: &H, call: &Call<'_>) -> Result<(), Error> {
    if only_reads(call) || *call.who == Identity::Service {
        return Ok(());
    }
    let grant = match call.endpoint {
        Endpoint::Token => call.parameter("grant_type")?,
        _ => None,
    };
    if let Some(subscriber) = Client::counted(&call.request.headers)
        && !host.admits(&subscriber).await
    {
        // A client that refreshes takes any 4xx for the end of its session and signs its user out.
        return Err(match grant.as_deref() {
            Some("refresh_token") => Error::unavailable("too many requests from one network"),
            _ => too_many_requests(PERIOD_SECONDS),
        });
    }
    let guarded = match call.endpoint {
        Endpoint::Token => grant.as_deref() == Some("password"),
        Endpoint::Signup
        | Endpoint::Otp
        | Endpoint::MagicLink
        | Endpoint::Recover
        | Endpoint::Resend => true,
        _ => false,
    };
    match &call.config.abuse.turnstile {
        Some(turnstile) if guarded => turnstile::check(host, call, turnstile).await,
        _ => Ok(()),
    }
}

/// Whether nothing comes of a request but its answer. Browsers begin and end a way in by `GET`, which writes.
fn only_reads(call: &Call<'_>) -> bool {
    matches!(call.request.method, Some(Method::Get | Method::Head))
        && matches!(
            call.endpoint,
            Endpoint::User
                | Endpoint::Sessions
                | Endpoint::RecoveryCodes
                | Endpoint::AdminUsers
                | Endpoint::AdminUser
                | Endpoint::AdminUserFactors
                | Endpoint::AdminAudit
                | Endpoint::Settings
                | Endpoint::Health
                | Endpoint::Jwks
        )
}
