//! What a new password must be. Refusals are of the dialect's shape, and come before anything is hashed.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use crate::support::{config_with, inbound};
use crate::{Answer, World, unavailable};
use selvedge::outbound::{FetchError, Inbound};

const SIGN_UP: &str = "/auth/v1/signup";
const KNOWN: &str =
    "Password is known to be weak and easy to guess, please choose a different one.";

fn sign_up(world: &World, password: &str) -> Answer {
    world.post(SIGN_UP, &json!({ "email": "annabel@example.com", "password": password }))
}

fn with(settings: &[(&str, &str)]) -> World {
    World { config: config_with(settings), ..World::new() }
}

#[track_caller]
fn is_weak(answer: &Answer, message: &str, reason: &str) {
    answer.is(422, "weak_password");
    assert_eq!(answer.text("/message"), message);
    assert_eq!(answer.body["weak_password"], json!({ "reasons": [reason] }));
}

#[test]
fn what_is_tried_first_is_refused() {
    let world = World::new();
    for password in [
        "password",
        "12345678",
        "123456789",
        "qwertyuiop",
        "1q2w3e4r",
        "iloveyou",
        "trustno1",
        "password1",
        "letmein1",
        "football",
        "baseball",
        "superman",
        "11111111",
        "abcd1234",
        // In capitals it is the same.
        "PASSWORD",
        "Password",
        "PassWord1",
        "QwertyUiop",
        "ILOVEYOU",
    ] {
        is_weak(&sign_up(&world, password), KNOWN, "pwned");
    }
    assert_eq!(world.host.hashes.get(), 0);
    assert_eq!(world.host.query("select count(*) from auth_users").as_deref(), Some("0"));
    let close = ["passwor d", "password ", "ｐassword", "pa\u{df}word1", "pássword"];
    for (number, password) in close.iter().enumerate() {
        let email = format!("{number}@example.com");
        world.post(SIGN_UP, &json!({ "email": email, "password": password })).is_session();
    }
}

#[test]
fn there_are_three_thousand_and_the_password_is_not_told_to_the_database() {
    let world = World::new();
    let count = |what: &str| world.host.query(&format!("select {what} from auth_common_passwords"));
    assert_eq!(count("count(*)").as_deref(), Some("3000"));
    assert_eq!(count("min(length(drawer) * 100 + length(digest))").as_deref(), Some("313"));
    assert_eq!(count("max(length(drawer) * 100 + length(digest))").as_deref(), Some("313"));
    world.host.record();
    sign_up(&world, "a long new password").is_session();
    let statements = world.host.record();
    let asked: Vec<_> = statements.iter().filter(|sql| sql.contains("common_passwords")).collect();
    assert_eq!(asked.len(), 1);
    // One drawer is a seek, not a walk over all of them.
    assert!(asked[0].contains("where drawer = ?1"), "{asked:?}");
}

#[test]
fn what_everybody_knows_of_an_account_adds_nothing_to_its_password() {
    let config = config_with(&[("SITE_URL", "https://tapestry.example.com")]);
    let world = World { config, ..World::new() };
    let message =
        "Password should be at least 8 characters besides your address and the name of this site.";
    for password in
        ["annabel1", "Annabel2026", "annabelannabel", "tapestry", "Tapestry123", "annabel-tapestry"]
    {
        is_weak(&sign_up(&world, password), message, "length");
    }
    assert_eq!((world.host.hashes.get(), world.host.take_usage().round_trips), (0, 0));
    sign_up(&world, "annabel and the loom").is_session();
}

#[test]
fn the_least_length_can_be_raised() {
    let world = with(&[("PASSWORD_MIN_LENGTH", "15")]);
    let message = "Password should be at least 15 characters.";
    is_weak(&sign_up(&world, "fourteen chars"), message, "length");
    is_weak(&sign_up(&world, &"🦀".repeat(14)), message, "length");
    sign_up(&world, &"🦀".repeat(15)).is_session();
}

/// OWASP ASVS 6.2.8 and 6.2.9.
#[test]
fn a_password_is_its_bytes_to_the_last_of_them() {
    let composed = "caf\u{e9} au lait";
    let long = "🦀".repeat(64);
    for (password, others) in [
        (composed, ["cafe\u{301} au lait".to_owned(), "Café au lait".to_owned()]),
        (" with spaces ", ["with spaces".to_owned(), " with spaces".to_owned()]),
        (&long, ["🦀".repeat(63), "🦀".repeat(65)]),
    ] {
        let world = World::new();
        sign_up(&world, password).is_session();
        let enter = |password: &str| {
            world.password(&json!({ "email": "annabel@example.com", "password": password }))
        };
        for other in others {
            enter(&other).is(400, "invalid_credentials");
        }
        enter(password).is_session();
    }
}

#[test]
fn trouble_is_503_and_never_a_way_around_the_list() {
    let world = World::new();
    world.host.fail_batch(1, unavailable());
    sign_up(&world, "password").is(503, "service_unavailable");
    world.host.fail_batch(1, unavailable());
    sign_up(&world, "a long new password").is(503, "service_unavailable");
    assert_eq!(world.host.hashes.get(), 0);
    assert_eq!(world.host.query("select count(*) from auth_users").as_deref(), Some("0"));
}

#[test]
fn known_and_unknown_addresses_are_told_the_same_of_a_weak_password() {
    let (world, _) = World::with_ann();
    for password in ["short", "password", "x\u{301}x"] {
        let answers = ["ann@example.com", "nobody@example.com"].map(|email| {
            world.host.take_usage();
            let answer = world.post(SIGN_UP, &json!({ "email": email, "password": password }));
            (answer, world.host.take_usage().round_trips)
        });
        assert_eq!(answers[0], answers[1]);
    }
}

/// The rules may have been made stricter since, and hashes come from elsewhere, too.
#[test]
fn whoever_comes_in_by_a_weak_password_is_told() {
    let settings = [("PASSWORD_MIN_LENGTH", "15"), ("SITE_URL", "https://tapestry.example.com")];
    let mut world = World::new();
    // An account's name, its password, and what is said of it now.
    let people = [
        (
            "annabel",
            "correct horse",
            Some(("Password should be at least 15 characters.", "length")),
        ),
        (
            "ben",
            "tapestry tapestry",
            Some((
                "Password should be at least 15 characters besides your address and the name of this site.",
                "length",
            )),
        ),
        ("cleo", "a password of more characters", None),
    ];
    for (name, password, _) in people {
        let email = format!("{name}@example.com");
        world.post(SIGN_UP, &json!({ "email": email, "password": password })).is_session();
    }
    world.config = config_with(&settings);
    for (name, password, weakness) in people {
        let email = format!("{name}@example.com");
        let answer = world.password(&json!({ "email": email, "password": password }));
        answer.is_session();
        let told =
            weakness.map(|(message, reason)| json!({ "message": message, "reasons": [reason] }));
        assert_eq!(answer.body.get("weak_password").cloned(), told, "{name}");
        // Only who has shown the password is told of it.
        let refreshed = world.refresh(answer.refresh_token());
        refreshed.is_session();
        assert_eq!(refreshed.body.get("weak_password"), None);
    }
}

/// An account whose password is `password`, hashed with m=256 by the reference implementation of Argon2: weaker
/// than is hashed now.
pub fn world_with_a_common_password() -> World {
    let world = World::new();
    world.host.execute(
        "insert into auth_users (
           id, email, password_hash, email_confirmed_at, created_at, updated_at
         ) values ('00112233-4455-4677-8899-aabbccddeeff', 'old@example.com',
           '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
           1, 0, 0)",
    );
    world
}

#[test]
fn a_common_password_is_told_of_without_another_call() {
    let world = world_with_a_common_password();
    let body = json!({ "email": "old@example.com", "password": "password" });
    world.host.take_usage();
    let answer = world.password(&body);
    answer.is_session();
    assert_eq!(world.host.take_usage().round_trips, 2);
    assert_eq!(answer.body["weak_password"], json!({ "message": KNOWN, "reasons": ["pwned"] }));
    // The services of others are asked when a password is chosen, and not each time it is used.
    let world = World { config: config_with(&LEAKS), ..world };
    assert_eq!(world.password(&body).text("/weak_password/reasons/0"), "pwned");
    assert!(world.host.fetched.borrow().is_empty());
}

#[test]
fn whoever_does_not_come_in_is_told_nothing_of_a_password() {
    let world = world_with_a_common_password();
    let enter = |email: &str, password: &str| {
        world.host.advance(15 * 60_000);
        world.password(&json!({ "email": email, "password": password }))
    };
    let silent = |answer: &Answer, code: &str| {
        answer.is(400, code);
        assert!(!answer.body.to_string().contains("weak_password"), "{}", answer.body);
    };
    silent(&enter("old@example.com", "12345678"), "invalid_credentials");
    silent(&enter("old@example.com", "Password"), "invalid_credentials");
    silent(&enter("nobody@example.com", "password"), "invalid_credentials");
    silent(&enter("no address", "x"), "invalid_credentials");
    world.host.execute("update auth_users set email_confirmed_at = null");
    silent(&enter("old@example.com", "password"), "email_not_confirmed");
    world.host.execute("update auth_users set email_confirmed_at = 1, banned_until = 9e18");
    silent(&enter("old@example.com", "password"), "user_banned");
    world.host.execute("update auth_users set banned_until = null");
    world.host.fail_batch(2, unavailable());
    enter("old@example.com", "password").is(503, "service_unavailable");
    enter("old@example.com", "password").is_session();
}

const LEAKS: [(&str, &str); 2] =
    [("PASSWORD_HIBP_ENABLED", "true"), ("PASSWORD_HIBP_URL", "http://127.0.0.1:9/range/")];

fn sha1(password: &str) -> String {
    Sha1::digest(password).iter().map(|byte| format!("{byte:02X}")).collect()
}

/// An answer that is made of what is behind the part of a hash that was told.
type Form = fn(&str) -> Result<Inbound, FetchError>;

/// With a server that knows these passwords as leaked, and says so in this form.
fn world_of_leaks(form: Form) -> World {
    let world = with(&LEAKS);
    world.host.on_fetch(move |_| form(&sha1("a leaked password")[5..]));
    world
}

#[test]
fn a_leaked_password_is_refused_and_its_hash_never_told() {
    let world = world_of_leaks(|rest| {
        inbound(200, &format!("0018A45C4D1DEF81644B54AB7F969B88D65:3\r\n{rest}:24\r\n00D4:0\r\n"))
    });
    is_weak(&sign_up(&world, "a leaked password"), KNOWN, "pwned");
    assert_eq!(world.host.hashes.get(), 0);
    sign_up(&world, "A leaked password").is_session();
    let fetched = world.host.fetched.borrow();
    let urls: Vec<&str> = fetched.iter().map(|request| request.url.as_str()).collect();
    let url = |password: &str| format!("http://127.0.0.1:9/range/{}", &sha1(password)[..5]);
    assert_eq!(urls, [url("a leaked password"), url("A leaked password")]);
    for request in fetched.iter() {
        assert_eq!(request.body, None);
        assert_eq!(request.headers, [("add-padding", "true".to_owned())]);
    }
}

/// The second vector of RFC 3174.
#[test]
fn the_hash_is_the_one_that_the_service_knows() {
    let password = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    let world = with(&LEAKS);
    world.host.on_fetch(|request| {
        assert_eq!(request.url, "http://127.0.0.1:9/range/84983");
        inbound(200, "e441c3bd26ebaae4aa1f95129e5e54670f1:1")
    });
    is_weak(&sign_up(&world, password), KNOWN, "pwned");
}

#[test]
fn padding_in_the_answer_of_the_leaks_is_no_leak() {
    let world = world_of_leaks(|rest| inbound(200, &format!("{rest}:0\r\n")));
    sign_up(&world, "a leaked password").is_session();
}

#[test]
fn where_nobody_can_say_the_password_is_taken_and_the_log_says_so() {
    let answers: [Form; 5] = [
        |_| Err(FetchError { message: "no answer".into() }),
        |rest| inbound(500, &format!("{rest}:1")),
        |_| inbound(429, ""),
        |_| inbound(302, ""),
        |_| {
            let answer = inbound(200, "")?;
            Ok(Inbound { body: vec![0xff, 0xfe], ..answer })
        },
    ];
    for form in answers {
        let world = world_of_leaks(form);
        sign_up(&world, "a leaked password").is_session();
        let log = world.host.log.borrow();
        let line: Value = serde_json::from_str(&log[0]).expect("a line of JSON");
        assert_eq!(line["level"], "warn", "{line}");
        assert_eq!(line["time"], "2026-08-20T10:11:12.345Z", "{line}");
        assert!(!log[0].contains("leaked password"), "{log:?}");
        assert!(!log[0].contains(&sha1("a leaked password")[5..]), "{log:?}");
    }
}

#[test]
fn nobody_is_asked_unless_that_is_switched_on_or_the_password_is_refused_anyway() {
    let world = World::new();
    sign_up(&world, "a leaked password").is_session();
    assert!(world.host.fetched.borrow().is_empty());
    let world = with(&LEAKS);
    for password in ["short", "password", "annabel12"] {
        sign_up(&world, password).is(422, "weak_password");
    }
    assert!(world.host.fetched.borrow().is_empty());
}

#[test]
fn the_list_has_no_password_twice() {
    let world = World::new();
    let all = world.host.query("select group_concat(drawer || digest) from auth_common_passwords");
    let all = all.expect("passwords");
    let distinct: BTreeSet<&str> = all.split(',').collect();
    assert_eq!(distinct.len(), 3000);
    assert!(distinct.iter().all(|digest| digest.bytes().all(|b| b"0123456789abcdef".contains(&b))));
}
