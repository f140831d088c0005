//! `POST /otp` and `/magiclink`: coming in without a password.

use serde_json::{Value, json};

use crate::World;
use selvedge::http::Method;

const OTP: &str = "/auth/v1/otp";

fn body(email: &str, create_user: bool) -> Value {
    json!({ "email": email, "create_user": create_user, "data": {} })
}

#[test]
fn what_is_no_request_is_refused() {
    let world = World::strict();
    for bad in ["", "[]", r#"{"email":1}"#, r#"{"email":"a@b.c","create_user":tru}"#] {
        world.send(Method::Post, OTP, &[], bad.as_bytes()).is(400, "bad_json");
    }
    for bad in [
        json!({}),
        json!({ "email": "ann" }),
        json!({ "email": "ann@example.com", "data": [] }),
        json!({ "email": "ann@example.com", "data": { "x": "x".repeat(5000) } }),
        json!({ "email": "ann@example.com", "code_challenge_method": "s256" }),
    ] {
        world.post(OTP, &bad).is(400, "validation_failed");
    }
    let both = json!({ "email": "ann@example.com", "phone": "+15550100" });
    world.post(OTP, &both).is(400, "phone_provider_disabled");
    world.post(OTP, &json!({ "phone": "+15550100" })).is(400, "phone_provider_disabled");
    assert_eq!(world.host.take_usage().round_trips, 0);
}

#[test]
fn a_new_address_becomes_an_account_by_its_code() {
    for kind in ["email", "magiclink", "signup"] {
        let world = World::strict();
        let mut asked = body("Ann@example.com", true);
        asked["data"] = json!({ "name": "Ann" });
        assert_eq!(world.post(OTP, &asked).body, json!({}));
        assert_eq!(world.host.take_usage().round_trips, 1);
        assert_eq!(world.letters(), "magic_link:ann@example.com");
        let mailed = world.mailed("magiclink");
        world.verify_code(kind, "ann@example.com", &mailed.wrong_code()).is(403, "otp_expired");
        let session = world.verify_code(kind, "ann@example.com", &mailed.code);
        session.is_session();
        let metadata = json!({ "name": "Ann", "email_verified": true });
        assert_eq!(session.body["user"]["user_metadata"], metadata);
        assert_eq!(crate::claims(session.access_token())["amr"][0]["method"], "otp");
    }
}

#[test]
fn an_account_is_entered_and_not_changed() {
    let (world, ann) = World::with_ann_and(&[]);
    let mut asked = body("ann@example.com", true);
    asked["data"] = json!({ "name": "Mallory" });
    assert_eq!(world.post("/auth/v1/magiclink", &asked).body, json!({}));
    let session = world.verify_link("magiclink", &world.mailed("magiclink").link);
    session.is_session();
    assert_eq!(session.text("/user/id"), ann.text("/user/id"));
    assert_eq!(session.body["user"]["user_metadata"], json!({ "email_verified": true }));
    // The password and the other session stay: the address was confirmed before.
    assert_eq!(world.get_user(ann.access_token()).status, 200);
    world.sign_in("ann@example.com").is_session();
}

#[test]
fn whether_somebody_is_known_is_not_told() {
    let cases: [(bool, &[(&str, &str)]); 3] =
        [(true, &[]), (false, &[]), (true, &[("DISABLE_SIGNUP", "true")])];
    for (create_user, settings) in cases {
        let (world, _) = World::with_ann_and(settings);
        let mut seen = Vec::new();
        for email in ["ann@example.com", "nobody@example.com"] {
            world.host.record();
            world.host.take_usage();
            let first = world.post(OTP, &body(email, create_user));
            assert_eq!((first.status, &first.body), (200, &json!({})));
            let second = world.post(OTP, &body(email, create_user));
            second.is(429, "over_email_send_rate_limit");
            seen.push((first, second, world.host.take_usage().statements, world.host.record()));
        }
        assert_eq!(seen[0], seen[1]);
        let made = if create_user && settings.is_empty() { "2" } else { "1" };
        assert_eq!(world.count("auth_users"), made);
    }
}

#[test]
fn what_somebody_left_at_an_unconfirmed_address_is_gone() {
    let world = World::strict();
    world.post("/auth/v1/signup", &crate::credentials("ann@example.com"));
    world.host.advance(60_000);
    world.post(OTP, &body("ann@example.com", true));
    let session = world.verify_code("email", "ann@example.com", &world.mailed("magiclink").code);
    session.is_session();
    world.sign_in("ann@example.com").is(400, "invalid_credentials");
}

#[test]
fn where_addresses_are_no_way_in() {
    let world = World::with(&[("EXTERNAL_EMAIL_ENABLED", "false")]);
    for path in ["/auth/v1/otp", "/auth/v1/magiclink", "/auth/v1/recover"] {
        world.post(path, &body("ann@example.com", true)).is(422, "email_provider_disabled");
    }
    let credentials = crate::credentials("ann@example.com");
    world.post("/auth/v1/signup", &credentials).is(422, "email_provider_disabled");
    world.password(&credentials).is(422, "email_provider_disabled");
    assert_eq!(world.host.take_usage().round_trips, 0);
}
