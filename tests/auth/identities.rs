//! Several ways into one account: adding one, taking one away, and never anybody else's.

use super::issuer::{Browser, Stage, acme, travel};
use super::oauth::{VERIFIER, challenge, redeem};
use super::support::interleave;
use super::*;

const START_LINK: &str = "/auth/v1/user/identities/authorize?provider=acme&skip_http_redirect=true";

/// Somebody with an account of a password, and the access token of a session of it.
fn bob(stage: &Stage) -> (String, String) {
    let world = &stage.world;
    let id = stage.account(2, "bob@example.com", true);
    let hash = block_on(world.host.hash_password(&selvedge::secret::Secret::new(PASSWORD.into())));
    let hash = hash.expect("a hash");
    world
        .host
        .execute(&format!("update auth_users set password_hash = '{hash}' where id = '{id}'"));
    let session = world.password(&credentials("bob@example.com"));
    session.is_session();
    world.host.take_usage();
    (id, session.access_token().to_owned())
}

/// Begins to link: where the script is to lead the browser.
fn begin(stage: &Stage, token: &str, address: &str) -> String {
    let answer = stage.world.authorized(Method::Get, address, token);
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("set-cookie"), None, "a browser would not keep it");
    answer.text("/url").to_owned()
}

fn link(stage: &Stage, token: &str) -> Answer {
    let back = stage.others.agree(&begin(stage, token, START_LINK));
    block_on(Browser::default().come_back(stage, &back))
}

fn unlink(stage: &Stage, token: &str, id: &str) -> Answer {
    let address = format!("/auth/v1/user/identities/{id}");
    stage.world.authorized(Method::Delete, &address, token)
}

fn identity(stage: &Stage, provider: &str) -> String {
    stage.query(&format!("select id from auth_identities where provider = '{provider}'"))
}

#[test]
fn an_identity_is_added_to_the_account_that_asked() {
    let stage = Stage::new();
    let (id, token) = bob(&stage);
    let user = link(&stage, &token).user(&stage);
    assert_eq!((&user["id"], &user["email"]), (&json!(id), &json!("bob@example.com")));
    assert_eq!(
        user["app_metadata"],
        json!({ "provider": "email", "providers": ["email", "acme"] })
    );
    assert_eq!(user["identities"].as_array().map(Vec::len), Some(2));
    assert_eq!(user["user_metadata"]["name"], "A");
    // From now on it is a way in, whatever its address.
    assert_eq!(travel(&stage, "provider=acme").user(&stage)["id"], id.as_str());
    assert_eq!(stage.count("auth_users"), 1);
    // The password still is.
    stage.world.password(&credentials("bob@example.com")).is_session();
}

#[test]
fn nobody_elses_identity_is_taken() {
    let stage = Stage::new();
    let ann = travel(&stage, "provider=acme").user(&stage);
    let (_, token) = bob(&stage);
    let before = stage.world.host.dump();
    let answer = link(&stage, &token);
    answer.is_refused("identity_already_exists");
    assert_eq!(stage.world.host.dump(), before);
    assert_eq!(travel(&stage, "provider=acme").user(&stage)["id"], ann["id"]);
    let message = answer.fragment("error_description");
    assert_eq!(message.as_deref(), Some("Identity is already linked to another user"));
}

#[test]
fn one_identity_is_not_added_twice() {
    let stage = Stage::new();
    let (_, token) = bob(&stage);
    link(&stage, &token).user(&stage);
    let answer = link(&stage, &token);
    answer.is_refused("identity_already_exists");
    let message = answer.fragment("error_description");
    assert_eq!(message.as_deref(), Some("Identity is already linked"));
    assert_eq!(stage.count("auth_identities"), 2);
}

#[test]
fn of_two_who_link_one_identity_at_once_one_gets_it() {
    let stage = Stage::new();
    let (bob, token) = bob(&stage);
    let session = travel(&stage, "provider=acme").fragment("access_token").expect("a session");
    stage.others.person.replace(acme("shared", "shared@example.com"));
    let backs =
        [&token, &session].map(|token| stage.others.agree(&begin(&stage, token, START_LINK)));
    let browser = Browser::default();
    let answers = interleave(backs.iter().map(|back| browser.come_back(&stage, back)));
    let linked = answers.iter().filter(|answer| answer.fragment("access_token").is_some()).count();
    assert_eq!(linked, 1);
    let owners = "select count(distinct user_id) from auth_identities where subject = 'shared'";
    assert_eq!(stage.query(owners), "1");
    assert!(!bob.is_empty());
}

/// An address that a provider has verified is proof for sign-in, but linking asks for no address.
#[test]
fn an_unverified_address_may_be_linked_and_proves_nothing() {
    let stage = Stage::new();
    let (id, token) = bob(&stage);
    stage.others.person.borrow_mut()["email_verified"] = json!(false);
    let user = link(&stage, &token).user(&stage);
    assert_eq!((&user["id"], &user["email"]), (&json!(id), &json!("bob@example.com")));
    // Ann, whose address it is, gets an account of her own.
    stage.others.person.replace(acme("2", "ann@example.com"));
    assert_ne!(travel(&stage, "provider=acme").user(&stage)["id"], id.as_str());
}

#[test]
fn who_had_no_address_gets_a_verified_one_that_is_free() {
    for (taken, verified, expected) in
        [(false, true, "ann@example.com"), (true, true, ""), (false, false, "")]
    {
        let stage = Stage::new();
        let (id, token) = bob(&stage);
        stage.world.host.execute(
            "update auth_users set email = null, email_confirmed_at = null, is_anonymous = 1;
             delete from auth_identities",
        );
        if taken {
            stage.account(1, "ann@example.com", true);
        }
        stage.others.person.borrow_mut()["email_verified"] = json!(verified);
        let user = link(&stage, &token).user(&stage);
        assert_eq!((&user["id"], &user["email"]), (&json!(id), &json!(expected)));
        assert_eq!(user["is_anonymous"], false);
        assert_eq!(user.get("email_confirmed_at").is_some(), !expected.is_empty());
        assert_eq!(user["app_metadata"], json!({ "provider": "acme", "providers": ["acme"] }));
    }
}

#[test]
fn linking_needs_a_session_and_permission() {
    let stage = Stage::new();
    let (_, token) = bob(&stage);
    let refused = |token: Option<&str>| match token {
        Some(token) => stage.world.authorized(Method::Get, START_LINK, token),
        None => stage.world.send(Method::Get, START_LINK, &[], b""),
    };
    refused(None).is(401, "no_authorization");
    refused(Some("x")).is(401, "bad_jwt");
    let provider = START_LINK.replace("acme", "google");
    stage.world.authorized(Method::Get, &provider, &token).is(400, "validation_failed");
    stage.world.host.execute("delete from auth_sessions");
    refused(Some(&token)).is(403, "session_not_found");
    assert_eq!(stage.count("auth_flows"), 0);
    let closed = Stage::with(&[("SECURITY_MANUAL_LINKING_ENABLED", "false")]);
    let (_, token) = bob(&closed);
    closed.world.authorized(Method::Get, START_LINK, &token).is(404, "manual_linking_disabled");
    assert_eq!(closed.count("auth_flows"), 0);
}

#[test]
fn a_browser_may_be_led_at_once() {
    let stage = Stage::new();
    let (_, token) = bob(&stage);
    let address = START_LINK.replace("&skip_http_redirect=true", "");
    let answer = stage.world.authorized(Method::Get, &address, &token);
    assert!(answer.location().starts_with("https://acme.example/authorize?"));
}

#[test]
fn an_account_that_is_gone_or_banned_gets_nothing() {
    let until = support::START + 1000;
    let ban = format!("update auth_users set banned_until = {until}");
    for (sql, code) in [(ban.as_str(), "user_not_found"), ("delete from auth_users", "")] {
        let stage = Stage::new();
        let (_, token) = bob(&stage);
        let back = stage.others.agree(&begin(&stage, &token, START_LINK));
        stage.world.host.execute(sql);
        let answer = block_on(Browser::default().come_back(&stage, &back));
        match code {
            // With the account its flow is gone.
            "" => answer.is(400, "bad_oauth_state"),
            code => answer.is_refused(code),
        }
        assert_eq!(
            stage.query("select count(*) from auth_identities where provider = 'acme'"),
            "0"
        );
    }
}

/// A flow that needs no cookie is one that an access token has begun, and no other.
#[test]
fn a_state_without_a_mark_is_for_linking_alone() {
    let stage = Stage::new();
    let (_, token) = bob(&stage);
    let back = stage.others.agree(&begin(&stage, &token, START_LINK));
    stage.world.host.execute("update auth_flows set linking_user_id = null");
    block_on(Browser::default().come_back(&stage, &back)).is(400, "bad_oauth_state");
    assert_eq!(stage.count("auth_users"), 1);
}

#[test]
fn an_identity_is_taken_away() {
    let stage = Stage::new();
    let (_, token) = bob(&stage);
    link(&stage, &token).user(&stage);
    stage.world.host.take_usage();
    let answer = unlink(&stage, &token, &identity(&stage, "acme"));
    assert_eq!((answer.status, &answer.body), (200, &json!({})));
    assert_eq!(stage.world.host.take_usage().round_trips, 1);
    let user = stage.world.get_user(&token).body;
    assert_eq!(user["app_metadata"], json!({ "provider": "email", "providers": ["email"] }));
    assert_eq!(user["identities"].as_array().map(Vec::len), Some(1));
    // Whoever comes by it now is somebody else.
    assert_ne!(travel(&stage, "provider=acme").user(&stage)["id"], user["id"]);
    stage.world.password(&credentials("bob@example.com")).is_session();
}

#[test]
fn without_the_address_as_a_way_in_its_password_is_none() {
    let stage = Stage::new();
    let (_, token) = bob(&stage);
    link(&stage, &token).user(&stage);
    assert_eq!(unlink(&stage, &token, &identity(&stage, "email")).status, 200);
    let user = stage.world.get_user(&token).body;
    assert_eq!(user["app_metadata"], json!({ "provider": "acme", "providers": ["acme"] }));
    assert_eq!(user["email"], "ann@example.com", "that of the identity which is left");
    for email in ["bob@example.com", "ann@example.com"] {
        stage.world.password(&credentials(email)).is(400, "invalid_credentials");
    }
}

#[test]
fn an_address_that_is_not_verified_never_becomes_the_accounts() {
    let stage = Stage::new();
    let (_, token) = bob(&stage);
    stage.others.person.borrow_mut()["email_verified"] = json!(false);
    link(&stage, &token).user(&stage);
    assert_eq!(unlink(&stage, &token, &identity(&stage, "email")).status, 200);
    assert_eq!(stage.world.get_user(&token).body["email"], "bob@example.com");
}

#[test]
fn the_owner_is_told_of_both_and_by_which_provider() {
    let stage = Stage::new();
    let (_, token) = bob(&stage);
    link(&stage, &token).user(&stage);
    let letters = || {
        let sql = "select group_concat(kind || ' ' || recipient || ' ' || data, ', ') from
                   (select * from auth_letters order by kind)";
        stage.query(sql)
    };
    let linked = r#"identity_linked bob@example.com {"provider":"acme"}"#;
    assert_eq!(letters(), linked);
    assert!(stage.world.host.errands_asked.take() > 0);
    // A refusal tells nobody, and linking in vain neither.
    unlink(&stage, &token, "99999999-9999-4999-8999-999999999999").is(422, "identity_not_found");
    link(&stage, &token).is_refused("identity_already_exists");
    assert_eq!(letters(), linked);
    // Where the account was, even though it gets another address.
    assert_eq!(unlink(&stage, &token, &identity(&stage, "email")).status, 200);
    let unlinked = r#"identity_unlinked bob@example.com {"provider":"email"}"#;
    assert_eq!(letters(), format!("{linked}, {unlinked}"));
    assert!(stage.world.host.errands_asked.take() > 0);
}

#[test]
fn the_last_way_in_stays() {
    let stage = Stage::new();
    let (_, token) = bob(&stage);
    let before = stage.world.host.dump();
    unlink(&stage, &token, &identity(&stage, "email")).is(422, "single_identity_not_deletable");
    assert_eq!(stage.world.host.dump(), before);
}

#[test]
fn of_two_that_are_taken_away_at_once_one_stays() {
    let stage = Stage::new();
    let (_, token) = bob(&stage);
    link(&stage, &token).user(&stage);
    let bearer = format!("Bearer {token}");
    let requests = ["email", "acme"].map(|provider| {
        let address = format!("/auth/v1/user/identities/{}", identity(&stage, provider));
        request(Method::Delete, &address, &[("authorization", &bearer)], b"")
    });
    let answers = interleave(requests.iter().map(|request| stage.world.answer(request)));
    let mut statuses = [answers[0].status, answers[1].status];
    statuses.sort_unstable();
    assert_eq!((statuses, stage.count("auth_identities")), ([200, 422], 1));
}

#[test]
fn nobody_takes_anothers_away() {
    let stage = Stage::new();
    travel(&stage, "provider=acme").user(&stage);
    let anns = identity(&stage, "acme");
    let (_, token) = bob(&stage);
    stage.others.person.replace(acme("bob", "bob@example.com"));
    link(&stage, &token).user(&stage);
    let before = stage.world.host.dump();
    unlink(&stage, &token, &anns).is(422, "identity_not_found");
    let nothing = "99999999-9999-4999-8999-999999999999";
    unlink(&stage, &token, nothing).is(422, "identity_not_found");
    let address = format!("/auth/v1/user/identities/{anns}");
    stage.world.send(Method::Delete, &address, &[], b"").is(401, "no_authorization");
    assert_eq!(stage.world.host.dump(), before);
    stage.world.host.execute("delete from auth_sessions");
    unlink(&stage, &token, &identity(&stage, "email")).is(403, "session_not_found");
}

#[test]
fn an_address_that_is_somebody_elses_stops_it() {
    let stage = Stage::new();
    let (_, token) = bob(&stage);
    link(&stage, &token).user(&stage);
    stage.account(1, "ann@example.com", true);
    let emails = "select id from auth_identities where provider = 'email' and email like 'bob%'";
    let before = stage.world.host.dump();
    let answer = unlink(&stage, &token, &stage.query(emails));
    answer.is(422, "email_conflict_identity_not_deletable");
    assert_eq!(stage.world.host.dump(), before);
}

/// Links with PKCE: what the browser that comes back is given.
fn link_with_pkce(stage: &Stage, token: &str) -> Answer {
    let address = format!("{START_LINK}&{}", challenge());
    let back = stage.others.agree(&begin(stage, token, &address));
    block_on(Browser::default().come_back(stage, &back))
}

/// Somebody may be sent to a provider by another's link, to give an identity away.
#[test]
fn with_pkce_nothing_is_linked_until_the_app_asks_for_it() {
    let stage = Stage::new();
    let (id, token) = bob(&stage);
    let code = link_with_pkce(&stage, &token).parameter("code").expect("a code");
    assert_eq!(stage.count("auth_identities"), 1);
    redeem(&stage, &code, "not the secret").is(400, "bad_code_verifier");
    assert_eq!(stage.count("auth_identities"), 1);
    let session = redeem(&stage, &code, VERIFIER);
    session.is_session();
    assert_eq!(session.text("/user/id"), id);
    let providers = &session.body["user"]["app_metadata"]["providers"];
    assert_eq!(*providers, json!(["email", "acme"]));
    assert_eq!(session.text("/provider_token"), "acme's token");
    redeem(&stage, &code, VERIFIER).is(404, "flow_state_not_found");
    assert_eq!(travel(&stage, "provider=acme").user(&stage)["id"], id.as_str());
    let linked = "select count(*) from auth_audit where action = 'identity_linked'";
    assert_eq!(stage.query(linked), "1");
}

#[test]
fn with_pkce_nobody_elses_identity_is_taken_either() {
    let stage = Stage::new();
    travel(&stage, "provider=acme").user(&stage);
    let (id, token) = bob(&stage);
    link_with_pkce(&stage, &token).is_refused("identity_already_exists");
    assert_eq!(stage.count("auth_flows"), 0);
    // Nor one that has become somebody's while it waited.
    stage.others.person.replace(acme("2", "eve@example.com"));
    let code = link_with_pkce(&stage, &token).parameter("code").expect("a code");
    let eve = travel(&stage, "provider=acme").user(&stage);
    assert_ne!(eve["id"], id.as_str());
    redeem(&stage, &code, VERIFIER).is(404, "flow_state_not_found");
    assert_eq!(travel(&stage, "provider=acme").user(&stage)["id"], eve["id"]);
    let of_bob = format!("select count(*) from auth_identities where user_id = '{id}'");
    assert_eq!(stage.query(&of_bob), "1");
}

#[test]
fn nothing_is_linked_after_signing_out() {
    let stage = Stage::new();
    let (_, token) = bob(&stage);
    let back = stage.others.agree(&begin(&stage, &token, START_LINK));
    let code = link_with_pkce(&stage, &token).parameter("code").expect("a code");
    let out = stage.world.authorized(Method::Post, "/auth/v1/logout?scope=local", &token);
    assert_eq!(out.status, 204);
    block_on(Browser::default().come_back(&stage, &back)).is(400, "bad_oauth_state");
    redeem(&stage, &code, VERIFIER).is(404, "flow_state_not_found");
    assert_eq!(stage.query("select count(*) from auth_identities where provider = 'acme'"), "0");
}

#[test]
fn the_audit_log_is_told() {
    let stage = Stage::new();
    stage.account(1, "ann@example.com", false);
    travel(&stage, "provider=acme").user(&stage);
    let told = "select group_concat(action) from (
        select action from auth_audit where actor_id is not null order by action)";
    assert_eq!(stage.query(told), "identity_linked,login,user_modified");
    stage.others.person.replace(acme("2", "new@example.com"));
    stage.world.host.execute("delete from auth_audit");
    travel(&stage, "provider=acme").user(&stage);
    assert_eq!(stage.query(told), "identity_linked,login,user_signedup");
    assert!(!stage.query("select group_concat(traits) from auth_audit").contains('@'));
}

#[test]
fn identities_wait_for_the_second_factor() {
    let stage = Stage::new();
    let (id, token) = bob(&stage);
    link(&stage, &token).user(&stage);
    stage.world.host.execute(&format!(
        "insert into auth_factors (id, user_id, status, secret, created_at, updated_at)
         values ('22222222-2222-4222-8222-222222222222', '{id}', 'verified', 'x', 1, 1)"
    ));
    for provider in ["email", "acme"] {
        unlink(&stage, &token, &identity(&stage, provider)).is(401, "insufficient_aal");
    }
    stage.world.authorized(Method::Get, START_LINK, &token).is(401, "insufficient_aal");
    stage.world.host.execute("update auth_sessions set aal = 'aal2'");
    let address = begin(&stage, &token, START_LINK);
    // What has begun before does not end below either.
    stage.world.host.execute("update auth_sessions set aal = 'aal1'");
    stage.world.host.execute("delete from auth_identities where provider = 'acme'");
    let back = stage.others.agree(&address);
    block_on(Browser::default().come_back(&stage, &back));
    let count = "select count(*) from auth_identities where provider = 'acme'";
    assert_eq!(stage.query(count), "0");
    stage.world.host.execute("update auth_sessions set aal = 'aal2'");
    link(&stage, &token).user(&stage);
    stage.world.host.execute("update auth_sessions set aal = 'aal2'");
    assert_eq!(unlink(&stage, &token, &identity(&stage, "email")).status, 200);
}

/// As docs/mail.md has it for who no longer lets every address count as confirmed.
#[test]
fn what_counted_as_confirmed_is_taken_back() {
    let stage = Stage::new();
    let (_, token) = bob(&stage);
    let statement = include_str!("../../docs/mail.md").split("```sql\n").nth(1);
    let statement = statement.and_then(|rest| rest.split("```").next()).expect("a statement");
    stage.world.host.execute(statement);
    stage.others.person.replace(acme("9", "bob@example.com"));
    let user = travel(&stage, "provider=acme").user(&stage);
    assert_eq!(user["identities"].as_array().map(Vec::len), Some(1));
    stage.world.password(&credentials("bob@example.com")).is(400, "invalid_credentials");
    stage.world.get_user(&token).is(403, "session_not_found");
    // Who came by a provider has proven the address.
    stage.world.host.execute(statement);
    assert_eq!(stage.query("select count(*) from auth_users where email_confirmed_at > 0"), "1");
}
