//! Whole files: what each person may read and write of each table's rows, by the compiled catalog.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde_json::{Value, json};

use selvedge::catalog::{Access, Grant, Predicate, Table};
use selvedge::compiler::compile;

use crate::conditions::diagnostics;
use crate::database::{Databases, select, written};
use crate::{Claims, Question};

/// `{refused}`, or for each person and table which rows may be read, changed (before and after) and
/// deleted, and which could be inserted if they were not there.
pub fn answer(question: &Question, databases: &mut Databases) -> Result<Value, String> {
    let compiled = match compile(&question.sources()) {
        Ok(compiled) => compiled,
        Err(report) => return Ok(json!({ "refused": diagnostics(&report) })),
    };
    let connection = databases.of(&compiled.schema, &question.rows)?;
    let mut people = Vec::new();
    for claims in &question.people {
        let mut tables = BTreeMap::new();
        for table in &compiled.catalog.tables {
            let Some(keys) = question.keys.get(&table.name) else { continue };
            let side = Side { connection, table, keys, claims };
            tables.insert(table.name.clone(), side.verbs()?);
        }
        people.push(tables);
    }
    Ok(json!({ "people": people, "warnings": compiled.report.lines() }))
}

/// One person before one table.
struct Side<'a> {
    connection: &'a Connection,
    table: &'a Table,
    keys: &'a [String],
    claims: &'a Claims,
}

impl Side<'_> {
    fn verbs(&self) -> Result<Value, String> {
        let access: &Access = match self.claims.role.as_deref() {
            Some("authenticated") => &self.table.authenticated,
            _ => &self.table.anon,
        };
        let using = |grant: &Option<Grant>| grant.as_ref().map(|grant| grant.using.clone());
        let check = |grant: &Option<Grant>| grant.as_ref().map(|grant| grant.check.clone());
        let read = using(&access.select);
        let changed = [read.clone(), using(&access.update), check(&access.update)];
        Ok(json!({
            "select": self.rows(&[read]),
            "update": self.rows(changed.get(..2).unwrap_or_default()),
            "kept": self.rows(&changed),
            "delete": self.rows(&[using(&access.delete)]),
            "insert": self.inserted(check(&access.insert).as_ref())?,
        }))
    }

    /// The keys of the rows that meet all conditions; `null` without one of the privileges.
    fn rows(&self, conditions: &[Option<Predicate>]) -> Value {
        let Some(conditions) = conditions.iter().map(Option::as_ref).collect::<Option<Vec<_>>>()
        else {
            return Value::Null;
        };
        let written: Vec<String> =
            conditions.iter().map(|one| format!("({})", written(one, "t0"))).collect();
        let query = format!(
            "select {} from {} as t0 where {}",
            self.key(),
            quote(&self.table.name),
            written.join(" and ")
        );
        match select(self.connection, &query, self.claims) {
            Ok(rows) => sorted(rows),
            Err(error) => json!({ "error": error.to_string() }),
        }
    }

    /// The rows that could be inserted: each is taken out, put back, and judged where it then stands.
    fn inserted(&self, check: Option<&Predicate>) -> Result<Value, String> {
        // A row that is judged stands in its table by then, as it does while PostgreSQL judges it,
        // which looks at other rows in a snapshot from before.
        let Some(check) = check else { return Ok(Value::Null) };
        let table = quote(&self.table.name);
        let all = format!("select {} from {table} as t0", self.key());
        let all = select(self.connection, &all, self.claims).map_err(|error| error.to_string())?;
        let mut allowed = Vec::new();
        for key in all {
            if self.could_be_inserted(check, &key).map_err(|error| error.to_string())? {
                allowed.push(key);
            }
        }
        Ok(sorted(allowed))
    }

    /// The condition is tried on a copy of the row, in a table from which it was taken.
    fn could_be_inserted(&self, check: &Predicate, key: &[String]) -> rusqlite::Result<bool> {
        let table = quote(&self.table.name);
        let is_it = self.keys.iter().zip(key).map(|(column, value)| {
            format!("cast({} as text) = '{}'", quote(column), value.replace('\'', "''"))
        });
        let is_it = is_it.collect::<Vec<_>>().join(" and ");
        self.connection.execute_batch(&format!(
            "savepoint judged; create temp table copied as select * from {table} where {is_it};
             delete from {table} where {is_it};"
        ))?;
        let query = format!("select 1 from temp.copied as t0 where {}", written(check, "t0"));
        let found = select(self.connection, &query, self.claims);
        self.connection.execute_batch("rollback to judged; release judged")?;
        Ok(found.is_ok_and(|rows| !rows.is_empty()))
    }

    fn key(&self) -> String {
        let columns: Vec<String> =
            self.keys.iter().map(|key| format!("t0.{}", quote(key))).collect();
        columns.join(", ")
    }
}

fn sorted(mut rows: Vec<Vec<String>>) -> Value {
    rows.sort();
    json!(rows)
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
