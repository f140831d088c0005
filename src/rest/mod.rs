//! A placeholder until the REST room is merged; replace this file wholesale.
//!
//! It sends one batch, so that what the corridor does with the database's trouble can be tested.

use crate::catalog::Catalog;
use crate::db::Statement;
use crate::error::{Code, Error};
use crate::host::Host;
use crate::http::{Body, JSON, Kind, Request, Response};
use crate::identity::Identity;

/// Answers one table's address.
///
/// # Errors
/// When the table is not in the catalog, or the database refuses.
pub async fn serve<H: Host>(
    host: &H,
    catalog: &Catalog,
    _identity: &Identity,
    name: &str,
    _request: &Request,
) -> Result<Response<H::Rows>, Error> {
    if catalog.table(name).is_none() {
        return Err(Error::new(Code::NoTable, "Could not find the table in the schema cache"));
    }
    let batch = vec![Statement::fixed("select json_object('one', 1) as row", Vec::new())];
    let rows = host.batch(batch).await.map_err(|error| Error::from_database(&error))?;
    let rows = rows.into_iter().next().ok_or_else(|| Error::unexpected("no rows"))?;
    let headers = vec![("content-type", JSON.to_owned())];
    Ok(Response { status: 200, kind: Kind::Json, headers, body: Body::Array(rows) })
}
