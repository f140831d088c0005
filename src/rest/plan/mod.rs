//! What will be done: a [`Query`] after every name was found in the catalog, every value checked,
//! and the policies of whoever asks put to every table.
//!
//! A [`Plan`] has private fields and one constructor, so there is no way to one around the policies.

mod call;
mod cells;
mod condition;
mod embed;
mod operand;
mod read;
mod relate;
mod source;
mod term;
mod text_search;
mod value;
mod write;

pub use call::{Call, Effect, Given, Outcome, execution, find};
pub use cells::{Cells, not_null, row_twice};
pub use condition::{Check, Node, Place};
pub use embed::Embed;
pub use operand::Operand;
pub use read::{Name, Order, Output, OutputValue, Read, Shape};
pub use source::{Privilege, Source, forbidden};
pub use term::{Step, Term};
pub use text_search::{Purpose, Search};
pub use value::{Cast, rejection, type_name};
pub use write::{Answered, Change, Conflict, Counted, Touched, Write};

use crate::catalog::{Function, Table};
use crate::error::{Code, Error};
use crate::identity::Identity;
use crate::rest;
use crate::rest::query::{Arguments, Count, Form, Query, Verb};
use crate::time::Milliseconds;
use read::Context;

/// What will be done, and for whom.
#[derive(Debug)]
pub struct Plan<'a> {
    action: Action<'a>,
    who: &'a Identity,
    total: Option<Total>,
    row_cap: Option<u64>,
    rows_limit: Option<RowsLimit>,
    now: Milliseconds,
}

/// How far all rows are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Total {
    /// To the last.
    All,
    /// No further than to that many.
    UpTo(u64),
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
        let caller = self.caller();
        if let Action::Write(write) = &mut self.action {
            write.count_meant(caller);
        }
    }

    const fn caller(&self) -> (&'a Identity, Milliseconds) {
        (self.who, self.now)
    }

    /// A table as whoever asks may read it; `None` when they may not.
    pub fn readable<'t>(&self, table: &'t Table) -> Option<Source<'t>> {
        Source::new(table, Privilege::Select, self.caller()).ok()
    }

    /// For whom.
    pub const fn who(&self) -> &'a Identity {
        self.who
    }

    /// How far all rows are counted beside those that are read, if at all.
    pub const fn total(&self) -> Option<Total> {
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

    /// The values of the arguments of the function that is called.
    pub fn arguments(&self) -> &[Given<'a>] {
        match &self.action {
            Action::Read(_) | Action::Write(_) => &[],
            Action::Call(call) => &call.arguments,
        }
    }

    /// How many rows a read answers at most, where the request does not ask for fewer. One more is
    /// read, which tells whether there are more.
    pub const fn row_cap(&self) -> Option<u64> {
        self.row_cap
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
pub fn plan<'a>(query: &Query, table: &'a Table, call: &rest::Call<'a>) -> Result<Plan<'a>, Error> {
    let context = Context::new(query, call);
    let preferences = &query.preferences;
    let mut action = match &query.verb {
        Verb::Read => Action::Read(context.read(table)?),
        Verb::Insert(payload) => Action::Write(context.insert(table, payload, preferences)?),
        Verb::Replace(payload) => Action::Write(context.replace(table, payload, preferences)?),
        Verb::Update(payload) => Action::Write(context.update(table, payload, preferences)?),
        Verb::Delete => Action::Write(context.delete(table, preferences)?),
    };
    let form = query.media.form;
    let rows_limit = match (&query.verb, form, preferences.max_affected()) {
        (Verb::Read, ..) => None,
        (_, Form::Object, _) => Some(RowsLimit::One),
        (Verb::Update(_) | Verb::Delete, Form::List | Form::Csv, Some(most)) => {
            Some(RowsLimit::AtMost(most))
        }
        (_, Form::List | Form::Csv, _) => None,
    };
    let (mut total, mut row_cap) = (None, None);
    match &mut action {
        Action::Read(read) => (total, row_cap) = paged(read, query, call.config.rows_max),
        Action::Write(write) => {
            if let Answered::Rows(read) = &mut write.answered {
                read.shape = shape(query);
            }
        }
        Action::Call(_) => {}
    }
    Ok(Plan { action, who: call.who, now: call.now, total, row_cap, rows_limit })
}

/// Has a read answer one row more than there may be at most, and says how far all are counted.
fn paged(read: &mut Read<'_>, query: &Query, most: u64) -> (Option<Total>, Option<u64>) {
    read.shape = shape(query);
    let counted = read.offset.unwrap_or(0).saturating_add(most).saturating_add(1);
    let total = query.preferences.count.map(|count| match count {
        Count::Exact | Count::Planned => Total::All,
        Count::Estimated => Total::UpTo(counted),
    });
    if read.limit.is_some_and(|limit| limit <= most) {
        return (total, None);
    }
    read.limit = Some(most.saturating_add(1));
    (total, Some(most))
}

const fn shape(query: &Query) -> Shape {
    match query.media.form {
        _ if query.headers_only => Shape::Nothing,
        Form::List | Form::Object => Shape::Object,
        Form::Csv => Shape::Line,
    }
}

/// Resolves a call of `function` for whoever asks.
///
/// # Errors
/// As [`plan`], and `PGRST128`.
pub fn call<'a>(
    query: &Query,
    arguments: &Arguments,
    function: &'a Function,
    call: &rest::Call<'a>,
) -> Result<Plan<'a>, Error> {
    let most = call.config.rows_max;
    let context = Context::new(query, call);
    let mut called = context.call(function, arguments)?;
    let is_set = function.returns.as_ref().is_some_and(|returns| returns.is_set);
    let rows_limit = match (is_set, query.media.form, query.preferences.max_affected()) {
        (true, Form::Object, _) => Some(RowsLimit::One),
        (true, Form::List | Form::Csv, most) => most.map(RowsLimit::AtMost),
        (false, _, None) => None,
        (false, _, Some(_)) => {
            let message = "Function must return SETOF or TABLE when max-affected preference is \
                           used with handling=strict";
            return Err(Error::new(Code::MaxAffectedFunction, message));
        }
    };
    let (mut total, mut row_cap) = (None, None);
    if let Some(read) = &mut called.read {
        (total, row_cap) = paged(read, query, most);
        if !is_set {
            total = None;
            // One value has no lines: it is JSON, whichever form of rows is asked for.
            if matches!(read.shape, Shape::Line) {
                read.shape = Shape::Object;
            }
        }
    }
    Ok(Plan {
        action: Action::Call(called),
        who: call.who,
        now: call.now,
        total,
        row_cap,
        rows_limit,
    })
}
