//! What has expired goes, all else stays, and never too much at once.

use super::*;

use selvedge::auth::CHUNK;
use support::{START, config_with};

const DAY: i64 = 86_400_000;
const USER: &str = "11111111-1111-4111-8111-111111111111";

fn world_with(settings: &[(&str, &str)]) -> World {
    let world = World { host: NativeHost::new(""), config: config_with(settings) };
    world.host.execute(&format!(
        "insert into auth_users (id, email, app_metadata, user_metadata, created_at, updated_at)
         values ('{USER}', 'ann@example.com', '{{}}', '{{}}', 0, 0);"
    ));
    world
}

fn run(world: &World) {
    block_on(auth::scheduled(&world.host, &world.config));
}

fn ids(world: &World, table: &str, key: &str) -> String {
    let sql =
        format!("select group_concat({key}, ' ') from (select {key} from {table} order by {key})");
    world.host.query(&sql).unwrap_or_default()
}

/// A row of each table that is kept for a while, by its id and its time.
const TABLES: [(&str, &str, i64, &str); 7] = [
    (
        "auth_one_time_tokens",
        "id",
        DAY,
        "insert into auth_one_time_tokens (id, user_id, purpose, address, created_at)
         values ('{id}', '{user}', '{id}', 'ann@example.com', {time})",
    ),
    (
        "auth_flows",
        "id",
        DAY,
        "insert into auth_flows (id, method, redirect_to, created_at)
         values ('{id}', 'otp', 'https://example.com', {time})",
    ),
    (
        "auth_factors",
        "id",
        DAY,
        "insert into auth_factors (id, user_id, friendly_name, secret, created_at, updated_at)
         values ('{id}', '{user}', '{id}', 'x', {time}, {time})",
    ),
    (
        "auth_counters",
        "key",
        DAY,
        "insert into auth_counters (key, count, due_at, updated_at) values ('{id}', 1, {time}, {time})",
    ),
    (
        "auth_letters",
        "id",
        DAY,
        "insert into auth_letters (id, kind, recipient, due_at, created_at)
         values ('{id}', 'recovery', 'ann@example.com', null, {time})",
    ),
    (
        "auth_audit",
        "id",
        90 * DAY,
        "insert into auth_audit (id, action, created_at) values ('{id}', 'login', {time})",
    ),
    (
        "auth_sessions",
        "id",
        90 * DAY,
        "insert into auth_sessions (id, user_id, refreshed_at, created_at)
         values ('{id}', '{user}', {now}, {time})",
    ),
];

fn insert(world: &World, sql: &str, id: &str, time: i64) {
    let sql = sql.replace("{id}", id).replace("{user}", USER).replace("{time}", &time.to_string());
    world.host.execute(&sql.replace("{now}", &world.host.now().to_string()));
}

#[test]
fn what_is_over_goes_and_nothing_else() {
    for (table, key, life, sql) in TABLES {
        let world = world_with(&[("MAILER_FROM", "a@example.com")]);
        insert(&world, sql, "over", START - life);
        insert(&world, sql, "young", START - life + 1);
        insert(&world, sql, "future", START + life);
        run(&world);
        assert_eq!(ids(&world, table, key), "future young", "{table}");
        assert_eq!(ids(&world, "auth_users", "email"), "ann@example.com");
        world.host.advance(1);
        run(&world);
        assert_eq!(ids(&world, table, key), "future", "{table}");
    }
}

#[test]
fn a_factor_that_is_used_stays_and_so_does_a_letter_that_waits_and_a_counter_that_holds() {
    let world = world_with(&[("MAILER_FROM", "a@example.com")]);
    for (table, _, _, sql) in TABLES {
        if ["auth_factors", "auth_letters", "auth_counters"].contains(&table) {
            insert(&world, sql, "old", 0);
        }
    }
    world.host.execute(&format!(
        "update auth_factors set status = 'verified';
         update auth_letters set due_at = {};
         update auth_counters set due_at = {START};",
        START + 1
    ));
    let before = world.host.dump();
    run(&world);
    assert_eq!(world.host.dump(), before);
}

#[test]
fn a_challenge_goes_after_a_day() {
    let world = world_with(&[]);
    let (_, _, _, factor) = TABLES[2];
    insert(&world, factor, "factor", 0);
    world.host.execute(&format!(
        "update auth_factors set status = 'verified';
         insert into auth_challenges (id, factor_id, created_at) values
           ('over', 'factor', {}), ('young', 'factor', {})",
        START - DAY,
        START - DAY + 1
    ));
    run(&world);
    assert_eq!(ids(&world, "auth_challenges", "id"), "young");
}

#[test]
fn much_goes_in_pieces() {
    let world = world_with(&[]);
    let count = 3 * CHUNK + 7;
    world.host.execute(&format!(
        "with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {count})
         insert into auth_audit (id, action, created_at) select 'row ' || n, 'login', 0 from numbers"
    ));
    let left =
        |world: &World| world.host.query("select count(*) from auth_audit").expect("a count");
    run(&world);
    assert_eq!(left(&world), "7", "at most so many in one go");
    world.host.take_usage();
    run(&world);
    assert_eq!(left(&world), "0");
    // Letters, what expires by itself, and users.
    assert_eq!(world.host.take_usage().round_trips, 3);
}

/// The platform counts each statement of a batch, and on the free plan an invocation has fifty.
#[test]
fn whatever_has_gathered_the_clock_needs_fifty_statements_at_most() {
    let limits = [("SESSIONS_INACTIVITY_TIMEOUT", "1h"), ("ANONYMOUS_USERS_DAYS", "1")];
    let world = world_with(&[limits[0], limits[1], outbox::FROM]);
    let count = 4 * CHUNK;
    world.host.execute(&format!(
        "with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {count})
         insert into auth_audit (id, action, created_at) select 'row ' || n, 'login', 0 from numbers;
         with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {count})
         insert into auth_users (id, is_anonymous, created_at, updated_at) select 'user ' || n, 1, 0, 0 from numbers;
         with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 100)
         insert into auth_letters (id, kind, user_id, recipient, due_at, created_at)
         select 'letter ' || n, 'password_changed', '{USER}', 'ann@example.com', {START}, {START} from numbers"
    ));
    run(&world);
    let usage = world.host.take_usage();
    assert!(usage.round_trips > 8 && (30..=50).contains(&usage.statements), "{usage:?}");
}

#[test]
fn idle_sessions_go_bit_by_bit_where_there_is_a_limit() {
    let (_, _, _, sql) = TABLES[6];
    let (idle, fresh) =
        ("cafe0000-0000-4000-8000-000000000001", "cafe0000-0000-4000-8000-000000000002");
    for (settings, left) in [
        (&[][..], format!("{idle} {fresh}")),
        (&[("SESSIONS_INACTIVITY_TIMEOUT", "1h")], fresh.to_owned()),
    ] {
        let world = world_with(settings);
        for (id, refreshed_at) in [(idle, START - 3_600_000), (fresh, START - 3_599_999)] {
            insert(&world, sql, id, START - 2 * 3_600_000);
            world.host.execute(&format!(
                "update auth_sessions set refreshed_at = {refreshed_at} where id = '{id}'"
            ));
        }
        // Each time another part of all ids is looked through.
        for _ in 0..3000 {
            run(&world);
        }
        assert_eq!(ids(&world, "auth_sessions", "id"), left, "{settings:?}");
    }
}

#[test]
fn anonymous_users_go_who_have_not_come_back() {
    let old = START - 30 * DAY;
    for (settings, left) in [
        (&[][..], "came-back confirmed young"),
        (&[("ANONYMOUS_USERS_DAYS", "0")], "came-back confirmed gone young"),
        (&[("ANONYMOUS_USERS_DAYS", "31")], "came-back confirmed gone young"),
    ] {
        let world = world_with(settings);
        world.host.execute(&format!(
            "delete from auth_users;
             insert into auth_users (id, is_anonymous, app_metadata, user_metadata, created_at, updated_at) values
               ('gone', 1, '{{}}', '{{}}', {old}, {old}), ('young', 1, '{{}}', '{{}}', {old} + 1, 0),
               ('confirmed', 0, '{{}}', '{{}}', 0, 0), ('came-back', 1, '{{}}', '{{}}', 0, 0);
             insert into auth_sessions (id, user_id, refreshed_at, created_at) values
               ('a', 'gone', {old}, {old}), ('b', 'came-back', {old} + 1, {old});"
        ));
        run(&world);
        assert_eq!(ids(&world, "auth_users", "id"), left, "{settings:?}");
    }
}

#[test]
fn a_user_whom_rows_hold_back_keeps_nothing_else() {
    let world = world_with(&[]);
    world.host.execute(
        "create table notes (id integer primary key, owner text references auth_users (id));
         insert into auth_users (id, is_anonymous, app_metadata, user_metadata, created_at, updated_at)
         values ('held', 1, '{}', '{}', 0, 0);
         insert into notes (owner) values ('held');
         insert into auth_audit (id, action, created_at) values ('old', 'login', 0);",
    );
    run(&world);
    assert_eq!(ids(&world, "auth_audit", "id"), "");
    assert_eq!(ids(&world, "auth_users", "email"), "ann@example.com");
    assert!(ids(&world, "auth_users", "id").contains("held"));
    let log = world.host.log.borrow().join("\n");
    assert!(log.contains(r#""level":"error","event":"cleanup""#), "{log}");
}

#[test]
fn whatever_fails_is_done_the_next_time() {
    for k in 1..=3 {
        let world = world_with(&[]);
        for (_, _, _, sql) in TABLES {
            insert(&world, sql, "over", 0);
        }
        world.host.fail_batch(k, unavailable());
        run(&world);
        run(&world);
        for (table, key, ..) in TABLES {
            assert_eq!(ids(&world, table, key), "", "{table} {k}");
        }
    }
}
