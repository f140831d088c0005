//! What must hold after each step, whatever it was. Each has its name in the sentence that tells of it.

use std::collections::{BTreeMap, BTreeSet};

use super::Life;
use super::deeds::Deed;

/// What was seen so far.
#[derive(Debug, Default)]
pub struct Memory {
    /// The levels of living sessions, as they were last.
    levels: BTreeMap<String, String>,
    /// Sessions that have ended.
    ended: BTreeSet<String>,
    /// How often somebody has done what may have begun a session.
    ways_in: usize,
    /// The session that the last step may raise.
    may_raise: Option<String>,
    /// How often each deed has succeeded.
    pub done: BTreeMap<String, u32>,
}

/// Rows of which there must be none.
pub const NEVER: [(&str, &str); 7] = [
    (
        "nobody comes in whose address is not confirmed",
        "select 1 from auth_sessions join auth_users on auth_users.id = user_id
         where email_confirmed_at is null",
    ),
    (
        "nobody who is banned has a session",
        "select 1 from auth_sessions join auth_users on auth_users.id = user_id
         where banned_until > $now",
    ),
    (
        "no session has the higher level without a factor",
        "select 1 from auth_sessions where aal <> 'aal1' and not exists (
           select 1 from auth_factors
           where auth_factors.user_id = auth_sessions.user_id and status = 'verified')",
    ),
    (
        "no session has the higher level without a code that was shown",
        "select 1 from auth_sessions where aal <> 'aal1' and not exists (
           select 1 from json_each(amr) where value ->> 'method' in ('totp', 'mfa/recovery_code'))",
    ),
    (
        "a letter goes to the address of its account",
        "select 1 from auth_one_time_tokens join auth_users on auth_users.id = user_id
         where address <> email",
    ),
    (
        "a code that waits has a challenge",
        "select 1 from auth_flows where user_id is not null and code_challenge is null",
    ),
    (
        "nothing is left of who is gone",
        "select user_id from auth_sessions union all select user_id from auth_factors
         union all select user_id from auth_one_time_tokens union all select user_id from auth_identities
         except select id from auth_users",
    ),
];

impl Life {
    /// What a step may begin or raise.
    pub fn note(&mut self, deed: &Deed) {
        match *deed {
            Deed::SignIn(_)
            | Deed::UseLink(_)
            | Deed::Click(_)
            | Deed::UseCode(..)
            | Deed::Exchange(..) => {
                self.memory.ways_in += 1;
            }
            Deed::Show(token, _, true) | Deed::Redeem(token, _) => {
                self.memory.may_raise = Some(self.tokens[token].session_id.clone());
            }
            _ => {}
        }
    }

    pub fn check(&mut self) -> Result<(), String> {
        let now = self.now().to_string();
        for (what, rows) in NEVER {
            if self.has(&rows.replace("$now", &now)) {
                return Err(what.to_owned());
            }
        }
        // Recovery codes end with the last factor: they count for no later one.
        let guarded = self.list("select user_id from auth_factors where status = 'verified'");
        let ended = self.recovery_codes.iter_mut().filter(|code| !guarded.contains(&code.user_id));
        ended.for_each(|code| code.is_void = true);
        let rows = self.list("select id || ' ' || aal from auth_sessions");
        let found: BTreeMap<String, String> = rows
            .iter()
            .filter_map(|row| row.split_once(' '))
            .map(|(id, level)| (id.to_owned(), level.to_owned()))
            .collect();
        let memory = &mut self.memory;
        let may_raise = memory.may_raise.take();
        for (id, level) in &found {
            if memory.ended.contains(id) {
                return Err("a session that has ended never comes back".to_owned());
            }
            let was_raised = memory.levels.get(id).is_some_and(|before| before == "aal2");
            if level == "aal2" && !was_raised && may_raise.as_ref() != Some(id) {
                return Err("nothing but a code of its own raises a session".to_owned());
            }
        }
        let begun: BTreeSet<&String> = memory.ended.iter().chain(found.keys()).collect();
        if begun.len() > memory.ways_in {
            return Err("there are no more sessions than ways in".to_owned());
        }
        let ended = memory.levels.keys().filter(|id| !found.contains_key(*id)).cloned();
        memory.ended.extend(ended.collect::<Vec<_>>());
        memory.levels = found;
        Ok(())
    }

    /// A session that has ended opens nothing any more, and no token says more than its session.
    pub fn probe(&mut self) -> Result<(), String> {
        if self.tokens.is_empty() {
            return Ok(());
        }
        let token = self.generator.pick(&self.tokens).clone();
        if !self.memory.ended.contains(&token.session_id) {
            return Ok(());
        }
        let status = if self.now() >= token.expires_at { 401 } else { 403 };
        let (read, refresh) =
            (self.world.get_user(&token.access), self.world.refresh(&token.refresh));
        if (read.status, refresh.status) == (status, 400) {
            return Ok(());
        }
        Err(format!("an ended session opens nothing: {} {}", read.status, refresh.status))
    }
}

/// What the simulator is good for: rows that change behind everybody's back are noticed, each by its name.
#[test]
fn whatever_is_tampered_with_is_noticed() {
    for (sql, invariant) in [
        ("update auth_users set email_confirmed_at = null", NEVER[0].0),
        ("update auth_users set banned_until = 9000000000000", NEVER[1].0),
        ("update auth_sessions set aal = 'aal2'; delete from auth_factors", NEVER[2].0),
        (
            "insert into auth_factors (id, user_id, secret, status, created_at, updated_at)
             select id, id, '', 'verified', 0, 0 from auth_users;
             update auth_sessions set aal = 'aal2', amr = '[]'",
            NEVER[3].0,
        ),
        ("update auth_one_time_tokens set address = 'thief@example.com'", NEVER[4].0),
        (
            "insert into auth_flows (id, user_id, method, redirect_to, created_at)
             select id, id, 'otp', '', 0 from auth_users",
            NEVER[5].0,
        ),
        ("pragma foreign_keys = off; delete from auth_users", NEVER[6].0),
        (
            "insert into auth_factors (id, user_id, secret, status, created_at, updated_at)
             select id, id, '', 'verified', 0, 0 from auth_users;
             update auth_sessions set aal = 'aal2', amr = '[{\"method\":\"totp\"}]'",
            "nothing but a code of its own raises a session",
        ),
        (
            "insert into auth_sessions (id, user_id, refreshed_at, created_at)
             select hex(randomblob(16)), auth_users.id, 0, 0
             from auth_users, json_each(json_array(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18))
             where email_confirmed_at is not null and coalesce(banned_until, 0) = 0",
            "there are no more sessions than ways in",
        ),
    ] {
        let noticed = (0..30).any(|seed| {
            let mut life = Life::new(seed);
            for _ in 0..30 {
                life.step().expect("a life without tampering is good");
            }
            life.world.host.execute(sql);
            life.check() == Err(invariant.to_owned())
        });
        assert!(noticed, "{invariant}");
    }
}
