//! The auth dialect on the native host: refusals first, then what a client gets.

mod support;

use pollster::block_on;
use serde_json::{Value, json};

use selvedge::auth;
use selvedge::config::Config;
use selvedge::db::DbError;
use selvedge::error::{Dialect, Error};
use selvedge::host::Host;
use selvedge::http::{Body, Headers, Method, Request, RequestBody};
use selvedge::route::Endpoint;
use support::{NativeHost, START, config};

/// An answer as a client would see it.
#[derive(Debug, PartialEq)]
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Value,
    /// What only the log sees.
    cause: Option<String>,
}

impl Answer {
    fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| {
            panic!("{pointer} is a text in {}", self.body);
        })
    }

    #[track_caller]
    fn is(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.text("/code")), (status, code), "{}", self.body);
    }
}

/// A project with its one database, as a client sees it through the corridor.
struct World {
    host: NativeHost,
    config: Config,
}

impl World {
    fn new() -> Self {
        Self { host: NativeHost::new(""), config: config() }
    }

    /// With Ann, who has signed up.
    fn with_ann() -> (Self, Answer) {
        let world = Self::new();
        let ann = world.post("/auth/v1/signup", &credentials("ann@example.com"));
        assert_eq!(ann.status, 200, "{}", ann.body);
        world.host.take_usage();
        world.host.hashes.set(0);
        (world, ann)
    }

    fn post(&self, address: &str, body: &Value) -> Answer {
        self.send(Method::Post, address, &[], body.to_string().as_bytes())
    }

    fn password(&self, body: &Value) -> Answer {
        self.post("/auth/v1/token?grant_type=password", body)
    }

    fn refresh(&self, token: &str) -> Answer {
        let body = json!({ "refresh_token": token });
        self.post("/auth/v1/token?grant_type=refresh_token", &body)
    }

    fn get_user(&self, token: &str) -> Answer {
        self.authorized(Method::Get, "/auth/v1/user", token)
    }

    fn authorized(&self, method: Method, address: &str, token: &str) -> Answer {
        self.send(method, address, &[("authorization", &format!("Bearer {token}"))], b"")
    }

    fn send(&self, method: Method, address: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let endpoint = Endpoint::ALL.into_iter().find(|endpoint| endpoint.path() == path);
        let request = Request {
            method: Some(method),
            path: path.into(),
            query: query.into(),
            headers: Headers::new(headers.iter().map(|(n, v)| ((*n).into(), (*v).into()))),
            body: RequestBody::Bytes(body.to_vec()),
        };
        block_on(self.answer(endpoint.expect("an endpoint"), &request))
    }

    async fn answer(&self, endpoint: Endpoint, request: &Request) -> Answer {
        let identity = auth::identify(&request.headers, &self.config, self.host.now())
            .map_err(|error| error.error(Dialect::Auth));
        let served = match &identity {
            Ok(who) => auth::serve(&self.host, &self.config, endpoint, who, request).await,
            Err(error) => Err(error.clone()),
        };
        match served {
            Ok(response) => Answer {
                status: response.status,
                headers: response.headers,
                body: match response.body {
                    Body::Text(text) => serde_json::from_str(&text).expect("JSON"),
                    Body::Empty => Value::Null,
                    Body::Array(_) | Body::First(_) => panic!("no rows in this dialect"),
                },
                cause: None,
            },
            Err(error) => refusal(&error),
        }
    }
}

fn refusal(error: &Error) -> Answer {
    Answer {
        status: error.code.status(),
        headers: error.headers.clone(),
        body: serde_json::from_str(&error.body(Dialect::Auth)).expect("JSON"),
        cause: error.cause.clone(),
    }
}

const PASSWORD: &str = "correct horse";

fn credentials(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD })
}

fn unavailable() -> DbError {
    DbError::from_message("D1_ERROR: Network connection lost.")
}

#[test]
fn signing_up_answers_with_a_session() {
    let (world, ann) = World::with_ann();
    let id = ann.text("/user/id").to_owned();
    let identity = json!({
        "identity_id": id,
        "id": id,
        "user_id": id,
        "identity_data": {
            "email": "ann@example.com",
            "email_verified": true,
            "phone_verified": false,
            "sub": id,
        },
        "provider": "email",
        "last_sign_in_at": "2026-08-20T10:11:12.345Z",
        "created_at": "2026-08-20T10:11:12.345Z",
        "updated_at": "2026-08-20T10:11:12.345Z",
        "email": "ann@example.com",
    });
    let expected = json!({
        "access_token": ann.text("/access_token"),
        "token_type": "bearer",
        "expires_in": 3600,
        "expires_at": START / 1000 + 3600,
        "refresh_token": ann.text("/refresh_token"),
        "user": {
            "id": id,
            "aud": "authenticated",
            "role": "authenticated",
            "email": "ann@example.com",
            "email_confirmed_at": "2026-08-20T10:11:12.345Z",
            "phone": "",
            "confirmed_at": "2026-08-20T10:11:12.345Z",
            "last_sign_in_at": "2026-08-20T10:11:12.345Z",
            "app_metadata": { "provider": "email", "providers": ["email"] },
            "user_metadata": { "email_verified": true },
            "identities": [identity],
            "created_at": "2026-08-20T10:11:12.345Z",
            "updated_at": "2026-08-20T10:11:12.345Z",
            "is_anonymous": false,
        },
    });
    assert_eq!(ann.body, expected);
    assert_eq!(world.get_user(ann.text("/access_token")).body, expected["user"]);
}

#[test]
fn signing_in_takes_two_round_trips_and_one_comparison() {
    let (world, _) = World::with_ann();
    world.host.advance(1000);
    let session = world.password(&credentials("Ann@EXAMPLE.com"));
    assert_eq!(session.status, 200, "{}", session.body);
    assert_eq!(session.text("/user/last_sign_in_at"), "2026-08-20T10:11:13.345Z");
    assert_eq!(world.host.take_usage().round_trips, 2);
    assert_eq!((world.host.hashes.get(), world.host.comparisons.get()), (0, 1));
}
