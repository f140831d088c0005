//! `DELETE /auth/v1/factors/{id}`: a factor goes, and with one that counted the level of sessions.

use super::{LETTER, not_found};
use crate::auth::audit::{Action, Note};
use crate::auth::call::Call;
use crate::auth::database::{ask, first_row};
use crate::auth::outbox;
use crate::db::{Batch, Statement};
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::Response;
use crate::http::json::Writer;
use crate::mail::Kind;

/// One round trip.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let rows = ask(host, statements(host, call)?).await?;
    let may_delete = first_row(&rows, 1, |row| row.integer("may_delete").ok()?)?;
    if may_delete.ok_or_else(not_found)? == 0 {
        let message = "AAL2 required to unenroll verified factor";
        return Err(Error::new(Code::AalTooLowToUnenroll, message));
    }
    host.later();
    let mut view = Writer::object();
    view.texts(&[("id", call.id(0)?)]);
    Ok(Response::json(200, view.finish_object()))
}

fn statements<H: Host>(host: &H, call: &Call<'_>) -> Result<Batch, Error> {
    let (user, factor_id) = (call.user()?, call.id(0)?);
    let owned = vec![Some(factor_id.to_owned()), Some(user.id.clone())];
    let mut by_session = owned.clone();
    by_session.push(Some(user.session_id.clone()));
    let read = Statement::fixed(
        "select json_object('may_delete', status = 'unverified' or exists (
           select 1 from auth_sessions where id = ?3 and aal = 'aal2'
         )) as row from auth_factors where id = ?1 and user_id = ?2",
        by_session.clone(),
    );
    // Which factor a session has shown is not known, so all of them have to show one again. What is
    // asked of the own session is one value, read before any is changed.
    let lower = Statement::fixed(
        "update auth_sessions set aal = 'aal1'
         where user_id = ?2 and (select aal from auth_sessions where id = ?3) = 'aal2' and exists (
           select 1 from auth_factors where id = ?1 and user_id = ?2 and status = 'verified'
         )",
        by_session,
    );
    let delete = Statement::fixed(
        "delete from auth_factors
         where id = ?1 and user_id = ?2 and status = 'verified' and changes() > 0",
        owned.clone(),
    );
    let note = Note::new(host, call, Action::FactorUnenrolled, &[("factor_id", factor_id)]);
    let letter = outbox::post_notice(host, Kind::MfaUnenrolled, &user.id, LETTER);
    let discard = Statement::fixed(
        "delete from auth_factors where id = ?1 and user_id = ?2 and status = 'unverified'",
        owned,
    );
    Ok(vec![user.session_guard(), read, lower, delete, note.if_changed(), letter, discard])
}
