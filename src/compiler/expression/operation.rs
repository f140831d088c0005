//! Operators and functions of the tables, with operands made to be of their types.

use super::Context;
use super::comparison;
use super::kind::Kind;
use super::operators::{OPERATORS, Write};
use super::resolve::{Resolution, resolve};
use super::template;
use super::typed::Typed;
use crate::compiler::expand::Expander;
use crate::compiler::report::Span;

impl Expander<'_> {
    /// Writes an operator of the table.
    pub(super) fn binary_operation(
        &mut self,
        name: &str,
        left: Typed,
        right: Typed,
        at: Span,
    ) -> Typed {
        if let Some(written) = self.array_operation(name, &left, &right, at) {
            return written;
        }
        // Arrays and ranges have these, too.
        let is_unknown = left.kind == Kind::Unknown && right.kind == Kind::Unknown;
        if is_unknown && matches!(name, "@>" | "<@") {
            let message = format!("operator is not unique: unknown {name} unknown");
            return self.refuse_typed(at, message, "cast one of them: `'..'::jsonb`");
        }
        let (left, right) =
            if name == "||" { self.concatenated(left, right, at) } else { (left, right) };
        // PostgreSQL has these for other types, too.
        let is_shared = matches!(name, "?" | "?|" | "?&" | "@>" | "<@" | "&&");
        if is_shared && left.kind == Kind::Unknown && right.kind == Kind::Unknown {
            let message = format!("operator is not unique: unknown {name} unknown");
            return self.refuse_typed(at, message, "write the type of one literal: `'..'::jsonb`");
        }
        let operators = OPERATORS.iter().filter(|operator| operator.name == name);
        let operator = match resolve(operators, &[left.kind, right.kind], true) {
            Resolution::One(operator) => operator,
            Resolution::Ambiguous if !left.is_broken() && !right.is_broken() => {
                let message = format!(
                    "operator is not unique: {} {name} {}",
                    left.kind.name(),
                    right.kind.name()
                );
                return self.refuse_typed(
                    at,
                    message,
                    "cast the string in quotes: `'..'::interval`",
                );
            }
            _ => {
                self.no_operator(name, &left, &right, at);
                return Typed::broken();
            }
        };
        let scale = scale_of(name, &left, &right);
        let [one, other] = operator.operands;
        let left = self.coerce(left, one, Context::Implicit, at);
        let right = self.coerce(right, other, Context::Implicit, at);
        if left.is_broken() || right.is_broken() {
            return Typed::broken();
        }
        let written = self.entry(operator.write, (name, operator.result), &[left, right], at);
        Typed { scale: scale.filter(|_| operator.result == Kind::Numeric), ..written }
    }

    /// `||` takes a text and anything, which becomes text.
    fn concatenated(&mut self, left: Typed, right: Typed, at: Span) -> (Typed, Typed) {
        let is_any = |one: &Typed| {
            !one.kind.is_text()
                && !matches!(
                    one.kind,
                    Kind::Unknown | Kind::Broken | Kind::Array(_) | Kind::Untyped | Kind::Bytea
                )
        };
        match (
            left.kind.is_text() || left.kind == Kind::Unknown,
            right.kind.is_text() || right.kind == Kind::Unknown,
        ) {
            (true, false)
                if is_any(&right) && !(left.kind == Kind::Unknown && right.kind == Kind::Jsonb) =>
            {
                let right = self.coerce(right, Kind::Text, Context::Assignment, at);
                (left, right)
            }
            (false, true)
                if is_any(&left) && !(right.kind == Kind::Unknown && left.kind == Kind::Jsonb) =>
            {
                (self.coerce(left, Kind::Text, Context::Assignment, at), right)
            }
            _ => (left, right),
        }
    }

    /// Writes an entry of a table with operands of its types.
    pub(super) fn entry(
        &mut self,
        write: Write,
        (name, result): (&str, Kind),
        operands: &[Typed],
        at: Span,
    ) -> Typed {
        let kinds = operands.iter().map(|operand| operand.kind);
        if let Some(defect) = self.environment.defect.filter(|defect| defect.is_of(name, kinds)) {
            return Typed::open(result, template::write(defect.sql, operands));
        }
        match write {
            Write::Sql(template) => {
                let sql = template::write(template, operands);
                Typed::open(result, sql)
            }
            Write::Checked(template, check) => {
                Typed::closed(result, check.write(template::write(template, operands)))
            }
            Write::Compare => match operands {
                [left, right] => Typed::open(result, comparison::written(name, left, right)),
                _ => Typed::broken(),
            },
            Write::Moment(operation) => self.moment_operation(operation, operands, result, at),
            Write::Json => self.json_operation(name, operands, result, at),
            Write::Unsupported(help) => {
                self.refuse_typed(at, format!("{name} is not supported for these types"), help)
            }
        }
    }
}

/// How many decimals PostgreSQL shows of a sum or a product of decimal numbers.
fn scale_of(name: &str, left: &Typed, right: &Typed) -> Option<u32> {
    let (one, other) = (left.scale?, right.scale?);
    match name {
        "+" | "-" => Some(one.max(other)),
        "*" => one.checked_add(other),
        _ => None,
    }
}
