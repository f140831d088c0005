//! `GET /auth/v1/admin/audit`: who did what, the latest first.

use super::page::Page;
use crate::auth::audit::{ACTIONS, kind};
use crate::auth::call::{Call, invalid};
use crate::auth::database::row_defect;
use crate::error::Error;
use crate::host::Host;
use crate::http::Response;
use crate::http::json::{Object, Writer, list, quoted};
use crate::identity::Role;
use crate::time::rfc3339;
use crate::uuid;

/// SQL: a page of the rows under a condition on `?1`, and how many they are. Indexes have them in
/// their order.
macro_rules! search {
    ($condition:expr) => {
        search!(
            $condition,
            concat!(
                "select json_object('total', count(*)) as row from auth_audit where ",
                $condition
            )
        )
    };
    ($condition:expr, $count:expr) => {
        (
            $count,
            concat!(
                "select json_object('id', auth_audit.id, 'actor_id', auth_audit.actor_id,
                   'email', auth_users.email, 'action', auth_audit.action,
                   'traits', json(auth_audit.traits), 'network', auth_audit.network,
                   'created_at', auth_audit.created_at) as row
                 from auth_audit left join auth_users on auth_users.id = auth_audit.actor_id
                 where ",
                $condition,
                " order by auth_audit.created_at desc, auth_audit.id desc
                  limit cast(?2 as integer) offset cast(?3 as integer)"
            ),
        )
    };
}

/// Which rows are looked for.
struct Search {
    /// Counts them.
    count: &'static str,
    /// Reads a page of them.
    read: &'static str,
    /// What both are bound to.
    wanted: Option<String>,
}

impl Search {
    /// Reads `author:`, `action:` or `type:` and what is looked for: a part of it, in capitals or
    /// not, or the whole where something is called so.
    fn of(query: Option<&str>) -> Result<Self, Error> {
        let (scope, wanted) = query
            .map_or(Some(("author", "")), |query| query.split_once(':'))
            .filter(|(scope, _)| ["author", "action", "type"].contains(scope))
            .ok_or_else(|| invalid("query is none of author:.., action:.. and type:.."))?;
        let wanted = wanted.to_ascii_lowercase();
        let ((count, read), wanted) = match scope {
            _ if wanted.is_empty() => {
                let count = "select json_object('total', (select count(*) from auth_audit)) as row where ?1 is null";
                (search!("?1 is null", count), None)
            }
            "author" if uuid::parse(&wanted).is_some() => {
                (search!("auth_audit.actor_id = ?1"), Some(wanted))
            }
            "author" => (
                search!(
                    "(auth_audit.actor_id in (
                        select id from auth_users where instr(lower(email), ?1) > 0
                      ) or (instr('service_role', ?1) > 0 and auth_audit.actor_id is null
                        and auth_audit.action <> 'login_failed'))"
                ),
                Some(wanted),
            ),
            scope => (
                search!("auth_audit.action in (select value from json_each(?1))"),
                Some(actions(&wanted, scope == "type")),
            ),
        };
        Ok(Self { count, read, wanted })
    }
}

/// The actions that are looked for by their names or by their kinds: a JSON array.
fn actions(wanted: &str, by_kind: bool) -> String {
    let told =
        |(action, kind): &(&'static str, &'static str)| if by_kind { *kind } else { *action };
    let is_whole = ACTIONS.iter().any(|action| told(action) == wanted);
    let is_wanted = |action: &&(&'static str, &'static str)| {
        if is_whole { told(action) == wanted } else { told(action).contains(wanted) }
    };
    let names = ACTIONS.iter().filter(is_wanted).map(|(action, _)| quoted(action));
    list(&names.collect::<Vec<_>>())
}

/// One round trip.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    call.admin()?;
    let page = Page::read(call)?;
    let Search { count, read, wanted } = Search::of(call.given("query")?.as_deref())?;
    let (total, rows) = page.find(host, count, read, wanted).await?;
    let entries: Option<Vec<String>> = rows.iter().map(|row| written(&Object::of(row)?)).collect();
    let entries = list(&entries.ok_or_else(|| row_defect("auth_audit"))?);
    page.answer(call, total, &["query"], entries)
}

/// A row in the dialect's shape. Where the address would be stands the network.
fn written(row: &Object<'_>) -> Option<String> {
    let text = |name: &str| -> Option<Option<String>> { row.text(name).ok() };
    let (actor, email, action) = (text("actor_id")?, text("email")?, text("action")??);
    // Nobody's id is the owner's server's, or of somebody who could not come in.
    let nobody = if action == "login_failed" { "" } else { Role::ServiceRole.name() };
    let username = if actor.is_some() { email.unwrap_or_default() } else { nobody.to_owned() };
    let mut payload = Writer::object();
    payload.texts(&[
        ("actor_id", actor.as_deref().unwrap_or_default()),
        ("actor_username", &username),
        ("action", &action),
        ("log_type", kind(&action)),
    ]);
    payload.member("traits", row.raw("traits")?);
    let mut entry = Writer::object();
    entry.texts(&[("id", &text("id")??)]);
    entry.member("payload", &payload.finish_object());
    entry.texts(&[
        ("created_at", &rfc3339(row.integer("created_at").ok()??)),
        ("ip_address", text("network")?.as_deref().unwrap_or_default()),
    ]);
    Some(entry.finish_object())
}
