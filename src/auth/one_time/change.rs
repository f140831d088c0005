//! The change of an account's address, to which the new address agrees and, unless that is switched off,
//! the present one.
//!
//! There is one row for each. The first that is used makes the other the last one; the last one changes the
//! address. Which of them it is, only SQL decides.

use super::find::Ticket;
use super::{Pending, Purpose};
use crate::auth::account::email_identity_json;
use crate::auth::database::new_id;
use crate::auth::outbox;
use crate::db::{Batch, Statement};
use crate::host::{Host, Milliseconds};
use crate::mail::Kind;

/// The statement of the batch that gives a row when the other address has to agree, too: the second of
/// [`apply`], behind two others.
pub(super) const HALF: usize = 3;

/// The statements that use one of the two; behind the last one a session may begin.
pub(super) fn apply<H: Host>(host: &H, ticket: &Ticket, now: Milliseconds) -> Batch {
    let (user, token) = (Some(ticket.user_id.clone()), Some(ticket.id.clone()));
    let now = Some(now.to_string());
    let other = match ticket.purpose {
        Purpose::ChangeTo => Purpose::ChangeFrom,
        _ => Purpose::ChangeTo,
    };
    let agree = Statement::fixed(
        "update auth_one_time_tokens set is_last = 1
         where user_id = ?1 and purpose = ?2
           and exists (select 1 from auth_one_time_tokens where id = ?3 and is_last = 0)",
        vec![user.clone(), Some(other.name().to_owned()), token.clone()],
    );
    let half = Statement::fixed(
        "delete from auth_one_time_tokens where id = ?1 and is_last = 0 returning 'true' as row",
        vec![token.clone()],
    );
    let touch = Statement::fixed(
        "update auth_users set updated_at = cast(?3 as integer)
         where id = ?1 and exists (select 1 from auth_one_time_tokens where id = ?2)",
        vec![user.clone(), token.clone(), now.clone()],
    );
    let notify = outbox::post_notice(host, Kind::EmailChanged, &ticket.user_id, "{}");
    let identity = Statement::fixed(
        concat!(
            "insert into auth_identities (
               id, user_id, provider, subject, email, identity_data,
               last_sign_in_at, created_at, updated_at
             )
             select ?1, id, 'email', id, new_email, ",
            email_identity_json!("new_email", "'true'", "id"),
            ", cast(?4 as integer), cast(?4 as integer), cast(?4 as integer)
             from auth_users
             where id = ?2 and new_email is not null
               and exists (select 1 from auth_one_time_tokens where id = ?3)
             on conflict (provider, subject) do update set
               email = excluded.email, identity_data = excluded.identity_data,
               updated_at = excluded.updated_at"
        ),
        vec![Some(new_id(host)), user.clone(), token.clone(), now.clone()],
    );
    // Who has signed up with the new address and not confirmed it would keep it from its owner.
    let make_room = Statement::fixed(
        "delete from auth_users
         where is_open = 1 and email_confirmed_at is null
           and email = (select new_email from auth_users where id = ?1)
           and exists (select 1 from auth_one_time_tokens where id = ?2)",
        vec![user.clone(), token.clone()],
    );
    let end = Statement::fixed("delete from auth_one_time_tokens where id = ?1", vec![token]);
    vec![agree, half, touch, notify, identity, make_room, end, set_address(user, ticket, now)]
}

fn set_address(user: Option<String>, ticket: &Ticket, now: Option<String>) -> Statement {
    Statement::fixed(
        "update auth_users set
           email = new_email, new_email = null, email_change_sent_at = null,
           email_confirmed_at = cast(?3 as integer),
           app_metadata = iif(is_anonymous,
             json_set(app_metadata, '$.provider', 'email', '$.providers', json('[\"email\"]')),
             app_metadata),
           user_metadata = json_set(user_metadata, '$.email_verified', json('true')),
           is_anonymous = 0,
           last_sign_in_at = cast(?3 as integer),
           updated_at = cast(?3 as integer)
         where id = ?1 and changes() = 1 and new_email is not null
           and ?2 = iif(?4 = 'email_change_new', new_email, email) collate nocase",
        vec![user, Some(ticket.address.clone()), now, Some(ticket.purpose.name().to_owned())],
    )
}

/// The statements that change the address without asking anybody; the account has it in `new_email`.
pub(in crate::auth) fn change_at_once<H: Host>(
    host: &H,
    user_id: &str,
    address: &str,
    now: Milliseconds,
) -> Batch {
    let ticket = Ticket {
        id: new_id(host),
        user_id: user_id.to_owned(),
        purpose: Purpose::ChangeTo,
        address: address.to_owned(),
        code_challenge: None,
        pending: Pending::default(),
    };
    let make = Statement::fixed(
        "insert or replace into auth_one_time_tokens (id, user_id, purpose, address, created_at)
         values (?1, ?2, ?3, ?4, cast(?5 as integer))",
        vec![
            Some(ticket.id.clone()),
            Some(ticket.user_id.clone()),
            Some(ticket.purpose.name().to_owned()),
            Some(ticket.address.clone()),
            Some(now.to_string()),
        ],
    );
    let mut batch = vec![make];
    batch.extend(apply(host, &ticket, now));
    batch
}
