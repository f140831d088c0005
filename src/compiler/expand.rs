//! Makes one condition of all policies that judge a row: permissive ones joined by `or`, restrictive
//! ones by `and`, and inside each every table that a sub-select reads under that table's own
//! policies, for the same role, as Postgres does.
//!
//! What the parser understands but this module does not is an error, never passed on as it is.

use sqlparser::ast::{Expr, Ident, Spanned};

use super::condition::{Condition, all, any, constant};
pub(super) use super::environment::{Environment, Frame, Item, Scope};
use super::expression::Typed;
use super::parse::{self, Name, Policy, Role, Verb};
use super::reflect::find;
use super::report::{Diagnostic, File, Report, Span};
use super::routine::Signature;
use super::rules::{Columns, missing};
use super::sql::Sql;
use crate::catalog::Table;

/// How many tables one condition may read, its tables' policies included.
const RELATIONS_MAX: usize = 256;

/// Which rows a condition is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// Rows that are there.
    Using,
    /// Rows that will be there.
    Check,
}

/// Expands policies for one role, and functions for one role or for their owner.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each says something else of the expression at hand"
)]
pub(super) struct Expander<'a> {
    pub environment: Environment<'a>,
    /// `None` for the owner, to whom no policies apply.
    pub role: Option<Role>,
    /// The function whose body is written, if it is one.
    pub routine: Option<&'a Signature>,
    pub report: &'a mut Report,
    /// The statement of the function that is written, if it is one.
    pub statement: Option<Span>,
    /// The functions whose bodies are being written, the innermost last.
    pub frames: Vec<Frame>,
    /// From the outermost to the innermost.
    pub scopes: Vec<Scope>,
    relations_read: usize,
    /// Whether the expression at hand decides by itself about a row that is yet to be there, so that
    /// null is as good as false: it is such a policy's, or joined to the rest of one by `and` or `or`.
    pub decides: bool,
    /// Whether the expression at hand may be a function that yields rows: it is a column of a select.
    pub may_yield: bool,
    /// Whether the expression at hand is compared, so that it may be a time before or after all others.
    pub is_compared: bool,
    /// What such functions add to the `from` of the select that is written.
    pub lateral: Vec<Sql>,
    /// The aggregates of the select that is written.
    pub aggregates: Vec<Sql>,
    /// Whether the select that was written last has at most one row, however many there are to read.
    pub is_single: bool,
    /// Whether the expression at hand has a mistake, reported here or where it belongs.
    has_failed: bool,
    /// The tables whose select policies are being expanded, and where each is read.
    reading: Vec<(String, Option<Span>)>,
    /// What the columns of a function's query are to be called.
    pub names: Vec<String>,
    /// The columns of the query that was written last, whose SQL stands in the query.
    pub result: Vec<Typed>,
}

impl<'a> Expander<'a> {
    pub fn new(environment: Environment<'a>, role: Option<Role>, report: &'a mut Report) -> Self {
        Self {
            environment,
            role,
            routine: None,
            statement: None,
            report,
            frames: Vec::new(),
            scopes: Vec::new(),
            relations_read: 0,
            decides: false,
            may_yield: false,
            is_compared: false,
            lateral: Vec::new(),
            aggregates: Vec::new(),
            is_single: false,
            has_failed: false,
            reading: Vec::new(),
            names: Vec::new(),
            result: Vec::new(),
        }
    }

    /// The role's name, for messages.
    pub const fn role_name(&self) -> &'static str {
        match self.role {
            Some(role) => role.name(),
            None => "service_role",
        }
    }

    /// What is being written, for messages.
    pub const fn noun(&self) -> &'static str {
        match self.routine {
            Some(_) => "function",
            None => "policy",
        }
    }

    /// Whether anything has been reported since this expander began.
    pub const fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// The condition on a table's rows, written for rows that go by `{row}`.
    pub fn condition(&mut self, table: &Table, verb: Verb, part: Part) -> Condition {
        self.begin();
        if verb == Verb::Select {
            self.reading.push((table.name.clone(), None));
        }
        self.combine(table, (verb, part), &Sql::row())
    }

    /// Begins something new, which reads no tables yet.
    pub fn begin(&mut self) {
        self.relations_read = 0;
        self.reading.clear();
        self.scopes.clear();
        self.has_failed = false;
    }

    fn combine(&mut self, table: &Table, (verb, part): (Verb, Part), row: &Sql) -> Condition {
        let Some(role) = self.role else { return Condition::Always };
        let policies: Vec<Policy> =
            self.environment.rules.policies(&table.name, role, verb).into_iter().cloned().collect();
        let mut permissive = Vec::new();
        let mut restrictive = Vec::new();
        for policy in policies {
            let expression = match part {
                Part::Using => policy.using.as_ref(),
                Part::Check => policy.check.as_ref().or(policy.using.as_ref()),
            };
            // A policy without an expression for these rows permits none of them.
            let condition = expression
                .map_or(Condition::Never, |expression| self.judge(expression, part, table, row));
            if policy.is_restrictive {
                restrictive.push(condition);
            } else {
                permissive.push(condition);
            }
        }
        all([any(permissive)].into_iter().chain(restrictive))
    }

    /// One policy's expression, in which nothing is visible but the row.
    fn judge(&mut self, expression: &Expr, part: Part, table: &Table, row: &Sql) -> Condition {
        match constant(expression) {
            Some(true) => return Condition::Always,
            Some(false) => return Condition::Never,
            None => {}
        }
        let item = Item::of(table, &table.name, row.clone(), Columns::All);
        // A function's arguments are no business of a policy's.
        let routine = self.routine.take();
        let frames = std::mem::take(&mut self.frames);
        let outside = std::mem::replace(&mut self.scopes, vec![vec![item]]);
        let had_failed = std::mem::replace(&mut self.has_failed, false);
        self.decides = part == Part::Check;
        let sql = self.truth(expression, "POLICY").sql;
        self.advise_condition(&sql, parse::span(expression.span()));
        self.scopes = outside;
        self.routine = routine;
        self.frames = frames;
        // Inner ones have been tried as those of their own table.
        if *row == Sql::row() && !self.has_failed {
            self.try_on_sqlite(&sql, expression, table);
        }
        self.has_failed |= had_failed;
        Condition::When(sql)
    }

    /// Lets SQLite judge a policy's expression, where its error still has a place.
    fn try_on_sqlite(&mut self, sql: &Sql, expression: &Expr, table: &Table) {
        let query = super::access::trial(table, &sql.clone().into_predicate());
        if let Err(error) = self.environment.connection.prepare(&query) {
            let at = parse::span(expression.span());
            self.push(Diagnostic::error(at, super::message(error)));
        }
    }

    /// A table or view in a sub-select, under its own policies.
    pub fn relation(&mut self, name: &Name, alias: Option<&Ident>) -> Option<(Sql, Item)> {
        let relations = self.environment.relations;
        let Some(relation) = find(relations, &name.text) else {
            self.push(missing(name, relations));
            return None;
        };
        let table = &relation.table;
        let (role, noun) = (self.role_name(), self.noun());
        if !relation.is_exposed {
            let message = format!("table \"{}\" cannot be read by a {noun}", table.name);
            self.push(
                Diagnostic::error(name.span, message)
                    .help("read it through a view of yours, which shows only what it must"),
            );
            return None;
        }
        let Some(readable) = self.columns(table, Verb::Select) else {
            let message = format!("role \"{role}\" may not read table \"{}\"", table.name);
            let limit = match self.routine {
                Some(_) => "let the function be executed by others",
                None => "limit this policy with `to ..`",
            };
            self.push(Diagnostic::error(name.span, message).help(format!(
                "add a select policy for {role}, {limit}, or read through a view with its own \
                 policy"
            )));
            return None;
        };
        if self.role.is_some() && self.is_circle(&table.name, name.span) {
            return None;
        }
        self.relations_read = self.relations_read.saturating_add(1);
        if self.relations_read > RELATIONS_MAX {
            let message = format!("this {noun} reads more than {RELATIONS_MAX} tables");
            self.push(
                Diagnostic::error(name.span, message)
                    .help("the policies of all tables that it reads are part of it"),
            );
            return None;
        }
        let written = format!("p{}", self.relations_read.saturating_sub(1));
        let row = Sql::text(&written);
        self.reading.push((table.name.clone(), Some(name.span)));
        let condition = self.combine(table, (Verb::Select, Part::Using), &row);
        self.reading.pop();
        let source = Sql::text(super::quote(&table.name)).then(" as ").then(&written);
        let never = || Sql::text("0");
        let source = match condition {
            Condition::Always => source,
            Condition::Never => restricted(source, never(), &written),
            Condition::When(condition) => restricted(source, condition, &written),
        };
        let name = alias.map_or(&table.name, |alias| &alias.value);
        Some((source, Item::of(table, name, row, readable)))
    }

    /// The columns that the role may do something to; `None` without the privilege.
    pub fn columns(&self, table: &Table, verb: Verb) -> Option<Columns> {
        match self.role {
            None => Some(Columns::All),
            Some(role) => self.environment.rules.privilege(&table.name, role, verb).cloned(),
        }
    }

    /// Whether reading that table would expand its own policies in themselves.
    fn is_circle(&mut self, table: &str, at: Span) -> bool {
        let Some(begin) = self.reading.iter().position(|(name, _)| name == table) else {
            return false;
        };
        let circle: Vec<&str> =
            self.reading.iter().skip(begin).map(|(name, _)| name.as_str()).collect();
        self.has_failed = true;
        // One message for a circle, however many of its tables and policies lead into it.
        if begin == 0 && circle.iter().min() == Some(&table) {
            let first = self.reading.get(1).and_then(|(_, span)| *span);
            let message = format!(
                "infinite recursion in the policies of table \"{table}\": {} -> {table}",
                circle.join(" -> ")
            );
            self.push(Diagnostic::error(first.unwrap_or(at), message).help(
                "ask in a `security definer` function of functions.sql, or read a view: both read \
                 their tables as the owner does",
            ));
        }
        true
    }

    /// A number for a `from` item that is no table, so that no alias is used twice.
    pub fn fresh_alias(&mut self) -> String {
        self.relations_read = self.relations_read.saturating_add(1);
        format!("p{}", self.relations_read.saturating_sub(1))
    }

    /// Takes what is written for not worth trying, after a mistake that is reported elsewhere.
    pub const fn give_up(&mut self) {
        self.has_failed = true;
    }

    /// Reports a mistake, after which what is written is not worth trying.
    pub fn push(&mut self, mut diagnostic: Diagnostic) {
        self.has_failed = true;
        // The parser gives some parts of a statement no place.
        if let (Some(statement), File::Policies) = (self.statement, diagnostic.span.file) {
            diagnostic.span = statement;
        }
        self.report.push(diagnostic);
    }

    /// Reports something that has no meaning here.
    pub fn refuse(&mut self, at: Span, message: impl Into<String>, help: &str) -> Sql {
        self.push(Diagnostic::error(at, message).help(help));
        Sql::default()
    }
}

fn restricted(source: Sql, condition: Sql, alias: &str) -> Sql {
    Sql::text("(select * from ")
        .and(source)
        .then(" where ")
        .and(condition)
        .then(") as ")
        .then(alias)
}
