//! `like` and `ilike` patterns.
//!
//! SQLite's `LIKE` ignores the case of ASCII letters, and D1 refuses patterns over 50 bytes. So the
//! common shapes become comparisons of parts, and only the rest becomes a `GLOB` or `LIKE`.

use crate::error::{Code, Error};

/// The longest `LIKE` or `GLOB` pattern that D1 takes, in bytes.
pub const PATTERN_BYTES_MAX: usize = 50;

/// A pattern, ready to be compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// What to look for, in lower case when case is ignored.
    pub shape: Shape,
    /// Whether the case of ASCII letters is ignored.
    pub ignore_case: bool,
}

/// Where a text must stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// The whole text.
    Equal(String),
    /// At the start.
    Prefix(String),
    /// At the end.
    Suffix(String),
    /// Anywhere.
    Contains(String),
    /// A pattern for `GLOB`, or for `LIKE .. ESCAPE '\'` when case is ignored.
    General(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Literal(char),
    One,
    Many,
}

impl Pattern {
    /// Reads a pattern in which `%` or `*` stands for any text, `_` for any character, and a
    /// backslash takes the next character literally.
    ///
    /// # Errors
    /// `PGRST127` when it is both irregular and too long.
    pub fn compile(text: &str, ignore_case: bool) -> Result<Self, Error> {
        let mut tokens = tokens(text);
        tokens.dedup_by(|next, before| (*next, *before) == (Token::Many, Token::Many));
        if ignore_case {
            for token in &mut tokens {
                if let Token::Literal(character) = token {
                    character.make_ascii_lowercase();
                }
            }
        }
        let shape = match tokens.as_slice() {
            [Token::Many] => Shape::Contains(String::new()),
            [Token::Many, middle @ .., Token::Many] if is_literal(middle) => {
                Shape::Contains(literal(middle))
            }
            [Token::Many, rest @ ..] if is_literal(rest) => Shape::Suffix(literal(rest)),
            [start @ .., Token::Many] if is_literal(start) => Shape::Prefix(literal(start)),
            all if is_literal(all) => Shape::Equal(literal(all)),
            all => general(all, ignore_case)?,
        };
        Ok(Self { shape, ignore_case })
    }
}

fn tokens(text: &str) -> Vec<Token> {
    let mut characters = text.chars();
    let mut tokens = Vec::new();
    while let Some(character) = characters.next() {
        tokens.push(match character {
            '%' | '*' => Token::Many,
            '_' => Token::One,
            '\\' => Token::Literal(characters.next().unwrap_or('\\')),
            other => Token::Literal(other),
        });
    }
    tokens
}

fn is_literal(tokens: &[Token]) -> bool {
    tokens.iter().all(|token| matches!(token, Token::Literal(_)))
}

fn literal(tokens: &[Token]) -> String {
    tokens
        .iter()
        .filter_map(|token| match token {
            Token::Literal(character) => Some(*character),
            Token::One | Token::Many => None,
        })
        .collect()
}

fn general(tokens: &[Token], ignore_case: bool) -> Result<Shape, Error> {
    let mut pattern = String::new();
    for token in tokens {
        match (token, ignore_case) {
            (Token::Many, true) => pattern.push('%'),
            (Token::Many, false) => pattern.push('*'),
            (Token::One, true) => pattern.push('_'),
            (Token::One, false) => pattern.push('?'),
            (Token::Literal(character), true) => {
                if matches!(character, '%' | '_' | '\\') {
                    pattern.push('\\');
                }
                pattern.push(*character);
            }
            (Token::Literal(character), false) if matches!(character, '*' | '?' | '[') => {
                pattern.push('[');
                pattern.push(*character);
                pattern.push(']');
            }
            (Token::Literal(character), false) => pattern.push(*character),
        }
    }
    if pattern.len() > PATTERN_BYTES_MAX {
        return Err(Error::new(Code::NotImplemented, "Feature not implemented").details(format!(
            "a pattern of this shape may have {PATTERN_BYTES_MAX} bytes; patterns that begin with, \
             end with or contain one text may be longer"
        )));
    }
    Ok(Shape::General(pattern))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let shape =
            |text, ignore_case| Pattern::compile(text, ignore_case).map(|found| found.shape);
        let text = String::from;
        assert_eq!(shape("Abc", false), Ok(Shape::Equal(text("Abc"))));
        assert_eq!(shape("Abc*", true), Ok(Shape::Prefix(text("abc"))));
        assert_eq!(shape("%abc", false), Ok(Shape::Suffix(text("abc"))));
        assert_eq!(shape("%%abc**", false), Ok(Shape::Contains(text("abc"))));
        assert_eq!(shape("*", false), Ok(Shape::Contains(text(""))));
        assert_eq!(shape("", false), Ok(Shape::Equal(text(""))));
        assert_eq!(shape("100\\%", false), Ok(Shape::Equal(text("100%"))));
        assert_eq!(shape("a_c", false), Ok(Shape::General(text("a?c"))));
        assert_eq!(shape("a[%c\\*", false), Ok(Shape::General(text("a[[]*c[*]"))));
        assert_eq!(shape("a%\\_c", true), Ok(Shape::General(text("a%\\_c"))));
        let long = format!("{}_b", "a".repeat(60));
        assert_eq!(shape(&long, false).map_err(|error| error.code), Err(Code::NotImplemented));
    }
}
