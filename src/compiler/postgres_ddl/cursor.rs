//! Walks through the tokens of a statement.

use std::ops::Range;

use crate::compiler::declarations::inside;
use crate::compiler::lexer::{Kind, Token};

/// A place among tokens.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'t, 'a> {
    tokens: &'t [Token<'a>],
    at: usize,
}

/// A name that may have a schema in front.
#[derive(Debug, Clone, Copy)]
pub(super) struct Qualified<'a> {
    pub schema: Option<Token<'a>>,
    pub name: Token<'a>,
}

impl<'t, 'a> Cursor<'t, 'a> {
    pub const fn new(tokens: &'t [Token<'a>]) -> Self {
        Self { tokens, at: 0 }
    }

    pub fn rest(&self) -> &'t [Token<'a>] {
        self.tokens.get(self.at..).unwrap_or_default()
    }

    pub fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    pub fn next(&mut self) -> Option<Token<'a>> {
        let token = self.peek()?;
        self.at = self.at.saturating_add(1);
        Some(token)
    }

    pub fn skip(&mut self, count: usize) {
        self.at = self.at.saturating_add(count);
    }

    /// Whether these words come next.
    pub fn sees(&self, words: &[&str]) -> bool {
        let rest = self.rest();
        rest.len() >= words.len() && words.iter().zip(rest).all(|(word, token)| token.is(word))
    }

    /// Takes these words if they come next.
    pub fn take(&mut self, words: &[&str]) -> bool {
        let is_next = self.sees(words);
        if is_next {
            self.skip(words.len());
        }
        is_next
    }

    /// Takes a group in parentheses if one comes next, and returns what is inside.
    pub fn group(&mut self) -> Option<&'t [Token<'a>]> {
        let inner = self.peek().filter(|token| token.is("(")).and_then(|_| inside(self.rest()))?;
        self.skip(inner.len().saturating_add(2));
        Some(inner)
    }

    /// Takes a name.
    pub fn qualified(&mut self) -> Option<Qualified<'a>> {
        let first = self.next().filter(is_name)?;
        if !self.sees(&["."]) {
            return Some(Qualified { schema: None, name: first });
        }
        self.skip(1);
        Some(Qualified { schema: Some(first), name: self.next().filter(is_name)? })
    }
}

impl Qualified<'_> {
    pub fn range(&self) -> Range<usize> {
        self.schema.unwrap_or(self.name).start..self.name.range().end
    }

    /// Without its schema.
    pub fn text(&self) -> String {
        self.name.name().unwrap_or_default()
    }

    /// The schema, in lower case.
    pub fn schema(&self) -> Option<String> {
        self.schema.and_then(|schema| schema.name()).map(|name| name.to_ascii_lowercase())
    }
}

/// Whether a token can be a name.
pub(super) fn is_name(token: &Token<'_>) -> bool {
    match token.kind {
        Kind::Word => true,
        Kind::Quoted => !token.text.starts_with('['),
        _ => false,
    }
}

/// Whether a token is that word, be it quoted or not. `pg_dump` and Supabase quote all names.
pub(super) fn is_word(token: &Token<'_>, word: &str) -> bool {
    is_name(token) && token.name().is_some_and(|name| name.eq_ignore_ascii_case(word))
}

/// The bytes of some tokens.
pub(super) fn range(tokens: &[Token<'_>]) -> Range<usize> {
    match tokens {
        [] => 0..0,
        [only] => only.range(),
        [first, .., last] => first.start..last.range().end,
    }
}
