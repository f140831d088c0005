//! `POST /auth/v1/admin/users`: a new account, without a mail and without a session.

use super::wish::Wish;
use super::{answer, email_exists, read_account};
use crate::auth::account::{Metadata, email_identity_json};
use crate::auth::audit::{Action, Note};
use crate::auth::call::{Call, invalid};
use crate::auth::database::{ask, has_row, new_id};
use crate::db::Statement;
use crate::error::Error;
use crate::host::Host;
use crate::http::Response;

/// One round trip; another one and a hash for a password.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    call.admin()?;
    let mut wish = Wish::read(call, host.now())?;
    if wish.address.is_none() {
        return Err(invalid("Cannot create a user without either an email or phone"));
    }
    let password_hash = wish.password_hash(host, call.config).await?;
    let id = wish.id.take().unwrap_or_else(|| new_id(host));
    let address = wish.address.as_ref().map(|address| address.as_str().to_owned());
    let confirmed = Some(if wish.confirmed { "true" } else { "false" }.to_owned());
    let now = Some(host.now().to_string());
    let nothing = Metadata::read(None)?;
    let account = Statement::fixed(
        "insert into auth_users (
           id, email, password_hash, email_confirmed_at, banned_until,
           app_metadata, user_metadata, created_at, updated_at
         )
         select ?1, ?2, ?3, iif(?4 = 'true', cast(?5 as integer), null),
           nullif(cast(?6 as integer), 0), ?7, ?8, cast(?5 as integer), cast(?5 as integer)
         where not exists (select 1 from auth_users where id = ?1 or email = ?2)
         returning 'true' as row",
        vec![
            Some(id.clone()),
            address.clone(),
            password_hash,
            confirmed.clone(),
            now.clone(),
            wish.banned_until.map(|until| until.to_string()),
            Some(wish.app_metadata.as_ref().unwrap_or(&nothing).of_new_account_for_app()),
            Some(wish.user_metadata.as_ref().unwrap_or(&nothing).of_new_account(wish.confirmed)),
        ],
    );
    let identity = Statement::fixed(
        concat!(
            "insert into auth_identities (
               id, user_id, provider, subject, email, identity_data, created_at, updated_at
             )
             select ?1, ?1, 'email', ?1, ?2, ",
            email_identity_json!("?2", "?3", "?1"),
            ", cast(?4 as integer), cast(?4 as integer) where changes() = 1"
        ),
        vec![Some(id.clone()), address, confirmed, now],
    );
    let note = Note::new(host, call, Action::UserSignedUp, &[("user_id", &id)]);
    let batch = vec![account, identity, note.if_changed(), read_account(&id)];
    let rows = ask(host, batch).await?;
    if has_row(&rows, 0) { answer(&rows, 3) } else { Err(email_exists()) }
}
