//! What a provider says, which is believed only as far as it must be.

use super::issuer::{Browser, Stage, travel};
use super::support::inbound;
use super::*;
use selvedge::outbound::FetchError;

#[test]
fn a_statement_that_is_not_about_this_flow_is_not_believed() {
    let now = support::START / 1000;
    for (name, value) in [
        ("iss", json!("https://acme.example")),
        ("iss", json!("https://acme.example/realm/")),
        ("iss", json!("https://accounts.google.com")),
        ("iss", json!(["https://acme.example/realm"])),
        ("iss", json!(null)),
        ("aud", json!("another")),
        // Good for what a phone brings, and for nothing that is redeemed here.
        ("aud", json!("phone")),
        ("aud", json!(["another"])),
        ("aud", json!([])),
        ("aud", json!(["selvedge at acme", "another"])),
        ("aud", json!(["selvedge at acme", 7])),
        ("aud", json!({ "selvedge at acme": 1 })),
        ("aud", json!(null)),
        ("azp", json!("another")),
        ("azp", json!(7)),
        ("exp", json!(now)),
        ("exp", json!(0)),
        ("exp", json!("9999999999")),
        ("exp", json!(1e12)),
        ("exp", json!(null)),
        ("nbf", json!(now + 1)),
        ("nonce", json!("another")),
        ("nonce", json!("")),
        ("nonce", json!(null)),
        ("sub", json!("")),
        ("sub", json!(1)),
        ("sub", json!(null)),
        ("sub", json!("x".repeat(256))),
    ] {
        let stage = Stage::new();
        stage.lie(name, value.clone());
        let answer = travel(&stage, "provider=acme");
        answer.is_refused("bad_oauth_callback");
        assert_eq!(stage.count("auth_users"), 0, "{name} {value}");
        assert!(!answer.location().contains(name), "the log is told why, the app is not");
        assert!(stage.world.host.log.borrow().concat().contains("acme: "));
    }
}

#[test]
fn several_audiences_are_fine_if_we_have_asked() {
    let stage = Stage::new();
    let lies =
        vec![("aud", json!(["another", "selvedge at acme"])), ("azp", json!("selvedge at acme"))];
    stage.others.lies.replace(lies);
    travel(&stage, "provider=acme").user(&stage);
}

#[test]
fn what_a_provider_answers_is_not_trusted_to_be_an_answer() {
    let broken = || Err(FetchError { message: "the answer is too long".into() });
    let token = |token: &str| {
        let answer = json!({ "access_token": "a", "token_type": "Bearer", "id_token": token });
        inbound(200, &answer.to_string())
    };
    for (answer, code) in [
        (broken(), "service_unavailable"),
        (inbound(500, "{}"), "bad_oauth_callback"),
        (inbound(302, ""), "bad_oauth_callback"),
        (inbound(200, ""), "bad_oauth_callback"),
        (inbound(200, "<html>"), "bad_oauth_callback"),
        (inbound(200, "[]"), "bad_oauth_callback"),
        (inbound(200, "{}"), "bad_oauth_callback"),
        (inbound(200, r#"{"error":"invalid_grant"}"#), "bad_oauth_callback"),
        (inbound(200, r#"{"access_token":7}"#), "bad_oauth_callback"),
        (inbound(200, r#"{"access_token":"a","access_token":"b"}"#), "bad_oauth_callback"),
        (inbound(200, r#"{"access_token":"a","token_type":"mac"}"#), "bad_oauth_callback"),
        (inbound(200, r#"{"access_token":"a","token_type":"Bearer"}"#), "bad_oauth_callback"),
        (inbound(200, &"[".repeat(100_000)), "bad_oauth_callback"),
        (token(""), "bad_oauth_callback"),
        (token("a.b"), "bad_oauth_callback"),
        (token("a.b.c.d"), "bad_oauth_callback"),
        (token("e30.e30.AAAA"), "bad_oauth_callback"),
        (token("e30.e30=.AAAA"), "bad_oauth_callback"),
        (token(&format!("e30.{}.AAAA", "A".repeat(9000))), "bad_oauth_callback"),
    ] {
        let stage = Stage::new();
        stage.others.broken.borrow_mut().insert("/token", answer.clone());
        travel(&stage, "provider=acme").is_refused(code);
        assert_eq!(stage.count("auth_users"), 0, "{answer:?}");
    }
}

#[test]
fn an_issuer_that_describes_itself_otherwise_is_not_asked() {
    for (name, value) in [
        ("issuer", json!("https://acme.example")),
        ("issuer", json!(null)),
        ("authorization_endpoint", json!("javascript:alert(1)")),
        ("authorization_endpoint", json!("http://acme.example/authorize")),
        ("authorization_endpoint", json!(null)),
        ("token_endpoint", json!("http://acme.example/token")),
        ("token_endpoint", json!("https://acme.example@evil.example/token")),
        ("token_endpoint", json!(["https://acme.example/token"])),
    ] {
        let stage = Stage::new();
        stage.others.described.replace(vec![(name, value)]);
        let answer = block_on(Browser::default().open(&stage, "/auth/v1/authorize?provider=acme"));
        answer.is(400, "bad_oauth_callback");
        assert_eq!(stage.count("auth_flows"), 0);
    }
    for answer in
        [inbound(404, "{}"), inbound(200, "{"), inbound(200, r#"{"issuer":1,"issuer":2}"#)]
    {
        let stage = Stage::new();
        stage.others.broken.borrow_mut().insert("openid-configuration", answer);
        let answer = block_on(Browser::default().open(&stage, "/auth/v1/authorize?provider=acme"));
        answer.is(400, "bad_oauth_callback");
        // It is asked again when it has recovered.
        stage.others.broken.borrow_mut().clear();
        travel(&stage, "provider=acme").user(&stage);
    }
}

#[test]
fn more_about_a_person_must_be_about_the_same() {
    let stage = Stage::new();
    stage.lie("email", json!(null));
    let user = travel(&stage, "provider=acme").user(&stage);
    assert_eq!(user["email"], "ann@example.com");
    let stage = Stage::new();
    stage.others.lies.replace(vec![("email", json!(null)), ("sub", json!("2"))]);
    travel(&stage, "provider=acme").is_refused("bad_oauth_callback");
    assert_eq!(stage.count("auth_users"), 0);
}

/// RFC 9207: no code is taken to a server that it is not from.
#[test]
fn an_answer_of_another_issuer_is_redeemed_nowhere() {
    let stage = Stage::new();
    let browser = Browser::default();
    for iss in ["https://evil.example", "https://acme.example/realm/", ""] {
        let back = stage.others.agree(&block_on(browser.set_out(&stage, "provider=acme")));
        stage.world.host.fetched.take();
        let answer = block_on(browser.come_back(&stage, &format!("{back}&iss={iss}")));
        answer.is_refused("bad_oauth_callback");
        assert!(stage.world.host.fetched.borrow().is_empty());
    }
    let back = stage.others.agree(&block_on(browser.set_out(&stage, "provider=acme")));
    let right = format!("{back}&iss=https://acme.example/realm");
    block_on(browser.come_back(&stage, &right)).user(&stage);
    // Where the issuer says that it names itself, it must.
    let stage = Stage::new();
    let names = ("authorization_response_iss_parameter_supported", json!(true));
    stage.others.described.replace(vec![names]);
    travel(&stage, "provider=acme").is_refused("bad_oauth_callback");
}

#[test]
fn a_code_of_another_provider_buys_nothing() {
    let stage = Stage::new();
    let browser = Browser::default();
    stage.others.github.replace(octocat("ann@example.com"));
    let from_acme = stage.others.agree(&block_on(browser.set_out(&stage, "provider=acme")));
    let to_github = block_on(browser.set_out(&stage, "provider=github"));
    let from_github = stage.others.agree(&to_github);
    let (code, _) = from_acme.split_once('&').expect("a state");
    let (_, state) = from_github.split_once('&').expect("a state");
    stage.others.broken.borrow_mut().insert("oauth/access_token", inbound(200, r#"{"error":"x"}"#));
    let answer = block_on(browser.come_back(&stage, &format!("{code}&{state}")));
    answer.is_refused("bad_oauth_callback");
    assert_eq!(stage.count("auth_users"), 0);
}

#[test]
fn what_went_wrong_at_the_provider_is_told_in_our_words() {
    let stage = Stage::new();
    let browser = Browser::default();
    for (error, code, name) in [
        ("access_denied", "access_denied", "access_denied"),
        ("server_error", "bad_oauth_callback", "invalid_request"),
        ("%3Cscript%3E", "bad_oauth_callback", "invalid_request"),
    ] {
        let back = stage.others.agree(&block_on(browser.set_out(&stage, "provider=acme")));
        let (_, state) = back.split_once('&').expect("a state");
        let query = format!("error={error}&error_description=Call+%2B1-555&{state}");
        let answer = block_on(browser.come_back(&stage, &query));
        answer.is_refused(code);
        assert_eq!(answer.fragment("error").as_deref(), Some(name));
        assert!(!answer.location().contains("555") && !answer.location().contains("%3C"));
        // A code beside an error counts for nothing, and neither does the state again.
        block_on(browser.come_back(&stage, &back)).is(400, "bad_oauth_state");
    }
    assert_eq!(stage.count("auth_users"), 0);
}

pub fn octocat(email: &str) -> (Value, Value) {
    let user = json!({ "id": 583_231, "login": "octocat", "name": "Octo", "email": "public@example.com",
        "avatar_url": "https://github.com/o.png" });
    let emails = json!([
        { "email": "other@example.com", "primary": false, "verified": true },
        { "email": email, "primary": true, "verified": true },
    ]);
    (user, emails)
}

#[test]
fn of_githubs_addresses_the_primary_verified_one_counts() {
    let stage = Stage::new();
    stage.others.github.replace(octocat("octo@example.com"));
    let user = travel(&stage, "provider=github").user(&stage);
    assert_eq!(user["email"], "octo@example.com");
    assert_eq!(user["user_metadata"]["user_name"], "octocat");
    assert_eq!(user["identities"][0]["id"], "583231");
    // A login that somebody else has got opens nothing; the number does.
    stage.others.github.borrow_mut().0["login"] = json!("another");
    assert_eq!(travel(&stage, "provider=github").user(&stage)["id"], user["id"]);
    stage.others.github.borrow_mut().0["id"] = json!(1);
    stage.others.github.borrow_mut().1[1]["verified"] = json!(false);
    travel(&stage, "provider=github").is_refused("email_address_not_provided");
    stage.others.github.borrow_mut().1[1] = json!({ "email": "octo@example.com", "primary": true });
    travel(&stage, "provider=github").is_refused("email_address_not_provided");
    stage.others.github.borrow_mut().1 = json!([]);
    travel(&stage, "provider=github").is_refused("email_address_not_provided");
    for user in [json!({}), json!({ "id": null }), json!({ "id": "1" }), json!([])] {
        stage.others.github.borrow_mut().0 = user;
        travel(&stage, "provider=github").is_refused("bad_oauth_callback");
    }
    for emails in [json!({}), json!(["octo@example.com"]), json!(null)] {
        stage.others.github.replace((octocat("").0, emails));
        travel(&stage, "provider=github").is_refused("bad_oauth_callback");
    }
    assert_eq!(stage.count("auth_users"), 1);
}
