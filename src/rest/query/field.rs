//! Names of columns, with a path into their JSON.
//!
//! ```text
//! field  = name *( "->" key ) [ "->>" key ]        data->address->>city
//! name   = 1*( letter / digit / "_" / "$" / "-" / " " ) / quoted
//! key    = [ "-" ] 1*digit / 1*( any but "(:.,>)" / quote / "\" ) / quoted    0, -1, postal code
//! ```

use super::cursor::{Cursor, Unparsed};

/// The most steps of a path into JSON.
const JSON_STEPS_MAX: usize = 32;

/// A column as the client names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The column's name.
    pub column: String,
    /// The way into its JSON; empty for the column itself.
    pub path: Vec<JsonStep>,
    /// Whether the last step was `->>`, which makes a text of what it finds.
    pub as_text: bool,
}

/// One step into a JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonStep {
    /// A member of an object.
    Key(String),
    /// An element of an array, counted from its end when negative.
    Index(i32),
}

impl Field {
    /// Reads a field and stops behind it.
    pub fn read(cursor: &mut Cursor<'_>) -> Result<Self, Unparsed> {
        let column = name(cursor)?;
        let mut path = Vec::new();
        let mut as_text = false;
        while !as_text && cursor.rest().starts_with("->") {
            if path.len() == JSON_STEPS_MAX {
                return Err(cursor.unexpected("a shorter path into JSON"));
            }
            as_text = cursor.eat("->>");
            if !as_text {
                cursor.eat("->");
            }
            path.push(step(cursor)?);
        }
        Ok(Self { column, path, as_text })
    }

    /// The name under which the field is answered when it has no alias: the last key of its path.
    pub fn answered_as(&self) -> &str {
        self.path
            .iter()
            .rev()
            .find_map(|step| match step {
                JsonStep::Key(key) => Some(key.as_str()),
                JsonStep::Index(_) => None,
            })
            .unwrap_or(&self.column)
    }
}

/// Reads a name: plain, with hyphens and spaces inside, or in double quotes.
pub fn name(cursor: &mut Cursor<'_>) -> Result<String, Unparsed> {
    cursor.skip_spaces();
    if cursor.peek() == Some('"') {
        let name = cursor.quoted()?;
        cursor.skip_spaces();
        return if name.is_empty() { Err(cursor.unexpected("a name")) } else { Ok(name) };
    }
    let name = hyphenated(cursor, is_name_character);
    let name = name.trim_end();
    if name.is_empty() { Err(cursor.unexpected("a name")) } else { Ok(name.to_owned()) }
}

/// Reads characters as long as they are wanted, and hyphens unless they begin an arrow.
fn hyphenated(cursor: &mut Cursor<'_>, wanted: fn(char) -> bool) -> String {
    let mut text = String::new();
    loop {
        text.push_str(cursor.take_while(wanted));
        if cursor.rest().starts_with("->") || !cursor.eat("-") {
            return text;
        }
        text.push('-');
    }
}

fn is_name_character(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '$' | ' ')
}

fn step(cursor: &mut Cursor<'_>) -> Result<JsonStep, Unparsed> {
    let start = cursor.clone();
    let negative = cursor.eat("-");
    let digits = cursor.take_while(|character| character.is_ascii_digit());
    if !digits.is_empty() && !cursor.peek().is_some_and(is_key_character) {
        let index = digits.parse().map_err(|_| start.unexpected("a smaller index"))?;
        return Ok(JsonStep::Index(if negative { i32::wrapping_neg(index) } else { index }));
    }
    if negative {
        return Err(cursor.unexpected("a digit"));
    }
    *cursor = start;
    if cursor.peek() == Some('"') {
        let key = cursor.quoted()?;
        return if key.contains(['"', '\\']) {
            Err(cursor.unexpected("a key without quotes"))
        } else {
            Ok(JsonStep::Key(key))
        };
    }
    let key = hyphenated(cursor, is_key_character);
    if key.is_empty() { Err(cursor.unexpected("a key")) } else { Ok(JsonStep::Key(key)) }
}

fn is_key_character(character: char) -> bool {
    !matches!(character, '(' | '-' | ':' | '.' | ',' | '>' | ')' | '"' | '\\')
}
