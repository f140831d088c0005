//! What a body's change puts into columns, and what it answers of each row.

use sqlparser::ast::{SelectItem, Spanned};

use super::body::answers;
use crate::catalog::{Column, Returning, Returns, Row, Table, Type};
use crate::compiler::expand::Expander;
use crate::compiler::kinds::Kind;
use crate::compiler::parse::{Verb, span};
use crate::compiler::report::Span;
use crate::compiler::sql::Sql;
use crate::compiler::types;

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
    pub(super) fn assigned(
        &mut self,
        (column, at): (&Column, Span),
        kind: &Kind,
        value: Sql,
    ) -> Sql {
        let fits = match kind {
            Kind::Null => return value,
            Kind::Literal(text) => {
                if types::is_canonical_text(column.kind, text) {
                    return value;
                }
                false
            }
            Kind::Unknown => matches!(column.kind, Type::Text { .. }),
            Kind::Known(kind) => answers(*kind, column.kind) || is_as_text(*kind, column.kind),
        };
        if !fits {
            let found = match kind {
                Kind::Known(kind) => types::name(*kind),
                Kind::Literal(_) | Kind::Null => "text",
                Kind::Unknown => "unknown",
            };
            let message = format!(
                "column \"{}\" is of type {} but expression is of type {found}",
                column.name, column.declared
            );
            let help = match kind {
                Kind::Literal(_) if column.kind == Type::Boolean => "write true or false",
                Kind::Literal(_) => "write it in the form in which the column is kept",
                Kind::Unknown => "cast it, or take it as an argument of that type",
                Kind::Known(_) | Kind::Null => "write an expression of the column's type",
            };
            self.refuse(at, message, help);
            return Sql::default();
        }
        let (range, marker) = match (column.kind, kind.known()) {
            (Type::SmallInt, Some(Type::Integer | Type::BigInt)) => {
                (" between -32768 and 32767", "range:smallint")
            }
            (Type::Integer, Some(Type::BigInt)) => {
                (" between -2147483648 and 2147483647", "range:integer")
            }
            (Type::Text { characters_max: Some(most) }, kind) => {
                let is_short = matches!(
                    kind,
                    Some(Type::Text { characters_max: Some(length) }) if length <= most
                );
                if is_short {
                    return value;
                }
                let length = Sql::text("length(").and(value.clone()).then(")");
                return guarded(
                    value,
                    length.then(&format!(" <= {most}")),
                    &format!("length:{most}"),
                );
            }
            _ => return value,
        };
        guarded(value.clone(), value.grouped().then(range), marker)
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
        let mut kinds = Vec::new();
        for item in items {
            match item {
                SelectItem::UnnamedExpr(expression)
                | SelectItem::ExprWithAlias { expr: expression, .. } => {
                    values.push(self.expression(expression));
                    kinds.push(self.kind(expression));
                }
                SelectItem::Wildcard(options) if options.to_string().is_empty() => {
                    let columns = self.all_columns(&row, at);
                    for (sql, _, kind) in columns {
                        values.push(sql);
                        kinds.push(kind);
                    }
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
        self.check_result(&kinds, result, at);
        Some(Returning::Values(values.into_iter().map(Sql::into_template).collect()))
    }
}

/// Whether a value is kept as the text that Postgres would make of it for a column of texts.
const fn is_as_text(found: Type, column: Type) -> bool {
    let is_text = matches!(
        found,
        Type::SmallInt
            | Type::Integer
            | Type::BigInt
            | Type::Uuid
            | Type::TimestampTz
            | Type::Timestamp
            | Type::Date
            | Type::Time
            | Type::Json
    );
    is_text && matches!(column, Type::Text { .. })
}

/// A value that raises unless it is null or the condition holds.
fn guarded(value: Sql, condition: Sql, marker: &str) -> Sql {
    Sql::text("case when ")
        .and(condition)
        .then(" then ")
        .and(value.clone())
        .then(" when ")
        .and(value.grouped())
        .then(&format!(" is not null then json_extract('{{}}', 'selvedge:{marker}') end"))
        .grouped()
}
