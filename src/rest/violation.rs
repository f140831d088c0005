//! What a refusal of the database means, in Postgres' words and with Postgres' codes.

use super::plan::{Action, Cells, Change, Plan, RowsLimit, Write, forbidden};
use super::query::Row;
use super::{reply, statement};
use crate::catalog::{ForeignKey, Table};
use crate::db::{DbError, Rows};
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::json::Json;
use crate::identity::SESSION_ENDED;

/// Explains a refusal. Only a foreign key asks the database once more, for SQLite does not say
/// which of them it was.
pub async fn explain<H: Host>(host: &H, plan: &Plan<'_>, error: DbError) -> Error {
    if let DbError::Raised { marker } = &error {
        return raised(plan, marker);
    }
    let Action::Write(write) = plan.action() else {
        return common(&error);
    };
    match error {
        DbError::Unique { table, columns } => unique(write, &table, &columns),
        DbError::NotNull { table, column } => not_null(&table, &column),
        DbError::NullKey => not_null(&write.table.name, &write.table.primary_key.concat()),
        DbError::Check { name } => check(write.table, &name),
        DbError::ForeignKey => foreign_key(host, write).await,
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
        DbError::Value { message } => {
            Error::new(Code::OutOfRange, "a value does not fit what the schema computes of it")
                .cause(message.as_str())
        }
        other => Error::from_database(other),
    }
}

fn raised(plan: &Plan<'_>, marker: &str) -> Error {
    let Action::Write(write) = plan.action() else {
        return ended(marker);
    };
    let table = &write.table.name;
    let refused = || {
        let message = format!("new row violates row-level security policy for table \"{table}\"");
        Error::new(forbidden(plan.who().role()), message)
    };
    match (marker, marker.strip_prefix("rows:"), plan.rows_limit()) {
        ("check", ..) => refused(),
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
    let known = write.table.uniques.iter().find(|unique| {
        table == write.table.name
            && unique.columns.len() == columns.len()
            && unique.columns.iter().all(|column| columns.contains(column))
    });
    let (name, columns) = match known {
        Some(unique) => (unique.name.clone(), unique.columns.as_slice()),
        // An index over expressions is known by its name alone.
        None => (columns.join("_"), columns),
    };
    let message = format!("duplicate key value violates unique constraint \"{name}\"");
    let values = match &write.change {
        Change::Insert { cells, .. } | Change::Update { cells, .. } => sent(cells, columns),
        Change::Delete { .. } => None,
    };
    let details = match values {
        Some(values) => format!("Key ({})=({values}) already exists.", columns.join(", ")),
        None => format!("Key ({}) already exists.", columns.join(", ")),
    };
    Error::new(Code::UniqueViolation, message).details(details)
}

/// The values of those columns as the client sent them, when it sent one row with all of them.
fn sent(cells: &Cells<'_>, columns: &[String]) -> Option<String> {
    let row: &Row = cells.single.as_ref()?;
    let values: Option<Vec<String>> =
        columns.iter().map(|column| row.get(column).map(Json::plain)).collect();
    values.map(|values| values.join(", "))
}

fn not_null(table: &str, column: &str) -> Error {
    let message = format!(
        "null value in column \"{column}\" of relation \"{table}\" violates not-null constraint"
    );
    Error::new(Code::NotNullViolation, message)
}

fn check(table: &Table, name: &str) -> Error {
    let known = table.checks.iter().find(|check| check.name == name || check.expression == name);
    let name = known.map_or(name, |check| &check.name);
    let message =
        format!("new row for relation \"{}\" violates check constraint \"{name}\"", table.name);
    Error::new(Code::CheckViolation, message)
}

async fn foreign_key<H: Host>(host: &H, write: &Write<'_>) -> Error {
    let table = &write.table.name;
    let cells = match &write.change {
        Change::Insert { cells, .. } | Change::Update { cells, .. } => Some(cells),
        Change::Delete { .. } => None,
    };
    let candidates: Vec<&ForeignKey> = cells.map_or_else(Vec::new, |cells| {
        write
            .table
            .foreign_keys
            .iter()
            .filter(|key| key.columns.iter().all(|column| is_written(cells, column)))
            .collect()
    });
    let (Some(cells), false) = (cells, candidates.is_empty()) else {
        return Error::new(
            Code::ForeignKeyViolation,
            format!("update or delete on table \"{table}\" violates foreign key constraint"),
        )
        .details(format!("Key is still referenced by rows that refer to table \"{table}\"."));
    };
    let probes = candidates.iter().map(|key| statement::probe(cells, key)).collect();
    let broken = match host.batch(probes).await {
        Ok(results) => {
            candidates.iter().zip(&results).find_map(|(key, rows)| rows.text(0).map(|_| *key))
        }
        Err(error) => return Error::from_database(&error),
    };
    let Some(key) = broken else {
        let message = format!("update on table \"{table}\" violates foreign key constraint");
        return Error::new(Code::ForeignKeyViolation, message);
    };
    let message = format!(
        "insert or update on table \"{table}\" violates foreign key constraint \"{}\"",
        key.name
    );
    let columns = key.columns.join(", ");
    let values = sent(cells, &key.columns).map(|values| format!("=({values})")).unwrap_or_default();
    // Selvedge's own tables go by no name that a client knows.
    let target = key.references.strip_prefix("auth_").map_or(key.references.as_str(), |_| "users");
    Error::new(Code::ForeignKeyViolation, message)
        .details(format!("Key ({columns}){values} is not present in table \"{target}\"."))
}

fn is_written(cells: &Cells<'_>, column: &str) -> bool {
    cells.columns.iter().any(|written| written.name == column)
}
