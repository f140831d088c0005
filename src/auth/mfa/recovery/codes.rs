//! `GET /auth/v1/factors/recovery-codes` tells how many codes are left, `POST` makes a fresh set.

use super::{count, digest, read_count};
use crate::auth::call::Call;
use crate::auth::database::{ask, ask_once, one_changed};
use crate::auth::mfa::base32;
use crate::auth::token::sealed;
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::json::{Writer, list, quoted};
use crate::http::{Method, Response};
use crate::identity::User;

/// How many codes a set has.
const CODES: usize = 10;

/// The random bytes of a code: 120 bits, so that its digest needs no work to be made (OWASP ASVS
/// 6.5.2).
const CODE_BYTES: usize = 15;

/// One round trip.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let user = call.user()?;
    if call.request.method == Some(Method::Post) {
        return renew(host, call, user).await;
    }
    let rows = ask(host, vec![user.session_guard(), count(user)]).await?;
    let mut view = Writer::object();
    view.integers(&[("remaining", read_count(&rows, 1)?)]);
    Ok(Response::json(200, view.finish_object()))
}

/// The codes are told here and never again. Those of before end.
async fn renew<H: Host>(
    host: &H,
    call: &Call<'_>,
    user: &User,
) -> Result<Response<H::Rows>, Error> {
    let present = sealed::secrets(call.config).next();
    let secret = present.ok_or_else(|| Error::unexpected("no secret"))?;
    let (mut codes, mut digests) = (Vec::new(), Vec::new());
    for _ in 0..CODES {
        let mut bytes = [0; CODE_BYTES];
        host.random(&mut bytes);
        let letters = base32::encode(&bytes);
        digests.push(quoted(&digest(secret, &user.id, &letters)));
        codes.push(quoted(&in_groups(&letters)));
    }
    // It changes nothing but that it counts: one row, if the session has shown a second factor.
    let check = Statement::fixed(
        "update auth_sessions set aal = 'aal2' where id = ?1 and user_id = ?2 and aal = 'aal2'",
        vec![Some(user.session_id.clone()), Some(user.id.clone())],
    );
    let end = Statement::fixed(
        "delete from auth_recovery_codes where user_id = ?1",
        vec![Some(user.id.clone())],
    );
    let insert = Statement::fixed(
        "insert into auth_recovery_codes (user_id, digest) select ?1, value from json_each(?2)",
        vec![Some(user.id.clone()), Some(list(&digests))],
    );
    let batch = vec![user.session_guard(), check, one_changed(), end, insert];
    ask_once(host, batch, || {
        Error::new(Code::AalTooLowToEnroll, "AAL2 required to create recovery codes")
    })
    .await?;
    let mut view = Writer::object();
    view.member("codes", &list(&codes));
    Ok(Response::json(200, view.finish_object()))
}

/// As people read it: four letters and a hyphen.
fn in_groups(letters: &str) -> String {
    let mut code = String::new();
    for (index, letter) in letters.chars().enumerate() {
        if index > 0 && index % 4 == 0 {
            code.push('-');
        }
        code.push(letter);
    }
    code
}
