//! `GET /auth/v1/settings`: what of the dialect is switched on, for tools that ask.

use crate::config::Config;
use crate::config::providers::KNOWN;
use crate::http::Response;
use crate::http::json::Writer;

pub(super) fn serve<R>(config: &Config) -> Response<R> {
    let accounts = &config.accounts;
    let told = |switch: bool| if switch { "true" } else { "false" };
    let mut external = Writer::object();
    external.member("anonymous_users", told(accounts.anonymous));
    external.member("email", told(accounts.by_email));
    external.member("phone", "false");
    for name in KNOWN {
        external.member(name, told(config.providers.find(name).is_some()));
    }
    let others = config.providers.all.iter().map(|provider| provider.name.as_str());
    for name in others.filter(|name| !KNOWN.contains(name)) {
        external.member(name, "true");
    }
    let mut settings = Writer::object();
    settings.member("disable_signup", told(accounts.signup_disabled));
    settings.member("external", &external.finish_object());
    settings.member("mailer_autoconfirm", told(accounts.autoconfirm));
    settings.raw(r#""passkeys_enabled":false,"phone_autoconfirm":false,"saml_enabled":false,"sms_provider":"""#);
    Response::json(200, settings.finish_object())
}
