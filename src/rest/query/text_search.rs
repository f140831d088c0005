//! What is searched for in a text, in the four notations that Postgres has for it.
//!
//! ```text
//! fts    expression = and *( "|" and )                         cat & !(dog | 'black bird')
//!        and        = phrase *( "&" phrase )
//!        phrase     = not *( "<->" not )                       sat <-> on
//!        not        = "!" not / "(" expression ")" / word [ ":*" ]
//!        word       = 1*( any but white space and "!&|():" ) / "'" .. "'"
//! plfts  every word of the text                                fat cats
//! phfts  its words in that order, next to each other           fat cats
//! wfts   words, "phrases", "or" and "-word"                    "fat cats" or -dog
//! ```

use super::cursor::{Cursor, Unparsed, shortened};
use crate::error::{Code, Error};

/// The longest search, in bytes.
pub const SEARCH_BYTES_MAX: usize = 2_000;

/// The most words and phrases of one search.
pub const SEARCH_TERMS_MAX: usize = 100;

/// The deepest nesting of parentheses and negations in one search.
pub const SEARCH_NESTING_MAX: usize = 16;

/// A search, as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextSearch {
    /// How it is written.
    pub notation: Notation,
    /// The name in parentheses, such as `english`.
    pub language: Option<String>,
    /// What is searched for.
    pub text: String,
}

/// The four notations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// `fts`, as `to_tsquery`.
    Expression,
    /// `plfts`, as `plainto_tsquery`.
    Plain,
    /// `phfts`, as `phraseto_tsquery`.
    Phrase,
    /// `wfts`, as `websearch_to_tsquery`.
    Web,
}

/// What must be in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought {
    /// Words next to each other, at least one; with `prefix` the last one may go on.
    Phrase { words: String, prefix: bool },
    /// All of them.
    All(Vec<Self>),
    /// Any of them.
    Any(Vec<Self>),
    /// Not that.
    Not(Box<Self>),
}

impl Notation {
    /// The notation of an operator.
    pub fn of_operator(operator: &str) -> Option<Self> {
        Some(match operator {
            "fts" => Self::Expression,
            "plfts" => Self::Plain,
            "phfts" => Self::Phrase,
            "wfts" => Self::Web,
            _ => return None,
        })
    }
}

impl TextSearch {
    /// Reads the `(english)` behind an operator, if it is there.
    pub fn language(cursor: &mut Cursor<'_>) -> Result<Option<String>, Unparsed> {
        if !cursor.eat("(") {
            return Ok(None);
        }
        let name = cursor.take_while(|c| c.is_ascii_alphanumeric() || c == '_').to_owned();
        if name.is_empty() || !cursor.eat(")") {
            return Err(cursor.unexpected("a language and ')'"));
        }
        Ok(Some(name))
    }

    /// Reads what is sought; `None` when there is no word in it, which finds nothing.
    ///
    /// # Errors
    /// `42601` when an expression does not parse, `54001` when it is too large, `PGRST127` for what
    /// FTS5 cannot tell.
    pub fn read(&self) -> Result<Option<Sought>, Error> {
        if self.text.len() > SEARCH_BYTES_MAX {
            return Err(too_complex(&format!("a search has at most {SEARCH_BYTES_MAX} bytes")));
        }
        let mut reader = Reader { text: &self.text, rest: &self.text, terms: 0 };
        match self.notation {
            Notation::Expression => reader.whole(),
            Notation::Plain => {
                let words = self.text.split_whitespace().map(|word| reader.term(word, false));
                Ok(all(words.collect::<Result<Vec<_>, _>>()?))
            }
            Notation::Phrase => reader.term(&self.text, false),
            Notation::Web => reader.web(),
        }
    }
}

/// A search that is being read. What has no word in it vanishes, as stop words do in Postgres.
struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
    terms: usize,
}

impl Reader<'_> {
    fn whole(&mut self) -> Result<Option<Sought>, Error> {
        self.skip_space();
        if self.rest.is_empty() {
            return Ok(None);
        }
        let sought = self.any(0)?;
        if self.rest.is_empty() { Ok(sought) } else { Err(self.syntax_error()) }
    }

    fn any(&mut self, depth: usize) -> Result<Option<Sought>, Error> {
        let mut members = vec![self.all(depth)?];
        while self.eat('|') {
            members.push(self.all(depth)?);
        }
        Ok(any(members))
    }

    fn all(&mut self, depth: usize) -> Result<Option<Sought>, Error> {
        let mut members = vec![self.phrase(depth)?];
        while self.eat('&') {
            members.push(self.phrase(depth)?);
        }
        Ok(all(members))
    }

    /// Reads operands with `<->` between them.
    fn phrase(&mut self, depth: usize) -> Result<Option<Sought>, Error> {
        let mut phrase = self.not(depth)?;
        while self.eat('<') {
            let Some((distance, rest)) = self.rest.split_once('>') else {
                return Err(self.syntax_error());
            };
            let is_number = !distance.is_empty() && distance.bytes().all(|b| b.is_ascii_digit());
            if distance != "-" && !is_number {
                return Err(self.syntax_error());
            }
            if distance != "-" && distance.parse() != Ok(1) {
                return Err(unsupported("a distance other than 1 between words"));
            }
            self.rest = rest;
            self.skip_space();
            let next = self.not(depth)?;
            phrase = match (phrase, next) {
                (None, other) | (other, None) => other,
                (
                    Some(Sought::Phrase { words, prefix: false }),
                    Some(Sought::Phrase { words: next, prefix }),
                ) => Some(Sought::Phrase { words: format!("{words} {next}"), prefix }),
                _ => {
                    return Err(unsupported(
                        "<-> between other than words, the last of which alone may be a prefix",
                    ));
                }
            };
        }
        Ok(phrase)
    }

    fn not(&mut self, depth: usize) -> Result<Option<Sought>, Error> {
        if depth > SEARCH_NESTING_MAX {
            return Err(too_complex(&format!("a search has at most {SEARCH_NESTING_MAX} levels")));
        }
        let deeper = depth.saturating_add(1);
        if self.eat('!') {
            return Ok(not(self.not(deeper)?));
        }
        if self.eat('(') {
            let inner = self.any(deeper)?;
            return if self.eat(')') { Ok(inner) } else { Err(self.syntax_error()) };
        }
        let word = if self.rest.starts_with('\'') { self.quoted() } else { self.bare() };
        let word = word.ok_or_else(|| self.syntax_error())?;
        let mut prefix = false;
        if let Some(behind) = self.rest.strip_prefix(':') {
            let is_flag = |c: char| matches!(c, '*' | 'a'..='d' | 'A'..='D');
            self.rest = behind.trim_start_matches(is_flag);
            let flags = behind.strip_suffix(self.rest).unwrap_or_default();
            prefix = !flags.is_empty();
            if flags.contains(|flag| flag != '*') {
                return Err(unsupported("a weight in a search"));
            }
        }
        self.skip_space();
        self.term(&word, prefix)
    }

    /// Reads a word, in which a backslash takes the next character literally.
    fn bare(&mut self) -> Option<String> {
        let mut word = String::new();
        let mut characters = self.rest.chars();
        while let Some(character) = characters.clone().next() {
            if character.is_whitespace() || matches!(character, '!' | '&' | '|' | '(' | ')' | ':') {
                break;
            }
            characters.next();
            word.push(if character == '\\' { characters.next()? } else { character });
        }
        self.rest = characters.as_str();
        (!word.is_empty()).then_some(word)
    }

    /// Reads words in single quotes, in which a quote is doubled.
    fn quoted(&mut self) -> Option<String> {
        let mut word = String::new();
        let mut characters = self.rest.chars();
        characters.next();
        loop {
            match characters.next()? {
                '\\' => word.push(characters.next()?),
                '\'' if characters.as_str().starts_with('\'') => word.extend(characters.next()),
                '\'' => break,
                other => word.push(other),
            }
        }
        self.rest = characters.as_str();
        Some(word)
    }

    /// Reads what people write into a search field, which is never wrong.
    fn web(&mut self) -> Result<Option<Sought>, Error> {
        let mut alternatives = vec![Vec::new()];
        let mut negate = false;
        let mut wants_operand = true;
        while let Some(first) = self.rest.chars().next() {
            let behind = self.rest.get(first.len_utf8()..).unwrap_or_default();
            if !wants_operand && let Some(rest) = behind_or(self.rest) {
                alternatives.push(Vec::new());
                (self.rest, wants_operand) = (rest, true);
                continue;
            }
            let (text, rest) = match first {
                '"' => match behind.split_once('"') {
                    Some(quoted) => quoted,
                    None => ("", behind),
                },
                '-' => {
                    (self.rest, wants_operand, negate) = (behind, true, !negate);
                    continue;
                }
                '!' | '&' | '|' | '(' | ')' | ':' => ("", behind),
                white if white.is_whitespace() => ("", behind),
                _ => {
                    let ends = |c: char| c.is_whitespace() || "\"!&|():".contains(c);
                    self.rest.split_at(self.rest.find(ends).unwrap_or(self.rest.len()))
                }
            };
            self.rest = rest;
            if text.is_empty() {
                continue;
            }
            let term = self.term(text, false)?;
            let term = if std::mem::take(&mut negate) { not(term) } else { term };
            wants_operand = false;
            if let Some(last) = alternatives.last_mut() {
                last.push(term);
            }
        }
        Ok(any(alternatives.into_iter().map(all).collect()))
    }

    /// One word or phrase; `None` when there is neither letter nor digit in it.
    fn term(&mut self, text: &str, prefix: bool) -> Result<Option<Sought>, Error> {
        if !text.contains(char::is_alphanumeric) {
            return Ok(None);
        }
        self.terms = self.terms.saturating_add(1);
        if self.terms > SEARCH_TERMS_MAX {
            return Err(too_complex(&format!("a search has at most {SEARCH_TERMS_MAX} words")));
        }
        Ok(Some(Sought::Phrase { words: text.to_owned(), prefix }))
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, wanted: char) -> bool {
        let Some(rest) = self.rest.strip_prefix(wanted) else { return false };
        self.rest = if wanted == '<' { rest } else { rest.trim_start() };
        true
    }

    fn syntax_error(&self) -> Error {
        let text = shortened(self.text);
        Error::new(Code::SyntaxError, format!("syntax error in tsquery: \"{text}\""))
            .hint("plfts takes any words, wfts what people write into a search field")
    }
}

/// What follows `or`, where that is a word of its own with something behind it.
fn behind_or(text: &str) -> Option<&str> {
    let (word, rest) = text.split_at_checked(2)?;
    let is_word_of_its_own =
        |rest: &str| rest.starts_with(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_')));
    let is_or = word.eq_ignore_ascii_case("or") && is_word_of_its_own(rest);
    (is_or && !rest.trim().is_empty()).then_some(rest)
}

fn all(members: Vec<Option<Sought>>) -> Option<Sought> {
    several(members, Sought::All)
}

fn any(members: Vec<Option<Sought>>) -> Option<Sought> {
    several(members, Sought::Any)
}

fn several(
    members: Vec<Option<Sought>>,
    joined: impl FnOnce(Vec<Sought>) -> Sought,
) -> Option<Sought> {
    let mut members: Vec<Sought> = members.into_iter().flatten().collect();
    if members.len() > 1 { Some(joined(members)) } else { members.pop() }
}

fn not(inner: Option<Sought>) -> Option<Sought> {
    inner.map(|inner| Sought::Not(Box::new(inner)))
}

fn unsupported(what: &str) -> Error {
    Error::new(Code::NotImplemented, "Feature not implemented")
        .details(format!("{what} is not part of this server's dialect"))
}

fn too_complex(message: &str) -> Error {
    Error::new(Code::TooComplex, message)
}

#[cfg(test)]
#[path = "text_search_tests.rs"]
mod tests;
