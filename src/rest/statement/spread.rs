//! The columns of a to-many spread: lists of one length and in one order.
//!
//! SQLite reads a sub-select once for each place that names it. So the lists of several columns are
//! made as one object in one reading of the rows, and it is laid over the row's own.

use std::rc::Rc;

use super::embed::{lists_at_once, lists_of};
use super::output::{Frame, if_joined};
use super::writer::Writer;
use crate::rest::plan::{Embed, Output, OutputValue, Read};

/// Whether an output is a list that is made together with others of the same rows. A list of lists is
/// made by itself, since its size is watched.
pub fn is_shared(read: &Read<'_>, output: &Output<'_>) -> bool {
    let others = read.outputs.iter().filter(|other| is_of_same_rows(output, other));
    others.count() > 1 && !read.is_grouped()
}

fn is_of_same_rows(one: &Output<'_>, other: &Output<'_>) -> bool {
    rows_of(one).zip(rows_of(other)).is_some_and(|(one, other)| Rc::ptr_eq(one, other))
}

fn rows_of<'o, 'a>(output: &'o Output<'a>) -> Option<&'o Rc<Embed<'a>>> {
    match &output.value {
        OutputValue::Each { embed, .. } if lists_of(output) == 1 => Some(embed),
        _ => None,
    }
}

/// Lays the lists that are made together over a row's object, which has null in their places.
pub fn overlaid(
    writer: &mut Writer<'_>,
    read: &Read<'_>,
    frame: &Frame,
    mut object: String,
) -> String {
    let shared: Vec<&Output<'_>> =
        read.outputs.iter().filter(|output| is_shared(read, output)).collect();
    for columns in shared.chunk_by(|one, other| is_of_same_rows(one, other)) {
        let Some(first) = columns.first() else { continue };
        let Some(embed) = rows_of(first) else { continue };
        let lists = lists_at_once(writer, embed, columns, frame.at(first.at));
        let lists = if_joined(read, first, frame, lists, " else '{}'");
        object = format!("json_patch({object}, {lists})");
    }
    object
}
