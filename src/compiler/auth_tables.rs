//! `auth.users` and `auth.mfa_factors` in `security definer` functions: what Selvedge keeps of users and their
//! factors, by the names and types that Supabase has for it. Only a short list of columns is readable: no
//! hash, secret or token is among them.

use rusqlite::Connection;
use sqlparser::ast::{Ident, ObjectName};

use super::expand::{Expander, Item};
use super::expression::{Kind, Typed};
use super::parse::span;
use super::report::Diagnostic;
use super::rules::Columns;
use super::sql::Sql;

/// Times are kept as milliseconds.
macro_rules! time {
    ($column:literal) => {
        concat!("strftime('%Y-%m-%dT%H:%M:%f000+00:00', ", $column, " / 1000.0, 'unixepoch')")
    };
}

/// A table of the schema `auth`.
struct AuthTable {
    name: &'static str,
    /// The table that keeps its rows.
    own: &'static str,
    /// Name, type, and what is written with `@` for the row.
    columns: &'static [(&'static str, Kind, &'static str)],
    /// Columns that Supabase has too, which no function may read. Their names are known so that none of them means
    /// an argument or a column of another table.
    hidden: &'static [&'static str],
}

const TABLES: [AuthTable; 2] = [USERS, FACTORS];

const USERS: AuthTable = AuthTable {
    name: "users",
    own: "auth_users",
    columns: &[
        ("id", Kind::Uuid, "@.id"),
        // The column ignores case, and PostgreSQL's does not.
        ("email", Kind::Varchar, "(@.email collate binary)"),
        ("is_anonymous", Kind::Boolean, "@.is_anonymous"),
        ("raw_app_meta_data", Kind::Jsonb, "@.app_metadata"),
        ("raw_user_meta_data", Kind::Jsonb, "@.user_metadata"),
        ("email_confirmed_at", Kind::TimestampTz, time!("@.email_confirmed_at")),
        ("last_sign_in_at", Kind::TimestampTz, time!("@.last_sign_in_at")),
        ("created_at", Kind::TimestampTz, time!("@.created_at")),
    ],
    hidden: &[
        "instance_id",
        "aud",
        "role",
        "encrypted_password",
        "confirmed_at",
        "invited_at",
        "confirmation_token",
        "confirmation_sent_at",
        "recovery_token",
        "recovery_sent_at",
        "email_change_token_new",
        "email_change_token_current",
        "email_change",
        "email_change_sent_at",
        "email_change_confirm_status",
        "is_super_admin",
        "updated_at",
        "phone",
        "phone_confirmed_at",
        "phone_change",
        "phone_change_token",
        "phone_change_sent_at",
        "banned_until",
        "reauthentication_token",
        "reauthentication_sent_at",
        "is_sso_user",
        "deleted_at",
    ],
};

const FACTORS: AuthTable = AuthTable {
    name: "mfa_factors",
    own: "auth_factors",
    columns: &[
        ("id", Kind::Uuid, "@.id"),
        ("user_id", Kind::Uuid, "@.user_id"),
        // There are no others here. A row that an outer join does not find has none.
        ("factor_type", Kind::Text, "(case when @.id is not null then 'totp' end)"),
        ("status", Kind::Text, "@.status"),
        ("created_at", Kind::TimestampTz, time!("@.created_at")),
    ],
    hidden: &[
        "friendly_name",
        "updated_at",
        "secret",
        "phone",
        "last_challenged_at",
        "web_authn_credential",
        "web_authn_aaguid",
        "last_webauthn_challenge_data",
    ],
};

/// Adds what later migrations create of these tables, so that functions that read them can be tried. The schema
/// has been read by then: no view shows any of it.
pub(super) fn add_later_columns(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "alter table auth_users add column is_anonymous integer not null default 0;
        create table auth_factors (
          id text primary key, user_id text not null, status text not null, created_at integer not null
        ) strict, without rowid;",
    )
}

/// The table of `auth` that a name means.
fn named(object: &ObjectName) -> Option<&'static AuthTable> {
    let parts: Option<Vec<&Ident>> = object.0.iter().map(|part| part.as_ident()).collect();
    let [schema, table] = parts?.try_into().ok()?;
    let is_auth = schema.value.eq_ignore_ascii_case("auth");
    let is = |one: &&AuthTable| one.name.eq_ignore_ascii_case(&table.value);
    TABLES.iter().find(is).filter(|_| is_auth)
}

impl Expander<'_> {
    /// Writes a table of `auth` in the `from` of a `security definer` function; `None` for others and elsewhere.
    pub(super) fn auth_table(
        &mut self,
        object: &ObjectName,
        alias: Option<&Ident>,
    ) -> Option<(Sql, Item)> {
        let table = named(object).filter(|_| self.is_definer())?;
        let written = self.fresh_alias();
        let placed = table.columns.iter().map(|(name, kind, sql)| {
            let sql = Sql::text(sql.replace('@', &written));
            ((*name).to_owned(), *kind, Typed::closed(*kind, sql))
        });
        let hidden =
            table.hidden.iter().map(|name| ((*name).to_owned(), Kind::Broken, Typed::broken()));
        let mut item = Item::broken(alias.map_or(table.name, |alias| &alias.value));
        item.is_broken = false;
        item.is_auth = true;
        item.row = Sql::text(&written);
        for (name, kind, sql) in placed.chain(hidden) {
            item.columns.push(name);
            item.kinds.push(kind);
            item.scales.push(None);
            item.written.push(sql);
        }
        let readable = table.columns.iter().map(|(name, ..)| (*name).to_owned()).collect();
        item.readable = Columns::Some(readable);
        Some((Sql::text(table.own).then(" as ").then(&written), item))
    }

    /// Whether what is written is executed as the owner, by a function that says so.
    fn is_definer(&self) -> bool {
        let is_called = self.frames.iter().any(|frame| frame.is_definer);
        self.role.is_none() && (is_called || self.routine.is_some_and(|one| one.is_definer))
    }

    /// A column behind `auth.users`.
    pub(super) fn qualified_in_auth(&mut self, table: &Ident, column: &Ident) -> Typed {
        let same = |item: &&Item| item.is_auth && item.name.eq_ignore_ascii_case(&table.value);
        if self.scopes.iter().rev().any(|scope| scope.iter().any(|item| same(&item))) {
            return self.qualified(table, column);
        }
        let message = format!("\"auth.{}\" is not read here", table.value);
        self.push(Diagnostic::error(span(table.span), message));
        Typed::broken()
    }

    /// Reports a column of `auth` that no function may read.
    pub(super) fn hidden_column(&mut self, item: &Item, name: &super::parse::Name) {
        let message = format!("column \"{}\" of \"{}\" is never read", name.text, item.name);
        let readable = match &item.readable {
            Columns::Some(columns) => columns.join(", "),
            Columns::All => String::new(),
        };
        let help = format!("a function may read {readable}");
        self.push(Diagnostic::error(name.span, message).help(help));
    }
}
