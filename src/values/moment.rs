//! Dates and times, read as PostgreSQL reads ISO 8601 and its special words, and written in one form
//! of fixed width, so that comparing the texts compares the times.
//!
//! ```text
//! timestamp = "now" / "epoch" / day [ ( "T" / " " ) time ] [ zone ]     2026-11-22 10:00:00.5+01
//! day       = year "-" month "-" day / 8DIGIT / "today" / "tomorrow" / "yesterday"
//! time      = hour ":" minute [ ":" second ] [ "." 1*DIGIT ] [ "am" / "pm" ] / 6DIGIT / 4DIGIT
//! zone      = "Z" / "UTC" / "GMT" / ( "+" / "-" ) hour [ [ ":" ] minute [ ":" second ] ]
//! ```
//!
//! What PostgreSQL reads beyond that (names of months and zones, years before 1 or after 9999,
//! `infinity`) is rejected with a hint that says what to write.

use super::clock::{MICROSECONDS_A_SECOND, Time, read_time, read_zone};
use super::{Cast, LiteralError, Rejected, Scalar};
use crate::catalog::Type;
use crate::time::{Milliseconds, civil_from_days, days_from_civil};

/// Why a text is not a date or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MomentError {
    /// It does not have the form of one.
    Syntax,
    /// It has the form, but no such day or time exists.
    Range,
    /// It names a time zone.
    ZoneName,
    /// The offset from UTC is none that exists.
    Zone,
    /// It means the present, and there is no clock.
    Relative,
    /// PostgreSQL stores it, and this does not: what to write instead.
    Unsupported(&'static str),
}

/// What is said of infinity.
const INFINITY: MomentError = MomentError::Unsupported(
    "infinity is not stored; leave the value null where there is no limit",
);
/// What is said of other years.
const YEARS: MomentError = MomentError::Unsupported("years 1 to 9999 are stored");

const MICROSECONDS_A_DAY: i64 = 86_400 * MICROSECONDS_A_SECOND;

/// A day counted from 1970-01-01, and a time of that day, which is in UTC where no zone is named.
struct Moment {
    days: i64,
    time: Option<Time>,
    offset_seconds: i64,
}

/// Reads a text as a value of that type, which is one of date and time.
pub fn parse(kind: Type, text: &str, now: Option<Milliseconds>) -> Result<Scalar, LiteralError> {
    let lower = text.to_ascii_lowercase();
    let read = match kind {
        Type::TimestampTz => timestamp_tz(&lower, now),
        Type::Timestamp => timestamp(&lower, now),
        Type::Date => date(&lower, now),
        _ => time(&lower, now),
    };
    let rejected = || Rejected::new(kind, text);
    read.map(|text| Scalar { text, cast: Cast::Text }).map_err(|fault| match fault {
        MomentError::Syntax => LiteralError::DateSyntax(rejected()),
        MomentError::ZoneName => LiteralError::ZoneName(rejected()),
        MomentError::Range => LiteralError::DateOutOfRange(rejected()),
        MomentError::Zone => LiteralError::ZoneOutOfRange(rejected()),
        MomentError::Relative => LiteralError::Relative(rejected()),
        MomentError::Unsupported(hint) => LiteralError::Unsupported(rejected(), hint),
    })
}

/// Written as `YYYY-MM-DDTHH:MM:SS.ffffff+00:00`.
fn timestamp_tz(text: &str, now: Option<Milliseconds>) -> Result<String, MomentError> {
    let moment = read_moment(text, now)?;
    let offset = moment.offset_seconds.saturating_mul(MICROSECONDS_A_SECOND);
    let of_day = moment.time.map_or(0, |time| time.0).saturating_sub(offset);
    write(moment.days, of_day).map(|text| text + "+00:00")
}

/// A zone is ignored, as by PostgreSQL. Written as `YYYY-MM-DDTHH:MM:SS.ffffff`.
fn timestamp(text: &str, now: Option<Milliseconds>) -> Result<String, MomentError> {
    let moment = read_moment(text, now)?;
    write(moment.days, moment.time.map_or(0, |time| time.0))
}

/// A time behind it is ignored, as by PostgreSQL. Written as `YYYY-MM-DD`.
fn date(text: &str, now: Option<Milliseconds>) -> Result<String, MomentError> {
    read_moment(text, now).and_then(|moment| write_date(moment.days))
}

/// A day before it and a zone behind it are ignored, as by PostgreSQL. Written as `HH:MM:SS.ffffff`.
fn time(text: &str, now: Option<Milliseconds>) -> Result<String, MomentError> {
    if text == "allballs" {
        return Ok(Time(0).written());
    }
    let mut rest = text;
    if let Ok(time) = read_time(&mut rest)
        && read_zone(&mut rest).is_ok()
        && rest.trim().is_empty()
    {
        return Ok(time.written());
    }
    let behind_digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    if behind_digits.starts_with(':') {
        // It is a time alone, so what is wrong with it is what a time has wrong.
        let mut rest = text;
        read_time(&mut rest)?;
        read_zone(&mut rest)?;
        return Err(MomentError::Syntax);
    }
    // A time alone is read from a timestamp, but from none that is written with a `T`.
    let is_iso = |part: &[u8]| matches!(part, [before, b'T' | b't', after] if before.is_ascii_digit() && after.is_ascii_digit());
    if text.as_bytes().windows(3).any(is_iso) {
        return Err(MomentError::Syntax);
    }
    read_moment(text, now)?.time.map(Time::written).ok_or(MomentError::Syntax)
}

fn write(days: i64, of_day: i64) -> Result<String, MomentError> {
    let days = days.saturating_add(of_day.div_euclid(MICROSECONDS_A_DAY));
    let time = Time(of_day.rem_euclid(MICROSECONDS_A_DAY));
    Ok(format!("{}T{}", write_date(days)?, time.written()))
}

fn write_date(days: i64) -> Result<String, MomentError> {
    let (year, month, day) = civil_from_days(days);
    if !(1..=9999).contains(&year) {
        return Err(YEARS);
    }
    Ok(format!("{year:04}-{month:02}-{day:02}"))
}

/// Reads a text in lower case.
fn read_moment(text: &str, now: Option<Milliseconds>) -> Result<Moment, MomentError> {
    let (mut rest, mut time) = (text, None);
    let days = match text.strip_suffix("()").unwrap_or(text) {
        "now" => {
            let now = now.ok_or(MomentError::Relative)?;
            let of_day = now.rem_euclid(86_400_000).saturating_mul(1000);
            let days = now.div_euclid(86_400_000);
            return Ok(Moment { days, time: Some(Time(of_day)), offset_seconds: 0 });
        }
        "epoch" => return Ok(Moment { days: 0, time: Some(Time(0)), offset_seconds: 0 }),
        "infinity" | "-infinity" | "+infinity" => return Err(INFINITY),
        _ => match read_relative_day(&mut rest, now)? {
            Some(days) => days,
            None => read_date(&mut rest)?,
        },
    };
    let behind = rest.strip_prefix('t').unwrap_or_else(|| rest.trim_start());
    if behind.len() < rest.len() && behind.starts_with(|c: char| c.is_ascii_digit()) {
        rest = behind;
        time = Some(read_time(&mut rest)?);
    }
    let offset_seconds = read_zone(&mut rest)?;
    match rest.trim() {
        "" => Ok(Moment { days, time, offset_seconds }),
        "bc" => Err(YEARS),
        "ad" => Ok(Moment { days, time, offset_seconds }),
        _ => Err(MomentError::Syntax),
    }
}

fn read_relative_day(
    rest: &mut &str,
    now: Option<Milliseconds>,
) -> Result<Option<i64>, MomentError> {
    for (word, from_today) in [("today", 0), ("tomorrow", 1), ("yesterday", -1)] {
        if let Some(behind) = rest.strip_prefix(word) {
            let today = now.ok_or(MomentError::Relative)?.div_euclid(86_400_000);
            *rest = behind;
            return Ok(Some(today.saturating_add(from_today)));
        }
    }
    Ok(None)
}

fn read_date(rest: &mut &str) -> Result<i64, MomentError> {
    let first = digits(rest);
    if first.len() == 8
        && let (Some(year), Some(month), Some(day)) =
            (first.get(..4), first.get(4..6), first.get(6..))
    {
        return days_of(year, month, day);
    }
    let separator = rest.chars().next().filter(|c| matches!(c, '-' | '/'));
    let (Some(separator), true) = (separator, first.len() >= 3) else {
        return Err(MomentError::Syntax);
    };
    eat(rest, separator);
    let month = digits(rest);
    let is_separated = eat(rest, separator);
    let day = digits(rest);
    // Three digits would be the day of the year, behind which nothing stands.
    if !is_separated || month.is_empty() || month.len() > 2 || day.is_empty() {
        return Err(MomentError::Syntax);
    }
    days_of(first, month, day)
}

fn days_of(year: &str, month: &str, day: &str) -> Result<i64, MomentError> {
    let number = |text: &str| text.parse::<i64>().map_err(|_| MomentError::Range);
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    if year == 0 || !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
        return Err(MomentError::Range);
    }
    if year > 9999 {
        return Err(YEARS);
    }
    Ok(days_from_civil(year, month, day))
}

/// Goes past the digits that are next, and answers them.
pub(super) fn digits<'a>(rest: &mut &'a str) -> &'a str {
    let behind = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let (taken, behind) =
        rest.split_at_checked(rest.len().saturating_sub(behind.len())).unwrap_or((rest, ""));
    *rest = behind;
    taken
}

/// Goes past that character if it is next.
pub(super) fn eat(rest: &mut &str, character: char) -> bool {
    let behind = rest.strip_prefix(character);
    *rest = behind.unwrap_or(rest);
    behind.is_some()
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    let is_leap =
        year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
#[path = "moment_tests.rs"]
mod tests;
