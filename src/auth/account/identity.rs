//! `DELETE /auth/v1/user/identities/{identity_id}`: takes a way into an account away, but never the
//! last.

use crate::auth::audit::{Action, Note};
use crate::auth::call::Call;
use crate::auth::database::{ask, first_row, level_guard, new_id, row_defect};
use crate::auth::oauth::with_providers;
use crate::db::{Bind, Statement};
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::Response;
use crate::http::json::Object;

/// What the account had in the moment of the request.
struct Had {
    has_others: bool,
    is_there: bool,
    is_conflict: bool,
}

impl Had {
    fn read(row: &Object<'_>) -> Option<Self> {
        let is = |name| row.integer(name).ok().flatten().map(|number| number != 0);
        Some(Self {
            has_others: is("has_others")?,
            is_there: is("is_there")?,
            is_conflict: is("is_conflict")?,
        })
    }
}

/// SQL for the address that the account `?2` will have without the identity `?1`: its own as long
/// as another identity has it, else the first of another that was verified.
macro_rules! next_address {
    () => {
        "(select other.email from auth_identities as other
          join auth_users as account on account.id = other.user_id
          where account.id = ?2 and other.id <> ?1
            and json_extract(other.identity_data, '$.email_verified')
          order by other.email <> account.email, other.created_at limit 1)"
    };
}

/// SQL that is true where that address is somebody else's.
macro_rules! is_conflict {
    () => {
        concat!(
            "exists (select 1 from auth_users where id <> ?2 and email = ",
            next_address!(),
            ")"
        )
    };
}

/// SQL that is true where the identity `?1` may go: it is not the last, and its account finds an
/// address.
macro_rules! may_go {
    () => {
        concat!(
            "exists (select 1 from auth_identities where user_id = ?2 and id <> ?1) and not ",
            is_conflict!()
        )
    };
}

/// One round trip.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let user = call.user()?;
    let binds = || [call.id(0).ok().map(str::to_owned), Some(user.id.clone())].to_vec();
    let look = Statement::fixed(
        concat!(
            "select json_object(
               'has_others', exists (select 1 from auth_identities where user_id = ?2 and id <> ?1),
               'is_there', exists (select 1 from auth_identities where user_id = ?2 and id = ?1),
               'is_conflict', ",
            is_conflict!(),
            ") as row"
        ),
        binds(),
    );
    let delete = Statement::fixed(
        concat!("delete from auth_identities where id = ?1 and user_id = ?2 and ", may_go!()),
        binds(),
    );
    let now = host.now().to_string();
    // Who gives the address up as a way in gives up its password.
    let note = Statement::fixed(
        concat!(
            "update auth_users set
               email = coalesce(",
            next_address!(),
            ", email),
               password_hash = iif(exists (
                 select 1 from auth_identities where user_id = ?2 and provider = 'email'
               ), password_hash, null),
               app_metadata = ",
            with_providers!(),
            ", updated_at = cast(?3 as integer)
             where id = ?2 and changes() = 1"
        ),
        [binds(), vec![Some(now)]].concat(),
    );
    let told = Note::new(host, call, Action::IdentityUnlinked, &[]).if_changed();
    let guards = [user.session_guard(), level_guard(user)];
    let changes = [look, letter(host, binds()), delete, note, told];
    let rows = ask(host, guards.into_iter().chain(changes).collect()).await?;
    let had = first_row(&rows, 2, Had::read)?.ok_or_else(|| row_defect("identities"))?;
    let refused = |code, message: &str| Err(Error::new(code, message));
    match had {
        Had { is_there: false, has_others: true, .. } => {
            refused(Code::IdentityNotFound, "Identity doesn't exist")
        }
        Had { is_there: true, has_others: true, is_conflict: false } => {
            host.later();
            Ok(Response::json(200, "{}".to_owned()))
        }
        Had { is_there: true, has_others: true, is_conflict: true } => refused(
            Code::EmailConflictIdentityNotDeletable,
            "Unable to unlink identity due to email conflict",
        ),
        Had { has_others: false, .. } => refused(
            Code::SingleIdentityNotDeletable,
            "User must have at least 1 identity after unlinking",
        ),
    }
}

/// The letter about it, posted in front of what it tells of and under the same condition: behind it
/// neither the provider nor the address is known any more.
fn letter<H: Host>(host: &H, mut binds: Vec<Bind>) -> Statement {
    binds.extend([Some(new_id(host)), Some(host.now().to_string())]);
    Statement::fixed(
        concat!(
            "insert into auth_letters (id, kind, user_id, recipient, data, due_at, created_at)
             select ?3, 'identity_unlinked', ?2, coalesce(account.email, ''),
               json_object('provider', gone.provider), cast(?4 as integer), cast(?4 as integer)
             from auth_identities as gone join auth_users as account on account.id = gone.user_id
             where gone.id = ?1 and gone.user_id = ?2 and ",
            may_go!()
        ),
        binds,
    )
}
