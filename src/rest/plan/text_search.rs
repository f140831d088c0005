//! Searches of text, resolved: the index that serves a column, and what is sought in FTS5's words.
//!
//! FTS5 knows "this but not that" and no plain "not that", so whatever is sought becomes one
//! expression and whether its complement is meant. Each word of a client is quoted in it, and only
//! what is written here joins them.

use super::condition::{self, Node};
use super::read::Read;
use super::source::Source;
use crate::catalog::{Column, FullText, TableKind, Tokenizer, Type};
use crate::error::{Code, Error};
use crate::rest::query::{Field, Sought, TextSearch};

/// A search in the text of one column.
#[derive(Debug)]
pub struct Search<'a> {
    /// The column.
    pub column: &'a Column,
    /// The index that serves it.
    pub index: &'a FullText,
    /// The expression to match; `None` finds nothing.
    pub expression: Option<String>,
    /// Whether the rows are meant that do not match.
    pub is_complement: bool,
    /// What comes of it.
    pub purpose: Purpose,
}

/// What a search is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It chooses rows: a null in the column is as good as no match.
    Choose,
    /// It chooses them below a `not`, so that nothing may be made of a null.
    KeepNulls,
    /// It chooses rows and puts them in order.
    Rank,
}

/// Resolves a search.
///
/// # Errors
/// `42703`, `42501`, what [`TextSearch::read`] says, and `PGRST127` where no index serves it.
pub fn resolve<'a>(
    field: &Field,
    search: &TextSearch,
    source: &Source<'a>,
) -> Result<Search<'a>, Error> {
    let place = condition::place(field, source)?;
    if place.path.is_some() {
        return Err(unsupported(
            "only whole columns are indexed: declare a generated column of type text for a part of one",
        ));
    }
    let index = index(source, place.column, search.language.as_deref())?;
    let (expression, is_complement) = match search.read()? {
        Some(sought) => {
            let (expression, is_complement) = expression(&sought);
            // No other column of the index is looked into, whoever may read them.
            let column = quoted(&place.column.name);
            (Some(format!("{column} : ({expression})")), is_complement)
        }
        None => (None, false),
    };
    let purpose = Purpose::Choose;
    Ok(Search { column: place.column, index, expression, is_complement, purpose })
}

/// Prepares what is about to be negated.
pub fn keep_nulls(node: &mut Node<'_>) {
    match node {
        Node::Search(search) => search.purpose = Purpose::KeepNulls,
        Node::All(members) | Node::Any(members) => members.iter_mut().for_each(keep_nulls),
        Node::Not(inner) => keep_nulls(inner),
        Node::Test(..) => {}
    }
}

/// Lets a single search decide the order when nothing else does.
pub fn rank(read: &mut Read<'_>) {
    let mut searches = read.conditions.iter_mut().filter_map(|node| match node {
        Node::Search(search) if search.expression.is_some() && !search.is_complement => {
            Some(search)
        }
        _ => None,
    });
    if let (Some(search), None, true) = (searches.next(), searches.next(), read.order.is_empty()) {
        search.purpose = Purpose::Rank;
    }
}

const SIMPLE: &str = "unicode61";
const ENGLISH: &str = "porter unicode61";

fn index<'a>(
    source: &Source<'a>,
    column: &'a Column,
    language: Option<&str>,
) -> Result<&'a FullText, Error> {
    let serves = |index: &&FullText| index.columns.contains(&column.name);
    let mut indexes = source.table().full_texts.iter().filter(serves).peekable();
    let wanted = match language {
        None => None,
        Some("simple") => Some((Tokenizer::Words, SIMPLE)),
        Some("english") => Some((Tokenizer::Porter, ENGLISH)),
        Some(other) => {
            return Err(unsupported(&format!(
                "no tokenizer knows ({other}): (simple) is tokenize='{SIMPLE}', (english) is \
                 tokenize='{ENGLISH}'"
            )));
        }
    };
    let Some(first) = indexes.peek().copied() else {
        let tokenize = wanted.map_or(ENGLISH, |(_, tokenize)| tokenize);
        return Err(unsupported(&no_index(source, column, tokenize)));
    };
    let Some((tokenizer, tokenize)) = wanted else { return Ok(first) };
    indexes.find(|index| index.tokenizer == tokenizer).ok_or_else(|| {
        unsupported(&format!(
            "no index over \"{}\" has tokenize='{tokenize}', which ({}) needs",
            column.name,
            language.unwrap_or_default()
        ))
    })
}

/// What would have to be declared.
fn no_index(source: &Source<'_>, column: &Column, tokenize: &str) -> String {
    let table = source.table();
    if !matches!(column.kind, Type::Text { .. }) {
        return format!("only text is searched, and \"{}\" is {}", column.name, column.declared);
    }
    if table.kind == TableKind::View {
        return format!("\"{}\" is a view; search the table behind it", table.name);
    }
    let key = match table.primary_key.as_slice() {
        [key] if source.cover(key).is_ok() => key.as_str(),
        _ => "id",
    };
    let (table, column) = (&table.name, &column.name);
    format!(
        "\"{column}\" has no index of full text; schema.sql can declare one: create virtual table \
         {} using fts5 ({}, content='{table}', content_rowid='{key}', \
         tokenize='{tokenize}'); with three triggers that keep it",
        bare(&format!("{table}_search")),
        bare(column)
    )
}

/// A name, quoted only where it must be.
fn bare(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.bytes().all(is_plain) { name.to_owned() } else { quoted(name) }
}

fn unsupported(details: &str) -> Error {
    Error::new(Code::NotImplemented, "Feature not implemented").details(details)
}

/// An expression of FTS5, and whether its complement is meant.
fn expression(sought: &Sought) -> (String, bool) {
    match sought {
        Sought::Phrase { words, prefix } => {
            let star = if *prefix { " *" } else { "" };
            (format!("{}{star}", quoted(words)), false)
        }
        Sought::Not(inner) => {
            let (expression, is_complement) = expression(inner);
            (expression, !is_complement)
        }
        // a and b and not c and not d = (a and b) but not (c or d)
        Sought::All(members) => {
            let (present, absent) = divided(members);
            match present.as_slice() {
                [] => (joined(&absent, "OR"), true),
                _ => (but_not(&joined(&present, "AND"), &absent, "OR"), false),
            }
        }
        // a or b or not c or not d = not ((c and d) but not (a or b))
        Sought::Any(members) => {
            let (present, absent) = divided(members);
            match absent.as_slice() {
                [] => (joined(&present, "OR"), false),
                _ => (but_not(&joined(&absent, "AND"), &present, "OR"), true),
            }
        }
    }
}

/// The expressions that are meant, and those whose complement is.
fn divided(members: &[Sought]) -> (Vec<String>, Vec<String>) {
    let mut divided = (Vec::new(), Vec::new());
    for member in members {
        let (expression, is_complement) = expression(member);
        let side = if is_complement { &mut divided.1 } else { &mut divided.0 };
        side.push(expression);
    }
    divided
}

fn joined(expressions: &[String], word: &str) -> String {
    match expressions {
        [one] => one.clone(),
        several => format!("({})", several.join(&format!(" {word} "))),
    }
}

fn but_not(wanted: &str, unwanted: &[String], word: &str) -> String {
    if unwanted.is_empty() {
        return wanted.to_owned();
    }
    format!("({wanted} NOT {})", joined(unwanted, word))
}

/// A string of FTS5. It ends at a NUL whatever its quotes say, so there must be none.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\0', " ").replace('"', "\"\""))
}

#[cfg(test)]
#[path = "text_search_tests.rs"]
mod tests;
