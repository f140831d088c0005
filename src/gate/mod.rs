//! What every request passes, in and out, whichever room it is for.
//!
//! This file holds the order of the guards and nothing else. The gate never asks the database and
//! never reads `Host`: nothing that leaves is built from it.

pub mod log;
mod cors;
mod headers;
mod limits;

pub use cors::{is_preflight, preflight};
pub use headers::{Departure, asks_api_version};

use crate::error::Error;
use crate::http::{Method, Request, Response};
use crate::route::Route;

/// Admits a request by its size and spelling, and finds what it is addressed to.
///
/// # Errors
/// 414, 431, 400 `bad_encoding`, or 404 in the words of the path's dialect; 405 for a method that
/// nothing here answers.
pub fn enter(request: &Request) -> Result<Route, Error> {
    limits::check_url(request)?;
    limits::check_headers(&request.headers)?;
    limits::find_route(request)
}

/// Admits a request by what it wants done at its address, and with which body.
///
/// # Errors
/// 405, 413 or 415.
pub fn admit(request: &Request, route: &Route) -> Result<Method, Error> {
    let method = limits::check_method(request, route)?;
    limits::check_body(request, route, method)?;
    Ok(method)
}

/// Puts on what every answer carries: the headers of its kind and dialect, whatever its status.
#[must_use]
pub fn leave<R>(mut response: Response<R>, departure: &Departure) -> Response<R> {
    cors::put(&mut response, departure);
    headers::put(&mut response, departure);
    headers::strip(&mut response, departure);
    response
}
