//! The self-assessment against OWASP ASVS 5.0.0, levels 1 and 2, holds together.
//!
//! `docs/asvs.txt` has a line for each requirement: its number, level, status, how it is met, and what
//! shows it. The table in SECURITY.md is written from it by `UPDATE_EXPECT=1`.

#[path = "support/named.rs"]
mod named;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How many requirements the chapters V1 to V17 have on levels 1 and 2.
const REQUIREMENTS: [usize; 17] = [27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7];

const STATUSES: [&str; 5] = ["met", "partial", "gap", "platform", "n/a"];

struct Requirement {
    number: String,
    level: String,
    status: String,
    how: String,
    shown_by: Vec<String>,
}

impl Requirement {
    fn chapter(&self) -> usize {
        let chapter = self.number.split('.').next().unwrap_or_default();
        chapter.parse().unwrap_or_else(|_| panic!("{}: no chapter", self.number))
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn requirements() -> Vec<Requirement> {
    let text = fs::read_to_string(root().join("docs/asvs.txt")).expect("the assessment");
    let lines = text.lines().map(|line| {
        let fields: Vec<&str> = line.split('|').collect();
        let [number, level, status, how, shown_by] = fields[..] else {
            panic!("not five fields: {line}")
        };
        let [number, level, status, how] = [number, level, status, how].map(str::to_owned);
        let shown_by = split(shown_by);
        Requirement { number, level, status, how, shown_by }
    });
    lines.collect()
}

/// The names of a list; a name may have a comma in it, behind which no path begins.
fn split(list: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in list.split(", ").filter(|part| !part.is_empty()) {
        match names.last_mut().filter(|_| !part.contains(['/', '.'])) {
            Some(name) => name.extend([", ", part]),
            None => names.push(part.to_owned()),
        }
    }
    names
}

fn parted(name: &str) -> (&str, Option<&str>) {
    name.split_once(": ").map_or((name, None), |(path, name)| (path, Some(name)))
}

#[test]
fn every_requirement_is_judged_once_and_what_is_met_is_shown() {
    let requirements = requirements();
    let mut faults = Vec::new();
    let mut found = [0; REQUIREMENTS.len()];
    let mut numbers = BTreeSet::new();
    for one in &requirements {
        found[one.chapter() - 1] += 1;
        if !numbers.insert(one.number.clone()) {
            faults.push(format!("{} is judged twice", one.number));
        }
        if !STATUSES.contains(&one.status.as_str()) || !["1", "2"].contains(&one.level.as_str()) {
            faults.push(format!("{}: {} on level {}", one.number, one.status, one.level));
        }
        if one.how.is_empty() || (one.status == "met" && one.shown_by.is_empty()) {
            faults.push(format!("{}: how, or what shows it?", one.number));
        }
        for (path, name) in one.shown_by.iter().map(|name| parted(name)) {
            let fault = named::fault(&root(), path, name);
            faults.extend(fault.map(|fault| format!("{}: {fault}", one.number)));
        }
    }
    assert_eq!(found, REQUIREMENTS, "each requirement of each chapter");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The table as SECURITY.md has it.
fn table(requirements: &[Requirement]) -> String {
    let count = |status: &str| requirements.iter().filter(|one| one.status == status).count();
    let tested = requirements.iter().filter(|one| {
        one.status == "met"
            && one.shown_by.iter().any(|name| name.contains("tests") || name.contains(": "))
    });
    let mut table = format!(
        "Of {} requirements {} are met ({} of them shown by an automated test), {} in part, {} not; {} are the platform's, and \
         {} do not apply.\n\n| Requirement | Level | Status | How | Shown by |\n|---|---|---|---|---|\n",
        requirements.len(),
        count("met"),
        tested.count(),
        count("partial"),
        count("gap"),
        count("platform"),
        count("n/a"),
    );
    for Requirement { number, level, status, how, shown_by } in requirements {
        let shown_by: Vec<String> = shown_by.iter().map(|name| format!("`{name}`")).collect();
        table.push_str(&format!(
            "| V{number} | {level} | {status} | {how} | {} |\n",
            shown_by.join(", ")
        ));
    }
    table
}

#[test]
fn security_md_has_the_table() {
    const BEGIN: &str = "<!-- written from docs/asvs.txt -->\n";
    let path = root().join("SECURITY.md");
    let page = fs::read_to_string(Path::new(&path)).expect("SECURITY.md");
    let (before, _) = page.split_once(BEGIN).expect("the place of the table");
    let wanted = format!("{before}{BEGIN}\n{}", table(&requirements()));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &wanted).expect("SECURITY.md can be written");
    }
    let page = fs::read_to_string(&path).expect("SECURITY.md");
    assert!(page == wanted, "SECURITY.md is not current: run with UPDATE_EXPECT=1");
}
