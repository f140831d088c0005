//! `GET /auth/v1/admin/audit`: who did what, the latest first.

use super::page::{Page, given};
use crate::auth::audit::kind;
use crate::auth::call::{Call, invalid};
use crate::auth::database::{ask, first_row, read_rows, row_defect};
use crate::db::Statement;
use crate::error::Error;
use crate::host::Host;
use crate::http::Response;
use crate::http::json::{Object, Writer, list};
use crate::identity::Role;
use crate::time::rfc3339;

/// SQL: the rows that were looked for, by author `?1` (an id, or a part of an address) and action `?2`.
macro_rules! looked_for {
    () => {
        "from auth_audit left join auth_users on auth_users.id = auth_audit.actor_id
         where (?1 is null or auth_audit.actor_id = ?1
             or instr(lower(auth_users.email), lower(?1)) > 0)
           and (?2 is null or auth_audit.action = ?2)"
    };
}

/// One round trip.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    call.admin()?;
    let page = Page::read(call)?;
    let query = given(call, "query")?;
    let (author, action) = match query.as_deref().map(|query| query.split_once(':')) {
        None => (None, None),
        Some(Some(("author", author))) => (Some(author.to_owned()), None),
        Some(Some(("action", action))) => (None, Some(action.to_owned())),
        Some(_) => return Err(invalid("query is neither author:.. nor action:..")),
    };
    let [limit, offset] = page.binds();
    let count = Statement::fixed(
        concat!("select json_object('total', count(*)) as row ", looked_for!()),
        vec![author.clone(), action.clone()],
    );
    let read = Statement::fixed(
        concat!(
            "select json_object('id', auth_audit.id, 'actor_id', auth_audit.actor_id,
               'email', auth_users.email, 'action', auth_audit.action,
               'traits', json(auth_audit.traits), 'network', auth_audit.network,
               'created_at', auth_audit.created_at) as row ",
            looked_for!(),
            " order by auth_audit.created_at desc, auth_audit.id
              limit cast(?3 as integer) offset cast(?4 as integer)"
        ),
        vec![author, action, limit, offset],
    );
    let rows = ask(host, vec![count, read]).await?;
    let total = first_row(&rows, 0, |row| row.integer("total").ok()?)?.unwrap_or_default();
    let entries: Option<Vec<String>> =
        read_rows(&rows, 1).iter().map(|row| written(&Object::of(row)?)).collect();
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
