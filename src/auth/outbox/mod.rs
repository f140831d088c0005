//! Letters that wait to be sent: rows that are committed together with what they tell of.
//!
//! Whoever posts a letter calls [`Host::later`], so that it goes out once the response is on its way;
//! what fails then is sent by the clock. No secret lies in a row: link and code are derived from the id
//! of the one-time token when the letter is written.

use super::database::new_uuid;
use crate::db::Statement;
use crate::host::Host;
use crate::mail::Kind;
use crate::uuid;

/// Posts a letter with a link and a code to where the token was made for. Nothing where the token does
/// not exist, so this stands behind its insert in the batch and needs no condition of its own.
///
/// `data` is a JSON object of what else the letter tells.
pub(in crate::auth) fn post_token<H: Host>(
    host: &H,
    kind: Kind,
    token_id: &str,
    data: &str,
) -> Statement {
    let sql = "insert into auth_letters (
           id, kind, user_id, token_id, recipient, data, due_at, created_at
         )
         select ?1, ?2, user_id, id, address, ?5, cast(?4 as integer), cast(?4 as integer)
         from auth_one_time_tokens where id = ?3";
    posted(host, sql, kind, token_id, data)
}

/// Posts a letter to the present address of an account, if the statement in front of this one changed
/// exactly one row. It leaves no row changed where the account has no address.
///
/// `data` is a JSON object of what the letter tells.
pub(in crate::auth) fn post_notice<H: Host>(
    host: &H,
    kind: Kind,
    user_id: &str,
    data: &str,
) -> Statement {
    let sql = "insert into auth_letters (
           id, kind, user_id, recipient, data, due_at, created_at
         )
         select ?1, ?2, id, email, ?5, cast(?4 as integer), cast(?4 as integer)
         from auth_users where id = ?3 and email is not null and changes() = 1";
    posted(host, sql, kind, user_id, data)
}

/// Posts the letter to whoever signs up with an address that has an account already: if `new_id`, which
/// was to be the new account's, is nobody's, and the address is confirmed as somebody's.
pub(in crate::auth) fn post_account_exists<H: Host>(
    host: &H,
    address: &str,
    new_id: &str,
) -> Statement {
    let sql = "insert into auth_letters (
           id, kind, user_id, recipient, data, due_at, created_at
         )
         select ?1, ?2, id, email, '{}', cast(?4 as integer), cast(?4 as integer)
         from auth_users
         where email = ?3 and email_confirmed_at is not null
           and not exists (select 1 from auth_users where id = ?5)";
    posted(host, sql, Kind::AccountExists, address, new_id)
}

fn posted<H: Host>(host: &H, sql: &'static str, kind: Kind, whom: &str, data: &str) -> Statement {
    Statement::fixed(
        sql,
        vec![
            Some(uuid::format(&new_uuid(host))),
            Some(kind.name().to_owned()),
            Some(whom.to_owned()),
            Some(host.now().to_string()),
            Some(data.to_owned()),
        ],
    )
}
