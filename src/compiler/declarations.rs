//! Reads from the text of `create table` what SQLite does not tell: the names of constraints, the
//! text of checks, and where columns and their types stand.
//!
//! The text has been accepted by SQLite before it is read here, so only its outline is looked at:
//!
//! ```text
//! table      = "create" .. "table" .. name "(" item { "," item } ")" ..
//! item       = column | [ "constraint" name ] constraint
//! column     = name { type word } { [ "constraint" name ] constraint }
//! constraint = "primary key" .. | "unique" .. | "check" "(" .. ")" | "references" ..
//!            | "foreign key" "(" columns ")" "references" ..
//! ```

use std::ops::Range;

use super::lexer::{Kind, Token, unquote};

/// A `create table`, as far as it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declared {
    pub name: String,
    pub name_at: Range<usize>,
    pub columns: Vec<DeclaredColumn>,
    /// In text order.
    pub constraints: Vec<Constraint>,
}

/// Where a column stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DeclaredColumn {
    pub name: String,
    pub name_at: Range<usize>,
    /// The whole type; the name again when there is none.
    pub type_at: Range<usize>,
    /// Name, type and constraints.
    pub whole_at: Range<usize>,
}

/// A constraint of a column or of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Constraint {
    /// The declared name.
    pub name: Option<String>,
    pub kind: ConstraintKind,
    /// The columns it is on; for a check, all names in it, some of which are columns.
    pub columns: Vec<String>,
    pub at: Range<usize>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ConstraintKind {
    PrimaryKey,
    Unique,
    ForeignKey,
    /// Its SQL, as SQLite quotes it when it fails.
    Check {
        expression: String,
    },
}

/// Words that end a column's type.
const CONSTRAINT_WORDS: [&str; 11] = [
    "constraint",
    "primary",
    "not",
    "null",
    "unique",
    "check",
    "default",
    "collate",
    "references",
    "generated",
    "as",
];

/// The object that a `create` statement makes: its kind (`table`, `view`, `index`, `trigger`) and
/// the token of its name.
pub(super) fn created<'a>(statement: &[Token<'a>]) -> Option<(&'static str, Token<'a>)> {
    let (first, rest) = statement.split_first()?;
    if !first.is("create") {
        return None;
    }
    let mut rest = rest.iter().skip_while(|token| {
        ["temp", "temporary", "unique", "virtual"].iter().any(|word| token.is(word))
    });
    let kind = rest.next()?;
    let kind = ["table", "view", "index", "trigger"].into_iter().find(|word| kind.is(word))?;
    let mut rest =
        rest.skip_while(|token| ["if", "not", "exists"].iter().any(|word| token.is(word)));
    let name = rest.next()?;
    // A name may have its schema in front.
    match (rest.next(), rest.next()) {
        (Some(dot), Some(name)) if dot.is(".") => Some((kind, *name)),
        _ => Some((kind, *name)),
    }
}

/// Reads a `create table` with a list of columns.
pub(super) fn declared(text: &str, statement: &[Token<'_>]) -> Option<Declared> {
    let (_, name) = created(statement).filter(|(kind, _)| *kind == "table")?;
    let open = statement.iter().position(|token| token.is("("))?;
    let body = inside(statement.get(open..)?)?;
    let mut declared = Declared {
        name: name.name()?,
        name_at: name.range(),
        columns: Vec::new(),
        constraints: Vec::new(),
    };
    for item in split(body) {
        let of_table = ["constraint", "primary", "unique", "check", "foreign"];
        let first = item.first()?;
        if of_table.iter().any(|word| first.is(word)) {
            constraints(text, item, None, &mut declared.constraints);
        } else {
            let column = column(item)?;
            let name = column.name.clone();
            declared.columns.push(column);
            constraints(text, item.get(1..)?, Some(&name), &mut declared.constraints);
        }
    }
    Some(declared)
}

fn column(item: &[Token<'_>]) -> Option<DeclaredColumn> {
    let name = item.first()?;
    let of_type: Vec<&Token<'_>> = item
        .iter()
        .skip(1)
        .take_while(|token| !CONSTRAINT_WORDS.iter().any(|word| token.is(word)))
        .collect();
    let type_at = match (of_type.first(), of_type.last()) {
        (Some(first), Some(last)) => first.start..last.range().end,
        _ => name.range(),
    };
    let whole_at = name.start..item.last()?.range().end;
    Some(DeclaredColumn { name: name.name()?, name_at: name.range(), type_at, whole_at })
}

/// Collects the constraints of one item of the list.
fn constraints(
    text: &str,
    item: &[Token<'_>],
    column: Option<&String>,
    found: &mut Vec<Constraint>,
) {
    let mut name = None;
    let mut rest = item;
    while let Some((first, behind)) = rest.split_first() {
        let group = behind.iter().position(|token| token.is("(")).and_then(|at| behind.get(at..));
        let columns = || match column {
            Some(column) => vec![column.clone()],
            None => group.and_then(inside).map(names).unwrap_or_default(),
        };
        let kind = if first.is("constraint") {
            name = behind.first().and_then(Token::name);
            rest = behind.get(1..).unwrap_or_default();
            continue;
        } else if first.is("primary") {
            Some((ConstraintKind::PrimaryKey, columns()))
        } else if first.is("unique") {
            Some((ConstraintKind::Unique, columns()))
        } else if first.is("foreign") || (first.is("references") && column.is_some()) {
            Some((ConstraintKind::ForeignKey, columns()))
        } else if first.is("check") {
            let expression = inside(behind).and_then(|inner| quoted(text, behind, inner));
            let names = inside(behind).unwrap_or_default().iter();
            let is_name = |token: &&Token<'_>| matches!(token.kind, Kind::Word | Kind::Quoted);
            let names = names.filter(is_name).filter_map(Token::name).collect();
            expression.map(|expression| (ConstraintKind::Check { expression }, names))
        } else {
            None
        };
        let is_named_word = CONSTRAINT_WORDS.iter().any(|word| first.is(word));
        if let Some((kind, columns)) = kind {
            let end = item.last().map_or(first.range().end, |last| last.range().end);
            found.push(Constraint { name: name.take(), kind, columns, at: first.start..end });
        } else if is_named_word {
            name = None;
        }
        rest = if first.is("(") {
            let length = inside(rest).map_or(0, <[_]>::len);
            rest.get(length.saturating_add(2)..).unwrap_or_default()
        } else {
            behind
        };
    }
}

/// The tokens between the parenthesis at the beginning and the one that closes it.
pub(super) fn inside<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        if token.is("(") {
            depth = depth.saturating_add(1);
        } else if token.is(")") {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 {
            return tokens.get(1..index);
        }
    }
    None
}

/// The items of a list, cut at its commas but not at those in parentheses.
pub(super) fn split<'t, 'a>(tokens: &'t [Token<'a>]) -> Vec<&'t [Token<'a>]> {
    let mut depth = 0_usize;
    let cuts = |token: &Token<'a>| {
        if token.is("(") {
            depth = depth.saturating_add(1);
        } else if token.is(")") {
            depth = depth.saturating_sub(1);
        }
        depth == 0 && token.is(",")
    };
    tokens.split(cuts).filter(|item| !item.is_empty()).collect()
}

fn names(list: &[Token<'_>]) -> Vec<String> {
    split(list).into_iter().filter_map(|item| item.first()?.name()).collect()
}

/// A check's SQL as SQLite quotes it: the text between the parentheses, trimmed, and if that
/// begins with a quote, only what is quoted.
fn quoted(text: &str, group: &[Token<'_>], inside: &[Token<'_>]) -> Option<String> {
    let close = group.get(inside.len().saturating_add(1))?;
    let whole = text.get(group.first()?.range().end..close.start)?;
    let whole = whole.trim_matches(|c: char| c.is_ascii_whitespace());
    Some(if matches!(inside.first()?.kind, Kind::Quoted | Kind::Text) {
        unquote(whole)
    } else {
        whole.to_owned()
    })
}
