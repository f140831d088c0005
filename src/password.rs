//! Argon2id, with OWASP's parameters, as PHC strings. Pure: a host decides where it runs.
//!
//! A stored string is read strictly and only within ceilings, so that an imported hash with absurd
//! parameters cannot be used to exhaust a Worker. Whatever is stored, a hash is computed, so that the
//! time of a comparison does not tell whether there was anything to compare with.

use std::ops::RangeInclusive;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;

use crate::secret::{Secret, equal_in_constant_time};

/// The bytes of salt that a new hash takes.
pub const SALT_BYTES: usize = 16;

/// The most bytes of a password. Every one of them counts: nothing is cut off.
pub const PASSWORD_BYTES_MAX: usize = 1024;

/// A hash of no known password with the current parameters, to compare with where none is stored.
pub const DUMMY: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2VsdmVkZ2UgZHVtbXkgMQ\
    $Tm9ib2R5IGtub3dzIGEgcGFzc3dvcmQgb2YgdGhpcyE";

/// What comparing a password with a stored hash showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is another password, or the stored text is no hash.
    Wrong,
    /// It is the password.
    Right,
    /// It is the password, but the hash was made with older parameters and should be replaced.
    RightButOutdated,
}

/// The memory for hashing could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HashError(pub String);

/// What an Argon2 hash costs: memory in KiB, passes over it, lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cost {
    memory: u32,
    passes: u32,
    lanes: u32,
}

/// OWASP's first recommendation for Argon2id (Password Storage Cheat Sheet, 2026).
const CURRENT: Cost = Cost { memory: 19_456, passes: 2, lanes: 1 };

/// The bytes of a new hash.
const HASH_BYTES: usize = 32;

/// The most memory of a stored hash that is compared with, in KiB: half of a Worker's 128 MB.
const MEMORY_MAX: u32 = 65_536;
/// The most memory times passes: 64 MiB thrice, the cost that many libraries begin with.
const WORK_MAX: u32 = 3 * MEMORY_MAX;
/// The most lanes.
const LANES_MAX: u32 = 4;
/// The sizes of salt that are read, in bytes.
const SALT_SIZES: RangeInclusive<usize> = 8..=64;
/// The sizes of hash that are read, in bytes.
const HASH_SIZES: RangeInclusive<usize> = 16..=64;

/// Hashes a new password.
///
/// # Errors
/// When the memory cannot be had.
pub fn hash(password: &Secret, salt: [u8; SALT_BYTES]) -> Result<String, HashError> {
    let hash = compute(password, &salt, CURRENT, HASH_BYTES)?;
    let Cost { memory, passes, lanes } = CURRENT;
    let (salt, hash) = (BASE64.encode(salt), BASE64.encode(hash));
    Ok(format!("$argon2id$v=19$m={memory},t={passes},p={lanes}${salt}${hash}"))
}

/// Compares a password with a stored PHC string.
///
/// What is not an Argon2id string of version 19 within the ceilings is `Wrong`, after as much work
/// as a current hash takes.
///
/// # Errors
/// When the memory cannot be had.
pub fn verify(password: &Secret, stored: &str) -> Result<Verdict, HashError> {
    let stored = Stored::parse(stored);
    let is_hash = stored.is_some();
    let stored = stored.unwrap_or_else(Stored::nobodys);
    let computed = compute(password, &stored.salt, stored.cost, stored.hash.len())?;
    let equal = equal_in_constant_time(&computed, &stored.hash);
    Ok(if !(equal && is_hash) {
        Verdict::Wrong
    } else if stored.is_current() {
        Verdict::Right
    } else {
        Verdict::RightButOutdated
    })
}

/// Whether a text is a hash that can be compared with: an Argon2id string within the ceilings.
#[must_use]
pub fn is_hash(text: &str) -> bool {
    Stored::parse(text).is_some()
}

fn compute(
    password: &Secret,
    salt: &[u8],
    cost: Cost,
    hash_bytes: usize,
) -> Result<Vec<u8>, HashError> {
    let failed = |error: argon2::Error| HashError(error.to_string());
    let params = Params::new(cost.memory, cost.passes, cost.lanes, Some(hash_bytes));
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.map_err(failed)?);
    let mut hash = vec![0; hash_bytes];
    argon2.hash_password_into(password.expose().as_bytes(), salt, &mut hash).map_err(failed)?;
    Ok(hash)
}

/// `$argon2id$v=19$m=<KiB>,t=<passes>,p=<lanes>$<salt>$<hash>`, both Base64 without padding.
struct Stored {
    cost: Cost,
    salt: Vec<u8>,
    hash: Vec<u8>,
}

impl Stored {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix("$argon2id$v=19$")?.split('$');
        let mut costs = parts.next()?.split(',');
        let cost = Cost {
            memory: number(costs.next()?, "m=")?,
            passes: number(costs.next()?, "t=")?,
            lanes: number(costs.next()?, "p=")?,
        };
        let (salt, hash) = (bytes(parts.next()?, SALT_SIZES)?, bytes(parts.next()?, HASH_SIZES)?);
        let all_read = costs.next().is_none() && parts.next().is_none();
        (all_read && cost.is_bearable()).then_some(Self { cost, salt, hash })
    }

    /// What is compared with where there is no hash: nothing but the work.
    fn nobodys() -> Self {
        Self { cost: CURRENT, salt: vec![0; SALT_BYTES], hash: vec![0; HASH_BYTES] }
    }

    fn is_current(&self) -> bool {
        self.cost == CURRENT && self.salt.len() == SALT_BYTES && self.hash.len() == HASH_BYTES
    }
}

impl Cost {
    /// Whether it is within the ceilings, and what Argon2 can compute (RFC 9106 section 3.1).
    const fn is_bearable(self) -> bool {
        let Self { memory, passes, lanes } = self;
        let possible = passes >= 1 && lanes >= 1 && memory >= lanes.saturating_mul(8);
        let bearable = memory <= MEMORY_MAX
            && lanes <= LANES_MAX
            && memory.saturating_mul(passes) <= WORK_MAX
            && passes <= WORK_MAX / CURRENT.memory;
        possible && bearable
    }
}

/// Reads a decimal number without sign or leading zero behind its name.
fn number(text: &str, name: &str) -> Option<u32> {
    let digits = text.strip_prefix(name)?;
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0');
    plain.then(|| digits.parse().ok()).flatten()
}

fn bytes(text: &str, sizes: RangeInclusive<usize>) -> Option<Vec<u8>> {
    BASE64.decode(text).ok().filter(|bytes| sizes.contains(&bytes.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.into())
    }

    fn check(password: &str, stored: &str) -> Verdict {
        verify(&secret(password), stored).expect("memory")
    }

    #[test]
    fn hashes_verify_and_show_their_parameters() {
        let stored = hash(&secret("correct horse"), *b"0123456789abcdef").expect("memory");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$"));
        assert_eq!(check("correct horse", &stored), Verdict::Right);
        assert_eq!(check("correct horsf", &stored), Verdict::Wrong);
        assert_eq!(check("", &stored), Verdict::Wrong);
    }

    /// The vector of the reference implementation's `test.c` for Argon2id, m=256, t=2, p=1.
    #[test]
    fn agrees_with_the_reference_and_asks_for_a_new_hash() {
        let stored = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$\
            nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        assert_eq!(check("password", stored), Verdict::RightButOutdated);
        assert_eq!(check("passwore", stored), Verdict::Wrong);
    }

    /// Strings that others have made: the reference implementation's tests, libsodium's tests, the manual
    /// of argon2-cffi, and OpenSSL by way of Node.
    #[test]
    fn strings_of_other_implementations_are_read() {
        for (password, stored) in [
            (
                "password",
                "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
            ),
            (
                "password",
                "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
            ),
            (
                "differentpassword",
                "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94",
            ),
            (
                "password",
                "$argon2id$v=19$m=65536,t=2,p=1$ZGlmZnNhbHQ$vfMrBczELrFdWP0ZsfhWsRPaHppYdP3MVEMIVlqoFBw",
            ),
            (
                "",
                "$argon2id$v=19$m=4882,t=2,p=1$bA81arsiXysd3WbTRzmEOw$Nm8QBM+7RH1DXo9rvp5cwKEOOOfD2g6JuxlXihoNcpE",
            ),
            (
                "correct horse battery staple",
                "$argon2id$v=19$m=65536,t=3,p=4$MIIRqgvgQbgj220jfp0MPA$YfwJSVjtjSU0zzV/P3S9nnQ/USre2wvJMjfCIjrTQbg",
            ),
            (
                "pässwörd 🦀",
                "$argon2id$v=19$m=8192,t=3,p=4$YW5vdGhlciBzYWx0IG9mIDI0IGJ5dGVz$iHyMf7c4fym/Sr9RS4AOTiT/Mgq29ivpiOI5g6UYdHs",
            ),
            (
                "",
                "$argon2id$v=19$m=64,t=10,p=2$MTYgYnl0ZXMgb2Ygc2FsdA$\
                 HvpfH1++1S9jCZP5x71J/YivjVQiIDt1WHdcXmBQ2Jg7pi9AH9oAG7PNIAqD/ahq7OyXHCN20L+MBilTkZIlig",
            ),
        ] {
            assert_eq!(check(password, stored), Verdict::RightButOutdated, "{stored}");
            assert_eq!(check(&format!("{password} "), stored), Verdict::Wrong, "{stored}");
        }
        let current = "$argon2id$v=19$m=19456,t=2,p=1$MDEyMzQ1Njc4OWFiY2RlZg$gy5SuVm5Z7Vw7keB9se9p87QGcomaseB/S2U1OhTsM0";
        assert_eq!(check("correct horse battery staple", current), Verdict::Right);
    }

    #[test]
    fn every_byte_counts() {
        let long = "🦀".repeat(64);
        let stored = hash(&secret(&long), [7; SALT_BYTES]).expect("memory");
        assert_eq!(check(&long, &stored), Verdict::Right);
        assert_eq!(check(&format!("{long}x"), &stored), Verdict::Wrong);
        // The same letter composed and decomposed is two passwords: bytes are taken as sent.
        let stored = hash(&secret("caf\u{e9}"), [7; SALT_BYTES]).expect("memory");
        assert_eq!(check("cafe\u{301}", &stored), Verdict::Wrong);
    }

    #[test]
    fn the_dummy_costs_what_a_hash_costs() {
        assert!(Stored::parse(DUMMY).expect("a hash").is_current());
        assert!(Stored::nobodys().is_current());
        assert_eq!(check("password", DUMMY), Verdict::Wrong);
    }

    #[test]
    fn absurd_or_malformed_hashes_are_not_computed() {
        let rest = "c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
        let with = |costs: &str| format!("$argon2id$v=19${costs}${rest}");
        assert!(Stored::parse(&with("m=256,t=2,p=1")).is_some());
        assert!(Stored::parse(&with("m=65536,t=3,p=4")).is_some());
        for costs in [
            "m=4294967295,t=1,p=1",
            "m=65537,t=1,p=1",
            "m=65536,t=4,p=1",
            "m=8,t=4294967295,p=1",
            "m=8,t=11,p=1",
            "m=19456,t=2,p=5",
            "m=4096,t=2,p=16777215",
            "m=7,t=1,p=1",
            "m=31,t=1,p=4",
            "m=256,t=0,p=1",
            "m=256,t=2,p=0",
            "m=0256,t=2,p=1",
            "m=+256,t=2,p=1",
            "m=256,t=2",
            "m=256,t=2,p=1,keyid=x",
            "t=2,m=256,p=1",
            "m=,t=2,p=1",
        ] {
            assert!(Stored::parse(&with(costs)).is_none(), "{costs}");
        }
        for text in [
            "",
            "$",
            "password",
            "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
            "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            "$argon2id$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$",
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR",
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ=$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            "$argon2id$v=19$m=256,t=2,p=1$c2E$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
            "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4$",
        ] {
            assert!(Stored::parse(text).is_none(), "{text}");
        }
        assert_eq!(check("password", "$argon2id$v=19$"), Verdict::Wrong);
    }
}
