//! Changes: inserts, merges, updates and deletes.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::policy::Verb;
use super::request::{Expected, Filter, encoded};
use super::schema::GROUPS;
use super::value::{Value, and};
use super::world::{Moment, Row, World};
use crate::support::corridor::Caller;
use crate::support::generator::Generator;

/// The first of the keys that no row has at first.
pub const FRESH: i64 = 100;

impl World {
    /// A table with a key of its own.
    fn any_table(&self, generator: &mut Generator) -> usize {
        let tables = &self.schema.tables;
        let own: Vec<usize> = (0..tables.len()).filter(|at| !tables[*at].is_between()).collect();
        *generator.pick(&own)
    }

    /// An update or a delete.
    pub fn change(&self, generator: &mut Generator, who: Caller) -> Expected {
        let at = self.any_table(generator);
        let table = &self.schema.tables[at];
        let verb = *generator.pick(&[Verb::Update, Verb::Delete]);
        let filters = Filter::several(generator, table);
        let shows = generator.once_in(2);
        // Whoever looks at rows must be allowed to see them.
        let looks = shows || !filters.is_empty();
        let method = if verb == Verb::Update { "PATCH" } else { "DELETE" };
        let parameters: String = filters.iter().map(|filter| filter.parameter(table, "")).collect();
        let meets = |row: &Row| and(filters.iter().map(|filter| filter.truth(row))) == Some(true);
        let touched: Vec<Row> = self.rows[at]
            .iter()
            .filter(|row| self.holds(verb, Moment::Before, (at, row), who))
            .filter(|row| (!looks || self.visible(at, row, who)) && meets(row))
            .cloned()
            .collect();
        let keys: BTreeSet<Row> = touched.iter().map(|row| table.key_of(row)).collect();
        let mut after = self.clone();
        let mut body = String::new();
        let mut written = Vec::new();
        let mut allowed = true;
        if verb == Verb::Update {
            let new = self.new_row(generator, at, 0);
            written = (1..new.len()).filter(|_| generator.once_in(3)).collect();
            if written.is_empty() {
                written.push(1);
            }
            body = table.json(&new, &written).to_string();
            for row in after.rows[at].iter_mut().filter(|row| keys.contains(&table.key_of(row))) {
                for column in &written {
                    row[*column] = new[*column].clone();
                }
                // What a policy looks at is what was there before the change.
                allowed &= self.holds(verb, Moment::After, (at, row), who);
                allowed &= !looks || self.visible(at, row, who);
            }
        } else {
            after.remove(at, &keys);
        }
        allowed &= self.privileged(at, verb, who, &written);
        let mut looked_at: Vec<usize> = filters.iter().flat_map(Filter::columns).collect();
        looked_at.extend(shows.then_some(0));
        allowed &= !looks || self.privileged(at, Verb::Select, who, &looked_at);
        let ids: Vec<Json> = touched.iter().map(|row| table.json(row, &[0])).collect();
        Expected {
            line: format!("{method} {}?select=id{parameters}", encoded(table.name)),
            prefer: if shows { "return=representation" } else { "" },
            body,
            answer: if allowed { Ok(if shows { json!(ids) } else { Json::Null }) } else { Err(()) },
            ordered: false,
            total: None,
            after: Some(if allowed { after } else { self.clone() }),
        }
    }

    /// An insert, or a merge into what may be there.
    pub fn insert(&self, generator: &mut Generator, who: Caller) -> Expected {
        let at = self.any_table(generator);
        let table = &self.schema.tables[at];
        let (merges, shows) = (generator.once_in(3), generator.once_in(2));
        let all = table.all();
        let mut allowed = self.privileged(at, Verb::Insert, who, &all);
        if shows || merges {
            allowed &= self.privileged(at, Verb::Select, who, &[0]);
        }
        if merges {
            allowed &= self.privileged(at, Verb::Update, who, &all);
        }
        let mut after = self.clone();
        let (mut bodies, mut ids) = (Vec::new(), Vec::new());
        let existing: Vec<Value> = self.rows[at].iter().map(|row| row[0].clone()).collect();
        // A merge sees what the rows before it have done, so there is one where that matters.
        let several = !merges || at != GROUPS;
        for index in 0..=usize::from(several && generator.once_in(2)) {
            let fresh = FRESH + i64::from(index > 0);
            let id = match existing.get(index) {
                Some(Value::Integer(id)) if merges && generator.once_in(2) => *id,
                _ => fresh,
            };
            let row = self.new_row(generator, at, id);
            allowed &= self.holds(Verb::Insert, Moment::After, (at, &row), who);
            if shows || merges {
                allowed &= self.visible(at, &row, who);
            }
            if let Some(old) = after.rows[at].iter_mut().find(|old| old[0] == row[0]) {
                allowed &= self.holds(Verb::Update, Moment::Before, (at, old), who);
                allowed &= self.visible(at, old, who);
                allowed &= self.holds(Verb::Update, Moment::After, (at, &row), who);
                old.clone_from(&row);
            } else {
                after.rows[at].push(row.clone());
            }
            bodies.push(table.json(&row, &all));
            ids.push(table.json(&row, &[0]));
        }
        let prefer = match (merges, shows) {
            (true, true) => "resolution=merge-duplicates,return=representation",
            (true, false) => "resolution=merge-duplicates",
            (false, true) => "return=representation",
            (false, false) => "",
        };
        Expected {
            line: format!("POST {}?select=id", encoded(table.name)),
            prefer,
            body: json!(bodies).to_string(),
            answer: if allowed { Ok(if shows { json!(ids) } else { Json::Null }) } else { Err(()) },
            ordered: false,
            total: None,
            after: Some(if allowed { after } else { self.clone() }),
        }
    }
}
