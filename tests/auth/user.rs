//! `PUT /user` and `GET /reauthenticate`.

use serde_json::{Value, json};

use crate::support::interleave;
use crate::{Answer, PASSWORD, World};
use selvedge::http::Method;

const REAUTHENTICATE: (&str, &str) = ("SECURITY_UPDATE_PASSWORD_REQUIRE_REAUTHENTICATION", "true");
const CURRENT: (&str, &str) = ("SECURITY_UPDATE_PASSWORD_REQUIRE_CURRENT_PASSWORD", "true");

fn put(world: &World, ann: &Answer, body: &Value) -> Answer {
    world.put_user(ann.access_token(), body)
}

fn reauthenticate(world: &World, ann: &Answer) -> Answer {
    world.authorized(Method::Get, "/auth/v1/reauthenticate", ann.access_token())
}

/// Members that only the owner's server may write.
pub const FOR_ADMINS: [&str; 7] = [
    "app_metadata",
    "role",
    "aud",
    "email_confirm",
    "phone_confirm",
    "ban_duration",
    "password_hash",
];

#[test]
fn nobody_changes_what_is_not_theirs() {
    let (world, ann) = World::with_ann_and(&[]);
    let before = world.host.dump();
    let nobody = world.send(Method::Put, "/auth/v1/user", &[], b"{}");
    nobody.is(401, "no_authorization");
    world.put_user("x", &json!({})).is(401, "bad_jwt");
    for member in FOR_ADMINS {
        put(&world, &ann, &json!({ (member): "x" })).is(403, "not_admin");
    }
    put(&world, &ann, &json!({ "app_metadata": { "admin": true }, "data": {} }))
        .is(403, "not_admin");
    put(&world, &ann, &json!({ "phone": "+15550100" })).is(400, "phone_provider_disabled");
    for body in [
        json!({ "email": "ann" }),
        json!({ "data": [] }),
        json!({ "data": "x" }),
        json!({ "data": { "x": "x".repeat(5000) } }),
        json!({ "email": "b@example.com", "code_challenge": "x" }),
    ] {
        put(&world, &ann, &body).is(400, "validation_failed");
    }
    for password in ["", "short"] {
        put(&world, &ann, &json!({ "password": password })).is(422, "weak_password");
    }
    assert_eq!(world.host.dump(), before);
    // Neither by any member that nobody has heard of.
    let id =
        json!({ "id": "x", "is_anonymous": true, "banned_until": 0, "user_metadata": { "x": 1 } });
    let same = put(&world, &ann, &id);
    assert_eq!(
        (same.text("/id"), &same.body["user_metadata"]),
        (ann.text("/user/id"), &json!({ "email_verified": true }),)
    );
    world.host.execute("delete from auth_sessions");
    put(&world, &ann, &json!({ "data": {} })).is(403, "session_not_found");
    put(&world, &ann, &json!({ "password": "another horse" })).is(403, "session_not_found");
    reauthenticate(&world, &ann).is(403, "session_not_found");
}

#[test]
fn metadata_are_merged_member_by_member_and_to_the_digit() {
    let (world, ann) = World::with_ann_and(&[]);
    world.host.take_usage();
    let send = |text: &str| {
        let bearer = format!("Bearer {}", ann.access_token());
        let headers = [("authorization", bearer.as_str())];
        let answer = world.send(Method::Put, "/auth/v1/user", &headers, text.as_bytes());
        assert_eq!(answer.status, 200, "{}", answer.body);
        world.host.query("select user_metadata from auth_users").expect("an object")
    };
    let stored = send(
        r#"{"data":{"a":9007199254740993.10,"b":{"x":1,"y":null},"c":[1,{"z":null}],"q\"\u0041":1}}"#,
    );
    assert_eq!(world.host.take_usage().round_trips, 1);
    assert_eq!(
        stored,
        r#"{"email_verified":true,"a":9007199254740993.10,"b":{"x":1,"y":null},"c":[1,{"z":null}],"q\"A":1}"#
    );
    // An object takes the place of another as a whole; null takes a member away, by whatever spelling.
    let stored = send(r#"{"data":{"b":{"w":2},"c":null,"q\"A":null,"unknown":null}}"#);
    assert_eq!(stored, r#"{"email_verified":true,"a":9007199254740993.10,"b":{"w":2}}"#);
    assert_eq!(send(r#"{"data":{}}"#), stored);
    assert_eq!(send(r#"{"data":null}"#), stored);
    assert_eq!(send(r#"{"data":{"a":null,"b":null,"email_verified":null}}"#), "{}");
    assert_eq!(send(r#"{"data":{"":{}}}"#), r#"{"":{}}"#);
}

#[test]
fn metadata_grow_up_to_their_limit_together() {
    let (world, ann) = World::with_ann_and(&[]);
    let half = |name: &str| json!({ "data": { (name): "x".repeat(2000) } });
    assert_eq!(put(&world, &ann, &half("a")).status, 200);
    assert_eq!(put(&world, &ann, &half("b")).status, 200);
    put(&world, &ann, &half("c")).is(400, "validation_failed");
    assert_eq!(put(&world, &ann, &json!({ "data": { "a": null, "c": "x" } })).status, 200);
}

#[test]
fn of_many_changes_of_metadata_at_once_none_is_lost() {
    let (world, ann) = World::with_ann_and(&[]);
    let bearer = format!("Bearer {}", ann.access_token());
    let requests: Vec<_> = (0..20)
        .map(|index| {
            let body = json!({ "data": { (format!("m{index}")): index } }).to_string();
            let headers = [("authorization", bearer.as_str())];
            crate::request(Method::Put, "/auth/v1/user", &headers, body.as_bytes())
        })
        .collect();
    let answers = interleave(requests.iter().map(|request| world.answer(request)));
    assert!(answers.iter().all(|answer| answer.status == 200));
    let user = world.get_user(ann.access_token());
    assert_eq!(user.body["user_metadata"].as_object().expect("an object").len(), 21);
}

#[test]
fn a_new_password_ends_the_other_sessions_and_every_link() {
    let (world, ann) = World::with_ann_and(&[]);
    let other = world.sign_in("ann@example.com");
    world.post("/auth/v1/recover", &json!({ "email": "ann@example.com" }));
    let link = world.mailed("recovery").link;
    world.host.take_usage();
    world.host.hashes.set(0);
    let changed = put(&world, &ann, &json!({ "password": "another horse" }));
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!((world.host.take_usage().round_trips, world.host.hashes.get()), (2, 1));
    assert_eq!(world.get_user(ann.access_token()).status, 200);
    world.get_user(other.access_token()).is(403, "session_not_found");
    world.refresh(other.refresh_token()).is(400, "refresh_token_not_found");
    world.verify_link("recovery", &link).is(403, "otp_expired");
    world.sign_in("ann@example.com").is(400, "invalid_credentials");
    assert!(world.letters().contains("password_changed:ann@example.com"), "{}", world.letters());
}

#[test]
fn the_same_password_is_none() {
    let (world, ann) = World::with_ann_and(&[]);
    let before = world.host.dump();
    put(&world, &ann, &json!({ "password": PASSWORD })).is(422, "same_password");
    assert_eq!(world.host.dump(), before);
}

#[test]
fn the_present_password_is_asked_for_where_that_is_wanted() {
    let (world, ann) = World::with_ann_and(&[CURRENT]);
    let body = |current: Value| json!({ "password": "another horse", "current_password": current });
    put(&world, &ann, &json!({ "password": "another horse" })).is(400, "current_password_required");
    put(&world, &ann, &body(json!(""))).is(400, "current_password_required");
    put(&world, &ann, &body(json!("wrong horse"))).is(400, "current_password_invalid");
    put(&world, &ann, &body(json!("x".repeat(2000)))).is(400, "current_password_invalid");
    put(&world, &ann, &body(json!(1))).is(400, "bad_json");
    assert_eq!(put(&world, &ann, &body(json!(PASSWORD))).status, 200);
    // Where it is not wanted, a wrong one still counts.
    let (world, ann) = World::with_ann_and(&[]);
    put(&world, &ann, &body(json!("wrong horse"))).is(400, "current_password_invalid");
}

#[test]
fn an_old_session_needs_a_code_where_that_is_wanted() {
    let (world, ann) = World::with_ann_and(&[REAUTHENTICATE, ("JWT_EXP", "604800")]);
    let ann = world.refresh(ann.refresh_token());
    world.host.advance(86_400_000 - 120_000);
    let body = |nonce: &str| json!({ "password": "another horse", "nonce": nonce });
    put(&world, &ann, &json!({ "password": "another horse" })).is(400, "reauthentication_needed");
    put(&world, &ann, &body("123456")).is(422, "reauthentication_not_valid");
    world.host.take_usage();
    assert_eq!(reauthenticate(&world, &ann).body, json!({}));
    assert_eq!(world.host.take_usage().round_trips, 1);
    reauthenticate(&world, &ann).is(429, "over_email_send_rate_limit");
    assert_eq!(world.letters(), "reauthentication:ann@example.com");
    let mailed = world.mailed("reauthentication");
    // It opens no other door.
    for kind in ["email", "recovery", "magiclink"] {
        world.verify_code(kind, "ann@example.com", &mailed.code).is(403, "otp_expired");
        world.verify_link(kind, &mailed.link).is(403, "otp_expired");
    }
    for _ in 0..4 {
        put(&world, &ann, &body(&mailed.wrong_code())).is(422, "reauthentication_not_valid");
    }
    assert_eq!(put(&world, &ann, &body(&mailed.code)).status, 200);
    let again = json!({ "password": "a third horse", "nonce": mailed.code });
    put(&world, &ann, &again).is(422, "reauthentication_not_valid");
}

#[test]
fn a_code_for_the_password_is_void_after_five_attempts_and_ten_minutes() {
    let old = || {
        let (world, ann) = World::with_ann_and(&[REAUTHENTICATE, ("JWT_EXP", "604800")]);
        let ann = world.refresh(ann.refresh_token());
        world.host.advance(86_400_000);
        reauthenticate(&world, &ann);
        let mailed = world.mailed("reauthentication");
        (world, ann, mailed)
    };
    let body = |nonce: &str| json!({ "password": "another horse", "nonce": nonce });
    let (world, ann, mailed) = old();
    for _ in 0..5 {
        put(&world, &ann, &body(&mailed.wrong_code())).is(422, "reauthentication_not_valid");
    }
    put(&world, &ann, &body(&mailed.code)).is(422, "reauthentication_not_valid");
    let (world, ann, mailed) = old();
    world.host.advance(600_000);
    put(&world, &ann, &body(&mailed.code)).is(422, "reauthentication_not_valid");
}

#[test]
fn of_two_new_passwords_at_once_one_is_set() {
    let (world, ann) = World::with_ann_and(&[]);
    let bearer = format!("Bearer {}", ann.access_token());
    let requests: Vec<_> = (0..5)
        .map(|index| {
            let body = json!({ "password": format!("another horse {index}") }).to_string();
            let headers = [("authorization", bearer.as_str())];
            crate::request(Method::Put, "/auth/v1/user", &headers, body.as_bytes())
        })
        .collect();
    let answers = interleave(requests.iter().map(|request| world.answer(request)));
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.is(409, "conflict");
    }
}

#[test]
fn both_addresses_agree_to_a_change_even_where_none_is_confirmed() {
    for first in ["email_change_new", "email_change_current"] {
        let (world, ann) = World::with_ann_and(&[]);
        let pending = put(&world, &ann, &json!({ "email": "New@example.com" }));
        assert_eq!(pending.status, 200, "{}", pending.body);
        assert_eq!(
            (pending.text("/email"), pending.text("/new_email")),
            ("ann@example.com", "new@example.com",)
        );
        assert!(pending.body["email_change_sent_at"].is_string());
        let asked = "email_change_current:ann@example.com email_change_new:new@example.com";
        assert_eq!(world.letters(), asked);
        let second =
            if first == "email_change_new" { "email_change_current" } else { "email_change_new" };
        let (one, other) = (world.mailed(first), world.mailed(second));
        let half = world.verify_link("email_change", &one.link);
        assert_eq!((half.status, half.text("/code")), (200, "200"));
        assert!(half.body.get("access_token").is_none());
        // Half of it changes nothing, and counts once.
        assert_eq!(world.get_user(ann.access_token()).text("/email"), "ann@example.com");
        world.verify_link("email_change", &one.link).is(403, "otp_expired");
        let email = if second == "email_change_new" { "new" } else { "ann" };
        let email = format!("{email}@example.com");
        let session = world.verify_code("email_change", &email, &other.code);
        session.is_session();
        assert_eq!(session.text("/user/email"), "new@example.com");
        assert_eq!(session.text("/user/identities/0/email"), "new@example.com");
        assert!(session.body["user"].get("new_email").is_none());
        assert!(world.letters().contains("email_changed:ann@example.com"), "{}", world.letters());
        world.sign_in("ann@example.com").is(400, "invalid_credentials");
        world.sign_in("new@example.com").is_session();
    }
}

#[test]
fn both_halves_at_once_change_the_address_once() {
    let (world, ann) = World::with_ann_and(&[]);
    put(&world, &ann, &json!({ "email": "new@example.com" }));
    let links =
        ["email_change_new", "email_change_current"].map(|purpose| world.mailed(purpose).link);
    let requests: Vec<_> = (0..50)
        .map(|index| {
            let body =
                json!({ "type": "email_change", "token_hash": links[index % 2] }).to_string();
            crate::request(Method::Post, "/auth/v1/verify", &[], body.as_bytes())
        })
        .collect();
    let answers = interleave(requests.iter().map(|request| world.answer(request)));
    let count =
        |what: &str| answers.iter().filter(|answer| answer.body.get(what).is_some()).count();
    let halves = answers.iter().filter(|answer| answer.body["code"] == "200").count();
    assert_eq!((count("access_token"), halves), (1, 1));
    assert_eq!(world.get_user(ann.access_token()).text("/email"), "new@example.com");
}

#[test]
fn a_newer_wish_takes_the_place_of_an_older_one() {
    let (world, ann) = World::with_ann_and(&[]);
    put(&world, &ann, &json!({ "email": "old@example.com" }));
    let old =
        ["email_change_new", "email_change_current"].map(|purpose| world.mailed(purpose).link);
    world.host.advance(60_000);
    put(&world, &ann, &json!({ "email": "new@example.com" }));
    for link in &old {
        world.verify_link("email_change", link).is(403, "otp_expired");
    }
    // An agreement to the older one does not count for the newer.
    let half = world.verify_link("email_change", &world.mailed("email_change_current").link);
    assert_eq!(half.text("/code"), "200");
    assert_eq!(world.get_user(ann.access_token()).text("/email"), "ann@example.com");
}

#[test]
fn where_the_present_address_is_not_asked() {
    let single = ("MAILER_SECURE_EMAIL_CHANGE_ENABLED", "false");
    let (world, ann) = World::with_ann_and(&[single, ("MAILER_AUTOCONFIRM", "false")]);
    put(&world, &ann, &json!({ "email": "new@example.com" }));
    assert_eq!(world.letters(), "email_change_new:new@example.com");
    let link = world.mailed("email_change_new").link;
    assert_eq!(world.verify_link("email_change", &link).text("/user/email"), "new@example.com");
    let (world, ann) = World::with_ann_and(&[single]);
    let changed = put(&world, &ann, &json!({ "email": "new@example.com" }));
    assert_eq!(changed.text("/email"), "new@example.com");
    assert_eq!(world.letters(), "email_changed:ann@example.com");
}

#[test]
fn ones_own_address_is_no_change() {
    let (world, ann) = World::with_ann_and(&[]);
    let own = put(&world, &ann, &json!({ "email": "ANN@example.com" }));
    assert_eq!((own.status, own.body.get("new_email")), (200, None));
    assert_eq!(world.letters(), "");
}

/// With Ann, and Bob, whose address is confirmed.
fn with_bob(settings: &[(&str, &str)]) -> (World, Answer) {
    let (mut world, ann) = World::with_ann();
    world.post("/auth/v1/signup", &crate::credentials("bob@example.com")).is_session();
    world.config = crate::support::config_with(settings);
    world.host.advance(120_000);
    (world, ann)
}

/// Whoever is in, and be it without an address, does not learn by a wish who has an account.
#[test]
fn a_taken_address_is_answered_like_a_free_one() {
    for (both, is_anonymous) in [("true", false), ("false", false), ("true", true)] {
        let mut seen = Vec::new();
        for email in ["bob@example.com", "new@example.com"] {
            let (world, ann) = with_bob(&[
                ("MAILER_AUTOCONFIRM", "false"),
                ("MAILER_SECURE_EMAIL_CHANGE_ENABLED", both),
                ("EXTERNAL_ANONYMOUS_USERS_ENABLED", "true"),
            ]);
            let who = if is_anonymous { world.anonymous() } else { ann };
            world.host.take_usage();
            world.host.errands_asked.set(0);
            world.host.record();
            let answer = put(&world, &who, &json!({ "email": email }));
            assert_eq!((answer.status, answer.text("/new_email")), (200, email));
            put(&world, &who, &json!({ "email": email })).is(429, "over_email_send_rate_limit");
            let account = world.get_user(who.access_token());
            assert_eq!(answer.body, account.body);
            let usage = world.host.take_usage();
            seen.push((
                answer.body.to_string().replace(email, "EMAIL"),
                (usage.round_trips, usage.statements, world.host.errands_asked.get()),
                world.host.record(),
            ));
            let asked = if both == "true" && !is_anonymous {
                "email_change_current:ann@example.com "
            } else {
                ""
            };
            let to_new = match email {
                "bob@example.com" => "account_exists:bob@example.com",
                _ => "email_change_new:new@example.com",
            };
            let mut letters = [asked.trim(), to_new];
            letters.sort_unstable();
            assert_eq!(world.letters(), letters.join(" ").trim());
        }
        assert_eq!(seen[0], seen[1]);
    }
}

#[test]
fn a_taken_address_is_never_given_away() {
    let (world, ann) = with_bob(&[("MAILER_AUTOCONFIRM", "false")]);
    assert_eq!(put(&world, &ann, &json!({ "email": "bob@example.com" })).status, 200);
    let half = world.verify_link("email_change", &world.mailed("email_change_current").link);
    assert_eq!((half.status, half.text("/code")), (200, "200"));
    world.host.advance(60_000);
    for email in ["ann@example.com", "bob@example.com"] {
        world.post("/auth/v1/resend", &json!({ "type": "email_change", "email": email }));
    }
    assert_eq!(world.count("auth_one_time_tokens"), "0");
    world.sign_in("bob@example.com").is_session();
    world.sign_in("ann@example.com").is_session();
}

/// A letter to one's own address agrees to that one alone, also where a later wish is for somebody else's, to whom no
/// letter goes.
#[test]
fn a_letter_of_before_agrees_to_no_newer_wish_for_a_taken_address() {
    for is_free_by_then in [false, true] {
        let (world, ann) = with_bob(&[("MAILER_AUTOCONFIRM", "false")]);
        assert_eq!(put(&world, &ann, &json!({ "email": "new@example.com" })).status, 200);
        let own = world.mailed("email_change_new").link;
        world.host.advance(60_000);
        assert_eq!(put(&world, &ann, &json!({ "email": "bob@example.com" })).status, 200);
        let present = world.mailed("email_change_current").link;
        if is_free_by_then {
            world.host.execute("delete from auth_users where email = 'bob@example.com'");
        }
        world.verify_link("email_change", &own).is(403, "otp_expired");
        let half = world.verify_link("email_change", &present);
        assert_eq!((half.status, half.text("/code")), (200, "200"));
        assert_eq!(world.get_user(ann.access_token()).text("/email"), "ann@example.com");
    }
    let settings =
        [("MAILER_AUTOCONFIRM", "false"), ("MAILER_SECURE_EMAIL_CHANGE_ENABLED", "false")];
    let (world, ann) = with_bob(&settings);
    assert_eq!(put(&world, &ann, &json!({ "email": "new@example.com" })).status, 200);
    let own = world.mailed("email_change_new").link;
    world.host.advance(60_000);
    assert_eq!(put(&world, &ann, &json!({ "email": "bob@example.com" })).status, 200);
    world.verify_link("email_change", &own).is(403, "otp_expired");
    let identity = world.get_user(ann.access_token());
    assert_eq!(identity.text("/identities/0/email"), "ann@example.com");
    assert!(!world.letters().contains("email_changed"), "{}", world.letters());
}

/// Nobody keeps an address from its owner by signing up with it.
#[test]
fn an_account_that_is_nobodys_makes_room() {
    let (world, ann) = World::with_ann_and(&[("MAILER_AUTOCONFIRM", "false")]);
    world.post("/auth/v1/signup", &crate::credentials("new@example.com"));
    let squatters = world.mailed("signup");
    world.host.advance(60_000);
    assert_eq!(put(&world, &ann, &json!({ "email": "new@example.com" })).status, 200);
    let [new, current] =
        ["email_change_new", "email_change_current"].map(|kind| world.mailed(kind));
    world.verify_link("email_change", &current.link);
    assert_eq!(world.count("auth_users"), "2");
    let session = world.verify_link("email_change", &new.link);
    session.is_session();
    assert_eq!(session.text("/user/email"), "new@example.com");
    assert_eq!(session.text("/user/id"), ann.text("/user/id"));
    assert_eq!(world.count("auth_users"), "1");
    world.verify_link("signup", &squatters.link).is(403, "otp_expired");
    world.sign_in("new@example.com").is_session();
    // What is somebody's, or the owner's server's, stays.
    for made in [
        "update auth_users set is_open = 0 where email = 'new@example.com'",
        "update auth_users set email_confirmed_at = 1 where email = 'new@example.com'",
    ] {
        let settings =
            [("MAILER_AUTOCONFIRM", "false"), ("MAILER_SECURE_EMAIL_CHANGE_ENABLED", "false")];
        let (world, ann) = World::with_ann_and(&settings);
        world.post("/auth/v1/signup", &crate::credentials("new@example.com"));
        world.host.advance(60_000);
        assert_eq!(put(&world, &ann, &json!({ "email": "new@example.com" })).status, 200);
        let link = world.mailed("email_change_new").link;
        world.host.execute(made);
        let before = world.host.dump();
        world.verify_link("email_change", &link).is(422, "email_exists");
        assert_eq!(world.host.dump(), before);
    }
}

/// Where nobody is asked nothing can be kept: a taken address is refused, as a sign-up is.
#[test]
fn a_taken_address_is_refused_where_it_would_be_ones_own_at_once() {
    let settings =
        [("MAILER_AUTOCONFIRM", "true"), ("MAILER_SECURE_EMAIL_CHANGE_ENABLED", "false")];
    let (world, ann) = with_bob(&settings);
    let before = world.host.dump();
    put(&world, &ann, &json!({ "email": "BOB@example.com" })).is(422, "email_exists");
    assert_eq!(world.host.dump(), before);
}

#[test]
fn trouble_changes_nothing() {
    let (world, ann) = World::with_ann_and(&[]);
    let before = world.host.dump();
    let body =
        json!({ "password": "another horse", "email": "new@example.com", "data": { "x": 1 } });
    for k in [1, 2] {
        world.host.fail_batch(k, crate::unavailable());
        put(&world, &ann, &body).is(503, "service_unavailable");
    }
    world.host.hasher_is_down(true);
    put(&world, &ann, &body).is(503, "service_unavailable");
    world.host.hasher_is_down(false);
    assert_eq!(world.host.dump(), before);
    assert_eq!(put(&world, &ann, &body).status, 200);
}

/// What a link for a new password has led Ann's app to, which it has not redeemed yet.
fn code_of_a_link(world: &World) -> String {
    let asked = json!({ "email": "ann@example.com",
        "code_challenge": crate::mailed::challenge(), "code_challenge_method": "s256" });
    world.post("/auth/v1/recover", &asked);
    let link = world.mailed("recovery").link;
    let led = world.click("recovery", &link, "http://127.0.0.1:54321");
    led.led_with("code").expect("a code")
}

#[test]
fn a_new_password_ends_the_code_that_a_link_has_led_to() {
    for by_owner in [false, true] {
        let (world, ann) = World::with_ann_and(&[]);
        let code = code_of_a_link(&world);
        let body = json!({ "password": "another horse" });
        let changed = if by_owner {
            let address = format!("/auth/v1/admin/users/{}", ann.text("/user/id"));
            crate::admin_users::by_service(&world, Method::Put, &address, &body)
        } else {
            put(&world, &ann, &body)
        };
        assert_eq!(changed.status, 200, "{}", changed.body);
        world.exchange(&code, crate::mailed::VERIFIER).is(404, "flow_state_not_found");
    }
}

#[test]
fn signing_out_everywhere_ends_the_code_that_a_link_has_led_to() {
    for (scope, is_left) in [("global", false), ("others", false), ("local", true)] {
        let (world, ann) = World::with_ann_and(&[]);
        let code = code_of_a_link(&world);
        let address = format!("/auth/v1/logout?scope={scope}");
        assert_eq!(world.authorized(Method::Post, &address, ann.access_token()).status, 204);
        assert_eq!(world.exchange(&code, crate::mailed::VERIFIER).status == 200, is_left);
    }
}
