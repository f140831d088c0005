//! Whose account it is that a provider vouches for, and that nobody comes into another.

use super::issuer::{Browser, SITE, Stage, acme, travel};
use super::oauth::pkce;
use super::provider_answers::octocat;
use super::support::interleave;
use super::*;

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
