//! What is asked of the database and what it answers, as plain data.
//!
//! Every value travels as a bound text or null: a JavaScript number would arrive as a REAL and lose
//! digits, so SQL casts where a number is meant. Every result row is one JSON text, which SQLite
//! builds. Nothing here talks to a database; that is `Host::batch`.

use std::borrow::Cow;
use std::fmt;

/// A value to bind: text, or SQL null.
pub type Bind = Option<String>;

/// The marker in front of every error that Selvedge's own SQL raises on purpose.
///
/// SQLite words a failing `json_extract` differently from version to version, but always quotes the
/// path.
pub const RAISE_MARKER: &str = "selvedge:";

/// One SQL statement and its binds, at most [`BINDS_MAX`] of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// SQL with numbered parameters `?1`, `?2`, ..
    pub sql: Cow<'static, str>,
    /// What is bound, in the order of the numbers.
    pub binds: Vec<Bind>,
}

/// The most parameters D1 binds to one statement.
pub const BINDS_MAX: usize = 100;

impl Statement {
    /// A statement written by hand, which is therefore always a literal.
    #[must_use]
    pub const fn fixed(sql: &'static str, binds: Vec<Bind>) -> Self {
        Self { sql: Cow::Borrowed(sql), binds }
    }

    /// A statement rendered for a user's table; only `rest::statement` may say this.
    #[must_use]
    pub const fn rendered(sql: String, binds: Vec<Bind>) -> Self {
        Self { sql: Cow::Owned(sql), binds }
    }
}

/// Statements that run as one transaction in one round trip: all of them, or none.
pub type Batch = Vec<Statement>;

/// The rows of one statement, each one JSON text, kept where the host has them.
///
/// On Workers they stay JavaScript strings and never enter Wasm unless [`Rows::text`] asks.
pub trait Rows {
    /// How many rows there are.
    fn count(&self) -> usize;
    /// The text of one row, copied; `None` past the end or where SQL gave null.
    fn text(&self, index: usize) -> Option<String>;
    /// Leaves out all rows but the first `most`.
    fn truncate(&mut self, most: usize);
    /// Leaves out the rows that SQL gave as null.
    fn leave_out_nulls(&mut self);
    /// Takes the members that are null out of the rows' objects, at any depth, as Postgres'
    /// `json_strip_nulls` does. The texts are as SQLite writes JSON, without spaces.
    fn strip_nulls(&mut self);
    /// A name for these rows, the same for the same rows in the same `context`: 16 hexadecimal digits.
    /// `None` when they are longer than [`FINGERPRINTED_MAX`].
    ///
    /// It is a keyed hash of 64 bits, so that whoever writes rows cannot make two of the same name.
    fn fingerprint(&self, key: &FingerprintKey, context: &str) -> Option<String>;
}

/// The longest rows that get a fingerprint, together and in UTF-16 units: what JavaScript counts.
pub const FINGERPRINTED_MAX: usize = 64 << 10;

/// What fingerprints are keyed with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct FingerprintKey(pub [u32; 4]);

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("FingerprintKey")
    }
}

/// What a request has cost the database so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Round trips, the figure that decides latency.
    pub round_trips: u32,
    /// Statements in them.
    pub statements: u32,
    /// Rows SQLite visited, the unit that is billed.
    pub rows_read: u64,
    /// Rows SQLite wrote, indexes included.
    pub rows_written: u64,
}

/// Why the database refused. Told from message text, since D1 gives no codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DbError {
    /// A unique index or primary key; the columns as SQLite lists them, or the index's name.
    Unique { table: String, columns: Vec<String> },
    /// A foreign key; SQLite does not say which.
    ForeignKey,
    /// A `not null` column.
    NotNull { table: String, column: String },
    /// Null in the place of an integer primary key; SQLite does not say which table's.
    NullKey,
    /// A `check`: its name, or its expression when it has none.
    Check { name: String },
    /// One of our own raises: the text behind [`RAISE_MARKER`].
    Raised { marker: String },
    /// A trigger's `raise(..)`, with its message.
    Trigger { message: String },
    /// A stored or sent value does not fit what the schema computes of it.
    Value { message: String },
    /// The request asks for more than SQLite or D1 allows in one statement.
    TooComplex { message: String },
    /// The database cannot be reached or is overloaded: to be tried again.
    Unavailable { message: String },
    /// Anything else: a defect of ours until shown otherwise.
    Other { message: String },
}

impl DbError {
    /// Reads an error's text, as SQLite or D1 words it. The only reader of such texts.
    #[must_use]
    pub fn from_message(message: &str) -> Self {
        let text = message.strip_prefix("D1_ERROR: ").unwrap_or(message);
        if let Some(marker) = raised(text) {
            return Self::Raised { marker: marker.to_owned() };
        }
        if let Some(rest) = after(text, "UNIQUE constraint failed: ") {
            return unique(rest);
        }
        if let Some(rest) = after(text, "NOT NULL constraint failed: ") {
            let (table, column) = rest.split_once('.').unwrap_or((rest, ""));
            return Self::NotNull { table: table.to_owned(), column: column.to_owned() };
        }
        // Every other value is checked before it gets there.
        if text.contains("datatype mismatch") {
            return Self::NullKey;
        }
        if let Some(rest) = after(text, "CHECK constraint failed: ") {
            return Self::Check { name: rest.to_owned() };
        }
        if text.contains("FOREIGN KEY constraint failed") {
            return Self::ForeignKey;
        }
        if text.contains("SQLITE_CONSTRAINT_TRIGGER") {
            return Self::Trigger { message: without_code(text).to_owned() };
        }
        let owned = message.to_owned();
        if VALUE.iter().any(|sign| text.contains(sign)) {
            return Self::Value { message: owned };
        }
        if TOO_COMPLEX.iter().any(|sign| text.contains(sign)) {
            return Self::TooComplex { message: owned };
        }
        if UNAVAILABLE.iter().any(|sign| text.contains(sign)) {
            return Self::Unavailable { message: owned };
        }
        Self::Other { message: owned }
    }
}

/// Texts of SQLite that mean that a function of the schema cannot take a value.
const VALUE: &[&str] = &["integer overflow", "malformed JSON", "JSON cannot hold BLOB values"];

/// Texts of D1 and SQLite that mean the request itself is too much for one statement.
const TOO_COMPLEX: &[&str] = &[
    "LIKE or GLOB pattern too complex",
    "Expression tree is too large",
    "too many SQL variables",
    "string or blob too big",
    "statement too long",
    "parser stack overflow",
    "too many columns",
    "too many terms in",
    "tables in a join",
    "SQLITE_TOOBIG",
];

/// Texts of D1 that mean the database could not take the request now.
const UNAVAILABLE: &[&str] = &[
    "overloaded",
    "Too many requests queued",
    "Network connection lost",
    "storage caused object to be reset",
    "reset because its code was updated",
    "transient issue on remote node",
    "exceeded timeout",
    "timed out",
    "limit and was reset",
    "client disconnected",
    "Your account has exceeded D1's",
    "Exceeded maximum DB size",
    "internal error",
    "database is locked",
    "SQLITE_BUSY",
    "SQLITE_FULL",
    "SQLITE_IOERR",
    // All requests share the memory, so whoever is told this need not be who took it.
    "SQLITE_NOMEM",
];

/// Our marker, where SQLite quotes it as the path it could not read: a trigger's own message may hold
/// any text.
fn raised(text: &str) -> Option<&str> {
    let path = ["bad JSON path: '", "JSON path error near '"]
        .iter()
        .find_map(|wording| text.strip_prefix(wording))?;
    let marker = path.strip_prefix(RAISE_MARKER)?;
    marker.get(..marker.find(['\'', '\n']).unwrap_or(marker.len()))
}

fn after<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    text.split_once(prefix).map(|(_, rest)| without_code(rest))
}

/// Drops what D1 adds behind SQLite's own words: ` at offset 9` and `: SQLITE_CONSTRAINT (..)`.
fn without_code(text: &str) -> &str {
    let text = text.split_once(": SQLITE_").map_or(text, |(words, _)| words);
    text.split_once(" at offset ").map_or(text, |(words, _)| words).trim_end()
}

/// Reads `tasks.id, tasks.project` or `index 'tasks_expression'`.
fn unique(list: &str) -> DbError {
    let mut table = String::new();
    let mut columns = Vec::new();
    for item in list.split(", ") {
        match item.split_once('.') {
            Some((owner, column)) => {
                owner.clone_into(&mut table);
                columns.push(column.to_owned());
            }
            None => columns.push(item.trim_start_matches("index ").trim_matches('\'').to_owned()),
        }
    }
    DbError::Unique { table, columns }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_errors_of_sqlite_and_of_d1() {
        let cases = [
            (
                "UNIQUE constraint failed: t.a, t.b",
                DbError::Unique { table: "t".into(), columns: vec!["a".into(), "b".into()] },
            ),
            (
                "D1_ERROR: UNIQUE constraint failed: t.v: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_UNIQUE)",
                DbError::Unique { table: "t".into(), columns: vec!["v".into()] },
            ),
            (
                "D1_ERROR: NOT NULL constraint failed: t.v: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_NOTNULL)",
                DbError::NotNull { table: "t".into(), column: "v".into() },
            ),
            (
                "CHECK constraint failed: length(v) > 0",
                DbError::Check { name: "length(v) > 0".into() },
            ),
            ("FOREIGN KEY constraint failed", DbError::ForeignKey),
            ("D1_ERROR: datatype mismatch: SQLITE_MISMATCH", DbError::NullKey),
            (
                "D1_ERROR: bad JSON path: 'selvedge:check:tasks': SQLITE_ERROR",
                DbError::Raised { marker: "check:tasks".into() },
            ),
            (
                "D1_ERROR: nope: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_TRIGGER)",
                DbError::Trigger { message: "nope".into() },
            ),
            (
                "D1_ERROR: Network connection lost.",
                DbError::Unavailable { message: "D1_ERROR: Network connection lost.".into() },
            ),
        ];
        for (message, expected) in cases {
            assert_eq!(DbError::from_message(message), expected, "{message}");
        }
    }

    /// Cloudflare's documentation, "Debug D1", lists them.
    #[test]
    fn trouble_of_d1_is_no_defect_of_ours() {
        for message in [
            "Network connection lost.",
            "D1 DB reset because its code was updated.",
            "Internal error while starting up D1 DB storage caused object to be reset.",
            "Internal error in D1 DB storage caused object to be reset.",
            "Cannot resolve D1 DB due to transient issue on remote node.",
            "Can't read from request stream because client disconnected.",
            "D1 DB storage operation exceeded timeout which caused object to be reset.",
            "D1 DB is overloaded. Requests queued for too long.",
            "D1 DB is overloaded. Too many requests queued.",
            "D1 DB's isolate exceeded its memory limit and was reset.",
            "D1 DB exceeded its CPU time limit and was reset.",
            "Exceeded maximum DB size.",
            "Your account has exceeded D1's maximum account storage limit, please contact support.",
            "out of memory: SQLITE_NOMEM",
        ] {
            let message = format!("D1_ERROR: {message}");
            let read = DbError::from_message(&message);
            assert_eq!(read, DbError::Unavailable { message });
        }
    }
}
