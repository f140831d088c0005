//! Made-up functions: reading, counting, and changing in one or two statements, in the caller's name
//! or in the owner's.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::policy::Verb;
use super::request::Expected;
use super::schema::{Table, quoted};
use super::value::Value;
use super::world::{Moment, Row, World};
use crate::support::corridor::ADA;
use crate::support::corridor::Caller::{self, Nobody, Service, User};
use crate::support::generator::Generator;

/// A function of one table, whose argument `least` its rows must exceed in one column.
#[derive(Debug, Clone)]
pub struct Function {
    name: String,
    table: usize,
    body: Body,
    is_definer: bool,
    /// Whether `anon` and `authenticated` may execute it.
    granted: [bool; 2],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Body {
    Rows,
    Count,
    Open,
    Delete,
    /// Both, in this order, as one transaction.
    OpenAndDelete,
}

const BODIES: [Body; 5] = [Body::Rows, Body::Count, Body::Open, Body::Delete, Body::OpenAndDelete];

impl Table {
    /// The number that functions and aggregates reckon with.
    pub fn number(&self) -> usize {
        self.position(if self.is_between() { "grp" } else { "n" })
    }
}

impl Function {
    /// What the caller must be privileged to do.
    fn needs(&self, table: &Table) -> Vec<(Verb, Vec<usize>)> {
        let asked = (Verb::Select, vec![table.number()]);
        let opened = (Verb::Update, vec![table.position("open")]);
        match self.body {
            Body::Rows => vec![(Verb::Select, table.all())],
            Body::Count => vec![asked],
            Body::Open => vec![asked, opened],
            Body::Delete => vec![asked, (Verb::Delete, Vec::new())],
            Body::OpenAndDelete => vec![asked, opened, (Verb::Delete, Vec::new())],
        }
    }

    fn sql(&self, table: &Table) -> String {
        let name = quoted(table.name);
        let asked = format!("{name}.{} > least", quoted(&table.columns[table.number()].name));
        let open = format!("update {name} set open = true where {asked}");
        let delete = format!("delete from {name} where {asked}");
        let (returns, kind, body) = match self.body {
            Body::Rows => {
                (format!("setof {name}"), "stable", format!("select * from {name} where {asked}"))
            }
            Body::Count => {
                ("bigint".into(), "stable", format!("select count(*) from {name} where {asked}"))
            }
            Body::Open => ("void".into(), "volatile", open),
            Body::Delete => ("void".into(), "volatile", delete),
            Body::OpenAndDelete => ("void".into(), "volatile", format!("{open}; {delete}")),
        };
        let security = if self.is_definer { "definer" } else { "invoker" };
        let mut sql = format!(
            "create function {}(least integer) returns {returns} language sql {kind} \
             security {security} as $$ {body} $$;\n",
            self.name
        );
        for (role, granted) in ["anon", "authenticated"].iter().zip(self.granted) {
            if granted {
                sql.push_str(&format!("grant execute on function {} to {role};\n", self.name));
            }
        }
        sql
    }

    fn may_be_called(&self, who: Caller) -> bool {
        match who {
            Service => true,
            Nobody => self.granted[0],
            User(_) => self.granted[1],
        }
    }
}

impl World {
    /// Some functions, none of which is granted to a role that could never run it.
    pub fn functions(&self, generator: &mut Generator) -> Vec<Function> {
        (0..4 + generator.below(4))
            .map(|number| {
                let table = generator.below(self.schema.tables.len());
                let mut function = Function {
                    name: format!("f{number}"),
                    table,
                    body: *generator.pick(&BODIES),
                    is_definer: generator.once_in(3),
                    granted: [false; 2],
                };
                let needs = function.needs(&self.schema.tables[table]);
                for (index, who) in [Nobody, User(ADA)].into_iter().enumerate() {
                    let may = |(verb, columns): &(Verb, Vec<usize>)| {
                        self.privileged(table, *verb, who, columns)
                    };
                    // Of a table nothing can be shown to whom it shows no column.
                    let can_see = function.body != Body::Rows
                        || self.privileged(table, Verb::Select, who, &[]);
                    let can_run = function.is_definer && can_see || needs.iter().all(may);
                    function.granted[index] = can_run && !generator.once_in(4);
                }
                function
            })
            .collect()
    }

    /// As `functions.sql` has them.
    pub fn functions_sql(&self, functions: &[Function]) -> String {
        functions.iter().map(|function| function.sql(&self.schema.tables[function.table])).collect()
    }

    /// A call of one of them.
    pub fn call(&self, generator: &mut Generator, functions: &[Function], who: Caller) -> Expected {
        let function = generator.pick(functions);
        let least = generator.small(6);
        match function.body {
            Body::Rows => self.call_rows(generator, function, least, who),
            Body::Count => self.call_count(function, least, who),
            Body::Open | Body::Delete | Body::OpenAndDelete => {
                self.call_change(function, least, who)
            }
        }
    }

    fn meant(&self, function: &Function, least: i64, who: Caller) -> Vec<&Row> {
        let number = self.schema.tables[function.table].number();
        let rows = self.rows[function.table].iter();
        rows.filter(|row| matches!(row[number], Value::Integer(number) if number > least))
            .filter(|row| function.is_definer || self.visible(function.table, row, who))
            .collect()
    }

    fn call_rows(
        &self,
        generator: &mut Generator,
        function: &Function,
        least: i64,
        who: Caller,
    ) -> Expected {
        let mut level = self.level(generator, function.table, 0, "");
        let all = self.sifted(&level, self.meant(function, least, who), who);
        level.cut_to(all.len());
        let total = all.len();
        let allowed = function.may_be_called(who) && self.may_read(&level, who);
        Expected {
            line: format!("GET rpc/{}?least={least}&{}", function.name, self.query(&level)),
            prefer: "count=exact",
            body: String::new(),
            answer: if allowed { Ok(self.page(&level, all, who)) } else { Err(()) },
            ordered: true,
            total: allowed.then_some(total),
            after: None,
        }
    }

    fn call_count(&self, function: &Function, least: i64, who: Caller) -> Expected {
        let count = self.meant(function, least, who).len();
        let allowed = function.may_be_called(who);
        Expected {
            line: format!("GET rpc/{}?least={least}", function.name),
            prefer: "",
            body: String::new(),
            answer: if allowed { Ok(json!(count)) } else { Err(()) },
            ordered: true,
            total: None,
            after: None,
        }
    }

    fn call_change(&self, function: &Function, least: i64, who: Caller) -> Expected {
        let mut after = self.clone();
        let mut allowed = function.may_be_called(who);
        if matches!(function.body, Body::Open | Body::OpenAndDelete) {
            allowed &= after.open(function, least, who);
        }
        if allowed && matches!(function.body, Body::Delete | Body::OpenAndDelete) {
            let keys = after.touched(function, Verb::Delete, least, who);
            after.remove(function.table, &keys);
        }
        Expected {
            line: format!("POST rpc/{}", function.name),
            prefer: "",
            body: json!({ "least": least }).to_string(),
            answer: if allowed { Ok(Json::Null) } else { Err(()) },
            ordered: true,
            total: None,
            after: Some(if allowed { after } else { self.clone() }),
        }
    }

    fn touched(&self, function: &Function, verb: Verb, least: i64, who: Caller) -> BTreeSet<Row> {
        let (at, table) = (function.table, &self.schema.tables[function.table]);
        let meant = self.meant(function, least, who).into_iter();
        let may =
            |row: &&Row| function.is_definer || self.holds(verb, Moment::Before, (at, row), who);
        meant.filter(may).map(|row| table.key_of(row)).collect()
    }

    /// Opens rows; `false` when one may not become so. What a policy looks at is what was there before.
    fn open(&mut self, function: &Function, least: i64, who: Caller) -> bool {
        let at = function.table;
        let table = self.schema.tables[at].clone();
        let keys = self.touched(function, Verb::Update, least, who);
        let before = self.clone();
        let mut allowed = true;
        for row in self.rows[at].iter_mut().filter(|row| keys.contains(&table.key_of(row))) {
            row[table.position("open")] = Value::Boolean(true);
            allowed &= function.is_definer
                || before.holds(Verb::Update, Moment::After, (at, row), who)
                    && before.visible(at, row, who);
        }
        allowed
    }
}
