//! The gate, tried through the whole corridor: limits, cross-origin access, the headers of every
//! kind of answer, refusals in each dialect, and the access log.

use std::cell::{Cell, RefCell};

use expect_test::{Expect, expect};
use selvedge::app::{self, App};
use selvedge::auth::sign;
use selvedge::catalog::{Access, Catalog, Column, Grant, Predicate, Table, TableKind, Type};
use selvedge::config::Config;
use selvedge::db::{Batch, DbError, FingerprintKey, Rows, Usage};
use selvedge::error::{Code, Error};
use selvedge::host::{HasherUnavailable, Host, Milliseconds};
use selvedge::http::{BODY_BYTES_MAX, Body, Headers, JSON, Method, Request, RequestBody, Response};
use selvedge::outbound::{Email, FetchError, Inbound, Outbound, SendError};
use selvedge::password::Verdict;
use selvedge::secret::Secret;
use selvedge::signature::{PublicKey, VerifierUnavailable};
use serde_json::{Value, json};

const SECRET: &str = "canary-signing-secret-0123456789abcdef";

/// A database that always answers the same, and a log that is kept.
struct FakeHost {
    answer: Result<usize, DbError>,
    log: RefCell<Vec<String>>,
    usage: Cell<Usage>,
    clock: Cell<Milliseconds>,
}

#[derive(Debug)]
struct NoRows(usize);

impl Rows for NoRows {
    fn count(&self) -> usize {
        self.0
    }

    fn text(&self, _index: usize) -> Option<String> {
        None
    }

    fn truncate(&mut self, most: usize) {
        self.0 = self.0.min(most);
    }

    fn leave_out_nulls(&mut self) {}

    fn strip_nulls(&mut self) {}

    fn fingerprint(&self, _key: &FingerprintKey, _context: &str) -> Option<String> {
        Some(String::new())
    }
}

impl Host for FakeHost {
    type Rows = NoRows;

    fn now(&self) -> Milliseconds {
        self.clock.get()
    }

    fn random(&self, bytes: &mut [u8]) {
        bytes.fill(0xab);
    }

    async fn batch(&self, batch: Batch) -> Result<Vec<NoRows>, DbError> {
        let statements = u32::try_from(batch.len()).expect("a small batch");
        self.clock.set(self.clock.get() + 7);
        self.usage.set(Usage { round_trips: 1, statements, rows_read: 3, rows_written: 0 });
        self.answer.clone().map(|rows| batch.iter().map(|_| NoRows(rows)).collect())
    }

    async fn hash_password(&self, _password: &Secret) -> Result<String, HasherUnavailable> {
        Err(HasherUnavailable { message: "no hasher here".into() })
    }

    async fn verify_password(
        &self,
        _password: &Secret,
        _stored: &str,
    ) -> Result<Verdict, HasherUnavailable> {
        Err(HasherUnavailable { message: "no hasher here".into() })
    }

    async fn fetch(&self, _request: Outbound) -> Result<Inbound, FetchError> {
        Err(FetchError { message: "no other server here".into() })
    }

    async fn verify_signature(
        &self,
        _key: &PublicKey,
        _message: &[u8],
        _signature: &[u8],
    ) -> Result<bool, VerifierUnavailable> {
        Err(VerifierUnavailable { message: "nothing verifies here".into() })
    }

    async fn send_email(&self, _email: &Email) -> Result<(), SendError> {
        Err(SendError { message: "no mailer here".into() })
    }

    fn later(&self) {}

    async fn admits(&self, _key: &str) -> bool {
        true
    }

    fn usage(&self) -> Usage {
        self.usage.get()
    }

    fn log(&self, line: &str) {
        self.log.borrow_mut().push(line.to_owned());
    }
}

/// The corridor around a database that answers as told.
struct House {
    host: FakeHost,
    app: App,
}

impl House {
    fn new() -> Self {
        Self::at("http://127.0.0.1:54321", Ok(0))
    }

    fn at(site_url: &str, answer: Result<usize, DbError>) -> Self {
        let config = Config::read(|name| match name {
            "JWT_SECRET" => Some(SECRET.into()),
            "SITE_URL" => Some(site_url.into()),
            _ => None,
        })
        .expect("safe settings");
        let host = FakeHost {
            answer,
            log: RefCell::default(),
            usage: Cell::default(),
            clock: Cell::new(1_700_000_000_000),
        };
        Self {
            host,
            app: App { config, catalog: Catalog { tables: vec![tasks()], functions: Vec::new() } },
        }
    }

    fn send(&self, request: Request) -> Response<NoRows> {
        pollster::block_on(app::handle(&self.host, &self.app, request))
    }

    fn log_line(&self) -> Value {
        let log = self.host.log.borrow();
        assert_eq!(log.len(), 1, "one line for each request: {log:?}");
        serde_json::from_str(&log[0]).expect("a line of JSON")
    }
}

fn tasks() -> Table {
    Table {
        name: "tasks".into(),
        kind: TableKind::Table,
        columns: vec![Column {
            name: "id".into(),
            declared: "text".into(),
            kind: Type::Text { characters_max: None },
            nullable: true,
            default: None,
            generated: false,
            options: Vec::new(),
        }],
        primary_key: Vec::new(),
        uniques: Vec::new(),
        checks: Vec::new(),
        foreign_keys: Vec::new(),
        indexes: Vec::new(),
        full_texts: Vec::new(),
        relationships: Vec::new(),
        anon: everything(),
        authenticated: everything(),
    }
}

fn everything() -> Access {
    let grant = Grant { columns: None, using: Predicate::always(), check: Predicate::always() };
    Access {
        select: Some(grant.clone()),
        insert: Some(grant.clone()),
        update: Some(grant.clone()),
        delete: Some(grant),
    }
}

/// A request such as `GET /rest/v1/tasks?select=id`.
fn request(line: &str) -> Request {
    let (method, url) = line.split_once(' ').expect("a method and a URL");
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    Request {
        method: Method::parse(method),
        path: path.into(),
        query: query.into(),
        headers: Headers::default(),
        body: RequestBody::Bytes(Vec::new()),
    }
}

fn with_headers(line: &str, pairs: &[(&str, &str)]) -> Request {
    let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Request { headers: Headers::new(pairs), ..request(line) }
}

fn with_body(line: &str, content_type: Option<&str>, body: &str) -> Request {
    let pairs = content_type.map(|value| ("Content-Type".to_owned(), value.to_owned()));
    let headers = Headers::new(pairs);
    Request { headers, body: RequestBody::Bytes(body.into()), ..request(line) }
}

fn header<'a>(response: &'a Response<NoRows>, name: &str) -> Option<&'a str> {
    let mut found = response.headers.iter().filter(|(other, _)| *other == name);
    let value = found.next().map(|(_, value)| value.as_ref());
    assert!(found.next().is_none(), "{name} is sent twice");
    value
}

fn text(response: &Response<NoRows>) -> &str {
    match &response.body {
        Body::Text(text) => text,
        other => panic!("a text was expected, not {other:?}"),
    }
}

fn json_of(response: &Response<NoRows>) -> Value {
    serde_json::from_str(text(response)).expect("JSON")
}

/// Status and code of a refusal, whichever dialect it is in.
#[track_caller]
fn check_refused(request: Request, status: u16, code: &str) -> Response<NoRows> {
    let line = format!("{:?} {}", request.method, request.path.get(..40).unwrap_or(&request.path));
    let house = House::new();
    let response = house.send(request);
    assert_eq!(response.status, status, "{line}");
    assert_eq!(house.log_line()["code"], code, "{line}");
    assert_eq!(house.host.usage.get().round_trips, 0, "{line} reached the database");
    if let Body::Text(text) = &response.body
        && header(&response, "content-type") == Some(JSON)
    {
        let body: Value = serde_json::from_str(text).expect("JSON");
        assert_eq!(body["code"], code, "{line}");
    }
    response
}

/// What every answer carries, to the letter.
const EVERYWHERE: &[(&str, &str)] = &[
    ("cross-origin-embedder-policy", "require-corp"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("origin-agent-cluster", "?1"),
    (
        "permissions-policy",
        "accelerometer=(), autoplay=(), camera=(), clipboard-read=(), clipboard-write=(), \
         cross-origin-isolated=(), display-capture=(), encrypted-media=(), fullscreen=(), \
         gamepad=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), interest-cohort=(), \
         keyboard-map=(), magnetometer=(), microphone=(), midi=(), payment=(), \
         picture-in-picture=(), publickey-credentials-get=(), screen-wake-lock=(), serial=(), \
         sync-xhr=(), unload=(), usb=(), web-share=(), xr-spatial-tracking=()",
    ),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-dns-prefetch-control", "off"),
    ("x-frame-options", "DENY"),
    ("x-permitted-cross-domain-policies", "none"),
    ("x-request-id", "abababababababababababababababab"),
];

/// Compares status and headers; those of [`EVERYWHERE`] must be there and are not repeated.
#[track_caller]
fn check_headers(response: &Response<NoRows>, expected: &Expect) {
    for (name, value) in EVERYWHERE {
        assert_eq!(header(response, name), Some(*value), "{name}");
    }
    let others = response
        .headers
        .iter()
        .filter(|(name, _)| EVERYWHERE.iter().all(|(everywhere, _)| everywhere != name));
    let mut lines: Vec<String> = others.map(|(name, value)| format!("{name}: {value}\n")).collect();
    lines.sort();
    expected.assert_eq(&format!("{}\n{}", response.status, lines.concat()));
}

// Every kind of answer, to the header.

#[test]
fn a_page_carries_exactly_these_headers() {
    let house = House::at("https://example.com", Ok(0));
    check_headers(
        &house.send(request("GET /")),
        &expect![[r#"
            200
            cache-control: no-store, max-age=0
            content-security-policy: default-src 'none'; object-src 'none'; base-uri 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'; upgrade-insecure-requests
            content-type: text/html; charset=utf-8
            strict-transport-security: max-age=63072000; includeSubDomains
        "#]],
    );
}

#[test]
fn rows_carry_exactly_these_headers() {
    let house = House::at("https://example.com", Ok(2));
    check_headers(
        &house.send(request("GET /rest/v1/tasks")),
        &expect![[r#"
            200
            access-control-allow-origin: *
            access-control-expose-headers: content-location, content-profile, content-range, content-type, etag, link, location, preference-applied, proxy-status, range-unit, retry-after, selvedge-count, selvedge-row-cap, x-request-id, x-sb-error-code, x-supabase-api-version, x-total-count
            cache-control: private, no-cache
            content-location: /rest/v1/tasks
            content-range: 0-1/*
            content-security-policy: default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox
            content-type: application/json; charset=utf-8
            etag: ""
            range-unit: items
            strict-transport-security: max-age=63072000; includeSubDomains
            vary: Accept, Accept-Profile, apikey, Authorization, Prefer, Range
        "#]],
    );
}

#[test]
fn a_refusal_of_the_rest_dialect_carries_exactly_these_headers() {
    check_headers(
        &House::new().send(request("PUT /rest/v1/")),
        &expect![[r#"
            405
            access-control-allow-origin: *
            access-control-expose-headers: content-location, content-profile, content-range, content-type, etag, link, location, preference-applied, proxy-status, range-unit, retry-after, selvedge-count, selvedge-row-cap, x-request-id, x-sb-error-code, x-supabase-api-version, x-total-count
            allow: GET, HEAD, OPTIONS
            cache-control: no-store, max-age=0
            content-security-policy: default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox
            content-type: application/json; charset=utf-8
            proxy-status: Selvedge; error=PGRST117
            vary: Accept, Accept-Profile, apikey, Authorization, Prefer, Range
        "#]],
    );
}

#[test]
fn a_refusal_of_the_auth_dialect_carries_exactly_these_headers() {
    let asked = with_headers("GET /auth/v1/nothing", &[("X-Supabase-Api-Version", "2024-01-01")]);
    check_headers(
        &House::new().send(asked),
        &expect![[r#"
            404
            access-control-allow-origin: *
            access-control-expose-headers: content-location, content-profile, content-range, content-type, etag, link, location, preference-applied, proxy-status, range-unit, retry-after, selvedge-count, selvedge-row-cap, x-request-id, x-sb-error-code, x-supabase-api-version, x-total-count
            cache-control: no-store, max-age=0
            content-security-policy: default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox
            content-type: application/json; charset=utf-8
            vary: Accept, Accept-Profile, apikey, Authorization, Prefer, Range
            x-sb-error-code: not_found
            x-supabase-api-version: 2024-01-01
        "#]],
    );
}

#[test]
fn a_preflight_carries_exactly_these_headers() {
    check_headers(
        &House::new().send(with_headers(
            "OPTIONS /rest/v1/tasks",
            &[("Access-Control-Request-Method", "GET")],
        )),
        &expect![[r#"
            200
            access-control-allow-headers: accept, accept-profile, apikey, authorization, baggage, content-profile, content-type, if-none-match, prefer, range, range-unit, traceparent, tracestate, x-client-info, x-retry-count, x-supabase-api-version
            access-control-allow-methods: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS
            access-control-allow-origin: *
            access-control-expose-headers: content-location, content-profile, content-range, content-type, etag, link, location, preference-applied, proxy-status, range-unit, retry-after, selvedge-count, selvedge-row-cap, x-request-id, x-sb-error-code, x-supabase-api-version, x-total-count
            access-control-max-age: 7200
            allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS
            cache-control: no-store, max-age=0
            content-security-policy: default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox
            vary: Accept, Accept-Profile, apikey, Authorization, Prefer, Range
        "#]],
    );
}

#[test]
fn an_asset_carries_exactly_these_headers_also_when_it_has_not_changed() {
    let house = House::new();
    let path = stylesheet(&house);
    check_headers(
        &house.send(request(&format!("GET {path}"))),
        &expect![[r#"
            200
            cache-control: public, max-age=31536000, immutable
            content-security-policy: default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox
            content-type: text/css; charset=utf-8
            etag: "fa20825690e062d4"
        "#]],
    );
    let tag = tag_of(&house, &path);
    let unchanged = house.send(with_headers(&format!("GET {path}"), &[("If-None-Match", &tag)]));
    check_headers(
        &unchanged,
        &expect![[r#"
            304
            cache-control: public, max-age=31536000, immutable
            content-security-policy: default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox
            content-type: text/css; charset=utf-8
            etag: "fa20825690e062d4"
        "#]],
    );
    assert!(matches!(unchanged.body, Body::Empty));
}

#[test]
fn no_answer_leaves_without_the_security_headers() {
    let too_long = format!("GET /{}", "a".repeat(20_000));
    let requests = [
        request("GET /"),
        request("HEAD /"),
        request("OPTIONS /"),
        request("TRACE /"),
        request("POST /"),
        request("GET /nothing"),
        request("OPTIONS /nothing"),
        request("GET /%zz"),
        request(&too_long),
        request("GET /assets/style.css"),
        request("GET /auth/v1/nothing"),
        request("DELETE /auth/v1/health"),
        request("GET /rest/v1/"),
        request("GET /rest/v1/a/b"),
        request("GET /rest/v1/unknown"),
        request("GET /rest/v1/tasks"),
        request("HEAD /rest/v1/tasks"),
        request("OPTIONS /rest/v1/tasks"),
        with_headers("GET /rest/v1/tasks", &[("Authorization", "Bearer x")]),
        with_body("POST /rest/v1/tasks", Some("text/plain"), "a=1"),
    ];
    for request in requests {
        let line = format!("{:?} {:.60}", request.method, request.path);
        let response = House::at("https://example.com", Ok(0)).send(request);
        for (name, value) in EVERYWHERE {
            assert_eq!(header(&response, name), Some(*value), "{line}: {name}");
        }
        let hsts = header(&response, "strict-transport-security");
        assert_eq!(hsts, Some("max-age=63072000; includeSubDomains"), "{line}");
        assert!(header(&response, "cache-control").is_some(), "{line}");
        let policy = header(&response, "content-security-policy").unwrap_or_default();
        let parts: Vec<&str> = policy.split("; ").collect();
        for part in ["default-src", "object-src", "base-uri", "frame-ancestors"] {
            assert!(parts.contains(&format!("{part} 'none'").as_str()), "{line}: {policy}");
        }
        for name in ["server", "x-powered-by", "x-xss-protection", "set-cookie"] {
            assert_eq!(header(&response, name), None, "{line}");
        }
        assert_eq!(header(&response, "access-control-allow-credentials"), None, "{line}");
    }
}

#[test]
fn browsers_are_told_to_insist_on_https_only_where_there_is_https() {
    let plain = House::new().send(request("GET /"));
    assert_eq!(header(&plain, "strict-transport-security"), None);
    let policy = header(&plain, "content-security-policy").expect("a policy");
    assert!(!policy.contains("upgrade-insecure-requests"), "{policy}");
    assert!(!policy.contains("unsafe"), "{policy}");
}

#[test]
fn head_has_the_headers_of_get_and_no_body() {
    for path in ["/", "/nothing", "/rest/v1/tasks", "/rest/v1/a/b", "/auth/v1/x"] {
        let mut get = House::new().send(request(&format!("GET {path}")));
        // Rows that are not read have no name.
        get.headers.retain(|(name, _)| *name != "etag");
        let head = House::new().send(request(&format!("HEAD {path}")));
        assert_eq!((get.status, &get.headers), (head.status, &head.headers), "{path}");
        assert!(matches!(head.body, Body::Empty), "{path}");
    }
}

#[test]
fn a_refused_token_is_401_and_says_how_to_do_better() {
    let bad = [("Authorization", "Bearer nonsense")];
    for path in ["/rest/v1/tasks", "/auth/v1/user"] {
        let response = House::new().send(with_headers(&format!("GET {path}"), &bad));
        assert_eq!(response.status, 401, "{path}");
        assert_eq!(header(&response, "www-authenticate"), Some("Bearer"), "{path}");
    }
    let page = House::new().send(with_headers("GET /", &bad));
    assert_eq!(page.status, 200, "pages do not read bearer tokens");
}

// Limits.

#[test]
fn a_url_is_read_up_to_16_kb_path_and_query_together() {
    let url = |path: usize, query: usize| Request {
        path: format!("/{}", "a".repeat(path - 1)),
        query: "b".repeat(query),
        ..request("GET /")
    };
    check_refused(url(16_384, 0), 404, "not_found");
    check_refused(url(16_385, 0), 414, "uri_too_long");
    check_refused(url(8_000, 8_383), 404, "not_found");
    check_refused(url(8_000, 8_384), 414, "uri_too_long");
    let rest = Request { query: "b".repeat(20_000), ..request("GET /rest/v1/tasks") };
    check_refused(rest, 414, "uri_too_long");
}

#[test]
fn headers_are_read_up_to_16_kb_each_and_32_kb_together() {
    let sized = |sizes: &[usize]| {
        let headers = Headers::new(sizes.iter().map(|size| ("x".to_owned(), "v".repeat(*size))));
        Request { headers, ..request("GET /nothing") }
    };
    check_refused(sized(&[16_384]), 404, "not_found");
    check_refused(sized(&[16_385]), 431, "header_fields_too_large");
    check_refused(sized(&[16_383, 16_383]), 404, "not_found");
    check_refused(sized(&[16_383, 16_384]), 431, "header_fields_too_large");
    check_refused(sized(&[100; 400]), 431, "header_fields_too_large");
}

/// `%25` is a percent sign, and what stands behind it is text.
#[test]
fn what_is_encoded_is_decoded_once() {
    let status = |line: &str| House::at("http://127.0.0.1", Ok(0)).send(request(line)).status;
    assert_eq!(status("GET /rest/v1/%74asks"), 200);
    check_refused(request("GET /rest/v1/%2574asks"), 404, "PGRST205");
    check_refused(request("GET /%2561ssets/style.css"), 404, "not_found");
    assert_eq!(status("GET /rest/v1/tasks?select=i%64"), 200);
    check_refused(request("GET /rest/v1/tasks?select=i%2564"), 400, "PGRST100");
    // What would not decode a second time is a text like any other.
    assert_eq!(status("GET /rest/v1/tasks?id=eq.%2500"), 200);
}

#[test]
fn control_characters_in_headers_are_refused() {
    for value in ["a\0b", "a\nb", "a\rb", "\u{1b}[31m", "\u{7f}", "\u{85}"] {
        check_refused(with_headers("GET /", &[("x", value)]), 400, "bad_encoding");
        check_refused(
            with_headers("GET /rest/v1/tasks", &[("Prefer", value)]),
            400,
            "bad_encoding",
        );
    }
    assert_eq!(House::new().send(with_headers("GET /", &[("x", "a\tb é")])).status, 200);
}

#[test]
fn what_does_not_decode_is_refused_in_path_and_query() {
    for bad in ["%", "%4", "%zz", "%00", "%ff", "%c0%80", "%ed%a0%80"] {
        check_refused(request(&format!("GET /{bad}")), 400, "bad_encoding");
        check_refused(request(&format!("GET /a/b/c/{bad}")), 400, "bad_encoding");
        check_refused(request(&format!("GET /assets/{bad}")), 400, "bad_encoding");
        check_refused(request(&format!("GET /?q={bad}")), 400, "bad_encoding");
        check_refused(request(&format!("GET /rest/v1/{bad}")), 400, "bad_encoding");
        check_refused(request(&format!("GET /rest/v1/tasks?a=eq.{bad}")), 400, "bad_encoding");
        check_refused(request(&format!("POST /auth/v1/token?{bad}=1")), 400, "bad_encoding");
    }
}

#[test]
fn a_method_that_no_address_answers_is_405_with_allow() {
    for method in ["TRACE", "CONNECT", "FOO", "get", "PROPFIND", ""] {
        let page = check_refused(request(&format!("{method} /")), 405, "method_not_allowed");
        assert_eq!(header(&page, "allow"), Some("GET, HEAD, OPTIONS"));
        let table = check_refused(request(&format!("{method} /rest/v1/tasks")), 405, "PGRST117");
        assert_eq!(header(&table, "allow"), Some("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
        let nowhere = check_refused(request(&format!("{method} /x")), 405, "method_not_allowed");
        assert!(header(&nowhere, "allow").is_some());
    }
}

#[test]
fn a_method_that_this_address_does_not_answer_is_405_with_allow() {
    let cases = [
        ("POST /", "method_not_allowed", "GET, HEAD, OPTIONS"),
        ("DELETE /assets/a.css", "method_not_allowed", "GET, HEAD, OPTIONS"),
        ("GET /auth/v1/signup", "method_not_allowed", "POST, OPTIONS"),
        ("HEAD /auth/v1/token", "method_not_allowed", "POST, OPTIONS"),
        ("PUT /auth/v1/health", "method_not_allowed", "GET, HEAD, OPTIONS"),
        ("PUT /rest/v1/", "PGRST117", "GET, HEAD, OPTIONS"),
        ("POST /rest/v1/", "PGRST117", "GET, HEAD, OPTIONS"),
    ];
    for (line, code, allow) in cases {
        assert_eq!(
            header(&check_refused(request(line), 405, code), "allow"),
            Some(allow),
            "{line}"
        );
    }
}

#[test]
fn a_method_is_not_overridden_by_a_header() {
    let overridden = with_headers("PUT /rest/v1/", &[("X-HTTP-Method-Override", "GET")]);
    check_refused(overridden, 405, "PGRST117");
}

#[test]
fn nothing_is_where_nothing_is() {
    for line in ["GET /nothing", "GET //", "GET /account/x.css", "OPTIONS /nothing", "POST /index"]
    {
        check_refused(request(line), 404, "not_found");
    }
    for line in ["GET /rest/v1/a/b", "OPTIONS /rest/v1/a/b", "GET /rest/v1/tasks/"] {
        check_refused(request(line), 404, "PGRST125");
    }
    for line in ["GET /auth/v1", "OPTIONS /auth/v1/x", "GET /auth/v1/health/"] {
        check_refused(request(line), 404, "not_found");
    }
    check_refused(request("GET /assets/style-0000000000000000.css"), 404, "not_found");
}

#[test]
fn a_body_over_1_mib_is_refused_where_a_body_counts() {
    let too_large = |line: &str| Request { body: RequestBody::TooLarge, ..request(line) };
    for line in ["POST /rest/v1/tasks", "PATCH /rest/v1/tasks", "DELETE /rest/v1/tasks"] {
        check_refused(too_large(line), 413, "request_entity_too_large");
    }
    check_refused(too_large("POST /auth/v1/signup"), 413, "request_entity_too_large");
    assert_eq!(House::new().send(too_large("GET /rest/v1/tasks")).status, 200);
    assert_eq!(BODY_BYTES_MAX, 1_048_576);
}

#[test]
fn a_body_that_is_not_json_is_refused_with_what_is_read() {
    let refused = [
        "text/plain",
        "text/plain;charset=UTF-8",
        "multipart/form-data; boundary=x",
        "text/csvx",
        "application/jsonx",
        "application/json, text/plain",
        "application/ld+json",
        "json",
        "",
        ";application/json",
    ];
    for content_type in refused {
        for line in ["POST /rest/v1/tasks", "PATCH /rest/v1/tasks", "POST /auth/v1/token"] {
            let request = with_body(line, Some(content_type), "{}");
            let response = check_refused(request, 415, "unsupported_media_type");
            assert!(text(&response).contains("application/json") || line.contains("auth"));
        }
    }
    for rows in
        ["application/vnd.pgrst.object+json", "text/csv", "application/x-www-form-urlencoded"]
    {
        let request = with_body("POST /auth/v1/token", Some(rows), "{}");
        check_refused(request, 415, "unsupported_media_type");
    }
}

#[test]
fn a_body_that_is_json_or_nothing_passes() {
    let passes = [
        (Some("application/json"), "{}"),
        (Some("application/json;charset=UTF-8"), "{}"),
        (Some("Application/JSON ; q=1"), "{}"),
        (Some("application/vnd.pgrst.object+json"), "{}"),
        (Some("application/vnd.pgrst.array+json; nulls=stripped"), "{}"),
        (None, "{}"),
        (Some("text/plain"), ""),
        (None, ""),
    ];
    for (content_type, body) in passes {
        let request = with_body("DELETE /rest/v1/tasks", content_type, body);
        assert_eq!(House::new().send(request).status, 204, "{content_type:?}");
    }
    let get = with_body("GET /rest/v1/tasks", Some("text/plain"), "ignored");
    assert_eq!(House::new().send(get).status, 200);
}

// Cross-origin access.

#[test]
fn the_apis_are_open_to_every_origin_alike_and_the_pages_to_none() {
    for origin in ["https://a.example", "null", "http://127.0.0.1:54321"] {
        for line in ["GET /rest/v1/tasks", "GET /rest/v1/a/b", "GET /auth/v1/x", "TRACE /auth/v1/x"]
        {
            let response = House::new().send(with_headers(line, &[("Origin", origin)]));
            assert_eq!(header(&response, "access-control-allow-origin"), Some("*"), "{line}");
        }
        for line in ["GET /", "OPTIONS /", "GET /nothing", "GET /rest/v10"] {
            let response = House::new().send(with_headers(line, &[("Origin", origin)]));
            assert_eq!(header(&response, "access-control-allow-origin"), None, "{line}");
            assert_eq!(header(&response, "access-control-allow-methods"), None, "{line}");
        }
    }
}

#[test]
fn a_preflight_allows_what_supabase_js_sends_and_needs_no_token() {
    let asked = with_headers(
        "OPTIONS /auth/v1/token",
        &[("Authorization", "Bearer bad"), ("Access-Control-Request-Headers", "x-evil")],
    );
    let response = House::new().send(asked);
    assert_eq!(response.status, 200);
    assert_eq!(header(&response, "access-control-allow-methods"), Some("POST, OPTIONS"));
    let allowed: Vec<&str> =
        header(&response, "access-control-allow-headers").expect("a list").split(", ").collect();
    let sent = [
        "authorization",
        "apikey",
        "content-type",
        "accept",
        "prefer",
        "range",
        "accept-profile",
        "content-profile",
        "x-client-info",
        "x-supabase-api-version",
        "x-retry-count",
        "if-none-match",
        "traceparent",
        "tracestate",
        "baggage",
    ];
    for name in sent {
        assert!(allowed.contains(&name), "{name}");
    }
    assert!(!allowed.contains(&"x-evil"));
}

#[test]
fn the_version_is_echoed_to_who_asks_on_the_auth_dialect_alone() {
    let version = |line: &str, asked: &[(&str, &str)]| {
        let response = House::new().send(with_headers(line, asked));
        header(&response, "x-supabase-api-version").map(str::to_owned)
    };
    let name = "x-supabase-api-version";
    let spoken = Some("2024-01-01".to_owned());
    assert_eq!(version("GET /auth/v1/x", &[(name, "2024-01-01")]), spoken);
    assert_eq!(version("GET /auth/v1/x", &[(name, "2030-12-31")]), spoken);
    assert_eq!(version("GET /auth/v1/x", &[(name, "2023-12-31")]), None);
    assert_eq!(version("GET /auth/v1/x", &[(name, "zzzzzzzzzz")]), None);
    assert_eq!(version("GET /auth/v1/x", &[]), None);
    assert_eq!(version("GET /rest/v1/tasks", &[(name, "2024-01-01")]), None);
}

// Trouble.

#[test]
fn an_unreachable_database_is_503_with_retry_after() {
    let message = "D1_ERROR: D1 DB is overloaded. Requests queued for too long.";
    let house = House::at("http://127.0.0.1", Err(DbError::from_message(message)));
    let response = house.send(request("GET /rest/v1/tasks"));
    assert_eq!(response.status, 503);
    assert_eq!(header(&response, "retry-after"), Some("1"));
    assert_eq!(json_of(&response)["code"], "service_unavailable");
    assert!(!text(&response).contains("overloaded"), "{}", text(&response));
    assert_eq!(house.log_line()["cause"], message);
}

#[test]
fn a_defect_is_an_opaque_500_whose_id_the_log_has() {
    let message = "D1_ERROR: no such column: secret_column: SQLITE_ERROR";
    let house = House::at("http://127.0.0.1", Err(DbError::from_message(message)));
    let response = house.send(request("GET /rest/v1/tasks"));
    let id = "ab".repeat(16);
    assert_eq!(response.status, 500);
    assert_eq!(header(&response, "x-request-id"), Some(id.as_str()));
    assert_eq!(
        json_of(&response),
        json!({
            "code": "unexpected_failure",
            "message": format!("an unexpected failure; its id is {id}"),
            "details": null,
            "hint": null,
        })
    );
    let line = house.log_line();
    assert_eq!(line["request_id"], id);
    assert_eq!(line["level"], "error");
    assert!(line["cause"].as_str().is_some_and(|cause| cause.contains("secret_column")));
}

#[test]
fn misconfiguration_is_told_in_every_dialect_and_its_reason_only_to_the_log() {
    for path in ["/", "/rest/v1/tasks", "/auth/v1/token"] {
        let house = House::new();
        let error = Error::new(Code::Misconfigured, "the server is not set up")
            .cause("JWT_SECRET is shorter than 32 bytes");
        let response = app::refuse(&house.host, None, &request(&format!("GET {path}")), error);
        assert_eq!(response.status, 500, "{path}");
        assert!(text(&response).contains("the server is not set up"), "{path}");
        assert!(!text(&response).contains("JWT_SECRET"), "{path}");
        assert_eq!(house.log_line()["code"], "misconfigured");
        assert_eq!(house.log_line()["cause"], "JWT_SECRET is shorter than 32 bytes");
        assert!(header(&response, "content-security-policy").is_some());
    }
}

#[test]
fn a_header_that_cannot_be_sent_is_left_out_and_the_others_are_sent() {
    let house = House::new();
    let error = Error::new(Code::NotFound, "x").header("location", "/a\r\nset-cookie: b");
    let response = app::refuse(&house.host, None, &request("GET /x"), error);
    assert_eq!(header(&response, "location"), None);
    assert!(header(&response, "x-frame-options").is_some());
}

#[test]
fn errors_are_escaped_on_pages() {
    let house = House::new();
    let error = Error::new(Code::NotFound, "<script>alert(1)</script>");
    let response = app::refuse(&house.host, None, &request("GET /x"), error);
    assert!(!text(&response).contains("<script"), "{}", text(&response));
    assert!(text(&response).contains("&lt;script"), "{}", text(&response));
}

// The log.

/// A token of a user whose session the database is to confirm.
fn user_token() -> String {
    let claims = json!({
        "aud": "authenticated",
        "role": "authenticated",
        "sub": "11111111-1111-4111-8111-111111111111",
        "session_id": "22222222-2222-4222-8222-222222222222",
        "email": "canary@example.com",
        "exp": 1_700_003_600,
    });
    sign(&Secret::new(SECRET.into()), &claims.to_string())
}

#[test]
fn a_log_line_says_what_a_request_cost_and_nothing_that_it_held() {
    let token = user_token();
    let bearer = format!("Bearer {token}");
    let mut sent = with_headers(
        "PATCH /rest/v1/tasks?id=eq.canary-query",
        &[
            ("authorization", &bearer),
            ("cookie", "canary-cookie"),
            ("user-agent", "canary-agent\tx"),
            ("content-type", "application/json"),
        ],
    );
    sent.body = RequestBody::Bytes(br#"{"id":"canary-body"}"#.to_vec());
    let house = House::at("http://127.0.0.1", Ok(1));
    assert_eq!(house.send(sent).status, 204);
    let log = house.host.log.borrow().concat();
    for secret in ["canary", SECRET, &token] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
    expect![[r#"{"time":"2023-11-14T22:13:20.007Z","level":"info","request_id":"abababababababababababababababab","method":"PATCH","route":"/rest/v1/{table}","status":204,"role":"authenticated","user_id":"11111111-1111-4111-8111-111111111111","duration_ms":7,"round_trips":1,"statements":2,"rows_read":3,"rows_written":0}"#]].assert_eq(&log);
}

#[test]
fn a_log_line_of_signing_in_holds_neither_password_nor_address() {
    let requests = [
        ("POST /auth/v1/signup", r#"{"email":"canary@example.com","password":"canary-password"}"#),
        (
            "POST /auth/v1/token?grant_type=password",
            r#"{"email":"canary@example.com","password":"canary-password"}"#,
        ),
        ("POST /auth/v1/token?grant_type=refresh_token", r#"{"refresh_token":"canary-token"}"#),
        ("POST /auth/v1/token?grant_type=canary", r#"{"canary":"#),
    ];
    for (line, body) in requests {
        let house = House::new();
        let response = house.send(with_body(line, Some("application/json"), body));
        assert!(response.status >= 400, "{line}");
        let log = house.host.log.borrow().concat();
        assert!(!log.contains("canary"), "{log}");
        assert!(!text(&response).contains("canary-"), "{}", text(&response));
    }
}

#[test]
fn a_log_line_of_a_refusal_names_the_pattern_and_never_the_path() {
    let canary = "canary-in-the-path";
    for (line, code) in [
        ("GET /rest/v1/", "PGRST301"),
        ("GET /rest/v1/a/", "PGRST125"),
        ("GET /", "not_found"),
        ("GET /assets/", "not_found"),
        ("FOO /x/", "method_not_allowed"),
        ("GET /%zz", "bad_encoding"),
    ] {
        let house = House::new();
        let headers = [("Authorization", "Bearer canary-token")];
        house.send(with_headers(&format!("{line}{canary}"), &headers));
        assert_eq!(house.log_line()["code"], code, "{line}");
        let log = house.host.log.borrow().concat();
        assert!(!log.contains("canary"), "{log}");
    }
}

#[test]
fn an_endless_cause_is_cut() {
    let house = House::new();
    let error = Error::unexpected("é".repeat(100_000));
    app::refuse(&house.host, None, &request("GET /x"), error);
    assert!(house.host.log.borrow()[0].len() < 3_000);
}

// Pages and assets.

fn stylesheet(house: &House) -> String {
    let page = house.send(request("GET /"));
    let (_, rest) = text(&page).split_once("rel=\"stylesheet\" href=\"").expect("a stylesheet");
    house.host.log.borrow_mut().clear();
    rest.split('"').next().expect("a path").to_owned()
}

fn tag_of(house: &House, path: &str) -> String {
    let asset = house.send(request(&format!("GET {path}")));
    header(&asset, "etag").expect("a tag").to_owned()
}

#[test]
fn a_page_has_no_script_and_no_inline_style() {
    for line in ["GET /", "GET /nothing"] {
        let response = House::new().send(request(line));
        let page = text(&response);
        for banned in ["<script", "style=", "<style", " on", "javascript:", "http://", "https://"] {
            assert!(!page.contains(banned), "{banned} in {page}");
        }
    }
}

#[test]
fn an_asset_is_sent_again_only_when_it_is_another() {
    let house = House::new();
    let path = stylesheet(&house);
    let tag = tag_of(&house, &path);
    let status = |sent: &str| {
        house.send(with_headers(&format!("GET {path}"), &[("If-None-Match", sent)])).status
    };
    assert_eq!(status(&tag), 304);
    assert_eq!(status(&format!("W/{tag}")), 304);
    assert_eq!(status(&format!("\"other\", {tag}")), 304);
    assert_eq!(status("*"), 304);
    assert_eq!(status("\"other\""), 200);
    assert_eq!(status(tag.trim_matches('"')), 200);
    assert_eq!(status(""), 200);
}
