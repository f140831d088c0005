//! The triggers that carry every change of a table into its index.
//!
//! FTS5 is told of a row's removal with the very texts that it was given, so what a trigger does has to
//! be just this, and what is read here is just this:
//!
//! ```text
//! trigger = "create" "trigger" name "after" event "on" table [ "for" "each" "row" ]
//!           "begin" { insert ";" } "end"
//! event   = "insert" | "delete" | "update" [ "of" columns ]
//! insert  = "insert" "into" index "(" columns ")" "values" "(" values ")"
//! ```

use std::ops::Range;

use super::super::declarations::{created, inside, split};
use super::super::lexer::{Kind, Token};
use crate::catalog::{FullText, Table};

/// A change that does not reach the index.
pub(super) struct Finding {
    /// The trigger that means to carry it, if there is one.
    pub at: Option<Range<usize>>,
    pub message: String,
    pub help: String,
}

#[derive(Clone, Copy)]
enum Event {
    Insert,
    Delete,
    Update,
}

impl Event {
    const ALL: [Self; 3] = [Self::Insert, Self::Delete, Self::Update];

    const fn name(self) -> &'static str {
        match self {
            Self::Insert => "insert",
            Self::Delete => "delete",
            Self::Update => "update",
        }
    }
}

/// What the index is told: of a row that is gone or of one that is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Telling {
    Old,
    New,
}

/// Finds the changes of `table` that reach `index` by no trigger of the schema.
pub(super) fn missing(schema: &[Vec<Token<'_>>], table: &Table, index: &FullText) -> Vec<Finding> {
    let mut findings = Vec::new();
    for event in Event::ALL {
        if schema.iter().any(|statement| carries(statement, event, table, index) == Some(true)) {
            continue;
        }
        // One that has the index in it was meant to.
        let meant = schema.iter().find_map(|statement| {
            let (_, name) = created(statement).filter(|(kind, _)| *kind == "trigger")?;
            let on = statement.iter().position(|token| token.is("on"))?;
            let (head, body) = statement.split_at_checked(on)?;
            let is_event = head.iter().any(|token| token.is(event.name()));
            (is_event && body.iter().any(|token| is_name(token, &index.name))).then_some(name)
        });
        let (name, event_name) = (&index.name, event.name());
        let message = match &meant {
            Some(trigger) => format!(
                "trigger \"{}\" does not carry every {event_name} into full-text index \"{name}\"",
                trigger.name().unwrap_or_default()
            ),
            None => format!(
                "full-text index \"{name}\" goes stale: no trigger carries {event_name}s into it"
            ),
        };
        let help = format!("write: {}", declaration(event, table, index));
        findings.push(Finding { at: meant.map(|name| name.range()), message, help });
    }
    findings
}

/// Where a row of the table may be replaced, which SQLite does without firing its `delete` triggers.
pub(super) fn replaced(schema: &[Vec<Token<'_>>], table: &Table) -> Option<Range<usize>> {
    schema.iter().find_map(|statement| {
        let is_own = created(statement)
            .is_some_and(|(kind, name)| kind == "table" && is_name(&name, &table.name));
        let found = statement.windows(3).find(|words| match words {
            [first, second, name] if first.is("replace") && second.is("into") => {
                is_name(name, &table.name)
            }
            [first, second, name] if first.is("or") && second.is("replace") => {
                is_name(name, &table.name)
            }
            [first, second, third] => {
                is_own && first.is("on") && second.is("conflict") && third.is("replace")
            }
            _ => false,
        });
        found.and_then(<[_]>::first).map(Token::range)
    })
}

fn is_name(token: &Token<'_>, name: &str) -> bool {
    token.name().is_some_and(|found| found.eq_ignore_ascii_case(name))
}

/// An identity is no computed column, though no caller may write it: it is a key, which those are not.
fn is_generated(table: &Table, column: &str) -> bool {
    let is_key = table.primary_key.iter().any(|key| key == column);
    table.column(column).is_some_and(|column| column.generated) && !is_key
}

/// Whether a statement is a trigger that carries the event whole; `None` when it is something else.
fn carries(statement: &[Token<'_>], event: Event, table: &Table, index: &FullText) -> Option<bool> {
    let (_, name) = created(statement).filter(|(kind, _)| *kind == "trigger")?;
    let begin = statement.iter().position(|token| token.is("begin"))?;
    let (head, body) = statement.split_at_checked(begin)?;
    let after_name = head.iter().position(|token| token.start == name.start)?.checked_add(1)?;
    let [after, kind, rest @ ..] = head.get(after_name..)? else { return None };
    let on = rest.iter().position(|token| token.is("on"))?;
    let (of, on) = rest.split_at_checked(on)?;
    let [_, on_table, rest @ ..] = on else { return None };
    if !after.is("after") || !kind.is(event.name()) || !is_name(on_table, &table.name) {
        return None;
    }
    // A change that a condition leaves out, or of a column that is not listed, would be missed. A
    // generated column changes when others do, so no list can be trusted to have it.
    let is_conditional = rest.iter().any(|token| token.is("when"));
    let is_listed =
        |name: &String| of.iter().any(|token| is_name(token, name)) && !is_generated(table, name);
    let listed = index.columns.iter().filter(|column| !column.is_empty()).chain([&index.key]);
    if is_conditional || (!of.is_empty() && !listed.into_iter().all(is_listed)) {
        return Some(false);
    }
    let told: Vec<Telling> = body
        .get(1..)?
        .split(|token| token.is(";"))
        .filter_map(|statement| telling(statement, index))
        .collect();
    Some(match event {
        Event::Insert => told == [Telling::New],
        Event::Delete => told == [Telling::Old],
        Event::Update => told == [Telling::Old, Telling::New],
    })
}

/// What a statement of a trigger tells the index.
fn telling(statement: &[Token<'_>], index: &FullText) -> Option<Telling> {
    let [insert, into, name, rest @ ..] = statement else { return None };
    if !insert.is("insert") || !into.is("into") || !is_name(name, &index.name) {
        return None;
    }
    let columns = inside(rest)?;
    let rest = rest.get(columns.len().checked_add(2)?..)?;
    let values = inside(rest.get(1..)?)?;
    if !rest.first()?.is("values") || rest.len() != values.len().checked_add(3)? {
        return None;
    }
    let (columns, values) = (split(columns), split(values));
    if columns.len() != values.len() {
        return None;
    }
    let value_of = |wanted: &str| {
        let is_wanted =
            |column: &&[Token<'_>]| matches!(column, [column] if is_name(column, wanted));
        values.get(columns.iter().position(is_wanted)?)
    };
    let command = value_of(&index.name);
    let (telling, row) = match command {
        None => (Telling::New, "new"),
        Some([text]) if text.kind == Kind::Text && text.text == "'delete'" => (Telling::Old, "old"),
        Some(_) => return None,
    };
    let is_of = |value: &[Token<'_>], names: &[&str]| {
        let [of, dot, column] = value else { return false };
        of.is(row) && dot.is(".") && names.iter().any(|name| is_name(column, name))
    };
    let rowid = value_of("rowid").is_some_and(|value| is_of(value, &[&index.key, "rowid"]));
    let mut indexed = index.columns.iter().filter(|column| !column.is_empty());
    let texts = indexed.all(|name| value_of(name).is_some_and(|value| is_of(value, &[name])));
    (rowid && texts).then_some(telling)
}

/// The trigger that carries the event.
fn declaration(event: Event, table: &Table, index: &FullText) -> String {
    let columns = || index.columns.iter().filter(|column| !column.is_empty());
    let names = |prefix: &str| {
        let names: Vec<String> =
            columns().map(|column| format!("{prefix}{}", bare(column))).collect();
        names.join(", ")
    };
    let (name, key) = (bare(&index.name), bare(&index.key));
    let removed = format!(
        "insert into {name} ({name}, rowid, {}) values ('delete', old.{key}, {});",
        names(""),
        names("old.")
    );
    let added =
        format!("insert into {name} (rowid, {}) values (new.{key}, {});", names(""), names("new."));
    let (of, body) = match event {
        Event::Insert => (String::new(), added),
        Event::Delete => (String::new(), removed),
        Event::Update => {
            let is_fixed = columns().all(|column| !is_generated(table, column));
            let of = if is_fixed { format!(" of {key}, {}", names("")) } else { String::new() };
            (of, format!("{removed} {added}"))
        }
    };
    let (event, table) = (event.name(), bare(&table.name));
    let trigger = bare(&format!("{}_{event}", index.name));
    format!("create trigger {trigger} after {event}{of} on {table} begin {body} end;")
}

/// A name, quoted only where it must be.
fn bare(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.chars().all(is_plain) { name.to_owned() } else { super::super::quote(name) }
}
