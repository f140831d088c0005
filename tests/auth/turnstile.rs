//! The captcha, where one is set up: who must have solved it, and that nothing happens before.

use serde_json::{Value, json};

use crate::support::{config_with, inbound};
use crate::{Answer, World, credentials};
use selvedge::http::Method;
use selvedge::outbound::FetchError;

const SETTINGS: [(&str, &str); 3] = [
    ("TURNSTILE_SECRET", "a secret & more"),
    ("TURNSTILE_URL", "http://127.0.0.1:9/siteverify"),
    ("SITE_URL", "https://app.example.com"),
];

/// Where a captcha must have been solved.
const GUARDED: [&str; 6] = [
    "/auth/v1/signup",
    "/auth/v1/token?grant_type=password",
    "/auth/v1/otp",
    "/auth/v1/magiclink",
    "/auth/v1/recover",
    "/auth/v1/resend",
];

const GOOD: &str = r#"{"success":true,"hostname":"app.example.com","error-codes":[],"action":""}"#;

fn world() -> World {
    let (world, _) = World::with_ann();
    World { config: config_with(&SETTINGS), ..world }
}

fn with_token(token: Value) -> Value {
    let mut body = credentials("ann@example.com");
    body["gotrue_meta_security"] = json!({ "captcha_token": token });
    body
}

/// The answer, which must not have touched anything.
#[track_caller]
fn untouched(world: &World, address: &str, body: &Value) -> Answer {
    world.host.take_usage();
    world.host.comparisons.set(0);
    let answer = world.post(address, body);
    let used = (world.host.take_usage().round_trips, world.host.comparisons.get());
    assert_eq!((used, world.host.hashes.get()), ((0, 0), 0), "{address}");
    answer
}

#[test]
fn without_a_token_nothing_happens() {
    let world = world();
    for address in GUARDED {
        for body in [
            credentials("ann@example.com"),
            with_token(Value::Null),
            with_token(json!("")),
            json!({ "email": "ann@example.com", "password": "x", "gotrue_meta_security": {} }),
            json!({ "email": "ann@example.com", "password": "x", "captcha_token": "good" }),
        ] {
            let answer = untouched(&world, address, &body);
            answer.is(400, "captcha_failed");
            let message = "captcha protection: request disallowed (no captcha_token found)";
            assert_eq!(answer.text("/message"), message);
        }
        untouched(&world, address, &with_token(json!(1))).is(400, "bad_json");
        let mut body = credentials("ann@example.com");
        body["gotrue_meta_security"] = json!("x");
        untouched(&world, address, &body).is(400, "bad_json");
        untouched(&world, address, &with_token(json!("x".repeat(2049)))).is(400, "captcha_failed");
    }
    assert!(world.host.fetched.borrow().is_empty());
}

#[test]
fn a_token_that_is_not_good_or_not_from_here_is_refused() {
    let world = world();
    for answer in [
        r#"{"success":false,"error-codes":["invalid-input-response"]}"#,
        r#"{"success":false,"hostname":"app.example.com","error-codes":["timeout-or-duplicate"]}"#,
        r#"{"success":true}"#,
        r#"{"success":true,"hostname":""}"#,
        r#"{"success":true,"hostname":"evil.example"}"#,
        r#"{"success":true,"hostname":"app.example.com.evil.example"}"#,
        r#"{"success":true,"hostname":"xapp.example.com"}"#,
        r#"{"success":true,"hostname":"example.com"}"#,
    ] {
        world.host.on_fetch(move |_| inbound(200, answer));
        for address in GUARDED {
            let refused = untouched(&world, address, &with_token(json!("a token")));
            refused.is(400, "captcha_failed");
        }
    }
}

#[test]
fn where_nobody_can_say_nobody_comes_in() {
    let world = world();
    for answer in [
        Err(FetchError { message: "no answer".into() }),
        inbound(502, "<html>"),
        inbound(200, ""),
        inbound(200, "true"),
        inbound(200, r#"{"success":"true","hostname":"app.example.com"}"#),
        inbound(200, r#"{"success":1,"hostname":"app.example.com"}"#),
        inbound(200, r#"{"hostname":"app.example.com"}"#),
        inbound(200, r#"{"success":true,"hostname":["app.example.com"]}"#),
        inbound(200, r#"{"success":false,"success":true,"hostname":"app.example.com"}"#),
    ] {
        let shown = format!("{answer:?}");
        world.host.on_fetch(move |_| answer.clone());
        for address in GUARDED {
            let refused = untouched(&world, address, &with_token(json!("a token")));
            assert_eq!(refused.text("/code"), "service_unavailable", "{shown}");
        }
    }
}

#[test]
fn a_good_token_lets_in_and_is_sent_on_as_it_is() {
    let world = world();
    world.host.on_fetch(|_| inbound(200, GOOD));
    let answer = world.password(&with_token(json!("a+b&secret=c é")));
    answer.is_session();
    let fetched = world.host.fetched.borrow();
    let [request] = fetched.as_slice() else { panic!("one request: {fetched:?}") };
    assert_eq!(request.url, "http://127.0.0.1:9/siteverify");
    assert_eq!(request.method, Method::Post);
    let body = "secret=a%20secret%20%26%20more&response=a%2Bb%26secret%3Dc%20%C3%A9";
    assert_eq!(request.body.as_deref(), Some(body));
    let form = ("content-type", "application/x-www-form-urlencoded".to_owned());
    assert_eq!(request.headers, [form]);
}

#[test]
fn who_is_in_already_and_the_owner_solve_none() {
    let (world, ann) = World::with_ann();
    let world = World { config: config_with(&SETTINGS), ..world };
    world.refresh(ann.refresh_token()).is_session();
    let key = crate::support::corridor::key(&world.config, selvedge::identity::Role::ServiceRole);
    let bearer = format!("Bearer {key}");
    let body = credentials("ann@example.com").to_string();
    for address in GUARDED {
        let headers = [("authorization", bearer.as_str())];
        let answer = world.send(Method::Post, address, &headers, body.as_bytes());
        assert_ne!(answer.body["code"], "captcha_failed", "{address}");
    }
    assert!(world.host.fetched.borrow().is_empty());
}
