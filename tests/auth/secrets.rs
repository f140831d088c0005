//! What is secret is told to its owner and to nobody else.

use serde_json::json;

use crate::support::JWT_SECRET;
use crate::{Answer, World, unavailable};
use selvedge::db::DbError;
use selvedge::host::Milliseconds;
use selvedge::http::Method;

const CANARY: &str = "canary-in-the-coal-mine";
const LATER: Milliseconds = 60_000;

/// Every text of every table.
const EVERYTHING: &str = "select group_concat(line, '|') from (
  select concat_ws('|', id, email, password_hash, app_metadata, user_metadata) as line from auth_users
  union all select concat_ws('|', id, user_id, counter) from auth_sessions)";

/// One life, with all that goes wrong in it.
fn life(world: &World) -> Vec<Answer> {
    let credentials = json!({ "email": "ann@example.com", "password": CANARY });
    let ann = world.post("/auth/v1/signup", &credentials);
    let (access, refresh) = (ann.access_token().to_owned(), ann.refresh_token().to_owned());
    let mut answers = vec![
        world.post("/auth/v1/signup", &credentials),
        world.post("/auth/v1/signup", &json!({ "email": CANARY, "password": CANARY })),
        world.post("/auth/v1/signup", &json!({ "email": [CANARY], "password": 1 })),
        world.password(&json!({ "email": "ann@example.com", "password": format!("{CANARY}x") })),
        world.password(&json!({ "email": "ann@example.com", "password": [CANARY] })),
        world.get_user(&access),
        world.get_user(&format!("{access}x")),
        world.get_user(CANARY),
        world.refresh(CANARY),
        world.send(Method::Get, &format!("/auth/v1/user?apikey={CANARY}"), &[], b""),
    ];
    for error in [unavailable(), DbError::Other { message: "a defect".into() }] {
        world.host.fail_batch(1, error);
        answers.push(world.password(&credentials));
    }
    world.host.execute("update auth_users set created_at = 9223372036854775807");
    world.refresh(&refresh).is_session();
    world.host.advance(LATER);
    answers.push(world.refresh(&refresh));
    answers
}

#[test]
fn no_refusal_no_log_and_no_table_holds_a_secret() {
    let world = World::new();
    for answer in life(&world) {
        let told = format!("{answer:?}");
        for secret in [CANARY, JWT_SECRET, "$argon2id$", "eyJ"] {
            assert!(!told.contains(secret), "{secret} in {told}");
        }
    }
    assert!(world.host.log.borrow().iter().all(|line| !line.contains(CANARY)));
    let session = world.password(&json!({ "email": "ann@example.com", "password": CANARY }));
    session.is_session();
    let stored = world.host.query(EVERYTHING).expect("a text");
    assert!(stored.contains("ann@example.com") && stored.contains("$argon2id$"), "{stored}");
    for secret in [CANARY, JWT_SECRET, session.access_token(), session.refresh_token()] {
        assert!(!stored.contains(secret), "{secret} in {stored}");
    }
}

#[test]
fn every_kind_of_token_opens_only_its_own_door() {
    let (world, ann) = World::with_ann();
    world.get_user(ann.refresh_token()).is(401, "bad_jwt");
    world.refresh(ann.access_token()).is(400, "validation_failed");
    let id = ann.text("/user/id");
    world.get_user(id).is(401, "bad_jwt");
    world.refresh(id).is(400, "validation_failed");
}
