//! The one door to the world: time, randomness, the database, the password hasher, other servers,
//! e-mail, the log.
//!
//! `cloudflare` implements it for Workers and the tests for native SQLite. A host serves one
//! request, so what it counts is that request's cost.

use crate::db::{Batch, DbError, Rows, Usage};
use crate::outbound::{Email, FetchError, Inbound, Outbound, SendError};
use crate::password::Verdict;
use crate::secret::Secret;
use crate::signature::{PublicKey, VerifierUnavailable};

pub use crate::time::Milliseconds;

/// The password hasher could not be reached: to be answered with 503, never with a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HasherUnavailable {
    /// For the log.
    pub message: String,
}

/// What one request may ask of the world.
#[expect(async_fn_in_trait, reason = "Workers run one thread, so no future needs to be Send")]
pub trait Host {
    /// The rows of one statement, as this host keeps them.
    type Rows: Rows;

    /// The time now. On Workers it stands still between awaits.
    fn now(&self) -> Milliseconds;

    /// Fills `bytes` from a cryptographically secure source.
    fn random(&self, bytes: &mut [u8]);

    /// Runs `batch` as one transaction in one round trip; rows come in the order of the statements.
    async fn batch(&self, batch: Batch) -> Result<Vec<Self::Rows>, DbError>;

    /// Hashes a new password to a PHC string, with the current parameters and a fresh salt.
    async fn hash_password(&self, password: &Secret) -> Result<String, HasherUnavailable>;

    /// Compares a password with a stored PHC string.
    async fn verify_password(
        &self,
        password: &Secret,
        stored: &str,
    ) -> Result<Verdict, HasherUnavailable>;

    /// Asks another server, which may take seconds: never in the way of who could be served without.
    ///
    /// # Errors
    /// When there is no answer. One of any status is none; redirects are answers too.
    async fn fetch(&self, request: Outbound) -> Result<Inbound, FetchError>;

    /// Whether a signature is that of `message` by the owner of `key`, and by no other algorithm than
    /// the one that the key is for.
    ///
    /// # Errors
    /// When it could not be looked at.
    async fn verify_signature(
        &self,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, VerifierUnavailable>;

    /// Hands an e-mail to the platform.
    ///
    /// # Errors
    /// When it was not taken, or nothing is bound that could.
    async fn send_email(&self, email: &Email) -> Result<(), SendError>;

    /// Asks that the errands run once the response is on its way: what waits in the outbox is sent.
    /// Where one branch of a request says so, each must, or the log and the clock tell them apart.
    fn later(&self);

    /// Whether the platform's own rate limit lets `key` pass. It counts roughly and by place, so it is
    /// a first line only; where there is none, everything passes.
    async fn admits(&self, key: &str) -> bool;

    /// What this request has cost so far.
    fn usage(&self) -> Usage;

    /// Writes one line of JSON to the log.
    fn log(&self, line: &str);
}
