//! What will be done: a [`Query`] after every name was found in the catalog, every value checked,
//! and the policies of whoever asks put to every table.
//!
//! A [`Plan`] has private fields and one constructor, so there is no way to one around the policies.

mod array;
mod cells;
mod condition;
mod moment;
mod read;
mod relate;
mod source;
mod value;
mod write;

pub use cells::Cells;
pub use condition::{Check, Node, Place};
pub use read::{Embed, Name, Order, OutputValue, Read};
pub use source::{Source, forbidden};
pub use value::Cast;
pub use write::{Answered, Change, Conflict, Counted, Touched, Write};

use crate::catalog::{Catalog, Table};
use crate::error::Error;
use crate::identity::Identity;
use crate::rest::query::{Form, Query, Verb};
use read::Context;

/// What will be done, and for whom.
#[derive(Debug)]
pub struct Plan<'a> {
    action: Action<'a>,
    who: &'a Identity,
    total: bool,
    rows_limit: Option<RowsLimit>,
}

/// What will be done.
#[derive(Debug)]
pub enum Action<'a> {
    /// Rows are read.
    Read(Read<'a>),
    /// Rows are changed.
    Write(Write<'a>),
}

/// How many rows a change may concern before it is undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowsLimit {
    /// Exactly one, as an answer of one object demands.
    One,
    /// That many at most.
    AtMost(u64),
}

impl<'a> Plan<'a> {
    /// What will be done.
    pub const fn action(&self) -> &Action<'a> {
        &self.action
    }

    /// Has a change explain itself to a developer. It costs a statement.
    pub fn explain_itself(&mut self) {
        if let Action::Write(write) = &mut self.action {
            write.count_meant(self.who);
        }
    }

    /// A table as whoever asks may read it; `None` when they may not.
    pub fn readable<'t>(&self, table: &'t Table) -> Option<Source<'t>> {
        Source::new(table, source::Privilege::Select, self.who).ok()
    }

    /// For whom.
    pub const fn who(&self) -> &'a Identity {
        self.who
    }

    /// Whether the number of all rows is wanted beside those that are read.
    pub const fn wants_total(&self) -> bool {
        self.total
    }

    /// How many rows a change may concern.
    pub const fn rows_limit(&self) -> Option<RowsLimit> {
        self.rows_limit
    }
}

/// Resolves a query on `table` for whoever asks. The only way to a [`Plan`].
///
/// # Errors
/// When a name does not exist, a value does not fit, or whoever asks may not.
pub fn plan<'a>(
    query: &Query,
    table: &'a Table,
    catalog: &'a Catalog,
    who: &'a Identity,
) -> Result<Plan<'a>, Error> {
    let context = Context { catalog, who, parameters: &query.parameters };
    let preferences = &query.preferences;
    let action = match &query.verb {
        Verb::Read => Action::Read(context.read(table)?),
        Verb::Insert(payload) => Action::Write(context.insert(table, payload, preferences)?),
        Verb::Replace(payload) => Action::Write(context.replace(table, payload, preferences)?),
        Verb::Update(payload) => Action::Write(context.update(table, payload, preferences)?),
        Verb::Delete => Action::Write(context.delete(table, preferences)?),
    };
    let rows_limit = match (&query.verb, query.form, preferences.max_affected()) {
        (Verb::Read, ..) => None,
        (_, Form::Object, _) => Some(RowsLimit::One),
        (Verb::Update(_) | Verb::Delete, Form::List, Some(most)) => Some(RowsLimit::AtMost(most)),
        (_, Form::List, _) => None,
    };
    let total = preferences.count.is_some() && matches!(query.verb, Verb::Read);
    Ok(Plan { action, who, total, rows_limit })
}
