//! The inbox of a machine for development: letters that were not sent, kept to be looked at.
//!
//! Its API is a part of Mailpit's, which the tools of Supabase use, so that tests written for those
//! read their mail here. Nothing of it exists in production.

use super::{Due, Outcome};
use crate::auth::database::{ask, read_rows};
use crate::config::{Config, Transport};
use crate::db::{Rows, Statement};
use crate::error::Error;
use crate::host::{Host, Milliseconds};
use crate::http::json::{Writer, list};
use crate::mail::Letter;
use crate::time::rfc3339;

/// How many letters are shown, the latest first.
const SHOWN_MAX: &str = "100";

/// The statement that keeps a letter, which was written at `now`, in the place of its row.
pub(super) fn keep(due: &Due, config: &Config, now: Milliseconds) -> Result<Statement, Outcome> {
    let letter = Letter::write(due.kind, &due.facts(config, now)?);
    let mailbox = |name: &str, address: &str| {
        let mut mailbox = Writer::object();
        mailbox.texts(&[("Name", name), ("Address", address)]);
        mailbox.finish_object()
    };
    let (name, address) = &config.mail.sender;
    let mut message = Writer::object();
    message.texts(&[("ID", &due.id), ("MessageID", &due.id), ("Created", &rfc3339(now))]);
    message.member("From", &mailbox(name, address));
    message.member("To", &list(&[mailbox("", &due.recipient)]));
    let Letter { subject, html, text } = &letter;
    message.texts(&[("Subject", subject), ("HTML", html), ("Text", text)]);
    Ok(Statement::fixed(
        "update auth_letters set due_at = null, data = ?2, created_at = cast(?3 as integer)
         where id = ?1",
        vec![Some(due.id.clone()), Some(message.finish_object()), Some(now.to_string())],
    ))
}

/// Whether there is an inbox.
#[must_use]
pub const fn exists(config: &Config) -> bool {
    config.development && matches!(config.mail.transport, Transport::Inbox)
}

/// The letters to an address, or all, without their HTML; the latest first.
///
/// # Errors
/// Trouble of the database.
pub async fn messages<H: Host>(host: &H, recipient: Option<&str>) -> Result<Vec<String>, Error> {
    let statement = Statement::fixed(
        "select json_remove(data, '$.HTML') as row from auth_letters
         where due_at is null and (?1 is null or recipient = ?1 collate nocase)
         order by created_at desc, id limit cast(?2 as integer)",
        vec![recipient.map(str::to_owned), Some(SHOWN_MAX.to_owned())],
    );
    let rows = ask(host, vec![statement]).await?;
    Ok(read_rows(&rows, 0))
}

/// A letter by its id, or the latest.
///
/// # Errors
/// Trouble of the database.
pub async fn message<H: Host>(host: &H, id: &str) -> Result<Option<String>, Error> {
    let statement = Statement::fixed(
        "select data as row from auth_letters where due_at is null and ?1 in (id, 'latest')
         order by created_at desc, id limit 1",
        vec![Some(id.to_owned())],
    );
    let rows = ask(host, vec![statement]).await?;
    Ok(rows.first().and_then(|rows| rows.text(0)))
}

/// Throws all letters away.
///
/// # Errors
/// Trouble of the database.
pub async fn empty<H: Host>(host: &H) -> Result<(), Error> {
    let statement = Statement::fixed("delete from auth_letters where due_at is null", Vec::new());
    ask(host, vec![statement]).await.map(drop)
}
