//! Reading as SQL: each row becomes one JSON text, related rows within it.

use super::condition::{all, json_column, value};
use super::embed::{bound, bounded, joins, related_exist, related_value};
use super::output::{Frame, groups, line, object};
use super::text_search;
use super::writer::{Writer, literal, name, where_clause};
use crate::rest::plan::{Order, Place, Read, Shape, Total};

/// Writes the statement that reads all rows, each as the column `row`.
pub fn rows(writer: &mut Writer<'_>, read: &Read<'_>) -> String {
    let alias = writer.alias();
    let frame = Frame::new(writer, read, alias);
    // A group is what is shown of it, so it has to be written even where nothing is answered.
    let (row, group) = if read.shape == Shape::Nothing && !read.is_grouped() {
        ("null".to_owned(), String::new())
    } else {
        let shown = object(writer, read, &frame);
        (shown.object, shown.group)
    };
    let source = filtered(writer, read, &frame);
    let order = order(writer, read, &frame.alias);
    let window = window(writer, read);
    let sql = format!("select {row} as row\n{source}{group}{order}{window}");
    if read.shape == Shape::Nothing {
        return sql;
    }
    let sql = bounded(sql, read);
    // What is reckoned of several rows cannot stand within the line's own select.
    if read.shape == Shape::Line {
        return format!("select {} as row from (\n{sql}\n) as q", line("q.row"));
    }
    sql
}

/// Writes the statement that answers the only column of each row, as the column `row`.
pub fn values(writer: &mut Writer<'_>, read: &Read<'_>) -> String {
    let rows = rows(writer, read);
    if read.shape != Shape::Object {
        return rows;
    }
    let column = read.outputs.first().map(|output| output.name.text()).unwrap_or_default();
    let path = literal(&format!("$.\"{column}\""));
    format!("select q.row -> {path} as row from (\n{rows}\n) as q")
}

/// Writes a select of 1 for each row that is answered, for counting them.
pub fn counted(writer: &mut Writer<'_>, read: &Read<'_>) -> String {
    let (row, from) = each_row(writer, read);
    let window = window(writer, read);
    format!("select {row} as row\n{from}{window}")
}

/// Writes the statement that counts all rows, whatever the limit.
pub fn total(writer: &mut Writer<'_>, read: &Read<'_>, extent: Total) -> String {
    let (row, from) = each_row(writer, read);
    let from = match extent {
        Total::All if !read.is_grouped() => from,
        Total::All => format!("from (select {row} {from})"),
        Total::UpTo(most) => {
            let most = bound(writer, most);
            format!("from (select {row} {from}\nlimit {most})")
        }
    };
    format!("select cast(count(*) as text) as row\n{from}")
}

/// Writes what is selected of each row for counting it, and `from ..` for all of them.
fn each_row(writer: &mut Writer<'_>, read: &Read<'_>) -> (&'static str, String) {
    let alias = writer.alias();
    let frame = Frame::new(writer, read, alias);
    let group = if read.is_grouped() { groups(writer, read, &frame) } else { String::new() };
    let source = filtered(writer, read, &frame);
    // An aggregate makes one row even of no group.
    (if read.is_grouped() { "count(*)" } else { "1" }, format!("{source}{group}"))
}

/// Writes `from .. where ..` with the policy, the filters and the inner embeds.
fn filtered(writer: &mut Writer<'_>, read: &Read<'_>, frame: &Frame) -> String {
    let mut conditions = Vec::new();
    let table = writer.from(&read.source, &frame.alias, &mut conditions);
    narrow(writer, read, &frame.alias, &mut conditions);
    let hits = text_search::hits(read);
    let joins = joins(writer, read, frame);
    format!("from {table}{hits}{joins}{}", where_clause(&conditions))
}

/// Adds the filters of a level, and that rows have the related rows they must have.
pub fn narrow(writer: &mut Writer<'_>, read: &Read<'_>, alias: &str, conditions: &mut Vec<String>) {
    all(writer, &read.conditions, alias, conditions);
    inner(writer, read, alias, conditions);
}

/// Adds that rows have the related rows they must have.
pub fn inner(writer: &mut Writer<'_>, read: &Read<'_>, alias: &str, conditions: &mut Vec<String>) {
    for embed in read.embeds.iter().filter(|embed| embed.inner) {
        conditions.push(related_exist(writer, embed, alias));
    }
}

/// Writes `order by ..`. The primary key comes last, so that pages never overlap.
pub fn order(writer: &mut Writer<'_>, read: &Read<'_>, alias: &str) -> String {
    let mut terms = order_terms(writer, read, alias);
    let Some(last) = read.order.last() else { return text_search::order(read, alias) };
    let direction = if last.descending { " desc" } else { "" };
    let key = &read.source.table().primary_key;
    for key in key.iter().filter(|_| !read.is_grouped()) {
        let ordered = |order: &Order<'_>| {
            order.embed.is_none() && order.place.path.is_none() && order.place.column.name == *key
        };
        // A key that may not be read may not be told by the order of others either.
        if read.source.cover(key).is_ok() && !read.order.iter().any(ordered) {
            terms.push(format!("{alias}.{}{direction}", name(key)));
        }
    }
    order_by(&terms)
}

/// Writes the terms of the order that was asked for.
pub fn order_terms(writer: &mut Writer<'_>, read: &Read<'_>, alias: &str) -> Vec<String> {
    read.order.iter().map(|order| order_term(writer, order, alias)).collect()
}

/// Writes `order by ..`, or nothing when there are no terms.
pub fn order_by(terms: &[String]) -> String {
    if terms.is_empty() { String::new() } else { format!("\norder by {}", terms.join(", ")) }
}

fn order_term(writer: &mut Writer<'_>, order: &Order<'_>, alias: &str) -> String {
    let place = &order.place;
    let sql = match &order.embed {
        Some(embed) => {
            related_value(writer, embed, alias, |writer, alias| ordered_by(writer, place, alias))
        }
        None => ordered_by(writer, place, alias),
    };
    let direction = if order.descending { " desc" } else { "" };
    let nullable = place.column.nullable || place.path.is_some() || order.embed.is_some();
    let nulls = match (nullable, order.nulls_first) {
        (false, _) => "",
        (true, true) => " nulls first",
        (true, false) => " nulls last",
    };
    format!("{sql}{direction}{nulls}")
}

fn ordered_by(writer: &mut Writer<'_>, place: &Place<'_>, alias: &str) -> String {
    if place.path.is_some() && !place.as_text {
        let column = json_column(place, alias);
        format!("({column} ->> {})", writer.bind(place.path.as_deref().unwrap_or("$")))
    } else {
        value(writer, place, alias)
    }
}

fn window(writer: &mut Writer<'_>, read: &Read<'_>) -> String {
    match (read.limit, read.offset) {
        (None, None) => String::new(),
        (Some(limit), None) => format!("\nlimit {}", bound(writer, limit)),
        (None, Some(offset)) => format!("\nlimit -1 offset {}", bound(writer, offset)),
        (Some(limit), Some(offset)) => {
            format!("\nlimit {} offset {}", bound(writer, limit), bound(writer, offset))
        }
    }
}
