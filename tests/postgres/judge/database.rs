//! The database on which conditions are tried: SQLite with the limits of D1.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Statement};

use selvedge::catalog::{Claim, Piece, Predicate};

use crate::Claims;
use crate::support::{LIMITS, MIGRATIONS};

/// The database that was asked for last, since questions about one come in a row.
#[derive(Default)]
pub struct Databases {
    last: Option<(String, String, Connection)>,
}

impl Databases {
    /// One with that schema and those rows.
    pub fn of(&mut self, schema: &str, rows: &str) -> Result<&Connection, String> {
        let is_known = matches!(&self.last, Some((a, b, _)) if a == schema && b == rows);
        if !is_known {
            self.last = None;
            let connection = filled(schema, rows).map_err(|error| error.to_string())?;
            self.last = Some((schema.to_owned(), rows.to_owned(), connection));
        }
        self.last.as_ref().map(|(.., connection)| connection).ok_or_else(String::new)
    }
}

fn filled(schema: &str, rows: &str) -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    for migration in MIGRATIONS {
        connection.execute_batch(migration)?;
    }
    connection.execute_batch(schema)?;
    // The rows are what there is, whatever triggers would have added.
    let drops: Option<String> = connection.query_row(drop_triggers(), (), |row| row.get(0))?;
    connection.execute_batch(&drops.unwrap_or_default())?;
    connection.execute_batch("pragma foreign_keys = off")?;
    connection.execute_batch(rows)?;
    for (limit, value) in LIMITS {
        connection.set_limit(limit, value)?;
    }
    Ok(connection)
}

/// A query for statements that drop all triggers.
pub const fn drop_triggers() -> &'static str {
    "select group_concat('drop trigger \"' || name || '\";', '') from sqlite_master where type = 'trigger'"
}

/// The condition as it stands in a statement that calls its row so.
pub fn written(predicate: &Predicate, row: &str) -> String {
    let fill = |piece: &Piece| match piece {
        Piece::Sql(text) => text.clone(),
        Piece::Row => row.to_owned(),
        Piece::Claim(Claim::Uid) => "?1".to_owned(),
        Piece::Claim(Claim::Role) => "?2".to_owned(),
        Piece::Claim(Claim::Email) => "?3".to_owned(),
        Piece::Claim(Claim::Jwt) => "?4".to_owned(),
        Piece::Argument(_) => "null".to_owned(),
    };
    if predicate.is_always() {
        return "1".to_owned();
    }
    predicate.pieces().iter().map(fill).collect()
}

/// The rows of a statement, each column as text.
pub fn select(
    connection: &Connection,
    sql: &str,
    claims: &Claims,
) -> rusqlite::Result<Vec<Vec<String>>> {
    let mut statement = connection.prepare(sql)?;
    bind(&mut statement, claims)?;
    let columns = statement.column_count();
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let mut texts = Vec::new();
        for column in 0..columns {
            texts.push(text(row.get_ref(column)?));
        }
        found.push(texts);
    }
    Ok(found)
}

/// Claims that the statement does not name are not bound.
fn bind(statement: &mut Statement<'_>, claims: &Claims) -> rusqlite::Result<()> {
    let jwt = (!claims.jwt.is_null()).then(|| claims.jwt.to_string());
    let values = [&claims.uid, &claims.role, &claims.email, &jwt];
    for (number, value) in (1..).zip(values) {
        if number <= statement.parameter_count() {
            statement.raw_bind_parameter(number, value)?;
        }
    }
    Ok(())
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        ValueRef::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
