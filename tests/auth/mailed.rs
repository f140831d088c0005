//! What a mail holds, derived here once more and by another way: the vectors of the tests are not the Worker's own code.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{JWT_SECRET, config_with};
use crate::{Answer, World, credentials};
use selvedge::http::Method;

fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// A link and a code, as somebody reads them in a mail.
#[derive(Debug, Clone, PartialEq)]
pub struct Mailed {
    pub link: String,
    pub code: String,
}

impl Mailed {
    /// What is derived of a row's id.
    pub fn of(id: &str) -> Self {
        let id = id.replace('-', "");
        let bytes = (0..16).map(|index| u8::from_str_radix(&id[2 * index..2 * index + 2], 16));
        let id: Vec<u8> = bytes.collect::<Result<_, _>>().expect("a UUID");
        let under = |purpose: &str| hmac(&hmac(JWT_SECRET.as_bytes(), purpose.as_bytes()), &id);
        let link = URL_SAFE_NO_PAD.encode([id.clone(), under("selvedge link 1")].concat());
        let bytes = under("selvedge code 1")[..16].try_into().expect("16 bytes");
        let code = format!("{:06}", u128::from_be_bytes(bytes) % 1_000_000);
        Self { link, code }
    }

    /// A code that is another one.
    pub fn wrong_code(&self) -> String {
        let number: u32 = self.code.parse().expect("digits");
        format!("{:06}", (number + 1) % 1_000_000)
    }
}

/// A PKCE verifier as clients make it, and its challenge.
pub const VERIFIER: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

pub fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER))
}

impl World {
    /// Where addresses must be confirmed.
    pub fn strict() -> Self {
        Self::with(&[("MAILER_AUTOCONFIRM", "false")])
    }

    pub fn with(settings: &[(&str, &str)]) -> Self {
        let mut world = Self::new();
        world.config = config_with(settings);
        world
    }

    /// With Ann, whose address is confirmed, and who has been here for two minutes.
    pub fn with_ann_and(settings: &[(&str, &str)]) -> (Self, Answer) {
        let (mut world, ann) = Self::with_ann();
        world.config = config_with(settings);
        world.host.advance(120_000);
        (world, ann)
    }

    /// What was sent last for a purpose.
    #[track_caller]
    pub fn mailed(&self, purpose: &str) -> Mailed {
        let sql = format!(
            "select id from auth_one_time_tokens where purpose = '{purpose}' order by created_at desc"
        );
        Mailed::of(&self.host.query(&sql).expect("a token"))
    }

    /// What waits in the outbox: kinds and recipients, in their order.
    pub fn letters(&self) -> String {
        let sql = "select coalesce(group_concat(line, ' '), '') from (
            select kind || ':' || recipient as line from auth_letters order by kind, recipient)";
        self.host.query(sql).unwrap_or_default()
    }

    pub fn count(&self, table: &str) -> String {
        self.host.query(&format!("select count(*) from {table}")).expect("a number")
    }

    pub fn verify_code(&self, kind: &str, email: &str, code: &str) -> Answer {
        self.post("/auth/v1/verify", &json!({ "type": kind, "email": email, "token": code }))
    }

    pub fn verify_link(&self, kind: &str, link: &str) -> Answer {
        self.post("/auth/v1/verify", &json!({ "type": kind, "token_hash": link }))
    }

    /// Clicks the button of the page that a link opens.
    pub fn click(&self, kind: &str, link: &str, redirect_to: &str) -> Answer {
        let body = format!("token={link}&type={kind}&redirect_to={redirect_to}");
        let form = [("content-type", "application/x-www-form-urlencoded")];
        self.send(Method::Post, "/auth/v1/verify", &form, body.as_bytes())
    }

    pub fn put_user(&self, token: &str, body: &Value) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        self.send(Method::Put, "/auth/v1/user", &headers, body.to_string().as_bytes())
    }

    /// Somebody who has come in without an address.
    pub fn anonymous(&self) -> Answer {
        let anonymous = self.post("/auth/v1/signup", &json!({}));
        anonymous.is_session();
        anonymous
    }

    pub fn exchange(&self, code: &str, verifier: &str) -> Answer {
        let body = json!({ "auth_code": code, "code_verifier": verifier });
        self.post("/auth/v1/token?grant_type=pkce", &body)
    }

    pub fn sign_in(&self, email: &str) -> Answer {
        self.password(&credentials(email))
    }
}

impl Answer {
    /// A parameter of the fragment or query that it leads to.
    pub fn led_with(&self, name: &str) -> Option<String> {
        let pairs = self.location().split(['?', '#', '&']);
        let found = pairs.filter_map(|pair| pair.split_once('=')).find(|(other, _)| *other == name);
        found.map(|(_, value)| value.to_owned())
    }
}
