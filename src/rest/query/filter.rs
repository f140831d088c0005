//! Conditions on rows.
//!
//! ```text
//! top level    field "=" [ "not." ] operator "." value         age=not.gte.18
//! logic        "and=(" member *( "," member ) ")"              or=(a.eq.1,not.and(b.gt.2,c.is.null))
//! member       [ "not." ] ( "and" / "or" ) "(" .. ")"  /  field "." [ "not." ] operator "." value
//! value        at the top level everything to the end; within logic to the next "," or ")",
//!              or a text in double quotes
//! in           "(" item *( "," item ) ")"                      id=in.(1,2,"a,b")
//! ```

use super::cursor::{Cursor, Unparsed};
use super::field::Field;
use super::text_search::{Notation, TextSearch};

/// The deepest nesting of `and` and `or`.
pub const NESTING_MAX: usize = 16;

/// The most items of an `in` list.
pub const IN_ITEMS_MAX: usize = 10_000;

/// A condition, as a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// One test of one field.
    Filter(Filter),
    /// A search in the text of one field.
    Search(Field, TextSearch),
    /// All of them.
    All(Vec<Self>),
    /// Any of them.
    Any(Vec<Self>),
    /// Not that.
    Not(Box<Self>),
}

/// One test of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// What is tested.
    pub field: Field,
    /// How.
    pub test: Test,
}

/// How a field is tested, and against what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Test {
    /// `eq neq gt gte lt lte`
    Compare(Comparison, String),
    /// `like` and, ignoring case, `ilike`; `*` stands for `%`.
    Like { pattern: String, ignore_case: bool },
    /// `in`
    In(Vec<String>),
    /// `is`
    Is(Is),
}

/// The order comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

/// What `is` compares with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Is {
    Null,
    NotNull,
    True,
    False,
    Unknown,
}

/// Why a filter is not one: it does not parse, or Selvedge does not have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilterError {
    /// It does not parse.
    Unparsed(Unparsed),
    /// An operator of the dialect that Selvedge does not have.
    Unsupported(String),
}

impl From<Unparsed> for FilterError {
    fn from(unparsed: Unparsed) -> Self {
        Self::Unparsed(unparsed)
    }
}

/// Operators that the dialect knows and Selvedge does not have.
const UNSUPPORTED: &[&str] =
    &["match", "imatch", "isdistinct", "cs", "cd", "ov", "sl", "sr", "nxr", "nxl", "adj"];

/// Where a value ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    TopLevel,
    Logic,
}

/// Reads the value of a top-level parameter, such as `not.eq.5`.
pub fn top_level(field: Field, text: &str) -> Result<Condition, FilterError> {
    let mut cursor = Cursor::new(text);
    let condition = operation(&mut cursor, field, Place::TopLevel)?;
    cursor.finish("end of input")?;
    Ok(condition)
}

/// Reads the value of `and=` or `or=`, such as `(a.eq.1,b.eq.2)`.
pub fn logic(text: &str, any: bool) -> Result<Condition, FilterError> {
    let mut cursor = Cursor::new(text);
    let members = members(&mut cursor, 1)?;
    cursor.finish("end of input")?;
    Ok(joined(members, any))
}

const fn joined(members: Vec<Condition>, any: bool) -> Condition {
    if any { Condition::Any(members) } else { Condition::All(members) }
}

fn negated(condition: Condition, negate: bool) -> Condition {
    if negate { Condition::Not(Box::new(condition)) } else { condition }
}

fn members(cursor: &mut Cursor<'_>, depth: usize) -> Result<Vec<Condition>, FilterError> {
    if depth > NESTING_MAX {
        return Err(cursor.unexpected("fewer levels of and() and or()").into());
    }
    cursor.expect("(", "'('")?;
    let mut found = vec![member(cursor, depth)?];
    loop {
        cursor.skip_spaces();
        if cursor.eat(")") {
            cursor.skip_spaces();
            return Ok(found);
        }
        cursor.expect(",", "',' or ')'")?;
        found.push(member(cursor, depth)?);
    }
}

fn member(cursor: &mut Cursor<'_>, depth: usize) -> Result<Condition, FilterError> {
    cursor.skip_spaces();
    let start = cursor.clone();
    let negate = cursor.eat("not.");
    for (word, any) in [("and", false), ("or", true)] {
        let mut ahead = cursor.clone();
        if ahead.eat(word) && ahead.rest().trim_start_matches(' ').starts_with('(') {
            *cursor = ahead;
            let members = members(cursor, depth.saturating_add(1))?;
            return Ok(negated(joined(members, any), negate));
        }
    }
    *cursor = start;
    let field = Field::read(cursor)?;
    cursor.expect(".", "'.' and an operator")?;
    operation(cursor, field, Place::Logic)
}

fn operation(
    cursor: &mut Cursor<'_>,
    field: Field,
    place: Place,
) -> Result<Condition, FilterError> {
    let negate = cursor.eat("not.");
    let start = cursor.clone();
    let operator = cursor.take_while(|character| character.is_ascii_alphabetic());
    if let Some(notation) = Notation::of_operator(operator) {
        let language = TextSearch::language(cursor)?;
        if !cursor.eat(".") {
            return Err(cursor.unexpected("'.'").into());
        }
        let search = TextSearch { notation, language, text: value(cursor, place)? };
        return Ok(negated(Condition::Search(field, search), negate));
    }
    if UNSUPPORTED.contains(&operator) {
        return Err(FilterError::Unsupported(operator.to_owned()));
    }
    if is_known(operator) && cursor.rest().starts_with('(') {
        return Err(FilterError::Unsupported(format!("{operator}(any) and {operator}(all)")));
    }
    if !is_known(operator) || !cursor.eat(".") {
        return Err(start.unexpected("operator (eq, gt, ..)").into());
    }
    let test = test(cursor, operator, place)?;
    Ok(negated(Condition::Filter(Filter { field, test }), negate))
}

fn is_known(operator: &str) -> bool {
    comparison(operator).is_some() || matches!(operator, "like" | "ilike" | "in" | "is")
}

fn comparison(operator: &str) -> Option<Comparison> {
    Some(match operator {
        "eq" => Comparison::Equal,
        "neq" => Comparison::NotEqual,
        "gt" => Comparison::Greater,
        "gte" => Comparison::GreaterOrEqual,
        "lt" => Comparison::Less,
        "lte" => Comparison::LessOrEqual,
        _ => return None,
    })
}

fn test(cursor: &mut Cursor<'_>, operator: &str, place: Place) -> Result<Test, FilterError> {
    if let Some(comparison) = comparison(operator) {
        return Ok(Test::Compare(comparison, value(cursor, place)?));
    }
    Ok(match operator {
        "in" => Test::In(list(cursor)?),
        "is" => {
            let start = cursor.clone();
            let word = value(cursor, place)?;
            Test::Is(
                is(&word)
                    .ok_or_else(|| start.unexpected("null, not_null, true, false or unknown"))?,
            )
        }
        like => Test::Like { pattern: value(cursor, place)?, ignore_case: like == "ilike" },
    })
}

fn is(word: &str) -> Option<Is> {
    Some(match word.to_ascii_lowercase().as_str() {
        "null" => Is::Null,
        "not_null" => Is::NotNull,
        "true" => Is::True,
        "false" => Is::False,
        "unknown" => Is::Unknown,
        _ => return None,
    })
}

fn value(cursor: &mut Cursor<'_>, place: Place) -> Result<String, Unparsed> {
    match place {
        Place::TopLevel => Ok(cursor.take_while(|_| true).to_owned()),
        Place::Logic if cursor.peek() == Some('"') => cursor.quoted(),
        Place::Logic => {
            Ok(cursor.take_while(|character| !matches!(character, ',' | ')')).to_owned())
        }
    }
}

/// Reads `(a,"b,c")`. An empty list, or one of a single empty item, has no items.
fn list(cursor: &mut Cursor<'_>) -> Result<Vec<String>, Unparsed> {
    cursor.expect("(", "'('")?;
    let mut items = Vec::new();
    loop {
        if items.len() == IN_ITEMS_MAX {
            return Err(cursor.unexpected("at most 10000 items"));
        }
        cursor.skip_spaces();
        items.push(if cursor.peek() == Some('"') {
            let item = cursor.quoted()?;
            cursor.skip_spaces();
            item
        } else {
            cursor.take_while(|character| !matches!(character, ',' | ')')).to_owned()
        });
        if cursor.eat(")") {
            break;
        }
        if !cursor.eat(",") {
            return Err(cursor.unexpected("',' or ')'"));
        }
    }
    if items.as_slice() == [""] {
        items.clear();
    }
    Ok(items)
}
