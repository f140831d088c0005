//! Coming in without an address, and getting one.

use serde_json::{Value, json};

use crate::World;
use crate::support::interleave;
use selvedge::http::Method;

const ALLOWED: (&str, &str) = ("EXTERNAL_ANONYMOUS_USERS_ENABLED", "true");
const STRICT: (&str, &str) = ("MAILER_AUTOCONFIRM", "false");

#[test]
fn nobody_comes_in_anonymously_where_it_is_not_wanted() {
    let world = World::new();
    for body in [json!({}), json!({ "data": {} }), json!({ "email": "", "phone": "" })] {
        world.post("/auth/v1/signup", &body).is(422, "anonymous_provider_disabled");
    }
    let world = World::with(&[ALLOWED, ("DISABLE_SIGNUP", "true")]);
    world.post("/auth/v1/signup", &json!({})).is(422, "signup_disabled");
    let world = World::with(&[ALLOWED]);
    for data in [json!([]), json!({ "x": "x".repeat(5000) })] {
        world.post("/auth/v1/signup", &json!({ "data": data })).is(400, "validation_failed");
    }
    assert_eq!(world.count("auth_users"), "0");
}

#[test]
fn the_answer_is_a_session_of_nobody_in_particular() {
    let world = World::with(&[ALLOWED]);
    let session = world.post("/auth/v1/signup", &json!({ "data": { "theme": "dark" } }));
    session.is_session();
    let usage = world.host.take_usage();
    assert_eq!((usage.round_trips, world.host.hashes.get()), (1, 0));
    let user = &session.body["user"];
    assert_eq!((&user["is_anonymous"], &user["email"]), (&json!(true), &json!("")));
    assert_eq!((&user["app_metadata"], &user["identities"]), (&json!({}), &json!([])));
    assert_eq!(user["user_metadata"], json!({ "theme": "dark" }));
    let claims = crate::claims(session.access_token());
    assert_eq!(claims["is_anonymous"], true);
    assert_eq!(claims["amr"][0]["method"], "anonymous");
    // There is no address to send a code to, and no password without one.
    let token = session.access_token();
    world.authorized(Method::Get, "/auth/v1/reauthenticate", token).is(400, "validation_failed");
    world.put_user(token, &json!({ "password": "another horse" })).is(400, "validation_failed");
    // Two of them do not meet at the address that neither has.
    assert_ne!(world.anonymous().text("/user/id"), session.text("/user/id"));
}

fn is_promoted(user: &Value) {
    assert_eq!((&user["is_anonymous"], &user["email"]), (&json!(false), &json!("ann@example.com")));
    assert_eq!(user["app_metadata"], json!({ "provider": "email", "providers": ["email"] }));
    assert_eq!(user["identities"][0]["provider"], "email");
    assert_eq!(user["user_metadata"]["email_verified"], true);
    assert_eq!(user.get("new_email"), None);
}

#[test]
fn an_address_is_confirmed_by_its_own_mail_alone() {
    let world = World::with(&[ALLOWED, STRICT]);
    let anonymous = world.anonymous();
    let change = json!({ "email": "Ann@example.com", "password": "another horse" });
    let pending = world.put_user(anonymous.access_token(), &change);
    assert_eq!(pending.status, 200, "{}", pending.body);
    assert_eq!(pending.text("/new_email"), "ann@example.com");
    assert_eq!((pending.text("/email"), &pending.body["is_anonymous"]), ("", &json!(true)));
    assert_eq!(world.letters(), "email_change_new:ann@example.com");
    let body = json!({ "email": "ann@example.com", "password": "another horse" });
    world.password(&body).is(400, "invalid_credentials");
    let code = world.mailed("email_change_new").code;
    let session = world.verify_code("email_change", "ann@example.com", &code);
    session.is_session();
    is_promoted(&session.body["user"]);
    assert_eq!(session.text("/user/id"), anonymous.text("/user/id"));
    world.password(&body).is_session();
}

#[test]
fn where_addresses_need_no_confirmation_there_is_no_mail() {
    let world = World::with(&[ALLOWED]);
    let anonymous = world.anonymous();
    let change = json!({ "email": "ann@example.com", "password": "another horse" });
    let changed = world.put_user(anonymous.access_token(), &change);
    assert_eq!(changed.status, 200, "{}", changed.body);
    is_promoted(&changed.body);
    assert_eq!((world.letters(), world.count("auth_one_time_tokens")), (String::new(), "0".into()));
    world.password(&change).is_session();
}

#[test]
fn a_taken_address_is_nobody_elses_and_of_two_at_once_one_gets_it() {
    for settings in [&[ALLOWED][..], &[ALLOWED, STRICT]] {
        let (world, _) = World::with_ann_and(settings);
        let sessions = [world.anonymous(), world.anonymous()];
        let token = sessions[0].access_token();
        let taken = world.put_user(token, &json!({ "email": "ANN@example.com" }));
        // Where it has to agree, its owner alone is told that it is taken.
        if settings.len() == 1 {
            taken.is(422, "email_exists");
        } else {
            assert_eq!(
                (taken.status, world.letters().as_str()),
                (200, "account_exists:ann@example.com")
            );
        }
        let requests: Vec<_> = sessions
            .iter()
            .map(|session| {
                let bearer = format!("Bearer {}", session.access_token());
                let body = br#"{"email":"new@example.com"}"#;
                crate::request(Method::Put, "/auth/v1/user", &[("authorization", &bearer)], body)
            })
            .collect();
        let mut answers: Vec<_> = interleave(requests.iter().map(|request| world.answer(request)));
        answers.sort_by_key(|answer| answer.status);
        assert_eq!(answers[0].status, 200, "{}", answers[0].body);
        let second = if settings.len() == 1 {
            (422, "email_exists")
        } else {
            (429, "over_email_send_rate_limit")
        };
        answers[1].is(second.0, second.1);
    }
}

#[test]
fn an_address_that_was_taken_meanwhile_stays_its_owners() {
    let world = World::with(&[ALLOWED, STRICT]);
    let anonymous = world.anonymous();
    world.put_user(anonymous.access_token(), &json!({ "email": "ann@example.com" }));
    let link = world.mailed("email_change_new").link;
    world.host.execute(
        "insert into auth_users (id, email, email_confirmed_at, created_at, updated_at)
         values ('11111111-1111-4111-8111-111111111111', 'ann@example.com', 0, 0, 0)",
    );
    let before = world.host.dump();
    world.verify_link("email_change", &link).is(422, "email_exists");
    assert_eq!(world.host.dump(), before);
}
