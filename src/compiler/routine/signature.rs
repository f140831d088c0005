//! What a function takes and answers, with its types looked up.

use crate::catalog::{Column, Returns, Table, TableKind};
use crate::compiler::parse::Name;
use crate::compiler::reflect::bare;

pub(super) use super::declaration::read;

/// The most arguments of one function.
pub(super) const ARGUMENTS_MAX: usize = 50;

/// Everything of a function but its body.
#[derive(Debug, Clone)]
pub(in crate::compiler) struct Signature {
    pub name: Name,
    pub arguments: Vec<Column>,
    pub returns: Option<Returns>,
    pub is_volatile: bool,
    pub is_definer: bool,
    /// The result's columns, in order; none when nothing is answered.
    pub result: Vec<Column>,
}

/// Columns as those of a view, which has no keys, no relationships and no policies of its own.
pub(super) fn table(name: &str, columns: Vec<Column>) -> Table {
    bare(name.to_owned(), TableKind::View, columns)
}
