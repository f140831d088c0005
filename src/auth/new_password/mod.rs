//! What a new password must be, whoever chooses it for whichever account.
//!
//! It is long enough, also without what everybody knows of the account; it is none of the passwords
//! that are tried first; and, if that is switched on, none that has leaked anywhere. There are no
//! rules of composition, which make passwords worse (NIST SP 800-63B section 5.1.1.2), and nothing
//! of a password is cut off or changed: its bytes are taken as sent.

mod common;
mod leaked;
mod words;

use crate::auth::database::ask;
use crate::config::Config;
use crate::db::{Rows, Statement};
use crate::error::{Code, Details, Error};
use crate::host::Host;
use crate::http::json::{Writer, list, quoted};
use crate::password::PASSWORD_BYTES_MAX;
use crate::secret::Secret;

/// Checks a new password of the account with that address. One round trip, whatever the password,
/// if it is long enough; it is to be checked before it is hashed.
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
    if let Some(weakness) = Weakness::of_length(config, password, address) {
        return Err(weakness.refusal());
    }
    let rows = ask(host, vec![question(password)]).await?;
    check_asked(host, config, password, address, is_common(rows.first(), password)).await
}

/// The same without a round trip, where a batch has carried the [`question`].
///
/// # Errors
/// When it is too weak.
pub(super) async fn check_asked<H: Host>(
    host: &H,
    config: &Config,
    password: &Secret,
    address: Option<&str>,
    is_common: bool,
) -> Result<(), Error> {
    if let Some(weakness) = Weakness::of_length(config, password, address) {
        return Err(weakness.refusal());
    }
    let is_known = is_common
        || match &config.abuse.passwords.leaks_url {
            Some(url) => leaked::has_leaked(host, url, password).await,
            None => false,
        };
    if is_known { Err(Weakness::known().refusal()) } else { Ok(()) }
}

/// Asks the database what [`is_common`] and [`weakness`] want to know.
pub(super) fn question(password: &Secret) -> Statement {
    common::drawer(password)
}

/// Whether the password is on the list of common passwords.
pub(super) fn is_common(answered: Option<&impl Rows>, password: &Secret) -> bool {
    common::is_in(answered, password)
}

/// What a password that opens an account lacks of the rules as they are now: `weak_password` in the
/// answer, a JSON object. It may be older than the rules, or a hash of elsewhere. Nobody outside is
/// asked for it.
pub(super) fn weakness(
    config: &Config,
    password: &Secret,
    address: Option<&str>,
    answered: Option<&impl Rows>,
) -> Option<String> {
    let known = is_common(answered, password).then(Weakness::known);
    let weakness = Weakness::of_length(config, password, address).or(known)?;
    let mut told = Writer::object();
    told.texts(&[("message", &weakness.message)]);
    told.member("reasons", &weakness.reasons());
    Some(told.finish_object())
}

/// Why a password is too weak.
struct Weakness {
    message: String,
    /// One of the dialect's: `length` or `pwned`; `characters` is of rules that are not here.
    reason: &'static str,
}

impl Weakness {
    /// What can be said of a password without asking anybody.
    fn of_length(config: &Config, password: &Secret, address: Option<&str>) -> Option<Self> {
        let (least, text) = (config.abuse.passwords.characters_min, password.expose());
        let message = if text.chars().count() < least {
            format!("Password should be at least {least} characters.")
        } else if text.len() > PASSWORD_BYTES_MAX {
            format!("Password should be at most {PASSWORD_BYTES_MAX} bytes.")
        } else if words::characters_besides(text, &config.site_url, address) < least {
            format!(
                "Password should be at least {least} characters besides your address and the name of this site."
            )
        } else {
            return None;
        };
        Some(Self { message, reason: "length" })
    }

    /// That it is tried early, or has leaked.
    fn known() -> Self {
        let message =
            "Password is known to be weak and easy to guess, please choose a different one.";
        Self { message: message.to_owned(), reason: "pwned" }
    }

    fn reasons(&self) -> String {
        list(&[quoted(self.reason)])
    }

    fn refusal(self) -> Error {
        let details = [r#"{"reasons":"#, &self.reasons(), "}"].concat();
        Error::new(Code::WeakPassword, self.message).details(Details::Json(details))
    }
}
