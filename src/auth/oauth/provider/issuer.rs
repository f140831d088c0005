//! What an issuer says of itself: OpenID Connect Discovery 1.0, and its public keys (RFC 7517).

use super::{ask, distrusted};
use crate::config::is_secure;
use crate::config::providers::{Provider, Remembered};
use crate::error::Error;
use crate::host::{Host, Milliseconds};
use crate::http::json::Object;
use crate::outbound::Outbound;

/// How long a document is taken for current.
const CURRENT_MILLISECONDS: Milliseconds = 3_600_000;

/// How old keys must be before they are fetched again because one is missing. So nobody who makes
/// up names of keys makes us ask the issuer each time.
const KEYS_MILLISECONDS_MIN: Milliseconds = 60_000;

/// What stands in the name of an issuer that speaks for several tenants, in the place of each one's
/// id (Microsoft's way).
const TENANT: &str = "{tenantid}";

/// An issuer and its addresses.
pub(super) struct Issuer {
    /// As it names itself, with [`TENANT`] in it where it speaks for several.
    pub name: String,
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
/// very name that it is configured by, or for tenants of which we know, and where secrets may be
/// sent.
pub(super) async fn describe<H: Host>(
    host: &H,
    provider: &Provider,
    issuer: &str,
) -> Result<Issuer, Error> {
    let url = [issuer.trim_end_matches('/'), "/.well-known/openid-configuration"].concat();
    let text = current(host, provider, &provider.description, url, CURRENT_MILLISECONDS).await?;
    let described = read(&text).filter(|described| described.is(issuer, &provider.tenants));
    described.ok_or_else(|| distrusted(provider, "it describes itself otherwise"))
}

impl Issuer {
    /// Whether it is who was meant. One for several tenants has the same name but for one part of
    /// the path, and is none of ours where no tenants are named.
    fn is(&self, issuer: &str, tenants: &[String]) -> bool {
        let parts = self.name.split_once(TENANT).filter(|_| !tenants.is_empty());
        let Some((before, after)) = parts else { return self.name == issuer };
        let rest = issuer.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        before.ends_with('/') && rest.is_some_and(|rest| !rest.contains('/'))
    }

    /// All names by which it signs.
    pub(super) fn names(&self, provider: &Provider) -> Vec<String> {
        if !self.name.contains(TENANT) {
            return vec![self.name.clone()];
        }
        provider.tenants.iter().map(|tenant| of_tenant(&self.name, tenant)).collect()
    }
}

/// The name of an issuer for one tenant.
pub(super) fn of_tenant(name: &str, tenant: &str) -> String {
    name.replace(TENANT, tenant)
}

fn read(text: &str) -> Option<Issuer> {
    let described = Object::read(text.as_bytes()).ok()?;
    let address = |name| described.text(name).ok()?.filter(|url| is_secure(url));
    let methods = described.raw("token_endpoint_auth_methods_supported").unwrap_or("[]");
    let names_itself = described.raw("authorization_response_iss_parameter_supported");
    Some(Issuer {
        name: described.text("issuer").ok()??,
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
