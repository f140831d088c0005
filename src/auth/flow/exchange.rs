//! `POST /auth/v1/token?grant_type=pkce`: a session for a code and the secret behind its challenge.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use sha2::{Digest, Sha256};

use super::AuthCode;
use crate::auth::call::{Call, invalid};
use crate::auth::database::{ask, first_row};
use crate::auth::oauth::{Granted, Pending};
use crate::auth::session::{Entry, Found, Method};
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::{Host, Milliseconds};
use crate::http::Response;
use crate::secret::{Secret, equal_in_constant_time};
use crate::uuid;

/// How long a code is good for.
const CODE_MILLISECONDS: Milliseconds = 300_000;

struct Body {
    auth_code: Option<String>,
    code_verifier: Option<String>,
}

/// A flow of which somebody has come in.
struct Stored {
    user_id: String,
    method: String,
    code_challenge: String,
    /// A provider's own, encrypted.
    provider_tokens: Option<String>,
    /// An identity that is to be linked.
    identity: Option<String>,
    created_at: Milliseconds,
}

/// Two round trips: what is wrong has three names, and the second decides again for itself.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let body = call.body(|body| {
        Ok(Body {
            auth_code: body.given("auth_code")?,
            code_verifier: body.given("code_verifier")?,
        })
    })?;
    let (Some(code), Some(verifier)) = (body.auth_code, body.code_verifier) else {
        return Err(invalid(
            "invalid request: both auth code and code verifier should be non-empty",
        ));
    };
    let AuthCode(id) = AuthCode::read(&code, call.config).ok_or_else(not_found)?;
    let id = uuid::format(&id);
    let stored = read(host, &id).await?;
    let entry = Entry::new(host, call, Method::named(&stored.method).unwrap_or(Method::Otp));
    let since = entry.now.saturating_sub(CODE_MILLISECONDS);
    if stored.created_at <= since {
        return Err(Error::new(
            Code::FlowStateExpired,
            "invalid flow state, flow state has expired",
        ));
    }
    let challenge = hashed(&Secret::new(verifier));
    if !equal_in_constant_time(challenge.as_bytes(), stored.code_challenge.as_bytes()) {
        return Err(Error::new(
            Code::BadCodeVerifier,
            "code challenge does not match previously saved code verifier",
        ));
    }
    let granted = stored.provider_tokens.map(|sealed| Granted::open(call.config, &id, &sealed));
    let granted = granted.transpose()?;
    let end = Statement::fixed(
        "delete from auth_flows
         where id = ?1 and code_challenge = ?2 and created_at > cast(?3 as integer)",
        vec![Some(id), Some(challenge), Some(since.to_string())],
    );
    let note = Statement::fixed(
        "update auth_users set last_sign_in_at = cast(?2 as integer)
         where id = ?1 and changes() = 1",
        vec![Some(stored.user_id.clone()), Some(entry.now.to_string())],
    );
    let mut batch = vec![end];
    if let Some(pending) = stored.identity.as_deref().and_then(Pending::read) {
        batch.extend(pending.give(host, call, &stored.user_id));
    }
    batch.push(note);
    let read_last = batch.len().saturating_add(1);
    let rows = ask(host, entry.after(batch, &stored.user_id)).await?;
    let found = first_row(&rows, read_last, Found::read)?.ok_or_else(not_found)?;
    let session = found.session(entry.now, not_found)?;
    let more = granted.as_ref().map(Granted::pairs).unwrap_or_default();
    session.respond_with(call.config, entry.now, &|view| view.texts(&more))
}

async fn read<H: Host>(host: &H, id: &str) -> Result<Stored, Error> {
    let statement = Statement::fixed(
        "select json_object('user_id', user_id, 'method', method,
           'code_challenge', code_challenge, 'provider_tokens', provider_tokens,
           'identity', json(identity), 'created_at', created_at) as row
         from auth_flows where id = ?1 and user_id is not null and code_challenge is not null",
        vec![Some(id.to_owned())],
    );
    let stored = first_row(&ask(host, vec![statement]).await?, 0, |row| {
        Some(Stored {
            user_id: row.text("user_id").ok()??,
            method: row.text("method").ok()??,
            code_challenge: row.text("code_challenge").ok()??,
            provider_tokens: row.text("provider_tokens").ok()?,
            identity: row.raw("identity").map(str::to_owned),
            created_at: row.integer("created_at").ok()??,
        })
    })?;
    stored.ok_or_else(not_found)
}

/// The challenge that a verifier stands behind (RFC 7636 section 4.2).
fn hashed(verifier: &Secret) -> String {
    BASE64URL.encode(Sha256::digest(verifier.expose()))
}

/// Whatever never was, has ended or was taken by somebody else at this moment.
fn not_found() -> Error {
    Error::new(Code::FlowStateNotFound, "invalid flow state, no valid flow state found")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636, appendix B.
    #[test]
    fn the_challenge_is_that_of_the_standard() {
        let verifier = Secret::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into());
        assert_eq!(hashed(&verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
