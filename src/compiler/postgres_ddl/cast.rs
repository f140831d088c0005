//! Constants with casts, as defaults and checks have them: `'{}'::text[]`, `timezone('utc', now())`.

use super::cursor::{Cursor, is_name, is_word};
use super::declared_type::{Written, written};
use crate::compiler::declarations::{inside, split};
use crate::compiler::lexer::{Kind, Token, tokens};

/// What an expression without columns is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Constant {
    Null,
    Boolean(bool),
    Number(String),
    Text(String),
    Array(Vec<Constant>),
    /// The time of the statement.
    Now,
    /// Its date.
    Today,
    /// A random uuid.
    Uuid,
    /// `auth.uid()`
    Caller,
    /// A claim of the caller's token.
    Claim(String),
}

/// Reads a constant, and the type it is cast to at last.
pub(super) fn constant(tokens: &[Token<'_>]) -> Option<(Constant, Option<Written>)> {
    if let Some(inner) = whole_group(tokens) {
        return constant(inner);
    }
    if let Some(at) = last_cast(tokens) {
        let (operand, behind) = tokens.split_at_checked(at)?;
        let kind = written(behind.get(2..)?);
        let (value, _) = constant(operand)?;
        let value = match (value, kind.text.as_str()) {
            (Constant::Now, "date") => Constant::Today,
            (Constant::Text(text), "date") if text == "now" => Constant::Today,
            (Constant::Text(text), kind) if text == "now" && kind.starts_with("time") => {
                Constant::Now
            }
            (value, _) => value,
        };
        return Some((value, Some(kind)));
    }
    plain(tokens).map(|value| (value, None))
}

/// What is inside, where one pair of parentheses is around everything.
pub(super) fn whole_group<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
    let inner = tokens.first().filter(|token| token.is("(")).and_then(|_| inside(tokens))?;
    (inner.len().saturating_add(2) == tokens.len()).then_some(inner)
}

/// Whether `::` begins there.
pub(super) fn is_cast(tokens: &[Token<'_>], at: usize) -> bool {
    let [one, two] = [tokens.get(at), tokens.get(at.saturating_add(1))];
    matches!((one, two), (Some(one), Some(two))
        if one.is(":") && two.is(":") && one.range().end == two.start)
}

/// The last `::` outside of parentheses, if nothing but a type is behind it.
fn last_cast(tokens: &[Token<'_>]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut last = None;
    for (index, token) in tokens.iter().enumerate() {
        if token.is("(") {
            depth = depth.saturating_add(1);
        } else if token.is(")") {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && is_cast(tokens, index) {
            last = Some(index);
        }
    }
    let is_type = |token: &Token<'_>| {
        matches!(token.kind, Kind::Word | Kind::Quoted | Kind::Number)
            || ["(", ")", ",", "."].iter().any(|symbol| token.is(symbol))
    };
    let is_operator = |token: &Token<'_>| ["at", "and", "or"].iter().any(|word| token.is(word));
    let behind = tokens.get(last?.saturating_add(2)..)?;
    (!behind.is_empty() && behind.iter().all(|token| is_type(token) && !is_operator(token)))
        .then_some(last?)
}

fn plain(tokens: &[Token<'_>]) -> Option<Constant> {
    match tokens {
        [one] => single(one),
        [sign, number] if sign.is("-") && number.kind == Kind::Number => {
            Some(Constant::Number(format!("-{}", number.text)))
        }
        [word, items] if word.is("array") && items.text.starts_with('[') => array(items.text),
        // The claim that the caller's id is.
        [rest @ .., minus, one, two, name]
            if minus.is("-") && one.is(">") && two.is(">") && is_jwt(rest) =>
        {
            let claim = name.name().filter(|_| name.kind == Kind::Text)?;
            let is_plain = claim.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            match claim.as_str() {
                "sub" => Some(Constant::Caller),
                "" => None,
                _ => is_plain.then_some(Constant::Claim(claim)),
            }
        }
        [rest @ .., at, time, zone, name] if at.is("at") && time.is("time") && zone.is("zone") => {
            let is_now = matches!(constant(rest), Some((Constant::Now, _)));
            (is_now && is_utc(&[*name])).then_some(Constant::Now)
        }
        [rest @ .., at, time, zone, name, _, _, _]
            if at.is("at") && time.is("time") && zone.is("zone") =>
        {
            let is_now = matches!(constant(rest), Some((Constant::Now, _)));
            (is_now && is_utc(&[*name])).then_some(Constant::Now)
        }
        _ => call(tokens),
    }
}

/// `auth.jwt()`
fn is_jwt(tokens: &[Token<'_>]) -> bool {
    matches!(whole_group(tokens).unwrap_or(tokens), [schema, dot, name, open, close]
        if is_word(schema, "auth") && dot.is(".") && is_word(name, "jwt") && open.is("(") && close.is(")"))
}

fn single(token: &Token<'_>) -> Option<Constant> {
    let word = |words: &[&str]| words.iter().any(|word| token.is(word));
    Some(match token.kind {
        Kind::Text => Constant::Text(token.name()?),
        Kind::Foreign => Constant::Text(dollar_text(token.text)?.to_owned()),
        Kind::Number => Constant::Number(token.text.to_owned()),
        _ if word(&["true"]) => Constant::Boolean(true),
        _ if word(&["false"]) => Constant::Boolean(false),
        _ if word(&["null"]) => Constant::Null,
        _ if word(&["current_timestamp", "localtimestamp", "current_time", "localtime"]) => {
            Constant::Now
        }
        _ if word(&["current_date"]) => Constant::Today,
        _ => return None,
    })
}

/// The text between the marks of `$$..$$`.
pub(super) fn dollar_text(quoted: &str) -> Option<&str> {
    let mark = quoted.strip_prefix('$')?.find('$')?.saturating_add(2);
    let (mark, body) = quoted.split_at_checked(mark)?;
    body.strip_suffix(mark)
}

fn array(text: &str) -> Option<Constant> {
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    let tokens = tokens(inner);
    let items = split(&tokens).into_iter().map(|item| constant(item).map(|(value, _)| value));
    items.collect::<Option<_>>().map(Constant::Array)
}

fn is_utc(tokens: &[Token<'_>]) -> bool {
    matches!(constant(tokens), Some((Constant::Text(zone), _))
        if ["utc", "gmt", "etc/utc", "z"].contains(&zone.to_ascii_lowercase().as_str()))
}

/// A call of a function that is known.
fn call(tokens: &[Token<'_>]) -> Option<Constant> {
    let mut cursor = Cursor::new(tokens);
    if cursor.sees(&["cast"]) {
        cursor.skip(1);
        let inner = cursor.group()?;
        let at = inner.iter().rposition(|token| token.is("as"))?;
        return constant(inner.get(..at)?).map(|(value, _)| value);
    }
    let name = cursor.qualified()?;
    let arguments = cursor.group()?;
    if !cursor.rest().is_empty() {
        return None;
    }
    let arguments = split(arguments);
    let schema = name.schema();
    let is_builtin =
        matches!(schema.as_deref(), None | Some("pg_catalog" | "extensions" | "public"));
    let text = name.text().to_ascii_lowercase();
    match (text.as_str(), arguments.as_slice()) {
        ("uid", []) if schema.as_deref() == Some("auth") => Some(Constant::Caller),
        _ if !is_builtin => None,
        (
            "now"
            | "transaction_timestamp"
            | "statement_timestamp"
            | "clock_timestamp"
            | "current_timestamp"
            | "localtimestamp",
            _,
        ) => Some(Constant::Now),
        ("gen_random_uuid" | "uuid_generate_v4", []) => Some(Constant::Uuid),
        ("timezone", [zone, time]) => {
            let is_now = matches!(constant(time), Some((Constant::Now, _)));
            (is_now && is_utc(zone)).then_some(Constant::Now)
        }
        ("jsonb_build_object" | "json_build_object", []) => Some(Constant::Text("{}".to_owned())),
        ("jsonb_build_array" | "json_build_array", []) => Some(Constant::Text("[]".to_owned())),
        _ => None,
    }
}

/// Whether there is anything that SQLite does not know.
pub(super) fn is_foreign(tokens: &[Token<'_>]) -> bool {
    let names = [
        "now",
        "timezone",
        "gen_random_uuid",
        "uuid_generate_v4",
        "uuid_generate_v1",
        "nextval",
        "gen_random_bytes",
        "encode",
        "extract",
        "date_part",
        "date_trunc",
        "to_char",
        "md5",
        "clock_timestamp",
        "jsonb_build_object",
        "json_build_object",
        "to_jsonb",
        "to_json",
        "age",
        "localtimestamp",
        "localtime",
    ];
    tokens.iter().enumerate().any(|(index, token)| {
        let next = tokens.get(index.saturating_add(1));
        let is_call = next.is_some_and(|next| next.is("("));
        is_cast(tokens, index)
            || token.kind == Kind::Foreign
            || (is_name(token) && is_call && names.iter().any(|name| is_word(token, name)))
            || (is_word(token, "auth") && next.is_some_and(|next| next.is(".")))
            || (token.is("interval") && next.is_some_and(|next| next.kind == Kind::Text))
            || (token.is("array") && next.is_some_and(|next| next.text.starts_with('[')))
            || (token.is("at") && next.is_some_and(|next| next.is("time")))
            || token.is("localtimestamp")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_constants() {
        let text = |text: &str| Some(Constant::Text(text.to_owned()));
        for (sql, expected) in [
            ("now()", Some(Constant::Now)),
            ("\"now\"()", Some(Constant::Now)),
            ("(timezone('utc'::text, now()))", Some(Constant::Now)),
            ("(now() at time zone 'utc')", Some(Constant::Now)),
            ("(now() AT TIME ZONE 'utc'::text)", Some(Constant::Now)),
            ("timezone('Europe/Berlin', now())", None),
            ("now()::date", Some(Constant::Today)),
            ("('now'::text)::date", Some(Constant::Today)),
            ("cast('x' as text)", text("x")),
            ("'{}'::jsonb", text("{}")),
            ("$$it's$$", text("it's")),
            ("extensions.uuid_generate_v4()", Some(Constant::Uuid)),
            ("\"auth\".\"uid\"()", Some(Constant::Caller)),
            ("uid()", None),
            ("(auth.jwt() ->> 'sub'::text)", Some(Constant::Caller)),
            ("(auth.jwt() ->> 'sub')", Some(Constant::Caller)),
            ("(\"auth\".\"jwt\"()) ->> 'sub'", Some(Constant::Caller)),
            ("auth.jwt() ->> 'email'", Some(Constant::Claim("email".to_owned()))),
            ("auth.jwt() ->> 'a.b'", None),
            ("auth.jwt() -> 'sub'", None),
            ("private.now()", None),
            ("'-1'::integer", text("-1")),
            ("(-1)", Some(Constant::Number("-1".to_owned()))),
            ("ARRAY[]::text[]", Some(Constant::Array(Vec::new()))),
            ("'{a}'::\"text\"[]", text("{a}")),
            ("array['a'::text]", Some(Constant::Array(vec![Constant::Text("a".to_owned())]))),
            ("now() + '1 day'::interval", None),
            ("a::text", None),
            ("'a'::text || 'b'", None),
        ] {
            let found = constant(&tokens(sql)).map(|(value, _)| value);
            assert_eq!(found, expected, "{sql}");
        }
    }
}
