//! `POST /auth/v1/factors/{id}/challenge`: opens a time in which one code of the factor is taken.

use super::{OPEN_MILLISECONDS, check_on, not_found};
use crate::auth::audit::{Action, Note};
use crate::auth::call::Call;
use crate::auth::database::{ask, has_row, new_id};
use crate::db::{Batch, Statement};
use crate::error::Error;
use crate::host::Host;
use crate::http::Response;
use crate::http::json::Writer;
use crate::time;

/// One round trip.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    call.user()?;
    check_on(call)?;
    let id = new_id(host);
    let rows = ask(host, statements(host, call, &id)?).await?;
    if !has_row(&rows, 3) {
        return Err(not_found());
    }
    let mut view = Writer::object();
    view.texts(&[("id", &id), ("type", "totp")]);
    let until = host.now().saturating_add(OPEN_MILLISECONDS);
    view.integers(&[("expires_at", time::seconds(until))]);
    Ok(Response::json(200, view.finish_object()))
}

fn statements<H: Host>(host: &H, call: &Call<'_>, id: &str) -> Result<Batch, Error> {
    let (user, factor_id, now) = (call.user()?, call.id(0)?, host.now());
    let (factor, at) = (Some(factor_id.to_owned()), Some(now.to_string()));
    let forget = Statement::fixed(
        "delete from auth_challenges where factor_id = ?1 and created_at <= cast(?2 as integer)",
        vec![factor.clone(), Some(now.saturating_sub(OPEN_MILLISECONDS).to_string())],
    );
    let touch = Statement::fixed(
        "update auth_factors set last_challenged_at = cast(?3 as integer)
         where id = ?1 and user_id = ?2",
        vec![factor.clone(), Some(user.id.clone()), at.clone()],
    );
    let insert = Statement::fixed(
        "insert into auth_challenges (id, factor_id, created_at)
         select ?1, ?2, cast(?3 as integer) where changes() = 1
         returning 'true' as row",
        vec![Some(id.to_owned()), factor, at],
    );
    let note = Note::new(host, call, Action::ChallengeCreated, &[("factor_id", factor_id)]);
    Ok(vec![user.session_guard(), forget, touch, insert, note.if_changed()])
}
