//! Reading the body of a write.

use std::collections::BTreeMap;

use super::parameters::Parameters;
use super::payload::{Payload, Unknown};
use crate::error::{Code, Error};
use crate::http::RequestBody;
use crate::http::json::{self, JsonError, Walker};

/// Reads an object, or an array of objects. Any other JSON value is no rows, as in PostgREST.
///
/// # Errors
/// `PGRST102` when the body is not JSON, or its rows do not have the same keys and `columns=` does
/// not say which count.
pub fn read(body: &RequestBody, parameters: &Parameters) -> Result<Payload, Error> {
    let bytes = match body {
        RequestBody::Bytes(bytes) => bytes.as_slice(),
        RequestBody::TooLarge => &[],
    };
    let mut walker = Walker::new(json::checked(bytes).map_err(refused)?);
    let fixed = parameters.columns.as_deref();
    let mut payload = Payload::of(fixed.unwrap_or_default());
    let is_fixed = fixed.is_some();
    if walker.eat('[') {
        if walker.eat(']') {
            return Ok(payload);
        }
        object(&mut payload, &mut walker, if is_fixed { Unknown::Ignore } else { Unknown::Add })?;
        while walker.eat(',') {
            let unknown = if is_fixed { Unknown::Ignore } else { Unknown::Refuse };
            object(&mut payload, &mut walker, unknown)?;
        }
    } else if walker.next_is('{') {
        object(&mut payload, &mut walker, if is_fixed { Unknown::Ignore } else { Unknown::Add })?;
    }
    Ok(payload)
}

/// Reads one row. Of a key given twice the last counts, as in Postgres.
fn object(payload: &mut Payload, walker: &mut Walker<'_>, unknown: Unknown) -> Result<(), Error> {
    if !walker.eat('{') {
        return Err(uneven());
    }
    payload.begin_row()?;
    let mut next = 0;
    let mut present = 0_usize;
    while !walker.eat('}') {
        let name = walker.name();
        let value = walker.value();
        let is_first = payload.put((&name, value), &mut next, unknown).ok_or_else(uneven)?;
        present = present.saturating_add(is_first.into());
        walker.eat(',');
    }
    if unknown == Unknown::Refuse && present < payload.columns().len() {
        return Err(uneven());
    }
    Ok(())
}

/// Reads the arguments of a call: an object, of which each value stays JSON. No body at all is none.
///
/// # Errors
/// `PGRST102`
pub fn arguments(body: &RequestBody) -> Result<BTreeMap<String, String>, Error> {
    let mut arguments = BTreeMap::new();
    let bytes = match body {
        RequestBody::Bytes(bytes) if !bytes.trim_ascii().is_empty() => bytes,
        RequestBody::Bytes(_) | RequestBody::TooLarge => return Ok(arguments),
    };
    let mut walker = Walker::new(json::checked(bytes).map_err(refused)?);
    if !walker.eat('{') {
        return Err(invalid("the arguments of a function are one object"));
    }
    while !walker.eat('}') {
        let name = walker.name().into_owned();
        arguments.insert(name, walker.value().to_owned());
        walker.eat(',');
    }
    Ok(arguments)
}

fn uneven() -> Error {
    Error::new(Code::BodyInvalid, "All object keys must match")
}

fn invalid(details: impl Into<String>) -> Error {
    Error::new(Code::BodyInvalid, "Empty or invalid json").details(details.into())
}

fn refused(error: JsonError) -> Error {
    match error {
        JsonError::NotUtf8 => invalid("the body is not UTF-8"),
        JsonError::TooDeep => {
            invalid(format!("the body is nested deeper than {} levels", json::JSON_DEPTH_MAX))
        }
        JsonError::Nul => invalid("the body has the character NUL, which no text can hold"),
        JsonError::Invalid(details) => invalid(details),
    }
}
