//! `DELETE /auth/v1/factors/{id}`: a factor goes, and with one that counted the level of sessions.

use super::not_found;
use crate::auth::call::Call;
use crate::auth::database::{ask, first_row};
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::Response;
use crate::http::json::Writer;

/// One round trip.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let (user, factor_id) = (call.user()?, call.id(0)?);
    let binds =
        vec![Some(factor_id.to_owned()), Some(user.id.clone()), Some(user.session_id.clone())];
    let read = Statement::fixed(
        "select json_object('may_delete', status = 'unverified' or exists (
           select 1 from auth_sessions where id = ?3 and aal = 'aal2'
         )) as row from auth_factors where id = ?1 and user_id = ?2",
        binds.clone(),
    );
    let [discard, delete] = [
        Statement::fixed(
            "delete from auth_factors where id = ?1 and user_id = ?2 and status = 'unverified'",
            binds.iter().take(2).cloned().collect(),
        ),
        Statement::fixed(
            "delete from auth_factors where id = ?1 and user_id = ?2 and status = 'verified'
             and exists (select 1 from auth_sessions where id = ?3 and aal = 'aal2')",
            binds,
        ),
    ];
    // Which factor a session has shown is not known, so all of them have to show one again.
    let lower = Statement::fixed(
        "update auth_sessions set aal = 'aal1' where user_id = ?1 and changes() = 1",
        vec![Some(user.id.clone())],
    );
    let batch = vec![user.session_guard(), read, discard, delete, lower];
    let rows = ask(host, batch).await?;
    let may_delete = first_row(&rows, 1, |row| row.integer("may_delete").ok()?)?;
    if may_delete.ok_or_else(not_found)? == 0 {
        return Err(Error::new(
            Code::AalTooLowToUnenroll,
            "AAL2 required to unenroll verified factor",
        ));
    }
    let mut view = Writer::object();
    view.texts(&[("id", factor_id)]);
    Ok(Response::json(200, view.finish_object()))
}
