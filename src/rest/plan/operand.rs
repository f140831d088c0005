//! JSON that is compared with: read as a whole, for a statement follows its shape.

use super::value;
use crate::catalog::Type;
use crate::error::{Code, Error};
use crate::http::json::{self, Decimal, Json, Walker};

/// The most values in one, itself included.
const VALUES_MAX: usize = 100;

/// The deepest nesting of one.
const DEPTH_MAX: usize = 8;

/// A JSON value with everything in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operand {
    /// Neither array nor object.
    Scalar(Json),
    /// An array's items.
    Array(Vec<Self>),
    /// An object's members. Of a name given twice the last counts, as in Postgres.
    Object(Vec<(String, Self)>),
}

impl Operand {
    /// Reads one.
    ///
    /// # Errors
    /// `22P02` when it is none or has a number that no double can hold, `54001` when there is too
    /// much in it.
    pub fn read(text: &str) -> Result<Self, Error> {
        let checked = json::checked(text.as_bytes()).map_err(|_| invalid(text))?;
        let mut reader = Reader { walker: Walker::new(checked), values: 0 };
        reader.value(0).map_err(|fault| match fault {
            Fault::Number => invalid(text),
            Fault::TooMuch => Error::new(
                Code::TooComplex,
                format!(
                    "JSON to compare with has at most {VALUES_MAX} values, nested at most \
                     {DEPTH_MAX} deep"
                ),
            ),
        })
    }

    /// Whether it is neither array nor object.
    pub const fn is_scalar(&self) -> bool {
        matches!(self, Self::Scalar(_))
    }
}

fn invalid(text: &str) -> Error {
    value::invalid(Type::Json, text)
        .hint("a text is written in double quotes here; use ->> to compare as text")
}

enum Fault {
    Number,
    TooMuch,
}

struct Reader<'a> {
    walker: Walker<'a>,
    values: usize,
}

impl Reader<'_> {
    fn value(&mut self, depth: usize) -> Result<Operand, Fault> {
        self.values = self.values.saturating_add(1);
        if self.values > VALUES_MAX || depth > DEPTH_MAX {
            return Err(Fault::TooMuch);
        }
        let below = depth.saturating_add(1);
        if self.walker.eat('[') {
            let mut items = Vec::new();
            while !self.walker.eat(']') {
                items.push(self.value(below)?);
                self.walker.eat(',');
            }
            return Ok(Operand::Array(items));
        }
        if self.walker.eat('{') {
            let mut members: Vec<(String, Operand)> = Vec::new();
            while !self.walker.eat('}') {
                let name = self.walker.name().into_owned();
                let member = self.value(below)?;
                members.retain(|(other, _)| *other != name);
                members.push((name, member));
                self.walker.eat(',');
            }
            return Ok(Operand::Object(members));
        }
        match Json::of(self.walker.value()) {
            Some(Json::Number(number))
                if !Decimal::read(&number).is_some_and(|number| number.is_finite()) =>
            {
                Err(Fault::Number)
            }
            Some(scalar) => Ok(Operand::Scalar(scalar)),
            None => Err(Fault::Number),
        }
    }
}
