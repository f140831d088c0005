//! Second factors: authenticator apps (TOTP), and codes for the day when the app is gone.
//!
//! A factor is made (`enroll`), asked for (`challenge`) and proven (`verify`); the proof raises the
//! session that it was given in to `aal2`. Whatever else leads into an account, a mail or a
//! provider, gives `aal1` only, so nothing goes around the second factor. What depends on a
//! session's level is asked of its row and never of a token.

mod base32;
mod qr;
mod totp;
mod uri;
pub(super) mod enroll;
pub(super) mod challenge;
pub(super) mod verify;
pub(super) mod unenroll;
pub(super) mod recovery;

use crate::auth::call::Call;
use crate::error::{Code, Error};
use crate::host::Milliseconds;

/// How long a challenge is open, and how long a factor that nobody has proven is in the way.
const OPEN_MILLISECONDS: Milliseconds = 300_000;

/// What a letter about a factor tells.
const LETTER: &str = r#"{"factor_type":"totp"}"#;

/// SQL: whether the session `?3` of the user `?2` may add a factor. Whoever has one must have shown
/// it, else a stolen password would be enough to add another.
macro_rules! may_add {
    () => {
        "(not exists (
            select 1 from auth_factors as other
            where other.user_id = ?2 and other.status = 'verified'
          ) or exists (select 1 from auth_sessions where id = ?3 and aal = 'aal2'))"
    };
}
use may_add;

/// The name by which a factor's seed is sealed.
fn sealed_row(factor_id: &str) -> String {
    ["auth_factors.secret ", factor_id].concat()
}

/// Refuses a challenge or a code where codes of apps are not taken.
fn check_on(call: &Call<'_>) -> Result<(), Error> {
    if call.config.factors.may_verify {
        return Ok(());
    }
    Err(Error::new(Code::MfaTotpVerifyNotEnabled, "MFA verification is disabled for TOTP"))
}

/// No such factor, or somebody else's.
fn not_found() -> Error {
    Error::new(Code::MfaFactorNotFound, "Factor not found")
}

fn may_not_add() -> Error {
    Error::new(Code::AalTooLowToEnroll, "AAL2 required to enroll a new factor")
}
