//! Functions: what they take and what they answer, for those who may call them.

use super::fixed;
use super::table::{Reach, component, default, members, value};
use crate::catalog::{Column, Function, Row};
use crate::http::json::{Writer, quoted};
use crate::rest::Call;
use crate::rest::plan::execution;
use crate::route;

/// What rows that are answered can be asked for, unless an argument is called so.
const SHARED: [&str; 6] = ["select", "order", "limit", "offset", "and", "or"];

/// Describes each function that whoever asks may call.
pub fn paths(json: &mut Writer, call: &Call<'_>, reaches: &[Reach<'_>]) {
    for function in &call.catalog.functions {
        if execution(function, call.who.role()).is_ok() {
            path(json, function, reaches);
        }
    }
}

fn path(json: &mut Writer, function: &Function, reaches: &[Reach<'_>]) {
    let mut parameters = Writer::default();
    let mut shared = Writer::default();
    parameters.raw("[");
    shared.raw("[");
    for argument in &function.arguments {
        parameters.raw("{\"name\":");
        parameters.end(&quoted(&argument.name));
        parameters.raw("\"in\":\"query\",\"schema\":{");
        value(&mut parameters, argument);
        parameters.end("}");
        if argument.default.is_none() {
            parameters.raw("\"required\":true");
        }
        parameters.end("}");
    }
    for name in SHARED {
        for list in [&mut parameters, &mut shared] {
            if function.arguments.iter().all(|argument| argument.name != name) {
                list.fill(fixed::PARAMETER, &[("~", name)]);
            }
        }
    }
    let (parameters, shared) = (parameters.finish(), shared.finish());
    let mut body = Writer::default();
    arguments(&mut body, &function.arguments);
    let mut answer = Writer::default();
    answered(&mut answer, function, reaches);
    let (body, answer) = (body.finish(), answer.finish());
    json.key(&route::below_rpc(&function.name));
    json.raw("{");
    if !function.is_volatile {
        let holes = [("*", parameters.as_str()), ("^", &answer), ("!", fixed::REFUSAL)];
        json.fill(fixed::CALL_BY_GET, &holes);
    }
    let holes = [("*", shared.as_str()), ("@", &body), ("^", &answer), ("!", fixed::REFUSAL)];
    json.fill(fixed::CALL_BY_POST, &holes);
    json.end("}");
}

/// The schema of a body: the arguments by name.
fn arguments(json: &mut Writer, arguments: &[Column]) {
    let mut required = Writer::default();
    required.raw("[");
    json.raw("{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{");
    for argument in arguments {
        json.key(&argument.name);
        json.raw("{");
        value(json, argument);
        if let Some(default) = default(argument) {
            json.raw("\"default\":");
            json.end(&default);
        }
        json.end("}");
        if argument.default.is_none() {
            required.text(&argument.name);
        }
    }
    json.end("},\"required\":");
    json.end(&required.finish());
    json.end("]}");
}

/// The schema of what is answered; anything where there is nothing to say.
fn answered(json: &mut Writer, function: &Function, reaches: &[Reach<'_>]) {
    let Some(returns) = &function.returns else { return json.raw("{}") };
    json.raw(if returns.is_set { "{\"type\":\"array\",\"items\":{" } else { "{\"anyOf\":[{" });
    match &returns.row {
        Row::Of(table) => {
            if reaches.iter().any(|reach| reach.reads(table)) {
                json.raw("\"$ref\":\"#/components/schemas/");
                json.end(&component(table));
                json.end("\"");
            }
        }
        Row::Declared(table) => members(json, &table.columns),
        Row::Value(table) => table.columns.iter().for_each(|column| value(json, column)),
    }
    json.end(if returns.is_set { "}}" } else { "},{\"type\":\"null\"}]}" });
}
