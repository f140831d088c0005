//! Declared types: which there are, and what a value of each looks like.

use rusqlite::types::Value;

use crate::catalog::{Digits, Item, Type};

/// What a message lists when a type is none of these.
pub(super) const TYPES: &str = "boolean, smallint, integer, bigint, real, double precision, \
    numeric, text, varchar(n), uuid, timestamptz, timestamp, date, time, jsonb, bytea, and arrays such as \
    text[]";

/// SQL of a random uuid, which `default_help` tells.
pub(super) const RANDOM_UUID: &str = "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || \
    substr(hex(randomblob(2)), 2) || '-a' || substr(hex(randomblob(2)), 2) || '-' || \
    hex(randomblob(6)))";

/// Reads a declared type; its case and its white space do not matter.
pub(super) fn parse(declared: &str) -> Option<Type> {
    let lower = declared.to_ascii_lowercase();
    if let Some(item) = array_of(&lower) {
        return Item::of(parse(item)?).map(Type::Array);
    }
    let (base, arguments) = match lower.split_once('(') {
        Some((base, rest)) => {
            let (arguments, behind) = rest.split_once(')')?;
            // As in `timestamp (6) with time zone`.
            (format!("{base} {behind}"), Some(arguments.trim().to_owned()))
        }
        None => (lower, None),
    };
    let base = base.split_whitespace().collect::<Vec<_>>().join(" ");
    let kind = match base.as_str() {
        "boolean" | "bool" => Type::Boolean,
        "smallint" | "int2" => Type::SmallInt,
        "integer" | "int" | "int4" => Type::Integer,
        "bigint" | "int8" => Type::BigInt,
        "real" | "float" | "float4" | "float8" | "double" | "double precision" => Type::Double,
        "numeric" | "decimal" => {
            let digits = arguments.map(|arguments| digits(&arguments).ok_or(())).transpose();
            return Some(Type::Numeric { digits: digits.ok()? });
        }
        "text" | "clob" => Type::Text { characters_max: None },
        "varchar" | "character varying" | "char" | "character" => {
            let length = arguments.map(|length| length.parse::<u32>()).transpose().ok()?;
            // Postgres reads a bare `char` as `char(1)`.
            let length = length.or((base == "char" || base == "character").then_some(1));
            return (length != Some(0)).then_some(Type::Text { characters_max: length });
        }
        "uuid" => Type::Uuid,
        "timestamptz" | "timestamp with time zone" => Type::TimestampTz,
        "timestamp" | "timestamp without time zone" | "datetime" => Type::Timestamp,
        "date" => Type::Date,
        "time" | "time without time zone" => Type::Time,
        "json" | "jsonb" => Type::Json,
        "bytea" | "blob" => Type::Bytes,
        _ => return None,
    };
    let takes_precision = matches!(kind, Type::TimestampTz | Type::Timestamp | Type::Time);
    let is_fine = match arguments.as_deref() {
        None => true,
        // SQLite and Selvedge hold microseconds, which is what Postgres calls 6.
        Some(precision) => takes_precision && precision == "6",
    };
    is_fine.then_some(kind)
}

/// The item's type where that is an array: `text[]`, `text[3]`, `text array`. As in Postgres, the
/// number says nothing.
fn array_of(declared: &str) -> Option<&str> {
    let declared = declared.trim_end();
    if let Some((item, number)) = declared.strip_suffix(']').and_then(|rest| rest.rsplit_once('['))
    {
        return number.trim().bytes().all(|byte| byte.is_ascii_digit()).then_some(item);
    }
    declared.strip_suffix("array").filter(|item| item.ends_with(char::is_whitespace))
}

/// Reads the precision and scale of a numeric within PostgreSQL's bounds; a scale left out is 0.
fn digits(arguments: &str) -> Option<Digits> {
    let (precision, scale) = arguments.split_once(',').unwrap_or((arguments, "0"));
    let precision = precision.trim().parse().ok().filter(|one| (1..=1000).contains(one))?;
    let scale = scale.trim().parse().ok().filter(|one| (-1000..=1000).contains(one))?;
    Some(Digits { precision, scale })
}

/// Whether a column of that type may hold the value as it is, so that text comparison is the
/// comparison of the type and what comes out is what clients expect.
pub(super) fn is_canonical(kind: Type, value: &Value) -> bool {
    match (kind, value) {
        (Type::Boolean, Value::Integer(number)) => matches!(number, 0 | 1),
        (Type::SmallInt, Value::Integer(number)) => i16::try_from(*number).is_ok(),
        (Type::Integer, Value::Integer(number)) => i32::try_from(*number).is_ok(),
        (_, Value::Null)
        | (Type::Any, _)
        | (Type::BigInt | Type::Double | Type::Numeric { .. }, Value::Integer(_))
        | (Type::Double | Type::Numeric { .. }, Value::Real(_))
        | (Type::Bytes, Value::Blob(_)) => true,
        (Type::Text { characters_max }, Value::Text(text)) => {
            let characters = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
            characters_max.is_none_or(|most| characters <= most)
        }
        (Type::Uuid, Value::Text(text)) => {
            matches_form(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
        }
        (Type::TimestampTz, Value::Text(text)) => {
            matches_form(text, "0000-00-00T00:00:00.000000+00:00")
        }
        (Type::Timestamp, Value::Text(text)) => matches_form(text, "0000-00-00T00:00:00.000000"),
        (Type::Date, Value::Text(text)) => matches_form(text, "0000-00-00"),
        (Type::Time, Value::Text(text)) => matches_form(text, "00:00:00.000000"),
        (Type::Json, Value::Text(text)) => {
            serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
        }
        (Type::Array(item), Value::Text(text)) => is_canonical_array(item.kind(), text),
        _ => false,
    }
}

/// The same of a text.
pub(super) fn is_canonical_text(kind: Type, text: &str) -> bool {
    is_canonical(kind, &Value::Text(text.to_owned()))
}

/// An array is kept as JSON without white space, its items as they are shown.
fn is_canonical_array(kind: Type, text: &str) -> bool {
    let Ok(items) = serde_json::from_str::<Vec<serde_json::Value>>(text) else { return false };
    let is_tight = serde_json::to_string(&items).is_ok_and(|written| written == text);
    is_tight
        && items.iter().all(|item| match (kind, item) {
            (_, serde_json::Value::Null)
            | (Type::Boolean, serde_json::Value::Bool(_))
            | (Type::Double | Type::Numeric { .. }, serde_json::Value::Number(_)) => true,
            (Type::SmallInt | Type::Integer | Type::BigInt, serde_json::Value::Number(number)) => {
                number.as_i64().is_some_and(|number| is_canonical(kind, &Value::Integer(number)))
            }
            (Type::Bytes, serde_json::Value::String(text)) => text.starts_with("\\x"),
            (_, serde_json::Value::String(text)) => is_canonical_text(kind, text),
            _ => false,
        })
}

/// Compares with a form in which `0` stands for a digit and `x` for a lower-case hexadecimal one.
fn matches_form(text: &str, form: &str) -> bool {
    text.len() == form.len()
        && text.bytes().zip(form.bytes()).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            b'x' => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            other => byte == other,
        })
}

/// What to write as a default of that type.
pub(super) const fn default_help(kind: Type) -> &'static str {
    match kind {
        Type::Boolean => "write `default true` or `default false`",
        Type::SmallInt => "write a whole number of 16 bits",
        Type::Integer => "write a whole number of 32 bits",
        Type::BigInt => "write a whole number of 64 bits",
        Type::Double | Type::Numeric { .. } => "write a number",
        Type::Text { .. } => "write a string of the declared length in single quotes",
        Type::Uuid => {
            "write a lower-case uuid, or for a random one `(lower(hex(randomblob(4)) || '-' || \
             hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' || \
             substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))`"
        }
        Type::TimestampTz => "write `(strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now'))`",
        Type::Timestamp => "write `(strftime('%Y-%m-%dT%H:%M:%f000', 'now'))`",
        Type::Date => "write `current_date` or a date such as '2024-12-31'",
        Type::Time => "write `(strftime('%H:%M:%f000', 'now'))`",
        Type::Json => "write JSON in single quotes, such as '{}' or '\"text\"'",
        Type::Bytes => "write a blob, such as x'00ff'",
        Type::Array(_) => "write a JSON array in single quotes, such as '[]' or '[\"a\",\"b\"]'",
        Type::Any => "write a constant",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_names_of_postgres_and_of_sqlite() {
        let text = |characters_max| Some(Type::Text { characters_max });
        for (declared, expected) in [
            ("BOOLEAN", Some(Type::Boolean)),
            ("Double  Precision", Some(Type::Double)),
            ("numeric", Some(Type::NUMERIC)),
            (
                "numeric(10, 2)",
                Some(Type::Numeric { digits: Some(Digits { precision: 10, scale: 2 }) }),
            ),
            ("varchar (20)", text(Some(20))),
            ("character varying", text(None)),
            ("char", text(Some(1))),
            ("timestamp(6) with time zone", Some(Type::TimestampTz)),
            ("timestamp with time zone", Some(Type::TimestampTz)),
            ("json", Some(Type::Json)),
            ("TEXT[]", Some(Type::Array(Item::Text))),
            ("integer [3]", Some(Type::Array(Item::Integer))),
            ("double precision[]", Some(Type::Array(Item::Double))),
            ("timestamp with time zone[]", Some(Type::Array(Item::TimestampTz))),
            ("uuid ARRAY", Some(Type::Array(Item::Uuid))),
            ("bytea[]", Some(Type::Array(Item::Bytes))),
            ("jsonb[]", None),
            ("text[][]", None),
            ("text[x]", None),
            ("array", None),
            ("[]", None),
            ("varchar(3)[]", None),
            ("thing[]", None),
            ("timestamp(3)", None),
            ("varchar(x)", None),
            ("varchar(0)", None),
            ("numeric(-1)", None),
            ("integer(11)", None),
            ("serial", None),
            ("interval", None),
            ("", None),
        ] {
            assert_eq!(parse(declared), expected, "{declared}");
        }
    }

    #[test]
    fn the_help_tells_the_random_uuid() {
        assert!(default_help(Type::Uuid).contains(&format!("`({RANDOM_UUID})`")));
    }

    #[test]
    fn knows_canonical_values() {
        let text = |text: &str| Value::Text(text.into());
        let short = Type::Text { characters_max: Some(2) };
        for (kind, value, expected) in [
            (Type::Boolean, Value::Integer(1), true),
            (Type::Boolean, Value::Integer(2), false),
            (Type::Boolean, text("yes"), false),
            (Type::SmallInt, Value::Integer(40_000), false),
            (Type::Integer, Value::Integer(1 << 40), false),
            (Type::BigInt, Value::Integer(1 << 40), true),
            (Type::BigInt, Value::Real(1.5), false),
            (Type::NUMERIC, text("1"), false),
            (short, text("éé"), true),
            (short, text("abc"), false),
            (short, Value::Integer(1), false),
            (Type::Uuid, text("00000000-0000-4000-8000-00000000000A"), false),
            (Type::Uuid, text("00000000-0000-4000-8000-00000000000a"), true),
            (Type::TimestampTz, text("2024-01-02T03:04:05.000000+00:00"), true),
            (Type::TimestampTz, text("2024-01-02 03:04:05"), false),
            (Type::Timestamp, text("2024-01-02T03:04:05.000000"), true),
            (Type::Date, text("2024-1-2"), false),
            (Type::Time, text("03:04:05"), false),
            (Type::Json, text("{}"), true),
            (Type::Json, text("{"), false),
            (Type::Bytes, text("x"), false),
            (Type::Date, Value::Null, true),
            (Type::Array(Item::Text), text("[]"), true),
            (Type::Array(Item::Text), text("[\"a\",null]"), true),
            (Type::Array(Item::Text), text("[\"a\", null]"), false),
            (Type::Array(Item::Text), text("{}"), false),
            (Type::Array(Item::Text), text("[1]"), false),
            (Type::Array(Item::Boolean), text("[true]"), true),
            (Type::Array(Item::Boolean), text("[1]"), false),
            (Type::Array(Item::Integer), text("[1,-2]"), true),
            (Type::Array(Item::Integer), text("[2147483648]"), false),
            (Type::Array(Item::Integer), text("[1.5]"), false),
            (Type::Array(Item::Date), text("[\"2026-1-1\"]"), false),
            (Type::Array(Item::Bytes), text("[\"00\"]"), false),
            (Type::Array(Item::Numeric), text("[1.5]"), true),
        ] {
            assert_eq!(is_canonical(kind, &value), expected, "{kind:?} {value:?}");
        }
    }
}
