//! What must hold after each step, whatever it was. Each has its name in the sentence that tells of it.

use std::collections::{BTreeMap, BTreeSet};

use super::Life;
use super::people::{Deed, Issued, now};
use crate::World;

/// What was seen so far.
#[derive(Debug, Default)]
pub struct Memory {
    /// The counters of living sessions, as they were last.
    counters: BTreeMap<String, i64>,
    /// Sessions that have ended.
    ended: BTreeSet<String>,
    /// What a refresh token was exchanged for.
    successors: BTreeMap<String, String>,
    /// How often somebody has tried to come in by what may have worked.
    pub ways_in: usize,
    /// How often a password was changed.
    pub passwords_changed: usize,
    /// Sessions that the last step may end.
    may_end: BTreeSet<String>,
    /// Sessions that the last step may move on.
    may_move: BTreeSet<String>,
}

impl Memory {
    /// A session has one successor: the same token is always exchanged for the same other.
    pub fn succeed(&mut self, token: &str, successor: &str) -> Result<(), String> {
        let first = self.successors.entry(token.to_owned()).or_insert_with(|| successor.to_owned());
        if first == successor {
            Ok(())
        } else {
            Err("a refresh token has one successor".to_owned())
        }
    }

    /// Looks at all sessions.
    pub fn check(&mut self, world: &World) -> Result<(), String> {
        let found = sessions(world);
        let holds = |holds: bool, what: &str| if holds { Ok(()) } else { Err(what.to_owned()) };
        for (id, counter) in &found {
            holds(!self.ended.contains(id), "a session that has ended never comes back")?;
            let Some(before) = self.counters.get(id) else { continue };
            holds(counter >= before, "the counter of a session never goes back")?;
            let moved = counter - before;
            let most = i64::from(self.may_move.contains(id));
            holds(moved <= most, "nothing but a refresh moves a counter, and that by one")?;
        }
        holds(found.len() <= self.ways_in, "there are no more sessions than ways in")?;
        for id in self.counters.keys().filter(|id| !found.contains_key(*id)) {
            holds(self.may_end.contains(id), "no session ends without a reason")?;
            self.ended.insert(id.clone());
        }
        self.counters = found;
        self.may_end.clear();
        self.may_move.clear();
        let letters = "select count(*) from auth_letters where kind = 'password_changed'";
        let letters = world.host.query(letters).and_then(|count| count.parse().ok());
        holds(letters <= Some(self.passwords_changed), "no letter tells of what has not happened")?;
        let strays =
            "select count(*) from auth_sessions where user_id not in (select id from auth_users)";
        holds(world.host.query(strays).as_deref() == Some("0"), "a session belongs to somebody")
    }

    /// Whether the session is known to have ended.
    fn has_ended(&self, id: &str) -> bool {
        self.ended.contains(id)
    }
}

/// The counters of all sessions, by their ids.
fn sessions(world: &World) -> BTreeMap<String, i64> {
    let sql = "select coalesce(group_concat(id || ' ' || counter), '') from auth_sessions";
    let list = world.host.query(sql).unwrap_or_default();
    let pairs = list.split(',').filter_map(|pair| pair.split_once(' '));
    pairs.map(|(id, counter)| (id.to_owned(), counter.parse().expect("a number"))).collect()
}

impl Life {
    /// What a step may change. A refresh ends a session by reuse alone, and a way out what it is for.
    pub fn note(&mut self, deed: &Deed) {
        match *deed {
            Deed::Refresh(token) => {
                let id = self.issued[token].session_id.clone();
                self.memory.may_end.insert(id.clone());
                self.memory.may_move.insert(id);
            }
            Deed::SignOut(token, scope) => {
                let Issued { person, session_id, .. } = self.issued[token].clone();
                match scope {
                    "local" => drop(self.memory.may_end.insert(session_id)),
                    "others" => self.may_end_of(person, Some(&session_id)),
                    _ => self.may_end_of(person, None),
                }
            }
            Deed::ChangePassword(token) => {
                let Issued { person, session_id, .. } = self.issued[token].clone();
                self.may_end_of(person, Some(&session_id));
            }
            Deed::EndSession(token, other)
                if self.issued[token].person == self.issued[other].person =>
            {
                let id = self.issued[other].session_id.clone();
                self.memory.may_end.insert(id);
            }
            Deed::Ban(person) | Deed::Delete(person) => self.may_end_of(person, None),
            _ => {}
        }
    }

    /// All sessions of somebody may end, or all but one.
    fn may_end_of(&mut self, person: usize, but: Option<&str>) {
        let Some(id) = self.id(person) else { return };
        let sql = format!(
            "select coalesce(group_concat(id), '') from auth_sessions where user_id = '{id}'"
        );
        let list = self.world.host.query(&sql).unwrap_or_default();
        let ended = list.split(',').filter(|id| Some(*id) != but).map(str::to_owned);
        self.memory.may_end.extend(ended);
    }

    /// A session that has ended opens nothing any more, by any of its tokens, whenever one is tried.
    pub fn probe(&mut self) -> Result<(), String> {
        if self.issued.is_empty() {
            return Ok(());
        }
        let issued = self.generator.pick(&self.issued);
        if !self.memory.has_ended(&issued.session_id) {
            return Ok(());
        }
        let read = self.world.get_user(&issued.access);
        let status = if now(&self.world) >= issued.expires_at { 401 } else { 403 };
        let refresh = self.world.refresh(&issued.refresh);
        if (read.status, refresh.status) == (status, 400) {
            return Ok(());
        }
        Err(format!("an ended session opens nothing: {} {}", read.status, refresh.status))
    }
}
