//! What travels to a provider and back with a person, all derived from a flow's id and stored
//! nowhere.
//!
//! ```text
//! state    = id (16 bytes) | HMAC-SHA-256 of the id and the browser's mark, 64 characters of base64url
//! verifier = HMAC-SHA-256 of the id under another key; its hash is sent first (PKCE, RFC 7636)
//! nonce    = HMAC-SHA-256 of the id under a third
//! ```
//! The mark is a random cookie, so that what one browser has begun no other can end: nobody is made
//! to sign in as somebody else by a link (RFC 6749 section 10.12). It opens nothing by itself.
//!
//! A flow that a script begins over `fetch`, to link an account, has no cookie: the browser would
//! not keep one of another origin. It needs an access token instead, and its state is signed
//! without a mark, which counts for such flows only.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64URL;
use sha2::{Digest, Sha256};

use crate::auth::token::{Key, Purpose, SIGNATURE_BYTES};
use crate::config::Config;
use crate::host::Host;
use crate::http::Request;
use crate::secret::Secret;
use crate::uuid::Uuid;

/// How long a person may stay at a provider, in seconds; so long lives the mark, too.
pub(super) const STATE_SECONDS: i64 = 600;

/// A flow by its id, and the secret under which its state was signed.
pub(super) struct State<'a> {
    pub id: Uuid,
    /// Whether it belongs to the browser that brought it back.
    pub is_marked: bool,
    secret: &'a Secret,
}

impl<'a> State<'a> {
    /// The state of a new flow.
    pub(super) const fn new(id: Uuid, is_marked: bool, config: &'a Config) -> Self {
        Self { id, is_marked, secret: &config.jwt_secret }
    }

    /// What is sent along.
    pub(super) fn text(&self, mark: Option<&Mark>) -> String {
        let signature = Key::new(self.secret, Purpose::State).sign(&signed(self.id, mark));
        BASE64URL.encode([self.id.as_slice(), &signature].concat())
    }

    /// Reads what has come back; `None` unless it was made here, and for this browser or for none.
    pub(super) fn read(text: &str, mark: Option<&Mark>, config: &'a Config) -> Option<Self> {
        let bytes = BASE64URL.decode(text).ok()?;
        let (id, signature) = bytes.split_at_checked(size_of::<Uuid>())?;
        let id: Uuid = id.try_into().ok()?;
        let marks = [mark, None];
        let mut tries = config.live_secrets().flat_map(|secret| marks.map(|mark| (secret, mark)));
        let (secret, mark) = tries.find(|(secret, mark)| {
            let key = Key::new(secret, Purpose::State);
            signature.len() == SIGNATURE_BYTES && key.verifies(&signed(id, *mark), signature)
        })?;
        Some(Self { id, is_marked: mark.is_some(), secret })
    }

    /// What the provider is shown when the code is redeemed.
    pub(super) fn verifier(&self) -> String {
        self.derived(Purpose::Verifier)
    }

    /// What it is shown before: the verifier's hash.
    pub(super) fn challenge(&self) -> String {
        BASE64URL.encode(Sha256::digest(self.verifier()))
    }

    /// What it must repeat in a signed statement.
    pub(super) fn nonce(&self) -> String {
        self.derived(Purpose::Nonce)
    }

    fn derived(&self, purpose: Purpose) -> String {
        BASE64URL.encode(Key::new(self.secret, purpose).sign(&self.id))
    }
}

fn signed(id: Uuid, mark: Option<&Mark>) -> Vec<u8> {
    [id.as_slice(), mark.map_or(&[], |mark| &mark.0)].concat()
}

/// What a browser is known by while it is at a provider.
pub(super) struct Mark([u8; 32]);

impl Mark {
    /// The browser's own, if it brings one.
    pub(super) fn of(request: &Request, config: &Config) -> Option<Self> {
        let name = cookie_name(config);
        let mut cookies = request.headers.all("cookie").flat_map(|cookies| cookies.split(';'));
        let value =
            cookies.find_map(|cookie| cookie.trim().strip_prefix(name)?.strip_prefix('='))?;
        BASE64URL.decode(value).ok()?.try_into().ok().map(Self)
    }

    /// A fresh one.
    pub(super) fn new(host: &impl Host) -> Self {
        let mut mark = [0; 32];
        host.random(&mut mark);
        Self(mark)
    }

    /// The `Set-Cookie` that makes the browser bring it back, from a provider's page too.
    pub(super) fn cookie(&self, config: &Config) -> String {
        let (name, value) = (cookie_name(config), BASE64URL.encode(self.0));
        let secure = if is_https(config) { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; Max-Age={STATE_SECONDS}; HttpOnly; SameSite=Lax{secure}")
    }
}

/// Without https there can be no prefix: a browser would not keep such a cookie.
fn cookie_name(config: &Config) -> &'static str {
    if is_https(config) { "__Host-selvedge-browser" } else { "selvedge-browser" }
}

fn is_https(config: &Config) -> bool {
    config.site_url.starts_with("https://")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::tests::{ONE, TWO, config};

    const ID: Uuid = [0xa5; 16];
    const MARK: Mark = Mark([7; 32]);

    fn read(text: &str, mark: Option<&Mark>, config: &Config) -> Option<(Uuid, bool)> {
        State::read(text, mark, config).map(|state| (state.id, state.is_marked))
    }

    #[test]
    fn a_state_belongs_to_one_browser() {
        let config = config(ONE, None);
        let text = State::new(ID, true, &config).text(Some(&MARK));
        assert_eq!((text.len(), read(&text, Some(&MARK), &config)), (64, Some((ID, true))));
        assert_eq!(read(&text, None, &config), None);
        assert_eq!(read(&text, Some(&Mark([8; 32])), &config), None);
    }

    #[test]
    fn a_state_without_a_mark_never_counts_as_one_with() {
        let config = config(ONE, None);
        let text = State::new(ID, false, &config).text(None);
        assert_eq!(read(&text, None, &config), Some((ID, false)));
        assert_eq!(read(&text, Some(&MARK), &config), Some((ID, false)));
    }

    #[test]
    fn every_changed_character_is_refused() {
        let config = config(ONE, None);
        let text = State::new(ID, true, &config).text(Some(&MARK));
        for index in 0..text.len() {
            for other in ('!'..='~').filter(|other| !text[index..].starts_with(*other)) {
                let mut changed = text.clone();
                changed.replace_range(index..=index, &other.to_string());
                assert_eq!(read(&changed, Some(&MARK), &config), None, "{changed}");
            }
        }
        for wrong in ["", "x", &text[..60], &text[..44], &format!("{text}AAAA")] {
            assert_eq!(read(wrong, Some(&MARK), &config), None, "{wrong}");
        }
    }

    #[test]
    fn what_was_sent_first_is_found_again_after_a_change_of_keys() {
        let before = config(ONE, None);
        let state = State::new(ID, true, &before);
        let (text, verifier, nonce) = (state.text(Some(&MARK)), state.verifier(), state.nonce());
        let between = config(TWO, Some(ONE));
        let found = State::read(&text, Some(&MARK), &between).expect("the previous secret");
        assert_eq!((found.verifier(), found.nonce()), (verifier.clone(), nonce.clone()));
        assert_ne!(verifier, nonce);
        assert_eq!(verifier.len(), 43);
        assert_eq!(read(&text, Some(&MARK), &config(TWO, None)), None);
    }

    #[test]
    fn the_cookie_is_read_back_among_others() {
        let config = config(ONE, None);
        let cookie = MARK.cookie(&config);
        assert!(cookie.starts_with("__Host-selvedge-browser="), "{cookie}");
        for part in ["; Path=/;", "; HttpOnly", "; SameSite=Lax", "; Secure", "; Max-Age=600"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let pair = cookie.split(';').next().expect("a pair");
        let found = |cookie: &str| {
            let headers = crate::http::Headers::new([("cookie".to_owned(), cookie.to_owned())]);
            let request = Request {
                method: None,
                path: String::new(),
                query: String::new(),
                headers,
                body: crate::http::RequestBody::Bytes(Vec::new()),
            };
            Mark::of(&request, &config).map(|mark| mark.0)
        };
        assert_eq!(found(&format!("a=b; {pair}; c=d")), Some(MARK.0));
        assert_eq!(found(&format!("x{pair}")), None);
        assert_eq!(found("__Host-selvedge-browser="), None);
        assert_eq!(found("__Host-selvedge-browser=AAAA"), None);
        assert_eq!(found(&pair["__Host-".len()..]), None);
    }
}
