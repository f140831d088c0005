//! The compiler's SQLite has the functions that D1 has: those of `tests/e2e/d1-functions.txt`, which
//! `tests/e2e/functions.test.mjs` calls on D1.

use std::collections::BTreeSet;

use rusqlite::Connection;
use selvedge::compiler::{Source, Sources, compile};

/// Whether each function is allowed, its name, and how it is called.
fn listed() -> Vec<(bool, &'static str, &'static str)> {
    let line = |line: &'static str| {
        let (verdict, rest) = line.split_once(' ').expect("a verdict");
        let (name, call) = rest.trim_start().split_once(' ').expect("a name");
        (verdict == "allowed", name, call)
    };
    include_str!("e2e/d1-functions.txt").lines().map(line).collect()
}

#[test]
fn sqlite_has_the_listed_functions_and_no_others() {
    let connection = Connection::open_in_memory().expect("a database");
    let mut statement = connection
        .prepare("select distinct name from pragma_function_list where builtin")
        .expect("a query");
    let names = statement.query_map([], |row| row.get::<_, String>(0)).expect("names");
    let built: BTreeSet<String> = names.map(|name| name.expect("a name")).collect();
    let listed: BTreeSet<String> =
        listed().into_iter().map(|(_, name, _)| name.to_owned()).collect();
    assert_eq!(built, listed);
}

#[test]
fn a_schema_builds_only_with_functions_of_d1() {
    let source = |name: &str, text: String| Source { name: name.into(), text };
    let migration = include_str!("../migrations/0001_auth.sql");
    for (is_allowed, name, call) in listed() {
        let report = compile(&Sources {
            migration: source("migrations/0001_auth.sql", migration.to_owned()),
            schema: source("schema.sql", format!("create view v as select {call} as x;")),
            policies: source("policies.sql", String::new()),
            functions: source("functions.sql", String::new()),
        });
        let error = report.err().map(|report| report.to_string()).unwrap_or_default();
        // The second is what SQLite says of some in a view before it asks.
        let is_denied = ["not authorized to use function", "unsafe use of"]
            .iter()
            .any(|message| error.contains(message));
        assert_eq!(is_denied, !is_allowed, "{name}: {error}");
        assert!(error.is_empty() == is_allowed, "{name}: {error}");
    }
}
