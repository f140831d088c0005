//! `/verify`: links and codes.

use serde_json::{Value, json};

use crate::World;
use crate::mailed::Mailed;
use crate::support::interleave;
use selvedge::http::Method;

const VERIFY: &str = "/auth/v1/verify";
const SITE: &str = "http://127.0.0.1:54321";

/// With Ann, to whom a mail for recovery was sent.
fn with_mail() -> (World, Mailed) {
    let (world, _) = World::with_ann();
    assert_eq!(world.post("/auth/v1/recover", &json!({ "email": "ann@example.com" })).status, 200);
    let mailed = world.mailed("recovery");
    world.host.take_usage();
    (world, mailed)
}

#[test]
fn a_request_that_is_no_verification() {
    let (world, mailed) = with_mail();
    let Mailed { link, code } = &mailed;
    let email = "ann@example.com";
    for (body, what) in [
        (json!({}), "type"),
        (json!({ "type": "" , "token_hash": link }), "type"),
        (json!({ "type": "recover", "token_hash": link }), "type"),
        (json!({ "type": "reauthentication", "email": email, "token": code }), "type"),
        (json!({ "type": "recovery" }), "token"),
        (json!({ "type": "recovery", "email": email }), "token"),
        (json!({ "type": "recovery", "email": email, "token": "" }), "token"),
        (json!({ "type": "recovery", "token": code }), "email"),
        (json!({ "type": "recovery", "email": email, "token_hash": link }), "token_hash"),
        (json!({ "type": "recovery", "token": code, "token_hash": link }), "token_hash"),
    ] {
        let answer = world.post(VERIFY, &body);
        answer.is(400, "validation_failed");
        assert!(answer.text("/message").contains(what), "{body}: {}", answer.body);
    }
    for body in [
        json!({ "type": "sms", "phone": "+15550100", "token": code }),
        json!({ "type": "phone_change", "phone": "+15550100", "token": code }),
        json!({ "type": "recovery", "phone": "+15550100", "token": code }),
    ] {
        world.post(VERIFY, &body).is(400, "phone_provider_disabled");
    }
    for body in ["", "[]", r#"{"type":1}"#, r#"{"type":"recovery","token":123456}"#] {
        world.send(Method::Post, VERIFY, &[], body.as_bytes()).is(400, "bad_json");
    }
    assert_eq!(world.host.take_usage().round_trips, 0);
    world.verify_link("recovery", link).is_session();
}

#[test]
fn every_neighbor_of_a_link_is_refused_without_asking_the_database() {
    let (world, Mailed { link, code }) = with_mail();
    for index in 0..link.len() {
        let mut changed = link.clone();
        let other = if link[index..].starts_with('A') { "B" } else { "A" };
        changed.replace_range(index..=index, other);
        world.verify_link("recovery", &changed).is(403, "otp_expired");
    }
    for wrong in ["x", &link[..63], &format!("{link}A"), &code, "%00", "' or 1=1 --"] {
        let answer = world.verify_link("recovery", wrong);
        answer.is(403, "otp_expired");
        assert_eq!(answer.text("/message"), "Email link is invalid or has expired");
    }
    assert_eq!(world.host.take_usage().round_trips, 0);
    world.verify_link("recovery", &link).is_session();
    world.verify_link("recovery", &link).is(403, "otp_expired");
}

#[test]
fn a_link_is_good_for_its_purpose_alone() {
    let (world, Mailed { link, code }) = with_mail();
    for kind in ["signup", "invite", "magiclink", "email", "email_change"] {
        world.verify_link(kind, &link).is(403, "otp_expired");
        world.verify_code(kind, "ann@example.com", &code).is(403, "otp_expired");
    }
    world.verify_code("recovery", "bob@example.com", &code).is(403, "otp_expired");
    // Nothing of that was an attempt at this code.
    let attempts = "select attempts from auth_one_time_tokens";
    assert_eq!(world.host.query(attempts).as_deref(), Some("0"));
    world.verify_code("recovery", "ANN@example.com", &code).is_session();
}

#[test]
fn a_link_lives_an_hour_and_a_code_ten_minutes() {
    let (world, Mailed { link, code }) = with_mail();
    world.host.advance(600_000);
    world.verify_code("recovery", "ann@example.com", &code).is(403, "otp_expired");
    world.host.advance(3_000_000 - 1);
    world.verify_link("recovery", &link).is_session();
    let (world, Mailed { link, .. }) = with_mail();
    world.host.advance(3_600_000);
    world.verify_link("recovery", &link).is(403, "otp_expired");
    let (world, Mailed { code, .. }) = with_mail();
    world.host.advance(600_000 - 1);
    world.verify_code("recovery", "ann@example.com", &code).is_session();
}

#[test]
fn a_code_is_void_after_five_attempts() {
    let (world, mailed) = with_mail();
    for _ in 0..5 {
        let wrong = mailed.wrong_code();
        let answer = world.verify_code("recovery", "ann@example.com", &wrong);
        answer.is(403, "otp_expired");
        assert_eq!(answer.text("/message"), "Token has expired or is invalid");
    }
    world.verify_code("recovery", "ann@example.com", &mailed.code).is(403, "otp_expired");
    // The link cannot be guessed, so nobody else's attempts close it.
    world.verify_link("recovery", &mailed.link).is_session();
}

#[test]
fn of_many_uses_of_a_code_at_once_one_counts_and_wrong_ones_are_five() {
    let (world, mailed) = with_mail();
    let race = |codes: &[&str]| {
        let requests: Vec<_> = codes
            .iter()
            .map(|code| {
                let body = json!({ "type": "recovery", "email": "ann@example.com", "token": code });
                crate::request(Method::Post, VERIFY, &[], body.to_string().as_bytes())
            })
            .collect();
        let answers = interleave(requests.iter().map(|request| world.answer(request)));
        answers.iter().filter(|answer| answer.status == 200).count()
    };
    assert_eq!(race(&[mailed.code.as_str(); 25]), 1);
    assert_eq!(world.count("auth_sessions"), "2");
    world.host.advance(60_000);
    world.post("/auth/v1/recover", &json!({ "email": "ann@example.com" }));
    let next = world.mailed("recovery");
    let wrong = next.wrong_code();
    let mut codes = vec![wrong.as_str(); 20];
    codes[19] = &next.code;
    assert_eq!(race(&codes), 0);
    let attempts = "select attempts from auth_one_time_tokens";
    assert_eq!(world.host.query(attempts).as_deref(), Some("5"));
}

#[test]
fn unknown_and_known_addresses_look_alike_to_whoever_has_no_code() {
    let (world, mailed) = with_mail();
    let mut seen = Vec::new();
    for email in ["ann@example.com", "nobody@example.com", "no address"] {
        world.host.record();
        let answer = world.verify_code("recovery", email, &mailed.wrong_code());
        seen.push((answer, world.host.take_usage().round_trips, world.host.record()));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[1], seen[2]);
    assert_eq!(seen[0].1, 1);
}

#[test]
fn who_is_banned_or_gone_does_not_come_in() {
    let (world, Mailed { link, .. }) = with_mail();
    world.host.execute("update auth_users set banned_until = 9000000000000");
    world.verify_link("recovery", &link).is(400, "user_banned");
    assert_eq!(world.count("auth_sessions"), "1");
    let (world, Mailed { link, .. }) = with_mail();
    world.host.execute("update auth_users set email = 'other@example.com'");
    world.verify_link("recovery", &link).is(403, "otp_expired");
    let (world, Mailed { link, .. }) = with_mail();
    world.host.execute("delete from auth_users");
    world.verify_link("recovery", &link).is(403, "otp_expired");
}

#[test]
fn of_a_banned_account_nothing_is_confirmed_and_nothing_used_up() {
    let world = World::strict();
    for (address, kind) in [("signup", "signup"), ("recover", "recovery")] {
        world.host.execute("update auth_users set banned_until = null");
        world.host.advance(61_000);
        world.post(&format!("/auth/v1/{address}"), &crate::credentials("ann@example.com"));
        let Mailed { link, code } = world.mailed(kind);
        world.host.execute("update auth_users set banned_until = 9000000000000");
        let before = world.host.dump();
        world.verify_link(kind, &link).is(400, "user_banned");
        assert_eq!(
            world.click(kind, &link, SITE).led_with("error_code").as_deref(),
            Some("user_banned")
        );
        assert_eq!(world.host.dump(), before, "{kind}");
        world.verify_code(kind, "ann@example.com", &code).is(400, "user_banned");
        assert_eq!(world.count("auth_sessions"), "0");
    }
    let stored = "select count(*) from auth_users where email_confirmed_at is null and password_hash is not null";
    assert_eq!(world.host.query(stored).as_deref(), Some("1"));
}

/// A session that ends sooner than its token would takes the token with it, whichever way the token is told.
#[test]
fn a_click_tells_how_long_its_token_really_lives() {
    let (mut world, Mailed { link, .. }) = with_mail();
    world.config = crate::support::config_with(&[("SESSIONS_INACTIVITY_TIMEOUT", "30m")]);
    let led = world.click("recovery", &link, SITE);
    assert_eq!(led.led_with("expires_in").as_deref(), Some("1800"));
}

#[test]
fn a_click_leads_on_with_tokens() {
    let (world, Mailed { link, .. }) = with_mail();
    let led = world.click("recovery", &link, &format!("{SITE}/welcome?a=1"));
    assert!(led.location().starts_with(&format!("{SITE}/welcome?a=1#access_token=ey")));
    assert_eq!(led.led_with("type").as_deref(), Some("recovery"));
    assert_eq!(led.led_with("token_type").as_deref(), Some("bearer"));
    assert_eq!(led.led_with("expires_in").as_deref(), Some("3600"));
    assert_eq!(led.led_with("sb").as_deref(), Some(""));
    let token = led.led_with("access_token").expect("a token");
    assert_eq!(world.get_user(&token).status, 200);
    world.refresh(&led.led_with("refresh_token").expect("a token")).is_session();
    let again = world.click("recovery", &link, &format!("{SITE}/welcome"));
    let expected = "#error=access_denied&error_code=otp_expired\
        &error_description=Email%20link%20is%20invalid%20or%20has%20expired&sb=";
    let query = expected.trim_end_matches("&sb=").replacen('#', "?", 1);
    assert_eq!(again.location(), format!("{SITE}/welcome{query}{expected}"));
}

#[test]
fn a_click_that_leads_nowhere_is_told_to_the_log() {
    let (world, Mailed { link, .. }) = with_mail();
    world.click("recovery", &link, "");
    world.host.log.take();
    world.click("recovery", &link, "").led_with("error").expect("used");
    let log = world.host.log.borrow().concat();
    assert!(log.starts_with(r#"{"time":"2026-08-20T10:1"#), "{log}");
    assert!(log.contains(r#""way":"recovery","code":"otp_expired""#), "{log}");
    assert!(!log.contains(&link), "{log}");
}

#[test]
fn a_click_leads_nowhere_but_where_it_may() {
    for wish in
        ["", "//evil.example", "https://evil.example/", "javascript:alert(1)", "x%0d%0ay: z"]
    {
        let (world, Mailed { link, .. }) = with_mail();
        let led = world.click("recovery", &link, wish);
        assert!(led.location().starts_with(&format!("{SITE}#access_token=")), "{wish}");
    }
}

#[test]
fn a_form_of_another_site_signs_nobody_in() {
    let (world, Mailed { link, .. }) = with_mail();
    for site in ["cross-site", "same-site", "none", ""] {
        let headers =
            [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", site)];
        let body = format!("token={link}&type=recovery");
        let refused = world.send(Method::Post, VERIFY, &headers, body.as_bytes());
        refused.is(400, "validation_failed");
    }
    for body in [
        "",
        "token=",
        &format!("token={link}"),
        &format!("token={link}&type=x"),
        "type=recovery",
        "token=%ff&type=recovery",
        &format!("{{\"token\":\"{link}\",\"type\":\"recovery\"}}"),
    ] {
        let form = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
        world.send(Method::Post, VERIFY, &form, body.as_bytes()).is(400, "validation_failed");
    }
    assert_eq!(world.host.take_usage().round_trips, 0);
}

#[test]
fn opening_a_link_is_enough_where_that_is_wanted() {
    let (mut world, Mailed { link, .. }) = with_mail();
    world.config = crate::support::config_with(&[("MAILER_VERIFY_DIRECTLY", "true")]);
    let open = |query: &str| world.send(Method::Get, &format!("{VERIFY}?{query}"), &[], b"");
    for query in
        ["", "type=recovery", "token=&type=recovery", &format!("token={link}"), "token=x&type=y"]
    {
        open(query).is(400, "validation_failed");
    }
    let led = open(&format!("token={link}&type=recovery&redirect_to={SITE}/x"));
    assert!(led.location().starts_with(&format!("{SITE}/x#access_token=")));
    let again = open(&format!("token={link}&type=recovery&redirect_to=https://evil.example"));
    assert!(again.location().starts_with(&format!("{SITE}?error=access_denied")));
}

#[test]
fn trouble_while_clicking_is_ours_and_leads_nowhere() {
    let (world, Mailed { link, .. }) = with_mail();
    for k in [1, 2] {
        world.host.fail_batch(k, crate::unavailable());
        world.click("recovery", &link, SITE).is(503, "service_unavailable");
    }
    assert!(world.click("recovery", &link, SITE).led_with("access_token").is_some());
}

#[test]
fn the_answer_of_a_code_is_a_session() {
    let (world, Mailed { code, .. }) = with_mail();
    let session = world.verify_code("recovery", "ann@example.com", &code);
    session.is_session();
    assert_eq!(world.host.take_usage().round_trips, 2);
    assert_eq!(session.body["user"]["email"], json!("ann@example.com"));
    assert_ne!(session.body["user"]["last_sign_in_at"], Value::Null);
    world.verify_code("recovery", "ann@example.com", &code).is(403, "otp_expired");
}
