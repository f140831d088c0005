//! Calls: the claims of the caller, functions of the table, those of any type, and aggregates.

use sqlparser::ast::{
    Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, Query, Spanned,
};

use super::Context;
use super::aggregate::AGGREGATES;
use super::functions::{FUNCTIONS, INSTEAD};
use super::kind::{Kind, Size};
use super::resolve::{Resolution, resolve};
use super::typed::Typed;
use crate::catalog::Claim;
use crate::compiler::expand::Expander;
use crate::compiler::parse::span;
use crate::compiler::report::{Diagnostic, Span, closest};
use crate::compiler::sql::Sql;

/// Functions that are written by code rather than by a template.
const OTHERS: &[&str] = &[
    "array_append",
    "array_cat",
    "array_length",
    "array_lower",
    "array_position",
    "array_prepend",
    "array_remove",
    "array_to_string",
    "array_upper",
    "cardinality",
    "clock_timestamp",
    "coalesce",
    "concat",
    "concat_ws",
    "current_date",
    "current_role",
    "current_setting",
    "current_timestamp",
    "current_user",
    "date_trunc",
    "greatest",
    "json_build_array",
    "json_build_object",
    "jsonb_build_array",
    "jsonb_build_object",
    "jsonb_extract_path",
    "jsonb_extract_path_text",
    "least",
    "localtimestamp",
    "now",
    "nullif",
    "num_nonnulls",
    "num_nulls",
    "statement_timestamp",
    "string_to_array",
    "timezone",
    "to_json",
    "to_jsonb",
    "transaction_timestamp",
];

impl Expander<'_> {
    /// Writes a call.
    pub(super) fn function(&mut self, function: &Function) -> Typed {
        let is_compared = std::mem::take(&mut self.is_compared);
        let parts: Option<Vec<&Ident>> =
            function.name.0.iter().map(|part| part.as_ident()).collect();
        let at = span(function.name.span());
        let is_plain = function.over.is_none()
            && function.null_treatment.is_none()
            && function.within_group.is_empty()
            && !function.uses_odbc_syntax
            && matches!(function.parameters, FunctionArguments::None);
        if !is_plain {
            return self.refuse_typed(at, "window functions are not supported", "use a sub-select");
        }
        let parts = parts.unwrap_or_default();
        if let ([.., name], FunctionArguments::Subquery(query)) = (parts.as_slice(), &function.args)
            && name.value.eq_ignore_ascii_case("array")
        {
            return self.array_of_query(query, at);
        }
        if let Some(called) = self.helper(function, at) {
            return called;
        }
        match parts.as_slice() {
            [schema, name] if schema.value.eq_ignore_ascii_case("auth") => {
                self.claim(function, &name.value, at)
            }
            [name] if name.value.eq_ignore_ascii_case("coalesce") => {
                self.is_compared = is_compared;
                self.call(function, "coalesce", at)
            }
            [name] => self.call(function, &name.value.to_ascii_lowercase(), at),
            [schema, name] if schema.value.eq_ignore_ascii_case("pg_catalog") => {
                self.call(function, &name.value.to_ascii_lowercase(), at)
            }
            _ => {
                let message = format!("function {}() does not exist", function.name);
                let help = "write a helper function in functions.sql: \
                            `create function name(..) returns boolean language sql stable as $$ select .. $$`";
                self.refuse_typed(at, message, help)
            }
        }
    }

    fn claim(&mut self, function: &Function, name: &str, at: Span) -> Typed {
        let claim = Claim::ALL.into_iter().find(|claim| name.eq_ignore_ascii_case(claim.name()));
        let Some(claim) = claim else {
            let message = format!("function auth.{name}() does not exist");
            let help = "there are auth.uid(), auth.role(), auth.email() and auth.jwt()";
            return self.refuse_typed(at, message, help);
        };
        match &function.args {
            FunctionArguments::List(list) if list.args.is_empty() && function.filter.is_none() => {
                Typed::claim(claim)
            }
            _ => self.refuse_typed(
                at,
                format!("auth.{name}() takes no arguments"),
                "write it with ()",
            ),
        }
    }

    fn call(&mut self, function: &Function, name: &str, at: Span) -> Typed {
        let is_compared = std::mem::take(&mut self.is_compared);
        if AGGREGATES.contains(&name) {
            return self.aggregate(function, name, at);
        }
        let list = match &function.args {
            FunctionArguments::List(list) => {
                let is_plain = list.duplicate_treatment.is_none() && list.clauses.is_empty();
                if !is_plain || function.filter.is_some() {
                    return self.refuse_typed(
                        at,
                        format!("{name}() does not take this"),
                        "leave it out",
                    );
                }
                list.args.as_slice()
            }
            _ => &[],
        };
        let Some(arguments) = self.arguments_of(list, is_compared, at) else {
            return Typed::broken();
        };
        self.called(name, arguments, at)
    }

    pub(super) fn arguments_of(
        &mut self,
        list: &[FunctionArg],
        is_compared: bool,
        at: Span,
    ) -> Option<Vec<Typed>> {
        let mut arguments = Vec::new();
        for argument in list {
            let FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) = argument else {
                self.refuse(at, "this argument is not supported", "write a value");
                return None;
            };
            self.is_compared = is_compared;
            arguments.push(self.expression(expression));
        }
        Some(arguments)
    }

    /// Writes a function of one row's values.
    pub(super) fn called(&mut self, name: &str, arguments: Vec<Typed>, at: Span) -> Typed {
        if arguments.iter().any(Typed::is_broken) {
            return Typed::broken();
        }
        if let Some(written) = self.without_signature(name, &arguments, at) {
            return written;
        }
        let kinds: Vec<Kind> = arguments.iter().map(|one| one.kind).collect();
        let overloads = FUNCTIONS.iter().filter(|function| function.name == name);
        if overloads.clone().next().is_none() {
            return self.unknown_function(name, arguments, at);
        }
        let Resolution::One(function) = resolve(overloads, &kinds, false) else {
            return self.no_overload(name, &kinds, at);
        };
        let arguments: Vec<Typed> = arguments
            .into_iter()
            .zip(function.operands)
            .map(|(one, wanted)| self.coerce(one, *wanted, Context::Implicit, at))
            .collect();
        if arguments.iter().any(Typed::is_broken) {
            return Typed::broken();
        }
        let scale = match (name, arguments.get(1).and_then(|one| one.literal.as_ref())) {
            ("round" | "trunc", Some(super::Literal::Number(digits))) => digits.parse().ok(),
            ("round" | "ceil" | "ceiling" | "floor" | "trunc", None) => Some(0),
            ("abs", None) => arguments.first().and_then(|one| one.scale),
            _ => None,
        };
        let written = self.entry(function.write, (name, function.result), &arguments, at);
        Typed { scale: scale.filter(|_| function.result == Kind::Numeric), ..written }
    }

    /// Reports a call with arguments that no overload takes.
    fn no_overload(&mut self, name: &str, kinds: &[Kind], at: Span) -> Typed {
        let list: Vec<String> = kinds.iter().map(|kind| kind.name()).collect();
        let message = format!("function {name}({}) does not exist", list.join(", "));
        let known = FUNCTIONS.iter().filter(|function| function.name == name);
        let known: Vec<String> = known
            .map(|function| {
                let operands: Vec<String> =
                    function.operands.iter().map(|kind| kind.name()).collect();
                format!("{name}({})", operands.join(", "))
            })
            .collect();
        self.refuse_typed(at, message, &format!("there is {}", known.join(", ")))
    }

    /// Writes a function whose types are not in the table; `None` when it is none.
    fn without_signature(&mut self, name: &str, arguments: &[Typed], at: Span) -> Option<Typed> {
        let written = match (name, arguments) {
            (
                "now"
                | "current_timestamp"
                | "transaction_timestamp"
                | "statement_timestamp"
                | "clock_timestamp",
                [],
            ) => Self::now(),
            ("localtimestamp", []) => Self::local_now(),
            ("current_date", []) => Self::today(),
            ("coalesce" | "greatest" | "least", _) => {
                self.of_common_type(name, arguments.to_vec(), at)
            }
            ("nullif", [value, other]) => self.null_if(value.clone(), other.clone(), at),
            ("date_trunc", [field, time]) => self.truncate(field, time.clone(), at),
            ("date_part", [field, time]) if field.text().is_some() => {
                let field = field.text().unwrap_or_default().to_owned();
                let value = self.extract(&field, time.clone(), at);
                self.coerce(value, Kind::Float8, Context::Implicit, at)
            }
            ("timezone", [zone, time]) => self.at_time_zone(time.clone(), zone, at),
            ("concat", [_, ..]) => self.concatenation(name, arguments, at),
            ("concat_ws", [_, _, ..]) => self.concatenation(name, arguments, at),
            ("current_setting", [setting] | [setting, _]) => self.setting(setting, at),
            ("current_user" | "current_role" | "session_user" | "user", []) => {
                let help = "write `auth.role()`; the caller's id is auth.uid()";
                self.refuse_typed(at, format!("{name} is not supported"), help)
            }
            _ => {
                return self
                    .array_function(name, arguments, at)
                    .or_else(|| self.document_function(name, arguments, at))
                    .or_else(|| self.varied_function(name, arguments, at));
            }
        };
        Some(written)
    }

    /// What PostgREST sets for a request: the claims of its token.
    fn setting(&mut self, setting: &Typed, at: Span) -> Typed {
        match setting.text() {
            Some("request.jwt.claims") => Typed { kind: Kind::Text, ..Typed::claim(Claim::Jwt) },
            Some("request.jwt.claim.sub") => Typed { kind: Kind::Text, ..Typed::claim(Claim::Uid) },
            Some("request.jwt.claim.role") => Typed::claim(Claim::Role),
            Some("request.jwt.claim.email") => Typed::claim(Claim::Email),
            _ => self.refuse_typed(
                at,
                "this setting does not exist here",
                "write `auth.jwt() ->> 'claim'`",
            ),
        }
    }

    /// `concat` and `concat_ws` leave nulls out, and take any type as its text.
    fn concatenation(&mut self, name: &str, arguments: &[Typed], at: Span) -> Typed {
        let written: Vec<Sql> = arguments
            .iter()
            .map(|one| match one.kind {
                Kind::Boolean => Self::as_written(
                    "case @0 when 1 then 't' when 0 then 'f' end",
                    std::slice::from_ref(one),
                    Kind::Text,
                ),
                _ => self.coerce(one.clone(), Kind::Text, Context::Assignment, at),
            })
            .map(|one| one.sql)
            .collect();
        let sql = Sql::text(name).and(Sql::join(written, ", ").grouped());
        Typed::closed(Kind::Text, sql)
    }

    /// A type's name is a function that casts; any other name is an error.
    fn unknown_function(&mut self, name: &str, mut arguments: Vec<Typed>, at: Span) -> Typed {
        if let (1, Some((kind, Size::Any))) = (arguments.len(), Kind::named(name))
            && !matches!(kind, Kind::Time | Kind::Timestamp | Kind::Interval | Kind::Json)
            && let Some(value) = arguments.pop()
        {
            return self.coerce(value, kind, Context::Explicit, at);
        }
        let known = || {
            let table = FUNCTIONS.iter().map(|function| function.name);
            table.chain(AGGREGATES.iter().copied()).chain(OTHERS.iter().copied())
        };
        let error = Diagnostic::error(at, format!("function {name}() does not exist"));
        let instead = INSTEAD.iter().find(|(wrong, _)| *wrong == name);
        self.push(match (instead, closest(name, known())) {
            (Some((_, help)), _) => error.help(*help),
            (None, Some(name)) => error.help(format!("did you mean {name}()?")),
            (None, None) => error.help(
                "write a helper function in functions.sql: \
                 `create function name(..) returns boolean language sql stable as $$ select .. $$`",
            ),
        });
        Typed::broken()
    }
}

/// The query of `array(select ..)`.
pub(super) fn query_of_array(function: &Function) -> Option<&Query> {
    let is_array = function.name.to_string().eq_ignore_ascii_case("array");
    match &function.args {
        FunctionArguments::Subquery(query) if is_array => Some(query),
        _ => None,
    }
}
