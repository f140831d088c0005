//! Reads `functions.sql`, in Postgres' words:
//!
//! ```text
//! file     = { statement ";" }
//! function = "create" [ "or replace" ] "function" name "(" [ argument { "," argument } ] ")"
//!            "returns" result { attribute }
//! argument = name type [ ( "default" | "=" ) expr ]
//! result   = "void" | [ "setof" ] ( type | table ) | "table" "(" name type { "," name type } ")"
//! attribute = "language sql" | "as" body | "immutable" | "stable" | "volatile"
//!           | "security definer" | "security invoker"
//! grant    = "grant execute on" functions "to" roles
//! revoke   = "revoke execute on" functions "from" roles
//! functions = "function" name [ "(" types ")" ] | "all functions in schema public"
//! ```
//!
//! Names are not looked up here.

use sqlparser::ast::{Action, CreateFunction, GrantObjects, ObjectName, Privileges, Statement};
use sqlparser::tokenizer::{Location, Span as Place, Token, TokenWithSpan};

use crate::compiler::grants::{all_in, grantees};
use crate::compiler::parse::{
    FUNCTIONS_LINE, Name, Role, name, name_in_public, parse_statement, span, statements,
};
use crate::compiler::report::{Diagnostic, Report};
use crate::compiler::statement_kind::is_without_effect_beside_functions;

/// A `create function`, and its tokens, for what the parser gives no place.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    pub name: Name,
    /// The schema in front of the name; none for `public`. Functions of other schemas are not served.
    pub schema: Option<String>,
    pub created: CreateFunction,
    pub tokens: Vec<TokenWithSpan>,
}

/// A `grant execute` or `revoke execute`.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub is_grant: bool,
    /// `None` for all functions of `public`.
    pub functions: Option<Vec<Name>>,
    pub roles: Vec<Role>,
}

/// The whole file.
#[derive(Debug, Clone, Default)]
pub(super) struct Parsed {
    pub functions: Vec<Declared>,
    /// In file order.
    pub changes: Vec<Change>,
}

/// Reads all statements that can be read and reports the others.
pub(super) fn parse(report: &mut Report) -> Parsed {
    let mut parsed = Parsed::default();
    let text = report.sources().functions.text.clone();
    for tokens in statements(&text, Location::new(FUNCTIONS_LINE, 1), report) {
        if is_without_effect_beside_functions(&tokens) {
            continue;
        }
        let read = parse_statement(&without_arguments(&tokens))
            .and_then(|statement| read(statement, &tokens, &mut parsed, report));
        if let Err(diagnostic) = read {
            report.push(diagnostic);
        }
    }
    parsed
}

/// The tokens that mean something.
pub(super) fn solid(tokens: &[TokenWithSpan]) -> impl Iterator<Item = &TokenWithSpan> {
    tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_)))
}

/// Leaves the arguments out of a `grant` or `revoke`: a name has one list of them here, so they say
/// nothing more, and the parser does not read their names.
fn without_arguments(tokens: &[TokenWithSpan]) -> Vec<TokenWithSpan> {
    let is_word = |token: &TokenWithSpan, word: &str| matches!(&token.token, Token::Word(found) if found.value.eq_ignore_ascii_case(word));
    let first = solid(tokens).next();
    if !first.is_some_and(|token| is_word(token, "grant") || is_word(token, "revoke")) {
        return tokens.to_vec();
    }
    let mut depth = 0_usize;
    let mut left = Vec::new();
    for token in tokens {
        if token.token == Token::LParen {
            depth = depth.saturating_add(1);
        }
        if depth == 0 {
            left.push(token.clone());
        }
        if token.token == Token::RParen {
            depth = depth.saturating_sub(1);
        }
    }
    left
}

fn read(
    statement: Statement,
    tokens: &[TokenWithSpan],
    parsed: &mut Parsed,
    report: &mut Report,
) -> Result<(), Diagnostic> {
    let first = solid(tokens).next().map_or_else(Place::empty, |token| token.span);
    let unsupported = |what: &str| {
        Diagnostic::error(span(first), format!("{what} has no meaning in a functions file"))
            .help("write create function, grant execute or revoke execute")
    };
    match statement {
        Statement::CreateFunction(created) => {
            let (schema, name) = function_name(&created.name)?;
            parsed.functions.push(Declared { name, schema, created, tokens: tokens.to_vec() });
        }
        Statement::Grant(grant) => {
            let is_plain = !grant.with_grant_option
                && grant.as_grantor.is_none()
                && grant.granted_by.is_none()
                && grant.current_grants.is_none();
            if !is_plain {
                return Err(unsupported("granting on behalf of others"));
            }
            let functions = grant.objects.and_then(|objects| functions(&objects));
            let functions = functions.ok_or_else(|| unsupported("this grant"))?;
            check_execute(&grant.privileges, first)?;
            let roles = grantees(&grant.grantees, first, report)?;
            parsed.changes.push(Change { is_grant: true, functions: functions?, roles });
        }
        Statement::Revoke(revoke) => {
            if revoke.grant_option_for || revoke.granted_by.is_some() {
                return Err(unsupported("revoking on behalf of others"));
            }
            let functions = revoke.objects.and_then(|objects| functions(&objects));
            let functions = functions.ok_or_else(|| unsupported("this revoke"))?;
            check_execute(&revoke.privileges, first)?;
            let roles = grantees(&revoke.grantees, first, report)?;
            parsed.changes.push(Change { is_grant: false, functions: functions?, roles });
        }
        _ => return Err(unsupported("this statement")),
    }
    Ok(())
}

/// The functions of a grant, `None` inside for all of them; nothing if it is about something else.
fn functions(objects: &GrantObjects) -> Option<Result<Option<Vec<Name>>, Diagnostic>> {
    match objects {
        // A name has one list of arguments, so the types say nothing more.
        GrantObjects::Function { name, .. } => {
            Some(function_name(name).map(|(_, name)| Some(vec![name])))
        }
        GrantObjects::AllFunctionsInSchema { schemas } => Some(all_in(schemas).map(|()| None)),
        _ => None,
    }
}

fn check_execute(privileges: &Privileges, at: Place) -> Result<(), Diagnostic> {
    let is_execute = match privileges {
        Privileges::All { .. } => true,
        Privileges::Actions(actions) => {
            actions.iter().all(|action| matches!(action, Action::Execute { obj_type: None }))
        }
    };
    if is_execute {
        return Ok(());
    }
    Err(Diagnostic::error(span(at), "the privilege on a function is execute")
        .help("privileges on tables stand in policies.sql"))
}

/// The name of a function, and the schema in front of it if that is not `public`.
fn function_name(object: &ObjectName) -> Result<(Option<String>, Name), Diagnostic> {
    let parts: Vec<_> = object.0.iter().filter_map(|part| part.as_ident()).collect();
    match parts.as_slice() {
        [schema, inner] if !is_reserved_schema(&schema.value) => {
            let is_public = schema.value.eq_ignore_ascii_case("public");
            Ok(((!is_public).then(|| schema.value.clone()), name(inner)))
        }
        _ => {
            let help = "write the name alone, or with a schema of yours, such as `private.name`";
            Ok((None, name_in_public(object, help)?))
        }
    }
}

/// Schemas that are not the user's.
fn is_reserved_schema(name: &str) -> bool {
    ["auth", "storage", "realtime", "extensions", "pg_catalog", "information_schema"]
        .iter()
        .any(|reserved| name.eq_ignore_ascii_case(reserved))
}
