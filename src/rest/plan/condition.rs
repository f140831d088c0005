//! Conditions, resolved: columns are the catalog's, values have been checked against their types.

use std::rc::Rc;

use super::embed::Embed;
use super::operand::Operand;
use super::source::Source;
use super::text_search::{self, Search};
use super::value::{self, Cast, Scalar};
use crate::catalog::{Column, Type};
use crate::error::{Code, Error};
use crate::http::json;
use crate::rest::pattern::Pattern;
use crate::rest::query::{Comparison, Condition, Field, Filter, Is, JsonStep, Operator, Set, Test};
use crate::time::Milliseconds;

/// The most items of an array behind `(any)` and `(all)`, each of which becomes a test of its own,
/// and the most arrays and objects of an `in` list. `eq(any)` is an `in` and may have more.
const EACH_ITEMS_MAX: usize = 100;

/// A resolved condition.
#[derive(Debug)]
pub enum Node<'a> {
    /// One test of one place.
    Test(Place<'a>, Check),
    /// There are related rows.
    Related(Rc<Embed<'a>>),
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    /// The column.
    pub column: &'a Column,
    /// The path in SQLite's notation, such as `$."a"[0]`.
    pub path: Option<String>,
    /// Whether a text is made of what is found.
    pub as_text: bool,
}

impl<'a> Place<'a> {
    /// A whole column.
    pub const fn of(column: &'a Column) -> Self {
        Self { column, path: None, as_text: false }
    }

    /// The type of what is there.
    pub const fn kind(&self) -> Type {
        match (&self.path, self.as_text) {
            (None, _) => self.column.kind,
            (Some(_), true) => Type::Text { characters_max: None },
            (Some(_), false) => Type::Json,
        }
    }

    /// Whether JSON stands there.
    pub fn is_json(&self) -> bool {
        match self.path {
            Some(_) => !self.as_text,
            None => self.column.kind == Type::Json,
        }
    }

    /// Whether an array stands there.
    pub const fn is_array(&self) -> bool {
        self.path.is_none() && matches!(self.column.kind, Type::Array(_))
    }

    /// Whether it may hold a value of any type.
    const fn is_untyped(&self) -> bool {
        self.path.is_none() && matches!(self.column.kind, Type::Any)
    }

    /// The name of its type in Postgres' messages.
    fn type_name(&self) -> &'static str {
        match self.path {
            Some(_) if self.as_text => "text",
            _ if self.is_json() => "jsonb",
            _ => value::type_name(self.column.kind),
        }
    }
}

/// A test with its values.
#[derive(Debug)]
pub enum Check {
    /// Compares with null, which is never true and never false.
    Null,
    /// Compares with a value of the column's type.
    Compare(Comparison, Scalar),
    /// Compares with a JSON value; in order only with one that is neither array nor object.
    CompareJson(Comparison, Operand),
    /// Compares with a pattern.
    Like(Pattern),
    /// Is one of a list, which is a JSON array; `bytes` when its items are hexadecimal.
    In { items: String, bytes: bool },
    /// Is one of a list of JSON values that are neither arrays nor objects.
    InJson(String),
    /// Compares an array with one, written as JSON.
    Set(Set, String),
    /// Compares JSON with some: contains it, or is contained in it.
    SetJson(Set, Operand),
    /// `is`
    Is(Is),
}

/// Resolves a condition on rows that have those embeds.
///
/// # Errors
/// `42703`, `42501`, `42883`, `42804`, `54001`, `PGRST120`, `PGRST127`, or what values and
/// patterns say.
pub fn resolve<'a>(
    condition: &Condition,
    source: &Source<'a>,
    embeds: &[Rc<Embed<'a>>],
) -> Result<Node<'a>, Error> {
    let all = |members: &[Condition]| {
        members.iter().map(|member| resolve(member, source, embeds)).collect::<Result<Vec<_>, _>>()
    };
    Ok(match condition {
        Condition::All(members) => Node::All(all(members)?),
        Condition::Any(members) => Node::Any(all(members)?),
        Condition::Not(inner) => {
            let mut inner = resolve(inner, source, embeds)?;
            text_search::keep_nulls(&mut inner);
            Node::Not(Box::new(inner))
        }
        Condition::Search(field, search) => {
            Node::Search(text_search::resolve(field, search, source)?)
        }
        Condition::Filter(filter) => {
            if let Some(related) = Embed::tested(filter, embeds)? {
                return Ok(related);
            }
            test(filter, place(&filter.field, source)?, source.now())?
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
        return Ok(Place::of(column));
    }
    if !matches!(column.kind, Type::Json | Type::Array(_) | Type::Any) {
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

fn test<'a>(filter: &Filter, place: Place<'a>, now: Milliseconds) -> Result<Node<'a>, Error> {
    let check = match &filter.test {
        Test::Value(operator, text) => return one(&place, now, *operator, Some(text)),
        Test::Each { operator, all, items } => return each(&place, now, (*operator, *all), items),
        Test::In(items) => {
            let items: Vec<_> = items.iter().map(|item| Some(item.as_str())).collect();
            return one_of(&place, now, &items);
        }
        Test::Is(is) => Check::Is(checked_is(*is, &place)?),
        Test::Set(set, text) => self::set(&place, now, *set, text)?,
        Test::Range => {
            return Err(Error::not_implemented(
                "ranges are not kept here; keep both ends in columns of their own and compare those \
                 with gt, gte, lt and lte",
            ));
        }
    };
    Ok(Node::Test(place, check))
}

/// Tests against one value; `None` is null.
fn one<'a>(
    place: &Place<'a>,
    now: Milliseconds,
    operator: Operator,
    text: Option<&str>,
) -> Result<Node<'a>, Error> {
    check_operator(place, operator)?;
    let node = |check| Node::Test(place.clone(), check);
    let Some(text) = text else { return Ok(node(Check::Null)) };
    Ok(match operator {
        Operator::Compare(comparison) if place.is_json() => {
            let operand = Operand::read(text)?;
            let is_ordered = !matches!(
                comparison,
                Comparison::Equal | Comparison::NotEqual | Comparison::Distinct
            );
            if is_ordered && !operand.is_scalar() {
                return Err(Error::not_implemented(
                    "the order of JSON arrays and objects; compare what is in them, or use ->>",
                ));
            }
            node(Check::CompareJson(comparison, operand))
        }
        Operator::Compare(Comparison::Equal) if place.is_untyped() => {
            one_of(place, now, &[Some(text)])?
        }
        Operator::Compare(Comparison::NotEqual) if place.is_untyped() => {
            Node::Not(Box::new(one_of(place, now, &[Some(text)])?))
        }
        Operator::Compare(comparison) => {
            node(Check::Compare(comparison, operand(place, now, text)?))
        }
        Operator::Like { ignore_case } => node(Check::Like(Pattern::like(text, ignore_case)?)),
        Operator::Match { ignore_case } => {
            let patterns = Pattern::regex(text, ignore_case)?;
            Node::Any(patterns.into_iter().map(|pattern| node(Check::Like(pattern))).collect())
        }
    })
}

/// Tests against each item of an array.
fn each<'a>(
    place: &Place<'a>,
    now: Milliseconds,
    (operator, all): (Operator, bool),
    items: &str,
) -> Result<Node<'a>, Error> {
    check_operator(place, operator)?;
    let items = value::array_items(items)?;
    if operator == Operator::Compare(Comparison::Equal) && !all {
        let items: Vec<_> = items.iter().map(Option::as_deref).collect();
        return one_of(place, now, &items);
    }
    check_each(items.len())?;
    let tests: Vec<Node<'a>> = items
        .iter()
        .map(|item| one(place, now, operator, item.as_deref()))
        .collect::<Result<_, _>>()?;
    Ok(if all { Node::All(tests) } else { Node::Any(tests) })
}

fn check_each(items: usize) -> Result<(), Error> {
    if items <= EACH_ITEMS_MAX {
        return Ok(());
    }
    Err(Error::new(Code::TooComplex, format!("more than {EACH_ITEMS_MAX} items to compare with")))
}

/// Whether it is one of a list; `None` is null.
fn one_of<'a>(
    place: &Place<'a>,
    now: Milliseconds,
    items: &[Option<&str>],
) -> Result<Node<'a>, Error> {
    let node = |check| Node::Test(place.clone(), check);
    if !place.is_json() {
        let mut texts: Vec<String> = items
            .iter()
            .map(|item| match item {
                Some(text) => operand(place, now, text).map(|scalar| scalar.to_json()),
                None => Ok("null".to_owned()),
            })
            .collect::<Result<_, _>>()?;
        // What a view computes may be a number, or a text of digits.
        if place.is_untyped() {
            texts.extend(items.iter().flatten().map(|text| json::quoted(text)));
        }
        let items = texts;
        let bytes = place.path.is_none() && place.column.kind == Type::Bytes;
        return Ok(node(Check::In { items: json::list(&items), bytes }));
    }
    let mut scalars = Vec::new();
    let mut nodes = Vec::new();
    for item in items {
        match item.map(Operand::read).transpose()? {
            None => nodes.push(node(Check::Null)),
            Some(Operand::Scalar(scalar)) => scalars.push(scalar.written()),
            Some(operand) => nodes.push(node(Check::CompareJson(Comparison::Equal, operand))),
        }
    }
    check_each(nodes.len())?;
    nodes.push(node(Check::InJson(json::list(&scalars))));
    Ok(Node::Any(nodes))
}

fn set(place: &Place<'_>, now: Milliseconds, set: Set, text: &str) -> Result<Check, Error> {
    if place.is_json() {
        if set == Set::Overlaps {
            return Err(no_operator(place, "&&"));
        }
        return Ok(Check::SetJson(set, Operand::read(text)?));
    }
    match place.column.kind {
        Type::Array(_) if place.path.is_none() => {
            Ok(Check::Set(set, value::from_text(place.column, text, now)?.text))
        }
        _ => Err(Error::not_implemented(
            "cs, cd and ov compare arrays, such as text[], and JSON; ranges are not kept here: keep \
             both ends in columns of their own and compare those with gt, gte, lt and lte",
        )),
    }
}

fn operand(place: &Place<'_>, now: Milliseconds, text: &str) -> Result<Scalar, Error> {
    if place.path.is_some() {
        return Ok(Scalar { text: text.to_owned(), cast: Cast::Text });
    }
    value::from_text(place.column, text, now)
}

/// Refuses an operator that the type does not have.
fn check_operator(place: &Place<'_>, operator: Operator) -> Result<(), Error> {
    let is_textual = match place.path {
        Some(_) => place.as_text,
        None => matches!(place.column.kind, Type::Text { .. } | Type::Any),
    };
    let symbol = match operator {
        _ if is_textual => return Ok(()),
        Operator::Compare(Comparison::Equal | Comparison::NotEqual | Comparison::Distinct) => {
            return Ok(());
        }
        Operator::Compare(_) if place.is_array() => {
            return Err(Error::not_implemented(
                "the order of arrays; compare them with eq, neq, isdistinct, in, cs, cd and ov",
            ));
        }
        Operator::Compare(_) => return Ok(()),
        Operator::Like { ignore_case: false } => "~~",
        Operator::Like { ignore_case: true } => "~~*",
        Operator::Match { ignore_case: false } => "~",
        Operator::Match { ignore_case: true } => "~*",
    };
    Err(no_operator(place, symbol))
}

fn checked_is(is: Is, place: &Place<'_>) -> Result<Is, Error> {
    let boolean = matches!(place.column.kind, Type::Boolean | Type::Any) && place.path.is_none();
    match is {
        Is::Null | Is::NotNull => Ok(is),
        Is::True | Is::False | Is::Unknown if boolean => Ok(is),
        Is::True | Is::False | Is::Unknown => {
            let kind = place.type_name();
            let message = format!("argument of IS must be type boolean, not type {kind}");
            Err(Error::new(Code::TypeMismatch, message))
        }
    }
}

fn no_operator(place: &Place<'_>, operator: &str) -> Error {
    let kind = place.type_name();
    Error::new(
        Code::OperatorUndefined,
        format!("operator does not exist: {kind} {operator} unknown"),
    )
    .hint("No operator matches the given name and argument types. You might need to add explicit type casts.")
}
