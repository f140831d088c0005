//! What a refusal of a function's change means.

use super::{check, common, duplicate, foreign_key, named_check};
use crate::catalog::Table;
use crate::db::DbError;
use crate::error::{Code, Error};
use crate::rest::plan::{Call, not_null};

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

/// What a policy raised, and the table of the change that raised it. Other markers have no place.
pub fn place<'a>(call: &Call<'a>, marker: &'a str) -> (&'a str, &'a str) {
    let place = marker.rsplit_once(':').and_then(|(kind, number)| {
        let effect = call.effects.get(number.parse::<usize>().ok()?)?;
        matches!(kind, "check" | "hidden").then_some((kind, effect.table.name.as_str()))
    });
    place.unwrap_or((marker, ""))
}

/// Explains a refusal of a function's change.
pub fn explain(call: &Call<'_>, error: &DbError) -> Error {
    let table_of = |name: &str| {
        call.effects.iter().map(|effect| effect.table).find(|table| table.name == name)
    };
    match error {
        DbError::Unique { table, columns } => {
            let known = table_of(table).and_then(|table| table.unique(columns));
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
        DbError::ForeignKey => foreign_key::unknown(&changed(call).join("\" or \"")),
        DbError::Trigger { message } => Error::new(Code::Raised, message.as_str()),
        other => common(other),
    }
}
