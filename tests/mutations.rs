//! Requests that are almost right, ten thousand at each of two schemas. Whatever is sent: no panic, no 5xx, a refusal has the
//! shape and the headers of its dialect, and what is refused has changed nothing.
//!
//! The seed is fixed; `SELVEDGE_SEED` chooses another, and `SELVEDGE_REQUESTS` how many there are. What
//! fails is printed as it was sent.

mod support;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use proptest::prelude::{any, prop_assert, proptest};
use serde_json::Value;
use serde_json::value::RawValue;

use selvedge::http::{Headers, Method, Request, RequestBody};
use selvedge::identity::Role;
use support::corridor::{ADA, ALAN, Answer, GRACE, House, files_below, key, token};
use support::generator::{Generator, property};
use support::{without_tallies, zoo};

/// Requests at each schema, unless `SELVEDGE_REQUESTS` says otherwise.
const REQUESTS: u64 = 10_000;

/// After so many changes the database is made anew, so that there is always something to change.
const CHANGES_MAX: u32 = 40;

/// What breaks parsers, databases and logs.
const NASTIES: [&str; 72] = [
    "%00",
    "%ff",
    "%c0%80",
    "%ed%a0%80",
    "%",
    "%2",
    "%zz",
    "%0d%0a",
    "%09",
    "\u{0}",
    "\r\n",
    "\n",
    "'",
    "\"",
    "`",
    "\\",
    "\\\"",
    "';--",
    "' or '1'='1",
    "\"; drop table tasks; --",
    "/*",
    "*/",
    "(",
    ")",
    "((((((((((((((((((((",
    "))))",
    "{",
    "}",
    "{}",
    "[",
    "]",
    "[]",
    "[[[[[[[[[[",
    ",",
    ",,",
    ".",
    "..",
    "...",
    ":",
    "::",
    "->",
    "->>",
    "->-1",
    "->99999999999999999999",
    "!",
    "!inner",
    "*",
    "**",
    "%25",
    "_",
    "=",
    "&",
    "&&",
    "?",
    "#",
    "/",
    "//",
    "../",
    ";",
    "+",
    "-",
    "-1",
    "0",
    "99999999999999999999",
    "1e999",
    "NaN",
    "null",
    "not.",
    "\u{202e}",
    "é",
    "\u{1f9f5}",
    "select=*,tasks(*,tasks(*,tasks(*)))",
];

/// The same for bodies.
const JSON_NASTIES: [&str; 26] = [
    "null",
    "true",
    "{}",
    "[]",
    "[[]]",
    "[{}]",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "1e400",
    "-0",
    "1.0",
    "9223372036854775808",
    "0.1234567890123456789",
    "\"'\"",
    "\"\\\\\"",
    "{\"a\":{\"a\":{}}}",
    "[1,[2,[3]]]",
    "\"2024-02-30\"",
    "\"infinity\"",
    "\"\u{202e}\"",
    ",",
    ":",
    "\"",
    "}",
    "]",
];

/// A request as a client would send it: what is mutated.
#[derive(Debug, Clone)]
struct Sent {
    method: String,
    target: Vec<u8>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// Requests at a schema with one of every kind.
fn at_the_zoo(house: &House) -> Vec<Sent> {
    let bearer = format!("Bearer {}", token(&house.app.config, ADA));
    let sent = |(method, target, body): &(&str, &str, &str)| Sent {
        method: (*method).into(),
        target: format!("/rest/v1/{target}").into(),
        headers: vec![
            ("authorization".into(), bearer.clone()),
            ("content-type".into(), "application/json".into()),
        ],
        body: body.as_bytes().to_vec(),
    };
    zoo::REQUESTS.iter().map(sent).collect()
}

fn zoo_house() -> House {
    let house = House::of(zoo::SCHEMA, zoo::POLICIES);
    house.host.execute(zoo::ROWS);
    house
}

/// The requests of all transcripts, with values for their holes.
fn well_formed(house: &House) -> Vec<Sent> {
    let config = &house.app.config;
    let values = [
        ("ada", token(config, ADA)),
        ("grace", token(config, GRACE)),
        ("alan", token(config, ALAN)),
        ("anon", key(config, Role::Anon)),
        ("service", key(config, Role::ServiceRole)),
    ];
    let mut requests = Vec::new();
    for file in files_below(Path::new("tests/requests"), "http") {
        let text = std::fs::read_to_string(file).expect("a readable transcript");
        for part in text.split("### ").skip(1) {
            let (_, rest) = part.split_once('\n').expect("a title");
            let (request, _) = rest.split_once("\nHTTP ").expect("an answer");
            let mut request = request.to_owned();
            for (name, value) in &values {
                request = request.replace(&format!("{{{{{name}}}}}"), value);
            }
            // Every other value is an id or a name.
            while let Some((before, behind)) = request.split_once("{{") {
                let after = behind.split_once("}}").map_or("", |(_, after)| after);
                request = format!("{before}1{after}");
            }
            requests.push(sent(&request));
        }
    }
    assert!(requests.len() > 50, "only {} requests were found", requests.len());
    requests
}

fn sent(request: &str) -> Sent {
    let (head, body) = request.split_once("\n\n").unwrap_or((request, ""));
    let mut lines = head.lines().filter(|line| !line.starts_with('#'));
    let (method, target) =
        lines.next().and_then(|line| line.split_once(' ')).expect("a method and a target");
    let pair =
        |line: &str| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut headers: Vec<(String, String)> = lines.filter_map(pair).collect();
    if !body.is_empty() {
        headers.push(("content-type".into(), "application/json".into()));
    }
    Sent {
        method: method.into(),
        target: target.into(),
        headers,
        body: body.trim().as_bytes().to_vec(),
    }
}

impl Sent {
    /// As it would arrive; a URL holds visible ASCII only, as every client's parser makes sure.
    fn request(&self) -> Request {
        let target = String::from_utf8_lossy(&self.target).into_owned();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        Request {
            method: Method::parse(&self.method),
            path: path.into(),
            query: query.into(),
            headers: Headers::new(self.headers.clone()),
            body: RequestBody::Bytes(self.body.clone()),
        }
    }
}

impl Sent {
    /// For a report, without tokens.
    fn shown(&self) -> String {
        let target = String::from_utf8_lossy(&self.target);
        let body = String::from_utf8_lossy(&self.body);
        let headers: Vec<_> =
            self.headers.iter().filter(|(_, value)| !value.contains("eyJ")).collect();
        format!("  {} {target}\n  {headers:?}\n  {body}", self.method)
    }
}

fn mutate_bytes(generator: &mut Generator, bytes: &mut Vec<u8>, nasties: &[&str]) {
    let at = generator.below(bytes.len() + 1);
    let length = generator.below(12).min(bytes.len() - at);
    match generator.below(6) {
        0 if !bytes.is_empty() => {
            let at = at.min(bytes.len() - 1);
            bytes[at] ^= 1 << generator.below(8);
        }
        1 => drop(bytes.drain(at..at + length)),
        2 => {
            let copy = bytes[at..at + length].repeat(generator.below(4) + 1);
            drop(bytes.splice(at..at, copy));
        }
        3 => bytes.truncate(at),
        // In the place of a word, and in between.
        4 => drop(bytes.splice(at..at + length, generator.pick(nasties).bytes())),
        _ => drop(bytes.splice(at..at, generator.pick(nasties).bytes())),
    }
}

/// Puts something in the place of a value somewhere within a JSON body, so that it still parses.
fn mutate_json(generator: &mut Generator, body: &mut Vec<u8>) {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return };
    let Ok(nasty) = serde_json::from_str::<Value>(generator.pick::<&str>(&JSON_NASTIES)) else {
        return;
    };
    let mut place = &mut value;
    loop {
        let length = match &*place {
            Value::Array(items) => items.len(),
            Value::Object(members) => members.len(),
            _ => 0,
        };
        if length == 0 || generator.once_in(4) {
            break;
        }
        let chosen = generator.below(length);
        place = match place {
            Value::Array(items) => &mut items[chosen],
            Value::Object(members) => members.values_mut().nth(chosen).expect("a member"),
            _ => break,
        };
    }
    *place = nasty;
    *body = value.to_string().into_bytes();
}

fn mutate(generator: &mut Generator, sent: &mut Sent, others: &[Sent]) {
    match generator.below(12) {
        0..=3 => {
            mutate_bytes(generator, &mut sent.target, &NASTIES);
            if !sent.target.starts_with(b"/") {
                sent.target.insert(0, b'/');
            }
        }
        4 => {
            // A parameter of another request.
            let other = &generator.pick(others).target;
            let other: Vec<&[u8]> = other.split(|byte| matches!(byte, b'?' | b'&')).collect();
            let separator = if sent.target.contains(&b'?') { b'&' } else { b'?' };
            sent.target.push(separator);
            sent.target.extend_from_slice(generator.pick::<&[u8]>(&other));
        }
        5 | 6 => mutate_bytes(generator, &mut sent.body, &JSON_NASTIES),
        7 | 8 => mutate_json(generator, &mut sent.body),
        9 => {
            let methods = ["GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS", "TRACE"];
            (*generator.pick(&methods)).clone_into(&mut sent.method);
        }
        10 if !sent.headers.is_empty() => {
            let index = generator.below(sent.headers.len());
            let value = &mut sent.headers[index].1;
            let mut bytes = std::mem::take(value).into_bytes();
            mutate_bytes(generator, &mut bytes, &NASTIES);
            *value = String::from_utf8_lossy(&bytes).into_owned();
        }
        _ => {
            let prefer = [
                "return=representation",
                "return=headers-only",
                "count=exact",
                "resolution=merge-duplicates",
                "resolution=ignore-duplicates",
                "missing=default",
                "handling=strict",
                "handling=strict,max-affected=1",
                "tx=rollback",
            ];
            let accept = [
                "application/vnd.pgrst.object+json",
                "application/vnd.pgrst.array+json;nulls=stripped",
                "text/csv",
                "*/*;q=0",
                "",
            ];
            let content_type = ["text/csv", "application/x-www-form-urlencoded"];
            let (name, value) = match generator.below(6) {
                0 => ("accept", *generator.pick(&accept)),
                1 => ("range", *generator.pick(&["0-1", "1-", "3-2"])),
                2 => ("content-type", *generator.pick(&content_type)),
                _ => ("prefer", *generator.pick(&prefer)),
            };
            // Of most headers the first counts.
            sent.headers.insert(0, (name.into(), value.into()));
        }
    }
}

/// What is wrong with an answer, if anything is.
fn fault(sent: &Sent, answer: &Answer) -> Option<String> {
    for name in [
        "content-security-policy",
        "x-content-type-options",
        "x-frame-options",
        "referrer-policy",
        "cross-origin-resource-policy",
        "permissions-policy",
        "cache-control",
        "x-request-id",
    ] {
        if answer.header(name).is_none() {
            return Some(format!("it lacks {name}"));
        }
    }
    if answer.headers.iter().any(|(_, value)| value.contains(|c: char| c.is_control())) {
        return Some("a header holds a control character".into());
    }
    if answer.status >= 500 {
        return Some("it is a failure of ours".into());
    }
    let is_json = answer.header("content-type").is_some_and(|kind| kind.contains("json"));
    // A number may be greater than any that is kept in 64 bits, and is JSON all the same.
    let is_valid = serde_json::from_str::<&RawValue>(&answer.body).is_ok();
    if is_json && sent.method != "HEAD" && !is_valid {
        return Some("it is not JSON".into());
    }
    let path = String::from_utf8_lossy(&sent.target);
    let is_api = ["/rest/v1", "/auth/v1"].iter().any(|prefix| {
        path.strip_prefix(prefix)
            .is_some_and(|rest| matches!(rest.chars().next(), None | Some('/' | '?')))
    });
    if answer.status < 300 || answer.status == 304 || !is_api || sent.method == "HEAD" {
        return None;
    }
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let keys: Vec<&str> =
        body.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let expected: &[&str] = if path.starts_with("/rest") {
        &["code", "details", "hint", "message"]
    } else {
        &["code", "error_code", "message", "msg"]
    };
    let shaped = expected.iter().all(|name| keys.contains(name))
        && body["code"].is_string()
        && body["message"].is_string();
    (!shaped).then(|| "it has not the shape of its dialect".to_owned())
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |number| number.parse().expect("a number"))
}

#[test]
fn mutated_requests_neither_fail_nor_change_anything_they_may_not() {
    let demo = House::demo();
    check(&well_formed(&demo), House::demo);
}

#[test]
fn mutated_requests_at_a_schema_of_every_kind_do_not_either() {
    let zoo = zoo_house();
    check(&at_the_zoo(&zoo), zoo_house);
}

fn check(requests: &[Sent], open: impl Fn() -> House) {
    let count = setting("SELVEDGE_REQUESTS", REQUESTS);
    let mut house = open();
    let mut generator = Generator::new(setting("SELVEDGE_SEED", 1));
    let mut faults: Vec<String> = Vec::new();
    let mut statuses = std::collections::BTreeMap::new();
    let (mut changes, mut before) = (0, house.host.dump());
    for number in 0..count {
        let mut sent = generator.pick(requests).clone();
        for _ in 0..=generator.below(3) {
            mutate(&mut generator, &mut sent, requests);
        }
        // Hashing is slow on purpose, and whatever comes to it has been read already.
        if sent.target.starts_with(b"/auth") && !generator.once_in(20) {
            sent.body.clear();
        }
        let changed_before = house.host.total_changes();
        let answered = catch_unwind(AssertUnwindSafe(|| house.answer(sent.request())));
        let mut tell = |what: &str, answer: &str| {
            faults.push(format!("request {number}: {what}\n{}\n  {answer}", sent.shown()));
        };
        let Ok(answer) = answered else {
            tell("it panics", "");
            house = open();
            before = house.host.dump();
            continue;
        };
        *statuses.entry(answer.status).or_insert(0) += 1;
        if let Some(fault) = fault(&sent, &answer) {
            let cause = house.host.log.borrow().last().cloned().unwrap_or_default();
            tell(&fault, &format!("{} {}\n  {cause}", answer.status, answer.body));
        }
        house.host.log.borrow_mut().clear();
        if house.host.total_changes() == changed_before {
            continue;
        }
        let after = house.host.dump();
        let reads = matches!(sent.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE");
        // A refresh token that is used twice ends its session, and that is kept.
        let ends = answer.code() == "refresh_token_already_used";
        let is_try = answer.code() == "invalid_credentials";
        let differs = if is_try {
            without_tallies(&after) != without_tallies(&before)
        } else {
            after != before
        };
        if differs && (answer.status >= 400 && !ends || reads) {
            tell("it changes something", &format!("{} {}", answer.status, answer.body));
        }
        changes += u32::from(after != before);
        before = after;
        if changes > CHANGES_MAX {
            (house, changes) = (open(), 0);
            before = house.host.dump();
        }
    }
    let first = &faults[..faults.len().min(12)];
    assert!(faults.is_empty(), "{} faults {statuses:?}\n{}", faults.len(), first.join("\n"));
    // Mutations that break everything would show nothing.
    let welcome: u64 = statuses.range(..300).map(|(_, count)| count).sum();
    assert!(welcome > count / 10 && statuses.len() > 8, "{statuses:?}");
}

proptest! {
    #![proptest_config(property(2000))]

    /// The grammars of the query string, each with whatever text.
    #[test]
    fn any_text_is_read_or_refused(
        name in "(select|order|limit|offset|columns|on_conflict|and|or|not\\.or|id|title|settings->a|tasks\\.id)",
        value in "\\PC{0,40}",
        structured in "[a-z_*().,:!>\"\\\\0-9 -]{0,60}",
    ) {
        let house = HOUSE.with(Clone::clone);
        for value in [value, structured] {
            for method in ["GET", "POST"] {
                let value = selvedge::http::encoding::encode(&value);
                let target = format!("/rest/v1/projects?{name}={value}");
                let service = key(&house.app.config, Role::ServiceRole);
                let headers = [("apikey", service.as_str()), ("content-type", "application/json")];
                let answer = house.send(method, &target, &headers, b"[]");
                prop_assert!(answer.status < 500, "{method} {target}: {answer:?}");
            }
        }
    }

    /// Whatever comes as a whole.
    #[test]
    fn any_bytes_are_answered(path in any::<String>(), query in any::<String>(), header in any::<String>(), body in any::<Vec<u8>>()) {
        let house = HOUSE.with(Clone::clone);
        for (path, method) in [(format!("/{path}"), "GET"), ("/rest/v1/tasks".into(), "POST"), ("/auth/v1/token".into(), "POST")] {
            let headers = [("authorization".to_owned(), header.clone())];
            let request = Request {
                method: Method::parse(method),
                path,
                query: query.clone(),
                headers: Headers::new(headers),
                body: RequestBody::Bytes(body.clone()),
            };
            let answer = house.answer(request);
            prop_assert!(answer.status < 500, "{answer:?}");
        }
    }
}

thread_local! {
    static HOUSE: std::rc::Rc<House> = std::rc::Rc::new(House::demo());
}
