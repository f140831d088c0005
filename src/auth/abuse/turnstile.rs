//! Cloudflare's captcha: whoever wants in brings a token, which is checked by the server that has
//! made it. It is good once and for five minutes, which that server sees to.

use crate::auth::call::Call;
use crate::config::Turnstile;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::FORM;
use crate::http::encoding::encode;
use crate::http::json::{JsonError, Object};
use crate::outbound::Outbound;

/// The longest token that is sent on; the documentation of Turnstile names this length.
const TOKEN_BYTES_MAX: usize = 2048;

/// Checks the token in a request's body.
///
/// # Errors
/// When there is none, when it is not good, or was solved on a page of another host: 400. When nobody
/// can say: 503, since a captcha that lets everyone in while it is down is none.
pub(super) async fn check<H: Host>(
    host: &H,
    call: &Call<'_>,
    turnstile: &Turnstile,
) -> Result<(), Error> {
    let token = call.body(token)?;
    let token = token.ok_or_else(|| refused("no captcha_token found"))?;
    if token.len() > TOKEN_BYTES_MAX {
        return Err(refused("invalid-input-response"));
    }
    let (secret, token) = (encode(turnstile.secret.expose()), encode(&token));
    let form = ["secret=", &secret, "&response=", &token].concat();
    let answer = host.fetch(Outbound::post(turnstile.url.clone(), FORM, form)).await;
    let answer = answer.map_err(|error| Error::unavailable(error.message))?;
    let Some(verdict) = Verdict::read(&answer.body) else {
        return Err(Error::unavailable("Turnstile gave an answer that cannot be read"));
    };
    if !verdict.success {
        return Err(refused("the captcha was not solved").cause(verdict.errors));
    }
    let is_ours =
        turnstile.hostnames.iter().any(|ours| verdict.hostname.eq_ignore_ascii_case(ours));
    if is_ours { Ok(()) } else { Err(refused("hostname-mismatch").cause(verdict.hostname)) }
}

fn token(body: &Object<'_>) -> Result<Option<String>, JsonError> {
    match body.raw("gotrue_meta_security") {
        None => Ok(None),
        Some(security) => Object::read(security.as_bytes())?.given("captcha_token"),
    }
}

fn refused(why: &str) -> Error {
    let message = ["captcha protection: request disallowed (", why, ")"].concat();
    Error::new(Code::CaptchaFailed, message)
}

/// What Turnstile says.
struct Verdict {
    success: bool,
    hostname: String,
    /// For the log.
    errors: String,
}

impl Verdict {
    fn read(body: &[u8]) -> Option<Self> {
        let body = Object::read(body).ok()?;
        Some(Self {
            success: match body.raw("success")? {
                "true" => true,
                "false" => false,
                _ => return None,
            },
            hostname: body.text("hostname").ok()?.unwrap_or_default(),
            errors: body.raw("error-codes").unwrap_or_default().to_owned(),
        })
    }
}
