//! Statements of `policies.sql` that are no policy and no grant: what has no effect here, and what
//! belongs elsewhere. They are recognized by their first words, as most have a syntax of their own.

use sqlparser::tokenizer::{Token, TokenWithSpan};

use super::parse::{Name, span};
use super::report::Diagnostic;

/// What a statement is.
pub(super) enum StatementKind {
    /// A policy or a grant, or a mistake: to be parsed.
    Other,
    /// It says what is always so, or what has no meaning here.
    WithoutEffect,
    /// `drop policy`: of which name, on which table.
    DropPolicy { name: Name, table: Name, if_exists: bool },
}

/// What `grant` and `revoke` may name that is no table: nothing here asks for it.
const WITHOUT_EFFECT: [&str; 7] =
    ["schema", "sequence", "all sequences", "database", "type", "language", "foreign"];

/// What is created in `schema.sql`.
const SCHEMA_KINDS: [&str; 11] = [
    "table",
    "view",
    "index",
    "unique",
    "trigger",
    "type",
    "extension",
    "schema",
    "sequence",
    "materialized",
    "unlogged",
];

/// Looks at a statement.
///
/// # Errors
/// Where it belongs into another file, or has no translation.
pub(super) fn kind(tokens: &[TokenWithSpan]) -> Result<StatementKind, Diagnostic> {
    let solid: Vec<&TokenWithSpan> =
        tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_))).collect();
    let words: Vec<String> = solid.iter().map(|token| word(token)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let explain = |message: &str, help: &str| {
        let at = solid.first().map_or_else(sqlparser::tokenizer::Span::empty, |one| one.span);
        Err(Diagnostic::error(span(at), message).help(help))
    };
    match words.as_slice() {
        ["grant" | "revoke", ..] if is_about_functions(&words) => explain(
            "a privilege on a function stands beside the function",
            "move it into functions.sql",
        ),
        ["grant" | "revoke", ..] => Ok(grant(&words)),
        ["drop", "policy", ..] => drop_policy(&solid, &words),
        ["alter", "policy", ..] => explain(
            "a policy is not altered here",
            "write the policy as it is to be, where it is created",
        ),
        ["alter", "table", .., "disable", "row", "level", "security"] => explain(
            "row level security is always on",
            "leave it out: `create policy .. for all using (true)` opens a table",
        ),
        ["alter", "table", .., "row", "level", "security"] => {
            let is_plain = words.iter().filter(|word| **word == "row").count() == 1;
            let asks_for_name = !words.contains(&"if");
            let is_parsed = is_plain && asks_for_name && !words.contains(&"no");
            Ok(if is_parsed { StatementKind::Other } else { StatementKind::WithoutEffect })
        }
        ["alter", .., "owner", "to", _]
        | ["alter", "default", "privileges", ..]
        | ["comment", "on", ..]
        | ["set" | "reset" | "begin" | "commit" | "start" | "notify", ..] => {
            Ok(StatementKind::WithoutEffect)
        }
        ["create", "function" | "procedure", ..]
        | ["create", "or", "replace", "function" | "procedure", ..] => {
            explain("functions have a file of their own", "move it into functions.sql")
        }
        ["create", kind, ..] if SCHEMA_KINDS.contains(kind) => {
            explain("this belongs into the schema", "move it into schema.sql")
        }
        ["create", "or", "replace", "view" | "trigger", ..] | ["alter", "table", ..] => {
            explain("this belongs into the schema", "move it into schema.sql")
        }
        ["insert" | "update" | "delete" | "copy", ..] => {
            explain("rows have no place in a policies file", "move them into seed.sql")
        }
        _ => Ok(StatementKind::Other),
    }
}

/// Whether a statement of `functions.sql` has no effect: what scripts have around functions.
pub(super) fn is_without_effect_beside_functions(tokens: &[TokenWithSpan]) -> bool {
    let solid = tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_)));
    let words: Vec<String> = solid.map(word).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["create", "schema" | "extension", ..]
        | ["alter", .., "owner", "to", _]
        | ["alter", "default", "privileges", ..]
        | ["comment", "on", ..]
        | ["drop", "function", "if", "exists", ..]
        | ["set" | "reset" | "begin" | "commit" | "start" | "notify", ..] => true,
        ["grant" | "revoke", ..] => matches!(grant(&words), StatementKind::WithoutEffect),
        _ => false,
    }
}

/// In lower case and without quotes.
fn word(token: &TokenWithSpan) -> String {
    match &token.token {
        Token::Word(word) => word.value.to_ascii_lowercase(),
        other => other.to_string(),
    }
}

fn is_about_functions(words: &[&str]) -> bool {
    let kinds = ["function", "functions", "routine", "routines", "procedure", "procedures"];
    let on = words.iter().position(|word| *word == "on").and_then(|at| words.get(at..));
    match on {
        Some([_, "all", kind, ..]) => kinds.contains(kind),
        Some([_, kind, next, ..]) => {
            kinds.contains(kind) && !["to", "from", ",", "."].contains(next)
        }
        _ => false,
    }
}

/// A grant that is about something else than tables, columns or functions.
fn grant(words: &[&str]) -> StatementKind {
    let on = words.iter().position(|word| *word == "on").and_then(|at| words.get(at..));
    let object = match on {
        Some([_, "all", kind, ..]) => format!("all {kind}"),
        Some([_, kind, next, ..]) if *next != "to" && *next != "from" && *next != "," => {
            (*kind).to_owned()
        }
        // A role is granted to another: no token here has either.
        None => return StatementKind::WithoutEffect,
        _ => return StatementKind::Other,
    };
    if WITHOUT_EFFECT.contains(&object.as_str()) {
        StatementKind::WithoutEffect
    } else {
        StatementKind::Other
    }
}

fn drop_policy(solid: &[&TokenWithSpan], words: &[&str]) -> Result<StatementKind, Diagnostic> {
    let if_exists = matches!(words.get(2..4), Some(["if", "exists"]));
    let rest = solid.get(if if_exists { 4 } else { 2 }..).unwrap_or_default();
    let named = |token: &TokenWithSpan| match &token.token {
        Token::Word(word) => Some(Name { text: word.value.clone(), span: span(token.span) }),
        _ => None,
    };
    let parts = match rest {
        [name, on, table] if word(on) == "on" => named(name).zip(named(table)),
        [name, on, _, dot, table] if word(on) == "on" && dot.token == Token::Period => {
            named(name).zip(named(table))
        }
        _ => None,
    };
    let Some((name, table)) = parts else {
        let at = solid.first().map_or_else(sqlparser::tokenizer::Span::empty, |one| one.span);
        return Err(Diagnostic::error(span(at), "syntax error in `drop policy`")
            .help("write `drop policy if exists \"name\" on table`"));
    };
    Ok(StatementKind::DropPolicy { name, table, if_exists })
}
