//! How often codes may be typed, by mail and of factors: by whom, from where, and that their owner comes in.

use serde_json::{Value, json};

use crate::authenticator::{App, FACTORS, ann_with_app};
use crate::mailed::Mailed;
use crate::{Answer, World, credentials, unavailable};
use selvedge::http::Method;

const ANN: &str = "ann@example.com";
const HOME: &str = "203.0.113.7";
const ELSEWHERE: &str = "198.51.100.9";
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

fn post_from(world: &World, network: &str, address: &str, body: &Value) -> Answer {
    let headers = [("cf-connecting-ip", network)];
    world.send(Method::Post, address, &headers, body.to_string().as_bytes())
}

fn sign_in_from(world: &World, network: &str) -> Answer {
    post_from(world, network, "/auth/v1/token?grant_type=password", &credentials(ANN))
}

fn bot(number: u32) -> String {
    format!("192.0.{}.{}", number / 256, number % 256)
}

fn type_from(world: &World, network: &str, code: &str) -> Answer {
    let body = json!({ "type": "recovery", "email": ANN, "token": code });
    post_from(world, network, "/auth/v1/verify", &body)
}

/// A code that was sent to Ann a minute after whatever was before.
fn sent(world: &World) -> Mailed {
    world.host.advance(MINUTE);
    let asked = world.post("/auth/v1/recover", &json!({ "email": ANN }));
    assert_eq!(asked.status, 200, "{}", asked.body);
    world.mailed("recovery")
}

/// How many wrong codes are looked at until one must wait, each from another network.
fn exhaust(world: &World, first: u32) -> u32 {
    for number in 0..1000 {
        let answer = type_from(world, &bot(first + number), "x");
        if answer.status == 429 {
            return number;
        }
        answer.is(403, "otp_expired");
    }
    panic!("a thousand codes and none refused");
}

#[test]
fn whoever_was_in_from_there_is_not_held_up_by_wrong_codes_of_elsewhere() {
    for by_mail in [false, true] {
        let (world, _) = World::with_ann();
        if by_mail {
            type_from(&world, HOME, &sent(&world).code).is_session();
        } else {
            sign_in_from(&world, HOME).is_session();
        }
        // Those at home count there alone.
        assert_eq!(exhaust(&world, 0), if by_mail { 99 } else { 100 });
        let mailed = sent(&world);
        type_from(&world, ELSEWHERE, &mailed.code).is(429, "over_request_rate_limit");
        type_from(&world, HOME, &mailed.code).is_session();
        // That was for 30 days, and frees nobody else.
        assert_eq!(exhaust(&world, 500), 0);
        world.host.advance(30 * DAY);
        exhaust(&world, 0);
        type_from(&world, HOME, &sent(&world).code).is(429, "over_request_rate_limit");
        // A link cannot be guessed, so it leads in from anywhere.
        world.verify_link("recovery", &sent(&world).link).is_session();
    }
}

#[test]
fn from_a_network_that_is_known_there_are_no_more_tries_than_from_elsewhere() {
    let (world, _) = World::with_ann();
    sign_in_from(&world, HOME).is_session();
    for _ in 0..100 {
        type_from(&world, HOME, "x").is(403, "otp_expired");
    }
    let refused = type_from(&world, HOME, &sent(&world).code);
    refused.is(429, "over_request_rate_limit");
    // Nor does it become known by what does not lead in, or to another account.
    world.post("/auth/v1/signup", &credentials("mallory@example.com")).is_session();
    let mallorys = credentials("mallory@example.com");
    let address = "/auth/v1/token?grant_type=password";
    post_from(&world, ELSEWHERE, address, &mallorys).is_session();
    exhaust(&world, 0);
    type_from(&world, ELSEWHERE, &sent(&world).code).is(429, "over_request_rate_limit");
}

#[test]
fn a_network_is_known_by_a_session_and_by_nothing_less() {
    let proven = "select count(proven_at) from auth_counters";
    for lost in [false, true] {
        let (world, _) = World::with_ann();
        let mailed = sent(&world);
        type_from(&world, HOME, &mailed.wrong_code()).is(403, "otp_expired");
        assert_eq!(world.host.query(proven).as_deref(), Some("0"));
        if lost {
            world.host.lose_answer(2, unavailable());
        } else {
            world.host.fail_batch(2, unavailable());
        }
        type_from(&world, HOME, &mailed.code).is(503, "service_unavailable");
        assert_eq!(world.host.query(proven), Some(u8::from(lost).to_string()));
    }
    let (world, _) = World::with_ann();
    let mailed = sent(&world);
    world.host.execute("update auth_users set banned_until = 9999999999999");
    type_from(&world, HOME, &mailed.code).is(400, "user_banned");
    assert_eq!(world.host.query(proven).as_deref(), Some("0"));
}

#[test]
fn an_address_is_tried_a_hundred_times_and_once_an_hour_from_however_many_networks() {
    let (world, _) = World::with_ann();
    let mut looked_at = 0;
    for minute in 0..24 * 60 {
        for number in 0..3 {
            let answer = type_from(&world, &bot(3 * minute + number), "x");
            looked_at += u32::from(answer.status == 403);
        }
        world.host.advance(MINUTE);
    }
    assert_eq!(looked_at, 100 + 23);
}

/// Asks for a challenge and answers it.
fn show_from(world: &World, network: &str, token: &str, (app, code): (&App, &str)) -> Answer {
    let bearer = format!("Bearer {token}");
    let headers = [("authorization", bearer.as_str()), ("cf-connecting-ip", network)];
    let factor = format!("{FACTORS}/{}", app.id);
    let challenge = world.send(Method::Post, &format!("{factor}/challenge"), &headers, b"{}");
    let body = json!({ "challenge_id": challenge.text("/id"), "code": code }).to_string();
    world.send(Method::Post, &format!("{factor}/verify"), &headers, body.as_bytes())
}

fn show_right(world: &World, network: &str, app: &App) -> Answer {
    let session = sign_in_from(world, network);
    show_from(world, network, session.access_token(), (app, &app.code(world)))
}

/// A session that somebody has stolen tries as often as it may, for a day.
#[test]
fn one_thief_however_busy_holds_up_nobody_elsewhere() {
    let (world, app, _) = ann_with_app();
    let mut compared = 0;
    for hour in 0..24 {
        // The owner's success ends a session that has not shown the factor.
        let thief = sign_in_from(&world, ELSEWHERE);
        for _ in 0..40 {
            let wrong = app.wrong_code(&world);
            let guess = show_from(&world, ELSEWHERE, thief.access_token(), (&app, &wrong));
            compared += u32::from(guess.status == 422);
            world.host.advance(30_000);
        }
        world.host.advance(40 * MINUTE);
        // From somewhere new each time, and at once.
        show_right(&world, &bot(hour), &app).is_session();
    }
    // What the tries cost grows over all of it, whatever the owner does.
    assert_eq!(compared, 15 + 23 * 4);
}

#[test]
fn a_factor_is_tried_twenty_times_and_twelve_times_an_hour_from_however_many_networks() {
    let (world, app, _) = ann_with_app();
    show_right(&world, HOME, &app).is_session();
    let thief = sign_in_from(&world, ELSEWHERE);
    let (mut compared, mut number) = (0, 0);
    for _ in 0..50 {
        world.host.advance(MINUTE);
        for _ in 0..5 {
            number += 1;
            let wrong = app.wrong_code(&world);
            let guess = show_from(&world, &bot(number), thief.access_token(), (&app, &wrong));
            if guess.status == 422 {
                compared += 1;
            } else {
                guess.is(429, "over_request_rate_limit");
            }
        }
    }
    assert_eq!(compared, 20 + 9);
    // Where the factor was shown in the last 30 days its owner has tries of their own, elsewhere not.
    show_right(&world, &bot(999), &app).is(429, "over_request_rate_limit");
    show_right(&world, HOME, &app).is_session();
}

#[test]
fn a_network_that_is_known_has_no_more_tries_than_any_other() {
    let (world, app, _) = ann_with_app();
    show_right(&world, HOME, &app).is_session();
    world.host.advance(MINUTE);
    let mut compared = 0;
    for _ in 0..60 {
        // Other sessions are no other tries.
        let thief = sign_in_from(&world, HOME);
        let wrong = app.wrong_code(&world);
        let guess = show_from(&world, HOME, thief.access_token(), (&app, &wrong));
        compared += u32::from(guess.status == 422);
    }
    assert_eq!(compared, 5);
    let refused = show_right(&world, HOME, &app);
    refused.is(429, "over_request_rate_limit");
    assert!(refused.headers.contains(&("retry-after", "1".into())), "{:?}", refused.headers);
    world.host.advance(1000);
    show_right(&world, HOME, &app).is_session();
}

#[test]
fn nobody_spends_the_tries_of_somebody_elses_factor() {
    let (world, app, _) = ann_with_app();
    world.post("/auth/v1/signup", &credentials("mallory@example.com")).is_session();
    let mallory = world.password(&credentials("mallory@example.com"));
    let counters = world.count("auth_counters");
    let address = format!("{FACTORS}/{}/verify", app.id);
    let body = json!({ "challenge_id": app.id, "code": "123456" });
    for _ in 0..30 {
        let answer = world.post_as(mallory.access_token(), &address, &body);
        answer.is(404, "mfa_factor_not_found");
    }
    assert_eq!(world.count("auth_counters"), counters);
    show_right(&world, HOME, &app).is_session();
}
