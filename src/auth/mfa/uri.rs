//! The address that an authenticator app reads: Google Authenticator's key URI format.

use crate::http::encoding::encode;

/// `otpauth://totp/{issuer}:{account}?..`, every part percent-encoded, so that no colon or question
/// mark in a name is read as one of the address.
pub(super) fn uri(issuer: &str, account: &str, secret: &str) -> String {
    let (issuer, account) = (encode(issuer), encode(account));
    [
        "otpauth://totp/",
        &issuer,
        ":",
        &account,
        "?algorithm=SHA1&digits=6&issuer=",
        &issuer,
        "&period=30&secret=",
        secret,
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_encoded() {
        assert_eq!(
            uri("A: b?&c", "ann+1@example.com", "MZXW6YTB"),
            "otpauth://totp/A%3A%20b%3F%26c:ann%2B1%40example.com?algorithm=SHA1&digits=6\
             &issuer=A%3A%20b%3F%26c&period=30&secret=MZXW6YTB"
        );
    }
}
