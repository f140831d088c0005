//! The rows that a write brings: as JSON, as CSV, or as a form, which is one row of texts.

use std::collections::BTreeMap;

use super::csv;
use super::parameters::Parameters;
use crate::error::{Code, Error};
use crate::http::encoding::query_pairs;
use crate::http::json::{self, Json, JsonError};
use crate::http::{CSV, FORM, Request, RequestBody};

/// One row as sent: column to value. Of a key given twice the last counts, as in Postgres.
pub type Row = BTreeMap<String, Json>;

/// The rows of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    /// The rows, in order.
    pub rows: Vec<Row>,
    /// The columns that are written: `columns=`, or the keys that all rows share, sorted.
    pub columns: Vec<String>,
}

impl Payload {
    /// Reads the body of a request by its content type, which the gate has admitted.
    ///
    /// # Errors
    /// `PGRST102` when the body is anything else than rows, or they do not have the same keys and
    /// `columns=` does not say which count.
    pub fn read(request: &Request, parameters: &Parameters) -> Result<Self, Error> {
        let bytes = match &request.body {
            RequestBody::Bytes(bytes) => bytes.as_slice(),
            RequestBody::TooLarge => &[],
        };
        let rows = match request.headers.media_type().as_str() {
            CSV => csv::rows(bytes)?,
            FORM => vec![form(bytes)?],
            _ => objects(bytes)?,
        };
        let columns = match &parameters.columns {
            Some(columns) => deduplicated(columns),
            None => shared_keys(&rows)?,
        };
        Ok(Self { rows, columns })
    }
}

/// Reads an object, or an array of objects.
fn objects(bytes: &[u8]) -> Result<Vec<Row>, Error> {
    if bytes.trim_ascii_start().starts_with(b"[") {
        return json::read(bytes).map_err(refused);
    }
    json::read(bytes).map(|row| vec![row]).map_err(refused)
}

/// Reads `title=Weave&done=true`. A name without `=` has the empty text.
fn form(bytes: &[u8]) -> Result<Row, Error> {
    let refused =
        || Error::new(Code::BodyInvalid, "the form is not percent-encoded UTF-8 without NUL");
    let text = std::str::from_utf8(bytes).map_err(|_| refused())?;
    let mut row = Row::new();
    for (name, value) in query_pairs(text.trim_ascii_end()).map_err(|_| refused())? {
        row.insert(name, Json::Text(value.unwrap_or_default()));
    }
    Ok(row)
}

fn deduplicated(columns: &[String]) -> Vec<String> {
    let mut unique: Vec<String> = Vec::with_capacity(columns.len());
    for column in columns {
        if !unique.contains(column) {
            unique.push(column.clone());
        }
    }
    unique
}

fn shared_keys(rows: &[Row]) -> Result<Vec<String>, Error> {
    let Some(first) = rows.first() else { return Ok(Vec::new()) };
    if rows.iter().any(|row| !row.keys().eq(first.keys())) {
        return Err(Error::new(Code::BodyInvalid, "All object keys must match"));
    }
    Ok(first.keys().cloned().collect())
}

fn invalid(details: impl Into<String>) -> Error {
    Error::new(Code::BodyInvalid, "Empty or invalid json").details(details.into())
}

fn refused(error: JsonError) -> Error {
    match error {
        JsonError::NotUtf8 => invalid("the body is not UTF-8"),
        JsonError::TooDeep => {
            invalid(format!("the body is nested deeper than {} levels", json::JSON_DEPTH_MAX))
        }
        JsonError::Nul => invalid("the body has the character NUL, which no text can hold"),
        JsonError::Invalid(details) => invalid(details),
    }
}
