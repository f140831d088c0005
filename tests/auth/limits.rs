//! When sessions end by themselves, and whose end with somebody's suspension.

use serde_json::{Value, json};

use crate::support::config_with;
use crate::{Answer, World, claims, credentials, unavailable};
use selvedge::host::Milliseconds;
use selvedge::http::Method;

const MINUTE: Milliseconds = 60_000;
const DAY: Milliseconds = 86_400_000;

/// Ann's world under such settings.
fn world(settings: &[(&str, &str)]) -> (World, Answer) {
    let mut world = World::new();
    world.config = config_with(settings);
    let ann = world.post("/auth/v1/signup", &credentials("ann@example.com"));
    ann.is_session();
    (world, ann)
}

fn sessions(world: &World) -> String {
    world.host.query("select count(*) from auth_sessions").expect("a number")
}

fn last_action(world: &World) -> String {
    let sql = "select action from auth_audit order by created_at desc limit 1";
    world.host.query(sql).unwrap_or_default()
}

#[test]
fn a_session_ends_at_the_latest_when_its_time_is_over() {
    let (world, ann) = world(&[("SESSIONS_TIMEBOX", "90m")]);
    assert_eq!(ann.body["expires_in"], 3600);
    world.host.advance(59 * MINUTE);
    let second = world.refresh(ann.refresh_token());
    second.is_session();
    // 31 minutes are left, so the access token has no more: data routes obey the limit.
    assert_eq!(second.body["expires_in"], 31 * 60);
    let (exp, iat) = (&claims(second.access_token())["exp"], &claims(second.access_token())["iat"]);
    assert_eq!(exp.as_i64().expect("a time") - iat.as_i64().expect("a time"), 31 * 60);
    assert_eq!(second.body["expires_at"], *exp);
    world.host.advance(31 * MINUTE - 1000);
    assert_eq!(world.get_user(second.access_token()).status, 200);
    world.host.advance(1000);
    world.get_user(second.access_token()).is(401, "bad_jwt");
    world.host.take_usage();
    let refused = world.refresh(second.refresh_token());
    refused.is(400, "session_expired");
    assert_eq!(world.host.take_usage().round_trips, 1);
    assert_eq!(sessions(&world), "0");
    world.refresh(second.refresh_token()).is(400, "refresh_token_not_found");
    assert_eq!(last_action(&world), "token_revoked");
}

#[test]
fn without_a_setting_a_session_ends_after_ninety_days() {
    let (world, mut session) = world(&[]);
    for _ in 0..89 {
        world.host.advance(DAY);
        session = world.refresh(session.refresh_token());
        session.is_session();
    }
    world.host.advance(DAY);
    world.refresh(session.refresh_token()).is(400, "session_expired");
    assert_eq!(sessions(&world), "0");
}

#[test]
fn an_idle_session_ends() {
    let (world, ann) = world(&[("SESSIONS_INACTIVITY_TIMEOUT", "30m")]);
    assert_eq!(ann.body["expires_in"], 1800);
    let mut session = ann;
    for _ in 0..5 {
        world.host.advance(29 * MINUTE);
        session = world.refresh(session.refresh_token());
        session.is_session();
        assert_eq!(session.body["expires_in"], 1800);
    }
    world.host.advance(30 * MINUTE);
    world.get_user(session.access_token()).is(401, "bad_jwt");
    world.refresh(session.refresh_token()).is(400, "session_expired");
    assert_eq!(sessions(&world), "0");
}

#[test]
fn a_limit_takes_hold_of_sessions_that_exist() {
    let (mut world, ann) = world(&[]);
    world.host.advance(DAY);
    world.config = config_with(&[("SESSIONS_TIMEBOX", "12h")]);
    world.refresh(ann.refresh_token()).is(400, "session_expired");
    assert_eq!(sessions(&world), "0");
}

#[test]
fn a_used_token_prolongs_nothing_beyond_the_limit() {
    let (world, ann) = world(&[("SESSIONS_TIMEBOX", "1h")]);
    world.host.advance(60 * MINUTE - 2000);
    world.refresh(ann.refresh_token()).is_session();
    // Within the window for answers that were lost, but past the end.
    world.host.advance(2000);
    world.refresh(ann.refresh_token()).is(400, "session_expired");
    assert_eq!(sessions(&world), "0");
}

#[test]
fn a_failing_database_ends_no_session() {
    let (world, ann) = world(&[("SESSIONS_TIMEBOX", "1h")]);
    world.host.advance(60 * MINUTE);
    world.host.fail_batch(1, unavailable());
    world.refresh(ann.refresh_token()).is(503, "service_unavailable");
    assert_eq!(sessions(&world), "1");
}

#[test]
fn sessions_past_their_end_are_not_listed() {
    let (mut world, ann) = world(&[]);
    world.host.advance(50 * MINUTE);
    let other = world.password(&credentials("ann@example.com"));
    other.is_session();
    world.config = config_with(&[("SESSIONS_INACTIVITY_TIMEOUT", "30m")]);
    let list = world.authorized(Method::Get, "/auth/v1/sessions", other.access_token());
    let ids: Vec<&Value> =
        list.body.as_array().expect("an array").iter().map(|session| &session["id"]).collect();
    assert_eq!(ids, [&claims(other.access_token())["session_id"]]);
    assert_ne!(claims(ann.access_token())["session_id"], *ids[0]);
}

#[test]
fn a_single_session_ends_the_others() {
    let (world, first) = world(&[("SESSIONS_SINGLE_PER_USER", "true")]);
    let bob = world.post("/auth/v1/signup", &credentials("bob@example.com"));
    // One that does not begin ends none.
    world.password(&json!({ "email": "ann@example.com", "password": "wrong horse" }));
    world.post("/auth/v1/signup", &credentials("ann@example.com"));
    assert_eq!(world.get_user(first.access_token()).status, 200);
    let second = world.password(&credentials("ann@example.com"));
    second.is_session();
    world.get_user(first.access_token()).is(403, "session_not_found");
    world.refresh(first.refresh_token()).is(400, "refresh_token_not_found");
    assert_eq!(world.get_user(second.access_token()).status, 200);
    assert_eq!(world.get_user(bob.access_token()).status, 200);
}

#[test]
fn who_is_banned_neither_enters_nor_goes_on() {
    let (world, ann) = world(&[]);
    let until = world.host_now() + DAY;
    world.host.execute(&format!("update auth_users set banned_until = {until}"));
    let wrong = json!({ "email": "ann@example.com", "password": "wrong horse" });
    // Whoever does not know the password learns nothing of the ban.
    world.password(&wrong).is(400, "invalid_credentials");
    world.password(&credentials("ann@example.com")).is(400, "user_banned");
    world.refresh(ann.refresh_token()).is(400, "user_banned");
    assert_eq!(sessions(&world), "0");
    world.refresh(ann.refresh_token()).is(400, "refresh_token_not_found");
    world.get_user(ann.access_token()).is(403, "session_not_found");
    world.host.advance(DAY);
    world.password(&credentials("ann@example.com")).is_session();
}
