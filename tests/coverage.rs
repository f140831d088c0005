//! The transcripts show every row of the dialect's tables: each operator, preference, media type, type
//! and code of the source stands in one of them. They run natively and on workerd, so what stands in
//! one is held on both.

use std::fs;
use std::path::Path;

use selvedge::error::Code;

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// One exchange of a transcript: what is sent, and what comes back.
struct Exchange {
    /// Method and target.
    line: String,
    /// The headers sent.
    headers: Vec<String>,
    status: u16,
    answer: String,
}

impl Exchange {
    fn sends(&self, header: &str, value: &str) -> bool {
        let values = self.headers.iter().filter_map(|line| line.strip_prefix(header));
        values.flat_map(|line| line.trim_start_matches(": ").split(',')).any(|part| {
            let part = part.split(';').next().unwrap_or_default().trim();
            // A preference such as `max-affected=` is followed by a number.
            part == value || value.ends_with('=') && part.starts_with(value)
        })
    }
}

fn exchanges() -> Vec<Exchange> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/requests");
    let folders = ["auth", "gate", "rest"].map(|name| fs::read_dir(folder.join(name)));
    let files = folders.into_iter().flat_map(|files| files.expect("a readable folder"));
    let mut found = Vec::new();
    for file in files {
        let text = fs::read_to_string(file.expect("a file").path()).expect("a transcript");
        for part in text.split("### ").skip(1) {
            let (request, answer) = part.split_once("\nHTTP ").expect("an answer");
            let head = request.split_once("\n\n").map_or(request, |(head, _)| head);
            let mut lines = head.lines().skip(1).map(str::to_owned);
            let (status, answer) = answer.split_at(3);
            found.push(Exchange {
                line: lines.find(|line| !line.starts_with('#')).expect("a request"),
                headers: lines.collect(),
                status: status.parse().expect("a status"),
                answer: answer.to_owned(),
            });
        }
    }
    assert!(found.len() > 500, "only {} exchanges were found", found.len());
    found
}

/// The texts in quotes between two places of a source file.
fn words(path: &str, from: &str, to: &str) -> Vec<String> {
    let source = read(path);
    let (_, rest) = source.split_once(from).unwrap_or_else(|| panic!("{path} has no {from}"));
    let (part, _) = rest.split_once(to).unwrap_or_else(|| panic!("{path} has no {to}"));
    part.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

#[track_caller]
fn none_missing(what: &str, all: &[String], is_shown: impl Fn(&str) -> bool) {
    assert!(all.len() > 2, "{what}: only {all:?} were found");
    let missing: Vec<&String> = all.iter().filter(|word| !is_shown(word)).collect();
    assert!(missing.is_empty(), "no transcript shows {what} {missing:?}");
}

/// Operators that are refused wherever they stand.
const REFUSED: [&str; 5] = ["sl", "sr", "nxr", "nxl", "adj"];

#[test]
fn every_operator() {
    let exchanges = exchanges();
    let mut operators = words("src/rest/query/filter/read.rs", "fn word(", "\n}");
    operators.extend(words("src/rest/query/text_search.rs", "fn of_operator(", "\n    }"));
    assert_eq!(operators.len(), 25, "{operators:?}");
    let is_shown = |operator: &str, modifier: &str| {
        let status = if REFUSED.contains(&operator) { 400 } else { 200 };
        ["=", "=not.", ".", ".not."].iter().any(|before| {
            let filter = format!("{before}{operator}{modifier}.");
            let is_it = |exchange: &&Exchange| exchange.line.contains(&filter);
            exchanges.iter().filter(is_it).any(|exchange| exchange.status == status)
        })
    };
    none_missing("the operator", &operators, |operator| is_shown(operator, ""));
    let each = ["eq", "gt", "gte", "lt", "lte", "like", "ilike", "match", "imatch"];
    let each = each.map(str::to_owned);
    for modifier in ["(any)", "(all)"] {
        none_missing(modifier, &each, |operator| is_shown(operator, modifier));
    }
    none_missing("is", &words("src/rest/query/filter/read.rs", "fn is(", "\n}"), |word| {
        let is_it =
            |exchange: &Exchange| exchange.line.to_lowercase().contains(&format!("is.{word}"));
        exchanges.iter().any(|exchange| is_it(exchange) && exchange.status == 200)
    });
    let logic = ["&or=", "&not.or=", "&not.and=", ".or=", ".not.or=", "(and(", ",not.and("];
    none_missing("logic by", &logic.map(str::to_owned), |logic| {
        let is_it = |exchange: &Exchange| exchange.line.replace('?', "&").contains(logic);
        exchanges.iter().any(|exchange| is_it(exchange) && exchange.status == 200)
    });
}

#[test]
fn every_form_of_select_and_order() {
    let exchanges = exchanges();
    let is_shown = |word: &str| {
        exchanges.iter().any(|exchange| exchange.status == 200 && exchange.line.contains(word))
    };
    let aggregates = words("src/rest/query/select.rs", "const fn name(", "\n    }");
    none_missing("the aggregate", &aggregates, |name| is_shown(&format!(".{name}()")));
    let source = read("src/rest/plan/term.rs");
    let (_, types) = source.split_once("fn type_named(").expect("the types of casts");
    let (types, _) = types.split_once("_ => return None").expect("their end");
    let types: Vec<String> =
        types.lines().filter(|line| line.contains("=>")).map(str::to_owned).collect();
    none_missing("the type", &types, |line| {
        line.split('"').skip(1).step_by(2).any(|name| is_shown(&format!("::{name}")))
    });
    let forms = [
        "select=*",
        "count()",
        "select=count",
        ":count()",
        "->",
        "->>",
        "->-1",
        "(*)",
        "!inner(",
        "!left(",
        "...",
        "()",
        "(count)",
        "order=",
        ".desc",
        ".asc",
        ".nullsfirst",
        ".nullslast",
        ".order=",
        ".limit=",
        ".offset=",
        "limit=",
        "offset=",
        "columns=",
        "on_conflict=",
        "=is.null",
    ];
    none_missing("the form", &forms.map(str::to_owned), is_shown);
}

#[test]
fn every_preference() {
    let exchanges = exchanges();
    let mut preferences = words("src/rest/query/preference.rs", "fn take(", "\n    }");
    preferences.sort();
    preferences.dedup();
    assert!(preferences.len() > 15, "{preferences:?}");
    none_missing("the preference", &preferences, |preference| {
        exchanges.iter().any(|exchange| exchange.sends("prefer", preference))
    });
}

/// A development Worker answers plans, and the native host, where the transcripts begin, is none:
/// `tests/e2e/reading.test.mjs` and `tests/rest.rs` show both.
const PLAN: &str = "application/vnd.pgrst.plan";

#[test]
fn every_media_type() {
    let exchanges = exchanges();
    let mut accepted = words("src/rest/query/media.rs", "fn media_range(", "\n    let mut weight");
    accepted.retain(|media| media.contains('/') && !media.starts_with(PLAN));
    assert!(accepted.len() > 6, "{accepted:?}");
    none_missing("as an answer", &accepted, |media| {
        exchanges.iter().any(|exchange| exchange.sends("accept", media) && exchange.status == 200)
    });
    let sent = ["application/json", "text/csv", "application/x-www-form-urlencoded"];
    none_missing("as a body", &sent.map(str::to_owned), |media| {
        exchanges
            .iter()
            .any(|exchange| exchange.sends("content-type", media) && exchange.status < 300)
    });
    let refused = ["application/geo+json", "application/octet-stream", "text/xml"];
    none_missing("refused", &refused.map(str::to_owned), |media| {
        exchanges.iter().any(|exchange| exchange.sends("accept", media) && exchange.status == 406)
    });
}

/// Whatever the table of codes has for this dialect, a request to the demo meets it.
#[test]
fn every_code() {
    let exchanges = exchanges();
    // What an expression of a policy or function cannot compute: tests/expressions.rs shows each.
    let of_expressions = [Code::SubstringInvalid, Code::DivisionByZero, Code::ParameterInvalid];
    let is_rest = |code: &&Code| {
        !code.wire().contains(|c: char| c.is_ascii_lowercase()) && !of_expressions.contains(code)
    };
    let codes: Vec<String> = Code::ALL
        .iter()
        .filter(is_rest)
        .map(|code| format!("{} \"code\": \"{}\"", code.status(), code.wire()))
        .collect();
    none_missing("the code", &codes, |code| {
        let (status, code) = code.split_once(' ').expect("a status and a code");
        let is_it = |other: &&Exchange| other.status.to_string() == status;
        exchanges.iter().filter(is_it).any(|other| other.answer.contains(code))
    });
}
