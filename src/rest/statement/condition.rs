//! Conditions as SQL.

use super::text_search;
use super::writer::{Writer, joined, name};
use crate::catalog::Type;
use crate::http::json::Json;
use crate::rest::pattern::{Pattern, Shape};
use crate::rest::plan::{Cast, Check, Node, Place};
use crate::rest::query::{Comparison, Is};

/// Writes a condition for the row of that alias.
pub fn condition(writer: &mut Writer<'_>, node: &Node<'_>, alias: &str) -> String {
    let mut all = |members: &[Node<'_>]| -> Vec<String> {
        members.iter().map(|member| condition(writer, member, alias)).collect()
    };
    match node {
        Node::All(members) => joined(&all(members), "and", "1"),
        Node::Any(members) => joined(&all(members), "or", "0"),
        Node::Not(inner) => format!("(not {})", condition(writer, inner, alias)),
        Node::Search(search) => text_search::condition(writer, search, alias),
        Node::Test(place, check) => test(writer, place, check, alias),
    }
}

/// Writes a column, or the place in its JSON, as a value to compare or to order by.
pub fn value(writer: &mut Writer<'_>, place: &Place<'_>, alias: &str) -> String {
    let Some(path) = &place.path else { return format!("{alias}.{}", name(&place.column.name)) };
    let column = json_column(place, alias);
    let path = writer.bind(path.as_str());
    if place.as_text {
        // SQLite would make 1 and 0 of true and false; Postgres makes texts of them.
        format!(
            "(case json_type({column}, {path}) when 'true' then 'true' when 'false' then 'false' \
             else cast({column} ->> {path} as text) end)"
        )
    } else {
        format!("({column} -> {path})")
    }
}

/// Writes a column that is looked into as JSON. What a view computes may be something else, over
/// which SQLite's functions would fail.
pub fn json_column(place: &Place<'_>, alias: &str) -> String {
    let column = format!("{alias}.{}", name(&place.column.name));
    match place.column.kind {
        Type::Any => format!("(case when json_valid({column}) then {column} end)"),
        _ => column,
    }
}

/// What SQL makes of a bound text.
pub fn cast(bound: &str, cast: Cast) -> String {
    match cast {
        Cast::Text => bound.to_owned(),
        Cast::Integer => format!("cast({bound} as integer)"),
        Cast::Real => format!("cast({bound} as real)"),
        Cast::Numeric => format!("cast({bound} as numeric)"),
        Cast::Bytes => format!("unhex({bound})"),
    }
}

const fn symbol(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::NotEqual => "<>",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
    }
}

fn test(writer: &mut Writer<'_>, place: &Place<'_>, check: &Check, alias: &str) -> String {
    match check {
        Check::Compare(comparison, scalar) => {
            let left = value(writer, place, alias);
            let right = writer.bind(scalar.text.as_str());
            format!("({left} {} {})", symbol(*comparison), cast(&right, scalar.cast))
        }
        Check::CompareJson(comparison, operand) => {
            compare_json(writer, place, (*comparison, operand), alias)
        }
        Check::Like(pattern) => like(writer, place, pattern, alias),
        Check::In { items, bytes } => {
            let left = if is_json(place) {
                format!("({})", json_at(writer, place, alias).as_json)
            } else {
                value(writer, place, alias)
            };
            let items = writer.bind(items.as_str());
            if *bytes {
                format!("(hex({left}) in (select upper(value) from json_each({items})))")
            } else {
                format!("({left} in (select value from json_each({items})))")
            }
        }
        Check::Is(is) => {
            let left = value(writer, place, alias);
            match is {
                Is::Null | Is::Unknown => format!("({left} is null)"),
                Is::NotNull => format!("({left} is not null)"),
                Is::True => format!("({left} is true)"),
                Is::False => format!("({left} is false)"),
            }
        }
    }
}

fn is_json(place: &Place<'_>) -> bool {
    match place.path {
        Some(_) => !place.as_text,
        None => place.column.kind == Type::Json,
    }
}

/// The ways to look at a JSON value.
struct JsonAt {
    kind: String,
    as_json: String,
    as_value: String,
}

fn json_at(writer: &mut Writer<'_>, place: &Place<'_>, alias: &str) -> JsonAt {
    let column = json_column(place, alias);
    let path = writer.bind(place.path.as_deref().unwrap_or("$"));
    JsonAt {
        kind: format!("json_type({column}, {path})"),
        as_json: format!("{column} -> {path}"),
        as_value: format!("{column} ->> {path}"),
    }
}

fn compare_json(
    writer: &mut Writer<'_>,
    place: &Place<'_>,
    (comparison, operand): (Comparison, &Json),
    alias: &str,
) -> String {
    let at = json_at(writer, place, alias);
    let symbol = symbol(comparison);
    let compared = match operand {
        Json::Number(number) => {
            let right = writer.bind(number.as_str());
            let right = cast(&right, Cast::Numeric);
            of_kind(&at, "'integer', 'real'", &format!("{} {symbol} {right}", at.as_value))
        }
        Json::Text(text) => {
            let right = writer.bind(text.as_str());
            of_kind(&at, "'text'", &format!("{} {symbol} {right}", at.as_value))
        }
        Json::Null | Json::Bool(_) | Json::Compound(_) => {
            let right = writer.bind(operand.written());
            return format!("({} {symbol} json({right}))", at.as_json);
        }
    };
    if comparison == Comparison::NotEqual {
        // Values of different kinds are different, unless there is none.
        return format!("({} is not null and ({compared}) is not false)", at.kind);
    }
    format!("({compared})")
}

fn of_kind(at: &JsonAt, kinds: &str, compared: &str) -> String {
    format!("case when {} in ({kinds}) then {compared} end", at.kind)
}

fn like(writer: &mut Writer<'_>, place: &Place<'_>, pattern: &Pattern, alias: &str) -> String {
    let plain = value(writer, place, alias);
    let left = if pattern.ignore_case { format!("lower({plain})") } else { plain };
    match &pattern.shape {
        Shape::Equal(text) => format!("({left} = {})", writer.bind(text.as_str())),
        Shape::Prefix(text) => {
            let text = writer.bind(text.as_str());
            format!("(substr({left}, 1, length({text})) = {text})")
        }
        Shape::Suffix(text) => {
            let text = writer.bind(text.as_str());
            format!("(substr({left}, -length({text})) = {text})")
        }
        Shape::Contains(text) => format!("(instr({left}, {}) > 0)", writer.bind(text.as_str())),
        Shape::General(text) if pattern.ignore_case => {
            format!("({left} like {} escape '\\')", writer.bind(text.as_str()))
        }
        Shape::General(text) => format!("({left} glob {})", writer.bind(text.as_str())),
    }
}
