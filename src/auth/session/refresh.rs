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
//! The second line is for tabs that refresh at the same moment and for answers that were lost.

use super::refresh_token::{RefreshToken, RefreshTokenError};
use super::{Found, read_session};
use crate::auth::call::{Call, invalid};
use crate::auth::database::{ask, first_row, has_row};
use crate::db::Statement;
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
    let text = call.body(|body| body.text("refresh_token"))?;
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Err(invalid("refresh_token is required"));
    };
    let token = RefreshToken::read(&text, call.config).map_err(|error| match error {
        RefreshTokenError::Malformed => invalid("Refresh token is not valid"),
        // The same answer as for a session that is gone: both mean to sign in again.
        RefreshTokenError::Signature => not_found(),
    })?;
    let now = host.now();
    let rows = ask(host, statements(&token, now)).await?;
    if has_row(&rows, 1) {
        let session_id = uuid::format(&token.session_id);
        return Err(Error::new(
            Code::RefreshTokenAlreadyUsed,
            "Invalid Refresh Token: Already Used",
        )
        .cause(format!("a refresh token came twice, so session {session_id} was ended")));
    }
    let found = first_row(&rows, 2, Found::read)?.ok_or_else(not_found)?;
    found.session(now, not_found)?.respond(call.config, now)
}

/// After the first statement a session that may go on has the counter `n + 1` and was refreshed
/// lately, whichever of the table's first two lines it is on. The second ends any other session,
/// and unlike an error it is committed. The third finds what is left.
fn statements(token: &RefreshToken, now: Milliseconds) -> Vec<Statement> {
    let session_id = Some(uuid::format(&token.session_id));
    let counter = Some(token.counter.to_string());
    let since = now.saturating_sub(REUSE_MILLISECONDS);
    let rotate = Statement::fixed(
        "update auth_sessions
         set counter = counter + 1, refreshed_at = cast(?3 as integer)
         where id = ?1 and counter = cast(?2 as integer)",
        vec![session_id.clone(), counter.clone(), Some(now.to_string())],
    );
    let end_reused = Statement::fixed(
        "delete from auth_sessions
         where id = ?1
           and not (counter = cast(?2 as integer) + 1 and refreshed_at >= cast(?3 as integer))
         returning 'true' as row",
        vec![session_id.clone(), counter, Some(since.to_string())],
    );
    vec![rotate, end_reused, read_session(&uuid::format(&token.session_id), None)]
}

fn not_found() -> Error {
    Error::new(Code::RefreshTokenNotFound, "Invalid Refresh Token: Refresh Token Not Found")
}
