//! `POST /auth/v1/factors/{id}/verify`: a code raises the session, and makes a new factor count.
//!
//! A code is six digits, so what guards it is counting ([`Tries`]): an attempt is counted before
//! its code is looked at, so that no number of requests at once gets more of them. Each step is
//! taken once: the second statement wants it later than the last, whatever the challenge.

use super::totp::Seed;
use super::{LETTER, OPEN_MILLISECONDS, check_on, may_add, may_not_add, not_found, sealed_row};
use crate::auth::abuse::Tries;
use crate::auth::audit::{self, Action, Note};
use crate::auth::call::{Call, invalid};
use crate::auth::database::{ask_once, failure, first_row, one_changed, row_defect};
use crate::auth::outbox;
use crate::auth::session::{Found, Method, raise};
use crate::auth::token::sealed::{self, Opened};
use crate::db::{Batch, DbError, Statement};
use crate::error::{Code, Error};
use crate::host::{Host, Milliseconds};
use crate::http::Response;
use crate::http::json::Object;
use crate::identity::User;
use crate::mail::Kind;
use crate::uuid;

/// What is stored of a factor whose code is tried.
struct Attempt {
    /// Whether the factor counted before.
    is_verified: bool,
    secret: String,
    last_step: i64,
}

/// A code that was right.
struct Proof {
    challenge_id: String,
    step: i64,
    /// The seed sealed by the present secret, if it was by another.
    sealed: Option<String>,
    /// Whether the factor counts from now on.
    is_first: bool,
}

/// Two round trips, since the code is compared between them.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let user = call.user()?;
    check_on(call)?;
    let (challenge_id, code) = read(call)?;
    let traits = [("method", Method::Totp.name()), ("factor_id", call.id(0)?)];
    let note = Note::new(host, call, Action::LoginFailed, &traits);
    let note_id = note.id();
    let batch = attempt(call, user, &challenge_id, (note, host.now()))?;
    let rows = host.batch(batch).await.map_err(refusal)?;
    let attempt = first_row(&rows, READ_BY_ATTEMPT, Attempt::read)?.ok_or_else(not_found)?;
    let proof = prove(host, call, attempt, challenge_id, &code)?;
    let is_first = proof.is_first;
    let mut batch = accept(host, call, user, proof)?;
    batch.insert(0, audit::succeeded(note_id));
    let rows = ask_once(host, batch, wrong_code).await?;
    if is_first {
        host.later();
    }
    let found = first_row(&rows, rows.len().saturating_sub(1), Found::read)?;
    let now = host.now();
    found.ok_or_else(wrong_code)?.session(now, wrong_code)?.respond(call.config, now)
}

fn read(call: &Call<'_>) -> Result<(String, String), Error> {
    let (challenge_id, code) =
        call.body(|body| Ok((body.text("challenge_id")?, body.given("code")?)))?;
    let challenge_id = challenge_id.filter(|id| uuid::parse(id).is_some());
    Ok((
        challenge_id.ok_or_else(|| invalid("challenge_id needs to be a UUID"))?,
        code.ok_or_else(|| invalid("code is required"))?,
    ))
}

/// Compares the code, for which an attempt was taken.
fn prove<H: Host>(
    host: &H,
    call: &Call<'_>,
    attempt: Attempt,
    challenge_id: String,
    code: &str,
) -> Result<Proof, Error> {
    let now = host.now();
    let row = sealed_row(call.id(0)?);
    let Opened { plain, is_outdated } = sealed::open(call.config, &row, &attempt.secret)?;
    let seed = Seed::of(&plain).ok_or_else(|| row_defect(&row))?;
    let step = seed.step(code, now, attempt.last_step).ok_or_else(wrong_code)?;
    let sealed =
        if is_outdated { Some(sealed::seal(host, call.config, &row, &plain)?) } else { None };
    Ok(Proof { challenge_id, step, sealed, is_first: !attempt.is_verified })
}

/// Which statement of [`attempt`] reads.
const READ_BY_ATTEMPT: usize = 2;

/// Counts an attempt, notes it as failed until it has succeeded, and reads what its code is
/// compared with. Nothing of it happens where there is none to take, which [`refusal`] tells.
fn attempt(
    call: &Call<'_>,
    user: &User,
    challenge_id: &str,
    (note, now): (Note, Milliseconds),
) -> Result<Batch, Error> {
    let factor_id = call.id(0)?;
    let whose = || vec![Some(factor_id.to_owned()), Some(user.id.clone())];
    let mut binds = whose();
    binds.push(Some(user.session_id.clone()));
    binds.push(Some(challenge_id.to_owned()));
    binds.push(Some(now.saturating_sub(OPEN_MILLISECONDS).to_string()));
    let check = Statement::fixed(
        concat!(
            "select json_extract('{}', 'selvedge:' || case
               when not exists (select 1 from auth_factors where id = ?1 and user_id = ?2)
                 then 'missing'
               when not (
                 exists (select 1 from auth_factors where id = ?1 and status = 'verified') or ",
            may_add!(),
            ") then 'below'
               when not exists (
                 select 1 from auth_challenges
                 where id = ?4 and factor_id = ?1 and created_at > cast(?5 as integer)
               ) then 'closed' end) as row"
        ),
        binds,
    );
    let read = Statement::fixed(
        "select json_object('is_verified', status = 'verified', 'secret', secret,
           'last_step', last_step) as row
         from auth_factors where id = ?1 and user_id = ?2",
        whose(),
    );
    let mut batch = vec![user.session_guard(), check, read];
    batch.extend(Tries::of_factor(call, &user.id, factor_id).begin(now));
    batch.push(note.always());
    Ok(batch)
}

/// Why there was no attempt to take.
fn refusal(error: DbError) -> Error {
    let marker = match &error {
        DbError::Raised { marker } => marker.as_str(),
        _ => "",
    };
    match marker {
        "missing" => not_found(),
        "below" => may_not_add(),
        "closed" => Error::new(
            Code::MfaChallengeExpired,
            "MFA challenge has expired, verify against another challenge or create a new challenge.",
        ),
        _ => failure(error),
    }
}

impl Attempt {
    fn read(row: &Object<'_>) -> Option<Self> {
        Some(Self {
            is_verified: row.integer("is_verified").ok()?? != 0,
            secret: row.text("secret").ok()??,
            last_step: row.integer("last_step").ok()??,
        })
    }
}

/// Everything that a right code does, or nothing: the step may have been taken since it was read.
/// The last statement reads the session.
fn accept<H: Host>(host: &H, call: &Call<'_>, user: &User, proof: Proof) -> Result<Batch, Error> {
    let (factor, owner) = (Some(call.id(0)?.to_owned()), Some(user.id.clone()));
    // Codes that were made for factors of before are not for this one.
    let forget_codes = Statement::fixed(
        "delete from auth_recovery_codes where user_id = ?1 and not exists (
           select 1 from auth_factors where user_id = ?1 and status = 'verified'
         )",
        vec![owner.clone()],
    );
    let use_challenge = Statement::fixed(
        "delete from auth_challenges where id = ?1 and factor_id = ?2",
        vec![Some(proof.challenge_id), factor.clone()],
    );
    let take_step = Statement::fixed(
        concat!(
            "update auth_factors set
               last_step = cast(?4 as integer),
               secret = coalesce(?5, secret),
               updated_at = iif(status = 'verified', updated_at, cast(?6 as integer)),
               status = 'verified'
             where id = ?1 and user_id = ?2 and last_step < cast(?4 as integer)
               and changes() = 1 and (status = 'verified' or ",
            may_add!(),
            ")"
        ),
        vec![
            factor,
            owner.clone(),
            Some(user.session_id.clone()),
            Some(proof.step.to_string()),
            proof.sealed,
            Some(host.now().to_string()),
        ],
    );
    let discard_others = Statement::fixed(
        "delete from auth_factors where user_id = ?1 and status = 'unverified'",
        vec![owner],
    );
    let guard = user.session_guard();
    let mut batch = vec![guard, forget_codes, use_challenge, take_step, one_changed()];
    if proof.is_first {
        batch.push(outbox::post_notice(host, Kind::MfaEnrolled, &user.id, LETTER));
    }
    batch.push(discard_others);
    batch.extend(
        Tries::of_factor(call, &user.id, call.id(0)?).succeed(host.now(), &user.session_id),
    );
    batch.extend(raise(user, Method::Totp, host.now()));
    Ok(batch)
}

fn wrong_code() -> Error {
    Error::new(Code::MfaVerificationFailed, "Invalid TOTP code entered")
}
