//! Reading as SQL: each row becomes one JSON text, related rows within it.

use super::condition::{all, json_column, value};
use super::writer::{Writer, literal, name, where_clause};
use crate::catalog::Type;
use crate::rest::plan::{Embed, Name, Order, OutputValue, Place, Read};

/// The most members that one call of `json_object` is given: D1 documents 32 arguments.
pub const MEMBERS_A_CALL: usize = 15;

/// Writes the statement that reads all rows, each as the column `row`.
pub fn rows(writer: &mut Writer<'_>, read: &Read<'_>) -> String {
    let alias = writer.alias();
    let object = object(writer, read, &alias);
    let source = filtered(writer, read, &alias, Vec::new());
    let order = order(writer, read, &alias);
    let window = window(writer, read);
    format!("select {object} as row\n{source}{order}{window}")
}

/// Writes the statement that answers the only column of each row, as the column `row`.
pub fn values(writer: &mut Writer<'_>, read: &Read<'_>) -> String {
    let alias = writer.alias();
    let value = match read.outputs.first().map(|output| &output.value) {
        Some(OutputValue::Place(place)) => shown(writer, place, &alias),
        _ => "null".to_owned(),
    };
    let source = filtered(writer, read, &alias, Vec::new());
    let window = window(writer, read);
    format!("select json_quote({value}) as row\n{source}{window}")
}

/// Writes the statement that answers 1 for each row, for counting them.
pub fn counted(writer: &mut Writer<'_>, read: &Read<'_>) -> String {
    let alias = writer.alias();
    let source = filtered(writer, read, &alias, Vec::new());
    let window = window(writer, read);
    format!("select 1 as row\n{source}{window}")
}

/// Writes the statement that counts all rows, whatever the limit.
pub fn total(writer: &mut Writer<'_>, read: &Read<'_>) -> String {
    let alias = writer.alias();
    let source = filtered(writer, read, &alias, Vec::new());
    format!("select cast(count(*) as text) as row\n{source}")
}

/// Writes `from .. where ..` with the policy, the filters and the inner embeds.
fn filtered(
    writer: &mut Writer<'_>,
    read: &Read<'_>,
    alias: &str,
    mut conditions: Vec<String>,
) -> String {
    let table = writer.from(&read.source, alias, &mut conditions);
    narrow(writer, read, alias, &mut conditions);
    format!("from {table}{}", where_clause(&conditions))
}

/// Adds the filters of a level, and that rows have the related rows they must have.
fn narrow(writer: &mut Writer<'_>, read: &Read<'_>, alias: &str, conditions: &mut Vec<String>) {
    all(writer, &read.conditions, alias, conditions);
    for output in &read.outputs {
        if let OutputValue::Embed(embed) = &output.value
            && embed.inner
        {
            let inner = writer.alias();
            let related = related(writer, embed, &inner, alias);
            conditions.push(format!("exists (select 1 {related})"));
        }
    }
}

/// Writes a row as a JSON object.
pub fn object(writer: &mut Writer<'_>, read: &Read<'_>, alias: &str) -> String {
    let mut object = String::new();
    let chunks: Vec<_> = read.outputs.chunks(MEMBERS_A_CALL).collect();
    for (index, chunk) in chunks.iter().enumerate() {
        let mut arguments = Vec::new();
        for output in *chunk {
            arguments.push(key(writer, &output.name, index > 0));
            arguments.push(match &output.value {
                OutputValue::Place(place) => shown(writer, place, alias),
                OutputValue::Embed(embed) => embedded(writer, embed, alias),
            });
        }
        let arguments = arguments.join(", ");
        object = if index == 0 {
            format!("json_object({arguments})")
        } else {
            format!("json_set({object}, {arguments})")
        };
    }
    if object.is_empty() { "json_object()".to_owned() } else { object }
}

/// Writes the name of a member, or its path for `json_set`.
fn key(writer: &mut Writer<'_>, name: &Name<'_>, as_path: bool) -> String {
    let written = |name: &str| if as_path { format!("$.\"{name}\"") } else { name.to_owned() };
    match name {
        Name::Catalog(name) => literal(&written(name)),
        Name::Client(name) => writer.bind(written(name)),
    }
}

/// Writes a value as its type is shown.
fn shown(writer: &mut Writer<'_>, place: &Place<'_>, alias: &str) -> String {
    let sql = value(writer, place, alias);
    if place.path.is_some() {
        return if place.as_text { sql } else { format!("json({sql})") };
    }
    shown_as(sql, place.column.kind)
}

/// Writes a value of that type as it is shown.
pub fn shown_as(sql: String, kind: Type) -> String {
    match kind {
        Type::Boolean => {
            format!("json(case when {sql} then 'true' when not {sql} then 'false' end)")
        }
        Type::Json | Type::Array(_) => format!("json({sql})"),
        Type::Bytes => format!("'\\x' || lower(case when {sql} is not null then hex({sql}) end)"),
        Type::Any => format!("case typeof({sql}) when 'blob' then hex({sql}) else {sql} end"),
        Type::SmallInt
        | Type::Integer
        | Type::BigInt
        | Type::Double
        | Type::Numeric
        | Type::Text { .. }
        | Type::Uuid
        | Type::TimestampTz
        | Type::Timestamp
        | Type::Date
        | Type::Time => sql,
    }
}

/// Writes related rows: an object or null, or a list. SQLite forgets that a sub-select's value is
/// JSON, so it is told again.
fn embedded(writer: &mut Writer<'_>, embed: &Embed<'_>, outer: &str) -> String {
    let alias = writer.alias();
    let read = &embed.read;
    let object = object(writer, read, &alias);
    let related = related(writer, embed, &alias, outer);
    let order = order(writer, read, &alias);
    if embed.relationship.cardinality.is_to_one() {
        return format!("json((select {object}\n{related}\nlimit 1))");
    }
    if read.limit.is_none() && read.offset.is_none() {
        return format!("json((select json_group_array({object}{order})\n{related}))");
    }
    let window = window(writer, read);
    format!(
        "json((select json_group_array(json(row)) from (select {object} as row\n{related}{order}{window})))"
    )
}

/// Writes `from .. where ..` for the rows related to the row of the outer alias.
fn related(writer: &mut Writer<'_>, embed: &Embed<'_>, alias: &str, outer: &str) -> String {
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
    format!("from {tables}{}", where_clause(&conditions))
}

/// Writes `order by ..`. The primary key comes last, so that pages never overlap.
fn order(writer: &mut Writer<'_>, read: &Read<'_>, alias: &str) -> String {
    let mut terms: Vec<String> =
        read.order.iter().map(|order| order_term(writer, order, alias)).collect();
    let Some(last) = read.order.last() else { return String::new() };
    let direction = if last.descending { " desc" } else { "" };
    for key in &read.source.table().primary_key {
        let ordered =
            |order: &Order<'_>| order.place.path.is_none() && order.place.column.name == *key;
        // A key that may not be read may not be told by the order of others either.
        if read.source.cover(key).is_ok() && !read.order.iter().any(ordered) {
            terms.push(format!("{alias}.{}{direction}", name(key)));
        }
    }
    format!("\norder by {}", terms.join(", "))
}

fn order_term(writer: &mut Writer<'_>, order: &Order<'_>, alias: &str) -> String {
    let place = &order.place;
    let sql = if place.path.is_some() && !place.as_text {
        let column = json_column(place, alias);
        format!("({column} ->> {})", writer.bind(place.path.as_deref().unwrap_or("$")))
    } else {
        value(writer, place, alias)
    };
    let direction = if order.descending { " desc" } else { "" };
    let nulls = match (place.column.nullable || place.path.is_some(), order.nulls_first) {
        (false, _) => "",
        (true, true) => " nulls first",
        (true, false) => " nulls last",
    };
    format!("{sql}{direction}{nulls}")
}

fn window(writer: &mut Writer<'_>, read: &Read<'_>) -> String {
    let mut bound = |number: u64| {
        let number = i64::try_from(number).unwrap_or(i64::MAX);
        let bound = writer.bind(number.to_string());
        format!("cast({bound} as integer)")
    };
    match (read.limit, read.offset) {
        (None, None) => String::new(),
        (Some(limit), None) => format!("\nlimit {}", bound(limit)),
        (None, Some(offset)) => format!("\nlimit -1 offset {}", bound(offset)),
        (Some(limit), Some(offset)) => {
            format!("\nlimit {} offset {}", bound(limit), bound(offset))
        }
    }
}
