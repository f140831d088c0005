//! Writing, resolved: each column may be written, each value fits it, each policy is at hand.

use super::cells::{Cells, Manner, cells, value_as_json};
use super::condition::{self, Check, Node};
use super::read::{Context, Read};
use super::source::{Privilege, Source};
use crate::catalog::{Column, Predicate, Table, TableKind, Type};
use crate::error::{Code, Error};
use crate::identity::Identity;
use crate::rest::query::{Comparison, Payload, Preferences, Resolution, Return};
use crate::time::Milliseconds;

/// A change to the rows of one table.
#[derive(Debug)]
pub struct Write<'a> {
    /// The table.
    pub table: &'a Table,
    /// The change.
    pub change: Change<'a>,
    /// What is answered of each row.
    pub answered: Answered<'a>,
    /// Which new rows may be seen, when whoever asks gets to see them.
    pub visible: Option<&'a Predicate>,
    /// Which rows are counted before the change.
    pub counted: Option<Counted<'a>>,
}

/// Rows that are counted before a change, as far as whoever asks may see them.
#[derive(Debug)]
pub enum Counted<'a> {
    /// Those that a merge will meet: whether any row is new decides the answer's status.
    Existing(Source<'a>),
    /// Those that the filters mean, to tell a developer how many of them a policy left alone.
    Meant(Source<'a>),
}

/// What is answered of each row that a change touched.
#[derive(Debug)]
pub enum Answered<'a> {
    /// Nothing.
    Nothing,
    /// Its primary key, for a `Location`.
    Keys,
    /// What the request selects. Of a delete it is read before the rows and what hangs on them go.
    Rows(Box<Read<'a>>),
}

/// What is changed.
#[derive(Debug)]
pub enum Change<'a> {
    Insert { cells: Cells<'a>, check: Option<&'a Predicate>, conflict: Option<Conflict<'a>> },
    Update { cells: Cells<'a>, check: Option<&'a Predicate>, rows: Touched<'a> },
    Delete { rows: Touched<'a> },
}

impl Write<'_> {
    /// Has the rows counted that an update or delete means, to explain those that it leaves alone.
    /// For developers: it costs a statement.
    pub fn count_meant(&mut self, caller: (&Identity, Milliseconds)) {
        if self.change.is_limited() {
            self.counted =
                Source::new(self.table, Privilege::Select, caller).ok().map(Counted::Meant);
        }
    }
}

impl Change<'_> {
    /// Whether `max-affected` limits it.
    pub const fn is_limited(&self) -> bool {
        matches!(self, Self::Update { .. } | Self::Delete { .. })
    }
}

/// The existing rows that a change touches.
#[derive(Debug)]
pub struct Touched<'a> {
    /// Which may be changed.
    pub using: Option<&'a Predicate>,
    /// Which may be seen, when the change shows or asks what is in them.
    pub seen: Option<&'a Predicate>,
    /// Which are meant.
    pub conditions: Vec<Node<'a>>,
}

/// What becomes of a row whose key exists.
#[derive(Debug)]
pub struct Conflict<'a> {
    /// The columns of the unique constraint.
    pub target: Vec<&'a str>,
    /// Whether two keys may be equal that are not written alike, so that only the database can tell.
    pub is_loose: bool,
    /// How the existing row is changed; `None` to leave it alone.
    pub merge: Option<Merge<'a>>,
}

/// The policies that a merge must meet on top of an insert's.
#[derive(Debug)]
pub struct Merge<'a> {
    /// On the existing row.
    pub using: Option<&'a Predicate>,
    /// On the existing row, for seeing it.
    pub seen: Option<&'a Predicate>,
    /// On the row as it will be.
    pub check: Option<&'a Predicate>,
}

/// What an insert does with rows whose key exists, and which of its rows are meant.
struct Meeting<'a> {
    /// The columns of the key, and what is done.
    conflict: Option<(Vec<&'a str>, Resolution)>,
    /// The one row that is meant; `None` for all.
    only: Option<usize>,
    /// Whether it matters which rows were there.
    counted: bool,
}

impl<'a> Context<'a, '_> {
    /// Resolves an insert.
    ///
    /// # Errors
    /// `55000`, `42501`, `PGRST204`, `428C9`, `42P10`, `21000` and what values say.
    pub fn insert(
        &self,
        table: &'a Table,
        payload: &Payload,
        preferences: &Preferences,
    ) -> Result<Write<'a>, Error> {
        let target = self.writable(table, Privilege::Insert)?;
        let key = match &self.parameters.on_conflict {
            _ if preferences.resolution.is_none() => None,
            Some(names) => Some(unique(table, names)?),
            None => Some(key(table)).filter(|key| !key.is_empty()),
        };
        let conflict = key.zip(preferences.resolution);
        let meeting = Meeting { conflict, only: None, counted: true };
        self.inserted(&target, payload, preferences, meeting)
    }

    /// Resolves a `PUT`: the one row that the URL's key names is inserted or replaced.
    ///
    /// # Errors
    /// As [`Self::insert`], `PGRST105` when the filters are something else than a key, `PGRST115`
    /// when the body has no row of that key.
    pub fn replace(
        &self,
        table: &'a Table,
        payload: &Payload,
        preferences: &Preferences,
    ) -> Result<Write<'a>, Error> {
        let target = self.writable(table, Privilege::Insert)?;
        let wanted = self.url_key(table)?;
        let mut only = None;
        for row in 0..payload.len() {
            if only.is_none() && has_key(payload, row, &wanted, self.now)? {
                only = Some(row);
            }
        }
        if only.is_none() {
            let message = "Payload values do not match URL in primary key column(s)";
            return Err(Error::new(Code::PutKeyMismatch, message));
        }
        let conflict = Some((key(table), Resolution::Merge));
        let counted = preferences.returning == Some(Return::Representation);
        self.inserted(&target, payload, preferences, Meeting { conflict, only, counted })
    }

    fn inserted(
        &self,
        target: &Source<'a>,
        payload: &Payload,
        preferences: &Preferences,
        meeting: Meeting<'a>,
    ) -> Result<Write<'a>, Error> {
        self.check_paths()?;
        let table = target.table();
        let Meeting { conflict, only, counted } = meeting;
        let merges = matches!(conflict, Some((_, Resolution::Merge)));
        let key = conflict.as_ref().map_or(&[][..], |(key, _)| key);
        let defaults = preferences.missing_default == Some(true);
        let manner = Manner { defaults, only, key, distinct: merges, update: false };
        let cells = cells(target, payload, manner)?;
        let conflict = self.conflict(table, &cells, conflict)?;
        let answered = self.answered(table, preferences)?;
        let mut visible = None;
        let mut counts = None;
        if conflict.is_some() || !matches!(answered, Answered::Nothing) {
            let seen = self.seen(table)?;
            visible = seen.using();
            counts = Some(Counted::Existing(seen)).filter(|_| counted && merges);
        }
        let change = Change::Insert { cells, check: target.check(), conflict };
        Ok(Write { table, change, answered, visible, counted: counts })
    }

    /// The values of the primary key that the filters of a `PUT` name, each as JSON.
    fn url_key(&self, table: &'a Table) -> Result<Vec<(&'a Column, String)>, Error> {
        let refused = || {
            let message =
                "Filters must include all and only primary key columns with 'eq' operators";
            Error::new(Code::PutFilters, message)
        };
        let seen = self.seen(table)?;
        let mut wanted: Vec<(&Column, String)> = Vec::new();
        for placed in &self.parameters.conditions {
            let node = condition::resolve(&placed.value, &seen, &[])?;
            let Node::Test(place, Check::Compare(Comparison::Equal, scalar)) = node else {
                return Err(refused());
            };
            let is_key = table.primary_key.contains(&place.column.name)
                && place.path.is_none()
                && placed.path.is_empty()
                && !wanted.iter().any(|(column, _)| column.name == place.column.name);
            if !is_key {
                return Err(refused());
            }
            wanted.push((place.column, scalar.to_json()));
        }
        if wanted.is_empty() || wanted.len() < table.primary_key.len() {
            return Err(refused());
        }
        Ok(wanted)
    }

    /// Resolves an update.
    ///
    /// # Errors
    /// As [`Self::insert`], and `42703` for a filter's column.
    pub fn update(
        &self,
        table: &'a Table,
        payload: &Payload,
        preferences: &Preferences,
    ) -> Result<Write<'a>, Error> {
        self.check_paths()?;
        if payload.len() > 1 {
            return Err(Error::new(Code::BodyInvalid, "an update takes one object"));
        }
        let target = self.writable(table, Privilege::Update)?;
        let defaults = preferences.missing_default == Some(true);
        let manner = Manner { defaults, update: true, ..Manner::default() };
        let mut cells = cells(&target, payload, manner)?;
        if cells.count == 0 {
            // An empty list changes nothing, whatever `columns=` names.
            cells.columns.clear();
        }
        let answered = self.answered(table, preferences)?;
        let rows = self.touched(&target, matches!(answered, Answered::Rows(_)))?;
        let visible = rows.seen;
        let change = Change::Update { cells, check: target.check(), rows };
        Ok(Write { table, change, answered, visible, counted: None })
    }

    /// Resolves a delete.
    ///
    /// # Errors
    /// As [`Self::update`].
    pub fn delete(&self, table: &'a Table, preferences: &Preferences) -> Result<Write<'a>, Error> {
        self.check_paths()?;
        let target = self.writable(table, Privilege::Delete)?;
        let answered = self.answered(table, preferences)?;
        let rows = self.touched(&target, matches!(answered, Answered::Rows(_)))?;
        let answered = match answered {
            Answered::Rows(read) => {
                let source = read.source.and(&target);
                Answered::Rows(Box::new(Read { source, ..*read }))
            }
            other => other,
        };
        let change = Change::Delete { rows };
        Ok(Write { table, change, answered, visible: None, counted: None })
    }

    /// The table for reading, which many a change needs that its author thinks of as writing only.
    fn seen(&self, table: &'a Table) -> Result<Source<'a>, Error> {
        Source::new(table, Privilege::Select, self.caller()).map_err(|error| {
            error.hint(format!(
                "a change that filters, merges or answers rows reads them: \"{}\" has no policy for \
                 select for this role",
                table.name
            ))
        })
    }

    fn writable(&self, table: &'a Table, privilege: Privilege) -> Result<Source<'a>, Error> {
        let source = Source::new(table, privilege, self.caller())?;
        if table.kind == TableKind::View {
            return Err(Error::new(
                Code::ViewReadOnly,
                format!("cannot write to view \"{}\"", table.name),
            )
            .hint("write to the tables it reads"));
        }
        Ok(source)
    }

    fn answered(&self, table: &'a Table, preferences: &Preferences) -> Result<Answered<'a>, Error> {
        match preferences.returning {
            Some(Return::Representation) => {
                self.seen(table)?;
                let read = self.read(table)?;
                if read.is_grouped() {
                    return Err(Error::not_implemented(
                        "Aggregates of written rows are not implemented: read them afterwards.",
                    ));
                }
                // A limit says nothing of what a change does, so it is not obeyed here either.
                Ok(Answered::Rows(Box::new(Read { limit: None, offset: None, ..read })))
            }
            Some(Return::HeadersOnly) if !table.primary_key.is_empty() => {
                let source = self.seen(table)?;
                table.primary_key.iter().try_for_each(|column| source.cover(column))?;
                Ok(Answered::Keys)
            }
            Some(Return::HeadersOnly | Return::Minimal) | None => Ok(Answered::Nothing),
        }
    }

    /// Seeing is needed as soon as a filter asks what is in a row, or the answer shows it: else
    /// filters would tell what policies hide.
    fn touched(&self, target: &Source<'a>, shown: bool) -> Result<Touched<'a>, Error> {
        let own = || self.parameters.conditions.iter().filter(|placed| placed.path.is_empty());
        if own().next().is_none() && !shown {
            return Ok(Touched { using: target.using(), seen: None, conditions: Vec::new() });
        }
        let seen = self.seen(target.table())?;
        let conditions = own()
            .map(|placed| condition::resolve(&placed.value, &seen, &[]))
            .collect::<Result<_, _>>()?;
        Ok(Touched { using: target.using(), seen: seen.using(), conditions })
    }

    fn conflict(
        &self,
        table: &'a Table,
        cells: &Cells<'a>,
        conflict: Option<(Vec<&'a str>, Resolution)>,
    ) -> Result<Option<Conflict<'a>>, Error> {
        let Some((target, resolution)) = conflict else { return Ok(None) };
        let seen = self.seen(table)?;
        target.iter().try_for_each(|column| seen.cover(column))?;
        let merge = match resolution {
            Resolution::Ignore => None,
            Resolution::Merge => {
                let update = Source::new(table, Privilege::Update, self.caller())?;
                cells.columns.iter().try_for_each(|column| update.cover(&column.name))?;
                Some(Merge { using: update.using(), seen: seen.using(), check: update.check() })
            }
        };
        let names: Vec<String> = target.iter().map(|&name| name.to_owned()).collect();
        let is_loose = table.unique(&names).is_some_and(|unique| unique.folds)
            || target
                .iter()
                .filter_map(|name| table.column(name))
                .any(|column| matches!(column.kind, Type::Double | Type::Numeric { .. }));
        Ok(Some(Conflict { target, is_loose, merge }))
    }
}

fn key(table: &Table) -> Vec<&str> {
    table.primary_key.iter().map(String::as_str).collect()
}

/// Whether a row of the body has the key that the URL names.
fn has_key(
    payload: &Payload,
    row: usize,
    wanted: &[(&Column, String)],
    now: Milliseconds,
) -> Result<bool, Error> {
    for (column, wanted) in wanted {
        let position = payload.columns().iter().position(|name| *name == column.name);
        let Some(text) = position.and_then(|position| payload.value(row, position)) else {
            return Ok(false);
        };
        let mut value = String::new();
        if !value_as_json(column, text, now, &mut value)? || value != *wanted {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The columns of the unique constraint that `on_conflict=` names.
fn unique<'a>(table: &'a Table, names: &[String]) -> Result<Vec<&'a str>, Error> {
    for name in names {
        if table.column(name).is_none() {
            let message = format!("column \"{name}\" does not exist");
            return Err(Error::new(Code::ColumnUndefined, message));
        }
    }
    table
        .unique(names)
        .map(|unique| unique.columns.iter().map(String::as_str).collect())
        .ok_or_else(|| {
            let message =
                "there is no unique or exclusion constraint matching the ON CONFLICT specification";
            Error::new(Code::ConflictTargetInvalid, message)
        })
}
