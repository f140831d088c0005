//! No way into an account goes around its second factor, and what it guards stays as it is until it is shown.

use serde_json::{Value, json};

use crate::authenticator::{App, STEP, ann_with_app};
use crate::mailed::{VERIFIER, challenge};
use crate::support::{config_with, interleave};
use crate::{Answer, PASSWORD, World, claims, credentials, request};
use selvedge::http::Method;

fn aal(session: &Answer) -> Value {
    session.is_session();
    claims(session.access_token())["aal"].clone()
}

/// A session of Ann's by every way that there is but her app.
fn ways_in(world: &World) -> Vec<(&'static str, Answer)> {
    let email = json!({ "email": "ann@example.com" });
    let mut sessions = vec![("password", world.password(&credentials("ann@example.com")))];
    for (way, address, purpose) in
        [("recovery", "/auth/v1/recover", "recovery"), ("magiclink", "/auth/v1/otp", "magiclink")]
    {
        world.host.advance(61_000);
        assert_eq!(world.post(address, &email).status, 200, "{way}");
        let mailed = world.mailed(purpose);
        sessions.push((way, world.verify_link(way, &mailed.link)));
        world.host.advance(61_000);
        assert_eq!(world.post(address, &email).status, 200, "{way}");
        let code = world.mailed(purpose).code;
        let by_code = if way == "magiclink" { "email" } else { way };
        sessions.push((way, world.verify_code(by_code, "ann@example.com", &code)));
    }
    world.host.advance(61_000);
    let flow = json!({
        "email": "ann@example.com", "code_challenge": challenge(), "code_challenge_method": "s256",
    });
    assert_eq!(world.post("/auth/v1/recover", &flow).status, 200);
    let mailed = world.mailed("recovery");
    let clicked = world.click("recovery", &mailed.link, "");
    let code = clicked.led_with("code").expect("an auth code");
    sessions.push(("pkce", world.exchange(&code, VERIFIER)));
    sessions
}

#[test]
fn every_way_in_gives_the_lower_level_and_nothing_that_changes_the_account() {
    let (world, app, _) = ann_with_app();
    for (way, session) in ways_in(&world) {
        assert_eq!(aal(&session), "aal1", "{way}");
        let refreshed = world.refresh(session.refresh_token());
        assert_eq!(aal(&refreshed), "aal1", "{way}");
        let token = refreshed.access_token();
        let stored = "select email || password_hash || coalesce(new_email, '') from auth_users";
        let before = world.host.query(stored);
        for change in [
            json!({ "password": "another horse" }),
            json!({ "password": "another horse", "current_password": PASSWORD }),
            json!({ "email": "thief@example.com" }),
            json!({ "email": "thief@example.com", "data": { "a": 1 } }),
        ] {
            let refused = world.put_user(token, &change);
            refused.is(401, "insufficient_aal");
        }
        assert_eq!(world.host.query(stored), before, "{way}");
        world.enroll(token, "mine").is(403, "insufficient_aal");
        world.unenroll(token, &app.id).is(422, "insufficient_aal");
        let codes = world.post_as(token, "/auth/v1/factors/recovery-codes", &json!({}));
        codes.is(403, "insufficient_aal");
        // What is no key to the account can be changed.
        assert_eq!(world.put_user(token, &json!({ "data": { "color": "blue" } })).status, 200);
    }
}

#[test]
fn a_forgotten_password_is_set_after_the_factor_was_shown() {
    let (world, app, _) = ann_with_app();
    world.host.advance(61_000);
    assert_eq!(world.post("/auth/v1/recover", &json!({ "email": "ann@example.com" })).status, 200);
    let session = world.verify_link("recovery", &world.mailed("recovery").link);
    let raised = world.show(session.access_token(), &app);
    assert_eq!(aal(&raised), "aal2");
    let changed = world.put_user(raised.access_token(), &json!({ "password": "another horse" }));
    assert_eq!(changed.status, 200, "{}", changed.body);
}

#[test]
fn a_recovery_code_is_no_recovery_by_mail() {
    let (mut world, _, raised) = ann_with_app();
    let codes = world.post_as(raised.access_token(), "/auth/v1/factors/recovery-codes", &json!({}));
    let session = world.password(&credentials("ann@example.com"));
    let code = json!({ "code": codes.text("/codes/0") });
    let address = "/auth/v1/factors/recovery-codes/verify";
    let raised = world.post_as(session.access_token(), address, &code);
    assert_eq!(aal(&raised), "aal2");
    // Whoever has forgotten the password need not know it; whoever has lost the app must.
    world.config = config_with(&[("SECURITY_UPDATE_PASSWORD_REQUIRE_CURRENT_PASSWORD", "true")]);
    let change = json!({ "password": "another horse" });
    world.put_user(raised.access_token(), &change).is(400, "current_password_required");
}

#[test]
fn a_change_that_is_under_way_ends_with_the_raise_of_another_session() {
    let (world, ann) = World::with_ann();
    let app = App::of(&world.enroll(ann.access_token(), "phone"));
    let thief = world.password(&credentials("ann@example.com"));
    let challenge = world.challenge(ann.access_token(), &app.id);
    world.host.advance(STEP);
    let send = |session: &Answer, method, address: &str, body: Value| {
        let bearer = format!("Bearer {}", session.access_token());
        let headers = [("authorization", bearer.as_str())];
        request(method, address, &headers, body.to_string().as_bytes())
    };
    let verify = format!("/auth/v1/factors/{}/verify", app.id);
    let answer = json!({ "challenge_id": challenge.text("/id"), "code": app.code(&world) });
    let requests = [
        send(&ann, Method::Post, &verify, answer),
        send(&thief, Method::Put, "/auth/v1/user", json!({ "password": "another horse" })),
    ];
    let answers = interleave(requests.iter().map(|request| world.answer(request)));
    assert_eq!(aal(&answers[0]), "aal2");
    answers[1].is(403, "session_not_found");
    world.password(&credentials("ann@example.com")).is_session();
}
