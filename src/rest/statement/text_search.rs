//! Searches of text as SQL. An index is asked for row numbers only, and always beside its table,
//! whose policy decides which of those rows there are.

use super::writer::{Writer, name};
use crate::rest::plan::{Node, Purpose, Read, Search};

/// The alias of the index that puts rows in order, of which a statement has one at most.
const HITS: &str = "hits";

/// Writes whether the row of that alias is found.
pub fn condition(writer: &mut Writer<'_>, search: &Search<'_>, alias: &str) -> String {
    let found = found(writer, search, alias);
    if search.column.nullable && (search.purpose == Purpose::KeepNulls || search.is_complement) {
        let column = name(&search.column.name);
        return format!("(case when {alias}.{column} is not null then {found} end)");
    }
    found
}

fn found(writer: &mut Writer<'_>, search: &Search<'_>, alias: &str) -> String {
    let Some(expression) = &search.expression else { return "0".to_owned() };
    let (key, index) = (name(&search.index.key), name(&search.index.name));
    let expression = writer.bind(expression.as_str());
    if search.purpose == Purpose::Rank {
        return format!("({alias}.{key} = {HITS}.rowid and {HITS}.{index} match {expression})");
    }
    let not = if search.is_complement { "not " } else { "" };
    format!("({alias}.{key} {not}in (select rowid from {index} where {index} match {expression}))")
}

/// Writes the index that stands beside the table to put its rows in order, if there is one.
pub fn hits(read: &Read<'_>) -> String {
    ranking(read)
        .map_or_else(String::new, |search| format!(", {} as {HITS}", name(&search.index.name)))
}

/// Writes the order of what was found: the most hits first, and of texts with as many the shorter.
///
/// FTS5's own `bm25` weighs a word by how rare it is in all rows, so that the order of one's own rows
/// would tell whether others, which a policy hides, have a word in them. The number of hits is the
/// row's alone: by so many marks does `highlight` make its text longer.
pub fn order(read: &Read<'_>, alias: &str) -> String {
    let Some(search) = ranking(read) else { return String::new() };
    let indexed = search.index.columns.iter().position(|column| *column == search.column.name);
    let (index, position) = (name(&search.index.name), indexed.unwrap_or_default());
    let length = format!("length({alias}.{})", name(&search.column.name));
    let key = &search.index.key;
    // A key that may not be read may not be told by the order of others either.
    let last = match read.source.cover(key) {
        Ok(()) => format!(", {alias}.{}", name(key)),
        Err(_) => String::new(),
    };
    format!(
        "\norder by length(highlight({HITS}.{index}, {position}, '*', '')) - {length} desc, {length}{last}"
    )
}

fn ranking<'r, 'a>(read: &'r Read<'a>) -> Option<&'r Search<'a>> {
    read.conditions.iter().find_map(|node| match node {
        Node::Search(search) if search.purpose == Purpose::Rank => Some(search),
        _ => None,
    })
}
