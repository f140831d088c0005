//! What a column's default means.

use super::cast::{Constant, constant, is_cast, is_foreign, whole_group};
use super::cursor::{Cursor, is_word};
use super::literal;
use crate::catalog::Type;
use crate::compiler::lexer::{Kind, Token};
use crate::compiler::types;
use rusqlite::types::Value;

/// What becomes of a default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Default {
    /// SQLite understands it, or says itself what is wrong.
    Keep,
    /// Other words for the same.
    Replace(String),
    /// The caller's id, which only the Worker knows.
    Caller,
    /// A claim of the caller's token, which only the Worker knows.
    Claim(String),
    /// The next number of a sequence.
    Numbered,
    /// There is no translation; what to write.
    Explain(String),
}

/// Reads the default of a column of a type, if that is known.
pub(super) fn default(tokens: &[Token<'_>], kind: Option<Type>) -> Default {
    if is_call(tokens, "nextval") {
        return Default::Numbered;
    }
    let Some((value, _)) = constant(tokens) else {
        return match (moved_time(tokens, kind), kind) {
            (Some(sql), _) => Default::Replace(sql),
            _ if !is_foreign(tokens) => Default::Keep,
            (_, kind) => Default::Explain(help(tokens, kind)),
        };
    };
    let Some(kind) = kind else {
        // The type is an error of its own.
        return if is_foreign(tokens) {
            Default::Replace("null".to_owned())
        } else {
            Default::Keep
        };
    };
    if value == Constant::Caller {
        return match kind {
            Type::Uuid | Type::Text { .. } => Default::Caller,
            _ => Default::Explain("auth.uid() is a uuid".to_owned()),
        };
    }
    if let Constant::Claim(claim) = &value {
        return match kind {
            Type::Text { .. } => Default::Claim(claim.clone()),
            _ => Default::Explain("a claim is a text: declare the column as text".to_owned()),
        };
    }
    if tokens.len() <= 2 && !is_foreign(tokens) && is_kept(&value, kind) {
        return Default::Keep;
    }
    match literal::sql(&value, kind) {
        Some(sql) => Default::Replace(sql),
        None if is_foreign(tokens) => Default::Explain(help(tokens, Some(kind))),
        None => Default::Keep,
    }
}

/// What to write instead of a default.
fn help(tokens: &[Token<'_>], kind: Option<Type>) -> String {
    let calls =
        |names: &[&str]| tokens.iter().any(|token| names.iter().any(|name| is_word(token, name)));
    let is_text = matches!(kind, Some(Type::Text { .. }));
    if calls(&["jwt"]) {
        return "leave the default out, send the column, and check it in a policy: \
            `with check (col = auth.jwt() ->> 'claim')`"
            .to_owned();
    }
    if calls(&["gen_random_bytes", "md5"]) {
        return "write `(lower(hex(randomblob(16))))`".to_owned();
    }
    if calls(&["extract", "date_part"]) {
        return "write `(unixepoch())`".to_owned();
    }
    if calls(&["now", "timezone", "current_timestamp"]) && is_text {
        return "declare the column as timestamptz".to_owned();
    }
    kind.map_or("write a constant", types::default_help).to_owned()
}

/// Whether the column may hold the constant as it is written.
fn is_kept(value: &Constant, kind: Type) -> bool {
    match value {
        Constant::Text(text) => types::is_canonical_text(kind, text),
        Constant::Number(number) => {
            let number = number.parse::<f64>().unwrap_or(f64::NAN);
            types::is_canonical(kind, &Value::Real(number))
                || !matches!(kind, Type::Double | Type::Numeric { .. })
        }
        Constant::Boolean(_) => true,
        Constant::Null => true,
        Constant::Today => kind == Type::Date,
        _ => false,
    }
}

/// Whether a call of that function is all there is.
pub(super) fn is_call(tokens: &[Token<'_>], name: &str) -> bool {
    let tokens = whole_group(tokens).unwrap_or(tokens);
    let mut cursor = Cursor::new(tokens);
    cursor.qualified().is_some_and(|found| is_word(&found.name, name)) && cursor.sees(&["("])
}

/// `now() + interval '7 days'`, for lengths that are the same in every month.
fn moved_time(tokens: &[Token<'_>], kind: Option<Type>) -> Option<String> {
    let tokens = whole_group(tokens).unwrap_or(tokens);
    let at = tokens.iter().rposition(|token| token.is("+") || token.is("-"))?;
    let (time, rest) = tokens.split_at_checked(at)?;
    let (sign, amount) = rest.split_first()?;
    let (value, _) = constant(time)?;
    let kind = kind?;
    let modifiers = match (&value, amount) {
        (Constant::Today, [days]) if days.kind == Kind::Number && kind == Type::Date => {
            vec![format!("{}{} days", sign.text, days.text)]
        }
        (Constant::Now | Constant::Today, _) => {
            let text = amount.iter().find(|token| token.kind == Kind::Text)?;
            let is_interval = amount.iter().any(|token| is_word(token, "interval"));
            let is_plain = amount.len() == 2
                || (amount.len() == 4 && is_cast(amount, 1))
                || whole_group(amount).is_some_and(|inner| inner.len() == 4);
            if !is_interval || !is_plain {
                return None;
            }
            interval(&text.name()?, sign.text)?
        }
        _ => return None,
    };
    match value {
        Constant::Today if matches!(kind, Type::TimestampTz | Type::Timestamp) => {
            let start = std::iter::once("start of day".to_owned());
            literal::now(kind, &start.chain(modifiers).collect::<Vec<_>>())
        }
        Constant::Today if kind != Type::Date => None,
        _ if kind == Type::Time => None,
        _ => literal::now(kind, &modifiers),
    }
}

/// SQLite's modifiers for an interval: `7 days`, `1 hour 30 minutes`.
fn interval(text: &str, sign: &str) -> Option<Vec<String>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut modifiers = Vec::new();
    for pair in words.chunks(2) {
        let [number, unit] = pair else { return None };
        let number = number.parse::<u32>().ok()?;
        let unit = match unit.to_ascii_lowercase().trim_end_matches('s') {
            "day" => "days",
            "hour" | "hr" => "hours",
            "minute" | "min" => "minutes",
            "second" | "sec" => "seconds",
            "week" => {
                modifiers.push(format!("{sign}{} days", number.checked_mul(7)?));
                continue;
            }
            _ => return None,
        };
        modifiers.push(format!("{sign}{number} {unit}"));
    }
    (!modifiers.is_empty()).then_some(modifiers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compiler::lexer::tokens;

    #[test]
    fn reads_defaults() {
        let keep = || Default::Keep;
        let replace = |sql: &str| Default::Replace(sql.to_owned());
        let tz = Some(Type::TimestampTz);
        for (sql, kind, expected) in [
            ("true", Some(Type::Boolean), keep()),
            ("'true'", Some(Type::Boolean), replace("true")),
            ("0", Some(Type::NUMERIC), keep()),
            ("'yes sir'", Some(Type::Boolean), keep()),
            ("'{}'", Some(Type::Json), keep()),
            ("'{}'::jsonb", Some(Type::Json), replace("'{}'")),
            ("current_date", Some(Type::Date), keep()),
            ("now()", Some(Type::Date), replace("current_date")),
            ("auth.uid()", Some(Type::Uuid), Default::Caller),
            (
                "auth.jwt() ->> 'org_id'",
                Some(Type::Text { characters_max: None }),
                Default::Claim("org_id".to_owned()),
            ),
            ("nextval('a_id_seq'::regclass)", Some(Type::BigInt), Default::Numbered),
            ("(1 + 2)", Some(Type::Integer), keep()),
            ("unquoted", Some(Type::Text { characters_max: None }), keep()),
            (
                "now() + interval '1 week 2 hours'",
                tz,
                replace("(strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now', '+7 days', '+2 hours'))"),
            ),
            (
                "(now() - '30 days'::interval)",
                tz,
                replace("(strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now', '-30 days'))"),
            ),
            (
                "current_date + 7",
                Some(Type::Date),
                replace("(strftime('%Y-%m-%d', 'now', '+7 days'))"),
            ),
        ] {
            assert_eq!(default(&tokens(sql), kind), expected, "{sql}");
        }
        for sql in
            ["now() + interval '1 month'", "now() + interval '1'", "date_trunc('day', now())"]
        {
            assert!(matches!(default(&tokens(sql), tz), Default::Explain(_)), "{sql}");
        }
    }
}
