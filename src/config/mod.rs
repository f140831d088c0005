//! Settings, read once from the environment's texts. An unsafe setting is an error, not a default.

mod url;
mod accounts;
mod sessions;
mod abuse;
mod factors;
mod encryption;
pub mod providers;
mod mail;
mod retention;

pub use abuse::{Abuse, Passwords, Turnstile};
pub use accounts::{Accounts, is_scheme};
pub use encryption::Encryption;
pub use factors::Factors;
pub use mail::{Mail, SigningKey, Transport};
pub use retention::Retention;
pub use sessions::SessionLimits;
pub use url::is_secure;

use sha2::{Digest, Sha256};

use self::providers::Providers;
use crate::db::FingerprintKey;
use crate::identity::Proofs;
use crate::secret::Secret;

/// The fewest bytes a signing secret may have: as many as the hash it keys (RFC 7518 section 3.2).
pub const SECRET_BYTES_MIN: usize = 32;

/// Secrets that are printed in tutorials and would let anyone sign tokens.
const KNOWN_SECRETS: &[&str] = &[
    "super-secret-jwt-token-with-at-least-32-characters-long",
    "your-super-secret-jwt-token-with-at-least-32-characters-long",
    "your-256-bit-secret-your-256-bit-secret",
];

/// How this Worker is set up.
#[derive(Debug)]
pub struct Config {
    /// `JWT_SECRET`: signs new tokens and verifies.
    pub jwt_secret: Secret,
    /// `JWT_SECRET_PREVIOUS`: verifies only, while keys are being changed.
    pub jwt_secret_previous: Option<Secret>,
    /// Derived from `JWT_SECRET`: what fingerprints of rows are keyed with.
    pub fingerprint_key: FingerprintKey,
    /// What encrypts at rest.
    pub encryption: Encryption,
    /// `SITE_URL`: the origin that links and issuers are built from, without a trailing slash.
    pub site_url: String,
    /// `JWT_EXP`: how long an access token lives, in seconds.
    pub access_token_seconds: u32,
    /// How accounts are made and entered.
    pub accounts: Accounts,
    /// How long sessions live.
    pub sessions: SessionLimits,
    /// What is asked of new passwords, and of whoever wants in.
    pub abuse: Abuse,
    /// Which second factors there are.
    pub factors: Factors,
    /// Who may vouch for a person besides a password.
    pub providers: Providers,
    /// How letters leave, if they do.
    pub mail: Mail,
    /// How long what nobody needs any more is kept.
    pub retention: Retention,
    /// `MAX_ROWS`: how many rows a read answers at most; as many of each embed.
    pub rows_max: u64,
    /// `ENVIRONMENT=development`: whether answers may explain themselves to whoever builds an app.
    pub development: bool,
    /// What tokens have proven by these secrets.
    pub proofs: Proofs,
}

/// What is wrong with a setting, in one sentence for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(pub String);

/// The environment: a setting's text by its name, if it is set and not empty.
pub(crate) type Setting<'a> = dyn Fn(&str) -> Option<String> + 'a;

impl Config {
    /// Reads the settings that `setting` knows by name.
    ///
    /// # Errors
    /// When a secret is missing, short or well known, or a setting does not parse.
    pub fn read(setting: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let setting = |name: &str| setting(name).filter(|value| !value.is_empty());
        let secret = setting("JWT_SECRET")
            .ok_or_else(|| ConfigError("JWT_SECRET is not set".into()))
            .and_then(|text| checked_secret("JWT_SECRET", text))?;
        let previous = setting("JWT_SECRET_PREVIOUS")
            .map(|text| checked_secret("JWT_SECRET_PREVIOUS", text))
            .transpose()?;
        let site_url = site_url(setting("SITE_URL"))?;
        let development = setting("ENVIRONMENT").is_some_and(|value| value == "development");
        // An inbox that everybody reads belongs on nobody's site.
        if development && site_url.starts_with("https://") {
            return Err(ConfigError("ENVIRONMENT=development is not for a site with https".into()));
        }
        Ok(Self {
            fingerprint_key: fingerprint_key(&secret),
            jwt_secret: secret,
            jwt_secret_previous: previous,
            abuse: Abuse::read(&setting, &site_url)?,
            factors: Factors::read(&setting)?,
            encryption: Encryption::read(&setting)?,
            site_url,
            access_token_seconds: access_token_seconds(setting("JWT_EXP"))?,
            mail: Mail::read(&setting, development)?,
            accounts: Accounts::read(&setting)?,
            retention: Retention::read(&setting)?,
            sessions: SessionLimits::read(&setting)?,
            rows_max: rows_max(setting("MAX_ROWS"))?,
            development,
            providers: Providers::read(&setting)?,
            proofs: Proofs::default(),
        })
    }

    /// Looks whether the settings can be kept with what is bound beside them.
    ///
    /// # Errors
    /// When letters are to leave by a binding that is not there, or when accounts have to be
    /// confirmed and nothing sends mail: then nobody would ever get in.
    pub fn check_mail(&self, mailer_is_bound: bool) -> Result<(), ConfigError> {
        let reason = match self.mail.transport {
            Transport::Platform if !mailer_is_bound => NO_MAILER,
            Transport::None if !self.accounts.autoconfirm => NO_MAIL,
            _ => return Ok(()),
        };
        Err(ConfigError(reason.to_owned()))
    }

    /// The secrets that verify, the one that signs first.
    pub fn live_secrets(&self) -> impl Iterator<Item = &Secret> {
        std::iter::once(&self.jwt_secret).chain(&self.jwt_secret_previous)
    }

    /// `SITE_URL` without its scheme: the host, and the port if it has one of its own.
    #[must_use]
    pub fn site_authority(&self) -> &str {
        self.site_url.split_once("://").map_or(&self.site_url, |(_, authority)| authority)
    }

    /// The issuer that access tokens name.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("{}/auth/v1", self.site_url)
    }
}

/// Why a Worker does not start that could let nobody in.
const NO_MAIL: &str = "nothing sends mail, so no address can be confirmed: set MAILER_FROM and bind \
    MAILER, or set RESEND_API_KEY or HOOK_SEND_EMAIL_URI, or let every address count as confirmed by \
    MAILER_AUTOCONFIRM=true";

/// Why a Worker does not start that means to send mail and cannot.
const NO_MAILER: &str = "MAILER_FROM is set, but nothing sends mail: bind MAILER by [[send_email]], or set \
    RESEND_API_KEY or HOOK_SEND_EMAIL_URI";

fn checked_secret(name: &str, text: String) -> Result<Secret, ConfigError> {
    if text.len() < SECRET_BYTES_MIN {
        return Err(ConfigError(format!("{name} is shorter than {SECRET_BYTES_MIN} bytes")));
    }
    if KNOWN_SECRETS.contains(&text.as_str()) {
        return Err(ConfigError(format!("{name} is a well-known example")));
    }
    Ok(Secret::new(text))
}

/// A key of its own, so that a fingerprint tells nothing of the secret that signs.
fn fingerprint_key(secret: &Secret) -> FingerprintKey {
    let digest =
        Sha256::new_with_prefix("selvedge fingerprint 1 ").chain_update(secret.expose()).finalize();
    let mut words = [0; 4];
    for (word, bytes) in words.iter_mut().zip(digest.as_chunks().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    FingerprintKey(words)
}

fn site_url(text: Option<String>) -> Result<String, ConfigError> {
    let text = text.ok_or_else(|| ConfigError("SITE_URL is not set".into()))?;
    let origin = text.trim_end_matches('/');
    let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => {
            Ok(origin.to_owned())
        }
        _ => Err(ConfigError("SITE_URL is not an origin such as https://example.com".into())),
    }
}

/// Clients refresh 90 seconds before the end, so a shorter life would have them refresh for ever.
const ACCESS_TOKEN_SECONDS: std::ops::RangeInclusive<u32> = 300..=604_800;

fn access_token_seconds(text: Option<String>) -> Result<u32, ConfigError> {
    let Some(text) = text else { return Ok(3600) };
    text.parse().ok().filter(|seconds| ACCESS_TOKEN_SECONDS.contains(seconds)).ok_or_else(|| {
        ConfigError(format!(
            "JWT_EXP is not a number of seconds from {} to {}",
            ACCESS_TOKEN_SECONDS.start(),
            ACCESS_TOKEN_SECONDS.end()
        ))
    })
}

/// As Supabase has it.
const ROWS_MAX_DEFAULT: u64 = 1000;

/// More would not fit into an isolate's memory together.
const ROWS_MAX: std::ops::RangeInclusive<u64> = 1..=100_000;

fn rows_max(text: Option<String>) -> Result<u64, ConfigError> {
    let Some(text) = text else { return Ok(ROWS_MAX_DEFAULT) };
    text.parse().ok().filter(|rows| ROWS_MAX.contains(rows)).ok_or_else(|| {
        let (least, most) = (ROWS_MAX.start(), ROWS_MAX.end());
        ConfigError(format!("MAX_ROWS is not a number of rows from {least} to {most}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(settings: &[(&str, &str)]) -> Result<Config, String> {
        Config::read(|name| {
            settings.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        })
        .map_err(|error| error.0)
    }

    const GOOD: (&str, &str) = ("JWT_SECRET", "0123456789abcdef0123456789abcdef");
    const SITE: (&str, &str) = ("SITE_URL", "http://127.0.0.1:54321/");

    #[test]
    fn reads_what_is_safe() {
        let config = check(&[GOOD, SITE]).expect("safe settings");
        assert_eq!(config.issuer(), "http://127.0.0.1:54321/auth/v1");
        assert_eq!(config.access_token_seconds, 3600);
        assert_eq!(config.rows_max, 1000);
        assert!(!config.development);
        let config = check(&[GOOD, SITE, ("MAX_ROWS", "5"), ("ENVIRONMENT", "development")]);
        assert_eq!(config.map(|config| (config.rows_max, config.development)), Ok((5, true)));
        let site = ("SITE_URL", "https://example.com");
        let served = check(&[GOOD, site, ("ENVIRONMENT", "development")]).map(|_| ());
        assert_eq!(served, Err("ENVIRONMENT=development is not for a site with https".into()));
    }

    #[test]
    fn mail_leaves_or_is_not_needed() {
        let start = |settings: &[(&str, &str)], is_bound| {
            let config = check(&[settings, &[GOOD, SITE]].concat()).expect("safe settings");
            config.check_mail(is_bound).map_err(|error| error.0)
        };
        let from = ("MAILER_FROM", "a@example.com");
        for settings in [
            [("MAILER_AUTOCONFIRM", "true")].as_slice(),
            &[("ENVIRONMENT", "development")],
            &[("ENVIRONMENT", "development"), from],
            &[("RESEND_API_KEY", "re_1"), from],
        ] {
            assert_eq!(start(settings, false), Ok(()));
        }
        assert_eq!(start(&[from], true), Ok(()));
        assert_eq!(start(&[from], false), Err(NO_MAILER.into()));
        assert_eq!(start(&[from, ("MAILER_AUTOCONFIRM", "true")], false), Err(NO_MAILER.into()));
        assert_eq!(start(&[], true), Err(NO_MAIL.into()));
        assert_eq!(start(&[("MAILER_AUTOCONFIRM", "false")], true), Err(NO_MAIL.into()));
    }

    #[test]
    fn refuses_what_is_not() {
        let refused = |settings: &[(&str, &str)]| check(settings).map(|_| ()).unwrap_err();
        assert_eq!(refused(&[SITE]), "JWT_SECRET is not set");
        assert_eq!(
            refused(&[("JWT_SECRET", "short"), SITE]),
            "JWT_SECRET is shorter than 32 bytes"
        );
        assert_eq!(
            refused(&[("JWT_SECRET", KNOWN_SECRETS[0]), SITE]),
            "JWT_SECRET is a well-known example"
        );
        assert_eq!(refused(&[GOOD]), "SITE_URL is not set");
        for bad in ["example.com", "ftp://x", "https://a/b", "https://a@b", "https://"] {
            assert!(refused(&[GOOD, ("SITE_URL", bad)]).starts_with("SITE_URL is not"), "{bad}");
        }
        assert!(refused(&[GOOD, SITE, ("JWT_EXP", "60")]).starts_with("JWT_EXP is not"));
        for bad in ["0", "-1", "all", "100001"] {
            assert!(refused(&[GOOD, SITE, ("MAX_ROWS", bad)]).starts_with("MAX_ROWS is not"));
        }
        assert!(refused(&[GOOD, SITE, ("JWT_SECRET_PREVIOUS", "x")]).contains("PREVIOUS"));
    }
}
