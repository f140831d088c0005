//! The tokens of a provider's own API, which the app is given once and which are not kept. While a
//! code waits to be redeemed they are encrypted.

use crate::auth::token::sealed;
use crate::config::Config;
use crate::error::Error;
use crate::host::Host;
use crate::http::json::{Object, Writer};

/// What the provider has given.
pub(in crate::auth) struct Granted {
    pub access: String,
    pub refresh: Option<String>,
}

/// The name by which the dialect hands each on.
const ACCESS: &str = "provider_token";
const REFRESH: &str = "provider_refresh_token";

impl Granted {
    /// The tokens under the dialect's names.
    pub(in crate::auth) fn pairs(&self) -> Vec<(&'static str, &str)> {
        let refresh = self.refresh.as_deref().map(|token| (REFRESH, token));
        std::iter::once((ACCESS, self.access.as_str())).chain(refresh).collect()
    }

    /// Encrypts them for the flow of that id.
    pub(super) fn seal<H: Host>(
        &self,
        host: &H,
        config: &Config,
        id: &str,
    ) -> Result<String, Error> {
        let mut plain = Writer::object();
        plain.texts(&self.pairs());
        sealed::seal(host, config, &row(id), plain.finish_object().as_bytes())
    }

    /// Decrypts what was encrypted for the flow of that id.
    ///
    /// # Errors
    /// When the row was tampered with, or the secret is gone.
    pub(in crate::auth) fn open(config: &Config, id: &str, sealed: &str) -> Result<Self, Error> {
        let opened = sealed::open(config, &row(id), sealed)?;
        let read = || {
            let plain = Object::read(&opened.plain).ok()?;
            Some(Self { access: plain.text(ACCESS).ok()??, refresh: plain.text(REFRESH).ok()? })
        };
        read().ok_or_else(|| Error::unexpected("what was sealed is no provider's tokens"))
    }
}

/// No other row has this name.
fn row(id: &str) -> String {
    ["auth_flows.provider_tokens ", id].concat()
}
