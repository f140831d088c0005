//! Arrays, which are kept as JSON lists of their items in the form in which these are shown.

use sqlparser::ast::{BinaryOperator, Expr, Query};

use super::array_function::list_of;
use super::comparison::operator_name;
use super::document::literal_of;
use super::kind::Kind;
use super::operators::COMPARISONS;
use super::template;
use super::typed::{Literal, Typed};
use crate::catalog::Item;
use crate::compiler::expand::Expander;
use crate::compiler::query::Purpose;
use crate::compiler::report::Span;
use crate::compiler::sql::Sql;

/// Whether every item of the second array is in the first.
const CONTAINS: &str = "not exists (select 1 from json_each(@1) as v6 where not exists \
    (select 1 from json_each(@0) as v5 where v5.value = v6.value))";
const OVERLAPS: &str =
    "exists (select 1 from json_each(@0) as v5, json_each(@1) as v6 where v5.value = v6.value)";

impl Expander<'_> {
    /// Writes an operator between arrays; `None` when neither operand is one, or it is no operator of arrays.
    pub(super) fn array_operation(
        &mut self,
        name: &str,
        left: &Typed,
        right: &Typed,
        at: Span,
    ) -> Option<Typed> {
        let is_array = |one: &Typed| matches!(one.kind, Kind::Array(_));
        if name == "||" && (is_array(left) || is_array(right)) {
            return Some(self.joined_arrays(left, right, at));
        }
        let (left, right) = self.two_arrays(left, right, at)?;
        let test = match name {
            "@>" => CONTAINS.to_owned(),
            "<@" => CONTAINS.replace("@0", "@9").replace("@1", "@0").replace("@9", "@1"),
            "&&" => OVERLAPS.to_owned(),
            "=" | "<>" if has_one_form(left.kind) => {
                let sql = template::write(&format!("@0 {name} @1"), &[left, right]);
                return Some(Typed::open(Kind::Boolean, sql));
            }
            _ => return None,
        };
        let sql = format!("case when @0 is not null and @1 is not null then {test} end");
        Some(Typed::closed(Kind::Boolean, template::write(&sql, &[left, right])))
    }

    /// Both operands as arrays of one type, where one of them is an array.
    fn two_arrays(&mut self, left: &Typed, right: &Typed, at: Span) -> Option<(Typed, Typed)> {
        let kind = match (left.kind, right.kind) {
            (Kind::Array(one), Kind::Array(other)) if one == other => left.kind,
            (Kind::Array(_), Kind::Unknown) => left.kind,
            (Kind::Unknown, Kind::Array(_)) => right.kind,
            _ => return None,
        };
        let left = self.coerce(left.clone(), kind, super::Context::Implicit, at);
        let right = self.coerce(right.clone(), kind, super::Context::Implicit, at);
        Some((left, right))
    }

    /// Writes `left op any (..)` or `left op all (..)`.
    pub(super) fn quantified(
        &mut self,
        (left, operator, right): (&Expr, &BinaryOperator, &Expr),
        is_any: bool,
        decides: bool,
        at: Span,
    ) -> Typed {
        let Some(name) = operator_name(operator).filter(|name| COMPARISONS.contains(name)) else {
            let help = "write `= any (..)`, or `exists (..)`";
            return self.refuse_typed(
                at,
                format!("{operator} with any or all is not supported"),
                help,
            );
        };
        if super::row::is_compared(left) {
            let message = format!("syntax error at or near \"{operator}\"");
            return self.refuse_typed(at, message, "write parentheses around the comparison");
        }
        let right = bare(right);
        let is_member = matches!((name, is_any), ("=", true) | ("<>", false));
        if let Some(query) = query_of(right) {
            if is_member {
                return self.member(left, query, (!is_any, decides), at);
            }
            let value = self.expression(left);
            let sql = self.query(query, Purpose::Value);
            let column = self.only_column(at);
            return self.each_compared((value, name, column), is_any, (sql, at));
        }
        if let (Expr::Array(list), true) = (right, is_member) {
            return self.listed_array((left, name), &list.elem, !is_any, at);
        }
        let value = self.expression(left);
        let mut array = self.expression(right);
        if array.kind == Kind::Unknown
            && let Some(item) = Item::of(value.kind.stored())
        {
            array = self.coerce(array, Kind::Array(item), super::Context::Implicit, at);
        }
        let Kind::Array(item) = array.kind else {
            if array.is_broken() || value.is_broken() {
                return Typed::broken();
            }
            let message = "op any/all (array) requires an array on the right side";
            return self.refuse_typed(
                at,
                message,
                "write a column of an array, `array[..]` or a select",
            );
        };
        let element = Kind::of(item.kind(), "");
        let alias = self.fresh_alias();
        let column = Typed::closed(element, Sql::text(format!("{alias}.value")));
        let each = Sql::text(format!("{alias}.value from json_each(")).and(array.sql.clone());
        let each = each.then(") as ").then(&alias);
        let test = if is_member {
            let Some((value, _)) = self.comparable("=", value, column, at) else {
                return Typed::broken();
            };
            let word = if is_any { " in " } else { " not in " };
            value.operand().then(word).and(Sql::text("(select ").and(each).then(")"))
        } else {
            let Some((value, column)) = self.comparable(name, value, column, at) else {
                return Typed::broken();
            };
            let compared = super::comparison::written(name, &value, &column);
            let from =
                Sql::text(" from json_each(").and(array.sql.clone()).then(") as ").then(&alias);
            every(Sql::text("select ").and(compared).then(" as c").and(from), is_any)
        };
        // Nothing is known of an array that is null.
        let sql = Sql::text("case when ").and(array.operand()).then(" is not null then ");
        Typed::closed(Kind::Boolean, sql.and(test).then(" end"))
    }

    /// Writes `left = any (array[..])`. The array has a type by itself: strings in quotes are texts.
    fn listed_array(
        &mut self,
        (left, name): (&Expr, &str),
        items: &[Expr],
        negated: bool,
        at: Span,
    ) -> Typed {
        let written: Vec<Typed> = items.iter().map(|item| self.expression(item)).collect();
        let Some(kind) = self.common_kind(&written, "array", at) else { return Typed::broken() };
        let value = self.expression(left);
        let item = Typed::closed(kind, Sql::default());
        match self.comparable(name, value, item, at) {
            Some(_) => self.listed(left, items, negated, at),
            None => Typed::broken(),
        }
    }

    /// Compares a value with the only column of a query's rows.
    fn each_compared(
        &mut self,
        (value, name, column): (Typed, &str, Typed),
        is_any: bool,
        (query, at): (Sql, Span),
    ) -> Typed {
        let alias = self.fresh_alias();
        let column = Typed { sql: Sql::text(format!("{alias}.c")), ..column };
        let Some((value, column)) = self.comparable(name, value, column, at) else {
            return Typed::broken();
        };
        let compared = super::comparison::written(name, &value, &column);
        let named = format!("{alias}(c)");
        let source = Sql::text("select ").and(compared).then(" as c from (with ").then(&named);
        let source = source.then(" as (").and(query).then(") select c from ").then(&alias);
        Typed::closed(Kind::Boolean, every(source.then(") as ").then(&alias), is_any))
    }

    /// Writes `array[..]`.
    pub(super) fn array(&mut self, items: &[Expr], at: Span) -> Typed {
        let items: Vec<Typed> = items.iter().map(|item| self.expression(item)).collect();
        let Some(kind) = self.common_kind(&items, "array", at) else { return Typed::broken() };
        let Some(item) = Item::of(kind.stored()).filter(|item| *item != Item::Bytes) else {
            let message = format!("an array of {} is not supported", kind.name());
            return self.refuse_typed(at, message, "write a select, or several conditions");
        };
        if items.is_empty() {
            let help = "write its type: `array[]::text[]`";
            return self.refuse_typed(at, "cannot determine type of empty array", help);
        }
        let literal = literal(&items);
        let items: Vec<Typed> = items
            .into_iter()
            .map(|one| self.coerce(one, kind, super::Context::Implicit, at))
            .collect();
        Typed { literal, ..Typed::closed(Kind::Array(item), list_of(item, items)) }
    }

    /// Writes `array[..]::type[]`, whose items are cast one by one.
    pub(super) fn array_of_kind(
        &mut self,
        items: Vec<Typed>,
        (kind, item): (Kind, Item),
        at: Span,
    ) -> Typed {
        let literal = literal(&items).filter(|_| item == Item::Text);
        let element = Kind::of(item.kind(), "");
        let items: Vec<Typed> = items
            .into_iter()
            .map(|one| self.coerce(one, element, super::Context::Explicit, at))
            .collect();
        if items.iter().any(Typed::is_broken) {
            return Typed::broken();
        }
        Typed { literal, ..Typed::closed(kind, list_of(item, items)) }
    }

    /// Writes `array[index]`.
    pub(super) fn subscript(&mut self, array: &Typed, index: &Typed, at: Span) -> Typed {
        let Kind::Array(item) = array.kind else {
            let message = format!(
                "cannot subscript type {} because it does not support it",
                array.kind.name()
            );
            return self.refuse_typed(at, message, "write `.. -> 0` of a document");
        };
        let index = self.coerce(index.clone(), Kind::Int4, super::Context::Assignment, at);
        let sql = match &index.literal {
            Some(Literal::Number(digits)) => {
                let number = digits.parse::<i64>().unwrap_or(0);
                if number < 1 {
                    return Typed { kind: Kind::of(item.kind(), ""), ..Typed::null() };
                }
                format!("@0 ->> '$[{}]'", number.saturating_sub(1))
            }
            _ => "case when @1 >= 1 then @0 ->> ('$[' || (@1 - 1) || ']') end".to_owned(),
        };
        let sql = template::write(&sql, &[array.clone(), index]);
        Typed::open(Kind::of(item.kind(), ""), sql)
    }

    /// Writes `array(select ..)`.
    pub(super) fn array_of_query(&mut self, query: &Query, at: Span) -> Typed {
        let sql = self.query(query, Purpose::Value);
        let column = self.only_column(at);
        let Some(item) = Item::of(column.kind.stored()) else {
            let message = format!("an array of {} is not supported", column.kind.name());
            return self.refuse_typed(at, message, "write `= any (select ..)`");
        };
        let alias = self.fresh_alias();
        let shown = match item {
            Item::Boolean => "json(case c when 1 then 'true' when 0 then 'false' else 'null' end)",
            _ => "c",
        };
        let sql = Sql::text("(with ")
            .then(&alias)
            .then("(c) as (")
            .and(sql)
            .then(") select json_group_array(");
        let sql = sql.then(shown).then(") from ").then(&alias).then(")");
        Typed::closed(Kind::Array(item), sql)
    }
}

/// Whether equal arrays are kept as equal texts: numbers with decimals need not be.
pub(super) const fn has_one_form(kind: Kind) -> bool {
    !matches!(kind, Kind::Array(Item::Double | Item::Numeric))
}

/// Joins what comparing each row comes to (`c`) by `or` or by `and`, each with what is not known.
pub(super) fn every(rows: Sql, is_any: bool) -> Sql {
    let (decisive, otherwise) = if is_any { ("c", "1") } else { ("not c", "0") };
    let rest = if is_any { "0" } else { "1" };
    Sql::text(format!(
        "(select case when count(*) filter (where {decisive}) > 0 then {otherwise} \
         when count(*) filter (where c is null) = 0 then {rest} end from ("
    ))
    .and(rows)
    .then("))")
}

/// Strings in quotes as the literal that an array of them is, so that they may be a path.
fn literal(items: &[Typed]) -> Option<Literal> {
    let texts: Option<Vec<&str>> = items.iter().map(Typed::text).collect();
    texts.map(|texts| Literal::Text(literal_of(&texts)))
}

pub(super) fn bare(expression: &Expr) -> &Expr {
    match expression {
        Expr::Nested(inner) => bare(inner),
        other => other,
    }
}

/// The query of `(select ..)` or of `array(select ..)`.
fn query_of(expression: &Expr) -> Option<&Query> {
    match expression {
        Expr::Subquery(query) => Some(query),
        Expr::Function(function) => super::call::query_of_array(function),
        _ => None,
    }
}
