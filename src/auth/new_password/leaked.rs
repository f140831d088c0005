//! Passwords that have leaked somewhere, by the k-anonymity of Have I Been Pwned: asked for the
//! first 20 bits of the SHA-1 hash, it tells all hashes that begin so, and never learns which was
//! meant.

use sha1::{Digest, Sha1};

use crate::auth::log;
use crate::host::Host;
use crate::outbound::Outbound;
use crate::secret::Secret;

/// The hexadecimal digits that are told.
const TOLD_DIGITS: usize = 5;

/// How long the answer may take, in milliseconds: somebody is waiting.
const MILLISECONDS: u32 = 3000;

/// Whether the password has leaked. Where nobody can say, it has not: this is a second opinion, and
/// people must be able to sign up without it. The log says so.
pub(super) async fn has_leaked<H: Host>(host: &H, url: &str, password: &Secret) -> bool {
    let digest = digest(password.expose());
    let (told, rest) = digest.split_at_checked(TOLD_DIGITS).unwrap_or_default();
    let request = Outbound {
        milliseconds: MILLISECONDS,
        // Padded, since the length of the answer would tell the beginning of the hash.
        ..Outbound::get([url, told].concat()).with("add-padding", "true")
    };
    let answer = host.fetch(request).await.map_err(|error| error.message);
    let answer = answer.and_then(|answer| match answer.status {
        200 => String::from_utf8(answer.body).map_err(|error| error.to_string()),
        status => Err(format!("status {status}")),
    });
    match answer {
        Ok(text) => text.lines().any(|line| is_hit(line, rest)),
        Err(message) => {
            let mut line = log::line(host, "warn", "leaks");
            line.texts(&[("cause", &message)]);
            host.log(&line.finish_object());
            false
        }
    }
}

/// A line is the rest of a hash, a colon, and how often it was seen; padding was never seen.
fn is_hit(line: &str, rest: &str) -> bool {
    line.trim_end()
        .split_once(':')
        .is_some_and(|(suffix, count)| suffix.eq_ignore_ascii_case(rest) && count != "0")
}

fn digest(password: &str) -> String {
    let digest = Sha1::digest(password);
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .map(|digit| digit.to_ascii_uppercase())
        .collect()
}
