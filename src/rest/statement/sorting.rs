//! In which order a change answers its rows.
//!
//! SQLite answers them in the order in which it has changed them. New rows are written in the order
//! that was asked for, where that is known by then; those of a delete are read before it. For the
//! rest there is no way to sort but to take all rows apart: so of one row everything is in order, and
//! of several the change is undone.

use super::raise::raise;
use super::write::is_known_before_insert;
use crate::db::Statement;
use crate::rest::plan::{Answered, Cells, Change, Conflict, Read, Write};

/// The reading by whose order new rows are to be written.
pub fn before_insert<'w, 'a>(write: &'w Write<'a>) -> Option<&'w Read<'a>> {
    match (&write.change, sorted(write)) {
        (Change::Insert { cells, conflict, .. }, Some(read))
            if is_known(write, read, cells, conflict.as_ref()) =>
        {
            Some(read)
        }
        _ => None,
    }
}

/// Writes a statement that undoes the change when it has rows to sort and they are not.
pub fn guard(write: &Write<'_>) -> Option<Statement> {
    let read = sorted(write)?;
    let is_sorted = match &write.change {
        Change::Delete { .. } => true,
        Change::Update { .. } => false,
        Change::Insert { cells, conflict, .. } => {
            is_known(write, read, cells, conflict.as_ref()) || is_by_new_key(write, read, cells)
        }
    };
    (!is_sorted).then(|| {
        let raise = raise("order");
        let sql = format!("select case when changes() > 1 then {raise} end as row");
        Statement::rendered(sql, Vec::new())
    })
}

fn sorted<'w, 'a>(write: &'w Write<'a>) -> Option<&'w Read<'a>> {
    match &write.answered {
        Answered::Rows(read) if !read.order.is_empty() => Some(read),
        _ => None,
    }
}

/// Whether everything that is ordered by is known before the rows are written. Of a merge that is
/// what was sent, for the rest is the existing row's.
fn is_known(
    write: &Write<'_>,
    read: &Read<'_>,
    cells: &Cells<'_>,
    conflict: Option<&Conflict<'_>>,
) -> bool {
    read.order.iter().all(|order| {
        let column = order.place.column;
        order.embed.is_none()
            && match conflict {
                Some(_) => cells.writes(&column.name) && !column.generated,
                None => is_known_before_insert(write.table, column, cells.writes(&column.name)),
            }
    })
}

/// Whether rows are ordered by a key that SQLite gives them one after the other.
fn is_by_new_key(write: &Write<'_>, read: &Read<'_>, cells: &Cells<'_>) -> bool {
    match (read.order.as_slice(), write.table.primary_key.as_slice()) {
        ([order], [key]) => {
            order.embed.is_none()
                && order.place.column.name == *key
                && order.place.column.default.is_none()
                && order.place.path.is_none()
                && !order.descending
                && !cells.writes(key)
        }
        _ => false,
    }
}
