//! Writes SQL text and its binds together, so that neither can be had without the other.
//!
//! Names come from the catalog and pass [`name`]; everything that a client sent is bound. Whatever
//! is read from is written by [`Writer::from`], which hands back the policy that must be obeyed.

use std::collections::BTreeMap;

use super::condition::cast;
use super::raise::raise;
use crate::catalog::{Claim, Piece, Predicate, Template};
use crate::db::{BINDS_MAX, Bind, Statement};
use crate::error::{Code, Error};
use crate::http::json::quoted;
use crate::identity::{Identity, SESSION_GUARD};
use crate::rest::plan::{Given, Plan, RowsLimit, Source};

/// The longest statement that D1 takes, in bytes.
const SQL_BYTES_MAX: usize = 100_000;

/// The most operations of the program that SQLite makes of a statement; workerd sets it. SQLite says
/// that it has no memory when they do not suffice, which is somebody else's trouble, so they are
/// estimated here: by length, and for each sub-select. Measured, they are fewer.
const OPERATIONS_MAX: usize = 25_000;
const BYTES_PER_OPERATION: usize = 5;
const OPERATIONS_PER_SELECT: usize = 30;

/// A statement in the making.
pub struct Writer<'a> {
    who: &'a Identity,
    binds: Vec<Bind>,
    /// What no longer fits into parameters of its own travels in the last one, as a JSON array.
    spilled: Vec<String>,
    claims: Vec<(Claim, String)>,
    /// The arguments of the function that is called.
    arguments: &'a [Given<'a>],
    /// The SQL of those that have been written.
    arguments_written: Vec<(u8, String)>,
    /// The number of the change in the function, which a raise tells.
    change: Option<usize>,
    /// Whether exactly one row must be answered.
    is_single: bool,
    paths: BTreeMap<String, String>,
    aliases: usize,
}

impl<'a> Writer<'a> {
    /// Begins a statement of a plan.
    pub fn of(plan: &'a Plan<'_>) -> Self {
        let is_single = plan.rows_limit() == Some(RowsLimit::One);
        Self { arguments: plan.arguments(), is_single, ..Self::new(plan.who()) }
    }

    /// Begins a statement on behalf of whoever asks.
    pub const fn new(who: &'a Identity) -> Self {
        Self {
            who,
            binds: Vec::new(),
            spilled: Vec::new(),
            claims: Vec::new(),
            arguments: &[],
            arguments_written: Vec::new(),
            change: None,
            is_single: false,
            paths: BTreeMap::new(),
            aliases: 0,
        }
    }

    /// Binds what [`SESSION_GUARD`] asks for, which is therefore to be done first, and answers it.
    /// `None` where nobody has a session.
    pub fn guard(&mut self) -> Option<&'static str> {
        let user = self.who.user()?;
        self.bind(user.session_id.as_str());
        self.claim(Claim::Uid);
        Some(SESSION_GUARD)
    }

    /// The statement is that change of a function's.
    pub const fn number(&mut self, change: usize) {
        self.change = Some(change);
    }

    /// Writes an expression that fails with a marker. Of a function it also tells which change
    /// failed.
    pub fn raise(&self, marker: &str) -> String {
        match self.change {
            Some(change) => raise(&format!("{marker}:{change}")),
            None => raise(marker),
        }
    }

    /// Writes what a changed row becomes that is not to be answered: null, unless it is the one that
    /// must be.
    pub fn left_out(&self) -> String {
        if self.is_single { raise("rows:0") } else { "null".to_owned() }
    }

    /// Binds a text and answers the SQL that stands for it.
    pub fn bind(&mut self, text: impl Into<String>) -> String {
        if self.binds.len() < BINDS_MAX.saturating_sub(1) {
            self.binds.push(Some(text.into()));
            return format!("?{}", self.binds.len());
        }
        self.spilled.push(quoted(&text.into()));
        format!("(?{BINDS_MAX} ->> {})", self.spilled.len().saturating_sub(1))
    }

    /// Binds a path into JSON: once, however often it is used.
    pub fn path(&mut self, path: &str) -> String {
        if let Some(bound) = self.paths.get(path) {
            return bound.clone();
        }
        let bound = self.bind(path);
        self.paths.insert(path.to_owned(), bound.clone());
        bound
    }

    /// An alias that nothing else in the statement has.
    pub fn alias(&mut self) -> String {
        let alias = format!("t{}", self.aliases);
        self.aliases = self.aliases.saturating_add(1);
        alias
    }

    /// Writes a table into a `from`, and adds the policy of whoever asks to the conditions.
    /// The only way in which anything is read.
    pub fn from(
        &mut self,
        source: &Source<'_>,
        alias: &str,
        conditions: &mut Vec<String>,
    ) -> String {
        for predicate in [source.using(), source.also()].into_iter().flatten() {
            conditions.push(self.predicate(predicate, alias));
        }
        match source.answer() {
            Some(query) => format!("({}) as {alias}", self.template(query, "")),
            None => format!("{} as {alias}", name(&source.table().name)),
        }
    }

    /// Writes SQL of a function for the row of that alias.
    pub fn template(&mut self, template: &Template, alias: &str) -> String {
        self.pieces(template.pieces(), |_| alias)
    }

    /// Writes a policy for the row of that alias, in parentheses.
    pub fn predicate(&mut self, predicate: &Predicate, alias: &str) -> String {
        self.predicate_for(predicate, |_| alias)
    }

    /// Writes a policy for a row whose columns stand under different aliases.
    pub fn predicate_for<'x>(
        &mut self,
        predicate: &Predicate,
        alias_of: impl Fn(&str) -> &'x str,
    ) -> String {
        let mut sql = String::from("(");
        sql.push_str(&self.pieces(predicate.pieces(), alias_of));
        sql.push(')');
        sql
    }

    fn pieces<'x>(&mut self, pieces: &[Piece], alias_of: impl Fn(&str) -> &'x str) -> String {
        let mut sql = String::new();
        let mut pieces = pieces.iter().peekable();
        while let Some(piece) = pieces.next() {
            match piece {
                Piece::Sql(text) => sql.push_str(text),
                Piece::Claim(claim) => sql.push_str(&self.claim(*claim)),
                Piece::Argument(number) => sql.push_str(&self.argument(*number)),
                Piece::Row => {
                    let column = pieces.peek().map(|next| next.column()).unwrap_or_default();
                    sql.push_str(alias_of(&column));
                }
            }
        }
        sql
    }

    fn argument(&mut self, number: u8) -> String {
        if let Some((_, written)) =
            self.arguments_written.iter().find(|(other, _)| *other == number)
        {
            return written.clone();
        }
        let sql = match self.arguments.get(usize::from(number)) {
            Some(Given::Value(Some(scalar))) => {
                let bound = self.bind(scalar.text.as_str());
                cast(&bound, scalar.cast)
            }
            Some(Given::Default(sql)) => format!("({sql})"),
            Some(Given::Value(None)) | None => "null".to_owned(),
        };
        self.arguments_written.push((number, sql.clone()));
        sql
    }

    /// Binds what is known of the caller, once, and answers the SQL that stands for it.
    pub fn claim(&mut self, claim: Claim) -> String {
        if let Some((_, bound)) = self.claims.iter().find(|(other, _)| *other == claim) {
            return bound.clone();
        }
        let value = match claim {
            Claim::Uid => self.who.uid(),
            Claim::Email => self.who.email(),
            Claim::Role => Some(self.who.role().name()),
            Claim::Jwt => Some(self.who.claims()),
        };
        let sql = match value {
            Some(value) => self.bind(value),
            None => "null".to_owned(),
        };
        self.claims.push((claim, sql.clone()));
        sql
    }

    /// The statement, when it is not longer than the database takes.
    ///
    /// # Errors
    /// `54001`
    pub fn finish(mut self, sql: String) -> Result<Statement, Error> {
        let selects = sql.matches("select ").count().saturating_mul(OPERATIONS_PER_SELECT);
        let operations = (sql.len() / BYTES_PER_OPERATION).saturating_add(selects);
        if sql.len() > SQL_BYTES_MAX || operations > OPERATIONS_MAX {
            return Err(Error::new(Code::TooComplex, "the request is too complex")
                .hint("ask for fewer embeds or filters at once"));
        }
        if !self.spilled.is_empty() {
            self.binds.push(Some(format!("[{}]", self.spilled.join(","))));
        }
        Ok(Statement::rendered(sql, self.binds))
    }
}

/// A name of the catalog as SQL.
pub fn name(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text of the catalog as SQL.
pub fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Conditions joined by a word, as a balanced tree: SQLite limits the depth of expressions, not
/// their number.
pub fn joined(conditions: &[String], word: &str, none: &str) -> String {
    match conditions {
        [] => none.to_owned(),
        [one] => one.clone(),
        several => {
            let (left, right) = several.split_at(several.len() / 2);
            format!("({} {word} {})", joined(left, word, none), joined(right, word, none))
        }
    }
}

/// `where ..`, or nothing when there are no conditions.
pub fn where_clause(conditions: &[String]) -> String {
    if conditions.is_empty() {
        return String::new();
    }
    format!("\nwhere {}", joined(conditions, "and", "1"))
}
