//! Ten thousand accounts: what a page of them costs, by the steps of SQLite's programs.

use serde_json::Value;

use crate::admin_users::by_service;
use crate::support::START;
use crate::{Answer, World};
use selvedge::http::Method;

const USERS: &str = "/auth/v1/admin/users";
const AUDIT: &str = "/auth/v1/admin/audit";
const ONE: &str = "00000000-0000-4000-8000-000000000001";

fn world() -> World {
    let world = World::new();
    world.host.execute(&format!(
        "with recursive number (n) as (select 1 union all select n + 1 from number where n < 10000)
         insert into auth_users (id, email, created_at, updated_at)
         select printf('00000000-0000-4000-8000-%012d', n), n || '@example.com', {START} + n / 2, 0
         from number;
         insert into auth_identities (id, user_id, provider, subject, created_at, updated_at)
         select id, id, 'email', id, 0, 0 from auth_users;
         insert into auth_audit (id, actor_id, action, created_at)
         select id, iif(updated_at % 2, id, '{ONE}'), 'login', created_at from auth_users"
    ));
    world
}

/// An answer, and how many steps it took.
fn cost(world: &World, address: &str) -> (Answer, u64) {
    world.host.take_steps();
    let answer = by_service(world, Method::Get, address, &Value::Null);
    assert_eq!(answer.status, 200, "{}", answer.body);
    (answer, world.host.take_steps())
}

fn total(answer: &Answer) -> &str {
    answer.header("x-total-count").expect("a number")
}

#[test]
fn a_page_of_many_accounts_costs_a_page() {
    let world = world();
    for sort in ["", "&sort=created_at+asc", "&sort=created_at+desc"] {
        let (ten, of_ten) = cost(&world, &format!("{USERS}?per_page=10{sort}"));
        let (twenty, of_twenty) = cost(&world, &format!("{USERS}?per_page=20{sort}"));
        assert_eq!((total(&ten), total(&twenty)), ("10000", "10000"));
        assert_eq!(ten.body["users"].as_array().map(Vec::len), Some(10));
        assert!(of_ten < 2_000, "{of_ten}");
        assert!(of_twenty < 2 * of_ten, "{of_twenty} after {of_ten}");
    }
    // What nobody can find by an index is looked for everywhere.
    let (found, steps) = cost(&world, &format!("{USERS}?filter=9999@"));
    assert_eq!(total(&found), "1");
    assert!(steps > 10_000, "the measure measures: {steps}");
}

/// Anybody may ask for a letter, so it must not cost what waits for others.
#[test]
fn a_letter_once_more_costs_the_same_however_many_wait() {
    let world = world();
    world.host.execute(
        "insert into auth_one_time_tokens (id, user_id, purpose, address, created_at)
         select id, id, 'signup', email, created_at from auth_users",
    );
    for (kind, email) in [
        ("signup", "1@example.com"),
        ("signup", "nobody@example.com"),
        ("email_change", "2@example.com"),
    ] {
        world.host.take_steps();
        let body = serde_json::json!({ "type": kind, "email": email });
        assert_eq!(world.post("/auth/v1/resend", &body).status, 200);
        let steps = world.host.take_steps();
        assert!(steps < 2_000, "{kind} to {email}: {steps}");
    }
}

#[test]
fn pages_of_accounts_of_one_moment_have_each_of_them_once() {
    let world = world();
    let ids = |sort: &str| -> Vec<String> {
        let pages = (1..=4).flat_map(|page| {
            let address = format!("{USERS}?page={page}&per_page=3&sort=created_at+{sort}");
            let (answer, _) = cost(&world, &address);
            answer.body["users"].as_array().expect("users").clone()
        });
        pages.map(|user| user["id"].as_str().expect("an id")[32..].to_owned()).collect()
    };
    let ends = |numbers: [u32; 12]| numbers.map(|number| format!("{:04}", number % 10_000));
    assert_eq!(ids("asc"), ends([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]));
    assert_eq!(
        ids("desc"),
        ends([10_000, 9999, 9998, 9997, 9996, 9995, 9994, 9993, 9992, 9991, 9990, 9989])
    );
}

#[test]
fn a_page_of_a_long_log_costs_a_page() {
    let world = world();
    for query in ["", &format!("&query=author:{ONE}"), "&query=action:login", "&query=type:account"]
    {
        let (ten, of_ten) = cost(&world, &format!("{AUDIT}?per_page=10{query}"));
        assert_eq!(total(&ten), "10000", "{query}");
        assert_eq!(ten.body.as_array().map(Vec::len), Some(10));
        let plan = world.host.query_plan();
        assert!(!plan.contains("TEMP B-TREE FOR ORDER BY"), "{query}: {plan}");
        // What was looked for is counted row by row, and what is all by pages.
        if query.is_empty() {
            assert!(of_ten < 1_000, "{of_ten}");
        }
    }
}
