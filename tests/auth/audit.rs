//! The audit log: what is written in which batch, what is not, and who reads it.

use serde_json::{Value, json};

use crate::admin_users::by_service;
use crate::{Answer, World, claims, credentials, unavailable};
use selvedge::auth;
use selvedge::http::Method;

const AUDIT: &str = "/auth/v1/admin/audit";

fn read(world: &World, query: &str) -> Answer {
    by_service(world, Method::Get, &format!("{AUDIT}{query}"), &Value::Null)
}

/// The actions, the earliest first.
fn actions(world: &World) -> Vec<String> {
    let sql = "select group_concat(action, ' ') from (
      select action from auth_audit order by created_at, id)";
    let all = world.host.query(sql).unwrap_or_default();
    all.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn a_life_is_told_in_order() {
    let (world, ann) = World::with_ann();
    let step = || world.host.advance(1000);
    step();
    world.password(&json!({ "email": "ann@example.com", "password": "wrong horse" }));
    step();
    let session = world.password(&credentials("ann@example.com"));
    session.is_session();
    step();
    let refreshed = world.refresh(session.refresh_token());
    refreshed.is_session();
    step();
    // The successor again is no other refresh.
    world.refresh(session.refresh_token()).is_session();
    world.host.advance(auth::REUSE_MILLISECONDS + 1000);
    world.refresh(session.refresh_token()).is(400, "refresh_token_already_used");
    step();
    let out = world.authorized(Method::Post, "/auth/v1/logout", ann.access_token());
    assert_eq!(out.status, 204);
    let expected =
        ["user_signedup", "login_failed", "login", "token_refreshed", "token_revoked", "logout"];
    assert_eq!(actions(&world), expected);
    let entries = read(&world, "");
    let id = ann.text("/user/id");
    for entry in entries.body.as_array().expect("an array") {
        assert_eq!(entry["payload"]["actor_id"], id);
        assert_eq!(entry["payload"]["actor_username"], "ann@example.com");
    }
    // The row of a way in has the session's id.
    let login = read(&world, "?query=action:login");
    assert_eq!(
        login.body,
        json!([{
            "id": claims(session.access_token())["session_id"],
            "payload": {
                "actor_id": id, "actor_username": "ann@example.com", "action": "login",
                "log_type": "account", "traits": { "method": "password" },
            },
            "created_at": "2026-08-20T10:11:14.345Z", "ip_address": "",
        }])
    );
}

#[test]
fn known_and_unknown_addresses_are_noted_alike() {
    let (world, ann) = World::with_ann();
    let headers = [("cf-connecting-ip", "2001:db8:1:2:3:4:5:6"), ("user-agent", "canary/1.0")];
    let address = "/auth/v1/token?grant_type=password";
    let mut usages = Vec::new();
    for email in ["ann@example.com", "nobody@example.com", "no address", "' or 1=1--"] {
        let body = json!({ "email": email, "password": "wrong horse canary" }).to_string();
        world.host.take_usage();
        let refused = world.send(Method::Post, address, &headers, body.as_bytes());
        refused.is(400, "invalid_credentials");
        let usage = world.host.take_usage();
        usages.push((usage.round_trips, usage.statements));
    }
    assert!(usages.iter().all(|usage| *usage == usages[0]), "{usages:?}");
    let failed = read(&world, "?query=action:login_failed");
    let failed = failed.body.as_array().expect("an array");
    assert_eq!(failed.len(), 4);
    let of_ann: Vec<&Value> = failed
        .iter()
        .filter(|entry| entry["payload"]["actor_id"] == ann.text("/user/id"))
        .collect();
    assert_eq!(of_ann.len(), 1);
    for entry in failed {
        assert_eq!(entry["ip_address"], "2001:db8:1::/48");
        assert_eq!(entry["payload"]["traits"], json!({ "method": "password" }));
    }
    let stored = world.host.query(
        "select group_concat(concat_ws('|', id, actor_id, action, traits, network)) from auth_audit",
    );
    let stored = stored.expect("a text");
    for secret in ["@example.com", "canary", "horse", "2001:db8:1:2", "or 1=1"] {
        assert!(!stored.contains(secret), "{secret} in {stored}");
    }
}

#[test]
fn what_did_not_happen_is_not_told() {
    let (world, ann) = World::with_ann();
    let before = actions(&world);
    world.post("/auth/v1/signup", &credentials("ann@example.com"));
    world.refresh("x").is(400, "validation_failed");
    world.authorized(Method::Post, "/auth/v1/logout?scope=x", ann.access_token());
    world.host.fail_batch(1, unavailable());
    world.authorized(Method::Post, "/auth/v1/logout", ann.access_token());
    world.host.fail_batch(1, unavailable());
    world.refresh(ann.refresh_token()).is(503, "service_unavailable");
    let other = "/auth/v1/sessions/99999999-9999-4999-8999-999999999999";
    world.authorized(Method::Delete, other, ann.access_token()).is(404, "not_found");
    assert_eq!(actions(&world), before);
    // Of a way in that breaks in the middle the attempt remains.
    world.host.advance(1000);
    world.host.fail_batch(2, unavailable());
    world.password(&credentials("ann@example.com")).is(503, "service_unavailable");
    assert_eq!(actions(&world).last().map(String::as_str), Some("login_failed"));
}

#[test]
fn a_ban_is_a_failure_to_come_in() {
    let (world, ann) = World::with_ann();
    let address = format!("/auth/v1/admin/users/{}", ann.text("/user/id"));
    world.host.advance(1000);
    by_service(&world, Method::Put, &address, &json!({ "ban_duration": "1h" }));
    world.host.advance(1000);
    world.password(&credentials("ann@example.com")).is(400, "user_banned");
    assert_eq!(actions(&world), ["user_signedup", "user_modified", "login_failed"]);
    let modified = read(&world, "?query=action:user_modified");
    assert_eq!(modified.body[0]["payload"]["actor_username"], "service_role");
    assert_eq!(modified.body[0]["payload"]["actor_id"], "");
    assert_eq!(modified.body[0]["payload"]["traits"], json!({ "user_id": ann.text("/user/id") }));
}

#[test]
fn the_log_is_read_page_by_page() {
    let (world, ann) = World::with_ann();
    for _ in 0..4 {
        world.host.advance(1000);
        world.password(&json!({ "email": "ann@example.com", "password": "wrong horse" }));
    }
    world.post("/auth/v1/signup", &credentials("bob@example.com")).is_session();
    world.host.take_usage();
    let page = read(&world, "?page=2&per_page=2&query=author%3AANN%40example.com");
    assert_eq!(world.host.take_usage().round_trips, 1);
    assert_eq!(page.body.as_array().expect("an array").len(), 2);
    assert!(page.headers.contains(&("x-total-count", "5".into())));
    assert!(page.headers.contains(&(
        "link",
        "</auth/v1/admin/audit?page=3&per_page=2&query=author%3AANN%40example.com>; rel=\"next\", \
         </auth/v1/admin/audit?page=3&per_page=2&query=author%3AANN%40example.com>; rel=\"last\""
            .into()
    )));
    let by_id = read(&world, &format!("?query=author:{}", ann.text("/user/id")));
    assert_eq!(by_id.body.as_array().expect("an array").len(), 5);
    assert_eq!(read(&world, "?query=author:%25").body, json!([]));
    for query in [
        "?page=0",
        "?per_page=1001",
        "?query=x",
        "?query=:x",
        "?query=traits:x",
        "?query=author",
        "?query=Author:x",
        "?query=payload-%3E%3Eaction:x",
        "?query=type:user&query=type:team",
    ] {
        read(&world, query).is(400, "validation_failed");
    }
}

#[test]
fn the_log_is_searched_by_whom_by_what_and_by_kind() {
    let (world, ann) = World::with_ann();
    let id = ann.text("/user/id");
    world.password(&json!({ "email": "ann@example.com", "password": "wrong horse" }));
    world.password(&credentials("ann@example.com")).is_session();
    world.password(&credentials("nobody@example.com"));
    let address = format!("/auth/v1/admin/users/{id}");
    by_service(&world, Method::Put, &address, &json!({ "user_metadata": { "a": 1 } }));
    let found = |query: &str| -> Vec<String> {
        let answer = read(&world, &format!("?query={query}"));
        let entries = answer.body.as_array().expect("an array");
        let total = entries.len().to_string();
        assert!(answer.headers.contains(&("x-total-count", total)), "{query}");
        let mut actions: Vec<String> = entries
            .iter()
            .map(|entry| entry["payload"]["action"].as_str().expect("a text").to_owned())
            .collect();
        actions.sort();
        actions
    };
    let all = ["login", "login_failed", "login_failed", "user_modified", "user_signedup"];
    for (query, expected) in [
        ("action:login_failed", vec!["login_failed"; 2]),
        ("action:LOGIN", vec!["login"]),
        ("action:logi", vec!["login", "login_failed", "login_failed"]),
        ("action:user_", vec!["user_modified", "user_signedup"]),
        ("action:%25", vec![]),
        ("action:user%27%20or%201%3D1--", vec![]),
        ("type:team", vec!["user_signedup"]),
        ("type:Acc", vec!["login", "login_failed", "login_failed"]),
        ("type:nothing", vec![]),
        ("author:ANN@", vec!["login", "login_failed", "user_signedup"]),
        ("author:service_role", vec!["user_modified"]),
        ("author:nobody", vec![]),
        ("author:%25", vec![]),
        ("author:", all.to_vec()),
        ("action:", all.to_vec()),
        ("type:", all.to_vec()),
        ("", all.to_vec()),
    ] {
        assert_eq!(found(query), expected, "{query}");
    }
    // By its id an account is found when it is gone, too, and its address is not.
    let upper = id.to_uppercase();
    by_service(&world, Method::Delete, &address, &Value::Null);
    assert_eq!(found(&format!("author:{upper}")), ["login", "login_failed", "user_signedup"]);
    assert_eq!(found("author:ann"), [""; 0]);
}
