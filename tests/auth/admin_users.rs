//! `/admin/users` and what is below it: accounts in the hands of the owner's server, and in nobody else's.

use serde_json::{Value, json};

use crate::support::JWT_SECRET;
use crate::{Answer, PASSWORD, World, claims, credentials, unavailable};
use selvedge::auth;
use selvedge::http::Method;
use selvedge::identity::Role;
use selvedge::secret::Secret;

const USERS: &str = "/auth/v1/admin/users";
const NOBODY: &str = "99999999-9999-4999-8999-999999999999";

pub fn key(role: Role) -> String {
    auth::api_key(&Secret::new(JWT_SECRET.into()), role, 0, 4_000_000_000)
}

/// A request of the owner's server.
pub fn by_service(world: &World, method: Method, address: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {}", key(Role::ServiceRole));
    let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
    world.send(method, address, &[("authorization", &bearer)], &body)
}

fn get(world: &World, address: &str) -> Answer {
    by_service(world, Method::Get, address, &Value::Null)
}

fn create(world: &World, body: &Value) -> Answer {
    by_service(world, Method::Post, USERS, body)
}

fn put(world: &World, id: &str, body: &Value) -> Answer {
    by_service(world, Method::Put, &format!("{USERS}/{id}"), body)
}

fn count(world: &World, table: &str) -> String {
    world.host.query(&format!("select count(*) from {table}")).expect("a number")
}

/// Everything of an account that a request could try to write.
fn stored(world: &World, id: &str) -> String {
    let sql = format!(
        "select json_object('id', id, 'email', email, 'hash', password_hash, 'anonymous', is_anonymous,
           'confirmed', email_confirmed_at, 'banned', banned_until, 'deleted', deleted_at,
           'app', app_metadata, 'user', user_metadata, 'created', created_at, 'new', new_email)
         from auth_users where id = '{id}'"
    );
    world.host.query(&sql).unwrap_or_default()
}

#[test]
fn nobody_but_the_owners_server_is_let_in() {
    let (world, ann) = World::with_ann();
    let bob = world.post("/auth/v1/signup", &credentials("bob@example.com"));
    let (id, bob_id) = (ann.text("/user/id").to_owned(), bob.text("/user/id").to_owned());
    let before = world.host.dump();
    world.host.take_usage();
    let mut claims_of_admin = claims(ann.access_token());
    claims_of_admin["app_metadata"] = json!({ "role": "service_role", "is_admin": true });
    let pretender = auth::sign(&Secret::new(JWT_SECRET.into()), &claims_of_admin.to_string());
    let body = json!({
        "email": "eve@example.com", "password": PASSWORD, "type": "recovery", "role": "service_role",
    });
    for (method, address) in [
        (Method::Get, USERS.to_owned()),
        (Method::Post, USERS.to_owned()),
        (Method::Get, format!("{USERS}/{id}")),
        (Method::Get, format!("{USERS}/{bob_id}")),
        (Method::Put, format!("{USERS}/{id}")),
        (Method::Put, format!("{USERS}/{bob_id}")),
        (Method::Delete, format!("{USERS}/{id}")),
        (Method::Delete, format!("{USERS}/{bob_id}")),
        (Method::Post, format!("{USERS}/{bob_id}/logout")),
        (Method::Get, format!("{USERS}/{bob_id}/factors")),
        (Method::Delete, format!("{USERS}/{bob_id}/factors/{NOBODY}")),
        (Method::Post, "/auth/v1/admin/generate_link".to_owned()),
        (Method::Post, "/auth/v1/invite".to_owned()),
        (Method::Get, "/auth/v1/admin/audit".to_owned()),
    ] {
        let body = body.to_string();
        let send =
            |headers: &[(&str, &str)]| world.send(method, &address, headers, body.as_bytes());
        send(&[]).is(401, "no_authorization");
        let anon = key(Role::Anon);
        send(&[("apikey", &anon)]).is(403, "not_admin");
        for token in [&anon, ann.access_token(), &pretender] {
            let refused = send(&[("authorization", &format!("Bearer {token}"))]);
            refused.is(403, "not_admin");
            assert_eq!(refused.text("/message"), "User not allowed");
        }
        // Where both are sent the bearer decides, and the key of the owner's server lends it nothing.
        let service = key(Role::ServiceRole);
        let bearer = format!("Bearer {}", ann.access_token());
        send(&[("apikey", &service), ("authorization", &bearer)]).is(403, "not_admin");
        for token in ["", "x", ann.refresh_token(), &format!("{service}A")] {
            send(&[("authorization", &format!("Bearer {token}"))]).is(401, "bad_jwt");
        }
    }
    assert_eq!(world.host.take_usage().round_trips, 0);
    assert_eq!(world.host.dump(), before);
}

#[test]
fn an_account_is_made_without_a_session() {
    let world = World::new();
    world.host.take_usage();
    let answer = create(
        &world,
        &json!({
            "email": "Ann@Example.com", "password": PASSWORD, "email_confirm": true,
            "user_metadata": { "name": "Ann", "big": 9_007_199_254_740_993_u64 },
            "app_metadata": { "plan": "gold", "provider": "evil", "providers": ["evil"] },
        }),
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!((world.host.take_usage().round_trips, world.host.hashes.get()), (2, 1));
    assert_eq!(answer.text("/email"), "ann@example.com");
    assert_eq!(answer.text("/role"), "authenticated");
    let app = json!({ "provider": "email", "providers": ["email"], "plan": "gold" });
    assert_eq!(answer.body["app_metadata"], app);
    let user = json!({ "name": "Ann", "big": 9_007_199_254_740_993_u64, "email_verified": true });
    assert_eq!(answer.body["user_metadata"], user);
    assert_eq!(answer.text("/identities/0/provider"), "email");
    assert_eq!(answer.body["identities"][0]["identity_data"]["email_verified"], true);
    assert!(answer.body.get("email_confirmed_at").is_some());
    assert_eq!(answer.body.get("last_sign_in_at"), None);
    assert_eq!(
        (count(&world, "auth_sessions"), count(&world, "auth_users")),
        ("0".into(), "1".into())
    );
    assert!(!answer.body.to_string().contains("argon2id"));
    world.password(&credentials("ann@example.com")).is_session();
    // Another of the same address, or of the same id, is none.
    for body in [
        json!({ "email": "ann@example.com" }),
        json!({ "email": "ANN@example.com", "password": PASSWORD }),
        json!({ "email": "eve@example.com", "id": answer.text("/id") }),
    ] {
        create(&world, &body).is(422, "email_exists");
    }
    assert_eq!(
        (count(&world, "auth_identities"), count(&world, "auth_users")),
        ("1".into(), "1".into())
    );
}

#[test]
fn a_body_says_nothing_but_what_it_may() {
    let world = World::new();
    // Whatever else is sent has no effect.
    let answer = create(
        &world,
        &json!({
            "email": "ann@example.com", "aud": "admin", "is_anonymous": true, "is_super_admin": true,
            "created_at": "1999-01-01T00:00:00Z", "banned_until": "2999-01-01T00:00:00Z",
            "deleted_at": "1999-01-01T00:00:00Z", "email_confirmed_at": "1999-01-01T00:00:00Z",
            "confirmed_at": "1999-01-01T00:00:00Z", "last_sign_in_at": "1999-01-01T00:00:00Z",
            "identities": [{ "provider": "google" }], "factors": [{}], "instance_id": NOBODY,
            "encrypted_password": "x", "new_email": "eve@example.com", "phone_confirm": true,
            "password_hash": null, "password": null, "id": null, "email_confirm": null, "role": null,
            "ban_duration": null, "user_metadata": null, "app_metadata": null, "phone": null,
        }),
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    let id = answer.text("/id").to_owned();
    let row: Value = serde_json::from_str(&stored(&world, &id)).expect("JSON");
    for name in ["hash", "confirmed", "banned", "deleted", "new"] {
        assert_eq!(row[name], Value::Null, "{name}");
    }
    assert_eq!((&row["anonymous"], &row["created"]), (&json!(0), &json!(crate::support::START)));
    assert_eq!(count(&world, "auth_identities"), "1");
    let before = stored(&world, &id);
    let same = put(
        &world,
        &id,
        &json!({
            "id": NOBODY, "email": "", "password": "", "password_hash": "", "role": "", "phone": "",
            "ban_duration": "", "created_at": 0, "deleted_at": 0, "banned_until": 0,
            "is_anonymous": true, "email_confirmed_at": 1, "email_confirm": false,
            "identities": [], "factors": [], "aud": 0, "encrypted_password": 0,
        }),
    );
    assert_eq!(same.status, 200, "{}", same.body);
    assert_eq!(stored(&world, &id), before);
}

#[test]
fn what_is_no_account_is_refused() {
    let world = World::new();
    let before = world.host.dump();
    let good = |name: &str, value: Value| {
        let mut body = credentials("ann@example.com");
        body[name] = value;
        body
    };
    let huge = "x".repeat(5000);
    for (body, status, code) in [
        (json!({}), 400, "validation_failed"),
        (json!({ "password": PASSWORD }), 400, "validation_failed"),
        (good("email", json!("")), 400, "validation_failed"),
        (good("email", Value::Null), 400, "validation_failed"),
        (good("email", json!(0)), 400, "bad_json"),
        (good("email", json!("ann")), 400, "validation_failed"),
        (good("email", json!("ann@exampl\u{212a}.com")), 400, "validation_failed"),
        (good("phone", json!("+123456")), 400, "phone_provider_disabled"),
        (good("password", json!("short")), 422, "weak_password"),
        (good("password", json!(12_345_678)), 400, "bad_json"),
        (
            good(
                "password_hash",
                json!(
                    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
                ),
            ),
            400,
            "validation_failed",
        ),
        (good("role", json!("service_role")), 400, "validation_failed"),
        (good("role", json!("anon")), 400, "validation_failed"),
        (good("role", json!("Authenticated")), 400, "validation_failed"),
        (good("role", json!(0)), 400, "bad_json"),
        (good("id", json!("1")), 400, "validation_failed"),
        (good("id", json!("00000000-0000-0000-0000-000000000000")), 400, "validation_failed"),
        (good("id", json!("AAAAAAAA-1111-4111-8111-111111111111")), 400, "validation_failed"),
        (good("id", json!("' or 1=1--")), 400, "validation_failed"),
        (good("id", json!(0)), 400, "bad_json"),
        (good("email_confirm", json!("true")), 400, "bad_json"),
        (good("email_confirm", json!(1)), 400, "bad_json"),
        (good("ban_duration", json!("0")), 400, "validation_failed"),
        (good("ban_duration", json!("-1h")), 400, "validation_failed"),
        (good("ban_duration", json!("forever")), 400, "validation_failed"),
        (good("ban_duration", json!(0)), 400, "bad_json"),
        (good("user_metadata", json!([])), 400, "validation_failed"),
        (good("user_metadata", json!("{}")), 400, "validation_failed"),
        (good("user_metadata", json!({ "x": huge })), 400, "validation_failed"),
        (good("app_metadata", json!(0)), 400, "validation_failed"),
        (good("app_metadata", json!({ "x": "x".repeat(1100) })), 400, "validation_failed"),
    ] {
        create(&world, &body).is(status, code);
    }
    for hash in [
        "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
        "$argon2id$v=19$m=4294967295,t=9,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw$c2FsdA$aGFzaA",
        "5f4dcc3b5aa765d61d8327deb882cf99",
        "x",
    ] {
        let refused = create(&world, &json!({ "email": "a@example.com", "password_hash": hash }));
        refused.is(400, "validation_failed");
        assert!(refused.text("/message").contains("Argon2id"));
    }
    let bearer = format!("Bearer {}", key(Role::ServiceRole));
    for body in ["", "[]", "null", "x", r#"{"email":"a@example.com","email":"b@example.com"}"#] {
        let headers = [("authorization", bearer.as_str())];
        world.send(Method::Post, USERS, &headers, body.as_bytes()).is(400, "bad_json");
    }
    assert_eq!(world.host.dump(), before);
}

#[test]
fn a_hash_of_elsewhere_lets_its_owner_in() {
    let world = World::new();
    // "password" with m=256, by the reference implementation.
    let hash =
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
    let body = json!({ "email": "old@example.com", "password_hash": hash, "email_confirm": true });
    assert_eq!(create(&world, &body).status, 200);
    assert_eq!(world.host.hashes.get(), 0);
    let right = json!({ "email": "old@example.com", "password": "password" });
    world.password(&right).is_session();
    world.password(&credentials("old@example.com")).is(400, "invalid_credentials");
}

#[test]
fn accounts_are_listed_page_by_page() {
    let world = World::new();
    for name in ["a", "b", "c", "d", "e"] {
        let full_name = name.repeat(3);
        let body = json!({
            "email": format!("{name}@example.com"), "user_metadata": { "full_name": full_name },
        });
        assert_eq!(create(&world, &body).status, 200);
        world.host.advance(1000);
    }
    let emails = |answer: &Answer| -> Vec<String> {
        let users = answer.body["users"].as_array().expect("an array").iter();
        users
            .map(|user| user["email"].as_str().expect("a text").replace("@example.com", ""))
            .collect()
    };
    let header = |answer: &Answer, name: &str| {
        let found = answer.headers.iter().find(|(other, _)| *other == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    world.host.take_usage();
    let all = get(&world, &format!("{USERS}?page=&per_page="));
    assert_eq!(world.host.take_usage().round_trips, 1);
    assert_eq!(emails(&all), ["e", "d", "c", "b", "a"]);
    assert_eq!(all.text("/aud"), "authenticated");
    assert_eq!(header(&all, "x-total-count"), "5");
    assert_eq!(header(&all, "link"), "</auth/v1/admin/users?page=1&per_page=50>; rel=\"last\"");
    let second = get(&world, &format!("{USERS}?page=2&per_page=2&sort=created_at+asc"));
    assert_eq!(emails(&second), ["c", "d"]);
    assert_eq!(
        header(&second, "link"),
        "</auth/v1/admin/users?page=3&per_page=2&sort=created_at%20asc>; rel=\"next\", \
         </auth/v1/admin/users?page=3&per_page=2&sort=created_at%20asc>; rel=\"last\""
    );
    let beyond = get(&world, &format!("{USERS}?page=9&per_page=2"));
    assert_eq!((emails(&beyond).len(), header(&beyond, "x-total-count")), (0, "5".into()));
    for (filter, expected) in [
        ("b%40EXAMPLE", vec!["b"]),
        ("ccc", vec!["c"]),
        ("example", vec!["e", "d", "c", "b", "a"]),
        ("%25", vec![]),
        ("_", vec![]),
        ("%27+or+1%3D1--", vec![]),
    ] {
        let found = get(&world, &format!("{USERS}?filter={filter}"));
        assert_eq!(emails(&found), expected, "{filter}");
        assert_eq!(header(&found, "x-total-count"), expected.len().to_string());
    }
    for query in [
        "page=0",
        "page=-1",
        "page=x",
        "page=1.0",
        "page=%2B1",
        "page=99999999999",
        "per_page=0",
        "per_page=1001",
        "per_page=all",
        "sort=email",
        "sort=created_at;drop",
        "page=1&page=2",
        "sort=password_hash+asc",
    ] {
        get(&world, &format!("{USERS}?{query}")).is(400, "validation_failed");
    }
}

#[test]
fn an_account_is_changed_by_its_id() {
    let (world, ann) = World::with_ann();
    let bob = world.post("/auth/v1/signup", &credentials("bob@example.com"));
    let id = ann.text("/user/id");
    let bob_before = stored(&world, bob.text("/user/id"));
    world.host.take_usage();
    let changed = put(
        &world,
        id,
        &json!({
            "email": "Anna@example.com",
            "user_metadata": { "name": "Anna", "email_verified": null },
            "app_metadata": { "permissions": { "write": true } },
        }),
    );
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(world.host.take_usage().round_trips, 1);
    assert_eq!(changed.text("/email"), "anna@example.com");
    assert_eq!(changed.text("/identities/0/email"), "anna@example.com");
    assert_eq!(changed.body["user_metadata"], json!({ "name": "Anna" }));
    // Nobody has confirmed that address, so nobody's account elsewhere is linked by it.
    assert_eq!(changed.body.get("email_confirmed_at"), None);
    assert_eq!(changed.body["identities"][0]["identity_data"]["email_verified"], false);
    let confirmed = put(&world, id, &json!({ "email_confirm": true }));
    assert!(confirmed.body.get("email_confirmed_at").is_some());
    // A member is replaced as a whole: a permission that is not repeated is gone.
    let changed = put(&world, id, &json!({ "app_metadata": { "permissions": { "read": true } } }));
    assert_eq!(changed.body["app_metadata"]["permissions"], json!({ "read": true }));
    assert_eq!(changed.text("/app_metadata/provider"), "email");
    // Who only has another name stays signed in.
    assert_eq!(world.get_user(ann.access_token()).status, 200);
    put(&world, id, &json!({ "email": "bob@example.com" })).is(422, "email_exists");
    put(&world, id, &json!({ "app_metadata": { "x": "x".repeat(1000) } }))
        .is(400, "validation_failed");
    assert_eq!(get(&world, &format!("{USERS}/{id}")).body, changed.body);
    assert_eq!(stored(&world, bob.text("/user/id")), bob_before);
}

#[test]
fn a_change_of_nobody_changes_nothing() {
    let (world, ann) = World::with_ann();
    let before = world.host.dump();
    for body in [json!({}), json!({ "ban_duration": "1h" }), json!({ "email": "new@example.com" })]
    {
        put(&world, NOBODY, &body).is(404, "user_not_found");
    }
    get(&world, &format!("{USERS}/{NOBODY}")).is(404, "user_not_found");
    get(&world, &format!("{USERS}/{NOBODY}/factors")).is(404, "user_not_found");
    by_service(&world, Method::Delete, &format!("{USERS}/{NOBODY}"), &Value::Null)
        .is(404, "user_not_found");
    let factor = format!("{USERS}/{NOBODY}/factors/{NOBODY}");
    by_service(&world, Method::Delete, &factor, &Value::Null).is(404, "user_not_found");
    let id = ann.text("/user/id");
    let factor = format!("{USERS}/{id}/factors/{NOBODY}");
    by_service(&world, Method::Delete, &factor, &Value::Null).is(404, "mfa_factor_not_found");
    put(&world, id, &json!({ "password": "short" })).is(422, "weak_password");
    world.host.fail_batch(1, unavailable());
    put(&world, id, &json!({ "ban_duration": "1h" })).is(503, "service_unavailable");
    assert_eq!(world.host.dump(), before);
}

#[test]
fn another_password_ends_every_session() {
    let (world, ann) = World::with_ann();
    let bob = world.post("/auth/v1/signup", &credentials("bob@example.com"));
    let changed = put(&world, ann.text("/user/id"), &json!({ "password": "another horse" }));
    assert_eq!(changed.status, 200, "{}", changed.body);
    world.get_user(ann.access_token()).is(403, "session_not_found");
    world.refresh(ann.refresh_token()).is(400, "refresh_token_not_found");
    world.password(&credentials("ann@example.com")).is(400, "invalid_credentials");
    let new = json!({ "email": "ann@example.com", "password": "another horse" });
    world.password(&new).is_session();
    assert_eq!(world.get_user(bob.access_token()).status, 200);
}

#[test]
fn a_suspended_users_sessions_are_dead_at_once() {
    let (world, ann) = World::with_ann();
    let other = world.password(&credentials("ann@example.com"));
    let bob = world.post("/auth/v1/signup", &credentials("bob@example.com"));
    let id = ann.text("/user/id");
    let banned = put(&world, id, &json!({ "ban_duration": "24h" }));
    assert_eq!(banned.text("/banned_until"), "2026-08-21T10:11:12.345Z");
    for session in [&ann, &other] {
        world.get_user(session.access_token()).is(403, "session_not_found");
        world.refresh(session.refresh_token()).is(400, "refresh_token_not_found");
    }
    world.password(&credentials("ann@example.com")).is(400, "user_banned");
    assert_eq!(world.get_user(bob.access_token()).status, 200);
    let free = put(&world, id, &json!({ "ban_duration": "none" }));
    assert_eq!(free.body.get("banned_until"), None);
    world.password(&credentials("ann@example.com")).is_session();
    // An account can begin banned.
    let body = json!({
        "email": "eve@example.com", "password": PASSWORD, "email_confirm": true, "ban_duration": "1h30m",
    });
    assert_eq!(create(&world, &body).text("/banned_until"), "2026-08-20T11:41:12.345Z");
    world.password(&credentials("eve@example.com")).is(400, "user_banned");
}

#[test]
fn all_sessions_of_an_account_are_ended_by_its_id() {
    let (world, ann) = World::with_ann();
    let other = world.password(&credentials("ann@example.com"));
    let bob = world.post("/auth/v1/signup", &credentials("bob@example.com"));
    let end = |id: &str, query: &str| {
        by_service(&world, Method::Post, &format!("{USERS}/{id}/logout{query}"), &Value::Null)
    };
    end(NOBODY, "").is(404, "user_not_found");
    for scope in ["local", "others", "", "x"] {
        end(ann.text("/user/id"), &format!("?scope={scope}")).is(400, "validation_failed");
    }
    assert_eq!(world.get_user(ann.access_token()).status, 200);
    world.host.take_usage();
    assert_eq!(end(ann.text("/user/id"), "?scope=global").status, 204);
    assert_eq!(world.host.take_usage().round_trips, 1);
    for session in [&ann, &other] {
        world.get_user(session.access_token()).is(403, "session_not_found");
    }
    assert_eq!(world.get_user(bob.access_token()).status, 200);
    assert_eq!(end(ann.text("/user/id"), "").status, 204);
}

#[test]
fn an_account_goes_with_all_that_leads_into_it() {
    for (body, rows_left) in
        [(Value::Null, "0"), (json!({}), "0"), (json!({ "should_soft_delete": true }), "1")]
    {
        let (world, ann) = World::with_ann();
        let id = ann.text("/user/id").to_owned();
        world.host.execute(&format!(
            "insert into auth_factors (id, user_id, secret, created_at, updated_at)
               values ('f', '{id}', 'x', 0, 0);
             insert into auth_recovery_codes (user_id, digest) values ('{id}', 'x');
             insert into auth_one_time_tokens (id, user_id, purpose, address, created_at)
               values ('t', '{id}', 'recovery', 'ann@example.com', 0)"
        ));
        let address = format!("{USERS}/{id}");
        for wrong in [json!({ "should_soft_delete": "true" }), json!([])] {
            by_service(&world, Method::Delete, &address, &wrong).is(400, "bad_json");
        }
        let answer = by_service(&world, Method::Delete, &address, &body);
        assert_eq!((answer.status, answer.body), (200, json!({})));
        assert_eq!(count(&world, "auth_users"), rows_left);
        for table in [
            "auth_sessions",
            "auth_identities",
            "auth_factors",
            "auth_recovery_codes",
            "auth_one_time_tokens",
        ] {
            assert_eq!(count(&world, table), "0", "{table}");
        }
        world.get_user(ann.access_token()).is(403, "session_not_found");
        world.password(&credentials("ann@example.com")).is(400, "invalid_credentials");
        if rows_left == "1" {
            let kept = stored(&world, &id);
            assert!(!kept.contains("ann@") && !kept.contains("argon2"), "{kept}");
            assert!(get(&world, &address).body.get("deleted_at").is_some());
            put(&world, &id, &json!({ "email": "ann@example.com", "user_metadata": { "a": 1 } }))
                .is(404, "user_not_found");
            assert_eq!(stored(&world, &id), kept);
            by_service(&world, Method::Delete, &address, &body).is(404, "user_not_found");
        }
        world.post("/auth/v1/signup", &credentials("ann@example.com")).is_session();
    }
}

#[test]
fn rows_that_refer_to_an_account_can_keep_it() {
    let (world, ann) = World::with_ann();
    let id = ann.text("/user/id");
    world.host.execute(&format!(
        "create table orders (id integer primary key, owner text references auth_users (id));
         insert into orders (owner) values ('{id}')"
    ));
    let before = world.host.dump();
    let address = format!("{USERS}/{id}");
    by_service(&world, Method::Delete, &address, &Value::Null).is(409, "conflict");
    assert_eq!(world.host.dump(), before);
    let soft = json!({ "should_soft_delete": true });
    assert_eq!(by_service(&world, Method::Delete, &address, &soft).status, 200);
    assert_eq!(count(&world, "orders"), "1");
}

#[test]
fn a_lost_factor_is_taken_away() {
    let (world, ann) = World::with_ann();
    let bob = world.post("/auth/v1/signup", &credentials("bob@example.com"));
    let (id, bob_id) = (ann.text("/user/id"), bob.text("/user/id"));
    let factor = "ffffffff-1111-4111-8111-111111111111";
    world.host.execute(&format!(
        "insert into auth_factors (id, user_id, friendly_name, status, secret, created_at, updated_at)
           values ('{factor}', '{id}', 'phone', 'verified', 'canary', 0, 0);
         update auth_sessions set aal = 'aal2' where user_id = '{id}'"
    ));
    let expected = json!([{
        "id": factor, "friendly_name": "phone", "factor_type": "totp", "status": "verified",
        "created_at": "1970-01-01T00:00:00.000Z", "updated_at": "1970-01-01T00:00:00.000Z",
    }]);
    assert_eq!(get(&world, &format!("{USERS}/{id}/factors")).body, expected);
    assert_eq!(get(&world, &format!("{USERS}/{bob_id}/factors")).body, json!([]));
    // Not by the id of somebody else.
    let delete = |user: &str| {
        let address = format!("{USERS}/{user}/factors/{factor}");
        by_service(&world, Method::Delete, &address, &Value::Null)
    };
    delete(bob_id).is(404, "mfa_factor_not_found");
    assert_eq!(count(&world, "auth_factors"), "1");
    assert_eq!(delete(id).body, expected[0]);
    assert_eq!(count(&world, "auth_factors"), "0");
    let level = format!("select aal from auth_sessions where user_id = '{id}'");
    assert_eq!(world.host.query(&level).as_deref(), Some("aal1"));
    delete(id).is(404, "mfa_factor_not_found");
}

#[test]
fn an_account_whose_address_the_owner_has_changed_is_not_taken_over_by_a_sign_up() {
    let (world, ann) = World::with_ann_and(&[("MAILER_AUTOCONFIRM", "false")]);
    let id = ann.text("/user/id").to_owned();
    assert_eq!(put(&world, &id, &json!({ "email": "new@example.com" })).status, 200);
    let before = stored(&world, &id);
    let eve =
        json!({ "email": "new@example.com", "password": "eves own horse", "data": { "a": 1 } });
    assert_eq!(world.post("/auth/v1/signup", &eve).status, 200);
    assert_eq!(stored(&world, &id), before);
    // Nor where the letter is opened, which whoever has the new address may well expect.
    let session = world.verify_link("signup", &world.mailed("signup").link);
    session.is_session();
    assert_eq!(session.text("/user/id"), id);
    world.password(&eve).is(400, "invalid_credentials");
}

/// Whoever reads the letters of an address has no hand in an account that has it no more.
#[test]
fn a_letter_to_the_address_of_before_does_nothing() {
    for (kind, path) in [("recovery", "recover"), ("magiclink", "otp"), ("signup", "resend")] {
        let (world, ann) = World::with_ann_and(&[("MAILER_AUTOCONFIRM", "false")]);
        let id = ann.text("/user/id").to_owned();
        world.host.execute(
            "insert into auth_identities (id, user_id, provider, subject, created_at, updated_at)
             select 'github', id, 'github', '1', 0, 0 from auth_users",
        );
        if kind == "signup" {
            world.host.execute("update auth_users set email_confirmed_at = null");
        }
        let asked = json!({ "email": "ann@example.com", "type": "signup" });
        assert_eq!(world.post(&format!("/auth/v1/{path}"), &asked).status, 200);
        let link = world.mailed(kind).link;
        assert_eq!(put(&world, &id, &json!({ "email": "new@example.com" })).status, 200);
        let before = get(&world, &format!("{USERS}/{id}")).body;
        world.verify_link(kind, &link).is(403, "otp_expired");
        assert_eq!(get(&world, &format!("{USERS}/{id}")).body, before);
        assert_eq!(before["identities"].as_array().map(Vec::len), Some(2));
        assert_eq!(world.get_user(ann.access_token()).text("/id"), id);
    }
}

#[test]
fn what_is_on_its_way_does_not_outlive_the_proof_of_an_address() {
    let settings =
        [("MAILER_AUTOCONFIRM", "false"), ("MAILER_SECURE_EMAIL_CHANGE_ENABLED", "false")];
    let (world, ann) = World::with_ann_and(&settings);
    let id = ann.text("/user/id").to_owned();
    assert_eq!(put(&world, &id, &json!({ "email": "new@example.com" })).status, 200);
    // Who was in the account before wants it back.
    let wish = json!({ "email": "back@example.com" }).to_string();
    let bearer = format!("Bearer {}", ann.access_token());
    let headers = [("authorization", bearer.as_str())];
    assert_eq!(world.send(Method::Put, "/auth/v1/user", &headers, wish.as_bytes()).status, 200);
    let back = world.mailed("email_change_new").link;
    world.post("/auth/v1/recover", &json!({ "email": "new@example.com" }));
    let link = world.mailed("recovery").link;
    world.verify_link("recovery", &link).is_session();
    world.verify_link("email_change", &back).is(403, "otp_expired");
    let found = world.host.query(&format!("select email from auth_users where id = '{id}'"));
    assert_eq!(found.as_deref(), Some("new@example.com"));
}
