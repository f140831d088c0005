//! Related rows as SQL, within the row that they belong to.
//!
//! A list is bounded twice. It has so many rows at most, which its own `limit` sees to; what is more
//! is refused, never cut off. And lists within lists are added up as they are made, so that a
//! request whose answer would grow beyond all memory ends before it does.

use super::output::{Frame, member, members, object};
use super::raise::{raise, too_many};
use super::read::{narrow, order, order_by, order_terms};
use super::writer::{Writer, joined, name, where_clause};
use crate::rest::plan::{Embed, Output, OutputValue, Read};

/// The most bytes of a list whose rows hold lists: D1 answers no longer row.
const LIST_BYTES_MAX: u32 = 2 << 20;

/// The most bytes of an answer whose rows hold lists.
const ANSWER_BYTES_MAX: u32 = 16 << 20;

/// That many rows with one list in each need not be added up.
const ROWS_UNCOUNTED_MAX: u64 = 100;

/// Writes that there are related rows.
pub fn related_exist(writer: &mut Writer<'_>, embed: &Embed<'_>, outer: &str) -> String {
    let alias = writer.alias();
    let (tables, conditions) = related(writer, embed, &alias, outer);
    format!("exists (select 1 from {tables}{})", where_clause(&conditions))
}

/// Writes a column of the one related row.
pub fn related_value(
    writer: &mut Writer<'_>,
    embed: &Embed<'_>,
    outer: &str,
    value: impl FnOnce(&mut Writer<'_>, &str) -> String,
) -> String {
    let alias = writer.alias();
    let value = value(writer, &alias);
    let (tables, conditions) = related(writer, embed, &alias, outer);
    format!("(select {value} from {tables}{} limit 1)", where_clause(&conditions))
}

/// Writes `left join ..` for the rows whose columns stand among a row's own.
pub fn joins(writer: &mut Writer<'_>, read: &Read<'_>, frame: &Frame) -> String {
    let mut sql = String::new();
    for (join, alias) in read.joins.iter().zip(&frame.joined) {
        let (tables, conditions) = related(writer, &join.embed, alias, frame.at(join.to));
        sql.push_str("\nleft join ");
        sql.push_str(&tables);
        sql.push_str(" on ");
        sql.push_str(&joined(&conditions, "and", "1"));
    }
    sql
}

/// Writes related rows: an object or null, or a list. SQLite forgets that a sub-select's value is
/// JSON, so it is told again.
pub fn embedded(writer: &mut Writer<'_>, embed: &Embed<'_>, outer: &str) -> String {
    if !embed.relationship.cardinality.is_to_one() {
        return list(writer, embed, None, outer);
    }
    let alias = writer.alias();
    let frame = Frame::new(writer, &embed.read, alias);
    let shown = object(writer, &embed.read, &frame);
    let (tables, conditions) = related(writer, embed, &frame.alias, outer);
    let joins = joins(writer, &embed.read, &frame);
    format!(
        "json((select {}\nfrom {tables}{joins}{}{} limit 1))",
        shown.object,
        where_clause(&conditions),
        shown.group
    )
}

/// Writes a list of related rows, or of what one output is in each of them.
pub fn list(
    writer: &mut Writer<'_>,
    embed: &Embed<'_>,
    output: Option<&Output<'_>>,
    outer: &str,
) -> String {
    let read = &embed.read;
    let alias = writer.alias();
    let frame = Frame::new(writer, read, alias);
    let (element, group, lists) = if let Some(output) = output {
        (member(writer, read, output, &frame), String::new(), lists_of(output))
    } else {
        let shown = object(writer, read, &frame);
        (shown.object, shown.group, lists(read))
    };
    let order = match output {
        Some(_) => one_order(writer, read, &frame.alias),
        None => order(writer, read, &frame.alias),
    };
    let (element, rows) = if read.is_grouped() {
        let (tables, conditions) = related(writer, embed, &frame.alias, outer);
        let conditions = where_clause(&conditions);
        let joins = joins(writer, read, &frame);
        let window = window(writer, embed);
        let rows = format!(
            "(select {element} as row\nfrom {tables}{joins}{conditions}{group}{order}{window})"
        );
        ("json(row)".to_owned(), rows)
    } else {
        let rows = several(writer, embed, &frame, &order, outer);
        if lists == 0 {
            (element, rows)
        } else {
            let sql = format!("select coalesce({element}, 'null') as row\nfrom {rows}\nlimit -1");
            ("json(row)".to_owned(), format!("({})", added_up(&sql, LIST_BYTES_MAX)))
        }
    };
    let array = no_more(embed, format!("json_group_array({element})"));
    format!("json((select {array}\nfrom {rows}))")
}

/// Writes an object with a list for each of some columns of a spread, for which the rows are read once.
pub fn lists_at_once(
    writer: &mut Writer<'_>,
    embed: &Embed<'_>,
    columns: &[&Output<'_>],
    outer: &str,
) -> String {
    let read = &embed.read;
    let alias = writer.alias();
    let frame = Frame::new(writer, read, alias);
    let lists = members(writer, columns, |writer, column| {
        let element = each(column).map(|column| member(writer, read, column, &frame));
        format!("json_group_array({})", element.unwrap_or_default())
    });
    let order = one_order(writer, read, &frame.alias);
    let rows = several(writer, embed, &frame, &order, outer);
    format!("(select {}\nfrom {rows})", no_more(embed, lists))
}

/// What one output is of which another is the list.
fn each<'o, 'a>(output: &'o Output<'a>) -> Option<&'o Output<'a>> {
    match &output.value {
        OutputValue::Each { embed, output } => embed.read.outputs.get(*output),
        OutputValue::Term(_) | OutputValue::Embed(_) => None,
    }
}

/// Writes the rows of a list into a `from`: in order, no more than may be and one.
fn several(
    writer: &mut Writer<'_>,
    embed: &Embed<'_>,
    frame: &Frame,
    order: &str,
    outer: &str,
) -> String {
    let alias = &frame.alias;
    let (tables, conditions) = related(writer, embed, alias, outer);
    let conditions = where_clause(&conditions);
    let joins = joins(writer, &embed.read, frame);
    let window = window(writer, embed);
    format!("(select {alias}.* from {tables}{conditions}{order}{window}) as {alias}{joins}")
}

/// Refuses what is made of a list's rows when there are more of them than there may be.
fn no_more(embed: &Embed<'_>, made: String) -> String {
    if limit(embed).is_some() {
        return made;
    }
    let raise = too_many(embed.rows_max, &embed.read.source.table().name);
    format!("case when count(*) > {} then {raise} else {made} end", embed.rows_max)
}

/// Adds up the bytes of rows while they are made, and refuses them when there are too many.
///
/// The condition means nothing but that SQLite keeps the rows as they are; it would make each twice.
fn added_up(rows: &str, bytes_max: u32) -> String {
    let too_large = raise("large");
    format!(
        "select case when sum(octet_length(row)) over (rows unbounded preceding) > {bytes_max} \
         then {too_large} else row end as row\nfrom ({rows}) where row is not null"
    )
}

/// Bounds the rows of a whole answer where they hold lists. One list in each of a page of rows is
/// bounded by its own limits already.
pub fn bounded(sql: String, read: &Read<'_>) -> String {
    let lists = lists(read);
    let is_page = read.limit.is_some_and(|limit| limit <= ROWS_UNCOUNTED_MAX);
    if lists == 0 || lists == 1 && is_page {
        return sql;
    }
    let unlimited = if read.limit.is_none() && read.offset.is_none() { "\nlimit -1" } else { "" };
    added_up(&format!("{sql}{unlimited}"), ANSWER_BYTES_MAX)
}

/// How many lists a row holds, at all levels.
fn lists(read: &Read<'_>) -> usize {
    read.outputs.iter().map(lists_of).sum()
}

/// How many lists one output is.
pub fn lists_of(output: &Output<'_>) -> usize {
    match &output.value {
        OutputValue::Term(_) => 0,
        OutputValue::Embed(embed) => {
            let own = usize::from(!embed.relationship.cardinality.is_to_one());
            lists(&embed.read).saturating_add(own)
        }
        OutputValue::Each { .. } => each(output).map_or(0, lists_of).saturating_add(1),
    }
}

/// Writes `limit ..`: without a limit of its own a list has one row more than it may have, if it has.
fn window(writer: &mut Writer<'_>, embed: &Embed<'_>) -> String {
    let mut sql = match limit(embed) {
        Some(limit) => format!("\nlimit {}", bound(writer, limit)),
        None => format!("\nlimit {}", embed.rows_max.saturating_add(1)),
    };
    if let Some(offset) = embed.read.offset {
        sql.push_str(&format!(" offset {}", bound(writer, offset)));
    }
    sql
}

/// The limit of its own that keeps a list from having more rows than it may.
fn limit(embed: &Embed<'_>) -> Option<u64> {
    embed.read.limit.filter(|limit| *limit <= embed.rows_max)
}

/// Binds a number of rows.
pub fn bound(writer: &mut Writer<'_>, number: u64) -> String {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    format!("cast({} as integer)", writer.bind(number.to_string()))
}

/// Writes an order that is the same for every column of a spread: rows that it leaves next to each
/// other do not differ in anything that is shown.
fn one_order(writer: &mut Writer<'_>, read: &Read<'_>, alias: &str) -> String {
    let key = &read.source.table().primary_key;
    let mut terms = order_terms(writer, read, alias);
    let mut names: Vec<&str> = key.iter().map(|column| &**column).collect();
    if key.is_empty() || names.iter().any(|column| read.source.cover(column).is_err()) {
        names.clear();
        names.extend(read.outputs.iter().filter(|output| output.at.is_none()).filter_map(
            |output| match &output.value {
                OutputValue::Term(term) => term.place.as_ref().map(|place| &*place.column.name),
                OutputValue::Embed(_) | OutputValue::Each { .. } => None,
            },
        ));
        names.extend(
            read.embeds
                .iter()
                .flat_map(|embed| embed.relationship.columns.iter().map(|(near, _)| &**near)),
        );
    }
    terms.extend(names.into_iter().map(|column| format!("{alias}.{}", name(column))));
    order_by(&terms)
}

/// Writes the tables and conditions of the rows related to the row of the outer alias.
fn related(
    writer: &mut Writer<'_>,
    embed: &Embed<'_>,
    alias: &str,
    outer: &str,
) -> (String, Vec<String>) {
    let mut conditions = Vec::new();
    let equal = |pairs: &[(String, String)], near: &str, far: &str| -> Vec<String> {
        pairs
            .iter()
            .map(|(near_name, far_name)| {
                format!("{far}.{} = {near}.{}", name(far_name), name(near_name))
            })
            .collect()
    };
    let mut tables = writer.from(&embed.read.source, alias, &mut conditions);
    let relationship = embed.relationship;
    if let (Some(junction), Some(between)) = (&embed.junction, &relationship.junction) {
        let middle = writer.alias();
        let junction = writer.from(junction, &middle, &mut conditions);
        tables = format!("{junction}, {tables}");
        conditions.extend(equal(&relationship.columns, outer, &middle));
        conditions.extend(equal(&between.columns, &middle, alias));
    } else {
        conditions.extend(equal(&relationship.columns, outer, alias));
    }
    narrow(writer, &embed.read, alias, &mut conditions);
    (tables, conditions)
}
