//! `GET /auth/v1/sessions` and `DELETE /auth/v1/sessions/{session_id}`: where the user is signed
//! in, and an end to it. The original has neither.

use crate::auth::audit::{Action, Note};
use crate::auth::call::Call;
use crate::auth::database::{ask, has_row, read_rows, row_defect};
use crate::config::SessionLimits;
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::{Host, Milliseconds};
use crate::http::Response;
use crate::http::json::{Object, Writer, list};
use crate::time::rfc3339;

/// One round trip.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let user = call.user()?;
    let limits = &call.config.sessions;
    let [begun, refreshed] = limits.living_since(host.now());
    let read = Statement::fixed(
        "select json_object('id', id, 'created_at', created_at, 'refreshed_at', refreshed_at,
           'aal', aal, 'user_agent', user_agent, 'network', network) as row
         from auth_sessions
         where user_id = ?1
           and created_at > cast(?2 as integer) and refreshed_at > cast(?3 as integer)
         order by refreshed_at desc, id",
        vec![Some(user.id.clone()), Some(begun.to_string()), Some(refreshed.to_string())],
    );
    let rows = ask(host, vec![user.session_guard(), read]).await?;
    let sessions: Option<Vec<String>> = read_rows(&rows, 1)
        .iter()
        .map(|row| written(&Object::of(row)?, limits, &user.session_id))
        .collect();
    Ok(Response::json(200, list(&sessions.ok_or_else(|| row_defect("auth_sessions"))?)))
}

/// A session as its user sees it; no part of it opens anything.
fn written(row: &Object<'_>, limits: &SessionLimits, current: &str) -> Option<String> {
    let time = |name: &str| -> Option<Milliseconds> { row.integer(name).ok()? };
    let (created_at, refreshed_at) = (time("created_at")?, time("refreshed_at")?);
    let id = row.text("id").ok()??;
    let mut session = Writer::object();
    session.texts(&[
        ("id", &id),
        ("created_at", &rfc3339(created_at)),
        ("refreshed_at", &rfc3339(refreshed_at)),
        ("not_after", &rfc3339(limits.end(created_at, refreshed_at))),
        ("aal", &row.text("aal").ok()??),
    ]);
    session.member("user_agent", row.raw("user_agent").unwrap_or("null"));
    session.member("network", row.raw("network").unwrap_or("null"));
    session.member("current", if id == current { "true" } else { "false" });
    Some(session.finish_object())
}

/// One round trip. A session of somebody else's is as unknown as one that never was.
pub(in crate::auth) async fn end<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let user = call.user()?;
    let end = Statement::fixed(
        "delete from auth_sessions where id = ?1 and user_id = ?2 returning 'true' as row",
        vec![Some(call.id(0)?.to_owned()), Some(user.id.clone())],
    );
    let note = Note::new(host, call, Action::Logout, &[("scope", "session")]);
    let rows = ask(host, vec![user.session_guard(), end, note.if_changed()]).await?;
    if has_row(&rows, 1) {
        Ok(Response::empty(204))
    } else {
        Err(Error::new(Code::NotFound, "Session not found"))
    }
}
