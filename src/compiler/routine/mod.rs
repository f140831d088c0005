//! `functions.sql` -> functions, checked as policies are.
//!
//! A body is written anew by the expander, once for each role that may execute the function and once
//! for the owner: what a caller's function reads stands under the caller's policies. What it writes
//! stays in pieces, between which `rest::statement` puts the policies as it does for requests.

mod arguments;
mod assign;
mod body;
mod change;
mod declaration;
mod helper;
mod parse;
mod signature;
mod trial;

pub(super) use helper::Helper;
pub(super) use signature::Signature;

use std::collections::BTreeMap;

use super::expand::{Environment, Expander};
use super::parse::{Name, Role, Verb};
use super::report::{Diagnostic, Report, closest};
use crate::catalog::{Execution, Function, Row};
use parse::Change;

/// The functions of the file, with their declarations and bodies read.
pub(super) struct Routines {
    pub helpers: Vec<Helper>,
    /// The names of those whose declarations have been reported.
    pub broken: Vec<String>,
    changes: Vec<Change>,
}

/// Reads all functions. What is wrong is left in the report.
pub(super) fn read(environment: Environment<'_>, report: &mut Report) -> Routines {
    let parsed = parse::parse(report);
    let mut helpers: Vec<Helper> = Vec::new();
    let mut broken = Vec::new();
    for declared in parsed.functions {
        let Some(signature) = signature::read(&declared, environment, report) else {
            broken.push(declared.name.text);
            continue;
        };
        let name = &signature.name;
        let is_same = |other: &Helper| {
            other.signature.name.text == name.text && other.schema == declared.schema
        };
        if helpers.iter().any(is_same) {
            let message = format!("function \"{}\" already exists", name.text);
            report.push(
                Diagnostic::error(name.span, message)
                    .help("a name has one list of arguments here: give it another name"),
            );
        }
        let arguments = declared.created.args.as_deref().unwrap_or_default();
        let defaults = arguments.iter().map(|argument| argument.default_expr.clone()).collect();
        let statements = body::statements(&declared, report);
        helpers.push(Helper { schema: declared.schema, signature, defaults, statements });
    }
    Routines { helpers, broken, changes: parsed.changes }
}

/// Compiles the functions that can be called over HTTP, sorted by name: those of the schema `public`.
pub(super) fn compile(
    environment: Environment<'_>,
    routines: &Routines,
    report: &mut Report,
) -> Vec<Function> {
    let public = || routines.helpers.iter().filter(|helper| helper.schema.is_none());
    let names = routines.helpers.iter().map(|helper| helper.signature.name.text.as_str());
    let names: Vec<&str> = names.chain(routines.broken.iter().map(String::as_str)).collect();
    let executors = executors(&routines.changes, &names, report);
    let mut functions: Vec<Function> =
        public().map(|helper| function(environment, helper, &executors, report)).collect();
    functions.sort_by(|left, right| left.name.cmp(&right.name));
    functions
}

/// Who may execute what.
type Executors = BTreeMap<String, Vec<Role>>;

/// Goes through all grants and revokes. In Postgres everybody may execute a new function; here it is
/// closed until a grant opens it, as tables are until a policy does.
fn executors(changes: &[Change], names: &[&str], report: &mut Report) -> Executors {
    let mut executors = Executors::new();
    for change in changes {
        let meant: Vec<String> = match &change.functions {
            None => names.iter().map(|&name| name.to_owned()).collect(),
            Some(functions) => functions
                .iter()
                .filter(|name| is_known(name, names, report))
                .map(|name| name.text.clone())
                .collect(),
        };
        for name in meant {
            let roles = executors.entry(name).or_default();
            roles.retain(|role| !change.roles.contains(role));
            if change.is_grant {
                roles.extend(&change.roles);
            }
        }
    }
    executors
}

fn is_known(name: &Name, names: &[&str], report: &mut Report) -> bool {
    let is_known = names.contains(&name.text.as_str());
    if !is_known {
        let message = format!("function \"{}\" does not exist", name.text);
        let error = Diagnostic::error(name.span, message);
        report.push(match closest(&name.text, names.iter().copied()) {
            Some(closest) => error.help(format!("did you mean \"{closest}\"?")),
            None => error.help("functions.sql creates functions before it grants them"),
        });
    }
    is_known
}

fn function(
    environment: Environment<'_>,
    helper: &Helper,
    executors: &Executors,
    report: &mut Report,
) -> Function {
    let signature = &helper.signature;
    let name = &signature.name.text;
    let roles = executors.get(name).map(Vec::as_slice).unwrap_or_default();
    if roles.is_empty() && !is_mentioned(name, report) {
        let message = format!("function \"{name}\" can be executed by service_role only");
        report.push(
            Diagnostic::warning(signature.name.span, message)
                .help(format!("write `grant execute on function {name} to authenticated;`")),
        );
    }
    for role in roles {
        check_rows_readable(environment, signature, *role, report);
    }
    let statements = &helper.statements;
    let mut steps = |role: Option<Role>| {
        let mut expander = Expander::new(environment, role, report);
        expander.routine = Some(signature);
        expander.steps(statements)
    };
    let owner = steps(None);
    let mut execution = |role: Role| match (roles.contains(&role), signature.is_definer) {
        (false, _) => Execution::Denied,
        (true, true) => Execution::AsOwner,
        (true, false) => Execution::AsCaller(steps(Some(role))),
    };
    Function {
        name: name.clone(),
        anon: execution(Role::Anon),
        authenticated: execution(Role::Authenticated),
        arguments: signature.arguments.clone(),
        returns: signature.returns.clone(),
        is_volatile: signature.is_volatile,
        owner,
    }
}

/// Whether policies or other functions call it, for which no privilege is needed.
fn is_mentioned(name: &str, report: &Report) -> bool {
    let sources = report.sources();
    let calls = |text: &str| text.matches(&format!("{name}(")).count();
    calls(&sources.policies.text) > 0 || calls(&sources.functions.text) > 1
}

/// Rows of a table are shown to those who may read the table: by what they may not read they would
/// not filter, nor select, nor embed.
fn check_rows_readable(
    environment: Environment<'_>,
    signature: &Signature,
    role: Role,
    report: &mut Report,
) {
    let Some(Row::Of(table)) = signature.returns.as_ref().map(|returns| &returns.row) else {
        return;
    };
    if environment.rules.privilege(table, role, Verb::Select).is_none() {
        let message = format!(
            "function \"{}\" returns rows of table \"{table}\", which role \"{}\" may not read",
            signature.name.text,
            role.name()
        );
        report.push(
            Diagnostic::error(signature.name.span, message)
                .help("return `table (..)` with the columns that are to be shown"),
        );
    }
}
