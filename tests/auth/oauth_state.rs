//! What a browser takes to a provider and back: it counts once, for a while, and in that browser.

use super::issuer::{Browser, Stage};
use super::support::{config_with, interleave};
use super::*;

#[test]
fn a_state_counts_once_and_for_ten_minutes() {
    let stage = Stage::new();
    let browser = Browser::default();
    let back = stage.others.agree(&block_on(browser.set_out(&stage, "provider=acme")));
    block_on(browser.come_back(&stage, &back)).user(&stage);
    block_on(browser.come_back(&stage, &back)).is(400, "bad_oauth_state");
    // Also where the first use has failed.
    let back = stage.others.agree(&block_on(browser.set_out(&stage, "provider=acme")));
    let without_code = back.split_once('&').expect("a state").1;
    block_on(browser.come_back(&stage, without_code)).is_refused("bad_oauth_callback");
    block_on(browser.come_back(&stage, &back)).is(400, "bad_oauth_state");
    let back = stage.others.agree(&block_on(browser.set_out(&stage, "provider=acme")));
    stage.world.host.advance(600_000);
    block_on(browser.come_back(&stage, &back)).is(400, "bad_oauth_state");
    assert_eq!(stage.count("auth_sessions"), 1);
}

#[test]
fn of_simultaneous_uses_of_a_state_one_counts() {
    let stage = Stage::new();
    let browser = Browser::default();
    let back = stage.others.agree(&block_on(browser.set_out(&stage, "provider=acme")));
    let answers = interleave((0..3).map(|_| browser.come_back(&stage, &back)));
    let came_in = answers.iter().filter(|answer| answer.status == 302).count();
    assert_eq!((came_in, stage.count("auth_sessions")), (1, 1));
}

/// Nobody is signed in as somebody else by following a link.
#[test]
fn what_one_browser_has_begun_no_other_ends() {
    let stage = Stage::new();
    let (mallory, ann) = (Browser::default(), Browser::default());
    let back = stage.others.agree(&block_on(mallory.set_out(&stage, "provider=acme")));
    block_on(ann.come_back(&stage, &back)).is(400, "bad_oauth_state");
    // Neither where she is on her way herself.
    block_on(ann.set_out(&stage, "provider=acme"));
    block_on(ann.come_back(&stage, &back)).is(400, "bad_oauth_state");
    assert_eq!(stage.count("auth_sessions"), 0);
    // What was refused has used nothing up.
    block_on(mallory.come_back(&stage, &back)).user(&stage);
}

#[test]
fn two_tabs_of_one_browser_both_arrive() {
    let stage = Stage::new();
    let browser = Browser::default();
    let [one, two] = ["provider=acme", "provider=acme"]
        .map(|query| stage.others.agree(&block_on(browser.set_out(&stage, query))));
    block_on(browser.come_back(&stage, &two)).user(&stage);
    block_on(browser.come_back(&stage, &one)).user(&stage);
}

#[test]
fn a_state_that_is_none_is_refused() {
    let stage = Stage::new();
    let browser = Browser::default();
    let back = stage.others.agree(&block_on(browser.set_out(&stage, "provider=acme")));
    let state = back.rsplit_once('=').expect("a state").1.to_owned();
    let before = stage.world.host.dump();
    block_on(browser.come_back(&stage, "code=x")).is(400, "bad_oauth_callback");
    block_on(browser.come_back(&stage, "code=x&state=")).is(400, "bad_oauth_callback");
    block_on(browser.come_back(&stage, &format!("{back}&state={state}")))
        .is(400, "validation_failed");
    let id = stage.query("select id from auth_flows");
    let flipped = state.replacen(|_: char| true, if state.starts_with('A') { "B" } else { "A" }, 1);
    for wrong in ["x", &id, &flipped, &state[..63], &format!("{state}A")] {
        let answer = block_on(browser.come_back(&stage, &format!("code=x&state={wrong}")));
        answer.is(400, "bad_oauth_state");
    }
    assert_eq!(stage.world.host.dump(), before);
}

#[test]
fn keys_may_be_changed_while_somebody_is_away() {
    let mut stage = Stage::new();
    let browser = Browser::default();
    let back = stage.others.agree(&block_on(browser.set_out(&stage, "provider=acme")));
    let changed = |previous: &[(&str, &str)]| {
        let new = [("JWT_SECRET", "another secret, of 32 bytes and more")];
        config_with(&[&new, previous, &issuer::PROVIDERS].concat())
    };
    stage.world.config = changed(&[]);
    block_on(browser.come_back(&stage, &back)).is(400, "bad_oauth_state");
    stage.world.config = changed(&[("JWT_SECRET_PREVIOUS", support::JWT_SECRET)]);
    assert!(block_on(browser.come_back(&stage, &back)).fragment("access_token").is_some());
}
