//! The query string, sorted into what the dialect knows.
//!
//! A key is a dotted path of embeds that ends in a field, or in one of the words `order`, `limit`,
//! `offset`, `and`, `or`, `not.and`, `not.or`. `select`, `columns` and `on_conflict` stand alone and
//! the first of each counts. A key without `=` is ignored.

use super::cursor::{Cursor, Unparsed};
use super::field::{Field, name};
use super::filter::{self, Condition};
use super::order::{self, OrderTerm};
use super::select::{self, SelectItem};
use crate::error::{Code, Error, shortened};
use crate::http::encoding::query_pairs;

/// The most tests of fields in one request, at all levels.
pub const TESTS_MAX: usize = 1_500;

/// The embeds that lead to where something belongs; empty for the table itself.
pub type EmbedPath = Vec<String>;

/// Something, and the embed it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// Where.
    pub path: EmbedPath,
    /// What.
    pub value: T,
}

/// The query string's content.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    /// `select=`; `None` when it was not given.
    pub select: Option<Vec<SelectItem>>,
    /// Filters, `and=` and `or=`: all must hold.
    pub conditions: Vec<Placed<Condition>>,
    /// `order=`
    pub orders: Vec<Placed<Vec<OrderTerm>>>,
    /// `limit=`, not negative.
    pub limits: Vec<Placed<u64>>,
    /// `offset=`; a negative one is 0.
    pub offsets: Vec<Placed<u64>>,
    /// `columns=`
    pub columns: Option<Vec<String>>,
    /// `on_conflict=`
    pub on_conflict: Option<Vec<String>>,
}

impl Parameters {
    /// Reads a query string, as sent.
    ///
    /// # Errors
    /// `PGRST100` with what was expected where, `PGRST103` for a negative limit, `PGRST127` for
    /// what Selvedge does not have.
    pub fn read(query: &str) -> Result<Self, Error> {
        let pairs = query_pairs(query)
            .map_err(|_| Error::new(Code::BadEncoding, "the query string is not valid"))?;
        let mut parameters = Self::default();
        for (key, value) in pairs {
            let Some(value) = value else { continue };
            parameters.take(&key, &value)?;
        }
        Ok(parameters)
    }

    /// Takes a parameter of a call; `false` when it is neither a word of the dialect nor a filter.
    ///
    /// # Errors
    /// As [`Self::read`], for words of the dialect.
    pub fn take_filter(&mut self, key: &str, value: &str) -> Result<bool, Error> {
        let word = key.rsplit('.').next().unwrap_or_default();
        let is_word = matches!(
            word,
            "select" | "columns" | "on_conflict" | "order" | "limit" | "offset" | "and" | "or"
        );
        match self.take(key, value) {
            Err(error) if error.code == Code::QueryInvalid && !is_word => Ok(false),
            taken => taken.map(|()| true),
        }
    }

    fn take(&mut self, key: &str, value: &str) -> Result<(), Error> {
        match key {
            "select" => {
                if self.select.is_none() {
                    self.select = Some(
                        select::read(value)
                            .map_err(|error| refused("select parameter", value, error))?,
                    );
                }
            }
            "columns" => first(&mut self.columns, value, "columns parameter")?,
            "on_conflict" => first(&mut self.on_conflict, value, "on_conflict parameter")?,
            _ => self.take_placed(key, value)?,
        }
        Ok(())
    }

    fn take_placed(&mut self, key: &str, value: &str) -> Result<(), Error> {
        let key_error = |error: Unparsed| refused("tree path", key, error);
        let mut path = split_path(key).map_err(key_error)?;
        let last = path.pop().unwrap_or_default();
        // Only the plain word negates: in quotes it is an embed's name.
        let is_logic = matches!(last.as_str(), "and" | "or");
        let negate = is_logic && path.pop_if(|segment| segment == "not").is_some();
        let path = path.iter().map(|segment| embed_name(segment)).collect::<Result<_, _>>();
        let path = path.map_err(key_error)?;
        match last.as_str() {
            "order" => {
                let value = order::read(value).map_err(|error| refused("order", value, error))?;
                self.orders.push(Placed { path, value });
            }
            "limit" => self.limits.push(Placed { path, value: limit(value)? }),
            "offset" => self.offsets.push(Placed { path, value: offset(value)? }),
            word @ ("and" | "or") => {
                let condition = filter::logic(value, word == "or")
                    .map_err(|error| refused("logic tree", value, error))?;
                let value = if negate { Condition::Not(Box::new(condition)) } else { condition };
                self.push_condition(Placed { path, value })?;
            }
            field => {
                let mut cursor = Cursor::new(field);
                let field = Field::read(&mut cursor)
                    .and_then(|field| cursor.finish("'->' or '.'").map(|()| field))
                    .map_err(key_error)?;
                let value = filter::top_level(field, value)
                    .map_err(|error| refused("filter", value, error))?;
                self.push_condition(Placed { path, value })?;
            }
        }
        Ok(())
    }

    fn push_condition(&mut self, condition: Placed<Condition>) -> Result<(), Error> {
        let before = self.conditions.iter().map(|placed| placed.value.tests());
        let tests = before.fold(condition.value.tests(), usize::saturating_add);
        if tests > TESTS_MAX {
            return Err(Error::new(Code::TooComplex, format!("more than {TESTS_MAX} filters")));
        }
        self.conditions.push(condition);
        Ok(())
    }
}

/// Splits `a.b."c.d"->x` at its dots, keeping quotes.
fn split_path(key: &str) -> Result<Vec<String>, Unparsed> {
    let mut segments = vec![String::new()];
    let mut cursor = Cursor::new(key);
    while let Some(character) = cursor.peek() {
        let Some(last) = segments.last_mut() else { break };
        if character == '"' {
            let before = cursor.rest();
            cursor.quoted()?;
            let read = before.len().saturating_sub(cursor.rest().len());
            last.push_str(before.get(..read).unwrap_or_default());
        } else if cursor.eat(".") {
            segments.push(String::new());
        } else {
            last.push_str(cursor.take_while(|next| next != '.' && next != '"'));
        }
    }
    Ok(segments)
}

fn embed_name(segment: &str) -> Result<String, Unparsed> {
    let mut cursor = Cursor::new(segment);
    let name = name(&mut cursor)?;
    cursor.finish("'.'")?;
    Ok(name)
}

fn first(slot: &mut Option<Vec<String>>, value: &str, what: &str) -> Result<(), Error> {
    if slot.is_none() {
        let mut cursor = Cursor::new(value);
        let names = names(&mut cursor).map_err(|error| refused(what, value, error))?;
        *slot = Some(names);
    }
    Ok(())
}

fn names(cursor: &mut Cursor<'_>) -> Result<Vec<String>, Unparsed> {
    let mut names = vec![name(cursor)?];
    while cursor.eat(",") {
        names.push(name(cursor)?);
    }
    cursor.finish("','")?;
    Ok(names)
}

fn limit(text: &str) -> Result<u64, Error> {
    let limit: i64 = whole_number(text)?;
    u64::try_from(limit).map_err(|_| {
        Error::new(Code::RangeInvalid, "Requested range not satisfiable")
            .details("Limit should be greater than or equal to zero.")
    })
}

fn offset(text: &str) -> Result<u64, Error> {
    Ok(u64::try_from(whole_number(text)?).unwrap_or(0))
}

fn whole_number(text: &str) -> Result<i64, Error> {
    text.parse().map_err(|_| {
        let unparsed = Cursor::new(text).unexpected("a whole number");
        refused("integer", text, unparsed)
    })
}

fn refused(what: &str, text: &str, error: Unparsed) -> Error {
    let Unparsed { column, unexpected, expecting } = error;
    Error::new(
        Code::QueryInvalid,
        format!("\"failed to parse {what} ({})\" (line 1, column {column})", shortened(text)),
    )
    .details(format!("unexpected {unexpected} expecting {expecting}"))
}

#[cfg(test)]
mod tests;
