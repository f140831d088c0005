//! Types as PostgreSQL writes them.

use super::cursor::is_word;
use crate::catalog::Type;
use crate::compiler::lexer::{Kind, Token};
use crate::compiler::types;

/// A type as it is written, read without its quotes and schema.
#[derive(Debug, Clone)]
pub(super) struct Written {
    /// In lower case, words apart by one space.
    pub text: String,
    /// Whether it has to be written anew for SQLite.
    pub is_foreign: bool,
}

impl Written {
    pub fn kind(&self) -> Option<Type> {
        types::parse(&self.text)
    }

    /// The size of a `serial` type in SQLite's words.
    pub fn is_serial(&self) -> bool {
        matches!(
            self.text.as_str(),
            "serial" | "serial4" | "bigserial" | "serial8" | "smallserial" | "serial2"
        )
    }

    /// The type of a column that numbers its rows, in PostgreSQL's words for one.
    pub fn declared_number(&self) -> &'static str {
        match self.text.as_str() {
            "bigint" | "int8" | "bigserial" | "serial8" => "bigserial",
            "smallint" | "int2" | "smallserial" | "serial2" => "smallserial",
            _ => "integer",
        }
    }

    /// Without `[]`.
    pub fn item(&self) -> &str {
        self.text.strip_suffix("[]").unwrap_or(&self.text)
    }
}

/// Reads the tokens of a type.
pub(super) fn written(tokens: &[Token<'_>]) -> Written {
    let mut is_foreign = false;
    let mut rest = tokens;
    if let [schema, dot, ..] = tokens
        && dot.is(".")
        && ["public", "pg_catalog", "extensions"].iter().any(|name| is_word(schema, name))
    {
        rest = tokens.get(2..).unwrap_or_default();
        is_foreign = true;
    }
    let mut text = String::new();
    for token in rest {
        let word = match token.kind {
            Kind::Quoted if token.text.starts_with('[') => token.text.to_owned(),
            Kind::Quoted => {
                is_foreign = true;
                token.name().unwrap_or_default()
            }
            _ => token.text.to_ascii_lowercase(),
        };
        let is_word = matches!(token.kind, Kind::Word) || word.starts_with(char::is_alphabetic);
        if is_word && !text.is_empty() && !text.ends_with('(') {
            text.push(' ');
        }
        text.push_str(&word);
    }
    // PostgreSQL's own name of `text` with blanks.
    if text == "bpchar" || text == "name" {
        return Written { text: "text".to_owned(), is_foreign: true };
    }
    Written { text, is_foreign }
}

/// What to write instead of a type that is not here; none for what PostgreSQL has not either.
pub(super) fn instead(written: &str) -> Option<&'static str> {
    let base = written.split(['(', '[', ' ']).next().unwrap_or_default();
    Some(match base {
        "interval" => "write an integer of seconds, or text",
        "timetz" => "write time, or timestamptz",
        "inet" | "cidr" | "macaddr" | "xml" | "ltree" => "write text",
        "money" => "write numeric(12, 2), or an integer of cents",
        "tsvector" | "tsquery" => "full-text search is an FTS5 table: see docs/search.md",
        "vector" | "halfvec" => "write bytea or jsonb; there is no search by similarity",
        "hstore" => "write jsonb",
        "bit" | "varbit" => "write integer, or text",
        "point" | "line" | "box" | "polygon" | "circle" | "path" | "geometry" | "geography" => {
            "write two columns of double precision, or jsonb"
        }
        "int4range" | "int8range" | "numrange" | "daterange" | "tsrange" | "tstzrange" => {
            "write two columns, and a check that one is not above the other"
        }
        "oid" | "regclass" | "regtype" => "write bigint",
        _ if written.starts_with("time with time zone") => "write time, or timestamptz",
        _ if written.starts_with("timestamp(") || written.starts_with("timestamptz(") => {
            "leave the precision out: times are kept to the microsecond"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compiler::lexer::tokens;

    #[test]
    fn reads_quoted_and_qualified_types() {
        for (text, expected, is_foreign) in [
            ("TIMESTAMP  with Time zone", "timestamp with time zone", false),
            ("\"text\"[]", "text[]", true),
            ("public.\"mood\"", "mood", true),
            ("numeric (10, 2)", "numeric(10,2)", false),
            ("pg_catalog.int4", "int4", true),
            ("timestamp(6) with time zone", "timestamp(6) with time zone", false),
            ("\"public\".\"mood\"[]", "mood[]", true),
        ] {
            let found = written(&tokens(text));
            assert_eq!((found.text.as_str(), found.is_foreign), (expected, is_foreign), "{text}");
        }
    }
}
