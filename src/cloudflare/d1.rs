//! D1: one batch, one transaction, one round trip.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use super::glue;
use crate::db::{Batch, DbError, FingerprintKey, Rows, Statement};

/// Rows as D1 gave them: JavaScript objects whose one property `row` is a JSON text.
#[derive(Debug)]
pub struct JsRows(Array);

impl JsRows {
    /// The rows for `glue.js`.
    pub const fn as_array(&self) -> &Array {
        &self.0
    }
}

impl Rows for JsRows {
    fn count(&self) -> usize {
        usize::try_from(self.0.length()).unwrap_or(usize::MAX)
    }

    fn text(&self, index: usize) -> Option<String> {
        glue::text(&self.0, u32::try_from(index).ok()?)
    }

    fn truncate(&mut self, most: usize) {
        if most < self.count() {
            self.0.set_length(u32::try_from(most).unwrap_or(u32::MAX));
        }
    }

    fn strip_nulls(&mut self) {
        glue::strip_nulls(&self.0);
    }

    fn fingerprint(&self, key: &FingerprintKey, context: &str) -> String {
        let [first, second, third, fourth] = key.0;
        glue::fingerprint(&self.0, context, first, second, third, fourth)
    }
}

/// What a batch brought back, and what it has cost.
pub struct Answer {
    /// The rows of each statement.
    pub rows: Vec<JsRows>,
    /// Rows that SQLite visited.
    pub rows_read: u64,
    /// Rows that SQLite wrote.
    pub rows_written: u64,
}

/// Sends a batch. Whatever goes wrong is an error of the database, never a panic.
pub async fn send(database: &JsValue, batch: &Batch) -> Result<Answer, DbError> {
    let statements: Array = batch.iter().map(statement).collect();
    let answer = glue::batch(database, &statements)
        .await
        .map_err(|error| DbError::from_message(&glue::thrown(&error)))?;
    read(&answer, batch.len()).ok_or_else(|| DbError::Other {
        message: "D1 did not answer every statement of a batch".to_owned(),
    })
}

fn statement(statement: &Statement) -> Array {
    let binds =
        statement.binds.iter().map(|bind| bind.as_deref().map_or(JsValue::NULL, JsValue::from_str));
    std::iter::once(JsValue::from_str(&statement.sql)).chain(binds).collect()
}

fn read(answer: &JsValue, statements: usize) -> Option<Answer> {
    let mut items = answer.dyn_ref::<Array>()?.iter();
    let rows_read = count(&items.next()?)?;
    let rows_written = count(&items.next()?)?;
    let rows = items.map(|rows| rows.dyn_into().ok().map(JsRows)).collect::<Option<Vec<_>>>()?;
    (rows.len() == statements).then_some(Answer { rows, rows_read, rows_written })
}

/// A count from JavaScript, which has no other numbers than doubles.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is checked before")]
fn count(value: &JsValue) -> Option<u64> {
    let number = value.as_f64()?;
    (number >= 0.0 && number.fract() == 0.0).then_some(number as u64)
}
