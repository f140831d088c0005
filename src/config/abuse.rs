//! What is asked of new passwords, and of whoever wants in.

use std::ops::RangeInclusive;

use super::accounts::switch;
use super::url::secure;
use super::{ConfigError, Setting};
use crate::secret::Secret;

/// The settings against abuse.
#[derive(Debug)]
pub struct Abuse {
    /// The rules for new passwords.
    pub passwords: Passwords,
    /// Cloudflare's captcha, if it is asked for.
    pub turnstile: Option<Turnstile>,
}

/// The rules for new passwords that can be set.
#[derive(Debug)]
pub struct Passwords {
    /// `PASSWORD_MIN_LENGTH`: the fewest characters (Unicode scalar values).
    pub characters_min: usize,
    /// `PASSWORD_HIBP_ENABLED`: whether known leaks are asked for the password, and where:
    /// `PASSWORD_HIBP_URL`, in front of the first five digits of its hash.
    pub leaks_url: Option<String>,
}

/// How a captcha is checked.
#[derive(Debug)]
pub struct Turnstile {
    /// `TURNSTILE_SECRET`
    pub secret: Secret,
    /// `TURNSTILE_URL`: who checks.
    pub url: String,
    /// `TURNSTILE_HOSTNAMES`: where it may have been solved; by default the host of `SITE_URL`.
    pub hostnames: Vec<String>,
}

/// Have I Been Pwned's own API.
const LEAKS_URL: &str = "https://api.pwnedpasswords.com/range/";
/// Who checks Cloudflare's captcha.
const TURNSTILE_URL: &str = "https://challenges.cloudflare.com/turnstile/v0/siteverify";

/// Fewer than 8 would not be safe, and more than 64 is more than anybody may be asked for (OWASP
/// ASVS 6.2.1 and 6.2.9).
const CHARACTERS_MIN: RangeInclusive<usize> = 8..=64;

impl Abuse {
    /// Reads the settings that `setting` knows by name.
    ///
    /// # Errors
    /// When one does not parse, or a secret would travel in the clear.
    pub(super) fn read(setting: &Setting<'_>, site_url: &str) -> Result<Self, ConfigError> {
        let url = |name: &str, default: &str| {
            secure(name, setting(name).unwrap_or_else(|| default.to_owned()))
        };
        let leaks_url = url("PASSWORD_HIBP_URL", LEAKS_URL)?;
        let turnstile_url = url("TURNSTILE_URL", TURNSTILE_URL)?;
        let hostnames = setting("TURNSTILE_HOSTNAMES");
        let hostnames = hostnames.as_deref().unwrap_or_else(|| host(site_url)).split(',');
        Ok(Self {
            passwords: Passwords {
                characters_min: characters_min(setting("PASSWORD_MIN_LENGTH"))?,
                leaks_url: switch(setting, "PASSWORD_HIBP_ENABLED", false)?.then_some(leaks_url),
            },
            turnstile: setting("TURNSTILE_SECRET").map(|secret| Turnstile {
                secret: Secret::new(secret),
                url: turnstile_url,
                hostnames: hostnames.map(|name| name.trim().to_ascii_lowercase()).collect(),
            }),
        })
    }
}

fn characters_min(text: Option<String>) -> Result<usize, ConfigError> {
    let Some(text) = text else { return Ok(*CHARACTERS_MIN.start()) };
    text.parse().ok().filter(|least| CHARACTERS_MIN.contains(least)).ok_or_else(|| {
        let (least, most) = (CHARACTERS_MIN.start(), CHARACTERS_MIN.end());
        ConfigError(format!("PASSWORD_MIN_LENGTH is not a number from {least} to {most}"))
    })
}

/// The host of an origin, without its port.
fn host(origin: &str) -> &str {
    let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
    authority.split(':').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(settings: &[(&str, &str)]) -> Result<Abuse, String> {
        let setting = |name: &str| {
            let found = settings.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Abuse::read(&setting, "https://App.example.com:8443").map_err(|error| error.0)
    }

    #[test]
    fn without_settings_nobody_else_is_asked() {
        let abuse = check(&[]).expect("safe");
        assert_eq!((abuse.passwords.characters_min, abuse.passwords.leaks_url), (8, None));
        assert!(abuse.turnstile.is_none());
    }

    #[test]
    fn reads_what_is_safe() {
        let settings = [
            ("PASSWORD_MIN_LENGTH", "12"),
            ("PASSWORD_HIBP_ENABLED", "true"),
            ("TURNSTILE_SECRET", "x"),
        ];
        let abuse = check(&settings).expect("safe");
        assert_eq!(abuse.passwords.characters_min, 12);
        assert_eq!(abuse.passwords.leaks_url.as_deref(), Some(LEAKS_URL));
        let turnstile = abuse.turnstile.expect("it is on");
        assert_eq!(
            (turnstile.url.as_str(), turnstile.hostnames),
            (TURNSTILE_URL, vec!["app.example.com".into()])
        );
        let named =
            check(&[("TURNSTILE_SECRET", "x"), ("TURNSTILE_HOSTNAMES", "a.example, B.example")]);
        assert_eq!(named.unwrap().turnstile.unwrap().hostnames, ["a.example", "b.example"]);
        let here =
            [("PASSWORD_HIBP_ENABLED", "true"), ("PASSWORD_HIBP_URL", "http://127.0.0.1:9/")];
        assert_eq!(check(&here).unwrap().passwords.leaks_url.unwrap(), "http://127.0.0.1:9/");
    }

    #[test]
    fn refuses_what_is_not() {
        for (name, value) in [
            ("PASSWORD_MIN_LENGTH", "7"),
            ("PASSWORD_MIN_LENGTH", "65"),
            ("PASSWORD_MIN_LENGTH", "-8"),
            ("PASSWORD_MIN_LENGTH", "eight"),
            ("PASSWORD_HIBP_ENABLED", "yes"),
            ("PASSWORD_HIBP_ENABLED", "TRUE"),
            ("PASSWORD_HIBP_URL", "http://example.com/"),
            ("PASSWORD_HIBP_URL", "http://127.0.0.1@example.com/"),
            ("PASSWORD_HIBP_URL", "http://127.0.0.1.example.com/"),
            ("PASSWORD_HIBP_URL", "https:///range/"),
            ("TURNSTILE_URL", "http://example.com/"),
            ("TURNSTILE_URL", "challenges.cloudflare.com"),
            ("TURNSTILE_URL", "ftp://example.com/"),
        ] {
            let error = check(&[(name, value)]).map(|_| ()).expect_err(value);
            assert!(error.starts_with(&format!("{name} is ")), "{error}");
        }
    }
}
