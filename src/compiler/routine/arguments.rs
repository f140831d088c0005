//! Arguments in a body: `name`, `function.name` or `$1`, and their defaults.

use rusqlite::types::Value;
use sqlparser::ast::{Expr, Ident, Spanned};

use super::declaration::trial_of_default;
use crate::catalog::{Column, Type};
use crate::compiler::expand::Expander;
use crate::compiler::expression::{Context, Form, Kind, Typed};
use crate::compiler::message;
use crate::compiler::parse::{Name, name, span};
use crate::compiler::report::{Diagnostic, Span};
use crate::compiler::sql::Sql;
use crate::compiler::types;

impl Expander<'_> {
    /// The argument that a bare name means. One that is also a column would mean the column in
    /// Postgres, and every condition on it would be true: it is an error.
    pub fn argument(&mut self, name: &Name) -> Option<Typed> {
        let (number, argument) = self.find_argument(&name.text)?;
        let found = argument_typed(number, argument);
        let has = |columns: &[String]| {
            columns.iter().any(|column| column.eq_ignore_ascii_case(&name.text))
        };
        let shadowed = self.scopes.iter().flatten().find(|item| has(&item.columns));
        if let (Some(item), Some(routine)) = (shadowed, self.routine) {
            let message = format!(
                "\"{}\" is both an argument of \"{}\" and a column of \"{}\"",
                name.text, routine.name.text, item.name
            );
            let help = format!(
                "write \"{0}.{2}\" for the argument and \"{1}.{2}\" for the column, or give the \
                 argument another name",
                routine.name.text, item.name, name.text
            );
            self.push(Diagnostic::error(name.span, message).help(help));
        }
        Some(found)
    }

    /// Reports a name that means nothing where no table is read.
    pub fn no_argument(&mut self, name: &Name) -> Typed {
        let arguments =
            self.routine.map(|routine| routine.arguments.as_slice()).unwrap_or_default();
        let names = arguments.iter().map(|argument| argument.name.as_str());
        let message = format!("there is no argument \"{}\", and no table is read here", name.text);
        let error = Diagnostic::error(name.span, message).suggest(&name.text, names);
        self.push(error);
        Typed::broken()
    }

    /// The argument that `function.name` means.
    pub fn qualified_argument(&mut self, function: &Ident, argument: &Ident) -> Option<Typed> {
        let routine = self.routine?;
        if !routine.name.text.eq_ignore_ascii_case(&function.value) {
            return None;
        }
        if let Some((number, argument)) = self.find_argument(&argument.value) {
            return Some(argument_typed(number, argument));
        }
        let name = name(argument);
        let message =
            format!("function \"{}\" has no argument \"{}\"", routine.name.text, name.text);
        let names = routine.arguments.iter().map(|argument| argument.name.as_str());
        let error = Diagnostic::error(name.span, message).suggest(&name.text, names);
        self.push(error);
        Some(Typed::broken())
    }

    /// The argument that `$1` means.
    pub fn placeholder(&mut self, text: &str, at: Span) -> Typed {
        if let Some((number, argument)) = self.numbered_argument(text) {
            return argument_typed(number, argument);
        }
        let message = format!("there is no parameter {text}");
        self.refuse_typed(at, message, "write an argument's name")
    }

    /// The argument that `$1` means, and its number, which counts from 0.
    pub fn numbered_argument(&self, text: &str) -> Option<(u8, &Column)> {
        let number = text.strip_prefix('$')?.parse::<u8>().ok()?.checked_sub(1)?;
        Some((number, self.routine?.arguments.get(usize::from(number))?))
    }

    /// The argument of that name, and its number.
    pub fn find_argument(&self, name: &str) -> Option<(u8, &Column)> {
        let arguments = &self.routine?.arguments;
        let index = arguments.iter().position(|one| one.name.eq_ignore_ascii_case(name))?;
        Some((u8::try_from(index).ok()?, arguments.get(index)?))
    }

    /// Writes a default, which knows neither who asks nor any table, and tries what it comes to.
    pub fn argument_default(&mut self, expression: &Expr, argument: &Column) -> Option<String> {
        let at = span(expression.span());
        let value = self.expression(expression);
        let value = self.coerce(value, Kind::of_column(argument), Context::Assignment, at);
        let sql = value.sql.into_template();
        let Some(sql) = super::trial::constant(&sql) else {
            let message = "a default is a constant";
            self.refuse(at, message, "write `default null`, and coalesce(..) in the body");
            return None;
        };
        if self.has_failed() {
            return None;
        }
        let value = self
            .ground
            .connection
            .query_row(&trial_of_default(&sql), [], |row| row.get::<_, Value>(0));
        let message = match value {
            Ok(value) if types::is_canonical(argument.kind, &value) => return Some(sql),
            Ok(_) => format!(
                "the default of argument \"{}\" is not a value of type {}",
                argument.name, argument.declared
            ),
            Err(error) => format!(
                "the default of argument \"{}\" cannot be computed: {}",
                argument.name,
                message(error)
            ),
        };
        let help = match argument.kind {
            Type::Any => "write a constant",
            kind => types::default_help(kind),
        };
        self.push(Diagnostic::error(at, message).help(help));
        None
    }
}

/// An argument, which is bound.
fn argument_typed(number: u8, argument: &Column) -> Typed {
    Typed::new(Kind::of_column(argument), Form::Simple, Sql::argument(number))
}
