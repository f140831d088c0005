//! How accounts are made and entered, by the names that the original gives these settings.

use super::{ConfigError, Setting};

/// The settings of accounts.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each of them is a setting of its own")]
pub struct Accounts {
    /// `DISABLE_SIGNUP`: whether new accounts are refused.
    pub signup_disabled: bool,
    /// `EXTERNAL_EMAIL_ENABLED`: whether an address is a way in.
    pub by_email: bool,
    /// `EXTERNAL_ANONYMOUS_USERS_ENABLED`: whether one may come in without an address.
    pub anonymous: bool,
    /// `MAILER_AUTOCONFIRM`: whether an address counts as confirmed without a mail to it.
    pub autoconfirm: bool,
    /// `MAILER_SECURE_EMAIL_CHANGE_ENABLED`: whether the present address, too, must agree to
    /// another.
    pub both_agree_to_change: bool,
    /// `MAILER_VERIFY_DIRECTLY`: whether opening a link is enough, without a button. Programs that
    /// look through mail use such links up.
    pub verify_directly: bool,
    /// `SECURITY_UPDATE_PASSWORD_REQUIRE_REAUTHENTICATION`: whether a session older than a day
    /// needs a code to change the password.
    pub reauthenticate: bool,
    /// `SECURITY_UPDATE_PASSWORD_REQUIRE_CURRENT_PASSWORD`: whether the present password is needed
    /// for it.
    pub ask_current_password: bool,
    /// `URI_ALLOW_LIST`: where links may lead beside `SITE_URL`.
    pub redirects: Vec<String>,
}

impl Accounts {
    /// Reads the settings that `setting` knows by name.
    ///
    /// # Errors
    /// When one does not parse, or would let links lead anywhere.
    pub(super) fn read(setting: &Setting<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            signup_disabled: switch(setting, "DISABLE_SIGNUP", false)?,
            by_email: switch(setting, "EXTERNAL_EMAIL_ENABLED", true)?,
            anonymous: switch(setting, "EXTERNAL_ANONYMOUS_USERS_ENABLED", false)?,
            autoconfirm: switch(setting, "MAILER_AUTOCONFIRM", false)?,
            both_agree_to_change: switch(setting, "MAILER_SECURE_EMAIL_CHANGE_ENABLED", true)?,
            verify_directly: switch(setting, "MAILER_VERIFY_DIRECTLY", false)?,
            reauthenticate: switch(
                setting,
                "SECURITY_UPDATE_PASSWORD_REQUIRE_REAUTHENTICATION",
                false,
            )?,
            ask_current_password: switch(
                setting,
                "SECURITY_UPDATE_PASSWORD_REQUIRE_CURRENT_PASSWORD",
                false,
            )?,
            redirects: redirects(setting("URI_ALLOW_LIST"))?,
        })
    }
}

/// `true` or `false`, and nothing that could be meant for either.
pub(super) fn switch(
    setting: &Setting<'_>,
    name: &str,
    default: bool,
) -> Result<bool, ConfigError> {
    match setting(name).as_deref() {
        None => Ok(default),
        Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(_) => Err(ConfigError(format!("{name} is neither true nor false"))),
    }
}

/// Schemes that a browser runs or reads instead of leading somewhere.
const SCHEMES_REFUSED: [&str; 7] =
    ["javascript", "data", "vbscript", "file", "blob", "filesystem", "about"];

/// Whether that is a scheme (RFC 3986 section 3.1) which leads somewhere.
#[must_use]
pub fn is_scheme(text: &str) -> bool {
    let is_good = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(is_good)
        && !SCHEMES_REFUSED.iter().any(|refused| text.eq_ignore_ascii_case(refused))
}

fn redirects(text: Option<String>) -> Result<Vec<String>, ConfigError> {
    let text = text.unwrap_or_default();
    let patterns = text.split(',').map(str::trim).filter(|pattern| !pattern.is_empty());
    patterns.map(|pattern| checked_redirect(pattern).map(|()| pattern.to_owned())).collect()
}

/// A pattern is `scheme://authority/path`, whose scheme is fixed and whose host ends in a fixed
/// name: `https://example.com**` would admit `https://example.com.evil.example`.
fn checked_redirect(pattern: &str) -> Result<(), ConfigError> {
    let refused = |why: &str| Err(ConfigError(format!("URI_ALLOW_LIST: {pattern} {why}")));
    let Some((scheme, rest)) = pattern.split_once("://").filter(|(scheme, _)| is_scheme(scheme))
    else {
        return refused("does not begin with a scheme such as https://");
    };
    if pattern.contains(['\\', '[', ']', '{', '}', '#', '@']) || !is_plain(pattern) {
        return refused("holds a character that is not read; patterns know * and **");
    }
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let host = authority.split(':').next().unwrap_or_default();
    let of_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    if of_web && (host.is_empty() || host.ends_with('*') || host.ends_with("*.")) {
        return refused("has a host that ends in a wildcard, which admits every site");
    }
    Ok(())
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<Accounts, String> {
        let setting = |name: &str| {
            let found = settings.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Accounts::read(&setting).map_err(|error| error.0)
    }

    #[test]
    fn what_is_not_set_is_safe() {
        let accounts = read(&[]).expect("defaults");
        assert!(accounts.by_email && accounts.both_agree_to_change);
        assert!(!accounts.autoconfirm && !accounts.anonymous && !accounts.verify_directly);
        assert_eq!(accounts.redirects, Vec::<String>::new());
    }

    #[test]
    fn a_switch_is_true_or_false() {
        for name in [
            "DISABLE_SIGNUP",
            "EXTERNAL_EMAIL_ENABLED",
            "EXTERNAL_ANONYMOUS_USERS_ENABLED",
            "MAILER_AUTOCONFIRM",
            "MAILER_SECURE_EMAIL_CHANGE_ENABLED",
            "MAILER_VERIFY_DIRECTLY",
            "SECURITY_UPDATE_PASSWORD_REQUIRE_REAUTHENTICATION",
            "SECURITY_UPDATE_PASSWORD_REQUIRE_CURRENT_PASSWORD",
        ] {
            for value in ["True", "1", "yes", "false ", "off"] {
                let error = read(&[(name, value)]).expect_err("no switch");
                assert_eq!(error, format!("{name} is neither true nor false"));
            }
        }
    }

    #[test]
    fn a_pattern_that_would_admit_anybody_is_refused() {
        let list = |text| read(&[("URI_ALLOW_LIST", text)]).map(|accounts| accounts.redirects);
        let good = "https://*.example.com/**, http://localhost:*/cb,myapp://**,https://a--*.b.c";
        assert_eq!(list(good).map(|list| list.len()), Ok(4));
        for bad in [
            "*",
            "**",
            "https:**",
            "https://**",
            "https://*",
            "https://*/cb",
            "https://example.com**",
            "https://example.*",
            "https://example.*.",
            "https://",
            "https:///path",
            "*://example.com",
            "example.com/**",
            "/path",
            "//example.com",
            "javascript://**",
            "JavaScript://%0aalert(1)",
            "data://text/html",
            "https://user@example.com",
            "https://example.com\\**",
            "https://example.com/#x",
            "https://example.com/{a}",
            "https://example.com/[a]",
            "https://exa mple.com/",
            "https://bücher.example/",
        ] {
            assert!(list(bad).is_err(), "{bad}");
        }
    }
}
