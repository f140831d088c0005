//! Wrong translations, by which the comparison with PostgreSQL shows that it would find one: each entry
//! here means to SQLite what its own words mean there. Only [`crate::compiler::conditions`] uses them.

use super::kind::Kind;
use super::kind::Kind::{Boolean, Date, Float8, Int4, Interval, Jsonb, Numeric, Text, TimestampTz};
use super::language::Entry;

/// An entry of a table with another translation.
#[derive(Debug)]
pub(in crate::compiler) struct Defect {
    /// `operator`, `cast` or `function`.
    table: &'static str,
    /// Nothing for a cast.
    name: &'static str,
    operands: &'static [Kind],
    result: Kind,
    pub(super) sql: &'static str,
}

const fn operator(
    name: &'static str,
    operands: &'static [Kind],
    result: Kind,
    sql: &'static str,
) -> Defect {
    Defect { table: "operator", name, operands, result, sql }
}

const fn cast(from: &'static [Kind], to: Kind, sql: &'static str) -> Defect {
    Defect { table: "cast", name: "", operands: from, result: to, sql }
}

const fn function(
    name: &'static str,
    operands: &'static [Kind],
    result: Kind,
    sql: &'static str,
) -> Defect {
    Defect { table: "function", name, operands, result, sql }
}

static DEFECTS: &[Defect] = &[
    operator("+", &[Date, Int4], Date, "@0 + @1"),
    operator("-", &[Date, Date], Int4, "@0 - @1"),
    operator("-", &[TimestampTz, Interval], TimestampTz, "@0 - @1"),
    operator("/", &[Int4, Int4], Int4, "@0 / @1"),
    operator("=", &[Jsonb, Jsonb], Boolean, "@0 = @1"),
    operator("->>", &[Jsonb, Text], Text, "cast(@0 ->> @1 as text)"),
    cast(&[Boolean], Text, "cast(@0 as text)"),
    cast(&[Text], Int4, "cast(@0 as integer)"),
    cast(&[Jsonb], Boolean, "@0 ->> '$'"),
    cast(&[TimestampTz], Text, "@0"),
    cast(&[Numeric], Int4, "cast(@0 as integer)"),
    function("substr", &[Text, Int4], Text, "substr(@0, @1)"),
    function("left", &[Text, Int4], Text, "substr(@0, 1, @1)"),
    function("jsonb_typeof", &[Jsonb], Text, "json_type(@0)"),
    function("round", &[Float8], Float8, "round(@0)"),
];

impl Defect {
    /// The one of that name.
    pub fn named(name: &str) -> Option<&'static Self> {
        DEFECTS.iter().find(|defect| defect.title() == name)
    }

    fn title(&self) -> String {
        let operands: Vec<String> = self.operands.iter().map(|kind| kind.internal_name()).collect();
        format!(
            "{} {}({}) {}",
            self.table,
            self.name,
            operands.join(","),
            self.result.internal_name()
        )
    }

    /// Whether it stands for an operator or function with operands of these types.
    pub(super) fn is_of(&self, name: &str, operands: impl Iterator<Item = Kind>) -> bool {
        self.table != "cast" && self.name == name && operands.eq(self.operands.iter().copied())
    }

    /// Whether it stands for that cast.
    pub(super) fn is_cast(&self, from: Kind, to: Kind) -> bool {
        self.table == "cast" && self.operands == [from] && self.result == to
    }
}

/// All of them: the name, and the entry that is translated wrongly.
#[must_use]
pub fn defects() -> Vec<(String, Entry)> {
    let entry = |defect: &Defect| Entry {
        kind: defect.table,
        name: defect.name,
        operands: defect.operands.iter().map(|kind| kind.internal_name()).collect(),
        result: defect.result.internal_name(),
        context: None,
    };
    DEFECTS.iter().map(|defect| (defect.title(), entry(defect))).collect()
}
