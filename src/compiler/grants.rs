//! Reads what a grant is about: its tables, verbs and roles.

use sqlparser::ast::{
    Action, GrantObjects, Grantee, GranteeName, GranteesType, Ident, ObjectName, Owner, Privileges,
    Spanned,
};

use super::parse::{Name, Role, Verb, name, span, table_name};
use super::report::{Diagnostic, Report, Span};

/// The tables of a grant, `None` inside for all of them; nothing if it is about something else.
pub(super) fn objects(
    objects: Option<GrantObjects>,
) -> Option<Result<Option<Vec<Name>>, Diagnostic>> {
    match objects? {
        GrantObjects::Tables(tables) => {
            Some(tables.iter().map(table_name).collect::<Result<_, _>>().map(Some))
        }
        GrantObjects::AllTablesInSchema { schemas } => Some(all_in(&schemas).map(|()| None)),
        _ => None,
    }
}

/// Refuses a grant on all of a schema that there is not.
pub(super) fn all_in(schemas: &[ObjectName]) -> Result<(), Diagnostic> {
    match schemas.iter().find(|schema| schema.to_string() != "public") {
        None => Ok(()),
        Some(schema) => {
            Err(Diagnostic::error(span(schema.span()), "the only schema is \"public\""))
        }
    }
}

/// Verbs with the columns they are limited to.
pub(super) type Verbs = Vec<(Verb, Option<Vec<Name>>)>;

/// The verbs of a grant, and whether they were written as `all`.
pub(super) fn privileges(
    privileges: Privileges,
    at: sqlparser::tokenizer::Span,
) -> Result<(Verbs, bool), Diagnostic> {
    let actions = match privileges {
        Privileges::All { .. } => {
            return Ok((Verb::ALL.into_iter().map(|verb| (verb, None)).collect(), true));
        }
        Privileges::Actions(actions) => actions,
    };
    let names = |columns: Option<Vec<Ident>>| {
        columns.map(|columns| columns.iter().map(name).collect::<Vec<_>>())
    };
    let verb = |action| match action {
        Action::Select { columns } => Some(Ok((Verb::Select, names(columns)))),
        Action::Insert { columns } => Some(Ok((Verb::Insert, names(columns)))),
        Action::Update { columns } => Some(Ok((Verb::Update, names(columns)))),
        Action::Delete => Some(Ok((Verb::Delete, None))),
        // No request can do any of these.
        Action::References { .. } | Action::Trigger | Action::Truncate => None,
        other => Some({
            let message = format!("the privilege {} does not exist here", lower(&other));
            Err(Diagnostic::error(span(at), message)
                .help("the privileges are select, insert, update and delete"))
        }),
    };
    Ok((actions.into_iter().filter_map(verb).collect::<Result<_, _>>()?, false))
}

fn lower(action: &Action) -> String {
    action.to_string().to_lowercase()
}

/// The roles of a grant.
pub(super) fn grantees(
    grantees: &[Grantee],
    at: sqlparser::tokenizer::Span,
    report: &mut Report,
) -> Result<Vec<Role>, Diagnostic> {
    let mut roles = Vec::new();
    for grantee in grantees {
        if grantee.grantee_type == GranteesType::Public {
            roles.extend(Role::ALL);
            continue;
        }
        match &grantee.name {
            Some(GranteeName::ObjectName(object)) => {
                let text = object.to_string();
                // `pg_dump` and Supabase grant everything to it, which it has anyway.
                if text.trim_matches('"').eq_ignore_ascii_case("service_role") {
                    continue;
                }
                roles.extend(role(&text, span(object.span()), report)?);
            }
            _ => roles.extend(role(&grantee.to_string(), span(at), report)?),
        }
    }
    Ok(roles)
}

/// The roles of a policy.
pub(super) fn owners_roles(
    owners: &[Owner],
    at: Span,
    report: &mut Report,
) -> Result<Vec<Role>, Diagnostic> {
    let mut roles = Vec::new();
    for owner in owners {
        match owner {
            Owner::Ident(ident) => roles.extend(role(&ident.value, span(ident.span), report)?),
            other => roles.extend(role(&other.to_string().to_lowercase(), at, report)?),
        }
    }
    Ok(roles)
}

fn role(name: &str, at: Span, report: &mut Report) -> Result<Vec<Role>, Diagnostic> {
    let name = name.trim_matches('"');
    match name.to_ascii_lowercase().as_str() {
        "public" => Ok(Role::ALL.to_vec()),
        "anon" => Ok(vec![Role::Anon]),
        "authenticated" => Ok(vec![Role::Authenticated]),
        // Roles of PostgreSQL and of Supabase's own services, which no token here has.
        "postgres"
        | "supabase_admin"
        | "supabase_auth_admin"
        | "supabase_storage_admin"
        | "supabase_realtime_admin"
        | "supabase_functions_admin"
        | "supabase_read_only_user"
        | "dashboard_user"
        | "authenticator"
        | "pgbouncer" => Ok(Vec::new()),
        "service_role" => {
            report.push(Diagnostic::warning(at, "service_role passes every policy"));
            Ok(Vec::new())
        }
        _ => {
            let error = Diagnostic::error(at, format!("role \"{name}\" does not exist"))
                .suggest(name, ["anon", "authenticated", "public", "service_role"]);
            Err(if error.help.is_some() {
                error
            } else {
                error.help("the roles are anon, authenticated and public")
            })
        }
    }
}
