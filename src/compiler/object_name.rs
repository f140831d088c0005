//! Names of tables, views and functions in `policies.sql` and `functions.sql`.

use sqlparser::ast::{Ident, ObjectName, Spanned};

use super::parse::{Name, span};
use super::report::Diagnostic;

/// A name as it is written. SQLite's names have no case, so quotes make no difference.
pub(super) fn name(ident: &Ident) -> Name {
    Name { text: ident.value.clone(), span: span(ident.span) }
}

/// The name of a table, which may have `public` in front.
pub(super) fn table_name(object: &ObjectName) -> Result<Name, Diagnostic> {
    name_in_public(object, "write the table's name alone")
}

/// A name that may have `public` in front, and what to do about one that has anything else.
pub(super) fn name_in_public(object: &ObjectName, help: &str) -> Result<Name, Diagnostic> {
    let parts: Option<Vec<&Ident>> = object.0.iter().map(|part| part.as_ident()).collect();
    match parts.unwrap_or_default().as_slice() {
        [only] => Ok(name(only)),
        [schema, inner] if schema.value.eq_ignore_ascii_case("public") => Ok(name(inner)),
        [schema, ..] if schema.value.eq_ignore_ascii_case("storage") => {
            Err(Diagnostic::error(span(object.span()), "there is no storage yet")
                .help("leave out what is about storage.objects and storage.buckets"))
        }
        [schema, ..] if schema.value.eq_ignore_ascii_case("realtime") => {
            Err(Diagnostic::error(span(object.span()), "there is no realtime yet")
                .help("leave out what is about realtime.messages"))
        }
        [schema, inner] if schema.value.eq_ignore_ascii_case("auth") => {
            let message = format!("auth.{} is never read or served", inner.value);
            Err(Diagnostic::error(span(object.span()), message).help(
                "of the caller, write auth.uid(), auth.email() or auth.jwt(); of others, read \
                 auth.users or auth.mfa_factors in a `security definer` function of functions.sql, \
                 or create a view of the columns needed in schema.sql: create view people as select \
                 id, email from auth_users",
            ))
        }
        _ => {
            let message = "the only schema is \"public\"";
            Err(Diagnostic::error(span(object.span()), message).help(help))
        }
    }
}
