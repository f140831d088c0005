//! Patterns: `like`, `ilike`, and what can be had of regular expressions.
//!
//! SQLite's `LIKE` ignores the case of ASCII letters only, and D1 refuses patterns over 50 bytes. So
//! the common shapes become comparisons of parts, a short irregular one becomes a `GLOB`, and a long
//! one a list of segments that are looked for one after another.

mod fold;
mod regex;

use crate::error::{Code, Error};
use fold::{fold, folds};

/// The longest `LIKE` or `GLOB` pattern that D1 takes, in bytes.
pub const PATTERN_BYTES_MAX: usize = 50;

/// The most parts of a longer pattern that may stand anywhere.
const PARTS_MAX: usize = 100;

/// A pattern, ready to be compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    /// What to look for; in lower case when case is ignored.
    pub shape: Shape,
    /// Whether case is ignored.
    pub ignore_case: bool,
    /// The letters beyond ASCII that SQLite's `lower` leaves alone and that count as others of the
    /// pattern when case is ignored: each with what it counts as.
    pub folds: Vec<(char, char)>,
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
    /// A pattern for `GLOB`.
    Glob(String),
    /// One after another.
    Segments(Segments),
}

/// Texts that must follow one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segments {
    /// At the start.
    pub first: Segment,
    /// In this order, anywhere between; each has one run at most.
    pub middle: Vec<Segment>,
    /// At the end; without it the first is all there is.
    pub last: Option<Segment>,
}

/// A text some of whose characters may be any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Segment {
    /// How many characters it has.
    pub length: usize,
    /// The characters that are given, each run with the number of characters before it.
    pub runs: Vec<(usize, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Literal(char),
    One,
    Many,
}

impl Pattern {
    /// Reads a pattern of `like` in which `%` or `*` stands for any text, `_` for any character, and
    /// a backslash takes the next character literally.
    ///
    /// # Errors
    /// `22025` when it ends with a backslash, `PGRST127` when it has too many letters beyond ASCII
    /// whose case is to be ignored, or would take too long to look for.
    pub fn like(text: &str, ignore_case: bool) -> Result<Self, Error> {
        Self::of(tokens(text)?, ignore_case)
    }

    /// Reads a regular expression of texts, `.`, `.*`, `.+`, `^`, `$` and escaped characters, and
    /// answers its alternatives.
    ///
    /// # Errors
    /// `PGRST127` when it is anything else, and as [`Self::like`].
    pub fn regex(text: &str, ignore_case: bool) -> Result<Vec<Self>, Error> {
        let alternatives = regex::alternatives(text)?;
        alternatives.into_iter().map(|tokens| Self::of(tokens, ignore_case)).collect()
    }

    fn of(mut tokens: Vec<Token>, ignore_case: bool) -> Result<Self, Error> {
        tokens.dedup_by(|next, before| (*next, *before) == (Token::Many, Token::Many));
        let mut letters = Vec::new();
        if ignore_case {
            for token in &mut tokens {
                if let Token::Literal(character) = token {
                    *character = fold(*character);
                    letters.push(*character);
                }
            }
        }
        let shape = shape(&tokens);
        if let Shape::Segments(segments) = &shape {
            check_cost(&segments.middle)?;
        }
        Ok(Self { shape, ignore_case, folds: folds(&letters)? })
    }
}

/// What may stand anywhere is looked for once and never again: with a hole in it, it would have to be
/// tried at every place of a text.
fn check_cost(middle: &[Segment]) -> Result<(), Error> {
    if middle.len() <= PARTS_MAX && middle.iter().all(|segment| segment.runs.len() <= 1) {
        return Ok(());
    }
    Err(Error::not_implemented(
        "a pattern of more than 50 bytes has at most 100 parts between two %, \
         and within them no _ between other characters",
    ))
}

fn shape(tokens: &[Token]) -> Shape {
    match tokens {
        [Token::Many] => Shape::Contains(String::new()),
        [Token::Many, middle @ .., Token::Many] if is_literal(middle) => {
            Shape::Contains(literal(middle))
        }
        [Token::Many, rest @ ..] if is_literal(rest) => Shape::Suffix(literal(rest)),
        [start @ .., Token::Many] if is_literal(start) => Shape::Prefix(literal(start)),
        all if is_literal(all) => Shape::Equal(literal(all)),
        all => {
            let glob = glob(all);
            if glob.len() <= PATTERN_BYTES_MAX {
                Shape::Glob(glob)
            } else {
                Shape::Segments(segments(all))
            }
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Error> {
    let mut characters = text.chars();
    let mut tokens = Vec::new();
    while let Some(character) = characters.next() {
        tokens.push(match character {
            '%' | '*' => Token::Many,
            '_' => Token::One,
            '\\' => Token::Literal(characters.next().ok_or_else(|| {
                let message = "LIKE pattern must not end with escape character";
                Error::new(Code::PatternInvalid, message)
            })?),
            other => Token::Literal(other),
        });
    }
    Ok(tokens)
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

fn glob(tokens: &[Token]) -> String {
    let mut pattern = String::new();
    for token in tokens {
        match token {
            Token::Many => pattern.push('*'),
            Token::One => pattern.push('?'),
            Token::Literal(character @ ('*' | '?' | '[')) => {
                pattern.push('[');
                pattern.push(*character);
                pattern.push(']');
            }
            Token::Literal(character) => pattern.push(*character),
        }
    }
    pattern
}

fn segments(tokens: &[Token]) -> Segments {
    let mut all = tokens.split(|token| *token == Token::Many).map(segment);
    let first = all.next().unwrap_or_default();
    let mut middle: Vec<Segment> = all.collect();
    let last = middle.pop();
    Segments { first, middle, last }
}

fn segment(tokens: &[Token]) -> Segment {
    let mut runs: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (position, token) in tokens.iter().enumerate() {
        let Token::Literal(character) = token else {
            goes_on = false;
            continue;
        };
        match runs.last_mut().filter(|_| goes_on) {
            Some((_, run)) => run.push(*character),
            None => runs.push((position, String::from(*character))),
        }
        goes_on = true;
    }
    Segment { length: tokens.len(), runs }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes() {
        let shape = |text, ignore_case| Pattern::like(text, ignore_case).map(|found| found.shape);
        let text = String::from;
        assert_eq!(shape("Abc", false), Ok(Shape::Equal(text("Abc"))));
        assert_eq!(shape("Abc*", true), Ok(Shape::Prefix(text("abc"))));
        assert_eq!(shape("%abc", false), Ok(Shape::Suffix(text("abc"))));
        assert_eq!(shape("%%abc**", false), Ok(Shape::Contains(text("abc"))));
        assert_eq!(shape("*", false), Ok(Shape::Contains(text(""))));
        assert_eq!(shape("", false), Ok(Shape::Equal(text(""))));
        assert_eq!(shape("100\\%", false), Ok(Shape::Equal(text("100%"))));
        assert_eq!(shape("a_c", false), Ok(Shape::Glob(text("a?c"))));
        assert_eq!(shape("a[%c\\*", false), Ok(Shape::Glob(text("a[[]*c[*]"))));
        assert_eq!(shape("A%\\_c", true), Ok(Shape::Glob(text("a*_c"))));
        assert_eq!(shape("a\\", false).map_err(|error| error.code), Err(Code::PatternInvalid));
    }

    #[test]
    fn what_is_long_is_cut_into_segments() {
        let long = "x".repeat(50);
        let pattern = Pattern::like(&format!("a__bc%_d_%{long}"), false).expect("a pattern");
        let run = |at, text: &str| (at, text.to_owned());
        let expected = Segments {
            first: Segment { length: 5, runs: vec![run(0, "a"), run(3, "bc")] },
            middle: vec![Segment { length: 3, runs: vec![run(1, "d")] }],
            last: Some(Segment { length: 50, runs: vec![run(0, &long)] }),
        };
        assert_eq!(pattern.shape, Shape::Segments(expected));
        let pattern = Pattern::like(&format!("_{long}"), false).expect("a pattern");
        let first = Segment { length: 51, runs: vec![run(1, &long)] };
        let expected = Segments { first, middle: Vec::new(), last: None };
        assert_eq!(pattern.shape, Shape::Segments(expected));
    }

    #[test]
    fn what_would_be_tried_at_every_place_is_refused() {
        let check = |text: &str| Pattern::like(text, true).map(drop).map_err(|error| error.code);
        let long = "x".repeat(50);
        for fine in
            [format!("a_b%_c_%{long}"), format!("%{long}%a_b"), "%a_b%".into(), "a%".repeat(101)]
        {
            assert_eq!(check(&fine), Ok(()), "{fine}");
        }
        for refused in [format!("%a_b%{long}"), format!("{long}%a_b%"), "a%".repeat(102)] {
            assert_eq!(check(&refused), Err(Code::NotImplemented), "{refused}");
        }
    }
}
