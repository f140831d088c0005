//! Related rows: which relationship is meant, by what name the request speaks of it, and what of it
//! is shown where.

use std::rc::Rc;

use super::condition::Node;
use super::read::{Output, OutputValue, Read, Reader};
use super::relate;
use super::source::Source;
use crate::catalog::Relationship;
use crate::error::{Code, Error};
use crate::rest::query::{
    Condition, EmbedItem, Filter, Is, Join, OrderTerm, Parameters, Placed, SelectItem, Test,
};

/// Related rows.
#[derive(Debug)]
pub struct Embed<'a> {
    /// The name by which the request speaks of them: the client's.
    pub name: String,
    /// How they are related.
    pub relationship: &'a Relationship,
    /// The junction, for many-to-many.
    pub junction: Option<Source<'a>>,
    /// The rows.
    pub read: Read<'a>,
    /// Whether a row without them is left out.
    pub inner: bool,
    /// How many there may be for one row; more are refused.
    pub rows_max: u64,
}

/// The one related row of a to-one spread, whose columns stand among those of the row it belongs to.
#[derive(Debug)]
pub struct Joined<'a> {
    /// What is joined; its outputs and joins have moved to the read that it is joined to.
    pub embed: Rc<Embed<'a>>,
    /// The joined row that it is related to, by position; `None` for the read's own.
    pub to: Option<usize>,
}

impl<'a> Embed<'a> {
    /// The condition that a filter by an embed's name means: whether there are related rows.
    ///
    /// # Errors
    /// `PGRST120` when it asks anything else of them.
    pub(super) fn tested(filter: &Filter, embeds: &[Rc<Self>]) -> Result<Option<Node<'a>>, Error> {
        let is_named =
            |embed: &&Rc<Self>| filter.field.path.is_empty() && embed.name == filter.field.column;
        let Some(embed) = embeds.iter().find(is_named) else { return Ok(None) };
        let related = Node::Related(embed.clone());
        match filter.test {
            Test::Is(Is::Null) => Ok(Some(Node::Not(Box::new(related)))),
            Test::Is(Is::NotNull) => Ok(Some(related)),
            _ => {
                let message = format!("Bad operator on the '{}' embedded resource", embed.name);
                Err(Error::new(Code::EmbedFilterInvalid, message).details(
                    "Only is null or not is null filters are allowed on embedded resources",
                ))
            }
        }
    }
}

impl<'a> Reader<'a, '_> {
    /// Resolves an embed and adds it to the read that it belongs to.
    pub(super) fn embed(
        &self,
        read: &mut Read<'a>,
        item: &EmbedItem,
        path: &mut Vec<usize>,
    ) -> Result<(), Error> {
        let source = &read.source;
        let named = (item.target.as_str(), item.hint.as_deref());
        let relationship = relate::find(self.catalog(), source.table(), named)?;
        let mut embed = Embed {
            name: item.name().to_owned(),
            relationship,
            junction: self.junction(relationship)?,
            read: self.level(self.target(source, relationship)?, &item.items, path)?,
            inner: item.join == Join::Inner,
            rows_max: self.rows_max(),
        };
        let to_one = relationship.cardinality.is_to_one();
        if !item.spread {
            let embed = Rc::new(embed);
            read.embeds.push(embed.clone());
            if !embed.read.outputs.is_empty() {
                let value = OutputValue::Embed(embed);
                read.outputs.push(Output::client(item.name(), value));
            }
        } else if to_one {
            let outputs = std::mem::take(&mut embed.read.outputs);
            let joins = std::mem::take(&mut embed.read.joins);
            let embed = Rc::new(embed);
            read.embeds.push(embed.clone());
            read.lift(Joined { embed, to: None }, joins, outputs);
        } else {
            if embed.read.is_grouped() {
                return Err(Error::not_implemented(
                    "Aggregates are not implemented for one-to-many or many-to-many spreads.",
                ));
            }
            let embed = Rc::new(embed);
            read.embeds.push(embed.clone());
            read.outputs.extend(embed.read.outputs.iter().enumerate().map(|(output, shown)| {
                let value = OutputValue::Each { embed: embed.clone(), output };
                Output { name: shown.name.clone(), at: None, value }
            }));
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
}

/// What the request wishes of each level, by the positions of the embeds that lead there.
pub(super) struct Wishes<'q> {
    pub conditions: Vec<Wish<&'q Condition>>,
    pub orders: Vec<Wish<&'q [OrderTerm]>>,
    pub limits: Vec<Wish<u64>>,
    pub offsets: Vec<Wish<u64>>,
}

/// A wish, and the positions of the items that lead to its level.
pub(super) type Wish<T> = (Vec<usize>, T);

impl<'q> Wishes<'q> {
    /// Finds the level of every parameter.
    ///
    /// # Errors
    /// `PGRST108` for a filter, order or limit of something that is not embedded.
    pub fn read(parameters: &'q Parameters, items: &[SelectItem]) -> Result<Self, Error> {
        Ok(Self {
            conditions: each(&parameters.conditions, items, |condition| condition)?,
            orders: each(&parameters.orders, items, Vec::as_slice)?,
            limits: each(&parameters.limits, items, |limit| *limit)?,
            offsets: each(&parameters.offsets, items, |offset| *offset)?,
        })
    }
}

/// The wishes for one level.
pub(super) fn at<'w, T: Copy>(
    wishes: &'w [Wish<T>],
    path: &'w [usize],
) -> impl Iterator<Item = T> + 'w {
    wishes.iter().filter(move |(place, _)| place == path).map(|(_, wish)| *wish)
}

fn each<'q, T, W>(
    placed: &'q [Placed<T>],
    items: &[SelectItem],
    wish: impl Fn(&'q T) -> W,
) -> Result<Vec<Wish<W>>, Error> {
    placed.iter().map(|placed| Ok((positions(&placed.path, items)?, wish(&placed.value)))).collect()
}

fn positions(path: &[String], mut items: &[SelectItem]) -> Result<Vec<usize>, Error> {
    let mut positions = Vec::new();
    for segment in path {
        let (position, embed) = named(items, segment).ok_or_else(|| not_embedded(segment))?;
        positions.push(position);
        items = &embed.items;
    }
    Ok(positions)
}

/// The embed that goes by that name: its alias, or else the name of what is embedded when that is
/// embedded once.
fn named<'i>(items: &'i [SelectItem], name: &str) -> Option<(usize, &'i EmbedItem)> {
    let embeds = || {
        items.iter().enumerate().filter_map(|(position, item)| match item {
            SelectItem::Embed(embed) => Some((position, embed)),
            SelectItem::All | SelectItem::Term(_) => None,
        })
    };
    embeds().find(|(_, embed)| embed.name() == name).or_else(|| {
        let mut targets = embeds().filter(|(_, embed)| embed.target == name);
        targets.next().filter(|_| targets.next().is_none())
    })
}

/// The refusal of what is said about something that is not embedded.
pub(super) fn not_embedded(name: &str) -> Error {
    let message = format!("'{name}' is not an embedded resource in this request");
    Error::new(Code::NotEmbedded, message)
        .hint(format!("Verify that '{name}' is included in the 'select' query parameter."))
}
