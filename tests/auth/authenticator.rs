//! An authenticator app, and people who have one. What the app does is written here a second time.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;

use crate::{Answer, World};
use selvedge::host::{Host, Milliseconds};
use selvedge::http::Method;

pub const FACTORS: &str = "/auth/v1/factors";
pub const STEP: Milliseconds = 30_000;

/// The code of a seed at a time.
pub fn code_at(secret: &str, now: Milliseconds) -> String {
    let letter = |letter: char| "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".find(letter).expect("base32");
    let bits: String =
        secret.chars().map(|character| format!("{:05b}", letter(character))).collect();
    let byte = |index: usize| u8::from_str_radix(&bits[index * 8..index * 8 + 8], 2);
    let seed: Vec<u8> = (0..bits.len() / 8).map(|index| byte(index).expect("bits")).collect();
    let mut mac = Hmac::<Sha1>::new_from_slice(&seed).expect("any length");
    mac.update(&(now / STEP).to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let offset = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes(hash[offset..offset + 4].try_into().expect("four bytes"));
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

/// A code that is none of those which are taken now.
pub fn wrong_code(secret: &str, now: Milliseconds) -> String {
    let taken = [-1, 0, 1].map(|skew| code_at(secret, now + skew * STEP));
    let codes = (0..).map(|number| format!("{number:06}"));
    codes.into_iter().find(|code| !taken.contains(code)).expect("one of a million")
}

impl World {
    pub fn post_as(&self, token: &str, address: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        self.send(Method::Post, address, &headers, body.to_string().as_bytes())
    }

    pub fn enroll(&self, token: &str, name: &str) -> Answer {
        self.post_as(token, FACTORS, &json!({ "factor_type": "totp", "friendly_name": name }))
    }

    pub fn challenge(&self, token: &str, factor_id: &str) -> Answer {
        self.post_as(token, &format!("{FACTORS}/{factor_id}/challenge"), &json!({}))
    }

    pub fn verify(&self, token: &str, factor_id: &str, challenge_id: &str, code: &str) -> Answer {
        let body = json!({ "challenge_id": challenge_id, "code": code });
        self.post_as(token, &format!("{FACTORS}/{factor_id}/verify"), &body)
    }

    pub fn unenroll(&self, token: &str, factor_id: &str) -> Answer {
        self.authorized(Method::Delete, &format!("{FACTORS}/{factor_id}"), token)
    }

    /// Asks and answers with the app's code of now.
    pub fn show(&self, token: &str, app: &App) -> Answer {
        let challenge = self.challenge(token, &app.id);
        self.verify(token, &app.id, challenge.text("/id"), &app.code(self))
    }
}

/// A factor in an app.
#[derive(Debug, Clone)]
pub struct App {
    pub id: String,
    pub secret: String,
}

impl App {
    #[track_caller]
    pub fn of(enrolled: &Answer) -> Self {
        assert_eq!(enrolled.status, 200, "{}", enrolled.body);
        Self { id: enrolled.text("/id").into(), secret: enrolled.text("/totp/secret").into() }
    }

    pub fn code(&self, world: &World) -> String {
        code_at(&self.secret, world.host.now())
    }

    pub fn wrong_code(&self, world: &World) -> String {
        wrong_code(&self.secret, world.host.now())
    }
}

/// Ann, her app, and her session that has shown it. The next code is of another step.
pub fn ann_with_app() -> (World, App, Answer) {
    let (world, ann) = World::with_ann();
    let app = App::of(&world.enroll(ann.access_token(), "phone"));
    let raised = world.show(ann.access_token(), &app);
    raised.is_session();
    world.host.advance(2 * STEP);
    world.host.take_usage();
    (world, app, raised)
}
