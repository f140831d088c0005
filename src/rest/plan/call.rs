//! Calling a function, resolved: whoever asks may execute it, its arguments fit their types, and each
//! of its statements has its policies at hand.

use super::read::{Context, Read};
use super::source::{Privilege, Source, forbidden};
use super::value::{self, Scalar};
use crate::catalog::{
    Action, Change, Column, Execution, Function, Predicate, Returning, Row, Step, Table, Template,
};
use crate::error::{Code, Error};
use crate::http::json::Json;
use crate::identity::Role;
use crate::rest::query::{Arguments, SelectItem};
use crate::rest::similar;
use crate::time::Milliseconds;

/// A call of a function.
#[derive(Debug)]
pub struct Call<'a> {
    /// The function.
    pub function: &'a Function,
    /// A value for each of its arguments, in order.
    pub arguments: Vec<Given<'a>>,
    /// What it changes, in order.
    pub effects: Vec<Effect<'a>>,
    /// What it answers, when its last statement is a query.
    pub read: Option<Read<'a>>,
}

impl<'a> Call<'a> {
    /// What the last change answers of each row.
    pub fn answered(&self) -> Option<&Outcome<'a>> {
        self.effects.last().map(|effect| &effect.answered)
    }
}

/// The value of an argument.
#[derive(Debug)]
pub enum Given<'a> {
    /// As sent; `None` is null.
    Value(Option<Scalar>),
    /// The default's SQL.
    Default(&'a str),
}

/// A change that a function makes, with the policies that it must meet.
#[derive(Debug)]
pub struct Effect<'a> {
    /// The table.
    pub table: &'a Table,
    /// What is done.
    pub action: &'a Action,
    /// The columns that are written.
    pub columns: Vec<&'a Column>,
    /// Which existing rows may be changed.
    pub using: Option<&'a Predicate>,
    /// Which new rows may be made.
    pub check: Option<&'a Predicate>,
    /// Which rows may be seen, when the change asks or answers what is in them.
    pub seen: Option<&'a Predicate>,
    /// What is answered of each row.
    pub answered: Outcome<'a>,
}

/// What a change of a function answers.
#[derive(Debug)]
pub enum Outcome<'a> {
    /// Nothing.
    Nothing,
    /// The row, as the request selects.
    Rows(Read<'a>),
    /// A value, which is all there is to the result.
    Value(&'a Template, &'a Column),
    /// Values for the result's columns.
    Values(&'a [Template], &'a [Column]),
}

/// The statements that a role executes when it calls a function, and whether it does so as the owner.
///
/// # Errors
/// `42501` when it may not.
pub fn execution(function: &Function, role: Role) -> Result<(&[Step], bool), Error> {
    let execution = match role {
        Role::ServiceRole => &Execution::AsOwner,
        Role::Anon => &function.anon,
        Role::Authenticated => &function.authenticated,
    };
    match execution {
        Execution::Denied => {
            let message = format!("permission denied for function {}", function.name);
            Err(Error::new(forbidden(role), message))
        }
        Execution::AsOwner => Ok((&function.owner, true)),
        Execution::AsCaller(steps) => Ok((steps, false)),
    }
}

impl<'a> Context<'a, '_> {
    /// Resolves a call.
    ///
    /// # Errors
    /// `42501`, `PGRST202`, `PGRST127`, and what values and names say.
    pub fn call(&self, function: &'a Function, sent: &Arguments) -> Result<Call<'a>, Error> {
        let arguments = arguments(function, sent, self.now)?;
        let (steps, is_owner) = execution(function, self.who.role())?;
        let mut call = Call { function, arguments, effects: Vec::new(), read: None };
        for step in steps {
            match step {
                Step::Select(template) => call.read = self.answer(function, template)?,
                Step::Change(change) => call.effects.push(self.effect(function, change, is_owner)?),
            }
        }
        if call.read.is_none() {
            let shows_rows = matches!(call.answered(), Some(Outcome::Rows(_)));
            let cuts = !self.parameters.limits.is_empty() || !self.parameters.offsets.is_empty();
            if cuts || !shows_rows && !self.selects_all() {
                return Err(as_it_is(CHANGES));
            }
            self.check_unfiltered(CHANGES)?;
        }
        Ok(call)
    }

    /// The query that answers, as if its rows were those of a table.
    fn answer(
        &self,
        function: &'a Function,
        template: &'a Template,
    ) -> Result<Option<Read<'a>>, Error> {
        let Some(returns) = &function.returns else { return Ok(None) };
        let source = match &returns.row {
            Row::Of(_) => Source::new(self.row_table(function)?, Privilege::Select, self.caller())?
                .answered(template),
            Row::Declared(table) => Source::owned(table, self.caller()).answered(template),
            Row::Value(table) => {
                if !self.selects_all() {
                    return Err(as_it_is("a function that returns values"));
                }
                self.check_unfiltered("a function that returns values")?;
                Source::owned(table, self.caller()).answered(template)
            }
        };
        let mut read = self.read_from(source)?;
        if !returns.is_set {
            read.limit = Some(1);
        }
        Ok(Some(read))
    }

    /// The table whose rows a function answers.
    fn row_table(&self, function: &'a Function) -> Result<&'a Table, Error> {
        let Some(Row::Of(name)) = function.returns.as_ref().map(|returns| &returns.row) else {
            return Err(Error::unexpected("a function answers rows of no table"));
        };
        self.found(name)
    }

    fn found(&self, name: &str) -> Result<&'a Table, Error> {
        self.catalog.table(name).ok_or_else(|| Error::unexpected("a function has a table too many"))
    }

    fn effect(
        &self,
        function: &'a Function,
        change: &'a Change,
        is_owner: bool,
    ) -> Result<Effect<'a>, Error> {
        let table = self.found(&change.table)?;
        let source = |privilege| {
            if is_owner {
                return Ok(Source::owned(table, self.caller()));
            }
            Source::new(table, privilege, self.caller())
        };
        let (privilege, names): (_, &[String]) = match &change.action {
            Action::Insert { columns, .. } => (Privilege::Insert, columns),
            Action::Update { columns, .. } => (Privilege::Update, columns),
            Action::Delete { .. } => (Privilege::Delete, &[]),
        };
        let target = source(privilege)?;
        let columns = names.iter().map(|name| target.column(name)).collect::<Result<_, _>>()?;
        let is_answered = change.returning != Returning::Nothing;
        let seen =
            if change.reads || is_answered { source(Privilege::Select)?.using() } else { None };
        let answered = match (&change.returning, function.returns.as_ref().map(|one| &one.row)) {
            (Returning::Row, _) => {
                let source = Source::new(table, Privilege::Select, self.caller())?;
                let read = self.read_from(source)?;
                if read.is_grouped() {
                    return Err(as_it_is(CHANGES));
                }
                Outcome::Rows(read)
            }
            (Returning::Values(values), Some(Row::Declared(result))) => {
                Outcome::Values(values, &result.columns)
            }
            (Returning::Values(values), Some(Row::Value(result))) => {
                let value = values.first().zip(result.columns.first());
                value.map_or(Outcome::Nothing, |(value, column)| Outcome::Value(value, column))
            }
            (Returning::Values(values), Some(Row::Of(_))) => {
                Outcome::Values(values, &self.row_table(function)?.columns)
            }
            (Returning::Values(_), None) | (Returning::Nothing, _) => Outcome::Nothing,
        };
        let (using, check) = (target.using(), target.check());
        Ok(Effect { table, action: &change.action, columns, using, check, seen, answered })
    }

    /// Whether nothing is left out of what is answered.
    fn selects_all(&self) -> bool {
        matches!(self.parameters.select.as_deref(), None | Some([SelectItem::All]))
    }

    fn check_unfiltered(&self, what: &str) -> Result<(), Error> {
        if self.parameters.conditions.is_empty() && self.parameters.orders.is_empty() {
            return Ok(());
        }
        Err(as_it_is(what))
    }
}

/// What is no query.
const CHANGES: &str = "a function whose last statement changes rows";

/// What has no columns, or is no query, is answered as it is.
fn as_it_is(what: &str) -> Error {
    Error::not_implemented(format!("the answer of {what} is neither filtered nor selected from"))
        .hint("take what decides about it as an argument")
}

/// Finds a value for each argument.
fn arguments<'a>(
    function: &'a Function,
    sent: &Arguments,
    now: Milliseconds,
) -> Result<Vec<Given<'a>>, Error> {
    let value = |argument: &'a Column| {
        let value = sent.texts.get(&argument.name).map(|text| {
            if !sent.are_json {
                return value::from_argument(argument, text, now).map(Some);
            }
            let value =
                Json::of(text).ok_or_else(|| Error::unexpected("an argument that is no JSON"))?;
            value::from_json_argument(argument, &value, now)
        });
        match (value, &argument.default) {
            (Some(value), _) => value.map(Given::Value),
            (None, Some(default)) => Ok(Given::Default(default)),
            // `is_called_by` has made sure that it was sent.
            (None, None) => Ok(Given::Value(None)),
        }
    };
    function.arguments.iter().map(value).collect()
}

/// Finds the function of that name which takes what was sent.
///
/// # Errors
/// `PGRST202`
pub fn find<'a>(
    functions: &'a [Function],
    name: &str,
    sent: &Arguments,
) -> Result<&'a Function, Error> {
    let named = functions.iter().find(|function| function.name == name);
    match named.filter(|function| is_called_by(function, sent)) {
        Some(function) => Ok(function),
        None => Err(not_found(functions, (name, named), sent)),
    }
}

/// Whether all that was sent is an argument, and all that must be sent was.
fn is_called_by(function: &Function, sent: &Arguments) -> bool {
    let names = sent.names();
    let is_argument = |name: &&str| function.arguments.iter().any(|one| one.name == **name);
    let is_given = |one: &Column| one.default.is_some() || names.contains(&one.name.as_str());
    names.iter().all(is_argument) && function.arguments.iter().all(is_given)
}

fn not_found(
    functions: &[Function],
    (name, named): (&str, Option<&Function>),
    sent: &Arguments,
) -> Error {
    let names = sent.names();
    let list = names.join(", ");
    let (called, with) = match names.len() {
        0 => (" without parameters".to_owned(), " without parameters".to_owned()),
        1 => (format!("({list})"), format!(" with parameter {list}")),
        _ => (format!("({list})"), format!(" with parameters {list}")),
    };
    let unnamed = if sent.are_json { " or with a single unnamed json/jsonb parameter" } else { "" };
    let error = Error::new(
        Code::NoFunction,
        format!("Could not find the function public.{name}{called} in the schema cache"),
    )
    .details(format!(
        "Searched for the function public.{name}{with}{unnamed}, but no matches were found in the \
         schema cache."
    ));
    let near = match named {
        Some(function) => {
            let arguments: Vec<&str> =
                function.arguments.iter().map(|argument| argument.name.as_str()).collect();
            Some(format!("{name}({})", arguments.join(", ")))
        }
        None => similar::nearest(name, functions.iter().map(|function| function.name.as_str()))
            .map(str::to_owned),
    };
    match near {
        Some(near) => error.hint(format!("Perhaps you meant to call the function public.{near}")),
        None => error,
    }
}
