//! One request of the auth dialect, and how its parts are read.

use crate::config::Config;
use crate::error::{Code, Error};
use crate::http::encoding::query_pairs;
use crate::http::json::{JsonError, Object};
use crate::http::{Request, RequestBody};
use crate::identity::{Identity, User};
use crate::route::Endpoint;

/// A request whose address and method have been checked.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The settings.
    pub config: &'a Config,
    /// Who is asking.
    pub who: &'a Identity,
    /// What is addressed.
    pub endpoint: Endpoint,
    /// The ids in the path, from left to right: UUIDs in their one form.
    pub ids: &'a [String],
    /// The request as it was sent.
    pub request: &'a Request,
}

impl Call<'_> {
    /// The user, where the endpoint is for users; an API key is nobody's.
    pub(super) fn user(&self) -> Result<&User, Error> {
        self.who.user().ok_or_else(|| {
            Error::new(Code::NoAuthorization, "This endpoint requires a valid Bearer token")
                .header("www-authenticate", "Bearer")
        })
    }

    /// Lets the owner's server pass and nobody else: a user's token never is an administrator's,
    /// whatever it says.
    pub(super) fn admin(&self) -> Result<(), Error> {
        match self.who {
            Identity::Service => return Ok(()),
            Identity::Anonymous | Identity::User(_) => {}
        }
        // A bad token has been refused already, so one that was sent is a good one of somebody
        // else's.
        let headers = &self.request.headers;
        if headers.get("authorization").or(headers.get("apikey")).is_none() {
            return self.user().map(drop);
        }
        Err(Error::new(Code::NotAdmin, "User not allowed"))
    }

    /// An id in the path, which the route has found to be there.
    pub(super) fn id(&self, index: usize) -> Result<&str, Error> {
        let id = self.ids.get(index).map(String::as_str);
        id.ok_or_else(|| Error::unexpected("a route without its id"))
    }

    /// A parameter of the query, which may be given once.
    pub(super) fn parameter(&self, name: &str) -> Result<Option<String>, Error> {
        let pairs = query_pairs(&self.request.query).map_err(|_| {
            Error::new(Code::BadEncoding, "the query is not valid percent-encoding")
        })?;
        let mut values = pairs.into_iter().filter(|(other, _)| other == name);
        let first = values.next();
        if values.next().is_some() {
            return Err(Error::new(Code::ValidationFailed, format!("{name} is given twice")));
        }
        Ok(first.map(|(_, value)| value.unwrap_or_default()))
    }

    /// A parameter that is not empty. Clients send empty ones for what they do not mean.
    pub(super) fn given(&self, name: &str) -> Result<Option<String>, Error> {
        Ok(self.parameter(name)?.filter(|text| !text.is_empty()))
    }

    /// The fields of a form that was sent, in their order.
    pub(super) fn form(&self) -> Result<Vec<(String, Option<String>)>, Error> {
        let RequestBody::Bytes(body) = &self.request.body else {
            return Err(too_large());
        };
        let fields = std::str::from_utf8(body).ok().and_then(|body| query_pairs(body).ok());
        fields.ok_or_else(|| invalid("the form does not decode"))
    }

    /// The body, an object, as what `read` makes of it. What is wrong with it is not repeated,
    /// since it may hold a password.
    pub(super) fn body<T>(
        &self,
        read: fn(&Object<'_>) -> Result<T, JsonError>,
    ) -> Result<T, Error> {
        match &self.request.body {
            RequestBody::TooLarge => Err(too_large()),
            RequestBody::Bytes(bytes) => Object::read(bytes)
                .and_then(|body| read(&body))
                .map_err(|_| Error::new(Code::BadJson, "Could not parse request body as JSON")),
        }
    }
}

fn too_large() -> Error {
    Error::new(Code::BodyTooLarge, "the body is larger than 1 MiB")
}

/// A member of a body or a parameter that is not as it must be.
pub(super) fn invalid(message: impl Into<String>) -> Error {
    Error::new(Code::ValidationFailed, message)
}

/// The dialect's refusal of phone numbers, in the words of a server where they are switched off.
pub(super) fn phone_refused() -> Error {
    Error::new(Code::PhoneProviderDisabled, "Phone logins are disabled")
}
