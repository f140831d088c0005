//! Policies, grants and revokes with their names looked up: which privileges each role has on each
//! table, and which policies judge the rows.

use std::collections::BTreeMap;

use super::parse::{Change, Name, Policies, Policy, Role, Verb};
use super::reflect::{Relation, find, find_column};
use super::report::{Diagnostic, Report};
use crate::catalog::{Table, TableKind};

/// Which columns a privilege is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Columns {
    All,
    /// In the table's order.
    Some(Vec<String>),
}

impl Columns {
    pub fn covers(&self, column: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some(columns) => columns.iter().any(|one| one == column),
        }
    }
}

/// Everything that `policies.sql` says.
#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    policies: BTreeMap<String, Vec<Policy>>,
    privileges: BTreeMap<(String, Role, Verb), Privilege>,
}

#[derive(Debug, Clone)]
struct Privilege {
    columns: Columns,
    /// Whether only a policy implies it, so that a list of columns narrows it.
    is_implied: bool,
}

impl Rules {
    /// The policies that judge what a role does to a table, in file order.
    pub fn policies(&self, table: &str, role: Role, verb: Verb) -> Vec<&Policy> {
        let policies = self.policies.get(table).map(Vec::as_slice).unwrap_or_default();
        let applies = |policy: &&Policy| {
            policy.roles.contains(&role) && policy.verb.is_none_or(|only| only == verb)
        };
        policies.iter().filter(applies).collect()
    }

    /// The columns that a role may do something to; `None` without the privilege.
    pub fn privilege(&self, table: &str, role: Role, verb: Verb) -> Option<&Columns> {
        let privilege = self.privileges.get(&(table.to_owned(), role, verb))?;
        Some(&privilege.columns)
    }

    /// Whether nobody may do anything.
    pub fn is_closed(&self, table: &str) -> bool {
        !self.privileges.keys().any(|(name, ..)| name == table)
    }

    fn apply(&mut self, change: &Change, table: &Table, report: &mut Report) {
        for (verb, list) in &change.verbs {
            if table.kind == TableKind::View && *verb != Verb::Select {
                continue;
            }
            let list = list.as_ref().map(|names| columns(names, table, report));
            for role in &change.roles {
                let key = (table.name.clone(), *role, *verb);
                if change.is_grant {
                    self.grant(key, list.as_deref(), table);
                } else {
                    self.revoke(&key, list.as_deref(), table);
                }
            }
        }
    }

    fn grant(&mut self, key: (String, Role, Verb), list: Option<&[String]>, table: &Table) {
        let columns = match (list, self.privileges.get(&key)) {
            (None, _) | (Some(_), Some(Privilege { columns: Columns::All, is_implied: false })) => {
                Columns::All
            }
            (Some(list), Some(Privilege { columns: Columns::Some(held), .. })) => {
                in_order(table, |name| list.contains(name) || held.contains(name))
            }
            (Some(list), _) => in_order(table, |name| list.contains(name)),
        };
        self.privileges.insert(key, Privilege { columns, is_implied: false });
    }

    fn revoke(&mut self, key: &(String, Role, Verb), list: Option<&[String]>, table: &Table) {
        let Some(list) = list else {
            self.privileges.remove(key);
            return;
        };
        let Some(privilege) = self.privileges.get_mut(key) else { return };
        // Postgres ignores this where the whole table was granted; here it narrows.
        let held = privilege.columns.clone();
        privilege.columns = in_order(table, |name| held.covers(name) && !list.contains(name));
        privilege.is_implied = false;
        if privilege.columns == Columns::Some(Vec::new()) {
            self.privileges.remove(key);
        }
    }
}

fn in_order(table: &Table, holds: impl Fn(&String) -> bool) -> Columns {
    let names = table.columns.iter().map(|column| &column.name);
    Columns::Some(names.filter(|name| holds(name)).cloned().collect())
}

/// Looks up every name.
pub(super) fn rules(parsed: &Policies, relations: &[Relation], report: &mut Report) -> Rules {
    let mut rules = Rules::default();
    for policy in &parsed.all {
        let Some(table) = table(&policy.table, relations, report) else { continue };
        let name = &policy.name;
        let of_table = rules.policies.entry(table.name.clone()).or_default();
        if of_table.iter().any(|other| other.name.text == name.text) {
            let message =
                format!("policy \"{}\" for table \"{}\" already exists", name.text, table.name);
            report.push(Diagnostic::error(name.span, message).help("give it another name"));
            continue;
        }
        let writes = policy.verb.is_some_and(|verb| verb != Verb::Select) || policy.check.is_some();
        if table.kind == TableKind::View && writes {
            let message = format!("view \"{}\" cannot be written", table.name);
            report.push(Diagnostic::error(policy.table.span, message).help(
                "views are read-only: write `for select using (..)`, or write to the tables behind it",
            ));
            continue;
        }
        of_table.push(policy.clone());
        let verbs = Verb::ALL.into_iter().filter(|verb| policy.verb.is_none_or(|one| one == *verb));
        let is_table = table.kind == TableKind::Table;
        for verb in verbs.filter(|verb| is_table || *verb == Verb::Select) {
            for role in &policy.roles {
                let key = (table.name.clone(), *role, verb);
                let implied = Privilege { columns: Columns::All, is_implied: true };
                rules.privileges.entry(key).or_insert(implied);
            }
        }
    }
    for name in &parsed.enabled {
        table(name, relations, report);
    }
    for change in &parsed.changes {
        change_privileges(&mut rules, change, relations, report);
    }
    rules
}

fn change_privileges(
    rules: &mut Rules,
    change: &Change,
    relations: &[Relation],
    report: &mut Report,
) {
    let Some(names) = &change.tables else {
        for relation in relations.iter().filter(|relation| relation.is_exposed) {
            rules.apply(change, &relation.table, report);
        }
        return;
    };
    for name in names {
        let Some(table) = table(name, relations, report) else { continue };
        let writes = change.verbs.iter().any(|(verb, _)| *verb != Verb::Select);
        if table.kind == TableKind::View && change.is_grant && writes && !change.is_all_verbs {
            let message = format!("view \"{}\" cannot be written", table.name);
            report.push(Diagnostic::error(name.span, message).help("views are read-only"));
            continue;
        }
        rules.apply(change, table, report);
    }
}

/// The table or view of that name, if the REST API serves it.
fn table<'a>(name: &Name, relations: &'a [Relation], report: &mut Report) -> Option<&'a Table> {
    let found = find(relations, &name.text);
    if let Some(relation) = found.filter(|relation| relation.is_exposed) {
        return Some(&relation.table);
    }
    report.push(if found.is_some() {
        let message = format!("table \"{}\" is Selvedge's own", name.text);
        Diagnostic::error(name.span, message).help("it is never served, so no policy can open it")
    } else {
        missing(name, relations)
    });
    None
}

/// The message for a table that does not exist.
pub(super) fn missing(name: &Name, relations: &[Relation]) -> Diagnostic {
    let exposed = relations.iter().filter(|relation| relation.is_exposed);
    let names = exposed.map(|relation| relation.table.name.as_str());
    Diagnostic::error(name.span, format!("table \"{}\" does not exist", name.text))
        .suggest(&name.text, names)
        .misses(&name.text)
}

fn columns(names: &[Name], table: &Table, report: &mut Report) -> Vec<String> {
    let mut found = Vec::new();
    for name in names {
        match find_column(&table.columns, &name.text) {
            Some(column) => found.push(column.name.clone()),
            None => report.push(no_column(name, table)),
        }
    }
    found
}

/// The message for a column that does not exist.
pub(super) fn no_column(name: &Name, table: &Table) -> Diagnostic {
    let names = table.columns.iter().map(|column| column.name.as_str());
    let message = format!("column \"{}\" does not exist in table \"{}\"", name.text, table.name);
    Diagnostic::error(name.span, message).suggest(&name.text, names)
}
