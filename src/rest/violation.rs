//! What a refusal of the database means, in Postgres' words and with Postgres' codes.

use super::plan::{Action, Call, Cells, Change, Plan, RowsLimit, Write, forbidden};
use super::query::Row;
use super::{reply, statement};
use crate::catalog::{ForeignKey, Table, Unique};
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
    let write = match plan.action() {
        Action::Read(_) => return common(&error),
        Action::Call(call) => return called(call, &error),
        Action::Write(write) => write,
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

/// The tables that a function changes. The database does not say at which of its statements it
/// stopped.
fn changed<'a>(call: &Call<'a>) -> Vec<&'a str> {
    let mut tables: Vec<&str> = Vec::new();
    for effect in &call.effects {
        if !tables.contains(&effect.table.name.as_str()) {
            tables.push(&effect.table.name);
        }
    }
    tables
}

fn called(call: &Call<'_>, error: &DbError) -> Error {
    let table_of = |name: &str| {
        call.effects.iter().map(|effect| effect.table).find(|table| table.name == name)
    };
    match error {
        DbError::Unique { table, columns } => {
            let known = table_of(table).and_then(|table| constraint(table, columns));
            duplicate(known, columns, None)
        }
        DbError::NotNull { table, column } => not_null(table, column),
        DbError::NullKey => {
            let keys = call.effects.first().map(|effect| effect.table);
            keys.map_or_else(
                || common(error),
                |table| not_null(&table.name, &table.primary_key.concat()),
            )
        }
        DbError::Check { name } => {
            let fails = |table: &&Table| named_check(table, name).is_some();
            let mut tables = call.effects.iter().map(|effect| effect.table);
            let table = tables.clone().find(fails).or_else(|| tables.next());
            table.map_or_else(|| common(error), |table| check(table, name))
        }
        DbError::ForeignKey => {
            let tables = changed(call).join("\" or \"");
            let message =
                format!("a change of table \"{tables}\" violates a foreign key constraint");
            Error::new(Code::ForeignKeyViolation, message)
        }
        DbError::Trigger { message } => Error::new(Code::Raised, message.as_str()),
        other => common(other),
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
    let table = match plan.action() {
        Action::Read(_) => return ended(marker),
        Action::Write(write) => write.table.name.clone(),
        Action::Call(call) => changed(call).join("\" or \""),
    };
    let refused = || {
        let message = format!("new row violates row-level security policy for table \"{table}\"");
        Error::new(forbidden(plan.who().role()), message)
    };
    if let Some(kind) = marker.strip_prefix("range:") {
        return Error::new(Code::OutOfRange, format!("{kind} out of range"));
    }
    if let Some(most) = marker.strip_prefix("length:") {
        let message = format!("value too long for type character varying({most})");
        return Error::new(Code::TextTooLong, message);
    }
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
    let known = constraint(write.table, columns).filter(|_| table == write.table.name);
    let columns = known.map_or(columns, |unique| &unique.columns);
    let values = match &write.change {
        Change::Insert { cells, .. } | Change::Update { cells, .. } => sent(cells, columns),
        Change::Delete { .. } => None,
    };
    duplicate(known, columns, values)
}

/// The unique constraint over exactly those columns.
fn constraint<'a>(table: &'a Table, columns: &[String]) -> Option<&'a Unique> {
    table.uniques.iter().find(|unique| {
        unique.columns.len() == columns.len()
            && unique.columns.iter().all(|column| columns.contains(column))
    })
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
