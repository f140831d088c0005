//! The outbox: what is posted is sent, once where that can be, again where it failed, and not for ever.

use super::*;

use selvedge::db::Rows;
use selvedge::outbound::{Email, SendError};
use support::{START, config_with};

const USER: &str = "11111111-1111-4111-8111-111111111111";
const TOKEN: &str = "22222222-2222-4222-8222-222222222222";
pub const LETTER: &str = "33333333-3333-4333-8333-333333333333";
pub const FROM: (&str, &str) = ("MAILER_FROM", "The Loom <mail@loom.example>");
const MINUTE: i64 = 60_000;

/// A project whose letters leave by the platform's binding, with Ann and no letter.
pub fn world_with(settings: &[(&str, &str)]) -> World {
    let world = World { host: NativeHost::new(""), config: config_with(settings) };
    world.host.execute(&format!(
        "insert into auth_users (id, email, app_metadata, user_metadata, created_at, updated_at)
         values ('{USER}', 'ann@example.com', '{{}}', '{{\"name\":\"Ann\"}}', {START}, {START});"
    ));
    world
}

fn world() -> World {
    world_with(&[FROM])
}

/// Posts a letter with a link that was made now.
pub fn post_recovery(world: &World) {
    let now = world.host.now();
    world.host.execute(&format!(
        "insert into auth_one_time_tokens (id, user_id, purpose, address, redirect_to, created_at)
         values ('{TOKEN}', '{USER}', 'recovery', 'ann@example.com', 'https://loom.example/a?b=c&d', {now});
         insert into auth_letters (id, kind, user_id, token_id, recipient, due_at, created_at)
         values ('{LETTER}', 'recovery', '{USER}', '{TOKEN}', 'ann@example.com', {now}, {now});"
    ));
}

fn post_notice(world: &World, id: usize, kind: &str) {
    let now = world.host.now();
    world.host.execute(&format!(
        "insert into auth_letters (id, kind, user_id, recipient, data, due_at, created_at)
         values ('letter-{id}', '{kind}', '{USER}', 'ann@example.com',
           '{{\"provider\":\"github\"}}', {now}, {now});"
    ));
}

pub fn errands(world: &World) {
    block_on(auth::errands(&world.host, &world.config));
}

fn emails(world: &World) -> Vec<Email> {
    world.host.emails.take()
}

fn waiting(world: &World) -> String {
    world.host.query("select count(*) from auth_letters").expect("a count")
}

/// The outcomes that were logged since this was last asked.
pub fn outcomes(world: &World) -> Vec<String> {
    let lines = world.host.log.take();
    let read = |line: &String| serde_json::from_str::<Value>(line).expect("JSON");
    lines.iter().map(|line| read(line)["outcome"].as_str().unwrap_or("none").to_owned()).collect()
}

#[test]
fn a_letter_is_sent_and_then_gone() {
    let world = world();
    post_recovery(&world);
    errands(&world);
    let emails = emails(&world);
    let [email] = emails.as_slice() else { panic!("one e-mail: {emails:?}") };
    assert_eq!(
        (email.sender_name.as_str(), email.sender.as_str()),
        ("The Loom", "mail@loom.example")
    );
    assert_eq!(email.recipient, "ann@example.com");
    assert_eq!(email.subject, "A new password for The Loom");
    let link = "http://127.0.0.1:54321/auth/v1/verify?token=";
    for text in [&email.text, &email.html] {
        assert!(text.contains(link), "{text}");
    }
    assert!(
        email
            .text
            .contains("&type=recovery&redirect_to=https%3A%2F%2Floom.example%2Fa%3Fb%3Dc%26d\n")
    );
    assert_eq!((waiting(&world).as_str(), world.host.take_usage().round_trips), ("0", 2));
    errands(&world);
    assert!(world.host.emails.take().is_empty());
    assert_eq!(world.host.take_usage().round_trips, 1, "nothing due is found out by one");
}

#[test]
fn nothing_of_a_letter_is_logged_but_its_kind() {
    let world = world();
    post_recovery(&world);
    errands(&world);
    let lines = world.host.log.borrow().join("\n");
    assert!(lines.contains(r#""letter":"recovery""#) && lines.contains(LETTER), "{lines}");
    for secret in ["ann@", "token", "verify", "http", "Ann"] {
        assert!(!lines.contains(secret), "{secret}: {lines}");
    }
}

#[test]
fn what_fails_is_tried_again_ever_later_and_then_given_up() {
    let world = world();
    post_notice(&world, 1, "password_changed");
    let refused = SendError { message: "E_RATE_LIMIT_EXCEEDED".into() };
    world.host.mailer_refuses.replace(Some(refused));
    for attempt in 1..=8_u32 {
        errands(&world);
        let expected = if attempt < 8 { "failed" } else { "given up" };
        assert_eq!(outcomes(&world), [expected], "{attempt}");
        // Until it is due nobody tries it.
        world.host.advance(MINUTE * (1 << (attempt - 1)) - 1);
        errands(&world);
        assert!(world.host.log.borrow().is_empty(), "{attempt}");
        world.host.advance(1);
    }
    assert_eq!(waiting(&world), "0");
    world.host.mailer_refuses.replace(None);
    errands(&world);
    assert!(emails(&world).is_empty());
}

#[test]
fn what_fails_once_arrives_later() {
    let world = world();
    post_notice(&world, 1, "password_changed");
    world.host.mailer_refuses.replace(Some(SendError { message: "no".into() }));
    errands(&world);
    world.host.mailer_refuses.replace(None);
    errands(&world);
    assert!(emails(&world).is_empty(), "too early");
    world.host.advance(MINUTE);
    errands(&world);
    assert_eq!((emails(&world).len(), waiting(&world).as_str()), (1, "0"));
}

#[test]
fn two_deliveries_at_once_send_each_letter_once() {
    let world = world();
    for id in 0..4 {
        post_notice(&world, id, "mfa_enrolled");
    }
    support::interleave((0..4).map(|_| auth::errands(&world.host, &world.config)));
    assert_eq!((emails(&world).len(), waiting(&world).as_str()), (4, "0"));
}

#[test]
fn more_than_fits_into_a_round_goes_with_the_next() {
    let world = world();
    for id in 0..12 {
        post_notice(&world, id, "mfa_enrolled");
    }
    errands(&world);
    assert_eq!((emails(&world).len(), waiting(&world).as_str()), (5, "7"));
    block_on(auth::scheduled(&world.host, &world.config));
    assert_eq!((emails(&world).len(), waiting(&world).as_str()), (7, "0"));
}

#[test]
fn letters_that_cannot_be_sent_hold_up_no_new_one() {
    let world = world();
    for id in 0..9 {
        post_notice(&world, id, "mfa_enrolled");
    }
    world.host.mailer_refuses.replace(Some(SendError { message: "no".into() }));
    errands(&world);
    errands(&world);
    world.host.advance(10 * MINUTE);
    world.host.mailer_refuses.replace(None);
    post_recovery(&world);
    errands(&world);
    let sent = emails(&world);
    assert!(sent.iter().any(|email| email.subject.contains("A new password")), "{sent:?}");
}

#[test]
fn whenever_the_database_fails_no_letter_is_lost() {
    for k in 1..=3 {
        for answer_is_lost in [false, true] {
            let world = world();
            post_recovery(&world);
            if answer_is_lost {
                world.host.lose_answer(k, unavailable());
            } else {
                world.host.fail_batch(k, unavailable());
            }
            errands(&world);
            errands(&world);
            world.host.advance(3 * MINUTE);
            errands(&world);
            errands(&world);
            let sent = emails(&world).len();
            assert!((1..=2).contains(&sent), "{k} {answer_is_lost}: {sent}");
            assert_eq!(waiting(&world), "0", "{k} {answer_is_lost}");
        }
    }
}

#[test]
fn a_letter_whose_last_attempt_was_cut_short_is_not_tried_for_ever() {
    let world = world();
    post_notice(&world, 1, "password_changed");
    world.host.execute("update auth_letters set attempts = 8");
    errands(&world);
    assert_eq!((outcomes(&world), waiting(&world)), (vec!["given up".to_owned()], "0".to_owned()));
    assert!(emails(&world).is_empty());
}

#[test]
fn nobody_is_sent_a_link_that_opens_nothing() {
    for (case, age, sql) in [
        ("used", 0, "delete from auth_one_time_tokens"),
        ("expired", 60 * MINUTE, "select 1"),
        ("the account is gone", 0, "delete from auth_users"),
    ] {
        let world = world();
        post_recovery(&world);
        world.host.advance(age);
        world.host.execute(sql);
        errands(&world);
        assert_eq!(outcomes(&world), ["dropped"], "{case}");
        assert!(emails(&world).is_empty() && waiting(&world) == "0", "{case}");
    }
}

#[test]
fn a_code_that_has_expired_is_left_out_while_the_link_is_good() {
    let world = world();
    post_recovery(&world);
    world.host.advance(10 * MINUTE);
    errands(&world);
    let emails = emails(&world);
    assert!(emails[0].text.contains("verify?token=") && !emails[0].text.contains("The code is"));
    let world = self::world();
    post_recovery(&world);
    world.host.execute("update auth_letters set kind = 'reauthentication'");
    world.host.advance(10 * MINUTE);
    errands(&world);
    assert_eq!(outcomes(&world), ["dropped"], "without its code it says nothing");
}

#[test]
fn a_letter_to_nobody_and_one_that_is_none_are_dropped() {
    let world = world();
    post_notice(&world, 1, "password_changed");
    post_notice(&world, 2, "love_letter");
    world.host.execute("update auth_letters set recipient = '' where id = 'letter-1'");
    errands(&world);
    assert_eq!(outcomes(&world), ["dropped", "dropped"]);
    assert!(emails(&world).is_empty() && waiting(&world) == "0");
}

#[test]
fn where_nothing_sends_mail_letters_go_and_are_not_kept() {
    let world = world_with(&[]);
    post_notice(&world, 1, "password_changed");
    errands(&world);
    assert!(emails(&world).is_empty() && world.host.fetched.borrow().is_empty());
    assert_eq!(waiting(&world), "0");
}

#[test]
fn due_letters_are_found_by_an_index() {
    let world = world();
    let sql = "explain query plan select id from auth_letters where due_at <= 1 order by attempts, due_at";
    let statement = selvedge::db::Statement::rendered(sql.to_owned(), Vec::new());
    let rows = block_on(world.host.batch(vec![statement])).expect("a plan");
    let plan = rows[0].text(0).expect("a step");
    assert!(plan.contains("USING INDEX auth_letters_due_at"), "{plan}");
}

mod kept {
    //! The inbox of a machine for development.

    use super::*;
    use selvedge::auth::inbox;

    fn development() -> World {
        world_with(&[("ENVIRONMENT", "development")])
    }

    #[test]
    fn a_letter_stays_to_be_looked_at() {
        let world = development();
        assert!(inbox::exists(&world.config));
        post_recovery(&world);
        errands(&world);
        errands(&world);
        assert!(emails(&world).is_empty() && world.host.fetched.borrow().is_empty());
        let messages = block_on(inbox::messages(&world.host, None)).expect("messages");
        let [message] = messages.as_slice() else { panic!("{messages:?}") };
        let message: Value = serde_json::from_str(message).expect("JSON");
        assert_eq!(message["To"], json!([{ "Name": "", "Address": "ann@example.com" }]));
        assert_eq!(message["Subject"], "A new password for 127.0.0.1:54321");
        // Its link stays readable when it was used.
        world.host.execute("delete from auth_one_time_tokens");
        for id in [LETTER, "latest"] {
            let message =
                block_on(inbox::message(&world.host, id)).expect("an answer").expect("it");
            let message: Value = serde_json::from_str(&message).expect("JSON");
            assert_eq!(message["ID"], LETTER);
            for part in ["Text", "HTML"] {
                assert!(
                    message[part].as_str().expect("a text").contains("verify?token="),
                    "{part}"
                );
            }
        }
    }

    #[test]
    fn letters_are_looked_for_by_whom_they_are_to() {
        let world = development();
        post_recovery(&world);
        errands(&world);
        let count =
            |to: &str| block_on(inbox::messages(&world.host, Some(to))).expect("messages").len();
        assert_eq!((count("ANN@example.com"), count("bob@example.com"), count("")), (1, 0, 0));
        assert_eq!(block_on(inbox::message(&world.host, "nothing")).expect("an answer"), None);
    }

    #[test]
    fn emptying_it_takes_no_letter_that_waits() {
        let world = development();
        post_recovery(&world);
        errands(&world);
        post_notice(&world, 1, "password_changed");
        block_on(inbox::empty(&world.host)).expect("it is emptied");
        assert_eq!(world.host.query("select id from auth_letters").as_deref(), Some("letter-1"));
    }

    #[test]
    fn production_has_no_inbox() {
        for settings in [&[][..], &[FROM], &[("ENVIRONMENT", "Development")]] {
            assert!(!inbox::exists(&config_with(settings)));
        }
        let hook = [
            ("ENVIRONMENT", "development"),
            ("HOOK_SEND_EMAIL_URI", "http://127.0.0.1:1/"),
            ("HOOK_SEND_EMAIL_SECRETS", "v1,whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"),
        ];
        assert!(!inbox::exists(&config_with(&hook)));
    }
}
