//! Arrays in conditions: `= any(..)`, `<> all(..)`, `@>`, `<@` and `&&`. A column of an array is kept as
//! JSON, and what stands beside it is compared with its items.

use sqlparser::ast::{BinaryOperator, Expr, Spanned, Value};

use super::comparison::{is_text_of_json, string};
use super::expand::Expander;
use super::kinds::wider;
use super::parse::span;
use super::report::Diagnostic;
use super::sql::Sql;
use super::types;
use crate::catalog::{Item, Type};

impl Expander<'_> {
    /// Writes `left = any(..)` or `left <> all(..)`: of a query, of `array[..]`, or of an array's column.
    /// `None` for any other operator, or of anything else.
    pub fn quantified(&mut self, expression: &Expr, decides: bool) -> Option<Sql> {
        let (left, right, negated) = match expression {
            Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. } => (left, right, false),
            Expr::AllOp { left, compare_op: BinaryOperator::NotEq, right } => (left, right, true),
            _ => return None,
        };
        match bare(right) {
            Expr::Subquery(query) => Some(self.member(left, query, negated, decides)),
            Expr::Array(list) => Some(self.listed(left, &list.elem, negated)),
            array => {
                let item = self.item_of(array)?;
                let array = self.operand(array);
                let found =
                    self.found(left, &array, item, if negated { " not in " } else { " in " });
                Some(unless_null(&array, found))
            }
        }
    }

    /// Writes `array @> array[..]`, that all of some values are items of an array, `array && array[..]`,
    /// that one of them is, and both the other way round.
    pub fn overlap(&mut self, left: &Expr, operator: &BinaryOperator, right: &Expr) -> Option<Sql> {
        let (array, list, word) = match (operator, bare(left), bare(right)) {
            (BinaryOperator::AtArrow, array, Expr::Array(list))
            | (BinaryOperator::ArrowAt, Expr::Array(list), array) => (array, list, " and "),
            (BinaryOperator::PGOverlap, array, Expr::Array(list))
            | (BinaryOperator::PGOverlap, Expr::Array(list), array) => (array, list, " or "),
            _ => return None,
        };
        let item = self.item_of(array).filter(|_| !list.elem.is_empty())?;
        let array = self.operand(array);
        // Null is no item of any array, and to look for it is no reason not to know.
        let found: Vec<Sql> = list
            .elem
            .iter()
            .map(|one| self.found(one, &array, item, " in ").grouped().then(" is true"))
            .collect();
        Some(unless_null(&array, Sql::join(found, word).grouped()))
    }

    /// The type of the items of what is an array.
    fn item_of(&self, expression: &Expr) -> Option<Item> {
        match self.kind(expression).known()? {
            Type::Array(item) => Some(item),
            _ => None,
        }
    }

    /// Writes whether a value is among the items of an array.
    fn found(&mut self, value: &Expr, array: &Sql, item: Item, within: &str) -> Sql {
        self.check_item(value, item);
        let alias = self.fresh_alias();
        let value = self.operand(value);
        value
            .then(within)
            .then("(select ")
            .then(&alias)
            .then(".value from json_each(")
            .and(array.clone())
            .then(") as ")
            .then(&alias)
            .then(")")
    }

    /// Reports a value that no item can be equal to.
    fn check_item(&mut self, value: &Expr, item: Item) {
        let kind = item.kind();
        let is_possible = match self.kind(value).known() {
            _ if item == Item::Bytes => false,
            _ if is_text_of_json(value) => matches!(kind, Type::Text { .. } | Type::Uuid),
            Some(known) => wider(known, kind).is_some(),
            None => string(value).is_none_or(|text| types::is_canonical_text(kind, text)),
        };
        let is_null = matches!(bare(value), Expr::Value(value) if value.value == Value::Null);
        if !is_possible && !is_null {
            let message =
                format!("the items are {}, and this is never equal to one", types::name(kind));
            let error = Diagnostic::error(span(value.span()), message);
            self.push(
                error.help("write a value of the items' type, in the form in which it is kept"),
            );
        }
    }
}

/// Nothing is known of an array that is null. SQLite would find it empty, and so let through what asks
/// that something is not in it.
fn unless_null(array: &Sql, found: Sql) -> Sql {
    Sql::text("case when ").and(array.clone()).then(" is not null then ").and(found).then(" end")
}

fn bare(expression: &Expr) -> &Expr {
    match expression {
        Expr::Nested(inner) => bare(inner),
        other => other,
    }
}
