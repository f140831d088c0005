//! Ways in that begin in one request and end in another: rows of `auth_flows`.
//!
//! A client that can keep a secret sends its hash first (PKCE, RFC 7636): the challenge. Whoever
//! comes in is then sent back with a code instead of tokens, and the code buys a session only
//! together with the secret. So what stands in an address, and in whatever logs it, opens nothing.

mod auth_code;
pub(super) mod exchange;

pub(super) use auth_code::AuthCode;

use super::call::invalid;
use super::session::Method;
use crate::db::Statement;
use crate::error::Error;
use crate::host::Milliseconds;
use crate::uuid::{self, Uuid};

/// The characters of a challenge: SHA-256 in base64url.
const CHALLENGE_CHARACTERS: usize = 43;

/// A flow that is to begin.
#[derive(Debug)]
pub(super) struct Flow<'a> {
    /// Who has come in, if that is known already.
    pub user_id: Option<&'a str>,
    /// Who wants another identity.
    pub linking_user_id: Option<&'a str>,
    pub provider: Option<&'a str>,
    /// By what the user comes in.
    pub method: Method,
    pub code_challenge: Option<&'a str>,
    /// Where it leads back to, which [`super::redirect`] has approved.
    pub redirect_to: &'a str,
}

impl Flow<'_> {
    /// The statement that makes the row. Where somebody has come in already, the statement in front
    /// of it must have changed exactly one row.
    pub(super) fn begin(&self, id: &Uuid, now: Milliseconds) -> Statement {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Statement::fixed(
            "insert into auth_flows (
               id, user_id, linking_user_id, provider, method, code_challenge, redirect_to, created_at
             )
             select ?1, ?2, ?3, ?4, ?5, ?6, ?7, cast(?8 as integer)
             where ?2 is null or changes() = 1
             returning 'true' as row",
            vec![
                Some(uuid::format(id)),
                owned(self.user_id),
                owned(self.linking_user_id),
                owned(self.provider),
                Some(self.method.name().to_owned()),
                owned(self.code_challenge),
                Some(self.redirect_to.to_owned()),
                Some(now.to_string()),
            ],
        )
    }
}

/// The challenge of a request that has one. Only hashes are taken: a challenge that is the secret
/// itself (`plain`) protects from nothing (RFC 9700 section 2.1.1).
///
/// # Errors
/// 400 when it is not of the form.
pub(super) fn challenge(
    challenge: Option<String>,
    method: Option<String>,
) -> Result<Option<String>, Error> {
    let given = |text: &String| !text.is_empty();
    match (challenge.filter(given), method.filter(given)) {
        (None, None) => Ok(None),
        (Some(challenge), Some(method)) => {
            let is_good = challenge.len() == CHALLENGE_CHARACTERS
                && challenge
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            if !method.eq_ignore_ascii_case("s256") {
                return Err(invalid("code_challenge_method must be s256"));
            }
            if !is_good {
                return Err(invalid("code_challenge must be 43 characters of base64url"));
            }
            Ok(Some(challenge))
        }
        _ => Err(invalid("PKCE flow requires both code_challenge and code_challenge_method")),
    }
}
