//! Writes the sub-selects of a policy. Each table in them comes under its own policies.
//!
//! ```text
//! query  = select { ( "union" [ "all" ] | "except" | "intersect" ) select } [ order ] [ limit ]
//! select = "select" [ "distinct" ] items "from" source { ( "," | join ) source } [ "where" expr ]
//!          [ "group by" exprs [ "having" expr ] ]
//! source = table [ alias ] | "(" query ")" alias | ( "json_each" | "json_tree" ) "(" .. ")" [ alias ]
//! ```

use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, LimitClause, ObjectName, OrderByExpr, OrderByKind, OrderBySort,
    Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr, SetOperator,
    SetQuantifier, Spanned,
};

use super::expand::{Expander, Item};
use super::kinds::{Kind, wider};
use super::parse::span;
use super::report::Span;
use super::sql::Sql;
use crate::catalog::Type;

/// What a query is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// `exists (..)`: its columns do not matter.
    Exists,
    /// A value or a list: its columns need no names.
    Value,
    /// An item of a `from`: its columns are called by name.
    Source,
    /// The query of a function: its columns get the names of the result's.
    Result,
}

impl Expander<'_> {
    /// Writes a query.
    pub fn query(&mut self, query: &Query, purpose: Purpose) -> Sql {
        let (sql, _) = self.query_with_columns(query, purpose);
        sql
    }

    /// Writes a sub-select that stands for a value.
    pub fn subquery(&mut self, query: &Query) -> Sql {
        // `(select auth.uid())` is the advice for Postgres; here it is a bound value anyway.
        if let (SetExpr::Select(select), None, None) =
            (query.body.as_ref(), &query.order_by, &query.limit_clause)
        {
            let is_bare = select.from.is_empty() && select.selection.is_none();
            if let ([SelectItem::UnnamedExpr(only)], true) = (select.projection.as_slice(), is_bare)
                && self.is_plain_query(query)
                && self.is_plain_select(select)
                && matches!(only, Expr::Function(function) if function.name.0.len() == 2)
            {
                let sql = self.expression(only);
                self.subqueries.push((span(query.span()), self.kind(only)));
                return sql;
            }
        }
        let sql = self.query(query, Purpose::Value).grouped();
        let kind = self.result.first().cloned().unwrap_or(Kind::Unknown);
        self.subqueries.push((span(query.span()), kind));
        sql
    }

    pub fn query_with_columns(&mut self, query: &Query, purpose: Purpose) -> (Sql, Vec<String>) {
        if !self.is_plain_query(query) {
            return (Sql::default(), Vec::new());
        }
        let order: &[OrderByExpr] = match query.order_by.as_ref().map(|order| &order.kind) {
            Some(OrderByKind::Expressions(order)) => order,
            _ => &[],
        };
        match query.body.as_ref() {
            SetExpr::Select(select) => {
                let (sql, columns) = self.select(select, purpose, order);
                (sql.and(self.limit(query.limit_clause.as_ref())), columns)
            }
            body => {
                if let Some(first) = order.first() {
                    self.unsupported(&first.expr, "ordering a union");
                }
                let (sql, columns) = self.body(body, purpose);
                (sql.and(self.limit(query.limit_clause.as_ref())), columns)
            }
        }
    }

    /// Whether a query has nothing but a body, an order and a limit.
    fn is_plain_query(&mut self, query: &Query) -> bool {
        let bare = Query {
            with: None,
            body: query.body.clone(),
            order_by: None,
            limit_clause: None,
            ..query.clone()
        };
        let body = query.body.to_string();
        if let Some(with) = &query.with {
            let help = "write the query as a sub-select in `from`";
            let message = format!("with is not supported in a {}", self.noun());
            self.refuse(span(with.span()), message, help);
            return false;
        }
        if bare.to_string() != body {
            let help = "leave out what follows limit and offset";
            self.refuse(span(query.span()), "this form of query is not supported", help);
            return false;
        }
        true
    }

    /// Whether a select has only the clauses that are written below.
    fn is_plain_select(&mut self, select: &Select) -> bool {
        let mut rest = select.clone();
        rest.projection.clear();
        rest.from.clear();
        rest.selection = None;
        rest.having = None;
        rest.group_by = GroupByExpr::Expressions(Vec::new(), Vec::new());
        if matches!(rest.distinct, Some(Distinct::Distinct | Distinct::All)) {
            rest.distinct = None;
        }
        if rest.to_string().trim_end() == "SELECT" {
            return true;
        }
        let help = "write select, from, where, group by, having";
        self.refuse(span(select.span()), "this form of select is not supported", help);
        false
    }

    fn body(&mut self, body: &SetExpr, purpose: Purpose) -> (Sql, Vec<String>) {
        match body {
            SetExpr::Select(select) => self.select(select, purpose, &[]),
            SetExpr::SetOperation { left, op, set_quantifier, right } => {
                let word = match (op, set_quantifier) {
                    (SetOperator::Union, SetQuantifier::All) => " union all ",
                    (SetOperator::Union, SetQuantifier::None | SetQuantifier::Distinct) => {
                        " union "
                    }
                    (SetOperator::Except, SetQuantifier::None | SetQuantifier::Distinct) => {
                        " except "
                    }
                    (SetOperator::Intersect, SetQuantifier::None | SetQuantifier::Distinct) => {
                        " intersect "
                    }
                    _ => "",
                };
                // SQLite goes from left to right; Postgres puts `intersect` first.
                let is_straight = matches!(right.as_ref(), SetExpr::Select(_));
                if word.is_empty() || !is_straight {
                    let help = "write it as several conditions, or with sub-selects in `from`";
                    let at = span(body.span());
                    return (self.refuse(at, "this union is not supported", help), Vec::new());
                }
                let (left, columns) = self.body(left, purpose);
                let kinds = std::mem::take(&mut self.result);
                let (right, _) = self.body(right, purpose);
                self.join_kinds(kinds, span(body.span()));
                (left.then(word).and(right), columns)
            }
            other => {
                let at = span(other.span());
                let sql = self.refuse(at, "this form of query is not supported", "write select ..");
                (sql, Vec::new())
            }
        }
    }

    fn select(
        &mut self,
        select: &Select,
        purpose: Purpose,
        order: &[OrderByExpr],
    ) -> (Sql, Vec<String>) {
        if !self.is_plain_select(select) {
            return (Sql::default(), Vec::new());
        }
        self.scopes.push(Vec::new());
        let from = self.from(select);
        let (items, columns, kinds) = self.items(select, purpose);
        let is_distinct = select.distinct == Some(Distinct::Distinct);
        let mut sql =
            Sql::text(if is_distinct { "select distinct " } else { "select " }).and(items);
        if !from.is_empty() {
            sql = sql.then(" from ").and(from);
        }
        if let Some(condition) = &select.selection {
            sql = sql.then(" where ").and(self.expression(condition));
        }
        match &select.group_by {
            GroupByExpr::Expressions(group, modifiers) if modifiers.is_empty() => {
                let group: Vec<Sql> = group.iter().map(|one| self.expression(one)).collect();
                if !group.is_empty() {
                    sql = sql.then(" group by ").and(Sql::join(group, ", "));
                }
            }
            other => {
                let help = "write the columns behind group by";
                self.refuse(span(other.span()), "this form of group by is not supported", help);
            }
        }
        if let Some(condition) = &select.having {
            sql = sql.then(" having ").and(self.expression(condition));
        }
        let order: Vec<Sql> = order.iter().map(|one| self.order(one)).collect();
        if !order.is_empty() {
            sql = sql.then(" order by ").and(Sql::join(order, ", "));
        }
        self.scopes.pop();
        self.result = kinds;
        (sql, columns)
    }

    /// The columns of a union are of the types of all its queries.
    fn join_kinds(&mut self, kinds: Vec<Kind>, at: Span) {
        let other = std::mem::take(&mut self.result);
        for (one, other) in kinds.into_iter().zip(other) {
            let joined = match (one, other) {
                (Kind::Known(one), Kind::Known(other)) => wider(one, other),
                (Kind::Known(kind), Kind::Null) | (Kind::Null, Kind::Known(kind)) => Some(kind),
                _ => Some(Type::Any),
            };
            if joined.is_none() && self.routine.is_some() {
                let help = "give each query's columns the same types, in the same order";
                self.refuse(at, "union types cannot be matched", help);
            }
            self.result.push(joined.into());
        }
    }

    /// The result columns, the names by which a query outside may call them, and their types.
    fn items(&mut self, select: &Select, purpose: Purpose) -> (Sql, Vec<String>, Vec<Kind>) {
        let mut columns = Vec::new();
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expression) => {
                    let sql = self.expression(expression);
                    let name = match expression {
                        Expr::Identifier(ident) => Some(ident),
                        Expr::CompoundIdentifier(parts) => parts.last(),
                        _ => None,
                    };
                    let name = name.map(|name| name.value.clone()).unwrap_or_default();
                    columns.push((sql, name, self.kind(expression)));
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    let sql = self.expression(expr);
                    columns.push((sql, alias.value.clone(), self.kind(expr)));
                }
                SelectItem::Wildcard(options) if options.to_string().is_empty() => {
                    let items = self.scopes.last().cloned().unwrap_or_default();
                    if purpose == Purpose::Exists && !items.is_empty() {
                        columns.push((Sql::text("1"), String::new(), Kind::Unknown));
                        continue;
                    }
                    for item in &items {
                        columns.extend(self.all_columns(item, span(select.span())));
                    }
                }
                SelectItem::QualifiedWildcard(
                    SelectItemQualifiedWildcardKind::ObjectName(name),
                    options,
                ) if options.to_string().is_empty() => {
                    columns.extend(self.all_columns_of(name));
                }
                other => {
                    let help = "write columns, or * alone";
                    self.refuse(span(other.span()), "this result column is not supported", help);
                }
            }
        }
        let written = columns.iter().enumerate().map(|(index, (sql, name, _))| {
            let name = match purpose {
                Purpose::Result => self.names.get(index),
                Purpose::Source => Some(name).filter(|name| !name.is_empty()),
                Purpose::Exists | Purpose::Value => None,
            };
            let sql = sql.clone();
            name.map_or(sql.clone(), |name| named(sql, name))
        });
        let sql = Sql::join(written, ", ");
        let (names, kinds) = columns.into_iter().map(|(_, name, kind)| (name, kind)).unzip();
        (sql, names, kinds)
    }

    /// What `name.*` stands for.
    fn all_columns_of(&mut self, name: &ObjectName) -> Vec<(Sql, String, Kind)> {
        let wanted = name.to_string();
        let same = |item: &&Item| item.name.eq_ignore_ascii_case(&wanted);
        let item = self.scopes.last().and_then(|items| items.iter().find(same)).cloned();
        let at = span(name.span());
        if let Some(item) = item {
            return self.all_columns(&item, at);
        }
        let message = format!("\"{wanted}\" is not read here");
        self.refuse(at, message, "write a name or alias of `from`");
        Vec::new()
    }

    /// What `*` stands for in one item; its columns must all be readable.
    pub fn all_columns(&mut self, item: &Item, at: Span) -> Vec<(Sql, String, Kind)> {
        let hidden = item.columns.iter().find(|column| !item.readable.covers(column));
        if let Some(column) = hidden {
            let role = self.role_name();
            let message =
                format!("role \"{role}\" may not read column \"{column}\" of \"{}\"", item.name);
            self.refuse(at, message, "name the columns instead of *");
        }
        let write = |(column, kind): (&String, &Type)| {
            let sql = item.row.clone().then(".").then(&super::quote(column));
            (sql, column.clone(), Kind::from(Some(*kind)))
        };
        item.columns.iter().zip(&item.kinds).map(write).collect()
    }

    fn order(&mut self, order: &OrderByExpr) -> Sql {
        let direction = match &order.options.sort {
            None => "",
            Some(OrderBySort::Asc) => " asc",
            Some(OrderBySort::Desc) => " desc",
            Some(_) => return self.unsupported(&order.expr, "order by .. using"),
        };
        let nulls = match order.options.nulls_first {
            None => "",
            Some(true) => " nulls first",
            Some(false) => " nulls last",
        };
        if order.with_fill.is_some() {
            return self.unsupported(&order.expr, "with fill");
        }
        self.expression(&order.expr).then(direction).then(nulls)
    }

    fn limit(&mut self, limit: Option<&LimitClause>) -> Sql {
        match limit {
            None => Sql::default(),
            Some(LimitClause::LimitOffset { limit, offset, limit_by }) if limit_by.is_empty() => {
                let limit = limit.as_ref().map(|limit| self.expression(limit));
                let offset = offset.as_ref().map(|offset| self.expression(&offset.value));
                // SQLite has no offset without a limit.
                let limit = limit.unwrap_or_else(|| Sql::text("-1"));
                let sql = Sql::text(" limit ").and(limit);
                offset.map_or(sql.clone(), |offset| sql.then(" offset ").and(offset))
            }
            Some(other) => {
                let help = "write limit .. offset ..";
                self.refuse(span(other.span()), "this limit is not supported", help)
            }
        }
    }
}

fn named(sql: Sql, name: &str) -> Sql {
    sql.then(" as ").then(&super::quote(name))
}
