//! Runs the transcripts of `tests/requests/` and of README.md: each request is sent and its whole answer compared.
//!
//! They run natively, through the corridor on real SQLite, with `cargo test`. With `SELVEDGE_URL`,
//! `SELVEDGE_ANON_KEY` and `SELVEDGE_SERVICE_ROLE_KEY` set they are sent to that Worker instead. A
//! transcript reads thus:
//!
//! ```text
//! ### What this shows
//! POST /rest/v1/tasks?select=id
//! authorization: Bearer {{ada}}
//!
//! {"title": "Weave"}
//!
//! HTTP 201
//! content-range: */*
//! round-trips: 1
//!
//! [{"id": "{{task=}}"}]
//! ```
//!
//! `{{name}}` is replaced by a value; `{{name=}}` in an expected body, or as an expected header, takes
//! one, `{{*}}` takes anything, `{{3 times}}text{{end}}` is three lines of it. A body that is not JSON is compared
//! as text. There are `anon`, `service`, `unique` (new in each run) and, in every file, the tokens of the
//! seeded people `ada`, `grace` and `alan`. Headers that are not named are not compared, but
//! `header: -` says that there is none. `round-trips` counts what the request asked of the database
//! and is compared natively.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;

use selvedge::identity::Role;
use support::corridor::{House, files_below, key};

/// One request and the answer it must have.
struct Exchange {
    title: String,
    request: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

/// What came back.
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
    /// `None` where it cannot be known.
    round_trips: Option<u32>,
}

/// Whoever answers: the corridor in this process, or a Worker.
trait Server {
    fn send(&self, method: &str, target: &str, headers: &[(String, String)], body: &str) -> Answer;
    fn keys(&self) -> [String; 2];
}

impl Server for House {
    fn send(&self, method: &str, target: &str, headers: &[(String, String)], body: &str) -> Answer {
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = House::send(self, method, target, &headers, body.as_bytes());
        let headers = answer
            .headers
            .into_iter()
            .map(|(name, value)| (name.into(), value.into_owned()))
            .collect();
        let round_trips = Some(self.host.take_usage().round_trips);
        Answer { status: answer.status, headers, body: answer.body, round_trips }
    }

    fn keys(&self) -> [String; 2] {
        [Role::Anon, Role::ServiceRole].map(|role| key(&self.app.config, role))
    }
}

struct Worker {
    url: String,
    agent: ureq::Agent,
}

impl Worker {
    fn new(url: String) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .max_redirects(0);
        Self { url, agent: config.build().into() }
    }
}

impl Server for Worker {
    fn send(&self, method: &str, target: &str, headers: &[(String, String)], body: &str) -> Answer {
        let target = spelled(target);
        let mut request =
            ureq::http::Request::builder().method(method).uri(format!("{}{target}", self.url));
        for (name, value) in headers {
            request = request.header(name, value);
        }
        let sent = if body.is_empty() {
            self.agent.run(request.body(()).expect("a request"))
        } else {
            self.agent.run(request.body(body.to_owned()).expect("a request"))
        };
        let mut response = sent.unwrap_or_else(|error| panic!("{method} {target}: {error}"));
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap_or_default().to_owned()))
            .collect();
        let body = response.body_mut().read_to_string().expect("a body of text");
        Answer { status: response.status().as_u16(), headers, body, round_trips: None }
    }

    fn keys(&self) -> [String; 2] {
        ["SELVEDGE_ANON_KEY", "SELVEDGE_SERVICE_ROLE_KEY"]
            .map(|name| env::var(name).unwrap_or_else(|_| panic!("{name} is not set")))
    }
}

/// A target as a proper client sends it: transcripts spare the reader the signs for `>` and others.
fn spelled(target: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_graphic() && !br#"<>"\^`{|}"#.contains(byte);
    target
        .bytes()
        .map(|byte| if plain(&byte) { char::from(byte).into() } else { format!("%{byte:02X}") })
        .collect()
}

#[test]
fn every_transcript_is_answered_as_written() {
    let mut failures = String::new();
    let mut exchanges = 0;
    let files = files_below(Path::new("tests/requests"), "http");
    for file in files.into_iter().chain(["README.md".into()]) {
        let server: Box<dyn Server> = match env::var("SELVEDGE_URL") {
            Ok(url) => Box::new(Worker::new(url)),
            Err(_) => Box::new(House::demo()),
        };
        let mut values = beginning(&*server, exchanges);
        for exchange in read(&file) {
            exchanges += 1;
            if let Err(difference) = run(&*server, &exchange, &mut values) {
                let file = file.display();
                failures.push_str(&format!("\n{file}: {}\n{difference}\n", exchange.title));
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
    assert!(exchanges > 200, "only {exchanges} exchanges were found");
}

/// The values that every file begins with.
fn beginning(server: &dyn Server, number: usize) -> BTreeMap<String, String> {
    let [anon, service] = server.keys();
    let elapsed = std::time::SystemTime::UNIX_EPOCH.elapsed().expect("a clock after 1970");
    let mut values = BTreeMap::new();
    values.insert("unique".into(), format!("u{:x}x{number}", elapsed.as_micros()));
    for person in ["ada", "grace", "alan"] {
        let headers = [
            ("apikey".to_owned(), anon.clone()),
            ("content-type".to_owned(), "application/json".to_owned()),
        ];
        let body = format!(r#"{{"email":"{person}@example.com","password":"selvedge-demo"}}"#);
        let answer = server.send("POST", "/auth/v1/token?grant_type=password", &headers, &body);
        let session: Value = serde_json::from_str(&answer.body).expect("a session");
        let token = session["access_token"].as_str().expect("the seeded people can sign in");
        values.insert(person.into(), token.into());
    }
    values.insert("anon".into(), anon);
    values.insert("service".into(), service);
    values
}

fn read(file: &Path) -> Vec<Exchange> {
    let mut text = fs::read_to_string(file).expect("a readable transcript");
    if file.extension().is_some_and(|extension| extension == "md") {
        text = fenced(&text);
    }
    let parts = text.split("### ").skip(1);
    parts
        .map(|part| exchange(part).unwrap_or_else(|| panic!("{}: {part}", file.display())))
        .collect()
}

/// The transcripts within a page of Markdown.
fn fenced(page: &str) -> String {
    let blocks = page.split("```http\n").skip(1);
    blocks.filter_map(|block| block.split_once("```")).map(|(transcript, _)| transcript).collect()
}

fn exchange(part: &str) -> Option<Exchange> {
    let (title, rest) = part.split_once('\n')?;
    let (request, answer) = rest.split_once("\nHTTP ")?;
    let (head, body) = answer.split_once("\n\n").unwrap_or((answer, ""));
    let mut lines = head.lines();
    let status = lines.next()?.trim().parse().ok()?;
    let headers = lines
        .map(|line| line.split_once(": ").map(|(name, value)| (name.into(), value.into())))
        .collect::<Option<_>>()?;
    let body = Some(body.trim()).filter(|body| !body.is_empty()).map(str::to_owned);
    Some(Exchange { title: title.into(), request: request.into(), status, headers, body })
}

fn run(
    server: &dyn Server,
    exchange: &Exchange,
    values: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    let request = filled(&exchange.request, values)?;
    let (head, body) = request.split_once("\n\n").unwrap_or((&request, ""));
    let mut lines = head.lines().filter(|line| !line.starts_with('#'));
    let (method, target) =
        lines.next().and_then(|line| line.split_once(' ')).ok_or("no request")?;
    let mut headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(": ").map(|(name, value)| (name.into(), value.into())))
        .collect::<Option<_>>()
        .ok_or("a header without a value")?;
    let named = |name: &str| headers.iter().any(|(other, _)| other == name);
    if !body.trim().is_empty() && !named("content-type") {
        headers.push(("content-type".into(), "application/json".into()));
    }
    let answer = server.send(method, target, &headers, body.trim());
    let shown = format!("  {} {}\n  {}", answer.status, describe(&answer), answer.body);
    if answer.status != exchange.status {
        return Err(format!("expected status {}, got\n{shown}", exchange.status));
    }
    for (name, expected) in &exchange.headers {
        let expected = filled(expected, values)?;
        let found = match name.as_str() {
            "round-trips" if answer.round_trips.is_none() => continue,
            "round-trips" => answer.round_trips.map(|count| count.to_string()),
            name => answer
                .headers
                .iter()
                .find(|(other, _)| other == name)
                .map(|(_, value)| value.clone()),
        };
        if let (Some(hole), Some(found)) = (expected.strip_prefix("{{"), &found) {
            match hole.trim_end_matches("}}").strip_suffix('=') {
                Some(name) => drop(values.insert(name.into(), found.clone())),
                None => assert_eq!(hole, "*}}", "{name}"),
            }
        } else if found.as_deref().unwrap_or("-") != expected {
            return Err(format!("expected {name}: {expected}, got {found:?}\n{shown}"));
        }
    }
    match &exchange.body {
        None if answer.body.is_empty() => Ok(()),
        None => Err(format!("expected no body, got\n{shown}")),
        Some(expected) if !is_json(&answer) => {
            let expected = filled(expected, values)?;
            if answer.body == expected { Ok(()) } else { Err(format!("not this text\n{shown}")) }
        }
        Some(expected) => {
            let expected: Value = serde_json::from_str(&filled(expected, values)?)
                .map_err(|error| format!("the expected body is not JSON: {error}"))?;
            let found: Value = serde_json::from_str(&answer.body)
                .map_err(|error| format!("not JSON: {error}\n{shown}"))?;
            compare("$", &expected, &found, values).map_err(|error| format!("{error}\n{shown}"))
        }
    }
}

fn is_json(answer: &Answer) -> bool {
    let content_type = answer.headers.iter().find(|(name, _)| name == "content-type");
    content_type.is_none_or(|(_, content_type)| {
        content_type.split(';').next().is_some_and(|essence| essence.ends_with("json"))
    })
}

fn describe(answer: &Answer) -> String {
    let wanted = ["content-range", "content-type", "preference-applied", "location"];
    let headers = answer.headers.iter().filter(|(name, _)| wanted.contains(&name.as_str()));
    headers.map(|(name, value)| format!("{name}: {value}; ")).collect()
}

fn filled(template: &str, values: &BTreeMap<String, String>) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (name, after) = behind.split_once("}}").ok_or("an open {{")?;
        text.push_str(before);
        if let Some(count) = name.strip_suffix(" times") {
            let count = count.parse().map_err(|error| format!("{name}: {error}"))?;
            let (line, behind) = after.split_once("{{end}}").ok_or("no {{end}}")?;
            text.push_str(&vec![filled(line, values)?; count].join("\n"));
            rest = behind;
            continue;
        }
        if name == "*" || name.ends_with('=') {
            text.push_str(&format!("{{{{{name}}}}}"));
        } else {
            text.push_str(values.get(name).ok_or_else(|| format!("no value {name}"))?);
        }
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

fn compare(
    place: &str,
    expected: &Value,
    found: &Value,
    values: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    match (expected, found) {
        (Value::String(hole), found) if hole == "{{*}}" && !found.is_null() => Ok(()),
        (Value::String(hole), found) if hole.starts_with("{{") && hole.ends_with("=}}") => {
            let text = found.as_str().map_or_else(|| found.to_string(), str::to_owned);
            values.insert(hole.trim_matches(['{', '}', '=']).into(), text);
            Ok(())
        }
        (Value::Object(expected), Value::Object(found)) => {
            let keys = |object: &serde_json::Map<String, Value>| {
                let mut keys: Vec<String> = object.keys().cloned().collect();
                keys.sort();
                keys
            };
            if keys(expected) != keys(found) {
                return Err(format!(
                    "{place}: keys {:?} instead of {:?}",
                    keys(found),
                    keys(expected)
                ));
            }
            expected.iter().try_for_each(|(key, expected)| {
                compare(&format!("{place}.{key}"), expected, &found[key], values)
            })
        }
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => {
            expected.iter().zip(found).enumerate().try_for_each(|(index, (expected, found))| {
                compare(&format!("{place}[{index}]"), expected, found, values)
            })
        }
        (expected, found) if expected == found => Ok(()),
        _ => Err(format!("{place}: {found} instead of {expected}")),
    }
}
