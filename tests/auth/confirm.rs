//! `POST /signup` where addresses must be confirmed.

use serde_json::{Value, json};

use crate::support::interleave;
use crate::{PASSWORD, World, credentials};
use selvedge::http::Method;

const SIGN_UP: &str = "/auth/v1/signup";

fn ann() -> Value {
    credentials("ann@example.com")
}

/// The answer without what is random in it.
fn shape(body: &Value) -> String {
    let id = body["id"].as_str().expect("an id");
    body.to_string().replace(id, "ID")
}

#[test]
fn the_answer_is_the_account_and_no_session() {
    let world = World::strict();
    let mut body = ann();
    body["data"] = json!({ "name": "Ann", "n": 1, "email_verified": true });
    let told = world.post(SIGN_UP, &body);
    assert_eq!(told.status, 200, "{}", told.body);
    let now = "2026-08-20T10:11:12.345Z";
    let id = told.text("/id");
    let expected = json!({
        "id": id,
        "aud": "authenticated",
        "role": "authenticated",
        "email": "ann@example.com",
        "phone": "",
        "confirmation_sent_at": now,
        "app_metadata": { "provider": "email", "providers": ["email"] },
        "user_metadata": { "name": "Ann", "n": 1, "email_verified": false },
        "identities": [{
            "identity_id": id,
            "id": id,
            "user_id": id,
            "identity_data": {
                "email": "ann@example.com",
                "email_verified": false,
                "phone_verified": false,
                "sub": id,
            },
            "provider": "email",
            "last_sign_in_at": now,
            "created_at": now,
            "updated_at": now,
            "email": "ann@example.com",
        }],
        "created_at": now,
        "updated_at": now,
        "is_anonymous": false,
    });
    assert_eq!(told.body, expected);
    assert_eq!(world.count("auth_sessions"), "0");
    assert_eq!(world.letters(), "confirmation:ann@example.com");
    assert_eq!((world.host.take_usage().round_trips, world.host.hashes.get()), (2, 1));
    // It is told as it is stored.
    let session = world.verify_code("signup", "ann@example.com", &world.mailed("signup").code);
    session.is_session();
    assert_eq!(session.text("/user/id"), id);
    assert_eq!(session.body["user"]["user_metadata"]["email_verified"], true);
    assert_eq!(session.body["user"]["identities"][0]["identity_data"]["email_verified"], true);
    assert_eq!(crate::claims(session.access_token())["amr"][0]["method"], "email/signup");
}

#[test]
fn who_has_not_confirmed_does_not_come_in() {
    let world = World::strict();
    world.post(SIGN_UP, &ann());
    world.sign_in("ann@example.com").is(400, "email_not_confirmed");
    assert_eq!(world.count("auth_sessions"), "0");
    // Only whoever knows the password learns that.
    let mut wrong = ann();
    wrong["password"] = json!("another horse");
    world.password(&wrong).is(400, "invalid_credentials");
    world.verify_link("signup", &world.mailed("signup").link).is_session();
    world.sign_in("ann@example.com").is_session();
}

#[test]
fn a_taken_address_is_answered_like_a_free_one() {
    let (world, _) = World::with_ann_and(&[("MAILER_AUTOCONFIRM", "false")]);
    let stored = "select group_concat(id || password_hash || user_metadata) from auth_users";
    let before = world.host.query(stored);
    let mut seen = Vec::new();
    for email in ["ann@example.com", "new@example.com"] {
        let mut body = credentials(email);
        body["password"] = json!("another horse");
        world.host.take_usage();
        world.host.hashes.set(0);
        world.host.errands_asked.set(0);
        world.host.record();
        let answer = world.post(SIGN_UP, &body);
        let usage = world.host.take_usage();
        seen.push((
            (answer.status, answer.headers.clone()),
            shape(&answer.body).replace(email, "EMAIL"),
            (usage.round_trips, usage.statements),
            (world.host.hashes.get(), world.host.errands_asked.get()),
            world.host.record(),
        ));
        if email == "ann@example.com" {
            assert_eq!(world.host.query(stored), before);
            let owner = world.host.query("select id from auth_users").expect("one");
            assert_ne!(answer.text("/id"), owner);
        }
        // And a second time, soon and later.
        world.post(SIGN_UP, &body).is(429, "over_email_send_rate_limit");
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(world.letters(), "account_exists:ann@example.com confirmation:new@example.com");
}

#[test]
fn a_second_sign_up_tells_nothing_either() {
    let (world, _) = World::with_ann_and(&[("MAILER_AUTOCONFIRM", "false")]);
    let mut seen = Vec::new();
    for email in ["ann@example.com", "new@example.com"] {
        let answers = [0, 1].map(|_| {
            let answer = world.post(SIGN_UP, &credentials(email));
            assert_eq!(answer.status, 200, "{}", answer.body);
            world.host.advance(60_000);
            answer
        });
        assert_ne!(answers[0].text("/id"), answers[1].text("/id"));
        world.host.advance(-120_000);
        seen.push(answers.map(|answer| shape(&answer.body).replace(email, "EMAIL")));
    }
    assert_eq!(seen[0], seen[1]);
}

/// As docs/mail.md has it for who no longer lets every address count as confirmed.
#[test]
fn who_was_in_before_the_address_was_proven_is_out_whatever_letter_proves_it() {
    let statement = include_str!("../../docs/mail.md").split("```sql\n").nth(1);
    let statement = statement.and_then(|rest| rest.split("```").next()).expect("a statement");
    for kind in ["signup", "resend", "magiclink", "recover"] {
        let (mut world, mallory) = World::with_ann();
        world.host.execute(statement);
        world.config = World::strict().config;
        world.host.advance(120_000);
        let purpose = match kind {
            "magiclink" => "magiclink",
            "recover" => "recovery",
            _ => "signup",
        };
        let mut body = json!({ "email": "ann@example.com", "type": "signup" });
        if kind == "signup" {
            body["password"] = json!("another horse");
        }
        assert_eq!(world.post(&format!("/auth/v1/{kind}"), &body).status, 200, "{kind}");
        world.verify_link(purpose, &world.mailed(purpose).link).is_session();
        world.get_user(mallory.access_token()).is(403, "session_not_found");
        world.refresh(mallory.refresh_token()).is(400, "refresh_token_not_found");
        world.sign_in("ann@example.com").is(400, "invalid_credentials");
        if kind == "signup" {
            // Nor is anybody in who has had the letter sent: much may lie in the account already.
            world.password(&body).is(400, "invalid_credentials");
        }
    }
}

#[test]
fn an_account_of_a_provider_is_not_taken_over_by_a_sign_up() {
    let world = World::strict();
    world.host.execute(
        "insert into auth_users (id, email, created_at, updated_at)
         values ('11111111-1111-4111-8111-111111111111', 'ann@example.com', 0, 0);
         insert into auth_identities (id, user_id, provider, subject, created_at, updated_at)
         select id, id, 'github', '1', 0, 0 from auth_users",
    );
    assert_eq!(world.post(SIGN_UP, &ann()).status, 200);
    let password = "select count(*) from auth_users where password_hash is not null";
    assert_eq!(world.host.query(password).as_deref(), Some("0"));
}

#[test]
fn of_twenty_sign_ups_at_once_one_makes_an_account_and_one_mail_goes_out() {
    let world = World::strict();
    let body = ann().to_string();
    let request = crate::request(Method::Post, SIGN_UP, &[], body.as_bytes());
    let answers = interleave((0..20).map(|_| world.answer(&request)));
    let made = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(made, 1);
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        answer.is(429, "over_email_send_rate_limit");
    }
    assert_eq!((world.count("auth_users"), world.count("auth_letters")), ("1".into(), "1".into()));
}

#[test]
fn what_is_wrong_with_a_request_is_told_before_any_work() {
    let world = World::strict();
    for (body, status, code) in [
        (json!({ "email": "ann", "password": PASSWORD }), 400, "validation_failed"),
        (json!({ "email": "ann@example.com" }), 400, "validation_failed"),
        (json!({ "email": "ann@example.com", "password": "short" }), 422, "weak_password"),
        (
            json!({ "email": "ann@example.com", "password": PASSWORD, "data": [] }),
            400,
            "validation_failed",
        ),
        (
            json!({ "email": "ann@example.com", "password": PASSWORD, "code_challenge": "x",
                "code_challenge_method": "s256" }),
            400,
            "validation_failed",
        ),
        (
            json!({ "email": "ann@example.com", "password": PASSWORD,
                "code_challenge": crate::mailed::challenge(), "code_challenge_method": "plain" }),
            400,
            "validation_failed",
        ),
        (json!({ "phone": "+15550100", "password": PASSWORD }), 400, "phone_provider_disabled"),
    ] {
        world.post(SIGN_UP, &body).is(status, code);
    }
    assert_eq!((world.host.take_usage().round_trips, world.host.hashes.get()), (0, 0));
    assert_eq!(world.letters(), "");
}

#[test]
fn trouble_leaves_no_account_and_no_letter() {
    let world = World::strict();
    let before = world.host.dump();
    for k in [1, 2] {
        world.host.fail_batch(k, crate::unavailable());
        world.post(SIGN_UP, &ann()).is(503, "service_unavailable");
        assert_eq!(world.host.dump(), before);
    }
    // What was done although nobody was told is found by trying again, later.
    world.host.lose_answer(2, crate::unavailable());
    world.post(SIGN_UP, &ann()).is(503, "service_unavailable");
    world.verify_link("signup", &world.mailed("signup").link).is_session();
}
