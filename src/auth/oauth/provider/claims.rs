//! The claims of an ID token (OpenID Connect Core 1.0 section 2), and what is believed of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

use super::{Vouched, text, vouched};
use crate::auth::account::Address;
use crate::auth::token::TOKEN_BYTES_MAX;
use crate::http::json::{Json, Object, read_list};

/// The most bytes of a subject (OpenID Connect Core 1.0 section 2).
const SUBJECT_BYTES_MAX: usize = 255;

/// An ID token in its parts, of which nothing has been checked.
pub(super) struct Parts {
    /// JSON.
    pub header: Vec<u8>,
    /// JSON.
    pub claims: Vec<u8>,
    pub signature: Vec<u8>,
    /// What is signed.
    pub message: String,
}

impl Parts {
    /// Takes a token apart, which has one form: three parts of canonical unpadded base64url.
    pub(super) fn of(token: &str) -> Option<Self> {
        if token.len() > TOKEN_BYTES_MAX {
            return None;
        }
        let (message, signature) = token.rsplit_once('.')?;
        let (header, claims) = message.split_once('.')?;
        let decode = |part: &str| BASE64URL.decode(part).ok();
        Some(Self {
            header: decode(header)?,
            claims: decode(claims)?,
            signature: decode(signature)?,
            message: message.to_owned(),
        })
    }
}

/// What a token must say to be believed.
pub(super) struct Expected<'a> {
    pub issuer: &'a str,
    /// The clients it may be for.
    pub client_ids: &'a [String],
    /// Seconds since 1970.
    pub now: i64,
}

/// Says what is wrong with claims, if anything is. The nonce is the caller's to compare.
pub(super) fn check(claims: &Object<'_>, expected: &Expected<'_>) -> Result<(), &'static str> {
    let text = |name| claims.text(name).ok().flatten();
    let is_ours = |client: &String| expected.client_ids.contains(client);
    if text("iss").as_deref() != Some(expected.issuer) {
        return Err("iss is another issuer");
    }
    let audience = audience(claims).ok_or("aud is missing")?;
    if !audience.iter().any(is_ours) {
        return Err("aud is another client");
    }
    // Section 3.1.3.7: of several clients one has asked, and that must be ours.
    match claims.raw("azp").map(|_| text("azp")) {
        None if audience.len() > 1 => return Err("azp is missing"),
        Some(asked) if !asked.as_ref().is_some_and(is_ours) => return Err("azp is another client"),
        _ => {}
    }
    match claims.integer("exp") {
        Ok(Some(end)) if end > expected.now => {}
        Ok(Some(_)) => return Err("the token has expired"),
        _ => return Err("exp is missing"),
    }
    match claims.integer("nbf") {
        Ok(begin) if begin.is_none_or(|begin| begin <= expected.now) => Ok(()),
        _ => Err("the token is not valid yet"),
    }
}

/// One client or a list of them.
fn audience(claims: &Object<'_>) -> Option<Vec<String>> {
    let raw = claims.raw("aud")?;
    let items = match Json::of(raw)? {
        Json::Compound(list) => read_list(list.as_bytes()).ok()?,
        other => vec![other],
    };
    let client = |item| match item {
        Json::Text(client) => Some(client),
        _ => None,
    };
    items.into_iter().map(client).collect()
}

/// The person that claims are about. `more` is what else the issuer has said of the same person.
pub(super) fn person(
    issuer: &str,
    claims: &Object<'_>,
    more: Option<&Object<'_>>,
) -> Option<Vouched> {
    let subject = claims.text("sub").ok()??;
    if !(1..=SUBJECT_BYTES_MAX).contains(&subject.len()) {
        return None;
    }
    let told = |name| text(claims, name).or_else(|| text(more?, name));
    // An address and whether it was verified come from the same place.
    let source = if claims.raw("email").is_some() { Some(claims) } else { more };
    let email = source.and_then(|source| Address::parse(&source.text("email").ok()??));
    // Some issuers write the truth as a text.
    let verified = source.and_then(|source| source.raw("email_verified"));
    let is_verified = email.is_some() && matches!(verified, Some("true" | "\"true\""));
    let (name, picture) = (told("name"), told("picture"));
    let (name, picture) = (name.as_deref(), picture.as_deref());
    let user_name = told("preferred_username");
    Some(vouched(
        subject,
        (email, is_verified),
        &[
            ("avatar_url", picture),
            ("full_name", name),
            ("iss", Some(issuer)),
            ("name", name),
            ("picture", picture),
            ("preferred_username", user_name.as_deref()),
        ],
    ))
}
