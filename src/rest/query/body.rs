//! The rows that a write brings.

use std::collections::BTreeMap;

use super::parameters::Parameters;
use crate::error::{Code, Error};
use crate::http::RequestBody;
use crate::http::json::{self, Json, JsonError};

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
    /// Reads an object, or an array of objects.
    ///
    /// # Errors
    /// `PGRST102` when the body is anything else, or its rows do not have the same keys and
    /// `columns=` does not say which count.
    pub fn read(body: &RequestBody, parameters: &Parameters) -> Result<Self, Error> {
        let bytes = match body {
            RequestBody::Bytes(bytes) => bytes.as_slice(),
            RequestBody::TooLarge => &[],
        };
        let rows = if bytes.trim_ascii_start().starts_with(b"[") {
            json::read::<Vec<Row>>(bytes).map_err(refused)?
        } else {
            vec![json::read::<Row>(bytes).map_err(refused)?]
        };
        let columns = match &parameters.columns {
            Some(columns) => deduplicated(columns),
            None => shared_keys(&rows)?,
        };
        Ok(Self { rows, columns })
    }
}

/// Reads the arguments of a call: an object. No body at all is none.
///
/// # Errors
/// `PGRST102`
pub fn arguments(body: &RequestBody) -> Result<Row, Error> {
    match body {
        RequestBody::Bytes(bytes) if !bytes.trim_ascii().is_empty() => {
            json::read(bytes).map_err(refused)
        }
        RequestBody::Bytes(_) | RequestBody::TooLarge => Ok(Row::new()),
    }
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
