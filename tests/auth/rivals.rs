//! Several sign-ups for one address that nobody has confirmed yet: each letter brings its own password.

use serde_json::{Value, json};

use crate::admin_users::by_service;
use crate::mailed::Mailed;
use crate::support::interleave;
use crate::{World, request};
use selvedge::http::Method;

const ANN: &str = "ann@example.com";

fn with_password(password: &str, name: &str) -> Value {
    json!({ "email": ANN, "password": password, "data": { "name": name } })
}

fn anns() -> Value {
    with_password("ann's own horse", "Ann")
}

fn mallorys() -> Value {
    with_password("mallory's trap", "Mallory")
}

/// Signs up, a minute after whatever was before.
fn sign_up(world: &World, body: &Value) -> Mailed {
    world.host.advance(60_000);
    let told = world.post("/auth/v1/signup", body);
    assert_eq!(told.status, 200, "{}", told.body);
    world.mailed("signup")
}

fn resend(world: &World) -> Mailed {
    world.host.advance(60_000);
    let told = world.post("/auth/v1/resend", &json!({ "type": "signup", "email": ANN }));
    assert_eq!((told.status, told.body), (200, json!({})));
    world.mailed("signup")
}

/// Whose password opens the account, if anybody's.
#[track_caller]
fn belongs_to(world: &World, owner: Option<&str>) {
    for (name, body) in [("Ann", anns()), ("Mallory", mallorys())] {
        let answer = world.password(&body);
        if owner == Some(name) {
            answer.is_session();
            assert_eq!(answer.text("/user/user_metadata/name"), name);
        } else {
            answer.is(400, "invalid_credentials");
        }
    }
}

/// One of two letters is opened, whichever came first: it brings its own, and the other is void.
#[test]
fn the_letter_that_is_opened_brings_the_password_of_its_own_sign_up() {
    for (bodies, opened, owner) in [
        ([anns(), mallorys()], 0, "Ann"),
        ([mallorys(), anns()], 1, "Ann"),
        ([anns(), mallorys()], 1, "Mallory"),
    ] {
        for by_code in [false, true] {
            let world = World::strict();
            let letters = bodies.each_ref().map(|body| sign_up(&world, body));
            let open = |letter: &Mailed| {
                if by_code {
                    world.verify_code("signup", ANN, &letter.code)
                } else {
                    world.verify_link("signup", &letter.link)
                }
            };
            let session = open(&letters[opened]);
            session.is_session();
            let told = json!({ "name": owner, "email_verified": true });
            assert_eq!(session.body["user"]["user_metadata"], told);
            belongs_to(&world, Some(owner));
            let other = &letters[1 - opened];
            world.verify_link("signup", &other.link).is(403, "otp_expired");
            world.verify_code("signup", ANN, &other.code).is(403, "otp_expired");
            belongs_to(&world, Some(owner));
            assert_eq!(world.count("auth_users"), "1");
            assert_eq!(world.count("auth_one_time_tokens"), "0");
        }
    }
}

#[test]
fn of_both_letters_opened_at_once_one_counts() {
    let world = World::strict();
    let letters = [anns(), mallorys()].map(|body| sign_up(&world, &body));
    let requests = letters.each_ref().map(|letter| {
        let body = json!({ "type": "signup", "token_hash": letter.link }).to_string();
        request(Method::Post, "/auth/v1/verify", &[], body.as_bytes())
    });
    let answers = interleave(requests.iter().map(|request| world.answer(request)));
    let opened: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!((opened.len(), world.count("auth_sessions")), (1, "1".into()));
    let name = opened[0].text("/user/user_metadata/name");
    belongs_to(&world, Some(name));
}

/// A code is found among those of everybody who signs up meanwhile.
#[test]
fn nobody_pushes_a_typed_code_out_by_signing_up_again_and_again() {
    let world = World::strict();
    let first = sign_up(&world, &anns());
    for _ in 0..9 {
        sign_up(&world, &mallorys());
    }
    world.host.advance(59_999);
    world.verify_code("signup", ANN, &first.code).is_session();
    belongs_to(&world, Some("Ann"));
}

#[test]
fn a_code_has_five_attempts_however_many_wait() {
    let world = World::strict();
    let letters = [anns(), mallorys()].map(|body| sign_up(&world, &body));
    for _ in 0..5 {
        let wrong = letters[0].wrong_code();
        assert_ne!(wrong, letters[1].code);
        world.verify_code("signup", ANN, &wrong).is(403, "otp_expired");
    }
    for letter in &letters {
        world.verify_code("signup", ANN, &letter.code).is(403, "otp_expired");
    }
    world.verify_link("signup", &letters[0].link).is_session();
    belongs_to(&world, Some("Ann"));
}

/// Who asks for the letter again gets no stranger's password: there, nobody knows which one was meant.
#[test]
fn where_several_wait_a_letter_that_is_sent_again_brings_no_password() {
    for bodies in [[anns(), mallorys()], [mallorys(), anns()]] {
        // Also long after the letters have expired, and their rows have gone.
        for days in [0, 1, 30] {
            let world = World::strict();
            let letters = bodies.each_ref().map(|body| sign_up(&world, body));
            world.host.advance(days * 86_400_000);
            pollster::block_on(selvedge::auth::scheduled(&world.host, &world.config));
            let again = resend(&world);
            let once_more = resend(&world);
            world.verify_link("signup", &again.link).is(403, "otp_expired");
            let session = world.verify_link("signup", &once_more.link);
            session.is_session();
            assert_eq!(session.body["user"]["user_metadata"], json!({ "email_verified": true }));
            belongs_to(&world, None);
            for letter in letters {
                world.verify_link("signup", &letter.link).is(403, "otp_expired");
            }
            let body = json!({ "password": "a third battery" });
            assert_eq!(world.put_user(session.access_token(), &body).status, 200);
            let third = with_password("a third battery", "");
            world.password(&third).is_session();
            belongs_to(&world, None);
        }
    }
}

#[test]
fn the_letters_of_before_stand_beside_the_one_that_is_sent_again() {
    let world = World::strict();
    let first = sign_up(&world, &anns());
    sign_up(&world, &mallorys());
    resend(&world);
    world.verify_link("signup", &first.link).is_session();
    belongs_to(&world, Some("Ann"));
}

/// A letter that was sent again before the stranger came is still that of its own sign-up.
#[test]
fn where_one_waits_the_letter_that_is_sent_again_is_its_own() {
    for days in [0, 3] {
        for comes_a_stranger in [false, true] {
            let world = World::strict();
            let first = sign_up(&world, &anns());
            world.host.advance(days * 86_400_000);
            pollster::block_on(selvedge::auth::scheduled(&world.host, &world.config));
            let again = resend(&world);
            if comes_a_stranger {
                sign_up(&world, &mallorys());
            }
            world.verify_link("signup", &first.link).is(403, "otp_expired");
            world.verify_code("signup", ANN, &again.code).is_session();
            belongs_to(&world, Some("Ann"));
        }
    }
}

#[test]
fn a_letter_that_has_expired_brings_nothing() {
    let world = World::strict();
    let first = sign_up(&world, &anns());
    world.host.advance(3_000_000);
    let second = sign_up(&world, &mallorys());
    world.host.advance(599_999);
    world.verify_link("signup", &first.link).is(403, "otp_expired");
    world.verify_code("signup", ANN, &first.code).is(403, "otp_expired");
    world.verify_code("signup", ANN, &second.code).is_session();
    belongs_to(&world, Some("Mallory"));
}

/// As long as nobody has confirmed the address, whoever knows the newest password is told so, and nothing
/// opens.
#[test]
fn until_then_no_password_opens_anything() {
    let world = World::strict();
    sign_up(&world, &mallorys());
    world.password(&mallorys()).is(400, "email_not_confirmed");
    world.password(&anns()).is(400, "invalid_credentials");
    sign_up(&world, &anns());
    world.password(&anns()).is(400, "email_not_confirmed");
    world.password(&mallorys()).is(400, "invalid_credentials");
    resend(&world);
    world.password(&anns()).is(400, "email_not_confirmed");
    assert_eq!(world.count("auth_sessions"), "0");
}

/// Another letter's owner, or a provider's, has nothing of what strangers have left.
#[test]
fn another_letter_brings_nothing_of_a_sign_up() {
    for (path, purpose) in [("recover", "recovery"), ("otp", "magiclink")] {
        let world = World::strict();
        let letters = [mallorys(), anns()].map(|body| sign_up(&world, &body));
        world.host.advance(60_000);
        let asked = json!({ "email": ANN, "data": { "nick": "A" } });
        assert_eq!(world.post(&format!("/auth/v1/{path}"), &asked).status, 200);
        let session = world.verify_link(purpose, &world.mailed(purpose).link);
        session.is_session();
        let told = match path {
            "otp" => json!({ "nick": "A", "email_verified": true }),
            _ => json!({ "email_verified": true }),
        };
        assert_eq!(session.body["user"]["user_metadata"], told);
        for letter in letters {
            world.verify_link("signup", &letter.link).is(403, "otp_expired");
        }
        belongs_to(&world, None);
    }
}

/// What the owner's server has made or taken over is not opened to strangers.
#[test]
fn an_account_that_the_owners_server_has_made_stays_as_it_is() {
    let made = json!({
        "email": ANN, "password": "ann's own horse", "user_metadata": { "name": "Ann" },
        "app_metadata": { "staff": true },
    });
    let world = World::strict();
    let url = "/auth/v1/admin/users";
    assert_eq!(by_service(&world, Method::Post, url, &made).status, 200);
    let stored = "select group_concat(password_hash || user_metadata) from auth_users";
    let before = world.host.query(stored);
    let letter = sign_up(&world, &mallorys());
    assert_eq!(world.host.query(stored), before);
    world.password(&mallorys()).is(400, "invalid_credentials");
    world.verify_link("signup", &letter.link).is_session();
    belongs_to(&world, Some("Ann"));

    let world = World::strict();
    let invited = json!({ "email": ANN, "data": { "name": "Ann" } });
    assert_eq!(by_service(&world, Method::Post, "/auth/v1/invite", &invited).status, 200);
    let letter = sign_up(&world, &mallorys());
    let session = world.verify_link("signup", &letter.link);
    assert_eq!(session.text("/user/user_metadata/name"), "Ann");
    belongs_to(&world, None);
}

#[test]
fn an_invitation_brings_what_the_owner_says_and_not_what_a_stranger_has_left() {
    let world = World::strict();
    sign_up(&world, &mallorys());
    let invited = json!({ "email": ANN, "data": { "name": "Ann" } });
    assert_eq!(by_service(&world, Method::Post, "/auth/v1/invite", &invited).status, 200);
    let session = world.verify_link("invite", &world.mailed("invite").link);
    assert_eq!(session.text("/user/user_metadata/name"), "Ann");
    belongs_to(&world, None);
}

#[test]
fn once_the_owners_server_has_decided_no_letter_changes_it() {
    for (decided, owner) in [
        // The one sign-up that waited is confirmed as it is.
        (json!({ "email_confirm": true }), "Mallory"),
        (json!({ "password": "ann's own horse", "user_metadata": { "name": "Ann" } }), "Ann"),
    ] {
        let world = World::strict();
        sign_up(&world, &mallorys());
        let id = world.host.query("select id from auth_users").expect("an account");
        let url = format!("/auth/v1/admin/users/{id}");
        assert_eq!(by_service(&world, Method::Put, &url, &decided).status, 200);
        // The letter that waited, or where it was ended with the password, a new one.
        let letter = sign_up(&world, &with_password("a third battery", "third"));
        world.verify_link("signup", &letter.link).is_session();
        belongs_to(&world, Some(owner));
    }
}

/// A letter that was sent while nobody was confirmed lets its reader in, and changes nothing any more.
#[test]
fn a_letter_brings_nothing_to_an_account_that_was_confirmed_meanwhile() {
    let world = World::strict();
    sign_up(&world, &anns());
    world.host.execute("update auth_users set email_confirmed_at = 1");
    let before = world.host.query("select password_hash from auth_users");
    let letter = world.mailed("signup");
    world.host.execute("update auth_one_time_tokens set password_hash = 'x'");
    world.verify_link("signup", &letter.link).is_session();
    assert_eq!(world.host.query("select password_hash from auth_users"), before);
    belongs_to(&world, Some("Ann"));
}
