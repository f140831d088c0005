//! Security headers as tables, and the one function that puts them on. Sources: OWASP Secure
//! Headers, OWASP ASVS 5.0 chapter 3.4, MDN HTTP Observatory.

use std::borrow::Cow;

use crate::error::Dialect;
use crate::http::{Body, Headers, Kind, Method, Response, has_header, put_header};

/// What the headers of an answer depend on, beside the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Departure {
    /// The dialect of the path.
    pub dialect: Dialect,
    /// The request's method, if it is known.
    pub method: Option<Method>,
    /// Whether people reach this Worker over https, which is when a browser may be told to insist.
    pub https: bool,
    /// The id under which the log has this request.
    pub request_id: String,
    /// Whether the client asked for the auth dialect's current version.
    pub api_version_asked: bool,
}

/// The version of the auth dialect's errors that is spoken.
const API_VERSION: &str = "2024-01-01";

/// On every answer.
const ALL: &[(&str, &str)] = &[
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-embedder-policy", "require-corp"),
    // It does not touch CORS fetches: clients of other origins still read the APIs.
    ("cross-origin-resource-policy", "same-origin"),
    ("origin-agent-cluster", "?1"),
    ("x-permitted-cross-domain-policies", "none"),
    ("x-dns-prefetch-control", "off"),
    ("permissions-policy", PERMISSIONS_POLICY),
];

const PERMISSIONS_POLICY: &str = "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), \
    clipboard-write=(), cross-origin-isolated=(), display-capture=(), encrypted-media=(), \
    fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), \
    interest-cohort=(), keyboard-map=(), magnetometer=(), microphone=(), midi=(), payment=(), \
    picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), \
    sync-xhr=(), unload=(), usb=(), web-share=(), xr-spatial-tracking=()";

const STRICT_TRANSPORT_SECURITY: &str = "max-age=63072000; includeSubDomains";

/// A page runs no script, and loads styles and images from here alone.
const PAGE_POLICY: &str = "default-src 'none'; object-src 'none'; base-uri 'none'; \
    style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// The same for a page whose form leads on: browsers hold `form-action` against where the answer leads, too,
/// which the allow-list of addresses has decided.
const DOORWAY_POLICY: &str = "default-src 'none'; object-src 'none'; base-uri 'none'; \
    style-src 'self'; img-src 'self'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// Everything else is inert when somebody opens it, even a hostile SVG.
const DATA_POLICY: &str = "default-src 'none'; object-src 'none'; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'; sandbox";

const NO_STORE: &str = "no-store, max-age=0";
const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// What an answer of the APIs depends on beside its URL.
const DATA_VARY: &str = "Accept, Accept-Profile, apikey, Authorization, Prefer, Range";

/// Puts on the headers of the answer's kind. A room may choose `cache-control` and `vary` itself;
/// it cannot loosen the others.
pub fn put<R>(response: &mut Response<R>, departure: &Departure) {
    let headers = &mut response.headers;
    headers.retain(|(_, value)| value.bytes().all(is_sendable));
    for (name, value) in ALL {
        put_header(headers, name, *value);
    }
    put_header(
        headers,
        "content-security-policy",
        content_security_policy(response.kind, departure),
    );
    if departure.https {
        put_header(headers, "strict-transport-security", STRICT_TRANSPORT_SECURITY);
    }
    if !has_header(headers, "cache-control") {
        put_header(headers, "cache-control", cache_control(response.kind));
    }
    if response.kind == Kind::Json && departure.dialect != Dialect::Page {
        if !has_header(headers, "vary") {
            put_header(headers, "vary", DATA_VARY);
        }
        if response.status == 401 {
            put_header(headers, "www-authenticate", "Bearer");
        }
    }
    if departure.dialect == Dialect::Auth && departure.api_version_asked {
        put_header(headers, "x-supabase-api-version", API_VERSION);
    }
    put_header(headers, "x-request-id", departure.request_id.clone());
}

/// Whether a client asks for [`API_VERSION`] or a later one, both of which get [`API_VERSION`].
#[must_use]
pub fn asks_api_version(headers: &Headers) -> bool {
    headers.get("x-supabase-api-version").is_some_and(|asked| {
        let is_date = asked.len() == API_VERSION.len()
            && asked.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        is_date && asked >= API_VERSION
    })
}

/// Takes the body off an answer to `HEAD`; its headers stay as `GET` would have them.
pub fn strip<R>(response: &mut Response<R>, departure: &Departure) {
    if departure.method == Some(Method::Head) {
        response.body = Body::Empty;
    }
}

/// A value with a line break would make the platform throw, and with another runtime worse: a
/// header that cannot be sent as it is, is left out.
fn is_sendable(byte: u8) -> bool {
    matches!(byte, b' '..=b'~')
}

fn content_security_policy(kind: Kind, departure: &Departure) -> Cow<'static, str> {
    match kind {
        // Some browsers upgrade even 127.0.0.1, where nothing listens for https.
        Kind::Html if departure.https => format!("{PAGE_POLICY}; upgrade-insecure-requests").into(),
        Kind::Html => PAGE_POLICY.into(),
        // Its form may lead on to this machine, where nothing listens for https.
        Kind::Doorway => DOORWAY_POLICY.into(),
        Kind::Json | Kind::Asset => DATA_POLICY.into(),
    }
}

const fn cache_control(kind: Kind) -> &'static str {
    match kind {
        Kind::Html | Kind::Doorway | Kind::Json => NO_STORE,
        Kind::Asset => IMMUTABLE,
    }
}
