//! How often passwords may be tried.
//!
//! | for | free | then |
//! |---|---|---|
//! | one account from one network | 5 | 2, 4, 8 .. seconds, up to 15 minutes, each |
//! | one account from all networks | 100 | one a minute |
//! | all accounts from one network | 100 | ten a minute |
//!
//! The last two are not for a network from which the account's password was right in the last 30 days:
//! whatever others do elsewhere, the owner at home has tries of their own. Whoever has forgotten
//! the password is not held up by them either, since a mail leads in as well.
//!
//! An account is the address that was typed, whether or not it is anybody's.

use super::counter::{Counter, Limit, Refusal};
use crate::auth::call::Call;
use crate::db::Statement;
use crate::host::Milliseconds;
use crate::http::network::Client;

const HERE: Limit = Limit {
    name: "password",
    waits: "[0,0,0,0,2000,4000,8000,16000,32000,64000,128000,256000,512000,900000]",
    slack: 0,
    refusal: Refusal::Tries,
};

const ACCOUNT: Limit = Limit {
    name: "password account",
    waits: "[60000]",
    slack: 99 * 60_000,
    refusal: Refusal::Tries,
};

const NETWORK: Limit =
    Limit { name: "password network", waits: "[6000]", slack: 99 * 6000, refusal: Refusal::Tries };

/// What one try of a password counts for.
pub(in crate::auth) struct PasswordTries {
    here: Counter,
    elsewhere: Vec<Counter>,
}

impl PasswordTries {
    /// The counters of an address as it is looked up, and of the network that the request came from.
    /// Where the platform does not say which that is, there is none to be counted.
    pub(in crate::auth) fn new(call: &Call<'_>, address: &str) -> Self {
        let network = Client::counted(&call.request.headers);
        let network = network.as_deref();
        let counter = |limit, of: &[&str]| Counter::new(call.config, limit, of);
        let mut elsewhere = vec![counter(ACCOUNT, &[address])];
        elsewhere.extend(network.map(|network| counter(NETWORK, &[network])));
        Self { here: counter(HERE, &[address, network.unwrap_or_default()]), elsewhere }
    }

    /// What stands in the batch in front of the comparison: the try is counted, or refused while there is
    /// to wait.
    pub(in crate::auth) fn begin(&self, now: Milliseconds) -> Vec<Statement> {
        let Self { here, elsewhere } = self;
        let mut statements = vec![here.count(now, None)];
        statements.extend(elsewhere.iter().map(|counter| counter.count(now, Some(here))));
        statements
    }

    /// What stands in the batch behind the beginning of the session that the right password opens.
    pub(in crate::auth) fn succeed(&self, now: Milliseconds, session_id: &str) -> Vec<Statement> {
        let Self { here, elsewhere } = self;
        let mut statements: Vec<Statement> =
            elsewhere.iter().map(|counter| counter.take_back(now, here, session_id)).collect();
        statements.push(here.prove(now, session_id));
        statements
    }
}
