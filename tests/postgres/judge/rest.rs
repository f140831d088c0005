//! Requests of the REST dialect through the whole Worker on native SQLite.

use serde::Deserialize;
use serde_json::{Value, json};

use selvedge::compiler::compile;

use crate::Question;
use crate::conditions::diagnostics;
use crate::support::corridor::{Caller, House};

/// A request: `GET things?select=id`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Request {
    line: String,
    prefer: String,
    body: String,
}

/// `{refused}`, or what the service role is answered to each request.
pub fn answer(question: &Question) -> Value {
    let catalog = match compile(&question.sources()) {
        Ok(compiled) => compiled.catalog,
        Err(report) => return json!({ "refused": diagnostics(&report) }),
    };
    let house = House::with(&question.schema, catalog);
    house.host.execute(&question.rows);
    let answers = question.requests.iter().map(|request| {
        let answer = house.rest(Caller::Service, &request.line, &request.prefer, &request.body);
        json!({ "status": answer.status, "body": answer.body })
    });
    json!({ "answers": answers.collect::<Vec<_>>() })
}
