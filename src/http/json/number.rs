//! Decimal numbers by their digits, without floating point: its reading and writing would be a
//! tenth of the Worker.

/// A decimal number: a sign, and `0.digits` times ten to the power of `point`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    is_negative: bool,
    /// Neither the first nor the last is zero; none for zero.
    digits: String,
    point: i64,
}

/// The first digits of the least number that rounds to no double: 2^1024 - 2^970.
const TOO_LARGE: &str = "179769313486231580793728971405303415079934132710037826936173778980";

/// How many digits are before the point of that number.
const TOO_LARGE_POINT: i64 = 309;

/// The first digits of half the least double above zero, which rounds to zero.
const LOST: &str = "247032822920623272088284396434110686";

/// Where the point of that number stands.
const LOST_POINT: i64 = -323;

/// The most zeros that are written before or behind the digits to avoid an exponent.
const ZEROS_MAX: i64 = 20;

impl Decimal {
    /// Reads what is written like `-1.5e3`, `.5` or `5.`
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let magnitude = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let is_empty = magnitude.is_empty() || whole.is_empty() && fraction.is_empty();
        if is_empty || ![whole, fraction, magnitude].into_iter().all(are_digits) {
            return None;
        }
        let all = format!("{whole}{fraction}");
        let behind = all.trim_start_matches('0');
        let zeros = i64::try_from(all.len().saturating_sub(behind.len())).ok()?;
        // An exponent beyond 64 bits is as far out of any range as the farthest within.
        let magnitude = magnitude.parse().unwrap_or(i64::MAX);
        let exponent: i64 =
            if exponent.starts_with('-') { magnitude.saturating_neg() } else { magnitude };
        let point = i64::try_from(whole.len()).ok()?.saturating_sub(zeros).saturating_add(exponent);
        let digits = behind.trim_end_matches('0').to_owned();
        let point = if digits.is_empty() { 0 } else { point };
        Some(Self { is_negative: text.starts_with('-') && !digits.is_empty(), digits, point })
    }

    /// Whether a double can hold it, perhaps rounded, be it to zero.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.point < TOO_LARGE_POINT
            || self.point == TOO_LARGE_POINT && self.digits.as_str() < TOO_LARGE
    }

    /// Whether a double makes zero of it, though it is not zero.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        !self.digits.is_empty()
            && (self.point < LOST_POINT || self.point == LOST_POINT && self.digits.as_str() <= LOST)
    }

    /// Whether a double holds fewer digits of it than of others, since it is so small.
    #[must_use]
    pub const fn is_below_normal(&self) -> bool {
        !self.digits.is_empty() && self.point < -306
    }

    /// How many digits it has, but for zeros before and behind them.
    #[must_use]
    pub const fn significant(&self) -> usize {
        self.digits.len()
    }

    /// Whether it is less than ten to that power, but for its sign.
    #[must_use]
    pub const fn is_below_power(&self, power: i64) -> bool {
        self.digits.is_empty() || self.point <= power
    }

    /// Rounded to so many digits behind the point, the half away from zero.
    #[must_use]
    pub fn rounded(&self, scale: i64) -> Self {
        let zero = Self { is_negative: false, digits: String::new(), point: 0 };
        let Ok(kept) = usize::try_from(self.point.saturating_add(scale)) else { return zero };
        let Some((head, tail)) = self.digits.split_at_checked(kept) else { return self.clone() };
        let (mut digits, mut point) = (head.to_owned(), self.point);
        if tail.as_bytes().first().is_some_and(|digit| *digit >= b'5') {
            // Nines become zeros, which are cut off at the end anyway.
            digits.truncate(head.trim_end_matches('9').len());
            if let Some(last) = digits.pop() {
                digits.push(char::from(last.to_digit(10).map_or(b'0', one_more)));
            } else {
                digits.push('1');
                point = point.saturating_add(1);
            }
        }
        digits.truncate(digits.trim_end_matches('0').len());
        if digits.is_empty() { zero } else { Self { digits, point, ..*self } }
    }

    /// As JSON, and the same text for all texts of the number.
    #[must_use]
    pub fn written(&self) -> String {
        let sign = if self.is_negative { "-" } else { "" };
        let digits = &self.digits;
        let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
        let zeros = |many: i64| "0".repeat(usize::try_from(many).unwrap_or_default());
        let behind = self.point.saturating_sub(length);
        if digits.is_empty() {
            "0".to_owned()
        } else if (0..=ZEROS_MAX).contains(&behind) {
            format!("{sign}{digits}{}", zeros(behind))
        } else if (-ZEROS_MAX..=0).contains(&self.point) {
            format!("{sign}0.{}{digits}", zeros(self.point.saturating_neg()))
        } else if behind < 0 && self.point > 0 {
            let at = usize::try_from(self.point).unwrap_or_default();
            let (whole, fraction) = digits.split_at_checked(at).unwrap_or((digits, "0"));
            format!("{sign}{whole}.{fraction}")
        } else {
            let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
            let point = if rest.is_empty() { "" } else { "." };
            format!("{sign}{first}{point}{rest}e{}", self.point.saturating_sub(1))
        }
    }
}

/// The digit behind one that is no nine.
fn one_more(digit: u32) -> u8 {
    u8::try_from(digit).map_or(b'0', |digit| digit.saturating_add(b'1'))
}
