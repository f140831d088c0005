//! Second factors: enroll, challenge, verify and unenroll, and what a session's level is good for.

use serde_json::{Value, json};

use crate::authenticator::{App, FACTORS, STEP, ann_with_app};
use crate::support::interleave;
use crate::{Answer, World, claims, credentials, request};
use selvedge::host::{Host, Milliseconds};
use selvedge::http::Method;

const NOBODY: &str = "99999999-9999-4999-8999-999999999999";
const OPEN: Milliseconds = 300_000;

fn aal(session: &Answer) -> String {
    claims(session.access_token())["aal"].as_str().expect("a level").to_owned()
}

fn methods(session: &Answer) -> Vec<String> {
    let claims = claims(session.access_token());
    let amr = claims["amr"].as_array().expect("an array");
    amr.iter().map(|entry| entry["method"].as_str().expect("a name").to_owned()).collect()
}

fn factors(world: &World, token: &str) -> Value {
    world.get_user(token).body["factors"].clone()
}

fn sign_in(world: &World) -> Answer {
    let session = world.password(&credentials("ann@example.com"));
    session.is_session();
    session
}

#[test]
fn a_factor_is_enrolled_with_all_that_an_app_needs() {
    let (world, ann) = World::with_ann();
    let token = ann.access_token();
    let body = json!({ "factor_type": "totp", "friendly_name": "phone", "issuer": "A: b" });
    let answer = world.post_as(token, FACTORS, &body);
    assert_eq!(world.host.take_usage().round_trips, 1);
    let app = App::of(&answer);
    assert_eq!((answer.text("/type"), answer.text("/friendly_name")), ("totp", "phone"));
    assert_eq!(app.secret.len(), 32);
    assert_eq!(
        answer.text("/totp/uri"),
        format!(
            "otpauth://totp/A%3A%20b:ann%40example.com?algorithm=SHA1&digits=6\
             &issuer=A%3A%20b&period=30&secret={}",
            app.secret
        )
    );
    let drawing = answer.text("/totp/qr_code");
    assert!(drawing.starts_with("<svg ") && drawing.ends_with("</svg>") && !drawing.contains('#'));
    let listed = factors(&world, token);
    assert_eq!(
        listed,
        json!([{
            "id": app.id, "friendly_name": "phone", "factor_type": "totp", "status": "unverified",
            "created_at": "2026-08-20T10:11:12.345Z", "updated_at": "2026-08-20T10:11:12.345Z",
        }])
    );
    // Without a name of its own the site's is shown, and a factor without a name has none.
    world.host.advance(1);
    let plain = world.post_as(token, FACTORS, &json!({ "factor_type": "totp" }));
    assert!(plain.text("/totp/uri").contains("&issuer=127.0.0.1%3A54321&"), "{}", plain.body);
    assert_eq!(plain.text("/friendly_name"), "");
    assert_eq!(factors(&world, token)[1].get("friendly_name"), None);
    assert_ne!(App::of(&plain).secret, app.secret);
}

#[test]
fn what_is_no_factor_is_refused() {
    let (world, ann) = World::with_ann();
    let enroll = |body: Value| world.post_as(ann.access_token(), FACTORS, &body);
    for kind in [json!(null), json!(""), json!("TOTP"), json!("sms")] {
        enroll(json!({ "factor_type": kind })).is(400, "validation_failed");
    }
    enroll(json!({})).is(400, "validation_failed");
    enroll(json!({ "factor_type": "phone" })).is(422, "mfa_phone_enroll_not_enabled");
    enroll(json!({ "factor_type": "webauthn" })).is(422, "mfa_webauthn_enroll_not_enabled");
    for other in [json!(0), json!([]), json!({}), json!(true)] {
        enroll(json!({ "factor_type": other })).is(400, "bad_json");
        let name = json!({ "factor_type": "totp", "friendly_name": other });
        enroll(name).is(400, "bad_json");
        enroll(json!({ "factor_type": "totp", "issuer": other })).is(400, "bad_json");
    }
    let name = "n".repeat(256);
    enroll(json!({ "factor_type": "totp", "friendly_name": name })).is(400, "validation_failed");
    let issuer = "é".repeat(33);
    enroll(json!({ "factor_type": "totp", "issuer": issuer })).is(400, "validation_failed");
    assert_eq!(world.host.take_usage().round_trips, 0);
    // The longest there may be still fits into a drawing.
    let longest = json!({
        "factor_type": "totp", "friendly_name": "n".repeat(255), "issuer": "é".repeat(32),
    });
    let email = format!("{}@{}.com", "!".repeat(64), ["b"; 3].map(|b| b.repeat(60)).join("."));
    world.host.execute(&format!("update auth_users set email = '{email}'"));
    App::of(&enroll(longest));
}

#[test]
fn a_name_is_taken_once_and_only_by_its_account() {
    let (world, ann) = World::with_ann();
    let bob = world.post("/auth/v1/signup", &credentials("bob@example.com"));
    for name in ["", "phone"] {
        App::of(&world.enroll(ann.access_token(), name));
        let again = world.enroll(ann.access_token(), name);
        again.is(422, "mfa_factor_name_conflict");
        App::of(&world.enroll(bob.access_token(), name));
    }
    // What nobody has proven for five minutes is in nobody's way.
    world.host.advance(OPEN - 1);
    world.enroll(ann.access_token(), "phone").is(422, "mfa_factor_name_conflict");
    world.host.advance(1);
    App::of(&world.enroll(ann.access_token(), "phone"));
    assert_eq!(factors(&world, ann.access_token()).as_array().map(Vec::len), Some(1));
    assert_eq!(factors(&world, bob.access_token()).as_array().map(Vec::len), Some(2));
}

#[test]
fn ten_factors_and_no_more_also_of_simultaneous_requests() {
    let (world, ann) = World::with_ann();
    let bearer = format!("Bearer {}", ann.access_token());
    let requests: Vec<_> = (0..12)
        .map(|number| {
            let body = json!({ "factor_type": "totp", "friendly_name": number.to_string() });
            let headers = [("authorization", bearer.as_str())];
            request(Method::Post, FACTORS, &headers, body.to_string().as_bytes())
        })
        .collect();
    let answers = interleave(requests.iter().map(|request| world.answer(request)));
    let made = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(made, 10);
    for refused in answers.iter().filter(|answer| answer.status != 200) {
        refused.is(422, "too_many_enrolled_mfa_factors");
    }
    let count = world.host.query("select count(*) from auth_factors");
    assert_eq!(count.as_deref(), Some("10"));
}

#[test]
fn an_anonymous_account_has_no_factors() {
    let (world, ann) = World::with_ann();
    world.host.execute("update auth_users set is_anonymous = 1");
    world.enroll(ann.access_token(), "phone").is(403, "no_authorization");
    assert_eq!(world.host.query("select count(*) from auth_factors").as_deref(), Some("0"));
}

#[test]
fn a_code_raises_the_session_that_it_was_shown_in() {
    let (world, ann) = World::with_ann();
    let elsewhere = sign_in(&world);
    let app = App::of(&world.enroll(ann.access_token(), "phone"));
    App::of(&world.enroll(ann.access_token(), "tablet"));
    assert_eq!((aal(&ann), methods(&ann)), ("aal1".into(), vec!["password".into()]));
    world.host.advance(1_000);
    world.host.take_usage();
    let challenge = world.challenge(ann.access_token(), &app.id);
    assert_eq!(world.host.take_usage().round_trips, 1);
    assert_eq!(challenge.text("/type"), "totp");
    assert_eq!(challenge.body["expires_at"], json!((world.host.now() + OPEN) / 1000));
    let (id, code) = (challenge.text("/id"), app.code(&world));
    let raised = world.verify(ann.access_token(), &app.id, id, &code);
    assert_eq!(world.host.take_usage().round_trips, 2);
    raised.is_session();
    assert_eq!(
        (aal(&raised), methods(&raised)),
        ("aal2".into(), vec!["totp".into(), "password".into()])
    );
    let session = |answer: &Answer| claims(answer.access_token())["session_id"].clone();
    assert_eq!(session(&raised), session(&ann));
    let listed = &raised.body["user"]["factors"];
    assert_eq!(listed.as_array().map(Vec::len), Some(1), "the unproven one is gone: {listed}");
    assert_eq!((&listed[0]["id"], &listed[0]["status"]), (&json!(app.id), &json!("verified")));
    assert_eq!(listed[0]["last_challenged_at"], "2026-08-20T10:11:13.345Z");
    // A session that has not shown it is over.
    world.get_user(elsewhere.access_token()).is(403, "session_not_found");
    world.refresh(elsewhere.refresh_token()).is(400, "refresh_token_not_found");
    // Refreshing keeps the level.
    let refreshed = world.refresh(raised.refresh_token());
    assert_eq!((aal(&refreshed), methods(&refreshed)), (aal(&raised), methods(&raised)));
}

#[test]
fn a_refresh_token_of_before_never_buys_the_higher_level() {
    for refreshed_before in [false, true] {
        let (world, ann) = World::with_ann();
        let app = App::of(&world.enroll(ann.access_token(), "phone"));
        let mut before = vec![ann.refresh_token().to_owned()];
        if refreshed_before {
            before.push(world.refresh(ann.refresh_token()).refresh_token().to_owned());
        }
        let raised = world.show(ann.access_token(), &app);
        raised.is_session();
        let token = before.last().expect("one");
        world.refresh(token).is(400, "refresh_token_already_used");
        world.get_user(raised.access_token()).is(403, "session_not_found");
        world.refresh(raised.refresh_token()).is(400, "refresh_token_not_found");
    }
}

#[test]
fn signing_in_again_begins_below() {
    let (world, app, raised) = ann_with_app();
    let again = sign_in(&world);
    assert_eq!(aal(&again), "aal1");
    assert_eq!(again.body["user"]["factors"][0]["status"], "verified");
    let raised_again = world.show(again.access_token(), &app);
    assert_eq!(aal(&raised_again), "aal2");
    // The other session that has shown it goes on.
    assert_eq!(world.get_user(raised.access_token()).status, 200);
}

#[test]
fn showing_it_again_does_not_lengthen_the_list_of_methods() {
    let (world, app, mut session) = ann_with_app();
    for _ in 0..3 {
        session = world.show(session.access_token(), &app);
        session.is_session();
        assert_eq!(methods(&session), ["totp", "password"]);
        let amr = &claims(session.access_token())["amr"];
        assert_eq!(amr[0]["timestamp"], json!(world.host.now() / 1000));
        world.host.advance(STEP);
    }
}

#[test]
fn somebody_elses_factor_is_none() {
    let (world, app, raised) = ann_with_app();
    let bob = world.post("/auth/v1/signup", &credentials("bob@example.com"));
    let hers = world.challenge(raised.access_token(), &app.id);
    let before = world.host.dump();
    for (token, id) in [(bob.access_token(), app.id.as_str()), (raised.access_token(), NOBODY)] {
        world.challenge(token, id).is(404, "mfa_factor_not_found");
        let code = app.code(&world);
        world.verify(token, id, hers.text("/id"), &code).is(404, "mfa_factor_not_found");
        world.unenroll(token, id).is(404, "mfa_factor_not_found");
    }
    assert_eq!(world.host.dump(), before);
    // His own factor does not take her challenge, nor hers his session.
    let his = App::of(&world.enroll(bob.access_token(), "phone"));
    let crossed = world.verify(bob.access_token(), &his.id, hers.text("/id"), &his.code(&world));
    crossed.is(422, "mfa_challenge_expired");
    assert_eq!(factors(&world, bob.access_token())[0]["status"], "unverified");
}

#[test]
fn nobody_and_a_session_that_has_ended_get_nowhere() {
    let (world, app, raised) = ann_with_app();
    let challenge = world.challenge(raised.access_token(), &app.id);
    let code = app.code(&world);
    assert_eq!(
        world.authorized(Method::Post, "/auth/v1/logout", raised.access_token()).status,
        204
    );
    let before = world.host.dump();
    let token = raised.access_token();
    world.enroll(token, "other").is(403, "session_not_found");
    world.challenge(token, &app.id).is(403, "session_not_found");
    world.verify(token, &app.id, challenge.text("/id"), &code).is(403, "session_not_found");
    world.unenroll(token, &app.id).is(403, "session_not_found");
    for address in [
        FACTORS.into(),
        format!("{FACTORS}/{NOBODY}/challenge"),
        format!("{FACTORS}/{NOBODY}/verify"),
    ] {
        world.post(&address, &json!({ "factor_type": "totp" })).is(401, "no_authorization");
    }
    assert_eq!(world.host.dump(), before);
}

#[test]
fn a_stolen_password_does_not_add_a_factor() {
    let (world, _, _) = ann_with_app();
    let thief = sign_in(&world);
    world.enroll(thief.access_token(), "mine").is(403, "insufficient_aal");
    // Nor by one that was begun before there was any.
    let (world, ann) = World::with_ann();
    let thief = sign_in(&world);
    let planted = App::of(&world.enroll(thief.access_token(), "mine"));
    let hers = App::of(&world.enroll(ann.access_token(), "hers"));
    world.show(ann.access_token(), &hers).is_session();
    let thief = sign_in(&world);
    world.challenge(thief.access_token(), &planted.id).is(404, "mfa_factor_not_found");
    // Nor by one that is begun at the higher level and shown at the lower.
    world.host.advance(STEP);
    let session = world.show(thief.access_token(), &hers);
    let second = App::of(&world.enroll(session.access_token(), "second"));
    let thief = sign_in(&world);
    world.show(thief.access_token(), &second).is(403, "insufficient_aal");
    assert_eq!(factors(&world, session.access_token())[1]["status"], "unverified");
    world.show(session.access_token(), &second).is_session();
}

#[test]
fn a_factor_that_counts_is_taken_away_by_who_has_shown_one() {
    let (world, app, raised) = ann_with_app();
    let below = sign_in(&world);
    let refused = world.unenroll(below.access_token(), &app.id);
    refused.is(422, "insufficient_aal");
    assert_eq!(refused.text("/message"), "AAL2 required to unenroll verified factor");
    assert_eq!(factors(&world, below.access_token())[0]["status"], "verified");
    world.host.take_usage();
    let done = world.unenroll(raised.access_token(), &app.id);
    assert_eq!((done.status, done.body), (200, json!({ "id": app.id })));
    assert_eq!(world.host.take_usage().round_trips, 1);
    assert_eq!(factors(&world, raised.access_token()), Value::Null);
    // The session goes on, below.
    assert_eq!(aal(&world.refresh(raised.refresh_token())), "aal1");
    world.unenroll(raised.access_token(), &app.id).is(404, "mfa_factor_not_found");
}

#[test]
fn a_factor_that_never_counted_is_taken_away_by_anyone_of_the_account() {
    let (world, _, raised) = ann_with_app();
    let begun = App::of(&world.enroll(raised.access_token(), "tablet"));
    let below = sign_in(&world);
    assert_eq!(world.unenroll(below.access_token(), &begun.id).status, 200);
    assert_eq!(aal(&world.refresh(raised.refresh_token())), "aal2");
}

/// What was noted and posted: each with how often, in the order of their names.
fn told(world: &World, sql: &str) -> String {
    let counted = format!(
        "select coalesce(group_concat(line, ', '), '') from (
           select what || ' ' || count(*) as line from ({sql}) group by what order by what
         )"
    );
    world.host.query(&counted).expect("a text")
}

#[test]
fn what_happens_to_factors_is_noted_and_told_by_mail() {
    let letters = "select kind as what from auth_letters where kind like 'mfa%'";
    let notes = "select action as what from auth_audit where action not like 'user%'";
    let (world, app, raised) = ann_with_app();
    assert_eq!(told(&world, letters), "mfa_enrolled 1");
    assert_eq!(told(&world, notes), "challenge_created 1, factor_in_progress 1, login 1");
    // Another proof is none of another factor; nor is a wrong one, which is noted all the same.
    world.show(raised.access_token(), &app).is_session();
    let challenge = world.challenge(raised.access_token(), &app.id);
    let wrong = app.wrong_code(&world);
    let refused = world.verify(raised.access_token(), &app.id, challenge.text("/id"), &wrong);
    refused.is(422, "mfa_verification_failed");
    assert_eq!(told(&world, letters), "mfa_enrolled 1");
    assert_eq!(
        told(&world, notes),
        "challenge_created 3, factor_in_progress 1, login 2, login_failed 1"
    );
    // To begin a factor and to give it up is nothing that anybody is told.
    let begun = App::of(&world.enroll(raised.access_token(), "tablet"));
    assert_eq!(world.unenroll(raised.access_token(), &begun.id).status, 200);
    assert_eq!(told(&world, letters), "mfa_enrolled 1");
    let below = sign_in(&world);
    world.unenroll(below.access_token(), &app.id).is(422, "insufficient_aal");
    assert_eq!(told(&world, letters), "mfa_enrolled 1");
    assert_eq!(world.unenroll(raised.access_token(), &app.id).status, 200);
    assert_eq!(told(&world, letters), "mfa_enrolled 1, mfa_unenrolled 1");
    assert!(told(&world, notes).contains("factor_unenrolled 1"));
}
