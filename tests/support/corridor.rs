//! The whole corridor in front of a native host: requests as a client sends them, and answers as it
//! sees them. People are signed in without a password, since hashing is not what is tested here.

use std::fs;

use serde_json::Value;

use selvedge::app::{self, App};
use selvedge::auth;
use selvedge::catalog::Catalog;
use selvedge::compiler::{Compiled, Source, Sources, compile};
use selvedge::config::Config;
use selvedge::embedded;
use selvedge::http::{Body, Header, Headers, Method, Request, RequestBody};
use selvedge::identity::Role;

use super::{NativeHost, START, config, texts};

/// The seeded people of the demo, and one who is in no project.
pub const ADA: Person = Person("11111111-1111-4111-8111-111111111111", "ada@example.com");
pub const GRACE: Person = Person("22222222-2222-4222-8222-222222222222", "grace@example.com");
pub const ALAN: Person = Person("33333333-3333-4333-8333-333333333333", "alan@example.com");
pub const MALLORY: Person = Person("44444444-4444-4444-8444-444444444444", "mallory@example.com");

/// Somebody with an account: id and e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person(pub &'static str, pub &'static str);

impl Person {
    /// The person's one session: the id with other digits in front.
    pub fn session(self) -> String {
        format!("aaaaaaaa{}", &self.0[8..])
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    Nobody,
    User(Person),
    Service,
}

/// A Worker with its database.
pub struct House {
    pub host: NativeHost,
    pub app: App,
}

/// An answer as a client sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<Header>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_ref())
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The code of a refusal; empty where there is no body.
    pub fn code(&self) -> String {
        let body: Value = serde_json::from_str(&self.body).unwrap_or_default();
        body["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// What the compiler makes of a schema and policies.
#[track_caller]
pub fn catalog_of(schema: &str, policies: &str) -> Catalog {
    catalog_with(schema, policies, "")
}

/// What the compiler makes of a schema, policies and functions.
#[track_caller]
pub fn catalog_with(schema: &str, policies: &str, functions: &str) -> Catalog {
    compiled(schema, policies, functions).catalog
}

/// The same with the schema as the database executes it.
#[track_caller]
pub fn compiled(schema: &str, policies: &str, functions: &str) -> Compiled {
    let source = |name: &str, text: &str| Source { name: name.into(), text: text.into() };
    let sources = Sources {
        migration: source(
            "migrations/0001_auth.sql",
            include_str!("../../migrations/0001_auth.sql"),
        ),
        schema: source("schema.sql", schema),
        policies: source("policies.sql", policies),
        functions: source("functions.sql", functions),
    };
    match compile(&sources) {
        Ok(compiled) => compiled,
        Err(report) => panic!("{report}\n{schema}\n{policies}"),
    }
}

impl House {
    /// The demo as it is shipped and seeded; Mallory has an account too.
    pub fn demo() -> Self {
        let catalog = Catalog::decode(embedded::catalog()).expect("the compiler's own file");
        let host = NativeHost::new(include_str!("../../schema.sql"));
        host.execute(include_str!("../../seed.sql"));
        let house = Self { host, app: App { config: config(), catalog } };
        house.enter(MALLORY);
        for person in [ADA, GRACE, ALAN, MALLORY] {
            house.sign_in(person);
        }
        house
    }

    /// Other sources, compiled here and now. Ada, Grace and Alan have accounts.
    #[track_caller]
    pub fn of(schema: &str, policies: &str) -> Self {
        let compiled = compiled(schema, policies, "");
        Self::with(&compiled.schema, compiled.catalog)
    }

    /// A schema behind a catalog that need not be its own.
    pub fn with(schema: &str, catalog: Catalog) -> Self {
        let house = Self { host: NativeHost::new(schema), app: App { config: config(), catalog } };
        for person in [ADA, GRACE, ALAN] {
            house.enter(person);
            house.sign_in(person);
        }
        house
    }

    fn enter(&self, Person(id, email): Person) {
        self.host.execute(&format!(
            "insert into auth_users (id, email, created_at, updated_at)
             values ('{id}', '{email}', 0, 0)"
        ));
    }

    fn sign_in(&self, person: Person) {
        let (session, id) = (person.session(), person.0);
        self.host.execute(&format!(
            "insert into auth_sessions (id, user_id, refreshed_at, created_at)
             values ('{session}', '{id}', {START}, {START})"
        ));
    }

    /// Sends a request; `target` is path and query.
    pub fn send(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let pairs = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        self.answer(Request {
            method: Method::parse(method),
            path: path.into(),
            query: query.into(),
            headers: Headers::new(pairs),
            body: RequestBody::Bytes(body.into()),
        })
    }

    /// Answers a request.
    pub fn answer(&self, request: Request) -> Answer {
        let response = pollster::block_on(app::handle(&self.host, &self.app, request));
        let body = match &response.body {
            Body::Empty => String::new(),
            Body::Text(text) => text.clone(),
            Body::Array(rows) => format!("[{}]", texts(rows).join(",")),
            Body::First(rows) => texts(rows).into_iter().next().unwrap_or_default(),
            Body::Lines(head, rows) => {
                let lines = texts(rows).into_iter();
                std::iter::once(head.clone()).chain(lines).collect::<Vec<_>>().join("\n")
            }
        };
        Answer { status: response.status, headers: response.headers, body }
    }

    /// Sends a request of the REST dialect on somebody's behalf: `GET tasks?select=id`, then
    /// headers, then a body.
    pub fn rest(&self, caller: Caller, line: &str, prefer: &str, body: &str) -> Answer {
        self.rest_as(caller, line, &[("prefer", prefer)], body)
    }

    /// The same with any headers; those that are empty are not sent.
    pub fn rest_as(
        &self,
        caller: Caller,
        line: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let (method, target) = line.split_once(' ').expect("a method and a target");
        let bearer = self.bearer(caller);
        let mut headers: Vec<(&str, &str)> =
            headers.iter().copied().filter(|(_, value)| !value.is_empty()).collect();
        if let Some(bearer) = &bearer {
            headers.push(("authorization", bearer.as_str()));
        }
        if !body.is_empty() {
            headers.push(("content-type", "application/json"));
        }
        self.send(method, &format!("/rest/v1/{target}"), &headers, body.as_bytes())
    }

    /// The `Authorization` of a caller.
    pub fn bearer(&self, caller: Caller) -> Option<String> {
        match caller {
            Caller::Nobody => None,
            Caller::User(person) => Some(format!("Bearer {}", token(&self.app.config, person))),
            Caller::Service => Some(format!("Bearer {}", key(&self.app.config, Role::ServiceRole))),
        }
    }
}

/// An API key that is good for a long time.
pub fn key(config: &Config, role: Role) -> String {
    let now = START / 1000;
    auth::api_key(&config.jwt_secret, role, now, now + 1_000_000)
}

/// The claims of a person's access token.
pub fn claims(config: &Config, person: Person) -> Value {
    let now = START / 1000;
    serde_json::json!({
        "iss": config.issuer(), "sub": person.0, "aud": "authenticated", "exp": now + 3600,
        "iat": now, "email": person.1, "role": "authenticated", "session_id": person.session(),
        "app_metadata": {"team": person.1.split('@').next()},
    })
}

/// A person's access token.
pub fn token(config: &Config, person: Person) -> String {
    auth::sign(&config.jwt_secret, &claims(config, person).to_string())
}

/// The files below a folder with that extension, sorted.
pub fn files_below(folder: &std::path::Path, extension: &str) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            files.append(&mut files_below(&path, extension));
        } else if path.extension().is_some_and(|other| other == extension) {
            files.push(path);
        }
    }
    files.sort();
    files
}
