//! `POST /auth/v1/factors/recovery-codes/verify`: a recovery code raises the session, once.

use super::{count, digest, read_count};
use crate::auth::audit::{Action, Note};
use crate::auth::call::{Call, invalid};
use crate::auth::database::{ask, ask_once, first_row, one_changed};
use crate::auth::session::{Found, Method, raise};
use crate::auth::token::sealed;
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::Response;
use crate::http::json::{list, quoted};
use crate::identity::User;

/// One round trip; a second one notes that a code was wrong.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let user = call.user()?;
    let code = call.body(|body| body.given("code"))?;
    let code = code.ok_or_else(|| invalid("code is required"))?;
    let mut batch = vec![user.session_guard(), redeem(call, user, &code), one_changed()];
    let note =
        |action| Note::new(host, call, action, &[("method", Method::RecoveryCode.name())]).always();
    batch.extend([count(user), note(Action::Login)]);
    batch.extend(raise(user, Method::RecoveryCode, host.now()));
    let rows = match ask_once(host, batch, wrong_code).await {
        Err(error) if error.code == Code::MfaVerificationFailed => {
            ask(host, vec![note(Action::LoginFailed)]).await?;
            return Err(error);
        }
        answer => answer?,
    };
    let left = read_count(&rows, 3)?;
    let found = first_row(&rows, rows.len().saturating_sub(1), Found::read)?;
    let now = host.now();
    let session = found.ok_or_else(wrong_code)?.session(now, wrong_code)?;
    session.respond_with(call.config, now, &|view| {
        view.integers(&[("recovery_codes_remaining", left)]);
    })
}

/// Takes the code out of the set, however it was written down.
fn redeem(call: &Call<'_>, user: &User, code: &str) -> Statement {
    let letters: String = code.chars().filter(|letter| !matches!(letter, '-' | ' ')).collect();
    let letters = letters.to_ascii_uppercase();
    let digests: Vec<String> = sealed::secrets(call.config)
        .map(|secret| quoted(&digest(secret, &user.id, &letters)))
        .collect();
    Statement::fixed(
        "delete from auth_recovery_codes
         where user_id = ?1 and digest in (select value from json_each(?2))
           and exists (select 1 from auth_factors where user_id = ?1 and status = 'verified')",
        vec![Some(user.id.clone()), Some(list(&digests))],
    )
}

fn wrong_code() -> Error {
    Error::new(Code::MfaVerificationFailed, "Invalid recovery code entered")
}
