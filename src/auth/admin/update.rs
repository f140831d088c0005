//! `PUT /auth/v1/admin/users/{user_id}`: what the owner's server changes of an account.

use super::wish::Wish;
use super::{answer, not_found, read_account};
use crate::auth::account::{email_identity_json, end_codes, end_links, end_sessions};
use crate::auth::audit::{Action, Note};
use crate::auth::call::Call;
use crate::auth::database::{ask, has_row};
use crate::db::Statement;
use crate::error::Error;
use crate::host::{Host, Milliseconds};
use crate::http::Response;

/// One round trip; another one and a hash for a password. Another password or a ban ends all
/// sessions and whatever was sent by mail; another address makes that void by itself.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    call.admin()?;
    let id = call.id(0)?;
    let now = host.now();
    let mut wish = Wish::read(call, now)?;
    let password_hash = wish.password_hash(host, call.config).await?;
    let is_locked_out =
        password_hash.is_some() || wish.banned_until.is_some_and(|until| until > now);
    let action = match password_hash {
        Some(_) => Action::UserUpdatedPassword,
        None => Action::UserModified,
    };
    let note = Note::new(host, call, action, &[("user_id", id)]);
    let mut batch = vec![change(id, &wish, password_hash, now), note.if_changed()];
    if is_locked_out {
        batch.extend([end_sessions(id), end_links(id), end_codes(id)]);
    }
    if let Some(address) = &wish.address {
        batch.push(set_identity(id, address.as_str(), now));
    }
    batch.extend(wish.user_metadata.map(|metadata| metadata.merge_into(id)));
    batch.extend(wish.app_metadata.map(|metadata| metadata.merge_into_app(id)));
    let place = batch.len();
    batch.push(read_account(id));
    let rows = ask(host, batch).await?;
    if has_row(&rows, 0) { answer(&rows, place) } else { Err(not_found()) }
}

/// An account that waits for its first letter to be opened is no longer open to what letters bring,
/// once the owner's server has confirmed it or set its password.
///
/// An address that nobody has confirmed is not confirmed because somebody's server says it is the
/// user's: other people's accounts at providers are linked by confirmed addresses.
fn change(id: &str, wish: &Wish, password_hash: Option<String>, now: Milliseconds) -> Statement {
    Statement::fixed(
        "update auth_users set
           email = coalesce(?2, email),
           email_confirmed_at = case
             when ?3 = 'true' and (?2 is null or email is ?2)
               then coalesce(email_confirmed_at, cast(?6 as integer))
             when ?3 = 'true' then cast(?6 as integer)
             when ?2 is null or email is ?2 then email_confirmed_at
           end,
           new_email = iif(?2 is null, new_email, null),
           is_anonymous = iif(?2 is null, is_anonymous, 0),
           password_hash = coalesce(?4, password_hash),
           is_open = iif(?3 = 'true' or ?4 is not null, 0, is_open),
           banned_until = iif(?5 is null, banned_until, nullif(cast(?5 as integer), 0)),
           updated_at = cast(?6 as integer)
         where id = ?1 and deleted_at is null
         returning 'true' as row",
        vec![
            Some(id.to_owned()),
            wish.address.as_ref().map(|address| address.as_str().to_owned()),
            Some(if wish.confirmed { "true" } else { "false" }.to_owned()),
            password_hash,
            wish.banned_until.map(|until| until.to_string()),
            Some(now.to_string()),
        ],
    )
}

/// The way in by address follows the address, and is made where there was none.
fn set_identity(id: &str, address: &str, now: Milliseconds) -> Statement {
    Statement::fixed(
        concat!(
            "insert into auth_identities (
               id, user_id, provider, subject, email, identity_data, created_at, updated_at
             )
             select id, id, 'email', id, email, ",
            email_identity_json!("email", "iif(email_confirmed_at is null, 'false', 'true')", "id"),
            ", cast(?3 as integer), cast(?3 as integer)
             from auth_users where id = ?1 and email = ?2
             on conflict (provider, subject) do update set
               email = excluded.email, identity_data = excluded.identity_data,
               updated_at = excluded.updated_at"
        ),
        vec![Some(id.to_owned()), Some(address.to_owned()), Some(now.to_string())],
    )
}
