//! Single conditions: which rows each admits, or why it does not build.

use rusqlite::Connection;
use serde_json::{Value, json};

use selvedge::catalog::Predicate;
use selvedge::compiler::{Report, compile, conditions};

use crate::database::{Databases, select, written};
use crate::{Claims, Question};

/// For each condition `{admitted, raised, error}` or `{refused}`, where `raised` lists the rows for
/// which SQLite fails, when it fails for the whole table.
pub fn answer(question: &Question, databases: &mut Databases) -> Result<Value, String> {
    let compiled = conditions(
        &question.sources(),
        &question.table,
        &question.conditions,
        question.defect.as_deref(),
    )
    .map_err(|report| report.to_string())?;
    // SQLite has no types of its own.
    let schema = if question.schema.contains("create type") {
        compile(&question.sources()).map_err(|report| report.to_string())?.schema
    } else {
        question.schema.clone()
    };
    let connection = databases.of(&schema, &question.rows)?;
    let results = compiled.into_iter().map(|one| match one {
        Ok(predicate) => judge(connection, &question.table, &predicate, &question.claims),
        Err(report) => json!({ "refused": diagnostics(&report) }),
    });
    Ok(json!({ "results": results.collect::<Vec<_>>() }))
}

/// The errors that the compiler found, as data.
pub fn diagnostics(report: &Report) -> Vec<Value> {
    // The type of a severity has no name outside of the compiler.
    let is_error = |severity: String| severity == "Error";
    let all = report.diagnostics().into_iter();
    let all = all.filter(|one| is_error(format!("{:?}", one.severity)));
    let one = all.map(|one| {
        json!({
            "message": one.message, "help": one.help,
            "start": [one.span.start.line, one.span.start.column],
            "end": [one.span.end.line, one.span.end.column],
        })
    });
    one.collect()
}

fn judge(connection: &Connection, table: &str, predicate: &Predicate, claims: &Claims) -> Value {
    let condition = written(predicate, "t0");
    let table = table.replace('"', "\"\"");
    let query = format!("select t0.\"id\" from \"{table}\" as t0 where {condition}");
    match select(connection, &query, claims) {
        Ok(rows) => json!({ "admitted": ids(&rows), "sql": condition }),
        Err(error) => {
            let (admitted, raised) = row_by_row(connection, &table, &condition, claims);
            json!({
                "admitted": admitted, "raised": raised, "error": error.to_string(),
                "sql": condition,
            })
        }
    }
}

fn row_by_row(
    connection: &Connection,
    table: &str,
    condition: &str,
    claims: &Claims,
) -> (Vec<i64>, Vec<i64>) {
    let all = select(connection, &format!("select \"id\" from \"{table}\""), claims);
    let mut admitted = Vec::new();
    let mut raised = Vec::new();
    for id in ids(&all.unwrap_or_default()) {
        let query = format!(
            "select t0.\"id\" from \"{table}\" as t0 where t0.\"id\" = {id} and ({condition})"
        );
        match select(connection, &query, claims) {
            Ok(rows) => admitted.extend(ids(&rows)),
            Err(_) => raised.push(id),
        }
    }
    (admitted, raised)
}

fn ids(rows: &[Vec<String>]) -> Vec<i64> {
    let mut ids: Vec<i64> =
        rows.iter().filter_map(|row| row.first()).filter_map(|id| id.parse().ok()).collect();
    ids.sort_unstable();
    ids
}
