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
        let found = self.find_argument(&name.text)?;
        let has = |columns: &[String]| {
            columns.iter().any(|column| column.eq_ignore_ascii_case(&name.text))
        };
        let shadowed = self.scopes.iter().flatten().find(|item| has(&item.columns));
        if let (Some(item), Some(function)) = (shadowed, self.function_name()) {
            let message = format!(
                "\"{}\" is both an argument of \"{function}\" and a column of \"{}\"",
                name.text, item.name
            );
            let help = format!(
                "write \"{0}.{2}\" for the argument and \"{1}.{2}\" for the column, or give the \
                 argument another name",
                function, item.name, name.text
            );
            self.push(Diagnostic::error(name.span, message).help(help));
        }
        Some(found)
    }

    /// Reports a name that means nothing where no table is read.
    pub fn no_argument(&mut self, name: &Name) -> Typed {
        let names = self.argument_names();
        let names = names.iter().map(String::as_str);
        let message = format!("there is no argument \"{}\", and no table is read here", name.text);
        let error = Diagnostic::error(name.span, message).suggest(&name.text, names);
        self.push(error);
        Typed::broken()
    }

    /// The argument that `function.name` means.
    pub fn qualified_argument(&mut self, function: &Ident, argument: &Ident) -> Option<Typed> {
        let called = self.function_name()?;
        if !called.eq_ignore_ascii_case(&function.value) {
            return None;
        }
        if let Some(found) = self.find_argument(&argument.value) {
            return Some(found);
        }
        let name = name(argument);
        let message = format!("function \"{called}\" has no argument \"{}\"", name.text);
        let names = self.argument_names();
        let names = names.iter().map(String::as_str);
        let error = Diagnostic::error(name.span, message).suggest(&name.text, names);
        self.push(error);
        Some(Typed::broken())
    }

    /// The argument that `$1` means.
    pub fn placeholder(&mut self, text: &str, at: Span) -> Typed {
        if let Some(found) = self.numbered_argument(text) {
            return found;
        }
        let message = format!("there is no parameter {text}");
        self.refuse_typed(at, message, "write an argument's name")
    }

    /// The function whose arguments are visible: one that is called, or the one that is written.
    fn function_name(&self) -> Option<String> {
        match (self.frames.last(), self.routine) {
            (Some(frame), _) => Some(frame.function.clone()),
            (None, Some(routine)) => Some(routine.name.text.clone()),
            (None, None) => None,
        }
    }

    /// Their names.
    fn argument_names(&self) -> Vec<String> {
        match (self.frames.last(), self.routine) {
            (Some(frame), _) => frame.arguments.iter().map(|(name, _)| name.clone()).collect(),
            (None, Some(routine)) => {
                routine.arguments.iter().map(|argument| argument.name.clone()).collect()
            }
            (None, None) => Vec::new(),
        }
    }

    /// The argument that `$1` means.
    fn numbered_argument(&self, text: &str) -> Option<Typed> {
        let number = text.strip_prefix('$')?.parse::<u8>().ok()?.checked_sub(1)?;
        if let Some(frame) = self.frames.last() {
            return frame.arguments.get(usize::from(number)).map(|(_, value)| value.clone());
        }
        let argument = self.routine?.arguments.get(usize::from(number))?;
        let is_ranked = self.is_ranked(&argument.options);
        Some(Typed { is_ranked, ..argument_typed(number, argument) })
    }

    /// The argument of that name.
    fn find_argument(&self, name: &str) -> Option<Typed> {
        if let Some(frame) = self.frames.last() {
            let found = frame.arguments.iter().find(|(one, _)| one.eq_ignore_ascii_case(name));
            return found.map(|(_, value)| value.clone());
        }
        let arguments = &self.routine?.arguments;
        let index = arguments.iter().position(|one| one.name.eq_ignore_ascii_case(name))?;
        let argument = arguments.get(index)?;
        let is_ranked = self.is_ranked(&argument.options);
        Some(Typed { is_ranked, ..argument_typed(u8::try_from(index).ok()?, argument) })
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
            .environment
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
