//! Values that are shown, and what is made of them on the way: casts and aggregates, checked as
//! Postgres would check them.

use super::condition::{self, Place};
use super::source::Source;
use super::value;
use crate::catalog::Type;
use crate::error::{Code, Error, shortened};
use crate::rest::query::{Aggregate, TermItem};

/// A value: where it comes from, and what is made of it.
#[derive(Debug)]
pub struct Term<'a> {
    /// Where it comes from; `None` for the row itself, which can only be counted.
    pub place: Option<Place<'a>>,
    /// What is made of it, in order.
    pub steps: Vec<Step>,
    /// The type it has in the end, which decides how it is shown.
    pub kind: Type,
}

/// Something that is made of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A value of another type.
    Cast { from: Type, to: Type },
    /// One value of many, of that type.
    Aggregate(Aggregate, Type),
}

impl<'a> Term<'a> {
    /// What a place holds.
    pub const fn of(place: Place<'a>) -> Self {
        let kind = place.kind();
        Self { place: Some(place), steps: Vec::new(), kind }
    }

    /// Resolves an item of a select.
    ///
    /// # Errors
    /// What the column says, `42704` for an unknown type, `42846` for a cast that there is not, and
    /// `42883` for an aggregate that the type has not.
    pub fn resolve(item: &TermItem, source: &Source<'a>) -> Result<Self, Error> {
        let mut term = match &item.field {
            Some(field) => Self::of(condition::place(field, source)?),
            None => Self { place: None, steps: Vec::new(), kind: Type::BigInt },
        };
        term.cast(item.cast.as_deref())?;
        if let Some(aggregate) = item.aggregate {
            term.aggregate(aggregate)?;
        }
        term.cast(item.aggregate_cast.as_deref())?;
        Ok(term)
    }

    /// Whether it is one value of many rows.
    pub fn is_aggregate(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::Aggregate(..)))
    }

    fn cast(&mut self, name: Option<&str>) -> Result<(), Error> {
        let Some(name) = name else { return Ok(()) };
        let to = type_named(name).ok_or_else(|| {
            let message = format!("type \"{}\" does not exist", shortened(name));
            Error::new(Code::TypeUndefined, message)
        })?;
        let from = self.kind;
        let is_narrow = self.is_declared_integer();
        if !is_castable(from, to, is_narrow) {
            let (from, to) = (value::type_name(from), value::type_name(to));
            let message = format!("cannot cast type {from} to {to}");
            return Err(Error::new(Code::CannotCast, message));
        }
        // A numeric of a declared scale stays one, as in PostgreSQL.
        if matches!((from, to), (Type::Numeric { .. }, Type::Numeric { .. })) {
            return Ok(());
        }
        self.steps.push(Step::Cast { from, to });
        self.kind = to;
        Ok(())
    }

    /// Whether it is a column that is declared as an integer, as SQLite's own keys are.
    fn is_declared_integer(&self) -> bool {
        let declared = self.place.as_ref().map(|place| place.column.declared.as_str());
        self.steps.is_empty()
            && declared.is_some_and(|declared| {
                ["integer", "int", "int4"].iter().any(|name| declared.eq_ignore_ascii_case(name))
            })
    }

    fn aggregate(&mut self, aggregate: Aggregate) -> Result<(), Error> {
        let from = self.kind;
        let of = match (aggregate, from) {
            (Aggregate::Count, _) => Type::BigInt,
            (Aggregate::Sum, Type::SmallInt | Type::Integer) => Type::BigInt,
            (Aggregate::Sum | Aggregate::Avg, Type::Double) => Type::Double,
            (Aggregate::Sum | Aggregate::Avg, Type::Any) => {
                // What a view computes may be anything, and a text is not to be taken for nothing.
                self.steps.push(Step::Cast { from, to: Type::NUMERIC });
                Type::NUMERIC
            }
            (Aggregate::Sum, Type::Numeric { .. }) => from,
            (
                Aggregate::Sum | Aggregate::Avg,
                Type::SmallInt | Type::Integer | Type::BigInt | Type::Numeric { .. },
            ) => Type::NUMERIC,
            (Aggregate::Min | Aggregate::Max, kind) if is_ordered(kind) => kind,
            _ => {
                let (name, kind) = (aggregate.name(), value::type_name(from));
                let message = format!("function {name}({kind}) does not exist");
                let hint = "No function matches the given name and argument types. You might need to add explicit type casts.";
                return Err(Error::new(Code::OperatorUndefined, message).hint(hint));
            }
        };
        self.steps.push(Step::Aggregate(aggregate, of));
        self.kind = of;
        Ok(())
    }
}

/// The type that Postgres knows by that name.
fn type_named(name: &str) -> Option<Type> {
    Some(match name.to_ascii_lowercase().as_str() {
        "text" | "varchar" | "character varying" => Type::Text { characters_max: None },
        "int2" | "smallint" => Type::SmallInt,
        "int" | "int4" | "integer" => Type::Integer,
        "int8" | "bigint" => Type::BigInt,
        "float4" | "real" | "float8" | "float" | "double precision" => Type::Double,
        "numeric" | "decimal" => Type::NUMERIC,
        "bool" | "boolean" => Type::Boolean,
        "json" | "jsonb" => Type::Json,
        "uuid" => Type::Uuid,
        "date" => Type::Date,
        "time" | "time without time zone" => Type::Time,
        "timestamp" | "timestamp without time zone" => Type::Timestamp,
        "timestamptz" | "timestamp with time zone" => Type::TimestampTz,
        "bytea" => Type::Bytes,
        _ => return None,
    })
}

const fn is_ordered(kind: Type) -> bool {
    !matches!(kind, Type::Boolean | Type::Json | Type::Array(_))
}

const fn is_number(kind: Type) -> bool {
    matches!(
        kind,
        Type::SmallInt | Type::Integer | Type::BigInt | Type::Double | Type::Numeric { .. }
    )
}

/// Whether Postgres has that cast. A key that is declared as an integer is one there, and has 64 bits here.
fn is_castable(from: Type, to: Type, is_declared_integer: bool) -> bool {
    use Type::{BigInt, Boolean, Date, Integer, Json, Text, Time, Timestamp, TimestampTz};
    match (from, to) {
        (Text { .. } | Type::Any, _) | (_, Text { .. }) => true,
        (Json | Integer, Boolean) | (Boolean, Integer) => true,
        (BigInt, Boolean) => is_declared_integer,
        (Date, Timestamp | TimestampTz) | (Timestamp | TimestampTz, Date | Time) => true,
        (Timestamp, TimestampTz) | (TimestampTz, Timestamp) => true,
        (Json, to) if is_number(to) => true,
        (from, to) => from == to || is_number(from) && is_number(to),
    }
}
