//! The claims of an ID token (OpenID Connect Core 1.0 section 2), and what is believed of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

use super::issuer::of_tenant;
use super::{Vouched, text, vouched};
use crate::auth::account::Address;
use crate::auth::token::TOKEN_BYTES_MAX;
use crate::http::json::{Json, Object, read_list};

/// The most bytes of a subject (OpenID Connect Core 1.0 section 2).
const SUBJECT_BYTES_MAX: usize = 255;

/// Whose `xms_edov` says that the owner of an address's domain vouches for it. That issuer knows no
/// `email_verified`, and an address without either is whatever the tenant's administrator has
/// typed.
const MICROSOFT: &str = "https://login.microsoftonline.com/";

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
    /// As it names itself.
    pub issuer: &'a str,
    /// The tenants for whose people it may speak; none where it has none.
    pub tenants: &'a [String],
    /// The clients it may be for.
    pub client_ids: &'a [String],
    /// Seconds since 1970.
    pub now: i64,
}

/// Says what is wrong with claims, if anything is, and else who has made them: the issuer's name
/// for the tenant. The nonce is the caller's to compare.
pub(super) fn check(claims: &Object<'_>, expected: &Expected<'_>) -> Result<String, &'static str> {
    let text = |name| claims.text(name).ok().flatten();
    let is_ours = |client: &String| expected.client_ids.contains(client);
    let mut issuer = expected.issuer.to_owned();
    if !expected.tenants.is_empty() {
        let tenant = text("tid").filter(|tenant| expected.tenants.contains(tenant));
        issuer = of_tenant(&issuer, &tenant.ok_or("tid is another tenant")?);
    }
    if text("iss").as_ref() != Some(&issuer) {
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
        Ok(begin) if begin.is_none_or(|begin| begin <= expected.now) => Ok(issuer),
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
    let said = |name| source.and_then(|source| source.raw(name));
    // Some issuers write the truth as a text, and Microsoft's as a number at times.
    let is_verified = match said("email_verified") {
        None if issuer.starts_with(MICROSOFT) => {
            matches!(said("xms_edov"), Some("true" | "\"true\"" | "1" | "\"1\""))
        }
        verified => matches!(verified, Some("true" | "\"true\"")),
    };
    let is_verified = email.is_some() && is_verified;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn is_verified(issuer: &str, claims: &str) -> bool {
        let claims = Object::of(claims).expect("an object");
        person(issuer, &claims, None).expect("a person").is_verified
    }

    /// Elsewhere a claim of that name may be whatever somebody has typed.
    #[test]
    fn who_owns_a_domain_is_believed_of_microsoft_alone() {
        let of_microsoft =
            "https://login.microsoftonline.com/11111111-1111-4111-8111-111111111111/v2.0";
        let claims = |more: &str| [r#"{"sub":"1","email":"ann@example.com""#, more, "}"].concat();
        for value in ["true", "\"true\"", "1", "\"1\""] {
            let claims = claims(&[r#","xms_edov":"#, value].concat());
            assert!(is_verified(of_microsoft, &claims), "{claims}");
            assert!(!is_verified("https://login.microsoftonline.com.example/", &claims));
            assert!(!is_verified("https://acme.example", &claims));
        }
        for more in [
            "",
            r#","xms_edov":false"#,
            r#","xms_edov":0"#,
            r#","xms_edov":"0""#,
            r#","xms_edov":null"#,
            r#","xms_edov":[true]"#,
            r#","xms_edov":true,"email_verified":false"#,
        ] {
            assert!(!is_verified(of_microsoft, &claims(more)), "{more}");
        }
        assert!(!is_verified(of_microsoft, r#"{"sub":"1","xms_edov":true}"#));
    }
}
