//! A policy that asks for a second factor, through the whole corridor: no token here is made by hand.

use serde_json::json;

use crate::support::authenticator::{STEP, code_at};
use crate::support::corridor::{Answer, House};
use selvedge::host::Host;

const SCHEMA: &str = "create table payments (id integer primary key, title text not null);";

const OPEN: &str = "create policy a on payments for all to authenticated using (true);";

/// As the documentation has it.
const SECOND_FACTOR: &str =
    "create policy \"second factor\" on payments as restrictive to authenticated
  using (auth.jwt() ->> 'aal' = 'aal2');";

struct Ann {
    house: House,
}

impl Ann {
    fn new() -> Self {
        assert!(include_str!("../../docs/policies.md").contains(SECOND_FACTOR));
        let house = House::of(SCHEMA, &format!("{OPEN}\n{SECOND_FACTOR}"));
        house.host.execute("insert into payments (title) values ('rent')");
        Self { house }
    }

    fn auth(&self, token: &str, path: &str, body: &serde_json::Value) -> serde_json::Value {
        let answer = self.ask("POST", &format!("/auth/v1/{path}"), token, &body.to_string());
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }

    fn ask(&self, method: &str, target: &str, token: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {token}");
        let mut headers = vec![("content-type", "application/json")];
        if !token.is_empty() {
            headers.push(("authorization", bearer.as_str()));
        }
        self.house.send(method, target, &headers, body.as_bytes())
    }

    /// Signs in by password; the first time up.
    fn sign_in(&self, path: &str) -> serde_json::Value {
        self.auth("", path, &json!({ "email": "ann@example.com", "password": "correct horse" }))
    }

    #[track_caller]
    fn is_shut_out(&self, session: &serde_json::Value) {
        let token = text(session, "access_token");
        let read = self.ask("GET", "/rest/v1/payments?select=title", token, "");
        assert_eq!((read.status, read.body.as_str()), (200, "[]"));
        let write = self.ask("POST", "/rest/v1/payments", token, r#"{"title":"mine"}"#);
        assert_eq!((write.status, write.code().as_str()), (403, "42501"));
        for (method, body) in [("PATCH", r#"{"title":"mine"}"#), ("DELETE", "")] {
            self.ask(method, "/rest/v1/payments?id=eq.1", token, body);
        }
        let stored = self.house.host.query("select group_concat(title) from payments");
        assert_eq!(stored.as_deref(), Some("rent"));
    }

    #[track_caller]
    fn is_let_in(&self, session: &serde_json::Value) {
        let token = text(session, "access_token");
        let read = self.ask("GET", "/rest/v1/payments?select=title", token, "");
        assert_eq!((read.status, read.body.as_str()), (200, r#"[{"title":"rent"}]"#));
    }
}

fn text<'a>(json: &'a serde_json::Value, pointer: &str) -> &'a str {
    json[pointer].as_str().unwrap_or_else(|| panic!("{pointer} in {json}"))
}

#[test]
fn a_policy_that_asks_for_a_second_factor_lets_in_who_has_shown_one() {
    let ann = Ann::new();
    let below = ann.sign_in("signup");
    ann.is_shut_out(&below);
    let token = text(&below, "access_token");
    let factor = ann.auth(token, "factors", &json!({ "factor_type": "totp" }));
    // To have one is not to have shown it.
    ann.is_shut_out(&below);
    let id = text(&factor, "id");
    let challenge = ann.auth(token, &format!("factors/{id}/challenge"), &json!({}));
    let code = code_at(text(&factor["totp"], "secret"), ann.house.host.now());
    let answer = json!({ "challenge_id": challenge["id"], "code": code });
    let raised = ann.auth(token, &format!("factors/{id}/verify"), &answer);
    ann.is_let_in(&raised);
    // The token of before says what was so before.
    ann.is_shut_out(&below);
    let refreshed = ann.auth(
        "",
        "token?grant_type=refresh_token",
        &json!({ "refresh_token": raised["refresh_token"] }),
    );
    ann.is_let_in(&refreshed);
    ann.house.host.advance(2 * STEP);
    ann.is_shut_out(&ann.sign_in("token?grant_type=password"));
}
