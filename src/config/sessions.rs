//! How long sessions live, whatever their clients do.

use super::accounts::switch;
use super::{ConfigError, Setting};
use crate::host::Milliseconds;
use crate::time;

/// `SESSIONS_TIMEBOX` where it is not set: 90 days. A session that never ends is what a thief of a
/// refresh token wants (OWASP ASVS 10.4.8), so unlike in the original there always is an end.
const TIMEBOX_DEFAULT: Milliseconds = 90 * 86_400_000;

/// Shorter than an access token may live, a limit would end sessions between two requests.
const LIMIT: std::ops::RangeInclusive<Milliseconds> = 300_000..=366 * 86_400_000;

/// The limits of sessions. They are compared with when a session began and when it was last
/// refreshed, so a change takes hold of sessions that exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// `SESSIONS_TIMEBOX`: how long a session lives at most, in milliseconds.
    pub timebox: Milliseconds,
    /// `SESSIONS_INACTIVITY_TIMEOUT`: how long it lives without being refreshed, in milliseconds.
    pub inactivity: Option<Milliseconds>,
    /// `SESSIONS_SINGLE_PER_USER`: whether a new session ends the user's others.
    pub single_per_user: bool,
}

impl SessionLimits {
    /// Reads the settings that `setting` knows by name.
    ///
    /// # Errors
    /// When one does not parse, or is out of its bounds.
    pub(super) fn read(setting: &Setting<'_>) -> Result<Self, ConfigError> {
        let limit = |name: &str| setting(name).map(|text| read_limit(name, &text)).transpose();
        Ok(Self {
            timebox: limit("SESSIONS_TIMEBOX")?.unwrap_or(TIMEBOX_DEFAULT),
            inactivity: limit("SESSIONS_INACTIVITY_TIMEOUT")?,
            single_per_user: switch(setting, "SESSIONS_SINGLE_PER_USER", false)?,
        })
    }

    /// When a session ends unless it is refreshed before.
    #[must_use]
    pub fn end(&self, created_at: Milliseconds, refreshed_at: Milliseconds) -> Milliseconds {
        let latest = created_at.saturating_add(self.timebox);
        self.inactivity.map_or(latest, |idle| latest.min(refreshed_at.saturating_add(idle)))
    }

    /// At `now` a session lives that began after the first of these and was refreshed after the
    /// second.
    #[must_use]
    pub fn living_since(&self, now: Milliseconds) -> [Milliseconds; 2] {
        let refreshed = self.inactivity.map_or(Milliseconds::MIN, |idle| now.saturating_sub(idle));
        [now.saturating_sub(self.timebox), refreshed]
    }
}

fn read_limit(name: &str, text: &str) -> Result<Milliseconds, ConfigError> {
    time::duration(text).filter(|limit| LIMIT.contains(limit)).ok_or_else(|| {
        ConfigError(format!("{name} is not a duration from 5m to 8784h, such as 24h or 30m"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(settings: &[(&str, &str)]) -> Result<SessionLimits, String> {
        SessionLimits::read(&|name| {
            settings.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        })
        .map_err(|error| error.0)
    }

    #[test]
    fn a_session_ends_in_any_case() {
        let limits = check(&[]).expect("safe settings");
        assert_eq!(limits.end(0, 80 * 86_400_000), 90 * 86_400_000);
        assert_eq!(limits.living_since(0), [-90 * 86_400_000, i64::MIN]);
        assert!(!limits.single_per_user);
        let settings = [
            ("SESSIONS_TIMEBOX", "24h"),
            ("SESSIONS_INACTIVITY_TIMEOUT", "1800"),
            ("SESSIONS_SINGLE_PER_USER", "true"),
        ];
        let limits = check(&settings).expect("safe settings");
        assert_eq!(limits.end(0, 0), 1_800_000);
        assert_eq!(limits.end(0, 86_000_000), 86_400_000);
        assert_eq!(limits.living_since(0), [-86_400_000, -1_800_000]);
        assert!(limits.single_per_user);
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        for name in ["SESSIONS_TIMEBOX", "SESSIONS_INACTIVITY_TIMEOUT"] {
            for text in ["0", "299", "-1h", "none", "forever", "1d", "8785h"] {
                let refused = check(&[(name, text)]).unwrap_err();
                assert!(refused.starts_with(name), "{text}: {refused}");
            }
        }
        for text in ["1", "yes", "True", "0"] {
            assert!(check(&[("SESSIONS_SINGLE_PER_USER", text)]).is_err(), "{text}");
        }
    }
}
