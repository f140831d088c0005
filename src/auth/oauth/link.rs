//! Another way into an account whose owner has asked for it. Nobody else's is ever taken.

use super::arrival::{Arrival, account_of_identity, with_providers};
use crate::auth::account::USER_METADATA_BYTES_MAX;
use crate::auth::audit::Action;
use crate::auth::database::{ask, first_row, has_row, new_uuid};
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::uuid;

/// Gives the identity to an account, in one batch.
///
/// # Errors
/// When the identity is somebody's already, or the account is gone or may not be entered.
pub(super) async fn link<H: Host>(
    host: &H,
    arrival: &Arrival<'_>,
    user_id: &str,
    last: Option<Statement>,
) -> Result<(), Error> {
    let id = uuid::format(&new_uuid(host));
    let told = arrival.note_of(host, Action::IdentityLinked, Some(user_id)).if_changed();
    let mut batch = vec![add(arrival, &id, user_id), note(arrival, user_id), told, whose(arrival)];
    batch.extend(last);
    let rows = ask(host, batch).await?;
    if has_row(&rows, 1) {
        return Ok(());
    }
    let owner = first_row(&rows, 3, |row| row.text("user_id").ok())?.flatten();
    Err(match owner {
        Some(owner) if owner == user_id => {
            Error::new(Code::IdentityAlreadyExists, "Identity is already linked")
        }
        Some(_) => {
            Error::new(Code::IdentityAlreadyExists, "Identity is already linked to another user")
        }
        None => Error::new(Code::UserNotFound, "User from sub claim in JWT does not exist"),
    })
}

fn add(arrival: &Arrival<'_>, id: &str, user_id: &str) -> Statement {
    let address = arrival.vouched.email.as_ref();
    Statement::fixed(
        "insert into auth_identities (
           id, user_id, provider, subject, email, identity_data,
           last_sign_in_at, created_at, updated_at
         )
         select ?1, id, ?2, ?3, ?4, ?5, cast(?6 as integer), cast(?6 as integer), cast(?6 as integer)
         from auth_users
         where id = ?7 and deleted_at is null and coalesce(banned_until, 0) <= cast(?6 as integer)
         on conflict (provider, subject) do nothing",
        vec![
            Some(id.to_owned()),
            arrival.provider(),
            arrival.subject(),
            address.map(|address| address.as_str().to_owned()),
            Some(arrival.vouched.data.clone()),
            arrival.now(),
            Some(user_id.to_owned()),
        ],
    )
}

/// Who had no way in has one now, and an address too, if the provider has verified one that is free.
fn note(arrival: &Arrival<'_>, user_id: &str) -> Statement {
    Statement::fixed(
        concat!(
            "update auth_users set
               is_anonymous = 0,
               email = coalesce(email, free),
               email_confirmed_at = iif(
                 email is null and free is not null, cast(?4 as integer), email_confirmed_at
               ),
               app_metadata = ",
            with_providers!(),
            ", user_metadata = iif(
                 octet_length(json_patch(?2, user_metadata)) <= cast(?3 as integer),
                 json_patch(?2, user_metadata), user_metadata
               ),
               updated_at = cast(?4 as integer)
             from (select (
               select ?5 where not exists (select 1 from auth_users where email = ?5)
             ) as free)
             where id = ?1 and changes() = 1
             returning 'true' as row"
        ),
        vec![
            Some(user_id.to_owned()),
            Some(arrival.vouched.data.clone()),
            Some(USER_METADATA_BYTES_MAX.to_string()),
            arrival.now(),
            arrival.verified_address(),
        ],
    )
}

fn whose(arrival: &Arrival<'_>) -> Statement {
    Statement::fixed(
        concat!("select json_object('user_id', ", account_of_identity!(), ") as row"),
        vec![arrival.provider(), arrival.subject()],
    )
}
