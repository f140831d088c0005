//! `POST /resend`: the letter once more.

use serde_json::json;

use crate::{World, credentials};
use selvedge::http::Method;

const RESEND: &str = "/auth/v1/resend";

#[test]
fn what_is_no_request_is_refused() {
    let world = World::strict();
    let email = "ann@example.com";
    for bad in [
        json!({ "email": email }),
        json!({ "type": "", "email": email }),
        json!({ "type": "recovery", "email": email }),
        json!({ "type": "invite", "email": email }),
        json!({ "type": "signup" }),
        json!({ "type": "signup", "email": "ann" }),
    ] {
        world.post(RESEND, &bad).is(400, "validation_failed");
    }
    for kind in ["sms", "phone_change"] {
        let body = json!({ "type": kind, "phone": "+15550100" });
        world.post(RESEND, &body).is(400, "phone_provider_disabled");
    }
    world.send(Method::Post, RESEND, &[], b"{\"type\":1}").is(400, "bad_json");
    assert_eq!(world.host.take_usage().round_trips, 0);
}

#[test]
fn a_sign_up_is_confirmed_by_the_newest_letter() {
    let world = World::strict();
    world.post("/auth/v1/signup", &credentials("ann@example.com"));
    let first = world.mailed("signup");
    let body = json!({ "type": "signup", "email": "ann@example.com" });
    world.post(RESEND, &body).is(429, "over_email_send_rate_limit");
    world.host.advance(60_000);
    assert_eq!(world.post(RESEND, &body).body, json!({}));
    world.verify_link("signup", &first.link).is(403, "otp_expired");
    world.verify_code("signup", "ann@example.com", &world.mailed("signup").code).is_session();
    // The password is still the one of the sign-up.
    world.sign_in("ann@example.com").is_session();
}

#[test]
fn unknown_unconfirmed_and_confirmed_addresses_are_answered_alike() {
    let (world, _) = World::with_ann_and(&[("MAILER_AUTOCONFIRM", "false")]);
    world.post("/auth/v1/signup", &credentials("new@example.com"));
    world.host.advance(60_000);
    for kind in ["signup", "email_change"] {
        let mut seen = Vec::new();
        for email in ["ann@example.com", "new@example.com", "nobody@example.com"] {
            world.host.record();
            world.host.take_usage();
            world.host.errands_asked.set(0);
            let answer = world.post(RESEND, &json!({ "type": kind, "email": email }));
            assert_eq!(answer.status, 200);
            let cost = (world.host.take_usage().statements, world.host.errands_asked.get());
            seen.push((answer, cost, world.host.record()));
        }
        assert_eq!(seen[0], seen[1]);
        assert_eq!(seen[1], seen[2]);
        world.host.advance(60_000);
    }
    assert_eq!(world.count("auth_one_time_tokens"), "1");
}

#[test]
fn a_change_of_address_is_found_by_either_address() {
    let (world, ann) = World::with_ann_and(&[]);
    let change = json!({ "email": "new@example.com" });
    assert_eq!(world.put_user(ann.access_token(), &change).status, 200);
    let first = (world.mailed("email_change_current"), world.mailed("email_change_new"));
    for email in ["ann@example.com", "new@example.com"] {
        world.host.advance(60_000);
        let body = json!({ "type": "email_change", "email": email });
        assert_eq!(world.post(RESEND, &body).status, 200);
    }
    for old in [&first.0, &first.1] {
        world.verify_link("email_change", &old.link).is(403, "otp_expired");
    }
    let half = world.verify_link("email_change", &world.mailed("email_change_new").link);
    assert_eq!((half.status, half.text("/code")), (200, "200"));
    // What one has agreed to already is not asked again.
    world.host.advance(60_000);
    world.post(RESEND, &json!({ "type": "email_change", "email": "ann@example.com" }));
    assert_eq!(world.count("auth_one_time_tokens"), "1");
    let session = world.verify_link("email_change", &world.mailed("email_change_current").link);
    session.is_session();
    assert_eq!(session.text("/user/email"), "new@example.com");
}
