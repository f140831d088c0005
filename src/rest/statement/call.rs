//! The statements of a function as SQL. Policies are put to them by the same means as to requests.

use super::write::{
    CHECK, NEW_ROW, foresee, insert_rows, is_known_before_insert, judged, new_row, stored_computed,
};
use super::writer::{Writer, literal, name, where_clause};
use super::{limited, output, read};
use crate::catalog::{Action, Column, Row, Template};
use crate::rest::plan::{Call, Effect, Outcome, Read, RowsLimit};

/// Whether a function answers values rather than rows.
pub fn is_value(call: &Call<'_>) -> bool {
    let returns = call.function.returns.as_ref();
    returns.is_some_and(|returns| matches!(returns.row, Row::Value(_)))
}

/// Writes a statement that undoes the batch when the query answers another number of rows.
pub fn guard(writer: &mut Writer<'_>, read: &Read<'_>, limit: RowsLimit) -> String {
    let rows = read::counted(writer, read);
    let select = limited(writer, limit, "count(*)");
    format!("{select}\nfrom ({rows})")
}

/// Writes a change.
pub fn effect(writer: &mut Writer<'_>, effect: &Effect<'_>) -> String {
    let table = name(&effect.table.name);
    let (statement, after) = match effect.action {
        Action::Insert { rows, .. } => insert(writer, effect, rows),
        Action::Update { values, condition, .. } => update(writer, effect, values, condition),
        Action::Delete { condition } => {
            let conditions = touched(writer, effect, condition, &table);
            (format!("delete from {table}{}", where_clause(&conditions)), false)
        }
    };
    let row = match &effect.answered {
        Outcome::Nothing => "null".to_owned(),
        Outcome::Rows(read) => output::row(writer, read, &table),
        Outcome::Value(template, column) => {
            format!("json_quote({})", value(writer, template, column, &table))
        }
        Outcome::Values(values, columns) => object(writer, values, columns, &table),
    };
    let is_delete = matches!(effect.action, Action::Delete { .. });
    let check = effect.check.filter(|_| after);
    let visible = effect.seen.filter(|_| !is_delete);
    let row = judged(writer, row, [check, None, visible], &table);
    format!("{statement}\nreturning {row} as row")
}

/// Writes an insert, and whether its policy is to be asked again behind it.
fn insert(writer: &mut Writer<'_>, effect: &Effect<'_>, rows: &Template) -> (String, bool) {
    let is_written =
        |column: &Column| effect.columns.iter().any(|written| written.name == column.name);
    let foreseen = foresee(effect.check, effect.table, |column| {
        is_known_before_insert(effect.table, column, is_written(column))
    });
    let before = effect.check.filter(|check| check.looks_around() || foreseen);
    let rows = format!("from ({}) as r", writer.template(rows, ""));
    let values = effect
        .columns
        .iter()
        .map(|column| (*column, stored_computed(column, &format!("r.{}", name(&column.name)))))
        .collect();
    let statement = insert_rows(writer, (effect.table, values), &rows, before, None);
    (statement, before.is_none() || !foreseen)
}

/// Writes an update, and whether its policy is to be asked again behind it.
fn update(
    writer: &mut Writer<'_>,
    effect: &Effect<'_>,
    values: &[Template],
    condition: &Template,
) -> (String, bool) {
    let table = name(&effect.table.name);
    let values: Vec<(&Column, String)> = effect
        .columns
        .iter()
        .zip(values)
        .map(|(column, value)| {
            let value = format!("({})", writer.template(value, &table));
            (*column, stored_computed(column, &value))
        })
        .collect();
    let foreseen = foresee(effect.check, effect.table, |column| !column.generated);
    let before = effect.check.filter(|check| check.looks_around() || foreseen);
    let mut assignments: Vec<String> =
        values.iter().map(|(column, value)| format!("{} = {value}", name(&column.name))).collect();
    if let (Some(check), Some((first, value))) = (before, values.first()) {
        let is_written = |column: &str| values.iter().any(|(written, _)| written.name == column);
        let becomes = |column: &str| if is_written(column) { NEW_ROW } else { table.as_str() };
        let check = writer.predicate_for(check, becomes);
        // What the row becomes depends on what it is, so the new row is a sub-select of its own. The
        // check stands with the first value, for a row that is not meant must not raise.
        let new_row =
            new_row(&table, values.iter().map(|(column, value)| (*column, value.clone())), "");
        let checked = format!(
            "{} = case when (select {check} from {new_row}) then {value} else {} end",
            name(&first.name),
            writer.raise(CHECK)
        );
        assignments.splice(0..1, [checked]);
    }
    let conditions = touched(writer, effect, condition, &table);
    let statement =
        format!("update {table} set {}{}", assignments.join(", "), where_clause(&conditions));
    (statement, before.is_none() || !foreseen)
}

fn touched(
    writer: &mut Writer<'_>,
    effect: &Effect<'_>,
    condition: &Template,
    table: &str,
) -> Vec<String> {
    let mut conditions = Vec::new();
    for predicate in [effect.using, effect.seen].into_iter().flatten() {
        conditions.push(writer.predicate(predicate, table));
    }
    if !condition.pieces().is_empty() {
        conditions.push(format!("({})", writer.template(condition, table)));
    }
    conditions
}

/// Writes the values that a change answers of a row: an object of the result's columns.
fn object(writer: &mut Writer<'_>, values: &[Template], columns: &[Column], table: &str) -> String {
    let members: Vec<_> = columns.iter().zip(values).collect();
    let mut object = "json_object()".to_owned();
    for chunk in members.chunks(output::MEMBERS_A_CALL) {
        let mut arguments = String::new();
        for (column, template) in chunk {
            let path = format!("$.\"{}\"", column.name);
            let value = value(writer, template, column, table);
            arguments.push_str(&format!(", {}, {value}", literal(&path)));
        }
        object = format!("json_set({object}{arguments})");
    }
    object
}

/// Writes a value that a change answers of a row, as it is shown.
fn value(writer: &mut Writer<'_>, template: &Template, column: &Column, table: &str) -> String {
    output::shown(&format!("({})", writer.template(template, table)), column.kind)
}
