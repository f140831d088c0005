//! Another address.

use super::{Change, Stored};
use crate::auth::call::Call;
use crate::auth::{one_time, outbox, redirect};
use crate::db::{Batch, Statement};
use crate::error::Error;
use crate::host::{Host, Milliseconds};

/// Asks for another address, or sets it where nobody needs to agree. Only there a taken one is
/// refused, which the database does; else its owner gets a letter, and whoever asks is told what is
/// told of a free one.
pub(super) fn set_address<H: Host>(
    host: &H,
    call: &Call<'_>,
    change: &Change,
    stored: &Stored,
    now: Milliseconds,
) -> Result<Batch, Error> {
    let user = call.user()?;
    let Some(address) = &change.address else { return Ok(Vec::new()) };
    if stored.email.as_deref() == Some(address.as_str()) {
        return Ok(Vec::new());
    }
    let settings = &call.config.accounts;
    let wait = Statement::fixed(
        "update auth_users set new_email = ?2, email_change_sent_at = cast(?3 as integer)
         where id = ?1",
        vec![Some(user.id.clone()), Some(address.as_str().to_owned()), Some(now.to_string())],
    );
    let both = settings.both_agree_to_change;
    // That addresses need no confirmation is no reason for the present one not to be asked.
    if settings.autoconfirm && (stored.email.is_none() || !both) {
        let mut batch = vec![wait];
        batch.extend(one_time::change_at_once(host, &user.id, address.as_str(), now));
        return Ok(batch);
    }
    let redirect_to = redirect::target(call);
    let asked = (redirect_to.as_str(), change.code_challenge.as_deref());
    let mut batch = one_time::throttle(call, address.as_str(), now);
    batch.push(wait);
    batch.extend(one_time::change_of_address(host, &user.id, asked, both, now));
    batch.push(outbox::post_account_exists(host, address.as_str(), ""));
    Ok(batch)
}
