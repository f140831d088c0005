//! `GET /auth/v1/admin/users`: the accounts, page by page.

use super::page::Page;
use crate::auth::account::{Account, account_json};
use crate::auth::call::{Call, invalid};
use crate::auth::database::row_defect;
use crate::auth::token::AUDIENCE;
use crate::error::Error;
use crate::host::Host;
use crate::http::Response;
use crate::http::json::{Object, Writer, list};

/// SQL: whether an account is one that was looked for. No pattern, so nothing in it is special.
macro_rules! is_looked_for {
    () => {
        "(?1 is null or auth_users.id = ?1 or instr(lower(auth_users.email), lower(?1)) > 0
          or instr(lower(auth_users.user_metadata ->> '$.full_name'), lower(?1)) > 0)"
    };
}

/// SQL: a page of the accounts, of which the index has just these; an id tells those of one moment
/// apart.
macro_rules! read {
    ($direction:literal) => {
        concat!(
            "select ",
            account_json!(),
            " as row from auth_users indexed by auth_users_created_at where ",
            is_looked_for!(),
            " order by created_at ",
            $direction,
            ", id ",
            $direction,
            " limit cast(?2 as integer) offset cast(?3 as integer)"
        )
    };
}

/// One round trip.
pub(in crate::auth) async fn serve<H: Host>(
    host: &H,
    call: &Call<'_>,
) -> Result<Response<H::Rows>, Error> {
    call.admin()?;
    let page = Page::read(call)?;
    let read = match call.given("sort")?.as_deref() {
        None | Some("created_at desc") => read!("desc"),
        Some("created_at" | "created_at asc") => read!("asc"),
        Some(_) => return Err(invalid("sort is neither created_at asc nor created_at desc")),
    };
    let filter = call.given("filter")?;
    // Of all accounts SQLite has the number by an index's pages, without a look at any.
    let count = concat!(
        "select json_object('total', case when ?1 is null then (select count(*) from auth_users)
           else (select count(*) from auth_users where ",
        is_looked_for!(),
        ") end) as row"
    );
    let (total, rows) = page.find(host, count, read, filter).await?;
    let users: Option<Vec<String>> =
        rows.iter().map(|row| Some(Account::read(&Object::of(row)?)?.user())).collect();
    let mut body = Writer::object();
    body.member("users", &list(&users.ok_or_else(|| row_defect("auth_users"))?));
    body.texts(&[("aud", AUDIENCE)]);
    page.answer(call, total, &["filter", "sort"], body.finish_object())
}
