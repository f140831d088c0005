//! Addresses: the only place where a URL's path is read or written.

use crate::error::{Code, Dialect};
use crate::http::Method;
use crate::http::encoding::{EncodingError, decode_path, encode};
use crate::uuid;

/// What a path names. One variant for each address, whatever the method.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `/`
    Home,
    /// `/assets/{name}`
    Asset { name: String },
    /// `/auth/v1/{endpoint}`, and the ids in it
    Auth(Endpoint, Vec<String>),
    /// What the auth dialect has elsewhere and not here
    Absent(&'static Absent),
    /// `/rest/v1/`
    RestRoot,
    /// `/rest/v1/openapi.json`
    OpenApi,
    /// `/rest/v1/{table}`
    Table { name: String },
    /// `/rest/v1/rpc/{function}`
    Function { name: String },
    /// `/inbox` and below, on a machine for development
    Inbox(Inbox),
}

/// Where letters are that were not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inbox {
    /// The page.
    Page,
    /// All letters.
    Messages,
    /// The letters to somebody.
    Search,
    /// A letter.
    Message { id: String },
}

/// Writes the table of endpoints once, as an enum and its total functions.
macro_rules! endpoints {
    ($($(#[$doc:meta])* $endpoint:ident, $path:literal, [$($method:ident),+];)*) => {
        /// The endpoints of the auth dialect.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Endpoint {
            $($(#[$doc])* $endpoint,)*
        }

        impl Endpoint {
            /// All endpoints.
            pub const ALL: &'static [Self] = &[$(Self::$endpoint),*];

            /// The path, with a name in braces where there is a UUID.
            #[must_use]
            pub const fn path(self) -> &'static str {
                match self {
                    $(Self::$endpoint => concat!("/auth/v1", $path),)*
                }
            }

            /// The methods that it answers, besides `OPTIONS`.
            #[must_use]
            pub const fn methods(self) -> &'static [Method] {
                match self {
                    $(Self::$endpoint => &[$(Method::$method),+],)*
                }
            }
        }
    };
}

endpoints! {
    Signup, "/signup", [Post];
    Token, "/token", [Post];
    User, "/user", [Get, Head, Put];
    Recover, "/recover", [Post];
    Otp, "/otp", [Post];
    MagicLink, "/magiclink", [Post];
    Verify, "/verify", [Get, Head, Post];
    Resend, "/resend", [Post];
    Reauthenticate, "/reauthenticate", [Get];
    Logout, "/logout", [Post];
    Factors, "/factors", [Post];
    Factor, "/factors/{factor_id}", [Delete];
    FactorChallenge, "/factors/{factor_id}/challenge", [Post];
    FactorVerify, "/factors/{factor_id}/verify", [Post];
    RecoveryCodes, "/factors/recovery-codes", [Get, Head, Post];
    RecoveryCodesVerify, "/factors/recovery-codes/verify", [Post];
    Authorize, "/authorize", [Get];
    Callback, "/callback", [Get, Post];
    LinkIdentity, "/user/identities/authorize", [Get];
    Identity, "/user/identities/{identity_id}", [Delete];
    Sessions, "/sessions", [Get, Head];
    Session, "/sessions/{session_id}", [Delete];
    AdminUsers, "/admin/users", [Get, Head, Post];
    AdminUser, "/admin/users/{user_id}", [Get, Head, Put, Delete];
    AdminUserLogout, "/admin/users/{user_id}/logout", [Post];
    AdminUserFactors, "/admin/users/{user_id}/factors", [Get, Head];
    AdminUserFactor, "/admin/users/{user_id}/factors/{factor_id}", [Delete];
    AdminGenerateLink, "/admin/generate_link", [Post];
    Invite, "/invite", [Post];
    AdminAudit, "/admin/audit", [Get, Head];
    Settings, "/settings", [Get, Head];
    Health, "/health", [Get, Head];
    Jwks, "/.well-known/jwks.json", [Get, Head];
}

impl Endpoint {
    /// Whether a form may be sent there: of our own pages, or by a provider.
    #[must_use]
    pub const fn takes_form(self) -> bool {
        matches!(self, Self::Verify | Self::Callback)
    }

    /// The endpoint at a path, and the ids that are in it.
    fn find(path: &str) -> Option<(Self, Vec<String>)> {
        Self::ALL.iter().find_map(|endpoint| Some((*endpoint, ids(endpoint.path(), path)?)))
    }
}

/// A part of the auth dialect that is not here. Its clients are told so in its own words, which they
/// know from servers where it is switched off.
#[derive(Debug, PartialEq, Eq)]
pub struct Absent {
    /// What its paths begin with.
    pub path: &'static str,
    /// What is answered.
    pub code: Code,
    /// The same in words.
    pub message: &'static str,
}

/// Writes the table of what is absent.
macro_rules! absent {
    ($($path:literal, $code:ident, $message:literal;)*) => {
        /// All that is absent.
        pub const ABSENT: &[Absent] = &[$(Absent {
            path: concat!("/auth/v1", $path),
            code: Code::$code,
            message: $message,
        },)*];
    };
}

absent! {
    "/sso", SamlProviderDisabled, "SAML 2.0 is disabled";
    "/passkeys", PasskeyDisabled, "Passkeys are disabled";
    "/admin/users/{user_id}/passkeys", PasskeyDisabled, "Passkeys are disabled";
    "/oauth", FeatureDisabled, "OAuth 2.1 server is disabled";
    "/user/oauth", FeatureDisabled, "OAuth 2.1 server is disabled";
    "/admin/oauth", FeatureDisabled, "OAuth 2.1 server is disabled";
    "/admin/sso", FeatureDisabled, "SAML 2.0 is disabled";
    "/admin/custom-providers", FeatureDisabled, "Custom providers are disabled";
    "/scim", FeatureDisabled, "SCIM is disabled";
    "/.well-known/openid-configuration", FeatureDisabled, "OAuth 2.1 server is disabled";
    "/.well-known/oauth-authorization-server", FeatureDisabled, "OAuth 2.1 server is disabled";
}

impl Absent {
    /// What is absent at a path or above it.
    fn find(path: &str) -> Option<&'static Self> {
        ABSENT.iter().find(|absent| {
            let mut segments = path.split('/');
            absent.path.split('/').all(|expected| {
                let found = segments.next();
                found.is_some_and(|found| expected.starts_with('{') || found == expected)
            })
        })
    }
}

/// A path with ids in the place of their names.
fn with_ids(pattern: &str, ids: &[String]) -> String {
    let mut ids = ids.iter().map(String::as_str);
    let segments = pattern.split('/').map(|segment| {
        if segment.starts_with('{') { ids.next().unwrap_or(segment) } else { segment }
    });
    segments.collect::<Vec<_>>().join("/")
}

/// The ids of a path that is written like `pattern`; none but the one form of a UUID is one.
fn ids(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut ids = Vec::new();
    let mut segments = path.split('/');
    for expected in pattern.split('/') {
        let segment = segments.next()?;
        if expected.starts_with('{') {
            uuid::parse(segment)?;
            ids.push(segment.to_owned());
        } else if expected != segment {
            return None;
        }
    }
    segments.next().is_none().then_some(ids)
}

/// The first page.
pub const HOME: &str = "/";
/// Where the REST dialect lives.
pub const REST_PREFIX: &str = "/rest/v1";
/// Where the auth dialect lives.
pub const AUTH_PREFIX: &str = "/auth/v1";
/// The REST dialect's description, which is at its root too. No table may have this name.
pub const OPENAPI_PATH: &str = "/rest/v1/openapi.json";
/// Where files live that never change under their name.
pub const ASSET_PREFIX: &str = "/assets";

impl Route {
    /// Reads a path as it was sent. `None` when nothing is at that address.
    ///
    /// # Errors
    /// When the path is not valid percent-encoded UTF-8 without NUL.
    pub fn find(path: &str) -> Result<Option<Self>, EncodingError> {
        if path == OPENAPI_PATH {
            return Ok(Some(Self::OpenApi));
        }
        if dialect(path) == Dialect::Auth {
            if let Some((endpoint, ids)) = Endpoint::find(path) {
                return Ok(Some(Self::Auth(endpoint, ids)));
            }
            if let Some(absent) = Absent::find(path) {
                return Ok(Some(Self::Absent(absent)));
            }
        }
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        // Each segment is decoded by itself, so an encoded slash never makes another segment.
        Ok(match segments.as_slice() {
            [""] => Some(Self::Home),
            ["assets", name] => Some(Self::Asset { name: decode_path(name)? }),
            ["inbox"] => Some(Self::Inbox(Inbox::Page)),
            ["inbox", "api", "v1", "messages"] => Some(Self::Inbox(Inbox::Messages)),
            ["inbox", "api", "v1", "search"] => Some(Self::Inbox(Inbox::Search)),
            ["inbox", "api", "v1", "message", id] => {
                Some(Self::Inbox(Inbox::Message { id: decode_path(id)? }))
            }
            ["rest", "v1"] | ["rest", "v1", ""] => Some(Self::RestRoot),
            ["rest", "v1", "rpc", name] => Some(Self::Function { name: decode_path(name)? }),
            ["rest", "v1", name] => Some(Self::Table { name: decode_path(name)? }),
            _ => {
                decode_path(path)?;
                None
            }
        })
    }

    /// The methods that the address answers, besides `OPTIONS`.
    #[must_use]
    pub const fn methods(&self) -> &'static [Method] {
        match self {
            Self::Home
            | Self::Asset { .. }
            | Self::RestRoot
            | Self::OpenApi
            | Self::Inbox(Inbox::Page | Inbox::Search | Inbox::Message { .. }) => {
                &[Method::Get, Method::Head]
            }
            Self::Inbox(Inbox::Messages) => &[Method::Get, Method::Head, Method::Delete],
            Self::Auth(endpoint, _) => endpoint.methods(),
            Self::Function { .. } => &[Method::Get, Method::Head, Method::Post],
            Self::Table { .. } | Self::Absent(_) => &[
                Method::Get,
                Method::Head,
                Method::Post,
                Method::Put,
                Method::Patch,
                Method::Delete,
            ],
        }
    }

    /// The value of an `Allow` header for this address.
    #[must_use]
    pub fn allow(&self) -> String {
        let names: Vec<&str> = self.methods().iter().map(|method| method.name()).collect();
        format!("{}, OPTIONS", names.join(", "))
    }

    /// The path of the address.
    #[must_use]
    pub fn path(&self) -> String {
        match self {
            Self::Home => "/".to_owned(),
            Self::Asset { name } => format!("{ASSET_PREFIX}/{}", encode(name)),
            Self::Auth(endpoint, ids) => with_ids(endpoint.path(), ids),
            Self::Absent(absent) => absent.path.to_owned(),
            Self::RestRoot => format!("{REST_PREFIX}/"),
            Self::OpenApi => OPENAPI_PATH.to_owned(),
            Self::Table { name } => [REST_PREFIX, &below_rest(name)].concat(),
            Self::Function { name } => [REST_PREFIX, &below_rpc(name)].concat(),
            Self::Inbox(Inbox::Message { id }) => self.pattern().replace("{id}", &encode(id)),
            Self::Inbox(_) => self.pattern().to_owned(),
        }
    }

    /// The address without what a client chose, for the log.
    #[must_use]
    pub const fn pattern(&self) -> &'static str {
        match self {
            Self::Home => "/",
            Self::Asset { .. } => "/assets/{name}",
            Self::Auth(endpoint, _) => endpoint.path(),
            Self::Absent(absent) => absent.path,
            Self::RestRoot => "/rest/v1/",
            Self::OpenApi => OPENAPI_PATH,
            Self::Table { .. } => "/rest/v1/{table}",
            Self::Function { .. } => "/rest/v1/rpc/{function}",
            Self::Inbox(Inbox::Page) => "/inbox",
            Self::Inbox(Inbox::Messages) => "/inbox/api/v1/messages",
            Self::Inbox(Inbox::Search) => "/inbox/api/v1/search",
            Self::Inbox(Inbox::Message { .. }) => "/inbox/api/v1/message/{id}",
        }
    }
}

/// What stands in a letter: where a one-time token is used, and where that leads in the end.
#[must_use]
pub fn verify_link(site_url: &str, token: &str, verification: &str, redirect_to: &str) -> String {
    let (token, to) = (encode(token), encode(redirect_to));
    [site_url, AUTH_PREFIX, "/verify?token=", &token, "&type=", verification, "&redirect_to=", &to]
        .concat()
}

/// The path of a table or view below [`REST_PREFIX`].
#[must_use]
pub fn below_rest(name: &str) -> String {
    ["/", &encode(name)].concat()
}

/// The path of a function below [`REST_PREFIX`].
#[must_use]
pub fn below_rpc(name: &str) -> String {
    ["/rpc/", &encode(name)].concat()
}

/// In which dialect a path is answered, even when nothing is at it.
#[must_use]
pub fn dialect(path: &str) -> Dialect {
    let below = |prefix: &str| {
        path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if below(REST_PREFIX) {
        Dialect::Rest
    } else if below(AUTH_PREFIX) {
        Dialect::Auth
    } else {
        Dialect::Page
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_paths() {
        let table = |name: &str| Ok(Some(Route::Table { name: name.into() }));
        assert_eq!(Route::find("/"), Ok(Some(Route::Home)));
        assert_eq!(Route::find("/rest/v1/tasks"), table("tasks"));
        assert_eq!(Route::find("/rest/v1/a%2Fb"), table("a/b"));
        assert_eq!(Route::find("/rest/v1/a/b"), Ok(None));
        assert_eq!(Route::find("/rest/v1/"), Ok(Some(Route::RestRoot)));
        assert_eq!(Route::find("/rest/v1/openapi.json"), Ok(Some(Route::OpenApi)));
        assert_eq!(Route::find("/auth/v1/token"), Ok(Some(Route::Auth(Endpoint::Token, vec![]))));
        assert_eq!(Route::find("/auth/v1/token/"), Ok(None));
        for (path, absent) in [
            ("/auth/v1/sso", "/sso"),
            ("/auth/v1/sso/saml/metadata", "/sso"),
            ("/auth/v1/admin/sso/providers/x", "/admin/sso"),
            ("/auth/v1/admin/users/x/passkeys/y", "/admin/users/{user_id}/passkeys"),
        ] {
            let found = Route::find(path).expect("a path that decodes").expect("a route");
            assert_eq!(found.pattern(), [AUTH_PREFIX, absent].concat(), "{path}");
        }
        for path in ["/auth/v1/ssoo", "/auth/v1/x/sso", "/sso", "/rest/v1/sso/x", "/auth/v1/admin"]
        {
            assert_eq!(Route::find(path), Ok(None), "{path}");
        }
        assert_eq!(Route::find("//"), Ok(None));
        assert_eq!(Route::find("/rest/v1/%00"), Err(EncodingError::Nul));
        assert_eq!(Route::find("/x%"), Err(EncodingError::BadPercent));
    }

    #[test]
    fn errors_below_a_prefix_speak_its_dialect() {
        assert_eq!(dialect("/rest/v1"), Dialect::Rest);
        assert_eq!(dialect("/rest/v1/a/b"), Dialect::Rest);
        assert_eq!(dialect("/rest/v10"), Dialect::Page);
        assert_eq!(dialect("/auth/v1/x"), Dialect::Auth);
    }
}
