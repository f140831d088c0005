//! Calls of the functions of `functions.sql` within expressions: the body is written in place of the call,
//! its arguments put in. A `security definer` reads as the owner does, which is how a policy asks for what
//! its caller may not read, and how two policies that need each other do not recurse.

use sqlparser::ast::{
    Expr, Function as Call, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, Query, SetExpr,
    Spanned, Statement,
};

use super::body::BodyStatement;
use super::signature::Signature;
use crate::catalog::{Column, Row};
use crate::compiler::expand::{Expander, Frame};
use crate::compiler::expression::{Context, Kind, Typed, is_built_in};
use crate::compiler::parse::span;
use crate::compiler::query::Purpose;
use crate::compiler::report::Span;
use crate::compiler::sql::Sql;

/// A function that can be called within expressions.
#[derive(Debug, Clone)]
pub(in crate::compiler) struct Helper {
    /// The schema in front of its name; none for `public`.
    pub schema: Option<String>,
    pub signature: Signature,
    /// What stands for arguments that are left out, in their order.
    pub defaults: Vec<Option<Expr>>,
    pub statements: Vec<BodyStatement>,
}

impl Helper {
    fn is_called(&self, parts: &[&Ident]) -> bool {
        let is = |name: &str, part: &Ident| name.eq_ignore_ascii_case(&part.value);
        match parts {
            [name] => self.schema.is_none() && is(&self.signature.name.text, name),
            [schema, name] => {
                is(self.schema.as_deref().unwrap_or("public"), schema)
                    && is(&self.signature.name.text, name)
            }
            _ => false,
        }
    }

    /// Its only statement, if that is a query.
    fn query(&self) -> Option<&Query> {
        match self.statements.as_slice() {
            [BodyStatement { statement: Statement::Query(query), .. }] => Some(query),
            _ => None,
        }
    }

    fn is_set(&self) -> bool {
        self.signature.returns.as_ref().is_some_and(|returns| returns.is_set)
    }

    fn is_value(&self) -> bool {
        matches!(self.signature.returns.as_ref().map(|returns| &returns.row), Some(Row::Value(_)))
    }
}

impl<'a> Expander<'a> {
    /// The function of `functions.sql` that a call means.
    fn called_helper(&self, call: &Call) -> Option<&'a Helper> {
        let parts: Vec<&Ident> = call.name.0.iter().filter_map(|part| part.as_ident()).collect();
        self.environment.helpers.iter().find(|helper| helper.is_called(&parts))
    }

    /// Writes a call of a function of `functions.sql`; `None` when it is none.
    pub fn helper(&mut self, call: &Call, at: Span) -> Option<Typed> {
        let called = call.name.0.last().and_then(|part| part.as_ident())?;
        if self
            .environment
            .broken_helpers
            .iter()
            .any(|name| name.eq_ignore_ascii_case(&called.value))
        {
            // What is wrong has been reported where it is declared.
            self.give_up();
            return Some(Typed::broken());
        }
        let helper = self.called_helper(call)?;
        let name = &helper.signature.name.text;
        if helper.is_set() || !helper.is_value() {
            let message =
                format!("function {name}() returns rows, and stands where one value must");
            let help = format!("write `in (select {name}(..))`, or read it in `from`");
            return Some(self.refuse_typed(at, message, &help));
        }
        let result = helper.signature.result.first().map_or(Kind::Untyped, Kind::of_column);
        let written = self.within(helper, call, at, |expander, query| {
            if let Some(only) = only_expression(query) {
                let value = expander.expression(only);
                return expander.coerce(value, result, Context::Assignment, at).grouped();
            }
            let sql = expander.query(query, Purpose::Value);
            let column = expander.only_column(at);
            let column = Typed::closed(column.kind, sql.grouped());
            expander.coerce(column, result, Context::Assignment, at).grouped()
        });
        let is_ranked =
            helper.signature.result.first().is_some_and(|column| self.is_ranked(&column.options));
        Some(Typed { is_ranked, ..written.unwrap_or_else(Typed::broken) })
    }

    /// Whether a call is one of a function of `functions.sql` that returns rows.
    pub fn is_rows_helper(&self, call: &Call) -> bool {
        self.called_helper(call).is_some_and(Helper::is_set)
    }

    /// Writes the rows of a function of `functions.sql` as a query, and tells its columns.
    pub fn helper_rows(&mut self, call: &Call, at: Span) -> Option<(Sql, Vec<(String, Kind)>)> {
        let helper = self.called_helper(call)?;
        let columns: Vec<(String, Kind)> = helper
            .signature
            .result
            .iter()
            .map(|column| (column.name.clone(), Kind::of_column(column)))
            .collect();
        let result = helper.signature.result.clone();
        let sql = self.within(helper, call, at, |expander, query| {
            let names = result.iter().map(|column| column.name.clone()).collect();
            let outside = std::mem::replace(&mut expander.names, names);
            let sql = expander.query(query, Purpose::Result);
            expander.names = outside;
            expander.check_columns(&helper.signature, &result, at);
            sql
        });
        Some((sql.unwrap_or_default(), columns))
    }

    /// Whether what a helper selects is what it declares; it is not converted.
    fn check_columns(&mut self, signature: &Signature, result: &[Column], at: Span) {
        let selected = std::mem::take(&mut self.result);
        let is_same = selected.len() == result.len()
            && selected.iter().zip(result).all(|(value, column)| {
                let kind = Kind::of_column(column);
                value.is_broken()
                    || value.kind == kind
                    || (value.kind.is_text() || value.kind == Kind::Unknown) && kind.is_text()
                    || value.kind.is_integer() && kind == Kind::Int8
            });
        if !is_same && !self.has_failed() {
            let message =
                format!("function \"{}\" selects other types than it returns", signature.name.text);
            self.refuse(at, message, "cast what it selects to the types that it returns");
        }
    }

    /// Does something with the body of a function, in which nothing is visible but its arguments.
    fn within<T>(
        &mut self,
        helper: &'a Helper,
        call: &Call,
        at: Span,
        write: impl FnOnce(&mut Self, &'a Query) -> T,
    ) -> Option<T> {
        let name = &helper.signature.name.text;
        if self.frames.iter().any(|frame| frame.function.eq_ignore_ascii_case(name)) {
            let message = format!("function \"{name}\" calls itself");
            self.refuse(at, message, "write a query that needs no recursion");
            return None;
        }
        if call.name.0.len() == 1 && is_built_in(name) {
            let message = format!("{name}() may mean PostgreSQL's own function");
            let help = format!("give yours another name, or call it `public.{name}(..)`");
            self.refuse(at, message, &help);
            return None;
        }
        let Some(query) = helper.query() else {
            let message = format!("function \"{name}\" is more than one query");
            let help = "only a function of a single `select` can be called in an expression";
            self.refuse(at, message, help);
            return None;
        };
        let arguments = self.helper_arguments(helper, call, at)?;
        let is_definer = helper.signature.is_definer;
        self.frames.push(Frame { function: name.clone(), is_definer, arguments });
        let scopes = std::mem::take(&mut self.scopes);
        let role = self.role;
        if helper.signature.is_definer {
            self.role = None;
        }
        let decides = std::mem::take(&mut self.decides);
        let written = write(self, query);
        self.decides = decides;
        self.role = role;
        self.scopes = scopes;
        self.frames.pop();
        Some(written)
    }

    /// The arguments of a call, each of the declared type.
    fn helper_arguments(
        &mut self,
        helper: &Helper,
        call: &Call,
        at: Span,
    ) -> Option<Vec<(String, Typed)>> {
        let declared = &helper.signature.arguments;
        let list = match &call.args {
            FunctionArguments::List(list) => list.args.as_slice(),
            _ => &[],
        };
        let mut given: Vec<Option<Typed>> = vec![None; declared.len()];
        for (index, argument) in list.iter().enumerate() {
            let (place, expression) = match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => {
                    (Some(index), expression)
                }
                FunctionArg::Named { name, arg: FunctionArgExpr::Expr(expression), .. }
                | FunctionArg::ExprNamed {
                    name: Expr::Identifier(name),
                    arg: FunctionArgExpr::Expr(expression),
                    ..
                } => {
                    let is = |column: &Column| column.name.eq_ignore_ascii_case(&name.value);
                    (declared.iter().position(is), expression)
                }
                _ => return self.wrong_arguments(helper, at),
            };
            let value = self.expression(expression);
            let Some((slot, column)) = place
                .and_then(|place| Some((given.get_mut(place)?, declared.get(place)?)))
                .filter(|(slot, _)| slot.is_none())
            else {
                return self.wrong_arguments(helper, at);
            };
            let kind = Kind::of_column(column);
            let at = span(expression.span());
            *slot = Some(self.coerce(value, kind, Context::Implicit, at));
        }
        let mut arguments = Vec::new();
        for ((value, column), default) in given.into_iter().zip(declared).zip(&helper.defaults) {
            let value = match (value, default) {
                (Some(value), _) => value,
                (None, Some(default)) => {
                    let value = self.expression(default);
                    self.coerce(value, Kind::of_column(column), Context::Assignment, at)
                }
                (None, None) => return self.wrong_arguments(helper, at),
            };
            if value.sql.has_aggregate() {
                let help = "select the aggregate in a sub-select in `from`";
                self.refuse(at, "an aggregate is no argument of a function here", help);
                return None;
            }
            let is_ranked = self.is_ranked(&column.options);
            arguments.push((column.name.clone(), Typed { is_ranked, ..value.grouped() }));
        }
        Some(arguments)
    }

    fn wrong_arguments<T>(&mut self, helper: &Helper, at: Span) -> Option<T> {
        let list: Vec<String> = helper
            .signature
            .arguments
            .iter()
            .map(|column| format!("{} {}", column.name, column.declared))
            .collect();
        let name = &helper.signature.name.text;
        let message = format!("function {name}() is not called with its arguments");
        self.refuse(at, message, &format!("it is {name}({})", list.join(", ")));
        None
    }
}

/// The expression of a query that is only `select expression`.
fn only_expression(query: &Query) -> Option<&Expr> {
    let SetExpr::Select(select) = query.body.as_ref() else { return None };
    let [
        sqlparser::ast::SelectItem::UnnamedExpr(only)
        | sqlparser::ast::SelectItem::ExprWithAlias { expr: only, .. },
    ] = select.projection.as_slice()
    else {
        return None;
    };
    let is_plain = query.to_string().trim_end_matches(';').trim()
        == format!("SELECT {}", select.projection.first()?);
    (is_plain && !crate::compiler::single::may_aggregate(only)).then_some(only)
}
