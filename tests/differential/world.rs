//! The rows and who may do what with them, as the evaluator knows them: it goes through all rows,
//! one by one, and shares nothing with what writes SQL.

use std::collections::BTreeSet;

use super::policy::{Condition, Policy, Rules, Verb};
use super::schema::{GROUPS, Schema, Table, quoted};
use super::value::{Truth, Value, and, not, or};
use crate::support::corridor::Caller::{self, Nobody, Service, User};
use crate::support::corridor::Person;
use crate::support::generator::Generator;

/// A row, in the order of its table's columns.
pub type Row = Vec<Value>;

/// Whether a row is judged as it is, or as it is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    Before,
    After,
}

/// A database and its policies.
#[derive(Debug, Clone)]
pub struct World {
    pub schema: Schema,
    pub rules: Rules,
    /// By table.
    pub rows: Vec<Vec<Row>>,
}

impl World {
    pub fn any(generator: &mut Generator) -> Self {
        let schema = Schema::any(generator);
        let rules = Rules::any(generator, &schema);
        let mut world = Self { rows: vec![Vec::new(); schema.tables.len()], schema, rules };
        for at in 0..world.schema.tables.len() {
            let mut seen = BTreeSet::new();
            for id in 1..=3 + generator.small(5) {
                let row = world.new_row(generator, at, id);
                // A table in between can be filled only where there is something on both sides.
                if row
                    .iter()
                    .zip(&world.schema.tables[at].columns)
                    .any(|(value, column)| value.is_null() && !column.nullable)
                {
                    continue;
                }
                if seen.insert(world.schema.tables[at].key_of(&row)) {
                    world.rows[at].push(row);
                }
            }
        }
        world
    }

    /// A row whose parents, where it has any, are there.
    pub fn new_row(&self, generator: &mut Generator, at: usize, id: i64) -> Row {
        let table = &self.schema.tables[at];
        let mut row = Row::new();
        for (position, column) in table.columns.iter().enumerate() {
            row.push(match column.parent {
                Some(parent) => self.any_key(generator, parent, column.nullable),
                None if position == 0 => Value::Integer(id),
                None => Value::of(generator, column),
            });
        }
        row
    }

    fn any_key(&self, generator: &mut Generator, parent: usize, nullable: bool) -> Value {
        let rows = &self.rows[parent];
        if rows.is_empty() || nullable && generator.once_in(4) {
            return Value::Null;
        }
        generator.pick(rows)[0].clone()
    }

    pub fn rows_sql(&self) -> String {
        let mut sql = String::new();
        for (table, rows) in self.schema.tables.iter().zip(&self.rows) {
            for row in rows {
                let values: Vec<String> = row.iter().map(Value::sql).collect();
                let (table, values) = (quoted(table.name), values.join(", "));
                sql.push_str(&format!("insert into {table} values ({values});\n"));
            }
        }
        sql
    }

    fn truth(&self, condition: &Condition, (at, row): (usize, &Row), who: Caller) -> Truth {
        let person = match who {
            User(person) => Some(person),
            Nobody | Service => None,
        };
        let truths = |inner: &[Condition]| -> Vec<Truth> {
            inner.iter().map(|one| self.truth(one, (at, row), who)).collect()
        };
        match condition {
            Condition::Mine(column) => {
                row[*column].compared(&Value::Text(person?.0.into())).map(std::cmp::Ordering::is_eq)
            }
            Condition::Flag(column) => row[*column].truth(),
            Condition::Compare(column, operator, value) => operator.holds(&row[*column], value),
            Condition::IsNull(column) => Some(row[*column].is_null()),
            Condition::Always => Some(true),
            Condition::SignedIn => Some(person.is_some()),
            Condition::Email(other) => Some(person?.1 == other.1),
            Condition::Member => {
                self.is_in_group((at, row), person, |one| self.visible(GROUPS, one, who))
            }
            // A view reads as its owner; its own policy is that of the closure.
            Condition::Fellow => self.is_in_group((at, row), person, |_| true),
            Condition::Parent(column) => {
                let parent = self.schema.tables[at].columns[*column].parent.expect("it refers");
                let mut rows = self.rows[parent].iter();
                Some(rows.any(|one| one[0] == row[*column] && self.visible(parent, one, who)))
            }
            Condition::Not(inner) => not(self.truth(inner, (at, row), who)),
            Condition::All(inner) => and(truths(inner)),
            Condition::Any(inner) => or(truths(inner)),
        }
    }

    /// `in`, as SQL has it: without any groups false, and null where a null leaves it open.
    fn is_in_group(
        &self,
        (at, row): (usize, &Row),
        person: Option<Person>,
        may_see: impl Fn(&Row) -> bool,
    ) -> Truth {
        let groups = &self.schema.tables[GROUPS];
        let (owner, group) = (groups.position("owner"), groups.position("grp"));
        let me = Value::Text(person.map_or("", |person| person.0).into());
        let mine = self.rows[GROUPS].iter().filter(|one| one[owner] == me && may_see(one));
        let mine: Vec<&Value> = mine.map(|one| &one[group]).collect();
        if mine.is_empty() {
            return Some(false);
        }
        let own = &row[self.schema.tables[at].position("grp")];
        if own.is_null() {
            return None;
        }
        match mine.contains(&own) {
            true => Some(true),
            false if mine.contains(&&Value::Null) => None,
            false => Some(false),
        }
    }

    fn condition(policy: &Policy, moment: Moment) -> &Condition {
        let condition = match moment {
            Moment::After => policy.check.as_ref().or(policy.using.as_ref()),
            Moment::Before => policy.using.as_ref(),
        };
        condition.expect("a policy has a condition for its verb")
    }

    /// Any permissive policy must hold and every restrictive one.
    pub fn holds(&self, verb: Verb, moment: Moment, (at, row): (usize, &Row), who: Caller) -> bool {
        if who == Service {
            return true;
        }
        let mut permitted = false;
        for policy in self.rules.policies.iter().filter(|one| one.concerns(at, verb, who)) {
            let truth = self.truth(Self::condition(policy, moment), (at, row), who) == Some(true);
            match policy.restrictive {
                true if !truth => return false,
                true => {}
                false => permitted |= truth,
            }
        }
        permitted
    }

    pub fn visible(&self, at: usize, row: &Row, who: Caller) -> bool {
        self.holds(Verb::Select, Moment::Before, (at, row), who)
    }

    /// A policy for a verb implies the privilege; a grant of columns limits it to them.
    pub fn privileged(&self, at: usize, verb: Verb, who: Caller, columns: &[usize]) -> bool {
        if who == Service {
            return true;
        }
        let grants: Vec<_> =
            self.rules.grants.iter().filter(|grant| grant.concerns(at, verb, who)).collect();
        if grants.is_empty() {
            return self.rules.policies.iter().any(|policy| policy.concerns(at, verb, who));
        }
        columns.iter().all(|column| grants.iter().any(|grant| grant.columns.contains(column)))
    }

    /// Removes rows and, as cascades have it, those that refer to them.
    pub fn remove(&mut self, at: usize, keys: &BTreeSet<Row>) {
        let table = self.schema.tables[at].clone();
        let (gone, kept): (Vec<Row>, Vec<Row>) =
            self.rows[at].drain(..).partition(|row| keys.contains(&table.key_of(row)));
        self.rows[at] = kept;
        let gone: Vec<Value> = gone.iter().map(|row| row[0].clone()).collect();
        if gone.is_empty() || table.is_between() {
            return;
        }
        for child in 0..self.schema.tables.len() {
            let columns = self.schema.tables[child].columns.clone();
            for (position, column) in columns.iter().enumerate() {
                if column.parent == Some(at) && child == at {
                    for row in
                        self.rows[child].iter_mut().filter(|row| gone.contains(&row[position]))
                    {
                        row[position] = Value::Null;
                    }
                } else if column.parent == Some(at) {
                    let key = |row: &Row| self.schema.tables[child].key_of(row);
                    let orphans = self.rows[child].iter();
                    let orphans: BTreeSet<Row> =
                        orphans.filter(|row| gone.contains(&row[position])).map(key).collect();
                    if !orphans.is_empty() {
                        self.remove(child, &orphans);
                    }
                }
            }
        }
    }
}

impl Table {
    /// The values of the primary key.
    pub fn key_of(&self, row: &Row) -> Row {
        self.key.iter().map(|at| row[*at].clone()).collect()
    }

    /// A row as JSON, with some of its columns.
    pub fn json(&self, row: &Row, columns: &[usize]) -> serde_json::Value {
        let members = columns.iter().map(|at| (self.columns[*at].name.clone(), row[*at].json()));
        serde_json::Value::Object(members.collect())
    }

    /// The positions of all columns.
    pub fn all(&self) -> Vec<usize> {
        (0..self.columns.len()).collect()
    }
}
