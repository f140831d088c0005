//! Writes the result columns of a select, and tells their names and types.

use sqlparser::ast::{ObjectName, Select, SelectItem, SelectItemQualifiedWildcardKind, Spanned};

use super::expand::{Expander, Item};
use super::kinds::{Kind, wider};
use super::names::column_name;
use super::parse::span;
use super::query::Purpose;
use super::report::Span;
use super::sql::Sql;
use crate::catalog::Type;

impl Expander<'_> {
    /// The columns of a union are of the types of all its queries.
    pub fn join_kinds(&mut self, kinds: Vec<Kind>, at: Span) {
        let other = std::mem::take(&mut self.result);
        for (one, other) in kinds.into_iter().zip(other) {
            let joined = match (one, other) {
                (Kind::Known(one), Kind::Known(other)) => wider(one, other),
                (Kind::Known(kind), Kind::Null) | (Kind::Null, Kind::Known(kind)) => Some(kind),
                _ => Some(Type::Any),
            };
            if joined.is_none() && self.routine.is_some() {
                let help = "give each query's columns the same types, in the same order";
                self.refuse(at, "union types cannot be matched", help);
            }
            self.result.push(joined.into());
        }
    }

    /// The result columns, the names by which a query outside may call them, and their types.
    pub fn items(&mut self, select: &Select, purpose: Purpose) -> (Sql, Vec<String>, Vec<Kind>) {
        let mut columns = Vec::new();
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expression) => {
                    let sql = self.expression(expression);
                    let name =
                        column_name(expression).map(|name| name.value.clone()).unwrap_or_default();
                    columns.push((sql, name, self.kind(expression)));
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    let sql = self.expression(expr);
                    columns.push((sql, alias.value.clone(), self.kind(expr)));
                }
                SelectItem::Wildcard(options) if options.to_string().is_empty() => {
                    let items = self.scopes.last().cloned().unwrap_or_default();
                    if purpose == Purpose::Exists && !items.is_empty() {
                        columns.push((Sql::text("1"), String::new(), Kind::Unknown));
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
        let written = columns.iter().enumerate().map(|(index, (sql, name, _))| {
            let name = match purpose {
                Purpose::Result => self.names.get(index),
                Purpose::Source => Some(name).filter(|name| !name.is_empty()),
                Purpose::Exists | Purpose::Value => None,
            };
            let sql = sql.clone();
            name.map_or(sql.clone(), |name| named(sql, name))
        });
        let sql = Sql::join(written, ", ");
        let (names, kinds) = columns.into_iter().map(|(_, name, kind)| (name, kind)).unzip();
        (sql, names, kinds)
    }

    /// What `name.*` stands for.
    fn all_columns_of(&mut self, name: &ObjectName) -> Vec<(Sql, String, Kind)> {
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
    pub fn all_columns(&mut self, item: &Item, at: Span) -> Vec<(Sql, String, Kind)> {
        let hidden = item.columns.iter().find(|column| !item.readable.covers(column));
        if let Some(column) = hidden {
            let role = self.role_name();
            let message =
                format!("role \"{role}\" may not read column \"{column}\" of \"{}\"", item.name);
            self.refuse(at, message, "name the columns instead of *");
        }
        let write = |(column, kind): (&String, &Type)| {
            let sql = item.row.clone().then(".").then(&super::quote(column));
            (sql, column.clone(), Kind::from(Some(*kind)))
        };
        item.columns.iter().zip(&item.kinds).map(write).collect()
    }
}

fn named(sql: Sql, name: &str) -> Sql {
    sql.then(" as ").then(&super::quote(name))
}
