//! How often passwords, codes by mail and codes of factors may be tried.
//!
//! | for | free | then |
//! |---|---|---|
//! | the password of one account from one network | 5 | 2, 4, 8 .. seconds, up to 15 minutes, each |
//! | the password of one account from all networks | 100 | one a minute |
//! | the passwords of all accounts from one network | 100 | ten a minute |
//! | codes for one address from one network | 100 | one an hour |
//! | codes for one address from all networks | 100 | one an hour |
//! | codes of one factor from one network | 5 | 1, 2, 4 .. seconds, up to 5 minutes, each |
//! | codes of one factor from all networks | 20 | one in 5 minutes |
//!
//! What is counted together with other networks is not for one that is known: from which the account was
//! entered by its password or by mail in the last 30 days, or for a factor, by its code. Whatever others do
//! elsewhere, the owner at home has tries of their own.
//!
//! An account is the address that was typed, whether or not it is anybody's. A factor's codes are tried by
//! whoever is in already, so nobody else's tries count for it.

use super::counter::{Counter, Limit, Refusal};
use crate::auth::call::Call;
use crate::db::Statement;
use crate::host::Milliseconds;
use crate::http::network::Client;

const fn tries(name: &'static str, waits: &'static str, slack: Milliseconds) -> Limit {
    Limit { name, waits, slack, refusal: Refusal::Tries }
}

const PASSWORD_HERE: Limit =
    tries("password", "[0,0,0,0,2000,4000,8000,16000,32000,64000,128000,256000,512000,900000]", 0);
const PASSWORD: Limit = tries("password account", "[60000]", 99 * 60_000);
const NETWORK: Limit = tries("password network", "[6000]", 99 * 6000);

/// Each code has five attempts of its own; this is for whoever has ever new ones sent, and would need years
/// for one chance in two.
const CODES_HERE: Limit = tries("codes here", "[3600000]", 99 * 3_600_000);
const CODES: Limit = tries("codes", "[3600000]", 99 * 3_600_000);

const FACTOR_HERE: Limit =
    tries("factor here", "[0,0,0,0,1000,2000,4000,8000,16000,32000,64000,128000,256000,300000]", 0);
/// Whoever tries from one network, however long, leaves some of it to others.
const FACTOR: Limit = tries("factor", "[300000]", 19 * 300_000);

/// What one try counts for.
pub(in crate::auth) struct Tries {
    here: Counter,
    elsewhere: Vec<Counter>,
    known: Counter,
}

impl Tries {
    /// The counters of a password for an address as it is looked up.
    pub(in crate::auth) fn of_password(call: &Call<'_>, address: &str) -> Self {
        let mut elsewhere = vec![Counter::new(call.config, PASSWORD, &[address])];
        let network = Client::counted(&call.request.headers);
        // Where the platform does not say which network it is, there is none to be counted.
        elsewhere.extend(network.map(|network| Counter::new(call.config, NETWORK, &[&network])));
        Self { here: known_network(call, address), elsewhere, known: known_network(call, address) }
    }

    /// The counters of a code that was sent to an address, whichever and whether or not one was.
    pub(in crate::auth) fn of_code(call: &Call<'_>, address: &str) -> Self {
        Self {
            here: here(call, CODES_HERE, &[address]),
            elsewhere: vec![Counter::new(call.config, CODES, &[address])],
            known: known_network(call, address),
        }
    }

    /// The counters of a code of somebody's factor.
    pub(in crate::auth) fn of_factor(call: &Call<'_>, user_id: &str, factor_id: &str) -> Self {
        let whose = [user_id, factor_id];
        Self {
            here: here(call, FACTOR_HERE, &whose),
            elsewhere: vec![Counter::new(call.config, FACTOR, &whose)],
            known: here(call, FACTOR_HERE, &whose),
        }
    }

    /// What stands in the batch in front of the comparison: the try is counted, or refused while there is
    /// to wait.
    pub(in crate::auth) fn begin(&self, now: Milliseconds) -> Vec<Statement> {
        let Self { here, elsewhere, known } = self;
        let mut statements = vec![here.count(now, None)];
        statements.extend(elsewhere.iter().map(|counter| counter.count(now, Some(known))));
        statements
    }

    /// What stands in the batch behind the beginning of the session that the right one opens, or behind its
    /// raise.
    pub(in crate::auth) fn succeed(&self, now: Milliseconds, session_id: &str) -> Vec<Statement> {
        let Self { elsewhere, known, .. } = self;
        let mut statements: Vec<Statement> =
            elsewhere.iter().map(|counter| counter.take_back(now, known, session_id)).collect();
        statements.push(known.prove(now, session_id));
        statements
    }
}

/// What remembers that an account was entered from this network.
pub(in crate::auth) fn known_network(call: &Call<'_>, address: &str) -> Counter {
    here(call, PASSWORD_HERE, &[address])
}

/// A counter for the network that the request came from.
fn here(call: &Call<'_>, limit: Limit, of: &[&str]) -> Counter {
    let network = Client::counted(&call.request.headers).unwrap_or_default();
    Counter::new(call.config, limit, &[of, &[&network]].concat())
}
