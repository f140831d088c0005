//! The rows that a write brings, as a table of JSON texts.

use std::collections::BTreeMap;

use crate::error::{Code, Error};

/// The most values of one request, those left out included: eight bytes are kept of each.
const VALUES_MAX: usize = 1_000_000;

/// The rows of a body, whatever its format was.
///
/// All values stand in one text, one behind the other, for a bulk has ten thousands of them and an
/// allocation for each would cost more than the database does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payload {
    columns: Vec<String>,
    positions: BTreeMap<String, usize>,
    rows: usize,
    text: String,
    /// Row after row where a value begins and ends in `text`; nothing in between when it was left out.
    values: Vec<(u32, u32)>,
}

/// What to do with a name that is none of the columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// It is a new column.
    Add,
    /// It does not count.
    Ignore,
    /// It is an error.
    Refuse,
}

impl Payload {
    /// No rows yet, of those columns; a column named twice is one.
    #[must_use]
    pub fn of(columns: &[String]) -> Self {
        let mut payload = Self::default();
        for column in columns {
            if !payload.positions.contains_key(column) {
                payload.add_column(column);
            }
        }
        payload
    }

    /// The columns that are written: `columns=`, or the keys that all rows share.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// How many rows there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.rows
    }

    /// How many bytes all values have.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.text.len()
    }

    /// The JSON text of a value, without white space around it; `None` when it was left out.
    #[must_use]
    pub fn value(&self, row: usize, column: usize) -> Option<&str> {
        let index = row.checked_mul(self.columns.len())?.checked_add(column)?;
        let (start, end) = *self.values.get(index)?;
        let range = usize::try_from(start).ok()?..usize::try_from(end).ok()?;
        self.text.get(range).filter(|text| !text.is_empty())
    }

    /// Begins a row, in which everything is left out until it is [`Self::put`].
    ///
    /// # Errors
    /// `54001` when there would be more than [`VALUES_MAX`] values.
    pub fn begin_row(&mut self) -> Result<(), Error> {
        let values = self.values.len().saturating_add(self.columns.len());
        if values > VALUES_MAX {
            return Err(too_many_rows());
        }
        self.rows = self.rows.saturating_add(1);
        self.values.resize(values, (0, 0));
        Ok(())
    }

    /// Puts a value, as a JSON text, into the row that was begun last. `next` is the column that is
    /// likely meant, and becomes the one behind. The answer is whether the value is the column's
    /// first in this row; `None` when there is no such column and there shall be none.
    pub fn put(
        &mut self,
        (column, value): (&str, &str),
        next: &mut usize,
        unknown: Unknown,
    ) -> Option<bool> {
        let is_next = self.columns.get(*next).is_some_and(|name| name == column);
        let position = if is_next { Some(*next) } else { self.positions.get(column).copied() };
        let position = match (position, unknown) {
            (Some(position), _) => position,
            (None, Unknown::Add) => {
                self.values.push((0, 0));
                self.add_column(column)
            }
            (None, Unknown::Ignore) => return Some(false),
            (None, Unknown::Refuse) => return None,
        };
        *next = position.saturating_add(1);
        let row = self.values.len().saturating_sub(self.columns.len());
        let start = u32::try_from(self.text.len()).ok()?;
        self.text.push_str(value);
        let end = u32::try_from(self.text.len()).ok()?;
        let slot = self.values.get_mut(row.saturating_add(position))?;
        let is_first = slot.0 == slot.1;
        *slot = (start, end);
        Some(is_first)
    }

    fn add_column(&mut self, column: &str) -> usize {
        let position = self.columns.len();
        self.columns.push(column.to_owned());
        self.positions.insert(column.to_owned(), position);
        position
    }
}

/// The refusal of rows that are too much for one request.
pub fn too_many_rows() -> Error {
    Error::new(Code::TooComplex, "the request is too complex")
        .hint("send the rows in several requests")
}
