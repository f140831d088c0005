//! People who have an authenticator app.

use serde_json::{Value, json};

pub use crate::support::authenticator::{STEP, code_at, wrong_code};
use crate::{Answer, World};
use selvedge::host::Host;
use selvedge::http::Method;

pub const FACTORS: &str = "/auth/v1/factors";

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
