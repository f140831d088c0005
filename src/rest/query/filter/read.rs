//! Reads conditions.
//!
//! ```text
//! top level    field "=" [ "not." ] operator "." value         age=not.gte.18
//! logic        "and=(" member *( "," member ) ")"              or=(a.eq.1,not.and(b.gt.2,c.is.null))
//! member       [ "not." ] ( "and" / "or" ) "(" .. ")"  /  field "." [ "not." ] operator "." value
//! operator     word [ "(any)" / "(all)" ]                      name=like(any).{A*,B*}
//! value        at the top level everything to the end; within logic to the next "," or ")",
//!              or a text in double quotes, or everything between braces
//! in           "(" item *( "," item ) ")"                      id=in.(1,2,"a,b")
//! ```

use super::super::cursor::{Cursor, Unparsed};
use super::super::field::Field;
use super::super::text_search::{Notation, TextSearch};
use super::{Comparison, Condition, Filter, Is, Operator, Set, Test};

/// The deepest nesting of `and` and `or`.
const NESTING_MAX: usize = 16;

/// The most items of an `in` list.
const IN_ITEMS_MAX: usize = 10_000;

/// What an operator's word asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Operator(Operator),
    In,
    Is,
    Set(Set),
    Range,
}

fn word(text: &str) -> Option<Word> {
    use Comparison::{Distinct, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let compare = |comparison| Word::Operator(Operator::Compare(comparison));
    Some(match text {
        "eq" => compare(Equal),
        "neq" => compare(NotEqual),
        "gt" => compare(Greater),
        "gte" => compare(GreaterOrEqual),
        "lt" => compare(Less),
        "lte" => compare(LessOrEqual),
        "isdistinct" => compare(Distinct),
        "like" => Word::Operator(Operator::Like { ignore_case: false }),
        "ilike" => Word::Operator(Operator::Like { ignore_case: true }),
        "match" => Word::Operator(Operator::Match { ignore_case: false }),
        "imatch" => Word::Operator(Operator::Match { ignore_case: true }),
        "in" => Word::In,
        "is" => Word::Is,
        "cs" => Word::Set(Set::Contains),
        "cd" => Word::Set(Set::Contained),
        "ov" => Word::Set(Set::Overlaps),
        "sl" | "sr" | "nxr" | "nxl" | "adj" => Word::Range,
        _ => return None,
    })
}

/// Where a value ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    TopLevel,
    Logic,
    List,
}

/// Reads the value of a top-level parameter, such as `not.eq.5`.
pub fn top_level(field: Field, text: &str) -> Result<Condition, Unparsed> {
    let mut cursor = Cursor::new(text);
    let condition = operation(&mut cursor, field, Place::TopLevel)?;
    cursor.finish("end of input")?;
    Ok(condition)
}

/// Reads the value of `and=` or `or=`, such as `(a.eq.1,b.eq.2)`.
pub fn logic(text: &str, any: bool) -> Result<Condition, Unparsed> {
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

fn members(cursor: &mut Cursor<'_>, depth: usize) -> Result<Vec<Condition>, Unparsed> {
    if depth > NESTING_MAX {
        return Err(cursor.unexpected("fewer levels of and() and or()"));
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

fn member(cursor: &mut Cursor<'_>, depth: usize) -> Result<Condition, Unparsed> {
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

fn operation(cursor: &mut Cursor<'_>, field: Field, place: Place) -> Result<Condition, Unparsed> {
    let negate = cursor.eat("not.");
    let start = cursor.clone();
    let text = cursor.take_while(|character| character.is_ascii_alphabetic());
    if let Some(notation) = Notation::of_operator(text) {
        let language = TextSearch::language(cursor)?;
        if !cursor.eat(".") {
            return Err(cursor.unexpected("'.'"));
        }
        let search = TextSearch { notation, language, text: value(cursor, place) };
        return Ok(negated(Condition::Search(field, search), negate));
    }
    let unknown = || start.unexpected("operator (eq, gt, ..)");
    let word = word(text).ok_or_else(unknown)?;
    let all = if cursor.eat("(any)") {
        Some(false)
    } else if cursor.eat("(all)") {
        Some(true)
    } else {
        None
    };
    if !cursor.eat(".") {
        return Err(unknown());
    }
    let test = match (word, all) {
        (Word::Operator(operator), None) => Test::Value(operator, value(cursor, place)),
        (Word::Operator(operator), Some(all)) if takes_each(operator) => {
            Test::Each { operator, all, items: value(cursor, place) }
        }
        (_, Some(_)) => return Err(unknown()),
        (Word::In, None) => Test::In(list(cursor)?),
        (Word::Is, None) => {
            let before = cursor.clone();
            let word = value(cursor, place);
            let expecting = "null, not_null, true, false or unknown";
            Test::Is(is(&word).ok_or_else(|| before.unexpected(expecting))?)
        }
        (Word::Set(set), None) => Test::Set(set, value(cursor, place)),
        (Word::Range, None) => {
            value(cursor, place);
            Test::Range
        }
    };
    Ok(negated(Condition::Filter(Filter { field, test }), negate))
}

/// Whether an operator may be followed by `(any)` and `(all)`.
const fn takes_each(operator: Operator) -> bool {
    !matches!(operator, Operator::Compare(Comparison::NotEqual | Comparison::Distinct))
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

fn value(cursor: &mut Cursor<'_>, place: Place) -> String {
    if place == Place::TopLevel {
        return cursor.take_while(|_| true).to_owned();
    }
    let mut ahead = cursor.clone();
    if let Ok(text) = ahead.quoted()
        && ends(&mut ahead)
    {
        *cursor = ahead;
        return text;
    }
    let mut ahead = cursor.clone();
    if place == Place::Logic
        && let Some(text) = braces(&mut ahead)
        && ends(&mut ahead)
    {
        *cursor = ahead;
        return text.to_owned();
    }
    cursor.take_while(|character| !matches!(character, ',' | ')')).to_owned()
}

/// Whether a value ends here. If it does not, quotes and braces are but characters of it.
fn ends(cursor: &mut Cursor<'_>) -> bool {
    cursor.skip_spaces();
    matches!(cursor.peek(), None | Some(',' | ')'))
}

/// Reads from a brace to the one that closes it: an array or a JSON object. Braces in quotes do not
/// count.
fn braces<'a>(cursor: &mut Cursor<'a>) -> Option<&'a str> {
    let mut depth = 0_usize;
    let mut in_quotes = false;
    let mut is_escaped = false;
    let mut is_closed = cursor.peek() != Some('{');
    let text = cursor.take_while(|character| {
        if is_closed {
            return false;
        }
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => in_quotes = !in_quotes,
            '{' if !in_quotes => depth = depth.saturating_add(1),
            '}' if !in_quotes => depth = depth.saturating_sub(1),
            _ => {}
        }
        is_closed = depth == 0;
        true
    });
    (is_closed && !text.is_empty()).then_some(text)
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
        items.push(value(cursor, Place::List));
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
