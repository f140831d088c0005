//! `POST /signup`.

use serde_json::{Value, json};

use crate::support::{START, config_with, interleave};
use crate::{PASSWORD, World, credentials, request, unavailable};
use selvedge::auth::USER_METADATA_BYTES_MAX;
use selvedge::http::Method;

const SIGN_UP: &str = "/auth/v1/signup";

fn with(field: &str, value: Value) -> Value {
    let mut body = credentials("ann@example.com");
    body[field] = value;
    body
}

#[test]
fn a_body_that_is_not_the_expected_json_is_refused() {
    let world = World::new();
    let deep = format!(
        r#"{{"email":"a@b.c","password":"12345678","data":{}1{}}}"#,
        "[".repeat(64),
        "]".repeat(64)
    );
    for body in [
        "",
        "null",
        "[]",
        "{",
        r#"{"email":1}"#,
        r#"{"email":"a@b.c","password":12345678}"#,
        r#"{"email":"a@b.c","password":{"length":8}}"#,
        r#"{"email":"a@b.c","email":"d@b.c","password":"12345678"}"#,
        r#"{"email":"a@b.c","\u0065mail":"d@b.c","password":"12345678"}"#,
        r#"{"email":"a@b.c","password":"12345678","data":{"a":1,"a":2}}"#,
        r#"{"email":"a@b.c","password":"12345678\u0000"}"#,
        r#"{"email":"a@b.c","password":"\ud800\ud800\ud800\ud800\ud800\ud800\ud800\ud800"}"#,
        r#"["a@b.c",null,"12345678",null]"#,
        "email=a@b.c&password=12345678",
        &deep,
    ] {
        let refused = world.send(Method::Post, SIGN_UP, &[], body.as_bytes());
        refused.is(400, "bad_json");
    }
    world.send(Method::Post, SIGN_UP, &[], b"{\"email\":\"\xff@b.c\"}").is(400, "bad_json");
    assert_eq!(world.host.take_usage().round_trips, 0);
    assert_eq!(world.host.hashes.get(), 0);
}

#[test]
fn an_account_without_an_address_is_refused() {
    let world = World::new();
    let disabled = "anonymous_provider_disabled";
    world.post(SIGN_UP, &json!({})).is(422, disabled);
    world.post(SIGN_UP, &json!({ "data": { "name": "Ann" } })).is(422, disabled);
    world.post(SIGN_UP, &json!({ "email": "", "password": PASSWORD })).is(422, disabled);
    world.post(SIGN_UP, &json!({ "email": null, "password": PASSWORD })).is(422, disabled);
    let by_phone = json!({ "phone": "+15550100", "password": PASSWORD });
    world.post(SIGN_UP, &by_phone).is(400, "phone_provider_disabled");
    world.post(SIGN_UP, &with("phone", json!("+15550100"))).is(400, "phone_provider_disabled");
}

#[test]
fn an_address_that_is_none_is_refused() {
    let world = World::new();
    for address in ["ann", "ann@", "ann@example", "mıke@example.com", "a b@example.com"] {
        let answer = world.post(SIGN_UP, &credentials(address));
        // A single label is a domain in a local network, and browsers take it.
        if address == "ann@example" {
            answer.is_session();
        } else {
            answer.is(400, "validation_failed");
            assert_eq!(answer.text("/message"), "Unable to validate email address: invalid format");
        }
    }
}

#[test]
fn a_weak_password_is_refused() {
    let world = World::new();
    let weak = |password: String, message: &str| {
        let answer = world.post(SIGN_UP, &with("password", json!(password)));
        answer.is(422, "weak_password");
        assert_eq!(answer.text("/message"), message);
        assert_eq!(answer.body["weak_password"], json!({ "reasons": ["length"] }));
    };
    weak("1234567".into(), "Password should be at least 8 characters.");
    // Seven characters of four bytes each.
    weak("🦀".repeat(7), "Password should be at least 8 characters.");
    weak("x".repeat(1025), "Password should be at most 1024 bytes.");
    for none in [json!(""), Value::Null] {
        world.post(SIGN_UP, &with("password", none)).is(400, "validation_failed");
    }
    assert_eq!(world.host.hashes.get(), 0);
    world.post(SIGN_UP, &with("password", json!("🦀".repeat(256)))).is_session();
}

#[test]
fn metadata_that_is_no_object_or_too_large_is_refused() {
    let world = World::new();
    for data in [json!([]), json!("x"), json!(1), json!(true)] {
        world.post(SIGN_UP, &with("data", data)).is(400, "validation_failed");
    }
    let sized = |bytes: usize| json!({ "x": "x".repeat(bytes - r#"{"x":""}"#.len()) });
    let too_large = world.post(SIGN_UP, &with("data", sized(USER_METADATA_BYTES_MAX + 1)));
    too_large.is(400, "validation_failed");
    // The largest there is still makes a token that is accepted.
    let address = format!("{}@{}.com", "a".repeat(64), ["b"; 3].map(|b| b.repeat(60)).join("."));
    let mut largest = with("data", sized(USER_METADATA_BYTES_MAX));
    largest["email"] = json!(address);
    let session = world.post(SIGN_UP, &largest);
    session.is_session();
    assert_eq!(world.get_user(session.access_token()).text("/email"), address);
}

#[test]
fn a_taken_address_changes_nothing() {
    let (world, _) = World::with_ann();
    let stored = "select group_concat(id || password_hash || user_metadata) from auth_users";
    let before = world.host.query(stored);
    for address in ["ann@example.com", "ANN@EXAMPLE.COM"] {
        let mut body = credentials(address);
        body["password"] = json!("another password");
        body["data"] = json!({ "name": "Mallory" });
        let answer = world.post(SIGN_UP, &body);
        answer.is(422, "user_already_exists");
        assert_eq!(answer.text("/message"), "User already registered");
    }
    assert_eq!(world.host.query(stored), before);
    assert_eq!(world.host.query("select count(*) from auth_sessions").as_deref(), Some("1"));
    // It costs what a new address costs.
    assert_eq!(world.host.take_usage().round_trips, 4);
    assert_eq!(world.host.hashes.get(), 2);
}

#[test]
fn of_twenty_at_once_one_gets_the_address() {
    let world = World::new();
    let body = credentials("ann@example.com").to_string();
    let request = request(Method::Post, SIGN_UP, &[], body.as_bytes());
    let answers = interleave((0..20).map(|_| world.answer(&request)));
    let taken = answers.iter().filter(|answer| answer.status == 422).count();
    assert_eq!((answers.len(), taken), (20, 19));
    assert_eq!(world.host.query("select count(*) from auth_users").as_deref(), Some("1"));
    assert_eq!(world.host.query("select count(*) from auth_sessions").as_deref(), Some("1"));
}

#[test]
fn nobody_signs_up_where_new_accounts_are_not_wanted() {
    let mut world = World::new();
    world.config = config_with(&[("DISABLE_SIGNUP", "true")]);
    world.post(SIGN_UP, &credentials("ann@example.com")).is(422, "signup_disabled");
    assert_eq!(world.host.query("select count(*) from auth_users").as_deref(), Some("0"));
    assert_eq!(world.host.hashes.get(), 0);
}

#[test]
fn trouble_is_503_and_leaves_nothing_behind() {
    let world = World::new();
    for batch in [1, 2] {
        world.host.fail_batch(batch, unavailable());
        let answer = world.post(SIGN_UP, &credentials("ann@example.com"));
        answer.is(503, "service_unavailable");
        assert!(answer.headers.contains(&("retry-after", "1".into())));
    }
    world.host.hasher_is_down(true);
    world.post(SIGN_UP, &credentials("ann@example.com")).is(503, "service_unavailable");
    assert_eq!(world.host.query("select count(*) from auth_users").as_deref(), Some("0"));
    world.host.hasher_is_down(false);
    world.post(SIGN_UP, &credentials("ann@example.com")).is_session();
}

#[test]
fn nothing_but_the_fixed_fields_can_be_set() {
    let world = World::new();
    let session = world.post(
        SIGN_UP,
        &json!({
            "email": "ann@example.com",
            "password": PASSWORD,
            "data": { "email_verified": false, "role": "service_role", "n": 1 },
            "id": "00000000-0000-4000-8000-000000000000",
            "role": "service_role",
            "aud": "other",
            "app_metadata": { "admin": true },
            "user_metadata": { "x": 1 },
            "raw_app_meta_data": { "admin": true },
            "email_confirmed_at": null,
            "password_hash": "x",
            "created_at": 0,
            "is_anonymous": true,
            "gotrue_meta_security": { "captcha_token": null },
            "code_challenge": null,
            "code_challenge_method": null,
        }),
    );
    session.is_session();
    let user = &session.body["user"];
    assert_ne!(user["id"], "00000000-0000-4000-8000-000000000000");
    assert_eq!(user["role"], "authenticated");
    assert_eq!(user["aud"], "authenticated");
    assert_eq!(user["app_metadata"], json!({ "provider": "email", "providers": ["email"] }));
    let data = json!({ "email_verified": true, "role": "service_role", "n": 1 });
    assert_eq!(user["user_metadata"], data);
    assert_eq!(user["created_at"], "2026-08-20T10:11:12.345Z");
    assert_eq!(user["is_anonymous"], false);
    let claims = crate::claims(session.access_token());
    assert_eq!(
        (&claims["role"], &claims["aud"]),
        (&json!("authenticated"), &json!("authenticated"))
    );
}

#[test]
fn the_answer_is_a_session() {
    let world = World::new();
    let ann = world.post(SIGN_UP, &credentials("Ann@Example.com"));
    assert_eq!(world.host.take_usage().round_trips, 2);
    assert_eq!((world.host.hashes.get(), world.host.comparisons.get()), (1, 0));
    let id = ann.text("/user/id").to_owned();
    let now = "2026-08-20T10:11:12.345Z";
    let identity = json!({
        "identity_id": id,
        "id": id,
        "user_id": id,
        "identity_data": {
            "email": "ann@example.com",
            "email_verified": true,
            "phone_verified": false,
            "sub": id,
        },
        "provider": "email",
        "last_sign_in_at": now,
        "created_at": now,
        "updated_at": now,
        "email": "ann@example.com",
    });
    let expected = json!({
        "access_token": ann.access_token(),
        "token_type": "bearer",
        "expires_in": 3600,
        "expires_at": START / 1000 + 3600,
        "refresh_token": ann.refresh_token(),
        "user": {
            "id": id,
            "aud": "authenticated",
            "role": "authenticated",
            "email": "ann@example.com",
            "email_confirmed_at": now,
            "phone": "",
            "confirmed_at": now,
            "last_sign_in_at": now,
            "app_metadata": { "provider": "email", "providers": ["email"] },
            "user_metadata": { "email_verified": true },
            "identities": [identity],
            "created_at": now,
            "updated_at": now,
            "is_anonymous": false,
        },
    });
    assert_eq!((ann.status, &ann.body), (200, &expected));
    let claims = crate::claims(ann.access_token());
    let expected = json!({
        "iss": "http://127.0.0.1:54321/auth/v1",
        "sub": id,
        "aud": "authenticated",
        "exp": START / 1000 + 3600,
        "iat": START / 1000,
        "email": "ann@example.com",
        "phone": "",
        "app_metadata": { "provider": "email", "providers": ["email"] },
        "user_metadata": { "email_verified": true },
        "role": "authenticated",
        "aal": "aal1",
        "amr": [{ "method": "password", "timestamp": START / 1000 }],
        "session_id": claims["session_id"],
        "is_anonymous": false,
    });
    assert_eq!(claims, expected);
}

#[test]
fn metadata_come_back_to_the_digit() {
    let world = World::new();
    let body = r#"{"email":"ann@example.com","password":"correct horse",
        "data":{"n":9007199254740993.10,"s":"é\"\\\u0001😀","o":{"$serde_json::private::Number":"1"}}}"#;
    let session = world.send(Method::Post, SIGN_UP, &[], body.as_bytes());
    session.is_session();
    let stored = world.host.query("select user_metadata from auth_users").expect("metadata");
    assert!(stored.contains("9007199254740993.10"), "{stored}");
    assert!(stored.contains(r#"{"$serde_json::private::Number":"1"}"#), "{stored}");
    assert_eq!(session.text("/user/user_metadata/s"), "é\"\\\u{1}😀");
}
