//! Recovery codes: a set of ten, each raises a session once.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::authenticator::{App, ann_with_app};
use crate::support::{JWT_SECRET, config_with, interleave};
use crate::{Answer, World, claims, credentials, request, unavailable};
use selvedge::http::Method;

const CODES: &str = "/auth/v1/factors/recovery-codes";
const REDEEM: &str = "/auth/v1/factors/recovery-codes/verify";
const OTHER: &str = "another secret of the tests, also 32 bytes";
const THIRD: &str = "a third secret of the tests, 32 bytes too";

fn renew(world: &World, token: &str) -> Vec<String> {
    let answer = world.post_as(token, CODES, &json!({}));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let codes = answer.body["codes"].as_array().expect("codes").iter();
    codes.map(|code| code.as_str().expect("a text").to_owned()).collect()
}

fn redeem(world: &World, token: &str, code: &str) -> Answer {
    world.post_as(token, REDEEM, &json!({ "code": code }))
}

fn remaining(world: &World, token: &str) -> Value {
    world.authorized(Method::Get, CODES, token).body["remaining"].clone()
}

fn sign_in(world: &World) -> String {
    world.password(&credentials("ann@example.com")).access_token().to_owned()
}

/// Ann with a set of codes and a session that has shown nothing.
fn ann_without_her_app() -> (World, App, Vec<String>, String) {
    let (world, app, raised) = ann_with_app();
    let codes = renew(&world, raised.access_token());
    let below = sign_in(&world);
    world.host.take_usage();
    (world, app, codes, below)
}

#[test]
fn a_set_is_ten_codes_of_120_bits_that_are_stored_nowhere() {
    let (world, _, raised) = ann_with_app();
    assert_eq!(remaining(&world, raised.access_token()), json!(0));
    world.host.take_usage();
    let codes = renew(&world, raised.access_token());
    assert_eq!(world.host.take_usage().round_trips, 1);
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), 10);
    let dump = world.host.dump();
    for code in &codes {
        let groups: Vec<_> = code.split('-').collect();
        assert!(groups.len() == 6 && groups.iter().all(|group| group.len() == 4), "{code}");
        let alphabet = |letter: char| matches!(letter, 'A'..='Z' | '2'..='7');
        assert!(groups.concat().chars().all(alphabet), "{code}");
        assert!(!dump.contains(code) && !dump.contains(&groups.concat()), "{code}");
    }
    assert_eq!(remaining(&world, raised.access_token()), json!(10));
}

#[test]
fn a_code_raises_a_session_and_says_how_many_are_left() {
    let (world, _, codes, below) = ann_without_her_app();
    let raised = redeem(&world, &below, &codes[0]);
    assert_eq!(world.host.take_usage().round_trips, 1);
    raised.is_session();
    assert_eq!(raised.body["recovery_codes_remaining"], json!(9));
    let claims = claims(raised.access_token());
    assert_eq!(claims["aal"], "aal2");
    assert_eq!(claims["amr"][0]["method"], "mfa/recovery_code");
    assert_eq!(claims["amr"][1]["method"], "password");
    assert_eq!(remaining(&world, raised.access_token()), json!(9));
}

#[test]
fn however_it_was_written_down() {
    let (world, _, codes, below) = ann_without_her_app();
    let forms: [fn(&str) -> String; 4] = [
        str::to_lowercase,
        |code| code.replace('-', ""),
        |code| code.replace('-', " "),
        |code| format!(" {} ", code.to_lowercase().replace('-', " - ")),
    ];
    let mut token = below;
    for (form, code) in forms.iter().zip(&codes) {
        let raised = redeem(&world, &token, &form(code));
        raised.is_session();
        token = raised.access_token().to_owned();
    }
}

#[test]
fn each_once() {
    let (world, _, codes, below) = ann_without_her_app();
    redeem(&world, &below, &codes[3]).is_session();
    let again = redeem(&world, &below, &codes[3]);
    again.is(422, "mfa_verification_failed");
    let noted =
        "select count(*) from auth_audit where traits = '{\"method\":\"mfa/recovery_code\"}'";
    let noted = |action: &str| world.host.query(&format!("{noted} and action = '{action}'"));
    assert_eq!(noted("login").as_deref(), Some("1"));
    assert_eq!(noted("login_failed").as_deref(), Some("1"));
    redeem(&world, &sign_in(&world), &codes[3]).is(422, "mfa_verification_failed");
    redeem(&world, &sign_in(&world), &codes[4]).is_session();
}

#[test]
fn of_simultaneous_uses_one_wins() {
    let (world, _, codes, below) = ann_without_her_app();
    let sessions = [below, sign_in(&world), sign_in(&world), sign_in(&world)];
    let requests = sessions.map(|token| {
        let bearer = format!("Bearer {token}");
        let body = json!({ "code": codes[0] }).to_string();
        request(Method::Post, REDEEM, &[("authorization", &bearer)], body.as_bytes())
    });
    let answers = interleave(requests.iter().map(|request| world.answer(request)));
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "{answers:?}");
    let count = world.host.query("select count(*) from auth_recovery_codes");
    assert_eq!(count.as_deref(), Some("9"));
}

#[test]
fn what_is_no_code_uses_none() {
    let (world, _, codes, below) = ann_without_her_app();
    for (code, status, word) in [
        (json!(null), 400, "validation_failed"),
        (json!(""), 400, "validation_failed"),
        (json!(0), 400, "bad_json"),
        (json!([codes[0]]), 400, "bad_json"),
        (json!({ "code": codes[0] }), 400, "bad_json"),
        (json!("-"), 422, "mfa_verification_failed"),
        (json!("0"), 422, "mfa_verification_failed"),
        (json!("%"), 422, "mfa_verification_failed"),
        (json!(codes[0][..18]), 422, "mfa_verification_failed"),
        (json!(format!("{}A", codes[0])), 422, "mfa_verification_failed"),
        (json!(codes.concat()), 422, "mfa_verification_failed"),
        (json!("AAAA-AAAA-AAAA-AAAA"), 422, "mfa_verification_failed"),
    ] {
        world.post_as(&below, REDEEM, &json!({ "code": code })).is(status, word);
    }
    world.post_as(&below, REDEEM, &json!({})).is(400, "validation_failed");
    assert_eq!(remaining(&world, &below), json!(10));
}

#[test]
fn a_set_is_made_by_who_has_shown_a_factor() {
    let (world, ann) = World::with_ann();
    let make = |token: &str| world.post_as(token, CODES, &json!({}));
    make(ann.access_token()).is(403, "insufficient_aal");
    let (world, _, codes, below) = ann_without_her_app();
    let before = world.host.dump();
    world.post_as(&below, CODES, &json!({})).is(403, "insufficient_aal");
    for (method, address) in [(Method::Post, CODES), (Method::Get, CODES), (Method::Post, REDEEM)] {
        world.send(method, address, &[], b"{}").is(401, "no_authorization");
    }
    assert_eq!(world.host.dump(), before);
    redeem(&world, &below, &codes[0]).is_session();
}

#[test]
fn a_fresh_set_ends_the_one_before() {
    let (world, _, old, below) = ann_without_her_app();
    let raised = redeem(&world, &below, &old[0]);
    let new = renew(&world, raised.access_token());
    assert_eq!(remaining(&world, raised.access_token()), json!(10));
    redeem(&world, &sign_in(&world), &old[1]).is(422, "mfa_verification_failed");
    redeem(&world, &sign_in(&world), &new[1]).is_session();
}

#[test]
fn somebody_elses_code_opens_nothing() {
    let (world, _, codes, _) = ann_without_her_app();
    let bob = world.post("/auth/v1/signup", &credentials("bob@example.com"));
    let app = App::of(&world.enroll(bob.access_token(), "phone"));
    redeem(&world, bob.access_token(), &codes[0]).is(422, "mfa_verification_failed");
    let raised = world.show(bob.access_token(), &app);
    redeem(&world, raised.access_token(), &codes[0]).is(422, "mfa_verification_failed");
    // Not even when its digest lies in his row.
    world.host.execute(
        "insert into auth_recovery_codes
         select (select id from auth_users where email = 'bob@example.com'), digest
         from auth_recovery_codes",
    );
    redeem(&world, raised.access_token(), &codes[0]).is(422, "mfa_verification_failed");
}

#[test]
fn codes_are_good_only_beside_the_factor_that_they_were_made_for() {
    let (world, app, codes, below) = ann_without_her_app();
    let raised = redeem(&world, &below, &codes[0]);
    assert_eq!(world.unenroll(raised.access_token(), &app.id).status, 200);
    redeem(&world, raised.access_token(), &codes[1]).is(422, "mfa_verification_failed");
    let app = App::of(&world.enroll(raised.access_token(), "new phone"));
    redeem(&world, raised.access_token(), &codes[1]).is(422, "mfa_verification_failed");
    let raised = world.show(raised.access_token(), &app);
    raised.is_session();
    assert_eq!(remaining(&world, raised.access_token()), json!(0));
    redeem(&world, raised.access_token(), &codes[1]).is(422, "mfa_verification_failed");
}

#[test]
fn a_code_outlives_one_change_of_the_secret() {
    let (mut world, _, codes, _) = ann_without_her_app();
    world.config = config_with(&[("JWT_SECRET", OTHER), ("JWT_SECRET_PREVIOUS", JWT_SECRET)]);
    redeem(&world, &sign_in(&world), &codes[0]).is_session();
    world.config = config_with(&[("ENCRYPTION_SECRET", OTHER)]);
    redeem(&world, &sign_in(&world), &codes[1]).is_session();
    world.config = config_with(&[("JWT_SECRET", THIRD), ("JWT_SECRET_PREVIOUS", OTHER)]);
    redeem(&world, &sign_in(&world), &codes[2]).is(422, "mfa_verification_failed");
}

#[test]
fn trouble_uses_no_code() {
    let (world, _, codes, below) = ann_without_her_app();
    world.host.fail_batch(1, unavailable());
    redeem(&world, &below, &codes[0]).is(503, "service_unavailable");
    redeem(&world, &below, &codes[0]).is_session();
    // A session that has ended uses none either.
    let ended = sign_in(&world);
    world.authorized(Method::Post, "/auth/v1/logout?scope=local", &ended);
    redeem(&world, &ended, &codes[1]).is(403, "session_not_found");
    redeem(&world, &sign_in(&world), &codes[1]).is_session();
}

#[test]
fn a_refresh_token_of_before_never_buys_the_higher_level() {
    let (world, _, codes, _) = ann_without_her_app();
    let session = world.password(&credentials("ann@example.com"));
    redeem(&world, session.access_token(), &codes[0]).is_session();
    world.refresh(session.refresh_token()).is(400, "refresh_token_already_used");
}
