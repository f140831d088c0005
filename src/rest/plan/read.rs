//! Reading, resolved: each table with its policy, each name looked up, each value checked.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::condition::{self, Node, Place};
use super::embed::{Embed, Joined, Wishes, at, not_embedded};
use super::source::{Privilege, Source};
use super::term::Term;
use super::text_search;
use crate::catalog::{Catalog, Table};
use crate::error::{Code, Error};
use crate::identity::Identity;
use crate::rest;
use crate::rest::query::{Aggregate, Nulls, OrderTerm, Parameters, Query, SelectItem, TermItem};
use crate::time::Milliseconds;

/// Rows of one table, in some order, with some columns and related rows.
#[derive(Debug)]
pub struct Read<'a> {
    /// Where they come from.
    pub source: Source<'a>,
    /// What is shown of each.
    pub outputs: Vec<Output<'a>>,
    /// All that is related to them, whether it is shown or only filters.
    pub embeds: Vec<Rc<Embed<'a>>>,
    /// Rows of others whose columns are shown among their own: at most one for each.
    pub joins: Vec<Joined<'a>>,
    /// As what.
    pub shape: Shape,
    /// Which: all of these hold.
    pub conditions: Vec<Node<'a>>,
    /// In which order.
    pub order: Vec<Order<'a>>,
    /// How many at most.
    pub limit: Option<u64>,
    /// After how many.
    pub offset: Option<u64>,
}

/// What a row becomes. Only the rows of the request itself can be something else than objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A JSON object.
    Object,
    /// A line of CSV.
    Line,
    /// Nothing: it is only wanted that there is a row.
    Nothing,
}

/// One member of a row's object.
#[derive(Debug)]
pub struct Output<'a> {
    /// Its name: the catalog's or the client's.
    pub name: Name<'a>,
    /// The joined row that it is of, by position; `None` for the read's own.
    pub at: Option<usize>,
    /// Its value.
    pub value: OutputValue<'a>,
}

/// The name of a member: one of the catalog's may be written into SQL, a client's is bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name<'a> {
    Catalog(&'a str),
    Client(String),
}

/// The value of a member.
#[derive(Debug)]
pub enum OutputValue<'a> {
    /// A column, a place in its JSON, or what is reckoned of it.
    Term(Term<'a>),
    /// Related rows: an object or null, or a list.
    Embed(Rc<Embed<'a>>),
    /// A list of what one output is in each of the related rows.
    Each { embed: Rc<Embed<'a>>, output: usize },
}

/// One term of an order.
#[derive(Debug)]
pub struct Order<'a> {
    /// The related row whose column it is; `None` for the row itself.
    pub embed: Option<Rc<Embed<'a>>>,
    /// What is ordered by.
    pub place: Place<'a>,
    /// Whether from the greatest to the least.
    pub descending: bool,
    /// Whether nulls come first.
    pub nulls_first: bool,
}

impl<'a> Output<'a> {
    /// A member under a client's name.
    pub(super) fn client(name: &str, value: OutputValue<'a>) -> Self {
        Self { name: Name::Client(name.to_owned()), at: None, value }
    }

    /// Whether it is one value of many rows.
    pub fn is_aggregate(&self) -> bool {
        matches!(&self.value, OutputValue::Term(term) if term.is_aggregate())
    }
}

impl Name<'_> {
    /// The name.
    pub fn text(&self) -> &str {
        match self {
            Name::Catalog(name) => name,
            Name::Client(name) => name,
        }
    }
}

impl<'a> Read<'a> {
    /// All rows, with nothing shown of them.
    pub const fn new(source: Source<'a>) -> Self {
        Self {
            source,
            outputs: Vec::new(),
            shape: Shape::Object,
            embeds: Vec::new(),
            joins: Vec::new(),
            conditions: Vec::new(),
            order: Vec::new(),
            limit: None,
            offset: None,
        }
    }

    /// Whether one row is answered for each group of rows that are alike in what is not an aggregate.
    pub fn is_grouped(&self) -> bool {
        self.outputs.iter().any(Output::is_aggregate)
    }

    /// Whether rows are left out for want of a related row that they must have.
    pub fn is_narrowed(&self) -> bool {
        self.embeds.iter().any(|embed| embed.inner)
    }

    /// Joins a related row, and shows what it shows.
    pub(super) fn lift(
        &mut self,
        joined: Joined<'a>,
        joins: Vec<Joined<'a>>,
        outputs: Vec<Output<'a>>,
    ) {
        let position = self.joins.len();
        let moved = |at: Option<usize>| {
            Some(at.map_or(position, |at| position.saturating_add(at).saturating_add(1)))
        };
        self.joins.push(joined);
        self.joins.extend(joins.into_iter().map(|one| Joined { to: moved(one.to), ..one }));
        self.outputs.extend(outputs.into_iter().map(|one| Output { at: moved(one.at), ..one }));
    }

    /// The names of the members as the first line of a CSV.
    pub fn head(&self) -> String {
        let mut head = String::new();
        for (index, output) in self.outputs.iter().enumerate() {
            if index > 0 {
                head.push(',');
            }
            let name = output.name.text();
            if name.contains([',', '"', '\n', '\r']) {
                for part in ["\"", &name.replace('"', "\"\""), "\""] {
                    head.push_str(part);
                }
            } else {
                head.push_str(name);
            }
        }
        head
    }
}

/// What reading is resolved against.
#[derive(Clone, Copy)]
pub struct Context<'a, 'q> {
    /// What exists.
    pub catalog: &'a Catalog,
    /// Who asks.
    pub who: &'q Identity,
    /// The time of the request.
    pub now: Milliseconds,
    /// What was asked.
    pub parameters: &'q Parameters,
    /// How many related rows there may be for one row.
    pub rows_max: u64,
}

impl<'a, 'q> Context<'a, 'q> {
    /// What the reading of a request is resolved against.
    pub const fn new(query: &'q Query, call: &rest::Call<'a>) -> Self
    where
        'a: 'q,
    {
        Self {
            catalog: call.catalog,
            who: call.who,
            now: call.now,
            parameters: &query.parameters,
            rows_max: call.config.rows_max,
        }
    }
}

impl<'a> Context<'a, '_> {
    /// The caller, and the time of the request.
    pub const fn caller(&self) -> (&Identity, Milliseconds) {
        (self.who, self.now)
    }

    /// Resolves the whole request's reading of `table`.
    ///
    /// # Errors
    /// `42501`, `42703`, `42803`, `PGRST108`, `PGRST118`, `PGRST120`, `PGRST200`, `PGRST201` and
    /// what values say.
    pub fn read(&self, table: &'a Table) -> Result<Read<'a>, Error> {
        self.read_from(Source::new(table, Privilege::Select, self.caller())?)
    }

    /// Resolves the whole request's reading of a source.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_from(&self, source: Source<'a>) -> Result<Read<'a>, Error> {
        let all = [SelectItem::All];
        let wished = self.parameters.select.as_deref();
        let wishes = Wishes::read(self.parameters, wished.unwrap_or(&[]))?;
        let reader = Reader { context: self, wishes };
        let mut read = reader.level(source, wished.unwrap_or(&all), &mut Vec::new())?;
        text_search::rank(&mut read);
        Ok(read)
    }

    /// Refuses a filter, order or limit for something that is not embedded.
    ///
    /// # Errors
    /// `PGRST108`
    pub fn check_paths(&self) -> Result<(), Error> {
        let wished = self.parameters.select.as_deref();
        Wishes::read(self.parameters, wished.unwrap_or(&[])).map(|_| ())
    }
}

/// Resolves one level after the other.
pub(super) struct Reader<'a, 'q> {
    context: &'q Context<'a, 'q>,
    wishes: Wishes<'q>,
}

impl<'a> Reader<'a, '_> {
    pub(super) const fn catalog(&self) -> &'a Catalog {
        self.context.catalog
    }

    pub(super) const fn rows_max(&self) -> u64 {
        self.context.rows_max
    }

    /// A table of the catalog, for reading.
    pub(super) fn source(&self, name: &str) -> Result<Source<'a>, Error> {
        let table = self.context.catalog.table(name).ok_or_else(|| {
            Error::unexpected("a relationship of the catalog leads to a table it does not have")
        })?;
        Source::new(table, Privilege::Select, self.context.caller())
    }

    /// Resolves what is wished of one table; `path` are the positions of the embeds that lead to it.
    pub(super) fn level(
        &self,
        source: Source<'a>,
        items: &[SelectItem],
        path: &mut Vec<usize>,
    ) -> Result<Read<'a>, Error> {
        let mut read = Read::new(source);
        for (position, item) in items.iter().enumerate() {
            match item {
                SelectItem::All => all(&mut read)?,
                SelectItem::Term(item) => term(&mut read, item, items.len() == 1)?,
                SelectItem::Embed(item) => {
                    path.push(position);
                    self.embed(&mut read, item, path)?;
                    path.pop();
                }
            }
        }
        keep_last(&mut read);
        let wishes = &self.wishes;
        for condition in at(&wishes.conditions, path) {
            read.conditions.push(condition::resolve(condition, &read.source, &read.embeds)?);
        }
        for term in at(&wishes.orders, path).flatten() {
            read.order.push(order(term, &read)?);
        }
        read.limit = at(&wishes.limits, path).next();
        read.offset = at(&wishes.offsets, path).next().filter(|offset| *offset > 0);
        Ok(read)
    }
}

fn all(read: &mut Read<'_>) -> Result<(), Error> {
    for column in &read.source.table().columns {
        read.source.cover(&column.name)?;
        let value = OutputValue::Term(Term::of(Place::of(column)));
        read.outputs.push(Output { name: Name::Catalog(&column.name), at: None, value });
    }
    Ok(())
}

fn term(read: &mut Read<'_>, item: &TermItem, is_alone: bool) -> Result<(), Error> {
    let counts = |item: &TermItem| {
        let Some(field) = &item.field else { return false };
        let is_bare = item.aggregate.is_none() && item.cast.is_none() && field.path.is_empty();
        is_bare && field.column == "count" && read.source.table().column("count").is_none()
    };
    let count;
    let item = if is_alone && counts(item) {
        // Postgres takes a column that is none for a function of the row.
        count = TermItem { field: None, aggregate: Some(Aggregate::Count), ..item.clone() };
        &count
    } else {
        item
    };
    let term = Term::resolve(item, &read.source)?;
    let name = match (&item.alias, item.aggregate, &item.field, &term.place) {
        (Some(alias), ..) => Name::Client(alias.clone()),
        (None, Some(aggregate), ..) => Name::Catalog(aggregate.name()),
        (None, None, _, Some(Place { column, path: None, .. })) => Name::Catalog(&column.name),
        (None, None, field, _) => {
            Name::Client(field.as_ref().map_or("count", |field| field.answered_as()).to_owned())
        }
    };
    read.outputs.push(Output { name, at: None, value: OutputValue::Term(term) });
    Ok(())
}

/// Of several outputs of one name the last one counts, as readers of JSON have it. What rows are
/// grouped by stays, since it tells groups apart.
fn keep_last(read: &mut Read<'_>) {
    let groups = read.is_grouped();
    // A map such as a payload has: a set would be compiled into the Worker a second time.
    let mut names = BTreeMap::new();
    read.outputs.reverse();
    read.outputs.retain(|output| {
        names.insert(output.name.text().to_owned(), 0_usize).is_none()
            || groups && !output.is_aggregate()
    });
    read.outputs.reverse();
}

fn order<'a>(term: &OrderTerm, read: &Read<'a>) -> Result<Order<'a>, Error> {
    let embed = match &term.embed {
        Some(name) => Some(related(name, read)?),
        None => None,
    };
    let source = embed.as_ref().map_or(&read.source, |embed| &embed.read.source);
    let place = condition::place(&term.field, source)?;
    let is_grouped_by = |output: &Output<'_>| match &output.value {
        OutputValue::Term(Term { place: Some(other), steps, .. }) => {
            output.at.is_none() && steps.is_empty() && *other == place
        }
        _ => false,
    };
    if read.is_grouped() && (embed.is_some() || !read.outputs.iter().any(is_grouped_by)) {
        let (table, column) = (&source.table().name, &place.column.name);
        let message = format!(
            "column \"{table}.{column}\" must appear in the GROUP BY clause or be used in an aggregate function"
        );
        return Err(Error::new(Code::GroupingInvalid, message));
    }
    // A null counts as greater than every value, as in Postgres.
    let nulls_first = term.nulls.map_or(term.descending, |nulls| nulls == Nulls::First);
    Ok(Order { embed, place, descending: term.descending, nulls_first })
}

/// The embed of that name, when there is at most one row of it for each.
fn related<'a>(name: &str, read: &Read<'a>) -> Result<Rc<Embed<'a>>, Error> {
    let embed =
        read.embeds.iter().find(|embed| embed.name == name).ok_or_else(|| not_embedded(name))?;
    if !embed.relationship.cardinality.is_to_one() {
        let message = format!("A related order on '{name}' is not possible");
        let details = format!(
            "'{}' and '{name}' do not form a many-to-one or one-to-one relationship",
            read.source.table().name
        );
        return Err(Error::new(Code::RelatedOrderInvalid, message).details(details));
    }
    Ok(embed.clone())
}
