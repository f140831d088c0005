//! D1: one batch, one transaction, one round trip.

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};

use super::{glue, task};
use crate::db::{Batch, DbError, FINGERPRINTED_MAX, FingerprintKey, Rows, Statement};

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

    fn leave_out_nulls(&mut self) {
        self.0 = glue::present(&self.0);
    }

    fn strip_nulls(&mut self) {
        glue::strip_nulls(&self.0);
    }

    fn fingerprint(&self, key: &FingerprintKey, context: &str) -> Option<String> {
        let [first, second, third, fourth] = key.0;
        let most = u32::try_from(FINGERPRINTED_MAX).unwrap_or(u32::MAX);
        glue::fingerprint(&self.0, context, most, first, second, third, fourth)
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
    let (texts, lengths) = joined(batch);
    let answer = task::wait(glue::batch(database, &texts, &lengths))
        .await
        .map_err(|error| DbError::from_message(&glue::thrown(&error)))?;
    read(&answer, batch.len()).ok_or_else(|| DbError::Other {
        message: "D1 did not answer every statement of a batch".to_owned(),
    })
}

/// All texts of a batch as one, since each that goes to JavaScript by itself costs as much as
/// hundreds of bytes, and for each statement how many there are and how long: see `glue.js`.
fn joined(batch: &Batch) -> (String, Vec<i32>) {
    let mut texts = String::new();
    let mut lengths = Vec::new();
    for Statement { sql, binds } in batch {
        lengths.push(number(binds.len().saturating_add(1)));
        let bound = binds.iter().map(Option::as_deref);
        for text in std::iter::once(Some(sql.as_ref())).chain(bound) {
            lengths.push(text.map_or(-1, |text| number(utf16_length(text))));
            texts.push_str(text.unwrap_or_default());
        }
    }
    (texts, lengths)
}

/// As JavaScript counts.
fn utf16_length(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.encode_utf16().count() }
}

/// A batch is far shorter than 2^31, as Wasm's memory could not hold it otherwise.
fn number(length: usize) -> i32 {
    i32::try_from(length).unwrap_or(i32::MAX)
}

fn read(answer: &JsValue, statements: usize) -> Option<Answer> {
    let mut items = answer.dyn_ref::<Array>()?.iter();
    let rows_read = glue::count(&items.next()?)?;
    let rows_written = glue::count(&items.next()?)?;
    let rows = items.map(|rows| rows.dyn_into().ok().map(JsRows)).collect::<Option<Vec<_>>>()?;
    (rows.len() == statements).then_some(Answer { rows, rows_read, rows_written })
}
