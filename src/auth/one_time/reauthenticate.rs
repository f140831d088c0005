//! `GET /auth/v1/reauthenticate`: a code for whoever is about to change the password.

use super::issue::{Asked, throttle};
use super::{Pending, Purpose};
use crate::auth::account::Address;
use crate::auth::audit::{Action, Note};
use crate::auth::call::{Call, invalid};
use crate::auth::database::ask;
use crate::auth::redirect;
use crate::error::Error;
use crate::host::Host;
use crate::http::Response;

/// One round trip: the token says the address, and the row is made for the account that has it.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let user = call.user()?;
    let address = Address::parse(&user.email).ok_or_else(|| {
        invalid("Reauthentication requires the user to have an email or a phone number")
    })?;
    let now = host.now();
    let throttle = throttle(call, address.as_str(), now);
    let asked = Asked { address, redirect_to: redirect::target(call), code_challenge: None };
    let mut batch = vec![user.session_guard()];
    batch.extend(throttle);
    batch.extend(asked.issue(host, Purpose::Reauthentication, Pending::default(), now));
    let note = Note::new(host, call, Action::UserReauthenticateRequested, &[]);
    batch.push(note.if_changed());
    host.later();
    ask(host, batch).await?;
    Ok(Response::json(200, "{}".to_owned()))
}
