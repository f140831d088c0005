//! Who lives in the simulation, and what they can do.

use serde_json::{Value, json};

use super::{Life, Luck};
use crate::admin_users::by_service;
use crate::support::generator::Generator;
use crate::support::{interleave, without_tallies};
use crate::{Answer, World, claims, request};
use selvedge::host::{Host, Milliseconds};
use selvedge::http::Method;

/// Somebody with an address.
#[derive(Debug)]
pub struct Person {
    pub email: &'static str,
    /// As far as the person knows.
    pub has_account: bool,
    pub password: String,
    /// Passwords that were changed.
    pub former: Vec<String>,
}

impl Person {
    pub fn new(email: &'static str) -> Self {
        Self { email, has_account: false, password: format!("{email} 1 2 3"), former: Vec::new() }
    }
}

/// Tokens as somebody was handed them.
#[derive(Debug, Clone)]
pub struct Issued {
    pub person: usize,
    pub session_id: String,
    /// How often the session had been refreshed.
    pub counter: i64,
    pub access: String,
    pub refresh: String,
    /// When the access token ends.
    pub expires_at: Milliseconds,
}

/// Something that somebody does. The numbers are places among people and tokens.
#[derive(Debug, Clone, Copy)]
pub enum Deed {
    SignUp(usize),
    SignIn(usize),
    /// With a password that never was, or no longer is.
    SignInWrongly(usize),
    Refresh(usize),
    Read(usize),
    SignOut(usize, &'static str),
    ChangePassword(usize),
    /// The session of the second token, by means of the first.
    EndSession(usize, usize),
    Ban(usize),
    Unban(usize),
    Delete(usize),
    Wait(Milliseconds),
}

/// Moments, an expired window of reuse, an expired access token.
const WAITS: [Milliseconds; 4] = [1_000, 9_000, 10_001, 3_600_000];
const SCOPES: [&str; 3] = ["local", "others", "global"];

impl Deed {
    pub fn any(generator: &mut Generator, people: &[Person], issued: &[Issued]) -> Self {
        let person = generator.below(people.len());
        if !people[person].has_account {
            return Self::SignUp(person);
        }
        // Mostly tokens of late, at times one of old.
        let token = |generator: &mut Generator| {
            let latest = issued.len().min(6);
            if generator.once_in(4) {
                generator.below(issued.len())
            } else {
                issued.len() - 1 - generator.below(latest)
            }
        };
        match generator.below(if issued.is_empty() { 2 } else { 22 }) {
            0 => Self::SignIn(person),
            1 => Self::SignInWrongly(person),
            2 => Self::SignUp(person),
            3..=8 => Self::Refresh(token(generator)),
            9..=11 => Self::Read(token(generator)),
            12 => Self::ChangePassword(token(generator)),
            13 => Self::EndSession(token(generator), token(generator)),
            14 if generator.once_in(2) => Self::Ban(person),
            15 => Self::Unban(person),
            16 if generator.once_in(4) => Self::Delete(person),
            17 => Self::SignOut(token(generator), SCOPES[generator.below(SCOPES.len())]),
            18 => Self::SignIn(person),
            _ => Self::Wait(*generator.pick(&WAITS)),
        }
    }
}

impl Life {
    /// Does it, and holds the answer to the rules.
    pub fn one(&mut self, deed: &Deed, luck: Luck) -> Result<(), String> {
        if let Deed::Wait(milliseconds) = deed {
            self.world.host.advance(*milliseconds);
            return Ok(());
        }
        let expected = self.expected(deed);
        self.note(deed);
        luck.befall(&self.world);
        let before = self.world.host.dump();
        let hash_before = self.hash(deed);
        let answer = self.request(deed);
        if matches!(deed, Deed::SignUp(_) | Deed::SignIn(_)) && [200, 503].contains(&answer.status)
        {
            self.memory.ways_in += 1;
        }
        if let Deed::ChangePassword(token) = *deed
            && self.hash(deed) != hash_before
        {
            self.memory.passwords_changed += 1;
            let owner = &mut self.people[self.issued[token].person];
            let next = next_password(&owner.password);
            owner.former.push(std::mem::replace(&mut owner.password, next));
        }
        // Fewer calls were made than the one that was to fail.
        let was_lucky = self.world.host.forget_faults() || luck == Luck::Good;
        if was_lucky {
            expected.is_met_by(&answer)?;
            self.learn(deed, &answer)?;
        } else if answer.status != 503 {
            // Only a call that aborts has an answer that is not lost.
            let refused = expected.is_met_by(&answer).is_ok() && answer.status >= 400;
            if !refused {
                return Err(format!("trouble is told as {}: {}", answer.status, answer.body));
            }
        }
        let is_refused = (400..500).contains(&answer.status) && !expected.ends_a_session;
        let is_undone = matches!(luck, Luck::NotMade(_)) && !was_lucky;
        let after = self.world.host.dump();
        if (is_refused || is_undone) && without_tallies(&after) != without_tallies(&before) {
            let mut changed = without_tallies(&after);
            changed.retain(|line| !before.contains(line));
            return Err(format!(
                "a refused or failed request changes nothing: {} {}, {changed:#?}",
                answer.status, answer.body
            ));
        }
        Ok(())
    }

    fn request(&self, deed: &Deed) -> Answer {
        let world = &self.world;
        let credentials = |person: usize, password: &str| json!({ "email": self.people[person].email, "password": password });
        match deed {
            Deed::SignUp(person) => {
                let body = credentials(*person, &self.people[*person].password);
                world.post("/auth/v1/signup", &body)
            }
            Deed::SignIn(person) => {
                world.password(&credentials(*person, &self.people[*person].password))
            }
            Deed::SignInWrongly(person) => {
                let former = self.people[*person].former.last();
                let wrong = former.map_or("never was anybody's", String::as_str);
                world.password(&credentials(*person, wrong))
            }
            Deed::Refresh(token) => world.refresh(&self.issued[*token].refresh),
            Deed::Read(token) => world.get_user(&self.issued[*token].access),
            Deed::SignOut(token, scope) => {
                let address = format!("/auth/v1/logout?scope={scope}");
                world.authorized(Method::Post, &address, &self.issued[*token].access)
            }
            Deed::ChangePassword(token) => {
                let Issued { person, access, .. } = &self.issued[*token];
                let password = next_password(&self.people[*person].password);
                world.put_user(access, &json!({ "password": password }))
            }
            Deed::EndSession(token, other) => {
                let address = format!("/auth/v1/sessions/{}", self.issued[*other].session_id);
                world.authorized(Method::Delete, &address, &self.issued[*token].access)
            }
            Deed::Ban(person) => self.by_owner(*person, &json!({ "ban_duration": "2h" })),
            Deed::Unban(person) => self.by_owner(*person, &json!({ "ban_duration": "none" })),
            Deed::Delete(person) => {
                let address = self.account_address(*person);
                by_service(world, Method::Delete, &address, &Value::Null)
            }
            Deed::Wait(_) => unreachable!("nobody is asked to let time pass"),
        }
    }

    fn account_address(&self, person: usize) -> String {
        format!("/auth/v1/admin/users/{}", self.id(person).as_deref().unwrap_or(NOBODY))
    }

    fn by_owner(&self, person: usize, change: &Value) -> Answer {
        by_service(&self.world, Method::Put, &self.account_address(person), change)
    }

    /// The id of the account that somebody has now.
    pub fn id(&self, person: usize) -> Option<String> {
        let email = self.people[person].email;
        let sql = format!("select (select id from auth_users where email = '{email}')");
        self.world.host.query(&sql)
    }

    /// The stored hash of whoever owns the token of a deed.
    fn hash(&self, deed: &Deed) -> Option<String> {
        let Deed::ChangePassword(token) = deed else { return None };
        let email = self.people[self.issued[*token].person].email;
        let sql = format!("select (select password_hash from auth_users where email = '{email}')");
        self.world.host.query(&sql)
    }

    /// What somebody may expect of the future after an answer.
    fn learn(&mut self, deed: &Deed, answer: &Answer) -> Result<(), String> {
        if let Deed::SignUp(person) = *deed {
            self.people[person].has_account = true;
        }
        if let Deed::Delete(person) = *deed
            && answer.status == 200
        {
            self.people[person].has_account = false;
        }
        if answer.status != 200 {
            return Ok(());
        }
        match *deed {
            Deed::SignUp(person) | Deed::SignIn(person) => {
                self.keep(person, answer);
                Ok(())
            }
            Deed::Refresh(token) => {
                let Issued { person, refresh, .. } = self.issued[token].clone();
                self.memory.succeed(&refresh, answer.refresh_token())?;
                self.keep(person, answer);
                Ok(())
            }
            Deed::ChangePassword(token) => {
                let id = self.issued[token].session_id.clone();
                let others = format!(
                    "select count(*) from auth_sessions where id <> '{id}' and user_id =
                       (select user_id from auth_sessions where id = '{id}')"
                );
                match self.world.host.query(&others).as_deref() {
                    Some("0") => Ok(()),
                    _ => Err("a new password ends the other sessions".to_owned()),
                }
            }
            _ => Ok(()),
        }
    }

    fn keep(&mut self, person: usize, answer: &Answer) {
        let session_id: String =
            claims(answer.access_token())["session_id"].as_str().expect("an id").into();
        let counter = rows_counter(&self.world, &session_id);
        self.issued.push(Issued {
            person,
            counter: counter.unwrap_or_default(),
            session_id,
            access: answer.access_token().to_owned(),
            refresh: answer.refresh_token().to_owned(),
            expires_at: answer.body["expires_at"].as_i64().expect("a time") * 1000,
        });
    }

    /// Several requests with the latest tokens of one session, each up to its next call in turn.
    pub fn several_at_once(&mut self) -> Result<(), String> {
        let latest = self.issued.len().min(4);
        let token = self.issued.len() - 1 - self.generator.below(latest);
        let issued = self.issued[token].clone();
        let count = 2 + self.generator.below(5);
        let deeds: Vec<Deed> = (0..count)
            .map(|_| match self.generator.below(8) {
                0 => Deed::SignOut(token, SCOPES[self.generator.below(SCOPES.len())]),
                1 | 2 => Deed::Read(token),
                _ => Deed::Refresh(token),
            })
            .collect();
        self.story.push(format!("at once: {deeds:?}"));
        for deed in &deeds {
            self.note(deed);
        }
        let requests: Vec<_> = deeds.iter().map(|deed| at_once(deed, &issued)).collect();
        let answers = interleave(requests.iter().map(|request| self.world.answer(request)));
        for (deed, answer) in deeds.iter().zip(&answers) {
            let allowed: &[u16] = match deed {
                Deed::Refresh(_) => &[200, 400],
                Deed::SignOut(..) => &[204, 401, 403],
                _ => &[200, 401, 403],
            };
            if !allowed.contains(&answer.status) {
                return Err(format!("{deed:?} at once is {}: {}", answer.status, answer.body));
            }
            self.learn(deed, answer)?;
        }
        let signed_out = deeds.iter().zip(&answers).any(|(deed, answer)| {
            matches!(deed, Deed::SignOut(_, "local" | "global")) && answer.status == 204
        });
        if signed_out && rows_counter(&self.world, &issued.session_id).is_some() {
            return Err("a session that was signed out has ended".to_owned());
        }
        Ok(())
    }
}

fn at_once(deed: &Deed, issued: &Issued) -> selvedge::http::Request {
    let bearer = format!("Bearer {}", issued.access);
    let headers = [("authorization", bearer.as_str())];
    match deed {
        Deed::Refresh(_) => {
            let body = json!({ "refresh_token": issued.refresh }).to_string();
            let address = "/auth/v1/token?grant_type=refresh_token";
            request(Method::Post, address, &[], body.as_bytes())
        }
        Deed::SignOut(_, scope) => {
            request(Method::Post, &format!("/auth/v1/logout?scope={scope}"), &headers, b"")
        }
        _ => request(Method::Get, "/auth/v1/user", &headers, b""),
    }
}

const NOBODY: &str = "99999999-9999-4999-8999-999999999999";

/// Another password, which nobody has had.
fn next_password(password: &str) -> String {
    format!("{password}+")
}

/// The counter of a session, if it lives.
pub fn rows_counter(world: &World, session_id: &str) -> Option<i64> {
    let sql = format!("select (select counter from auth_sessions where id = '{session_id}')");
    world.host.query(&sql).map(|text| text.parse().expect("a number"))
}

/// The time in the world.
pub fn now(world: &World) -> Milliseconds {
    world.host.now()
}
