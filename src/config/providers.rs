//! Who may vouch for a person besides a password: Google, Apple, GitHub, and any issuer of OpenID
//! Connect.

use std::cell::RefCell;
use std::fmt;

use super::accounts::switch;
use super::{ConfigError, Setting, is_secure};
use crate::host::Milliseconds;
use crate::secret::Secret;
use crate::uuid;

/// The issuer behind `EXTERNAL_GOOGLE_*`.
const GOOGLE: &str = "https://accounts.google.com";
/// The issuer behind `EXTERNAL_APPLE_*`.
const APPLE: &str = "https://appleid.apple.com";
/// The site behind `EXTERNAL_GITHUB_*`, and its API, which has a host of its own.
const GITHUB: &str = "https://github.com";
const GITHUB_API: &str = "https://api.github.com";

/// Providers that are switched on by `EXTERNAL_{NAME}_ENABLED`, and whose address is known.
pub const KNOWN: [&str; 3] = ["apple", "github", "google"];

/// Names that mean something else where providers are named.
const TAKEN: &[&str] = &["email", "phone", "anonymous", "anonymous_users", "oidc"];

/// The most characters of a provider's name.
const NAME_CHARACTERS_MAX: usize = 32;

/// The providers that are switched on.
#[derive(Debug, Default)]
pub struct Providers {
    /// Each by its own name.
    pub all: Vec<Provider>,
    /// `SECURITY_MANUAL_LINKING_ENABLED`: whether people may add a provider to an account of
    /// theirs.
    pub manual_linking: bool,
}

/// A provider, and what it knows this Worker by.
#[derive(Debug)]
pub struct Provider {
    /// What clients call it.
    pub name: String,
    /// What it speaks.
    pub kind: Kind,
    /// `EXTERNAL_{NAME}_CLIENT_ID`, separated by commas: the first asks; a token that a client
    /// brings may be for any.
    pub client_ids: Vec<String>,
    /// `EXTERNAL_{NAME}_SECRET`.
    pub secret: Secret,
    /// `EXTERNAL_{NAME}_TENANTS`: the only tenants whose people come in, where the issuer speaks
    /// for several.
    pub tenants: Vec<String>,
    /// The issuer's description of itself.
    pub description: Remembered,
    /// The issuer's public keys.
    pub keys: Remembered,
}

/// What a provider speaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// OpenID Connect. The issuer describes its addresses itself, and signs what it says of people.
    OpenId {
        /// Exactly as it names itself.
        issuer: String,
    },
    /// OAuth 2.0 and GitHub's own API.
    GitHub {
        /// Where people sign in.
        site: String,
        /// Where the API is.
        api: String,
    },
}

impl Providers {
    /// Reads `EXTERNAL_{NAME}_*` for each of [`KNOWN`] and for each name that `EXTERNAL_OIDC`
    /// lists.
    ///
    /// # Errors
    /// When a provider that is switched on lacks something, or a name or address cannot be used.
    pub(super) fn read(setting: &Setting<'_>) -> Result<Self, ConfigError> {
        let mut all = Vec::new();
        for name in KNOWN {
            if switch(setting, &named(name, "ENABLED"), false)? {
                all.push(Provider::read(setting, name)?);
            }
        }
        for name in listed(setting("EXTERNAL_OIDC")) {
            if !is_name(&name) || all.iter().any(|other: &Provider| other.name == name) {
                return Err(ConfigError(format!(
                    "EXTERNAL_OIDC is not a list of names in lower case, each once: {name}"
                )));
            }
            all.push(Provider::read(setting, &name)?);
        }
        let manual_linking = switch(setting, "SECURITY_MANUAL_LINKING_ENABLED", false)?;
        Ok(Self { all, manual_linking })
    }

    /// The provider of that name, if it is switched on.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&Provider> {
        self.all.iter().find(|provider| provider.name == name)
    }
}

impl Provider {
    fn read(setting: &Setting<'_>, name: &str) -> Result<Self, ConfigError> {
        let needed = |part: &str| {
            let name = named(name, part);
            setting(&name).ok_or_else(|| ConfigError(format!("{name} is not set")))
        };
        let address = named(name, "URL");
        let url = match (setting(&address), name) {
            (Some(url), _) if is_secure(&url) && !url.contains('?') => Some(url),
            (None, name) if KNOWN.contains(&name) => None,
            _ => {
                return Err(ConfigError(format!(
                    "{address} is not an https address, or http on this machine, without a query"
                )));
            }
        };
        let kind = match (name, url) {
            ("github", None) => Kind::GitHub { site: GITHUB.into(), api: GITHUB_API.into() },
            // As GitHub's own servers at other people's have it.
            ("github", Some(url)) => {
                let site = url.trim_end_matches('/');
                Kind::GitHub { site: site.to_owned(), api: [site, "/api/v3"].concat() }
            }
            (_, Some(url)) => Kind::OpenId { issuer: url },
            ("apple", None) => Kind::OpenId { issuer: APPLE.into() },
            (_, None) => Kind::OpenId { issuer: GOOGLE.into() },
        };
        let client_ids = listed(Some(needed("CLIENT_ID")?));
        if client_ids.is_empty() {
            return Err(ConfigError(format!("{} names no client", named(name, "CLIENT_ID"))));
        }
        Ok(Self {
            name: name.to_owned(),
            kind,
            client_ids,
            secret: Secret::new(needed("SECRET")?),
            tenants: tenants(setting, &named(name, "TENANTS"))?,
            description: Remembered::default(),
            keys: Remembered::default(),
        })
    }

    /// Whether it is Apple, which wants to send a form where an address is asked for, and refuses
    /// `profile`.
    #[must_use]
    pub fn is_apple(&self) -> bool {
        self.name == "apple"
    }

    /// The client that asks for codes.
    #[must_use]
    pub fn client_id(&self) -> &str {
        self.client_ids.first().map_or("", String::as_str)
    }
}

/// Ids of tenants, and nothing that would mean all of them.
fn tenants(setting: &Setting<'_>, name: &str) -> Result<Vec<String>, ConfigError> {
    let tenants = listed(setting(name));
    if tenants.iter().all(|tenant| uuid::parse(tenant).is_some()) {
        return Ok(tenants);
    }
    Err(ConfigError(format!("{name} is not a list of UUIDs in lower case")))
}

fn named(name: &str, part: &str) -> String {
    ["EXTERNAL_", &name.to_ascii_uppercase(), "_", part].concat()
}

fn listed(text: Option<String>) -> Vec<String> {
    let text = text.unwrap_or_default();
    text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn is_name(name: &str) -> bool {
    name.len() <= NAME_CHARACTERS_MAX
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        && !TAKEN.contains(&name)
        && !KNOWN.contains(&name)
}

/// A public document of a provider as it was last fetched, so that not every request fetches it
/// again.
#[derive(Default)]
pub struct Remembered(RefCell<Option<(Milliseconds, String)>>);

impl Remembered {
    /// The document, and when it was fetched.
    #[must_use]
    pub fn find(&self) -> Option<(Milliseconds, String)> {
        self.0.try_borrow().ok()?.clone()
    }

    /// Remembers it in place of any other.
    pub fn keep(&self, now: Milliseconds, text: String) {
        if let Ok(mut kept) = self.0.try_borrow_mut() {
            *kept = Some((now, text));
        }
    }
}

impl fmt::Debug for Remembered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Remembered")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(settings: &[(&str, &str)]) -> Result<Providers, String> {
        Providers::read(&|name| {
            settings.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        })
        .map_err(|error| error.0)
    }

    #[test]
    fn nobody_vouches_unless_switched_on() {
        let none = check(&[("EXTERNAL_GOOGLE_CLIENT_ID", "x"), ("EXTERNAL_GOOGLE_SECRET", "y")]);
        let none = none.expect("safe settings");
        assert!(none.all.is_empty() && !none.manual_linking);
        assert!(none.find("google").is_none());
    }

    #[test]
    fn reads_all_kinds() {
        let providers = check(&[
            ("EXTERNAL_APPLE_ENABLED", "true"),
            ("EXTERNAL_APPLE_CLIENT_ID", "site"),
            ("EXTERNAL_APPLE_SECRET", "s"),
            ("EXTERNAL_GOOGLE_ENABLED", "true"),
            ("EXTERNAL_GOOGLE_CLIENT_ID", "web, ios"),
            ("EXTERNAL_GOOGLE_SECRET", "s"),
            ("EXTERNAL_GITHUB_ENABLED", "true"),
            ("EXTERNAL_GITHUB_CLIENT_ID", "g"),
            ("EXTERNAL_GITHUB_SECRET", "s"),
            ("EXTERNAL_GITHUB_URL", "https://git.example/"),
            ("EXTERNAL_OIDC", "acme"),
            ("EXTERNAL_ACME_CLIENT_ID", "a"),
            ("EXTERNAL_ACME_SECRET", "s"),
            ("EXTERNAL_ACME_URL", "http://127.0.0.1:9/realm"),
            ("SECURITY_MANUAL_LINKING_ENABLED", "true"),
        ])
        .expect("safe settings");
        let kind = |name| providers.find(name).expect("switched on").kind.clone();
        assert_eq!(kind("google"), Kind::OpenId { issuer: GOOGLE.into() });
        assert_eq!(
            kind("github"),
            Kind::GitHub {
                site: "https://git.example".into(),
                api: "https://git.example/api/v3".into()
            }
        );
        assert_eq!(kind("apple"), Kind::OpenId { issuer: APPLE.into() });
        assert_eq!(kind("acme"), Kind::OpenId { issuer: "http://127.0.0.1:9/realm".into() });
        let google = providers.find("google").expect("switched on");
        assert_eq!((google.client_id(), google.client_ids.len()), ("web", 2));
        assert!(providers.manual_linking);
    }

    #[test]
    fn refuses_what_lacks_something_or_is_not_plain() {
        let refused = |settings: &[(&str, &str)]| check(settings).map(|_| ()).unwrap_err();
        let google = ("EXTERNAL_GOOGLE_ENABLED", "true");
        let client = ("EXTERNAL_GOOGLE_CLIENT_ID", "x");
        assert_eq!(refused(&[google]), "EXTERNAL_GOOGLE_CLIENT_ID is not set");
        assert_eq!(refused(&[google, client]), "EXTERNAL_GOOGLE_SECRET is not set");
        assert!(refused(&[google, ("EXTERNAL_GOOGLE_CLIENT_ID", " , ")]).contains("no client"));
        assert!(refused(&[("EXTERNAL_GOOGLE_ENABLED", "yes")]).contains("neither"));
        assert!(refused(&[("SECURITY_MANUAL_LINKING_ENABLED", "1")]).contains("neither"));
        let long = "a".repeat(33);
        for name in
            ["Acme", "a-b", "1a", "email", "google", "apple", "acme,acme", "a/b", long.as_str()]
        {
            let settings = [
                ("EXTERNAL_OIDC", name),
                ("EXTERNAL_ACME_CLIENT_ID", "a"),
                ("EXTERNAL_ACME_SECRET", "s"),
                ("EXTERNAL_ACME_URL", "https://acme.example"),
            ];
            assert!(refused(&settings).starts_with("EXTERNAL_OIDC is not"), "{name}");
        }
        for url in ["", "https://acme.example?x=1", "ftp://acme.example", "http://acme.example"] {
            let settings = [("EXTERNAL_OIDC", "acme"), ("EXTERNAL_ACME_URL", url)];
            assert!(refused(&settings).starts_with("EXTERNAL_ACME_URL is not"), "{url}");
        }
    }

    #[test]
    fn tenants_are_named_one_by_one() {
        const ONE: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
        let tenants = |list: &str| {
            check(&[
                ("EXTERNAL_OIDC", "acme"),
                ("EXTERNAL_ACME_CLIENT_ID", "a"),
                ("EXTERNAL_ACME_SECRET", "s"),
                ("EXTERNAL_ACME_URL", "https://acme.example/common"),
                ("EXTERNAL_ACME_TENANTS", list),
            ])
            .map(|providers| providers.all[0].tenants.clone())
        };
        assert_eq!(tenants(""), Ok(vec![]));
        assert_eq!(tenants(&format!(" {ONE},")), Ok(vec![ONE.to_owned()]));
        for bad in ["*", "common", "{tenantid}", &ONE.to_uppercase(), &format!("{ONE}, *")] {
            assert!(tenants(bad).unwrap_err().starts_with("EXTERNAL_ACME_TENANTS is not"), "{bad}");
        }
    }
}
