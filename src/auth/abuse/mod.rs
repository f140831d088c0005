//! What keeps strangers from trying for ever, in others' names or in many.
//!
//! First everybody passes the [`door`]: the platform's own rate limit, which counts roughly and costs
//! nothing, and a captcha where one is set up. Whoever then tries a password or a code, or has mail sent, is
//! counted exactly in the database ([`Counter`]).

mod counter;
mod door;
mod tries;
mod turnstile;

pub(super) use counter::{ACCOUNTS, CURRENT_PASSWORD, Counter, MAIL, MAIL_NETWORK, refusal};
pub(super) use door::enter;
pub(super) use tries::{Tries, known_network};
