//! What has expired goes, by the clock. None of it has counted since it expired: this only makes
//! room.
//!
//! Each statement finds its rows by an index and deletes at most [`CHUNK`] of them, so that none
//! takes long, however much has gathered.

use super::database::ask;
use super::log;
use crate::config::Config;
use crate::db::{Rows, Statement};
use crate::error::Error;
use crate::host::{Host, Milliseconds};

/// How many rows of each kind go in one round.
pub const CHUNK: usize = 1000;

/// How many rounds there are at most, while any kind has more. What is left waits for the next time, so
/// that no clean-up holds the database for long. With the letters they fit the 50 statements that an
/// invocation has on the free plan.
const ROUNDS: usize = 3;

/// How long what was short-lived anyway lies around, in milliseconds: a day.
const DAY: Milliseconds = 86_400_000;

/// The rows of a table that have expired: for `?1` in its condition comes a time.
macro_rules! sweep {
    ($table:literal, $key:literal, $condition:literal) => {
        concat!(
            "delete from ",
            $table,
            " where ",
            $key,
            " in (select ",
            $key,
            " from ",
            $table,
            " where ",
            $condition,
            " limit cast(?2 as integer)) returning null as row"
        )
    };
}

/// What expires within a day, by one time that is the same for all of it.
const SHORT_LIVED: [&str; 6] = [
    sweep!("auth_one_time_tokens", "id", "created_at <= cast(?1 as integer)"),
    sweep!("auth_flows", "id", "created_at <= cast(?1 as integer)"),
    sweep!("auth_challenges", "id", "created_at <= cast(?1 as integer)"),
    sweep!("auth_factors", "id", "status = 'unverified' and created_at <= cast(?1 as integer)"),
    sweep!(
        "auth_counters",
        "key",
        // A network that was proven to be an account's is remembered for 30 days, 29 more than
        // tries are.
        "updated_at <= cast(?1 as integer) and due_at <= cast(?1 as integer)
           and coalesce(proven_at, 0) <= cast(?1 as integer) - 29 * 86400000"
    ),
    sweep!("auth_letters", "id", "due_at is null and created_at <= cast(?1 as integer)"),
];

/// Rows of the audit log, by `AUDIT_DAYS`.
const AUDIT: &str = sweep!("auth_audit", "id", "created_at <= cast(?1 as integer)");
/// Sessions that have lived as long as they may, by `SESSIONS_TIMEBOX`.
const SESSIONS: &str = sweep!("auth_sessions", "id", "created_at <= cast(?1 as integer)");

/// When sessions were last refreshed stands in no index, since that would cost each refresh. So of
/// those that are idle only a part is looked through each time: ids are random, and these are 1 of
/// 256.
const IDLE_SESSIONS: &str = sweep!(
    "auth_sessions",
    "id",
    "id >= ?3 and id < ?3 || 'g' and refreshed_at <= cast(?1 as integer)"
);

/// Who has a session that was used since then is not gone.
const ANONYMOUS_USERS: &str = sweep!(
    "auth_users",
    "id",
    "is_anonymous = 1 and created_at <= cast(?1 as integer) and not exists (
       select 1 from auth_sessions
       where user_id = auth_users.id and refreshed_at > cast(?1 as integer)
     )"
);

/// Deletes what has expired. What goes wrong is logged, and done another time.
pub(super) async fn run<H: Host>(host: &H, config: &Config) {
    let users = config.retention.anonymous_users;
    let users = users.map(|life| sweep(ANONYMOUS_USERS, host.now().saturating_sub(life)));
    // Rows of the application may refer to users in a way that does not let them go. That must not
    // keep everything else.
    for sweeps in [expired(host, config), users.into_iter().collect()] {
        if let Err(error) = rounds(host, &sweeps).await {
            let mut line = log::line(host, "error", "cleanup");
            line.texts(&[("cause", &error.cause.unwrap_or(error.message))]);
            host.log(&line.finish_object());
        }
    }
}

fn expired<H: Host>(host: &H, config: &Config) -> Vec<Statement> {
    let now = host.now();
    let [begun, refreshed] = config.sessions.living_since(now);
    let before = now.saturating_sub(DAY);
    let mut sweeps: Vec<Statement> =
        SHORT_LIVED.into_iter().map(|sql| sweep(sql, before)).collect();
    sweeps.push(sweep(AUDIT, now.saturating_sub(config.retention.audit)));
    sweeps.push(sweep(SESSIONS, begun));
    if config.sessions.inactivity.is_some() {
        let mut part = [0];
        host.random(&mut part);
        let mut idle = sweep(IDLE_SESSIONS, refreshed);
        idle.binds.push(Some(part.map(|byte| format!("{byte:02x}")).concat()));
        sweeps.push(idle);
    }
    sweeps
}

fn sweep(sql: &'static str, until: Milliseconds) -> Statement {
    Statement::fixed(sql, vec![Some(until.to_string()), Some(CHUNK.to_string())])
}

/// Repeats the statements while one of them deletes as many as it may at once. Each is counted by the
/// platform, also within a batch, so there are no others that would count rows.
async fn rounds<H: Host>(host: &H, sweeps: &[Statement]) -> Result<(), Error> {
    if sweeps.is_empty() {
        return Ok(());
    }
    for _ in 0..ROUNDS {
        let rows = ask(host, sweeps.to_vec()).await?;
        if rows.iter().all(|rows| rows.count() < CHUNK) {
            return Ok(());
        }
    }
    Ok(())
}
