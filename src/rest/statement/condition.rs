//! Conditions as SQL.

use super::embed::related_exist;
use super::json::{self, At};
use super::pattern::like;
use super::text_search;
use super::writer::{Writer, joined, name};
use crate::catalog::Type;
use crate::http::json::Walker;
use crate::rest::plan::{Cast, Check, Node, Place, Purpose};
use crate::rest::query::{Comparison, Is, Set};

/// The most terms that SQLite is shown as such. For a policy with an `or` it may chain all of them
/// into one expression, which it then finds too deep.
const TERMS_SHOWN_MAX: usize = 40;

/// Adds the conditions on the row of that alias, all of which must hold.
pub fn all(writer: &mut Writer<'_>, nodes: &[Node<'_>], alias: &str, found: &mut Vec<String>) {
    let mut terms = 0_usize;
    let mut hidden = Vec::new();
    for node in nodes {
        terms = terms.saturating_add(self::terms(node));
        let sql = condition(writer, node, alias);
        // An index that stands beside the table is asked by a term of its own or not at all.
        let ranks = matches!(node, Node::Search(search) if search.purpose == Purpose::Rank);
        if ranks || terms <= TERMS_SHOWN_MAX { found.push(sql) } else { hidden.push(sql) }
    }
    if !hidden.is_empty() {
        // A sign keeps them together.
        found.push(format!("+({})", joined(&hidden, "and", "1")));
    }
}

/// How many terms a condition falls into.
fn terms(node: &Node<'_>) -> usize {
    match node {
        Node::All(members) => members.iter().map(terms).fold(0, usize::saturating_add),
        Node::Test(..) | Node::Related(_) | Node::Search(_) | Node::Any(_) | Node::Not(_) => 1,
    }
}

/// Writes a condition for the row of that alias.
fn condition(writer: &mut Writer<'_>, node: &Node<'_>, alias: &str) -> String {
    let mut all = |members: &[Node<'_>]| -> Vec<String> {
        members.iter().map(|member| condition(writer, member, alias)).collect()
    };
    match node {
        Node::All(members) => joined(&all(members), "and", "1"),
        Node::Any(members) => joined(&all(members), "or", "0"),
        Node::Not(inner) => format!("(not {})", condition(writer, inner, alias)),
        Node::Search(search) => text_search::condition(writer, search, alias),
        Node::Test(place, check) => test(writer, place, check, alias),
        Node::Related(embed) => related_exist(writer, embed, alias),
    }
}

/// Writes a column, or the place in its JSON, as a value to compare or to order by.
pub fn value(writer: &mut Writer<'_>, place: &Place<'_>, alias: &str) -> String {
    let Some(path) = &place.path else { return format!("{alias}.{}", name(&place.column.name)) };
    let column = json_column(place, alias);
    let path = writer.path(path);
    if place.as_text {
        // Of true, false and numbers SQLite would make other texts than they are in JSON. What is
        // concatenated is a text and no JSON any more.
        format!(
            "iif(json_type({column}, {path}) in ('text', 'null'), {column} ->> {path}, \
             ({column} -> {path}) || '')"
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

/// What a comparison is called in SQL.
pub const fn symbol(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::NotEqual => "<>",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Distinct => "is not",
    }
}

fn test(writer: &mut Writer<'_>, place: &Place<'_>, check: &Check, alias: &str) -> String {
    let mut left = || {
        let value = value(writer, place, alias);
        // Whatever wrote an array, white space in it does not count.
        if place.is_array() { format!("json({value})") } else { value }
    };
    match check {
        Check::Null => "null".to_owned(),
        Check::Compare(comparison, scalar) => {
            let left = left();
            let right = writer.bind(scalar.text.as_str());
            format!("({left} {} {})", symbol(*comparison), cast(&right, scalar.cast))
        }
        Check::CompareJson(comparison, operand) => {
            let at = json_at(writer, place, alias);
            json::compare(writer, &at, *comparison, operand)
        }
        Check::Like(pattern) => {
            let left = left();
            let is_column = place.path.is_none() && matches!(place.column.kind, Type::Text { .. });
            like(writer, &left, pattern, is_column)
        }
        Check::In { items, bytes } => {
            let left = left();
            let items = writer.bind(items.as_str());
            let item = if *bytes { "unhex(value)" } else { "value" };
            format!("({left} in (select {item} from json_each({items})))")
        }
        Check::InJson(items) => {
            let at = json_at(writer, place, alias);
            json::one_of(writer, &at, items)
        }
        Check::Set(set, items) => {
            let left = value(writer, place, alias);
            array_set(writer, *set, &left, items)
        }
        Check::SetJson(set, operand) => {
            let at = json_at(writer, place, alias);
            json::set(writer, &at, *set, operand)
        }
        Check::Is(is) => {
            let left = left();
            match is {
                Is::Null | Is::Unknown => format!("({left} is null)"),
                Is::NotNull => format!("({left} is not null)"),
                Is::True => format!("({left} is true)"),
                Is::False => format!("({left} is false)"),
            }
        }
    }
}

fn json_at(writer: &mut Writer<'_>, place: &Place<'_>, alias: &str) -> At {
    let column = json_column(place, alias);
    let path = place.path.clone().unwrap_or_else(|| "$".to_owned());
    At::new(writer, &column, path)
}

/// Writes how two arrays compare. An item that is null is equal to none, as in Postgres.
fn array_set(writer: &mut Writer<'_>, set: Set, left: &str, items: &str) -> String {
    let count = if set == Set::Contains { distinct(items) } else { Some(0) };
    let Some(count) = count else {
        return format!("(case when {left} is not null then 0 end)");
    };
    let (item, right) = (writer.alias(), writer.bind(items));
    let values = format!("(select value from json_each({right}))");
    let holds = match set {
        // Counted rather than looked for one by one, which would go through a long array each time.
        Set::Contains => format!(
            "(select count(distinct value) from json_each({left}) where value in {values}) = {count}"
        ),
        Set::Contained => format!(
            "not exists (select 1 from json_each({left}) as {item} where {item}.value is null \
             or {item}.value not in (select value from json_each({right}) where value is not null))"
        ),
        Set::Overlaps => format!(
            "exists (select 1 from json_each({left}) as {item} where {item}.value in {values})"
        ),
    };
    format!("(case when {left} is not null then {holds} end)")
}

/// How many different items an array has, each in its canonical form; none when one is null.
fn distinct(items: &str) -> Option<usize> {
    let mut walker = Walker::new(items);
    let mut found = Vec::new();
    while walker.eat('[') || walker.eat(',') {
        match walker.value() {
            "null" => return None,
            "" => break,
            item => found.push(item),
        }
    }
    found.sort_unstable();
    found.dedup();
    Some(found.len())
}
