//! Which relationship an embed means.
//!
//! A target is the name of a table or view, of a foreign key, or of a referring column; a hint is a
//! foreign key, a referring or referred-to column, or a junction.

use crate::catalog::{Cardinality, Catalog, Relationship, Table, TableKind};
use crate::error::{Code, Details, Error};
use crate::http::json;
use crate::rest::similar::nearest;

/// Finds the one relationship of `origin` that `target` and `hint` mean.
///
/// # Errors
/// `PGRST200` when there is none, `PGRST201` when there are several.
pub fn find<'a>(
    catalog: &Catalog,
    origin: &'a Table,
    (target, hint): (&str, Option<&str>),
) -> Result<&'a Relationship, Error> {
    // A key's name means the table it refers to, never a view of that table.
    let leads_to_table = |relationship: &Relationship| {
        catalog.table(&relationship.target).is_some_and(|table| table.kind == TableKind::Table)
    };
    let candidates: Vec<&Relationship> = origin
        .relationships
        .iter()
        .filter(|relationship| match hint {
            Some(hint) => is_target(origin, relationship, target) && is_hint(relationship, hint),
            None => {
                is_target(origin, relationship, target)
                    || relationship.owns_key
                        && leads_to_table(relationship)
                        && (relationship.constraint == target || is_column(relationship, target))
            }
        })
        .collect();
    match candidates.as_slice() {
        [one] => Ok(one),
        [] => Err(none(origin, target, hint)),
        several => Err(ambiguous(origin, target, several)),
    }
}

/// Of a table that refers to itself, the table's name means the rows that refer to this one.
fn is_target(origin: &Table, relationship: &Relationship, target: &str) -> bool {
    relationship.target == target && (target != origin.name || !relationship.owns_key)
}

/// Whether the relationship hangs on this one referring column.
fn is_column(relationship: &Relationship, name: &str) -> bool {
    matches!(relationship.columns.as_slice(), [(local, _)] if local == name)
}

fn is_hint(relationship: &Relationship, hint: &str) -> bool {
    match &relationship.junction {
        Some(junction) => {
            junction.table == hint || junction.constraint == hint || relationship.constraint == hint
        }
        None => {
            relationship.constraint == hint
                || relationship.columns.iter().any(|(local, far)| local == hint || far == hint)
        }
    }
}

fn none(table: &Table, target: &str, hint: Option<&str>) -> Error {
    let origin = &table.name;
    let with_hint = hint.map(|hint| format!(" using the hint '{hint}'")).unwrap_or_default();
    let error = Error::new(
        Code::NoRelationship,
        format!(
            "Could not find a relationship between '{origin}' and '{target}' in the schema cache"
        ),
    )
    .details(format!(
        "Searched for a foreign key relationship between '{origin}' and '{target}'{with_hint} in \
         the schema 'public', but no matches were found."
    ));
    let targets = table.relationships.iter().map(|relationship| &*relationship.target);
    match nearest(target, targets).filter(|nearest| *nearest != target) {
        Some(nearest) => {
            error.hint(format!("Perhaps you meant '{nearest}' instead of '{target}'."))
        }
        None => error,
    }
}

fn ambiguous(origin: &Table, target: &str, candidates: &[&Relationship]) -> Error {
    let details: Vec<String> = candidates
        .iter()
        .map(|relationship| {
            let mut candidate = json::Writer::object();
            candidate.texts(&[
                ("cardinality", cardinality(relationship.cardinality)),
                ("embedding", &format!("{} with {}", origin.name, relationship.target)),
                ("relationship", &described(origin, relationship)),
            ]);
            candidate.finish_object()
        })
        .collect();
    let options: Vec<String> = candidates
        .iter()
        .map(|relationship| format!("'{target}!{}'", distinguishing(relationship)))
        .collect();
    Error::new(
        Code::AmbiguousRelationship,
        format!(
            "Could not embed because more than one relationship was found for '{}' and '{target}'",
            origin.name
        ),
    )
    .details(Details::Json(json::list(&details)))
    .hint(format!(
        "Try changing '{target}' to one of the following: {}. Find the desired relationship in \
         the 'details' key.",
        options.join(", ")
    ))
}

fn distinguishing(relationship: &Relationship) -> &str {
    relationship.junction.as_ref().map_or(&relationship.constraint, |junction| &junction.table)
}

const fn cardinality(cardinality: Cardinality) -> &'static str {
    match cardinality {
        Cardinality::ManyToOne => "many-to-one",
        Cardinality::OneToOne => "one-to-one",
        Cardinality::OneToMany => "one-to-many",
        Cardinality::ManyToMany => "many-to-many",
    }
}

fn described(origin: &Table, relationship: &Relationship) -> String {
    let list = |names: Vec<&str>| names.join(", ");
    let near = list(relationship.columns.iter().map(|(near, _)| near.as_str()).collect());
    let far = list(relationship.columns.iter().map(|(_, far)| far.as_str()).collect());
    match &relationship.junction {
        Some(junction) => {
            let behind = list(junction.columns.iter().map(|(near, _)| near.as_str()).collect());
            format!(
                "{} using {}({far}) and {}({behind})",
                junction.table, relationship.constraint, junction.constraint
            )
        }
        None => format!(
            "{} using {}({near}) and {}({far})",
            relationship.constraint, origin.name, relationship.target
        ),
    }
}
