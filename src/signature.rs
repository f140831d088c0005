//! Public keys of others, as JSON Web Keys (RFC 7517). Each is good for one algorithm, which is a
//! property of the key: what a token claims of its algorithm only has to agree.

use crate::http::json::{Json, Object, Writer, read_list};

/// The fewest characters of an RSA modulus in base64url: 2048 bits (RFC 7518 section 3.3).
const MODULUS_CHARACTERS_MIN: usize = 342;
/// The most: 8192 bits.
const MODULUS_CHARACTERS_MAX: usize = 1366;

/// What a key verifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA with P-256 and SHA-256; a signature is two numbers of 32 bytes each.
    Es256,
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// The one thing it is for.
    pub algorithm: Algorithm,
    /// The two numbers it consists of, in base64url: modulus and exponent, or x and y.
    pub numbers: [String; 2],
    /// The one issuer that signs by it, where the set says so: Microsoft's sets do.
    pub issuer: Option<String>,
}

impl PublicKey {
    /// The key of that name in a set of keys, if it is for that algorithm. A set of one key may be
    /// used without a name.
    #[must_use]
    pub fn find(set: &str, name: Option<&str>, algorithm: &str) -> Option<Self> {
        let set = Object::of(set)?;
        let keys = read_list(set.raw("keys")?.as_bytes()).ok()?;
        let is_only = keys.len() == 1;
        keys.iter().find_map(|key| {
            let Json::Compound(key) = key else { return None };
            let key = Object::of(key)?;
            let has_name = match (name, key.text("kid").ok()?) {
                (Some(name), Some(own)) => own == name,
                (None, _) => is_only,
                (Some(_), None) => false,
            };
            if has_name { Self::read(&key, algorithm) } else { None }
        })
    }

    fn read(key: &Object<'_>, algorithm: &str) -> Option<Self> {
        let text = |name| key.text(name).ok().flatten();
        let is_for =
            |name, wanted: &str| key.raw(name).is_none() || text(name).as_deref() == Some(wanted);
        if !is_for("use", "sig") || !is_for("alg", algorithm) {
            return None;
        }
        let (of_key, numbers) = match (text("kty")?.as_str(), text("crv").as_deref()) {
            ("RSA", None) => (Algorithm::Rs256, [text("n")?, text("e")?]),
            ("EC", Some("P-256")) => (Algorithm::Es256, [text("x")?, text("y")?]),
            _ => return None,
        };
        let is_long_enough = match (of_key, &numbers) {
            (Algorithm::Rs256, [modulus, _]) => {
                (MODULUS_CHARACTERS_MIN..=MODULUS_CHARACTERS_MAX).contains(&modulus.len())
            }
            (Algorithm::Es256, _) => true,
        };
        let found = Self { algorithm: of_key, numbers, issuer: text("issuer") };
        (is_long_enough && of_key.name() == algorithm).then_some(found)
    }

    /// The key alone, as a JSON Web Key.
    #[must_use]
    pub fn written(&self) -> String {
        let [first, second] = &self.numbers;
        let mut key = Writer::object();
        match self.algorithm {
            Algorithm::Rs256 => key.texts(&[("kty", "RSA"), ("n", first), ("e", second)]),
            Algorithm::Es256 => {
                key.texts(&[("kty", "EC"), ("crv", "P-256"), ("x", first), ("y", second)]);
            }
        }
        key.finish_object()
    }
}

impl Algorithm {
    /// The name in tokens (RFC 7518 section 3.1).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }
}

/// A signature could not be looked at: to be answered with 503, never with a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierUnavailable {
    /// For the log.
    pub message: String,
}
