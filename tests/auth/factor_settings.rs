//! Second factors as they are set up: switched off, or few.

use serde_json::json;

use crate::World;
use crate::authenticator::{App, FACTORS, ann_with_app};
use crate::support::config_with;
use selvedge::http::Method;

const NO_MORE: (&str, &str) = ("MFA_TOTP_ENROLL_ENABLED", "false");
const NONE: (&str, &str) = ("MFA_TOTP_VERIFY_ENABLED", "false");

#[test]
fn where_no_app_can_be_added_those_that_are_there_still_count() {
    let (mut world, app, raised) = ann_with_app();
    world.config = config_with(&[NO_MORE]);
    let refused = world.enroll(raised.access_token(), "tablet");
    refused.is(422, "mfa_totp_enroll_not_enabled");
    assert_eq!(refused.text("/message"), "MFA enroll is disabled for TOTP");
    assert_eq!(world.host.take_usage().round_trips, 0);
    let session = world.password(&crate::credentials("ann@example.com"));
    world.show(session.access_token(), &app).is_session();
}

#[test]
fn where_codes_are_not_taken_nothing_is_raised_and_nothing_guarded_opens() {
    let (mut world, app, raised) = ann_with_app();
    let codes = world.post_as(raised.access_token(), "/auth/v1/factors/recovery-codes", &json!({}));
    assert_eq!(codes.status, 200);
    let session = world.password(&crate::credentials("ann@example.com"));
    let token = session.access_token();
    let challenge = world.challenge(token, &app.id);
    world.config = config_with(&[NO_MORE, NONE]);
    world.host.take_usage();
    let before = world.host.dump();
    world.challenge(token, &app.id).is(422, "mfa_totp_verify_not_enabled");
    let refused = world.verify(token, &app.id, challenge.text("/id"), &app.code(&world));
    refused.is(422, "mfa_totp_verify_not_enabled");
    assert_eq!(refused.text("/message"), "MFA verification is disabled for TOTP");
    world.enroll(token, "tablet").is(422, "mfa_totp_enroll_not_enabled");
    for who in ["", "x"] {
        let status = world.challenge(who, &app.id).status;
        assert_eq!(status, 401, "whether it is switched on is told to users");
    }
    assert_eq!(world.host.take_usage().round_trips, 0);
    assert_eq!(world.host.dump(), before);
    // The factor is there as before, and so is what it guards.
    world.unenroll(token, &app.id).is(422, "insufficient_aal");
    let other = json!({ "password": "another horse" }).to_string();
    let bearer = [("authorization", &*format!("Bearer {token}"))];
    let refused = world.send(Method::Put, "/auth/v1/user", &bearer, other.as_bytes());
    refused.is(401, "insufficient_aal");
    // Recovery codes are for the day when there are no others.
    let code = json!({ "code": codes.text("/codes/0") });
    world.post_as(token, "/auth/v1/factors/recovery-codes/verify", &code).is_session();
}

#[test]
fn an_account_has_as_many_factors_as_it_may() {
    let (mut world, ann) = World::with_ann();
    world.config = config_with(&[("MFA_MAX_ENROLLED_FACTORS", "2")]);
    for name in ["phone", "tablet"] {
        App::of(&world.enroll(ann.access_token(), name));
    }
    world.enroll(ann.access_token(), "watch").is(422, "too_many_enrolled_mfa_factors");
    let body = json!({ "factor_type": "totp", "friendly_name": "phone" });
    world.post_as(ann.access_token(), FACTORS, &body).is(422, "too_many_enrolled_mfa_factors");
    // What nobody has proven makes room.
    world.host.advance(300_001);
    App::of(&world.enroll(ann.access_token(), "watch"));
}
