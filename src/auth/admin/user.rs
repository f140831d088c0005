//! `GET` and `DELETE /auth/v1/admin/users/{user_id}`: one account, and its end.

use super::{answer, not_found, read_account};
use crate::auth::account::{end_links, end_sessions};
use crate::auth::audit::{Action, Note};
use crate::auth::call::Call;
use crate::auth::database::{ask, failure, has_row};
use crate::db::{Batch, DbError, Statement};
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::{RequestBody, Response};

/// One round trip.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    call.admin()?;
    answer(&ask(host, vec![read_account(call.id(0)?)]).await?, 0)
}

/// One round trip. What hangs on the account goes with it.
pub(in crate::auth) async fn delete<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    call.admin()?;
    let id = call.id(0)?;
    let is_soft = match &call.request.body {
        RequestBody::Bytes(bytes) if bytes.is_empty() => None,
        _ => call.body(|body| body.boolean("should_soft_delete"))?,
    };
    let end = if is_soft == Some(true) {
        empty(id, host.now().to_string())
    } else {
        Statement::fixed(
            "delete from auth_users where id = ?1 returning 'true' as row",
            vec![Some(id.to_owned())],
        )
    };
    let note = Note::new(host, call, Action::UserDeleted, &[("user_id", id)]);
    let mut batch = vec![end, note.if_changed()];
    batch.extend(take_everything(id));
    let rows = host.batch(batch).await.map_err(not_deleted)?;
    if has_row(&rows, 0) { Ok(Response::json(200, "{}".to_owned())) } else { Err(not_found()) }
}

/// Leaves of an account the id alone, to which rows of the schema refer.
fn empty(id: &str, now: String) -> Statement {
    Statement::fixed(
        "update auth_users set
           email = null, new_email = null, password_hash = null, email_confirmed_at = null,
           app_metadata = '{}', user_metadata = '{}', is_anonymous = 0,
           deleted_at = cast(?2 as integer), updated_at = cast(?2 as integer)
         where id = ?1 and deleted_at is null
         returning 'true' as row",
        vec![Some(id.to_owned()), Some(now)],
    )
}

/// All that leads into an account. A letter that waits goes with the link in it.
fn take_everything(id: &str) -> Batch {
    let others = [
        "delete from auth_identities where user_id = ?1",
        "delete from auth_flows where user_id = ?1 or linking_user_id = ?1",
        "delete from auth_factors where user_id = ?1",
        "delete from auth_recovery_codes where user_id = ?1",
    ]
    .map(|sql| Statement::fixed(sql, vec![Some(id.to_owned())]));
    [end_sessions(id), end_links(id)].into_iter().chain(others).collect()
}

fn not_deleted(error: DbError) -> Error {
    match error {
        DbError::ForeignKey => Error::new(
            Code::Conflict,
            "Rows of the schema refer to the account and do not allow that it goes",
        )
        .hint("delete them first, or refer to auth_users with `on delete cascade`"),
        other => failure(other),
    }
}
