//! `GET /auth/v1/settings`: what of the dialect is switched on, for tools that ask.

use crate::config::Config;
use crate::http::Response;

pub(super) fn serve<R>(config: &Config) -> Response<R> {
    let disabled = config.signup_disabled;
    Response::json(
        200,
        format!(
            r#"{{"disable_signup":{disabled},"external":{{"anonymous_users":false,"email":true,"phone":false}},"mailer_autoconfirm":true,"passkeys_enabled":false,"phone_autoconfirm":false,"saml_enabled":false,"sms_provider":""}}"#
        ),
    )
}
