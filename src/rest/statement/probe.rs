//! Which foreign key a refused write has broken.
//!
//! The one place that reads a table without its policy, as the foreign key itself does. It answers
//! nothing but whether a key is missing, which the refusal has told already.

use super::write::cell;
use super::writer::name;
use crate::catalog::ForeignKey;
use crate::db::Statement;
use crate::rest::plan::Cells;

/// Writes a statement that answers a text when some row refers through `key` to nothing.
pub fn probe(cells: &Cells<'_>, key: &ForeignKey) -> Statement {
    let mut present = Vec::new();
    let mut equal = Vec::new();
    for (column, referenced) in key.columns.iter().zip(&key.referenced_columns) {
        let written = cells.columns.iter().enumerate().find(|(_, written)| written.name == *column);
        let Some((index, column)) = written else { continue };
        let value = cell(column, "r.value", &format!("'$[{index}]'"));
        present.push(format!("{value} is not null"));
        equal.push(format!("p.{} = {value}", name(referenced)));
    }
    let sql = format!(
        "select case when exists (select 1 from json_each(?1) as r where {} \
         and not exists (select 1 from {} as p where {})) then 'missing' end as row",
        present.join(" and "),
        name(&key.references),
        equal.join(" and ")
    );
    Statement::rendered(sql, vec![Some(cells.rows.clone())])
}
