//! Which queries have one row at most, so that their value needs no look at how many there are.

use sqlparser::ast::{
    BinaryOperator, Expr, FunctionArguments, LimitClause, Query, Select, SelectItem, SetExpr,
    TableFactor, TableWithJoins, Value,
};

use super::expand::Expander;
use super::names::column_name;
use super::reflect::find;
use crate::catalog::Table;

impl Expander<'_> {
    /// Whether the query that was written last has at most one row: it sums up rows, takes one, or looks one up by
    /// a key.
    pub fn yields_one_row(&self, query: &Query) -> bool {
        let is_limited = matches!(
            &query.limit_clause,
            Some(LimitClause::LimitOffset { limit: Some(Expr::Value(value)), .. })
                if matches!(&value.value, Value::Number(digits, _) if digits == "1" || digits == "0")
        );
        let SetExpr::Select(select) = query.body.as_ref() else { return is_limited };
        is_limited || self.is_single || self.is_key_lookup(select)
    }

    /// Whether all columns of a key of the only table equal something that does not depend on its rows.
    fn is_key_lookup(&self, select: &Select) -> bool {
        let [
            TableWithJoins { relation: TableFactor::Table { name, alias, args: None, .. }, joins },
        ] = select.from.as_slice()
        else {
            return false;
        };
        // The keys of a table of `auth` are not those of the table that has its name here.
        let Ok(table) = super::parse::table_name(name) else { return false };
        let Some(relation) = find(self.environment.relations, &table.text) else { return false };
        let called = alias.as_ref().map_or(&table.text, |alias| &alias.name.value);
        let mut fixed = Vec::new();
        if let Some(condition) = &select.selection {
            fixed_columns(condition, (&relation.table, called), &mut fixed);
        }
        let is_fixed = |columns: &[String]| {
            !columns.is_empty()
                && columns
                    .iter()
                    .all(|column| fixed.iter().any(|one| one.eq_ignore_ascii_case(column)))
        };
        let mut uniques = relation.table.uniques.iter().filter(|unique| !unique.folds);
        joins.is_empty()
            && (is_fixed(&relation.table.primary_key)
                || uniques.any(|unique| is_fixed(&unique.columns)))
    }
}

/// Collects the columns that a condition makes equal to something else.
fn fixed_columns(condition: &Expr, table: (&Table, &str), fixed: &mut Vec<String>) {
    match condition {
        Expr::Nested(inner) => fixed_columns(inner, table, fixed),
        Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
            fixed_columns(left, table, fixed);
            fixed_columns(right, table, fixed);
        }
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } => {
            for (one, other) in [(left, right), (right, left)] {
                if is_of(one, table)
                    && is_independent(other, table)
                    && let Some(column) = column_name(one)
                {
                    fixed.push(column.value.clone());
                }
            }
        }
        _ => {}
    }
}

/// Whether an expression is a column of the table.
fn is_of(expression: &Expr, (table, called): (&Table, &str)) -> bool {
    match expression {
        Expr::Identifier(column) => has(table, &column.value),
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [.., name, column] => {
                name.value.eq_ignore_ascii_case(called) && has(table, &column.value)
            }
            _ => false,
        },
        _ => false,
    }
}

fn has(table: &Table, column: &str) -> bool {
    table.columns.iter().any(|one| one.name.eq_ignore_ascii_case(column))
}

/// Whether an expression says the same for all rows of the table: a literal, a claim, an argument, or a
/// column of another table.
fn is_independent(expression: &Expr, table: (&Table, &str)) -> bool {
    match expression {
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => is_independent(inner, table),
        Expr::Value(_) => true,
        Expr::Identifier(_) | Expr::CompoundIdentifier(_) => !is_of(expression, table),
        Expr::Function(function) => {
            let is_empty = matches!(&function.args, FunctionArguments::List(list) if list.args.is_empty());
            is_empty && function.name.to_string().to_ascii_lowercase().starts_with("auth.")
        }
        Expr::Subquery(query) => match query.body.as_ref() {
            SetExpr::Select(select) => {
                select.from.is_empty()
                    && select.projection.iter().all(|item| {
                        matches!(item, SelectItem::UnnamedExpr(one) if is_independent(one, table))
                    })
            }
            _ => false,
        },
        Expr::BinaryOp { left, op: BinaryOperator::Arrow | BinaryOperator::LongArrow, right } => {
            is_independent(left, table) && is_independent(right, table)
        }
        _ => false,
    }
}

/// Whether an expression may count or sum up rows by itself, so that it needs a query around it. What has the name of
/// an aggregate anywhere in it may.
pub(super) fn may_aggregate(expression: &Expr) -> bool {
    let text = expression.to_string().to_ascii_lowercase().replace('"', "");
    super::expression::AGGREGATES.iter().any(|name| text.contains(&format!("{name}(")))
}
