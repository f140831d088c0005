//! `POST /auth/v1/otp` and `/magiclink`: a link and a code to sign in with, for an address that need not
//! have an account yet.

use super::issue::{Wish, throttle};
use super::{Pending, Purpose};
use crate::auth::account::{Metadata, insert_unconfirmed};
use crate::auth::call::Call;
use crate::auth::database::ask;
use crate::error::Error;
use crate::host::Host;
use crate::http::Response;

struct Body {
    wish: Wish,
    create_user: bool,
    data: Option<String>,
}

/// One round trip, and one answer, whether or not anybody has the address: also where no account is to be
/// made, unlike in the original, which tells strangers who has one.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let body = call.body(|body| {
        Ok(Body {
            wish: Wish::read(body)?,
            create_user: body.raw("create_user") != Some("false"),
            data: body.raw("data").map(str::to_owned),
        })
    })?;
    let metadata = Metadata::read(body.data.as_deref())?;
    let asked = body.wish.asked(call)?;
    let now = host.now();
    let address = asked.address.as_str();
    let mut batch = throttle(call, address, now);
    if body.create_user && !call.config.accounts.signup_disabled {
        batch.extend(insert_unconfirmed(host, address, &metadata, now));
    }
    let user_metadata = Some(metadata.of_new_account(false));
    let pending = Pending { password_hash: None, user_metadata };
    batch.extend(asked.issue(host, Purpose::MagicLink, pending, now));
    host.later();
    ask(host, batch).await?;
    Ok(Response::json(200, "{}".to_owned()))
}
