//! Letters that wait to be sent: rows that are committed together with what they tell of.
//!
//! 1. **Post**: a statement in the batch of the change. Whoever posts calls [`Host::later`], so
//!    that the letter goes out once the response is on its way.
//! 2. **Claim**: one statement takes the letters that are due and puts their next attempt off, so
//!    that nobody else sends them meanwhile ([`Due`]).
//! 3. **Send**, and in one more round trip delete what was sent. What fails is due again later:
//!    after one minute, two, four, .., eight attempts in all. Should the deletion fail, a letter
//!    comes twice: none is lost.
//!
//! No secret lies in a row: link and code are derived from the id of the one-time token when the
//! letter is written. What is logged names neither address nor link.

mod due;
pub mod inbox;
mod send;

use due::Due;
use send::send;

use super::database::{ask, new_id, read_rows};
use super::log;
use crate::config::{Config, Transport};
use crate::db::Statement;
use crate::error::Error;
use crate::host::Host;
use crate::http::json::{list, quoted};
use crate::mail::Kind;

/// Posts a letter with a link and a code to where the token was made for. Nothing where the token
/// does not exist, so this stands behind its insert in the batch and needs no condition of its own.
///
/// `data` is a JSON object of what else the letter tells.
pub(in crate::auth) fn post_token<H: Host>(
    host: &H,
    kind: Kind,
    token_id: &str,
    data: &str,
) -> Statement {
    let sql = "insert into auth_letters (
           id, kind, user_id, token_id, recipient, data, due_at, created_at
         )
         select ?1, ?2, user_id, id, address, ?5, cast(?4 as integer), cast(?4 as integer)
         from auth_one_time_tokens where id = ?3";
    posted(host, sql, kind, token_id, data)
}

/// SQL that posts a letter to an account: to whom of it, what else it tells, and on which
/// condition.
macro_rules! post {
    ($recipient:literal, $data:literal, $from:literal) => {
        concat!(
            "insert into auth_letters (id, kind, user_id, recipient, data, due_at, created_at)
             select ?1, ?2, id, ",
            $recipient,
            ", ",
            $data,
            ", cast(?4 as integer), cast(?4 as integer) from auth_users where ",
            $from
        )
    };
}

/// Posts a letter to the present address of an account, if the statement in front of this one
/// changed exactly one row. It leaves no row changed where the account has no address.
///
/// `data` is a JSON object of what the letter tells.
pub(in crate::auth) fn post_notice<H: Host>(
    host: &H,
    kind: Kind,
    user_id: &str,
    data: &str,
) -> Statement {
    let sql = post!("email", "?5", "id = ?3 and email is not null and changes() = 1");
    posted(host, sql, kind, user_id, data)
}

/// The same within a chain: it changes one row if the statement in front of it has. A letter to an
/// account without an address is dropped when it is due.
pub(in crate::auth) fn post_notice_in_chain<H: Host>(
    host: &H,
    kind: Kind,
    user_id: &str,
    data: &str,
) -> Statement {
    let sql = post!("coalesce(email, '')", "?5", "id = ?3 and changes() = 1");
    posted(host, sql, kind, user_id, data)
}

/// Posts a letter to whoever has had that address confirmed before now, if the statement in front
/// of this one changed exactly one row.
pub(in crate::auth) fn post_notice_to_address<H: Host>(
    host: &H,
    kind: Kind,
    address: &str,
    data: &str,
) -> Statement {
    let sql = post!(
        "email",
        "?5",
        "email = ?3 and email_confirmed_at < cast(?4 as integer) and changes() = 1"
    );
    posted(host, sql, kind, address, data)
}

/// Posts the letter to whoever has the address that somebody wants for another account: if it is
/// confirmed, and `taken_id`, which a new account was to have, is nobody's.
pub(in crate::auth) fn post_account_exists<H: Host>(
    host: &H,
    address: &str,
    taken_id: &str,
) -> Statement {
    let sql = post!(
        "email",
        "'{}'",
        "email = ?3 and email_confirmed_at is not null
           and not exists (select 1 from auth_users where id = ?5)"
    );
    posted(host, sql, Kind::AccountExists, address, taken_id)
}

fn posted<H: Host>(host: &H, sql: &'static str, kind: Kind, whom: &str, data: &str) -> Statement {
    Statement::fixed(
        sql,
        vec![
            Some(new_id(host)),
            Some(kind.name().to_owned()),
            Some(whom.to_owned()),
            Some(host.now().to_string()),
            Some(data.to_owned()),
        ],
    )
}

/// How many letters are taken at once: together they must be sent before they are due again.
const ROUND_MAX: usize = 5;

/// What the log calls all of this.
const EVENT: &str = "mail";

/// How often a letter is tried.
const ATTEMPTS_MAX: i64 = 8;

/// What has become of a letter.
enum Outcome {
    Sent,
    /// Nobody needs it any more.
    Dropped(&'static str),
    /// To be tried again.
    Failed(String),
}

/// Sends what is due, in at most so many rounds. What goes wrong is logged, and tried again another
/// time.
pub(super) async fn deliver<H: Host>(host: &H, config: &Config, rounds: u32) {
    for _ in 0..rounds {
        match round(host, config).await {
            Ok(ROUND_MAX..) => {}
            Ok(_) => return,
            Err(error) => {
                let cause = error.cause.unwrap_or(error.message);
                let mut line = log::line(host, "error", EVENT);
                line.texts(&[("outcome", "failed"), ("cause", &cause)]);
                return host.log(&line.finish_object());
            }
        }
    }
}

/// Sends some of what is due, and says how many letters that were. Two round trips; one where none
/// is due.
async fn round<H: Host>(host: &H, config: &Config) -> Result<usize, Error> {
    if matches!(config.mail.transport, Transport::None) {
        return ask(host, vec![discard()]).await.map(|_| 0);
    }
    let rows = ask(host, vec![due::claim(host.now())]).await?;
    let claimed = read_rows(&rows, 0);
    let mut settled = Vec::new();
    let mut kept = Vec::new();
    for text in &claimed {
        let due = match Due::read(text) {
            Ok(due) => due,
            Err(id) => {
                settled.push(quoted(&id));
                let mut line = log::line(host, "error", EVENT);
                line.texts(&[
                    ("letter_id", &id),
                    ("outcome", "dropped"),
                    ("cause", "its row is not as it must be"),
                ]);
                host.log(&line.finish_object());
                continue;
            }
        };
        let outcome = if matches!(config.mail.transport, Transport::Inbox) {
            inbox::keep(&due, config, host.now()).map(|statement| kept.push(statement))
        } else {
            send(host, config, &due).await
        };
        let outcome = outcome.map_or_else(|other| other, |()| Outcome::Sent);
        let is_over = note(host, &due, &outcome);
        if is_over
            && !matches!((&config.mail.transport, outcome), (Transport::Inbox, Outcome::Sent))
        {
            settled.push(quoted(&due.id));
        }
    }
    if !settled.is_empty() {
        kept.push(Statement::fixed(
            "delete from auth_letters where id in (select value from json_each(?1))",
            vec![Some(list(&settled))],
        ));
    }
    if !kept.is_empty() {
        ask(host, kept).await?;
    }
    Ok(claimed.len())
}

/// Where nothing sends mail, letters are not kept for ever.
fn discard() -> Statement {
    let sql = "delete from auth_letters where id in (select id from auth_letters limit 100)";
    Statement::fixed(sql, Vec::new())
}

/// Logs what has become of a letter, and says whether that is the end of it.
fn note<H: Host>(host: &H, due: &Due, outcome: &Outcome) -> bool {
    let (level, word, cause) = match outcome {
        Outcome::Sent => ("info", "sent", None),
        Outcome::Dropped(cause) => ("info", "dropped", Some(*cause)),
        Outcome::Failed(cause) if due.attempts < ATTEMPTS_MAX => {
            ("warn", "failed", Some(cause.as_str()))
        }
        Outcome::Failed(cause) => ("error", "given up", Some(cause.as_str())),
    };
    let mut line = log::line(host, level, EVENT);
    line.texts(&[("letter", due.kind.name()), ("letter_id", &due.id), ("outcome", word)]);
    line.optional_texts(&[("cause", cause)]);
    line.integers(&[("attempt", due.attempts)]);
    host.log(&line.finish_object());
    !matches!(outcome, Outcome::Failed(_)) || due.attempts >= ATTEMPTS_MAX
}
