//! Searches of text as SQL. An index is asked for row numbers only, and always beside its table,
//! whose policy decides which of those rows there are.

use super::writer::{Writer, name};
use crate::rest::plan::{Node, Purpose, Read, Search};

/// Writes whether the row of that alias is found.
pub fn condition(writer: &mut Writer<'_>, search: &Search<'_>, alias: &str) -> String {
    let (key, index) = (name(&search.index.key), name(&search.index.name));
    let found = if search.expression.is_empty() {
        "0".to_owned()
    } else {
        let expression = writer.bind(search.expression.as_str());
        if search.purpose == Purpose::Rank {
            return format!("({alias}.{key} = hits.rowid and hits.{index} match {expression})");
        }
        let not = if search.is_complement { "not " } else { "" };
        format!(
            "({alias}.{key} {not}in (select rowid from {index} where {index} match {expression}))"
        )
    };
    if search.column.nullable && (search.purpose == Purpose::KeepNulls || search.is_complement) {
        let column = name(&search.column.name);
        return format!("(case when {alias}.{column} is not null then {found} end)");
    }
    found
}

/// Writes the index that stands beside the table to put its rows in order, if there is one.
pub fn hits(read: &Read<'_>) -> String {
    ranking(read)
        .map_or_else(String::new, |search| [", ", &name(&search.index.name), " as hits"].concat())
}

/// Writes the order of what was found: the most hits first, and of texts with as many the shorter.
///
/// FTS5's own `bm25` weighs a word by how rare it is in all rows, so that the order of one's own rows
/// would tell whether others, which a policy hides, have a word in them. The number of hits is the
/// row's alone: by so many marks does `highlight` make its text longer.
pub fn order(read: &Read<'_>, alias: &str) -> String {
    let Some(search) = ranking(read) else { return String::new() };
    let columns = &search.index.columns;
    let position = columns.iter().position(|column| *column == search.column.name);
    let (index, position) = (name(&search.index.name), position.unwrap_or_default());
    let column = name(&search.column.name);
    // A key that may not be read may not be told by the order of others either.
    let key = match read.source.cover(&search.index.key) {
        Ok(()) => format!(", {alias}.{}", name(&search.index.key)),
        Err(_) => String::new(),
    };
    format!(
        "\norder by length(highlight(hits.{index}, {position}, '*', '')) - length({alias}.{column}) \
         desc, length({alias}.{column}){key}"
    )
}

fn ranking<'r, 'a>(read: &'r Read<'a>) -> Option<&'r Search<'a>> {
    read.conditions.iter().find_map(|node| match node {
        Node::Search(search) if search.purpose == Purpose::Rank => Some(search),
        _ => None,
    })
}
