//! The platform's rate limit in front of everything that changes something.

use std::collections::BTreeSet;

use serde_json::json;

use crate::issuer::Stage;
use crate::support::corridor::key;
use crate::{World, credentials};
use selvedge::http::Method;
use selvedge::identity::Role;
use selvedge::route::Endpoint;

const HOME: &str = "203.0.113.7";
const PASSWORD_GRANT: &str = "/auth/v1/token?grant_type=password";
const REFRESH_GRANT: &str = "/auth/v1/token?grant_type=refresh_token";

fn send(world: &World, address: &str, headers: &[(&str, &str)], body: &str) -> crate::Answer {
    world.send(Method::Post, address, headers, body.as_bytes())
}

/// A path with some id in the place of each name.
fn with_ids(path: &str) -> String {
    let segments = path.split('/').map(|segment| match segment.strip_prefix('{') {
        Some(_) => "99999999-9999-4999-8999-999999999999",
        None => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

#[test]
fn one_subscriber_is_one_key_however_the_address_is_written() {
    let (world, _) = World::with_ann();
    let body = credentials("nobody@example.com").to_string();
    for (written, key) in [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:DB8:1:2::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
    ] {
        send(&world, PASSWORD_GRANT, &[("cf-connecting-ip", written)], &body);
        assert_eq!(world.host.keys_asked.take(), [key]);
    }
    for headers in [
        &[][..],
        &[("x-forwarded-for", HOME), ("x-real-ip", HOME), ("true-client-ip", HOME)],
        &[("cf-connecting-ip", "unknown")],
        &[("cf-connecting-ip", "127.0.0.1")],
        &[("cf-connecting-ip", HOME), ("cf-connecting-ip", "198.51.100.1")],
    ] {
        send(&world, PASSWORD_GRANT, headers, &body);
        assert!(world.host.keys_asked.take().is_empty(), "{headers:?}");
    }
}

#[test]
fn too_many_requests_cost_nothing_and_sign_nobody_out() {
    let (world, ann) = World::with_ann();
    world.host.keys_refused.borrow_mut().push(HOME.to_owned());
    let before = world.host.dump();
    let here = [("cf-connecting-ip", HOME)];
    let good = credentials("ann@example.com").to_string();
    for (address, body) in [
        (PASSWORD_GRANT, good.as_str()),
        ("/auth/v1/signup", &good),
        ("/auth/v1/token?grant_type=pkce", "{}"),
        ("/auth/v1/token", "{}"),
        ("/auth/v1/logout", ""),
        (PASSWORD_GRANT, "no JSON"),
    ] {
        let answer = send(&world, address, &here, body);
        answer.is(429, "over_request_rate_limit");
        assert_eq!(answer.text("/message"), "Request rate limit reached");
        assert!(answer.headers.contains(&("retry-after", "60".into())), "{:?}", answer.headers);
    }
    // Clients take any 4xx here for the end of the session.
    let body = json!({ "refresh_token": ann.refresh_token() }).to_string();
    let answer = send(&world, REFRESH_GRANT, &here, &body);
    answer.is(503, "service_unavailable");
    assert!(answer.headers.contains(&("retry-after", "1".into())), "{:?}", answer.headers);
    assert_eq!((world.host.take_usage().round_trips, world.host.dump()), (0, before));
    send(&world, REFRESH_GRANT, &[("cf-connecting-ip", "198.51.100.1")], &body).is_session();
}

/// Every endpoint and method: what is let past the limit writes nothing, hashes nothing and asks nobody.
#[test]
fn whatever_passes_without_being_counted_only_reads() {
    let (world, ann) = World::with_ann();
    let bearer = format!("Bearer {}", ann.access_token());
    let anon = key(&world.config, Role::Anon);
    let callers =
        [vec![], vec![("apikey", anon.as_str())], vec![("authorization", bearer.as_str())]];
    let before = world.host.dump();
    let mut passed = BTreeSet::new();
    for endpoint in Endpoint::ALL {
        let address = with_ids(endpoint.path());
        for method in endpoint.methods() {
            for caller in &callers {
                let headers = [caller.as_slice(), &[("cf-connecting-ip", HOME)]].concat();
                world.host.keys_refused.borrow_mut().push(HOME.to_owned());
                world.host.keys_asked.take();
                world.host.take_usage();
                world.host.record();
                let answer = world.send(*method, &address, &headers, b"{}");
                if world.host.keys_asked.take().is_empty() {
                    passed.insert(format!("{method:?} {}", endpoint.path()));
                    let statements = world.host.record();
                    assert!(statements.iter().all(|sql| sql.starts_with("select ")), "{address}");
                } else {
                    answer.is(429, "over_request_rate_limit");
                    assert_eq!(world.host.take_usage().round_trips, 0, "{address}");
                }
            }
        }
    }
    assert_eq!((world.host.hashes.get(), world.host.comparisons.get()), (0, 0));
    assert_eq!((world.host.errands_asked.get(), world.host.dump()), (0, before));
    let reads = [
        "/.well-known/jwks.json",
        "/admin/audit",
        "/admin/users",
        "/admin/users/{user_id}",
        "/admin/users/{user_id}/factors",
        "/factors/recovery-codes",
        "/health",
        "/sessions",
        "/settings",
        "/user",
    ];
    let expected =
        reads.map(|path| ["Get", "Head"].map(|method| format!("{method} /auth/v1{path}")));
    assert_eq!(passed, expected.concat().into_iter().collect());
}

/// A way to a provider begins by `GET`, and writes a row.
#[test]
fn a_way_to_a_provider_is_counted() {
    let stage = Stage::new();
    let address = "/auth/v1/authorize?provider=github";
    let here = [("cf-connecting-ip", HOME)];
    assert_eq!(stage.world.send(Method::Get, address, &here, b"").status, 302);
    assert_eq!(stage.world.host.keys_asked.take(), [HOME]);
    stage.world.host.keys_refused.borrow_mut().push(HOME.to_owned());
    let refused = stage.world.send(Method::Get, address, &here, b"");
    refused.is(429, "over_request_rate_limit");
    assert_eq!(stage.world.count("auth_flows"), "1");
}

#[test]
fn reading_and_the_owner_are_not_held_up() {
    let (world, ann) = World::with_ann();
    world.host.keys_refused.borrow_mut().push(HOME.to_owned());
    let bearer = format!("Bearer {}", ann.access_token());
    let headers = [("cf-connecting-ip", HOME), ("authorization", bearer.as_str())];
    assert_eq!(world.send(Method::Get, "/auth/v1/user", &headers, b"").status, 200);
    let service = format!("Bearer {}", key(&world.config, Role::ServiceRole));
    let headers = [("cf-connecting-ip", HOME), ("authorization", service.as_str())];
    send(&world, PASSWORD_GRANT, &headers, &credentials("ann@example.com").to_string())
        .is_session();
    assert!(world.host.keys_asked.take().is_empty());
    // A user's own token is not the owner's.
    let headers = [("cf-connecting-ip", HOME), ("authorization", bearer.as_str())];
    send(&world, "/auth/v1/logout", &headers, "").is(429, "over_request_rate_limit");
}
