//! What will be done: a [`Query`] after every name was found in the catalog, every value checked,
//! and the policies of whoever asks put to every table.
//!
//! A [`Plan`] has private fields and one constructor, so there is no way to one around the policies.

mod array;
mod call;
mod cells;
mod condition;
mod moment;
mod read;
mod relate;
mod source;
mod value;
mod write;

pub use call::{Call, Effect, Given, Outcome, execution, find};
pub use cells::Cells;
pub use condition::{Check, Node, Place};
pub use read::{Embed, Name, Order, OutputValue, Read};
pub use source::{Privilege, Source, forbidden};
pub use value::Cast;
pub use write::{Answered, Change, Conflict, Counted, Touched, Write};

use crate::catalog::{Catalog, Function, Table};
use crate::error::{Code, Error};
use crate::identity::Identity;
use crate::rest::query::{Arguments, Form, Query, Verb};
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
    /// A function is called.
    Call(Call<'a>),
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
        Source::new(table, Privilege::Select, self.who).ok()
    }

    /// For whom.
    pub const fn who(&self) -> &'a Identity {
        self.who
    }

    /// Whether the number of all rows is wanted beside those that are read.
    pub const fn wants_total(&self) -> bool {
        self.total
    }

    /// Whether `max-affected` limits it.
    pub const fn is_limited(&self) -> bool {
        match &self.action {
            Action::Read(_) => false,
            Action::Write(write) => write.change.is_limited(),
            Action::Call(_) => true,
        }
    }

    /// How many rows a change may concern.
    pub const fn rows_limit(&self) -> Option<RowsLimit> {
        self.rows_limit
    }
}

/// Resolves a query on `table` for whoever asks. With [`call`] the only way to a [`Plan`].
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

/// Resolves a call of `function` for whoever asks.
///
/// # Errors
/// As [`plan`], and `PGRST128`.
pub fn call<'a>(
    query: &Query,
    arguments: &Arguments,
    function: &'a Function,
    catalog: &'a Catalog,
    who: &'a Identity,
) -> Result<Plan<'a>, Error> {
    let context = Context { catalog, who, parameters: &query.parameters };
    let call = context.call(function, arguments)?;
    let is_set = function.returns.as_ref().is_some_and(|returns| returns.is_set);
    let rows_limit = match (is_set, query.form, query.preferences.max_affected()) {
        (true, Form::Object, _) => Some(RowsLimit::One),
        (true, Form::List, most) => most.map(RowsLimit::AtMost),
        (false, _, None) => None,
        (false, _, Some(_)) => {
            let message = "Function must return SETOF or TABLE when max-affected preference is \
                           used with handling=strict";
            return Err(Error::new(Code::MaxAffectedFunction, message));
        }
    };
    let total = query.preferences.count.is_some() && is_set && call.read.is_some();
    Ok(Plan { action: Action::Call(call), who, total, rows_limit })
}
