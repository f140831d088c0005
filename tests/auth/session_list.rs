//! `GET /sessions` and `DELETE /sessions/{session_id}`.

use serde_json::{Value, json};

use crate::support::JWT_SECRET;
use crate::{Answer, World, claims, credentials, unavailable};
use selvedge::auth;
use selvedge::http::Method;
use selvedge::identity::Role;
use selvedge::secret::Secret;

const SESSIONS: &str = "/auth/v1/sessions";

fn session_id(answer: &Answer) -> String {
    claims(answer.access_token())["session_id"].as_str().expect("an id").to_owned()
}

fn list(world: &World, of: &Answer) -> Vec<Value> {
    let answer = world.authorized(Method::Get, SESSIONS, of.access_token());
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body.as_array().expect("an array").clone()
}

fn end(world: &World, of: &Answer, id: &str) -> Answer {
    world.authorized(Method::Delete, &format!("{SESSIONS}/{id}"), of.access_token())
}

/// A sign-in from somewhere.
fn enter(world: &World, email: &str, headers: &[(&str, &str)]) -> Answer {
    let address = "/auth/v1/token?grant_type=password";
    let body = credentials(email).to_string();
    let session = world.send(Method::Post, address, headers, body.as_bytes());
    session.is_session();
    session
}

#[test]
fn a_user_sees_where_the_user_is_signed_in_and_nobody_else() {
    let (world, first) = World::with_ann();
    world.post("/auth/v1/signup", &credentials("bob@example.com")).is_session();
    world.host.advance(60_000);
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0 canary";
    let headers = [
        ("user-agent", firefox),
        ("cf-connecting-ip", "203.0.113.77"),
        ("x-forwarded-for", "198.51.100.1"),
    ];
    let second = enter(&world, "ann@example.com", &headers);
    world.host.take_usage();
    let sessions = list(&world, &second);
    assert_eq!(world.host.take_usage().round_trips, 1);
    assert_eq!(
        sessions,
        [
            json!({
                "id": session_id(&second), "created_at": "2026-08-20T10:12:12.345Z",
                "refreshed_at": "2026-08-20T10:12:12.345Z",
                "not_after": "2026-11-18T10:12:12.345Z", "aal": "aal1",
                "user_agent": "Firefox on Linux", "network": "203.0.113.0/24", "current": true,
            }),
            json!({
                "id": session_id(&first), "created_at": "2026-08-20T10:11:12.345Z",
                "refreshed_at": "2026-08-20T10:11:12.345Z",
                "not_after": "2026-11-18T10:11:12.345Z", "aal": "aal1",
                "user_agent": null, "network": null, "current": false,
            }),
        ]
    );
    let stored = world
        .host
        .query("select group_concat(concat_ws('|', user_agent, network)) from auth_sessions");
    let stored = stored.expect("a text");
    for secret in ["canary", "Mozilla", "203.0.113.77", "198.51.100"] {
        assert!(!stored.contains(secret), "{secret} in {stored}");
    }
}

#[test]
fn a_session_is_ended_by_its_user_alone() {
    let (world, ann) = World::with_ann();
    let other = enter(&world, "ann@example.com", &[]);
    let bob = world.post("/auth/v1/signup", &credentials("bob@example.com"));
    // Somebody else's is as unknown as one that never was.
    let expected = end(&world, &bob, "99999999-9999-4999-8999-999999999999");
    expected.is(404, "not_found");
    assert_eq!(end(&world, &bob, &session_id(&ann)), expected);
    assert_eq!(world.get_user(ann.access_token()).status, 200);
    world.host.take_usage();
    let ended = end(&world, &ann, &session_id(&other));
    assert_eq!((ended.status, ended.body), (204, Value::Null));
    assert_eq!(world.host.take_usage().round_trips, 1);
    world.get_user(other.access_token()).is(403, "session_not_found");
    world.refresh(other.refresh_token()).is(400, "refresh_token_not_found");
    assert_eq!(end(&world, &ann, &session_id(&other)), expected);
    assert_eq!(list(&world, &ann).len(), 1);
    // The current one too.
    assert_eq!(end(&world, &ann, &session_id(&ann)).status, 204);
    world.get_user(ann.access_token()).is(403, "session_not_found");
    end(&world, &ann, &session_id(&ann)).is(403, "session_not_found");
    world.authorized(Method::Get, SESSIONS, ann.access_token()).is(403, "session_not_found");
    assert_eq!(world.get_user(bob.access_token()).status, 200);
    let told = "select group_concat(action || traits, ' ') from auth_audit where action = 'logout'";
    let told = world.host.query(told).expect("rows");
    assert_eq!(told, r#"logout{"scope":"session"} logout{"scope":"session"}"#);
}

#[test]
fn sessions_are_nobodys_without_a_users_token() {
    let (world, ann) = World::with_ann();
    let key = |role| auth::api_key(&Secret::new(JWT_SECRET.into()), role, 0, 4_000_000_000);
    let one = format!("{SESSIONS}/{}", session_id(&ann));
    world.host.take_usage();
    for (method, address) in [(Method::Get, SESSIONS), (Method::Delete, &one)] {
        world.send(method, address, &[], b"").is(401, "no_authorization");
        for token in [key(Role::Anon), key(Role::ServiceRole)] {
            world.authorized(method, address, &token).is(401, "no_authorization");
            world.send(method, address, &[("apikey", &token)], b"").is(401, "no_authorization");
        }
        for token in ["", "x", ann.refresh_token(), &format!("{}A", ann.access_token())] {
            world.authorized(method, address, token).is(401, "bad_jwt");
        }
    }
    assert_eq!(world.host.take_usage().round_trips, 0);
    for (method, address) in [(Method::Get, SESSIONS), (Method::Delete, &one)] {
        world.host.fail_batch(1, unavailable());
        world.authorized(method, address, ann.access_token()).is(503, "service_unavailable");
    }
    assert_eq!(world.get_user(ann.access_token()).status, 200);
}
