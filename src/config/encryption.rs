//! Secrets that encrypt what is stored: seeds of second factors, and the tokens of providers.

use super::{ConfigError, Setting, checked_secret};
use crate::secret::Secret;

/// The secrets of their own that encryption may have. Without any, the signing secrets encrypt.
#[derive(Debug)]
pub struct Encryption {
    /// `ENCRYPTION_SECRET`: encrypts and decrypts.
    pub secret: Option<Secret>,
    /// `ENCRYPTION_SECRET_PREVIOUS`: decrypts only, until everything has been used once.
    pub previous: Option<Secret>,
}

impl Encryption {
    /// Reads the settings that `setting` knows by name.
    ///
    /// # Errors
    /// When a secret is short or well known, or the previous one stands alone.
    pub(super) fn read(setting: &Setting<'_>) -> Result<Self, ConfigError> {
        let secret =
            |name: &'static str| setting(name).map(|text| checked_secret(name, text)).transpose();
        let read = Self {
            secret: secret("ENCRYPTION_SECRET")?,
            previous: secret("ENCRYPTION_SECRET_PREVIOUS")?,
        };
        if read.previous.is_some() && read.secret.is_none() {
            // Else what the previous one encrypted would be encrypted again by the signing secret,
            // which nobody has asked for.
            return Err(ConfigError("ENCRYPTION_SECRET_PREVIOUS needs ENCRYPTION_SECRET".into()));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "one secret of the tests, 32 bytes";
    const TWO: &str = "two secret of the tests, 32 bytes";

    fn check(current: &str, previous: &str) -> Result<(bool, bool), String> {
        let setting = |name: &str| {
            let text = if name == "ENCRYPTION_SECRET" { current } else { previous };
            Some(text.to_owned()).filter(|text| !text.is_empty())
        };
        let read = Encryption::read(&setting).map_err(|error| error.0)?;
        Ok((read.secret.is_some(), read.previous.is_some()))
    }

    #[test]
    fn each_secret_is_a_long_one_or_none() {
        assert_eq!(check("", ""), Ok((false, false)));
        assert_eq!(check(ONE, ""), Ok((true, false)));
        assert_eq!(check(ONE, TWO), Ok((true, true)));
        let refused = |current, previous| check(current, previous).unwrap_err();
        assert_eq!(refused("short", ""), "ENCRYPTION_SECRET is shorter than 32 bytes");
        assert_eq!(refused(ONE, "short"), "ENCRYPTION_SECRET_PREVIOUS is shorter than 32 bytes");
        assert_eq!(refused("", TWO), "ENCRYPTION_SECRET_PREVIOUS needs ENCRYPTION_SECRET");
    }
}
