//! What the compiler makes of good and bad sources.
//!
//! Every case is one file below `tests/compiler/` that holds a schema behind the line
//! `-- schema.sql`, policies behind the line `-- policies.sql` and, where there are any, functions
//! behind the line `-- functions.sql`. Beside those in `refused/` lies the report that they must end
//! in, and beside those in `accepted/` the catalog, the warnings if there are any, and the schema as
//! it is executed if that is not as it is written. `UPDATE_EXPECT=1` writes what is, to be read before
//! it is committed.

use std::fs;
use std::path::{Path, PathBuf};

use selvedge::catalog::{Access, Catalog};
use selvedge::compiler::{Compiled, Report, Source, Sources, compile};

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn source(name: &str, text: &str) -> Source {
    Source { name: name.into(), text: text.into() }
}

fn compile_text(schema: &str, policies: &str, functions: &str) -> Result<Compiled, Report> {
    compile(&Sources {
        migration: source("migrations/0001_auth.sql", include_str!("../migrations/0001_auth.sql")),
        schema: source("schema.sql", schema),
        policies: source("policies.sql", policies),
        functions: source("functions.sql", functions),
    })
}

fn cases(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compiler").join(folder);
    let entries = fs::read_dir(&folder).expect("the folder of cases");
    let mut cases: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sql"))
        .collect();
    cases.sort();
    assert!(!cases.is_empty(), "{}", folder.display());
    cases
}

fn compile_case(case: &Path) -> Result<Compiled, Report> {
    let text = read(case);
    let text = text.strip_prefix("-- schema.sql\n").expect("the line `-- schema.sql`");
    let (schema, policies) =
        text.split_once("-- policies.sql\n").expect("the line `-- policies.sql`");
    let (policies, functions) = policies.split_once("-- functions.sql\n").unwrap_or((policies, ""));
    compile_text(schema, policies, functions)
}

/// Compares with the file beside the case; nothing is expected where there is no file.
fn expect(case: &Path, extension: &str, actual: &str, failures: &mut Vec<String>) {
    let path = case.with_extension(extension);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        if actual.is_empty() {
            let _ = fs::remove_file(&path);
        } else {
            fs::write(&path, actual).expect("the expectation is written");
        }
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if expected != actual {
        failures
            .push(format!("{}\n--- expected\n{expected}\n+++ actual\n{actual}", path.display()));
    }
}

#[test]
fn bad_sources_are_refused_with_a_report() {
    let mut failures = Vec::new();
    for case in cases("refused") {
        match compile_case(&case) {
            Ok(_) => failures.push(format!("{} was accepted", case.display())),
            Err(report) => {
                assert!(report.has_errors(), "{}", case.display());
                expect(&case, "stderr", &report.to_string(), &mut failures);
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn good_sources_become_a_catalog() {
    let mut failures = Vec::new();
    for case in cases("accepted") {
        match compile_case(&case) {
            Err(report) => failures.push(format!("{} was refused:\n{report}", case.display())),
            Ok(Compiled { catalog, report, schema }) => {
                expect(&case, "json", &pretty(&catalog), &mut failures);
                let is_translated = !read(&case).contains(&schema);
                let schema = if is_translated { schema.as_str() } else { "" };
                expect(&case, "sqlite", schema, &mut failures);
                expect(&case, "stderr", &report.to_string(), &mut failures);
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn the_demo_has_its_catalog_and_the_worker_embeds_the_same() {
    let compiled = compile_text(
        include_str!("../schema.sql"),
        include_str!("../policies.sql"),
        include_str!("../functions.sql"),
    );
    let compiled = compiled.unwrap_or_else(|report| panic!("{report}"));
    assert_eq!(compiled.report.lines(), Vec::<String>::new());
    let mut failures = Vec::new();
    let case = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compiler/demo");
    expect(&case, "catalog.json", &pretty(&compiled.catalog), &mut failures);
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let named = [
        option_env!("SELVEDGE_SCHEMA"),
        option_env!("SELVEDGE_POLICIES"),
        option_env!("SELVEDGE_FUNCTIONS"),
    ];
    if named.iter().all(Option::is_none) {
        let embedded = Catalog::decode(selvedge::embedded::catalog()).expect("it decodes");
        assert_eq!(embedded, compiled.catalog);
    }
}

fn pretty(catalog: &Catalog) -> String {
    let mut text = serde_json::to_string_pretty(catalog).expect("a catalog is JSON");
    text.push('\n');
    text
}

/// Leaves out, doubles or swaps words of the demo, 300 times from a fixed seed: nothing panics, and
/// what still compiles still has every table under some access for `authenticated` at most.
#[test]
fn mangled_sources_never_panic_and_never_open_the_demo_to_anon() {
    let mut seed = 0x5e1_7ed9e_u64;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % below
    };
    let (schema, policies) = (include_str!("../schema.sql"), include_str!("../policies.sql"));
    let mut compiled_count = 0;
    for round in 0..300 {
        let mut texts = [schema.to_owned(), policies.to_owned()];
        let text = &mut texts[round % 2];
        let mut words: Vec<&str> = text.split_inclusive([' ', '(', ')', ',', ';', '\'']).collect();
        let (one, other) = (random(words.len()), random(words.len()));
        match random(3) {
            0 => drop(words.remove(one)),
            1 => words.insert(one, words[other]),
            _ => words.swap(one, other),
        }
        *text = words.concat();
        let [schema, policies] = &texts;
        match compile_text(schema, policies, "") {
            Err(report) => assert!(report.has_errors() && !report.to_string().is_empty()),
            Ok(compiled) => {
                compiled_count += 1;
                // No word of the demo is `anon`; only dropping a `to authenticated` could open it.
                let opened =
                    compiled.catalog.tables.iter().any(|table| table.anon != Access::default());
                let roles = |text: &str| text.matches("to authenticated").count();
                let kept = roles(policies) == roles(include_str!("../policies.sql"));
                assert!(!(opened && kept), "{schema}\n{policies}");
            }
        }
    }
    assert!(compiled_count > 10, "the mutations should leave some sources sound");
}

/// The same of a dump of `PostgreSQL`: nothing panics, and what compiles is what SQLite executes.
#[test]
fn mangled_dumps_never_panic_and_become_sqlite() {
    let mut seed = 0xdd1_u64;
    let mut random = move |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % below
    };
    let dump = include_str!("compiler/accepted/postgres_dump.sql");
    let management = include_str!("compiler/accepted/postgres_user_management.sql");
    let mut compiled_count = 0;
    for round in 0..600 {
        let text = if round % 2 == 0 { dump } else { management };
        let text = text.strip_prefix("-- schema.sql\n").expect("the first line");
        let mut words: Vec<&str> =
            text.split_inclusive([' ', '(', ')', ',', ';', '\'', '"', ':', '\n']).collect();
        for _ in 0..=random(3) {
            let (one, other) = (random(words.len()), random(words.len()));
            match random(3) {
                0 => drop(words.remove(one)),
                1 => words.insert(one, words[other]),
                _ => words.swap(one, other),
            }
        }
        let mangled = words.concat();
        let Ok(compiled) = compile_text(&mangled, "", "") else { continue };
        let connection = rusqlite::Connection::open_in_memory().expect("a database");
        let migration = include_str!("../migrations/0001_auth.sql");
        connection.execute_batch(migration).expect("Selvedge's own tables");
        if let Err(error) = connection.execute_batch(&compiled.schema) {
            panic!("{error}\n{}", compiled.schema);
        }
        compiled_count += 1;
    }
    assert!(compiled_count > 60, "{compiled_count}");
}
