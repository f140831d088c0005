//! `POST /auth/v1/factors/recovery-codes/verify`: a recovery code raises the session, once.

use super::digest;
use crate::auth::call::{Call, invalid};
use crate::auth::database::{ask_once, first_row, one_changed, row_defect};
use crate::auth::session::{Found, Method, raise};
use crate::auth::token::sealed;
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::Response;
use crate::http::json::{list, quoted};

/// One round trip.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let user = call.user()?;
    let code = call.body(|body| body.text("code"))?;
    let Some(code) = code.filter(|code| !code.is_empty()) else {
        return Err(invalid("code is required"));
    };
    // However it was written down.
    let letters: String = code
        .chars()
        .filter(|letter| !matches!(letter, '-' | ' '))
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    let digests: Vec<String> = sealed::secrets(call.config)
        .map(|secret| quoted(&digest(secret, &user.id, &letters)))
        .collect();
    let now = host.now();
    let redeem = Statement::fixed(
        "delete from auth_recovery_codes
         where user_id = ?1 and digest in (select value from json_each(?2))
           and exists (select 1 from auth_factors where user_id = ?1 and status = 'verified')",
        vec![Some(user.id.clone()), Some(list(&digests))],
    );
    let count = Statement::fixed(
        "select json_object('left', count(*)) as row from auth_recovery_codes where user_id = ?1",
        vec![Some(user.id.clone())],
    );
    let mut batch = vec![user.session_guard(), redeem, one_changed(), count];
    batch.extend(raise(user, Method::RecoveryCode, now));
    let rows = ask_once(host, batch, wrong_code).await?;
    let left = first_row(&rows, 3, |row| row.integer("left").ok()?)?;
    let left = left.ok_or_else(|| row_defect("auth_recovery_codes"))?;
    let found = first_row(&rows, 6, Found::read)?.ok_or_else(wrong_code)?;
    found
        .session(now, wrong_code)?
        .respond_with(call.config, now, |view| view.integers(&[("recovery_codes_remaining", left)]))
}

fn wrong_code() -> Error {
    Error::new(Code::MfaVerificationFailed, "Invalid recovery code entered")
}
