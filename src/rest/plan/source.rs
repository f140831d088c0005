//! Permission to read or write a table, as a value.
//!
//! A [`Source`] can be made only by asking for an identity, and every name of a column is resolved
//! through it. So a table without its policy, or a column without its privilege, cannot be planned.

use crate::catalog::{Access, Column, Grant, Predicate, Table, Template};
use crate::error::{Code, Error};
use crate::identity::{Identity, Role};
use crate::time::Milliseconds;

/// What is to be done with a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privilege {
    Select,
    Insert,
    Update,
    Delete,
}

/// A table, and what somebody may do with it in one respect.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    table: &'a Table,
    /// `None` when policies do not apply.
    grant: Option<&'a Grant>,
    /// A policy that existing rows must meet too.
    also: Option<&'a Predicate>,
    role: Role,
    /// The time of the request, which `now` in a value means.
    now: Milliseconds,
    /// The query of a function that answers rows in the table's place.
    answer: Option<&'a Template>,
}

impl<'a> Source<'a> {
    /// The table, for that privilege and the caller of the request.
    ///
    /// # Errors
    /// `42501` when the role has not got the privilege.
    pub fn new(
        table: &'a Table,
        privilege: Privilege,
        (who, now): (&Identity, Milliseconds),
    ) -> Result<Self, Error> {
        let role = who.role();
        let grant = match role {
            Role::ServiceRole => return Ok(Self::owned(table, (who, now))),
            Role::Anon => granted(&table.anon, privilege),
            Role::Authenticated => granted(&table.authenticated, privilege),
        };
        match grant {
            Some(grant) => {
                Ok(Self { table, grant: Some(grant), also: None, role, now, answer: None })
            }
            None => Err(denied(table, role)),
        }
    }

    /// The table as its owner has it, without policies: for `service_role`, and for what a function
    /// does as its owner or declares as its own result.
    pub const fn owned(table: &'a Table, (who, now): (&Identity, Milliseconds)) -> Self {
        Self { table, grant: None, also: None, role: who.role(), now, answer: None }
    }

    /// Rows like those of the table that a function's query answers. The policies are in the query.
    pub const fn answered(self, query: &'a Template) -> Self {
        Self { answer: Some(query), ..self }
    }

    /// The query that answers the rows, when they are not the table's own.
    pub const fn answer(&self) -> Option<&'a Template> {
        self.answer
    }

    /// The time of the request.
    pub const fn now(&self) -> Milliseconds {
        self.now
    }

    /// The table.
    pub const fn table(&self) -> &'a Table {
        self.table
    }

    /// The column of that name.
    ///
    /// # Errors
    /// `42703` when there is none, `42501` when the privilege does not cover it.
    pub fn column(&self, name: &str) -> Result<&'a Column, Error> {
        let column = self.table.column(name).ok_or_else(|| {
            let message = format!("column {}.{name} does not exist", self.table.name);
            Error::new(Code::ColumnUndefined, message)
        })?;
        self.cover(&column.name)?;
        Ok(column)
    }

    /// Makes sure that the privilege covers a column of the catalog.
    ///
    /// # Errors
    /// `42501` when it does not.
    pub fn cover(&self, column: &str) -> Result<(), Error> {
        if self.grant.is_none_or(|grant| grant.covers(column)) {
            return Ok(());
        }
        Err(denied(self.table, self.role))
    }

    /// The same rows as far as `other` allows to touch them.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        Self { also: other.using(), ..self }
    }

    /// What existing rows must meet beside [`Self::using`].
    pub const fn also(&self) -> Option<&'a Predicate> {
        self.also
    }

    /// Which existing rows may be touched; `None` for all.
    pub fn using(&self) -> Option<&'a Predicate> {
        let grant = self.grant.filter(|_| self.answer.is_none());
        grant.map(|grant| &grant.using).filter(|predicate| !predicate.is_always())
    }

    /// Which new rows may be made; `None` for any.
    pub fn check(&self) -> Option<&'a Predicate> {
        self.grant.map(|grant| &grant.check).filter(|predicate| !predicate.is_always())
    }
}

fn granted(access: &Access, privilege: Privilege) -> Option<&Grant> {
    match privilege {
        Privilege::Select => access.select.as_ref(),
        Privilege::Insert => access.insert.as_ref(),
        Privilege::Update => access.update.as_ref(),
        Privilege::Delete => access.delete.as_ref(),
    }
}

/// The code of a refusal: whoever has not signed in may succeed by doing so.
pub const fn forbidden(role: Role) -> Code {
    match role {
        Role::Anon => Code::ForbiddenAnonymous,
        Role::Authenticated | Role::ServiceRole => Code::Forbidden,
    }
}

fn denied(table: &Table, role: Role) -> Error {
    Error::new(forbidden(role), format!("permission denied for table {}", table.name))
}
