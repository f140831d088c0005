//! Encryption at rest, as the database sees it.

use crate::World;
use crate::authenticator::{App, ann_with_app};
use crate::support::{JWT_SECRET, config_with};
use crate::{Answer, credentials};

const OTHER: &str = "another secret of the tests, also 32 bytes";
const THIRD: &str = "a third secret of the tests, 32 bytes too";

fn stored(world: &World) -> String {
    world.host.query("select secret from auth_factors").expect("a text")
}

/// Signs in, and shows the app.
fn show(world: &World, app: &App) -> Answer {
    let below = world.password(&credentials("ann@example.com"));
    world.host.advance(60_000);
    world.show(below.access_token(), app)
}

#[test]
fn a_seed_is_stored_in_no_form_that_can_be_read() {
    let (world, app, _) = ann_with_app();
    let dump = world.host.dump();
    assert!(!dump.contains(&app.secret) && !dump.contains(&app.secret.to_lowercase()));
    assert_eq!(stored(&world).len(), (2 + 24 + 20 + 16_usize).div_ceil(3) * 4 - 1);
}

#[test]
fn a_seed_opens_in_no_other_row() {
    let (world, app, raised) = ann_with_app();
    let other = App::of(&world.enroll(raised.access_token(), "tablet"));
    world.host.execute(&format!(
        "update auth_factors set secret = (select secret from auth_factors where id = '{}')
         where id = '{}'",
        app.id, other.id
    ));
    // Whoever can write the database cannot put a seed of theirs in the place of somebody's.
    let challenge = world.challenge(raised.access_token(), &other.id);
    let (id, code) = (challenge.text("/id"), app.code(&world));
    let answer = world.verify(raised.access_token(), &other.id, id, &code);
    answer.is(500, "unexpected_failure");
    assert!(answer.cause.is_some_and(|cause| cause.contains("no live secret opens")));
}

#[test]
fn a_changed_or_missing_seed_is_a_failure_and_never_a_factor() {
    let (world, app, _) = ann_with_app();
    let good = stored(&world);
    for wrong in ["", "x", &good[1..], &format!("{good}A"), &good.to_lowercase()] {
        world.host.execute(&format!("update auth_factors set secret = '{wrong}'"));
        show(&world, &app).is(500, "unexpected_failure");
    }
    world.host.execute(&format!("update auth_factors set secret = '{good}'"));
    show(&world, &app).is_session();
}

#[test]
fn a_seed_is_sealed_anew_when_it_is_used_after_a_change() {
    let (mut world, app, _) = ann_with_app();
    let first = stored(&world);
    show(&world, &app).is_session();
    assert_eq!(stored(&world), first, "nothing has changed");
    // Wrong codes change nothing, so that a change shows a code that was right.
    world.config = config_with(&[("JWT_SECRET", OTHER), ("JWT_SECRET_PREVIOUS", JWT_SECRET)]);
    let below = world.password(&credentials("ann@example.com"));
    let challenge = world.challenge(below.access_token(), &app.id);
    let wrong = app.wrong_code(&world);
    let refused = world.verify(below.access_token(), &app.id, challenge.text("/id"), &wrong);
    refused.is(422, "mfa_verification_failed");
    assert_eq!(stored(&world), first);
    show(&world, &app).is_session();
    let second = stored(&world);
    assert_ne!(second, first);
    // So the secret of before can go.
    world.config = config_with(&[("JWT_SECRET", OTHER)]);
    show(&world, &app).is_session();
    assert_eq!(stored(&world), second);
    // Now encryption gets a secret of its own, and no longer depends on the other.
    world.config = config_with(&[("JWT_SECRET", OTHER), ("ENCRYPTION_SECRET", THIRD)]);
    show(&world, &app).is_session();
    world.config = config_with(&[("ENCRYPTION_SECRET", THIRD)]);
    show(&world, &app).is_session();
    // One that nobody has kept is gone, and with it the factor's use.
    world.config = config_with(&[("ENCRYPTION_SECRET", OTHER)]);
    show(&world, &app).is(500, "unexpected_failure");
}
