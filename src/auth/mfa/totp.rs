//! Codes by time (RFC 6238): HMAC-SHA-1, six digits, a step of 30 seconds. SHA-1 is what every app
//! can do, and in HMAC it is not broken.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::base32;
use crate::host::{Host, Milliseconds};
use crate::secret::equal_in_constant_time;
use crate::time;

/// The bytes of a seed: as many as the hash has (RFC 4226 section 4, R6).
const SEED_BYTES: usize = 20;

/// The bytes of SHA-1's block, to which HMAC pads its key.
const BLOCK_BYTES: usize = 64;

/// The seconds of a step.
const STEP_SECONDS: i64 = 30;

/// How many steps the app's clock may be off, to either side (RFC 6238 section 5.2).
const SKEW: std::ops::RangeInclusive<i64> = -1..=1;

/// What an app and we know. It is a secret, so do not print it.
pub(super) struct Seed([u8; SEED_BYTES]);

impl Seed {
    /// A new one.
    pub(super) fn new(host: &impl Host) -> Self {
        let mut bytes = [0; SEED_BYTES];
        host.random(&mut bytes);
        Self(bytes)
    }

    /// One that was stored.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// As it is sealed.
    pub(super) const fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As it is typed into an app.
    pub(super) fn base32(&self) -> String {
        base32::encode(&self.0)
    }

    /// The code of a step.
    fn code(&self, step: i64) -> String {
        let mut block = [0; BLOCK_BYTES];
        for (place, byte) in block.iter_mut().zip(self.0) {
            *place = byte;
        }
        let mut mac = Hmac::<Sha1>::new(&block.into());
        mac.update(&step.to_be_bytes());
        let hash = mac.finalize().into_bytes();
        // RFC 4226 section 5.3: the last four bits say where to read.
        let offset = hash.last().map_or(0, |last| usize::from(last & 15));
        let read = hash.iter().skip(offset).take(4);
        let number = read.fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) & 0x7fff_ffff;
        format!("{:06}", number % 1_000_000)
    }

    /// The step later than `after` whose code that is, in constant time.
    pub(super) fn step(&self, code: &str, now: Milliseconds, after: i64) -> Option<i64> {
        let present = time::seconds(now).div_euclid(STEP_SECONDS);
        let mut found = None;
        for skew in SKEW {
            let step = present.saturating_add(skew);
            let same = equal_in_constant_time(self.code(step).as_bytes(), code.as_bytes());
            if same && step > after {
                found = Some(step);
            }
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: Seed = Seed(*b"12345678901234567890");

    /// RFC 4226, appendix D.
    #[test]
    fn counts_as_rfc_4226_says() {
        let codes = [
            "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583",
            "399871", "520489",
        ];
        for (step, code) in (0..).zip(codes) {
            assert_eq!(SEED.code(step), code);
        }
    }

    /// RFC 6238, appendix B, for SHA-1: the last six of its eight digits.
    const BY_TIME: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    #[test]
    fn knows_the_time_as_rfc_6238_says() {
        for (seconds, code) in BY_TIME {
            assert_eq!(SEED.step(code, seconds * 1000, 0), Some(seconds / 30));
            assert_eq!(SEED.step(code, seconds * 1000 + 999, 0), Some(seconds / 30));
        }
    }

    #[test]
    fn a_clock_may_be_off_by_one_step_and_no_more() {
        let (seconds, code) = BY_TIME[1];
        let step = seconds / 30;
        let at = |step: i64| step * 30_000;
        assert_eq!(SEED.step(code, at(step - 1), 0), Some(step));
        assert_eq!(SEED.step(code, at(step + 2) - 1, 0), Some(step));
        assert_eq!(SEED.step(code, at(step - 1) - 1, 0), None);
        assert_eq!(SEED.step(code, at(step + 2), 0), None);
    }

    #[test]
    fn a_step_is_taken_once() {
        let (seconds, code) = BY_TIME[1];
        let step = seconds / 30;
        assert_eq!(SEED.step(code, seconds * 1000, step - 1), Some(step));
        assert_eq!(SEED.step(code, seconds * 1000, step), None);
        assert_eq!(SEED.step(code, seconds * 1000, step + 1), None);
    }

    #[test]
    fn what_is_no_code() {
        let (seconds, code) = BY_TIME[1];
        for wrong in [
            "",
            "0",
            "081805",
            "81804",
            &format!("{code} "),
            &format!("0{code}"),
            "07081804",
            "٠٨١٨٠٤",
        ] {
            assert_eq!(SEED.step(wrong, seconds * 1000, 0), None, "{wrong}");
        }
    }

    #[test]
    fn a_stored_seed_has_its_length() {
        assert!(Seed::of(&[1; 20]).is_some_and(|seed| seed.bytes() == [1; 20]));
        assert!(Seed::of(&[1; 19]).is_none() && Seed::of(&[1; 21]).is_none());
        assert_eq!(SEED.base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    }
}
