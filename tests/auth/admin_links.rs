//! `POST /admin/generate_link` and `POST /invite`.

use serde_json::{Value, json};

use crate::admin_users::by_service;
use crate::support::config_with;
use crate::{Answer, PASSWORD, World, credentials, unavailable};
use selvedge::http::Method;

const GENERATE: &str = "/auth/v1/admin/generate_link";
const INVITE: &str = "/auth/v1/invite";
const SITE: &str = "http://127.0.0.1:54321";

fn generate(world: &World, body: &Value) -> Answer {
    by_service(world, Method::Post, GENERATE, body)
}

fn verify(world: &World, kind: &str, link: &Answer) -> Answer {
    let body = json!({ "type": kind, "token_hash": link.text("/hashed_token") });
    world.post("/auth/v1/verify", &body)
}

fn count(world: &World, table: &str) -> String {
    world.host.query(&format!("select count(*) from {table}")).expect("a number")
}

/// A world in which addresses are to be confirmed.
fn strict() -> World {
    let mut world = World::new();
    world.config = config_with(&[("MAILER_AUTOCONFIRM", "false")]);
    world
}

#[test]
fn a_link_comes_in_all_its_parts_and_no_letter_goes_out() {
    let (world, ann) = World::with_ann();
    let body = json!({ "type": "recovery", "email": "Ann@Example.com" });
    world.host.take_usage();
    let link =
        by_service(&world, Method::Post, &format!("{GENERATE}?redirect_to={SITE}/new"), &body);
    assert_eq!(link.status, 200, "{}", link.body);
    assert_eq!((world.host.take_usage().round_trips, world.host.hashes.get()), (1, 0));
    assert_eq!((link.text("/id"), link.text("/email")), (ann.text("/user/id"), "ann@example.com"));
    let (hashed, code) = (link.text("/hashed_token"), link.text("/email_otp"));
    assert_eq!((hashed.len(), code.len()), (64, 6));
    assert_eq!(link.text("/verification_type"), "recovery");
    assert_eq!(link.text("/redirect_to"), format!("{SITE}/new"));
    assert_eq!(
        link.text("/action_link"),
        format!(
            "{SITE}/auth/v1/verify?token={hashed}&type=recovery\
             &redirect_to=http%3A%2F%2F127.0.0.1%3A54321%2Fnew"
        )
    );
    assert_eq!(count(&world, "auth_letters"), "0");
    let stored = world.host.dump();
    assert!(!stored.contains(hashed) && !stored.contains(code));
    // The next link takes the place of this one.
    let next = generate(&world, &body);
    verify(&world, "recovery", &link).is(403, "otp_expired");
    verify(&world, "recovery", &next).is_session();
    verify(&world, "recovery", &next).is(403, "otp_expired");
}

#[test]
fn a_code_that_is_told_opens_the_account_once() {
    let (world, _) = World::with_ann();
    let link = generate(&world, &json!({ "type": "magiclink", "email": "ann@example.com" }));
    let body = json!({
        "type": "magiclink", "email": "ann@example.com", "token": link.text("/email_otp"),
    });
    world.post("/auth/v1/verify", &body).is_session();
    world.post("/auth/v1/verify", &body).is(403, "otp_expired");
}

#[test]
fn a_link_leads_nowhere_else() {
    let (world, _) = World::with_ann();
    for wish in ["https://evil.example", "//evil.example", "javascript:alert(1)", "x"] {
        let body = json!({ "type": "recovery", "email": "ann@example.com", "redirect_to": wish });
        assert_eq!(generate(&world, &body).text("/redirect_to"), SITE, "{wish}");
    }
    let body = json!({ "type": "recovery", "email": "ann@example.com" });
    let address = format!("{GENERATE}?redirect_to=https%3A%2F%2Fevil.example");
    assert_eq!(by_service(&world, Method::Post, &address, &body).text("/redirect_to"), SITE);
}

#[test]
fn a_link_may_make_the_account() {
    let world = strict();
    let body = json!({
        "type": "signup", "email": "ann@example.com", "password": PASSWORD, "data": { "name": "Ann" },
    });
    let signup = generate(&world, &body);
    assert_eq!(signup.status, 200, "{}", signup.body);
    assert_eq!(signup.text("/user_metadata/name"), "Ann");
    assert_eq!(signup.body.get("email_confirmed_at"), None);
    world.password(&credentials("ann@example.com")).is(400, "email_not_confirmed");
    verify(&world, "signup", &signup).is_session();
    world.password(&credentials("ann@example.com")).is_session();
    // Who is confirmed needs neither.
    generate(&world, &body).is(422, "email_exists");
    let invite = json!({ "type": "invite", "email": "ann@example.com" });
    generate(&world, &invite).is(422, "email_exists");
    by_service(&world, Method::Post, INVITE, &invite).is(422, "email_exists");
    // A magic link for nobody is one for a new account.
    let new = generate(&world, &json!({ "type": "magiclink", "email": "bob@example.com" }));
    assert_eq!(new.text("/verification_type"), "signup");
    verify(&world, "signup", &new).is_session();
    let old = generate(&world, &json!({ "type": "magiclink", "email": "bob@example.com" }));
    assert_eq!(old.text("/verification_type"), "magiclink");
    assert_eq!(count(&world, "auth_letters"), "0");
}

#[test]
fn whoever_is_invited_gets_a_letter_and_comes_in_by_it() {
    let world = strict();
    let body = json!({ "email": "ann@example.com", "data": { "team": "red" } });
    world.host.take_usage();
    let invited = by_service(&world, Method::Post, INVITE, &body);
    assert_eq!(invited.status, 200, "{}", invited.body);
    assert_eq!(world.host.take_usage().round_trips, 1);
    assert_eq!(invited.text("/invited_at"), "2026-08-20T10:11:12.345Z");
    assert_eq!(invited.text("/user_metadata/team"), "red");
    for secret in ["hashed_token", "action_link", "email_otp"] {
        assert_eq!(invited.body.get(secret), None);
    }
    let letter = "select concat_ws('|', kind, recipient) from auth_letters";
    assert_eq!(world.host.query(letter).as_deref(), Some("invite|ann@example.com"));
    // A second one replaces the first, as long as nobody has come.
    assert_eq!(by_service(&world, Method::Post, INVITE, &body).status, 200);
    let waiting = world.host.query(
        "select count(*) from auth_letters
         where token_id in (select id from auth_one_time_tokens)",
    );
    assert_eq!((waiting.as_deref(), count(&world, "auth_users")), (Some("1"), "1".to_owned()));
    let link = generate(&world, &json!({ "type": "invite", "email": "ann@example.com" }));
    let session = verify(&world, "invite", &link);
    session.is_session();
    let last = "select action from auth_audit order by created_at desc, action limit 1";
    assert_eq!(world.host.query(last).as_deref(), Some("invite_accepted"));
}

#[test]
fn an_address_changes_when_both_have_agreed() {
    let (world, ann) = World::with_ann();
    world.post("/auth/v1/signup", &credentials("bob@example.com"));
    let wish = |kind: &str, new: &str| json!({ "type": kind, "email": "ann@example.com", "new_email": new });
    generate(&world, &wish("email_change_new", "bob@example.com")).is(422, "email_exists");
    let of_first = generate(&world, &wish("email_change_current", "first@example.com"));
    assert_eq!(of_first.status, 200, "{}", of_first.body);
    assert_eq!(of_first.text("/new_email"), "first@example.com");
    // Who has agreed to the first has not agreed to the second.
    let new = generate(&world, &wish("email_change_new", "second@example.com"));
    verify(&world, "email_change", &of_first).is(403, "otp_expired");
    let current = generate(&world, &wish("email_change_current", "second@example.com"));
    assert_eq!(verify(&world, "email_change", &new).text("/code"), "200");
    let session = verify(&world, "email_change", &current);
    session.is_session();
    assert_eq!(session.text("/user/email"), "second@example.com");
    assert_eq!(session.text("/user/id"), ann.text("/user/id"));
}

#[test]
fn what_is_no_link_is_refused() {
    let (world, _) = World::with_ann();
    let before = world.host.dump();
    for body in [
        json!({}),
        json!({ "email": "ann@example.com" }),
        json!({ "type": "", "email": "ann@example.com" }),
        json!({ "type": "reauthentication", "email": "ann@example.com" }),
        json!({ "type": "email_change", "email": "ann@example.com", "new_email": "b@example.com" }),
        json!({ "type": "sms", "email": "ann@example.com" }),
        json!({ "type": "recovery" }),
        json!({ "type": "recovery", "email": "" }),
        json!({ "type": "recovery", "email": null }),
        json!({ "type": "recovery", "email": "ann" }),
        json!({ "type": "signup", "email": "new@example.com" }),
        json!({ "type": "signup", "email": "new@example.com", "password": "" }),
        json!({ "type": "email_change_new", "email": "ann@example.com" }),
        json!({ "type": "email_change_new", "email": "ann@example.com", "new_email": "b" }),
        json!({ "type": "magiclink", "email": "new@example.com", "data": [] }),
    ] {
        generate(&world, &body).is(400, "validation_failed");
    }
    let weak = json!({ "type": "signup", "email": "new@example.com", "password": "short" });
    generate(&world, &weak).is(422, "weak_password");
    for body in [
        json!({ "type": "recovery", "email": "nobody@example.com" }),
        json!({ "type": "email_change_new", "email": "nobody@example.com", "new_email": "b@example.com" }),
    ] {
        generate(&world, &body).is(404, "user_not_found");
    }
    for body in [json!({ "type": 0 }), json!([]), json!({ "email": ["ann@example.com"] })] {
        generate(&world, &body).is(400, "bad_json");
    }
    for body in [json!({}), json!({ "email": "" }), json!({ "email": "x", "data": {} })] {
        by_service(&world, Method::Post, INVITE, &body).is(400, "validation_failed");
    }
    world.host.fail_batch(1, unavailable());
    let good = json!({ "type": "recovery", "email": "ann@example.com" });
    generate(&world, &good).is(503, "service_unavailable");
    assert_eq!(world.host.dump(), before);
}
