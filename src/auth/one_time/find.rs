//! Finding the row behind a link or a code.

use super::{ATTEMPTS_MAX, CODE_MILLISECONDS, LINK_MILLISECONDS, Pending, Purpose};
use crate::auth::abuse::Tries;
use crate::auth::account::Address;
use crate::auth::call::Call;
use crate::auth::database::{ask, first_row, read_rows};
use crate::auth::token::OneTimeToken;
use crate::config::Config;
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::json::{Object, list, quoted};
use crate::uuid;

/// A row of `auth_one_time_tokens` that was found by its link or code.
#[derive(Debug)]
pub(in crate::auth) struct Ticket {
    pub id: String,
    pub user_id: String,
    pub purpose: Purpose,
    pub address: String,
    pub code_challenge: Option<String>,
    pub pending: Pending,
}

/// SQL for a row as the JSON that [`Ticket`] reads.
macro_rules! ticket_json {
    () => {
        "json_object('id', id, 'user_id', user_id, 'purpose', purpose, 'address', address,
           'code_challenge', code_challenge, 'password_hash', password_hash,
           'user_metadata', user_metadata)"
    };
}

impl Ticket {
    fn read(row: &Object<'_>) -> Option<Self> {
        Some(Self {
            id: row.text("id").ok()??,
            user_id: row.text("user_id").ok()??,
            purpose: Purpose::named(&row.text("purpose").ok()??)?,
            address: row.text("address").ok()??,
            code_challenge: row.text("code_challenge").ok()?,
            pending: Pending {
                password_hash: row.text("password_hash").ok()?,
                user_metadata: row.text("user_metadata").ok()?,
            },
        })
    }

    /// By the link's own text. What is not genuine is not looked for.
    pub(super) async fn of_link<H: Host>(
        host: &H,
        call: &Call<'_>,
        text: &str,
        purposes: &[Purpose],
    ) -> Result<Self, Error> {
        let OneTimeToken(id) = OneTimeToken::of_link(text, call.config).ok_or_else(link_refused)?;
        let since = host.now().saturating_sub(LINK_MILLISECONDS);
        let read = Statement::fixed(
            concat!(
                "select ",
                ticket_json!(),
                " as row from auth_one_time_tokens
                 where id = ?1 and purpose in (select value from json_each(?2))
                   and created_at > cast(?3 as integer)"
            ),
            vec![Some(uuid::format(&id)), Some(names(purposes)), Some(since.to_string())],
        );
        first_row(&ask(host, vec![read]).await?, 0, Self::read)?.ok_or_else(link_refused)
    }

    /// By the code that was sent to an address. Whatever is looked at has one attempt less afterwards, even
    /// if the answer is lost; where there is nothing, as much is compared.
    pub(super) async fn of_code<H: Host>(
        host: &H,
        call: &Call<'_>,
        address: Option<&Address>,
        code: &str,
        purposes: &[Purpose],
    ) -> Result<Self, Error> {
        let since = host.now().saturating_sub(CODE_MILLISECONDS);
        // Of several rows the newest two, so that many of them are no help in guessing. Sign-ups push no
        // other out: there is one a minute, so of those ten minutes not more than these.
        let most = if purposes.contains(&Purpose::Signup) { "11" } else { "2" };
        let count = Statement::fixed(
            concat!(
                "update auth_one_time_tokens set attempts = attempts + 1
                 where id in (
                   select id from auth_one_time_tokens
                   where address = ?1 and purpose in (select value from json_each(?2))
                     and attempts < cast(?3 as integer) and created_at > cast(?4 as integer)
                   order by created_at desc limit cast(?5 as integer)
                 )
                 returning ",
                ticket_json!(),
                " as row"
            ),
            vec![
                address.map(|address| address.as_str().to_owned()),
                Some(names(purposes)),
                Some(ATTEMPTS_MAX.to_owned()),
                Some(since.to_string()),
                Some(most.to_owned()),
            ],
        );
        let typed = address.map(Address::as_str).unwrap_or_default();
        let tries = Tries::of_code(call, typed).begin(host.now());
        let rows = ask(host, std::iter::once(count).chain(tries).collect()).await?;
        let texts = read_rows(&rows, 0);
        let mut found = texts.iter().filter_map(|text| Self::read(&Object::of(text)?));
        let mut right = None;
        let mut looked_at = false;
        for ticket in &mut found {
            looked_at = true;
            if code_is_right(&ticket.id, code, call.config) {
                right = Some(ticket);
            }
        }
        if !looked_at {
            code_is_right("", code, call.config);
        }
        right.ok_or_else(code_refused)
    }
}

/// Whether that is the code of the row with that id; of an id that is none, after as much work.
pub(in crate::auth) fn code_is_right(id: &str, code: &str, config: &Config) -> bool {
    let parsed = uuid::parse(id);
    let same = OneTimeToken(parsed.unwrap_or_default()).has_code(code, config);
    parsed.is_some() && same
}

fn names(purposes: &[Purpose]) -> String {
    list(&purposes.iter().map(|purpose| quoted(purpose.name())).collect::<Vec<_>>())
}

/// The one refusal of links: never made, used, replaced or expired.
pub(super) fn link_refused() -> Error {
    Error::new(Code::OtpExpired, "Email link is invalid or has expired")
}

/// The one refusal of codes, likewise.
pub(super) fn code_refused() -> Error {
    Error::new(Code::OtpExpired, "Token has expired or is invalid")
}
