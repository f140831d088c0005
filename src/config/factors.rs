//! Which second factors there are, and how many.

use std::ops::RangeInclusive;

use super::accounts::switch;
use super::{ConfigError, Setting};

/// The settings of second factors.
#[derive(Debug)]
pub struct Factors {
    /// `MFA_TOTP_ENROLL_ENABLED`: whether people may add an app.
    pub may_enroll: bool,
    /// `MFA_TOTP_VERIFY_ENABLED`: whether codes of apps are taken.
    pub may_verify: bool,
    /// `MFA_MAX_ENROLLED_FACTORS`: how many an account may have, proven or not.
    pub count_max: i64,
}

/// As in the original.
const COUNT_MAX_DEFAULT: i64 = 10;
/// More than anybody has, and few enough to be read with each account.
const COUNT_MAX: RangeInclusive<i64> = 1..=30;

/// Switches of factors that are not here. Whoever switches one on would wait for it in vain.
const ABSENT: [&str; 4] = [
    "MFA_PHONE_ENROLL_ENABLED",
    "MFA_PHONE_VERIFY_ENABLED",
    "MFA_WEB_AUTHN_ENROLL_ENABLED",
    "MFA_WEB_AUTHN_VERIFY_ENABLED",
];

impl Factors {
    /// Reads the settings that `setting` knows by name.
    ///
    /// # Errors
    /// When one does not parse, asks for what is not here, or lets people add what could never be
    /// shown.
    pub(super) fn read(setting: &Setting<'_>) -> Result<Self, ConfigError> {
        for name in ABSENT {
            if switch(setting, name, false)? {
                return Err(ConfigError(
                    [name, " is true, but there are no such factors"].concat(),
                ));
            }
        }
        let may_verify = switch(setting, "MFA_TOTP_VERIFY_ENABLED", true)?;
        let may_enroll = switch(setting, "MFA_TOTP_ENROLL_ENABLED", true)?;
        if may_enroll && !may_verify {
            return Err(ConfigError(
                "MFA_TOTP_VERIFY_ENABLED is false, so MFA_TOTP_ENROLL_ENABLED must be false, too"
                    .into(),
            ));
        }
        let count_max = match setting("MFA_MAX_ENROLLED_FACTORS") {
            None => COUNT_MAX_DEFAULT,
            Some(text) => {
                text.parse().ok().filter(|most| COUNT_MAX.contains(most)).ok_or_else(|| {
                    ConfigError("MFA_MAX_ENROLLED_FACTORS is not a number from 1 to 30".into())
                })?
            }
        };
        Ok(Self { may_enroll, may_verify, count_max })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<Factors, String> {
        let setting = |name: &str| {
            let found = settings.iter().find(|(other, _)| *other == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Factors::read(&setting).map_err(|error| error.0)
    }

    #[test]
    fn apps_are_there_unless_switched_off() {
        let factors = read(&[]).expect("defaults");
        assert!(factors.may_enroll && factors.may_verify);
        assert_eq!(factors.count_max, 10);
        let off = [("MFA_TOTP_ENROLL_ENABLED", "false"), ("MFA_MAX_ENROLLED_FACTORS", "1")];
        let factors = read(&off).expect("safe settings");
        assert!(!factors.may_enroll && factors.may_verify);
        assert_eq!(factors.count_max, 1);
    }

    #[test]
    fn what_is_not_here_or_could_never_be_shown_is_refused() {
        for name in ABSENT {
            assert!(read(&[(name, "true")]).unwrap_err().starts_with(name));
            assert!(read(&[(name, "1")]).unwrap_err().contains("neither true nor false"));
            assert!(read(&[(name, "false")]).is_ok());
        }
        let verify = ("MFA_TOTP_VERIFY_ENABLED", "false");
        assert!(read(&[verify]).unwrap_err().contains("must be false, too"));
        assert!(read(&[verify, ("MFA_TOTP_ENROLL_ENABLED", "false")]).is_ok());
        for name in ["MFA_TOTP_VERIFY_ENABLED", "MFA_TOTP_ENROLL_ENABLED"] {
            assert!(read(&[(name, "no")]).unwrap_err().starts_with(name));
        }
        for most in ["0", "31", "-1", "ten", "1.5", " 5"] {
            let refused = read(&[("MFA_MAX_ENROLLED_FACTORS", most)]).unwrap_err();
            assert!(refused.starts_with("MFA_MAX_ENROLLED_FACTORS"), "{most}");
        }
    }
}
