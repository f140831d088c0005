//! What a body's change puts into columns, and what it answers of each row.

use sqlparser::ast::{SelectItem, Spanned};

use crate::catalog::{Column, Returning, Returns, Row, Table, Type};
use crate::compiler::expand::Expander;
use crate::compiler::expression::{Context, Kind, Typed, raise};
use crate::compiler::parse::{Verb, span};
use crate::compiler::report::Span;
use crate::compiler::sql::Sql;

impl Expander<'_> {
    pub(super) fn check_count(&mut self, found: usize, wanted: usize, at: Span) -> bool {
        if found != wanted {
            let message = format!("{found} values for {wanted} columns");
            self.refuse(at, message, "write a value for each column that is named");
        }
        found == wanted
    }

    /// Writes a value so that the column can only get what it may hold. What SQLite alone knows when
    /// the function is called, how great a number or how long a text is, is looked at then.
    pub(super) fn assigned(&mut self, (column, at): (&Column, Span), value: Typed) -> Sql {
        let kind = Kind::of_column(column);
        if kind == Kind::Untyped {
            return value.sql;
        }
        let before = value.clone();
        let value = self.coerce(value, kind, Context::Assignment, at);
        let Type::Text { characters_max: Some(most) } = column.kind else { return value.sql };
        if before
            .text()
            .is_some_and(|text| text.chars().count() <= usize::try_from(most).unwrap_or(0))
        {
            return value.sql;
        }
        let length = Sql::text("length(").and(value.sql.clone()).then(&format!(") <= {most}"));
        guarded(value.sql, length, &format!("length:{most}"))
    }

    /// Writes what a change answers of each row.
    pub(super) fn returning(
        &mut self,
        items: Option<&[SelectItem]>,
        (table, alias): (&Table, Option<&str>),
        result: &[Column],
        at: Span,
    ) -> Option<Returning> {
        let items = items.unwrap_or_default();
        match (items.is_empty(), result.is_empty()) {
            (true, true) => return Some(Returning::Nothing),
            (true, false) => {
                let help = "add `returning ..`, or declare `returns void`";
                self.refuse(at, "the last statement answers nothing", help);
                return None;
            }
            (false, true) => {
                self.refuse(at, "nobody gets to see what this returns", "leave `returning` out");
                return None;
            }
            (false, false) => {}
        }
        if self.columns(table, Verb::Select).is_none() {
            let role = self.role_name();
            let message = format!("role \"{role}\" may not read table \"{}\"", table.name);
            self.refuse(at, message, &format!("add a select policy for {role}, or return void"));
            return None;
        }
        self.show_row((table, alias));
        let row = self.scopes.first().and_then(|scope| scope.first()).cloned()?;
        let returns = self.routine.and_then(|routine| routine.returns.as_ref());
        let is_own =
            matches!(returns, Some(Returns { row: Row::Of(name), .. }) if *name == table.name);
        let mut values = Vec::new();
        for item in items {
            match item {
                SelectItem::UnnamedExpr(expression)
                | SelectItem::ExprWithAlias { expr: expression, .. } => {
                    values.push(self.expression(expression));
                }
                SelectItem::Wildcard(options) if options.to_string().is_empty() => {
                    let columns = self.all_columns(&row, at);
                    values.extend(columns.into_iter().map(|(value, _)| value));
                }
                other => {
                    let help = "write columns, or * alone";
                    self.refuse(span(other.span()), "this result column is not supported", help);
                }
            }
        }
        if matches!(items, [SelectItem::Wildcard(_)]) && is_own {
            return Some(Returning::Row);
        }
        let values = self.as_result(values, result, at)?;
        Some(Returning::Values(values.into_iter().map(|value| value.sql.into_template()).collect()))
    }
}

/// A value that raises unless it is null or the condition holds.
fn guarded(value: Sql, condition: Sql, marker: &str) -> Sql {
    Sql::text("case when ")
        .and(condition)
        .then(" then ")
        .and(value.clone())
        .then(" when ")
        .and(value.grouped())
        .then(&format!(" is not null then {} end", raise(marker)))
        .grouped()
}
