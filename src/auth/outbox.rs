//! Letters that wait to be sent, committed together with what they tell of.

use super::database::new_uuid;
use crate::db::Statement;
use crate::host::{Host, Milliseconds};
use crate::uuid;

/// A letter about a token, to where the token belongs, if the token was made.
pub(super) fn post_token<H: Host>(
    host: &H,
    kind: &str,
    token_id: &str,
    now: Milliseconds,
) -> Statement {
    Statement::fixed(
        "insert into auth_letters (id, kind, token_id, recipient, due_at, created_at)
         select ?1, ?2, id, address, cast(?4 as integer), cast(?4 as integer)
         from auth_one_time_tokens where id = ?3",
        vec![
            Some(uuid::format(&new_uuid(host))),
            Some(kind.to_owned()),
            Some(token_id.to_owned()),
            Some(now.to_string()),
        ],
    )
}

/// A letter to whoever has confirmed that address, if anybody has.
pub(super) fn post_owner<H: Host>(
    host: &H,
    kind: &str,
    address: &str,
    now: Milliseconds,
) -> Statement {
    Statement::fixed(
        "insert into auth_letters (id, kind, recipient, due_at, created_at)
         select ?1, ?2, email, cast(?4 as integer), cast(?4 as integer)
         from auth_users where email = ?3 and email_confirmed_at is not null",
        vec![
            Some(uuid::format(&new_uuid(host))),
            Some(kind.to_owned()),
            Some(address.to_owned()),
            Some(now.to_string()),
        ],
    )
}

/// A letter to an account's present address, if it has one.
pub(super) fn post_user<H: Host>(
    host: &H,
    kind: &str,
    user_id: &str,
    now: Milliseconds,
) -> Statement {
    Statement::fixed(
        "insert into auth_letters (id, kind, recipient, due_at, created_at)
         select ?1, ?2, email, cast(?4 as integer), cast(?4 as integer)
         from auth_users where id = ?3 and email is not null",
        vec![
            Some(uuid::format(&new_uuid(host))),
            Some(kind.to_owned()),
            Some(user_id.to_owned()),
            Some(now.to_string()),
        ],
    )
}
