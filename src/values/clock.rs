//! Times of day and offsets from UTC; `moment` says of which form.

#![cfg_attr(
    not(test),
    expect(
        clippy::arithmetic_side_effects,
        reason = "parts of times are checked before they are added"
    )
)]

use super::moment::{MomentError, digits, eat};

pub const MICROSECONDS_A_SECOND: i64 = 1_000_000;

/// A time of day in microseconds, up to and with the end of the day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time(pub i64);

impl Time {
    /// As `HH:MM:SS.ffffff`.
    pub fn written(self) -> String {
        let seconds = self.0 / MICROSECONDS_A_SECOND;
        let fraction = self.0 % MICROSECONDS_A_SECOND;
        format!("{:02}:{:02}:{:02}.{fraction:06}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    }
}

/// Reads a time of day in lower case.
pub fn read_time(rest: &mut &str) -> Result<Time, MomentError> {
    let first = digits(rest);
    let mut fraction = 0;
    let (mut hour, mut minute, mut second);
    if let Some(two) =
        first.get(..2).filter(|_| matches!(first.len(), 4 | 6) && !rest.starts_with(':'))
    {
        let part = |from: usize| first.get(from..from + 2).map_or(Ok(0), number);
        (hour, minute, second) = (number(two)?, part(2)?, part(4)?);
        if first.len() == 6 && eat(rest, '.') {
            if !rest.starts_with(|c: char| c.is_ascii_digit()) {
                return Err(MomentError::Syntax);
            }
            fraction = read_fraction(rest)?;
        }
    } else {
        hour = number(first)?;
        if !eat(rest, ':') {
            return Err(MomentError::Syntax);
        }
        (minute, second) = (number(digits(rest))?, 0);
        if eat(rest, ':') {
            second = number(digits(rest))?;
            if eat(rest, '.') {
                fraction = read_fraction(rest)?;
            }
        } else if eat(rest, '.') {
            // Two numbers with a fraction are minutes and seconds.
            (hour, minute, second) = (0, hour, minute);
            fraction = read_fraction(rest)?;
        }
    }
    hour = read_half(rest, hour)?;
    let microseconds = (hour * 3600 + minute * 60 + second) * MICROSECONDS_A_SECOND + fraction;
    if minute > 59 || second > 60 || hour > 24 || microseconds > 86_400 * MICROSECONDS_A_SECOND {
        return Err(MomentError::Range);
    }
    Ok(Time(microseconds))
}

/// Reads `am` or `pm`, if it is there.
fn read_half(rest: &mut &str, hour: i64) -> Result<i64, MomentError> {
    let behind = rest.trim_start();
    let half = ["am", "pm"].into_iter().find(|half| behind.starts_with(half));
    let Some(half) = half else { return Ok(hour) };
    *rest = behind.get(2..).unwrap_or_default();
    match (half, hour) {
        (_, 13..) => Err(MomentError::Range),
        ("am", 12) => Ok(0),
        ("am", _) | (_, 12) => Ok(hour),
        _ => Ok(hour + 12),
    }
}

fn number(text: &str) -> Result<i64, MomentError> {
    match text.len() {
        0 => Err(MomentError::Syntax),
        1..=9 => text.parse().map_err(|_| MomentError::Syntax),
        _ => Err(MomentError::Range),
    }
}

/// Reads digits behind the point as microseconds. They are rounded as PostgreSQL does it: of the
/// double nearest to the fraction, so that a half becomes even but for what the double lacks or adds.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "15 digits are an exact double, and a fraction has less than 2^20 microseconds"
)]
fn read_fraction(rest: &mut &str) -> Result<i64, MomentError> {
    let all = digits(rest).trim_end_matches('0');
    let kept = all.get(..15).unwrap_or(all);
    if kept.is_empty() {
        return Ok(0);
    }
    let whole: u64 = kept.parse().map_err(|_| MomentError::Syntax)?;
    // A quotient of two exact doubles is the double nearest to the fraction.
    let fraction = whole as f64 / kept.bytes().fold(1.0, |power, _| power * 10.0);
    Ok((fraction * 1e6).round_ties_even() as i64)
}

/// Reads an offset as seconds east of UTC; none is 0.
pub fn read_zone(rest: &mut &str) -> Result<i64, MomentError> {
    let mut ahead = rest.trim_start();
    let word_length = ahead.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (word, behind) = ahead.split_at_checked(word_length).unwrap_or((ahead, ""));
    match word {
        "z" | "utc" | "gmt" | "ut" | "uct" | "zulu" if !behind.starts_with('/') => {
            *rest = behind;
            return Ok(0);
        }
        "" => {}
        // PostgreSQL knows the abbreviations of some zones, and names such as Europe/Berlin.
        _ if matches!(word.len(), 3..=5) || behind.starts_with('/') => {
            return Err(MomentError::ZoneName);
        }
        _ => return Ok(0),
    }
    let sign = if eat(&mut ahead, '-') { -1 } else { 1 };
    // In a form-encoded query a plus that was not escaped arrives as a space.
    let is_signed = sign == -1 || eat(&mut ahead, '+') || rest.starts_with(' ');
    let first = digits(&mut ahead);
    if !is_signed || first.is_empty() {
        return Ok(0);
    }
    let (mut minutes, mut seconds) = (0, 0);
    let hours = if first.len() > 2 && !ahead.starts_with(':') {
        // The last two digits are minutes; there are no seconds in this form.
        let (hours, minute) = first.split_at_checked(first.len() - 2).unwrap_or((first, "0"));
        minutes = number(minute)?;
        number(hours)?
    } else {
        if eat(&mut ahead, ':') {
            minutes = number(digits(&mut ahead))?;
            if eat(&mut ahead, ':') {
                seconds = number(digits(&mut ahead))?;
            }
        }
        number(first)?
    };
    *rest = ahead;
    if hours > 15 || minutes > 59 || seconds > 59 {
        return Err(MomentError::Zone);
    }
    Ok(sign * (hours * 3600 + minutes * 60 + seconds))
}
