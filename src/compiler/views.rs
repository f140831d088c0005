//! Columns of views, and the keys that a view takes over from the table behind it.
//!
//! SQLite tells for each result column which table's column it is, through any number of views.
//! What it does not tell is read from the view's words, and in doubt the view has less: no type, no
//! key, every value possibly null.

use rusqlite::Connection;

use super::lexer::{Kind, Token, statements};
use super::reflect::{Relation, find};
use super::report::{Diagnostic, Report};
use crate::catalog::{Column, ForeignKey, Table, TableKind, Type, Unique};

/// What the text of a view, and of the views it reads, shows of its form.
#[derive(Debug, Clone, Default)]
struct Form {
    /// It reads one table or view, each row at most once, and does nothing else: its name.
    simple: Option<String>,
    /// Some rows of it may come from a column's other side: no type is sure.
    is_compound: bool,
    /// Some columns may be null that are not null in their table.
    has_outer_join: bool,
}

/// Fills in the columns and keys of all views.
pub(super) fn reflect(connection: &Connection, relations: &mut [Relation], report: &mut Report) {
    let snapshot = relations.to_vec();
    for relation in relations.iter_mut().filter(|one| one.table.kind == TableKind::View) {
        let form = form(&snapshot, relation, report, VIEW_DEPTH_MAX);
        match origins(connection, &relation.table.name) {
            Ok(origins) => {
                let is_hash = |origin: &Origin| {
                    origin.from.as_ref().is_some_and(|(table, column)| {
                        table == "auth_users" && column == "password_hash"
                    })
                };
                if relation.is_exposed && origins.iter().any(is_hash) {
                    let span = relation.name_span(report);
                    let message = "this view shows the password hashes of auth_users";
                    report.push(
                        Diagnostic::error(span, message).help("name the columns that it must show"),
                    );
                }
                fill(&snapshot, &mut relation.table, &form, origins);
                let base = form.simple.as_deref().and_then(|name| find(&snapshot, name));
                relation.simple_over = base.map(|base| base.table.name.clone());
            }
            Err(error) => {
                let span = relation.name_span(report);
                report.push(Diagnostic::error(span, super::message(error)));
                report.fail(&relation.table.name);
            }
        }
    }
}

/// How deep views may read views; SQLite itself refuses circles.
const VIEW_DEPTH_MAX: usize = 32;

/// A result column: its name, and the table and column it comes from.
struct Origin {
    name: String,
    from: Option<(String, String)>,
}

fn origins(connection: &Connection, view: &str) -> rusqlite::Result<Vec<Origin>> {
    let statement = connection.prepare(&format!("select * from {}", super::quote(view)))?;
    let origin = |column: rusqlite::ColumnMetadata<'_>| Origin {
        name: column.name().to_owned(),
        from: column
            .table_name()
            .zip(column.origin_name())
            .map(|(table, column)| (table.to_owned(), column.to_owned())),
    };
    Ok(statement.columns_with_metadata().map(origin).collect())
}

fn fill(relations: &[Relation], view: &mut Table, form: &Form, origins: Vec<Origin>) {
    let mut shown: Vec<(String, String, String)> = Vec::new();
    for Origin { name, from } in origins {
        let base = from.filter(|_| !form.is_compound).and_then(|(table, column)| {
            let base = find(relations, &table)?;
            let column = base.table.column(&column)?;
            Some((base.table.name.clone(), column.clone()))
        });
        let column = match base {
            Some((table, base)) => {
                shown.push((name.clone(), table, base.name));
                Column {
                    name,
                    declared: base.declared,
                    kind: base.kind,
                    nullable: base.nullable || form.has_outer_join,
                    default: None,
                    generated: false,
                    options: base.options,
                }
            }
            None => Column {
                name,
                declared: String::new(),
                kind: Type::Any,
                nullable: true,
                default: None,
                generated: false,
                options: Vec::new(),
            },
        };
        view.columns.push(column);
    }
    // The view's name for a column of a table, if it shows it.
    let shown_as = |table: &str, column: &String| {
        let found = shown.iter().find(|(_, from, origin)| from == table && origin == column);
        found.map(|(name, _, _)| name.clone())
    };
    let names_of = |table: &str, columns: &[String]| {
        columns.iter().map(|column| shown_as(table, column)).collect::<Option<Vec<String>>>()
    };
    let simple = form.simple.as_deref().and_then(|name| find(relations, name));
    if let Some(base) = simple {
        keys(view, &base.table, |columns| names_of(&base.table.name, columns));
    }
    for base in relations.iter().filter(|one| one.table.kind == TableKind::Table) {
        for key in &base.table.foreign_keys {
            // The columns of a wider key may come from different rows of a joined view.
            let is_sure = key.columns.len() == 1 || simple.is_some();
            let Some(columns) = names_of(&base.table.name, &key.columns).filter(|_| is_sure) else {
                continue;
            };
            view.foreign_keys.push(ForeignKey { columns, ..key.clone() });
        }
    }
    view.foreign_keys.sort_by(|left, right| left.name.cmp(&right.name));
}

/// Takes over primary key and uniques that the view shows.
fn keys(view: &mut Table, base: &Table, names_of: impl Fn(&[String]) -> Option<Vec<String>>) {
    if let Some(columns) = names_of(&base.primary_key).filter(|columns| !columns.is_empty()) {
        view.primary_key = columns;
    }
    for unique in &base.uniques {
        if let Some(columns) = names_of(&unique.columns) {
            view.uniques.push(Unique { columns, ..unique.clone() });
        }
    }
}

/// Reads the form of a view, and follows a view of a view down to the table.
fn form(relations: &[Relation], view: &Relation, report: &Report, depth: usize) -> Form {
    let text = &report.sources().get(view.creation.file).text;
    let all = statements(text);
    let is_view = |tokens: &&Vec<Token<'_>>| {
        tokens.first().is_some_and(|first| first.start == view.creation.at.start)
    };
    let Some(tokens) = all.iter().find(is_view).filter(|_| depth > 0) else {
        return Form { is_compound: true, ..Form::default() };
    };
    let has = |words: &[&str]| tokens.iter().any(|token| words.iter().any(|word| token.is(word)));
    let mut form = Form {
        simple: simple_source(tokens),
        is_compound: has(&["union", "intersect", "except"]),
        has_outer_join: has(&["left", "right", "full", "outer"]),
    };
    let views = relations.iter().filter(|one| one.table.kind == TableKind::View);
    for inner in views.filter(|inner| inner.table.name != view.table.name) {
        let is_named = |token: &Token<'_>| {
            token.name().is_some_and(|name| name.eq_ignore_ascii_case(&inner.table.name))
        };
        if !tokens.iter().any(is_named) {
            continue;
        }
        let below = self::form(relations, inner, report, depth.saturating_sub(1));
        form.is_compound |= below.is_compound;
        form.has_outer_join |= below.has_outer_join;
        let is_source = |name: &String| name.eq_ignore_ascii_case(&inner.table.name);
        if form.simple.as_ref().is_some_and(is_source) {
            form.simple = below.simple;
        }
    }
    form
}

/// The table of a view that is only `select .. from table [as alias] [where ..]`.
fn simple_source(tokens: &[Token<'_>]) -> Option<String> {
    let mut depth = 0_usize;
    let outer: Vec<&Token<'_>> = tokens
        .iter()
        .filter(|token| {
            depth = depth.saturating_add(usize::from(token.is("(")));
            let is_outer = depth == 0;
            depth = depth.saturating_sub(usize::from(token.is(")")));
            is_outer
        })
        .collect();
    let not_simple = ["distinct", "group", "with", "union", "intersect", "except"];
    if outer.iter().any(|token| not_simple.iter().any(|word| token.is(word))) {
        return None;
    }
    let from = outer.iter().position(|token| token.is("from"))?;
    let mut source = outer.get(from.saturating_add(1)..)?.iter();
    let name = source.next()?;
    // A sub-select may stand in between, of which `name` is the alias.
    let from = tokens.iter().position(|token| Some(token) == outer.get(from).copied())?;
    if tokens.get(from.saturating_add(1)) != Some(*name) {
        return None;
    }
    let is_word = |token: &&&Token<'_>| matches!(token.kind, Kind::Word | Kind::Quoted);
    let mut next = source.next();
    if next.is_some_and(|token| token.is("as")) {
        source.next()?;
        next = source.next();
    } else if next.as_ref().is_some_and(is_word) && !next.is_some_and(|token| token.is("where")) {
        // Another word is an alias, or the `join` that the last step refuses.
        next = if next.is_some_and(|token| token.is("join")) { next } else { source.next() };
    }
    let is_end = next.is_none_or(|token| token.is("where"));
    is_end.then(|| name.name()).flatten()
}
