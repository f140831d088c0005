//! `POST /auth/v1/token?grant_type=id_token`: a session for a provider's signed statement, which a
//! client has got by other means, such as a phone's own dialog.

use super::arrival::Arrival;
use super::callback::begin;
use super::link::link;
use super::provider::{Brought, check_brought};
use crate::auth::call::{Call, invalid};
use crate::auth::database::{ask, level_guard};
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::Response;

struct Body {
    provider: Option<String>,
    id_token: Option<String>,
    access_token: Option<String>,
    nonce: Option<String>,
    is_link: bool,
}

/// Two round trips, and once an hour two questions to the issuer; with a third round trip to link.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let body = call.body(|body| {
        Ok(Body {
            provider: body.given("provider")?,
            id_token: body.given("id_token")?,
            access_token: body.text("access_token")?,
            nonce: body.text("nonce")?,
            is_link: body.raw("link_identity") == Some("true"),
        })
    })?;
    let (Some(name), Some(id_token)) = (body.provider, body.id_token) else {
        return Err(invalid("id_token and provider are required"));
    };
    let provider = call
        .config
        .providers
        .find(&name)
        .ok_or_else(|| Error::new(Code::ProviderDisabled, "Provider is not enabled"))?;
    let linking = if body.is_link { Some(call.user()?) } else { None };
    if let Some(user) = linking {
        if !call.config.providers.manual_linking {
            return Err(Error::new(Code::ManualLinkingDisabled, "Manual linking is disabled"));
        }
        ask(host, vec![user.session_guard(), level_guard(user)]).await?;
    }
    let brought = Brought { id_token, access_token: body.access_token, nonce: body.nonce };
    let vouched = check_brought(host, provider, &brought).await?;
    let arrival = Arrival { call, provider: &provider.name, vouched: &vouched, now: host.now() };
    let user_id = match linking {
        Some(user) => link(host, &arrival, user).await?,
        None => arrival.enter(host, None).await?,
    };
    begin(host, &arrival, &user_id).await?.respond(call.config, arrival.now)
}
