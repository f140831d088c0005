//! What strangers can learn of an address by asking: nothing, whatever is stored of it.
//!
//! Each state of an account is a world of its own with the same randomness and the same clock, and the same
//! is asked of all. So answers are compared to the byte, and work by what was asked of the host: every
//! statement of every batch, hashes, comparisons, errands and other servers. Clocks are not looked at.

use serde_json::{Value, json};

use crate::{Answer, World, unavailable};
use selvedge::http::Method;

/// `password`, with m=256, by the reference implementation.
const HASH: &str =
    "'$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'";
const ID: &str = "00112233-4455-4677-8899-aabbccddeeff";

/// What may be stored of `ann@example.com`: a name for it, and more SQL on an account that is confirmed and
/// has a password. Without a name there is no account.
const STATES: [(&str, &str); 10] = [
    ("", ""),
    ("confirmed", ""),
    ("unconfirmed", "update auth_users set email_confirmed_at = null"),
    ("banned", "update auth_users set banned_until = 9999999999999"),
    (
        "banned and unconfirmed",
        "update auth_users set banned_until = 9999999999999, email_confirmed_at = null",
    ),
    ("deleted", "update auth_users set deleted_at = 1"),
    ("without a password", "update auth_users set password_hash = null"),
    ("with a broken hash", "update auth_users set password_hash = 'x'"),
    (
        "with a second factor",
        "insert into auth_factors (id, user_id, status, secret, created_at, updated_at)
         select id, id, 'verified', 'x', 1, 1 from auth_users",
    ),
    (
        "by a provider",
        "update auth_users set password_hash = null;
         insert into auth_identities (id, user_id, provider, subject, email, created_at, updated_at)
         select 'g', id, 'google', '1', email, 1, 1 from auth_users",
    ),
];

fn world((name, sql): (&str, &str), settings: &[(&str, &str)]) -> World {
    let world = World::with(settings);
    if !name.is_empty() {
        world.host.execute(&format!(
            "insert into auth_users (id, email, password_hash, email_confirmed_at, created_at, updated_at)
             values ('{ID}', 'ann@example.com', {HASH}, 1, 1, 1);
             insert into auth_identities (id, user_id, provider, subject, email, created_at, updated_at)
             values ('{ID}', '{ID}', 'email', '{ID}', 'ann@example.com', 1, 1);
             {sql}"
        ));
    }
    world
}

/// Everything that can be seen of some requests, from outside and from the host.
#[derive(Debug, PartialEq)]
struct Seen {
    answers: Vec<Answer>,
    round_trips: u32,
    statements: Vec<String>,
    hashes: u32,
    comparisons: u32,
    errands: u32,
    fetched: usize,
}

fn watch(world: &World, ask: impl Fn(&World) -> Vec<Answer>) -> Seen {
    world.host.record();
    let answers = ask(world);
    Seen {
        answers,
        round_trips: world.host.take_usage().round_trips,
        statements: world.host.record(),
        hashes: world.host.hashes.take(),
        comparisons: world.host.comparisons.take(),
        errands: world.host.errands_asked.take(),
        fetched: world.host.fetched.borrow().len(),
    }
}

/// What is seen must be the same in every state.
#[track_caller]
fn is_equal(settings: &[(&str, &str)], ask: impl Fn(&World) -> Vec<Answer>) -> Seen {
    let mut seen: Vec<(&str, Seen)> =
        STATES.iter().map(|state| (state.0, watch(&world(*state, settings), &ask))).collect();
    let (_, first) = seen.remove(0);
    for (state, other) in seen {
        assert_eq!(first.answers, other.answers, "{state}");
        assert_eq!(first, other, "{state}");
    }
    first
}

fn post(world: &World, address: &str, body: &Value) -> Answer {
    let headers = [("cf-connecting-ip", "203.0.113.7")];
    world.send(Method::Post, address, &headers, body.to_string().as_bytes())
}

const SIGN_IN: &str = "/auth/v1/token?grant_type=password";
const STRICT: [(&str, &str); 1] = [("MAILER_AUTOCONFIRM", "false")];

fn with_password(password: &str) -> Value {
    json!({ "email": "ann@example.com", "password": password })
}

fn by_mail() -> Value {
    json!({ "email": "ann@example.com" })
}

#[test]
fn a_wrong_password_is_answered_alike_whosever_the_address() {
    for settings in [&[][..], &STRICT] {
        let seen =
            is_equal(settings, |world| vec![post(world, SIGN_IN, &with_password("wrong horse"))]);
        seen.answers[0].is(400, "invalid_credentials");
        assert_eq!((seen.round_trips, seen.hashes, seen.comparisons), (1, 0, 1));
    }
    // An empty one, and one that is the text which is stored in the place of a hash.
    for password in ["", "x", HASH] {
        let seen = is_equal(&[], |world| vec![post(world, SIGN_IN, &with_password(password))]);
        assert_eq!((seen.round_trips, seen.comparisons), (1, 1));
    }
}

#[test]
fn wrong_passwords_wait_alike_whosever_the_address() {
    let seen = is_equal(&[], |world| {
        (0..8).map(|number| post(world, SIGN_IN, &with_password(&format!("{number}")))).collect()
    });
    let statuses: Vec<u16> = seen.answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [400, 400, 400, 400, 400, 429, 429, 429]);
    assert_eq!((seen.round_trips, seen.comparisons), (8, 5));
}

/// Whether an account is banned or unconfirmed is told to whoever knows its password, and to nobody else.
#[test]
fn what_hinders_an_account_is_told_after_the_right_password_only() {
    let told = STATES.map(|state| {
        let answer = post(&world(state, &STRICT), SIGN_IN, &with_password("password"));
        (state.0, if answer.status == 200 { "200" } else { answer.text("/code") }.to_owned())
    });
    let told: Vec<(&str, &str)> =
        told.iter().map(|(state, code)| (*state, code.as_str())).collect();
    for (state, code) in told {
        let expected: &[&str] = match state {
            "confirmed" | "with a second factor" => &["200"],
            "unconfirmed" => &["email_not_confirmed"],
            "banned" => &["user_banned"],
            "banned and unconfirmed" => &["email_not_confirmed", "user_banned"],
            _ => &["invalid_credentials"],
        };
        assert!(expected.contains(&code), "{state}: {code}");
    }
}

#[test]
fn a_forgotten_password_is_answered_alike_whosever_the_address() {
    let seen = is_equal(&[], |world| vec![post(world, "/auth/v1/recover", &by_mail())]);
    assert_eq!((seen.answers[0].status, seen.answers[0].body.clone()), (200, json!({})));
    assert_eq!((seen.round_trips, seen.errands), (1, 1));
}

#[test]
fn a_link_or_a_code_is_asked_for_alike_whosever_the_address() {
    for address in ["/auth/v1/otp", "/auth/v1/magiclink"] {
        for create_user in [true, false] {
            for settings in [&STRICT[..], &[("DISABLE_SIGNUP", "true")]] {
                let mut body = by_mail();
                body["create_user"] = json!(create_user);
                let seen = is_equal(settings, |world| vec![post(world, address, &body)]);
                assert_eq!(
                    (seen.answers[0].status, seen.answers[0].body.clone()),
                    (200, json!({}))
                );
                assert_eq!((seen.round_trips, seen.errands), (1, 1));
            }
        }
    }
}

#[test]
fn a_letter_once_more_is_asked_for_alike_whosever_the_address() {
    for kind in ["signup", "email_change"] {
        let mut body = by_mail();
        body["type"] = json!(kind);
        let seen = is_equal(&STRICT, |world| vec![post(world, "/auth/v1/resend", &body)]);
        assert_eq!((seen.answers[0].status, seen.answers[0].body.clone()), (200, json!({})));
        assert_eq!((seen.round_trips, seen.errands), (1, 1));
    }
}

#[test]
fn a_sign_up_that_is_to_be_confirmed_is_answered_alike_whosever_the_address() {
    let mut body = with_password("another password");
    body["data"] = json!({ "name": "Ann" });
    let seen = is_equal(&STRICT, |world| vec![post(world, "/auth/v1/signup", &body)]);
    assert_eq!((seen.answers[0].status, seen.answers[0].text("/email")), (200, "ann@example.com"));
    assert_eq!((seen.round_trips, seen.hashes, seen.comparisons, seen.errands), (2, 1, 0, 1));
    // Nor is the account changed that had the address and was confirmed.
    let world = world(STATES[1], &STRICT);
    post(&world, "/auth/v1/signup", &body);
    let stored = world.host.query("select password_hash || user_metadata from auth_users");
    assert_eq!(stored, Some(format!("{}{{}}", HASH.trim_matches('\''))));
}

#[test]
fn a_code_that_is_typed_is_refused_alike_whosever_the_address() {
    let body = json!({ "type": "email", "email": "ann@example.com", "token": "123456" });
    let seen = is_equal(&STRICT, |world| vec![post(world, "/auth/v1/verify", &body)]);
    seen.answers[0].is(403, "otp_expired");
    assert_eq!(seen.round_trips, 1);
    // Also where one was asked for and, for some, sent.
    is_equal(&STRICT, |world| {
        let mut answers = vec![post(world, "/auth/v1/otp", &by_mail())];
        answers.extend((0..102).map(|_| post(world, "/auth/v1/verify", &body)));
        answers
    });
}

/// A second request for mail within a minute is refused, whether or not the first has sent any.
#[test]
fn mail_that_was_asked_for_a_moment_ago() {
    let signup = with_password("another password");
    for (address, body) in [
        ("/auth/v1/recover", by_mail()),
        ("/auth/v1/otp", by_mail()),
        ("/auth/v1/resend", json!({ "type": "signup", "email": "ann@example.com" })),
        ("/auth/v1/signup", signup),
    ] {
        let seen = is_equal(&STRICT, |world| (0..3).map(|_| post(world, address, &body)).collect());
        seen.answers[2].is(429, "over_email_send_rate_limit");
        let message = "For security purposes, you can only request this after 60 seconds.";
        assert_eq!(seen.answers[2].text("/message"), message);
        assert!(seen.answers[2].headers.contains(&("retry-after", "60".into())));
    }
}

#[test]
fn trouble_is_the_same_for_everyone() {
    let signup = with_password("another password");
    for (address, body) in [
        (SIGN_IN, with_password("wrong horse")),
        ("/auth/v1/signup", signup),
        ("/auth/v1/recover", by_mail()),
        ("/auth/v1/otp", by_mail()),
        ("/auth/v1/resend", json!({ "type": "signup", "email": "ann@example.com" })),
        ("/auth/v1/verify", json!({ "type": "email", "email": "ann@example.com", "token": "1" })),
    ] {
        for batch in [1, 2] {
            is_equal(&STRICT, |world| {
                world.host.fail_batch(batch, unavailable());
                vec![post(world, address, &body)]
            });
        }
        is_equal(&STRICT, |world| {
            world.host.hasher_is_down(true);
            vec![post(world, address, &body)]
        });
    }
}

/// That all this can fail: the right password is seen.
#[test]
fn a_difference_would_be_seen() {
    let ask = |state: (&str, &str)| {
        watch(&world(state, &[]), |world| vec![post(world, SIGN_IN, &with_password("password"))])
    };
    let (nobody, confirmed) = (ask(STATES[0]), ask(STATES[1]));
    assert_ne!(nobody.answers, confirmed.answers);
    assert_ne!(nobody.statements, confirmed.statements);
    assert_ne!(nobody.hashes, confirmed.hashes);
}
