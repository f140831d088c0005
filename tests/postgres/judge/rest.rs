//! Requests of the REST dialect through the whole Worker on native SQLite.

use serde::Deserialize;
use serde_json::{Value, json};

use selvedge::auth;
use selvedge::catalog::Catalog;
use selvedge::compiler::compile;
use selvedge::identity::Role;

use crate::conditions::diagnostics;
use crate::database::drop_triggers;
use crate::support::START;
use crate::support::corridor::House;
use crate::{Claims, Question};

/// A request: `GET things?select=id`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Request {
    line: String,
    prefer: String,
    body: String,
    /// The caller, one of the people; the service role if there is none.
    person: Option<usize>,
}

/// `{refused}`, or the answer to each request. Requests of people, who may write, find the rows as
/// they were; those of the service role follow each other.
pub fn answer(question: &Question) -> Value {
    let compiled = match compile(&question.sources()) {
        Ok(compiled) => compiled,
        Err(report) => return json!({ "refused": diagnostics(&report) }),
    };
    let shared = furnished(question, &compiled.schema, &compiled.catalog);
    let answers = question.requests.iter().map(|request| match request.person {
        None => send(&shared, question, request),
        Some(_) => {
            send(&furnished(question, &compiled.schema, &compiled.catalog), question, request)
        }
    });
    json!({ "answers": answers.collect::<Vec<_>>() })
}

/// A Worker with the rows, to which all people are signed in.
fn furnished(question: &Question, schema: &str, catalog: &Catalog) -> House {
    let house = House::with(schema, catalog.clone());
    // `now` is the same for both sides.
    let now = question.now;
    house.host.advance(now - START);
    if let Some(drops) = house.host.query(drop_triggers()) {
        house.host.execute(&drops);
    }
    house.host.execute("pragma foreign_keys = off");
    // Triggers have made rows of the accounts that every Worker of a test begins with.
    for table in question.keys.keys() {
        house.host.execute(&format!("delete from \"{}\"", table.replace('"', "\"\"")));
    }
    for person in &question.people {
        let Some(uid) = &person.uid else { continue };
        let email = match person.email.as_deref() {
            Some("") | None => "null".to_owned(),
            Some(email) => format!("'{}'", email.replace('\'', "''")),
        };
        let session = session_of(person);
        house.host.execute(&format!(
            "insert or ignore into auth_users (id, email, created_at, updated_at) values ('{uid}', {email}, 0, 0);
             insert or ignore into auth_sessions (id, user_id, refreshed_at, created_at)
             values ('{session}', '{uid}', {now}, {now});"
        ));
    }
    house.host.execute(&question.rows);
    house.host.execute("pragma foreign_keys = on");
    house
}

/// The session of the person's token, or one made of the person's id.
fn session_of(person: &Claims) -> String {
    let named = person.jwt.get("session_id").and_then(Value::as_str);
    named.or(person.uid.as_deref()).unwrap_or_default().to_owned()
}

fn send(house: &House, question: &Question, request: &Request) -> Value {
    let config = &house.app.config;
    let now = question.now / 1000;
    let person = request.person.and_then(|number| question.people.get(number));
    let bearer = match person {
        None => Some(auth::api_key(&config.jwt_secret, Role::ServiceRole, now, now + 3600)),
        Some(person) if person.uid.is_none() => None,
        Some(person) => {
            let mut claims = person.jwt.clone();
            claims["session_id"] = json!(session_of(person));
            claims["iss"] = json!(config.issuer());
            claims["aud"] = json!("authenticated");
            claims["iat"] = json!(now);
            claims["exp"] = json!(now + 3600);
            Some(auth::sign(&config.jwt_secret, &claims.to_string()))
        }
    };
    let authorization = bearer.map(|token| format!("Bearer {token}")).unwrap_or_default();
    let headers = [
        ("authorization", authorization.as_str()),
        ("prefer", request.prefer.as_str()),
        ("content-type", if request.body.is_empty() { "" } else { "application/json" }),
    ];
    let headers: Vec<(&str, &str)> =
        headers.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let (method, target) = request.line.split_once(' ').unwrap_or_default();
    let target = format!("/rest/v1/{target}");
    let answer = house.send(method, &target, &headers, request.body.as_bytes());
    let range = answer.header("content-range").map(str::to_owned);
    json!({ "status": answer.status, "body": answer.body, "range": range })
}
