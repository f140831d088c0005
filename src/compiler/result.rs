//! Writes the result columns of a select, and tells their names and types.

use sqlparser::ast::{ObjectName, Select, SelectItem, SelectItemQualifiedWildcardKind, Spanned};

use super::expand::{Expander, Item};
use super::expression::{Form, Kind, Typed, common};
use super::names::column_name;
use super::parse::span;
use super::query::Purpose;
use super::report::Span;
use super::sql::Sql;

impl Expander<'_> {
    /// The columns of a union are of the types of all its queries.
    pub fn join_columns(&mut self, first: Vec<Typed>, at: Span) {
        let second = std::mem::take(&mut self.result);
        if first.len() != second.len() && !self.has_failed() {
            let message = "each union query must have the same number of columns";
            self.refuse(at, message, "select as many columns in each query");
        }
        for (one, other) in first.into_iter().zip(second) {
            let kind = match common([one.kind, other.kind].into_iter()) {
                _ if one.is_broken() || other.is_broken() => Kind::Broken,
                Ok(kind) => kind,
                Err((one, other)) => {
                    let message = format!(
                        "union types {} and {} cannot be matched",
                        one.name(),
                        other.name()
                    );
                    let help = "give each query's columns the same types, in the same order";
                    self.refuse(at, message, help);
                    Kind::Broken
                }
            };
            self.result.push(Typed { kind, literal: None, ..one });
        }
    }

    /// The result columns, the names by which a query outside may call them, and their types.
    pub fn items(&mut self, select: &Select, purpose: Purpose) -> (Sql, Vec<String>, Vec<Typed>) {
        let mut columns = Vec::new();
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expression) => {
                    self.may_yield = true;
                    let value = self.expression(expression);
                    let name =
                        column_name(expression).map(|name| name.value.clone()).unwrap_or_default();
                    columns.push((value, name));
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    self.may_yield = true;
                    let value = self.expression(expr);
                    columns.push((value, alias.value.clone()));
                }
                SelectItem::Wildcard(options) if options.to_string().is_empty() => {
                    let items = self.scopes.last().cloned().unwrap_or_default();
                    if purpose == Purpose::Exists && !items.is_empty() {
                        let one = Typed::new(Kind::Int4, Form::Simple, Sql::text("1"));
                        columns.push((one, String::new()));
                        continue;
                    }
                    for item in &items {
                        columns.extend(self.all_columns(item, span(select.span())));
                    }
                }
                SelectItem::QualifiedWildcard(
                    SelectItemQualifiedWildcardKind::ObjectName(name),
                    options,
                ) if options.to_string().is_empty() => {
                    columns.extend(self.all_columns_of(name));
                }
                other => {
                    let help = "write columns, or * alone";
                    self.refuse(span(other.span()), "this result column is not supported", help);
                }
            }
        }
        if purpose == Purpose::Exists && columns.is_empty() {
            let one = Typed::new(Kind::Int4, Form::Simple, Sql::text("1"));
            columns.push((one, String::new()));
        }
        let written = columns.iter().enumerate().map(|(index, (value, name))| {
            let name = match purpose {
                Purpose::Result => self.names.get(index),
                Purpose::Source => Some(name).filter(|name| !name.is_empty()),
                Purpose::Exists | Purpose::Value => None,
            };
            let sql = value.sql.clone();
            name.map_or(sql.clone(), |name| named(sql, name))
        });
        let sql = Sql::join(written, ", ");
        let (values, names) = columns.into_iter().unzip();
        (sql, names, values)
    }

    /// What `name.*` stands for.
    fn all_columns_of(&mut self, name: &ObjectName) -> Vec<(Typed, String)> {
        let wanted = name.to_string();
        let same = |item: &&Item| item.name.eq_ignore_ascii_case(&wanted);
        let item = self.scopes.last().and_then(|items| items.iter().find(same)).cloned();
        let at = span(name.span());
        if let Some(item) = item {
            return self.all_columns(&item, at);
        }
        let message = format!("\"{wanted}\" is not read here");
        self.refuse(at, message, "write a name or alias of `from`");
        Vec::new()
    }

    /// What `*` stands for in one item; its columns must all be readable.
    pub fn all_columns(&mut self, item: &Item, at: Span) -> Vec<(Typed, String)> {
        let hidden = item.columns.iter().find(|column| !item.readable.covers(column));
        if let Some(column) = hidden {
            let role = self.role_name();
            let message =
                format!("role \"{role}\" may not read column \"{column}\" of \"{}\"", item.name);
            self.refuse(at, message, "name the columns instead of *");
        }
        let write = |(column, kind): (&String, &Kind)| {
            (self.ranked(item.written_column(column, *kind)), column.clone())
        };
        item.columns.iter().zip(&item.kinds).map(write).collect()
    }
}

fn named(sql: Sql, name: &str) -> Sql {
    sql.then(" as ").then(&super::quote(name))
}
