//! What is almost a good token: none of it opens anything.

use serde_json::json;

use crate::support::mutants::single_edits;
use crate::support::{JWT_SECRET, START, config};
use selvedge::auth::{identify, sign};
use selvedge::http::Headers;
use selvedge::identity::Identity;
use selvedge::secret::Secret;

/// So many are made for each case that is asked for.
const MUTANTS_PER_CASE: usize = 10;
/// A million where `SELVEDGE_CASES` asks for as many as `npm test` does.
const CASES: usize = 10_000;

/// A user's token, of which there are as many as there are numbers.
fn token(number: usize) -> String {
    let claims = json!({
        "sub": "00112233-4455-4677-8899-aabbccddeeff", "aud": "authenticated", "role": "authenticated",
        "session_id": "ffeeddcc-bbaa-4988-b766-554433221100", "email": "ann@example.com",
        "exp": START / 1000 + 3600, "iat": START / 1000, "user_metadata": { "number": number },
    });
    sign(&Secret::new(JWT_SECRET.into()), &claims.to_string())
}

fn opens(token: &str, config: &selvedge::config::Config) -> bool {
    let headers = Headers::new([("authorization".into(), format!("Bearer {token}"))]);
    matches!(identify(&headers, config, START), Ok(who) if who != Identity::Anonymous)
}

#[test]
fn no_single_edit_of_a_good_token_is_accepted() {
    let cases = std::env::var("SELVEDGE_CASES").map(|cases| cases.parse().expect("a number"));
    let wanted = cases.unwrap_or(CASES).max(CASES) * MUTANTS_PER_CASE;
    let config = config();
    let mut made = 0;
    for number in 0.. {
        let good = token(number);
        // The good one is remembered, and still no other passes for it.
        assert!(opens(&good, &config));
        for mutant in single_edits(&good).take(wanted - made) {
            assert!(!opens(&mutant, &config), "{mutant:?}");
            made += 1;
        }
        if made == wanted {
            break;
        }
    }
    assert_eq!(made, wanted);
}
