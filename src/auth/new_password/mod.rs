//! What a new password must be, whoever chooses it for whichever account.
//!
//! It is long enough, also without what everybody knows of the account; it is none of the passwords
//! that are tried first; and, if that is switched on, none that has leaked anywhere. There are no rules
//! of composition, which make passwords worse (NIST SP 800-63B section 5.1.1.2), and nothing of a
//! password is cut off or changed: its bytes are taken as sent.

mod common;
mod leaked;
mod words;

use crate::config::Config;
use crate::error::{Code, Details, Error};
use crate::host::Host;
use crate::password::PASSWORD_BYTES_MAX;
use crate::secret::Secret;

/// Checks a new password of the account with that address. One round trip, whatever the password, if it
/// is long enough; it is to be checked before it is hashed.
///
/// # Errors
/// When it is too weak, which the client is told with the reasons; and when the database cannot be
/// reached.
pub(super) async fn check<H: Host>(
    host: &H,
    config: &Config,
    password: &Secret,
    address: Option<&str>,
) -> Result<(), Error> {
    let characters_min = config.abuse.passwords.characters_min;
    if password.expose().chars().count() < characters_min {
        let message = format!("Password should be at least {characters_min} characters.");
        return Err(weak(message, "length"));
    }
    if password.expose().len() > PASSWORD_BYTES_MAX {
        return Err(weak(
            format!("Password should be at most {PASSWORD_BYTES_MAX} bytes."),
            "length",
        ));
    }
    if words::characters_besides(password.expose(), &config.site_url, address) < characters_min {
        let message = format!(
            "Password should be at least {characters_min} characters besides your address and the name of this site."
        );
        return Err(weak(message, "length"));
    }
    let known = "Password is known to be weak and easy to guess, please choose a different one.";
    if common::is_common(host, password).await? {
        return Err(weak(known.to_owned(), "pwned"));
    }
    match &config.abuse.passwords.leaks_url {
        Some(url) if leaked::has_leaked(host, url, password).await => {
            Err(weak(known.to_owned(), "pwned"))
        }
        _ => Ok(()),
    }
}

/// The refusal, with one of the dialect's reasons: `length`, `characters` or `pwned`.
fn weak(message: String, reason: &str) -> Error {
    let reasons = format!(r#"{{"reasons":["{reason}"]}}"#);
    Error::new(Code::WeakPassword, message).details(Details::Json(reasons))
}
