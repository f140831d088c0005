//! Password hashing, which takes more processor time than a request has on the free plan: a Durable
//! Object has 30 seconds. Where no such object is bound it is done in process.
//!
//! Orders hold passwords, and answers hold hashes: neither is ever logged, and an error says only
//! what kind of trouble there was.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

use super::{glue, task};
use crate::host::HasherUnavailable;
use crate::password::{self, HashError, SALT_BYTES, Verdict};
use crate::secret::Secret;

/// How many objects share the work: each hashes one password at a time.
const HASHERS: u8 = 8;

/// The Durable Object, as the platform makes and calls it. It keeps nothing.
#[wasm_bindgen]
#[derive(Debug)]
pub struct PasswordHasher;

#[wasm_bindgen]
impl PasswordHasher {
    /// Takes what every Durable Object is given, its state and its environment, and needs neither.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new(_state: JsValue, _environment: JsValue) -> Self {
        Self
    }

    /// Answers an order: the promise of a response.
    #[expect(clippy::unused_self, reason = "the platform calls it on the object")]
    pub fn fetch(&self, request: web_sys::Request) -> Promise {
        task::begin(async move {
            let order = task::wait(request.text()?).await?.as_string();
            let (status, answer) = match order.as_deref().and_then(Order::read).map(fulfill) {
                None => (400, "not an order".to_owned()),
                Some(Ok(answer)) => (200, answer.written()),
                Some(Err(HashError(reason))) => (503, reason),
            };
            glue::respond(status, "", "", &answer.into()).map(JsValue::from)
        })
    }
}

/// What is asked of a hasher. As a text it is the stored hash, which has one line and is empty where
/// a new one is asked for, and below it the password.
enum Order {
    Hash { password: String },
    Verify { password: String, stored: String },
}

impl Order {
    fn read(text: &str) -> Option<Self> {
        let (stored, password) = text.split_once('\n')?;
        let (stored, password) = (stored.to_owned(), password.to_owned());
        Some(if stored.is_empty() {
            Self::Hash { password }
        } else {
            Self::Verify { password, stored }
        })
    }

    fn written(&self) -> String {
        match self {
            Self::Hash { password } => ["", password].join("\n"),
            Self::Verify { password, stored } => [stored.as_str(), password].join("\n"),
        }
    }
}

/// What it answers. As a text it is one of these words, or else a new hash.
enum Answer {
    Hashed(String),
    Wrong,
    Right,
    RightButOutdated,
}

impl Answer {
    fn read(text: &str) -> Option<Self> {
        Some(match text {
            "wrong" => Self::Wrong,
            "right" => Self::Right,
            "outdated" => Self::RightButOutdated,
            hash if hash.starts_with('$') => Self::Hashed(hash.to_owned()),
            _ => return None,
        })
    }

    fn written(self) -> String {
        match self {
            Self::Hashed(hash) => hash,
            Self::Wrong => "wrong".to_owned(),
            Self::Right => "right".to_owned(),
            Self::RightButOutdated => "outdated".to_owned(),
        }
    }
}

fn fulfill(order: Order) -> Result<Answer, HashError> {
    match order {
        Order::Hash { password } => {
            let mut salt = [0; SALT_BYTES];
            random(&mut salt);
            password::hash(&Secret::new(password), salt).map(Answer::Hashed)
        }
        Order::Verify { password, stored } => {
            Ok(match password::verify(&Secret::new(password), &stored)? {
                Verdict::Wrong => Answer::Wrong,
                Verdict::Right => Answer::Right,
                Verdict::RightButOutdated => Answer::RightButOutdated,
            })
        }
    }
}

/// The hashers of a request.
pub struct Hashers {
    namespace: Option<JsValue>,
}

impl Hashers {
    /// Takes the binding, if there is one.
    pub const fn new(namespace: Option<JsValue>) -> Self {
        Self { namespace }
    }

    /// Hashes a new password.
    pub async fn hash(&self, password: &Secret) -> Result<String, HasherUnavailable> {
        match self.order(Order::Hash { password: password.expose().to_owned() }).await? {
            Answer::Hashed(hash) => Ok(hash),
            Answer::Wrong | Answer::Right | Answer::RightButOutdated => Err(beside_the_point()),
        }
    }

    /// Compares a password with a stored hash.
    pub async fn verify(
        &self,
        password: &Secret,
        stored: &str,
    ) -> Result<Verdict, HasherUnavailable> {
        let (password, stored) = (password.expose().to_owned(), stored.to_owned());
        match self.order(Order::Verify { password, stored }).await? {
            Answer::Wrong => Ok(Verdict::Wrong),
            Answer::Right => Ok(Verdict::Right),
            Answer::RightButOutdated => Ok(Verdict::RightButOutdated),
            Answer::Hashed(_) => Err(beside_the_point()),
        }
    }

    async fn order(&self, order: Order) -> Result<Answer, HasherUnavailable> {
        let Some(namespace) = &self.namespace else {
            return fulfill(order).map_err(|HashError(message)| HasherUnavailable { message });
        };
        // The error is the platform's, and holds no password.
        let answer = task::wait(glue::ask(namespace, &any_name(), &order.written()))
            .await
            .map_err(|error| HasherUnavailable { message: glue::thrown(&error) })?;
        let answer = answer.as_string().ok_or_else(beside_the_point)?;
        Answer::read(&answer).ok_or_else(beside_the_point)
    }
}

/// The name of one of the objects, by chance.
fn any_name() -> String {
    let mut byte = [0];
    random(&mut byte);
    let [byte] = byte;
    format!("hasher-{}", byte % HASHERS)
}

fn beside_the_point() -> HasherUnavailable {
    HasherUnavailable { message: "the hasher gave another answer than was asked for".to_owned() }
}

/// Fills `bytes` from the platform's generator.
///
/// A Worker's generator does not fail inside a request. Were it to, an abort is the only safe end:
/// no salt, token or id may be made of anything else.
#[expect(clippy::expect_used, reason = "predictable randomness would be worse than an abort")]
pub fn random(bytes: &mut [u8]) {
    getrandom::fill(bytes).expect("the platform's random generator");
}
