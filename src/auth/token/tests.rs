use super::*;
use crate::auth::tests::{ONE as SECRET, TWO as OTHER, config as config_of};

const NOW: Milliseconds = 1_700_000_000_000;
const ID: &str = "00112233-4455-4677-8899-aabbccddeeff";
const SESSION: &str = "ffeeddcc-bbaa-4988-b766-554433221100";

fn config() -> Config {
    config_of(SECRET, None)
}

fn check(token: &str) -> Result<Identity, TokenError> {
    verify(token, &config(), NOW)
}

/// A token with a right signature over any header and claims.
fn token(header: &str, claims: &str) -> String {
    let message = format!("{}.{}", BASE64URL.encode(header), BASE64URL.encode(claims));
    let key = Key::new(&Secret::new(SECRET.into()), Purpose::Access);
    format!("{message}.{}", BASE64URL.encode(key.sign(message.as_bytes())))
}

const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

fn user_claims() -> String {
    format!(
        r#"{{"iss":"https://example.com/auth/v1","sub":"{ID}","aud":"authenticated",
        "exp":1700000001,"iat":1699996401,"email":"ann@example.com","role":"authenticated",
        "session_id":"{SESSION}"}}"#
    )
}

fn anon_with(claims: &str) -> Result<Identity, TokenError> {
    check(&token(HEADER, &format!(r#"{{"role":"anon",{claims}}}"#)))
}

/// The example of RFC 7515, appendix A.1: its key is no text, so it is tried on the parts.
#[test]
fn the_example_of_rfc_7515_is_signed_and_read_as_it_says() {
    let key = BASE64URL
        .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
        .expect("base64url");
    let header = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9";
    let message = format!(
        "{header}.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    );
    assert_eq!(
        BASE64URL.encode(Key::padded(&key).sign(message.as_bytes())),
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    );
    assert_eq!(check_header(&decode(header).expect("base64url")), Ok(()));
}

/// What jwt.io shows and every library must make of these claims.
#[test]
fn an_api_key_is_an_ordinary_token() {
    let secret = Secret::new("your-256-bit-secret".into());
    let expected = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
        eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.\
        SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c";
    let claims = r#"{"sub":"1234567890","name":"John Doe","iat":1516239022}"#;
    assert_eq!(sign(&secret, claims), expected);
    let key = |role| check(&api_key(&Secret::new(SECRET.into()), role, 0, 1_700_000_001));
    assert_eq!(key(Role::Anon), Ok(Identity::Anonymous));
    assert_eq!(key(Role::ServiceRole), Ok(Identity::Service));
    // A user cannot come from a key.
    assert!(matches!(key(Role::Authenticated), Err(TokenError::Claims(_))));
}

#[test]
fn a_user_is_read_from_the_claims() {
    let claims = user_claims();
    let expected = User {
        id: ID.into(),
        email: "ann@example.com".into(),
        session_id: SESSION.into(),
        claims: claims.clone(),
    };
    assert_eq!(check(&token(HEADER, &claims)), Ok(Identity::User(expected)));
}

#[test]
fn every_edit_of_one_character_is_refused() {
    let good = token(HEADER, &user_claims());
    assert!(check(&good).is_ok());
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \n\0";
    for index in 0..good.len() {
        let mut removed = good.clone();
        removed.remove(index);
        assert!(check(&removed).is_err(), "{removed}");
        for letter in letters.chars() {
            let mut inserted = good.clone();
            inserted.insert(index, letter);
            assert!(check(&inserted).is_err(), "{inserted}");
            if good[index..].starts_with(letter) {
                continue;
            }
            let mut replaced = good.clone();
            replaced.replace_range(index..=index, letter.encode_utf8(&mut [0; 4]));
            assert!(check(&replaced).is_err(), "{replaced}");
        }
    }
}

/// The last letter of a part may have bits that no byte uses; only one form of it is taken.
#[test]
fn unused_bits_must_be_zero() {
    // 43 letters hold 258 bits for 256, so the last letter has three twins.
    let good = token(HEADER, r#"{"role":"anon","exp":1700000001}"#);
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = good.split_at(good.len() - 1);
    let place = alphabet.find(last).expect("base64url");
    assert_eq!(place % 4, 0);
    for twin in 1..4 {
        let twin = alphabet.chars().nth(place + twin).expect("a letter");
        assert_eq!(check(&format!("{rest}{twin}")), Err(TokenError::Malformed));
    }
}

#[test]
fn no_other_algorithm_and_no_other_header() {
    let claims = r#"{"role":"service_role","exp":1700000001}"#;
    for header in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"nOnE"}"#,
        r#"{"alg":""}"#,
        r#"{"alg":"HS256 "}"#,
        r#"{"alg":"hs256"}"#,
        r#"{"alg":"HS384"}"#,
        r#"{"alg":"HS512"}"#,
        r#"{"alg":"RS256"}"#,
        r#"{"alg":"ES256"}"#,
        r#"{"alg":["HS256"]}"#,
        r#"{"alg":null}"#,
        r#"{"typ":"JWT"}"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"none","alg":"HS256"}"#,
        r#"{"alg":"HS256","\u0061lg":"HS256"}"#,
        r#"{"alg":"HS256","typ":"jwt"}"#,
        r#"{"alg":"HS256","typ":"at+jwt"}"#,
        r#"{"alg":"HS256","cty":"JWT"}"#,
        r#"{"alg":"HS256","crit":["exp"]}"#,
        r#"{"alg":"HS256","b64":false}"#,
        r#"{"alg":"HS256","zip":"DEF"}"#,
        r#"{"alg":"HS256","jku":"https://evil.example/keys"}"#,
        r#"{"alg":"HS256","jwk":{"kty":"oct","k":"AA"}}"#,
        r#"{"alg":"HS256","x5u":"https://evil.example/x"}"#,
        r#"{"alg":"HS256","x5c":[]}"#,
        r#"{"alg":"HS256","x5t":"AA"}"#,
        r#"{"alg":"HS256","kid":["a"]}"#,
        r#"{"alg":"HS256","kid":1}"#,
        r#"["HS256"]"#,
        r#"["HS256","JWT",null]"#,
        r#""HS256""#,
        "",
        "{",
        "{\"alg\":\"HS256\"}\0",
        "{\"alg\":\"HS256\"} {}",
    ] {
        assert_eq!(check(&token(header, claims)), Err(TokenError::Malformed), "{header}");
    }
    // A key's name is read and looked up nowhere.
    for kid in ["", "1", "../../dev/null", "' or 1=1--"] {
        let header = format!(r#"{{"kid":"{kid}","alg":"HS256"}}"#);
        assert_eq!(check(&token(&header, claims)), Ok(Identity::Service));
    }
}

#[test]
fn the_form_is_exact() {
    let good = token(HEADER, r#"{"role":"anon","exp":1700000001}"#);
    let parts: Vec<&str> = good.split('.').collect();
    let [header, claims, signature] = parts.as_slice() else { panic!("three parts") };
    for wrong in [
        String::new(),
        ".".into(),
        "..".into(),
        "...".into(),
        "a.b.c".into(),
        format!("{header}.{claims}"),
        format!("{header}.{claims}."),
        format!(".{claims}.{signature}"),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}.{signature}"),
        format!("{header}.{claims}.{claims}.{signature}"),
        format!("{good}="),
        format!(" {good}"),
        format!("{good}\n"),
        format!("{good}AA"),
        format!("{header}.{claims}.{}", &signature[..22]),
        "é.é.é".into(),
    ] {
        assert_eq!(check(&wrong), Err(TokenError::Malformed), "{wrong}");
    }
    let no_claims = format!("{header}..{signature}");
    assert_eq!(check(&no_claims), Err(TokenError::Signature));
    // The standard alphabet is another one.
    let url = token(HEADER, r#"{"role":"anon","exp":1700000001,"x":"???>>>"}"#);
    assert!(check(&url).is_ok() && url.contains(['-', '_']));
    assert_eq!(check(&url.replace('-', "+").replace('_', "/")), Err(TokenError::Malformed));
}

#[test]
fn length_is_limited_before_anything_is_read() {
    let sized = |bytes: usize| {
        token(HEADER, &format!(r#"{{"role":"anon","exp":1700000001,"x":"{}"}}"#, "x".repeat(bytes)))
    };
    let fits = (0..TOKEN_BYTES_MAX).rev().find(|bytes| sized(*bytes).len() <= TOKEN_BYTES_MAX);
    let fits = fits.expect("some size fits");
    assert_eq!(check(&sized(fits)), Ok(Identity::Anonymous));
    assert_eq!(check(&sized(fits + 1)), Err(TokenError::Malformed));
    assert_eq!(check(&"a".repeat(10_000_000)), Err(TokenError::Malformed));
}

#[test]
fn expiry_is_required_and_an_integer_with_30_seconds_of_leeway() {
    assert!(anon_with(r#""exp":1700000001"#).is_ok());
    assert!(anon_with(r#""exp":9223372036854775807"#).is_ok());
    assert!(anon_with(r#""exp":1699999971"#).is_ok());
    for past in ["1699999970", "1699999969", "0", "-1", "-9223372036854775808"] {
        assert_eq!(anon_with(&format!(r#""exp":{past}"#)), Err(TokenError::Expired), "{past}");
    }
    for exp in [
        r#""x":1"#,
        r#""exp":null"#,
        r#""exp":"1700000001""#,
        r#""exp":1700000001.0"#,
        r#""exp":1700000001.5"#,
        r#""exp":1.7e10"#,
        r#""exp":1e400"#,
        r#""exp":9223372036854775808"#,
        r#""exp":-9223372036854775809"#,
        r#""exp":true"#,
        r#""exp":[1700000001]"#,
        r#""exp":{}"#,
        r#""exp":01700000001"#,
        r#""exp":1700000001,"exp":1700000001"#,
        r#""exp":1700000001,"\u0065xp":1"#,
        r#""exp":1700000001,"role":"service_role""#,
        r#""exp":1700000001,"x":{"a":1,"a":2}"#,
        r#""exp":1700000001,"x":"\u0000""#,
        r#""exp":{"$serde_json::private::Number":"1700000001"}"#,
    ] {
        assert!(matches!(anon_with(exp), Err(TokenError::Claims(_))), "{exp}");
    }
}

#[test]
fn a_token_of_this_server_expires_exactly() {
    let issued_here =
        |exp: i64| anon_with(&format!(r#""iss":"https://example.com/auth/v1","exp":{exp}"#));
    assert!(issued_here(1_700_000_001).is_ok());
    for past in [1_700_000_000, 1_699_999_999, 1_699_999_971] {
        assert_eq!(issued_here(past), Err(TokenError::Expired), "{past}");
        assert_eq!(
            anon_with(&format!(r#""iss":"selvedge","exp":{past}"#)),
            Ok(Identity::Anonymous),
            "{past}"
        );
    }
}

#[test]
fn claims_are_an_object() {
    for claims in [r#"[1700000001,null,"service_role",null,null,null,null,null]"#, "null", "1", ""]
    {
        let checked = check(&token(HEADER, claims));
        assert!(matches!(checked, Err(TokenError::Claims(_))), "{claims}");
    }
}

#[test]
fn a_beginning_is_respected() {
    assert!(anon_with(r#""exp":1700000001,"nbf":1700000000"#).is_ok());
    for claim in ["nbf", "iat"] {
        let begun = anon_with(&format!(r#""exp":1700000099,"{claim}":1700000030"#));
        assert_eq!(begun, Ok(Identity::Anonymous), "{claim}");
        let early = anon_with(&format!(r#""exp":1700000099,"{claim}":1700000031"#));
        assert_eq!(early, Err(TokenError::NotYetValid), "{claim}");
        for time in [r#""1700000000""#, "1.5", "1e400", "true"] {
            let claims = format!(r#""exp":1700000001,"{claim}":{time}"#);
            assert!(matches!(anon_with(&claims), Err(TokenError::Claims(_))), "{claim} {time}");
        }
    }
    for claims in [r#""nbf":0,"iat":1700000031"#, r#""iat":0,"nbf":1700000031"#] {
        let early = anon_with(&format!(r#""exp":1700000099,{claims}"#));
        assert_eq!(early, Err(TokenError::NotYetValid), "{claims}");
    }
}

#[test]
fn a_user_needs_every_claim_of_a_user() {
    let upper = ID.to_uppercase();
    for (part, instead) in [
        (r#""role":"authenticated""#, r#""role":"supabase_admin""#),
        (r#""role":"authenticated""#, r#""role":"Authenticated""#),
        (r#""role":"authenticated""#, r#""role":"""#),
        (r#""role":"authenticated""#, r#""role":null"#),
        (r#""role":"authenticated""#, r#""role":["authenticated"]"#),
        (r#""role":"authenticated""#, r#""rule":"authenticated""#),
        (r#""aud":"authenticated""#, r#""aud":"other""#),
        (r#""aud":"authenticated""#, r#""aud":["authenticated"]"#),
        (r#""aud":"authenticated""#, r#""x":1"#),
        (r#""iss":"https://example.com/auth/v1""#, r#""iss":"https://evil.example/auth/v1""#),
        (r#""iss":"https://example.com/auth/v1""#, r#""iss":"""#),
        (ID, ""),
        (ID, "1"),
        (ID, upper.as_str()),
        (SESSION, "' or 1=1--"),
        (r#""sub":"#, r#""bus":"#),
        (r#""session_id":"#, r#""session":"#),
        (r#""email":"ann@example.com""#, r#""email":1"#),
    ] {
        let claims = user_claims();
        assert!(claims.contains(part), "{part}");
        let checked = check(&token(HEADER, &claims.replace(part, instead)));
        assert!(matches!(checked, Err(TokenError::Claims(_))), "{instead}: {checked:?}");
    }
    let no_issuer = user_claims().replace(r#""iss":"https://example.com/auth/v1","#, "");
    assert!(matches!(check(&token(HEADER, &no_issuer)), Ok(Identity::User(_))));
}

#[test]
fn claims_are_not_looked_at_before_the_signature() {
    let claims = BASE64URL.encode("not JSON");
    let message = format!("{}.{claims}", BASE64URL.encode(HEADER));
    let wrong = format!("{message}.{}", BASE64URL.encode([0; 32]));
    assert_eq!(check(&wrong), Err(TokenError::Signature));
    let expired = token(HEADER, r#"{"role":"anon","exp":1}"#);
    let (message, _) = expired.rsplit_once('.').expect("dots");
    let wrong = format!("{message}.{}", BASE64URL.encode([0; 32]));
    assert_eq!(check(&wrong), Err(TokenError::Signature));
}

#[test]
fn two_secrets_may_be_live_and_no_third() {
    let old = sign(&Secret::new(OTHER.into()), r#"{"role":"anon","exp":1700000001}"#);
    assert_eq!(verify(&old, &config(), NOW), Err(TokenError::Signature));
    assert_eq!(verify(&old, &config_of(SECRET, Some(OTHER)), NOW), Ok(Identity::Anonymous));
    assert_eq!(verify(&old, &config_of(OTHER, Some(SECRET)), NOW), Ok(Identity::Anonymous));
}

#[test]
fn refusals_speak_the_dialect_and_show_nothing() {
    let wording = |error: TokenError, dialect| {
        let error = error.refusal(dialect);
        assert_eq!(error.headers, [("www-authenticate", "Bearer".to_owned())]);
        (error.code.wire(), error.code.status(), error.message)
    };
    let rest = |error| wording(error, Dialect::Rest);
    let auth = |error| wording(error, Dialect::Auth);
    assert_eq!(rest(TokenError::Expired), ("PGRST303", 401, "JWT expired".into()));
    assert_eq!(rest(TokenError::Malformed), ("PGRST301", 401, "JWT malformed".into()));
    assert_eq!(rest(TokenError::Signature), ("PGRST301", 401, "JWT signature invalid".into()));
    assert_eq!(auth(TokenError::Expired), ("bad_jwt", 401, "invalid JWT: token is expired".into()));
    let unsigned = ("bad_jwt", 401, "invalid JWT: signature is invalid".into());
    assert_eq!(auth(TokenError::Signature), unsigned);
    let claims = auth(TokenError::Claims("missing sub claim"));
    assert_eq!(claims, ("bad_jwt", 401, "invalid JWT: missing sub claim".into()));
}

#[test]
fn what_is_remembered_is_one_token_under_one_secret_while_it_lasts() {
    let config = config();
    let good = token(HEADER, &user_claims());
    let first = verify(&good, &config, NOW);
    assert!(matches!(&first, Ok(Identity::User(user)) if user.id == ID));
    assert_eq!(config.proofs.find(&good).map(|proof| proof.identity), first.clone().ok());
    assert_eq!(verify(&good, &config, NOW), first);
    assert_eq!(verify(&good, &config, NOW + 1_000), Err(TokenError::Expired));
    assert_eq!(verify(&good, &config_of(OTHER, None), NOW), Err(TokenError::Signature));
    // Any other text in its place is verified, whatever of it is the same.
    for index in 0..good.len() {
        let mut bytes = good.clone().into_bytes();
        bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(bytes).expect("ASCII");
        assert!(verify(&forged, &config, NOW).is_err(), "{index}");
        assert!(config.proofs.find(&forged).is_none(), "{index}");
    }
    for other in ["", "A", "AA", &good[1..], &good[..good.len() - 1], &format!("{good}A")] {
        assert!(verify(other, &config, NOW).is_err(), "{other}");
    }
    assert_eq!(verify(&good, &config, NOW), first);
}

#[test]
fn what_was_refused_is_not_remembered() {
    let config = config();
    let early = token(HEADER, r#"{"role":"service_role","exp":1800000000,"nbf":1700000035}"#);
    assert_eq!(verify(&early, &config, NOW), Err(TokenError::NotYetValid));
    assert_eq!(config.proofs.find(&early), None);
    assert_eq!(verify(&early, &config, NOW + 5_000), Ok(Identity::Service));
    assert_eq!(verify(&early, &config, NOW), Err(TokenError::NotYetValid));
}
