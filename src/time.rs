//! Times as the wire shows them: RFC 3339 in UTC, from milliseconds since 1970.

#![cfg_attr(
    not(test),
    expect(clippy::arithmetic_side_effects, reason = "a clock stays within some thousand years")
)]

/// Milliseconds since 1970-01-01 UTC, or between two times.
pub type Milliseconds = i64;

const MILLISECONDS_A_DAY: i64 = 86_400_000;

/// Writes a time as `2026-08-20T10:11:12.345Z`.
///
/// Years outside 0 to 9999, which no clock of ours shows, are written with as many digits as they
/// need.
#[must_use]
pub fn rfc3339(time: Milliseconds) -> String {
    let (year, month, day) = civil_from_days(time.div_euclid(MILLISECONDS_A_DAY));
    let of_day = time.rem_euclid(MILLISECONDS_A_DAY);
    let (hour, minute) = (of_day / 3_600_000, of_day / 60_000 % 60);
    let (second, millisecond) = (of_day / 1000 % 60, of_day % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
}

/// Whole seconds since 1970, as tokens count them.
#[must_use]
pub const fn seconds(time: Milliseconds) -> i64 {
    time.div_euclid(1000)
}

/// The longest duration that is read: a hundred years, more than anybody waits.
const DURATION_SECONDS_MAX: i64 = 100 * 366 * 86_400;

/// Reads how long something takes, as Go writes it: `24h`, `1h30m`, `90s`, or a number of seconds.
/// Units come in that order and each once; no fraction, sign or space is read.
#[must_use]
pub fn duration(text: &str) -> Option<Milliseconds> {
    if let Some(seconds) = digits(text) {
        return Some(seconds * 1000);
    }
    let mut rest = text;
    let mut total = 0;
    for (unit, seconds) in [('h', 3600), ('m', 60), ('s', 1)] {
        if let Some((number, behind)) = rest.split_once(unit) {
            total += digits(number)? * seconds;
            rest = behind;
        }
    }
    let read = rest.is_empty() && !text.is_empty() && total <= DURATION_SECONDS_MAX;
    read.then_some(total * 1000)
}

fn digits(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten().filter(|number| *number <= DURATION_SECONDS_MAX)
}

/// The year, month and day of a number of days since 1970-01-01, in the Gregorian calendar.
///
/// Howard Hinnant's `civil_from_days`: eras of 400 years, and years that begin in March so that a
/// leap day is a year's last.
#[must_use]
pub const fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let shifted = days.saturating_add(719_468);
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// The number of days since 1970-01-01 of a date in the Gregorian calendar, for years 1 to 9999.
#[must_use]
pub const fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // Counting years from March puts the leap day last, so a month's start is a linear formula.
    let shifted_year = if month <= 2 { year - 1 } else { year };
    let shifted_month = (month + 9) % 12;
    let era = shifted_year.div_euclid(400);
    let year_of_era = shifted_year.rem_euclid(400);
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_times() {
        let cases = [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (4_107_542_399_999, "2100-02-28T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (1_787_220_672_345, "2026-08-20T10:11:12.345Z"),
        ];
        for (time, expected) in cases {
            assert_eq!(rfc3339(time), expected);
        }
    }

    #[test]
    fn reads_durations_and_nothing_else() {
        for (text, seconds) in [
            ("0", 0),
            ("90", 90),
            ("90s", 90),
            ("30m", 1800),
            ("24h", 86_400),
            ("1h30m", 5400),
            ("1h0m5s", 3605),
            ("876600h", 3_155_760_000),
        ] {
            assert_eq!(duration(text), Some(seconds * 1000), "{text}");
        }
        for text in [
            "",
            "h",
            "-1",
            "-1h",
            "+1h",
            "1.5h",
            "1d",
            "1h1h",
            "1m1h",
            "1 h",
            " 1h",
            "1h ",
            "1H",
            "none",
            "5ms",
            "878401h",
            "9223372036854775807",
            "9223372036854775808h",
            "٣h",
            "1h30",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
    }

    #[test]
    fn days_are_counted_both_ways() {
        for days in -719_162..2_932_896 {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
        assert_eq!(civil_from_days(0), (1970, 1, 1));
    }

    #[test]
    fn no_time_is_too_far() {
        for time in [i64::MIN, i64::MAX] {
            assert!(rfc3339(time).ends_with('Z'));
        }
    }

    #[test]
    fn every_day_follows_the_day_before() {
        let mut before = civil_from_days(-800_000);
        for day in -799_999..800_000 {
            let (year, month, date) = civil_from_days(day);
            let next = match before {
                (year, month, date) if date < days_in(year, month) => (year, month, date + 1),
                (year, 12, _) => (year + 1, 1, 1),
                (year, month, _) => (year, month + 1, 1),
            };
            assert_eq!((year, month, date), next);
            before = next;
        }
    }

    fn days_in(year: i64, month: i64) -> i64 {
        match month {
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}
