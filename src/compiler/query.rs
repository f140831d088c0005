//! Writes the sub-selects of a policy. Each table in them comes under its own policies.
//!
//! ```text
//! query  = select { ( "union" [ "all" ] | "except" | "intersect" ) select } [ order ] [ limit ]
//! select = "select" [ "distinct" ] items "from" source { ( "," | join ) source } [ "where" expr ]
//!          [ "group by" exprs [ "having" expr ] ]
//! source = table [ alias ] | "(" query ")" alias | ( "json_each" | "json_tree" ) "(" .. ")" [ alias ]
//! ```

use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, LimitClause, OrderByExpr, OrderByKind, OrderBySort, Query, Select,
    SelectItem, SetExpr, SetOperator, SetQuantifier, Spanned, TableFactor, TableWithJoins,
};

use super::expand::Expander;
use super::expression::{Context, Form, Kind, Typed, raise};
use super::names::column_name;
use super::parse::span;
use super::reflect::find;
use super::report::Span;
use super::single::may_aggregate;
use super::sql::Sql;

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

    /// Writes the sub-select of `subject in (..)`. Where a key finds what it selects, only the
    /// rows of the subject's value are read instead of all: for the one row that is judged most of
    /// them would be read in vain. Without them the answer is false where it might have been null.
    pub fn looked_up(&mut self, query: &Query, subject: &Sql) -> Sql {
        let select = match (query.body.as_ref(), &query.order_by, &query.limit_clause) {
            (SetExpr::Select(select), None, None) if self.is_indexed(select) => select,
            _ => return self.query(query, Purpose::Value),
        };
        if !self.is_plain_query(query) {
            return Sql::default();
        }
        self.select(select, Purpose::Value, &[], Some(subject)).0
    }

    /// Whether a select reads one table, and of that one column with which a key begins.
    fn is_indexed(&self, select: &Select) -> bool {
        let [SelectItem::UnnamedExpr(only)] = select.projection.as_slice() else { return false };
        let Some(column) = column_name(only) else { return false };
        let [TableWithJoins { relation: TableFactor::Table { name, .. }, joins }] =
            select.from.as_slice()
        else {
            return false;
        };
        let is_grouped =
            !matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty());
        let Some(table) = name.0.last().and_then(|part| part.as_ident()) else { return false };
        let Some(relation) = find(self.environment.relations, &table.value) else { return false };
        let table = &relation.table;
        // Other indexes may be partial, and so of no use.
        let mut keys = table.uniques.iter().map(|unique| unique.columns.as_slice());
        let leads = |columns: &[String]| {
            columns.first().is_some_and(|first| first.eq_ignore_ascii_case(&column.value))
        };
        joins.is_empty()
            && !is_grouped
            && select.having.is_none()
            && (leads(&table.primary_key) || keys.any(leads))
    }

    /// Writes a sub-select that stands for a value.
    pub fn subquery(&mut self, query: &Query, at: Span) -> Typed {
        // `(select auth.uid())` is the advice for PostgreSQL; here it is a bound value anyway, and what
        // is computed of such values may as well stand alone.
        if let (SetExpr::Select(select), None, None) =
            (query.body.as_ref(), &query.order_by, &query.limit_clause)
            && let (
                [SelectItem::UnnamedExpr(only) | SelectItem::ExprWithAlias { expr: only, .. }],
                true,
                None,
            ) = (select.projection.as_slice(), select.from.is_empty(), &select.selection)
            && select.having.is_none()
            && !may_aggregate(only)
            && !super::expression::has_rows(only)
            && self.is_plain_query(query)
            && self.is_plain_select(select)
        {
            let value = self.expression(only).grouped();
            return match value.kind {
                // What a query selects has a type: a string in quotes is a text.
                Kind::Unknown => Typed { kind: Kind::Text, literal: None, ..value },
                _ => value,
            };
        }
        let sql = self.query(query, Purpose::Value);
        let column = self.only_column(at);
        let sql = if self.yields_one_row(query) { sql.grouped() } else { self.only_row(sql) };
        // A column that stands in a query is no column to an index.
        let (scale, is_ranked) = (column.scale, column.is_ranked);
        Typed { scale, is_ranked, ..Typed::closed(column.kind, sql) }
    }

    /// Writes the value of a query that must have at most one row. SQLite would take the first of several.
    fn only_row(&mut self, query: Sql) -> Sql {
        let alias = self.fresh_alias();
        let raised = raise("subquery");
        Sql::text(format!("(select case when count(*) > 1 then {raised} else max(c) end from (with {alias}(c) as ("))
            .and(query)
            .then(&format!(") select c from {alias} limit 2))"))
    }

    /// The column of a query that must have one.
    pub fn only_column(&mut self, at: Span) -> Typed {
        let mut columns = std::mem::take(&mut self.result);
        match (columns.pop(), columns.is_empty()) {
            (Some(only), true) if only.kind == Kind::Unknown => {
                Typed { kind: Kind::Text, literal: None, ..only }
            }
            (Some(only), true) => Typed { literal: None, json: None, ..only },
            _ => {
                if !self.has_failed() {
                    self.refuse(at, "subquery must return only one column", "select one column");
                }
                Typed::broken()
            }
        }
    }

    /// Writes how many rows a limit or an offset is.
    fn count(&mut self, expression: &Expr) -> Sql {
        let value = self.expression(expression);
        self.coerce(value, Kind::Int8, Context::Assignment, span(expression.span())).sql
    }

    /// Reports what this language has not.
    pub fn unsupported(&mut self, expression: &Expr, what: &str) -> Sql {
        let message = format!("{what} is not supported in a {}", self.noun());
        self.refuse(span(expression.span()), message, "leave it out, or order in a sub-select")
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
                let (sql, columns) = self.select(select, purpose, order, None);
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
            SetExpr::Select(select) => self.select(select, purpose, &[], None),
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
                let first = std::mem::take(&mut self.result);
                let (right, _) = self.body(right, purpose);
                self.join_columns(first, span(body.span()));
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
        sought: Option<&Sql>,
    ) -> (Sql, Vec<String>) {
        if !self.is_plain_select(select) {
            return (Sql::default(), Vec::new());
        }
        if let Some(rows) = self.selected_rows(select) {
            self.is_single = false;
            return rows;
        }
        let outside = std::mem::take(&mut self.aggregates);
        self.scopes.push(Vec::new());
        let from = self.from(select);
        let outer = std::mem::take(&mut self.lateral);
        let (items, columns, values) = self.items(select, purpose);
        let is_grouped = !self.aggregates.is_empty();
        let is_single = select.from.is_empty() && self.lateral.is_empty();
        let from = self.with_lateral(from, select, is_grouped);
        self.lateral = outer;
        let is_distinct = select.distinct == Some(Distinct::Distinct);
        let mut sql =
            Sql::text(if is_distinct { "select distinct " } else { "select " }).and(items.clone());
        if !from.is_empty() {
            sql = sql.then(" from ").and(from);
        }
        let found = sought.map(|subject| subject.clone().then(" = ").and(items));
        let asked = select.selection.as_ref().map(|condition| self.truth(condition, "WHERE").sql);
        sql = match (asked, found) {
            (None, None) => sql,
            (Some(one), None) | (None, Some(one)) => sql.then(" where ").and(one),
            (Some(asked), Some(found)) => {
                sql.then(" where ").and(found).then(" and ").and(asked.grouped())
            }
        };
        let groups = self.groups(&select.group_by, &values);
        if !groups.is_empty() {
            sql = sql.then(" group by ").and(Sql::join(groups.clone(), ", "));
        }
        let mut written: Vec<Sql> = values.iter().map(|value| value.sql.clone()).collect();
        if let Some(condition) = &select.having {
            let condition = self.truth(condition, "HAVING").sql;
            written.push(condition.clone());
            sql = sql.then(" having ").and(condition);
        }
        let order: Vec<(Sql, &str)> = order.iter().map(|one| self.order(one)).collect();
        if !order.is_empty() {
            let list = order.iter().map(|(one, how)| one.clone().then(how));
            sql = sql.then(" order by ").and(Sql::join(list, ", "));
            written.extend(order.into_iter().map(|(one, _)| one));
        }
        let is_summed = select.having.is_some() || !self.aggregates.is_empty();
        if is_summed || !groups.is_empty() {
            self.check_groups(&groups, &written, span(select.span()));
        }
        self.is_single = is_single || is_summed && groups.is_empty();
        self.aggregates = outside;
        self.scopes.pop();
        self.result = values;
        (sql, columns)
    }

    /// Writes `select function(..)` of a function that returns rows: these are the query's.
    fn selected_rows(&mut self, select: &Select) -> Option<(Sql, Vec<String>)> {
        let ([SelectItem::UnnamedExpr(Expr::Function(call))], true, None) =
            (select.projection.as_slice(), select.from.is_empty(), &select.selection)
        else {
            return None;
        };
        if !self.is_rows_helper(call) {
            return None;
        }
        let (sql, columns) = self.helper_rows(call, span(call.name.span()))?;
        let alias = self.fresh_alias();
        let list: Vec<Sql> = columns
            .iter()
            .map(|(name, _)| Sql::text(format!("{alias}.{}", super::quote(name))))
            .collect();
        let place = |(name, kind): &(String, Kind)| {
            Typed::new(*kind, Form::Simple, Sql::text(format!("{alias}.{}", super::quote(name))))
        };
        self.result = columns.iter().map(place).collect();
        let sql = Sql::text("select ").and(Sql::join(list, ", ")).then(" from (").and(sql);
        let names = columns.into_iter().map(|(name, _)| name).collect();
        Some((sql.then(") as ").then(&alias), names))
    }

    /// What is ordered by, and how.
    fn order(&mut self, order: &OrderByExpr) -> (Sql, &'static str) {
        let is_descending = match &order.options.sort {
            None | Some(OrderBySort::Asc) => false,
            Some(OrderBySort::Desc) => true,
            Some(_) => return (self.unsupported(&order.expr, "order by .. using"), ""),
        };
        // PostgreSQL takes null for the greatest of all, SQLite for the least.
        let is_null_first = order.options.nulls_first.unwrap_or(is_descending);
        let how = match (is_descending, is_null_first) {
            (false, false) => " nulls last",
            (false, true) => " nulls first",
            (true, false) => " desc nulls last",
            (true, true) => " desc nulls first",
        };
        if order.with_fill.is_some() {
            return (self.unsupported(&order.expr, "with fill"), "");
        }
        let value = self.expression(&order.expr);
        self.refuse_rank(&value, span(order.expr.span()));
        (value.sql, how)
    }

    fn limit(&mut self, limit: Option<&LimitClause>) -> Sql {
        match limit {
            None => Sql::default(),
            Some(LimitClause::LimitOffset { limit, offset, limit_by }) if limit_by.is_empty() => {
                let limit = limit.as_ref().map(|limit| self.count(limit));
                let offset = offset.as_ref().map(|offset| self.count(&offset.value));
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
