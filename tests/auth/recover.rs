//! `POST /recover`: into an account whose password was forgotten.

use serde_json::json;

use crate::World;
use crate::support::interleave;
use selvedge::http::Method;

const RECOVER: &str = "/auth/v1/recover";

fn ann() -> serde_json::Value {
    json!({ "email": "Ann@example.com" })
}

#[test]
fn what_is_no_address_is_refused() {
    let (world, _) = World::with_ann();
    for body in ["", "null", "[]", r#"{"email":1}"#, r#"{"email":"a@b.c","email":"d@e.f"}"#] {
        world.send(Method::Post, RECOVER, &[], body.as_bytes()).is(400, "bad_json");
    }
    for body in [json!({}), json!({ "email": "" }), json!({ "email": null })] {
        world.post(RECOVER, &body).is(400, "validation_failed");
    }
    for email in ["ann", "ann@", "@example.com", "a b@example.com", "ann@example.com\r\nbcc: x@y.z"]
    {
        world.post(RECOVER, &json!({ "email": email })).is(400, "validation_failed");
    }
    world.post(RECOVER, &json!({ "phone": "+15550100" })).is(400, "phone_provider_disabled");
    let half = json!({ "email": "ann@example.com", "code_challenge": crate::mailed::challenge() });
    world.post(RECOVER, &half).is(400, "validation_failed");
    assert_eq!(world.host.take_usage().round_trips, 0);
    assert_eq!(world.letters(), "");
    let world = World::with(&[("EXTERNAL_EMAIL_ENABLED", "false")]);
    world.post(RECOVER, &ann()).is(422, "email_provider_disabled");
}

#[test]
fn known_and_unknown_addresses_are_answered_alike_and_cost_the_same() {
    let (world, _) = World::with_ann();
    let mut seen = Vec::new();
    for email in ["ann@example.com", "nobody@example.com"] {
        world.host.errands_asked.set(0);
        world.host.record();
        let answers = [0, 1].map(|_| world.post(RECOVER, &json!({ "email": email })));
        let usage = world.host.take_usage();
        let told = answers.map(|answer| (answer.status, answer.headers, answer.body));
        assert_eq!((told[0].0, told[1].0), (200, 429));
        let cost = (usage.round_trips, usage.statements, world.host.errands_asked.get());
        seen.push((told, cost, world.host.record()));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!((seen[0].1.0, seen[0].1.2), (2, 2));
    assert_eq!(world.letters(), "recovery:ann@example.com");
}

#[test]
fn one_mail_a_minute_and_the_newest_link_counts() {
    let (world, _) = World::with_ann();
    assert_eq!(world.post(RECOVER, &ann()).status, 200);
    let first = world.mailed("recovery");
    world.host.advance(59_000);
    world.post(RECOVER, &ann()).is(429, "over_email_send_rate_limit");
    assert_eq!(world.mailed("recovery"), first);
    world.host.advance(1_000);
    assert_eq!(world.post(RECOVER, &ann()).status, 200);
    let second = world.mailed("recovery");
    world.verify_link("recovery", &first.link).is(403, "otp_expired");
    world.verify_code("recovery", "ann@example.com", &first.code).is(403, "otp_expired");
    world.verify_link("recovery", &second.link).is_session();
}

#[test]
fn the_link_leads_to_a_session_that_may_set_a_password() {
    let (world, ann_before) =
        World::with_ann_and(&[("SECURITY_UPDATE_PASSWORD_REQUIRE_CURRENT_PASSWORD", "true")]);
    world.host.take_usage();
    assert_eq!(world.post(RECOVER, &ann()).body, json!({}));
    assert_eq!(world.host.take_usage().round_trips, 1);
    let mailed = world.mailed("recovery");
    let session = world.verify_link("recovery", &mailed.link);
    session.is_session();
    assert_eq!(world.host.take_usage().round_trips, 2);
    assert_eq!(session.text("/user/recovery_sent_at"), "2026-08-20T10:13:12.345Z");
    let claims = crate::claims(session.access_token());
    assert_eq!(claims["amr"][0]["method"], "recovery");
    let set = world.put_user(session.access_token(), &json!({ "password": "another horse" }));
    assert_eq!(set.status, 200, "{}", set.body);
    // The old password and the old session are gone.
    world.sign_in("ann@example.com").is(400, "invalid_credentials");
    world.get_user(ann_before.access_token()).is(403, "session_not_found");
    let body = json!({ "email": "ann@example.com", "password": "another horse" });
    world.password(&body).is_session();
    assert!(world.letters().contains("password_changed:ann@example.com"));
}

#[test]
fn of_fifty_uses_of_a_link_at_once_one_counts() {
    let (world, _) = World::with_ann();
    world.post(RECOVER, &ann());
    let mailed = world.mailed("recovery");
    let body = json!({ "type": "recovery", "token_hash": mailed.link }).to_string();
    let request = crate::request(Method::Post, "/auth/v1/verify", &[], body.as_bytes());
    let answers = interleave((0..50).map(|_| world.answer(&request)));
    let sessions = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(sessions, 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.is(403, "otp_expired");
    }
    assert_eq!(world.count("auth_sessions"), "2");
}

#[test]
fn what_is_unconfirmed_belongs_to_whoever_opens_the_mail() {
    // Somebody signs up with an address that is not theirs, and waits.
    let world = World::strict();
    let taken = world.post("/auth/v1/signup", &crate::credentials("ann@example.com"));
    assert_eq!(taken.status, 200);
    world.host.execute(
        "insert into auth_identities (id, user_id, provider, subject, created_at, updated_at)
         select 'x', id, 'evil', 'mallory', 0, 0 from auth_users;
         insert into auth_sessions (id, user_id, refreshed_at, created_at)
         select 'y', id, 0, 0 from auth_users",
    );
    world.host.advance(60_000);
    world.post(RECOVER, &ann());
    world.verify_link("recovery", &world.mailed("recovery").link).is_session();
    // Its password, its session and its provider open nothing any more.
    world.sign_in("ann@example.com").is(400, "invalid_credentials");
    let left = "select group_concat(provider) from auth_identities";
    assert_eq!(world.host.query(left).as_deref(), Some("email"));
    assert_eq!(world.count("auth_sessions"), "1");
    // The mail of that sign-up is worth nothing either, now that the address is confirmed.
    assert_eq!(
        world.host.query("select count(*) from auth_users where password_hash is null").as_deref(),
        Some("1")
    );
}

#[test]
fn trouble_leaves_nothing_behind() {
    let (world, _) = World::with_ann();
    let before = world.host.dump();
    world.host.fail_batch(1, crate::unavailable());
    world.post(RECOVER, &ann()).is(503, "service_unavailable");
    assert_eq!(world.host.dump(), before);
    assert_eq!(world.post(RECOVER, &ann()).status, 200);
    let link = world.mailed("recovery").link;
    for k in [1, 2] {
        world.host.fail_batch(k, crate::unavailable());
        world.verify_link("recovery", &link).is(503, "service_unavailable");
    }
    world.verify_link("recovery", &link).is_session();
}
