//! Constants in the form in which a column keeps them.

use serde_json::Value as Json;

use super::cast::Constant;
use crate::catalog::Type;
use crate::compiler::types::{RANDOM_UUID, is_canonical_text};

/// How a constant is written for a column of a type; `None` where the column cannot hold it, or
/// where it is not known how PostgreSQL would read it.
pub(super) fn sql(constant: &Constant, kind: Type) -> Option<String> {
    let text = match (kind, constant) {
        (_, Constant::Null) => return Some("null".to_owned()),
        (_, Constant::Now) => return now(kind, &[]),
        (Type::Date, Constant::Today) => return Some("current_date".to_owned()),
        (_, Constant::Today) => return midnight(kind),
        (Type::Uuid | Type::Text { .. }, Constant::Uuid) => {
            return Some(format!("({RANDOM_UUID})"));
        }
        (Type::Boolean, _) => return boolean(constant).map(|truth| truth.to_string()),
        (Type::SmallInt | Type::Integer | Type::BigInt, _) => {
            let number = number(constant)?;
            return number.parse::<i64>().ok().map(|number| number.to_string());
        }
        (Type::Double | Type::Numeric { .. }, _) => return number(constant),
        (Type::Array(item), _) => {
            let items = match constant {
                Constant::Array(items) => items.clone(),
                Constant::Text(text) => array_items(text)?,
                _ => return None,
            };
            let items: Option<Vec<Json>> = items.iter().map(|one| json(one, item.kind())).collect();
            serde_json::to_string(&items?).ok()?
        }
        (Type::Bytes, Constant::Text(text)) => {
            let digits = text.strip_prefix("\\x")?;
            let is_whole = digits.len() % 2 == 0 && digits.bytes().all(|b| b.is_ascii_hexdigit());
            return is_whole.then(|| format!("x'{digits}'"));
        }
        (Type::Uuid, Constant::Text(text)) => text.to_ascii_lowercase(),
        (Type::TimestampTz | Type::Timestamp | Type::Date | Type::Time, Constant::Text(text)) => {
            time(kind, text)?
        }
        (Type::Text { .. } | Type::Json, Constant::Text(text)) => text.clone(),
        _ => return None,
    };
    is_canonical_text(kind, &text).then(|| format!("'{}'", text.replace('\'', "''")))
}

/// The time of the statement, moved by SQLite's modifiers.
pub(super) fn now(kind: Type, modifiers: &[String]) -> Option<String> {
    let form = match kind {
        Type::TimestampTz => "%Y-%m-%dT%H:%M:%f000+00:00",
        Type::Timestamp => "%Y-%m-%dT%H:%M:%f000",
        Type::Time => "%H:%M:%f000",
        Type::Date if modifiers.is_empty() => return Some("current_date".to_owned()),
        Type::Date => "%Y-%m-%d",
        _ => return None,
    };
    let modifiers: String = modifiers.iter().map(|one| format!(", '{one}'")).collect();
    Some(format!("(strftime('{form}', 'now'{modifiers}))"))
}

/// The beginning of the day.
fn midnight(kind: Type) -> Option<String> {
    match kind {
        Type::TimestampTz | Type::Timestamp => now(kind, &["start of day".to_owned()]),
        _ => None,
    }
}

fn boolean(constant: &Constant) -> Option<bool> {
    match constant {
        Constant::Boolean(truth) => Some(*truth),
        Constant::Text(text) => match text.trim().to_ascii_lowercase().as_str() {
            "t" | "true" | "y" | "yes" | "on" | "1" => Some(true),
            "f" | "false" | "n" | "no" | "off" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn number(constant: &Constant) -> Option<String> {
    let (Constant::Number(text) | Constant::Text(text)) = constant else { return None };
    let text = text.trim();
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    (is_number && text.parse::<f64>().is_ok_and(f64::is_finite)).then(|| text.to_owned())
}

/// A value in an array, which is kept as JSON.
fn json(constant: &Constant, kind: Type) -> Option<Json> {
    Some(match (constant, kind) {
        (Constant::Null, _) => Json::Null,
        (_, Type::Boolean) => Json::Bool(boolean(constant)?),
        (_, Type::SmallInt | Type::Integer | Type::BigInt) => {
            Json::Number(number(constant)?.parse::<i64>().ok()?.into())
        }
        (_, Type::Double | Type::Numeric { .. }) => {
            serde_json::from_str(&number(constant)?).ok()?
        }
        (Constant::Text(text), Type::Text { .. } | Type::Bytes) => Json::String(text.clone()),
        (Constant::Text(text), Type::Uuid) => Json::String(text.to_ascii_lowercase()),
        (Constant::Text(text), kind) => Json::String(time(kind, text)?),
        _ => return None,
    })
}

/// The items of an array as PostgreSQL writes it: `{a,"b c",null}`.
fn array_items(text: &str) -> Option<Vec<Constant>> {
    let inner = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    if inner.trim().is_empty() {
        return Some(Vec::new());
    }
    let mut items = Vec::new();
    let mut rest = inner.chars().peekable();
    loop {
        while rest.next_if(|c| c.is_whitespace()).is_some() {}
        let mut item = String::new();
        if rest.next_if_eq(&'"').is_some() {
            loop {
                match rest.next()? {
                    '"' => break,
                    '\\' => item.push(rest.next()?),
                    character => item.push(character),
                }
            }
            items.push(Constant::Text(item));
            while rest.next_if(|c| c.is_whitespace()).is_some() {}
        } else {
            while let Some(character) = rest.next_if(|c| *c != ',') {
                if matches!(character, '{' | '}' | '"' | '\\') {
                    return None;
                }
                item.push(character);
            }
            items.push(match item.trim() {
                "" => return None,
                word if word.eq_ignore_ascii_case("null") => Constant::Null,
                word => Constant::Text(word.to_owned()),
            });
        }
        match rest.next() {
            None => return Some(items),
            Some(',') => {}
            Some(_) => return None,
        }
    }
}

/// A time in the form in which it is kept; those of no zone or of UTC only.
pub(super) fn time(kind: Type, text: &str) -> Option<String> {
    let text = text.trim();
    if kind == Type::Time {
        return clock(text);
    }
    let (day, rest) = text.split_at_checked(10).filter(|(day, _)| is_day(day))?;
    let rest = rest.strip_prefix(['T', ' ']).unwrap_or(rest);
    let zone = ["+00:00", "+0000", "+00", "Z", " UTC"].iter().find(|zone| rest.ends_with(**zone));
    let rest = rest.strip_suffix(zone.copied().unwrap_or_default()).unwrap_or(rest);
    let clock = if rest.is_empty() { "00:00:00.000000".to_owned() } else { clock(rest)? };
    match kind {
        Type::Date => Some(day.to_owned()),
        Type::Timestamp => Some(format!("{day}T{clock}")),
        Type::TimestampTz => Some(format!("{day}T{clock}+00:00")),
        _ => None,
    }
}

fn is_day(text: &str) -> bool {
    let parts: Vec<u32> = text.split('-').filter_map(|part| part.parse().ok()).collect();
    let [year, month, day] = parts[..] else { return false };
    // Of the hundreds every fourth is one: those that 16 divides.
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 16 == 0);
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    is_canonical_text(Type::Date, text) && year > 0 && (1..=days).contains(&day)
}

fn clock(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let parts: Vec<&str> = whole.split(':').collect();
    let (hour, minute, second) = match parts[..] {
        [hour, minute] if fraction.is_empty() => (hour, minute, "00"),
        [hour, minute, second] => (hour, minute, second),
        _ => return None,
    };
    let is_below = |text: &str, limit: u32| {
        text.len() == 2
            && text.bytes().all(|b| b.is_ascii_digit())
            && text.parse::<u32>().is_ok_and(|number| number < limit)
    };
    let is_fine = is_below(hour, 24) && is_below(minute, 60) && is_below(second, 60);
    let is_fraction = fraction.len() <= 6 && fraction.bytes().all(|b| b.is_ascii_digit());
    (is_fine && is_fraction).then(|| format!("{hour}:{minute}:{second}.{fraction:0<6}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Item;

    #[test]
    fn writes_constants_as_columns_keep_them() {
        let text = |text: &str| Constant::Text(text.to_owned());
        let array = Type::Array(Item::Text);
        for (constant, kind, expected) in [
            (text("{}"), array, Some("'[]'")),
            (text("{a,\"b, \\\"c\",null}"), array, Some("'[\"a\",\"b, \\\"c\",null]'")),
            (text("{a,}"), array, None),
            (text("{{a}}"), array, None),
            (text("[]"), array, None),
            (text("{1, 2}"), Type::Array(Item::Integer), Some("'[1,2]'")),
            (text("{t,f}"), Type::Array(Item::Boolean), Some("'[true,false]'")),
            (text("{1.5}"), Type::Array(Item::Integer), None),
            (text("-1"), Type::Integer, Some("-1")),
            (text("1.5"), Type::Integer, None),
            (text("0x1"), Type::Integer, None),
            (text("inf"), Type::Double, None),
            (text(" T "), Type::Boolean, Some("true")),
            (text("maybe"), Type::Boolean, None),
            (text("{"), Type::Json, None),
            (text("2024-02-30"), Type::Date, None),
            (text("2024-02-29"), Type::TimestampTz, Some("'2024-02-29T00:00:00.000000+00:00'")),
            (text("2024-02-29 10:11+00"), Type::Timestamp, Some("'2024-02-29T10:11:00.000000'")),
            (text("2024-02-29 10:11+02"), Type::TimestampTz, None),
            (text("8:30"), Type::Time, None),
            (text("08:30"), Type::Time, Some("'08:30:00.000000'")),
            (text("\\x0aF"), Type::Bytes, None),
            (text("\\x0aFf"), Type::Bytes, Some("x'0aFf'")),
            (Constant::Number("5".to_owned()), Type::Text { characters_max: None }, None),
            (Constant::Uuid, Type::Integer, None),
            (Constant::Now, Type::Text { characters_max: None }, None),
            (Constant::Today, Type::Time, None),
            (text("it's"), Type::Text { characters_max: Some(4) }, Some("'it''s'")),
            (text("long"), Type::Text { characters_max: Some(3) }, None),
        ] {
            assert_eq!(sql(&constant, kind).as_deref(), expected, "{constant:?} {kind:?}");
        }
    }
}
