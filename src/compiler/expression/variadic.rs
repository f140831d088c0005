//! Functions of any number of arguments of any type, and what else no signature says.

use super::kind::Kind;
use super::template;
use super::typed::Typed;
use crate::compiler::expand::Expander;
use crate::compiler::report::Span;
use crate::compiler::sql::Sql;

impl Expander<'_> {
    /// Writes `num_nulls(..)` and `num_nonnulls(..)`; `None` for what the table has.
    pub(super) fn varied_function(
        &mut self,
        name: &str,
        arguments: &[Typed],
        at: Span,
    ) -> Option<Typed> {
        // PostgreSQL has it of addresses of networks, too.
        if let ("trunc", [one]) = (name, arguments)
            && one.kind == Kind::Unknown
        {
            let message = "function trunc(unknown) is not unique";
            return Some(self.refuse_typed(at, message, "write a number without quotes"));
        }
        let test = match name {
            "num_nulls" => "(@0 is null)",
            "num_nonnulls" => "(@0 is not null)",
            _ => return None,
        };
        if arguments.is_empty() {
            return Some(self.refuse_typed(
                at,
                format!("function {name}() does not exist"),
                "write values",
            ));
        }
        let tests = arguments.iter().map(|one| template::write(test, std::slice::from_ref(one)));
        Some(Typed::open(Kind::Int4, Sql::join(tests, " + ")))
    }
}
