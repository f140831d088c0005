//! The platform's rate limit in front of everything that changes something.

use serde_json::json;

use crate::issuer::Stage;
use crate::support::corridor::key;
use crate::{World, credentials};
use selvedge::http::Method;
use selvedge::identity::Role;

const HOME: &str = "203.0.113.7";
const PASSWORD_GRANT: &str = "/auth/v1/token?grant_type=password";
const REFRESH_GRANT: &str = "/auth/v1/token?grant_type=refresh_token";

fn send(world: &World, address: &str, headers: &[(&str, &str)], body: &str) -> crate::Answer {
    world.send(Method::Post, address, headers, body.as_bytes())
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

/// Nobody fills the database with ways to a provider that are begun and never ended.
#[test]
fn who_sets_out_to_a_provider_is_counted() {
    let stage = Stage::new();
    let here = [("cf-connecting-ip", HOME)];
    let go = |address: &str| stage.world.send(Method::Get, address, &here, b"");
    assert_eq!(go("/auth/v1/authorize?provider=acme").status, 302);
    assert_eq!(stage.world.host.keys_asked.take(), [HOME]);
    stage.world.host.keys_refused.borrow_mut().push(HOME.to_owned());
    let before = stage.world.host.dump();
    for address in
        ["authorize?provider=acme", "callback?code=a&state=b", "user/identities/authorize"]
    {
        go(&format!("/auth/v1/{address}")).is(429, "over_request_rate_limit");
    }
    assert_eq!(stage.world.host.dump(), before);
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
