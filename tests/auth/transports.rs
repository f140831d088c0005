//! How letters leave: what another server is sent, who may believe it, and what its refusals lead to.

use super::outbox::{LETTER, errands, outcomes, post_recovery, world_with};
use super::*;

use base64::engine::general_purpose::STANDARD;
use selvedge::http::Method;
use selvedge::outbound::Outbound;
use sha2::{Digest, Sha256};
use support::inbound;

const FROM: (&str, &str) = ("MAILER_FROM", "The Loom <mail@loom.example>");
const KEYS: [[u8; 24]; 2] = [[7; 24], [0xff; 24]];

fn resend() -> World {
    let base = ("RESEND_BASE_URL", "http://127.0.0.1:7777/api/");
    world_with(&[FROM, ("RESEND_API_KEY", "re_secret"), base])
}

fn hook() -> World {
    let secrets = KEYS.map(|key| format!("v1,whsec_{}", STANDARD.encode(key))).join("|");
    let uri = ("HOOK_SEND_EMAIL_URI", "https://hooks.example/send?x=1");
    world_with(&[uri, ("HOOK_SEND_EMAIL_SECRETS", &secrets)])
}

fn sent(world: &World) -> Outbound {
    let sent = world.host.fetched.take();
    let [request] = sent.as_slice() else { panic!("one request: {sent:?}") };
    request.clone()
}

fn header<'a>(request: &'a Outbound, name: &str) -> &'a str {
    let found = request.headers.iter().find(|(other, _)| *other == name);
    found.map_or_else(|| panic!("no {name}: {request:?}"), |(_, value)| value)
}

fn body(request: &Outbound) -> Value {
    serde_json::from_str(request.body.as_deref().expect("a body")).expect("JSON")
}

#[test]
fn resend_is_sent_a_letter() {
    let world = resend();
    world.host.on_fetch(|_| inbound(200, r#"{"id":"1"}"#));
    post_recovery(&world);
    errands(&world);
    assert_eq!(outcomes(&world), ["sent"]);
    let request = sent(&world);
    assert_eq!(
        (request.method, request.url.as_str()),
        (Method::Post, "http://127.0.0.1:7777/api/emails")
    );
    assert_eq!(header(&request, "authorization"), "Bearer re_secret");
    assert_eq!(header(&request, "idempotency-key"), LETTER);
    assert_eq!(header(&request, "content-type"), "application/json");
    assert!(request.milliseconds <= 5000);
    let body = body(&request);
    assert_eq!(body["from"], "\"The Loom\" <mail@loom.example>");
    assert_eq!(body["to"], json!(["ann@example.com"]));
    assert_eq!(body["subject"], "A new password for The Loom");
    for part in ["html", "text"] {
        assert!(body[part].as_str().expect("a text").contains("verify?token="), "{part}");
    }
}

#[test]
fn any_answer_but_a_success_is_tried_again() {
    for status in [199, 301, 302, 400, 401, 403, 404, 409, 422, 429, 500, 503] {
        for world in [resend(), hook()] {
            world.host.on_fetch(move |_| inbound(status, "ann@example.com verify?token=x"));
            post_recovery(&world);
            errands(&world);
            let log = world.host.log.borrow().join("\n");
            assert!(log.contains(&format!("it was answered with {status}")), "{log}");
            assert!(!log.contains("ann@") && !log.contains("token"), "{log}");
            world.host.log.take();
            world.host.on_fetch(|_| inbound(204, ""));
            world.host.advance(60_000);
            errands(&world);
            assert_eq!(outcomes(&world), ["sent"], "{status}");
        }
    }
}

#[test]
fn a_server_that_cannot_be_reached_is_tried_again() {
    for world in [resend(), hook()] {
        post_recovery(&world);
        errands(&world);
        assert_eq!(outcomes(&world), ["failed"]);
        world.host.on_fetch(|_| inbound(200, ""));
        world.host.advance(60_000);
        errands(&world);
        assert_eq!(outcomes(&world), ["sent"]);
        let keys: Vec<String> = world
            .host
            .fetched
            .take()
            .iter()
            .map(|request| {
                let mut ids = request
                    .headers
                    .iter()
                    .filter(|(name, _)| ["webhook-id", "idempotency-key"].contains(name));
                ids.next().expect("an id").1.clone()
            })
            .collect();
        assert_eq!(keys, [LETTER, LETTER], "whoever gets it twice can tell");
    }
}

/// HMAC-SHA-256 by its definition (RFC 2104), beside the implementation that signs.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

/// What a receiver does (Standard Webhooks): any signature by the key it knows.
fn is_genuine(request: &Outbound, key: &[u8], body: &str) -> bool {
    let (id, timestamp) = (header(request, "webhook-id"), header(request, "webhook-timestamp"));
    let right = STANDARD.encode(hmac(key, format!("{id}.{timestamp}.{body}").as_bytes()));
    header(request, "webhook-signature")
        .split(' ')
        .any(|one| one.strip_prefix("v1,") == Some(&right))
}

#[test]
fn the_hook_is_told_all_it_needs_and_can_believe_it() {
    let world = hook();
    world.host.on_fetch(|_| inbound(200, "{}"));
    post_recovery(&world);
    errands(&world);
    let request = sent(&world);
    assert_eq!(
        (request.method, request.url.as_str()),
        (Method::Post, "https://hooks.example/send?x=1")
    );
    let text = request.body.as_deref().expect("a body");
    for key in KEYS {
        assert!(is_genuine(&request, &key, text));
        assert!(!is_genuine(&request, &key, &format!("{text} ")));
    }
    assert!(!is_genuine(&request, &[8; 24], text));
    assert_eq!(header(&request, "webhook-timestamp"), (support::START / 1000).to_string());
    let body = body(&request);
    assert_eq!(body["metadata"]["uuid"], LETTER);
    assert_eq!(body["user"]["email"], "ann@example.com");
    assert_eq!(body["user"]["user_metadata"], json!({ "name": "Ann" }));
    let data = &body["email_data"];
    assert_eq!(data["email_action_type"], "recovery");
    assert_eq!(data["recipient"], "ann@example.com");
    assert_eq!(data["redirect_to"], "https://loom.example/a?b=c&d");
    assert_eq!(data["site_url"], "http://127.0.0.1:54321");
    assert_eq!(data["token"].as_str().map(str::len), Some(6));
    assert_eq!(data["token_hash"].as_str().map(str::len), Some(64));
    assert!(!body.to_string().contains("password_hash"));
}

/// A letter tells nobody what somebody else has said of an account that is nobody's yet; nor, of an account
/// that is somebody's, what whoever has asked for the letter says.
#[test]
fn a_letter_tells_what_its_own_request_has_said() {
    let mut world = hook();
    world.config.accounts.autoconfirm = false;
    world.host.on_fetch(|_| inbound(200, "{}"));
    let ask = |path: &str, email: &str, name: &str| {
        world.host.advance(60_000);
        let body = json!({ "email": email, "password": PASSWORD, "data": { "name": name } });
        assert_eq!(world.post(path, &body).status, 200);
    };
    let told = || {
        let requests = world.host.fetched.take();
        let users = requests.iter().map(|request| body(request)["user"]["user_metadata"].clone());
        let mut names: Vec<Value> = users.map(|said| said["name"].clone()).collect();
        names.sort_by_key(Value::to_string);
        names
    };
    for name in ["Mallory", "Ann"] {
        ask("/auth/v1/signup", "new@example.com", name);
    }
    errands(&world);
    assert_eq!(told(), [json!("Ann"), json!("Mallory")]);
    ask("/auth/v1/otp", "new@example.com", "Bob");
    errands(&world);
    assert_eq!(told(), [json!("Bob")]);
    world.host.execute("update auth_users set email_confirmed_at = 1");
    ask("/auth/v1/otp", "new@example.com", "Mallory");
    errands(&world);
    assert_eq!(told(), [Value::Null]);
}

#[test]
fn a_letter_to_whom_nobody_knows_has_no_user() {
    let world = hook();
    world.host.on_fetch(|_| inbound(200, "{}"));
    world.host.execute(
        "insert into auth_letters (id, kind, recipient, due_at, created_at)
         values ('x', 'account_exists', 'bob@example.com', 0, 0)",
    );
    errands(&world);
    assert_eq!(body(&sent(&world))["user"], Value::Null);
}

#[test]
fn a_header_with_a_line_break_is_never_sent() {
    for value in ["a\r\nb: c", "a\nb", "a\rb", "a\0b"] {
        let request = Outbound::get("https://example.com".into()).with("x-test", value);
        assert_eq!(request.lines(), None, "{value:?}");
    }
    let request = Outbound::get("https://example.com".into()).with("x-test", "a: b");
    assert_eq!(request.lines().as_deref(), Some("x-test\na: b\n"));
}
