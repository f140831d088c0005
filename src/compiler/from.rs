//! Writes what stands behind `from` in a sub-select of a policy.

use sqlparser::ast::{
    FunctionArg, FunctionArgExpr, Ident, Join, JoinConstraint, JoinOperator, Query, Select,
    Spanned, TableAlias, TableFactor,
};

use super::expand::{Expander, Item};
use super::functions::{TABLE, TABLE_COLUMNS};
use super::kinds::Kind;
use super::parse::{self, span};
use super::query::Purpose;
use super::rules::Columns;
use super::sql::Sql;
use crate::catalog::Type;

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
            JoinConstraint::On(condition) => joined.then(" on ").and(self.expression(condition)),
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
            kinds: self.result.iter().map(|kind| kind.known().unwrap_or(Type::Any)).collect(),
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
        if !TABLE.contains(&name.as_str()) {
            let message = format!("function {name}() yields no rows here");
            self.show(Item::broken(alias.map_or(&name, |alias| &alias.value)));
            return self.refuse(at, message, "there are json_each(..) and json_tree(..)");
        }
        let mut written = Vec::new();
        let mut value = Type::Any;
        for argument in arguments {
            let FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) = argument else {
                return self.refuse(at, "this argument is not supported", "write a value");
            };
            written.push(self.expression(expression));
            if let (Kind::Known(Type::Array(item)), 1) = (self.kind(expression), arguments.len()) {
                value = item.kind();
            }
        }
        let alias_written = self.fresh_alias();
        self.show(table_function_item(&name, alias, &alias_written, value));
        Sql::text(name).and(Sql::join(written, ", ").grouped()).then(" as ").then(&alias_written)
    }
}

/// The item of `json_each` and `json_tree`, whose values are of that type.
fn table_function_item(name: &str, alias: Option<&Ident>, written: &str, value: Type) -> Item {
    let kind =
        |column: &&str| if *column == "value" && name == "json_each" { value } else { Type::Any };
    Item {
        name: alias.map_or_else(|| name.to_owned(), |alias| alias.value.clone()),
        row: Sql::text(written),
        columns: TABLE_COLUMNS.iter().map(|&column| column.to_owned()).collect(),
        kinds: TABLE_COLUMNS.iter().map(kind).collect(),
        readable: Columns::All,
        is_broken: false,
    }
}
