//! Writes what stands behind `from` in a sub-select of a policy.

use sqlparser::ast::{
    Ident, Join, JoinConstraint, JoinOperator, Query, Select, Spanned, TableAlias, TableFactor,
};

use super::expand::{Expander, Item, Scope};
use super::expression::Kind;
use super::parse::{self, span};
use super::query::Purpose;
use super::report::Span;
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
            let before = self.scopes.last().map_or(0, Vec::len);
            sql = sql.and(self.source(&tables.relation));
            for join in &tables.joins {
                sql = sql.and(self.join(join, before));
            }
        }
        sql
    }

    /// Writes a join. Its condition sees nothing of the items before the comma, of which there are `before`.
    fn join(&mut self, join: &Join, before: usize) -> Sql {
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
                let at = span(join.relation.span());
                self.show(Item::broken(""), at);
                return self.refuse(at, "this join is not supported", "write join or left join");
            }
        };
        let source = self.source(&join.relation);
        let joined = Sql::text(word).and(source);
        match constraint {
            JoinConstraint::On(condition) => {
                let scope = self.scopes.last_mut();
                let apart: Scope =
                    scope.map(|items| items.drain(..before).collect()).unwrap_or_default();
                let condition = self.truth(condition, "JOIN/ON").sql;
                if let Some(items) = self.scopes.last_mut() {
                    items.splice(..0, apart);
                }
                joined.then(" on ").and(condition)
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
        if let Some(rows) = self.rows_of(factor) {
            return rows;
        }
        let found = match factor {
            TableFactor::Table { name, alias, .. } if plain_alias(alias) => {
                // Whatever else may stand behind a table's name is refused by comparison.
                let mut plain = name.to_string();
                if let Some(alias) = alias {
                    plain = format!("{plain} {alias}");
                }
                let alias = alias.as_ref().map(|alias| &alias.name);
                let own = self.auth_table(name, alias);
                match (plain == factor.to_string(), parse::table_name(name)) {
                    (false, _) => None,
                    (true, _) if own.is_some() => own,
                    (true, Ok(name)) => {
                        let found = self.relation(&name, alias);
                        if found.is_none() {
                            let alias = alias.map_or(name.text, |alias| alias.value.clone());
                            self.show(Item::broken(&alias), at);
                            return Sql::default();
                        }
                        found
                    }
                    (true, Err(diagnostic)) => {
                        let called = name.0.last().and_then(|part| part.as_ident());
                        let called = alias.or(called).map(|name| name.value.as_str());
                        self.show(Item::broken(called.unwrap_or_default()), at);
                        self.push(diagnostic);
                        return Sql::default();
                    }
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
            self.show(Item::broken(alias.unwrap_or_default()), at);
            let help = "write a table, a sub-select with an alias, or unnest(..)";
            return self.refuse(at, "this item of `from` is not supported", help);
        };
        self.show(item, at);
        sql
    }

    /// Makes an item visible.
    pub(super) fn show(&mut self, item: Item, at: Span) {
        let same = |other: &Item| !other.is_broken && other.name.eq_ignore_ascii_case(&item.name);
        if !item.is_broken && self.scopes.last().is_some_and(|scope| scope.iter().any(same)) {
            let message = format!("table name \"{}\" specified more than once", item.name);
            self.refuse(at, message, "give one of them an alias");
        }
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
            scales: self.result.iter().map(|column| column.scale).collect(),
            options: self.result.iter().map(|column| column.options.clone()).collect(),
            columns,
            written: Vec::new(),
            is_value: false,
            key: Vec::new(),
            readable: Columns::All,
            is_auth: false,
            is_broken: false,
        };
        (sql.grouped().then(" as ").then(&written), item)
    }
}

/// A string in quotes that a query selects is a text.
const fn text_of_unknown(kind: Kind) -> Kind {
    match kind {
        Kind::Unknown => Kind::Text,
        other => other,
    }
}
