//! The arguments of a call: members of a JSON object, or parameters of the query string.

use std::collections::BTreeMap;

use super::body;
use super::parameters::Parameters;
use crate::error::{Code, Error};
use crate::http::encoding::query_pairs;
use crate::http::{Method, Request};

/// Named arguments, as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arguments {
    /// Each name's text; of one sent twice the last.
    pub texts: BTreeMap<String, String>,
    /// Whether the texts are JSON.
    pub are_json: bool,
}

impl Arguments {
    /// Reads a request's arguments, and what else the query string says. In the query string of
    /// `GET` whatever `is_argument` is one, and so is what can be nothing else.
    ///
    /// # Errors
    /// `PGRST100` and `PGRST102`.
    pub fn read(
        method: Method,
        request: &Request,
        is_argument: impl Fn(&str) -> bool,
    ) -> Result<(Self, Parameters), Error> {
        if !matches!(method, Method::Get | Method::Head) {
            let (texts, are_json) = body::arguments(request)?;
            return Ok((Self { texts, are_json }, Parameters::read(&request.query)?));
        }
        let pairs = query_pairs(&request.query)
            .map_err(|_| Error::new(Code::BadEncoding, "the query string is not valid"))?;
        let mut texts = BTreeMap::new();
        let mut parameters = Parameters::default();
        for (key, value) in pairs {
            let Some(value) = value else { continue };
            if is_argument(&key) || !parameters.take_filter(&key, &value)? {
                texts.insert(key, value);
            }
        }
        Ok((Self { texts, are_json: false }, parameters))
    }

    /// The names that were sent, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.texts.keys().map(String::as_str).collect()
    }
}
