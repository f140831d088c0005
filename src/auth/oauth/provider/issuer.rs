//! What an issuer says of itself: OpenID Connect Discovery 1.0, and its public keys (RFC 7517).

use super::{ask, distrusted};
use crate::config::providers::{Provider, Remembered, is_secure};
use crate::error::Error;
use crate::host::{Host, Milliseconds};
use crate::http::json::Object;
use crate::outbound::Outbound;

/// How long a document is taken for current.
const CURRENT_MILLISECONDS: Milliseconds = 3_600_000;

/// How old keys must be before they are fetched again because one is missing. So nobody who makes up
/// names of keys makes us ask the issuer each time.
const KEYS_MILLISECONDS_MIN: Milliseconds = 60_000;

/// The addresses of an issuer.
pub(super) struct Issuer {
    /// Where people are sent.
    pub authorize: String,
    /// Where codes are redeemed.
    pub token: String,
    /// What tells more about a person.
    pub userinfo: Option<String>,
    /// Where the public keys are.
    pub keys: Option<String>,
    /// Whether the client's secret is sent by HTTP's own means, and not in the body.
    pub takes_basic: bool,
    /// Whether it names itself when it sends a person back (RFC 9207).
    pub names_itself: bool,
}

/// Asks an issuer about itself, once an hour. What it says counts only where it calls itself by the
/// very name that it is configured by, and where secrets may be sent.
pub(super) async fn describe<H: Host>(
    host: &H,
    provider: &Provider,
    issuer: &str,
) -> Result<Issuer, Error> {
    let url = [issuer.trim_end_matches('/'), "/.well-known/openid-configuration"].concat();
    let text = current(host, provider, &provider.description, url, CURRENT_MILLISECONDS).await?;
    read(&text, issuer).ok_or_else(|| distrusted(provider, "it describes itself otherwise"))
}

fn read(text: &str, issuer: &str) -> Option<Issuer> {
    let described = Object::read(text.as_bytes()).ok()?;
    let address = |name| described.text(name).ok()?.filter(|url| is_secure(url));
    let methods = described.raw("token_endpoint_auth_methods_supported").unwrap_or("[]");
    let names_itself = described.raw("authorization_response_iss_parameter_supported");
    (described.text("issuer").ok()?.as_deref() == Some(issuer)).then_some(())?;
    Some(Issuer {
        authorize: address("authorization_endpoint")?,
        token: address("token_endpoint")?,
        userinfo: address("userinfo_endpoint"),
        keys: address("jwks_uri"),
        takes_basic: !methods.contains("\"client_secret_post\""),
        names_itself: names_itself == Some("true"),
    })
}

/// The issuer's public keys. `is_missing` says that those at hand lack one.
pub(super) async fn keys<H: Host>(
    host: &H,
    provider: &Provider,
    issuer: &str,
    is_missing: bool,
) -> Result<String, Error> {
    let described = describe(host, provider, issuer).await?;
    let url = described.keys.ok_or_else(|| distrusted(provider, "it has no keys"))?;
    let life = if is_missing { KEYS_MILLISECONDS_MIN } else { CURRENT_MILLISECONDS };
    current(host, provider, &provider.keys, url, life).await
}

async fn current<H: Host>(
    host: &H,
    provider: &Provider,
    kept: &Remembered,
    url: String,
    life: Milliseconds,
) -> Result<String, Error> {
    let now = host.now();
    if let Some((at, text)) = kept.find()
        && now.saturating_sub(at) < life
    {
        return Ok(text);
    }
    let text = ask(host, provider, Outbound::get(url)).await?;
    Object::read(text.as_bytes())
        .map_err(|_| distrusted(provider, "a document of its own is malformed"))?;
    kept.keep(now, text.clone());
    Ok(text)
}
