//! How a request would be answered: its SQL, and how SQLite goes about it. Nothing of it is run.
//!
//! The SQL holds the policies, so this is for whoever builds an app and not for who uses it: the
//! form can be asked for in development only. Values are not shown, they stay `?1`.

use super::plan::Plan;
use super::query::{Explained, Query};
use super::statement::{Prepared, ask_for_plan};
use super::violation;
use crate::catalog::Catalog;
use crate::db::Rows;
use crate::error::Error;
use crate::host::Host;
use crate::http::json::quoted;
use crate::http::{Body, Kind, Response};

/// Answers how a request would be answered.
///
/// # Errors
/// When the session has ended, or the database cannot be reached.
pub async fn explain<H: Host>(
    host: &H,
    catalog: &Catalog,
    (query, plan): (&Query, &Plan<'_>),
    form: Explained,
    prepared: Prepared,
) -> Result<Response<H::Rows>, Error> {
    let Prepared { mut batch, rows, .. } = prepared;
    let statements: Vec<_> =
        batch.iter().skip(rows).map(|statement| statement.sql.clone()).collect();
    // What is before the rows, the session's guard, runs as ever.
    for statement in batch.iter_mut().skip(rows) {
        ask_for_plan(statement);
    }
    let plans = match host.batch(batch).await {
        Ok(plans) => plans,
        Err(error) => return Err(violation::explain(host, catalog, plan, error).await),
    };
    let mut text = String::new();
    for (sql, plan) in statements.iter().zip(plans.iter().skip(rows)) {
        let steps =
            (0..plan.count()).map(|index| step(&plan.text(index)?)).collect::<Option<Vec<_>>>();
        let steps = steps.ok_or_else(|| Error::unexpected("a plan does not read"))?;
        text.push_str(match (form, text.is_empty()) {
            (Explained::Text, true) => "",
            (Explained::Text, false) => "\n",
            (Explained::Json, true) => "[",
            (Explained::Json, false) => ",",
        });
        match form {
            Explained::Text => write_text(&mut text, sql, &steps),
            Explained::Json => write_json(&mut text, sql, &steps),
        }
    }
    let kind = match form {
        Explained::Text => "text",
        Explained::Json => {
            text.push(']');
            "json"
        }
    };
    let media_type = query.media.content_type().split(';').next().unwrap_or_default();
    let content_type =
        format!("application/vnd.pgrst.plan+{kind}; for=\"{media_type}\"; charset=utf-8");
    let headers = vec![("content-type", content_type.into())];
    Ok(Response { status: 200, kind: Kind::Json, headers, body: Body::Text(text) })
}

/// One step of a plan.
struct Step {
    id: i64,
    /// The step that it is a part of; 0 for none.
    parent: i64,
    detail: String,
}

/// Reads `2 0 SCAN t0`.
fn step(text: &str) -> Option<Step> {
    let (id, rest) = text.split_once(' ')?;
    let (parent, detail) = rest.split_once(' ')?;
    Some(Step { id: id.parse().ok()?, parent: parent.parse().ok()?, detail: detail.to_owned() })
}

fn write_json(text: &mut String, sql: &str, steps: &[Step]) {
    text.push_str("{\"statement\":");
    text.push_str(&quoted(sql));
    text.push_str(",\"plan\":[");
    let mut separator = "";
    for step in steps {
        for part in [
            separator,
            "{\"id\":",
            &step.id.to_string(),
            ",\"parent\":",
            &step.parent.to_string(),
            ",\"detail\":",
            &quoted(&step.detail),
            "}",
        ] {
            text.push_str(part);
        }
        separator = ",";
    }
    text.push_str("]}");
}

/// Writes a statement as a paragraph, and the steps as comments below it, indented as they nest.
fn write_text(text: &mut String, sql: &str, steps: &[Step]) {
    text.push_str(sql);
    text.push_str(";\n");
    let mut open: Vec<i64> = Vec::new();
    for step in steps {
        while open.last().is_some_and(|above| *above != step.parent) {
            open.pop();
        }
        text.push_str("-- ");
        text.extend(open.iter().map(|_| "  "));
        text.push_str(&step.detail);
        text.push('\n');
        open.push(step.id);
    }
}
