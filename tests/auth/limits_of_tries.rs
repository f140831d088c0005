//! How often a password may be tried: by whom, from where, and that its owner still comes in.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{Answer, PASSWORD, World, credentials, unavailable};
use selvedge::http::Method;

const PASSWORD_GRANT: &str = "/auth/v1/token?grant_type=password";
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;

/// A try from an address of the network.
fn try_from(world: &World, network: &str, body: &Value) -> Answer {
    let headers = [("cf-connecting-ip", network)];
    world.send(Method::Post, PASSWORD_GRANT, &headers, body.to_string().as_bytes())
}

fn wrong(email: &str) -> Value {
    json!({ "email": email, "password": "wrong horse" })
}

/// How many seconds a refused try is told to wait.
#[track_caller]
fn wait(answer: &Answer) -> i64 {
    answer.is(429, "over_request_rate_limit");
    assert_eq!(answer.text("/message"), "Request rate limit reached");
    let header = answer.headers.iter().find(|(name, _)| *name == "retry-after");
    header.expect("a time to wait").1.parse().expect("seconds")
}

/// Tries until one is refused: how many were compared, and how long to wait.
fn tries_until_refused(mut attempt: impl FnMut(u32) -> Answer) -> (u32, i64) {
    for count in 0..1000 {
        let answer = attempt(count);
        if answer.status == 429 {
            return (count, wait(&answer));
        }
        answer.is(400, "invalid_credentials");
    }
    panic!("a thousand tries and none refused");
}

const HOME: &str = "203.0.113.7";
const ELSEWHERE: &str = "198.51.100.9";

#[test]
fn each_further_try_waits_longer_and_none_longer_than_15_minutes() {
    let (world, _) = World::with_ann();
    let mut waits = Vec::new();
    let (free, first) = tries_until_refused(|_| try_from(&world, HOME, &wrong("ann@example.com")));
    waits.push(first);
    for _ in 0..11 {
        world.host.advance(waits.last().expect("one") * 1000 - 1);
        assert_eq!(wait(&try_from(&world, HOME, &wrong("ann@example.com"))), 1);
        world.host.advance(1);
        try_from(&world, HOME, &wrong("ann@example.com")).is(400, "invalid_credentials");
        waits.push(wait(&try_from(&world, HOME, &wrong("ann@example.com"))));
    }
    assert_eq!(free, 5);
    assert_eq!(waits, [2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
    // Who asks while there is to wait makes it no longer, and costs neither a comparison nor a row.
    world.host.comparisons.set(0);
    let before = world.host.dump();
    for _ in 0..100 {
        assert_eq!(wait(&try_from(&world, HOME, &wrong("ann@example.com"))), 900);
    }
    assert_eq!((world.host.comparisons.get(), world.host.dump()), (0, before));
    // The right password waits as any other, else it could be told from them.
    assert_eq!(wait(&try_from(&world, HOME, &credentials("ann@example.com"))), 900);
    world.host.advance(15 * MINUTE);
    try_from(&world, HOME, &credentials("ann@example.com")).is_session();
    // All is forgotten with it.
    assert_eq!(tries_until_refused(|_| try_from(&world, HOME, &wrong("ann@example.com"))), (5, 2));
}

#[test]
fn tries_are_forgotten_after_a_day() {
    let (world, _) = World::with_ann();
    for _ in 0..2 {
        let refused = tries_until_refused(|_| try_from(&world, HOME, &wrong("ann@example.com")));
        assert_eq!(refused, (5, 2));
        world.host.advance(DAY);
    }
    tries_until_refused(|_| try_from(&world, HOME, &wrong("ann@example.com")));
    world.host.advance(DAY - 1);
    let refused = tries_until_refused(|_| try_from(&world, HOME, &wrong("ann@example.com")));
    assert_eq!(refused, (1, 4));
}

#[test]
fn an_address_that_is_nobodys_waits_the_same() {
    let (world, _) = World::with_ann();
    world.host.execute(
        "insert into auth_users (id, email, created_at, updated_at) values ('x', 'x@example.com', 0, 0)",
    );
    for email in ["ann@example.com", "x@example.com", "nobody@example.com", "no address", ""] {
        let refused = tries_until_refused(|_| try_from(&world, HOME, &wrong(email)));
        assert_eq!(refused, (5, 2), "{email:?}");
    }
}

/// Credential stuffing: each account twice, all from one place.
#[test]
fn a_thousand_guesses_over_five_hundred_accounts_from_one_network() {
    let (world, _) = World::with_ann();
    let account = |guess: u32| format!("person{}@example.com", guess % 500);
    let (tried, seconds) =
        tries_until_refused(|guess| try_from(&world, HOME, &wrong(&account(guess))));
    assert_eq!((tried, seconds), (100, 6));
    let mut compared = 0;
    for guess in tried..1000 {
        world.host.advance(1000);
        let answer = try_from(&world, HOME, &wrong(&account(guess)));
        compared += u32::from(answer.status == 400);
    }
    // Ten a minute for fifteen minutes.
    assert_eq!(compared, 150);
    // People elsewhere notice nothing.
    try_from(&world, ELSEWHERE, &credentials("ann@example.com")).is_session();
}

/// A botnet: one account, every try from another place.
#[test]
fn one_account_from_five_hundred_networks_and_its_owner_comes_in() {
    let (world, _) = World::with_ann();
    try_from(&world, HOME, &credentials("ann@example.com")).is_session();
    let bot = |number: u32| format!("192.0.{}.{}", number / 256, number % 256);
    let guess = |number: u32| try_from(&world, &bot(number), &wrong("ann@example.com"));
    assert_eq!(tries_until_refused(guess), (100, 60));
    for number in 100..500 {
        assert_eq!(wait(&guess(number)), 60);
    }
    // Whoever has been here in the last 30 days is not held up by what happens elsewhere.
    try_from(&world, HOME, &credentials("ann@example.com")).is_session();
    // Nor does that help the others, whose tries wait on.
    assert_eq!(wait(&guess(500)), 60);
    // Somewhere new the owner waits with everyone, and not for ever.
    assert_eq!(wait(&try_from(&world, ELSEWHERE, &credentials("ann@example.com"))), 60);
    world.host.advance(MINUTE);
    try_from(&world, ELSEWHERE, &credentials("ann@example.com")).is_session();
    // A good try is taken back, so the next may follow.
    guess(501).is(400, "invalid_credentials");
    assert_eq!(wait(&guess(502)), 60);
}

#[test]
fn a_network_is_trusted_for_30_days_by_the_accounts_that_came_from_it() {
    let (world, _) = World::with_ann();
    world.post("/auth/v1/signup", &credentials("bob@example.com")).is_session();
    try_from(&world, HOME, &credentials("ann@example.com")).is_session();
    let spray = |number: u32| try_from(&world, HOME, &wrong(&format!("{number}@example.com")));
    assert_eq!(tries_until_refused(spray), (100, 6));
    try_from(&world, HOME, &credentials("ann@example.com")).is_session();
    assert_eq!(wait(&try_from(&world, HOME, &credentials("bob@example.com"))), 6);
    // Her own tries from there have their own limit nevertheless.
    let refused = tries_until_refused(|_| try_from(&world, HOME, &wrong("ann@example.com")));
    assert_eq!(refused, (5, 2));
    world.host.advance(30 * DAY);
    assert_eq!(tries_until_refused(spray), (100, 6));
    assert_eq!(wait(&try_from(&world, HOME, &credentials("ann@example.com"))), 6);
}

#[test]
fn the_clean_up_forgets_tries_after_a_day_and_whose_network_it_is_after_30() {
    let (world, _) = World::with_ann();
    try_from(&world, HOME, &credentials("ann@example.com")).is_session();
    try_from(&world, ELSEWHERE, &wrong("ann@example.com")).is(400, "invalid_credentials");
    let clean_up = |days: i64| {
        world.host.advance(days * DAY);
        pollster::block_on(selvedge::auth::scheduled(&world.host, &world.config));
        world.host.query("select count(*) || ' ' || count(proven_at) from auth_counters")
    };
    // At home; the account's and both networks' own.
    assert_eq!(clean_up(0).as_deref(), Some("5 1"));
    assert_eq!(clean_up(2).as_deref(), Some("1 1"));
    assert_eq!(clean_up(27).as_deref(), Some("1 1"));
    assert_eq!(clean_up(1).as_deref(), Some("0 0"));
}

#[test]
fn a_right_password_that_opens_nothing_is_no_proof() {
    let (world, ann) = World::with_ann();
    world.host.execute("update auth_users set banned_until = 9999999999999");
    let id = ann.text("/user/id");
    for _ in 0..5 {
        try_from(&world, HOME, &credentials("ann@example.com")).is(400, "user_banned");
    }
    assert_eq!(wait(&try_from(&world, HOME, &credentials("ann@example.com"))), 2);
    let proven = world.host.query("select count(proven_at) from auth_counters");
    assert_eq!((proven.as_deref(), id.len()), (Some("0"), 36));
}

#[test]
fn a_network_is_itself_however_it_is_written() {
    let (world, _) = World::with_ann();
    let spellings = [
        "2001:db8:1:2::1",
        "2001:DB8:1:2:0:0:0:1",
        "2001:0db8:0001:0002::ffff",
        // All addresses below 64 bits are one subscriber's.
        "2001:db8:1:2:aaaa:bbbb:cccc:dddd",
        "2001:db8:1:2:192.0.2.1::",
    ];
    let mut refused = 0;
    for number in 0..100 {
        let spelling = spellings[number % spellings.len()];
        refused += u32::from(try_from(&world, spelling, &wrong("ann@example.com")).status == 429);
    }
    // The last one is no address at all, so it is counted as none: five free tries of its own.
    assert_eq!(refused, 90);
    assert_eq!(try_from(&world, "2001:db8:1:3::1", &wrong("ann@example.com")).status, 400);
    for (one, other) in
        [("203.0.113.50", "::ffff:203.0.113.50"), ("::ffff:cb00:7133", "203.0.113.51")]
    {
        tries_until_refused(|_| try_from(&world, one, &wrong("ann@example.com")));
        assert_eq!(wait(&try_from(&world, other, &wrong("ann@example.com"))), 2, "{one}");
    }
}

#[test]
fn what_a_client_says_of_itself_changes_nothing() {
    let (world, _) = World::with_ann();
    tries_until_refused(|_| try_from(&world, HOME, &wrong("ann@example.com")));
    for name in
        ["x-forwarded-for", "x-real-ip", "forwarded", "true-client-ip", "x-client-ip", "via"]
    {
        let headers = [("cf-connecting-ip", HOME), (name, ELSEWHERE), ("user-agent", name)];
        let body = wrong("ann@example.com").to_string();
        let answer = world.send(Method::Post, PASSWORD_GRANT, &headers, body.as_bytes());
        assert_eq!(wait(&answer), 2, "{name}");
    }
}

/// Strapi's CVE-2025-64526: what else stands in a body chose the key of the limit.
#[test]
fn nothing_in_the_body_but_the_address_that_is_looked_up_is_counted() {
    let (world, _) = World::with_ann();
    let (tried, _) = tries_until_refused(|number| {
        let body = json!({
            "email": (if number % 2 == 0 { "ann@example.com" } else { "ANN@Example.COM" }),
            "password": "wrong horse", "username": number, "identifier": number, "user_id": number,
            "data": { "email": number }, "gotrue_meta_security": { "captcha_token": number.to_string() },
        });
        let address = format!("{PASSWORD_GRANT}&email={number}@example.com");
        let headers = [("cf-connecting-ip", HOME)];
        world.send(Method::Post, &address, &headers, body.to_string().as_bytes())
    });
    assert_eq!(tried, 5);
}

#[test]
fn a_try_is_counted_whatever_becomes_of_it() {
    let (world, _) = World::with_ann();
    let tries = || try_from(&world, HOME, &credentials("ann@example.com"));
    // The first batch fails: nothing was compared, and nothing is counted.
    for _ in 0..10 {
        world.host.fail_batch(1, unavailable());
        tries().is(503, "service_unavailable");
    }
    assert_eq!(world.host.query("select count(*) from auth_counters").as_deref(), Some("0"));
    // Its answer is lost, or the second fails, or the comparison: it is counted and not proven.
    world.host.lose_answer(1, unavailable());
    tries().is(503, "service_unavailable");
    world.host.fail_batch(2, unavailable());
    tries().is(503, "service_unavailable");
    world.host.hasher_is_down(true);
    tries().is(503, "service_unavailable");
    world.host.hasher_is_down(false);
    let counts = "select group_concat(count || ' ' || (proven_at is not null), ', ')
                  from (select * from auth_counters order by due_at)";
    assert_eq!(world.host.query(counts).as_deref(), Some("3 0, 3 0, 3 0"));
    tries().is_session();
    // What is committed while its answer is lost was a good try.
    world.host.lose_answer(2, unavailable());
    tries().is(503, "service_unavailable");
    let here = "select count || ' ' || due_at || ' ' || (proven_at is not null) from auth_counters
                where proven_at is not null";
    assert_eq!(world.host.query(here).as_deref(), Some("0 0 1"));
    world.host.comparisons.set(0);
    assert_eq!(tries_until_refused(|_| try_from(&world, HOME, &wrong("ann@example.com"))), (5, 2));
    assert_eq!(world.host.comparisons.get(), 5);
}

#[test]
fn the_table_of_counters_tells_nobodys_address() {
    let (world, _) = World::with_ann();
    try_from(&world, HOME, &wrong("ann@example.com")).is(400, "invalid_credentials");
    try_from(&world, HOME, &credentials("ann@example.com")).is_session();
    let keys = world.host.query("select group_concat(key) from auth_counters").expect("keys");
    let keys: BTreeSet<&str> = keys.split(',').collect();
    assert_eq!(keys.len(), 3);
    for key in keys {
        assert_eq!(key.len(), 22, "{key}");
        assert!(!key.contains("ann") && !key.contains("203"), "{key}");
    }
    let dump = world.host.dump();
    assert!(!dump.contains(HOME) && !dump.contains(PASSWORD), "{dump}");
}
