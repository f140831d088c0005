//! Access tokens and API keys: JSON Web Tokens (RFC 7519) signed with HS256, and nothing else.
//!
//! A token has one text form only: three parts of canonical unpadded base64url, a header that names
//! the one algorithm, no member twice. The signature is checked before a claim is looked at. No
//! header member chooses a key; `kid` is read and has no effect.
//!
//! `nbf` and `iat` are compared with 30 seconds of leeway, as by PostgREST, and so is `exp` of tokens
//! that another server has signed with the shared secret, which has a clock of its own. The tokens of
//! this server expire exactly: they end with their session, and clients renew them 90 seconds early.

mod identify;
mod key;
mod signed_id;
mod one_time;
pub(super) mod sealed;

pub use identify::identify;
pub(super) use key::{Key, Purpose, SIGNATURE_BYTES};
pub(super) use one_time::OneTimeToken;
pub(super) use signed_id::{genuine_id, signed_id};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

use crate::config::Config;
use crate::error::{Code, Dialect, Error};
use crate::host::Milliseconds;
use crate::http::json::{JsonError, Object};
use crate::identity::{Identity, Proof, Role, User};
use crate::secret::Secret;
use crate::{time, uuid};

/// The most bytes of a token that is looked at.
pub const TOKEN_BYTES_MAX: usize = 8192;

/// The audience of user tokens.
pub(in crate::auth) const AUDIENCE: &str = "authenticated";

/// Clock skew accepted between the issuer of a token and this Worker.
pub const LEEWAY_SECONDS: i64 = 30;

/// Why a token is refused. Which secret was tried is not told, nor is any part of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenError {
    /// Not a token in its one form, or not with the one algorithm.
    Malformed,
    /// The signature is not ours.
    Signature,
    /// Its time is over.
    Expired,
    /// Its time has not begun.
    NotYetValid,
    /// Signed by us, but a claim is missing or not as it must be: what is wrong.
    Claims(&'static str),
}

impl TokenError {
    /// The refusal as a dialect words it.
    #[must_use]
    pub fn refusal(self, dialect: Dialect) -> Error {
        let (code, message) = match dialect {
            Dialect::Rest => match self {
                Self::Malformed => (Code::TokenInvalid, "JWT malformed".to_owned()),
                Self::Signature => (Code::TokenInvalid, "JWT signature invalid".to_owned()),
                Self::Expired => (Code::TokenClaims, "JWT expired".to_owned()),
                Self::NotYetValid => (Code::TokenClaims, "JWT not yet valid".to_owned()),
                Self::Claims(what) => (Code::TokenClaims, format!("JWT claims invalid: {what}")),
            },
            Dialect::Auth | Dialect::Page => {
                let what = match self {
                    Self::Malformed => "token is malformed",
                    Self::Signature => "signature is invalid",
                    Self::Expired => "token is expired",
                    Self::NotYetValid => "token is not valid yet",
                    Self::Claims(what) => what,
                };
                (Code::BadJwt, format!("invalid JWT: {what}"))
            }
        };
        Error::new(code, message).header("www-authenticate", "Bearer")
    }
}

/// Makes an API key for a role: a token without a user.
///
/// `from` and `until` are seconds since 1970.
#[must_use]
pub fn api_key(secret: &Secret, role: Role, from: i64, until: i64) -> String {
    let role = role.name();
    sign(secret, &format!(r#"{{"iss":"selvedge","role":"{role}","iat":{from},"exp":{until}}}"#))
}

/// Signs claims, which are a JSON object.
#[must_use]
pub fn sign(secret: &Secret, claims: &str) -> String {
    let header = BASE64URL.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
    let message = format!("{header}.{}", BASE64URL.encode(claims));
    let signature = Key::new(secret, Purpose::Access).sign(message.as_bytes());
    format!("{message}.{}", BASE64URL.encode(signature))
}

/// Reads a token and says who is asking.
///
/// # Errors
/// See [`TokenError`].
pub(super) fn verify(
    token: &str,
    config: &Config,
    now: Milliseconds,
) -> Result<Identity, TokenError> {
    if token.len() > TOKEN_BYTES_MAX {
        return Err(TokenError::Malformed);
    }
    if let Some(proof) = config.proofs.find(token) {
        check_time(&proof, now)?;
        return Ok(proof.identity);
    }
    let proof = prove(token, config, now)?;
    config.proofs.keep(token, proof.clone());
    Ok(proof.identity)
}

fn check_time(proof: &Proof, now: Milliseconds) -> Result<(), TokenError> {
    let now = time::seconds(now);
    if proof.until <= now {
        return Err(TokenError::Expired);
    }
    if proof.from.is_some_and(|begin| begin > now) {
        return Err(TokenError::NotYetValid);
    }
    Ok(())
}

fn prove(token: &str, config: &Config, now: Milliseconds) -> Result<Proof, TokenError> {
    let (message, signature) = token.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let (header, claims) = message.split_once('.').ok_or(TokenError::Malformed)?;
    if claims.contains('.') {
        return Err(TokenError::Malformed);
    }
    check_header(&decode(header)?)?;
    let signature = decode(signature)?;
    if signature.len() != SIGNATURE_BYTES {
        return Err(TokenError::Malformed);
    }
    if !Key::any_verifies(config, Purpose::Access, message.as_bytes(), &signature) {
        return Err(TokenError::Signature);
    }
    read(decode(claims)?, config, now)
}

/// Strict: no padding, no other alphabet, and unused bits are zero.
fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    BASE64URL.decode(part).map_err(|_| TokenError::Malformed)
}

/// The members that are understood; any other (`crit`, `jku`, `jwk`, `x5u`, `zip`, ..) would ask
/// for something that is not done here. `kid` is allowed, and never used.
const HEADER_MEMBERS: [&str; 3] = ["alg", "typ", "kid"];

fn check_header(bytes: &[u8]) -> Result<(), TokenError> {
    let malformed = |_| TokenError::Malformed;
    let header = Object::read(bytes).map_err(malformed)?;
    let known = header.members().iter().all(|(name, _)| HEADER_MEMBERS.contains(&&**name));
    let text = |name| header.text(name).map_err(malformed);
    text("kid")?;
    let signed = text("alg")?.is_some_and(|algorithm| algorithm == "HS256");
    let typed = text("typ")?.is_none_or(|kind| kind == "JWT");
    if known && signed && typed { Ok(()) } else { Err(TokenError::Malformed) }
}

/// The claims that are looked at. Times are integers: a fraction or a text is refused.
struct Claims {
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
    role: String,
    iss: Option<String>,
    aud: Option<String>,
    sub: Option<String>,
    email: Option<String>,
    session_id: Option<String>,
}

impl Claims {
    /// `None` when one is missing that everybody needs.
    fn read(bytes: &[u8]) -> Result<Option<Self>, JsonError> {
        let claims = Object::read(bytes)?;
        let (exp, nbf) = (claims.integer("exp")?, claims.integer("nbf")?);
        let iat = claims.integer("iat")?;
        let text = |name| claims.text(name);
        let (role, iss, aud, sub) = (text("role")?, text("iss")?, text("aud")?, text("sub")?);
        let (email, session_id) = (text("email")?, text("session_id")?);
        let (Some(exp), Some(role)) = (exp, role) else { return Ok(None) };
        Ok(Some(Self { exp, nbf, iat, role, iss, aud, sub, email, session_id }))
    }
}

fn read(bytes: Vec<u8>, config: &Config, now: Milliseconds) -> Result<Proof, TokenError> {
    let claims = Claims::read(&bytes)
        .ok()
        .flatten()
        .ok_or(TokenError::Claims("a claim is missing, named twice or malformed"))?;
    // A token begins when it was made, or later where it says so.
    let begin = claims.nbf.max(claims.iat);
    let from = begin.map(|begin| begin.saturating_sub(LEEWAY_SECONDS));
    let is_own = claims.iss.as_deref() == Some(config.issuer().as_str());
    let leeway = if is_own { 0 } else { LEEWAY_SECONDS };
    let until = claims.exp.saturating_add(leeway);
    let mut proof = Proof { identity: Identity::Anonymous, from, until };
    check_time(&proof, now)?;
    proof.identity = match claims.role.as_str() {
        "anon" => Identity::Anonymous,
        "service_role" => Identity::Service,
        "authenticated" => {
            let text = String::from_utf8(bytes).map_err(|_| TokenError::Malformed)?;
            Identity::User(user(claims, text, config)?)
        }
        _ => return Err(TokenError::Claims("role is none of anon, authenticated, service_role")),
    };
    Ok(proof)
}

fn user(claims: Claims, text: String, config: &Config) -> Result<User, TokenError> {
    if claims.aud.as_deref() != Some(AUDIENCE) {
        return Err(TokenError::Claims("aud is not authenticated"));
    }
    if claims.iss.is_some_and(|issuer| issuer != config.issuer()) {
        return Err(TokenError::Claims("iss is another issuer"));
    }
    let is_uuid = |text: &String| uuid::parse(text).is_some();
    let id = claims.sub.filter(is_uuid).ok_or(TokenError::Claims("missing sub claim"))?;
    let session_id =
        claims.session_id.filter(is_uuid).ok_or(TokenError::Claims("missing session_id claim"))?;
    Ok(User { id, email: claims.email.unwrap_or_default(), session_id, claims: text })
}

#[cfg(test)]
mod tests;
