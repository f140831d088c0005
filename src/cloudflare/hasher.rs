//! Password hashing, which takes more processor time than a request has on the free plan: a Durable
//! Object has 30 seconds. Where no such object is bound it is done in process.
//!
//! Orders hold passwords, and answers hold hashes: neither is ever logged, and an error says only
//! what kind of trouble there was.

use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use worker::{DurableObject, Env, Request, Response, State, durable_object};

use super::{glue, task};
use crate::host::HasherUnavailable;
use crate::password::{self, HashError, SALT_BYTES, Verdict};
use crate::secret::Secret;

/// How many objects share the work: each hashes one password at a time.
const HASHERS: u8 = 8;

/// The Durable Object. It keeps nothing.
#[durable_object(fetch)]
pub struct PasswordHasher;

impl DurableObject for PasswordHasher {
    fn new(_state: State, _environment: Env) -> Self {
        Self
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let Ok(order) = serde_json::from_str(&request.text().await?) else {
            return Response::error("not an order", 400);
        };
        match fulfill(order) {
            Ok(answer) => Response::ok(serde_json::to_string(&answer)?),
            Err(HashError(reason)) => Response::error(reason, 503),
        }
    }
}

/// What is asked of a hasher.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Order {
    Hash { password: String },
    Verify { password: String, stored: String },
}

/// What it answers.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Hashed(String),
    Wrong,
    Right,
    RightButOutdated,
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
        // Neither error can hold the text that failed: one has no position of a password, the other
        // is the platform's.
        let order = serde_json::to_string(&order).map_err(|_| beside_the_point())?;
        let answer = task::wait(glue::ask(namespace, &any_name(), &order))
            .await
            .map_err(|error| HasherUnavailable { message: glue::thrown(&error) })?;
        let answer = answer.as_string().ok_or_else(beside_the_point)?;
        serde_json::from_str(&answer).map_err(|_| beside_the_point())
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
