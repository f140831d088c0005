//! `token?grant_type=pkce`, and the links that lead to it.

use serde_json::{Value, json};

use crate::World;
use crate::admin_users::by_service;
use crate::mailed::{VERIFIER, challenge};
use crate::support::interleave;
use selvedge::http::Method;

const SITE: &str = "http://127.0.0.1:54321";
const TOKEN: &str = "/auth/v1/token?grant_type=pkce";

fn with_challenge(mut body: Value) -> Value {
    body["code_challenge"] = json!(challenge());
    body["code_challenge_method"] = json!("s256");
    body
}

/// With Ann, and the code to which the link in a mail to her has led.
fn with_code() -> (World, String) {
    let (world, _) = World::with_ann_and(&[]);
    let body = with_challenge(json!({ "email": "ann@example.com" }));
    assert_eq!(world.post("/auth/v1/recover", &body).status, 200);
    let link = world.mailed("recovery").link;
    let led = world.click("recovery", &link, &format!("{SITE}/reset?sb_flow_id=1"));
    let code = led.led_with("code").expect("a code");
    assert_eq!(led.location(), format!("{SITE}/reset?sb_flow_id=1&code={code}"));
    world.click("recovery", &link, SITE).led_with("error").expect("used");
    world.host.take_usage();
    (world, code)
}

#[test]
fn a_request_that_is_no_exchange_is_refused() {
    let (world, code) = with_code();
    for body in ["", "[]", r#"{"auth_code":1}"#, r#"{"auth_code":"a","auth_code":"b"}"#] {
        world.send(Method::Post, TOKEN, &[], body.as_bytes()).is(400, "bad_json");
    }
    for body in [
        json!({}),
        json!({ "auth_code": code }),
        json!({ "code_verifier": VERIFIER }),
        json!({ "auth_code": "", "code_verifier": VERIFIER }),
        json!({ "auth_code": code, "code_verifier": null }),
    ] {
        world.post(TOKEN, &body).is(400, "validation_failed");
    }
    for index in 0..code.len() {
        let mut changed = code.clone();
        let other = if code[index..].starts_with('A') { "B" } else { "A" };
        changed.replace_range(index..=index, other);
        world.exchange(&changed, VERIFIER).is(404, "flow_state_not_found");
    }
    for wrong in ["x", "11111111-1111-4111-8111-111111111111", &code[..63], &format!("{code}A")] {
        world.exchange(wrong, VERIFIER).is(404, "flow_state_not_found");
    }
    assert_eq!(world.host.take_usage().round_trips, 0);
    world.exchange(&code, VERIFIER).is_session();
}

#[test]
fn a_code_opens_nothing_without_its_secret() {
    let (world, code) = with_code();
    let own = challenge();
    for wrong in ["x", &own, &VERIFIER[1..], &VERIFIER.to_uppercase(), &format!("{VERIFIER}0")] {
        world.exchange(&code, wrong).is(400, "bad_code_verifier");
    }
    assert_eq!(world.count("auth_sessions"), "1");
    world.exchange(&code, VERIFIER).is_session();
}

#[test]
fn a_code_is_good_once_and_for_five_minutes() {
    let (world, code) = with_code();
    let session = world.exchange(&code, VERIFIER);
    session.is_session();
    assert_eq!(world.host.take_usage().round_trips, 2);
    assert_eq!(crate::claims(session.access_token())["amr"][0]["method"], "recovery");
    world.exchange(&code, VERIFIER).is(404, "flow_state_not_found");
    let (world, code) = with_code();
    world.host.advance(300_000 - 1);
    world.exchange(&code, VERIFIER).is_session();
    let (world, code) = with_code();
    world.host.advance(300_000);
    world.exchange(&code, VERIFIER).is(422, "flow_state_expired");
}

#[test]
fn of_fifty_exchanges_at_once_one_counts() {
    let (world, code) = with_code();
    let body = json!({ "auth_code": code, "code_verifier": VERIFIER }).to_string();
    let request = crate::request(Method::Post, TOKEN, &[], body.as_bytes());
    let answers = interleave((0..50).map(|_| world.answer(&request)));
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.is(404, "flow_state_not_found");
    }
    assert_eq!(world.count("auth_sessions"), "2");
}

#[test]
fn of_fifty_clicks_at_once_one_leads_to_a_code() {
    let (world, _) = World::with_ann_and(&[]);
    let body = with_challenge(json!({ "email": "ann@example.com" }));
    world.post("/auth/v1/otp", &body);
    let link = world.mailed("magiclink").link;
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let body = format!("token={link}&type=magiclink&redirect_to={SITE}");
    let request = crate::request(Method::Post, "/auth/v1/verify", &form, body.as_bytes());
    let answers = interleave((0..50).map(|_| world.answer(&request)));
    let codes = answers.iter().filter(|answer| answer.led_with("code").is_some()).count();
    assert_eq!((codes, world.count("auth_flows").as_str()), (1, "1"));
    let refused = answers.iter().find(|answer| answer.led_with("code").is_none()).expect("others");
    // A client with a secret looks into the query.
    assert!(refused.location().starts_with(&format!("{SITE}?error=access_denied")));
    assert!(refused.location().contains("#error=access_denied"));
}

#[test]
fn who_is_banned_meanwhile_gets_no_session() {
    let (world, code) = with_code();
    world.host.execute("update auth_users set banned_until = 9000000000000");
    world.exchange(&code, VERIFIER).is(400, "user_banned");
    let (world, code) = with_code();
    world.host.execute("delete from auth_users");
    world.exchange(&code, VERIFIER).is(404, "flow_state_not_found");
}

#[test]
fn a_flow_in_which_nobody_has_come_in_yet_is_no_way_in() {
    let (world, code) = with_code();
    world.host.execute("update auth_flows set user_id = null");
    world.exchange(&code, VERIFIER).is(404, "flow_state_not_found");
    let (world, code) = with_code();
    world.host.execute("update auth_flows set code_challenge = null");
    world.exchange(&code, VERIFIER).is(404, "flow_state_not_found");
}

#[test]
fn every_way_in_by_mail_takes_a_challenge() {
    let world = World::strict();
    let sign_up = with_challenge(crate::credentials("ann@example.com"));
    assert_eq!(world.post("/auth/v1/signup", &sign_up).status, 200);
    let arrive = |kind: &str, purpose: &str| {
        let led = world.click(kind, &world.mailed(purpose).link, SITE);
        world.host.advance(60_000);
        world.exchange(&led.led_with("code").unwrap_or_default(), VERIFIER)
    };
    arrive("signup", "signup").is_session();
    world.post("/auth/v1/otp", &with_challenge(json!({ "email": "ann@example.com" })));
    let session = arrive("magiclink", "magiclink");
    session.is_session();
    let change = with_challenge(json!({ "email": "new@example.com" }));
    assert_eq!(world.put_user(session.access_token(), &change).status, 200);
    let link = world.mailed("email_change_current").link;
    let half = world.click("email_change", &link, SITE);
    assert!(half.led_with("message").is_some(), "{half:?}");
    let session = arrive("email_change", "email_change_new");
    session.is_session();
    assert_eq!(session.text("/user/email"), "new@example.com");
}

#[test]
fn trouble_leaves_the_code_good() {
    let (world, code) = with_code();
    for k in [1, 2] {
        world.host.fail_batch(k, crate::unavailable());
        world.exchange(&code, VERIFIER).is(503, "service_unavailable");
    }
    world.exchange(&code, VERIFIER).is_session();
}

/// What ends sessions of the account at an address of the admin's.
type End<'a> = &'a dyn Fn(&World, &str);

/// Whoever else waits for a session is shut out by what ends the sessions.
#[test]
fn a_code_ends_with_the_sessions_of_before() {
    let id = |world: &World| world.host.query("select id from auth_users").expect("Ann");
    let by_owner = |world: &World, _: &str| {
        let link = |world: &World| world.mailed("recovery").link;
        world.host.advance(60_000);
        world.post("/auth/v1/recover", &json!({ "email": "ann@example.com" }));
        let session = world.verify_link("recovery", &link(world));
        let body = json!({ "password": "another horse" });
        assert_eq!(world.put_user(session.access_token(), &body).status, 200);
    };
    let by_password = |world: &World, user: &str| {
        let body = json!({ "password": "another horse" });
        assert_eq!(by_service(world, Method::Put, user, &body).status, 200);
    };
    let by_ban = |world: &World, user: &str| {
        for time in ["1h", "none"] {
            let body = json!({ "ban_duration": time });
            assert_eq!(by_service(world, Method::Put, user, &body).status, 200);
        }
    };
    let by_end = |world: &World, user: &str| {
        let address = format!("{user}/logout");
        assert_eq!(by_service(world, Method::Post, &address, &Value::Null).status, 204);
    };
    let by_logout = |world: &World, _: &str| {
        let session = world.sign_in("ann@example.com");
        let address = "/auth/v1/logout?scope=global";
        let out = world.authorized(Method::Post, address, session.access_token());
        assert_eq!(out.status, 204);
    };
    let ends: [End<'_>; 5] = [&by_owner, &by_password, &by_ban, &by_end, &by_logout];
    for (number, end) in ends.into_iter().enumerate() {
        let (world, code) = with_code();
        end(&world, &format!("/auth/v1/admin/users/{}", id(&world)));
        let answer = world.exchange(&code, VERIFIER);
        assert_eq!(answer.status, 404, "{number}: {}", answer.body);
    }
}
