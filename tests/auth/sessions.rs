//! `GET /user`, `POST /logout`, and the endpoints that ask nobody who they are.

use serde_json::json;

use crate::support::JWT_SECRET;
use crate::{Answer, World, credentials, unavailable};
use selvedge::auth;
use selvedge::http::Method;
use selvedge::identity::Role;
use selvedge::secret::Secret;

const USER: &str = "/auth/v1/user";
const SIGN_OUT: &str = "/auth/v1/logout";

fn key(role: Role) -> String {
    auth::api_key(&Secret::new(JWT_SECRET.into()), role, 0, 4_000_000_000)
}

fn sign_out(world: &World, scope: &str, session: &Answer) -> Answer {
    world.authorized(Method::Post, &format!("{SIGN_OUT}{scope}"), session.access_token())
}

#[test]
fn an_api_key_is_nobody() {
    let (world, _) = World::with_ann();
    for (method, address) in [(Method::Get, USER), (Method::Post, SIGN_OUT)] {
        for answer in [
            world.send(method, address, &[], b""),
            world.send(method, address, &[("apikey", &key(Role::Anon))], b""),
            world.authorized(method, address, &key(Role::Anon)),
            world.authorized(method, address, &key(Role::ServiceRole)),
        ] {
            answer.is(401, "no_authorization");
            assert_eq!(answer.text("/message"), "This endpoint requires a valid Bearer token");
            assert!(answer.headers.contains(&("www-authenticate", "Bearer".into())));
        }
    }
    assert_eq!(world.host.take_usage().round_trips, 0);
}

#[test]
fn a_bad_token_is_refused_before_the_database() {
    let (world, ann) = World::with_ann();
    let good = ann.access_token();
    for token in ["", "x", &good[1..], &format!("{good}A"), ann.refresh_token()] {
        let answer = world.get_user(token);
        answer.is(401, "bad_jwt");
        assert!(answer.text("/message").starts_with("invalid JWT: "));
        world.authorized(Method::Post, SIGN_OUT, token).is(401, "bad_jwt");
    }
    // A key in the address is not looked at.
    let by_query = format!("{USER}?apikey={good}&access_token={good}");
    world.send(Method::Get, &by_query, &[], b"").is(401, "no_authorization");
    world.host.advance(3_600_000);
    let late = world.get_user(good);
    late.is(401, "bad_jwt");
    assert_eq!(late.text("/message"), "invalid JWT: token is expired");
    assert_eq!(world.host.take_usage().round_trips, 0);
}

#[test]
fn a_token_outlives_neither_its_session_nor_its_account() {
    let (world, ann) = World::with_ann();
    assert_eq!(world.get_user(ann.access_token()).status, 200);
    assert_eq!(world.host.take_usage().round_trips, 1);
    // A session of somebody else's is not a session of Ann's.
    world.host.execute(
        "insert into auth_users (id, created_at, updated_at) values ('other', 0, 0);
         update auth_sessions set user_id = 'other'",
    );
    world.get_user(ann.access_token()).is(403, "session_not_found");
    sign_out(&world, "", &ann).is(403, "session_not_found");
    assert_eq!(world.host.query("select count(*) from auth_sessions").as_deref(), Some("1"));
    world.host.execute("delete from auth_users");
    world.get_user(ann.access_token()).is(403, "session_not_found");
}

#[test]
fn trouble_is_503() {
    let (world, ann) = World::with_ann();
    world.host.fail_batch(1, unavailable());
    world.get_user(ann.access_token()).is(503, "service_unavailable");
    world.host.fail_batch(1, unavailable());
    sign_out(&world, "", &ann).is(503, "service_unavailable");
    assert_eq!(world.get_user(ann.access_token()).status, 200);
}

#[test]
fn an_unknown_scope_ends_nothing() {
    let (world, ann) = World::with_ann();
    for scope in ["?scope=", "?scope=all", "?scope=Global", "?scope=local&scope=global"] {
        sign_out(&world, scope, &ann).is(400, "validation_failed");
    }
    sign_out(&world, "?scope=%ff", &ann).is(400, "bad_encoding");
    assert_eq!(world.get_user(ann.access_token()).status, 200);
}

#[test]
fn signing_out_ends_the_sessions_of_its_scope() {
    // Scope, then whether this session, another of Ann's, and Bob's live on.
    for (scope, this_lives, other_lives) in [
        ("", false, false),
        ("?scope=global", false, false),
        ("?scope=local", false, true),
        ("?scope=others", true, false),
    ] {
        let (world, this) = World::with_ann();
        let other = world.password(&credentials("ann@example.com"));
        let bob = world.post("/auth/v1/signup", &credentials("bob@example.com"));
        world.host.take_usage();
        let answer = sign_out(&world, scope, &this);
        assert_eq!((answer.status, answer.body), (204, serde_json::Value::Null));
        assert_eq!(world.host.take_usage().round_trips, 1);
        for (session, lives) in [(&this, this_lives), (&other, other_lives), (&bob, true)] {
            let user = world.get_user(session.access_token());
            let refreshed = world.refresh(session.refresh_token());
            if lives {
                assert_eq!(user.status, 200, "{scope}");
                refreshed.is_session();
            } else {
                user.is(403, "session_not_found");
                refreshed.is(400, "refresh_token_not_found");
                sign_out(&world, "", session).is(403, "session_not_found");
            }
        }
    }
}

#[test]
fn the_settings_tell_what_is_switched_on() {
    let world = World::new();
    let get = |address| world.send(Method::Get, address, &[], b"");
    let settings = json!({
        "external": { "anonymous_users": false, "apple": false, "email": true, "github": false, "google": false, "phone": false },
        "disable_signup": false,
        "mailer_autoconfirm": true,
        "phone_autoconfirm": false,
        "sms_provider": "",
        "saml_enabled": false,
        "passkeys_enabled": false,
    });
    assert_eq!(get("/auth/v1/settings").body, settings);
    assert_eq!(get("/auth/v1/health").text("/name"), "GoTrue");
    let keys = get("/auth/v1/.well-known/jwks.json");
    assert_eq!((keys.status, keys.body), (200, json!({ "keys": [] })));
    assert!(keys.headers.contains(&("cache-control", "public, max-age=600".into())));
    assert_eq!(world.host.take_usage().round_trips, 0);
}
