//! What a body changes.

use sqlparser::ast::Statement;

use crate::catalog::{Column, Step};
use crate::compiler::expand::Expander;
use crate::compiler::report::Span;

impl Expander<'_> {
    /// Reports a statement that is no query.
    pub fn change(&mut self, _: &Statement, _: &[Column], at: Span) -> Option<Step> {
        self.refuse(at, "this statement has no place in a function", "write select");
        None
    }
}
