//! Ways in through other people's servers, and everything that must not lead in.

use selvedge::outbound::FetchError;
use sha2::{Digest, Sha256};

use super::issuer::{Browser, CALLBACK, SITE, Stage, acme, travel};
use super::support::{config_with, inbound, interleave};
use super::*;

/// RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// The parameters that announce [`VERIFIER`].
pub fn challenge() -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    format!("code_challenge={challenge}&code_challenge_method=s256")
}

fn pkce() -> String {
    format!("provider=acme&{}", challenge())
}

pub fn redeem(stage: &Stage, code: &str, verifier: &str) -> Answer {
    let body = json!({ "auth_code": code, "code_verifier": verifier });
    stage.world.post("/auth/v1/token?grant_type=pkce", &body)
}

#[test]
fn somebody_new_gets_an_account() {
    let stage = Stage::new();
    let answer = travel(&stage, "provider=acme");
    assert!(answer.location().starts_with("http://127.0.0.1:54321#access_token="));
    assert_eq!(answer.fragment("provider_token").as_deref(), Some("acme's token"));
    assert_eq!(answer.fragment("provider_refresh_token").as_deref(), Some("acme's other token"));
    assert_eq!(answer.fragment("token_type").as_deref(), Some("bearer"));
    let user = answer.user(&stage);
    assert_eq!(user["email"], "ann@example.com");
    assert!(user["email_confirmed_at"].is_string() && user["last_sign_in_at"].is_string());
    assert_eq!(user["app_metadata"], json!({ "provider": "acme", "providers": ["acme"] }));
    assert_eq!(user["user_metadata"]["full_name"], "Ann of Acme");
    assert_eq!(user["user_metadata"]["avatar_url"], "https://acme.example/ann.png");
    let identity = &user["identities"][0];
    assert_eq!((&identity["provider"], &identity["id"]), (&json!("acme"), &json!("1")));
    assert_eq!(identity["identity_data"]["email_verified"], true);
    assert_eq!(identity["user_id"], user["id"]);
    let claims = claims(&answer.fragment("access_token").expect("a session"));
    assert_eq!((&claims["amr"][0]["method"], &claims["aal"]), (&json!("oauth"), &json!("aal1")));
    // Nothing of the flow is left, and nothing of the provider's.
    assert_eq!(stage.count("auth_flows"), 0);
    assert!(!stage.world.host.dump().contains("acme's token"));
}

#[test]
fn with_pkce_the_address_has_a_code_that_counts_once() {
    let stage = Stage::new();
    let answer = travel(&stage, &format!("{}&redirect_to=https://app.example/in?a=b", pkce()));
    assert!(answer.location().starts_with("https://app.example/in?a=b&code="));
    assert!(!answer.location().contains(['#']) && !answer.location().contains("acme"));
    assert_eq!(stage.count("auth_sessions"), 0);
    assert!(!stage.world.host.dump().contains("acme's token"), "it waits encrypted");
    let code = answer.parameter("code").expect("a code");
    redeem(&stage, &code, &VERIFIER.replace('d', "e")).is(400, "bad_code_verifier");
    let session = redeem(&stage, &code, VERIFIER);
    session.is_session();
    assert_eq!(session.text("/provider_token"), "acme's token");
    assert_eq!(session.text("/provider_refresh_token"), "acme's other token");
    assert_eq!(session.text("/user/email"), "ann@example.com");
    redeem(&stage, &code, VERIFIER).is(404, "flow_state_not_found");
    assert_eq!((stage.count("auth_sessions"), stage.count("auth_flows")), (1, 0));
}

#[test]
fn tokens_of_one_flow_open_in_no_other() {
    let stage = Stage::new();
    let [one, two] = [0, 1].map(|_| travel(&stage, &pkce()).parameter("code").expect("a code"));
    stage.world.host.execute(
        "update auth_flows set provider_tokens = (
           select provider_tokens from auth_flows order by id limit 1
         )",
    );
    let answers = [one, two].map(|code| redeem(&stage, &code, VERIFIER).status);
    assert!(answers.contains(&200) && answers.contains(&500), "{answers:?}");
}

#[test]
fn who_comes_again_finds_the_same_account() {
    let stage = Stage::new();
    let first = travel(&stage, "provider=acme").user(&stage);
    stage.world.host.execute(
        r#"update auth_users set user_metadata = '{"full_name":"As she likes","shoes":41}'"#,
    );
    // Even with another address, which the account does not take over.
    stage.others.person.replace(acme("1", "new@example.com"));
    let again = travel(&stage, "provider=acme").user(&stage);
    assert_eq!((&again["id"], &again["email"]), (&first["id"], &json!("ann@example.com")));
    assert_eq!(again["user_metadata"]["full_name"], "As she likes");
    assert_eq!(again["user_metadata"]["shoes"], 41);
    assert_eq!(again["user_metadata"]["name"], "Ann of Acme");
    assert_eq!(again["identities"][0]["email"], "new@example.com");
    assert_eq!((stage.count("auth_users"), stage.count("auth_identities")), (1, 1));
}

#[test]
fn a_way_in_takes_three_round_trips_and_with_a_challenge_two() {
    let stage = Stage::new();
    let browser = Browser::default();
    let cost =
        || (stage.world.host.take_usage().round_trips, stage.world.host.fetched.take().len());
    let address = block_on(browser.set_out(&stage, "provider=acme"));
    assert_eq!(cost(), (1, 1));
    let back = stage.others.agree(&address);
    block_on(browser.come_back(&stage, &back)).user(&stage);
    // The last is `GET /user`.
    assert_eq!(cost(), (3 + 1, 1));
    let address = block_on(browser.set_out(&stage, &pkce()));
    let back = stage.others.agree(&address);
    assert_eq!(cost(), (1, 0), "the issuer is known by now");
    assert!(block_on(browser.come_back(&stage, &back)).parameter("code").is_some());
    assert_eq!(cost(), (2, 1));
    stage.world.host.advance(3_600_000);
    block_on(browser.set_out(&stage, "provider=acme"));
    assert_eq!(cost(), (1, 1), "and asked again after an hour");
}

#[test]
fn simultaneous_arrivals_make_one_account() {
    for seed in 0..4 {
        let stage = Stage::new();
        stage.world.host.seed(seed);
        let browsers: Vec<Browser> = (0..4).map(|_| Browser::default()).collect();
        let travels = browsers.iter().map(|browser| browser.travel(&stage, "provider=acme"));
        let answers = interleave(travels);
        let ids: Vec<_> = answers.iter().map(|answer| answer.user(&stage)["id"].clone()).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!((stage.count("auth_users"), stage.count("auth_identities")), (1, 1));
    }
}

#[test]
fn a_verified_address_leads_to_the_account_that_has_proven_it() {
    let stage = Stage::new();
    let id = stage.account(1, "Ann@Example.com", true);
    let user = travel(&stage, "provider=acme").user(&stage);
    assert_eq!(user["id"], id.as_str());
    assert_eq!(
        user["app_metadata"],
        json!({ "provider": "email", "providers": ["email", "acme"] })
    );
    assert_eq!(user["user_metadata"]["name"], "A");
    assert_eq!(stage.query("select password_hash from auth_users"), "a hash");
    assert_eq!(stage.count("auth_sessions"), 2);
    let letters = "select group_concat(kind || ' ' || recipient || ' ' || data) from auth_letters";
    let told = r#"identity_linked Ann@Example.com {"provider":"acme"}"#;
    assert_eq!(stage.query(letters), told);
    assert!(stage.world.host.errands_asked.take() > 0);
    travel(&stage, "provider=acme").user(&stage);
    assert_eq!(stage.query(letters), told, "once");
}

#[test]
fn who_is_new_is_not_told_of_a_way_in() {
    let stage = Stage::new();
    travel(&stage, "provider=acme").user(&stage);
    assert_eq!(stage.count("auth_letters"), 0);
    let trapped = Stage::new();
    trapped.account(1, "ann@example.com", false);
    travel(&trapped, "provider=acme").user(&trapped);
    assert_eq!(trapped.count("auth_letters"), 0);
}

/// CVE-2024-38351 and CVE-2026-44166: somebody waits for the owner of an address.
#[test]
fn a_trap_is_emptied_before_its_owner_comes_in() {
    let stage = Stage::new();
    let id = stage.account(1, "ann@example.com", false);
    let world = &stage.world;
    world.host.execute(&format!(
        "update auth_users set new_email = 'mallory@example.com';
         insert into auth_identities (id, user_id, provider, subject, email, identity_data,
           created_at, updated_at)
         values ('b', '{id}', 'other', '666', 'mallory@example.com', '{{\"email_verified\":true}}', 2, 2),
                ('c', '{id}', 'third', '666', 'ann@example.com', '{{\"email_verified\":false}}', 3, 3);
         insert into auth_flows (id, linking_user_id, provider, method, redirect_to, created_at)
         values ('d', '{id}', 'acme', 'oauth', '{SITE}', {}),
                ('e', '{id}', 'acme', 'oauth', '{SITE}', {});
         update auth_flows set user_id = '{id}', linking_user_id = null where id = 'e';
         insert into auth_one_time_tokens (id, user_id, purpose, address, created_at)
         values ('f', '{id}', 'recovery', 'ann@example.com', 1);
         insert into auth_recovery_codes (user_id, digest) values ('{id}', 'x');
         insert into auth_factors (id, user_id, secret, status, created_at, updated_at)
         values ('g', '{id}', 'x', 'verified', 1, 1);",
        support::START,
        support::START,
    ));
    let user = travel(&stage, "provider=acme").user(&stage);
    assert_eq!((&user["id"], &user["email"]), (&json!(id), &json!("ann@example.com")));
    assert_eq!(user["app_metadata"], json!({ "provider": "acme", "providers": ["acme"] }));
    assert_eq!(user["identities"].as_array().map(Vec::len), Some(1));
    assert_eq!(user["user_metadata"]["name"], "Ann of Acme");
    assert!(user["email_confirmed_at"].is_string() && user.get("new_email").is_none());
    for table in ["auth_flows", "auth_one_time_tokens", "auth_factors", "auth_recovery_codes"] {
        assert_eq!(stage.count(table), 0, "{table}");
    }
    assert_eq!(stage.query("select count(password_hash) from auth_users"), "0");
    assert_eq!(stage.count("auth_sessions"), 1, "the owner's");
    assert_eq!(stage.query(&format!("select count(*) from auth_sessions where id = '{id}'")), "0");
}

#[test]
fn an_address_that_the_provider_has_not_verified_leads_nowhere() {
    for taken in [None, Some(false), Some(true)] {
        for verified in [json!(false), json!("false"), json!(null), json!(1), json!("yes")] {
            let stage = Stage::new();
            if let Some(is_confirmed) = taken {
                stage.account(1, "ann@example.com", is_confirmed);
            }
            let before = stage.world.host.dump();
            stage.others.person.borrow_mut()["email_verified"] = verified.clone();
            let answer = travel(&stage, "provider=acme");
            // One answer, whether or not the address is somebody's.
            answer.is_refused("provider_email_needs_verification");
            assert_eq!(stage.world.host.dump(), before, "{taken:?} {verified}");
        }
    }
}

#[test]
fn where_nothing_is_confirmed_only_a_providers_word_is_proof() {
    let stage = Stage::with(&[("MAILER_AUTOCONFIRM", "true")]);
    let id = stage.account(1, "ann@example.com", true);
    let user = travel(&stage, "provider=acme").user(&stage);
    assert_eq!(user["id"], id.as_str());
    assert_eq!(stage.query("select count(password_hash) from auth_users"), "0");
    assert_eq!(user["app_metadata"]["providers"], json!(["acme"]));
    // From now on it is proven: another provider adds to it and takes nothing away.
    stage.world.host.execute("update auth_users set password_hash = 'her own'");
    stage.others.github.replace(octocat("ann@example.com"));
    let user = travel(&stage, "provider=github").user(&stage);
    assert_eq!(user["app_metadata"]["providers"], json!(["acme", "github"]));
    assert_eq!(stage.query("select password_hash from auth_users"), "her own");
}

#[test]
fn without_confirmation_an_unverified_address_is_good_for_a_new_account_only() {
    let stage = Stage::with(&[("MAILER_AUTOCONFIRM", "true")]);
    stage.others.person.borrow_mut()["email_verified"] = json!(false);
    let user = travel(&stage, "provider=acme").user(&stage);
    assert_eq!(user["email"], "ann@example.com");
    stage.others.person.borrow_mut()["sub"] = json!("2");
    travel(&stage, "provider=acme").is_refused("provider_email_needs_verification");
    assert_eq!(stage.count("auth_identities"), 1);
    // Its owner gets the address, and the other loses the account.
    stage.others.person.replace(acme("3", "ann@example.com"));
    let owner = travel(&stage, "provider=acme").user(&stage);
    assert_eq!(owner["identities"].as_array().map(Vec::len), Some(1));
    assert_eq!(owner["identities"][0]["id"], "3");
    assert_eq!((stage.count("auth_users"), stage.count("auth_sessions")), (1, 1));
}

#[test]
fn without_an_address_there_is_no_new_account() {
    for email in [json!(null), json!(""), json!("no address"), json!(7), json!("a@b\r\nc@d")] {
        let stage = Stage::new();
        stage.others.person.borrow_mut()["email"] = email;
        travel(&stage, "provider=acme").is_refused("email_address_not_provided");
        assert_eq!(stage.count("auth_users"), 0);
    }
}

#[test]
fn who_has_an_account_needs_no_address() {
    let stage = Stage::new();
    let user = travel(&stage, "provider=acme").user(&stage);
    stage.others.person.replace(json!({ "sub": "1" }));
    assert_eq!(travel(&stage, "provider=acme").user(&stage)["id"], user["id"]);
}

#[test]
fn nobody_new_comes_in_where_sign_up_is_closed() {
    let stage = Stage::with(&[("DISABLE_SIGNUP", "true")]);
    travel(&stage, "provider=acme").is_refused("signup_disabled");
    assert_eq!((stage.count("auth_users"), stage.count("auth_identities")), (0, 0));
    let id = stage.account(1, "ann@example.com", true);
    assert_eq!(travel(&stage, "provider=acme").user(&stage)["id"], id.as_str());
}

#[test]
fn who_is_banned_stays_out_by_every_way() {
    let ban = |stage: &Stage| {
        let until = support::START + 1000;
        stage.world.host.execute(&format!("update auth_users set banned_until = {until}"));
    };
    for query in ["provider=acme".to_owned(), pkce()] {
        // By the address alone.
        for is_confirmed in [true, false] {
            let stage = Stage::new();
            stage.account(1, "ann@example.com", is_confirmed);
            ban(&stage);
            let before = stage.world.host.dump();
            travel(&stage, &query).is_refused("user_banned");
            assert_eq!(stage.world.host.dump(), before);
        }
        // By an identity.
        let stage = Stage::new();
        travel(&stage, "provider=acme").user(&stage);
        ban(&stage);
        travel(&stage, &query).is_refused("user_banned");
        assert_eq!(stage.count("auth_sessions"), 1);
    }
}

/// A known identity is judged by its own account, whatever its address says.
#[test]
fn a_banned_neighbor_keeps_nobody_out() {
    let stage = Stage::new();
    travel(&stage, "provider=acme").user(&stage);
    stage.account(2, "bob@example.com", true);
    let until = support::START + 1000;
    stage.world.host.execute(&format!(
        "update auth_users set banned_until = {until} where email = 'bob@example.com'"
    ));
    stage.others.person.replace(acme("1", "bob@example.com"));
    assert_eq!(travel(&stage, "provider=acme").user(&stage)["email"], "ann@example.com");
}

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

/// CVE-2026-22032: checked when the flow begins, and again when it ends.
#[test]
fn nobody_is_led_astray() {
    for evil in [
        "https://evil.example",
        "//evil.example",
        "https:evil.example",
        "https://app.example.evil.example/",
        "https://app.example@evil.example/",
        "https://evil.example%2F@app.example/",
        "/%5Cevil.example",
        "javascript:alert(1)",
        "https://app.example/%0d%0aset-cookie:a=b",
    ] {
        let stage = Stage::new();
        let answer = travel(&stage, &format!("provider=acme&redirect_to={evil}"));
        assert!(
            answer.location().starts_with(&format!("{SITE}#")),
            "{evil}: {}",
            answer.location()
        );
        // Even if it stands in the database.
        let browser = Browser::default();
        let back = stage.others.agree(&block_on(browser.set_out(&stage, "provider=acme")));
        let plain = evil.replace("%0d%0a", "\r\n").replace("%5C", "\\");
        let update = format!("update auth_flows set redirect_to = '{plain}'");
        stage.world.host.execute(&update);
        let answer = block_on(browser.come_back(&stage, &back));
        assert!(
            answer.location().starts_with(&format!("{SITE}#")),
            "{evil}: {}",
            answer.location()
        );
    }
}

#[test]
fn an_address_that_is_no_longer_allowed_is_not_gone_to() {
    let mut stage = Stage::new();
    let browser = Browser::default();
    let query = "provider=acme&redirect_to=https://app.example/in";
    let back = stage.others.agree(&block_on(browser.set_out(&stage, query)));
    let settings = [("URI_ALLOW_LIST", "")];
    stage.world.config = config_with(&[&settings[..], &issuer::PROVIDERS].concat());
    let answer = block_on(browser.come_back(&stage, &back));
    assert!(answer.location().starts_with(&format!("{SITE}#access_token=")));
}

#[test]
fn a_client_chooses_nothing_that_is_ours() {
    let stage = Stage::new();
    let browser = Browser::default();
    let query = "provider=acme&prompt=select_account&login_hint=a%26b%3Dc&scopes=calendar+drive\
        &client_id=evil&redirect_uri=https://evil.example&response_type=token&state=mine\
        &response_mode=fragment&nonce=mine&request=x&request_uri=https://evil.example\
        &scope=everything&Redirect_URI=https://evil.example&claims=x&code_verifier=x";
    let address = block_on(browser.set_out(&stage, query));
    // `agree` has asserted that no name is there twice.
    let back = stage.others.agree(&address);
    assert!(!address.contains("evil") && !address.contains("mine"), "{address}");
    assert!(!address.contains("request") && !address.contains("response_mode"), "{address}");
    assert!(address.contains("&prompt=select_account&login_hint=a%26b%3Dc"), "{address}");
    assert!(address.contains("scope=openid%20email%20profile%20calendar%20drive&"), "{address}");
    assert!(address.contains(&CALLBACK.replace(':', "%3A").replace('/', "%2F")));
    block_on(browser.come_back(&stage, &back)).user(&stage);
}

#[test]
fn what_cannot_begin_leaves_nothing_behind() {
    let stage = Stage::new();
    for query in [
        "",
        "provider=",
        "provider=google",
        "provider=ACME",
        "provider=email",
        "provider=acme&provider=github",
        "provider=acme&code_challenge=short&code_challenge_method=s256",
        pkce().trim_end_matches("s256"),
        &pkce().replace("s256", "plain"),
        pkce().split_once("&code_challenge_method").expect("two parts").0,
    ] {
        let address = format!("/auth/v1/authorize?{query}");
        let answer = block_on(Browser::default().open(&stage, &address));
        answer.is(400, "validation_failed");
    }
    assert_eq!(stage.count("auth_flows"), 0);
    assert!(stage.world.host.fetched.borrow().is_empty());
}

#[test]
fn a_provider_that_was_switched_off_meanwhile_lets_nobody_in() {
    let mut stage = Stage::new();
    let browser = Browser::default();
    let back = stage.others.agree(&block_on(browser.set_out(&stage, "provider=acme")));
    stage.world.config = config();
    block_on(browser.come_back(&stage, &back)).is_refused("validation_failed");
    assert_eq!(stage.count("auth_users"), 0);
}

#[test]
fn trouble_of_the_database_lets_nobody_in() {
    for batch in 1..=3 {
        let stage = Stage::new();
        let browser = Browser::default();
        let back = stage.others.agree(&block_on(browser.set_out(&stage, "provider=acme")));
        stage.world.host.fail_batch(batch, unavailable());
        let answer = block_on(browser.come_back(&stage, &back));
        match batch {
            1 => answer.is(503, "service_unavailable"),
            _ => answer.is_refused("service_unavailable"),
        }
        assert_eq!(stage.count("auth_sessions"), 0);
    }
}

fn octocat(email: &str) -> (Value, Value) {
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

#[test]
fn two_providers_of_one_person_lead_to_one_account() {
    let stage = Stage::new();
    let user = travel(&stage, "provider=acme").user(&stage);
    stage.others.github.replace(octocat("ANN@example.com"));
    let again = travel(&stage, "provider=github").user(&stage);
    assert_eq!(again["id"], user["id"]);
    assert_eq!(
        again["app_metadata"],
        json!({ "provider": "acme", "providers": ["acme", "github"] })
    );
}

#[test]
fn the_settings_tell_who_vouches() {
    let stage = Stage::new();
    let settings = stage.world.send(Method::Get, "/auth/v1/settings", &[], b"").body;
    let external = &settings["external"];
    assert_eq!((&external["acme"], &external["github"]), (&json!(true), &json!(true)));
    assert_eq!(external["google"], false);
}
