//! What a request wishes for, before anything is known of the schema.
//!
//! URL, headers and body become a [`Query`]: names are still the client's texts, and nothing here
//! promises that they exist. Sense is the planner's business.

mod arguments;
mod body;
mod csv;
mod cursor;
mod field;
mod filter;
mod media;
mod order;
mod page;
mod parameters;
mod payload;
mod preference;
#[cfg(test)]
mod properties;
mod select;
pub mod text_search;

pub use arguments::Arguments;
pub use field::{Field, JsonStep};
pub use filter::{Comparison, Condition, Filter, Is, Operator, Set, Test};
pub use media::{Explained, Form, Media};
pub use order::{Nulls, OrderTerm};
pub use parameters::{Parameters, Placed};
pub use payload::{Payload, too_many_rows};
pub use preference::{Count, Preferences, Resolution, Return};
pub use select::{Aggregate, EmbedItem, Join, SelectItem, TermItem};

use crate::error::{Code, Error, shortened};
use crate::http::{Method, Request};

/// What the client wants done with the rows of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The wish itself.
    pub verb: Verb,
    /// Which rows, which columns, in which order.
    pub parameters: Parameters,
    /// How to go about it and what to answer.
    pub preferences: Preferences,
    /// The form of the answer.
    pub media: Media,
    /// Whether the headers of the answer are all that is wanted of it, as by `HEAD`.
    pub headers_only: bool,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// `GET` and `HEAD`.
    Read,
    /// `POST`
    Insert(Payload),
    /// `PUT`
    Replace(Payload),
    /// `PATCH`
    Update(Payload),
    /// `DELETE`
    Delete,
}

impl Query {
    /// Reads a request.
    ///
    /// # Errors
    /// `PGRST1xx`, when a part of it does not parse.
    pub fn read(method: Method, request: &Request, development: bool) -> Result<Self, Error> {
        check_profile(method, request)?;
        let mut parameters = Parameters::read(&request.query)?;
        let preferences = Preferences::read(&request.headers)?;
        let media = Media::read(&request.headers, development)?;
        if method == Method::Get {
            page::narrow(&mut parameters, &request.headers)?;
        }
        let verb = match method {
            Method::Get | Method::Head => Verb::Read,
            Method::Post => Verb::Insert(body::read(request, &parameters)?),
            Method::Put => {
                check_unlimited(&parameters)?;
                Verb::Replace(body::read(request, &parameters)?)
            }
            Method::Patch => Verb::Update(body::read(request, &parameters)?),
            Method::Delete => Verb::Delete,
            Method::Options => {
                return Err(Error::new(Code::VerbUnsupported, "unsupported HTTP method"));
            }
        };
        let headers_only = method == Method::Head;
        Ok(Self { verb, parameters, preferences, media, headers_only })
    }
}

impl Query {
    /// Reads a call of a function. The query reads what the function answers.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn call(
        method: Method,
        request: &Request,
        development: bool,
        is_argument: impl Fn(&str) -> bool,
    ) -> Result<(Self, Arguments), Error> {
        check_profile(method, request)?;
        let (arguments, mut parameters) = Arguments::read(method, request, is_argument)?;
        let preferences = Preferences::read(&request.headers)?;
        let media = Media::read(&request.headers, development)?;
        if method == Method::Get {
            page::narrow(&mut parameters, &request.headers)?;
        }
        let headers_only = method == Method::Head;
        Ok((Self { verb: Verb::Read, parameters, preferences, media, headers_only }, arguments))
    }
}

/// A `PUT` is of one row, so there is nothing to limit.
fn check_unlimited(parameters: &Parameters) -> Result<(), Error> {
    let limits = parameters.limits.iter().map(|placed| &placed.path);
    let mut paths = limits.chain(parameters.offsets.iter().map(|placed| &placed.path));
    if paths.any(Vec::is_empty) {
        let message = "limit/offset querystring parameters are not allowed for PUT";
        return Err(Error::new(Code::PutLimited, message));
    }
    Ok(())
}

/// The one schema there is.
pub const SCHEMA: &str = "public";

fn check_profile(method: Method, request: &Request) -> Result<(), Error> {
    let header = match method {
        Method::Get | Method::Head => "accept-profile",
        _ => "content-profile",
    };
    match request.headers.get(header) {
        Some(schema) if schema != SCHEMA => {
            Err(Error::new(Code::SchemaInvalid, format!("Invalid schema: {}", shortened(schema)))
                .hint("Only the following schemas are exposed: public"))
        }
        _ => Ok(()),
    }
}
