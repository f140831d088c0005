//! `POST /callback`: a provider that sends people back by a form, as Apple does.

use selvedge::http::encoding::query_pairs;

use super::issuer::{Browser, CALLBACK, CLIENT, ISSUER, Stage};
use super::*;

const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];

/// With the issuer under Apple's name.
fn stage() -> Stage {
    Stage::with(&[
        ("EXTERNAL_APPLE_ENABLED", "true"),
        ("EXTERNAL_APPLE_URL", ISSUER),
        ("EXTERNAL_APPLE_CLIENT_ID", CLIENT),
        ("EXTERNAL_APPLE_SECRET", "acme's & secret"),
    ])
}

fn send(stage: &Stage, body: &str) -> Answer {
    stage.world.send(Method::Post, "/auth/v1/callback", &FORM, body.as_bytes())
}

/// The query to which a form leads its browser.
#[track_caller]
fn led_on(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.body);
    let query = answer.location().strip_prefix(CALLBACK).and_then(|rest| rest.strip_prefix('?'));
    query.expect("the callback, wherever the form came from").to_owned()
}

#[test]
fn apple_is_asked_for_a_form_and_for_no_profile() {
    let stage = stage();
    let asked = |provider: &str| {
        let address = block_on(Browser::default().set_out(&stage, &format!("provider={provider}")));
        let (_, query) = address.split_once('?').expect("a query");
        let pairs = query_pairs(query).expect("percent-encoding");
        let find = |name: &str| pairs.iter().find(|(other, _)| other == name)?.1.clone();
        (find("response_mode"), find("scope").expect("scopes"))
    };
    assert_eq!(asked("apple"), (Some("form_post".into()), "openid email".into()));
    assert_eq!(asked("acme"), (None, "openid email profile".into()));
    // No client chooses it.
    assert_eq!(asked("acme&response_mode=form_post").0, None);
}

#[test]
fn a_form_leads_to_the_address_that_its_browser_opens() {
    let stage = stage();
    let browser = Browser::default();
    let address = block_on(browser.set_out(&stage, "provider=apple"));
    let back = stage.others.agree(&address);
    stage.world.host.take_usage();
    // Apple adds a name that nobody has signed.
    let form = format!("{back}&user=%7B%22name%22%3A%22Mallory%22%7D&id_token=x&redirect_to=x");
    let query = led_on(&send(&stage, &form));
    assert_eq!(stage.world.host.take_usage().round_trips, 0);
    let names: Vec<_> = query.split('&').map(|pair| pair.split('=').next()).collect();
    assert_eq!(names, [Some("code"), Some("state")]);
    let user = block_on(browser.come_back(&stage, &query)).user(&stage);
    assert_eq!(user["app_metadata"]["provider"], "apple");
    assert!(!user.to_string().contains("Mallory"));
    // Once.
    block_on(browser.come_back(&stage, &query)).is(400, "bad_oauth_state");
}

#[test]
fn another_browsers_form_leads_nobody_in() {
    let stage = stage();
    let mallory = Browser::default();
    let address = block_on(mallory.set_out(&stage, "provider=apple"));
    let query = led_on(&send(&stage, &stage.others.agree(&address)));
    let somebody = Browser::default();
    block_on(somebody.come_back(&stage, &query)).is(400, "bad_oauth_state");
    block_on(somebody.set_out(&stage, "provider=apple"));
    block_on(somebody.come_back(&stage, &query)).is(400, "bad_oauth_state");
    assert_eq!(stage.count("auth_sessions"), 0);
}

#[test]
fn what_is_no_form_of_a_provider_is_refused() {
    let stage = stage();
    let address = block_on(Browser::default().set_out(&stage, "provider=apple"));
    let back = stage.others.agree(&address);
    for body in [
        "",
        "code=x",
        "state=",
        "state",
        "code=x&State=y",
        "{\"state\":\"x\",\"code\":\"y\"}",
        &format!("{back}&error={}", "x".repeat(8 << 10)),
    ] {
        send(&stage, body).is(400, "bad_oauth_callback");
    }
    for body in ["state=%ff", "state=%zz", "state=%00"] {
        send(&stage, body).is(400, "validation_failed");
    }
    let json = [("content-type", "application/json")];
    for headers in [&json[..], &[]] {
        let body = back.as_bytes();
        let answer = stage.world.send(Method::Post, "/auth/v1/callback", headers, body);
        answer.is(400, "bad_oauth_callback");
    }
    assert_eq!(stage.count("auth_flows"), 1);
}

#[test]
fn a_form_with_a_field_twice_or_a_refusal_ends_at_the_address() {
    let stage = stage();
    let browser = Browser::default();
    let address = block_on(browser.set_out(&stage, "provider=apple"));
    let back = stage.others.agree(&address);
    let twice = led_on(&send(&stage, &format!("{back}&state=x")));
    block_on(browser.come_back(&stage, &twice)).is(400, "validation_failed");
    let (_, state) = back.split_once('&').expect("two pairs");
    let refused = led_on(&send(&stage, &format!("{state}&error=user_cancelled_authorize")));
    block_on(browser.come_back(&stage, &refused)).is_refused("access_denied");
}
