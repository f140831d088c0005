//! The rules of the house, read from its own files: who may import whom, what stands where, how long
//! a file may be, and that the documentation says what the tables say.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use selvedge::error::Code;

/// A source file: its path below the root, and its lines without comments and tests.
struct File {
    path: String,
    code: Vec<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What is made by tools, or comes from elsewhere.
const NOT_OURS: [&str; 8] = [
    "target",
    "node_modules",
    ".git",
    ".tools",
    ".wrangler",
    "build",
    "package-lock.json",
    "Cargo.lock",
];

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable folder").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if NOT_OURS.contains(&&*name) {
            continue;
        }
        if path.is_dir() {
            walk(&path, files);
        } else {
            files.push(path);
        }
    }
    files.sort();
}

fn files_below(folder: &str) -> Vec<String> {
    let mut files = Vec::new();
    walk(&root().join(folder), &mut files);
    let relative = |path: PathBuf| {
        let path = path.strip_prefix(root()).expect("a path below the root");
        path.to_string_lossy().into_owned()
    };
    files.into_iter().map(relative).collect()
}

fn has_extension(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|other| other == extension)
}

fn sources() -> Vec<File> {
    let rust = files_below("src").into_iter().filter(|path| has_extension(path, "rs"));
    rust.filter(|path| !is_test(path))
        .map(|path| {
            let text = read(&path);
            // Tests stand at the end; what is declared for them further up ends nothing.
            let tests = ["\n#[cfg(test)]\nmod tests", "\n#[cfg(test)]\n#[path"];
            let code = tests
                .iter()
                .find_map(|tests| text.split_once(tests))
                .map_or(&*text, |(code, _)| code);
            let code = code.lines();
            let code =
                code.map(|line| line.split("//").next().unwrap_or_default().to_owned()).collect();
            File { path, code }
        })
        .collect()
}

fn is_test(path: &str) -> bool {
    path.ends_with("tests.rs")
}

#[track_caller]
fn none(faults: &[String]) {
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The storeys of the house, from the ground up. Imports go down, and sideways on the ground alone.
const STOREYS: [&[&str]; 7] = [
    &[
        "http",
        "db",
        "outbound",
        "signature",
        "identity",
        "error",
        "config",
        "secret",
        "password",
        "time",
        "uuid",
        "host",
    ],
    &["catalog", "route", "embedded"],
    &["values"],
    &["gate", "html", "mail"],
    &["auth", "rest", "pages"],
    &["app"],
    &["cloudflare"],
];

/// Rooms that may enter another.
const PASSAGES: [(&str, &str); 1] = [("pages", "auth")];

fn storey(module: &str) -> Option<usize> {
    STOREYS.iter().position(|modules| modules.contains(&module))
}

fn may_import(from: &str, to: &str) -> bool {
    if from == to || PASSAGES.contains(&(from, to)) {
        return true;
    }
    // The compiler runs in the build script too, where there is little but the catalog's types and the
    // reading of literals.
    if from == "compiler" {
        return ["catalog", "values"].contains(&to);
    }
    match (storey(from), storey(to)) {
        (Some(0), Some(0)) => true,
        (Some(from), Some(to)) => from > to,
        _ => false,
    }
}

/// The modules behind each `crate::` of a line, one or several in braces.
fn imported(line: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
    };
    let mut found = Vec::new();
    for rest in line.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => {
                let list = list.split('}').next().unwrap_or_default();
                found.extend(list.split(',').map(word));
            }
            None => found.push(word(rest)),
        }
    }
    found.retain(|module| !module.is_empty());
    found
}

#[test]
fn imports_go_down() {
    let mut faults = Vec::new();
    let mut imports = 0;
    for path in files_below("src").into_iter().filter(|path| has_extension(path, "rs")) {
        let module = path.split('/').nth(1).unwrap_or_default().trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        if module != "compiler" && storey(module).is_none() {
            faults.push(format!("{path}: say in STOREYS where {module} stands"));
        }
        for line in read(&path).lines().filter(|line| !line.trim_start().starts_with("//")) {
            for imported in imported(line) {
                imports += 1;
                if !may_import(module, &imported) {
                    faults.push(format!("{path}: {module} may not import {imported}"));
                }
            }
        }
    }
    none(&faults);
    assert!(imports > 100, "only {imports} imports were found");
}

#[test]
fn every_module_of_the_library_has_its_storey() {
    let library = read("src/lib.rs");
    let modules = library
        .lines()
        .filter_map(|line| line.trim_start_matches("pub ").strip_prefix("mod ")?.strip_suffix(';'));
    let modules: Vec<&str> = modules.collect();
    assert!(modules.len() > 10, "{modules:?}");
    for module in modules {
        assert!(module == "compiler" || storey(module).is_some(), "{module}");
    }
}

/// Words that stand in certain files alone.
const PLACES: [(&[&str], &[&str], &str); 5] = [
    (
        &["worker::", "wasm_bindgen", "js_sys", "web_sys", "getrandom"],
        &["src/cloudflare/"],
        "only the outer wall knows the platform",
    ),
    (
        &["Statement::rendered", "Self::rendered", "statement.sql = "],
        &["src/rest/statement/"],
        "SQL for users' tables is written in one folder",
    ),
    (
        &["\"/rest/v1", "\"/auth/v1", "/auth/v1\"", "\"/assets"],
        // The issuer of a token is a name that looks like an address.
        &["src/route.rs", "src/config/mod.rs"],
        "addresses are read and written in one file",
    ),
    (&["rusqlite", "sqlparser"], &["src/compiler/"], "the Worker has no SQLite of its own"),
    (&["Host::now", "Date::now", "SystemTime"], &["src/cloudflare/"], "time comes from the host"),
];

#[test]
fn everything_stands_in_its_place() {
    let mut faults = Vec::new();
    for File { path, code } in sources() {
        for (words, places, why) in PLACES {
            if places.iter().any(|place| path.starts_with(place)) {
                continue;
            }
            for (number, line) in code.iter().enumerate() {
                for word in words.iter().filter(|word| line.contains(**word)) {
                    faults.push(format!("{path}:{}: {word}: {why}", number + 1));
                }
            }
        }
    }
    none(&faults);
}

/// Where a number from 400 to 599 is not the choice of a status.
const NUMBERS: [(&str, &str); 8] = [
    ("src/error.rs", "the table of codes"),
    ("src/pages/error.rs", "a page's words follow the status"),
    ("src/gate/", "a header and the log's level follow the status"),
    ("src/cloudflare/hasher.rs", "the hasher answers the Worker and nobody else"),
    ("src/rest/openapi/fixed.rs", "a description repeats them, and a test looks them up"),
    ("src/auth/redirect/address.rs", "a port"),
    ("src/time.rs", "centuries"),
    ("src/values/moment.rs", "centuries"),
];

#[test]
fn a_refusals_status_is_chosen_in_one_table() {
    let mut faults = Vec::new();
    for File { path, code } in sources() {
        if NUMBERS.iter().any(|(place, _)| path.starts_with(place)) {
            continue;
        }
        for (number, line) in code.iter().enumerate() {
            let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let is_status = |word: &str| matches!(word.parse(), Ok(400_u16..=599));
            faults.extend(
                words
                    .filter(|word| is_status(word))
                    .map(|word| format!("{path}:{}: {word} belongs into src/error.rs", number + 1)),
            );
        }
    }
    none(&faults);
}

const FILE_LINES_MAX: usize = 400;

/// Files that were longer when this rule came. The list may only become shorter.
const LONG: [&str; 0] = [];

#[test]
fn files_can_be_read_at_one_sitting() {
    let long: BTreeSet<String> = sources()
        .into_iter()
        .filter(|file| file.code.len() > FILE_LINES_MAX)
        .map(|file| file.path)
        .collect();
    let expected: BTreeSet<String> = LONG.iter().map(|path| (*path).to_owned()).collect();
    assert_eq!(long, expected, "a file has at most {FILE_LINES_MAX} lines, tests apart");
    // Functions are clippy's.
    assert!(read("clippy.toml").contains("too-many-lines-threshold = 70\n"));
    assert!(read("Cargo.toml").contains("pedantic = { level = \"warn\""));
}

#[test]
fn every_file_says_what_it_is() {
    let mut faults = Vec::new();
    for path in files_below("src").into_iter().chain(files_below("tests")) {
        if !has_extension(&path, "rs") || path.contains("/compiler/refused/") {
            continue;
        }
        let text = read(&path);
        let is_part = text.starts_with("use super::") && is_test(&path);
        if !text.starts_with("//!") && !is_part {
            faults.push(format!("{path}: its first line does not say what it is"));
        }
    }
    none(&faults);
}

/// Words of unfinished work, and of the machines where it was done. Written so that this file does
/// not hold them.
const BANNED: [&str; 7] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
    concat!("HA", "CK"),
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("/Use", "rs/"),
];

#[test]
fn nothing_is_left_over() {
    let mut faults = Vec::new();
    let files = files_below("");
    assert!(files.len() > 150, "only {} files were found", files.len());
    for path in files {
        let Ok(text) = fs::read_to_string(root().join(&path)) else { continue };
        for (number, line) in text.lines().enumerate() {
            for word in BANNED.iter().filter(|word| line.contains(**word)) {
                faults.push(format!("{path}:{}: {word}", number + 1));
            }
        }
    }
    none(&faults);
}

#[test]
fn every_transcript_has_a_title_of_its_own() {
    let mut titles: BTreeMap<String, String> = BTreeMap::new();
    let mut faults = Vec::new();
    for path in files_below("tests/requests").into_iter().filter(|path| has_extension(path, "http"))
    {
        for title in read(&path).lines().filter_map(|line| line.strip_prefix("### ")) {
            if let Some(other) = titles.insert(title.to_owned(), path.clone()) {
                faults.push(format!("{path}: \"{title}\" stands in {other} too"));
            }
        }
    }
    none(&faults);
    assert!(titles.len() > 50, "only {} titles were found", titles.len());
}

#[test]
fn the_documentation_has_every_code_and_its_status() {
    let path = root().join("docs/errors.md");
    let current = errors_page();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::create_dir_all(root().join("docs")).expect("a folder");
        fs::write(&path, &current).expect("the page is written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == current, "docs/errors.md is not current: run with UPDATE_EXPECT=1");
}

fn errors_page() -> String {
    type Belongs = fn(&str) -> bool;
    let is_own = |wire: &str| wire.contains(|c: char| c.is_ascii_lowercase());
    let parts: [(&str, &str, Belongs); 3] = [
        (
            "The REST dialect",
            "Codes of PostgREST, in `code` beside `message`, `details` and `hint`.",
            |wire| wire.starts_with("PGRST"),
        ),
        (
            "What Postgres would say",
            "SQLSTATE codes, in the same place. `42501` is 401 for whoever has not signed in.",
            |wire| !wire.starts_with("PGRST") && !wire.contains(|c: char| c.is_ascii_lowercase()),
        ),
        (
            "The gate and the auth dialect",
            "In `code` and `error_code`, beside `message` and `msg`.",
            is_own,
        ),
    ];
    let mut page = String::from(
        "# Errors\n\nEvery refusal of Selvedge, by its code. This page is made from the table in \
         `src/error.rs`; a test\ncompares the two, and `UPDATE_EXPECT=1 cargo test --test house` \
         writes it.\n",
    );
    for (title, words, belongs) in parts {
        page.push_str(&format!(
            "\n## {title}\n\n{words}\n\n| Code | Status | Meaning |\n|---|---|---|\n"
        ));
        for code in Code::ALL.iter().filter(|code| belongs(code.wire())) {
            let (wire, status, meaning) = (code.wire(), code.status(), code.meaning());
            page.push_str(&format!("| `{wire}` | {status} | {meaning} |\n"));
        }
    }
    page
}

/// Settings of the original that are only known to be refused; the pages name them by what they have in common.
const REFUSED_SETTINGS: [&str; 2] = ["MFA_PHONE_", "MFA_WEB_AUTHN_"];

#[test]
fn the_documentation_has_every_setting() {
    let pages = files_below("docs").into_iter().filter(|path| has_extension(path, "md"));
    let pages: String = pages.chain(["README.md".to_owned()]).map(|path| read(&path)).collect();
    let is_letter = |character: char| character.is_ascii_uppercase() || character == '_';
    let told: BTreeSet<&str> = pages.split(|character| !is_letter(character)).collect();
    let is_name =
        |text: &&str| text.contains('_') && !text.ends_with('_') && text.chars().all(is_letter);
    let mut settings = BTreeSet::new();
    for file in sources().iter().filter(|file| file.path.starts_with("src/config/")) {
        for line in &file.code {
            settings.extend(between(line, '"').filter(is_name).map(str::to_owned));
        }
    }
    settings.retain(|name| !REFUSED_SETTINGS.iter().any(|refused| name.starts_with(refused)));
    let missing = settings.iter().filter(|name| !told.contains(name.as_str()));
    none(&missing.map(|name| format!("no page tells of {name}")).collect::<Vec<_>>());
    assert!(settings.len() > 30, "only {} settings were found", settings.len());
}

#[test]
fn a_code_means_one_thing() {
    let mut seen = BTreeMap::new();
    for code in Code::ALL {
        // Whether somebody has signed in is the one difference that the status tells.
        if let Some(other) = seen.insert((code.wire(), code.status()), code) {
            panic!("{code:?} and {other:?} cannot be told apart");
        }
        assert!((300..600).contains(&code.status()), "{code:?}");
        assert!(code.meaning().ends_with('.'), "{code:?}");
    }
}

/// The texts that stand between two such marks.
fn between(text: &str, mark: char) -> impl Iterator<Item = &str> {
    text.split(mark).skip(1).step_by(2)
}

/// The texts in backquotes, if a file or folder of ours stands at their beginning.
fn references(page: &str) -> Vec<(String, Option<String>)> {
    let ours =
        between(page, '`').filter(|text| text.starts_with("tests/") || text.starts_with("src/"));
    ours.map(|text| match text.split_once(": ") {
        Some((path, name)) => (path.to_owned(), Some(name.to_owned())),
        None => (text.to_owned(), None),
    })
    .collect()
}

#[test]
fn every_threat_has_tests_that_exist() {
    let page = read("SECURITY.md");
    let references = references(&page);
    let mut faults = Vec::new();
    for (path, name) in &references {
        if !root().join(path).exists() {
            faults.push(format!("{path} does not exist"));
        } else if let Some(name) = name {
            let text = read(path);
            let is_there =
                [format!("fn {name}("), format!("### {name}\n"), format!("test(\"{name}\"")]
                    .iter()
                    .any(|declared| text.contains(declared));
            if !is_there {
                faults.push(format!("{path} has no test {name}"));
            }
        }
    }
    let (_, threats) = page.split_once("## Threats to rows").expect("the table of threats");
    let (threats, _) = threats.split_once("\n## ").expect("what follows it");
    let rows = threats.lines().filter(|line| line.starts_with("| ")).skip(1);
    faults.extend(rows.filter(|row| !row.contains("`tests/")).map(|row| format!("no test: {row}")));
    // And the other way round: no attack is rehearsed that the table does not name.
    for line in read("tests/hostile.rs").lines().skip_while(|line| !line.starts_with("#[test]")) {
        let name = line.strip_prefix("fn ").and_then(|line| line.strip_suffix("() {"));
        if let Some(name) = name.filter(|name| !threats.contains(name)) {
            faults.push(format!("SECURITY.md does not name {name}"));
        }
    }
    none(&faults);
    assert!(references.len() > 60, "only {} references were found", references.len());
}
