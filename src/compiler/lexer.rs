//! Cuts SQLite's SQL into tokens and statements, so that a message can point into the text and
//! declared names can be read that no pragma tells. SQLite itself judges the syntax.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or a bare name.
    Word,
    /// A name in `".."`, `[..]` or backquotes.
    Quoted,
    /// A string in `'..'`.
    Text,
    /// A string that only PostgreSQL has: `$$..$$`, `$tag$..$tag$` or `e'..'`.
    Foreign,
    /// A number.
    Number,
    /// One character of anything else.
    Symbol,
}

/// A token and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'a> {
    pub kind: Kind,
    pub text: &'a str,
    /// The offset of its first byte in the whole text.
    pub start: usize,
}

impl Token<'_> {
    /// Where it stands, in bytes.
    pub fn range(&self) -> Range<usize> {
        self.start..self.start.saturating_add(self.text.len())
    }

    /// Whether it is that keyword or symbol; keywords have no case.
    pub fn is(&self, word: &str) -> bool {
        matches!(self.kind, Kind::Word | Kind::Symbol) && self.text.eq_ignore_ascii_case(word)
    }

    /// The name it stands for, if it can be one.
    pub fn name(&self) -> Option<String> {
        match self.kind {
            Kind::Word => Some(self.text.to_owned()),
            // SQLite takes a string for a name where only a name can stand.
            Kind::Quoted | Kind::Text => Some(unquote(self.text)),
            Kind::Number | Kind::Symbol | Kind::Foreign => None,
        }
    }
}

/// Takes the quotes off, as SQLite does: what follows the closing quote is dropped.
pub(super) fn unquote(text: &str) -> String {
    let mut characters = text.chars();
    let close = match characters.next() {
        Some('[') => ']',
        Some(quote @ ('"' | '\'' | '`')) => quote,
        _ => return text.to_owned(),
    };
    let mut name = String::new();
    while let Some(character) = characters.next() {
        if character == close && (close == ']' || characters.next() != Some(close)) {
            break;
        }
        name.push(character);
    }
    name
}

/// All tokens of a text; comments and white space are left out.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
        let (kind, length) = measure(rest);
        if let (Some(kind), Some(text)) = (kind, rest.get(..length)) {
            tokens.push(Token { kind, text, start });
        }
        start = start.saturating_add(length.max(1));
    }
    tokens
}

/// The kind and the length in bytes of what `rest` begins with; no kind for what is left out.
fn measure(rest: &str) -> (Option<Kind>, usize) {
    let first = rest.chars().next().unwrap_or_default();
    let run = |accepts: fn(char) -> bool| rest.find(|c| !accepts(c)).unwrap_or(rest.len());
    if rest.starts_with("--") {
        return (None, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (None, rest.find("*/").map_or(rest.len(), |end| end.saturating_add(2)));
    }
    if let Some(length) = dollar_quoted(rest).or_else(|| escape_string(rest)) {
        return (Some(Kind::Foreign), length);
    }
    match first {
        '\'' => (Some(Kind::Text), quoted(rest, '\'')),
        '"' | '`' => (Some(Kind::Quoted), quoted(rest, first)),
        '[' => (Some(Kind::Quoted), rest.find(']').map_or(rest.len(), |end| end.saturating_add(1))),
        c if c.is_whitespace() => (None, run(char::is_whitespace)),
        c if is_word(c) && !c.is_ascii_digit() => (Some(Kind::Word), run(is_word)),
        c if c.is_ascii_digit() => (Some(Kind::Number), run(|c| is_word(c) || c == '.')),
        c => (Some(Kind::Symbol), c.len_utf8()),
    }
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii()
}

/// The length of `$tag$..$tag$`. SQLite has no such strings, nor a name that begins with `$`.
fn dollar_quoted(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('$')?;
    let tag = inside.get(..inside.find('$')?)?;
    let is_tag = |c: char| c.is_alphanumeric() || c == '_';
    if !tag.chars().all(is_tag) || tag.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let delimiter = rest.get(..tag.len().saturating_add(2))?;
    let body = rest.get(delimiter.len()..)?;
    let end = body.find(delimiter).map(|at| at.saturating_add(delimiter.len()));
    Some(delimiter.len().saturating_add(end.unwrap_or(body.len())))
}

/// The length of `e'..'`, in which a backslash hides the quote behind it.
fn escape_string(rest: &str) -> Option<usize> {
    if !rest.starts_with("e'") && !rest.starts_with("E'") {
        return None;
    }
    let mut inside = rest.char_indices().skip(2).peekable();
    while let Some((at, character)) = inside.next() {
        match character {
            '\\' => drop(inside.next()),
            '\'' if inside.next_if(|(_, next)| *next == '\'').is_none() => {
                return Some(at.saturating_add(1));
            }
            _ => {}
        }
    }
    Some(rest.len())
}

/// The length of a quoted text, in which the quote is doubled.
fn quoted(rest: &str, quote: char) -> usize {
    let mut inside = rest.char_indices().skip(1).peekable();
    while let Some((at, character)) = inside.next() {
        if character == quote && inside.next_if(|(_, next)| *next == quote).is_none() {
            return at.saturating_add(1);
        }
    }
    rest.len()
}

/// The statements of a text, each without its semicolon.
pub(super) fn statements(text: &str) -> Vec<Vec<Token<'_>>> {
    let mut statements = Vec::new();
    let mut statement: Vec<Token<'_>> = Vec::new();
    for token in tokens(text) {
        if !token.is(";") || is_inside_trigger(&statement) {
            statement.push(token);
        } else if !statement.is_empty() {
            statements.push(std::mem::take(&mut statement));
        }
    }
    if !statement.is_empty() {
        statements.push(statement);
    }
    statements
}

/// A trigger goes on to the semicolon behind an `end` that begins a statement of its body.
fn is_inside_trigger(statement: &[Token<'_>]) -> bool {
    let begins_trigger = match statement {
        [create, kind, ..] if create.is("create") && kind.is("trigger") => true,
        [create, temporary, kind, ..] if create.is("create") && kind.is("trigger") => {
            temporary.is("temp") || temporary.is("temporary")
        }
        _ => false,
    };
    // PostgreSQL's triggers have no body but call a function.
    let calls = |two: &[Token<'_>]| {
        matches!(two, [execute, kind] if execute.is("execute")
            && (kind.is("function") || kind.is("procedure")))
    };
    let has_body = statement.iter().any(|token| token.is("begin"));
    if begins_trigger && !has_body && statement.windows(2).any(calls) {
        return false;
    }
    let has_ended = matches!(statement, [.., before, end] if before.is(";") && end.is("end"));
    begins_trigger && !has_ended
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        let join = |statement: &Vec<Token<'_>>| {
            statement.iter().map(|token| token.text).collect::<Vec<_>>().join(" ")
        };
        statements(text).iter().map(join).collect()
    }

    #[test]
    fn semicolons_in_strings_comments_and_triggers_end_nothing() {
        assert_eq!(
            cut("select ';', \"a;b\"; -- ; no\n/* ; */ select [x;y];;"),
            ["select ';' , \"a;b\"", "select [x;y]"]
        );
        assert_eq!(
            cut("create trigger t after insert on a begin \
                 update a set b = case when 1 then 2 end; select 1; end; select 2"),
            [
                "create trigger t after insert on a begin update a set b = \
                 case when 1 then 2 end ; select 1 ; end",
                "select 2"
            ]
        );
    }

    #[test]
    fn an_open_quote_or_comment_takes_the_rest() {
        assert_eq!(cut("select 'a; b"), ["select 'a; b"]);
        assert_eq!(cut("select 1 /* ; b"), ["select 1"]);
    }

    #[test]
    fn strings_of_postgres_hide_semicolons_and_its_triggers_have_no_body() {
        assert_eq!(
            cut("create function f() as $a$ x; $b$ y; $a$ language sql; select e'a\\'; b'; c"),
            ["create function f ( ) as $a$ x; $b$ y; $a$ language sql", "select e'a\\'; b'", "c"]
        );
        assert_eq!(
            cut("create trigger t after insert on a for each row execute function f(); select 2"),
            ["create trigger t after insert on a for each row execute function f ( )", "select 2"]
        );
        assert_eq!(cut("as $$ x; y"), ["as $$ x; y"]);
        assert_eq!(cut("values (a$b$c; $1;)"), ["values ( a$b$c", "$1", ")"]);
    }

    #[test]
    fn takes_quotes_off() {
        for (text, name) in [
            ("plain", "plain"),
            ("\"a\"\"b\"", "a\"b"),
            ("[a\"b]", "a\"b"),
            ("`a``b`", "a`b"),
            ("'it''s'", "it's"),
            ("\"a\" > 0", "a"),
        ] {
            assert_eq!(unquote(text), name);
        }
    }
}
