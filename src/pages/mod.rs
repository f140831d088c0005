//! What people see in a browser. A page runs no script and is complete without one.

mod error;
mod home;
mod inbox;
mod verify;

pub use error::error;
pub use home::home;
pub use inbox::inbox;
pub use verify::{asks_for_click, verify};

use crate::error::{Code, Error};
use crate::html::asset::Asset;
use crate::http::{Body, Headers, Kind, Response};

/// Sends a file whose name holds the hash of its content, so that it never changes.
///
/// # Errors
/// 404 when there is no such file, which is also so for an old hash.
pub fn asset<R>(name: &str, headers: &Headers) -> Result<Response<R>, Error> {
    let asset = Asset::find(name)
        .ok_or_else(|| Error::new(Code::NotFound, "nothing is at this address"))?;
    let unchanged = headers.all("if-none-match").any(|list| names_tag(list, &asset.entity_tag()));
    let (status, body) =
        if unchanged { (304, Body::Empty) } else { (200, Body::Text(asset.text.to_owned())) };
    Ok(Response { status, kind: Kind::Asset, headers: Vec::new(), body }
        .with("content-type", asset.content_type)
        .with("etag", asset.entity_tag()))
}

/// Whether an `If-None-Match` names the tag: a list, or `*` for any (RFC 9110 section 13.1.2).
fn names_tag(list: &str, tag: &str) -> bool {
    list.split(',')
        .map(str::trim)
        .any(|item| item == "*" || item.strip_prefix("W/").unwrap_or(item) == tag)
}
