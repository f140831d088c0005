//! What a refusal of the database means, in Postgres' words and with Postgres' codes.

mod called;
mod foreign_key;

use super::plan::{Action, Change, Plan, RowsLimit, Write, forbidden, not_null, row_twice};
use super::{reply, statement};
use crate::catalog::{Catalog, Table, Unique};
use crate::db::DbError;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::identity::SESSION_ENDED;

/// Explains a refusal. Only a foreign key asks the database once more, for SQLite does not say
/// which of them it was.
pub async fn explain<H: Host>(
    host: &H,
    catalog: &Catalog,
    plan: &Plan<'_>,
    error: DbError,
) -> Error {
    if let DbError::Raised { marker } = &error {
        if let Some(refusal) = statement::explain(marker) {
            return refusal;
        }
        return raised(plan, marker);
    }
    let write = match plan.action() {
        Action::Read(_) => return common(&error),
        Action::Call(call) => return called::explain(call, &error),
        Action::Write(write) => write,
    };
    match error {
        DbError::Unique { table, columns } => unique(write, &table, &columns),
        DbError::NotNull { table, column } => not_null(&table, &column),
        DbError::NullKey => not_null(&write.table.name, &write.table.primary_key.concat()),
        DbError::Check { name } => check(write.table, &name),
        DbError::ForeignKey => foreign_key::explain(host, catalog, plan, write).await,
        DbError::Trigger { message } => Error::new(Code::Raised, message),
        other => common(&other),
    }
}

fn common(error: &DbError) -> Error {
    match error {
        DbError::TooComplex { message } => {
            Error::new(Code::TooComplex, "the request is too complex for the database")
                .hint("ask for fewer embeds, filters or columns at once")
                .cause(message.as_str())
        }
        DbError::Value { message } if message.contains("integer overflow") => {
            Error::new(Code::OutOfRange, "bigint out of range").cause(message.as_str())
        }
        DbError::Value { message } => {
            Error::new(Code::OutOfRange, "a value does not fit what the schema computes of it")
                .cause(message.as_str())
        }
        other => Error::from_database(other),
    }
}

fn raised(plan: &Plan<'_>, marker: &str) -> Error {
    let (marker, table) = match plan.action() {
        Action::Read(_) => return ended(marker),
        Action::Write(write) => (marker, write.table.name.as_str()),
        Action::Call(call) => called::place(call, marker),
    };
    let refused = || {
        let message = format!("new row violates row-level security policy for table \"{table}\"");
        Error::new(forbidden(plan.who().role()), message)
    };
    match (marker, marker.strip_prefix("rows:"), plan.rows_limit()) {
        ("check", ..) => refused(),
        ("twice", ..) => row_twice(),
        ("order", ..) => Error::not_implemented(
            "Several changed rows are not sorted by this: leave order out and sort what is answered.",
        ),
        ("hidden", ..) => refused().hint(format!(
            "the row may be written but not read back: it meets no policy for select on \"{table}\""
        )),
        (_, Some(count), Some(RowsLimit::One)) => reply::not_single(count),
        (_, Some(count), Some(RowsLimit::AtMost(_))) => reply::too_many(count),
        _ => ended(marker),
    }
}

fn ended(marker: &str) -> Error {
    if marker == SESSION_ENDED {
        return Error::new(Code::TokenClaims, "JWT session has ended").hint("sign in again");
    }
    Error::unexpected(format!("an unknown marker was raised: {marker}"))
}

fn unique(write: &Write<'_>, table: &str, columns: &[String]) -> Error {
    let known = write.table.unique(columns).filter(|_| table == write.table.name);
    let columns = known.map_or(columns, |unique| &unique.columns);
    let values = match &write.change {
        Change::Insert { cells, .. } | Change::Update { cells, .. } => cells.told(columns),
        Change::Delete { .. } => None,
    };
    duplicate(known, columns, values)
}

fn duplicate(known: Option<&Unique>, columns: &[String], values: Option<String>) -> Error {
    let (name, columns) = match known {
        Some(unique) => (unique.name.clone(), unique.columns.as_slice()),
        // An index over expressions is known by its name alone.
        None => (columns.join("_"), columns),
    };
    let message = format!("duplicate key value violates unique constraint \"{name}\"");
    let details = match values {
        Some(values) => format!("Key ({})=({values}) already exists.", columns.join(", ")),
        None => format!("Key ({}) already exists.", columns.join(", ")),
    };
    Error::new(Code::UniqueViolation, message).details(details)
}

/// The declared name of a check that failed under its name or as its expression.
fn named_check<'a>(table: &'a Table, name: &str) -> Option<&'a str> {
    let known = table.checks.iter().find(|check| check.name == name || check.expression == name);
    known.map(|check| check.name.as_str())
}

fn check(table: &Table, name: &str) -> Error {
    let name = named_check(table, name).unwrap_or(name);
    let message =
        format!("new row for relation \"{}\" violates check constraint \"{name}\"", table.name);
    Error::new(Code::CheckViolation, message)
}
