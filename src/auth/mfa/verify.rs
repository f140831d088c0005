//! `POST /auth/v1/factors/{id}/verify`: a code raises the session, and makes a new factor count.
//!
//! A code is six digits, so what guards it is counting: an attempt is taken from the factor before
//! its code is looked at, in one statement, so that no number of requests at once gets more of them.
//! Each step is taken once: the second statement wants it later than the last, whatever the challenge.

use super::totp::Seed;
use super::{OPEN_MILLISECONDS, may_add, may_not_add, not_found, sealed_row};
use crate::auth::call::{Call, invalid};
use crate::auth::database::{ask, ask_once, first_row, one_changed, row_defect};
use crate::auth::session::{Found, Method, raise};
use crate::auth::token::sealed::{self, Opened};
use crate::db::{Batch, Statement};
use crate::error::{Code, Error};
use crate::host::{Host, Milliseconds};
use crate::http::Response;
use crate::http::json::Object;
use crate::identity::User;
use crate::uuid;

/// What was asked for, and what is stored of it.
struct Attempt {
    /// Whether it was taken: everything below is as it must be, and it is not too early.
    is_taken: bool,
    is_open: bool,
    may_add: bool,
    /// When the next one may come.
    due_at: Milliseconds,
    secret: String,
    last_step: i64,
}

/// A code that was right.
struct Proof<'a> {
    factor_id: &'a str,
    challenge_id: &'a str,
    step: i64,
    /// The seed sealed by the present secret, if it was by another.
    sealed: Option<String>,
    now: Milliseconds,
}

/// Two round trips, since the code is compared between them.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    let (user, factor_id) = (call.user()?, call.id(0)?);
    let (challenge_id, code) =
        call.body(|body| Ok((body.text("challenge_id")?, body.text("code")?)))?;
    let is_uuid = |id: &String| uuid::parse(id).is_some();
    let Some(challenge_id) = challenge_id.filter(is_uuid) else {
        return Err(invalid("challenge_id needs to be a UUID"));
    };
    let Some(code) = code.filter(|code| !code.is_empty()) else {
        return Err(invalid("code is required"));
    };
    let now = host.now();
    let rows = ask(host, attempt(user, factor_id, &challenge_id, now)).await?;
    let attempt = first_row(&rows, 2, Attempt::read)?.ok_or_else(not_found)?;
    attempt.check(now)?;
    let row = sealed_row(factor_id);
    let Opened { plain, is_outdated } = sealed::open(call.config, &row, &attempt.secret)?;
    let seed = Seed::of(&plain).ok_or_else(|| row_defect(&row))?;
    let step = seed.step(&code, now, attempt.last_step).ok_or_else(wrong_code)?;
    let sealed =
        if is_outdated { Some(sealed::seal(host, call.config, &row, &plain)?) } else { None };
    let proof = Proof { factor_id, challenge_id: &challenge_id, step, sealed, now };
    let rows = ask_once(host, accept(user, proof), wrong_code).await?;
    let found = first_row(&rows, READ_BY_ACCEPT, Found::read)?.ok_or_else(wrong_code)?;
    found.session(now, wrong_code)?.respond(call.config, now)
}

/// Takes an attempt, if there is one to take, and reads why not. After five in a row the next comes
/// after a second, then two, four and so on to five minutes: 300 a day of a million codes, and nobody is ever
/// locked out.
fn attempt(user: &User, factor_id: &str, challenge_id: &str, now: Milliseconds) -> Batch {
    let binds = vec![
        Some(factor_id.to_owned()),
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
               'is_taken', changes(),
               'is_open', exists (
                 select 1 from auth_challenges
                 where id = ?4 and factor_id = ?1 and created_at > cast(?5 as integer)
               ),
               'may_add', status = 'verified' or ",
            may_add!(),
            ", 'due_at', due_at, 'secret', secret, 'last_step', last_step
             ) as row from auth_factors where id = ?1 and user_id = ?2"
        ),
        binds,
    );
    vec![user.session_guard(), take, read]
}

impl Attempt {
    fn read(row: &Object<'_>) -> Option<Self> {
        let integer = |name| row.integer(name).ok()?;
        Some(Self {
            is_taken: integer("is_taken")? != 0,
            is_open: integer("is_open")? != 0,
            may_add: integer("may_add")? != 0,
            due_at: integer("due_at")?,
            secret: row.text("secret").ok()??,
            last_step: integer("last_step")?,
        })
    }

    fn check(&self, now: Milliseconds) -> Result<(), Error> {
        if self.is_taken {
            Ok(())
        } else if !self.may_add {
            Err(may_not_add())
        } else if !self.is_open {
            Err(Error::new(
                Code::MfaChallengeExpired,
                "MFA challenge has expired, verify against another challenge or create a new challenge.",
            ))
        } else {
            let seconds = self.due_at.saturating_sub(now).saturating_add(999).div_euclid(1000);
            Err(Error::new(Code::OverRequestRateLimit, "Request rate limit reached")
                .header("retry-after", seconds.to_string()))
        }
    }
}

/// Which statement of [`accept`] reads the session.
const READ_BY_ACCEPT: usize = 8;

/// Everything that a right code does, or nothing: the step may have been taken since it was read.
fn accept(user: &User, proof: Proof<'_>) -> Batch {
    let (factor, owner) = (Some(proof.factor_id.to_owned()), Some(user.id.clone()));
    // Codes that were made for factors of before are not for this one.
    let forget_codes = Statement::fixed(
        "delete from auth_recovery_codes where user_id = ?1 and not exists (
           select 1 from auth_factors where user_id = ?1 and status = 'verified'
         )",
        vec![owner.clone()],
    );
    let use_challenge = Statement::fixed(
        "delete from auth_challenges where id = ?1 and factor_id = ?2",
        vec![Some(proof.challenge_id.to_owned()), factor.clone()],
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
            Some(proof.now.to_string()),
        ],
    );
    let discard_others = Statement::fixed(
        "delete from auth_factors where user_id = ?1 and status = 'unverified'",
        vec![owner],
    );
    let guard = user.session_guard();
    let mut batch =
        vec![guard, forget_codes, use_challenge, take_step, one_changed(), discard_others];
    batch.extend(raise(user, Method::Totp, proof.now));
    batch
}

fn wrong_code() -> Error {
    Error::new(Code::MfaVerificationFailed, "Invalid TOTP code entered")
}
