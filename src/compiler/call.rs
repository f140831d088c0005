//! Writes calls: claims, and those of SQLite's functions that a policy may use.

use sqlparser::ast::{
    DuplicateTreatment, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, Spanned,
};

use super::expand::Expander;
use super::functions::{AGGREGATE, INSTEAD, NOW, SCALAR};
use super::parse::span;
use super::report::{Diagnostic, closest};
use super::sql::Sql;
use crate::catalog::Claim;

impl Expander<'_> {
    /// Writes a call.
    pub fn function(&mut self, function: &Function) -> Sql {
        let parts: Option<Vec<&Ident>> =
            function.name.0.iter().map(|part| part.as_ident()).collect();
        let at = span(function.name.span());
        let is_plain = function.over.is_none()
            && function.null_treatment.is_none()
            && function.within_group.is_empty()
            && !function.uses_odbc_syntax
            && matches!(function.parameters, FunctionArguments::None);
        if !is_plain {
            return self.refuse(at, "window functions are not supported", "use a sub-select");
        }
        match parts.unwrap_or_default().as_slice() {
            [schema, name] if schema.value.eq_ignore_ascii_case("auth") => {
                self.claim(function, &name.value)
            }
            [name] => self.call(function, &name.value.to_ascii_lowercase()),
            _ => {
                let message = format!("function {} does not exist", function.name);
                self.refuse(at, message, "functions of schemas other than auth do not exist here")
            }
        }
    }

    fn claim(&mut self, function: &Function, name: &str) -> Sql {
        let at = span(function.name.span());
        let claim = Claim::ALL.into_iter().find(|claim| name.eq_ignore_ascii_case(claim.name()));
        let Some(claim) = claim else {
            let message = format!("function auth.{name}() does not exist");
            let help = "there are auth.uid(), auth.role(), auth.email() and auth.jwt()";
            return self.refuse(at, message, help);
        };
        match &function.args {
            FunctionArguments::List(list) if list.args.is_empty() && function.filter.is_none() => {
                Sql::claim(claim)
            }
            _ => self.refuse(at, format!("auth.{name}() takes no arguments"), "write it with ()"),
        }
    }

    fn call(&mut self, function: &Function, name: &str) -> Sql {
        let at = span(function.name.span());
        let has_arguments =
            matches!(&function.args, FunctionArguments::List(list) if !list.args.is_empty());
        if name == "now" && !has_arguments {
            return Sql::text(NOW);
        }
        if name == "current_date" && !has_arguments {
            return Sql::text(name);
        }
        let is_aggregate = AGGREGATE.contains(&name);
        if !is_aggregate && !SCALAR.contains(&name) {
            let error = Diagnostic::error(at, format!("function {name}() is not supported"));
            let instead = INSTEAD.iter().find(|(wrong, _)| *wrong == name);
            let known = || SCALAR.iter().chain(AGGREGATE).copied();
            let noun = self.noun();
            self.push(match (instead, closest(name, known())) {
                (Some((_, help)), _) => error.help(*help),
                (None, Some(name)) => error.help(format!("did you mean {name}()?")),
                (None, None) => error.help(format!(
                    "a {noun} may call SQLite's core, JSON, date and aggregate functions"
                )),
            });
            return Sql::default();
        }
        let FunctionArguments::List(list) = &function.args else {
            return self.refuse(at, format!("{name} is a function"), "write it with (..)");
        };
        let is_distinct = list.duplicate_treatment == Some(DuplicateTreatment::Distinct);
        let is_scalar = !is_aggregate && (is_distinct || function.filter.is_some());
        if !list.clauses.is_empty() || is_scalar {
            return self.refuse(at, format!("{name}() does not take this"), "leave it out");
        }
        let mut arguments = Vec::new();
        for argument in &list.args {
            match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => {
                    arguments.push(self.expression(expression));
                }
                FunctionArg::Unnamed(FunctionArgExpr::Wildcard) if name == "count" => {
                    arguments.push(Sql::text("*"));
                }
                _ => return self.refuse(at, "this argument is not supported", "write a value"),
            }
        }
        let arguments = Sql::join(arguments, ", ");
        let prefix = if is_distinct { "(distinct " } else { "(" };
        let call = Sql::text(name).then(prefix).and(arguments).then(")");
        match &function.filter {
            Some(filter) => {
                let filter = self.expression(filter);
                call.then(" filter (where ").and(filter).then(")")
            }
            None => call,
        }
    }
}
