//! Reads what stands in front of a function's body: arguments, result and attributes.

use sqlparser::ast::{
    ArgMode, DataType, FunctionBehavior, FunctionCalledOnNull, FunctionReturnType,
    FunctionSecurity, OperateFunctionArg, Spanned,
};
use sqlparser::tokenizer::Token;

use super::parse::{Declared, solid};
use super::signature::{ARGUMENTS_MAX, Signature, table};
use crate::catalog::{Column, Returns, Row, Type};
use crate::compiler::expand::{Environment, Expander};
use crate::compiler::parse::{self, Name, span, table_name};
use crate::compiler::postgres_ddl::EnumType;
use crate::compiler::reflect::find;
use crate::compiler::report::{Diagnostic, Report, Span};
use crate::compiler::{quote, types};

/// Reads a declaration; `None` when what is wrong with it has been reported.
pub(super) fn read(
    declared: &Declared,
    environment: Environment<'_>,
    report: &mut Report,
) -> Option<Signature> {
    let before = report.errors_count();
    check_attributes(declared, report);
    let arguments = arguments(declared, environment, report);
    let (returns, result) = match returns(declared, environment) {
        Ok(found) => found,
        Err(diagnostic) => {
            report.push(diagnostic);
            return None;
        }
    };
    let created = &declared.created;
    let signature = Signature {
        name: declared.name.clone(),
        arguments,
        returns,
        is_volatile: matches!(created.behavior, None | Some(FunctionBehavior::Volatile)),
        is_definer: matches!(created.security, Some(FunctionSecurity::Definer)),
        result,
    };
    (report.errors_count() == before).then_some(signature)
}

fn check_attributes(declared: &Declared, report: &mut Report) {
    let created = &declared.created;
    let at = declared.name.span;
    let mut refuse = |at: Span, message: String, help: &str| {
        report.push(Diagnostic::error(at, message).help(help));
    };
    match &created.language {
        None => refuse(at, "no language specified".into(), "write `language sql`"),
        Some(language) if !language.value.eq_ignore_ascii_case("sql") => refuse(
            span(language.span),
            format!("language \"{}\" is not supported", language.value.to_lowercase()),
            "write `language sql`: one statement after the other, without variables, if and loops",
        ),
        Some(_) => {}
    }
    if created.function_body.is_none() {
        refuse(at, "no function body specified".into(), "write `as $$ select .. $$`");
    }
    match created.called_on_null {
        None | Some(FunctionCalledOnNull::CalledOnNullInput) => {}
        Some(_) => refuse(
            at,
            "strict is not supported".into(),
            "write what null means: `where argument is not null`, or `coalesce(argument, ..)`",
        ),
    }
    // Advice for Postgres is `set search_path = ''`; there is nothing else to be found here anyway.
    let is_path = |name: &str| name.eq_ignore_ascii_case("search_path");
    if let Some(other) = created.set_params.iter().find(|set| !is_path(&set.name.to_string())) {
        refuse(
            span(other.name.span()),
            format!("there is no setting {}", other.name),
            "leave it out",
        );
    }
}

fn arguments(
    declared: &Declared,
    environment: Environment<'_>,
    report: &mut Report,
) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    let list = declared.created.args.as_deref().unwrap_or_default();
    if list.len() > ARGUMENTS_MAX {
        let message = format!("a function has at most {ARGUMENTS_MAX} arguments");
        report.push(Diagnostic::error(declared.name.span, message).help("take one as jsonb"));
        return columns;
    }
    for argument in list {
        match self::argument(argument, &columns, declared, environment.enums) {
            Ok(mut column) => {
                if let Some(expression) = &argument.default_expr {
                    let mut expander = Expander::new(environment, None, report);
                    column.default = expander.argument_default(expression, &column);
                }
                columns.push(column);
            }
            Err(diagnostic) => report.push(diagnostic),
        }
    }
    columns
}

fn argument(
    argument: &OperateFunctionArg,
    before: &[Column],
    declared: &Declared,
    enums: &[EnumType],
) -> Result<Column, Diagnostic> {
    let Some(ident) = &argument.name else {
        let message = format!("an argument of \"{}\" has no name", declared.name.text);
        return Err(Diagnostic::error(declared.name.span, message)
            .help("arguments are given by name: write a name before each type"));
    };
    let name = parse::name(ident);
    if !matches!(argument.mode, None | Some(ArgMode::In)) {
        return Err(Diagnostic::error(name.span, "out and variadic arguments are not supported")
            .help("write `returns table (..)` for several results, and jsonb for a list"));
    }
    if before.iter().any(|column| column.name.eq_ignore_ascii_case(&name.text)) {
        let message = format!("argument \"{}\" is there twice", name.text);
        return Err(Diagnostic::error(name.span, message).help("give it another name"));
    }
    if argument.default_expr.is_none() && before.iter().any(|column| column.default.is_some()) {
        return Err(Diagnostic::error(
            name.span,
            "arguments behind one with a default must have defaults too",
        )
        .help("move it to the front, or write `default null`"));
    }
    column(&name, &argument.data_type, enums)
}

/// A column of a declared type.
fn column(name: &Name, data_type: &DataType, enums: &[EnumType]) -> Result<Column, Diagnostic> {
    let declared = data_type.to_string().to_lowercase();
    if let Some(one) = enum_of(data_type, enums) {
        let text = Type::Text { characters_max: None };
        return Ok(Column { options: one.values.clone(), ..plain(&name.text, &declared, text) });
    }
    let Some(kind) = types::parse(&declared) else {
        let message = format!("type \"{declared}\" does not exist");
        let help = format!("the types are {}", types::TYPES);
        return Err(Diagnostic::error(name.span, message).help(help));
    };
    Ok(plain(&name.text, &declared, kind))
}

/// The type that lists its values, if it is one; it may have `public` in front.
fn enum_of<'e>(data_type: &DataType, enums: &'e [EnumType]) -> Option<&'e EnumType> {
    let declared = data_type.to_string();
    let name = declared.rsplit('.').next().unwrap_or_default().trim_matches('"');
    enums.iter().find(|one| one.name.eq_ignore_ascii_case(name))
}

fn plain(name: &str, declared: &str, kind: Type) -> Column {
    Column {
        name: name.to_owned(),
        declared: declared.to_owned(),
        kind,
        nullable: true,
        default: None,
        generated: false,
        options: Vec::new(),
    }
}

/// What is answered, and its columns.
type Answered = (Option<Returns>, Vec<Column>);

fn returns(declared: &Declared, environment: Environment<'_>) -> Result<Answered, Diagnostic> {
    let at = returns_span(declared);
    let (is_set, data_type) = match &declared.created.return_type {
        None => {
            let help = "write `returns void`, a type, a table, `setof` either, or `table (..)`";
            return Err(Diagnostic::error(at, "no result type specified").help(help));
        }
        Some(FunctionReturnType::DataType(data_type)) => (false, data_type),
        Some(FunctionReturnType::SetOf(data_type)) => (true, data_type),
    };
    let function = &declared.name.text;
    let text = data_type.to_string().to_lowercase();
    if text == "void" && !is_set {
        return Ok((None, Vec::new()));
    }
    if let DataType::Table(Some(list)) = data_type {
        let mut columns: Vec<Column> = Vec::new();
        for definition in list {
            let name = parse::name(&definition.name);
            if columns.iter().any(|column| column.name == name.text) {
                let message = format!("column \"{}\" is there twice", name.text);
                return Err(Diagnostic::error(name.span, message).help("give it another name"));
            }
            columns.push(column(&name, &definition.data_type, environment.enums)?);
        }
        let row = Row::Declared(table(function, columns.clone()));
        return Ok((Some(Returns { is_set: true, row }), columns));
    }
    let listed = enum_of(data_type, environment.enums);
    let kind = types::parse(&text);
    if let Some(kind) = kind.or(listed.is_some().then_some(Type::Text { characters_max: None })) {
        let options = listed.map(|one| one.values.clone()).unwrap_or_default();
        let columns = vec![Column { options, ..plain(function, &text, kind) }];
        let row = Row::Value(table(function, columns.clone()));
        return Ok((Some(Returns { is_set, row }), columns));
    }
    let unknown = || {
        let tables = environment.relations.iter().filter(|relation| relation.is_exposed);
        let names = tables.map(|relation| relation.table.name.as_str());
        let message = format!("type \"{text}\" does not exist");
        let error = Diagnostic::error(at, message).suggest(&text, names);
        match error.help {
            Some(_) => error,
            None => error.help(format!("write void, a table, or one of {}", types::TYPES)),
        }
    };
    let DataType::Custom(name, modifiers) = data_type else { return Err(unknown()) };
    let name = table_name(name)?;
    match find(environment.relations, &name.text).filter(|relation| relation.is_exposed) {
        Some(relation) if modifiers.is_empty() => {
            let row = Row::Of(relation.table.name.clone());
            Ok((Some(Returns { is_set, row }), relation.table.columns.clone()))
        }
        _ => Err(unknown()),
    }
}

/// The result type's first word; the function's name without one.
fn returns_span(declared: &Declared) -> Span {
    let is = |token: &Token, word: &str| token.to_string().eq_ignore_ascii_case(word);
    let mut tokens = solid(&declared.tokens)
        .skip_while(|token| !is(&token.token, "returns"))
        .skip(1)
        .skip_while(|token| is(&token.token, "setof"));
    tokens.next().map_or(declared.name.span, |token| span(token.span))
}

/// A default as it is tried: `select (..)`.
pub(super) fn trial_of_default(sql: &str) -> String {
    format!("select ({sql}) as {}", quote("default"))
}
