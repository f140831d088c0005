//! Ways in which others were broken into, rehearsed here. SECURITY.md says which test is for which.

use serde_json::{Value, json};

use crate::admin_users::by_service;
use crate::issuer::{Stage, travel};
use crate::outbox::errands;
use crate::support::config_with;
use crate::user::FOR_ADMINS;
use crate::{Answer, World, claims, credentials};
use selvedge::http::Method;

/// What a proxy, or somebody who claims to be one, says of where a request was sent to.
const FORGED: [(&str, &str); 7] = [
    ("host", "evil.example"),
    ("x-forwarded-host", "evil.example"),
    ("x-forwarded-proto", "evil"),
    ("x-original-host", "evil.example"),
    ("forwarded", "host=evil.example;proto=https"),
    ("origin", "https://evil.example"),
    ("referer", "https://evil.example/"),
];

const MAIL: (&str, &str) = ("MAILER_FROM", "The Loom <mail@loom.example>");

/// The account as it is stored, in every column.
fn account(world: &World, id: &str) -> String {
    let dump = world.host.dump();
    let lines = dump.lines().filter(|line| {
        line.starts_with(&format!("auth_users {id} ")) || line.contains(&format!(" {id} email "))
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn send_as(world: &World, token: &str, method: Method, address: &str, body: &Value) -> Answer {
    let bearer = format!("Bearer {token}");
    world.send(method, address, &[("authorization", &bearer)], body.to_string().as_bytes())
}

/// Links lead to the configured site, whatever a request says that it was sent to.
#[test]
fn links_are_made_of_the_configured_site_and_of_no_header() {
    let (world, _) = World::with_ann_and(&[MAIL]);
    let body = json!({ "email": "ann@example.com" }).to_string();
    for path in ["/auth/v1/recover", "/auth/v1/magiclink", "/auth/v1/otp"] {
        world.host.advance(120_000);
        for redirect in ["", "?redirect_to=https://evil.example/", "?redirect_to=//evil.example"] {
            world.host.advance(61_000);
            let address = format!("{path}{redirect}");
            let answer = world.send(Method::Post, &address, &FORGED, body.as_bytes());
            assert_eq!(answer.status, 200, "{}", answer.body);
            errands(&world);
        }
    }
    let emails = world.host.emails.take();
    assert_eq!(emails.len(), 9);
    for email in &emails {
        let letter = format!("{email:?}");
        assert!(letter.contains("http://127.0.0.1:54321/auth/v1/verify?"), "{letter}");
        assert!(!letter.contains("evil"), "{letter}");
    }
    // Nor does a provider send anybody elsewhere.
    let stage = Stage::new();
    let address = "/auth/v1/authorize?provider=acme&redirect_to=https://evil.example/";
    let answer = stage.world.send(Method::Get, address, &FORGED, b"");
    assert!(!answer.location().contains("evil"), "{}", answer.location());
    assert!(!stage.world.host.dump().contains("evil"));
}

/// Whose account it is follows from the token, and from nothing that is sent beside it.
#[test]
fn nobody_becomes_somebody_else_by_naming_them() {
    let (world, ann) = World::with_ann();
    let bob = world.post("/auth/v1/signup", &credentials("bob@example.com"));
    let bob_id = bob.text("/user/id").to_owned();
    let before = account(&world, &bob_id);
    let named = json!({
        "id": bob_id, "user_id": bob_id, "userId": bob_id, "sub": bob_id, "actor_id": bob_id,
        "session_id": claims(bob.access_token())["session_id"], "role": null,
        "factor_type": "totp", "friendly_name": "mine", "data": { "sub": bob_id, "id": bob_id },
    });
    let token = ann.access_token();
    let query = format!("?user_id={bob_id}&id={bob_id}");
    for (method, path) in [
        (Method::Put, "/auth/v1/user"),
        (Method::Post, "/auth/v1/factors"),
        (Method::Post, "/auth/v1/logout"),
    ] {
        send_as(&world, token, method, &format!("{path}{query}"), &named);
    }
    assert_eq!(account(&world, &bob_id), before);
    assert_eq!(world.get_user(bob.access_token()).body["factors"], Value::Null);
    assert_eq!(world.get_user(bob.access_token()).text("/id"), bob_id);
    // It was Ann who signed out, and what she was given was hers.
    world.get_user(token).is(403, "session_not_found");
    let of_bob = format!("select count(*) from auth_factors where user_id = '{bob_id}'");
    assert_eq!(world.host.query(&of_bob).as_deref(), Some("0"));
    // Where there is no token, a name is none.
    let nobody = world.send(Method::Put, "/auth/v1/user", &[], named.to_string().as_bytes());
    nobody.is(401, "no_authorization");
}

/// What is nothing to one check and something to the next slips past neither.
#[test]
fn nothing_in_any_form_changes_what_is_protected() {
    let (world, ann) = World::with_ann();
    let id = ann.text("/user/id").to_owned();
    let before = account(&world, &id);
    let session = || {
        world.host.query("select json_array(id, user_id, counter, created_at, refreshed_at, aal, amr) from auth_sessions")
    };
    let session_before = session();
    let others = [
        "is_anonymous",
        "banned_until",
        "deleted_at",
        "created_at",
        "aal",
        "amr",
        "counter",
        "expires_at",
        "confirmed_at",
        "email_confirmed_at",
        "identities",
        "factors",
    ];
    for member in FOR_ADMINS.into_iter().chain(others) {
        for value in
            [json!(null), json!(0), json!(""), json!(false), json!([]), json!({}), json!("none")]
        {
            let body = json!({ (member): value });
            send_as(&world, ann.access_token(), Method::Put, "/auth/v1/user", &body);
            let told = without_times(&account(&world, &id));
            assert_eq!(told, without_times(&before), "{body}");
            assert_eq!(session(), session_before, "{body}");
        }
    }
    // Nor does the owner's server unban or confirm by leaving something out.
    by_service(
        &world,
        Method::Put,
        &format!("/auth/v1/admin/users/{id}"),
        &json!({ "ban_duration": "24h" }),
    );
    let banned = || world.host.query("select banned_until from auth_users");
    let until = banned();
    assert!(until.is_some());
    for value in [json!(null), json!(""), json!(0), json!(false)] {
        let body = json!({ "ban_duration": value });
        by_service(&world, Method::Put, &format!("/auth/v1/admin/users/{id}"), &body);
        assert_eq!(banned(), until, "{body}");
    }
}

/// An account as it is stored, without when it was changed last.
fn without_times(account: &str) -> String {
    let is_time = |word: &&str| !word.starts_with("Integer(178");
    account.split(' ').filter(is_time).collect::<Vec<_>>().join(" ")
}

/// An address that looks or folds like another is another, and a letter goes to the stored one.
#[test]
fn a_letter_goes_to_the_stored_address_and_to_no_look_alike() {
    let (world, _) = World::with_ann_and(&[MAIL]);
    let ask = |email: &str| {
        world.host.advance(61_000);
        let answer = world.post("/auth/v1/recover", &json!({ "email": email }));
        errands(&world);
        (answer.status, world.host.emails.take())
    };
    for look_alike in [
        "аnn@example.com",
        "ａnn@example.com",
        "ann@exаmple.com",
        "ann@examp\u{142}e.com",
        "ann@example.com\u{200b}",
        "ann@example.com.",
        "ann@example.com,eve@evil.example",
        "ann@example.com eve@evil.example",
        "\"ann\"@example.com",
        "ann+x@example.com",
        "ann@example.com\r\nbcc: eve@evil.example",
        "ann@example.com\0",
        "ann%40example.com",
    ] {
        let (status, emails) = ask(look_alike);
        assert!([200, 400].contains(&status), "{look_alike}: {status}");
        assert!(emails.is_empty(), "{look_alike}: {emails:?}");
    }
    let (status, emails) = ask("ANN@Example.com");
    assert_eq!((status, emails.len()), (200, 1));
    let letter = format!("{:?}", emails[0]);
    assert!(letter.contains("ann@example.com") && !letter.contains("ANN@"), "{letter}");
}

/// Nothing that a person, a provider or a client names is ever fetched, pictures least of all.
#[test]
fn nobody_has_a_picture_or_any_other_address_fetched() {
    let stage = Stage::new();
    for inner in [
        "http://169.254.169.254/latest/meta-data",
        "http://[::ffff:127.0.0.1]/",
        "file:///etc/passwd",
    ] {
        let mut person = crate::issuer::acme("1", "ann@example.com");
        for claim in ["picture", "avatar_url", "profile", "website", "jwks_uri", "iss_url"] {
            person[claim] = json!(inner);
        }
        stage.others.person.replace(person);
        travel(&stage, "provider=acme").fragment("access_token").expect("a session");
    }
    let fetched = stage.world.host.fetched.borrow();
    assert!(fetched.len() >= 3);
    for request in fetched.iter() {
        assert!(request.url.starts_with("https://acme.example/"), "{}", request.url);
    }
}

/// The one cookie is ours to the letter: nothing that is sent gets into it.
#[test]
fn nothing_that_is_sent_becomes_part_of_the_cookie() {
    let stage = Stage::new();
    let mut cookies = 0;
    for hostile in ["x; Domain=evil.example", "x%0d%0aset-cookie:%20a=b", "\"x\"; HttpOnly=false"] {
        let address =
            format!("/auth/v1/authorize?provider=acme&scopes={}", hostile.replace(' ', "%20"));
        let sent = format!("__Host-selvedge-browser={hostile}; selvedge-browser={hostile}; a=b");
        let answer = stage.world.send(Method::Get, &address, &[("cookie", &sent)], b"");
        if answer.status >= 400 {
            continue;
        }
        let cookie = answer.header("set-cookie").expect("a mark");
        let (pair, attributes) = cookie.split_once(';').expect("attributes");
        let (_, value) = pair.split_once('=').expect("a value");
        assert!(
            value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)),
            "{cookie}"
        );
        assert!(attributes.contains("HttpOnly") && attributes.contains("SameSite=Lax"), "{cookie}");
        assert!(!cookie.contains("evil") && !attributes.contains("Domain"), "{cookie}");
        cookies += 1;
    }
    assert!(cookies > 0);
}

/// A token is good until the second that it names, however often it was looked at before.
#[test]
fn no_clock_is_kept_from_one_request_to_the_next() {
    let mut world = World::new();
    world.config = config_with(&[("JWT_EXP", "300")]);
    let ann = world.post("/auth/v1/signup", &credentials("ann@example.com"));
    let end = ann.body["expires_at"].as_i64().expect("a time") * 1000;
    let now = crate::support::START;
    assert_eq!(world.get_user(ann.access_token()).status, 200);
    world.host.advance(end - now - 1);
    assert_eq!(world.get_user(ann.access_token()).status, 200);
    world.host.advance(1);
    world.get_user(ann.access_token()).is(401, "bad_jwt");
}
