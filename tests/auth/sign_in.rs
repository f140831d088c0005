//! `POST /token?grant_type=password`.

use pollster::block_on;
use serde_json::{Value, json};

use crate::support::{NativeHost, NativeRows, config};
use crate::{Answer, PASSWORD, World, credentials, refusal, request, unavailable};
use selvedge::auth::{self, Call};
use selvedge::db::{Batch, DbError, Usage};
use selvedge::host::{HasherUnavailable, Host, Milliseconds};
use selvedge::http::Method;
use selvedge::identity::Identity;
use selvedge::outbound::{Email, FetchError, Inbound, Outbound, SendError};
use selvedge::password::Verdict;
use selvedge::route::Endpoint;
use selvedge::secret::Secret;
use selvedge::signature::{PublicKey, VerifierUnavailable};

/// An answer and what it took.
fn cost(world: &World, body: &Value) -> (Answer, u32, u32, u32, u32) {
    world.host.take_usage();
    world.host.hashes.set(0);
    world.host.comparisons.set(0);
    let answer = world.password(body);
    let usage = world.host.take_usage();
    let host = &world.host;
    (answer, usage.round_trips, usage.statements, host.hashes.get(), host.comparisons.get())
}

#[test]
fn nothing_tells_an_unknown_address_from_a_wrong_password() {
    let (world, _) = World::with_ann();
    for (email, hash) in [
        ("no-password@example.com", "null"),
        ("no-hash@example.com", "'correct horse'"),
        ("empty-hash@example.com", "''"),
        (
            "absurd-hash@example.com",
            "'$argon2id$v=19$m=4294967295,t=9,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'",
        ),
    ] {
        world.host.execute(&format!(
            "insert into auth_users (id, email, password_hash, created_at, updated_at)
             values ('{email}', '{email}', {hash}, 0, 0)"
        ));
    }
    let wrong = json!({ "email": "ann@example.com", "password": "wrong horse" });
    let expected = cost(&world, &wrong);
    expected.0.is(400, "invalid_credentials");
    assert_eq!(expected.0.text("/message"), "Invalid login credentials");
    assert_eq!((expected.1, expected.2, expected.3, expected.4), (1, 4, 0, 1));
    for body in [
        credentials("nobody@example.com"),
        credentials("not an address"),
        credentials(""),
        credentials("' or 1=1--"),
        credentials("%"),
        credentials("no-password@example.com"),
        credentials("no-hash@example.com"),
        credentials("empty-hash@example.com"),
        credentials("absurd-hash@example.com"),
        credentials("ann@example.com "),
        credentials("ann@exampl\u{212a}.com"),
        json!({ "email": "ann@example.com", "password": "" }),
        json!({ "email": "ann@example.com", "password": null }),
        json!({ "email": "ann@example.com" }),
        json!({ "email": "nobody@example.com", "password": "" }),
        json!({ "email": "ann@example.com", "password": "Correct horse" }),
        json!({ "email": "ann@example.com", "password": "correct horse " }),
    ] {
        // As long after the last try as none is waited for.
        world.host.advance(15 * 60_000);
        assert_eq!(cost(&world, &body), expected, "{body}");
    }
    assert_eq!(world.host.query("select count(*) from auth_sessions").as_deref(), Some("1"));
}

#[test]
fn a_password_that_nobody_can_have_is_not_compared() {
    let (world, _) = World::with_ann();
    for email in ["ann@example.com", "nobody@example.com"] {
        let body = json!({ "email": email, "password": "x".repeat(1025) });
        let (answer, round_trips, _, _, comparisons) = cost(&world, &body);
        answer.is(400, "invalid_credentials");
        assert_eq!((round_trips, comparisons), (0, 0));
    }
}

#[test]
fn a_request_that_is_no_sign_in_is_refused() {
    let (world, _) = World::with_ann();
    let good = credentials("ann@example.com");
    for query in [
        "",
        "?grant_type",
        "?grant_type=",
        "?grant_type=Password",
        "?grant_type=PKCE",
        "?grant_type=idtoken",
        "?grant_type=magiclink",
    ] {
        let answer = world.post(&format!("/auth/v1/token{query}"), &good);
        answer.is(400, "invalid_credentials");
        assert_eq!(answer.text("/message"), "unsupported_grant_type");
    }
    let twice = "/auth/v1/token?grant_type=password&grant_type=refresh_token";
    world.post(twice, &good).is(400, "validation_failed");
    world.post("/auth/v1/token?grant_type=%ff", &good).is(400, "bad_encoding");
    world.password(&json!({})).is(400, "validation_failed");
    world.password(&json!({ "password": PASSWORD })).is(400, "validation_failed");
    let by_phone = json!({ "phone": "+15550100", "password": PASSWORD });
    world.password(&by_phone).is(400, "phone_provider_disabled");
    world.password(&json!([])).is(400, "bad_json");
    world
        .password(&json!({ "email": ["ann@example.com"], "password": PASSWORD }))
        .is(400, "bad_json");
    assert_eq!(world.host.take_usage().round_trips, 0);
}

#[test]
fn trouble_is_503() {
    let (world, _) = World::with_ann();
    let good = credentials("ann@example.com");
    for batch in [1, 2] {
        world.host.fail_batch(batch, unavailable());
        let answer = world.password(&good);
        answer.is(503, "service_unavailable");
        assert!(answer.headers.contains(&("retry-after", "1".into())));
    }
    world.host.fail_batch(1, DbError::Other { message: "no such table: auth_users".into() });
    let defect = world.password(&good);
    defect.is(500, "unexpected_failure");
    assert!(!defect.body.to_string().contains("auth_users"));
    world.host.hasher_is_down(true);
    world.password(&good).is(503, "service_unavailable");
    world.password(&credentials("nobody@example.com")).is(503, "service_unavailable");
    assert_eq!(world.host.query("select count(*) from auth_sessions").as_deref(), Some("1"));
}

/// Something that happens while the password is compared.
struct Meanwhile<'a>(&'a NativeHost, &'static str);

impl Host for Meanwhile<'_> {
    type Rows = NativeRows;

    fn now(&self) -> Milliseconds {
        self.0.now()
    }

    fn random(&self, bytes: &mut [u8]) {
        self.0.random(bytes);
    }

    async fn batch(&self, batch: Batch) -> Result<Vec<NativeRows>, DbError> {
        self.0.batch(batch).await
    }

    async fn hash_password(&self, password: &Secret) -> Result<String, HasherUnavailable> {
        self.0.hash_password(password).await
    }

    async fn verify_password(
        &self,
        password: &Secret,
        stored: &str,
    ) -> Result<Verdict, HasherUnavailable> {
        let verdict = self.0.verify_password(password, stored).await;
        self.0.execute(self.1);
        verdict
    }

    async fn fetch(&self, request: Outbound) -> Result<Inbound, FetchError> {
        self.0.fetch(request).await
    }

    async fn verify_signature(
        &self,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, VerifierUnavailable> {
        self.0.verify_signature(key, message, signature).await
    }

    async fn send_email(&self, email: &Email) -> Result<(), SendError> {
        self.0.send_email(email).await
    }

    fn later(&self) {
        self.0.later();
    }

    async fn admits(&self, key: &str) -> bool {
        self.0.admits(key).await
    }

    fn usage(&self) -> Usage {
        self.0.usage()
    }

    fn log(&self, line: &str) {
        self.0.log(line);
    }
}

#[test]
fn a_password_that_changes_meanwhile_opens_nothing() {
    for sql in ["update auth_users set password_hash = 'new'", "delete from auth_users"] {
        let (world, _) = World::with_ann();
        world.host.execute("delete from auth_sessions");
        let host = Meanwhile(&world.host, sql);
        let body = credentials("ann@example.com").to_string();
        let address = "/auth/v1/token?grant_type=password";
        let request = request(Method::Post, address, &[], body.as_bytes());
        let config = config();
        let call = Call {
            config: &config,
            who: &Identity::Anonymous,
            endpoint: Endpoint::Token,
            ids: &[],
            request: &request,
        };
        let served = auth::serve(&host, &call);
        refusal(&block_on(served).expect_err("refused")).is(400, "invalid_credentials");
        assert_eq!(world.host.query("select count(*) from auth_sessions").as_deref(), Some("0"));
    }
}

#[test]
fn the_right_password_takes_two_round_trips_and_one_comparison() {
    let (world, first) = World::with_ann();
    world.host.advance(1000);
    let (session, round_trips, _, hashes, comparisons) =
        cost(&world, &credentials("Ann@EXAMPLE.com"));
    session.is_session();
    assert_eq!((round_trips, hashes, comparisons), (2, 0, 1));
    assert_eq!(session.text("/user/last_sign_in_at"), "2026-08-20T10:11:13.345Z");
    assert_eq!(session.text("/user/created_at"), "2026-08-20T10:11:12.345Z");
    // It is another session of the same person, and the first one lives on.
    let session_of = |answer: &Answer| crate::claims(answer.access_token())["session_id"].clone();
    assert_ne!(session_of(&session), session_of(&first));
    assert_eq!(session.text("/user/id"), first.text("/user/id"));
    assert_eq!(world.get_user(first.access_token()).status, 200);
}

#[test]
fn an_outdated_hash_is_replaced() {
    let world = crate::passwords::world_with_a_common_password();
    let body = json!({ "email": "old@example.com", "password": "password" });
    let (session, round_trips, _, hashes, comparisons) = cost(&world, &body);
    session.is_session();
    assert_eq!((round_trips, hashes, comparisons), (2, 1, 1));
    let stored = world.host.query("select password_hash from auth_users").expect("a hash");
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
    let (session, _, _, hashes, comparisons) = cost(&world, &body);
    session.is_session();
    assert_eq!((hashes, comparisons), (0, 1));
}
