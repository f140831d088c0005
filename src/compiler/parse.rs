//! Reads `policies.sql`, in Postgres' words:
//!
//! ```text
//! file    = { statement ";" }
//! policy  = "create policy" name "on" table [ "as" ( "permissive" | "restrictive" ) ]
//!           [ "for" ( "all" | "select" | "insert" | "update" | "delete" ) ]
//!           [ "to" role { "," role } ] [ "using" "(" expr ")" ] [ "with check" "(" expr ")" ]
//! grant   = "grant" verbs "on" tables "to" roles
//! revoke  = "revoke" verbs "on" tables "from" roles
//! verbs   = "all" | verb [ "(" columns ")" ] { "," .. }
//! tables  = [ "table" ] table { "," table } | "all tables in schema public"
//! enable  = "alter table" table "enable row level security", which is always so
//! drop    = "drop policy" [ "if exists" ] name "on" table
//! ```
//!
//! Names are not looked up here.

use std::ops::Range;

use sqlparser::ast::{
    AlterTableOperation, CreatePolicy, CreatePolicyCommand, CreatePolicyType, Expr, Spanned,
    Statement,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

pub(super) use super::object_name::{name, name_in_public, table_name};
pub(super) use super::policy::{Change, Name, Policies, Policy, Role, Verb};

use super::grants::{grantees, objects, owners_roles, privileges};
use super::report::{Diagnostic, File, Position, Report, Span};
use super::statement_kind::{StatementKind, kind};

/// Reads all statements that can be read and reports the others: those that stand in the schema,
/// by their bytes there, and then the file.
pub(super) fn parse(in_schema: &[Range<usize>], report: &mut Report) -> Policies {
    let mut policies = Policies::default();
    let text = report.sources().policies.text.clone();
    let schema = report.written_schema().to_owned();
    let mut all = Vec::new();
    for at in in_schema {
        let Position { line, column } = Position::of(&schema, at.start);
        let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let begin = Location::new(
            number(line).saturating_add(SCHEMA_LINE).saturating_sub(1),
            number(column),
        );
        all.extend(statements(schema.get(at.clone()).unwrap_or_default(), begin, report));
    }
    all.extend(statements(&text, Location::new(1, 1), report));
    for statement in all {
        read_one(&statement, &mut policies, report);
    }
    policies
}

/// Adds the statements of a text.
pub(super) fn parse_text(text: &str, policies: &mut Policies, report: &mut Report) {
    for statement in statements(text, Location::new(1, 1), report) {
        read_one(&statement, policies, report);
    }
}

/// Adds a statement, or reports it.
fn read_one(statement: &[TokenWithSpan], policies: &mut Policies, report: &mut Report) {
    let found = kind(statement).and_then(|kind| match kind {
        StatementKind::WithoutEffect => Ok(()),
        StatementKind::DropPolicy { name, table, if_exists } => {
            drop_policy(policies, &name, &table, if_exists)
        }
        StatementKind::Other => {
            parse_statement(statement).and_then(|parsed| read(parsed, statement, policies, report))
        }
    });
    if let Err(diagnostic) = found {
        report.push(diagnostic);
    }
}

/// Takes a policy back that stands above. Where none does, that is how a script is made to run twice.
fn drop_policy(
    policies: &mut Policies,
    name: &Name,
    table: &Name,
    if_exists: bool,
) -> Result<(), Diagnostic> {
    let count = policies.all.len();
    let is_other = |one: &Policy| {
        one.name.text != name.text || !one.table.text.eq_ignore_ascii_case(&table.text)
    };
    policies.all.retain(is_other);
    if policies.all.len() == count && !if_exists {
        let message =
            format!("policy \"{}\" for table \"{}\" does not exist", name.text, table.text);
        return Err(Diagnostic::error(name.span, message)
            .help("leave it out, or write `drop policy if exists`"));
    }
    Ok(())
}

/// The statements of a text that begins at some place, each without its semicolon.
pub(super) fn statements(
    text: &str,
    begin: Location,
    report: &mut Report,
) -> Vec<Vec<TokenWithSpan>> {
    // The text's second line begins where lines begin.
    let place = |at: Location| Location {
        line: at.line.saturating_add(begin.line).saturating_sub(1),
        column: match at.line {
            1 => at.column.saturating_add(begin.column).saturating_sub(1),
            _ => at.column,
        },
    };
    let mut tokens = match Tokenizer::new(&PostgreSqlDialect {}, text).tokenize_with_location() {
        Ok(tokens) => tokens,
        Err(error) => {
            let at = place(error.location);
            let at = sqlparser::tokenizer::Span::new(at, at);
            report.push(Diagnostic::error(span(at), decapitalize(&error.message)));
            return Vec::new();
        }
    };
    for token in &mut tokens {
        token.span.start = place(token.span.start);
        token.span.end = place(token.span.end);
    }
    let is_blank = |token: &TokenWithSpan| matches!(token.token, Token::Whitespace(_));
    tokens
        .split(|token| token.token == Token::SemiColon)
        .filter(|statement| !statement.iter().all(is_blank))
        .map(<[_]>::to_vec)
        .collect()
}

pub(super) fn parse_statement(tokens: &[TokenWithSpan]) -> Result<Statement, Diagnostic> {
    // The parser takes `==` for `=`, which PostgreSQL does not have.
    if let Some(double) = tokens.iter().find(|token| token.token == Token::DoubleEq) {
        let error = Diagnostic::error(span(double.span), "operator does not exist: ==");
        return Err(error.help("write `=`"));
    }
    let mut parser = Parser::new(&PostgreSqlDialect {}).with_tokens_with_locations(tokens.to_vec());
    let statement = parser.parse_statement().map_err(|error| syntax(tokens, &error))?;
    let next = parser.peek_token();
    if next.token == Token::EOF {
        return Ok(statement);
    }
    let message = format!("syntax error: expected the end of the statement, found {}", next.token);
    Err(Diagnostic::error(span(next.span), message).help("statements are separated by semicolons"))
}

/// The parser tells the place inside its message only.
fn syntax(tokens: &[TokenWithSpan], error: &ParserError) -> Diagnostic {
    let message = match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message.clone(),
        ParserError::RecursionLimitExceeded => "nested too deeply".into(),
    };
    let (message, place) = match message.split_once(" at Line: ") {
        Some((message, place)) => (message.to_owned(), place.split_once(", Column: ")),
        None => (message, None),
    };
    let place = place.and_then(|(line, column)| {
        Some(Location { line: line.parse().ok()?, column: column.parse().ok()? })
    });
    let token = match place {
        Some(place) => tokens.iter().find(|token| token.span.start == place),
        None => None,
    };
    let solid = |token: &&TokenWithSpan| !matches!(token.token, Token::Whitespace(_));
    let token = token.or_else(|| tokens.iter().rfind(solid));
    let at = token.map_or_else(sqlparser::tokenizer::Span::empty, |token| token.span);
    Diagnostic::error(span(at), format!("syntax error: {}", decapitalize(&message)))
}

fn decapitalize(message: &str) -> String {
    let mut characters = message.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}

/// What the parser tells of a place is a line and a column. So that a place also tells its file, the
/// lines of `functions.sql` are counted from here.
pub(super) const FUNCTIONS_LINE: u64 = 1 << 32;

/// And those of policies in `schema.sql` from here.
const SCHEMA_LINE: u64 = 1 << 33;

/// Where the parser says something stands.
pub(super) fn span(at: sqlparser::tokenizer::Span) -> Span {
    let (file, before) = match at.start.line {
        SCHEMA_LINE.. => (File::Schema, SCHEMA_LINE.saturating_sub(1)),
        FUNCTIONS_LINE.. => (File::Functions, FUNCTIONS_LINE.saturating_sub(1)),
        _ => (File::Policies, 0),
    };
    let position = |line: u64, column: u64| Position {
        line: usize::try_from(line.saturating_sub(before)).unwrap_or(usize::MAX).max(1),
        column: usize::try_from(column).unwrap_or(usize::MAX).max(1),
    };
    let start = position(at.start.line, at.start.column);
    let end = position(at.end.line, at.end.column).max(start);
    Span { file, start, end }
}

fn read(
    statement: Statement,
    tokens: &[TokenWithSpan],
    policies: &mut Policies,
    report: &mut Report,
) -> Result<(), Diagnostic> {
    let solid = |token: &&TokenWithSpan| !matches!(token.token, Token::Whitespace(_));
    let first =
        tokens.iter().find(solid).map_or_else(sqlparser::tokenizer::Span::empty, |t| t.span);
    let unsupported = |what: &str| {
        Diagnostic::error(span(first), format!("{what} has no meaning in a policies file"))
            .help("write create policy, grant or revoke")
    };
    match statement {
        Statement::CreatePolicy(policy) => policies.all.push(read_policy(policy, report)?),
        Statement::Grant(grant) => {
            let is_plain = !grant.with_grant_option
                && grant.as_grantor.is_none()
                && grant.granted_by.is_none()
                && grant.current_grants.is_none();
            if !is_plain {
                return Err(unsupported("granting on behalf of others"));
            }
            let tables = objects(grant.objects).ok_or_else(|| unsupported("this grant"))?;
            let (verbs, is_all_verbs) = privileges(grant.privileges, first)?;
            let roles = grantees(&grant.grantees, first, report)?;
            policies.changes.push(Change {
                is_grant: true,
                verbs,
                is_all_verbs,
                tables: tables?,
                roles,
            });
        }
        Statement::Revoke(revoke) => {
            if revoke.grant_option_for || revoke.granted_by.is_some() {
                return Err(unsupported("revoking on behalf of others"));
            }
            let tables = objects(revoke.objects).ok_or_else(|| unsupported("this revoke"))?;
            let (verbs, is_all_verbs) = privileges(revoke.privileges, first)?;
            let roles = grantees(&revoke.grantees, first, report)?;
            policies.changes.push(Change {
                is_grant: false,
                verbs,
                is_all_verbs,
                tables: tables?,
                roles,
            });
        }
        Statement::AlterTable(alter)
            if matches!(
                alter.operations.as_slice(),
                [AlterTableOperation::EnableRowLevelSecurity
                    | AlterTableOperation::ForceRowLevelSecurity]
            ) =>
        {
            policies.enabled.push(table_name(&alter.name)?);
        }
        _ => return Err(unsupported("this statement")),
    }
    Ok(())
}

fn read_policy(policy: CreatePolicy, report: &mut Report) -> Result<Policy, Diagnostic> {
    let verb = match policy.command {
        None | Some(CreatePolicyCommand::All) => None,
        Some(CreatePolicyCommand::Select) => Some(Verb::Select),
        Some(CreatePolicyCommand::Insert) => Some(Verb::Insert),
        Some(CreatePolicyCommand::Update) => Some(Verb::Update),
        Some(CreatePolicyCommand::Delete) => Some(Verb::Delete),
    };
    let name = name(&policy.name);
    let wrong = |expr: &Expr, message: &str, help: &str| {
        Diagnostic::error(span(expr.span()), message).help(help)
    };
    match (verb, &policy.using, &policy.with_check) {
        (Some(Verb::Select), _, Some(check)) => {
            return Err(wrong(
                check,
                "with check cannot be applied to select",
                "a select has no new rows: write using",
            ));
        }
        (Some(Verb::Delete), _, Some(check)) => {
            return Err(wrong(
                check,
                "with check cannot be applied to delete",
                "a delete has no new rows: write using",
            ));
        }
        (Some(Verb::Insert), Some(using), _) => {
            return Err(wrong(
                using,
                "using cannot be applied to insert",
                "an insert has no old rows: write with check",
            ));
        }
        (_, None, None) => {
            let message = format!("policy \"{}\" has no condition", name.text);
            return Err(Diagnostic::error(name.span, message)
                .help("write using (..) or with check (..); `using (true)` is for every row"));
        }
        (Some(Verb::Update) | None, None, Some(check)) => {
            return Err(wrong(
                check,
                "a policy for old rows needs using",
                "without using (..), no row could be found; `using (true)` is for every row",
            ));
        }
        _ => {}
    }
    Ok(Policy {
        name,
        table: table_name(&policy.table_name)?,
        is_restrictive: policy.policy_type == Some(CreatePolicyType::Restrictive),
        verb,
        roles: match policy.to {
            None => Role::ALL.to_vec(),
            Some(owners) => owners_roles(&owners, span(policy.name.span), report)?,
        },
        using: policy.using,
        check: policy.with_check,
    })
}
