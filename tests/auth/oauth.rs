//! Ways in through other people's servers, and everything that must not lead in.

use sha2::{Digest, Sha256};

use super::issuer::{Browser, CALLBACK, SITE, Stage, acme, travel};
use super::support::config_with;
use super::*;

/// RFC 7636, appendix B.
pub const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
/// The parameters that announce [`VERIFIER`].
pub fn challenge() -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    format!("code_challenge={challenge}&code_challenge_method=s256")
}

pub fn pkce() -> String {
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

#[test]
fn the_settings_tell_who_vouches() {
    let stage = Stage::new();
    let settings = stage.world.send(Method::Get, "/auth/v1/settings", &[], b"").body;
    let external = &settings["external"];
    assert_eq!((&external["acme"], &external["github"]), (&json!(true), &json!(true)));
    assert_eq!(external["google"], false);
}
