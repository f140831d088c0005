//! Lives in which people come in by whatever way there is: they confirm, forget, have links and codes sent, with
//! PKCE and without, add apps, show them and take them away, use recovery codes, and are banned and deleted; at once
//! and one after the other, and the database fails them now and then.
//!
//! Whatever was sent is known from the rows, as if all mail were read, and tried again later. What each deed must
//! come to follows from the rows as they were ([`rules`]); what must hold for ever is looked at after each step
//! ([`invariants`]).

mod deeds;
mod invariants;
mod rules;

use super::luck;
use crate::World;
use crate::support::generator::Generator;
use deeds::Deed;
use invariants::Memory;

/// How many steps one life has.
const STEPS: u64 = 100;
/// How many steps are taken unless `SELVEDGE_CASES` says otherwise.
const CASES: u64 = 3_000;

/// Somebody with an address and a password that never changes.
struct Person {
    email: &'static str,
    password: String,
}

/// What was sent by mail, and is good for one use.
#[derive(Debug, Clone)]
struct Letter {
    /// The row's id.
    id: String,
    address: String,
    purpose: String,
    link: String,
    code: String,
    wrong_code: String,
    /// How often it has led somebody in.
    uses: u32,
}

/// What a link with PKCE has led to.
#[derive(Debug, Clone)]
struct AuthCode {
    /// The row's id.
    flow: String,
    text: String,
    uses: u32,
}

/// A factor in somebody's app.
#[derive(Debug, Clone)]
struct App {
    user_id: String,
    id: String,
    secret: String,
    /// The steps whose codes were taken.
    taken: Vec<i64>,
}

/// One of a set of recovery codes.
#[derive(Debug, Clone)]
struct RecoveryCode {
    user_id: String,
    text: String,
    uses: u32,
    /// Whether a later set has replaced it, or its account was without a factor since.
    is_void: bool,
}

/// Tokens as somebody was handed them.
#[derive(Debug, Clone)]
struct Token {
    user_id: String,
    session_id: String,
    access: String,
    refresh: String,
    /// When the access token ends.
    expires_at: i64,
}

/// A world, what is in people's hands, and what has happened.
struct Life {
    world: World,
    generator: Generator,
    people: Vec<Person>,
    letters: Vec<Letter>,
    codes: Vec<AuthCode>,
    apps: Vec<App>,
    recovery_codes: Vec<RecoveryCode>,
    tokens: Vec<Token>,
    memory: Memory,
    story: Vec<String>,
}

impl Life {
    fn new(seed: u64) -> Self {
        let world = World::strict();
        world.host.seed(seed);
        let people = ["ann@example.com", "ben@example.com"];
        Self {
            world,
            generator: Generator::new(seed),
            people: people.map(|email| Person { email, password: format!("{email} 1 2 3") }).into(),
            letters: Vec::new(),
            codes: Vec::new(),
            apps: Vec::new(),
            recovery_codes: Vec::new(),
            tokens: Vec::new(),
            memory: Memory::default(),
            story: Vec::new(),
        }
    }

    /// One thing that somebody does, or the same several times at once.
    fn step(&mut self) -> Result<(), String> {
        let deed = Deed::any(self);
        let luck = luck(&mut self.generator);
        if deed.spends() && self.generator.once_in(4) {
            self.story.push(format!("at once: {deed:?}"));
            self.at_once(&deed)?;
        } else {
            self.story.push(format!("{deed:?}, {luck:?}"));
            self.one(&deed, luck)?;
        }
        self.read_mail();
        self.check()?;
        self.probe()
    }
}

/// Lives one life, and answers what was wrong with it.
fn run(seed: u64) -> Result<(), String> {
    let mut life = Life::new(seed);
    for step in 0..STEPS {
        if let Err(what) = life.step() {
            return Err(super::told(seed, step, &what, &life.story));
        }
    }
    Ok(())
}

#[test]
fn whichever_way_people_come_in_each_key_opens_once_and_only_its_own_door() {
    super::lives(STEPS, CASES, run);
}

/// That lives have in them what they are about: otherwise nothing was shown.
#[test]
fn lives_are_full() {
    let mut done = std::collections::BTreeMap::new();
    for seed in 0..16 {
        let mut life = Life::new(seed);
        for _ in 0..STEPS {
            life.step().expect("a good life");
        }
        for (name, count) in life.memory.done {
            *done.entry(name).or_insert(0_u32) += count;
        }
    }
    for name in [
        "SignUp", "SignIn", "Ask", "UseLink", "Click", "UseCode", "Exchange", "Enroll", "Show",
        "Unenroll", "Draw", "Redeem", "Refresh", "SignOut", "Ban", "Delete",
    ] {
        assert!(done.get(name).is_some_and(|count| *count >= 2), "{name} has succeeded: {done:?}");
    }
}
