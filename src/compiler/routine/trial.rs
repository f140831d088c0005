//! Lets SQLite judge each statement of a body, with the names and limits that it will meet.

use crate::catalog::{Action, Change, Claim, Column, Piece, Returning, Step, Template};
use crate::compiler::expand::Expander;
use crate::compiler::report::{Diagnostic, Span};
use crate::compiler::{message, quote};

/// The longest piece of a function's statement, in bytes: D1 takes statements of 100 kB, and filters
/// and embeds come on top.
const PIECE_BYTES_MAX: usize = 65_536;

/// SQL without holes; nothing when it has any.
pub(super) fn constant(template: &Template) -> Option<String> {
    let text = |piece: &Piece| match piece {
        Piece::Sql(text) => Some(text.clone()),
        Piece::Row | Piece::Claim(_) | Piece::Argument(_) => None,
    };
    template.pieces().iter().map(text).collect()
}

/// Whether SQL asks what is in the row at hand.
pub(super) fn mentions_row(template: &Template) -> bool {
    template.pieces().contains(&Piece::Row)
}

impl Expander<'_> {
    /// Prepares a statement as it will be sent, but for the policies on what it writes.
    pub fn try_step(&mut self, step: &Step, result: &[Column], at: Span) {
        let sql = match step {
            Step::Select(template) => {
                let columns: Vec<String> =
                    result.iter().map(|column| format!("t0.{}", quote(&column.name))).collect();
                format!("select {} from ({}) as t0", columns.join(", "), filled(template, ""))
            }
            Step::Change(change) => change_as_sent(change),
        };
        if sql.len() > PIECE_BYTES_MAX {
            let message = format!(
                "this statement has {} bytes with the policies of what it reads; {PIECE_BYTES_MAX} \
                 are allowed",
                sql.len()
            );
            self.push(Diagnostic::error(at, message).help("write it as several statements"));
        } else if let Err(error) = self.environment.connection.prepare(&sql) {
            self.push(Diagnostic::error(at, message(error)));
        }
    }
}

fn change_as_sent(change: &Change) -> String {
    let table = quote(&change.table);
    let list =
        |names: &[String]| names.iter().map(|name| quote(name)).collect::<Vec<_>>().join(", ");
    let when = |condition: &Template| match condition.pieces() {
        [] => String::new(),
        _ => format!(" where {}", filled(condition, &table)),
    };
    let returning = match &change.returning {
        Returning::Nothing => String::new(),
        Returning::Row => " returning *".to_owned(),
        Returning::Values(values) => {
            let values: Vec<String> = values.iter().map(|value| filled(value, &table)).collect();
            format!(" returning {}", values.join(", "))
        }
    };
    let written = match &change.action {
        Action::Insert { columns, rows } => {
            let names = list(columns);
            format!("insert into {table} ({names}) select {names} from ({}) as r", filled(rows, ""))
        }
        Action::Update { columns, values, condition } => {
            let pairs: Vec<String> = columns
                .iter()
                .zip(values)
                .map(|(column, value)| format!("{} = ({})", quote(column), filled(value, &table)))
                .collect();
            format!("update {table} set {}{}", pairs.join(", "), when(condition))
        }
        Action::Delete { condition } => format!("delete from {table}{}", when(condition)),
    };
    format!("{written}{returning}")
}

fn filled(template: &Template, row: &str) -> String {
    let fill = |piece: &Piece| match piece {
        Piece::Sql(text) => text.clone(),
        Piece::Row => row.to_owned(),
        Piece::Claim(Claim::Uid) => "?1".to_owned(),
        Piece::Claim(Claim::Role) => "?2".to_owned(),
        Piece::Claim(Claim::Email) => "?3".to_owned(),
        Piece::Claim(Claim::Jwt) => "?4".to_owned(),
        Piece::Argument(number) => format!("?{}", u16::from(*number).saturating_add(5)),
    };
    template.pieces().iter().map(fill).collect()
}
