//! Every address, every method, every kind of caller: what each door answers.
//!
//! The tables below are the expectation itself. A new route or endpoint does not compile until
//! [`doors`] lists it; a refusal is written as status and code, a welcome as the status alone.

mod support;

use std::collections::BTreeSet;

use serde_json::json;

use selvedge::auth;
use selvedge::http::{Headers, Method, Request, RequestBody};
use selvedge::identity::Role;
use selvedge::route::{ABSENT, Endpoint, Inbox, Route};
use selvedge::secret::Secret;
use support::config_with;
use support::corridor::{
    ADA, ALAN, Answer, Caller, GRACE, House, MALLORY, Person, claims, key, token,
};

/// Whoever may come to a door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guest {
    NoKey,
    AnonKey,
    Outsider,
    Viewer,
    Editor,
    Owner,
    ServiceKey,
    WrongSignature,
    Malformed,
    Expired,
    NotYetValid,
    AlgorithmNone,
    OtherAlgorithm,
    SessionEnded,
    SessionOfAnother,
    PreviousSecret,
    ForgottenSecret,
    RefreshToken,
    OtherIssuer,
    OtherAudience,
    UnknownRole,
    NoExpiry,
    KeyInQuery,
}

impl Guest {
    const ALL: [Self; 23] = [
        Self::NoKey,
        Self::AnonKey,
        Self::Outsider,
        Self::Viewer,
        Self::Editor,
        Self::Owner,
        Self::ServiceKey,
        Self::WrongSignature,
        Self::Malformed,
        Self::Expired,
        Self::NotYetValid,
        Self::AlgorithmNone,
        Self::OtherAlgorithm,
        Self::SessionEnded,
        Self::SessionOfAnother,
        Self::PreviousSecret,
        Self::ForgottenSecret,
        Self::RefreshToken,
        Self::OtherIssuer,
        Self::OtherAudience,
        Self::UnknownRole,
        Self::NoExpiry,
        Self::KeyInQuery,
    ];

    /// Whether the token, if it is good, says that somebody has signed in.
    fn is_user(self) -> bool {
        !matches!(self, Self::NoKey | Self::AnonKey | Self::ServiceKey | Self::KeyInQuery)
    }

    /// Whether the token is refused wherever one is read, before anything else is looked at.
    fn is_forged(self) -> bool {
        match self {
            Self::NoKey
            | Self::AnonKey
            | Self::Outsider
            | Self::Viewer
            | Self::Editor
            | Self::Owner
            | Self::ServiceKey
            | Self::SessionEnded
            | Self::SessionOfAnother
            | Self::PreviousSecret
            | Self::KeyInQuery => false,
            Self::WrongSignature
            | Self::Malformed
            | Self::Expired
            | Self::NotYetValid
            | Self::AlgorithmNone
            | Self::OtherAlgorithm
            | Self::ForgottenSecret
            | Self::RefreshToken
            | Self::OtherIssuer
            | Self::OtherAudience
            | Self::UnknownRole
            | Self::NoExpiry => true,
        }
    }
}

const SECRET_BEFORE: &str = "the secret before this one, also 32 bytes";

fn house() -> House {
    let mut house = House::demo();
    house.app.config = config_with(&[("JWT_SECRET_PREVIOUS", SECRET_BEFORE)]);
    house
}

/// A token as an attacker without the secret can write it, and one for each way to be wrong.
fn bearer(house: &House, guest: Guest) -> Option<String> {
    let config = &house.app.config;
    let sign = |secret: &str, claims: serde_json::Value| {
        auth::sign(&Secret::new(secret.to_owned()), &claims.to_string())
    };
    let with = |name: &str, value: serde_json::Value| {
        let mut changed = claims(config, ADA);
        changed[name] = value;
        sign(support::JWT_SECRET, changed)
    };
    let now = support::START / 1000;
    let good = token(config, ADA);
    let reheaded = |header: &str, signature: &str| {
        let body = good.split('.').nth(1).expect("three parts");
        format!("{}.{body}.{signature}", base64url(header))
    };
    Some(match guest {
        Guest::NoKey | Guest::KeyInQuery => return None,
        Guest::AnonKey => key(config, Role::Anon),
        Guest::ServiceKey => key(config, Role::ServiceRole),
        Guest::Outsider => token(config, MALLORY),
        Guest::Viewer => token(config, ALAN),
        Guest::Editor => token(config, GRACE),
        Guest::Owner => good,
        Guest::WrongSignature => sign("another secret of 32 bytes, not ours", claims(config, ADA)),
        Guest::Malformed => format!("{good}="),
        Guest::Expired => with("exp", json!(now - 30)),
        Guest::NotYetValid => with("nbf", json!(now + 31)),
        Guest::AlgorithmNone => reheaded(r#"{"alg":"none","typ":"JWT"}"#, ""),
        Guest::OtherAlgorithm => {
            reheaded(r#"{"alg":"RS256","typ":"JWT"}"#, good.rsplit('.').next().unwrap_or(""))
        }
        Guest::SessionEnded => with("session_id", json!("bbbbbbbb-1111-4111-8111-111111111111")),
        Guest::SessionOfAnother => with("session_id", json!(GRACE.session())),
        Guest::PreviousSecret => sign(SECRET_BEFORE, claims(config, ADA)),
        Guest::ForgottenSecret => {
            sign("the secret before the one before this", claims(config, ADA))
        }
        Guest::RefreshToken => refresh_token(house),
        Guest::OtherIssuer => with("iss", json!("https://evil.example/auth/v1")),
        Guest::OtherAudience => with("aud", json!("anon")),
        Guest::UnknownRole => with("role", json!("postgres")),
        Guest::NoExpiry => {
            let mut endless = claims(config, ADA);
            endless.as_object_mut().expect("claims").remove("exp");
            sign(support::JWT_SECRET, endless)
        }
    })
}

fn base64url(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
}

/// Ada's, after she has signed in with her password.
fn refresh_token(house: &House) -> String {
    let body = format!(r#"{{"email":"{}","password":"selvedge-demo"}}"#, ADA.1);
    let path = "/auth/v1/token?grant_type=password";
    let headers = [("content-type", "application/json")];
    let answer = house.send("POST", path, &headers, body.as_bytes());
    answer.json()["refresh_token"].as_str().expect("a refresh token").to_owned()
}

/// Every address there is, each with a request for each method that it answers.
fn doors() -> Vec<Route> {
    let mut doors = vec![
        Route::Home,
        Route::Asset { name: "style.css".into() },
        Route::RestRoot,
        Route::OpenApi,
        Route::Table { name: "tasks".into() },
        Route::Table { name: "nothing".into() },
        Route::Function { name: "my_open_tasks".into() },
        Route::Function { name: "nothing".into() },
        Route::Inbox(Inbox::Page),
        Route::Inbox(Inbox::Messages),
        Route::Inbox(Inbox::Search),
        Route::Inbox(Inbox::Message { id: "latest".into() }),
    ];
    doors.extend(Endpoint::ALL.iter().map(|endpoint| Route::Auth(*endpoint, ids(*endpoint))));
    doors.extend(ABSENT.iter().map(Route::Absent));
    // Whoever adds a route finds this and adds it above.
    for door in &doors {
        match door {
            Route::Home
            | Route::Asset { .. }
            | Route::Absent(_)
            | Route::RestRoot
            | Route::OpenApi
            | Route::Table { .. }
            | Route::Function { .. } => {}
            Route::Inbox(Inbox::Page | Inbox::Messages | Inbox::Search | Inbox::Message { .. }) => {
            }
            Route::Auth(endpoint, _) => match endpoint {
                Endpoint::Signup
                | Endpoint::Token
                | Endpoint::User
                | Endpoint::Recover
                | Endpoint::Otp
                | Endpoint::MagicLink
                | Endpoint::Verify
                | Endpoint::Resend
                | Endpoint::Reauthenticate
                | Endpoint::Logout
                | Endpoint::Factors
                | Endpoint::Factor
                | Endpoint::FactorChallenge
                | Endpoint::FactorVerify
                | Endpoint::RecoveryCodes
                | Endpoint::RecoveryCodesVerify
                | Endpoint::Sessions
                | Endpoint::Session
                | Endpoint::Authorize
                | Endpoint::Callback
                | Endpoint::LinkIdentity
                | Endpoint::Identity
                | Endpoint::AdminUsers
                | Endpoint::AdminUser
                | Endpoint::AdminUserLogout
                | Endpoint::AdminUserFactors
                | Endpoint::AdminUserFactor
                | Endpoint::AdminGenerateLink
                | Endpoint::Invite
                | Endpoint::AdminAudit
                | Endpoint::Settings
                | Endpoint::Health
                | Endpoint::Jwks => {}
            },
        }
    }
    doors
}

/// An id of nothing for each place in the endpoint's path.
fn ids(endpoint: Endpoint) -> Vec<String> {
    let places = endpoint.path().matches('{').count();
    vec!["99999999-9999-4999-8999-999999999999".to_owned(); places]
}

/// Methods by name, also those which nobody knows.
const METHODS: [&str; 12] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PROPFIND",
    "get", "",
];

fn knock(house: &House, guest: Guest, method: &str, door: &Route) -> Answer {
    knock_with(house, (guest, bearer(house, guest).as_deref()), method, door)
}

fn knock_with(
    house: &House,
    (guest, token): (Guest, Option<&str>),
    method: &str,
    door: &Route,
) -> Answer {
    let headers = token.map(|token| ("authorization".to_owned(), format!("Bearer {token}")));
    let service = key(&house.app.config, Role::ServiceRole);
    let query = match guest {
        Guest::KeyInQuery => format!("apikey={service}&access_token={service}"),
        _ => String::new(),
    };
    let method = Method::parse(method);
    let (path, headers) = (door.path(), Headers::new(headers));
    house.answer(Request { method, path, query, headers, body: RequestBody::Bytes(Vec::new()) })
}

fn told(answer: &Answer) -> String {
    match answer.code().as_str() {
        "" => answer.status.to_string(),
        code => format!("{} {code}", answer.status),
    }
}

/// What a door answers to a request without a body, by the method and the guest.
fn expected(guest: Guest, method: &str, door: &Route) -> String {
    let named = Method::parse(method);
    let is_rest = matches!(
        door,
        Route::RestRoot | Route::OpenApi | Route::Table { .. } | Route::Function { .. }
    );
    let asks = named == Some(Method::Options);
    // What a table allows is asked like everything else of it; browsers ask with a header of theirs.
    if asks && !matches!(door, Route::Table { .. }) {
        return "200".into();
    }
    if !asks && named.is_none_or(|method| !door.methods().contains(&method)) {
        return match door {
            Route::Home | Route::Asset { .. } | Route::Inbox(_) => "405".into(),
            Route::Absent(_) => "405 method_not_allowed".into(),
            Route::Auth(..) if named == Some(Method::Head) => "405".into(),
            Route::Auth(..) => "405 method_not_allowed".into(),
            Route::RestRoot | Route::OpenApi | Route::Table { .. } => "405 PGRST117".into(),
            Route::Function { .. } if named.is_some() => "405 PGRST101".into(),
            Route::Function { .. } => "405 PGRST117".into(),
        };
    }
    let refusal = match door {
        // Pages read no token at all.
        Route::Home => return "200".into(),
        Route::Asset { .. } => return "404".into(),
        // Nothing is there but on a machine for development.
        Route::Inbox(_) => return "404".into(),
        _ if guest.is_forged() && is_rest => match guest {
            Guest::Expired
            | Guest::NotYetValid
            | Guest::OtherIssuer
            | Guest::OtherAudience
            | Guest::UnknownRole
            | Guest::NoExpiry => "401 PGRST303",
            _ => "401 PGRST301",
        },
        _ if guest.is_forged() => "401 bad_jwt",
        // They describe, and ask no database whether the session has ended.
        Route::RestRoot | Route::OpenApi => "200",
        Route::Table { name } if name == "nothing" => "404 PGRST205",
        Route::Table { .. } => at_tasks(guest, method),
        Route::Function { name } if name == "nothing" && method != "POST" => "404 PGRST202",
        Route::Function { name } => at_function(guest, method, name),
        Route::Absent(absent) => match absent.code.wire() {
            "saml_provider_disabled" => "404 saml_provider_disabled",
            "passkey_disabled" => "404 passkey_disabled",
            _ => "404 feature_disabled",
        },
        Route::Auth(endpoint, _) => at_endpoint(guest, method, *endpoint),
    };
    // Of a refused `HEAD` one learns the status, and the code in a header.
    if named == Some(Method::Head) { refusal[..3].to_owned() } else { refusal.to_owned() }
}

/// `tasks` without any filter, and without a body where there should be one.
fn at_tasks(guest: Guest, method: &str) -> &'static str {
    match (method, guest) {
        ("OPTIONS", _) => "200",
        // It is a filter on a column like any other, and no filter at that.
        (_, Guest::KeyInQuery) => "400 PGRST100",
        ("POST" | "PUT" | "PATCH", _) => "400 PGRST102",
        (_, Guest::NoKey | Guest::AnonKey) => "401 42501",
        (_, Guest::SessionEnded | Guest::SessionOfAnother) => "401 PGRST303",
        ("DELETE", _) => "204",
        _ => "200",
    }
}

/// A function that `authenticated` may execute, or one that is not there, without any argument.
fn at_function(guest: Guest, method: &str, name: &str) -> &'static str {
    match (method, guest) {
        // It is no argument, and behind `POST` no filter.
        ("POST", Guest::KeyInQuery) => "400 PGRST100",
        (_, Guest::KeyInQuery) => "404 PGRST202",
        _ if name == "nothing" => "404 PGRST202",
        (_, Guest::NoKey | Guest::AnonKey) => "401 42501",
        (_, Guest::SessionEnded | Guest::SessionOfAnother) => "401 PGRST303",
        _ => "200",
    }
}

fn at_endpoint(guest: Guest, method: &str, endpoint: Endpoint) -> &'static str {
    match endpoint {
        Endpoint::AdminUsers
        | Endpoint::AdminUser
        | Endpoint::AdminUserLogout
        | Endpoint::AdminUserFactors
        | Endpoint::AdminUserFactor
        | Endpoint::AdminGenerateLink
        | Endpoint::Invite
        | Endpoint::AdminAudit => at_admin(guest, method, endpoint),
        Endpoint::Signup
        | Endpoint::Recover
        | Endpoint::Otp
        | Endpoint::MagicLink
        | Endpoint::Resend => "400 bad_json",
        Endpoint::Verify if method == "POST" => "400 bad_json",
        Endpoint::Verify => "400 validation_failed",
        Endpoint::Token => "400 invalid_credentials",
        Endpoint::Settings | Endpoint::Health | Endpoint::Jwks => "200",
        Endpoint::Authorize => "400 validation_failed",
        Endpoint::Callback => "400 bad_oauth_callback",
        _ if !guest.is_user() => "401 no_authorization",
        Endpoint::LinkIdentity => "404 manual_linking_disabled",
        Endpoint::Factors | Endpoint::FactorVerify | Endpoint::RecoveryCodesVerify => {
            "400 bad_json"
        }
        Endpoint::User if method == "PUT" => "400 bad_json",
        _ if matches!(guest, Guest::SessionEnded | Guest::SessionOfAnother) => {
            "403 session_not_found"
        }
        Endpoint::User | Endpoint::Reauthenticate => "200",
        Endpoint::Logout => "204",
        Endpoint::Factor | Endpoint::FactorChallenge => "404 mfa_factor_not_found",
        Endpoint::RecoveryCodes if method == "POST" => "403 insufficient_aal",
        Endpoint::RecoveryCodes => "200",
        Endpoint::Sessions => "200",
        Endpoint::Session => "404 not_found",
        // Who has another identity is told apart from who has none.
        Endpoint::Identity if guest == Guest::Outsider => "422 single_identity_not_deletable",
        Endpoint::Identity => "422 identity_not_found",
    }
}

/// What is for the owner's server alone; nothing is said of accounts to anybody else.
fn at_admin(guest: Guest, method: &str, endpoint: Endpoint) -> &'static str {
    match (guest, endpoint) {
        (Guest::NoKey | Guest::KeyInQuery, _) => "401 no_authorization",
        (Guest::ServiceKey, Endpoint::AdminGenerateLink | Endpoint::Invite) => "400 bad_json",
        (Guest::ServiceKey, _) if matches!(method, "POST" | "PUT") => match endpoint {
            Endpoint::AdminUserLogout => "404 user_not_found",
            _ => "400 bad_json",
        },
        (Guest::ServiceKey, Endpoint::AdminUsers | Endpoint::AdminAudit) => "200",
        (Guest::ServiceKey, _) => "404 user_not_found",
        _ => "403 not_admin",
    }
}

#[test]
fn every_door_answers_every_guest_and_every_method_as_listed() {
    let mut failures = Vec::new();
    for guest in Guest::ALL {
        let mut house = house();
        let token = bearer(&house, guest);
        let mut before = house.host.dump();
        let mut changes = house.host.total_changes();
        for door in doors() {
            for method in METHODS {
                let line = format!("{method} {} by {guest:?}", door.path());
                let answer = knock_with(&house, (guest, token.as_deref()), method, &door);
                let (found, expected) = (told(&answer), expected(guest, method, &door));
                if found != expected {
                    failures.push(format!("{line}: {found} instead of {expected}"));
                }
                check_headers(&answer, &line);
                let logged = house.host.log.take().concat();
                let code = found.split_once(' ').map_or("", |(_, code)| code);
                if answer.status >= 400 && !logged.contains(&format!(r#""code":"{code}"#)) {
                    failures.push(format!("{line}: the log does not say why: {logged}"));
                }
                if house.host.total_changes() != changes && house.host.dump() != before {
                    if answer.status >= 400 {
                        failures.push(format!("{line}: refused, and something has changed"));
                    }
                    house = self::house();
                    before = house.host.dump();
                    changes = house.host.total_changes();
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}\n{}", failures.len(), failures.join("\n"));
}

#[track_caller]
fn check_headers(answer: &Answer, line: &str) {
    for name in ["content-security-policy", "x-content-type-options", "cache-control"] {
        assert!(answer.header(name).is_some(), "{line} lacks {name}");
    }
    match answer.status {
        401 => assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{line}"),
        405 => assert!(answer.header("allow").is_some(), "{line} lacks allow"),
        _ => {}
    }
}

/// The people of the table below, from least to most.
const PEOPLE: [(&str, Guest); 7] = [
    ("nobody", Guest::NoKey),
    ("anon", Guest::AnonKey),
    ("mallory", Guest::Outsider),
    ("alan", Guest::Viewer),
    ("grace", Guest::Editor),
    ("ada", Guest::Owner),
    ("service", Guest::ServiceKey),
];

/// What comes of a request for each of [`PEOPLE`]: the number of rows it reads or changes, or the
/// status of its refusal. To change what one may not touch touches nothing.
const TABLES: &str = r#"
                                                               |  nobody    anon mallory    alan   grace     ada service
GET projects?id=eq.1                                           |     401     401       0       1       1       1       1
GET members?project_id=eq.1                                    |     401     401       0       3       3       3       3
GET tasks?project_id=eq.1                                      |     401     401       0       3       3       3       3
GET comments?task_id=eq.2                                      |     401     401       0       2       2       2       2
GET labels?project_id=eq.1                                     |     401     401       0       2       2       2       2
GET task_labels?task_id=eq.2                                   |     401     401       0       2       2       2       2
GET project_notes?project_id=eq.1                              |     401     401       0       0       0       1       1
GET memberships?project_id=eq.1                                |     401     401       0       1       1       1       3
GET open_tasks?project_id=eq.1                                 |     401     401       0       2       2       2       2

POST projects {"name":"x","owner_id":"ada"}                    |     401     401     403     403     403       1       1
POST members {"project_id":1,"user_id":"mallory"}              |     401     401     403     403     403       1       1
POST tasks {"project_id":1,"title":"x"}                        |     401     401     403     403       1       1       1
POST comments {"task_id":1,"author_id":"ada","body":"x"}       |     401     401     403     403     403       1       1
POST labels {"project_id":1,"name":"x"}                        |     401     401     403     403       1       1       1
POST task_labels {"task_id":3,"label_id":1}                    |     401     401     403     403       1       1       1
POST project_notes {"project_id":1}                            |     401     401     403     403     403     409     409
POST memberships {"project_id":1}                              |     401     401     403     403     403     403     405
POST open_tasks {"project_id":1}                               |     401     401     403     403     403     403     405

PATCH projects?id=eq.1 {"name":"x"}                            |     401     401       0       0       0       1       1
PATCH members?project_id=eq.1&role=eq.editor {"role":"viewer"} |     401     401       0       0       0       1       1
PATCH tasks?id=eq.1 {"title":"x"}                              |     401     401       0       0       1       1       1
PATCH comments?id=eq.1 {"body":"x"}                            |     401     401       0       0       0       1       1
PATCH labels?id=eq.1 {"name":"x"}                              |     401     401       0       0       1       1       1
PATCH task_labels?task_id=eq.1 {"label_id":1}                  |     401     401       0       0       1       1       1
PATCH project_notes?project_id=eq.1 {"body":"x"}               |     401     401       0       0       0       1       1
PATCH memberships?project_id=eq.1 {"role":"x"}                 |     401     401     403     403     403     403     405
PATCH open_tasks?id=eq.2 {"title":"x"}                         |     401     401     403     403     403     403     405

DELETE projects?id=eq.1                                        |     401     401       0       0       0       1       1
DELETE members?project_id=eq.1                                 |     401     401       0       0       0       2       3
DELETE tasks?project_id=eq.1                                   |     401     401       0       0       3       3       3
DELETE comments?task_id=eq.2                                   |     401     401       0       0       1       1       2
DELETE labels?project_id=eq.1                                  |     401     401       0       0       2       2       2
DELETE task_labels?task_id=eq.2                                |     401     401       0       0       2       2       2
DELETE project_notes?project_id=eq.1                           |     401     401       0       0       0       1       1
DELETE memberships?project_id=eq.1                             |     401     401     403     403     403     403     405
DELETE open_tasks?id=eq.2                                      |     401     401     403     403     403     403     405
"#;

#[test]
fn every_table_answers_every_verb_of_everybody_as_listed() {
    let mut failures = Vec::new();
    let mut listed = BTreeSet::new();
    let rows = TABLES.lines().skip(2).filter(|row| !row.is_empty());
    for (request, expected) in rows.map(|row| row.split_once(" | ").expect("two parts")) {
        let mut words = request.trim_end().splitn(3, ' ');
        let mut word = || words.next().unwrap_or_default();
        let (method, target, body) = (word(), word(), word());
        let body = body.replace("\"ada\"", &format!("\"{}\"", ADA.0));
        let body = body.replace("\"mallory\"", &format!("\"{}\"", MALLORY.0));
        listed.insert((method, target.split('?').next().unwrap_or(target).to_owned()));
        for ((name, guest), expected) in PEOPLE.into_iter().zip(expected.split_whitespace()) {
            let house = House::demo();
            let mut headers = vec![("prefer", "count=exact,return=minimal")];
            let bearer = bearer(&house, guest).map(|token| format!("Bearer {token}"));
            headers.extend(bearer.as_ref().map(|bearer| ("authorization", bearer.as_str())));
            headers.push(("content-type", "application/json"));
            let target = format!("/rest/v1/{target}");
            let answer = house.send(method, &target, &headers, body.as_bytes());
            let range = answer.header("content-range").and_then(|range| range.split_once('/'));
            let found = range.map_or(answer.status.to_string(), |(_, total)| total.to_owned());
            if found != expected {
                failures.push(format!("{method} {target} by {name}: {found}, not {expected}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    // No verb of any table of the demo is left out.
    let house = House::demo();
    let tables = house.app.catalog.tables.iter().flat_map(|table| {
        ["GET", "POST", "PATCH", "DELETE"].map(|method| (method, table.name.clone()))
    });
    assert_eq!(listed, tables.collect());
}

#[test]
fn selvedges_own_tables_are_behind_no_door() {
    let house = House::demo();
    for table in ["auth_users", "auth_sessions", "sqlite_schema", "sqlite_master", "AUTH_USERS"] {
        for guest in [Guest::Owner, Guest::ServiceKey] {
            for method in ["GET", "DELETE"] {
                let answer = knock(&house, guest, method, &Route::Table { name: table.into() });
                assert_eq!(told(&answer), "404 PGRST205", "{method} {table} by {guest:?}");
            }
        }
    }
    let answer = house.send(
        "GET",
        "/rest/v1/projects?select=id,auth_users(*)",
        &[("apikey", &key(&house.app.config, Role::ServiceRole))],
        b"",
    );
    assert_eq!(told(&answer), "400 PGRST200");
}

#[test]
fn signing_out_closes_every_door_at_once() {
    let house = House::demo();
    let bearer = format!("Bearer {}", token(&house.app.config, ADA));
    let headers = [("authorization", bearer.as_str())];
    let ask = |method: &str, path: &str| told(&house.send(method, path, &headers, b""));
    assert_eq!(ask("GET", "/rest/v1/tasks"), "200");
    assert_eq!(ask("POST", "/auth/v1/logout"), "204");
    let before = house.host.dump();
    assert_eq!(ask("GET", "/rest/v1/tasks"), "401 PGRST303");
    assert_eq!(ask("HEAD", "/rest/v1/tasks"), "401");
    assert_eq!(ask("DELETE", "/rest/v1/tasks?id=eq.1"), "401 PGRST303");
    assert_eq!(ask("GET", "/auth/v1/user"), "403 session_not_found");
    assert_eq!(ask("POST", "/auth/v1/logout"), "403 session_not_found");
    let insert = house.send(
        "POST",
        "/rest/v1/labels",
        &[headers[0], ("content-type", "application/json")],
        br#"{"project_id":1,"name":"x"}"#,
    );
    assert_eq!(told(&insert), "401 PGRST303");
    assert_eq!(house.host.dump(), before);
}

#[test]
fn a_previous_secret_counts_only_while_it_is_configured() {
    let mut house = house();
    let ask = |house: &House| told(&knock(house, Guest::PreviousSecret, "GET", &tasks()));
    assert_eq!(ask(&house), "200");
    house.app.config = support::config();
    assert_eq!(ask(&house), "401 PGRST301");
}

fn tasks() -> Route {
    Route::Table { name: "tasks".into() }
}

#[test]
fn a_user_who_is_gone_is_nobody_anywhere() {
    let house = House::demo();
    let Person(id, _) = MALLORY;
    house.host.execute(&format!("delete from auth_users where id = '{id}'"));
    let ask = |door| told(&knock(&house, Guest::Outsider, "GET", &door));
    assert_eq!(ask(tasks()), "401 PGRST303");
    assert_eq!(ask(Route::Auth(Endpoint::User, Vec::new())), "403 session_not_found");
}

/// Reads of the demo in every form: those that find nothing, those that are not run to their end, those
/// whose own SQL would fail, those that only count, and functions.
const READS: [(&str, &str, &str); 22] = [
    ("GET tasks", "", ""),
    ("HEAD tasks", "", ""),
    ("GET tasks?id=eq.0", "", ""),
    ("GET tasks?id=eq.1&id=eq.2", "", ""),
    ("GET tasks?id=in.()", "", ""),
    ("GET tasks?limit=0", "", ""),
    ("GET tasks?limit=1&order=title.desc", "", ""),
    ("GET tasks?offset=5&limit=2", "", ""),
    ("GET tasks?offset=9999", "count=exact", ""),
    ("GET tasks", "count=exact", ""),
    ("GET tasks", "count=estimated", ""),
    ("HEAD tasks", "count=exact", ""),
    ("HEAD tasks?limit=0", "count=exact", ""),
    ("GET tasks?select=count()", "", ""),
    ("GET tasks?select=title::integer", "", ""),
    ("GET tasks?select=id,projects!inner(name)&projects.name=eq.none", "", ""),
    ("GET tasks?id=eq.0", "", "text/csv"),
    ("GET tasks?id=eq.0", "", "application/vnd.pgrst.object+json"),
    ("GET rpc/my_open_tasks", "", ""),
    ("GET rpc/my_open_tasks?id=eq.0", "count=exact", ""),
    ("GET rpc/progress?project=1", "", ""),
    ("POST rpc/my_open_tasks", "", ""),
];

#[test]
fn whoever_has_signed_out_reads_nothing_in_whatever_form() {
    let house = House::demo();
    let send = |(line, prefer, accept): (&str, &str, &str)| {
        house.rest_as(Caller::User(ADA), line, &[("prefer", prefer), ("accept", accept)], "")
    };
    for read in READS {
        house.host.take_usage();
        let answer = send(read);
        assert_ne!(answer.status, 401, "{read:?} {answer:?}");
        let usage = house.host.take_usage();
        let counted = u32::from(read.1.starts_with("count") && !read.0.starts_with("HEAD"));
        assert_eq!((usage.round_trips, usage.statements), (1, 1 + counted), "{read:?}");
    }
    for sql in [
        // Her session has ended, is another's, is of another user, or nobody has any.
        format!("update auth_sessions set id = 'x' where id = '{}'", ADA.session()),
        format!("update auth_sessions set id = '{}' where user_id = '{}'", ADA.session(), GRACE.0),
        "delete from auth_sessions".to_owned(),
        "delete from tasks".to_owned(),
    ] {
        house.host.execute(&sql);
        for read in READS {
            let answer = send(read);
            assert_eq!(answer.status, 401, "{sql} {read:?} {answer:?}");
            assert!(answer.body.is_empty() || answer.code() == "PGRST303", "{read:?} {answer:?}");
            assert!(answer.header("content-range").is_none(), "{read:?} {answer:?}");
            let status = answer.header("proxy-status").unwrap_or_default();
            assert_eq!(status, "Selvedge; error=PGRST303", "{read:?}");
        }
    }
}
