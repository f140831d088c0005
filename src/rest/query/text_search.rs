//! What is searched for in a text: Postgres' four notations, read into FTS5's one.
//!
//! ```text
//! fts    any    = all *( "|" all )                             cat & !(dog | 'black bird')
//!        all    = phrase *( "&" phrase )
//!        phrase = one *( "<->" one )                           sat <-> on
//!        one    = "!" one / "(" any ")" / word [ ":*" ]
//!        word   = 1*( any but white space and "!&|():" ) / "'" .. "'"
//! plfts  every word of the text                                fat cats
//! phfts  its words in that order, next to each other           fat cats
//! wfts   words, "phrases", "or" and "-word"                    "fat cats" or -dog
//! ```
//!
//! FTS5 knows "this but not that" and no plain "not that", so whatever is sought becomes one
//! expression and whether its complement is meant. Each word of a client is quoted in it, and only
//! what is written here joins them.

use super::cursor::{Cursor, Unparsed};
use crate::error::{Code, Error, shortened};

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
    /// The name in parentheses, such as `english`; empty when there is none.
    pub language: String,
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

/// What is sought, in FTS5's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sought {
    /// An expression: a phrase, which begins with a quote, or several in parentheses.
    pub expression: String,
    /// Whether the rows are meant that do not match it.
    pub is_complement: bool,
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
    pub fn language(cursor: &mut Cursor<'_>) -> Result<String, Unparsed> {
        if !cursor.eat("(") {
            return Ok(String::new());
        }
        let name = cursor.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
        if name.is_empty() || !cursor.eat(")") {
            return Err(cursor.unexpected("a language and ')'"));
        }
        Ok(name.to_owned())
    }

    /// Reads what is sought; `None` when there is no word in it, which finds nothing.
    ///
    /// # Errors
    /// `42601` when an expression does not parse, `54001` when it is too large, `PGRST127` for what
    /// FTS5 cannot tell.
    pub fn read(&self) -> Result<Option<Sought>, Error> {
        let mut reader = Reader { text: &self.text, rest: &self.text, terms: 0 };
        if self.text.len() > SEARCH_BYTES_MAX {
            return Err(too_large());
        }
        match self.notation {
            Notation::Expression => reader.whole(),
            Notation::Plain => {
                let mut words = Vec::new();
                for word in self.text.split_whitespace() {
                    words.extend(reader.term(word)?);
                }
                Ok(joined(words, false))
            }
            Notation::Phrase => reader.term(&self.text),
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
        self.rest = self.rest.trim_start();
        if self.rest.is_empty() {
            return Ok(None);
        }
        let sought = self.list(true, 0)?;
        if self.rest.is_empty() { Ok(sought) } else { Err(self.syntax_error()) }
    }

    /// Reads alternatives, or what must all be there.
    fn list(&mut self, any: bool, depth: usize) -> Result<Option<Sought>, Error> {
        let mut members = Vec::new();
        loop {
            members.extend(if any { self.list(false, depth)? } else { self.phrase(depth)? });
            if !self.eat(if any { "|" } else { "&" }) {
                return Ok(joined(members, any));
            }
        }
    }

    fn phrase(&mut self, depth: usize) -> Result<Option<Sought>, Error> {
        let mut phrase = self.one(depth)?;
        while self.eat("<") {
            let (distance, rest) = self.rest.split_once('>').ok_or_else(|| self.syntax_error())?;
            self.rest = rest.trim_start();
            if distance != "-" && distance != "1" {
                let is_number = distance.bytes().all(|byte| byte.is_ascii_digit());
                return Err(if is_number && !distance.is_empty() {
                    Error::not_implemented(
                        "in a search, a distance other than 1 is not possible here",
                    )
                } else {
                    self.syntax_error()
                });
            }
            phrase = match (phrase, self.one(depth)?) {
                (None, other) | (other, None) => other,
                (Some(left), Some(right))
                    if left.expression.ends_with('"')
                        && right.expression.starts_with('"')
                        && !left.is_complement
                        && !right.is_complement =>
                {
                    let expression = [&left.expression, " + ", &right.expression].concat();
                    Some(Sought { expression, is_complement: false })
                }
                _ => {
                    return Err(Error::not_implemented(
                        "in a search, <-> stands between words, of which the last may be a prefix",
                    ));
                }
            };
        }
        Ok(phrase)
    }

    fn one(&mut self, depth: usize) -> Result<Option<Sought>, Error> {
        if depth > SEARCH_NESTING_MAX {
            return Err(too_large());
        }
        let deeper = depth.saturating_add(1);
        if self.eat("!") {
            return Ok(self.one(deeper)?.map(negated));
        }
        if self.eat("(") {
            let inner = self.list(true, deeper)?;
            return if self.eat(")") { Ok(inner) } else { Err(self.syntax_error()) };
        }
        let word = self.word().ok_or_else(|| self.syntax_error())?;
        let mut sought = self.term(&word)?;
        if let Some(rest) = self.rest.strip_prefix(':') {
            self.rest = rest.trim_start_matches('*');
            if self.rest.starts_with(|c| matches!(c, 'a'..='d' | 'A'..='D')) {
                return Err(Error::not_implemented("in a search, a weight is not possible here"));
            }
            if let Some(sought) = sought.as_mut().filter(|_| rest.starts_with('*')) {
                sought.expression.push_str(" *");
            }
        }
        self.rest = self.rest.trim_start();
        Ok(sought)
    }

    /// Reads a word, or several in single quotes, in which a quote is doubled. A backslash takes the
    /// next character literally.
    fn word(&mut self) -> Option<String> {
        let mut word = String::new();
        let is_quoted = self.rest.starts_with('\'');
        let mut characters = self.rest.chars();
        if is_quoted {
            characters.next();
        }
        loop {
            let before = characters.as_str();
            match characters.next() {
                Some('\\') => word.push(characters.next()?),
                Some('\'') if is_quoted => {
                    if !characters.as_str().starts_with('\'') {
                        break;
                    }
                    word.extend(characters.next());
                }
                Some(other) if is_quoted || !is_delimiter(other) => word.push(other),
                None if is_quoted => return None,
                _ => {
                    self.rest = before;
                    return if word.is_empty() { None } else { Some(word) };
                }
            }
        }
        self.rest = characters.as_str();
        Some(word)
    }

    /// Reads what people write into a search field, which is never wrong.
    fn web(&mut self) -> Result<Option<Sought>, Error> {
        let (mut alternatives, mut members) = (Vec::new(), Vec::new());
        let (mut negate, mut wants_operand) = (false, true);
        while let Some(first) = self.rest.chars().next() {
            if let Some(rest) = behind_or(self.rest).filter(|_| !wants_operand) {
                alternatives.extend(joined(std::mem::take(&mut members), false));
                (self.rest, wants_operand) = (rest, true);
                continue;
            }
            let behind = self.rest.get(first.len_utf8()..).unwrap_or_default();
            let (text, rest) = match first {
                '"' => behind.split_once('"').unwrap_or(("", behind)),
                '-' => {
                    (negate, wants_operand) = (!negate, true);
                    ("", behind)
                }
                first if is_delimiter(first) => ("", behind),
                _ => {
                    let ends = |c: char| c == '"' || is_delimiter(c);
                    self.rest.split_at(self.rest.find(ends).unwrap_or(self.rest.len()))
                }
            };
            self.rest = rest;
            if !text.is_empty() {
                let term = self.term(text)?;
                members.extend(if negate { term.map(negated) } else { term });
                (negate, wants_operand) = (false, false);
            }
        }
        alternatives.extend(joined(members, false));
        Ok(joined(alternatives, true))
    }

    /// One word or phrase; `None` when there is neither letter nor digit in it.
    fn term(&mut self, text: &str) -> Result<Option<Sought>, Error> {
        if !text.contains(char::is_alphanumeric) {
            return Ok(None);
        }
        self.terms = self.terms.saturating_add(1);
        if self.terms > SEARCH_TERMS_MAX {
            return Err(too_large());
        }
        Ok(Some(Sought { expression: quoted(text), is_complement: false }))
    }

    fn eat(&mut self, wanted: &str) -> bool {
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.map_or(self.rest, str::trim_start);
        rest.is_some()
    }

    fn syntax_error(&self) -> Error {
        let message = ["syntax error in tsquery: \"", &shortened(self.text), "\""].concat();
        Error::new(Code::SyntaxError, message)
            .hint("plfts takes any words, wfts what people write into a search field")
    }
}

/// What ends a word.
fn is_delimiter(character: char) -> bool {
    character.is_whitespace() || matches!(character, '!' | '&' | '|' | '(' | ')' | ':')
}

/// What follows `or`, where that is a word of its own with something behind it.
fn behind_or(text: &str) -> Option<&str> {
    let (word, rest) = text.split_at_checked(2)?;
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let is_or = word.eq_ignore_ascii_case("or") && !rest.starts_with(goes_on);
    (is_or && !rest.trim_start().is_empty()).then_some(rest)
}

const fn negated(mut sought: Sought) -> Sought {
    sought.is_complement = !sought.is_complement;
    sought
}

/// All of them, or any.
///
/// ```text
/// a and b and not c and not d = (a and b) but not (c or d)
/// a or b or not c or not d    = not ((c and d) but not (a or b))
/// ```
fn joined(mut members: Vec<Sought>, any: bool) -> Option<Sought> {
    if members.len() < 2 {
        return members.pop();
    }
    let (mut wanted, mut unwanted) = (String::new(), String::new());
    for member in members {
        let (side, word) = if member.is_complement == any {
            (&mut wanted, " AND ")
        } else {
            (&mut unwanted, " OR ")
        };
        side.push_str(if side.is_empty() { "(" } else { word });
        side.push_str(&member.expression);
    }
    let (expression, is_complement) = match (wanted.is_empty(), unwanted.is_empty()) {
        (true, _) => ([&unwanted, ")"].concat(), true),
        (_, true) => ([&wanted, ")"].concat(), false),
        _ => (["(", &wanted, ") NOT ", &unwanted, "))"].concat(), false),
    };
    Some(Sought { expression, is_complement: is_complement != any })
}

/// A string of FTS5. It ends at a NUL whatever its quotes say, so there must be none.
pub fn quoted(text: &str) -> String {
    ["\"", &text.replace('\0', " ").replace('"', "\"\""), "\""].concat()
}

fn too_large() -> Error {
    Error::new(Code::TooComplex, "the search is too large").hint(
        "a search has at most 2000 bytes, 100 words and 16 levels of parentheses and negations",
    )
}

#[cfg(test)]
#[path = "text_search_tests.rs"]
mod tests;
