//! Conditions, resolved: columns are the catalog's, values have been checked against their types.

use super::source::Source;
use super::text_search::{self, Search};
use super::value::{self, Cast, Scalar};
use crate::catalog::{Column, Type};
use crate::error::{Code, Error};
use crate::http::json::{self, Json};
use crate::rest::pattern::Pattern;
use crate::rest::query::{Comparison, Condition, Field, Filter, Is, JsonStep, Test};

/// A resolved condition.
#[derive(Debug)]
pub enum Node<'a> {
    /// One test of one place.
    Test(Place<'a>, Check),
    /// A search in the text of one column.
    Search(Search<'a>),
    /// All of them.
    All(Vec<Self>),
    /// Any of them.
    Any(Vec<Self>),
    /// Not that.
    Not(Box<Self>),
}

/// A column, or a place within its JSON.
#[derive(Debug)]
pub struct Place<'a> {
    /// The column.
    pub column: &'a Column,
    /// The path in SQLite's notation, such as `$."a"[0]`.
    pub path: Option<String>,
    /// Whether a text is made of what is found.
    pub as_text: bool,
}

/// A test with its values.
#[derive(Debug)]
pub enum Check {
    /// Compares with a value of the column's type.
    Compare(Comparison, Scalar),
    /// Compares with a JSON value.
    CompareJson(Comparison, Json),
    /// Compares with a pattern.
    Like(Pattern),
    /// Is one of a list, which is a JSON array; `bytes` when its items are hexadecimal.
    In { items: String, bytes: bool },
    /// `is`
    Is(Is),
}

/// Resolves a condition.
///
/// # Errors
/// `42703`, `42501`, `42883`, `42804` or what [`value::from_text`] says.
pub fn resolve<'a>(condition: &Condition, source: &Source<'a>) -> Result<Node<'a>, Error> {
    let all = |members: &[Condition]| {
        members.iter().map(|member| resolve(member, source)).collect::<Result<Vec<_>, _>>()
    };
    Ok(match condition {
        Condition::All(members) => Node::All(all(members)?),
        Condition::Any(members) => Node::Any(all(members)?),
        Condition::Not(inner) => {
            let mut inner = resolve(inner, source)?;
            text_search::keep_nulls(&mut inner);
            Node::Not(Box::new(inner))
        }
        Condition::Search(field, search) => {
            Node::Search(text_search::resolve(field, search, source)?)
        }
        Condition::Filter(filter) => {
            let place = place(&filter.field, source)?;
            let check = check(filter, &place)?;
            Node::Test(place, check)
        }
    })
}

/// Resolves a field.
///
/// # Errors
/// `42703`, `42501`, or `42883` for a path into a column that holds no JSON.
pub fn place<'a>(field: &Field, source: &Source<'a>) -> Result<Place<'a>, Error> {
    let column = source.column(&field.column)?;
    if field.path.is_empty() {
        return Ok(Place { column, path: None, as_text: false });
    }
    if !matches!(column.kind, Type::Json | Type::Any) {
        let message =
            format!("operator does not exist: {} -> unknown", value::type_name(column.kind));
        return Err(Error::new(Code::OperatorUndefined, message)
            .hint(format!("declare the column \"{}\" as jsonb to look into it", column.name)));
    }
    let mut path = String::from("$");
    for step in &field.path {
        match step {
            JsonStep::Key(key) => path.push_str(&format!(".\"{key}\"")),
            JsonStep::Index(index) if *index < 0 => path.push_str(&format!("[#{index}]")),
            JsonStep::Index(index) => path.push_str(&format!("[{index}]")),
        }
    }
    Ok(Place { column, path: Some(path), as_text: field.as_text })
}

fn check(filter: &Filter, place: &Place<'_>) -> Result<Check, Error> {
    let is_json = place.path.is_some() && !place.as_text
        || place.path.is_none() && place.column.kind == Type::Json;
    Ok(match &filter.test {
        Test::Is(is) => Check::Is(checked_is(*is, place)?),
        Test::Compare(comparison, text) if is_json => {
            Check::CompareJson(*comparison, json_operand(text)?)
        }
        Test::Compare(comparison, text) => Check::Compare(*comparison, operand(place, text)?),
        Test::Like { pattern, ignore_case } => {
            if !is_textual(place) {
                return Err(no_operator(place, if *ignore_case { "~~*" } else { "~~" }));
            }
            Check::Like(Pattern::compile(pattern, *ignore_case)?)
        }
        Test::In(items) if is_json => {
            // A list of JSON texts, since that is what a path into JSON gives.
            let items: Vec<String> = items
                .iter()
                .map(|item| json_operand(item).map(|value| json::quoted(&value.written())))
                .collect::<Result<_, _>>()?;
            Check::In { items: list(&items), bytes: false }
        }
        Test::In(items) => {
            let items: Vec<String> = items
                .iter()
                .map(|item| operand(place, item).map(|scalar| scalar.to_json()))
                .collect::<Result<_, _>>()?;
            let bytes = place.column.kind == Type::Bytes;
            Check::In { items: list(&items), bytes }
        }
    })
}

fn operand(place: &Place<'_>, text: &str) -> Result<Scalar, Error> {
    if place.path.is_some() {
        return Ok(Scalar { text: text.to_owned(), cast: Cast::Text });
    }
    value::from_text(place.column, text)
}

fn list(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

fn json_operand(text: &str) -> Result<Json, Error> {
    json::read(text.as_bytes()).map_err(|_| {
        let quoted: String = text.chars().take(80).collect();
        Error::new(Code::ValueInvalid, format!("invalid input syntax for type json: \"{quoted}\""))
            .hint("a text is written in double quotes here; use ->> to compare as text")
    })
}

fn is_textual(place: &Place<'_>) -> bool {
    match place.path {
        Some(_) => place.as_text,
        None => matches!(place.column.kind, Type::Text { .. } | Type::Any),
    }
}

fn checked_is(is: Is, place: &Place<'_>) -> Result<Is, Error> {
    let boolean = matches!(place.column.kind, Type::Boolean | Type::Any) && place.path.is_none();
    match is {
        Is::Null | Is::NotNull => Ok(is),
        Is::True | Is::False | Is::Unknown if boolean => Ok(is),
        Is::True | Is::False | Is::Unknown => {
            let kind = value::type_name(place.column.kind);
            let message = format!("argument of IS must be type boolean, not type {kind}");
            Err(Error::new(Code::TypeMismatch, message))
        }
    }
}

fn no_operator(place: &Place<'_>, operator: &str) -> Error {
    let kind = if place.path.is_some() { "json" } else { value::type_name(place.column.kind) };
    Error::new(
        Code::OperatorUndefined,
        format!("operator does not exist: {kind} {operator} unknown"),
    )
    .hint("No operator matches the given name and argument types. You might need to add explicit type casts.")
}
