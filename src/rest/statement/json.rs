//! Comparisons with JSON as SQL.
//!
//! What is compared with is known, so the statement follows its shape: a condition for each of its
//! values. Thus order of keys, white space and the form of numbers do not matter, and nothing must
//! have been stored in a canonical form. Members are found by their path; only the items of arrays
//! need a sub-select, since SQLite adds up the depth of nested ones.

use super::condition::{cast, symbol};
use super::writer::{Writer, joined};
use crate::http::json::{Json, quoted};
use crate::rest::plan::{Cast, Operand};
use crate::rest::query::{Comparison, Set};

/// A JSON value as SQL sees it.
pub struct At {
    /// The JSON in which it is.
    base: String,
    /// The path to it.
    path: String,
    /// Its kind, as `json_type` has it; null where there is none.
    kind: String,
    /// Itself: a scalar as a value, else as JSON.
    value: String,
}

impl At {
    /// The value at a path of some JSON.
    pub fn new(writer: &mut Writer<'_>, base: &str, path: String) -> Self {
        let bound = writer.path(&path);
        let kind = format!("json_type({base}, {bound})");
        Self { base: base.to_owned(), value: format!("({base} ->> {bound})"), path, kind }
    }

    /// The value at the end of one more step.
    fn step(&self, writer: &mut Writer<'_>, step: &str) -> Self {
        Self::new(writer, &self.base, format!("{}{step}", self.path))
    }

    /// Its items, and the table of them with its alias.
    fn items(&self, writer: &mut Writer<'_>) -> (Self, String, String) {
        let alias = writer.alias();
        let path = writer.path(&self.path);
        let each = format!("json_each({}, {path}) as {alias}", self.base);
        let item = Self {
            // A scalar is no JSON, and SQLite fails over what is none.
            base: format!("iif({alias}.type in ('object', 'array'), {alias}.value, null)"),
            path: "$".to_owned(),
            kind: format!("{alias}.type"),
            value: format!("{alias}.value"),
        };
        (item, each, alias)
    }
}

/// What must hold between a value and what it is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Relation {
    Equal,
    Contains,
    Contained,
}

/// The kinds of JSON that SQLite tells apart, from the least to the greatest as Postgres sorts them:
/// whatever the kinds, one of two values is the greater.
const RANKS: &str = "when 'null' then 1 when 'text' then 2 when 'integer' then 3 when 'real' then 3 \
    when 'true' then 4 when 'false' then 4 when 'object' then 6";

/// Writes a comparison.
pub fn compare(
    writer: &mut Writer<'_>,
    at: &At,
    comparison: Comparison,
    operand: &Operand,
) -> String {
    let equal = match comparison {
        Comparison::Equal | Comparison::NotEqual | Comparison::Distinct => {
            related_at_top(writer, at, operand, Relation::Equal)
        }
        _ => String::new(),
    };
    let (rank, right) = match (comparison, operand) {
        (Comparison::Equal, _) => return equal,
        (Comparison::NotEqual, _) => return format!("(not {equal})"),
        (Comparison::Distinct, _) => return format!("({equal} is not 1)"),
        (_, Operand::Scalar(Json::Number(number))) => (3, bound_number(writer, number)),
        (_, Operand::Scalar(Json::Text(text))) => (2, writer.bind(text.as_str())),
        (_, Operand::Scalar(Json::Bool(truth))) => (4, if *truth { "1" } else { "0" }.to_owned()),
        // All nulls are equal, so their kind decides.
        _ => (1, "1".to_owned()),
    };
    let (kind, value, symbol) = (&at.kind, &at.value, symbol(comparison));
    let left = if rank == 1 { "1" } else { value };
    // An empty array is the least of all, as in Postgres.
    format!(
        "((case {kind} {RANKS} when 'array' then iif({value} = '[]', 0, 5) end, {left}) \
         {symbol} ({rank}, {right}))"
    )
}

/// Writes that a value contains another or is contained in it.
pub fn set(writer: &mut Writer<'_>, at: &At, set: Set, operand: &Operand) -> String {
    let relation = if set == Set::Contains { Relation::Contains } else { Relation::Contained };
    related_at_top(writer, at, operand, relation)
}

/// Writes that a value is one of a list of scalars, which is a JSON array.
pub fn one_of(writer: &mut Writer<'_>, at: &At, items: &str) -> String {
    let items = writer.bind(items);
    let sort = |kind: &str| {
        format!("case {kind} when 'integer' then 'real' when 'false' then 'true' else {kind} end")
    };
    let (kind, value) = (sort(&at.kind), &at.value);
    let sorted = sort("type");
    // A null of JSON is a value like others, which null of SQL is not.
    format!(
        "(({kind}, iif({} = 'null', '', {value})) in \
         (select {sorted}, iif(type = 'null', '', value) from json_each({items})))",
        at.kind
    )
}

/// Writes a relation of the whole value: null where there is none.
fn related_at_top(
    writer: &mut Writer<'_>,
    at: &At,
    operand: &Operand,
    relation: Relation,
) -> String {
    let mut found = vec![related(writer, at, operand, relation)];
    if relation == Relation::Equal && operand.is_scalar() {
        return found.concat();
    }
    // An array contains a scalar that stands alone, but only at the top.
    match (relation, operand) {
        (Relation::Contains, Operand::Array(_) | Operand::Object(_)) => {}
        (Relation::Contains, _) => {
            let (item, each, _) = at.items(writer);
            let holds = related(writer, &item, operand, relation);
            let kind = &at.kind;
            found.push(format!(
                "({kind} = 'array' and exists (select 1 from {each} where {holds}))"
            ));
        }
        (Relation::Contained, Operand::Array(members)) => {
            for member in members.iter().filter(|member| member.is_scalar()) {
                found.push(related(writer, at, member, relation));
            }
        }
        (Relation::Contained | Relation::Equal, _) => {}
    }
    let found = joined(&found, "or", "0");
    format!("(case when {} is not null then ({found}) is 1 end)", at.kind)
}

/// Writes a relation of one value. Where there is none it is null or false.
fn related(writer: &mut Writer<'_>, at: &At, operand: &Operand, relation: Relation) -> String {
    let At { kind, value, .. } = at;
    match operand {
        Operand::Object(members) => object(writer, at, members, relation),
        Operand::Array(members) => array(writer, at, members, relation),
        Operand::Scalar(Json::Number(number)) => {
            let number = bound_number(writer, number);
            format!("({kind} in ('integer', 'real') and {value} = {number})")
        }
        Operand::Scalar(Json::Text(text)) => {
            format!("({kind} = 'text' and {value} = {})", writer.bind(text.as_str()))
        }
        // Null, true and false are of kinds of their own.
        Operand::Scalar(word) => format!("({kind} = '{}')", word.written()),
    }
}

fn object(
    writer: &mut Writer<'_>,
    at: &At,
    members: &[(String, Operand)],
    relation: Relation,
) -> String {
    let mut conditions = vec![format!("{} = 'object'", at.kind)];
    for (key, member) in members {
        let below = at.step(writer, &format!(".{}", quoted(key)));
        let holds = related(writer, &below, member, relation);
        conditions.push(match relation {
            Relation::Contained => format!("({} is null or {holds})", below.kind),
            Relation::Equal | Relation::Contains => holds,
        });
    }
    match relation {
        Relation::Contains => {}
        Relation::Equal => {
            let (_, each, _) = at.items(writer);
            conditions.push(format!("(select count(*) from {each}) = {}", members.len()));
        }
        Relation::Contained => {
            let (_, each, alias) = at.items(writer);
            let keys: Vec<String> =
                members.iter().map(|(key, _)| writer.bind(key.as_str())).collect();
            let keys = keys.join(", ");
            conditions.push(format!(
                "not exists (select 1 from {each} where {alias}.key not in ({keys}))"
            ));
        }
    }
    joined(&conditions, "and", "1")
}

fn array(writer: &mut Writer<'_>, at: &At, members: &[Operand], relation: Relation) -> String {
    let mut conditions = vec![format!("{} = 'array'", at.kind)];
    match relation {
        Relation::Equal => {
            let (_, each, _) = at.items(writer);
            conditions.push(format!("(select count(*) from {each}) = {}", members.len()));
            for (index, member) in members.iter().enumerate() {
                let below = at.step(writer, &format!("[{index}]"));
                conditions.push(related(writer, &below, member, relation));
            }
        }
        Relation::Contains => {
            for member in members {
                let (item, each, _) = at.items(writer);
                let holds = related(writer, &item, member, relation);
                conditions.push(format!("exists (select 1 from {each} where {holds})"));
            }
        }
        // Each item that is there must have its like.
        Relation::Contained => {
            let (item, each, _) = at.items(writer);
            let likes: Vec<String> =
                members.iter().map(|member| related(writer, &item, member, relation)).collect();
            let likes = joined(&likes, "or", "0");
            conditions.push(format!("not exists (select 1 from {each} where ({likes}) is not 1)"));
        }
    }
    joined(&conditions, "and", "1")
}

fn bound_number(writer: &mut Writer<'_>, number: &str) -> String {
    let bound = writer.bind(number);
    cast(&bound, Cast::Numeric)
}
