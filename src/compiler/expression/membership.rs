//! `subject in (select ..)`.

use sqlparser::ast::{Expr, Query};

use super::kind::Kind;
use super::typed::{Form, Typed};
use crate::compiler::expand::Expander;
use crate::compiler::query::Purpose;
use crate::compiler::report::Span;
use crate::compiler::sql::Sql;

impl Expander<'_> {
    /// Writes `subject in (select ..)`.
    pub(super) fn member(
        &mut self,
        subject: &Expr,
        query: &Query,
        (negated, decides): (bool, bool),
        at: Span,
    ) -> Typed {
        if self.is_loose_subject(subject) {
            return Typed::broken();
        }
        let parts = match subject {
            Expr::Tuple(parts) => parts.iter().map(|part| self.expression(part)).collect(),
            one => vec![self.expression(one)],
        };
        let is_column = parts.len() == 1
            && matches!(subject, Expr::Identifier(_) | Expr::CompoundIdentifier(_));
        let is_looked_up = decides && !negated && is_column;
        let sought = parts.first().map(Typed::operand).filter(|_| is_looked_up);
        let sql = match sought {
            Some(subject) => self.looked_up(query, &subject),
            None => self.query(query, Purpose::Value),
        };
        let columns = std::mem::take(&mut self.result);
        if columns.len() != parts.len() {
            if !self.has_failed() {
                let word = if columns.len() > parts.len() { "many" } else { "few" };
                let help = "select as many columns as stand in front of `in`";
                return self.refuse_typed(at, format!("subquery has too {word} columns"), help);
            }
            return Typed::broken();
        }
        match self.compared_columns(parts, columns, sql, at) {
            Some((subject, sql)) => {
                let word = if negated { " not in " } else { " in " };
                Typed::open(Kind::Boolean, subject.then(word).and(sql.grouped()))
            }
            None => Typed::broken(),
        }
    }

    /// What stands in front of `in`, and the query whose columns compare with it.
    fn compared_columns(
        &mut self,
        parts: Vec<Typed>,
        columns: Vec<Typed>,
        sql: Sql,
        at: Span,
    ) -> Option<(Sql, Sql)> {
        let mut subjects = Vec::new();
        let mut selected = Vec::new();
        let mut is_changed = false;
        for (index, (part, column)) in parts.into_iter().zip(columns).enumerate() {
            let place = Typed { sql: Sql::text(format!("c{index}")), form: Form::Simple, ..column };
            let (part, compared) = self.comparable("=", part, place.clone(), at)?;
            is_changed |= compared.sql != place.sql;
            subjects.push(part.operand());
            selected.push(compared.sql);
        }
        let sql = if is_changed {
            let alias = self.fresh_alias();
            let names: Vec<String> = (0..selected.len()).map(|index| format!("c{index}")).collect();
            Sql::text(format!("with {alias}({}) as (", names.join(", ")))
                .and(sql)
                .then(") select ")
                .and(Sql::join(selected, ", "))
                .then(" from ")
                .then(&alias)
        } else {
            sql
        };
        let subject = match <[Sql; 1]>::try_from(subjects) {
            Ok([only]) => only,
            Err(several) => Sql::join(several, ", ").grouped(),
        };
        Some((subject, sql))
    }
}
