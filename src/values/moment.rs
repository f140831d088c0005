//! Dates and times, read as Postgres reads ISO 8601 and written in one form of fixed width, so that
//! comparing the texts compares the times.
//!
//! ```text
//! timestamp = date [ ( "T" / " " ) time [ zone ] ]       2026-11-22 10:00:00.5+01
//! date      = 4DIGIT "-" 2DIGIT "-" 2DIGIT
//! time      = 2DIGIT ":" 2DIGIT [ ":" 2DIGIT [ "." 1*6DIGIT ] ]
//! zone      = "Z" / ( "+" / "-" ) 2DIGIT [ [ ":" ] 2DIGIT ]
//! ```

#![cfg_attr(
    not(test),
    expect(
        clippy::arithmetic_side_effects,
        reason = "parts of dates are checked before they are reckoned with"
    )
)]

use super::{Cast, LiteralError, Rejected, Scalar};
use crate::catalog::Type;
use crate::time::{civil_from_days, days_from_civil};

/// Why a text is not a date or time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MomentError {
    /// It does not have the form of one.
    Syntax,
    /// It has the form, but no such day or time exists.
    Range,
}

impl MomentError {
    /// The error with the text that it is about.
    pub fn of(self, kind: Type, text: &str) -> LiteralError {
        let rejected = Rejected::new(kind, text);
        match self {
            Self::Syntax => LiteralError::DateSyntax(rejected),
            Self::Range => LiteralError::DateOutOfRange(rejected),
        }
    }
}

/// A time of day in microseconds, and days since 1970-01-01.
struct Moment {
    days: i64,
    microseconds: i64,
}

const MICROSECONDS_A_SECOND: i64 = 1_000_000;
const MICROSECONDS_A_DAY: i64 = 86_400 * MICROSECONDS_A_SECOND;

/// Reads a point in time; without a zone it is in UTC. Written as `YYYY-MM-DDTHH:MM:SS.ffffff+00:00`.
pub fn timestamp_tz(text: &str) -> Result<Scalar, MomentError> {
    let (moment, offset_minutes) = read_timestamp(text)?;
    let shifted = moment
        .microseconds
        .saturating_sub(offset_minutes.saturating_mul(60 * MICROSECONDS_A_SECOND));
    let days = moment.days.saturating_add(shifted.div_euclid(MICROSECONDS_A_DAY));
    let day = write_date(days)?;
    let time = write_time(shifted.rem_euclid(MICROSECONDS_A_DAY));
    Ok(stored(format!("{day}T{time}+00:00")))
}

/// Reads a date and time; a zone is ignored, as Postgres does. Written as
/// `YYYY-MM-DDTHH:MM:SS.ffffff`.
pub fn timestamp(text: &str) -> Result<Scalar, MomentError> {
    let (moment, _) = read_timestamp(text)?;
    Ok(stored(format!("{}T{}", write_date(moment.days)?, write_time(moment.microseconds))))
}

/// Reads a date; a time behind it is ignored, as Postgres does. Written as `YYYY-MM-DD`.
pub fn date(text: &str) -> Result<Scalar, MomentError> {
    read_timestamp(text).and_then(|(moment, _)| write_date(moment.days)).map(stored)
}

/// Reads a time of day. Written as `HH:MM:SS.ffffff`.
pub fn time(text: &str) -> Result<Scalar, MomentError> {
    let mut rest = text;
    let microseconds = read_time(&mut rest)?;
    finish(rest)?;
    Ok(stored(write_time(microseconds)))
}

const fn stored(text: String) -> Scalar {
    Scalar { text, cast: Cast::Text }
}

fn read_timestamp(text: &str) -> Result<(Moment, i64), MomentError> {
    let mut rest = text;
    let days = read_date(&mut rest)?;
    let mut microseconds = 0;
    let mut offset_minutes = 0;
    if eat(&mut rest, "T") || eat(&mut rest, "t") || eat(&mut rest, " ") {
        microseconds = read_time(&mut rest)?;
        offset_minutes = read_zone(&mut rest)?;
    }
    finish(rest)?;
    Ok((Moment { days, microseconds }, offset_minutes))
}

fn finish(rest: &str) -> Result<(), MomentError> {
    if rest.is_empty() { Ok(()) } else { Err(MomentError::Syntax) }
}

fn eat(rest: &mut &str, token: &str) -> bool {
    match rest.strip_prefix(token) {
        Some(after) => {
            *rest = after;
            true
        }
        None => false,
    }
}

fn digits(rest: &mut &str, count: usize) -> Result<i64, MomentError> {
    let (taken, after) = rest.split_at_checked(count).ok_or(MomentError::Syntax)?;
    if !taken.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(MomentError::Syntax);
    }
    *rest = after;
    taken.parse().map_err(|_| MomentError::Syntax)
}

fn expect(rest: &mut &str, token: &str) -> Result<(), MomentError> {
    if eat(rest, token) { Ok(()) } else { Err(MomentError::Syntax) }
}

fn read_date(rest: &mut &str) -> Result<i64, MomentError> {
    let year = digits(rest, 4)?;
    expect(rest, "-")?;
    let month = digits(rest, 2)?;
    expect(rest, "-")?;
    let day = digits(rest, 2)?;
    if year == 0 || !(1..=12).contains(&month) || !(1..=days_in_month(year, month)).contains(&day) {
        return Err(MomentError::Range);
    }
    Ok(days_from_civil(year, month, day))
}

fn read_time(rest: &mut &str) -> Result<i64, MomentError> {
    let hour = digits(rest, 2)?;
    expect(rest, ":")?;
    let minute = digits(rest, 2)?;
    let mut second = 0;
    let mut fraction = 0;
    if eat(rest, ":") {
        second = digits(rest, 2)?;
        if eat(rest, ".") {
            fraction = read_fraction(rest)?;
        }
    }
    if hour > 23 || minute > 59 || second > 59 {
        return Err(MomentError::Range);
    }
    let seconds = hour * 3600 + minute * 60 + second;
    Ok(seconds * MICROSECONDS_A_SECOND + fraction)
}

/// Reads digits behind the point as microseconds; what is finer is cut off.
fn read_fraction(rest: &mut &str) -> Result<i64, MomentError> {
    let count = rest.bytes().take_while(u8::is_ascii_digit).count();
    if count == 0 || count > 18 {
        return Err(MomentError::Syntax);
    }
    let (taken, after) = rest.split_at_checked(count).ok_or(MomentError::Syntax)?;
    *rest = after;
    let padded: String = taken.chars().chain("000000".chars()).take(6).collect();
    padded.parse().map_err(|_| MomentError::Syntax)
}

/// Reads a zone as minutes east of UTC.
fn read_zone(rest: &mut &str) -> Result<i64, MomentError> {
    let mut ahead = rest.trim_start_matches(' ');
    if ahead.is_empty() {
        return Ok(0);
    }
    if eat(&mut ahead, "Z") || eat(&mut ahead, "z") {
        *rest = ahead;
        return Ok(0);
    }
    let sign = if eat(&mut ahead, "-") { -1 } else { 1 };
    // In a form-encoded query a plus that was not escaped arrives as a space.
    if sign == 1 && !eat(&mut ahead, "+") && !rest.starts_with(' ') {
        return Err(MomentError::Syntax);
    }
    let hours = digits(&mut ahead, 2)?;
    let minutes =
        if eat(&mut ahead, ":") || !ahead.is_empty() { digits(&mut ahead, 2)? } else { 0 };
    *rest = ahead;
    if hours > 15 || minutes > 59 {
        return Err(MomentError::Range);
    }
    Ok(sign * (hours * 60 + minutes))
}

fn write_date(days: i64) -> Result<String, MomentError> {
    let (year, month, day) = civil_from_days(days);
    if !(1..=9999).contains(&year) {
        return Err(MomentError::Range);
    }
    Ok(format!("{year:04}-{month:02}-{day:02}"))
}

fn write_time(microseconds: i64) -> String {
    let seconds = microseconds / MICROSECONDS_A_SECOND;
    let fraction = microseconds % MICROSECONDS_A_SECOND;
    format!("{:02}:{:02}:{:02}.{fraction:06}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_in_time_are_written_in_utc() {
        let cases = [
            ("2026-11-22", "2026-11-22T00:00:00.000000+00:00"),
            ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00.000000+00:00"),
            ("2026-11-22 10:00:00.5+01", "2026-11-22T09:00:00.500000+00:00"),
            ("2026-11-22T00:30:00+01:00", "2026-11-21T23:30:00.000000+00:00"),
            ("2026-12-31T23:59:59.999999-0330", "2027-01-01T03:29:59.999999+00:00"),
            ("2024-02-29 10:00", "2024-02-29T10:00:00.000000+00:00"),
            ("2026-11-22T10:00:00 00:00", "2026-11-22T10:00:00.000000+00:00"),
        ];
        for (text, expected) in cases {
            assert_eq!(timestamp_tz(text), Ok(stored(expected.to_owned())), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "now",
            "2026",
            "2026-1-1",
            "22.11.2026",
            "2026-11-22T",
            "2026-11-22T10",
            "2026-11-22T10:00:00X",
            "2026-11-22T10:00:00.",
            "2026-11-22é",
        ] {
            assert_eq!(timestamp_tz(text), Err(MomentError::Syntax), "{text}");
        }
        for text in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "0000-01-01",
            "2026-01-32",
            "2026-11-22T24:00:00",
            "2026-11-22T10:60:00",
            "2026-11-22T10:00:00+16:00",
            "9999-12-31T23:59:59-01:00",
        ] {
            assert_eq!(timestamp_tz(text), Err(MomentError::Range), "{text}");
        }
        assert_eq!(time("25:00"), Err(MomentError::Range));
        assert_eq!(date("10:00"), Err(MomentError::Syntax));
    }
}
