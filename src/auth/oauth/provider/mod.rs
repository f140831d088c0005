//! What is said to a provider, and what it says of a person.
//!
//! Only what came over https from an address of the provider's own counts. Nothing a client says of
//! itself does, least of all an e-mail address.

mod claims;
mod github;
mod issuer;
mod openid;

pub(super) use openid::{Brought, check_brought};

use super::granted::Granted;
use super::state::State;
use crate::auth::account::Address;
use crate::config::Config;
use crate::config::providers::{Kind, Provider};
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::encoding::form;
use crate::http::json::{Object, Writer};
use crate::outbound::Outbound;
use crate::route::{Endpoint, Route};

/// The most bytes of one text about a person that is kept, since it may ride in every access token.
const TEXT_BYTES_MAX: usize = 600;

/// Who somebody is at a provider.
pub(in crate::auth) struct Vouched {
    /// The provider's name for the person, which never changes and is never given to another.
    pub subject: String,
    /// An address of the person's.
    pub email: Option<Address>,
    /// Whether the provider has seen that the address is the person's.
    pub is_verified: bool,
    /// What is told of the person, in the dialect's words: a JSON object.
    pub data: String,
}

/// What a person's browser takes to a provider.
pub(super) struct Question<'a> {
    pub state: &'a State<'a>,
    /// The state as text.
    pub text: &'a str,
    /// More scopes than are needed here.
    pub scopes: &'a str,
    /// Parameters that the provider may know.
    pub extra: &'a [(String, String)],
}

/// The address to which a person is sent.
pub(super) async fn address<H: Host>(
    host: &H,
    config: &Config,
    provider: &Provider,
    question: &Question<'_>,
) -> Result<String, Error> {
    let (page, scopes) = match &provider.kind {
        Kind::OpenId { issuer } => {
            let scopes = if provider.is_apple() { "openid email" } else { "openid email profile" };
            (issuer::describe(host, provider, issuer).await?.authorize, scopes)
        }
        Kind::GitHub { site, .. } => ([site, "/login/oauth/authorize"].concat(), "user:email"),
    };
    let (scopes, back) = (format!("{scopes} {}", question.scopes), callback(config));
    let (challenge, nonce) = (question.state.challenge(), question.state.nonce());
    let mut pairs = vec![
        ("client_id", provider.client_id()),
        ("redirect_uri", &back),
        ("response_type", "code"),
        ("scope", scopes.trim_end()),
        ("state", question.text),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    if matches!(provider.kind, Kind::OpenId { .. }) {
        pairs.push(("nonce", &nonce));
    }
    if provider.is_apple() {
        pairs.push(("response_mode", "form_post"));
    }
    pairs.extend(question.extra.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let separator = if page.contains('?') { "&" } else { "?" };
    Ok([page.as_str(), separator, &form(&pairs)].concat())
}

/// Turns a code into what the provider says of the person who brought it.
pub(super) async fn redeem<H: Host>(
    host: &H,
    config: &Config,
    provider: &Provider,
    state: &State<'_>,
    code: &str,
) -> Result<(Vouched, Granted), Error> {
    match &provider.kind {
        Kind::OpenId { issuer } => {
            openid::redeem(host, config, provider, issuer, (state, code)).await
        }
        Kind::GitHub { site, api } => {
            github::redeem(host, config, provider, [site, api], (state, code)).await
        }
    }
}

/// Refuses an answer that another issuer claims to have given (RFC 9207), so that no code is taken
/// to a server that it is not from.
pub(super) async fn check_issuer<H: Host>(
    host: &H,
    provider: &Provider,
    claimed: Option<&str>,
) -> Result<(), Error> {
    let Kind::OpenId { issuer } = &provider.kind else { return Ok(()) };
    let described = issuer::describe(host, provider, issuer).await?;
    let is_right = match claimed {
        Some(claimed) => described.names(provider).iter().any(|name| name == claimed),
        None => !described.names_itself,
    };
    if is_right { Ok(()) } else { Err(distrusted(provider, "iss is another issuer's")) }
}

/// Where providers send people back to.
pub(super) fn callback(config: &Config) -> String {
    [&config.site_url, Route::Auth(Endpoint::Callback, Vec::new()).path().as_str()].concat()
}

/// Asks for an access token. Its text is the whole answer.
async fn grant<H: Host>(
    host: &H,
    config: &Config,
    provider: &Provider,
    (url, sends_basic): (String, bool),
    (state, code): (&State<'_>, &str),
) -> Result<(String, Granted), Error> {
    let (back, verifier) = (callback(config), state.verifier());
    let mut pairs = vec![
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", back.as_str()),
        ("code_verifier", &verifier),
        ("client_id", provider.client_id()),
    ];
    if !sends_basic {
        pairs.push(("client_secret", provider.secret.expose()));
    }
    let mut request = Outbound::post(url, crate::http::FORM, form(&pairs));
    if sends_basic {
        request = request.with("authorization", openid::basic(provider));
    }
    let text = ask(host, provider, request).await?;
    let granted = || {
        let answer = Object::read(text.as_bytes()).ok()?;
        let kind = answer.text("token_type").ok()?;
        let is_bearer = kind.is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
        let access = answer.text("access_token").ok()?.filter(|_| is_bearer)?;
        Some(Granted { access, refresh: answer.text("refresh_token").ok()? })
    };
    let granted = granted().ok_or_else(|| distrusted(provider, "it gave no access token"))?;
    Ok((text, granted))
}

/// Asks a provider for a document. Whatever is no success is told to the log alone.
async fn ask<H: Host>(host: &H, provider: &Provider, request: Outbound) -> Result<String, Error> {
    let request = request.with("accept", "application/json").with("user-agent", "Selvedge");
    let answer = host.fetch(request).await.map_err(|error| {
        Error::unavailable(format!("{} cannot be asked: {}", provider.name, error.message))
    })?;
    if !answer.is_success() {
        return Err(distrusted(provider, &format!("it answered {}", answer.status)));
    }
    String::from_utf8(answer.body).map_err(|_| distrusted(provider, "it answered no text"))
}

/// A provider's answer that is not believed, or none.
fn distrusted(provider: &Provider, why: &str) -> Error {
    Error::new(Code::BadOauthCallback, "Unable to exchange external code")
        .cause(format!("{}: {why}", provider.name))
}

/// A member that is a text of a size that is kept.
fn text(object: &Object<'_>, name: &str) -> Option<String> {
    let text = object.text(name).ok()??;
    (1..=TEXT_BYTES_MAX).contains(&text.len()).then_some(text)
}

/// Puts a person together; `told` are texts about them in the dialect's words.
fn vouched(
    subject: String,
    (email, is_verified): (Option<Address>, bool),
    told: &[(&str, Option<&str>)],
) -> Vouched {
    let mut data = Writer::object();
    data.optional_texts(told);
    data.optional_texts(&[("email", email.as_ref().map(Address::as_str))]);
    data.member("email_verified", if is_verified { "true" } else { "false" });
    data.member("phone_verified", "false");
    data.texts(&[("provider_id", &subject), ("sub", &subject)]);
    Vouched { subject, email, is_verified, data: data.finish_object() }
}
