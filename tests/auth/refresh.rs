//! `POST /token?grant_type=refresh_token`.

use serde_json::json;

use crate::support::{JWT_SECRET, START, config_with, interleave};
use crate::{Answer, World, unavailable};
use selvedge::auth::REUSE_MILLISECONDS;

const REFRESH: &str = "/auth/v1/token?grant_type=refresh_token";

/// The stored counters of all sessions.
fn counters(world: &World) -> String {
    let counters = "select coalesce(group_concat(counter), 'none') from auth_sessions";
    world.host.query(counters).expect("a text")
}

#[test]
fn what_is_no_refresh_token_is_refused() {
    let (world, ann) = World::with_ann();
    let good = ann.refresh_token();
    for token in ["", "x", ann.access_token(), &good[1..], &format!("{good}="), &"A".repeat(52)] {
        world.refresh(token).is(400, "validation_failed");
    }
    world.post(REFRESH, &json!({})).is(400, "validation_failed");
    world.post(REFRESH, &json!({ "refresh_token": null })).is(400, "validation_failed");
    world.post(REFRESH, &json!({ "refresh_token": 1 })).is(400, "bad_json");
    world.post(REFRESH, &json!({ "refresh_token": [good] })).is(400, "bad_json");
    // The database is not asked, and the session goes on.
    assert_eq!(world.host.take_usage().round_trips, 0);
    world.refresh(good).is_session();
}

#[test]
fn a_token_of_our_form_made_elsewhere_ends_nothing() {
    let (mut world, ann) = World::with_ann();
    world.config = config_with(&[("JWT_SECRET", "another secret of 32 bytes and more..")]);
    world.refresh(ann.refresh_token()).is(400, "refresh_token_not_found");
    assert_eq!(world.host.take_usage().round_trips, 0);
    assert_eq!(counters(&world), "0");
}

#[test]
fn a_session_that_is_gone_is_not_refreshed() {
    let (world, ann) = World::with_ann();
    world.host.execute("delete from auth_sessions");
    let answer = world.refresh(ann.refresh_token());
    answer.is(400, "refresh_token_not_found");
    assert_eq!(answer.text("/message"), "Invalid Refresh Token: Refresh Token Not Found");
    let (world, ann) = World::with_ann();
    world.host.execute("delete from auth_users");
    world.refresh(ann.refresh_token()).is(400, "refresh_token_not_found");
}

#[test]
fn a_used_token_ends_the_session_after_the_window() {
    let (world, ann) = World::with_ann();
    let next = world.refresh(ann.refresh_token());
    world.host.advance(REUSE_MILLISECONDS + 1);
    world.host.take_usage();
    let answer = world.refresh(ann.refresh_token());
    answer.is(400, "refresh_token_already_used");
    assert_eq!(answer.text("/message"), "Invalid Refresh Token: Already Used");
    assert_eq!(world.host.take_usage().round_trips, 1);
    // Whoever holds the other tokens of the session, thief or owner, is out too, at once.
    assert_eq!(counters(&world), "none");
    world.get_user(next.access_token()).is(403, "session_not_found");
    world.refresh(next.refresh_token()).is(400, "refresh_token_not_found");
    world.refresh(ann.refresh_token()).is(400, "refresh_token_not_found");
}

#[test]
fn a_token_used_two_refreshes_ago_ends_the_session_even_within_the_window() {
    let (world, ann) = World::with_ann();
    let second = world.refresh(ann.refresh_token());
    let third = world.refresh(second.refresh_token());
    third.is_session();
    world.refresh(ann.refresh_token()).is(400, "refresh_token_already_used");
    assert_eq!(counters(&world), "none");
}

#[test]
fn a_token_of_the_future_ends_the_session() {
    // As when the database was restored to an earlier state.
    let (world, ann) = World::with_ann();
    let second = world.refresh(ann.refresh_token());
    world.host.execute("update auth_sessions set counter = 0");
    world.refresh(second.refresh_token()).is(400, "refresh_token_already_used");
    assert_eq!(counters(&world), "none");
}

#[test]
fn reuse_ends_one_session_and_no_other() {
    let (world, ann) = World::with_ann();
    let other = world.password(&crate::credentials("ann@example.com"));
    world.refresh(ann.refresh_token()).is_session();
    world.host.advance(REUSE_MILLISECONDS + 1);
    world.refresh(ann.refresh_token()).is(400, "refresh_token_already_used");
    world.refresh(other.refresh_token()).is_session();
}

#[test]
fn trouble_is_503_and_a_lost_answer_can_be_asked_for_again() {
    let (world, ann) = World::with_ann();
    world.host.fail_batch(1, unavailable());
    world.refresh(ann.refresh_token()).is(503, "service_unavailable");
    assert_eq!(counters(&world), "0");
    world.host.lose_answer(1, unavailable());
    world.refresh(ann.refresh_token()).is(503, "service_unavailable");
    assert_eq!(counters(&world), "1");
    world.refresh(ann.refresh_token()).is_session();
    assert_eq!(counters(&world), "1");
}

#[test]
fn refreshing_takes_one_round_trip_and_makes_new_tokens() {
    let (world, ann) = World::with_ann();
    world.host.advance(3_500_000);
    let next = world.refresh(ann.refresh_token());
    next.is_session();
    assert_eq!(world.host.take_usage().round_trips, 1);
    assert_ne!(next.refresh_token(), ann.refresh_token());
    assert_eq!(next.body["user"], ann.body["user"]);
    let (before, after) = (crate::claims(ann.access_token()), crate::claims(next.access_token()));
    assert_eq!(after["exp"], json!(START / 1000 + 3500 + 3600));
    assert_eq!(after["iat"], json!(START / 1000 + 3500));
    // The session and the moment of giving the password stay.
    for claim in ["session_id", "amr", "sub"] {
        assert_eq!(after[claim], before[claim]);
    }
    // The first access token ran out, the session did not.
    world.host.advance(100_000);
    world.get_user(ann.access_token()).is(401, "bad_jwt");
    assert_eq!(world.get_user(next.access_token()).status, 200);
}

#[test]
fn within_the_window_the_parent_is_answered_with_the_child() {
    let (world, ann) = World::with_ann();
    let next = world.refresh(ann.refresh_token());
    for wait in [0, 1, REUSE_MILLISECONDS - 1] {
        world.host.advance(wait);
        let again = world.refresh(ann.refresh_token());
        again.is_session();
        assert_eq!(again.refresh_token(), next.refresh_token());
        assert_eq!(counters(&world), "1");
    }
    // Asking again does not move the window.
    world.host.advance(1);
    world.refresh(ann.refresh_token()).is(400, "refresh_token_already_used");
}

#[test]
fn twenty_at_once_get_one_successor() {
    let (world, ann) = World::with_ann();
    let answers = interleave((0..20).map(|_| world.refresh_beside(ann.refresh_token())));
    let successor = answers.first().map(Answer::refresh_token).expect("an answer");
    assert_ne!(successor, ann.refresh_token());
    for answer in &answers {
        answer.is_session();
        assert_eq!(answer.refresh_token(), successor);
    }
    assert_eq!(counters(&world), "1");
    world.refresh(successor).is_session();
}

#[test]
fn a_chain_goes_on_for_ever() {
    let (world, ann) = World::with_ann();
    let mut token = ann.refresh_token().to_owned();
    for _ in 0..300 {
        world.host.advance(3_600_000);
        let next = world.refresh(&token);
        next.is_session();
        next.refresh_token().clone_into(&mut token);
    }
    assert_eq!(counters(&world), "300");
}

#[test]
fn a_change_of_secrets_signs_nobody_out() {
    let (mut world, ann) = World::with_ann();
    let new = "the next secret, also 32 bytes and more";
    world.config = config_with(&[("JWT_SECRET", new), ("JWT_SECRET_PREVIOUS", JWT_SECRET)]);
    assert_eq!(world.get_user(ann.access_token()).status, 200);
    let next = world.refresh(ann.refresh_token());
    next.is_session();
    world.config = config_with(&[("JWT_SECRET", new)]);
    assert_eq!(world.get_user(next.access_token()).status, 200);
    world.refresh(next.refresh_token()).is_session();
    world.get_user(ann.access_token()).is(401, "bad_jwt");
}
