//! The auth dialect on the native host, endpoint by endpoint: what a client gets, and every refusal.
//!
//! Requests go straight to `auth::serve`; the corridor around it has tests of its own.

#[path = "../support/mod.rs"]
mod support;

mod sign_up;
mod sign_in;
mod refresh;
mod sessions;
mod session_list;
mod limits;
mod admin_users;
mod admin_links;
mod audit;
mod many;
mod secrets;
mod mailed;
mod anonymous;
mod confirm;
mod otp;
mod page;
mod pkce;
mod recover;
mod resend;
mod rivals;
mod user;
mod verify;
mod issuer;
mod oauth;
mod oauth_state;
mod provider_answers;
mod arrival;
mod identities;
mod id_token;
mod callback_form;
mod tenants;
mod limits_of_tries;
mod limits_of_codes;
mod passwords;
mod turnstile;
mod door;
mod equal_work;
mod limits_of_mail;
mod authenticator;
mod factors;
mod factor_codes;
mod factor_settings;
mod recovery_codes;
mod sealed;
mod trouble;
mod simulator;
mod mutants;
mod classes;
mod mail;
mod outbox;
mod transports;
mod cleanup;
mod second_factor;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pollster::block_on;
use serde_json::{Value, json};

use selvedge::auth::{self, Call};
use selvedge::config::Config;
use selvedge::db::DbError;
use selvedge::error::{Dialect, Error};
use selvedge::host::Host;
use selvedge::http::{Body, Headers, Method, Request, RequestBody};
use selvedge::route::Route;
use support::{NativeHost, config};

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

    fn access_token(&self) -> &str {
        self.text("/access_token")
    }

    fn refresh_token(&self) -> &str {
        self.text("/refresh_token")
    }

    #[track_caller]
    fn is_session(&self) {
        assert_eq!(self.status, 200, "{}", self.body);
        assert!(!self.access_token().is_empty() && !self.refresh_token().is_empty());
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

    fn host_now(&self) -> i64 {
        self.host.now()
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
        let request = request(method, address, headers, body);
        block_on(self.answer(&request))
    }

    /// A request that can be run beside others.
    async fn refresh_beside(&self, token: &str) -> Answer {
        let body = json!({ "refresh_token": token }).to_string();
        let address = "/auth/v1/token?grant_type=refresh_token";
        self.answer(&request(Method::Post, address, &[], body.as_bytes())).await
    }

    async fn answer(&self, request: &Request) -> Answer {
        let route = Route::find(&request.path).expect("a path that decodes");
        let Some(Route::Auth(endpoint, ids)) = route else { panic!("no endpoint: {route:?}") };
        let identity = auth::identify(&request.headers, &self.config, self.host.now())
            .map_err(|error| error.refusal(Dialect::Auth));
        let served = match &identity {
            Ok(who) => {
                let call = Call { config: &self.config, who, endpoint, ids: &ids, request };
                auth::serve(&self.host, &call).await
            }
            Err(error) => Err(error.clone()),
        };
        match served {
            Ok(response) => Answer {
                status: response.status,
                headers: response
                    .headers
                    .into_iter()
                    .map(|(name, value)| (name, value.into_owned()))
                    .collect(),
                body: match response.body {
                    Body::Text(text) => serde_json::from_str(&text).expect("JSON"),
                    Body::Empty => Value::Null,
                    Body::Array(_) | Body::First(_) | Body::Lines(..) => {
                        panic!("no rows in this dialect")
                    }
                },
                cause: None,
            },
            Err(error) => refusal(&error),
        }
    }
}

fn request(method: Method, address: &str, headers: &[(&str, &str)], body: &[u8]) -> Request {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    Request {
        method: Some(method),
        path: path.into(),
        query: query.into(),
        headers: Headers::new(headers.iter().map(|(n, v)| ((*n).into(), (*v).into()))),
        body: RequestBody::Bytes(body.to_vec()),
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

/// What an access token says, its signature unchecked.
fn claims(token: &str) -> Value {
    let part = token.split('.').nth(1).expect("three parts");
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

const PASSWORD: &str = "correct horse";

fn credentials(email: &str) -> Value {
    json!({ "email": email, "password": PASSWORD })
}

fn unavailable() -> DbError {
    DbError::from_message("D1_ERROR: Network connection lost.")
}
