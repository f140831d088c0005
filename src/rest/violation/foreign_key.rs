//! Which foreign key was broken, and how. SQLite does not say, so it is asked once more.

use crate::catalog::{Catalog, ForeignKey, Table};
use crate::db::{Batch, Rows};
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::json::{Json, Walker};
use crate::rest::plan::{Cells, Change, Plan, Touched, Write};
use crate::rest::statement;

/// A way in which the change may have broken a key.
enum Suspect<'a> {
    /// A row of the table refers to nothing.
    Missing(&'a Cells<'a>, &'a ForeignKey),
    /// Rows of that table refer to what a row was before.
    Referenced(&'a Table, &'a ForeignKey),
}

/// Explains a broken foreign key.
pub async fn explain<H: Host>(
    host: &H,
    catalog: &Catalog,
    plan: &Plan<'_>,
    write: &Write<'_>,
) -> Error {
    let suspects = suspects(catalog, write);
    let mut probes: Batch = Vec::new();
    for suspect in &suspects {
        match (suspect, touched(write)) {
            (Suspect::Missing(cells, key), _) => probes.push(statement::missing(cells, key)),
            (Suspect::Referenced(table, key), Some(rows)) => {
                let seen = plan.readable(write.table);
                let own = (write.table, rows);
                match statement::referenced(plan.who(), own, (table, key), seen.as_ref()) {
                    Ok(probe) => probes.push(probe),
                    Err(error) => return error,
                }
            }
            (Suspect::Referenced(..), None) => {}
        }
    }
    if probes.is_empty() {
        return unknown(&write.table.name);
    }
    let found = match host.batch(probes).await {
        Ok(results) => suspects
            .iter()
            .zip(&results)
            .find_map(|(suspect, rows)| rows.text(0).map(|text| (suspect, text))),
        Err(error) => return Error::from_database(&error),
    };
    match found {
        Some((Suspect::Missing(cells, key), _)) => missing(write.table, cells, key),
        Some((Suspect::Referenced(table, key), values)) => {
            referenced(write.table, table, key, &values)
        }
        None => unknown(&write.table.name),
    }
}

/// What a trigger or a cascade has broken is not looked for.
pub fn unknown(table: &str) -> Error {
    let message = format!("a change of table \"{table}\" violates a foreign key constraint");
    Error::new(Code::ForeignKeyViolation, message)
}

/// The keys that a change can break, of its own table first.
fn suspects<'a>(catalog: &'a Catalog, write: &'a Write<'_>) -> Vec<Suspect<'a>> {
    let cells = match &write.change {
        Change::Insert { cells, .. } | Change::Update { cells, .. } => Some(cells),
        Change::Delete { .. } => None,
    };
    let mut suspects = Vec::new();
    if let Some(cells) = cells {
        let keys = write.table.foreign_keys.iter();
        let written = keys.filter(|key| key.columns.iter().all(|column| cells.writes(column)));
        suspects.extend(written.map(|key| Suspect::Missing(cells, key)));
    }
    if touched(write).is_none() {
        return suspects;
    }
    for table in &catalog.tables {
        for key in &table.foreign_keys {
            let breaks = match cells {
                Some(cells) => {
                    !key.follows_update
                        && key.referenced_columns.iter().any(|column| cells.writes(column))
                }
                None => !key.follows_delete,
            };
            if key.references == write.table.name && breaks {
                suspects.push(Suspect::Referenced(table, key));
            }
        }
    }
    suspects
}

const fn touched<'a>(write: &'a Write<'a>) -> Option<&'a Touched<'a>> {
    match &write.change {
        Change::Update { rows, .. } | Change::Delete { rows } => Some(rows),
        Change::Insert { .. } => None,
    }
}

fn missing(table: &Table, cells: &Cells<'_>, key: &ForeignKey) -> Error {
    let message = format!(
        "insert or update on table \"{}\" violates foreign key constraint \"{}\"",
        table.name, key.name
    );
    let columns = key.columns.join(", ");
    let values = cells.told(&key.columns).map(|values| format!("=({values})")).unwrap_or_default();
    // Selvedge's own tables go by no name that a client knows.
    let target = key.references.strip_prefix("auth_").map_or(key.references.as_str(), |_| "users");
    Error::new(Code::ForeignKeyViolation, message)
        .details(format!("Key ({columns}){values} is not present in table \"{target}\"."))
}

fn referenced(table: &Table, referring: &Table, key: &ForeignKey, values: &str) -> Error {
    let message = format!(
        "update or delete on table \"{}\" violates foreign key constraint \"{}\" on table \"{}\"",
        table.name, key.name, referring.name
    );
    let mut walker = Walker::new(values);
    let mut told = String::new();
    let mut separator = "=(";
    while walker.eat('[') || walker.eat(',') {
        let Some(value) = Json::of(walker.value()) else { break };
        told.push_str(separator);
        told.push_str(&value.plain());
        separator = ", ";
    }
    let key = if told.is_empty() {
        String::new()
    } else {
        format!(" ({}){told})", key.referenced_columns.join(", "))
    };
    Error::new(Code::ForeignKeyViolation, message)
        .details(format!("Key{key} is still referenced from table \"{}\".", referring.name))
}
