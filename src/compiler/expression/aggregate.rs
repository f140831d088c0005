//! Aggregates: functions of many rows.

use sqlparser::ast::{
    DuplicateTreatment, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
};

use super::Context;
use super::kind::Kind;
use super::template::Check;
use super::typed::{Form, Typed};
use crate::catalog::Item;
use crate::compiler::expand::Expander;
use crate::compiler::report::Span;
use crate::compiler::sql::Sql;

/// Functions of many rows.
pub(in crate::compiler) const AGGREGATES: &[&str] = &[
    "array_agg",
    "avg",
    "bool_and",
    "bool_or",
    "count",
    "every",
    "json_agg",
    "jsonb_agg",
    "max",
    "min",
    "string_agg",
    "sum",
];

impl Expander<'_> {
    pub(super) fn aggregate(&mut self, function: &Function, name: &str, at: Span) -> Typed {
        let FunctionArguments::List(list) = &function.args else {
            return self.refuse_typed(at, format!("{name} is a function"), "write it with (..)");
        };
        if !list.clauses.is_empty() {
            let help = "order the rows in a sub-select in `from`";
            return self.refuse_typed(at, format!("{name}(.. order by ..) is not supported"), help);
        }
        let is_distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
        let is_star =
            matches!(list.args.as_slice(), [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)]);
        let (result, sql) = if is_star && name == "count" {
            (Kind::Int8, Sql::text("count(*)"))
        } else {
            let Some(arguments) = self.arguments_of(&list.args, false, at) else {
                return Typed::broken();
            };
            match self.aggregated(name, arguments, is_distinct, at) {
                Some(written) => written,
                None => return Typed::broken(),
            }
        };
        let sql = match &function.filter {
            Some(filter) => {
                let filter = self.truth(filter, "FILTER");
                sql.then(" filter (where ").and(filter.sql).then(")")
            }
            None => sql,
        };
        if !self.is_of_this_select(&sql) {
            let message =
                format!("{name}(..) of a value from outside this select is not supported");
            let help = "aggregate the rows of this select, or write the value without an aggregate";
            return self.refuse_typed(at, message, help);
        }
        self.aggregates.push(sql.clone());
        let sql = match (name, result) {
            ("sum" | "avg", Kind::Numeric) => Check::Decimal.write(sql),
            // Of no rows there is null, and no empty list.
            ("array_agg" | "json_agg" | "jsonb_agg", _) => {
                Sql::text("nullif(").and(sql).then(", '[]')")
            }
            _ => sql,
        };
        Typed::new(result, Form::Closed, sql)
    }

    /// The type of an aggregate and its SQL.
    fn aggregated(
        &mut self,
        name: &str,
        arguments: Vec<Typed>,
        is_distinct: bool,
        at: Span,
    ) -> Option<(Kind, Sql)> {
        if arguments.iter().any(Typed::is_broken) {
            return None;
        }
        if matches!(name, "min" | "max") && arguments.iter().any(|one| self.refuse_rank(one, at)) {
            return None;
        }
        let text = |one: &Typed| if one.kind == Kind::Unknown { Kind::Text } else { one.kind };
        let first = arguments.first().map_or(Kind::Broken, text);
        let (result, function) = match (name, first, arguments.len()) {
            ("count", _, 1) => (Kind::Int8, "count"),
            ("sum", Kind::Int2 | Kind::Int4, 1) => (Kind::Int8, "sum"),
            ("sum", Kind::Int8 | Kind::Numeric, 1) => (Kind::Numeric, "sum"),
            ("sum", Kind::Float8, 1) => (Kind::Float8, "sum"),
            ("avg", Kind::Float8, 1) => (Kind::Float8, "avg"),
            ("avg", kind, 1) if kind.is_number() => (Kind::Numeric, "avg"),
            ("min" | "max", kind, 1)
                if !matches!(
                    kind,
                    Kind::Boolean | Kind::Json | Kind::Jsonb | Kind::Array(_) | Kind::Uuid
                ) =>
            {
                (kind, name)
            }
            ("bool_and" | "every", Kind::Boolean, 1) => (Kind::Boolean, "min"),
            ("bool_or", Kind::Boolean, 1) => (Kind::Boolean, "max"),
            ("string_agg", kind, 2) if kind.is_text() => (Kind::Text, "group_concat"),
            ("array_agg", kind, 1)
                if Item::of(kind.stored()).is_some() && kind != Kind::Boolean =>
            {
                (Kind::Array(Item::of(kind.stored())?), "json_group_array")
            }
            ("json_agg" | "jsonb_agg", kind, 1)
                if !matches!(kind, Kind::Boolean | Kind::Bytea | Kind::Interval) =>
            {
                (Kind::Jsonb, "json_group_array")
            }
            _ => {
                let message = format!("function {name}({}) does not exist", first.name());
                self.refuse(at, message, "cast the argument, or write another aggregate");
                return None;
            }
        };
        let is_document = matches!(first, Kind::Json | Kind::Jsonb | Kind::Array(_));
        let list = arguments.into_iter().enumerate().map(|(index, one)| {
            let kind = if index == 0 { first } else { Kind::Text };
            let one = self.coerce(one, kind, Context::Implicit, at);
            if is_document && function == "json_group_array" {
                Sql::text("json").and(one.sql.grouped())
            } else {
                one.sql
            }
        });
        let list = Sql::join(list.collect::<Vec<_>>(), ", ");
        let prefix = if is_distinct { "(distinct " } else { "(" };
        let sql = Sql::text(function).then(prefix).and(list).then(")");
        Some((result, sql))
    }
}
