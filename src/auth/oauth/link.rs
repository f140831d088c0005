//! Another way into an account whose owner has asked for it. Nobody else's is ever taken.

use super::arrival::{Arrival, account_of_identity, with_providers, with_told};
use super::provider::Vouched;
use crate::auth::account::{Address, USER_METADATA_BYTES_MAX, may_be_entered};
use crate::auth::audit::Action;
use crate::auth::call::Call;
use crate::auth::database::{ask, first_row, has_row, level_guard, new_id};
use crate::auth::outbox;
use crate::db::{Rows, Statement};
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::json::{Object, Writer};
use crate::identity::User;
use crate::mail::Kind;

/// Gives the identity to an account, in one batch, and answers with the account's id.
///
/// # Errors
/// When the identity is somebody's already, the account is gone or may not be entered, or the
/// session that has asked for it has ended or has yet to show the second factor.
pub(super) async fn link<H: Host>(
    host: &H,
    arrival: &Arrival<'_>,
    user: &User,
) -> Result<String, Error> {
    let user_id = user.id.as_str();
    // The provider has been asked meanwhile.
    let mut batch = vec![user.session_guard(), level_guard(user)];
    batch.extend(give(host, arrival, user_id, false));
    let asked = batch.len();
    batch.push(whose(arrival));
    let rows = ask(host, batch).await?;
    if has_row(&rows, 3) {
        return Ok(user_id.to_owned());
    }
    Err(taken(&rows, asked, user_id)?.unwrap_or_else(|| {
        Error::new(Code::UserNotFound, "User from sub claim in JWT does not exist")
    }))
}

/// Lets the identity wait for the app that has asked for it: `held` keeps it. The browser that has
/// come back need not be that app's: somebody may have been sent to the provider by another's link,
/// to give an identity away. Only the app has the secret behind the challenge.
///
/// # Errors
/// When the identity is somebody's already.
pub(super) async fn wait<H: Host>(
    host: &H,
    arrival: &Arrival<'_>,
    user_id: &str,
    held: Statement,
) -> Result<(), Error> {
    let rows = ask(host, vec![held, whose(arrival)]).await?;
    taken(&rows, 1, user_id)?.map_or(Ok(()), Err)
}

/// An identity that waits.
pub(in crate::auth) struct Pending {
    provider: String,
    vouched: Vouched,
}

impl Pending {
    /// As it is kept.
    pub(super) fn written(arrival: &Arrival<'_>) -> String {
        let Vouched { subject, email, is_verified, data } = arrival.vouched;
        let mut pending = Writer::object();
        pending.texts(&[("provider", arrival.provider), ("subject", subject)]);
        pending.optional_texts(&[("email", email.as_ref().map(Address::as_str))]);
        pending.member("is_verified", if *is_verified { "true" } else { "false" });
        pending.member("data", data);
        pending.finish_object()
    }

    /// Reads it; `None` for what was not kept by this.
    pub(in crate::auth) fn read(text: &str) -> Option<Self> {
        let pending = Object::of(text)?;
        let email = pending.text("email").ok()?;
        Some(Self {
            provider: pending.text("provider").ok()??,
            vouched: Vouched {
                subject: pending.text("subject").ok()??,
                email: email.and_then(|email| Address::parse(&email)),
                is_verified: pending.raw("is_verified") == Some("true"),
                data: pending.raw("data")?.to_owned(),
            },
        })
    }

    /// Gives it to an account, within a chain: if what stands in front changed one row, so does the
    /// last of these, unless the identity has become somebody's meanwhile.
    pub(in crate::auth) fn give<H: Host>(
        &self,
        host: &H,
        call: &Call<'_>,
        user_id: &str,
    ) -> Vec<Statement> {
        let Self { provider, vouched } = self;
        let arrival = Arrival { call, provider, vouched, now: host.now() };
        give(host, &arrival, user_id, true)
    }
}

fn give<H: Host>(
    host: &H,
    arrival: &Arrival<'_>,
    user_id: &str,
    is_chained: bool,
) -> Vec<Statement> {
    let told = arrival.note_of(host, Action::IdentityLinked, Some(user_id)).if_changed();
    let id = new_id(host);
    let data = arrival.told_provider();
    let letter = outbox::post_notice_in_chain(host, Kind::IdentityLinked, user_id, &data);
    host.later();
    vec![add(arrival, &id, user_id, is_chained), note(arrival, user_id), told, letter]
}

/// Why an identity cannot be given to an account, if it is somebody's.
fn taken<R: Rows>(rows: &[R], statement: usize, user_id: &str) -> Result<Option<Error>, Error> {
    let owner = first_row(rows, statement, |row| row.text("user_id").ok())?.flatten();
    Ok(owner.map(|owner| {
        let whose = if owner == user_id { "" } else { " to another user" };
        let message = ["Identity is already linked", whose].concat();
        Error::new(Code::IdentityAlreadyExists, message)
    }))
}

fn add(arrival: &Arrival<'_>, id: &str, user_id: &str, is_chained: bool) -> Statement {
    let address = arrival.vouched.email.as_ref();
    Statement::fixed(
        concat!(
            "insert into auth_identities (
               id, user_id, provider, subject, email, identity_data,
               last_sign_in_at, created_at, updated_at
             )
             select ?1, id, ?2, ?3, ?4, ?5,
               cast(?6 as integer), cast(?6 as integer), cast(?6 as integer)
             from auth_users where id = ?7 and ",
            may_be_entered!("?6"),
            " and (?8 is null or changes() = 1)
             on conflict (provider, subject) do nothing"
        ),
        vec![
            Some(id.to_owned()),
            Some(arrival.provider()),
            Some(arrival.subject()),
            address.map(|address| address.as_str().to_owned()),
            Some(arrival.vouched.data.clone()),
            Some(arrival.now()),
            Some(user_id.to_owned()),
            is_chained.then(String::new),
        ],
    )
}

/// Who had no way in has one now, and an address too, if the provider has verified one that is
/// free.
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
            ", user_metadata = ",
            with_told!("?2", "?3"),
            ", updated_at = cast(?4 as integer)
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
            Some(arrival.now()),
            arrival.verified_address(),
        ],
    )
}

fn whose(arrival: &Arrival<'_>) -> Statement {
    Statement::fixed(
        concat!("select json_object('user_id', ", account_of_identity!(), ") as row"),
        vec![Some(arrival.provider()), Some(arrival.subject())],
    )
}
