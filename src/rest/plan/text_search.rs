//! Searches of text, resolved: the index that serves a column, and the expression for it.

use super::condition::{self, Node};
use super::read::Read;
use super::source::Source;
use crate::catalog::{Column, FullText, TableKind, Tokenizer, Type};
use crate::error::Error;
use crate::rest::query::Field;
use crate::rest::query::text_search::{TextSearch, quoted};

/// A search in the text of one column.
#[derive(Debug)]
pub struct Search<'a> {
    /// The column.
    pub column: &'a Column,
    /// The index that serves it.
    pub index: &'a FullText,
    /// The expression to match; an empty one finds nothing.
    pub expression: String,
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
    let column = place.column;
    if place.path.is_some() {
        return Err(Error::not_implemented(
            "only whole columns are searched: index a generated column that has this part",
        ));
    }
    if source.answer().is_some() {
        // The index would tell of the table's row what the function's may not show.
        return Err(Error::not_implemented("a function's rows are not searched: search the table"));
    }
    let index = index(source, column, &search.language)?;
    let mut found = Search {
        column,
        index,
        expression: String::new(),
        is_complement: false,
        purpose: Purpose::Choose,
    };
    if let Some(sought) = search.read()? {
        // No other column of the index is looked into, whoever may read them.
        found.expression = [&quoted(&column.name), " : (", &sought.expression, ")"].concat();
        found.is_complement = sought.is_complement;
    }
    Ok(found)
}

/// Prepares what is about to be negated.
pub fn keep_nulls(node: &mut Node<'_>) {
    match node {
        Node::Search(search) => search.purpose = Purpose::KeepNulls,
        Node::All(members) | Node::Any(members) => members.iter_mut().for_each(keep_nulls),
        Node::Not(inner) => keep_nulls(inner),
        Node::Test(..) | Node::Related(_) => {}
    }
}

/// Lets a single search decide the order when nothing else does.
pub fn rank(read: &mut Read<'_>) {
    // What stands for several rows has no hits of its own.
    let is_open = read.order.is_empty() && !read.is_grouped();
    let mut single = None;
    for node in &mut read.conditions {
        if let Node::Search(search) = node
            && single.replace(search).is_some()
        {
            return;
        }
    }
    if let Some(search) = single
        && is_open
        && !(search.is_complement || search.expression.is_empty())
    {
        search.purpose = Purpose::Rank;
    }
}

fn index<'a>(source: &Source<'a>, column: &Column, language: &str) -> Result<&'a FullText, Error> {
    let indexes = source.table().full_texts.iter();
    let mut indexes = indexes.filter(|index| index.columns.contains(&column.name)).peekable();
    if indexes.peek().is_none() {
        return Err(Error::not_implemented(no_index(source, column, language)));
    }
    let serves = |index: &&FullText| match language {
        "" => true,
        "simple" => index.tokenizer == Tokenizer::Words,
        "english" => index.tokenizer == Tokenizer::Porter,
        _ => false,
    };
    indexes.find(serves).ok_or_else(|| {
        Error::not_implemented(
            "no index over this column is of that language: (simple) needs one with \
             tokenize='unicode61', (english) one with tokenize='porter unicode61'",
        )
    })
}

/// What would have to be declared.
fn no_index(source: &Source<'_>, column: &Column, language: &str) -> String {
    let table = source.table();
    if !matches!(column.kind, Type::Text { .. }) || table.kind == TableKind::View {
        return "only columns of type text are searched, and only in tables".to_owned();
    }
    let key = table.primary_key.first().filter(|key| source.cover(key).is_ok());
    let stem = if language == "simple" { "" } else { "porter " };
    [
        "no index of full text has this column. In schema.sql: create virtual table \"",
        &table.name,
        "_search\" using fts5 (\"",
        &column.name,
        "\", content='",
        &table.name,
        "', content_rowid='",
        key.map_or("id", String::as_str),
        "', tokenize='",
        stem,
        "unicode61'); and the three triggers that keep it",
    ]
    .concat()
}
