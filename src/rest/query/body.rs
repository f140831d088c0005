//! Reading the body of a write: JSON, CSV, or a form, which is one row of texts.

use std::collections::BTreeMap;

use super::csv;
use super::parameters::Parameters;
use super::payload::{Payload, Unknown};
use crate::error::{Code, Error};
use crate::http::encoding::query_pairs;
use crate::http::json::{self, JsonError, Walker, quoted};
use crate::http::{CSV, FORM, Request, RequestBody};

/// Reads the body of a request by its content type, which the gate has admitted.
///
/// # Errors
/// `PGRST102` when the body is not of its type, or its rows do not have the same keys and `columns=`
/// does not say which count. `54001` when there are too many values.
pub fn read(request: &Request, parameters: &Parameters) -> Result<Payload, Error> {
    let bytes = match &request.body {
        RequestBody::Bytes(bytes) => bytes.as_slice(),
        RequestBody::TooLarge => &[],
    };
    let fixed = parameters.columns.as_deref();
    match request.headers.media_type().as_str() {
        CSV => csv::read(bytes, fixed),
        FORM => form(bytes, fixed),
        _ => objects(bytes, fixed),
    }
}

/// Reads `title=Weave&done=true`. A name without `=` has the empty text; of a name given twice the
/// last counts.
fn form(bytes: &[u8], fixed: Option<&[String]>) -> Result<Payload, Error> {
    let mut payload = Payload::of(fixed.unwrap_or_default());
    let unknown = if fixed.is_some() { Unknown::Ignore } else { Unknown::Add };
    payload.begin_row()?;
    let mut next = 0;
    for (name, value) in pairs(bytes)? {
        payload.put((&name, &quoted(&value.unwrap_or_default())), &mut next, unknown);
    }
    Ok(payload)
}

fn pairs(bytes: &[u8]) -> Result<Vec<(String, Option<String>)>, Error> {
    let text = std::str::from_utf8(bytes).ok();
    text.and_then(|text| query_pairs(text.trim_ascii_end()).ok()).ok_or_else(|| {
        Error::new(Code::BodyInvalid, "the form is not percent-encoded UTF-8 without NUL")
    })
}

/// Reads an object, or an array of objects. Any other JSON value is no rows, as in PostgREST.
fn objects(bytes: &[u8], fixed: Option<&[String]>) -> Result<Payload, Error> {
    let mut walker = Walker::new(json::checked(bytes).map_err(refused)?);
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

/// Reads the arguments of a call, and whether they are JSON: an object, of which each value stays
/// JSON, or a form's texts. No body at all is none.
///
/// # Errors
/// `PGRST102`
pub fn arguments(request: &Request) -> Result<(BTreeMap<String, String>, bool), Error> {
    let mut arguments = BTreeMap::new();
    let bytes = match &request.body {
        RequestBody::Bytes(bytes) if !bytes.trim_ascii().is_empty() => bytes,
        RequestBody::Bytes(_) | RequestBody::TooLarge => return Ok((arguments, true)),
    };
    if request.headers.media_type() == FORM {
        for (name, value) in pairs(bytes)? {
            arguments.insert(name, value.unwrap_or_default());
        }
        return Ok((arguments, false));
    }
    let mut walker = Walker::new(json::checked(bytes).map_err(refused)?);
    if !walker.eat('{') {
        return Err(invalid("the arguments of a function are one object"));
    }
    while !walker.eat('}') {
        let name = walker.name().into_owned();
        arguments.insert(name, walker.value().to_owned());
        walker.eat(',');
    }
    Ok((arguments, true))
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
