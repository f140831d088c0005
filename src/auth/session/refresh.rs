//! `POST /auth/v1/token?grant_type=refresh_token`: new tokens for a living session.
//!
//! A session's counter says which refresh token is current. With the token of counter `n`:
//!
//! | the session's counter | answer |
//! |---|---|
//! | `n` | becomes `n + 1`, whose token is the answer |
//! | `n + 1`, for no longer than [`REUSE_MILLISECONDS`] | the token of `n + 1`, again |
//! | anything else | a token was used twice: the session ends |
//!
//! The second line is for tabs that refresh at the same moment and for answers that were lost. A
//! session that is older than the settings allow, or whose user is banned, ends whatever the token.

use super::refresh_token::{RefreshToken, RefreshTokenError};
use super::{Found, read_session};
use crate::auth::audit;
use crate::auth::call::{Call, invalid};
use crate::auth::database::{ask, first_row, new_id, user_banned};
use crate::db::{Batch, Statement};
use crate::error::{Code, Error};
use crate::host::{Host, Milliseconds};
use crate::http::Response;
use crate::uuid;

/// How long a used token is answered with its successor.
pub const REUSE_MILLISECONDS: Milliseconds = 10_000;

/// One round trip, in which SQL decides: nothing is read first and written later, so of any number
/// of simultaneous requests one rotates and the others find it done.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let text = call.body(|body| body.given("refresh_token"))?;
    let text = text.ok_or_else(|| invalid("refresh_token is required"))?;
    let token = RefreshToken::read(&text, call.config).map_err(|error| match error {
        RefreshTokenError::Malformed => invalid("Refresh token is not valid"),
        // The same answer as for a session that is gone: both mean to sign in again.
        RefreshTokenError::Signature => not_found(),
    })?;
    let rows = ask(host, statements(host, call, &token)).await?;
    if let Some(reason) = first_row(&rows, 2, |row| row.text("reason").ok()?)? {
        return Err(ended(&reason, &uuid::format(&token.session_id)));
    }
    let now = host.now();
    let found = first_row(&rows, 3, Found::read)?.ok_or_else(not_found)?;
    found.session(now, not_found)?.respond(call.config, now)
}

/// SQL that says whether a session may go on: it is not older than `?5`, was refreshed after `?6`,
/// and its user is not banned.
macro_rules! may_go_on {
    () => {
        "(created_at > cast(?5 as integer) and refreshed_at > cast(?6 as integer) and not exists (
           select 1 from auth_users where id = user_id and banned_until > cast(?3 as integer)
         ))"
    };
}

/// SQL that says whether the token `?2` may be answered with its successor: it was used no earlier
/// than `?4`.
macro_rules! is_successor {
    () => {
        "(counter = cast(?2 as integer) + 1 and refreshed_at >= cast(?4 as integer))"
    };
}

/// After the first statement a session that may go on has the counter `n + 1` and was refreshed
/// lately, whichever of the table's first two lines it is on. The second notes what has happened or
/// is about to. The third ends any other session and says why; unlike an error it is committed. The
/// last finds what is left.
fn statements<H: Host>(host: &H, call: &Call<'_>, token: &RefreshToken) -> Batch {
    let now = host.now();
    let session_id = uuid::format(&token.session_id);
    let [begun, refreshed] = call.config.sessions.living_since(now);
    let binds = vec![
        Some(session_id.clone()),
        Some(token.counter.to_string()),
        Some(now.to_string()),
        Some(now.saturating_sub(REUSE_MILLISECONDS).to_string()),
        Some(begun.to_string()),
        Some(refreshed.to_string()),
    ];
    let rotate = Statement::fixed(
        concat!(
            "update auth_sessions
             set counter = counter + 1, refreshed_at = cast(?3 as integer)
             where id = ?1 and counter = cast(?2 as integer) and ",
            may_go_on!()
        ),
        binds.clone(),
    );
    let mut with_note = binds.clone();
    with_note.extend([Some(new_id(host)), audit::network(call)]);
    let note = Statement::fixed(
        concat!(
            "insert into auth_audit (id, actor_id, action, network, created_at)
             select ?7, user_id, iif(changes() = 1, 'token_refreshed', 'token_revoked'), ?8,
               cast(?3 as integer)
             from auth_sessions
             where id = ?1 and (changes() = 1 or not (",
            is_successor!(),
            " and ",
            may_go_on!(),
            "))"
        ),
        with_note,
    );
    let end = Statement::fixed(
        concat!(
            "delete from auth_sessions where id = ?1 and not (",
            is_successor!(),
            " and ",
            may_go_on!(),
            ")
             returning json_object('reason', case
               when ",
            may_go_on!(),
            " then 'reused'
               when exists (
                 select 1 from auth_users where id = user_id and banned_until > cast(?3 as integer)
               ) then 'banned'
               else 'expired'
             end) as row"
        ),
        binds,
    );
    vec![rotate, note, end, read_session(&session_id, None)]
}

/// Why a session was ended, as [`statements`] says it.
fn ended(reason: &str, session_id: &str) -> Error {
    match reason {
        "banned" => user_banned(),
        "expired" => Error::new(Code::SessionExpired, "Invalid Refresh Token: Session Expired"),
        _ => Error::new(Code::RefreshTokenAlreadyUsed, "Invalid Refresh Token: Already Used")
            .cause(format!("a refresh token came twice, so session {session_id} was ended")),
    }
}

fn not_found() -> Error {
    Error::new(Code::RefreshTokenNotFound, "Invalid Refresh Token: Refresh Token Not Found")
}
