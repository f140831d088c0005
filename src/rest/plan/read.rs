//! Reading, resolved: each table with its policy, each name looked up, each value checked.

use super::condition::{self, Node, Place};
use super::relate;
use super::source::{Privilege, Source};
use crate::catalog::{Catalog, Relationship, Table};
use crate::error::{Code, Error};
use crate::identity::Identity;
use crate::rest::query::{Join, Nulls, OrderTerm, Parameters, Placed, SelectItem};

/// Rows of one table, in some order, with some columns and related rows.
#[derive(Debug)]
pub struct Read<'a> {
    /// Where they come from.
    pub source: Source<'a>,
    /// What is shown of each.
    pub outputs: Vec<Output<'a>>,
    /// Which: all of these hold.
    pub conditions: Vec<Node<'a>>,
    /// In which order.
    pub order: Vec<Order<'a>>,
    /// How many at most.
    pub limit: Option<u64>,
    /// After how many.
    pub offset: Option<u64>,
}

/// One member of a row's object.
#[derive(Debug)]
pub struct Output<'a> {
    /// Its name: the catalog's or the client's.
    pub name: Name<'a>,
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
    /// A column or a place in its JSON.
    Place(Place<'a>),
    /// Related rows.
    Embed(Box<Embed<'a>>),
}

/// Related rows.
#[derive(Debug)]
pub struct Embed<'a> {
    /// How they are related.
    pub relationship: &'a Relationship,
    /// The junction, for many-to-many.
    pub junction: Option<Source<'a>>,
    /// The rows.
    pub read: Read<'a>,
    /// Whether a row without them is left out.
    pub inner: bool,
}

/// One term of an order.
#[derive(Debug)]
pub struct Order<'a> {
    /// What is ordered by.
    pub place: Place<'a>,
    /// Whether from the greatest to the least.
    pub descending: bool,
    /// Whether nulls come first.
    pub nulls_first: bool,
}

/// What reading is resolved against.
#[derive(Clone, Copy)]
pub struct Context<'a, 'q> {
    /// What exists.
    pub catalog: &'a Catalog,
    /// Who asks.
    pub who: &'q Identity,
    /// What was asked.
    pub parameters: &'q Parameters,
}

impl<'a> Context<'a, '_> {
    /// Resolves the whole request's reading of `table`.
    ///
    /// # Errors
    /// `42501`, `42703`, `PGRST108`, `PGRST200`, `PGRST201` and what values say.
    pub fn read(&self, table: &'a Table) -> Result<Read<'a>, Error> {
        self.read_from(Source::new(table, Privilege::Select, self.who)?)
    }

    /// Resolves the whole request's reading of a source.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn read_from(&self, source: Source<'a>) -> Result<Read<'a>, Error> {
        self.check_paths()?;
        let all = [SelectItem::All];
        let items = self.parameters.select.as_deref().unwrap_or(&all);
        self.level(source, items, &mut Vec::new())
    }

    fn level(
        &self,
        source: Source<'a>,
        items: &[SelectItem],
        path: &mut Vec<String>,
    ) -> Result<Read<'a>, Error> {
        let mut outputs = Vec::new();
        for item in items {
            self.output(&source, item, path, &mut outputs)?;
        }
        let parameters = self.parameters;
        let conditions = at(&parameters.conditions, path)
            .map(|condition| condition::resolve(condition, &source))
            .collect::<Result<_, _>>()?;
        let mut order = Vec::new();
        for term in at(&parameters.orders, path).flatten() {
            order.push(self::order(term, &source)?);
        }
        Ok(Read {
            source,
            outputs,
            conditions,
            order,
            limit: at(&parameters.limits, path).next().copied(),
            offset: at(&parameters.offsets, path).next().copied().filter(|offset| *offset > 0),
        })
    }

    fn output(
        &self,
        source: &Source<'a>,
        item: &SelectItem,
        path: &mut Vec<String>,
        outputs: &mut Vec<Output<'a>>,
    ) -> Result<(), Error> {
        match item {
            SelectItem::All => {
                for column in &source.table().columns {
                    source.cover(&column.name)?;
                    let place = Place { column, path: None, as_text: false };
                    let name = Name::Catalog(&column.name);
                    outputs.push(Output { name, value: OutputValue::Place(place) });
                }
            }
            SelectItem::Field { field, alias } => {
                let place = condition::place(field, source)?;
                let name = match alias {
                    Some(alias) => Name::Client(alias.clone()),
                    None if place.path.is_none() => Name::Catalog(&place.column.name),
                    None => Name::Client(field.answered_as().to_owned()),
                };
                outputs.push(Output { name, value: OutputValue::Place(place) });
            }
            SelectItem::Embed { target, hint, alias, join, items } => {
                let relationship =
                    relate::find(self.catalog, source.table(), (target, hint.as_deref()))?;
                let name = alias.as_ref().unwrap_or(target).clone();
                path.push(name.clone());
                let read = self.level(self.target(source, relationship)?, items, path)?;
                path.pop();
                let embed = Embed {
                    relationship,
                    junction: self.junction(relationship)?,
                    read,
                    inner: *join == Join::Inner,
                };
                let value = OutputValue::Embed(Box::new(embed));
                outputs.push(Output { name: Name::Client(name), value });
            }
        }
        Ok(())
    }

    /// The other side of a relationship, for reading, when both ends of the join may be read.
    fn target(
        &self,
        source: &Source<'a>,
        relationship: &'a Relationship,
    ) -> Result<Source<'a>, Error> {
        let target = self.source(&relationship.target)?;
        for (near, far) in &relationship.columns {
            source.cover(near)?;
            if relationship.junction.is_none() {
                target.cover(far)?;
            }
        }
        for (_, far) in relationship.junction.iter().flat_map(|junction| &junction.columns) {
            target.cover(far)?;
        }
        Ok(target)
    }

    fn junction(&self, relationship: &'a Relationship) -> Result<Option<Source<'a>>, Error> {
        let Some(junction) = &relationship.junction else { return Ok(None) };
        let source = self.source(&junction.table)?;
        for (_, near) in &relationship.columns {
            source.cover(near)?;
        }
        for (near, _) in &junction.columns {
            source.cover(near)?;
        }
        Ok(Some(source))
    }

    fn source(&self, name: &str) -> Result<Source<'a>, Error> {
        let table = self.catalog.table(name).ok_or_else(|| {
            Error::unexpected("a relationship of the catalog leads to a table it does not have")
        })?;
        Source::new(table, Privilege::Select, self.who)
    }

    /// Refuses a filter, order or limit for something that is not embedded.
    ///
    /// # Errors
    /// `PGRST108`
    pub fn check_paths(&self) -> Result<(), Error> {
        let parameters = self.parameters;
        let items = parameters.select.as_deref().unwrap_or(&[]);
        let paths = parameters
            .conditions
            .iter()
            .map(|placed| &placed.path)
            .chain(parameters.orders.iter().map(|placed| &placed.path))
            .chain(parameters.limits.iter().map(|placed| &placed.path))
            .chain(parameters.offsets.iter().map(|placed| &placed.path));
        for path in paths {
            let mut level = items;
            for segment in path {
                level = embedded(level, segment).ok_or_else(|| {
                    let message =
                        format!("'{segment}' is not an embedded resource in this request");
                    Error::new(Code::NotEmbedded, message).hint(format!(
                        "Verify that '{segment}' is included in the 'select' query parameter."
                    ))
                })?;
            }
        }
        Ok(())
    }
}

fn embedded<'q>(items: &'q [SelectItem], segment: &str) -> Option<&'q [SelectItem]> {
    items.iter().find_map(|item| match item {
        SelectItem::Embed { target, alias, items, .. }
            if alias.as_ref().unwrap_or(target) == segment =>
        {
            Some(items.as_slice())
        }
        _ => None,
    })
}

fn at<'q, T>(placed: &'q [Placed<T>], path: &[String]) -> impl Iterator<Item = &'q T> {
    placed.iter().filter(move |placed| placed.path == path).map(|placed| &placed.value)
}

fn order<'a>(term: &OrderTerm, source: &Source<'a>) -> Result<Order<'a>, Error> {
    let place = condition::place(&term.field, source)?;
    // A null counts as greater than every value, as in Postgres.
    let nulls_first = term.nulls.map_or(term.descending, |nulls| nulls == Nulls::First);
    Ok(Order { place, descending: term.descending, nulls_first })
}
