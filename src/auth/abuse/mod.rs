//! What keeps strangers from trying for ever, in others' names or in many.
//!
//! The exact counters are here, in the database. In front of them stands the platform's own rate
//! limit.

mod counter;
mod password_tries;

pub(super) use counter::{Counter, MAIL, refusal};
pub(super) use password_tries::PasswordTries;
