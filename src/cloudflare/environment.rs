//! Bindings, variables and secrets, and what an isolate makes of them once.

use wasm_bindgen::JsValue;
use worker::Env;

use super::hasher::Hashers;
use crate::app::App;
use crate::catalog::Catalog;
use crate::config::Config;
use crate::embedded;

/// The D1 database.
const DATABASE: &str = "DB";

/// The Durable Objects that hash passwords.
const PASSWORD_HASHER: &str = "PASSWORD_HASHER";

/// The platform's binding that sends e-mail.
const MAILER: &str = "MAILER";

/// The platform's rate limit.
const RATE_LIMITER: &str = "RATE_LIMITER";

/// What every request of an isolate shares.
pub struct Setup {
    /// Why nothing can be served, if so: for the log, without any value.
    pub app: Result<App, String>,
    /// The database. A binding belongs to the isolate and not to a request.
    pub database: Option<JsValue>,
    /// The password hashers.
    pub hashers: Hashers,
    /// What sends e-mail, if that is bound.
    pub mailer: Option<JsValue>,
    /// What counts requests, if that is bound.
    pub rate_limiter: Option<JsValue>,
}

impl Setup {
    /// Reads settings and catalog. Fails closed: there is no default for what is unsafe or missing.
    pub fn read(environment: &Env) -> Self {
        let app = Config::read(|name| binding(environment, name)?.as_string())
            .map_err(|error| error.0)
            .and_then(|config| {
                binding(environment, DATABASE)
                    .ok_or_else(|| format!("the binding {DATABASE} is missing"))?;
                let mailer_is_bound = binding(environment, MAILER).is_some();
                config.check_mail(mailer_is_bound).map_err(|error| error.0)?;
                let catalog = Catalog::decode(embedded::catalog())
                    .map_err(|error| format!("the catalog cannot be read: {error}"))?;
                Ok(App { config, catalog })
            });
        let hashers = Hashers::new(binding(environment, PASSWORD_HASHER));
        Self {
            app,
            database: binding(environment, DATABASE),
            hashers,
            mailer: binding(environment, MAILER),
            rate_limiter: binding(environment, RATE_LIMITER),
        }
    }
}

/// What is bound to a name; `None` when nothing is.
fn binding(environment: &Env, name: &str) -> Option<JsValue> {
    let value = js_sys::Reflect::get(environment, &JsValue::from_str(name)).ok()?;
    (!value.is_null() && !value.is_undefined()).then_some(value)
}
