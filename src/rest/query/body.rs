//! Reading the body of a write: JSON, CSV, or a form, which is one row of texts.

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
    let refused =
        || Error::new(Code::BodyInvalid, "the form is not percent-encoded UTF-8 without NUL");
    let text = std::str::from_utf8(bytes).map_err(|_| refused())?;
    let mut payload = Payload::of(fixed.unwrap_or_default());
    let unknown = if fixed.is_some() { Unknown::Ignore } else { Unknown::Add };
    payload.begin_row()?;
    let mut next = 0;
    for (name, value) in query_pairs(text.trim_ascii_end()).map_err(|_| refused())? {
        payload.put((&name, &quoted(&value.unwrap_or_default())), &mut next, unknown);
    }
    Ok(payload)
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
