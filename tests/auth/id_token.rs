//! Statements that a client brings itself: nothing vouches for them but a signature.

use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use ring::{rsa, signature};
use sha2::{Digest, Sha256};

use super::issuer::{ISSUER, Stage, acme, travel};
use super::support::inbound;
use super::*;

fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// RFC 7515, appendix A.2: a key that everybody knows.
const RSA: [(&str, &str); 8] = [
    (
        "n",
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    ),
    ("e", "AQAB"),
    (
        "d",
        "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46sui395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ",
    ),
    (
        "p",
        "4BzEEOtIpmVdVEZNCqS7baC4crd0pqnRH_5IB3jw3bcxGn6QLvnEtfdUdiYrqBdss1l58BQ3KhooKeQTa9AB0Hw_Py5PJdTJNPY8cQn7ouZ2KKDcmnPGBY5t7yLc1QlQ5xHdwW1VhvKn-nXqhJTBgIPgtldC-KDV5z-y2XDwGUc",
    ),
    (
        "q",
        "uQPEfgmVtjL0Uyyx88GZFF1fOunH3-7cepKmtH4pxhtCoHqpWmT8YAmZxaewHgHAjLYsp1ZSe7zFYHj7C6ul7TjeLQeZD_YwD66t62wDmpe_HlB-TnBA-njbglfIsRLtXlnDzQkv5dTltRJ11BKBBypeeF6689rjcJIDEz9RWdc",
    ),
    (
        "dp",
        "BwKfV3Akq5_MFZDFZCnW-wzl-CCo83WoZvnLQwCTeDv8uzluRSnm71I3QCLdhrqE2e9YkxvuxdBfpT_PI7Yz-FOKnu1R6HsJeDCjn12Sk3vmAktV2zb34MCdy7cpdTh_YVr7tss2u6vneTwrA86rZtu5Mbr1C1XsmvkxHQAdYo0",
    ),
    (
        "dq",
        "h_96-mK1R_7glhsum81dZxjTnYynPbZpHziZjeeHcXYsXaaMwkOlODsWa7I9xXDoRwbKgB719rrmI2oKr6N3Do9U0ajaHF-NKJnwgjMd2w9cjz3_-kyNlxAr2v4IKhGNpmM5iIgOS1VZnOZ68m6_pbLBSp3nssTdlqvd0tIiTHU",
    ),
    (
        "qi",
        "IYd7DHOhrWvxkwPQsRM2tOgrjbcrfvtQJipd-DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd_QJQ3ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp_gh6A5603k2-ZQwVK0JKSHuLFkuQ3U",
    ),
];

/// The issuer's keys: one of each kind.
pub struct Keys {
    rsa: RsaKeyPair,
    ec: EcdsaKeyPair,
}

impl Keys {
    pub fn new() -> Self {
        let number = |index: usize| URL_SAFE_NO_PAD.decode(RSA[index].1).expect("base64url");
        let components = rsa::KeyPairComponents {
            public_key: rsa::PublicKeyComponents { n: number(0), e: number(1) },
            d: number(2),
            p: number(3),
            q: number(4),
            dP: number(5),
            dQ: number(6),
            qInv: number(7),
        };
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let random = SystemRandom::new();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        Self {
            rsa: RsaKeyPair::from_components(&components).expect("the key of the standard"),
            ec: EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).expect("the key"),
        }
    }

    pub fn published(&self) -> Value {
        let (x, y) = self.ec.public_key().as_ref()[1..].split_at(32);
        json!({ "keys": [
            { "kty": "RSA", "kid": "r", "use": "sig", "alg": "RS256", "n": RSA[0].1, "e": RSA[1].1 },
            { "kty": "EC", "kid": "e", "crv": "P-256", "x": base64url(x), "y": base64url(y) },
        ] })
    }

    pub fn sign(&self, header: &Value, claims: &Value) -> String {
        let message =
            format!("{}.{}", base64url(header.to_string()), base64url(claims.to_string()));
        let random = SystemRandom::new();
        let mut bytes = vec![0; self.rsa.public().modulus_len()];
        if header["alg"] == "ES256" {
            let signed = self.ec.sign(&random, message.as_bytes()).expect("signed");
            bytes = signed.as_ref().to_vec();
        } else {
            let signed = self.rsa.sign(&RSA_PKCS1_SHA256, &random, message.as_bytes(), &mut bytes);
            signed.expect("signed");
        }
        format!("{message}.{}", base64url(bytes))
    }
}

fn stage(keys: &Keys) -> Stage {
    let stage = Stage::new();
    stage.others.keys.replace(keys.published());
    stage
}

pub const RS256: (&str, &str) = ("RS256", "r");

pub fn header((alg, kid): (&str, &str)) -> Value {
    json!({ "alg": alg, "kid": kid, "typ": "JWT" })
}

pub fn bring(stage: &Stage, token: &str) -> Answer {
    bring_with(stage, token, &json!({}))
}

fn bring_with(stage: &Stage, token: &str, more: &Value) -> Answer {
    let mut body = json!({ "provider": "acme", "id_token": token });
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    stage.world.post("/auth/v1/token?grant_type=id_token", &body)
}

#[test]
fn a_genuine_statement_begins_a_session() {
    let keys = Keys::new();
    for kind in [RS256, ("ES256", "e")] {
        for audience in ["selvedge at acme", "phone"] {
            let stage = stage(&keys);
            stage.lie("aud", json!(audience));
            let token = keys.sign(&header(kind), &stage.others.claims(None));
            let session = bring(&stage, &token);
            session.is_session();
            assert_eq!(session.text("/user/email"), "ann@example.com");
            assert_eq!(session.text("/user/app_metadata/provider"), "acme");
            assert_eq!(claims(session.access_token())["amr"][0]["method"], "oauth");
            // The same person as by the browser.
            stage.others.lies.take();
            let user = travel(&stage, "provider=acme").user(&stage);
            assert_eq!(user["id"].as_str(), Some(session.text("/user/id")));
        }
    }
}

#[test]
fn a_statement_takes_two_round_trips_and_the_issuer_is_asked_once_an_hour() {
    let keys = Keys::new();
    let stage = stage(&keys);
    let cost =
        || (stage.world.host.take_usage().round_trips, stage.world.host.fetched.take().len());
    let token = keys.sign(&header(RS256), &stage.others.claims(None));
    bring(&stage, &token).is_session();
    assert_eq!(cost(), (2, 2));
    bring(&stage, &token).is_session();
    assert_eq!(cost(), (2, 0));
    // Names of keys that are made up do not make us ask the issuer each time.
    for _ in 0..3 {
        let unknown = keys.sign(&header(("RS256", "unknown")), &stage.others.claims(None));
        bring(&stage, &unknown).is(400, "validation_failed");
    }
    assert_eq!(cost(), (0, 0));
}

#[test]
fn a_new_key_is_found() {
    let (keys, later) = (Keys::new(), Keys::new());
    let stage = stage(&keys);
    bring(&stage, &keys.sign(&header(RS256), &stage.others.claims(None))).is_session();
    let mut published = later.published();
    published["keys"][1]["kid"] = json!("new");
    stage.others.keys.replace(published);
    stage.world.host.advance(61_000);
    bring(&stage, &later.sign(&header(("ES256", "new")), &stage.others.claims(None))).is_session();
    // And the old one is gone.
    let old = keys.sign(&header(("ES256", "e")), &stage.others.claims(None));
    bring(&stage, &old).is(400, "validation_failed");
}

/// CVE-2026-31813, CVE-2026-30863: another issuer's, another client's.
#[test]
fn a_statement_for_others_is_refused() {
    let keys = Keys::new();
    let now = support::START / 1000;
    for (name, value) in [
        ("iss", json!("https://evil.example")),
        ("iss", json!(format!("{ISSUER}/"))),
        ("iss", json!(null)),
        ("aud", json!("another")),
        ("aud", json!(["another", "third"])),
        ("aud", json!(null)),
        ("aud", json!("")),
        ("azp", json!("another")),
        ("exp", json!(now)),
        ("exp", json!(null)),
        ("nbf", json!(now + 1)),
        ("sub", json!(null)),
        ("sub", json!("")),
        ("nonce", json!("one that the client does not have")),
    ] {
        let stage = stage(&keys);
        stage.lie(name, value.clone());
        let token = keys.sign(&header(RS256), &stage.others.claims(None));
        bring(&stage, &token).is(400, "validation_failed");
        assert_eq!(stage.count("auth_users"), 0, "{name} {value}");
    }
}

#[test]
fn a_signature_by_anybody_else_is_refused() {
    let (keys, mallory) = (Keys::new(), Keys::new());
    let stage = stage(&keys);
    let claims = stage.others.claims(None);
    let good = keys.sign(&header(RS256), &claims);
    let (message, signature) = good.rsplit_once('.').expect("three parts");
    let mut forged = stage.others.claims(None);
    forged["sub"] = json!("somebody else");
    let other_message = message.split_once('.').expect("two parts").0.to_owned()
        + "."
        + &base64url(forged.to_string());
    let hmac = |secret: &[u8]| {
        let message = format!(
            "{}.{}",
            base64url(header(("HS256", "r")).to_string()),
            base64url(claims.to_string())
        );
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
        format!("{message}.{}", base64url(ring::hmac::sign(&key, message.as_bytes())))
    };
    let none = |alg: &str| {
        format!("{}.{}.", base64url(header((alg, "r")).to_string()), base64url(claims.to_string()))
    };
    let with = |change: (&str, Value)| {
        let mut header = header(RS256);
        header[change.0] = change.1;
        keys.sign(&header, &claims)
    };
    for token in [
        String::new(),
        "x".to_owned(),
        "a.b.c".to_owned(),
        mallory.sign(&header(("ES256", "e")), &claims),
        format!("{message}."),
        format!("{message}.{}", &signature[..signature.len() - 4]),
        format!("{message}.{signature}="),
        format!("{message}.{signature}.x"),
        format!("{other_message}.{signature}"),
        // The header chooses no algorithm: a key is for one.
        none("none"),
        none("None"),
        none(""),
        hmac(RSA[0].1.as_bytes()),
        hmac(&URL_SAFE_NO_PAD.decode(RSA[0].1).expect("base64url")),
        with(("alg", json!("ES256"))),
        with(("alg", json!("PS256"))),
        with(("alg", json!("rs256"))),
        with(("alg", json!(null))),
        with(("alg", json!(["RS256"]))),
        keys.sign(&header(("ES256", "r")), &claims),
        keys.sign(&header(("RS256", "e")), &claims),
        // Nor a key of its own, or none of two.
        with(("kid", json!("x"))),
        with(("kid", json!(null))),
        with(("crit", json!(["b64"]))),
    ] {
        let answer = bring(&stage, &token);
        answer.is(400, "validation_failed");
    }
    assert_eq!(stage.count("auth_users"), 0);
}

/// A key that the token brings along, or points to, is never looked at.
#[test]
fn a_token_brings_no_key_of_its_own() {
    let (keys, mallory) = (Keys::new(), Keys::new());
    let stage = stage(&keys);
    let claims = stage.others.claims(None);
    let mut header = header(("ES256", "e"));
    header["jwk"] = mallory.published()["keys"][1].clone();
    header["jku"] = json!("https://evil.example/keys");
    header["x5u"] = json!("https://evil.example/chain");
    bring(&stage, &mallory.sign(&header, &claims)).is(400, "validation_failed");
    assert!(stage.world.host.fetched.borrow().iter().all(|sent| !sent.url.contains("evil")));
}

#[test]
fn keys_that_are_not_for_this_verify_nothing() {
    let keys = Keys::new();
    for change in [
        json!({ "use": "enc" }),
        json!({ "alg": "RS512" }),
        json!({ "alg": "HS256" }),
        json!({ "kty": "oct" }),
        json!({ "kty": "EC" }),
        json!({ "crv": "P-256" }),
        // Too short to be safe.
        json!({ "n": &RSA[0].1[..170] }),
        json!({ "n": RSA[0].1.repeat(5) }),
        json!({ "n": null }),
        json!({ "n": 7 }),
        json!({ "kid": null }),
    ] {
        let stage = Stage::new();
        let mut published = keys.published();
        for (name, value) in change.as_object().expect("an object") {
            published["keys"][0][name] = value.clone();
        }
        stage.others.keys.replace(published);
        let token = keys.sign(&header(RS256), &stage.others.claims(None));
        bring(&stage, &token).is(400, "validation_failed");
    }
    for published in [
        json!({}),
        json!([]),
        json!({ "keys": [] }),
        json!({ "keys": {} }),
        json!({ "keys": ["r"] }),
    ] {
        let stage = Stage::new();
        let is_object = published.is_object();
        stage.others.keys.replace(published);
        let token = keys.sign(&header(RS256), &stage.others.claims(None));
        let code = if is_object { "validation_failed" } else { "bad_oauth_callback" };
        bring(&stage, &token).is(400, code);
    }
}

#[test]
fn an_issuer_that_cannot_be_asked_is_trouble_and_no_refusal() {
    let keys = Keys::new();
    let stage = stage(&keys);
    let lost = Err(selvedge::outbound::FetchError { message: "timed out".into() });
    stage.others.broken.borrow_mut().insert("/keys", lost);
    let token = keys.sign(&header(RS256), &stage.others.claims(None));
    bring(&stage, &token).is(503, "service_unavailable");
    stage.others.broken.borrow_mut().insert("/keys", inbound(200, "<html>"));
    bring(&stage, &token).is(400, "bad_oauth_callback");
    stage.others.broken.borrow_mut().clear();
    bring(&stage, &token).is_session();
}

#[test]
fn a_nonce_must_be_the_clients() {
    let keys = Keys::new();
    let stage = stage(&keys);
    let hashed: String =
        Sha256::digest("the client's").iter().map(|byte| format!("{byte:02x}")).collect();
    let token = keys.sign(&header(RS256), &stage.others.claims(Some(&hashed)));
    let with = |nonce: &str| bring_with(&stage, &token, &json!({ "nonce": nonce }));
    with("another").is(400, "validation_failed");
    assert_eq!(with("another").text("/message"), "Nonces mismatch");
    with("").is(400, "validation_failed");
    with(&hashed).is(400, "validation_failed");
    bring(&stage, &token).is(400, "validation_failed");
    with("the client's").is_session();
    let plain = keys.sign(&header(RS256), &stage.others.claims(None));
    bring_with(&stage, &plain, &json!({ "nonce": "x" })).is(400, "validation_failed");
}

#[test]
fn an_access_token_beside_it_must_be_the_one_it_names() {
    let keys = Keys::new();
    let stage = stage(&keys);
    let half = base64url(&Sha256::digest("the one")[..16]);
    stage.lie("at_hash", json!(half));
    let token = keys.sign(&header(RS256), &stage.others.claims(None));
    let with = |access: &str| bring_with(&stage, &token, &json!({ "access_token": access }));
    with("another").is(400, "validation_failed");
    with("the one").is_session();
    bring(&stage, &token).is_session();
}

#[test]
fn what_is_asked_must_be_whole() {
    let keys = Keys::new();
    let stage = stage(&keys);
    let token = keys.sign(&header(RS256), &stage.others.claims(None));
    let post = |body: Value| stage.world.post("/auth/v1/token?grant_type=id_token", &body);
    post(json!({})).is(400, "validation_failed");
    post(json!({ "id_token": token })).is(400, "validation_failed");
    post(json!({ "provider": "acme" })).is(400, "validation_failed");
    post(json!({ "provider": "acme", "id_token": "" })).is(400, "validation_failed");
    post(json!({ "provider": "google", "id_token": token })).is(400, "provider_disabled");
    post(json!({ "provider": ISSUER, "id_token": token })).is(400, "provider_disabled");
    post(json!({ "provider": "github", "id_token": token })).is(400, "validation_failed");
    post(json!({ "provider": "acme", "id_token": [token] })).is(400, "bad_json");
    post(json!([])).is(400, "bad_json");
    assert_eq!(stage.world.host.take_usage().round_trips, 0);
}

#[test]
fn the_same_rules_decide_whose_account_it_is() {
    let keys = Keys::new();
    let stage = stage(&keys);
    stage.account(1, "ann@example.com", false);
    let session = bring(&stage, &keys.sign(&header(RS256), &stage.others.claims(None)));
    session.is_session();
    assert_eq!(stage.query("select count(password_hash) from auth_users"), "0");
    stage.others.person.replace(json!({ "sub": "2", "email": "bob@example.com" }));
    let token = keys.sign(&header(RS256), &stage.others.claims(None));
    bring(&stage, &token).is(422, "provider_email_needs_verification");
}

#[test]
fn an_identity_is_linked_by_a_statement() {
    let keys = Keys::new();
    let stage = stage(&keys);
    let session = bring(&stage, &keys.sign(&header(RS256), &stage.others.claims(None)));
    stage.others.person.replace(acme("2", "other@example.com"));
    let token = keys.sign(&header(RS256), &stage.others.claims(None));
    let body = json!({ "provider": "acme", "id_token": token, "link_identity": true }).to_string();
    let address = "/auth/v1/token?grant_type=id_token";
    let bearer = format!("Bearer {}", session.access_token());
    let link = |headers: &[(&str, &str)]| {
        stage.world.send(Method::Post, address, headers, body.as_bytes())
    };
    link(&[]).is(401, "no_authorization");
    let linked = link(&[("authorization", &bearer)]);
    linked.is_session();
    assert_eq!(linked.text("/user/id"), session.text("/user/id"));
    assert_eq!(linked.body["user"]["identities"].as_array().map(Vec::len), Some(2));
    link(&[("authorization", &bearer)]).is(422, "identity_already_exists");
    stage.world.host.execute("delete from auth_sessions");
    link(&[("authorization", &bearer)]).is(403, "session_not_found");
    let closed = Stage::with(&[("SECURITY_MANUAL_LINKING_ENABLED", "false")]);
    closed.others.keys.replace(keys.published());
    let session = bring(&closed, &token);
    let bearer = format!("Bearer {}", session.access_token());
    let headers = [("authorization", bearer.as_str())];
    let answer = closed.world.send(Method::Post, address, &headers, body.as_bytes());
    answer.is(404, "manual_linking_disabled");
}

/// The standard's own example of a signature.
#[test]
fn the_native_verifier_is_not_made_to_agree() {
    let message = b"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let keys = Keys::new();
    let mut bytes = vec![0; keys.rsa.public().modulus_len()];
    keys.rsa.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut bytes).expect("signed");
    assert!(
        base64url(&bytes)
            .starts_with("cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7")
    );
    let components = signature::RsaPublicKeyComponents {
        n: URL_SAFE_NO_PAD.decode(RSA[0].1).expect("base64url"),
        e: URL_SAFE_NO_PAD.decode(RSA[1].1).expect("base64url"),
    };
    let algorithm = &signature::RSA_PKCS1_2048_8192_SHA256;
    assert!(components.verify(algorithm, message, &bytes).is_ok());
    bytes[0] ^= 1;
    assert!(components.verify(algorithm, message, &bytes).is_err());
}
