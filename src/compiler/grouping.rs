//! Which query an aggregate belongs to, and what may stand beside it. SQLite takes the columns of any row of a
//! group, and sums up the rows of the query outside where an aggregate reads nothing of its own; PostgreSQL does
//! neither, or means something else by it.

use sqlparser::ast::{Expr, GroupByExpr, Spanned};

use super::expand::{Expander, Item};
use super::expression::Typed;
use super::parse::span;
use super::report::Span;
use super::sql::{Read, Sql};

impl Expander<'_> {
    /// Whether what an aggregate sums up belongs to the select that it stands in: it reads a row of that one, or
    /// no row at all.
    pub fn is_of_this_select(&self, aggregate: &Sql) -> bool {
        let reads = aggregate.reads();
        let own = self.scopes.last().map(|scope| rows_of(scope)).unwrap_or_default();
        reads.is_empty() || reads.iter().any(|read| own.contains(&read.row))
    }

    /// What a select is grouped by. A number means the column of the result at that place.
    pub fn groups(&mut self, by: &GroupByExpr, values: &[Typed]) -> Vec<Sql> {
        let GroupByExpr::Expressions(list, modifiers) = by else {
            let help = "write the columns behind group by";
            self.refuse(span(by.span()), "this form of group by is not supported", help);
            return Vec::new();
        };
        if !modifiers.is_empty() {
            let help = "write the columns behind group by";
            self.refuse(span(by.span()), "this form of group by is not supported", help);
        }
        let mut groups = Vec::new();
        for one in list {
            let at = span(one.span());
            let sql = match one {
                Expr::Value(value) => {
                    let place = value.value.to_string().parse::<usize>().ok();
                    let value = place.and_then(|place| values.get(place.checked_sub(1)?));
                    if let Some(value) = value {
                        value.sql.clone()
                    } else {
                        let message = "GROUP BY position is not in select list";
                        self.refuse(at, message, "group by a column")
                    }
                }
                one => self.expression(one).sql,
            };
            groups.push(sql);
        }
        groups
    }

    /// Reports a column of a grouped select that is not the same for all rows of a group.
    pub fn check_groups(&mut self, groups: &[Sql], written: &[Sql], at: Span) {
        if self.has_failed() {
            return;
        }
        let scope = self.scopes.last().cloned().unwrap_or_default();
        let determined: Vec<String> = scope
            .iter()
            .filter(|item| is_determined(item, groups))
            .flat_map(|item| rows_of(std::slice::from_ref(item)))
            .collect();
        let own = rows_of(&scope);
        // The longest first: one may be part of another.
        let mut same: Vec<String> = self.aggregates.iter().map(Sql::shown).collect();
        same.sort_by_key(|text| std::cmp::Reverse(text.len()));
        for sql in written {
            if groups.iter().any(|group| group == sql) {
                continue;
            }
            let mut text = sql.shown();
            for part in &same {
                text = text.replace(part, "x");
            }
            for group in groups {
                let group = group.shown();
                text = text.replace(&format!("({group})"), "x");
            }
            let is_group = |read: &Read| {
                groups.iter().any(|group| group.shown() == format!("{}.{}", read.row, read.written))
            };
            let loose = super::sql::reads(&text).into_iter().find(|read| {
                own.contains(&read.row) && !determined.contains(&read.row) && !is_group(read)
            });
            if let Some(read) = loose {
                let message = format!(
                    "column {} must appear in the GROUP BY clause or be used in an aggregate function",
                    read.written
                );
                self.refuse(at, message, "group by it, or select it in a sub-select in `from`");
                return;
            }
        }
    }
}

/// What the rows of the items are called in what is written.
fn rows_of(scope: &[Item]) -> Vec<String> {
    let rows = scope.iter().map(|item| item.row.clone().then(".x"));
    let written = scope.iter().flat_map(|item| item.written.iter().map(|one| one.sql.clone()));
    rows.chain(written).flat_map(|sql| sql.reads()).map(|read| read.row).collect()
}

/// Whether the groups have one row of an item each: its whole primary key is among what they are made by.
fn is_determined(item: &Item, groups: &[Sql]) -> bool {
    !item.key.is_empty()
        && item.key.iter().all(|column| {
            let column = item.row.clone().then(".").then(&super::quote(column));
            groups.contains(&column)
        })
}
