//! What may be embedded in what, as PostgREST derives it from foreign keys: both directions of each,
//! and through junctions.

use super::references::is_unique;
use super::reflect::{Relation, find};
use crate::catalog::{Cardinality, ForeignKey, Junction, Relationship, TableKind};

/// Fills in the relationships of all tables and views, sorted.
pub(super) fn infer(relations: &mut [Relation]) {
    let mut found: Vec<(String, Relationship)> = Vec::new();
    let references = references(relations);
    for reference in &references {
        found.push((reference.from.table.name.clone(), forward(reference)));
        found.push((reference.to.table.name.clone(), backward(reference)));
    }
    found.extend(through_junctions(&references));
    for relation in relations.iter_mut() {
        let own = found.iter().filter(|(name, _)| *name == relation.table.name);
        relation.table.relationships = own.map(|(_, relationship)| relationship.clone()).collect();
        relation.table.relationships.sort_by(|left, right| key(left).cmp(&key(right)));
    }
}

fn key(one: &Relationship) -> (&str, bool, &str, bool, Option<(&str, &str)>) {
    let junction = one.junction.as_ref();
    let junction = junction.map(|junction| (junction.table.as_str(), junction.constraint.as_str()));
    (&one.target, one.junction.is_some(), &one.constraint, !one.owns_key, junction)
}

/// A foreign key between two things that are served, either of which may be a view that shows it.
struct Reference<'a> {
    from: &'a Relation,
    to: &'a Relation,
    constraint: &'a str,
    /// Pairs of the referring and the referred-to column.
    columns: Vec<(String, String)>,
    /// Whether at most one row refers to each.
    is_unique: bool,
}

fn references(relations: &[Relation]) -> Vec<Reference<'_>> {
    let mut references = Vec::new();
    for from in relations.iter().filter(|relation| relation.is_exposed) {
        for key in &from.table.foreign_keys {
            let Some(parent) = find(relations, &key.references) else { continue };
            let columns = pairs(&key.columns, &key.referenced_columns);
            let is_unique = is_unique(from, &key.columns);
            if parent.is_exposed {
                let columns = columns.clone();
                references.push(Reference {
                    from,
                    to: parent,
                    constraint: &key.name,
                    columns,
                    is_unique,
                });
            }
            for (to, shown) in views_of(relations, parent, key) {
                let columns = pairs(&key.columns, &shown);
                references.push(Reference { from, to, constraint: &key.name, columns, is_unique });
            }
        }
    }
    references
}

fn pairs(left: &[String], right: &[String]) -> Vec<(String, String)> {
    left.iter().cloned().zip(right.iter().cloned()).collect()
}

/// The views that show the referred-to columns of `parent` as a key, under which names.
///
/// A view over several tables may show a row many times, so it is no target.
fn views_of<'a>(
    relations: &'a [Relation],
    parent: &'a Relation,
    key: &'a ForeignKey,
) -> impl Iterator<Item = (&'a Relation, Vec<String>)> {
    let unique =
        parent.table.uniques.iter().find(|unique| {
            unique.columns.iter().all(|column| key.referenced_columns.contains(column))
        });
    let views = relations.iter().filter(|one| one.is_exposed && one.table.kind == TableKind::View);
    views.filter_map(move |view| {
        let unique = unique?;
        let is_same = |source: &&crate::catalog::Unique| source.name == unique.name;
        let is_over_parent = view.simple_over.as_ref() == Some(&parent.table.name);
        let shown = view.table.uniques.iter().find(is_same).filter(|_| is_over_parent)?;
        let name_of = |column: &String| {
            let at = unique.columns.iter().position(|one| one == column)?;
            shown.columns.get(at).cloned()
        };
        let columns = key.referenced_columns.iter().map(name_of).collect::<Option<Vec<_>>>()?;
        Some((view, columns))
    })
}

fn forward(reference: &Reference<'_>) -> Relationship {
    Relationship {
        cardinality: if reference.is_unique {
            Cardinality::OneToOne
        } else {
            Cardinality::ManyToOne
        },
        target: reference.to.table.name.clone(),
        constraint: reference.constraint.to_owned(),
        columns: reference.columns.clone(),
        junction: None,
        owns_key: true,
    }
}

fn backward(reference: &Reference<'_>) -> Relationship {
    Relationship {
        cardinality: if reference.is_unique {
            Cardinality::OneToOne
        } else {
            Cardinality::OneToMany
        },
        target: reference.from.table.name.clone(),
        constraint: reference.constraint.to_owned(),
        columns: flipped(&reference.columns),
        junction: None,
        owns_key: false,
    }
}

fn flipped(columns: &[(String, String)]) -> Vec<(String, String)> {
    columns.iter().map(|(from, to)| (to.clone(), from.clone())).collect()
}

/// Pairs of foreign keys of one table whose columns are all inside its primary key.
fn through_junctions(references: &[Reference<'_>]) -> Vec<(String, Relationship)> {
    let mut found = Vec::new();
    let is_inside_key = |reference: &&Reference<'_>| {
        let table = &reference.from.table;
        table.kind == TableKind::Table
            && reference.columns.iter().all(|(column, _)| table.primary_key.contains(column))
    };
    for near in references.iter().filter(is_inside_key) {
        let same_junction = |far: &&Reference<'_>| {
            far.from.table.name == near.from.table.name && far.constraint != near.constraint
        };
        for far in references.iter().filter(is_inside_key).filter(same_junction) {
            let relationship = Relationship {
                cardinality: Cardinality::ManyToMany,
                target: far.to.table.name.clone(),
                constraint: near.constraint.to_owned(),
                columns: flipped(&near.columns),
                junction: Some(Junction {
                    table: near.from.table.name.clone(),
                    constraint: far.constraint.to_owned(),
                    columns: far.columns.clone(),
                }),
                owns_key: false,
            };
            found.push((near.to.table.name.clone(), relationship));
        }
    }
    found
}
