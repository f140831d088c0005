//! Rows over HTTP, in PostgREST's dialect.
//!
//! A request becomes a [`query::Query`] (as wished), that a [`plan::Plan`] (as allowed), that one
//! batch of SQL, and its rows an answer. There is one await, in the middle.

mod explain;
mod openapi;
mod pattern;
mod plan;
mod query;
mod reply;
mod similar;
mod statement;
mod violation;

use crate::catalog::{Catalog, Table, TableKind};
use crate::config::Config;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::{Method, Request, Response};
use crate::identity::Identity;
use crate::route::Route;
use crate::time::Milliseconds;

/// A request, who makes it, and what it is answered from.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The settings.
    pub config: &'a Config,
    /// What exists and who may see it.
    pub catalog: &'a Catalog,
    /// Who asks.
    pub who: &'a Identity,
    /// When it is made, which `now` in a value means.
    pub now: Milliseconds,
    /// What was sent.
    pub request: &'a Request,
}

pub use openapi::serve as describe;

/// Answers a request for the rows of the table or view called `name`.
///
/// # Errors
/// What the dialect has for it; see `docs/errors.md`.
pub async fn table<H: Host>(
    host: &H,
    call: &Call<'_>,
    name: &str,
) -> Result<Response<H::Rows>, Error> {
    let method = call.request.method.unwrap_or(Method::Options);
    let table = find(call.catalog, name)?;
    if method == Method::Options {
        return Ok(Response::empty(200).with("allow", allow(table)));
    }
    let query = query::Query::read(method, call.request, call.config.development)?;
    let mut plan = plan::plan(&query, table, call)?;
    if call.config.development && query.media.explained.is_none() {
        plan.explain_itself();
    }
    answer(host, call, &query, &plan).await
}

/// Calls the function called `name`.
///
/// # Errors
/// What the dialect has for it; see `docs/errors.md`.
pub async fn function<H: Host>(
    host: &H,
    call: &Call<'_>,
    name: &str,
) -> Result<Response<H::Rows>, Error> {
    let method = call.request.method.unwrap_or(Method::Options);
    let named = call.catalog.function(name);
    let is_argument = |key: &str| {
        named.is_some_and(|function| function.arguments.iter().any(|one| one.name == key))
    };
    let development = call.config.development;
    let (query, arguments) = query::Query::call(method, call.request, development, is_argument)?;
    let function = plan::find(&call.catalog.functions, name, &arguments)?;
    if function.is_volatile && method != Method::Post {
        let message = "cannot execute a volatile function in a read-only transaction";
        return Err(Error::new(Code::ReadOnly, message)
            .hint("call it with POST, or declare it stable if it only reads"));
    }
    let plan = plan::call(&query, &arguments, function, call)?;
    answer(host, call, &query, &plan).await
}

/// Sends a plan and answers with what comes back.
async fn answer<H: Host>(
    host: &H,
    call: &Call<'_>,
    query: &query::Query,
    plan: &plan::Plan<'_>,
) -> Result<Response<H::Rows>, Error> {
    // What is explained is not run, and the session must be asked for nevertheless.
    let prepared = statement::statement(plan, query.media.explained.is_some())?;
    if let Some(form) = query.media.explained {
        return explain::explain(host, call.catalog, (query, plan), form, prepared).await;
    }
    let (rows, total) = (prepared.rows, prepared.total);
    match host.batch(prepared.batch).await {
        Ok(results) => {
            let answer = reply::Answer::new(results, rows, total)?;
            reply::reply(query, plan, answer, call)
        }
        Err(error) => Err(violation::explain(host, call.catalog, plan, error).await),
    }
}

/// What can be done with a table, whoever asks.
fn allow(table: &Table) -> String {
    let route = Route::Table { name: table.name.clone() };
    let mut allow = Method::Options.name().to_owned();
    for method in route.methods() {
        let is_there = match method {
            Method::Get | Method::Head | Method::Options => true,
            Method::Put => table.kind == TableKind::Table && !table.primary_key.is_empty(),
            Method::Post | Method::Patch | Method::Delete => table.kind == TableKind::Table,
        };
        if is_there {
            allow.push_str(", ");
            allow.push_str(method.name());
        }
    }
    allow
}

fn find<'a>(catalog: &'a Catalog, name: &str) -> Result<&'a Table, Error> {
    catalog.table(name).ok_or_else(|| {
        let message = format!("Could not find the table 'public.{name}' in the schema cache");
        let error = Error::new(Code::NoTable, message);
        match similar::nearest(name, catalog.tables.iter().map(|table| table.name.as_str())) {
            Some(nearest) => error.hint(format!("Perhaps you meant the table 'public.{nearest}'")),
            None => error,
        }
    })
}
