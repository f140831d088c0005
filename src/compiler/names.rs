//! What the name of a column means where it stands.

use sqlparser::ast::{Expr, Ident};

use super::expand::{Expander, Item};
use super::expression::{Form, Kind, Typed};
use super::parse::{self, Name};
use super::report::Diagnostic;

impl Expander<'_> {
    /// A column by its bare name: the innermost scope that has it, and there only once.
    pub fn column(&mut self, ident: &Ident) -> Typed {
        let name = parse::name(ident);
        if let Some(argument) = self.argument(&name) {
            return argument;
        }
        for scope in self.scopes.iter().rev() {
            let found: Vec<Item> =
                scope.iter().filter(|item| own_name(item, &name.text).is_some()).cloned().collect();
            match found.as_slice() {
                [] if scope.iter().any(|item| item.is_broken) => return Typed::broken(),
                [] => {}
                [item] => return self.write_column(item, &name),
                _ => {
                    let message = format!("column \"{}\" is ambiguous", name.text);
                    self.push(
                        Diagnostic::error(name.span, message)
                            .help("write the table's name or alias in front"),
                    );
                    return Typed::broken();
                }
            }
        }
        let named = |item: &&Item| item.is_value && item.name.eq_ignore_ascii_case(&name.text);
        let value = self.scopes.iter().rev().find_map(|scope| scope.iter().find(named));
        if let Some(value) = value.and_then(|item| item.written.first()) {
            return value.clone();
        }
        if self.scopes.iter().all(Vec::is_empty) {
            return self.no_argument(&name);
        }
        let visible = self.scopes.iter().flatten();
        let columns = visible.clone().flat_map(|item| item.columns.iter().map(String::as_str));
        let tables: Vec<String> = visible.map(|item| format!("\"{}\"", item.name)).collect();
        let noun = if tables.len() == 1 { "table" } else { "tables" };
        let message =
            format!("column \"{}\" does not exist in {noun} {}", name.text, tables.join(", "));
        let mut diagnostic = Diagnostic::error(name.span, message).suggest(&name.text, columns);
        if ident.quote_style == Some('"') && diagnostic.help.is_none() {
            diagnostic = diagnostic.help("a string is written in single quotes");
        }
        self.push(diagnostic);
        Typed::broken()
    }

    /// A column behind a table's name or alias.
    pub fn qualified(&mut self, table: &Ident, column: &Ident) -> Typed {
        let same = |item: &&Item| item.name.eq_ignore_ascii_case(&table.value);
        let found = self.scopes.iter().rev().find_map(|scope| scope.iter().find(same));
        let Some(item) = found.cloned() else {
            if let Some(argument) = self.qualified_argument(table, column) {
                return argument;
            }
            let names = self.scopes.iter().flatten().map(|item| item.name.as_str());
            let message = format!("\"{}\" is not read here", table.value);
            let diagnostic =
                Diagnostic::error(parse::span(table.span), message).suggest(&table.value, names);
            self.push(diagnostic);
            return Typed::broken();
        };
        self.write_column(&item, &parse::name(column))
    }

    fn write_column(&mut self, item: &Item, name: &Name) -> Typed {
        let Some((own, kind)) = own_name(item, &name.text) else {
            if item.is_broken {
                return Typed::broken();
            }
            let message =
                format!("column \"{}\" does not exist in table \"{}\"", name.text, item.name);
            let columns = item.columns.iter().map(String::as_str);
            self.push(Diagnostic::error(name.span, message).suggest(&name.text, columns));
            return Typed::broken();
        };
        let is_same = |column: &&String| column.eq_ignore_ascii_case(own);
        if item.columns.iter().filter(is_same).count() > 1 {
            let message = format!("column \"{own}\" is ambiguous");
            let help = "give one of them another name: `select a, b as c`";
            self.push(Diagnostic::error(name.span, message).help(help));
            return Typed::broken();
        }
        if item.is_auth && !item.readable.covers(own) {
            self.hidden_column(item, name);
            return Typed::broken();
        }
        if !item.readable.covers(own) {
            let role = self.role_name();
            let message =
                format!("role \"{role}\" may not read column \"{own}\" of \"{}\"", item.name);
            self.push(
                Diagnostic::error(name.span, message)
                    .help(format!("grant select on that column to {role}, or read through a view")),
            );
        }
        self.ranked(item.written_column(own, kind))
    }
}

impl Item {
    /// What is written for one of its columns.
    pub fn written_column(&self, own: &str, kind: Kind) -> Typed {
        let place = self.columns.iter().position(|column| column == own);
        if let Some(written) = place.and_then(|place| self.written.get(place)) {
            return written.clone();
        }
        let sql = self.row.clone().then(".").then(&super::quote(own));
        let scale = place.and_then(|place| self.scales.get(place).copied().flatten());
        let options = place.and_then(|place| self.options.get(place).cloned()).unwrap_or_default();
        Typed { scale, options, ..Typed::new(kind, Form::Column, sql) }
    }
}

/// The column that an expression is, by its own name.
pub(super) fn column_name(expression: &Expr) -> Option<&Ident> {
    match expression {
        Expr::Identifier(column) => Some(column),
        Expr::CompoundIdentifier(parts) => parts.last(),
        _ => None,
    }
}

fn own_name<'i>(item: &'i Item, name: &str) -> Option<(&'i str, Kind)> {
    let mut columns = item.columns.iter().zip(&item.kinds);
    let found = columns.find(|(column, _)| column.eq_ignore_ascii_case(name));
    found.map(|(column, kind)| (column.as_str(), *kind))
}
