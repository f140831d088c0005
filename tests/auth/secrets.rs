//! What is secret is told to its owner and to nobody else.

use serde_json::json;

use crate::mailed::{VERIFIER, challenge};
use crate::support::JWT_SECRET;
use crate::{Answer, World, unavailable};
use selvedge::db::DbError;
use selvedge::host::Milliseconds;
use selvedge::http::Method;

const CANARY: &str = "canary-in-the-coal-mine";
const LATER: Milliseconds = 60_000;

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
    world.host.advance(LATER);
    world.post("/auth/v1/recover", &json!({ "email": "ann@example.com" }));
    let link = world.mailed("recovery").link;
    let stored = world.host.dump();
    assert!(stored.contains("ann@example.com") && stored.contains("$argon2id$"), "{stored}");
    for secret in [CANARY, JWT_SECRET, session.access_token(), session.refresh_token(), &link] {
        assert!(!stored.contains(secret), "{secret} in {stored}");
    }
}

#[test]
fn every_kind_of_token_opens_only_its_own_door() {
    let (world, ann) = World::with_ann_and(&[]);
    let asked = json!({ "email": "ann@example.com", "code_challenge": challenge(),
        "code_challenge_method": "s256" });
    world.post("/auth/v1/recover", &asked);
    let led = world.click("recovery", &world.mailed("recovery").link, "");
    let code = led.led_with("code").expect("a code");
    world.host.advance(LATER);
    world.post("/auth/v1/magiclink", &json!({ "email": "ann@example.com" }));
    let link = world.mailed("magiclink").link;
    let doors: [&dyn Fn(&str) -> Answer; 4] = [
        &|token| world.get_user(token),
        &|token| world.refresh(token),
        &|token| world.verify_link("magiclink", token),
        &|token| world.exchange(token, VERIFIER),
    ];
    let keys = [ann.access_token(), ann.refresh_token(), &link, &code];
    for (door, open) in doors.iter().enumerate() {
        for (kind, key) in keys.iter().enumerate().filter(|(kind, _)| *kind != door) {
            let refused = open(key);
            assert!((400..500).contains(&refused.status), "{kind} at {door}: {}", refused.body);
        }
        assert!(open(ann.text("/user/id")).status >= 400, "an id at {door}");
    }
    for (open, key) in doors.iter().zip(keys) {
        let entered = open(key);
        assert_eq!(entered.status, 200, "{}", entered.body);
    }
}
