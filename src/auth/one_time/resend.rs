//! `POST /auth/v1/resend`: the letter of a sign-up or of a change of address once more.

use super::issue::{Wish, resend_change, throttle};
use super::{Pending, Purpose};
use crate::auth::call::{Call, invalid, phone_refused};
use crate::auth::database::ask;
use crate::error::Error;
use crate::host::Host;
use crate::http::Response;

/// One round trip, and one answer, whether or not anything waits to be confirmed.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let (kind, wish) = call.body(|body| Ok((body.text("type")?, Wish::read(body)?)))?;
    let kind = kind.unwrap_or_default();
    match kind.as_str() {
        "signup" | "email_change" => {}
        "sms" | "phone_change" => return Err(phone_refused()),
        "" => {
            return Err(invalid(
                "Missing one of these types: signup, email_change, sms, phone_change",
            ));
        }
        _ => return Err(invalid("type must be signup or email_change")),
    }
    let asked = wish.asked(call)?;
    let now = host.now();
    let mut batch = throttle(call, asked.address.as_str(), now);
    if kind == "signup" {
        batch.push(asked.replace_sign_up());
        batch.extend(asked.issue(host, Purpose::Signup, Pending::default(), now));
    } else {
        batch.extend(resend_change(host, &asked, now));
    }
    host.later();
    ask(host, batch).await?;
    Ok(Response::json(200, "{}".to_owned()))
}
