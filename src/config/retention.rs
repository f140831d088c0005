//! How long what nobody needs any more is kept.

use super::{ConfigError, Setting};
use crate::host::Milliseconds;

const DAY: Milliseconds = 86_400_000;

/// The settings of what is cleaned up.
#[derive(Debug)]
pub struct Retention {
    /// `AUDIT_DAYS`: how long the audit log goes back, in milliseconds.
    pub audit: Milliseconds,
    /// `ANONYMOUS_USERS_DAYS`: after how long an anonymous user who has not come back is deleted,
    /// in milliseconds; none is where it is 0.
    pub anonymous_users: Option<Milliseconds>,
}

impl Retention {
    /// Reads the settings that `setting` knows by name.
    ///
    /// # Errors
    /// When one is not a number of days.
    pub(super) fn read(setting: &Setting<'_>) -> Result<Self, ConfigError> {
        let audit = days(setting, "AUDIT_DAYS", 90, 1)?;
        let anonymous_users = days(setting, "ANONYMOUS_USERS_DAYS", 30, 0)?;
        Ok(Self { audit, anonymous_users: (anonymous_users > 0).then_some(anonymous_users) })
    }
}

const DAYS_MAX: u16 = 3650;

fn days(
    setting: &Setting<'_>,
    name: &str,
    default: u16,
    least: u16,
) -> Result<Milliseconds, ConfigError> {
    let days = setting(name).map_or(Some(default), |text| text.parse().ok());
    let days = days.filter(|days| (least..=DAYS_MAX).contains(days)).ok_or_else(|| {
        ConfigError(format!("{name} is not a number of days from {least} to {DAYS_MAX}"))
    })?;
    Ok(Milliseconds::from(days).saturating_mul(DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, value: &str) -> Result<Retention, String> {
        let setting = |asked: &str| (asked == name).then(|| value.to_owned());
        Retention::read(&setting).map_err(|error| error.0)
    }

    #[test]
    fn days_are_counted() {
        let kept = read("", "").expect("defaults");
        assert_eq!((kept.audit, kept.anonymous_users), (90 * DAY, Some(30 * DAY)));
        let kept = read("ANONYMOUS_USERS_DAYS", "0").expect("never");
        assert_eq!(kept.anonymous_users, None);
        for (name, value) in [
            ("AUDIT_DAYS", "0"),
            ("AUDIT_DAYS", "-1"),
            ("AUDIT_DAYS", "3651"),
            ("AUDIT_DAYS", "90d"),
            ("ANONYMOUS_USERS_DAYS", "x"),
            ("ANONYMOUS_USERS_DAYS", "70000"),
        ] {
            let reason = read(name, value).expect_err(value);
            assert!(reason.starts_with(&format!("{name} is not a number of days")), "{reason}");
        }
    }
}
