//! What an authenticator app does, written a second time.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use selvedge::host::Milliseconds;

/// How long a code is the present one.
pub const STEP: Milliseconds = 30_000;

/// The code of a seed at a time.
pub fn code_at(secret: &str, now: Milliseconds) -> String {
    let letter = |letter: char| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).expect("base32");
    let bits: String =
        secret.chars().map(|character| format!("{:05b}", letter(character))).collect();
    let byte = |index: usize| u8::from_str_radix(&bits[index * 8..index * 8 + 8], 2);
    let seed: Vec<u8> = (0..bits.len() / 8).map(|index| byte(index).expect("bits")).collect();
    let mut mac = Hmac::<Sha1>::new_from_slice(&seed).expect("any length");
    mac.update(&(now / STEP).to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes(hash[offset..offset + 4].try_into().expect("four bytes"));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

/// A code that is none of those which are taken now.
pub fn wrong_code(secret: &str, now: Milliseconds) -> String {
    let taken = [-1, 0, 1].map(|skew| code_at(secret, now + skew * STEP));
    let codes = (0..).map(|number| format!("{number:06}"));
    codes.into_iter().find(|code| !taken.contains(code)).expect("one of a million")
}
