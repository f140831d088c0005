//! What the answer to a deed must be, by the rows as they are before it. Written from the documentation,
//! a second time.

use super::Life;
use super::people::{Deed, Issued, now, rows_counter};
use crate::Answer;
use selvedge::auth::REUSE_MILLISECONDS;

const WAIT: (u16, &str) = (429, "over_request_rate_limit");

/// What an answer must be.
#[derive(Debug)]
pub struct Expected {
    /// Each with its code, where it is a refusal.
    pub any_of: Vec<(u16, &'static str)>,
    /// Whether the refusal is the one that ends a session.
    pub ends_a_session: bool,
}

impl Expected {
    fn only(status: u16, code: &'static str) -> Self {
        Self { any_of: vec![(status, code)], ends_a_session: false }
    }

    pub fn is_met_by(&self, answer: &Answer) -> Result<(), String> {
        let code = answer.body.get("code").and_then(|code| code.as_str()).unwrap_or_default();
        if self.any_of.contains(&(answer.status, code)) {
            return Ok(());
        }
        Err(format!("expected {:?} and not {} {}", self.any_of, answer.status, answer.body))
    }
}

impl Life {
    pub fn expected(&self, deed: &Deed) -> Expected {
        match *deed {
            Deed::SignUp(person) if self.has_account(person) => {
                Expected::only(422, "user_already_exists")
            }
            Deed::SignUp(_) => Expected::only(200, ""),
            // Whoever has tried much has to wait.
            Deed::SignIn(person) => {
                let right = match (self.has_account(person), self.is_banned(person)) {
                    (false, _) => (400, "invalid_credentials"),
                    (true, true) => (400, "user_banned"),
                    (true, false) => (200, ""),
                };
                Expected { any_of: vec![right, WAIT], ends_a_session: false }
            }
            Deed::SignInWrongly(_) => {
                let any_of = vec![(400, "invalid_credentials"), WAIT];
                Expected { any_of, ends_a_session: false }
            }
            Deed::ChangePassword(token) => self.with_access(&self.issued[token], 200),
            Deed::EndSession(token, other) => self.ending(&self.issued[token], &self.issued[other]),
            Deed::Ban(person) | Deed::Unban(person) | Deed::Delete(person) => {
                if self.has_account(person) {
                    Expected::only(200, "")
                } else {
                    Expected::only(404, "user_not_found")
                }
            }
            Deed::Refresh(token) => self.refreshing(&self.issued[token]),
            Deed::Read(token) => self.with_access(&self.issued[token], 200),
            Deed::SignOut(token, _) => self.with_access(&self.issued[token], 204),
            Deed::Wait(_) => Expected::only(0, ""),
        }
    }

    fn has_account(&self, person: usize) -> bool {
        let email = self.people[person].email;
        let sql = format!("select count(*) from auth_users where email = '{email}'");
        self.world.host.query(&sql).as_deref() == Some("1")
    }

    fn is_banned(&self, person: usize) -> bool {
        let (email, now) = (self.people[person].email, now(&self.world));
        let sql = format!(
            "select count(*) from auth_users where email = '{email}' and banned_until > {now}"
        );
        self.world.host.query(&sql).as_deref() == Some("1")
    }

    /// A session is ended by its own user alone.
    fn ending(&self, issued: &Issued, other: &Issued) -> Expected {
        let mine = self.with_access(issued, 204);
        let lives = rows_counter(&self.world, &other.session_id).is_some();
        match mine.any_of.as_slice() {
            [(204, _)] if !lives || issued.person != other.person => {
                Expected::only(404, "not_found")
            }
            _ => mine,
        }
    }

    /// An access token opens as long as its time and its session last.
    fn with_access(&self, issued: &Issued, status: u16) -> Expected {
        if now(&self.world) >= issued.expires_at {
            return Expected::only(401, "bad_jwt");
        }
        match rows_counter(&self.world, &issued.session_id) {
            Some(_) => Expected::only(status, ""),
            None => Expected::only(403, "session_not_found"),
        }
    }

    /// The present token is rotated, the one before it answered again within the window, and any other
    /// ends its session.
    fn refreshing(&self, issued: &Issued) -> Expected {
        let Some(counter) = rows_counter(&self.world, &issued.session_id) else {
            return Expected::only(400, "refresh_token_not_found");
        };
        let id = &issued.session_id;
        let sql = format!("select refreshed_at from auth_sessions where id = '{id}'");
        let refreshed_at: i64 =
            self.world.host.query(&sql).and_then(|text| text.parse().ok()).expect("a time");
        let is_fresh = now(&self.world) - refreshed_at <= REUSE_MILLISECONDS;
        match counter - issued.counter {
            0 => Expected::only(200, ""),
            1 if is_fresh => Expected::only(200, ""),
            _ => {
                Expected { any_of: vec![(400, "refresh_token_already_used")], ends_a_session: true }
            }
        }
    }
}
