//! What Selvedge says to the expressions, policies and requests that the tests in `tests/postgres/`
//! also put to PostgreSQL. They talk to it by lines of JSON: a [`Question`] on its standard input,
//! an answer on its standard output, in the same order. Never part of the Worker.

#[path = "../../support/mod.rs"]
mod support;

mod conditions;
mod database;
mod policies;
mod rest;

use std::io::{self, BufRead, Write};

use serde::Deserialize;
use serde_json::{Value, json};

use selvedge::compiler::{CONSTRUCTS, Entry, Source, Sources, defects, language};

/// One line of the input.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Question {
    /// `conditions`, `policies`, `rest` or `language`.
    ask: String,
    schema: String,
    policies: String,
    functions: String,
    /// SQL that inserts the rows.
    rows: String,
    /// The table that the conditions are for, and its key.
    table: String,
    /// The columns that tell rows apart, of each table.
    keys: std::collections::BTreeMap<String, Vec<String>>,
    conditions: Vec<String>,
    /// Which entry is translated wrongly.
    defect: Option<String>,
    claims: Claims,
    /// For `policies`: the callers.
    people: Vec<Claims>,
    /// For `rest`: the time, in milliseconds.
    now: i64,
    requests: Vec<rest::Request>,
}

/// What `auth.uid()` and its like return.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(default)]
pub struct Claims {
    uid: Option<String>,
    role: Option<String>,
    email: Option<String>,
    jwt: Value,
}

impl Question {
    /// The files, as the compiler takes them.
    fn sources(&self) -> Sources {
        let source = |name: &str, text: &str| Source { name: name.into(), text: text.into() };
        Sources {
            migration: source("migrations/0001_auth.sql", support::MIGRATIONS[0]),
            schema: source("schema.sql", &self.schema),
            policies: source("policies.sql", &self.policies),
            functions: source("functions.sql", &self.functions),
        }
    }
}

fn answer(line: &str, databases: &mut database::Databases) -> Result<Value, String> {
    let question: Question = serde_json::from_str(line).map_err(|error| error.to_string())?;
    match question.ask.as_str() {
        "conditions" => conditions::answer(&question, databases),
        "policies" => policies::answer(&question, databases),
        "rest" => Ok(rest::answer(&question)),
        "language" => Ok(entries()),
        other => Err(format!("nothing is called {other:?}")),
    }
}

/// The operators, casts and functions that the compiler supports.
fn entries() -> Value {
    let label = |entry: &Entry| {
        let name = if entry.kind == "cast" { &entry.result } else { entry.name };
        format!("{} {name}({}) {}", entry.kind, entry.operands.join(","), entry.result)
    };
    let defect = |(name, entry): (String, Entry)| json!({ "name": name, "label": label(&entry) });
    let one = |entry: Entry| {
        let name = if entry.kind == "cast" { &entry.result } else { entry.name };
        json!({
            "kind": entry.kind, "name": name, "arguments": entry.operands, "result": entry.result,
            "context": entry.context,
        })
    };
    json!({
        "language": language().into_iter().map(one).collect::<Vec<_>>(),
        "defects": defects().into_iter().map(defect).collect::<Vec<_>>(),
        "constructs": CONSTRUCTS.iter().map(|one| one.example).collect::<Vec<_>>(),
    })
}

fn main() -> io::Result<()> {
    let mut databases = database::Databases::default();
    let mut output = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let reply =
            answer(&line?, &mut databases).unwrap_or_else(|error| json!({ "error": error }));
        writeln!(output, "{reply}")?;
        output.flush()?;
    }
    Ok(())
}
