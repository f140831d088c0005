//! Writes what stands behind `from` in a sub-select of a policy.

use sqlparser::ast::{
    FunctionArg, FunctionArgExpr, Ident, Join, JoinConstraint, JoinOperator, Query, Select,
    Spanned, TableAlias, TableFactor,
};

use super::expand::{Expander, Item};
use super::expression::{Context, Kind};
use super::parse::{self, span};
use super::query::Purpose;
use super::rules::Columns;
use super::sql::Sql;

impl Expander<'_> {
    /// Writes a `from` and makes its items visible.
    pub fn from(&mut self, select: &Select) -> Sql {
        let mut sql = Sql::default();
        for (index, tables) in select.from.iter().enumerate() {
            if index > 0 {
                sql = sql.then(" join ");
            }
            sql = sql.and(self.source(&tables.relation));
            for join in &tables.joins {
                sql = sql.and(self.join(join));
            }
        }
        sql
    }

    fn join(&mut self, join: &Join) -> Sql {
        let (word, constraint) = match &join.join_operator {
            _ if join.global => {
                return self.refuse(
                    span(join.relation.span()),
                    "global joins do not exist",
                    "write join",
                );
            }
            JoinOperator::Join(constraint) | JoinOperator::Inner(constraint) => {
                (" join ", constraint)
            }
            JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => {
                (" left join ", constraint)
            }
            // SQLite's own `cross join` would also fix the order of the loops.
            JoinOperator::CrossJoin(constraint) => (" join ", constraint),
            _ => {
                self.show(Item::broken(""));
                let at = span(join.relation.span());
                return self.refuse(at, "this join is not supported", "write join or left join");
            }
        };
        let source = self.source(&join.relation);
        let joined = Sql::text(word).and(source);
        match constraint {
            JoinConstraint::On(condition) => {
                joined.then(" on ").and(self.truth(condition, "JOIN/ON").sql)
            }
            JoinConstraint::None => joined,
            JoinConstraint::Using(_) | JoinConstraint::Natural => {
                let at = span(join.relation.span());
                self.refuse(at, "using and natural joins are not supported", "write `on a.x = b.x`")
            }
        }
    }

    /// Writes one item of a `from` and makes it visible.
    fn source(&mut self, factor: &TableFactor) -> Sql {
        let at = span(factor.span());
        let plain_alias = |alias: &Option<TableAlias>| {
            alias.as_ref().is_none_or(|alias| alias.columns.is_empty() && alias.at.is_none())
        };
        let found = match factor {
            TableFactor::Table { name, alias, args, .. } if plain_alias(alias) => {
                // Whatever else may stand behind a table's name is refused by comparison.
                let mut plain = name.to_string();
                if let Some(arguments) = args {
                    let list: Vec<String> =
                        arguments.args.iter().map(ToString::to_string).collect();
                    plain = format!("{plain}({})", list.join(", "));
                }
                if let Some(alias) = alias {
                    plain = format!("{plain} {alias}");
                }
                let alias = alias.as_ref().map(|alias| &alias.name);
                match (plain == factor.to_string(), args) {
                    (false, _) => None,
                    (true, Some(arguments)) => {
                        return self.table_function(factor, &arguments.args, alias);
                    }
                    (true, None) => match parse::table_name(name) {
                        Ok(name) => {
                            let found = self.relation(&name, alias);
                            if found.is_none() {
                                let alias = alias.map_or(name.text, |alias| alias.value.clone());
                                self.show(Item::broken(&alias));
                                return Sql::default();
                            }
                            found
                        }
                        Err(diagnostic) => {
                            self.push(diagnostic);
                            return Sql::default();
                        }
                    },
                }
            }
            TableFactor::Derived { lateral: false, subquery, alias: Some(alias), sample: None }
                if alias.columns.is_empty() && alias.at.is_none() =>
            {
                Some(self.derived(subquery, &alias.name))
            }
            _ => None,
        };
        let Some((sql, item)) = found else {
            let alias = match factor {
                TableFactor::Table { alias, .. } | TableFactor::Derived { alias, .. } => alias,
                _ => &None,
            };
            let alias = alias.as_ref().map(|alias| alias.name.value.as_str());
            self.show(Item::broken(alias.unwrap_or_default()));
            let help = "write a table, a sub-select with an alias, or json_each(..)";
            return self.refuse(at, "this item of `from` is not supported", help);
        };
        self.show(item);
        sql
    }

    fn show(&mut self, item: Item) {
        if let Some(scope) = self.scopes.last_mut() {
            scope.push(item);
        }
    }

    fn derived(&mut self, subquery: &Query, alias: &Ident) -> (Sql, Item) {
        // What stands beside it is not visible inside it.
        let beside = self.scopes.pop();
        let (sql, columns) = self.query_with_columns(subquery, Purpose::Source);
        self.scopes.extend(beside);
        let written = self.fresh_alias();
        let row = Sql::text(&written);
        let item = Item {
            name: alias.value.clone(),
            row,
            kinds: self.result.iter().map(|column| text_of_unknown(column.kind)).collect(),
            columns,
            readable: Columns::All,
            is_broken: false,
        };
        (sql.grouped().then(" as ").then(&written), item)
    }

    fn table_function(
        &mut self,
        factor: &TableFactor,
        arguments: &[FunctionArg],
        alias: Option<&Ident>,
    ) -> Sql {
        let at = span(factor.span());
        let name = match factor {
            TableFactor::Table { name, .. } => name.to_string().to_ascii_lowercase(),
            _ => String::new(),
        };
        let called = alias.map_or_else(|| name.clone(), |alias| alias.value.clone());
        let Some(function) = ROWS.iter().find(|function| function.name == name) else {
            let message = format!("function {name}() yields no rows here");
            self.show(Item::broken(&called));
            let names: Vec<String> =
                ROWS.iter().map(|function| format!("{}(..)", function.name)).collect();
            return self.refuse(at, message, &format!("there are {}", names.join(", ")));
        };
        let [FunctionArg::Unnamed(FunctionArgExpr::Expr(expression))] = arguments else {
            self.show(Item::broken(&called));
            return self.refuse(at, "this argument is not supported", "write one value");
        };
        let value = self.expression(expression);
        let (value, item) = match (function.takes, value.kind) {
            (_, Kind::Broken) => (value, Kind::Broken),
            (Takes::Array | Takes::Either, Kind::Array(item)) => {
                (value, Kind::of(item.kind(), ""))
            }
            (Takes::Either, Kind::Json) => (value, Kind::Untyped),
            (Takes::Array, kind) => {
                let message = format!("function {name}({}) does not exist", kind.name());
                self.refuse(at, message, "write a column of an array");
                (value, Kind::Broken)
            }
            _ => (self.coerce(value, Kind::Jsonb, Context::Implicit, at), Kind::Untyped),
        };
        let written = self.fresh_alias();
        let (sql, columns) = function.rows(value.sql, item, &called, &written);
        self.show(Item {
            name: called,
            row: Sql::text(&written),
            columns: columns.iter().map(|(name, _)| name.clone()).collect(),
            kinds: columns.into_iter().map(|(_, kind)| kind).collect(),
            readable: Columns::All,
            is_broken: value.kind == Kind::Broken,
        });
        sql
    }
}

/// What a function that yields rows takes.
#[derive(Clone, Copy)]
enum Takes {
    Array,
    Document,
    Either,
}

/// A function that yields rows.
struct RowsFunction {
    name: &'static str,
    takes: Takes,
}

/// PostgreSQL's, and SQLite's `json_each` and `json_tree`.
const ROWS: &[RowsFunction] = &[
    RowsFunction { name: "unnest", takes: Takes::Array },
    RowsFunction { name: "jsonb_array_elements", takes: Takes::Document },
    RowsFunction { name: "jsonb_array_elements_text", takes: Takes::Document },
    RowsFunction { name: "jsonb_object_keys", takes: Takes::Document },
    RowsFunction { name: "jsonb_each", takes: Takes::Document },
    RowsFunction { name: "jsonb_each_text", takes: Takes::Document },
    RowsFunction { name: "json_each", takes: Takes::Either },
    RowsFunction { name: "json_tree", takes: Takes::Either },
];

/// An item as a document.
const ITEM: &str = "case type when 'text' then json_quote(value) when 'true' then 'true' when 'false' \
    then 'false' when 'null' then 'null' else value end";
/// An item as a text.
const ITEM_TEXT: &str =
    "case type when 'true' then 'true' when 'false' then 'false' else cast(value as text) end";

impl RowsFunction {
    /// The SQL of the rows of a value, and the columns that it has.
    fn rows(&self, value: Sql, item: Kind, called: &str, alias: &str) -> (Sql, Vec<(String, Kind)>) {
        let source = |list: &str, of: &str| {
            Sql::text(format!("(select {list} from json_each("))
                .and(value.clone())
                .then(&format!(") where {of}) as {alias}"))
        };
        let named = |name: &str| super::quote(name);
        let is_array = "json_type(json) = 'array'";
        let is_object = "json_type(json) = 'object'";
        let value_name = named("value");
        match self.name {
            "unnest" => {
                let sql = source(&format!("value as {}", named(called)), "true");
                (sql, vec![(called.to_owned(), item)])
            }
            "jsonb_array_elements" => {
                let sql = source(&format!("{ITEM} as {value_name}"), is_array);
                (sql, vec![("value".to_owned(), Kind::Jsonb)])
            }
            "jsonb_array_elements_text" => {
                let sql = source(&format!("{ITEM_TEXT} as {value_name}"), is_array);
                (sql, vec![("value".to_owned(), Kind::Text)])
            }
            "jsonb_object_keys" => {
                let sql = source(&format!("key as {}", named(called)), is_object);
                (sql, vec![(called.to_owned(), Kind::Text)])
            }
            "jsonb_each" | "jsonb_each_text" => {
                let (item, kind) = match self.name {
                    "jsonb_each" => (ITEM, Kind::Jsonb),
                    _ => (ITEM_TEXT, Kind::Text),
                };
                let sql = source(&format!("key, {item} as {value_name}"), is_object);
                (sql, vec![("key".to_owned(), Kind::Text), ("value".to_owned(), kind)])
            }
            name => {
                let columns = [
                    ("key", Kind::Untyped),
                    ("value", item),
                    ("type", Kind::Text),
                    ("atom", Kind::Untyped),
                    ("id", Kind::Int8),
                    ("parent", Kind::Int8),
                    ("fullkey", Kind::Text),
                    ("path", Kind::Text),
                ];
                let sql = Sql::text(name).and(value.grouped()).then(" as ").then(alias);
                let named = |(name, kind): (&str, Kind)| (name.to_owned(), kind);
                (sql, columns.into_iter().map(named).collect())
            }
        }
    }
}

/// A string in quotes that a query selects is a text.
const fn text_of_unknown(kind: Kind) -> Kind {
    match kind {
        Kind::Unknown => Kind::Text,
        other => other,
    }
}
