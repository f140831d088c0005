//! Codes of second factors: taken once, for a challenge, and guessed ever slower.

use serde_json::{Value, json};

use crate::authenticator::{App, FACTORS, STEP, ann_with_app, code_at};
use crate::support::interleave;
use crate::{Answer, World, claims, credentials, request, unavailable};
use selvedge::host::{Host, Milliseconds};
use selvedge::http::Method;

const NOBODY: &str = "99999999-9999-4999-8999-999999999999";
const OPEN: Milliseconds = 300_000;

fn sign_in(world: &World) -> Answer {
    let session = world.password(&credentials("ann@example.com"));
    session.is_session();
    session
}

#[test]
fn a_code_is_taken_once_whatever_the_challenge_and_the_session() {
    let (world, app, raised) = ann_with_app();
    let other = sign_in(&world);
    let code = app.code(&world);
    let challenge = world.challenge(raised.access_token(), &app.id);
    let spare = world.challenge(raised.access_token(), &app.id);
    world.verify(raised.access_token(), &app.id, challenge.text("/id"), &code).is_session();
    let used = world.verify(raised.access_token(), &app.id, challenge.text("/id"), &code);
    used.is(422, "mfa_challenge_expired");
    let replayed = world.verify(raised.access_token(), &app.id, spare.text("/id"), &code);
    replayed.is(422, "mfa_verification_failed");
    assert_eq!(replayed.text("/message"), "Invalid TOTP code entered");
    // The session that had not shown it ended with the raise; one that came later gets no further.
    world.get_user(other.access_token()).is(403, "session_not_found");
    let thief = sign_in(&world);
    world.show(thief.access_token(), &app).is(422, "mfa_verification_failed");
    // The code of the step before is older than the last one that was taken.
    let before = code_at(&app.secret, world.host.now() - STEP);
    let challenge = world.challenge(thief.access_token(), &app.id);
    let late = world.verify(thief.access_token(), &app.id, challenge.text("/id"), &before);
    late.is(422, "mfa_verification_failed");
    world.host.advance(STEP);
    world.show(thief.access_token(), &app).is_session();
}

#[test]
fn of_simultaneous_uses_of_one_code_one_wins() {
    let (world, app, _) = ann_with_app();
    let code = app.code(&world);
    let requests: Vec<_> = (0..4)
        .map(|_| {
            let session = sign_in(&world);
            let challenge = world.challenge(session.access_token(), &app.id);
            let body = json!({ "challenge_id": challenge.text("/id"), "code": code });
            let bearer = format!("Bearer {}", session.access_token());
            let address = format!("{FACTORS}/{}/verify", app.id);
            let headers = [("authorization", bearer.as_str())];
            request(Method::Post, &address, &headers, body.to_string().as_bytes())
        })
        .collect();
    let answers = interleave(requests.iter().map(|request| world.answer(request)));
    let winners: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(winners.len(), 1, "{answers:?}");
    assert_eq!(claims(winners[0].access_token())["aal"], "aal2");
    // Those of the others have ended meanwhile, or their code is used.
    for loser in answers.iter().filter(|answer| answer.status != 200) {
        assert!(matches!(loser.text("/code"), "session_not_found" | "mfa_verification_failed"));
    }
    let raised = "select count(*) from auth_sessions where aal = 'aal2'";
    assert_eq!(world.host.query(raised).as_deref(), Some("2"));
}

#[test]
fn of_simultaneous_uses_of_one_challenge_one_wins() {
    let (world, app, raised) = ann_with_app();
    let challenge = world.challenge(raised.access_token(), &app.id);
    let bearer = format!("Bearer {}", raised.access_token());
    let requests = [-STEP, 0, STEP].map(|skew| {
        let code = code_at(&app.secret, world.host.now() + skew);
        let body = json!({ "challenge_id": challenge.text("/id"), "code": code });
        let address = format!("{FACTORS}/{}/verify", app.id);
        let headers = [("authorization", bearer.as_str())];
        request(Method::Post, &address, &headers, body.to_string().as_bytes())
    });
    let answers = interleave(requests.iter().map(|request| world.answer(request)));
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
}

#[test]
fn a_challenge_is_open_for_five_minutes_and_for_its_factor() {
    let (world, app, raised) = ann_with_app();
    let token = raised.access_token();
    let tablet = App::of(&world.enroll(token, "tablet"));
    let challenge = world.challenge(token, &app.id);
    let id = challenge.text("/id");
    let tries = "select sum(count) from auth_counters";
    let tried = world.host.query(tries);
    world.verify(token, &tablet.id, id, &tablet.code(&world)).is(422, "mfa_challenge_expired");
    world.verify(token, &app.id, NOBODY, &app.code(&world)).is(422, "mfa_challenge_expired");
    world.host.advance(OPEN);
    world.verify(token, &app.id, id, &app.code(&world)).is(422, "mfa_challenge_expired");
    // None of it was an attempt.
    assert_eq!(world.host.query(tries), tried);
    let challenge = world.challenge(token, &app.id);
    world.host.advance(OPEN - 1);
    world.verify(token, &app.id, challenge.text("/id"), &app.code(&world)).is_session();
    // A challenge that has ended does not stay.
    world.host.advance(OPEN);
    world.challenge(token, &app.id);
    let count = world.host.query("select count(*) from auth_challenges");
    assert_eq!(count.as_deref(), Some("1"));
}

#[test]
fn what_is_no_answer_to_a_challenge() {
    let (world, app, raised) = ann_with_app();
    let challenge = world.challenge(raised.access_token(), &app.id);
    let (id, code) = (challenge.text("/id"), app.code(&world));
    world.host.take_usage();
    let address = format!("{FACTORS}/{}/verify", app.id);
    let verify = |body: Value| world.post_as(raised.access_token(), &address, &body);
    for nothing in [json!(null), json!("")] {
        verify(json!({ "challenge_id": nothing, "code": code })).is(400, "validation_failed");
        verify(json!({ "challenge_id": id, "code": nothing })).is(400, "validation_failed");
    }
    verify(json!({ "code": code })).is(400, "validation_failed");
    verify(json!({ "challenge_id": id })).is(400, "validation_failed");
    for malformed in ["x", &id.to_uppercase(), &format!("{id} "), "' or 1=1--"] {
        verify(json!({ "challenge_id": malformed, "code": code })).is(400, "validation_failed");
    }
    for other in [json!(0), json!(123_456), json!([code]), json!({ "code": code })] {
        verify(json!({ "challenge_id": other, "code": code })).is(400, "bad_json");
        verify(json!({ "challenge_id": id, "code": other })).is(400, "bad_json");
    }
    assert_eq!(world.host.take_usage().round_trips, 0);
    for wrong in ["0", "000", &format!("{code}0"), &format!(" {code}")] {
        verify(json!({ "challenge_id": id, "code": wrong })).is(422, "mfa_verification_failed");
    }
    verify(json!({ "challenge_id": id, "code": code })).is_session();
}

#[test]
fn guesses_are_counted_before_they_are_looked_at_and_come_ever_slower() {
    let (world, app, raised) = ann_with_app();
    let token = raised.access_token();
    let guess = |code: &str| {
        let challenge = world.challenge(token, &app.id);
        world.verify(token, &app.id, challenge.text("/id"), code)
    };
    for _ in 0..5 {
        guess(&app.wrong_code(&world)).is(422, "mfa_verification_failed");
    }
    let mut waited = 0;
    for seconds in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300] {
        let early = guess(&app.code(&world));
        early.is(429, "over_request_rate_limit");
        assert!(early.headers.contains(&("retry-after", seconds.to_string())), "{early:?}");
        world.host.advance(seconds * 1000 - 1);
        guess(&app.code(&world)).is(429, "over_request_rate_limit");
        world.host.advance(1);
        guess(&app.wrong_code(&world)).is(422, "mfa_verification_failed");
        waited += seconds;
    }
    assert_eq!(waited, 1_111);
    // Nobody is locked out: after the wait the right code opens, and all is as it was.
    world.host.advance(300_000);
    guess(&app.code(&world)).is_session();
    for _ in 0..5 {
        guess(&app.wrong_code(&world)).is(422, "mfa_verification_failed");
    }
}

#[test]
fn simultaneous_guesses_are_no_more_than_others() {
    let (world, app, raised) = ann_with_app();
    let challenge = world.challenge(raised.access_token(), &app.id);
    let bearer = format!("Bearer {}", raised.access_token());
    let body = json!({ "challenge_id": challenge.text("/id"), "code": app.wrong_code(&world) });
    let address = format!("{FACTORS}/{}/verify", app.id);
    let headers = [("authorization", bearer.as_str())];
    let guess = request(Method::Post, &address, &headers, body.to_string().as_bytes());
    let answers = interleave((0..20).map(|_| world.answer(&guess)));
    let looked_at = answers.iter().filter(|answer| answer.status == 422).count();
    assert_eq!((looked_at, answers.len()), (5, 20));
    let refused = answers.iter().filter(|answer| answer.status == 429).count();
    assert_eq!(refused, 15);
}

#[test]
fn every_failing_call_leaves_all_or_nothing() {
    for k in 1..=2 {
        for is_lost in [false, true] {
            let (world, app, raised) = ann_with_app();
            let below = sign_in(&world);
            let challenge = world.challenge(below.access_token(), &app.id);
            if is_lost {
                world.host.lose_answer(k, unavailable());
            } else {
                world.host.fail_batch(k, unavailable());
            }
            let (id, code) = (challenge.text("/id"), app.code(&world));
            let failed = world.verify(below.access_token(), &app.id, id, &code);
            failed.is(503, "service_unavailable");
            let level = "select count(*) from auth_sessions where aal = 'aal2'";
            let raised_too = k == 2 && is_lost;
            let expected = if raised_too { "2" } else { "1" };
            assert_eq!(world.host.query(level).as_deref(), Some(expected), "{k} {is_lost}");
            // What was not taken can be tried again; what was is used.
            let again = world.verify(below.access_token(), &app.id, id, &code);
            if raised_too {
                again.is(422, "mfa_challenge_expired");
            } else {
                again.is_session();
            }
            assert_eq!(world.get_user(raised.access_token()).status, 200);
        }
    }
}
