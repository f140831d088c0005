//! Intervals: read as PostgreSQL reads them, and held as months, days and microseconds.
//!
//! An expression of type `interval` is the number of its microseconds, by which PostgreSQL compares
//! intervals: a month is 30 days and a day 24 hours. A literal also keeps its months and days, which
//! is what adding it to a date depends on.

/// Microseconds of a second.
pub(super) const SECOND: i64 = 1_000_000;
/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400 * SECOND;
/// Days of a month, where intervals are compared.
const MONTH_DAYS: i64 = 30;

/// The value of an interval's literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::compiler) struct Interval {
    pub months: i64,
    pub days: i64,
    pub microseconds: i64,
}

impl Interval {
    /// Its length, as intervals are compared.
    pub fn length(self) -> Option<i64> {
        let days = self.months.checked_mul(MONTH_DAYS)?.checked_add(self.days)?;
        days.checked_mul(DAY)?.checked_add(self.microseconds)
    }

    pub fn negated(self) -> Self {
        Self {
            months: self.months.saturating_neg(),
            days: self.days.saturating_neg(),
            microseconds: self.microseconds.saturating_neg(),
        }
    }

    pub fn plus(self, other: Self) -> Option<Self> {
        Some(Self {
            months: self.months.checked_add(other.months)?,
            days: self.days.checked_add(other.days)?,
            microseconds: self.microseconds.checked_add(other.microseconds)?,
        })
    }

    /// By a whole number.
    pub fn times(self, factor: i64) -> Option<Self> {
        Some(Self {
            months: self.months.checked_mul(factor)?,
            days: self.days.checked_mul(factor)?,
            microseconds: self.microseconds.checked_mul(factor)?,
        })
    }

    /// By a whole number; `None` where months are divided, or a part of a microsecond is left.
    pub fn divided(self, divisor: i64) -> Option<Self> {
        if self.months != 0 || divisor == 0 {
            return None;
        }
        let rest = self.days.checked_rem(divisor)?.checked_mul(DAY)?;
        let left = self.microseconds.checked_rem(divisor)? != 0 || rest.checked_rem(divisor)? != 0;
        let microseconds =
            rest.checked_div(divisor)?.checked_add(self.microseconds.checked_div(divisor)?)?;
        (!left).then_some(Self { months: 0, days: self.days.checked_div(divisor)?, microseconds })
    }

    /// Reads `1 day`, `2 hours 30 minutes`, `01:30:00`, `1 day ago`, `-3 mons`, `P1DT2H`; a unit stands for
    /// a number without one (`interval '5' day`). `None` for what has another form, or a fraction of
    /// a month.
    pub fn parse(text: &str, unit: Option<&str>) -> Option<Self> {
        let lower = text.trim().to_ascii_lowercase();
        if let Some(rest) = lower.strip_prefix('p') {
            return parse_iso(rest);
        }
        let spaced = spaced(&lower);
        let mut words = spaced.split_whitespace().peekable();
        words.peek()?;
        let mut sum = Self::default();
        let mut is_ago = false;
        while let Some(word) = words.next() {
            if is_ago {
                return None;
            }
            if word == "ago" {
                is_ago = true;
            } else if word.contains(':') {
                sum = sum.plus(Self { microseconds: clock(word)?, ..Self::default() })?;
            } else {
                let is_number =
                    |word: &&str| word.starts_with(|first: char| !first.is_ascii_alphabetic());
                let unit = match words.peek() {
                    Some(next) if *next != "ago" && !is_number(next) => words.next()?,
                    None => unit.unwrap_or("second"),
                    Some(_) => return None,
                };
                sum = sum.plus(quantity(word, unit)?)?;
            }
        }
        Some(if is_ago { sum.negated() } else { sum })
    }
}

/// A space between a number and the unit behind it: `1day` is `1 day`.
fn spaced(text: &str) -> String {
    let mut spaced = String::new();
    let mut last = ' ';
    for character in text.chars() {
        if character.is_ascii_alphabetic() && last.is_ascii_digit() {
            spaced.push(' ');
        }
        spaced.push(character);
        last = character;
    }
    spaced
}

/// ISO 8601, without its `P`: `1Y2M3DT4H5M6S`.
fn parse_iso(text: &str) -> Option<Interval> {
    let mut sum = Interval::default();
    let mut is_time = false;
    let mut number = String::new();
    for character in text.chars() {
        let unit = match (character, is_time) {
            ('t', false) if number.is_empty() => {
                is_time = true;
                continue;
            }
            ('0'..='9' | '-' | '+' | '.', _) => {
                number.push(character);
                continue;
            }
            ('y', false) => "year",
            ('m', false) => "month",
            ('w', false) => "week",
            ('d', false) => "day",
            ('h', true) => "hour",
            ('m', true) => "minute",
            ('s', true) => "second",
            _ => return None,
        };
        sum = sum.plus(quantity(&std::mem::take(&mut number), unit)?)?;
    }
    number.is_empty().then_some(sum)
}

/// A number with its unit.
fn quantity(number: &str, unit: &str) -> Option<Interval> {
    let months = |factor: i64| {
        let months = whole(number)?.checked_mul(factor)?;
        Some(Interval { months, ..Interval::default() })
    };
    // What is left of a day is hours: half a week is three days and twelve hours.
    let days = |factor: i64| {
        let microseconds = fraction(number, factor.checked_mul(DAY)?)?;
        let days = microseconds.checked_div(DAY)?;
        let rest = microseconds.checked_rem(DAY)?;
        Some(Interval { days, microseconds: rest, ..Interval::default() })
    };
    let microseconds = |factor: i64| {
        let microseconds = fraction(number, factor)?;
        Some(Interval { microseconds, ..Interval::default() })
    };
    match unit {
        "y" | "yr" | "yrs" | "year" | "years" => months(12),
        "mon" | "mons" | "month" | "months" => months(1),
        "w" | "week" | "weeks" => days(7),
        "d" | "day" | "days" => days(1),
        "h" | "hr" | "hrs" | "hour" | "hours" => microseconds(3_600 * SECOND),
        "m" | "min" | "mins" | "minute" | "minutes" => microseconds(60 * SECOND),
        "s" | "sec" | "secs" | "second" | "seconds" => microseconds(SECOND),
        "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => microseconds(1_000),
        "us" | "usec" | "usecs" | "microsecond" | "microseconds" => microseconds(1),
        _ => None,
    }
}

fn whole(number: &str) -> Option<i64> {
    number.parse().ok()
}

/// A decimal number of units, in microseconds; `None` when it has a part of one.
fn fraction(number: &str, unit: i64) -> Option<i64> {
    let is_negative = number.starts_with('-');
    let unsigned = number.strip_prefix(['-', '+']).unwrap_or(number);
    let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && part.is_empty()) || !all_digits(whole) || !all_digits(part) {
        return None;
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let scale = 10_i64.checked_pow(u32::try_from(part.len()).ok()?)?;
    let part: i64 = if part.is_empty() { 0 } else { part.parse().ok()? };
    let part = part.checked_mul(unit)?;
    if part.checked_rem(scale)? != 0 {
        return None;
    }
    let sum = whole.checked_mul(unit)?.checked_add(part.checked_div(scale)?)?;
    Some(if is_negative { sum.saturating_neg() } else { sum })
}

/// `hours:minutes[:seconds[.fraction]]`, with a sign.
fn clock(text: &str) -> Option<i64> {
    let is_negative = text.starts_with('-');
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut parts = unsigned.split(':');
    let hours = fraction(parts.next()?, 1)?.checked_mul(3_600 * SECOND)?;
    let minutes = fraction(parts.next()?, 1)?;
    let seconds = parts.next().map_or(Some(0), |seconds| fraction(seconds, SECOND))?;
    if parts.next().is_some() || minutes >= 60 || seconds > 60 * SECOND {
        return None;
    }
    let sum = hours.checked_add(minutes.checked_mul(60 * SECOND)?)?.checked_add(seconds)?;
    Some(if is_negative { sum.saturating_neg() } else { sum })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_postgres_reads() {
        let interval = |months, days, microseconds| Some(Interval { months, days, microseconds });
        for (text, expected) in [
            ("1 day", interval(0, 1, 0)),
            ("1day", interval(0, 1, 0)),
            ("2 hours 30 minutes", interval(0, 0, 9_000 * SECOND)),
            ("1 year 2 mons -3 days", interval(14, -3, 0)),
            ("3 days ago", interval(0, -3, 0)),
            ("01:30", interval(0, 0, 5_400 * SECOND)),
            ("-00:00:01.5", interval(0, 0, -1_500_000)),
            ("1 day 04:05:06", interval(0, 1, 14_706 * SECOND)),
            ("1.5 hours", interval(0, 0, 5_400 * SECOND)),
            ("P1Y2M3DT4H5M6S", interval(14, 3, 14_706 * SECOND)),
            ("PT5M", interval(0, 0, 300 * SECOND)),
            ("5", interval(0, 0, 5 * SECOND)),
            ("1 week", interval(0, 7, 0)),
            ("1.5 days", interval(0, 1, 43_200 * SECOND)),
            ("-0.5 weeks", interval(0, -3, -43_200 * SECOND)),
            ("1.5 months", None),
            ("soon", None),
            ("1 fortnight", None),
            ("", None),
            ("1 day ago 2 days", None),
            ("1:2:3:4", None),
        ] {
            assert_eq!(Interval::parse(text, None), expected, "{text}");
        }
        assert_eq!(Interval::parse("5", Some("day")), interval(0, 5, 0));
    }
}
