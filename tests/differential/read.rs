//! Reads: columns, filters, order and pages, and related rows within related rows, which are shown,
//! counted, spread, or only asked for.

use std::cmp::Ordering;

use serde_json::{Map, Value as Json, json};

use super::policy::Verb;
use super::request::{Expected, Filter, encoded};
use super::schema::quoted;
use super::value::{Value, and};
use super::world::{Row, World};
use crate::support::corridor::Caller;
use crate::support::generator::Generator;

/// Rows of one table, and what is shown of them.
#[derive(Debug, Clone)]
pub struct Level {
    pub table: usize,
    pub columns: Vec<usize>,
    pub filters: Vec<Filter>,
    order: Vec<Order>,
    limit: Option<usize>,
    offset: Option<usize>,
    embeds: Vec<Embed>,
}

#[derive(Debug, Clone)]
struct Order {
    column: usize,
    descending: bool,
    /// Where nulls go, if it is said.
    nulls_first: Option<bool>,
}

#[derive(Debug, Clone)]
struct Embed {
    /// The name by which the request speaks of it.
    name: String,
    /// What stands in front of the names of what a spread lifts.
    prefix: String,
    relation: Relation,
    inner: bool,
    form: Form,
    /// Whether there must be related rows, or must not.
    present: Option<bool>,
    level: Level,
}

/// What is shown of related rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Rows,
    Count,
    Nothing,
    /// Their columns, among those of the row they belong to.
    Spread,
}

/// A way from one table's rows to another's. Columns are positions.
#[derive(Debug, Clone, Copy)]
enum Relation {
    /// By a column of this table.
    Parent { column: usize },
    /// By a column of the other.
    Children { table: usize, column: usize },
    /// By the table in between.
    Through { between: usize, near: usize, far: usize },
}

impl World {
    fn relations(&self, at: usize) -> Vec<Relation> {
        let tables = &self.schema.tables;
        let columns = tables[at].columns.iter().enumerate();
        let mut found: Vec<Relation> = columns
            .filter(|(_, column)| column.parent.is_some())
            .map(|(column, _)| Relation::Parent { column })
            .collect();
        for (table, other) in tables.iter().enumerate() {
            for (column, _) in
                other.columns.iter().enumerate().filter(|(_, column)| column.parent == Some(at))
            {
                found.push(Relation::Children { table, column });
                // Of a table that stands between a table and itself, neither side can be told.
                let parents = (other.columns[0].parent, other.columns[1].parent);
                if other.is_between() && parents.0 != parents.1 {
                    found.push(Relation::Through { between: table, near: column, far: 1 - column });
                }
            }
        }
        found
    }

    fn target(&self, at: usize, relation: Relation) -> usize {
        let parent = |table: usize, column: usize| {
            self.schema.tables[table].columns[column].parent.expect("it refers")
        };
        match relation {
            Relation::Parent { column } => parent(at, column),
            Relation::Children { table, .. } => table,
            Relation::Through { between, far, .. } => parent(between, far),
        }
    }

    pub fn level(&self, generator: &mut Generator, at: usize, depth: usize, prefix: &str) -> Level {
        let table = &self.schema.tables[at];
        let mut columns = table.key.clone();
        let others = 0..table.columns.len();
        columns.extend(others.filter(|at| !table.key.contains(at) && generator.once_in(3)));
        let mut order = Vec::new();
        if generator.once_in(3) {
            order.push(Order {
                column: generator.below(table.columns.len()),
                descending: generator.once_in(2),
                nulls_first: (!generator.once_in(3)).then(|| generator.once_in(2)),
            });
        }
        // The key last, so that the order is whole.
        let descending = generator.once_in(3);
        let key = |column: &usize| Order { column: *column, descending, nulls_first: None };
        order.extend(table.key.iter().map(key));
        let mut embeds: Vec<Embed> = Vec::new();
        let relations = self.relations(at);
        if depth < 2 && !relations.is_empty() {
            for number in 0..generator.below(3 - depth) {
                let relation = *generator.pick(&relations);
                let embed =
                    self.embed(generator, (at, depth), relation, &format!("{prefix}e{number}"));
                // A spread has no alias to tell it from another.
                if embeds.iter().all(|other| other.name != embed.name) {
                    embeds.push(embed);
                }
            }
        }
        Level {
            table: at,
            columns,
            filters: Filter::several(generator, table),
            order,
            limit: generator.once_in(4).then(|| generator.below(4)),
            offset: generator.once_in(6).then(|| generator.below(3)),
            embeds,
        }
    }

    fn embed(
        &self,
        generator: &mut Generator,
        (at, depth): (usize, usize),
        relation: Relation,
        prefix: &str,
    ) -> Embed {
        let target = self.target(at, relation);
        let mut level = self.level(generator, target, depth + 1, prefix);
        let form = match generator.below(8) {
            0 => Form::Count,
            1 => Form::Nothing,
            2 | 3 if target != at => Form::Spread,
            _ => Form::Rows,
        };
        if matches!(form, Form::Count | Form::Nothing) {
            level.columns.clear();
            level.embeds.clear();
        }
        if form == Form::Count {
            level.order.clear();
        }
        let table = &self.schema.tables[target];
        Embed {
            name: if form == Form::Spread { quoted(table.name) } else { prefix.to_owned() },
            prefix: prefix.to_owned(),
            relation,
            inner: generator.once_in(3),
            form,
            present: generator.once_in(6).then(|| generator.once_in(2)),
            level,
        }
    }

    /// The rows of a level among candidates, in order, before they are cut into pages.
    fn found<'a>(&'a self, level: &Level, rows: Vec<&'a Row>, who: Caller) -> Vec<&'a Row> {
        let visible = rows.into_iter().filter(|row| self.visible(level.table, row, who)).collect();
        self.sifted(level, visible, who)
    }

    /// The same of rows of which it was decided already that they may be seen.
    pub fn sifted<'a>(&'a self, level: &Level, rows: Vec<&'a Row>, who: Caller) -> Vec<&'a Row> {
        let mut found: Vec<&Row> = rows
            .into_iter()
            .filter(|row| and(level.filters.iter().map(|filter| filter.truth(row))) == Some(true))
            .filter(|row| {
                level.embeds.iter().all(|embed| {
                    let present = !self.related(embed, row, who).is_empty();
                    (present || !embed.inner) && embed.present.is_none_or(|asked| asked == present)
                })
            })
            .collect();
        found.sort_by(|left, right| level.compare(left, right));
        found
    }

    fn related(&self, embed: &Embed, row: &Row, who: Caller) -> Vec<&Row> {
        let target = &self.rows[embed.level.table];
        let candidates: Vec<&Row> = match embed.relation {
            Relation::Parent { column } => {
                target.iter().filter(|other| other[0] == row[column]).collect()
            }
            Relation::Children { column, .. } => {
                target.iter().filter(|other| other[column] == row[0]).collect()
            }
            Relation::Through { between, near, far } => {
                let joins: Vec<&Row> = self.rows[between]
                    .iter()
                    .filter(|one| one[near] == row[0] && self.visible(between, one, who))
                    .collect();
                target.iter().filter(|other| joins.iter().any(|one| one[far] == other[0])).collect()
            }
        };
        self.found(&embed.level, candidates, who)
    }

    fn shown(&self, level: &Level, row: &Row, who: Caller) -> Json {
        self.members(level, Some(row), who, None).into_iter().collect::<Map<_, _>>().into()
    }

    /// What is shown of a row, or of none, under names that begin with a spread's prefix.
    fn members(
        &self,
        level: &Level,
        row: Option<&Row>,
        who: Caller,
        prefix: Option<&str>,
    ) -> Vec<(String, Json)> {
        let mut members = Vec::new();
        for at in &level.columns {
            let column = &self.schema.tables[level.table].columns[*at];
            let name =
                prefix.map_or_else(|| column.name.clone(), |prefix| format!("{prefix}c{at}"));
            members.push((name, row.map_or(Json::Null, |row| row[*at].json())));
        }
        for embed in &level.embeds {
            let rows = row.map(|row| self.related(embed, row, who));
            let to_one = matches!(embed.relation, Relation::Parent { .. });
            let value = match (embed.form, rows) {
                (Form::Nothing, _) => continue,
                (Form::Spread, rows) => {
                    members.extend(self.spread(embed, rows, who));
                    continue;
                }
                (_, None) => Json::Null,
                (Form::Count, Some(rows)) if to_one => json!({"count": rows.len()}),
                (Form::Count, Some(rows)) => {
                    let is_cut = embed.level.limit == Some(0)
                        || embed.level.offset.is_some_and(|offset| offset > 0);
                    if is_cut { json!([]) } else { json!([{"count": rows.len()}]) }
                }
                (Form::Rows, Some(rows)) if to_one => {
                    json!(rows.first().map(|other| self.shown(&embed.level, other, who)))
                }
                (Form::Rows, Some(rows)) => self.page(&embed.level, rows, who),
            };
            members.push((embed.name.clone(), value));
        }
        members
    }

    /// What a spread lifts: the members of the one related row, or lists of those of several.
    fn spread(&self, embed: &Embed, rows: Option<Vec<&Row>>, who: Caller) -> Vec<(String, Json)> {
        let members = |row: Option<&Row>| self.members(&embed.level, row, who, Some(&embed.prefix));
        let mut lists = members(None);
        let Some(rows) = rows else { return lists };
        if matches!(embed.relation, Relation::Parent { .. }) {
            return members(rows.first().copied());
        }
        for (_, list) in &mut lists {
            *list = json!([]);
        }
        for row in embed.level.cut(rows) {
            for ((_, list), (_, value)) in lists.iter_mut().zip(members(Some(row))) {
                list.as_array_mut().expect("a list").push(value);
            }
        }
        lists
    }

    pub fn page(&self, level: &Level, rows: Vec<&Row>, who: Caller) -> Json {
        level.cut(rows).map(|row| self.shown(level, row, who)).collect()
    }

    /// Whether all that a level looks at may be looked at.
    pub fn may_read(&self, level: &Level, who: Caller) -> bool {
        let mut columns = level.columns.clone();
        columns.extend(level.order.iter().map(|order| order.column));
        columns.extend(level.filters.iter().flat_map(Filter::columns));
        let may = |at: usize, columns: &[usize]| self.privileged(at, Verb::Select, who, columns);
        may(level.table, &columns)
            && level.embeds.iter().all(|embed| {
                let other = embed.level.table;
                let joined = match embed.relation {
                    Relation::Parent { column } => may(level.table, &[column]) && may(other, &[0]),
                    Relation::Children { column, .. } => {
                        may(level.table, &[0]) && may(other, &[column])
                    }
                    Relation::Through { between, near, far } => {
                        may(level.table, &[0]) && may(between, &[near, far]) && may(other, &[0])
                    }
                };
                joined && self.may_read(&embed.level, who)
            })
    }

    pub fn read(&self, generator: &mut Generator, who: Caller) -> Expected {
        let at = generator.below(self.schema.tables.len());
        let mut level = self.level(generator, at, 0, "");
        let all = self.found(&level, self.rows[level.table].iter().collect(), who);
        level.cut_to(all.len());
        let allowed = self.may_read(&level, who);
        let total = all.len();
        Expected {
            line: format!("GET {}?{}", encoded(self.schema.tables[at].name), self.query(&level)),
            prefer: "count=exact",
            body: String::new(),
            answer: if allowed { Ok(self.page(&level, all, who)) } else { Err(()) },
            ordered: true,
            total: allowed.then_some(total),
            after: None,
        }
    }

    /// The query of a request for a level.
    pub fn query(&self, level: &Level) -> String {
        let mut parameters = String::new();
        self.parameters(level, "", &mut parameters);
        format!("select={}{parameters}", encoded(&self.select(level, None)))
    }

    fn select(&self, level: &Level, prefix: Option<&str>) -> String {
        let table = &self.schema.tables[level.table];
        let item = |at: &usize| {
            let name = quoted(&table.columns[*at].name);
            prefix.map_or_else(|| name.clone(), |prefix| format!("{prefix}c{at}:{name}"))
        };
        let mut items: Vec<String> = level.columns.iter().map(item).collect();
        for embed in &level.embeds {
            let other = &self.schema.tables[embed.level.table];
            let target = match embed.relation {
                Relation::Parent { column } if embed.form == Form::Spread => {
                    format!("{}!{}", quoted(other.name), quoted(&table.foreign_key(column)))
                }
                Relation::Parent { column } => quoted(&table.columns[column].name),
                Relation::Children { column, .. } => {
                    format!("{}!{}", quoted(other.name), quoted(&other.foreign_key(column)))
                }
                Relation::Through { between, .. } => {
                    format!("{}!{}", quoted(other.name), self.schema.tables[between].name)
                }
            };
            let join = if embed.inner { "!inner" } else { "" };
            let level = &embed.level;
            items.push(match embed.form {
                Form::Rows => {
                    format!("{}:{target}{join}({})", embed.name, self.select(level, None))
                }
                Form::Count => format!("{}:{target}{join}(count)", embed.name),
                Form::Nothing => format!("{}:{target}{join}()", embed.name),
                Form::Spread => {
                    format!("...{target}{join}({})", self.select(level, Some(&embed.prefix)))
                }
            });
        }
        items.join(",")
    }

    fn parameters(&self, level: &Level, prefix: &str, parameters: &mut String) {
        let table = &self.schema.tables[level.table];
        for filter in &level.filters {
            parameters.push_str(&filter.parameter(table, prefix));
        }
        let terms: Vec<String> = level
            .order
            .iter()
            .map(|order| {
                let column = quoted(&table.columns[order.column].name);
                let direction = if order.descending { ".desc" } else { ".asc" };
                let nulls = match order.nulls_first {
                    None => "",
                    Some(true) => ".nullsfirst",
                    Some(false) => ".nullslast",
                };
                format!("{column}{direction}{nulls}")
            })
            .collect();
        if !terms.is_empty() {
            parameters.push_str(&format!("&{prefix}order={}", encoded(&terms.join(","))));
        }
        for (word, number) in [("limit", level.limit), ("offset", level.offset)] {
            if let Some(number) = number {
                parameters.push_str(&format!("&{prefix}{word}={number}"));
            }
        }
        for embed in &level.embeds {
            let name = encoded(&embed.name);
            if let Some(present) = embed.present {
                let test = if present { "not.is.null" } else { "is.null" };
                parameters.push_str(&format!("&{prefix}{name}={test}"));
            }
            self.parameters(&embed.level, &format!("{prefix}{name}."), parameters);
        }
    }
}

impl Level {
    /// Keeps the offset within so many rows, for one behind the last would be refused.
    pub fn cut_to(&mut self, rows: usize) {
        self.offset = self.offset.filter(|offset| *offset <= rows);
    }

    /// The page of rows that is asked for.
    fn cut<'a>(&self, rows: Vec<&'a Row>) -> impl Iterator<Item = &'a Row> {
        let limit = self.limit.unwrap_or(usize::MAX);
        rows.into_iter().skip(self.offset.unwrap_or(0)).take(limit)
    }

    fn compare(&self, left: &Row, right: &Row) -> Ordering {
        for order in &self.order {
            let (one, other) = (&left[order.column], &right[order.column]);
            let nulls_first = order.nulls_first.unwrap_or(order.descending);
            let ordering = match (one, other) {
                (Value::Null, Value::Null) => Ordering::Equal,
                (Value::Null, _) if nulls_first => Ordering::Less,
                (Value::Null, _) => Ordering::Greater,
                (_, Value::Null) if nulls_first => Ordering::Greater,
                (_, Value::Null) => Ordering::Less,
                (one, other) if order.descending => other.cmp(one),
                (one, other) => one.cmp(other),
            };
            if ordering != Ordering::Equal {
                return ordering;
            }
        }
        Ordering::Equal
    }
}
