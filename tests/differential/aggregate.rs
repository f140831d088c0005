//! Aggregates: what is reckoned of the rows that somebody may see, group by group.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::policy::Verb;
use super::request::{Expected, Filter, encoded};
use super::schema::quoted;
use super::value::{Value, and};
use super::world::{Row, World};
use crate::support::corridor::Caller;
use crate::support::generator::Generator;

impl World {
    pub fn aggregate(&self, generator: &mut Generator, who: Caller) -> Expected {
        let at = generator.below(self.schema.tables.len());
        let table = &self.schema.tables[at];
        let groups: Vec<usize> =
            (0..table.columns.len()).filter(|_| generator.once_in(5)).collect();
        let number = table.number();
        let filters = Filter::several(generator, table);
        let meets = |row: &&Row| {
            self.visible(at, row, who)
                && and(filters.iter().map(|filter| filter.truth(row))) == Some(true)
        };
        let mut found: BTreeMap<Row, Vec<&Row>> = BTreeMap::new();
        if groups.is_empty() {
            found.insert(Row::new(), Vec::new());
        }
        for row in self.rows[at].iter().filter(meets) {
            let group: Row = groups.iter().map(|column| row[*column].clone()).collect();
            found.entry(group).or_default().push(row);
        }
        let rows: Vec<Json> = found
            .values()
            .map(|rows| {
                let numbers: Vec<i64> =
                    rows.iter().filter_map(|row| integer(&row[number])).collect();
                let mut object = match rows.first() {
                    Some(row) => table.json(row, &groups),
                    None => json!({}),
                };
                object["all"] = json!(rows.len());
                object["some"] = json!(numbers.len());
                object["sum"] = json!((!numbers.is_empty()).then(|| numbers.iter().sum::<i64>()));
                object["least"] = json!(numbers.iter().min());
                object["most"] = json!(numbers.iter().max());
                object
            })
            .collect();
        let mut looked_at = groups.clone();
        looked_at.push(number);
        looked_at.extend(filters.iter().flat_map(Filter::columns));
        let allowed = self.privileged(at, Verb::Select, who, &looked_at);
        let mut items: Vec<String> =
            groups.iter().map(|column| quoted(&table.columns[*column].name)).collect();
        let name = quoted(&table.columns[number].name);
        items.push(format!(
            "all:count(),some:{name}.count(),{name}.sum(),least:{name}.min(),most:{name}.max()"
        ));
        let parameters: String = filters.iter().map(|filter| filter.parameter(table, "")).collect();
        Expected {
            line: format!(
                "GET {}?select={}{parameters}",
                encoded(table.name),
                encoded(&items.join(","))
            ),
            prefer: "count=exact",
            body: String::new(),
            answer: if allowed { Ok(json!(rows)) } else { Err(()) },
            ordered: false,
            total: allowed.then_some(rows.len()),
            after: None,
        }
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        _ => None,
    }
}
