//! The page of operators, casts and functions is written from the compiler's tables, and what it says can
//! be written can be.

mod support;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use selvedge::compiler::{CONSTRUCTS, Construct, Entry, Part, language};
use support::corridor::catalog_of;

/// The tables that the examples are about.
const SCHEMA: &str = "
    create table t (
      id bigint primary key not null, n integer, name text, ok boolean, owner uuid, at timestamptz,
      day date, data jsonb, tags text[], ids integer[]
    );
    create table other (id bigint primary key not null, t_id bigint, n integer, name text);";

#[test]
fn everything_that_is_written_by_code_builds() {
    // The policies of a table are one expression, which has a greatest depth.
    for constructs in CONSTRUCTS.chunks(12) {
        let mut policies = String::from("create policy p on other for select using (true);\n");
        for (index, construct) in constructs.iter().enumerate() {
            let example = construct.example;
            writeln!(policies, "create policy \"{index}\" on t for select using ({example});")
                .expect("a text");
        }
        catalog_of(SCHEMA, &policies);
    }
}

#[test]
fn everything_that_is_written_by_code_is_listed() {
    let source = |path: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/compiler/expression").join(path);
        fs::read_to_string(path).expect("a source file")
    };
    let listed: String = CONSTRUCTS.iter().flat_map(|one| [one.form, one.note, "\n"]).collect();
    let call = source("aggregate.rs") + &source("call.rs");
    let mut names = 0;
    for list in ["const AGGREGATES: &[&str]", "const OTHERS: &[&str]"] {
        let (_, list) = call.split_once(list).expect("the list");
        let (list, _) = list.split_once("];").expect("its end");
        for name in list.split('"').skip(1).step_by(2) {
            names += 1;
            // There are those that are known and answered with a hint.
            let is_refused = ["current_role", "current_user"].contains(&name);
            let name = name.replace("json_build_array", "json_build_");
            let name = name.replace("json_build_object", "json_build_");
            assert!(is_refused || listed.contains(&name), "{name} is not in CONSTRUCTS");
        }
    }
    let rows = source("rows.rs");
    let (_, list) = rows.split_once("const ROWS:").expect("the list");
    let (list, _) = list.split_once("];").expect("its end");
    for name in list.split('"').skip(1).step_by(2) {
        names += 1;
        assert!(listed.contains(&format!("{name}(")), "{name} is not in CONSTRUCTS");
    }
    assert!(names > 50, "only {names} names were found");
}

#[test]
fn the_documentation_lists_the_language() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/expressions.md");
    let current = page();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &current).expect("the page is written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == current, "docs/expressions.md is not current: run with UPDATE_EXPECT=1");
}

const INTRODUCTION: &str = "# Operators, casts and functions

What the expressions of [policies](policies.md) and [functions](functions.md) consist of: a part of PostgreSQL's, with the
same types and the same meaning. Overloads are resolved as in PostgreSQL, and literals in quotes take the type that
their place asks for. What is not listed here does not build. This page is written from the compiler's tables:
`UPDATE_EXPECT=1 cargo test --test language`.

`varchar` is `text` in all of these, and an enum is a text that is one of its values. `a`, `b`, .. stand for values of any
types that fit; where no result is named, it is their common type, or an array of it.
";

/// A heading, and what belongs below it.
const SECTIONS: [(&str, Option<Part>, &str); 9] = [
    ("Logic and conditions", Some(Part::Logic), ""),
    ("The caller", Some(Part::Claims), ""),
    (
        "Numbers",
        None,
        "Whole numbers that do not fit their type fail with `22003`, a division by zero with `22012`.",
    ),
    ("Text and bytes", Some(Part::Text), "Texts are compared by code point."),
    (
        "Dates, times and intervals",
        Some(Part::Time),
        "The time zone is UTC. A column cannot be an interval.",
    ),
    ("JSON", Some(Part::Json), ""),
    ("Arrays", Some(Part::Array), "Each is for arrays of any type unless it says more."),
    ("Aggregates", Some(Part::Aggregate), "Each takes `distinct` and `filter (where ..)`."),
    (
        "Functions that yield rows",
        Some(Part::Rows),
        "They stand in `from`, also `with ordinality`, or alone in the columns of a select.",
    ),
];

const COMPARISONS: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];

fn page() -> String {
    let entries = language();
    let mut page = String::from(INTRODUCTION);
    comparisons(&mut page, &entries);
    for (heading, part, words) in SECTIONS {
        write!(page, "\n## {heading}\n").expect("a text");
        if !words.is_empty() {
            write!(page, "\n{words}\n").expect("a text");
        }
        let rows = rows(&entries, part.as_ref());
        if !rows.is_empty() {
            page.push_str("\n| Name | Operands and result |\n|---|---|\n");
            page.push_str(&rows);
        }
        let constructs: Vec<&Construct> =
            CONSTRUCTS.iter().filter(|one| Some(one.part) == part).collect();
        if !constructs.is_empty() {
            page.push_str("\n| Form | Result | |\n|---|---|---|\n");
        }
        for Construct { form, result, note, .. } in constructs {
            let form = form.replace(" | ", " \\| ").replace("||", "\\|\\|");
            writeln!(page, "| `{form}` | {result} | {note} |").expect("a text");
        }
    }
    casts(&mut page, &entries);
    page
}

/// The name of a type as it is declared.
fn type_name(internal: &str) -> String {
    if let Some(item) = internal.strip_suffix("[]") {
        return format!("{}[]", type_name(item));
    }
    let name = match internal {
        "bool" => "boolean",
        "int2" => "smallint",
        "int4" => "integer",
        "int8" => "bigint",
        "float4" => "real",
        "float8" => "double precision",
        other => other,
    };
    name.to_owned()
}

const INTEGERS: [&str; 3] = ["int2", "int4", "int8"];

/// What an operator or a function is about: the first of these that one of its types is.
fn part_of(entry: &Entry) -> Option<Part> {
    let types: Vec<&str> =
        entry.operands.iter().chain([&entry.result]).map(String::as_str).collect();
    let is = |names: &[&str]| types.iter().any(|one| names.contains(one));
    if is(&["json", "jsonb"]) {
        Some(Part::Json)
    } else if is(&["date", "time", "timestamp", "timestamptz", "interval"]) {
        Some(Part::Time)
    } else if is(&["text", "bytea"]) {
        Some(Part::Text)
    } else {
        None
    }
}

/// The operators and functions of a part, a row for each name.
fn rows(entries: &[Entry], part: Option<&Part>) -> String {
    let mut names: BTreeMap<(&str, &str), Vec<&Entry>> = BTreeMap::new();
    for entry in entries.iter().filter(|one| one.kind != "cast") {
        if part_of(entry).as_ref() == part && !COMPARISONS.contains(&entry.name) {
            // Operators first.
            let kind = if entry.kind == "operator" { "" } else { "function" };
            names.entry((kind, entry.name)).or_default().push(entry);
        }
    }
    let mut rows = String::new();
    for ((kind, name), overloads) in names {
        let name = name.replace('|', "\\|");
        let overloads =
            if kind.is_empty() { operators(&name, &overloads) } else { functions(&overloads) };
        let name = if kind.is_empty() { name } else { format!("{name}()") };
        writeln!(rows, "| `{name}` | {overloads} |").expect("a text");
    }
    rows
}

fn operators(name: &str, overloads: &[&Entry]) -> String {
    let is_integer = |entry: &&&Entry| {
        entry.operands.iter().chain([&entry.result]).all(|one| INTEGERS.contains(&one.as_str()))
    };
    let mut shown = Vec::new();
    match overloads.iter().filter(is_integer).count() {
        0 => {}
        3 => shown.push("two `smallint`, `integer` or `bigint`, which is the result".to_owned()),
        9 => shown.push("`smallint`, `integer`, `bigint` → the wider of the two".to_owned()),
        other => panic!("{other} overloads of {name} for whole numbers"),
    }
    for entry in overloads.iter().filter(|entry| !is_integer(entry)) {
        let [left, right] = entry.operands.as_slice() else { panic!("two operands: {entry:?}") };
        let (left, right) = (type_name(left), type_name(right));
        shown.push(format!("`{left} {name} {right}` → {}", type_name(&entry.result)));
    }
    shown.join("; ")
}

fn functions(overloads: &[&Entry]) -> String {
    let shown = overloads.iter().map(|entry| {
        let operands: Vec<String> = entry.operands.iter().map(|one| type_name(one)).collect();
        format!("`({})` → {}", operands.join(", "), type_name(&entry.result))
    });
    shown.collect::<Vec<_>>().join("; ")
}

/// The types that compare with each other.
fn comparisons(page: &mut String, entries: &[Entry]) {
    page.push_str(
        "\n## Comparisons\n\n| Operators | Types that compare with each other |\n|---|---|\n",
    );
    let mut families: BTreeMap<Vec<String>, Vec<&str>> = BTreeMap::new();
    for name in COMPARISONS {
        let of_name: Vec<&Entry> = entries.iter().filter(|one| one.name == name).collect();
        let mut seen: Vec<&str> = Vec::new();
        for entry in &of_name {
            let first = entry.operands[0].as_str();
            if seen.contains(&first) {
                continue;
            }
            let family: Vec<&str> = of_name
                .iter()
                .filter(|one| one.operands[0] == first)
                .map(|one| one.operands[1].as_str())
                .collect();
            seen.extend(&family);
            families
                .entry(family.iter().map(|one| type_name(one)).collect())
                .or_default()
                .push(name);
        }
    }
    let mut by_names: BTreeMap<usize, (String, Vec<String>)> = BTreeMap::new();
    for (family, names) in families {
        let written = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" ");
        let types = family.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ");
        by_names.entry(names.len()).or_insert((written, Vec::new())).1.push(types);
    }
    for (names, families) in by_names.into_values().rev() {
        writeln!(page, "| {names} | {} |", families.join("; ")).expect("a text");
    }
    page.push_str(
        "\n`!=` is `<>`. Types that become one another without a cast compare too: an integer with a numeric, a date \
         with a\ntimestamp.\n",
    );
}

fn casts(page: &mut String, entries: &[Entry]) {
    page.push_str(
        "\n## Casts\n\n`a::type` and `cast(a as type)`. An implicit cast happens wherever the other type is needed, one in \
         assignment where a\nvalue is given to a column, an argument or a result, and an explicit one where it is \
         written. Arrays are cast item by item. A literal in quotes becomes any type, also `time`, `interval`, `bytea` and arrays. \
         `varchar(n)`\ncuts a text, and `numeric(p, s)` rounds, or fails with `22003`. A numeric becomes a text where its scale is \
         known: that of a\ncolumn `numeric(p, s)`, or of `round(a, 2)`. A text becomes an enum if it is one of its values. A computed \
         column of a view has\nno type until it is cast.\n\n\
         | From | Implicit | In assignment | Explicit |\n|---|---|---|---|\n",
    );
    let mut sources: Vec<&str> = Vec::new();
    for entry in entries.iter().filter(|one| one.kind == "cast") {
        if !sources.contains(&entry.operands[0].as_str()) {
            sources.push(&entry.operands[0]);
        }
    }
    for source in sources {
        let targets = |context: &str| {
            let of = entries.iter().filter(|one| {
                one.kind == "cast" && one.operands[0] == source && one.context == Some(context)
            });
            of.map(|one| format!("`{}`", type_name(&one.result))).collect::<Vec<_>>().join(", ")
        };
        let [implicit, assignment, explicit] = ["implicit", "assignment", "explicit"].map(targets);
        let source = type_name(source);
        writeln!(page, "| `{source}` | {implicit} | {assignment} | {explicit} |").expect("a text");
    }
}
