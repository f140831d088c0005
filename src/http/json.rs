//! Reading JSON that strangers send: `serde_json`, behind the checks that it does not make.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The deepest nesting of arrays and objects that is read.
pub const JSON_DEPTH_MAX: usize = 64;

/// Why a body is not the JSON that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JsonError {
    /// Not UTF-8.
    NotUtf8,
    /// Nested deeper than [`JSON_DEPTH_MAX`].
    TooDeep,
    /// Contains the character NUL, plain or as `\u0000`.
    Nul,
    /// Not JSON, or not of the shape asked for: what and where.
    Invalid(String),
}

/// A JSON value, read no deeper than its own level: what is within an array or object stays text.
///
/// So numbers keep their digits, and nothing a client nests is walked by recursion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as it was written.
    Number(String),
    /// A text, without quotes and escapes.
    Text(String),
    /// An array or object, as it was written.
    Compound(String),
}

impl Json {
    /// Reads one value, whose text is known to be JSON without white space around it.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        Some(match text.as_bytes().first()? {
            b'n' => Self::Null,
            b't' => Self::Bool(true),
            b'f' => Self::Bool(false),
            b'"' => Self::Text(unquoted(text)?.into_owned()),
            b'[' | b'{' => Self::Compound(text.to_owned()),
            _ => Self::Number(text.to_owned()),
        })
    }

    /// The value as JSON.
    #[must_use]
    pub fn written(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(truth) => truth.to_string(),
            Self::Number(text) | Self::Compound(text) => text.clone(),
            Self::Text(text) => quoted(text),
        }
    }

    /// The value as people write it: a text without its quotes.
    #[must_use]
    pub fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            other => other.written(),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Self::of(raw.get()).ok_or_else(|| D::Error::custom("a text that is none"))
    }
}

/// The text that a JSON string stands for, borrowed when it has no escapes.
fn unquoted(text: &str) -> Option<Cow<'_, str>> {
    if text.contains('\\') {
        return serde_json::from_str(text).ok().map(Cow::Owned);
    }
    text.strip_prefix('"')?.strip_suffix('"').map(Cow::Borrowed)
}

/// Walks over a text that [`checked`] has found to be JSON, value by value and without copying.
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

    /// Goes past that character, if it is next.
    pub fn eat(&mut self, character: char) -> bool {
        let rest = self.0.trim_ascii_start();
        match rest.strip_prefix(character) {
            Some(behind) => self.0 = behind,
            None => self.0 = rest,
        }
        self.0.len() < rest.len()
    }

    /// Goes past the next value and answers its text.
    pub fn value(&mut self) -> &'a str {
        let rest = self.0.trim_ascii_start();
        let mut depth = 0_usize;
        let mut in_string = false;
        let mut end = rest.len();
        let mut bytes = rest.bytes().enumerate();
        while let Some((index, byte)) = bytes.next() {
            let behind = index.saturating_add(1);
            match (in_string, byte) {
                (true, b'\\') => {
                    bytes.next();
                }
                (_, b'"') => in_string = !in_string,
                (true, _) => {}
                (false, b'[' | b'{') => depth = depth.saturating_add(1),
                (false, b',' | b']' | b'}' | b':' | b' ' | b'\n' | b'\r' | b'\t') if depth == 0 => {
                    end = index;
                    break;
                }
                (false, b']' | b'}') => depth = depth.saturating_sub(1),
                (false, _) => continue,
            }
            if depth == 0 && !in_string && matches!(byte, b'"' | b']' | b'}') {
                end = behind;
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

/// Makes sure that `bytes` are one JSON value that [`Walker`] can walk over.
///
/// # Errors
/// See [`JsonError`].
pub fn checked(bytes: &[u8]) -> Result<&str, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
    scan(text)?;
    serde_json::from_str::<&RawValue>(text)
        .map(RawValue::get)
        .map_err(|error| JsonError::Invalid(error.to_string()))
}

/// A text as JSON.
#[must_use]
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Texts that are JSON already, as one JSON array.
#[must_use]
pub fn list(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

/// Reads `bytes` as `T`.
///
/// A type that derives `Deserialize` refuses a field given twice; a map takes the last.
///
/// # Errors
/// See [`JsonError`]. A lone surrogate is `Invalid`.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
    scan(text)?;
    serde_json::from_str(text).map_err(|error| JsonError::Invalid(error.to_string()))
}

/// Reads `bytes`, which must be an object, as `T`, refusing a member named twice at any depth.
///
/// Readers disagree on which of the two counts, so where it matters who one is neither does. And a
/// type that derives `Deserialize` would take an array for an object, by the order of its fields.
///
/// # Errors
/// As [`read`].
pub fn read_object<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
    scan(text)?;
    let invalid = |error: serde_json::Error| JsonError::Invalid(error.to_string());
    serde_json::from_str::<Unique>(text).map_err(invalid)?;
    if !text.trim_start().starts_with('{') {
        return Err(JsonError::Invalid("not an object".to_owned()));
    }
    serde_json::from_str(text).map_err(invalid)
}

/// Any JSON in which the members of an object have different names; the values are not kept.
struct Unique;

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Unique {
    type Value = Self;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        let mut names = BTreeSet::new();
        while let Some((name, Self)) = map.next_entry::<String, Self>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("an object names a member twice"));
            }
        }
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }
}

/// Looks at nesting, NUL and surrogates in one pass, before anything is allocated for the value.
fn scan(text: &str) -> Result<(), JsonError> {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut bytes = text.bytes().enumerate();
    while let Some((index, byte)) = bytes.next() {
        match (in_string, byte) {
            (_, 0) => return Err(JsonError::Nul),
            (true, b'\\') => {
                let skipped = check_escape(text.get(index..).unwrap_or_default())?;
                bytes.nth(skipped.saturating_sub(2));
            }
            (_, b'"') => in_string = !in_string,
            (false, b'[' | b'{') => {
                depth = depth.saturating_add(1);
                if depth > JSON_DEPTH_MAX {
                    return Err(JsonError::TooDeep);
                }
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Checks the escape that `rest` begins with, and answers its length in bytes.
///
/// Half of a surrogate pair is no character (RFC 8259 section 8.2), and no database's UTF-8.
fn check_escape(rest: &str) -> Result<usize, JsonError> {
    let unit = |from: usize| {
        let digits = rest.get(from..from.saturating_add(6))?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    match unit(0) {
        Some(0) => Err(JsonError::Nul),
        Some(0xd800..=0xdbff) if matches!(unit(6), Some(0xdc00..=0xdfff)) => Ok(12),
        Some(0xd800..=0xdfff) => Err(JsonError::Invalid("a lone surrogate".to_owned())),
        Some(_) => Ok(6),
        None => Ok(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn check(text: &str) -> Result<Value, JsonError> {
        read::<Value>(text.as_bytes())
    }

    #[test]
    fn refuses_what_databases_stumble_over() {
        assert_eq!(check(r#""a\u0000b""#), Err(JsonError::Nul));
        assert_eq!(check("\"a\0b\""), Err(JsonError::Nul));
        assert!(check(r#""a\\u0000b""#).is_ok());
        for lone in [r#""\ud800""#, r#""\udc00\ud800""#, r#"[{"a":"\ud800x"}]"#, r#""\ud83dx""#] {
            assert!(matches!(read::<Json>(lone.as_bytes()), Err(JsonError::Invalid(_))), "{lone}");
        }
        assert_eq!(read::<Json>(br#""\ud83d\ude00""#), Ok(Json::Text("😀".into())));
        assert_eq!(read::<Value>(b"\"\xff\""), Err(JsonError::NotUtf8));
        assert!(matches!(check(""), Err(JsonError::Invalid(_))));
    }

    #[test]
    fn depth_is_limited_and_brackets_in_strings_do_not_count() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(check(&nested(JSON_DEPTH_MAX)).is_ok());
        assert_eq!(check(&nested(JSON_DEPTH_MAX + 1)), Err(JsonError::TooDeep));
        assert!(check(&format!("\"{}\"", "[".repeat(100))).is_ok());
    }

    #[test]
    fn a_member_named_twice_is_refused_at_any_depth() {
        let check = |text: &str| read_object::<Value>(text.as_bytes());
        assert!(check(r#" {"a": [{"b": 1}, {"b": 2}], "b": {"a": null}} "#).is_ok());
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":1}"#,
            r#"{"a":{"b":1,"c":2,"b":3}}"#,
            r#"{"c":[[{"a":[{"b":1,"b":2}]}]]}"#,
        ] {
            let refused = check(text).map(|_| ());
            assert!(matches!(&refused, Err(JsonError::Invalid(why)) if why.contains("twice")));
        }
        for text in ["", "{", "[1,", "{\"a\":}", "{} {}", "nul", "[\"\u{0}\"]"] {
            assert!(check(text).is_err(), "{text}");
        }
        for value in ["1", "-1", "1.5", "18446744073709551616", "\"\"", "true", "null"] {
            assert!(check(&format!("{{\"a\":[{value}]}}")).is_ok(), "{value}");
            assert!(check(value).is_err(), "{value}");
        }
    }

    #[test]
    fn what_is_nested_stays_text_whatever_it_is_called() {
        let magic = r#"{"$serde_json::private::RawValue": "[[[["}"#;
        assert_eq!(read::<Json>(magic.as_bytes()), Ok(Json::Compound(magic.into())));
        let magic = r#"{"$serde_json::private::Number": "1"}"#;
        assert_eq!(read::<Json>(magic.as_bytes()), Ok(Json::Compound(magic.into())));
    }

    #[test]
    fn a_walk_passes_every_value_once() {
        let text = r#" [ {"a" :1 , "b\"}":[2,{"c":"]\\"}] ,"d":null}, "x,y", -1.5e3 ,[ ] ] "#;
        let mut walker = Walker::new(checked(text.as_bytes()).expect("test JSON"));
        assert!(walker.eat('['));
        assert!(walker.eat('{'));
        let mut members = Vec::new();
        loop {
            let name = walker.name();
            members.push((name, walker.value()));
            if !walker.eat(',') {
                break;
            }
        }
        assert!(walker.eat('}'));
        let expected = [("a", "1"), ("b\"}", r#"[2,{"c":"]\\"}]"#), ("d", "null")];
        assert_eq!(members, expected.map(|(name, value)| (name.into(), value)));
        for expected in [r#""x,y""#, "-1.5e3", "[ ]"] {
            assert!(walker.eat(','));
            assert_eq!(walker.value(), expected);
        }
        assert!(walker.eat(']'));
        assert!(!walker.eat(']'));
        assert_eq!(walker.value(), "");
        for text in ["", "[", "1 2", "{a:1}", "[1,]", "\"\\u0000\"", "\"\\ud800\""] {
            assert!(checked(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn digits_are_kept() {
        let number = |text: &str| read::<Json>(text.as_bytes());
        for text in ["9007199254740993.10", "1.0", "-0", "1e400"] {
            assert_eq!(number(text), Ok(Json::Number(text.into())));
        }
        assert!(number("01").is_err());
    }
}
