//! What a request may ask of the world, on Workers.

use std::cell::Cell;

use super::d1::{self, JsRows};
use super::environment::Setup;
use super::{glue, hasher, outbound, task};
use crate::db::{Batch, DbError, Usage};
use crate::host::{HasherUnavailable, Host, Milliseconds};
use crate::outbound::{Email, FetchError, Inbound, Outbound, SendError};
use crate::password::Verdict;
use crate::secret::Secret;
use crate::signature::{PublicKey, VerifierUnavailable};

/// The host of one request.
pub struct Workers<'a> {
    setup: &'a Setup,
    usage: Cell<Usage>,
    has_errands: Cell<bool>,
}

impl<'a> Workers<'a> {
    /// Begins to count what a request costs.
    pub fn new(setup: &'a Setup) -> Self {
        Self { setup, usage: Cell::default(), has_errands: Cell::default() }
    }

    /// Whether something is to be done after the response.
    pub fn has_errands(&self) -> bool {
        self.has_errands.get()
    }
}

impl Host for Workers<'_> {
    type Rows = JsRows;

    #[expect(clippy::cast_possible_truncation, reason = "a date is a whole number far below 2^53")]
    fn now(&self) -> Milliseconds {
        js_sys::Date::now() as Milliseconds
    }

    fn random(&self, bytes: &mut [u8]) {
        hasher::random(bytes);
    }

    async fn batch(&self, batch: Batch) -> Result<Vec<JsRows>, DbError> {
        let mut usage = self.usage.get();
        usage.round_trips = usage.round_trips.saturating_add(1);
        let statements = u32::try_from(batch.len()).unwrap_or(u32::MAX);
        usage.statements = usage.statements.saturating_add(statements);
        self.usage.set(usage);
        let Some(database) = &self.setup.database else {
            return Err(DbError::Unavailable { message: "there is no database".to_owned() });
        };
        let answer = d1::send(database, &batch).await?;
        usage.rows_read = usage.rows_read.saturating_add(answer.rows_read);
        usage.rows_written = usage.rows_written.saturating_add(answer.rows_written);
        self.usage.set(usage);
        Ok(answer.rows)
    }

    async fn hash_password(&self, password: &Secret) -> Result<String, HasherUnavailable> {
        self.setup.hashers.hash(password).await
    }

    async fn verify_password(
        &self,
        password: &Secret,
        stored: &str,
    ) -> Result<Verdict, HasherUnavailable> {
        self.setup.hashers.verify(password, stored).await
    }

    async fn fetch(&self, request: Outbound) -> Result<Inbound, FetchError> {
        outbound::fetch(request).await
    }

    async fn verify_signature(
        &self,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, VerifierUnavailable> {
        let algorithm = key.algorithm.name();
        let verified = glue::verify(algorithm, &key.written(), message, signature);
        let verified = task::wait(verified).await;
        let failed = |message| VerifierUnavailable { message };
        let verified = verified.map_err(|error| failed(glue::thrown(&error)))?;
        verified.as_bool().ok_or_else(|| failed("the platform gave no verdict".to_owned()))
    }

    async fn send_email(&self, email: &Email) -> Result<(), SendError> {
        outbound::send_email(self.setup.mailer.as_ref(), email).await
    }

    fn later(&self) {
        self.has_errands.set(true);
    }

    async fn admits(&self, key: &str) -> bool {
        let Some(limiter) = &self.setup.rate_limiter else { return true };
        // A limit that cannot be asked is none: the exact ones are in the database.
        let answer = task::wait(glue::admits(limiter, key)).await;
        answer.ok().and_then(|answer| answer.as_bool()).unwrap_or(true)
    }

    fn usage(&self) -> Usage {
        self.usage.get()
    }

    fn log(&self, line: &str) {
        worker::console_log!("{line}");
    }
}
