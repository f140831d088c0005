//! `GET /auth/v1/settings`: what of the dialect is switched on, for tools that ask.

use serde_json::json;

use crate::config::Config;
use crate::http::Response;

pub(super) fn serve<R>(config: &Config) -> Response<R> {
    let settings = json!({
        "external": { "anonymous_users": false, "email": true, "phone": false },
        "disable_signup": config.signup_disabled,
        "mailer_autoconfirm": true,
        "phone_autoconfirm": false,
        "sms_provider": "",
        "saml_enabled": false,
        "passkeys_enabled": false,
    });
    Response::json(200, settings.to_string())
}
