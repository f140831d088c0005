//! Writes what a body changes, in pieces: which columns get which values in which rows. The policies
//! on those rows are put to them when the function is called, as to any request's.

use sqlparser::ast::{
    Assignment, AssignmentTarget, Delete, Expr, FromTable, Insert, ObjectName, Query, SetExpr,
    Spanned, Statement, TableFactor, TableObject, TableWithJoins, Update,
};

use super::trial::mentions_row;
use crate::catalog::{Action, Change, Column, Step, Table, TableKind, Template};
use crate::compiler::expand::{Expander, Item};
use crate::compiler::expression::{Form, Typed};
use crate::compiler::parse::{Name, Verb, name, span, table_name};
use crate::compiler::query::Purpose;
use crate::compiler::quote;
use crate::compiler::reflect::{find, find_column};
use crate::compiler::report::Span;
use crate::compiler::rules::{Columns, missing, no_column};
use crate::compiler::sql::Sql;

/// A column that is written, and where its name stands.
type Target<'a> = (&'a Column, Span);

impl<'a> Expander<'a> {
    /// Writes a statement that is no query; `None` when what is wrong with it has been reported.
    pub fn change(&mut self, statement: &Statement, result: &[Column], at: Span) -> Option<Step> {
        if self.routine.is_some_and(|routine| !routine.is_volatile) {
            let is_change = matches!(
                statement,
                Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_)
            );
            if is_change {
                let message = "a stable or immutable function cannot write";
                self.refuse(at, message, "leave the word out, or write `volatile`");
                return None;
            }
        }
        match statement {
            Statement::Insert(insert) => self.insert(insert, result, at),
            Statement::Update(update) => self.update(update, result, at),
            Statement::Delete(delete) => self.delete(delete, result, at),
            _ => {
                let help = "write select, insert, update or delete; the statements of a function \
                            are one transaction";
                self.refuse(at, "this statement has no place in a function", help);
                None
            }
        }
    }

    fn insert(&mut self, insert: &Insert, result: &[Column], at: Span) -> Option<Step> {
        let bare = Insert {
            columns: Vec::new(),
            source: None,
            returning: None,
            table_alias: None,
            ..insert.clone()
        };
        if insert.on.is_some() {
            let help = "write an update, and an insert .. select .. where not exists (..)";
            self.refuse(at, "on conflict is not supported in a function", help);
            return None;
        }
        let TableObject::TableName(name) = &insert.table else {
            return self.unknown_form(at, "insert into table (columns) values (..)");
        };
        // Without anything else this is what is left.
        let is_plain = bare.to_string() == format!("INSERT INTO {name} DEFAULT VALUES");
        let Some(source) = insert.source.as_ref().filter(|_| is_plain) else {
            return self.unknown_form(at, "insert into table (columns) values (..)");
        };
        let table = self.written(name, Verb::Insert)?;
        let listed: Option<Vec<Target<'_>>> =
            insert.columns.iter().map(|name| self.target(table, name, Verb::Insert)).collect();
        let mut targets = listed?;
        if insert.columns.is_empty() {
            let writable = table.columns.iter().filter(|column| !column.generated);
            targets = writable.map(|column| (column, at)).collect();
            for (column, at) in &targets {
                self.check_covered(table, column, (Verb::Insert, *at));
            }
        }
        let rows = self.rows(source, &targets)?;
        let alias = insert.table_alias.as_ref().map(|alias| alias.alias.value.as_str());
        let returning = self.returning(insert.returning.as_deref(), (table, alias), result, at)?;
        let columns = targets.iter().map(|(column, _)| column.name.clone()).collect();
        let action = Action::Insert { columns, rows };
        Some(Step::Change(Change { table: table.name.clone(), action, reads: false, returning }))
    }

    /// Writes the rows of an insert: a query whose columns have the names of those they go to.
    fn rows(&mut self, source: &Query, targets: &[Target<'_>]) -> Option<Template> {
        let names: Vec<String> = targets.iter().map(|(column, _)| column.name.clone()).collect();
        let at = span(source.span());
        let SetExpr::Values(values) = source.body.as_ref() else {
            self.names = names;
            let sql = self.query(source, Purpose::Result);
            let selected = std::mem::take(&mut self.result);
            if self.has_failed() || !self.check_count(selected.len(), targets.len(), at) {
                return None;
            }
            let alias = self.fresh_alias();
            let stored: Vec<Sql> = targets
                .iter()
                .zip(selected)
                .map(|(target, selected)| {
                    let column = quote(&target.0.name);
                    let value = match selected.literal {
                        Some(_) => selected,
                        None => Typed::new(
                            selected.kind,
                            Form::Simple,
                            Sql::text(format!("{alias}.{column}")),
                        ),
                    };
                    self.assigned((target.0, at), value).then(" as ").then(&column)
                })
                .collect();
            let sql = Sql::text("select ").and(Sql::join(stored, ", ")).then(" from (").and(sql);
            return Some(sql.then(") as ").then(&alias).into_template());
        };
        if source.to_string() != source.body.to_string() {
            return self.unknown_form(at, "insert into table (columns) values (..)");
        }
        let mut rows = Vec::new();
        for row in &values.rows {
            if !self.check_count(row.content.len(), targets.len(), at) {
                return None;
            }
            let mut cells = Vec::new();
            for (expression, (column, _)) in row.content.iter().zip(targets) {
                let value = self.expression(expression);
                cells.push(self.assigned((*column, span(expression.span())), value).grouped());
            }
            rows.push(cells);
        }
        // A list of values gives its columns no names.
        let numbered = (1_usize..).map(|number| format!("column{number}"));
        let named: Vec<String> = numbered
            .zip(&names)
            .map(|(column, name)| format!("{column} as {}", quote(name)))
            .collect();
        let rows = rows.into_iter().map(|cells| Sql::join(cells, ", ").grouped());
        let sql = Sql::text(format!("select {} from (values ", named.join(", ")));
        Some(sql.and(Sql::join(rows, ", ")).then(")").into_template())
    }

    fn update(&mut self, update: &Update, result: &[Column], at: Span) -> Option<Step> {
        let bare =
            Update { assignments: Vec::new(), selection: None, returning: None, ..update.clone() };
        let is_plain = bare.to_string().trim() == format!("UPDATE {}", update.table);
        let form = "update table set column = value where ..";
        let Some((name, alias)) = plain_table(&update.table).filter(|_| is_plain) else {
            return self.unknown_form(at, form);
        };
        let table = self.written(name, Verb::Update)?;
        self.show_row((table, alias));
        let mut columns: Vec<String> = Vec::new();
        let mut values = Vec::new();
        for Assignment { target, value } in &update.assignments {
            let AssignmentTarget::ColumnName(name) = target else {
                return self.unknown_form(at, form);
            };
            let (column, place) = self.target(table, name, Verb::Update)?;
            if columns.contains(&column.name) {
                let message = format!("column \"{}\" is given two values", column.name);
                self.refuse(place, message, "leave one of them out");
                return None;
            }
            let at = span(value.span());
            let value = self.expression(value);
            let sql = self.assigned((column, at), value);
            columns.push(column.name.clone());
            values.push(sql.into_template());
        }
        let condition = self.selection(update.selection.as_ref());
        let reads = values.iter().chain([&condition]).any(mentions_row);
        let returning = self.returning(update.returning.as_deref(), (table, alias), result, at)?;
        let action = Action::Update { columns, values, condition };
        Some(Step::Change(Change { table: table.name.clone(), action, reads, returning }))
    }

    fn delete(&mut self, delete: &Delete, result: &[Column], at: Span) -> Option<Step> {
        let bare = Delete { selection: None, returning: None, ..delete.clone() };
        let FromTable::WithFromKeyword(from) = &delete.from else {
            return self.unknown_form(at, "delete from table where ..");
        };
        let only = match from.as_slice() {
            [only] if bare.to_string().trim() == format!("DELETE FROM {only}") => plain_table(only),
            _ => None,
        };
        let Some((name, alias)) = only else {
            return self.unknown_form(at, "delete from table where ..");
        };
        let table = self.written(name, Verb::Delete)?;
        self.show_row((table, alias));
        let condition = self.selection(delete.selection.as_ref());
        let reads = mentions_row(&condition);
        let returning = self.returning(delete.returning.as_deref(), (table, alias), result, at)?;
        let action = Action::Delete { condition };
        Some(Step::Change(Change { table: table.name.clone(), action, reads, returning }))
    }

    fn unknown_form<T>(&mut self, at: Span, form: &str) -> Option<T> {
        self.refuse(at, "this form of statement is not supported", &format!("write `{form}`"));
        None
    }

    fn selection(&mut self, selection: Option<&Expr>) -> Template {
        let written = selection.map(|expression| self.truth(expression, "WHERE").sql);
        written.unwrap_or_default().into_template()
    }

    /// Makes the row that is changed visible, as far as the role may see it.
    pub(super) fn show_row(&mut self, (table, alias): (&Table, Option<&str>)) {
        let readable = self.columns(table, Verb::Select).unwrap_or(Columns::Some(Vec::new()));
        let name = alias.unwrap_or(&table.name);
        self.scopes = vec![vec![Item::of(table, name, Sql::row(), readable)]];
    }

    /// The table that is written, if the role may do so.
    fn written(&mut self, object: &ObjectName, verb: Verb) -> Option<&'a Table> {
        let name = match table_name(object) {
            Ok(name) => name,
            Err(diagnostic) => {
                self.push(diagnostic);
                return None;
            }
        };
        let relations = self.environment.relations;
        let Some(relation) = find(relations, &name.text) else {
            self.push(missing(&name, relations));
            return None;
        };
        let table = &relation.table;
        if !relation.is_exposed {
            let message = format!("table \"{}\" cannot be written by a function", table.name);
            self.refuse(name.span, message, "it is Selvedge's own");
            return None;
        }
        if table.kind == TableKind::View {
            let message = format!("cannot write to view \"{}\"", table.name);
            self.refuse(name.span, message, "write to the tables it reads");
            return None;
        }
        if self.columns(table, verb).is_none() {
            let role = self.role_name();
            let message =
                format!("role \"{role}\" may not {} rows of table \"{}\"", verb.name(), table.name);
            let help = format!(
                "add a policy for {role}, let the function be executed by others, or make it \
                 `security definer`"
            );
            self.refuse(name.span, message, &help);
            return None;
        }
        Some(table)
    }

    /// A column that is written, if the role may do so.
    fn target(&mut self, table: &'a Table, object: &ObjectName, verb: Verb) -> Option<Target<'a>> {
        let [part] = object.0.as_slice() else {
            let at = span(object.span());
            self.refuse(at, "a column is named alone here", "leave the table's name out");
            return None;
        };
        let name: Name = name(part.as_ident()?);
        let Some(column) = find_column(&table.columns, &name.text) else {
            self.push(no_column(&name, table));
            return None;
        };
        if column.generated {
            let message = format!("column \"{}\" is a generated column", column.name);
            self.refuse(name.span, message, "leave it out");
            return None;
        }
        self.check_covered(table, column, (verb, name.span));
        Some((column, name.span))
    }

    fn check_covered(&mut self, table: &Table, column: &Column, (verb, at): (Verb, Span)) {
        let columns = self.columns(table, verb).unwrap_or(Columns::All);
        if !columns.covers(&column.name) {
            let (role, verb) = (self.role_name(), verb.name());
            let message = format!(
                "role \"{role}\" may not {verb} column \"{}\" of \"{}\"",
                column.name, table.name
            );
            self.refuse(at, message, &format!("grant {verb} on that column to {role}"));
        }
    }
}

/// The name and the alias of a table that stands alone.
fn plain_table(tables: &TableWithJoins) -> Option<(&ObjectName, Option<&str>)> {
    let TableFactor::Table { name, alias, .. } = &tables.relation else { return None };
    let plain = match alias {
        Some(alias) => format!("{name} {alias}"),
        None => name.to_string(),
    };
    let is_plain = tables.joins.is_empty() && plain == tables.relation.to_string();
    is_plain.then_some((name, alias.as_ref().map(|alias| alias.name.value.as_str())))
}
