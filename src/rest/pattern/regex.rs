//! The regular expressions that patterns can stand for.
//!
//! ```text
//! expression  = alternative *( "|" alternative )         ^Ada|Grace$
//! alternative = [ "^" ] *( "." / ".*" / ".+" / "\" punctuation / character ) [ "$" ]
//! ```

use super::Token;
use crate::error::Error;

/// The most alternatives of one expression.
const ALTERNATIVES_MAX: usize = 32;

/// Reads an expression as patterns.
///
/// # Errors
/// `PGRST127` when it is more than the grammar above has.
pub fn alternatives(text: &str) -> Result<Vec<Vec<Token>>, Error> {
    let mut characters = text.chars().peekable();
    let mut found = Vec::new();
    loop {
        let mut tokens = Vec::new();
        if characters.next_if_eq(&'^').is_none() {
            tokens.push(Token::Many);
        }
        let mut is_open = true;
        let goes_on = loop {
            match characters.next() {
                None => break false,
                Some('|') => break true,
                // Nothing may stand behind the end.
                Some(_) if !is_open => return Err(unsupported()),
                Some('$') => is_open = false,
                Some('.') if characters.next_if_eq(&'*').is_some() => tokens.push(Token::Many),
                Some('.') => {
                    tokens.push(Token::One);
                    if characters.next_if_eq(&'+').is_some() {
                        tokens.push(Token::Many);
                    }
                }
                // Before letters and digits it means something else.
                Some('\\') => match characters.next() {
                    Some(escaped) if escaped.is_ascii_punctuation() || escaped == ' ' => {
                        tokens.push(Token::Literal(escaped));
                    }
                    _ => return Err(unsupported()),
                },
                Some('*' | '+' | '?' | '(' | ')' | '[' | ']' | '{' | '}' | '^') => {
                    return Err(unsupported());
                }
                Some(character) => tokens.push(Token::Literal(character)),
            }
            // What was read may not be repeated.
            if matches!(characters.peek(), Some('*' | '+' | '?' | '{')) {
                return Err(unsupported());
            }
        };
        if is_open {
            tokens.push(Token::Many);
        }
        if found.len() == ALTERNATIVES_MAX {
            return Err(unsupported());
        }
        found.push(tokens);
        if !goes_on {
            return Ok(found);
        }
    }
}

fn unsupported() -> Error {
    Error::not_implemented(format!(
        "of regular expressions there are texts, ^ $ . .* .+ escaped characters, and | between at \
         most {ALTERNATIVES_MAX} of them; use those, or like and ilike, which take %, * and _"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::{Pattern, Shape};
    use super::*;
    use crate::error::Code;

    #[track_caller]
    fn reads(text: &str, expected: &[Shape]) {
        let patterns = Pattern::regex(text, false).expect(text);
        let shapes: Vec<Shape> = patterns.into_iter().map(|pattern| pattern.shape).collect();
        assert_eq!(shapes, expected, "{text}");
    }

    #[test]
    fn what_patterns_can_stand_for_is_read() {
        let text = String::from;
        reads("abc", &[Shape::Contains(text("abc"))]);
        reads("^abc", &[Shape::Prefix(text("abc"))]);
        reads("abc$", &[Shape::Suffix(text("abc"))]);
        reads("^abc$", &[Shape::Equal(text("abc"))]);
        reads("^a.*b$", &[Shape::Glob(text("a*b"))]);
        reads("^a.b", &[Shape::Glob(text("a?b*"))]);
        reads("^a.+$", &[Shape::Glob(text("a?*"))]);
        reads(r"^1\.5\$$", &[Shape::Equal(text("1.5$"))]);
        reads("^a|b$", &[Shape::Prefix(text("a")), Shape::Suffix(text("b"))]);
        reads("a%_*".trim_end_matches('*'), &[Shape::Contains(text("a%_"))]);
        reads(".*", &[Shape::Contains(text(""))]);
        reads("", &[Shape::Contains(text(""))]);
        reads("^$", &[Shape::Equal(text(""))]);
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "a*", "a+", "a?", "(a)", "[ab]", "a{2}", "^*", "a^b", "a$b", "$a", "a$$", r"\d", r"\",
            r"\w+", "a|b*", ".{2}", ".*?", ".*+", ".?", "(?i)a", "***=a", r"\.*", "x]", "]",
        ] {
            let refused = Pattern::regex(text, false).map_err(|error| error.code);
            assert_eq!(refused, Err(Code::NotImplemented), "{text}");
        }
        let many = vec!["a"; ALTERNATIVES_MAX + 1].join("|");
        assert!(Pattern::regex(&many, false).is_err());
    }
}
