//! OpenID Connect: what an issuer says of a person is in an ID token.
//!
//! Where a code is redeemed the token comes from the issuer itself, over https, which proves as
//! much as its signature would (OpenID Connect Core 1.0 section 3.1.3.7). A token that a client
//! brings has nothing but its signature, so that is verified, by a key of the configured issuer and
//! by the one algorithm which that key is for.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64URL};
use sha2::{Digest, Sha256};

use super::claims::{self, Expected, Parts};
use super::{Granted, State, Vouched, ask, distrusted, grant, issuer};
use crate::auth::call::invalid;
use crate::config::Config;
use crate::config::providers::{Kind, Provider};
use crate::error::Error;
use crate::host::Host;
use crate::http::encoding::encode;
use crate::http::json::Object;
use crate::outbound::Outbound;
use crate::secret::equal_in_constant_time;
use crate::signature::PublicKey;
use crate::time;

/// The client's name and secret as HTTP has them (RFC 6749 section 2.3.1).
pub(super) fn basic(provider: &Provider) -> String {
    let pair = [&encode(provider.client_id()), ":", &encode(provider.secret.expose())].concat();
    ["Basic ", &STANDARD.encode(pair)].concat()
}

/// Turns a code into the person of the ID token that comes with it. Two requests at the most, and
/// once an hour another one to the issuer.
pub(super) async fn redeem<H: Host>(
    host: &H,
    config: &Config,
    provider: &Provider,
    issuer: &str,
    (state, code): (&State<'_>, &str),
) -> Result<(Vouched, Granted), Error> {
    let described = issuer::describe(host, provider, issuer).await?;
    let endpoint = (described.token, described.takes_basic);
    let (name, tenants) = (described.name.as_str(), provider.tenants.as_slice());
    let (answer, granted) = grant(host, config, provider, endpoint, (state, code)).await?;
    let wrong = |why| distrusted(provider, why);
    let token = Object::of(&answer).and_then(|answer| answer.text("id_token").ok()?);
    let parts = token.and_then(|token| Parts::of(&token)).ok_or_else(|| wrong("no ID token"))?;
    let claims = Object::read(&parts.claims).map_err(|_| wrong("claims are malformed"))?;
    let client_ids = provider.client_ids.get(..1).unwrap_or_default();
    let expected = Expected { issuer: name, tenants, client_ids, now: time::seconds(host.now()) };
    let issuer = claims::check(&claims, &expected).map_err(wrong)?;
    let nonce = claims.text("nonce").ok().flatten().unwrap_or_default();
    if !equal_in_constant_time(nonce.as_bytes(), state.nonce().as_bytes()) {
        return Err(wrong("nonce is another's"));
    }
    let more = match described.userinfo {
        Some(url) if claims.raw("email").is_none() => {
            let request = Outbound::get(url);
            let bearer = ["Bearer ", &granted.access].concat();
            Some(ask(host, provider, request.with("authorization", bearer)).await?)
        }
        _ => None,
    };
    let more = match &more {
        Some(text) => Some(Object::read(text.as_bytes()).map_err(|_| wrong("malformed userinfo"))?),
        None => None,
    };
    // Section 5.3.2: what is told must be told of the same person.
    if more.as_ref().is_some_and(|more| more.raw("sub") != claims.raw("sub")) {
        return Err(wrong("userinfo is about another"));
    }
    let person = claims::person(&issuer, &claims, more.as_ref());
    Ok((person.ok_or_else(|| wrong("sub is missing"))?, granted))
}

/// What a client brings instead of a code.
pub(in crate::auth::oauth) struct Brought {
    pub id_token: String,
    pub access_token: Option<String>,
    /// What the client has hashed into the token's nonce.
    pub nonce: Option<String>,
}

/// Checks a token that a client has brought.
pub(in crate::auth::oauth) async fn check_brought<H: Host>(
    host: &H,
    provider: &Provider,
    brought: &Brought,
) -> Result<Vouched, Error> {
    let Kind::OpenId { issuer } = &provider.kind else {
        return Err(invalid(format!("Provider {} has no ID tokens", provider.name)));
    };
    let bad = |why: &str| invalid("Bad ID token").cause(format!("{}: {why}", provider.name));
    let parts = Parts::of(&brought.id_token).ok_or_else(|| bad("malformed"))?;
    let header = Object::read(&parts.header).map_err(|_| bad("malformed"))?;
    let text = |name| header.text(name).ok().flatten();
    let (algorithm, name) = (text("alg").unwrap_or_default(), text("kid"));
    // An extension that must be understood is not (RFC 7515 section 4.1.11).
    if header.raw("crit").is_some() {
        return Err(bad("crit"));
    }
    let mut key = None;
    for is_missing in [false, true] {
        let keys = issuer::keys(host, provider, issuer, is_missing).await?;
        key = PublicKey::find(&keys, name.as_deref(), &algorithm);
        if key.is_some() {
            break;
        }
    }
    let key = key.ok_or_else(|| bad("no key of that name and algorithm"))?;
    let message = parts.message.as_bytes();
    let verified = host.verify_signature(&key, message, &parts.signature).await;
    if !verified.map_err(|error| Error::unavailable(error.message))? {
        return Err(bad("the signature is another's"));
    }
    let claims = Object::read(&parts.claims).map_err(|_| bad("claims are malformed"))?;
    let described = issuer::describe(host, provider, issuer).await?;
    let expected = Expected {
        issuer: &described.name,
        tenants: &provider.tenants,
        client_ids: &provider.client_ids,
        now: time::seconds(host.now()),
    };
    let issuer = claims::check(&claims, &expected).map_err(bad)?;
    let tenant = claims.text("tid").ok().flatten().unwrap_or_default();
    // A key that is for some tenants signs for no other.
    if !provider.tenants.is_empty()
        && key.issuer.is_some_and(|name| issuer::of_tenant(&name, &tenant) != issuer)
    {
        return Err(bad("the key is another issuer's"));
    }
    check_nonce(&claims, brought.nonce.as_deref())?;
    check_access_token(&claims, brought.access_token.as_deref()).map_err(bad)?;
    claims::person(&issuer, &claims, None).ok_or_else(|| bad("sub is missing"))
}

/// The token has the hash of what the client holds, so a token that was stolen lacks the other
/// half.
fn check_nonce(claims: &Object<'_>, held: Option<&str>) -> Result<(), Error> {
    match (claims.raw("nonce"), held.filter(|held| !held.is_empty())) {
        (None, None) => Ok(()),
        (Some(_), Some(held)) => {
            let nonce = claims.text("nonce").ok().flatten().unwrap_or_default();
            let digits =
                Sha256::digest(held).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            if equal_in_constant_time(nonce.as_bytes(), digits.as_bytes()) {
                return Ok(());
            }
            Err(invalid("Nonces mismatch"))
        }
        _ => Err(invalid("Passed nonce and nonce in id_token should either both exist or not.")),
    }
}

/// Where the token names an access token's hash, the access token must be that one (section
/// 3.2.2.9).
fn check_access_token(claims: &Object<'_>, held: Option<&str>) -> Result<(), &'static str> {
    let (Some(held), Some(_)) = (held, claims.raw("at_hash")) else { return Ok(()) };
    let digest = Sha256::digest(held);
    let half = digest.get(..16).unwrap_or_default();
    let named = claims.text("at_hash").ok().flatten().unwrap_or_default();
    if equal_in_constant_time(named.as_bytes(), BASE64URL.encode(half).as_bytes()) {
        Ok(())
    } else {
        Err("at_hash is another access token's")
    }
}
