//! Counting in the database what must not be tried too often, and making it wait.
//!
//! Nothing is ever locked: each further try costs more time, up to a limit, so whoever tries in
//! somebody else's name cannot shut them out for long. A try is counted by one upsert in the batch that
//! is sent anyway, before it is known how it ends: of any number of simultaneous tries each is counted,
//! and none is refused without being told until when.
//!
//! Keys are keyed hashes, so that the table tells nobody's address.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;

use crate::auth::token::{Key, Purpose};
use crate::config::Config;
use crate::db::{RAISE_MARKER, Statement};
use crate::error::{Code, Error};
use crate::host::Milliseconds;

/// What may be tried how often.
#[derive(Debug, Clone)]
pub(in crate::auth) struct Limit {
    /// What is tried: no two limits share a counter.
    pub name: &'static str,
    /// What the first, second, third .. try adds to the waiting time, in milliseconds: a JSON array,
    /// whose last number is that of all further tries.
    pub waits: &'static str,
    /// How much waiting time may add up before anybody waits.
    pub slack: Milliseconds,
    /// How whoever must wait is refused.
    pub refusal: Refusal,
}

/// How whoever must wait is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::auth) enum Refusal {
    Tries,
    Mail,
}

impl Refusal {
    /// What a counter raises, in front of the milliseconds to wait.
    const fn marker(self) -> &'static str {
        match self {
            Self::Tries => "tries:",
            Self::Mail => "mail:",
        }
    }
}

/// Mails to one address: one a minute. To be counted whether or not the address is anybody's, so that
/// the refusal does not tell.
pub(in crate::auth) const MAIL: Limit =
    Limit { name: "mail", waits: "[60000]", slack: 0, refusal: Refusal::Mail };

/// Mails that are asked for from one network: thirty at once, then thirty an hour.
pub(in crate::auth) const MAIL_NETWORK: Limit =
    Limit { name: "mail network", waits: "[120000]", slack: 29 * 120_000, refusal: Refusal::Mail };

/// Accounts that are made at once, without mail, from one network: thirty at once, then thirty an hour.
pub(in crate::auth) const ACCOUNTS: Limit =
    Limit { name: "accounts", waits: "[120000]", slack: 29 * 120_000, refusal: Refusal::Tries };

/// Guesses at the present password, or at the codes that are sent for another one, by whoever has a session:
/// ten at once, then twelve an hour.
pub(in crate::auth) const CURRENT_PASSWORD: Limit = Limit {
    name: "current password",
    waits: "[300000]",
    slack: 9 * 300_000,
    refusal: Refusal::Tries,
};

/// How long what was counted is remembered when nothing more is tried: a day.
macro_rules! forgotten_after {
    () => {
        "86400000"
    };
}

/// One thing that is counted.
#[derive(Debug)]
pub(in crate::auth) struct Counter {
    pub key: String,
    limit: Limit,
}

impl Counter {
    /// The counter of a limit for somebody or something: an address, a network, an account's id.
    /// None of its parts may hold NUL, as no JSON text here does.
    pub(in crate::auth) fn new(config: &Config, limit: Limit, of: &[&str]) -> Self {
        let message = [&[limit.name], of].concat().join("\0");
        let signature = Key::signing(config, Purpose::Counter).sign(message.as_bytes());
        let (half, _) = signature.split_at(signature.len() / 2);
        Self { key: BASE64URL.encode(half), limit }
    }

    /// Counts a try; or, while the next one must wait, aborts its batch, so that nothing is counted:
    /// [`refusal`] reads what it raises. Nothing happens where `trusted` has been proven.
    pub(in crate::auth) fn count(&self, now: Milliseconds, trusted: Option<&Self>) -> Statement {
        let Limit { waits, slack, refusal, .. } = &self.limit;
        Statement::fixed(
            concat!(
                "insert into auth_counters (key, count, due_at, updated_at)
                 select ?1, 1, cast(?2 as integer) + (?3 ->> 0), cast(?2 as integer)
                 where not exists (
                   select 1 from auth_counters where key = ?4 and proven_at > cast(?5 as integer)
                 )
                 on conflict (key) do update set
                   count = 1 + iif(updated_at > excluded.updated_at - ",
                forgotten_after!(),
                ", count, 0),
                   due_at = case
                     when due_at > excluded.updated_at + cast(?6 as integer) then
                       json_extract('{}', ?7 || (due_at - excluded.updated_at - cast(?6 as integer)))
                     else max(due_at, excluded.updated_at) + (?3 ->> min(
                       iif(updated_at > excluded.updated_at - ",
                forgotten_after!(),
                ", count, 0),
                       json_array_length(?3) - 1
                     ))
                   end,
                   updated_at = excluded.updated_at"
            ),
            vec![
                Some(self.key.clone()),
                Some(now.to_string()),
                Some((*waits).to_owned()),
                trusted.map(|trusted| trusted.key.clone()),
                Some(since(now)),
                Some(slack.to_string()),
                Some([RAISE_MARKER, refusal.marker()].concat()),
            ],
        )
    }

    /// Takes one try back, where each adds the same: it has turned out to be a good one. Only for the
    /// session that has come of it, and not where `trusted` had been proven, since it was not counted.
    pub(in crate::auth) fn take_back(
        &self,
        now: Milliseconds,
        trusted: &Self,
        session_id: &str,
    ) -> Statement {
        Statement::fixed(
            "update auth_counters set due_at = due_at - (?2 ->> 0)
             where key = ?1 and exists (select 1 from auth_sessions where id = ?5) and not exists (
               select 1 from auth_counters where key = ?3 and proven_at > cast(?4 as integer)
             )",
            vec![
                Some(self.key.clone()),
                Some(self.limit.waits.to_owned()),
                Some(trusted.key.clone()),
                Some(since(now)),
                Some(session_id.to_owned()),
            ],
        )
    }

    /// Forgets all tries, since one has turned out to be good, and remembers that. Only for the session
    /// that has come of it.
    pub(in crate::auth) fn prove(&self, now: Milliseconds, session_id: &str) -> Statement {
        Statement::fixed(
            "insert into auth_counters (key, count, due_at, proven_at, updated_at)
             select ?1, 0, 0, cast(?2 as integer), cast(?2 as integer)
             where exists (select 1 from auth_sessions where id = ?3)
             on conflict (key) do update set
               count = 0, due_at = 0, proven_at = excluded.proven_at",
            vec![Some(self.key.clone()), Some(now.to_string()), Some(session_id.to_owned())],
        )
    }
}

/// How long a proof is good: 30 days. The clean-up keeps a row for as long.
pub(in crate::auth) const PROOF_MILLISECONDS: Milliseconds = 30 * 24 * 3_600_000;

fn since(now: Milliseconds) -> String {
    now.saturating_sub(PROOF_MILLISECONDS).to_string()
}

/// What a counter's raise means; `None` where another statement raised.
pub(in crate::auth) fn refusal(marker: &str) -> Option<Error> {
    let wait = |kind: Refusal| marker.strip_prefix(kind.marker())?.parse::<Milliseconds>().ok();
    let seconds = |wait: Milliseconds| wait.saturating_add(999) / 1000;
    if let Some(wait) = wait(Refusal::Tries) {
        return Some(too_many_requests(seconds(wait)));
    }
    let seconds = seconds(wait(Refusal::Mail)?);
    let message =
        format!("For security purposes, you can only request this after {seconds} seconds.");
    Some(
        Error::new(Code::OverEmailSendRateLimit, message)
            .header("retry-after", seconds.to_string()),
    )
}

/// The one refusal of too many requests, whatever they were.
pub(in crate::auth) fn too_many_requests(seconds: Milliseconds) -> Error {
    Error::new(Code::OverRequestRateLimit, "Request rate limit reached")
        .header("retry-after", seconds.to_string())
}
