//! `POST /auth/v1/recover`: a link into an account whose password was forgotten.

use super::issue::{Wish, throttle};
use super::{Pending, Purpose};
use crate::auth::call::Call;
use crate::auth::database::ask;
use crate::error::Error;
use crate::host::Host;
use crate::http::Response;

/// One round trip, and one answer, whether or not anybody has the address.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let asked = call.body(Wish::read)?.asked(call)?;
    let now = host.now();
    let mut batch = throttle(call, asked.address.as_str(), now);
    batch.extend(asked.issue(host, Purpose::Recovery, Pending::default(), now));
    host.later();
    ask(host, batch).await?;
    Ok(Response::json(200, "{}".to_owned()))
}
