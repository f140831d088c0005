//! `POST /auth/v1/factors/{id}/verify`: a code raises the session, and makes a new factor count.
//!
//! A code is six digits, so what guards it is counting: an attempt is taken from the factor before
//! its code is looked at, in one statement, so that no number of requests at once gets more of them.
//! Each step is taken once: the second statement wants it later than the last, whatever the challenge.

use super::totp::Seed;
use super::{LETTER, OPEN_MILLISECONDS, check_on, may_add, may_not_add, not_found, sealed_row};
use crate::auth::audit::{self, Action, Note};
use crate::auth::call::{Call, invalid};
use crate::auth::database::{ask, ask_once, first_row, one_changed, row_defect};
use crate::auth::outbox;
use crate::auth::session::{Found, Method, raise};
use crate::auth::token::sealed::{self, Opened};
use crate::db::{Batch, Statement};
use crate::error::{Code, Error};
use crate::host::{Host, Milliseconds};
use crate::http::Response;
use crate::http::json::Object;
use crate::identity::User;
use crate::mail::Kind;
use crate::uuid;

/// What came of the wish for an attempt, and what is stored.
struct Attempt {
    /// `taken`, or why not: the session is `below` what adds a factor, the challenge is `closed`, or it
    /// is too `early`.
    outcome: String,
    /// Whether the factor counted before.
    is_verified: bool,
    /// When the next one may come.
    due_at: Milliseconds,
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
    let rows = ask(host, attempt(call, user, &challenge_id, (note, host.now()))?).await?;
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
        call.body(|body| Ok((body.text("challenge_id")?, body.text("code")?)))?;
    let challenge_id = challenge_id.filter(|id| uuid::parse(id).is_some());
    let code = code.filter(|code| !code.is_empty());
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
    attempt.check(now)?;
    let row = sealed_row(call.id(0)?);
    let Opened { plain, is_outdated } = sealed::open(call.config, &row, &attempt.secret)?;
    let seed = Seed::of(&plain).ok_or_else(|| row_defect(&row))?;
    let step = seed.step(code, now, attempt.last_step).ok_or_else(wrong_code)?;
    let sealed =
        if is_outdated { Some(sealed::seal(host, call.config, &row, &plain)?) } else { None };
    Ok(Proof { challenge_id, step, sealed, is_first: !attempt.is_verified })
}

/// Which statement of [`attempt`] reads.
const READ_BY_ATTEMPT: usize = 3;

/// Takes an attempt, if there is one to take, notes it as failed until it has succeeded, and reads why
/// not. After five in a row the next comes
/// after a second, then two, four and so on to five minutes: 300 a day of a million codes, and nobody is ever
/// locked out.
fn attempt(
    call: &Call<'_>,
    user: &User,
    challenge_id: &str,
    (note, now): (Note, Milliseconds),
) -> Result<Batch, Error> {
    let binds = vec![
        Some(call.id(0)?.to_owned()),
        Some(user.id.clone()),
        Some(user.session_id.clone()),
        Some(challenge_id.to_owned()),
        Some(now.saturating_sub(OPEN_MILLISECONDS).to_string()),
    ];
    let mut timed = binds.clone();
    timed.push(Some(now.to_string()));
    let take = Statement::fixed(
        concat!(
            "update auth_factors set
               attempts = attempts + 1,
               due_at = cast(?6 as integer)
                 + iif(attempts < 4, 0, min(1000 << min(attempts - 4, 9), 300000))
             where id = ?1 and user_id = ?2 and due_at <= cast(?6 as integer)
               and (status = 'verified' or ",
            may_add!(),
            ") and exists (
                 select 1 from auth_challenges
                 where id = ?4 and factor_id = ?1 and created_at > cast(?5 as integer)
               )"
        ),
        timed,
    );
    let read = Statement::fixed(
        concat!(
            "select json_object(
               'outcome', case
                 when changes() = 1 then 'taken'
                 when not (status = 'verified' or ",
            may_add!(),
            ") then 'below'
                 when not exists (
                   select 1 from auth_challenges
                   where id = ?4 and factor_id = ?1 and created_at > cast(?5 as integer)
                 ) then 'closed'
                 else 'early' end,
               'is_verified', status = 'verified',
               'due_at', due_at, 'secret', secret, 'last_step', last_step
             ) as row from auth_factors where id = ?1 and user_id = ?2"
        ),
        binds,
    );
    Ok(vec![user.session_guard(), take, note.if_changed(), read])
}

impl Attempt {
    fn read(row: &Object<'_>) -> Option<Self> {
        let integer = |name| row.integer(name).ok()?;
        Some(Self {
            outcome: row.text("outcome").ok()??,
            is_verified: integer("is_verified")? != 0,
            due_at: integer("due_at")?,
            secret: row.text("secret").ok()??,
            last_step: integer("last_step")?,
        })
    }

    fn check(&self, now: Milliseconds) -> Result<(), Error> {
        match self.outcome.as_str() {
            "taken" => Ok(()),
            "below" => Err(may_not_add()),
            "closed" => Err(Error::new(
                Code::MfaChallengeExpired,
                "MFA challenge has expired, verify against another challenge or create a new challenge.",
            )),
            _ => {
                let seconds = self.due_at.saturating_sub(now).saturating_add(999).div_euclid(1000);
                Err(Error::new(Code::OverRequestRateLimit, "Request rate limit reached")
                    .header("retry-after", seconds.to_string()))
            }
        }
    }
}

/// Everything that a right code does, or nothing: the step may have been taken since it was read. The
/// last statement reads the session.
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
               attempts = 0,
               due_at = 0,
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
    batch.extend(raise(user, Method::Totp, host.now()));
    Ok(batch)
}

fn wrong_code() -> Error {
    Error::new(Code::MfaVerificationFailed, "Invalid TOTP code entered")
}
