//! How often mail may be asked for, accounts may be made without it, codes may be typed, and how often the present password may
//! be guessed by who has a session.

use serde_json::{Value, json};

use crate::{Answer, PASSWORD, World};
use selvedge::http::Method;

const HOME: &str = "203.0.113.7";
const SECOND: i64 = 1000;

fn recover(world: &World, network: &str, email: &str) -> Answer {
    let headers = [("cf-connecting-ip", network)];
    let body = json!({ "email": email }).to_string();
    world.send(Method::Post, "/auth/v1/recover", &headers, body.as_bytes())
}

#[track_caller]
fn must_wait(answer: &Answer, code: &str, seconds: &str) {
    answer.is(429, code);
    assert!(answer.headers.contains(&("retry-after", seconds.into())), "{:?}", answer.headers);
}

#[test]
fn a_hundred_requests_send_one_mail_and_are_told_when_the_next_is_sent() {
    let (world, _) = World::with_ann();
    world.host.advance(60 * SECOND);
    assert_eq!(recover(&world, HOME, "ann@example.com").status, 200);
    let flood = "over_email_send_rate_limit";
    for number in 1..100 {
        let answer = recover(&world, &format!("198.51.100.{number}"), "ANN@example.com");
        must_wait(&answer, flood, "60");
        let message = "For security purposes, you can only request this after 60 seconds.";
        assert_eq!(answer.text("/message"), message);
    }
    assert_eq!(world.letters(), "recovery:ann@example.com");
    world.host.advance(60 * SECOND - 1);
    must_wait(&recover(&world, HOME, "ann@example.com"), flood, "1");
    world.host.advance(1);
    assert_eq!(recover(&world, HOME, "ann@example.com").status, 200);
}

#[test]
fn one_network_has_thirty_mails_sent_and_then_one_in_two_minutes() {
    let world = World::new();
    let person = |number: u32| format!("{number}@example.com");
    for number in 0..30 {
        assert_eq!(recover(&world, HOME, &person(number)).status, 200, "{number}");
    }
    let flood = "over_email_send_rate_limit";
    must_wait(&recover(&world, HOME, &person(30)), flood, "120");
    must_wait(&recover(&world, "::ffff:203.0.113.7", &person(31)), flood, "120");
    // The refused have not been counted for their addresses.
    assert_eq!(recover(&world, "203.0.113.8", &person(30)).status, 200);
    world.host.advance(120 * SECOND);
    assert_eq!(recover(&world, HOME, &person(32)).status, 200);
    must_wait(&recover(&world, HOME, &person(33)), flood, "120");
}

/// Makes an account that is let in at once: with an address, or without one.
fn come_in(world: &World, network: &str, number: u32) -> Answer {
    let headers = [("cf-connecting-ip", network)];
    let body = match number % 2 {
        0 => json!({}),
        _ => json!({ "email": format!("{number}@example.com"), "password": PASSWORD }),
    };
    world.send(Method::Post, "/auth/v1/signup", &headers, body.to_string().as_bytes())
}

#[test]
fn one_network_makes_thirty_accounts_without_mail_and_then_one_in_two_minutes() {
    let world = World::with(&[("EXTERNAL_ANONYMOUS_USERS_ENABLED", "true")]);
    for number in 0..30 {
        come_in(&world, HOME, number).is_session();
    }
    for number in 30..40 {
        must_wait(&come_in(&world, HOME, number), "over_request_rate_limit", "120");
    }
    assert_eq!(
        (world.count("auth_users"), world.count("auth_sessions")),
        ("30".into(), "30".into())
    );
    come_in(&world, "203.0.113.8", 41).is_session();
    world.host.advance(120 * SECOND);
    come_in(&world, HOME, 42).is_session();
    must_wait(&come_in(&world, HOME, 43), "over_request_rate_limit", "120");
}

#[test]
fn who_builds_an_app_waits_neither_for_mail_nor_for_accounts() {
    let settings = [("ENVIRONMENT", "development"), ("EXTERNAL_ANONYMOUS_USERS_ENABLED", "true")];
    let world = World::with(&settings);
    for number in 0..100 {
        assert_eq!(recover(&world, HOME, "ann@example.com").status, 200);
        come_in(&world, HOME, number).is_session();
    }
}

#[test]
fn a_new_code_every_minute_is_no_new_chance() {
    for email in ["ann@example.com", "nobody@example.com"] {
        let (world, _) = World::with_ann();
        let mut typed = 0;
        let refused = loop {
            world.host.advance(60 * SECOND);
            assert_eq!(recover(&world, HOME, email).status, 200);
            let guesses: Vec<Answer> =
                (0..5).map(|_| world.verify_code("recovery", email, "no code")).collect();
            typed += guesses.iter().filter(|answer| answer.status == 403).count();
            if let Some(refused) = guesses.into_iter().find(|answer| answer.status != 403) {
                break refused;
            }
        };
        refused.is(429, "over_request_rate_limit");
        assert_eq!(typed, 100, "{email}");
        world.host.advance(3600 * SECOND);
        world.verify_code("recovery", email, "no code").is(403, "otp_expired");
        world.verify_code("recovery", email, "no code").is(429, "over_request_rate_limit");
        // Another address has codes of its own.
        world.verify_code("recovery", "bob@example.com", "no code").is(403, "otp_expired");
    }
}

#[test]
fn while_codes_wait_the_link_still_leads_in() {
    let (world, _) = World::with_ann();
    world.host.advance(60 * SECOND);
    assert_eq!(recover(&world, HOME, "ann@example.com").status, 200);
    for _ in 0..100 {
        world.verify_code("recovery", "ann@example.com", "no code").is(403, "otp_expired");
    }
    let mailed = world.mailed("recovery");
    let code = world.verify_code("recovery", "ann@example.com", &mailed.code);
    code.is(429, "over_request_rate_limit");
    world.verify_link("recovery", &mailed.link).is_session();
}

/// Each code is void after five wrong ones, but whoever has a session may have ever new ones sent.
#[test]
fn who_has_taken_a_session_cannot_guess_codes_by_it() {
    let reauthenticate = ("SECURITY_UPDATE_PASSWORD_REQUIRE_REAUTHENTICATION", "true");
    let (world, ann) = World::with_ann_and(&[reauthenticate, ("JWT_EXP", "604800")]);
    let ann = world.refresh(ann.refresh_token());
    world.host.advance(86_400 * SECOND);
    let token = ann.access_token();
    let put = |nonce: &str| {
        let body = json!({ "password": "another horse", "nonce": nonce });
        world.put_user(token, &body)
    };
    let new_code = || {
        world.host.advance(60 * SECOND);
        let sent = world.authorized(Method::Get, "/auth/v1/reauthenticate", token);
        assert_eq!(sent.status, 200, "{}", sent.body);
        world.mailed("reauthentication")
    };
    let mut compared = 0;
    let mut mailed = new_code();
    for _ in 0..60 {
        for _ in 0..5 {
            let answer = put(&mailed.wrong_code());
            if answer.status == 422 {
                compared += 1;
            } else {
                answer.is(429, "over_request_rate_limit");
            }
        }
        mailed = new_code();
    }
    assert_eq!(compared, 10 + 11);
    // A wait costs the code nothing: what was refused was no attempt at it.
    world.host.advance(240 * SECOND);
    assert_eq!(put(&mailed.code).status, 200);
}

#[test]
fn who_has_taken_a_session_cannot_guess_the_password_by_it() {
    let required = ("SECURITY_UPDATE_PASSWORD_REQUIRE_CURRENT_PASSWORD", "true");
    let (world, ann) = World::with_ann_and(&[required]);
    let put = |current: &str| -> Answer {
        let body: Value = json!({ "password": "another horse", "current_password": current });
        world.put_user(ann.access_token(), &body)
    };
    world.host.comparisons.set(0);
    for number in 0..10 {
        put(&format!("guess {number}")).is(400, "current_password_invalid");
    }
    for current in ["guess", PASSWORD] {
        must_wait(&put(current), "over_request_rate_limit", "300");
    }
    assert_eq!(world.host.comparisons.get(), 10);
    world.host.advance(300 * SECOND);
    assert_eq!(put(PASSWORD).status, 200);
}
