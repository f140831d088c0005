//! What a deed must come to, by the rows as they are before it. Written from the documentation, a second time.

use super::Life;
use super::deeds::{Deed, is_good};
use crate::Answer;
use selvedge::host::Host;

/// What an answer must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    Good,
    /// Good, or refused since much was tried: 429.
    GoodOrLater,
    Refused,
    /// Whatever it is, nothing depends on it.
    Either,
}

impl Expected {
    fn when(is_good: bool) -> Self {
        if is_good { Self::Good } else { Self::Refused }
    }

    fn when_not_later(is_good: bool) -> Self {
        if is_good { Self::GoodOrLater } else { Self::Refused }
    }

    pub fn is_only_good(self) -> bool {
        self == Self::Good
    }

    pub fn is_met_by(self, answer: &Answer) -> Result<(), String> {
        let is_refused = (400..500).contains(&answer.status)
            || answer.status == 303 && answer.led_with("error_code").is_some();
        let is_met = match self {
            Self::Good => is_good(answer),
            Self::GoodOrLater => is_good(answer) || answer.status == 429,
            Self::Refused => is_refused,
            Self::Either => is_good(answer) || is_refused,
        };
        if is_met {
            return Ok(());
        }
        Err(format!(
            "expected {self:?} and not {} {} {:?}",
            answer.status, answer.body, answer.headers
        ))
    }
}

impl Life {
    pub fn now(&self) -> i64 {
        self.world.host.now()
    }

    /// The first column of all rows.
    pub fn list(&self, sql: &str) -> Vec<String> {
        let all = format!(
            "with found (one) as ({sql}) select coalesce(group_concat(one, char(10)), '') from found"
        );
        let all = self.world.host.query(&all).unwrap_or_default();
        all.lines().map(str::to_owned).collect()
    }

    /// Whether a query has rows.
    pub fn has(&self, rows: &str) -> bool {
        self.world.host.query(&format!("select exists ({rows})")).as_deref() == Some("1")
    }

    pub fn expected(&self, deed: &Deed) -> Expected {
        let now = self.now();
        match *deed {
            Deed::SignUp(..) | Deed::Ask(..) => Expected::GoodOrLater,
            Deed::SignIn(person) => {
                let email = self.people[person].email;
                Expected::when_not_later(self.has(&format!(
                    "select 1 from auth_users where email = '{email}' and password_hash is not null
                       and email_confirmed_at is not null and coalesce(banned_until, 0) <= {now}"
                )))
            }
            Deed::UseLink(letter) | Deed::Click(letter) => {
                Expected::when(self.letter_is_good(letter, 3_600_000, "1"))
            }
            Deed::UseCode(_, false) => Expected::Refused,
            Deed::UseCode(letter, true) => {
                let is_good = self.letter_is_good(letter, 600_000, "attempts < 5");
                Expected::when_not_later(is_good)
            }
            Deed::Exchange(_, false) => Expected::Refused,
            Deed::Exchange(code, true) => {
                let flow = &self.codes[code].flow;
                Expected::when(self.has(&format!(
                    "select 1 from auth_flows join auth_users on auth_users.id = user_id
                     where auth_flows.id = '{flow}' and auth_flows.created_at > {now} - 300000
                       and coalesce(banned_until, 0) <= {now}"
                )))
            }
            Deed::Refresh(token) => {
                let is_there = self.has(&format!(
                    "select 1 from auth_sessions where id = '{}'",
                    self.tokens[token].session_id
                ));
                if is_there { Expected::Either } else { Expected::Refused }
            }
            Deed::SignOut(token) => Expected::when(self.lives(token)),
            Deed::Ban(person) | Deed::Unban(person) | Deed::Delete(person) => {
                Expected::when(self.id(person).is_some())
            }
            Deed::Wait(_) => Expected::Either,
            _ => self.expected_of_factor(deed),
        }
    }

    fn expected_of_factor(&self, deed: &Deed) -> Expected {
        match *deed {
            Deed::Enroll(token) => {
                let user = &self.tokens[token].user_id;
                let is_allowed = self.may_change_factors(token);
                let count =
                    format!("select 1 from auth_factors where user_id = '{user}' limit 1 offset 9");
                if is_allowed && self.has(&count) {
                    Expected::Either
                } else {
                    Expected::when(is_allowed)
                }
            }
            Deed::Show(_, _, false) => Expected::Refused,
            Deed::Show(token, app, true) => Expected::when(self.may_show(token, app)),
            Deed::Unenroll(token, app) => {
                let (user, app) = (&self.tokens[token].user_id, &self.apps[app].id);
                let is_own =
                    format!("select 1 from auth_factors where id = '{app}' and user_id = '{user}'");
                let is_proven = format!("{is_own} and status = 'verified'");
                let is_enough = !self.has(&is_proven) || self.level(token) == "aal2";
                Expected::when(self.lives(token) && self.has(&is_own) && is_enough)
            }
            Deed::Draw(token) => {
                let is_raised = self.lives(token) && self.level(token) == "aal2";
                Expected::when(is_raised && self.has(&self.proven_factors(token)))
            }
            Deed::Redeem(token, code) => {
                let code = &self.recovery_codes[code];
                let user = &self.tokens[token].user_id;
                let is_own = code.user_id == *user && code.uses == 0 && !code.is_void;
                if !is_own || !self.lives(token) || !self.has(&self.proven_factors(token)) {
                    Expected::Refused
                } else {
                    // A set that was drawn and never told, or used and never answered.
                    Expected::Either
                }
            }
            _ => unreachable!("{deed:?} has no factor in it"),
        }
    }

    /// Whether a letter lets its reader in: its row is there, young enough, and its account may be entered.
    fn letter_is_good(&self, letter: usize, life: i64, condition: &str) -> bool {
        let (id, now) = (&self.letters[letter].id, self.now());
        self.has(&format!(
            "select 1 from auth_one_time_tokens join auth_users on auth_users.id = user_id
             where auth_one_time_tokens.id = '{id}' and auth_one_time_tokens.created_at > {now} - {life}
               and coalesce(banned_until, 0) <= {now} and {condition}"
        ))
    }

    /// Whether an access token still opens.
    fn lives(&self, token: usize) -> bool {
        let token = &self.tokens[token];
        let sql = format!("select 1 from auth_sessions where id = '{}'", token.session_id);
        self.now() < token.expires_at && self.has(&sql)
    }

    fn level(&self, token: usize) -> String {
        let id = &self.tokens[token].session_id;
        self.list(&format!("select aal from auth_sessions where id = '{id}'"))
            .pop()
            .unwrap_or_default()
    }

    fn proven_factors(&self, token: usize) -> String {
        let user = &self.tokens[token].user_id;
        format!("select 1 from auth_factors where user_id = '{user}' and status = 'verified'")
    }

    fn may_change_factors(&self, token: usize) -> bool {
        let is_free = !self.has(&self.proven_factors(token));
        self.lives(token) && (is_free || self.level(token) == "aal2")
    }

    /// Whether the app's code of now raises the session.
    fn may_show(&self, token: usize, app: usize) -> bool {
        let (user, app, now) = (&self.tokens[token].user_id, &self.apps[app].id, self.now());
        let open = |more: &str| {
            self.has(&format!(
                "select 1 from auth_factors where id = '{app}' and user_id = '{user}'
                   and last_step < {now} / 30000 and {more}"
            ))
        };
        let is_proven = open("status = 'verified'");
        self.lives(token) && open("1") && (is_proven || self.may_change_factors(token))
    }
}
