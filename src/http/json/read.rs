//! Reading what [`super::checked`] has found to be JSON. Of any other text something is read too,
//! but nothing that means anything.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::check::plain;
use super::{Decimal, JsonError, checked};

/// The text that a JSON string stands for, borrowed when it has no escapes.
pub(super) fn unquoted(text: &str) -> Option<Cow<'_, str>> {
    let inside = text.strip_prefix('"')?.strip_suffix('"')?;
    if !inside.contains('\\') {
        return Some(Cow::Borrowed(inside));
    }
    let mut plain = String::with_capacity(inside.len());
    let mut pieces = inside.split('\\');
    plain.push_str(pieces.next()?);
    // A high surrogate that waits for the low one.
    let mut high = 0;
    while let Some(piece) = pieces.next() {
        let mut rest = piece.chars();
        match rest.next() {
            // Two backslashes, with nothing between them: what follows is plain.
            None => {
                plain.push('\\');
                plain.push_str(pieces.next()?);
                continue;
            }
            Some('b') => plain.push('\u{8}'),
            Some('f') => plain.push('\u{c}'),
            Some('n') => plain.push('\n'),
            Some('r') => plain.push('\r'),
            Some('t') => plain.push('\t'),
            Some('u') => {
                let (digits, behind) = rest.as_str().split_at_checked(4)?;
                let unit = u32::from_str_radix(digits, 16).ok()?;
                match unit {
                    0xd800..=0xdbff => high = unit & 0x3ff,
                    0xdc00..=0xdfff => {
                        let above: u32 = high << 10 | unit & 0x3ff;
                        plain.push(char::from_u32(above.saturating_add(0x1_0000))?);
                    }
                    _ => plain.push(char::from_u32(unit)?),
                }
                rest = behind.chars();
            }
            Some(itself) => plain.push(itself),
        }
        plain.push_str(rest.as_str());
    }
    Some(Cow::Owned(plain))
}

/// Walks over a text, value by value and without copying.
#[derive(Debug)]
pub struct Walker<'a>(&'a str);

impl<'a> Walker<'a> {
    /// Begins at the beginning.
    #[must_use]
    pub const fn new(checked: &'a str) -> Self {
        Self(checked)
    }

    /// Whether that character is next.
    #[must_use]
    pub fn next_is(&self, character: char) -> bool {
        self.0.trim_ascii_start().starts_with(character)
    }

    /// Goes past that character, which is of ASCII, if it is next.
    pub fn eat(&mut self, character: char) -> bool {
        let rest = self.0.trim_ascii_start();
        let is_next = rest.as_bytes().first().copied().map(char::from) == Some(character);
        self.0 = rest.get(usize::from(is_next)..).unwrap_or_default();
        is_next
    }

    /// Goes past the next value and answers its text.
    pub fn value(&mut self) -> &'a str {
        let rest = self.0.trim_ascii_start();
        let mut depth = 0_usize;
        let mut end = 0_usize;
        while let Some(byte) = rest.as_bytes().get(end) {
            match byte {
                b'"' => end = end_of_string(rest.as_bytes(), end),
                b'[' | b'{' => depth = depth.saturating_add(1),
                b',' | b']' | b'}' | b':' | b' ' | b'\n' | b'\r' | b'\t' if depth == 0 => break,
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {
                    end = end.saturating_add(1);
                    continue;
                }
            }
            end = end.saturating_add(1);
            if depth == 0 {
                break;
            }
        }
        let (value, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        self.0 = behind;
        value
    }

    /// Goes past a member's name and its colon, and answers the name.
    pub fn name(&mut self) -> Cow<'a, str> {
        let name = unquoted(self.value()).unwrap_or_default();
        self.eat(':');
        name
    }
}

/// Where the closing quote of the string stands that begins with the quote at `start`.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start.saturating_add(1);
    while let Some(rest) = bytes.get(at..) {
        at = at.saturating_add(plain(rest));
        match bytes.get(at) {
            Some(b'"') => break,
            Some(b'\\') => at = at.saturating_add(2),
            Some(_) => at = at.saturating_add(1),
            None => break,
        }
    }
    at
}

/// An object's members: their names, and the texts of their values.
#[derive(Debug)]
pub struct Object<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'a> Object<'a> {
    /// Reads `bytes`, which must be an object, refusing a member named twice at any depth: readers
    /// disagree on which of the two counts, so where it matters who one is neither does. A number
    /// that no double can hold is refused too.
    ///
    /// # Errors
    /// See [`JsonError`].
    pub fn read(bytes: &'a [u8]) -> Result<Self, JsonError> {
        let text = checked(bytes)?;
        check_strictly(&mut Walker::new(text))?;
        Self::of(text).ok_or_else(|| JsonError::Invalid("not an object".to_owned()))
    }

    /// The members of a text that is known to be JSON; `None` when it is no object.
    #[must_use]
    pub fn of(text: &'a str) -> Option<Self> {
        let mut walker = Walker::new(text);
        let mut members = Vec::new();
        if !walker.eat('{') {
            return None;
        }
        while !walker.eat('}') {
            if !walker.next_is('"') {
                return None;
            }
            members.push((walker.name(), walker.value()));
            walker.eat(',');
        }
        Some(Self(members))
    }

    /// All members, in their order.
    #[must_use]
    pub fn members(&self) -> &[(Cow<'a, str>, &'a str)] {
        &self.0
    }

    /// The text of a member's value; `None` when there is none, or null.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&'a str> {
        let (_, value) = self.0.iter().find(|(other, _)| other == name)?;
        (*value != "null").then_some(value)
    }

    /// A text; `None` when there is none, or null.
    ///
    /// # Errors
    /// When it is something else.
    pub fn text(&self, name: &str) -> Result<Option<String>, JsonError> {
        let text = |raw| unquoted(raw).map(Cow::into_owned).ok_or_else(|| another_type(name));
        self.raw(name).map(text).transpose()
    }

    /// A text that is not empty. Clients send empty ones for what they do not mean.
    ///
    /// # Errors
    /// When it is something else.
    pub fn given(&self, name: &str) -> Result<Option<String>, JsonError> {
        Ok(self.text(name)?.filter(|text| !text.is_empty()))
    }

    /// An integer, which has neither fraction nor exponent; `None` when there is none, or null.
    ///
    /// # Errors
    /// When it is something else, or beyond 64 bits.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, JsonError> {
        let integer = |raw: &str| match raw.parse() {
            Ok(integer) if raw != "-0" => Ok(integer),
            _ => Err(another_type(name)),
        };
        self.raw(name).map(integer).transpose()
    }

    /// A truth value; `None` when there is none, or null.
    ///
    /// # Errors
    /// When it is something else.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, JsonError> {
        let boolean = |raw: &str| raw.parse().map_err(|_| another_type(name));
        self.raw(name).map(boolean).transpose()
    }
}

fn another_type(name: &str) -> JsonError {
    JsonError::Invalid(format!("{name} is of another type"))
}

/// Goes past one value. It is nested no deeper than [`super::JSON_DEPTH_MAX`].
fn check_strictly(walker: &mut Walker<'_>) -> Result<(), JsonError> {
    if walker.eat('[') {
        while !walker.eat(']') {
            check_strictly(walker)?;
            walker.eat(',');
        }
    } else if walker.eat('{') {
        // A map such as a payload has: a set would be compiled into the Worker a second time.
        let mut names = BTreeMap::new();
        while !walker.eat('}') {
            if names.insert(walker.name().into_owned(), 0_usize).is_some() {
                return Err(JsonError::Invalid("an object names a member twice".to_owned()));
            }
            check_strictly(walker)?;
            walker.eat(',');
        }
    } else {
        let value = walker.value();
        if value.starts_with(['-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
            && !Decimal::read(value).is_some_and(|number| number.is_finite())
        {
            return Err(JsonError::Invalid("a number out of range".to_owned()));
        }
    }
    Ok(())
}
