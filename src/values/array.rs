//! Arrays, as Postgres writes them and as JSON has them.
//!
//! ```text
//! array = "{" [ item *( "," item ) ] "}"           {a,"b,c",NULL}
//! item  = quoted / 1*( any but "{", "}", ",", quote )     a backslash takes the next character
//! ```
//!
//! They are kept as JSON without white space, each item in the canonical form of its type, so that
//! equal arrays are equal texts.

use super::{Cast, LiteralError, Scalar, parse_at, parse_json as parse_json_scalar};
use crate::catalog::{Item, Type};
use crate::http::json::{self, Decimal, Json};
use crate::time::Milliseconds;

/// The most items of an array.
pub const ITEMS_MAX: usize = 10_000;

/// Reads the items of PostgreSQL's form; `None` is null.
///
/// # Errors
/// When it is not one, is too long, or has arrays within it.
pub fn items(text: &str) -> Result<Vec<Option<String>>, LiteralError> {
    let malformed =
        |details: &'static str| Err(LiteralError::Array { text: text.to_owned(), details });
    let trimmed = text.trim();
    let Some(inside) = trimmed.strip_prefix('{') else {
        return malformed("Array value must start with \"{\" or dimension information.");
    };
    let mut characters = inside.trim_start().chars().peekable();
    let mut items = Vec::new();
    if characters.next_if_eq(&'}').is_some() {
        return if characters.next().is_none() {
            Ok(items)
        } else {
            malformed("Junk after closing right brace.")
        };
    }
    loop {
        let mut item = String::new();
        let mut solid = 0;
        let mut is_quoted = false;
        let mut is_escaped = false;
        let mut within = false;
        let end = loop {
            match characters.next() {
                None => return malformed("Unexpected end of input."),
                Some('\\') if within || !is_quoted => {
                    item.extend(characters.next());
                    is_escaped = true;
                    solid = item.len();
                }
                // A text in quotes is a whole item: nothing but white space stands beside it.
                Some('"') if within || (item.trim().is_empty() && !is_quoted) => {
                    if !within {
                        item.clear();
                    }
                    within = !within;
                    is_quoted = true;
                    solid = item.len();
                }
                Some(character) if within => item.push(character),
                Some(end @ (',' | '}')) => break end,
                Some('{') => return Err(LiteralError::NestedArray),
                Some(space) if space.is_ascii_whitespace() && (is_quoted || item.is_empty()) => {}
                Some('"') => return malformed("Incorrectly quoted array element."),
                Some(_) if is_quoted => return malformed("Incorrectly quoted array element."),
                Some(character) => {
                    item.push(character);
                    if !character.is_ascii_whitespace() {
                        solid = item.len();
                    }
                }
            }
        };
        if !is_quoted {
            item.truncate(solid);
            if item.is_empty() {
                return malformed("Unexpected \",\" or \"}\" character.");
            }
        }
        check_length(items.len())?;
        let is_null = !is_quoted && !is_escaped && item.eq_ignore_ascii_case("null");
        items.push((!is_null).then_some(item));
        if end == '}' {
            break;
        }
    }
    if characters.next().is_some() {
        return malformed("Junk after closing right brace.");
    }
    Ok(items)
}

/// Reads PostgreSQL's form as an array of that type.
///
/// # Errors
/// As [`items`], and what an item's type says.
pub fn parse(item: Item, text: &str, now: Option<Milliseconds>) -> Result<Scalar, LiteralError> {
    let mut written_items = Vec::new();
    for one in items(text)? {
        written_items.push(match one {
            Some(text) => written(item.kind(), &parse_at(item.kind(), &text, now)?),
            None => "null".to_owned(),
        });
    }
    Ok(Scalar { text: json::list(&written_items), cast: Cast::Text })
}

/// Reads a JSON array, as it was written, as an array of that type.
///
/// # Errors
/// When it is none, and as [`parse`].
pub fn parse_json(
    item: Item,
    text: &str,
    now: Option<Milliseconds>,
) -> Result<Scalar, LiteralError> {
    let kind = item.kind();
    let Ok(sent) = json::read_list(text.as_bytes()) else {
        return Err(LiteralError::syntax(Type::Array(item), text));
    };
    let mut items = Vec::new();
    for one in &sent {
        if matches!(one, Json::Compound(text) if text.starts_with('[')) {
            return Err(LiteralError::NestedArray);
        }
        check_length(items.len())?;
        items.push(match parse_json_scalar(kind, one, now)? {
            Some(scalar) => written(kind, &scalar),
            None => "null".to_owned(),
        });
    }
    Ok(Scalar { text: json::list(&items), cast: Cast::Text })
}

/// An item as it stands in the array.
fn written(kind: Type, scalar: &Scalar) -> String {
    match kind {
        Type::Boolean => if scalar.text == "1" { "true" } else { "false" }.to_owned(),
        Type::Bytes => json::quoted(&format!("\\x{}", scalar.text.to_ascii_lowercase())),
        // 1.0 and 1 are equal, so they are one text.
        Type::Double | Type::Numeric { .. } => {
            Decimal::read(&scalar.text).map_or_else(|| scalar.to_json(), |number| number.written())
        }
        _ => scalar.to_json(),
    }
}

const fn check_length(items: usize) -> Result<(), LiteralError> {
    if items < ITEMS_MAX { Ok(()) } else { Err(LiteralError::TooManyItems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn reads(text: &str, expected: &[Option<&str>]) {
        let items = items(text).expect(text);
        let items: Vec<_> = items.iter().map(Option::as_deref).collect();
        assert_eq!(items, expected, "{text}");
    }

    #[test]
    fn literals() {
        reads("{}", &[]);
        reads(" { } ", &[]);
        reads("{a}", &[Some("a")]);
        reads(r#"{a, b c ,"d,e"}"#, &[Some("a"), Some("b c"), Some("d,e")]);
        reads(r#"{NULL,null,"null"}"#, &[None, None, Some("null")]);
        reads(r#"{"", "a\"b\\" ,x\,y,\}}"#, &[Some(""), Some("a\"b\\"), Some("x,y"), Some("}")]);
        reads(r#"{" a "}"#, &[Some(" a ")]);
        reads("{a:b,(c)}", &[Some("a:b"), Some("(c)")]);
        reads(r"{ \ a\ }", &[Some(" a ")]);
        reads(r"{\null}", &[Some("null")]);
    }

    #[test]
    fn what_is_no_literal_is_refused() {
        for text in [
            "",
            "a",
            "a,b",
            "{",
            "{a",
            "{a,",
            "{a,}",
            "{,a}",
            "{,}",
            "{a}b",
            "{a}}",
            "{}x",
            "[1]",
            r#"{"a}"#,
            r#"{"a"b}"#,
            r#"{"a"\b}"#,
            r#"{"a"\"}"#,
            r#"{a"b"}"#,
            r#"{"a""b"}"#,
            "{a\\",
        ] {
            assert_eq!(items(text).map_err(|fault| fault.sqlstate()), Err("22P02"), "{text}");
        }
        let refused = items("{{1},{2}}");
        assert_eq!(refused, Err(LiteralError::NestedArray));
        let long = |items: usize| format!("{{{}}}", vec!["1"; items].join(","));
        assert_eq!(items(&long(ITEMS_MAX)).map(|items| items.len()), Ok(ITEMS_MAX));
        let refused = items(&long(ITEMS_MAX + 1));
        assert_eq!(refused, Err(LiteralError::TooManyItems));
    }

    #[test]
    fn items_have_their_canonical_form() {
        for (item, text, expected) in [
            (Item::Text, "{a,NULL,1}", r#"["a",null,"1"]"#),
            (Item::Integer, "{1, +2,-3}", "[1,2,-3]"),
            (Item::BigInt, "{9223372036854775807}", "[9223372036854775807]"),
            (Item::Boolean, "{t,no,null}", "[true,false,null]"),
            (
                Item::Numeric,
                "{1.50,2.0,-0.0,1e2,9007199254740993}",
                "[1.5,2,0,100,9007199254740993]",
            ),
            (Item::Date, "{2026-01-02}", r#"["2026-01-02"]"#),
            (Item::Bytes, r"{\\x00FF}", r#"["\\x00ff"]"#),
        ] {
            let read = parse(item, text, None).map(|scalar| scalar.text);
            assert_eq!(read.as_deref(), Ok(expected), "{text}");
            let again = parse_json(item, expected, None).map(|scalar| scalar.text);
            assert_eq!(again.as_deref(), Ok(expected), "{text}");
        }
        for (item, text, code) in [
            (Item::Integer, "{a}", "22P02"),
            (Item::SmallInt, "{40000}", "22003"),
            (Item::Uuid, "{x}", "22P02"),
            (Item::Date, "{2026-02-30}", "22008"),
        ] {
            assert_eq!(
                parse(item, text, None).map_err(|fault| fault.sqlstate()),
                Err(code),
                "{text}"
            );
        }
        for (item, text, code) in [
            (Item::Integer, "{}", "22P02"),
            (Item::Integer, "[true]", "22P02"),
            (Item::Integer, "[1.5]", "22P02"),
            (Item::Boolean, "[2]", "22P02"),
            (Item::Text, "[[]]", "0A000"),
        ] {
            assert_eq!(
                parse_json(item, text, None).map_err(|fault| fault.sqlstate()),
                Err(code),
                "{text}"
            );
        }
    }
}
