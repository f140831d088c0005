//! Lives of a few people on a few devices, made up from a seed: they sign in, refresh, sign out, change
//! their passwords, at once and one after the other, and the database fails them now and then.
//!
//! What each of them is answered follows from the rows as they were ([`rules`]), and after each step
//! everything that must hold for ever is looked at ([`invariants`]). `SELVEDGE_SEED` runs one life again,
//! and `SELVEDGE_CASES` says how many steps there are.

mod invariants;
mod people;
mod rules;
mod ways;

use crate::support::generator::Generator;
use crate::{World, unavailable};
use invariants::Memory;
use people::{Deed, Issued, Person};

/// How many steps one life has.
const STEPS: u64 = 100;
/// How many steps are taken unless `SELVEDGE_CASES` says otherwise.
const CASES: u64 = 3_000;
/// No more, however many cases are asked for: each way in costs a hash.
const CASES_MAX: u64 = 20_000;

/// What the database does to a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Luck {
    /// Nothing.
    Good,
    /// One of its calls is not made.
    NotMade(u32),
    /// One of its calls is made, and the answer is lost.
    Lost(u32),
}

impl Luck {
    /// Has it befall the calls that the database gets next, counted from 1.
    fn befall(self, world: &World) {
        match self {
            Self::Good => {}
            Self::NotMade(call) => world.host.fail_batch(call, unavailable()),
            Self::Lost(call) => world.host.lose_answer(call, unavailable()),
        }
    }
}

fn luck(generator: &mut Generator) -> Luck {
    let call = u32::try_from(1 + generator.below(3)).expect("a small number");
    match generator.below(8) {
        0 => Luck::NotMade(call),
        1 => Luck::Lost(call),
        _ => Luck::Good,
    }
}

/// A world, who lives in it, and what is known of it from outside.
struct Life {
    world: World,
    generator: Generator,
    people: Vec<Person>,
    /// Every token that was ever handed out.
    issued: Vec<Issued>,
    memory: Memory,
    /// What has happened, for whoever has to understand a failure.
    story: Vec<String>,
}

impl Life {
    fn new(seed: u64) -> Self {
        let world = World::new();
        world.host.seed(seed);
        let people = ["ann@example.com", "ben@example.com", "cleo@example.com"].map(Person::new);
        Self {
            world,
            generator: Generator::new(seed),
            people: people.into(),
            issued: Vec::new(),
            memory: Memory::default(),
            story: Vec::new(),
        }
    }

    /// One thing that somebody does, or several at once.
    fn step(&mut self) -> Result<(), String> {
        let several = !self.issued.is_empty() && self.generator.once_in(5);
        if several {
            self.several_at_once()?;
        } else {
            let deed = Deed::any(&mut self.generator, &self.people, &self.issued);
            let luck = luck(&mut self.generator);
            self.story.push(format!("{deed:?}, {luck:?}"));
            self.one(&deed, luck)?;
        }
        self.memory.check(&self.world)?;
        self.probe()
    }
}

/// Lives one life, and answers what was wrong with it.
fn run(seed: u64) -> Result<(), String> {
    let mut life = Life::new(seed);
    for step in 0..STEPS {
        if let Err(what) = life.step() {
            return Err(told(seed, step, &what, &life.story));
        }
    }
    Ok(())
}

/// What went wrong, and how to see it again.
fn told(seed: u64, step: u64, what: &str, story: &[String]) -> String {
    let latest: Vec<&str> = story.iter().rev().take(12).rev().map(String::as_str).collect();
    let story = latest.join("\n");
    format!("SELVEDGE_SEED={seed}, step {step}: {what}\nafter\n{story}")
}

/// Lives as many lives as there are cases of `steps`, or the one of `SELVEDGE_SEED`.
fn lives(steps: u64, cases: u64, run: fn(u64) -> Result<(), String>) {
    let number = |name: &str| Some(std::env::var(name).ok()?.parse::<u64>().expect("a number"));
    let (seed, wanted) = (number("SELVEDGE_SEED"), number("SELVEDGE_CASES"));
    if let (Some(seed), None) = (seed, wanted) {
        return assert_eq!(run(seed), Ok(()));
    }
    let lives = wanted.unwrap_or(cases).min(CASES_MAX).div_ceil(steps);
    let first = seed.unwrap_or(0);
    println!("SELVEDGE_SEED={first} to {}", first.saturating_add(lives));
    let failed: Vec<String> =
        (first..first.saturating_add(lives)).filter_map(|seed| run(seed).err()).collect();
    let one = failed.first().map_or("", String::as_str);
    assert!(failed.is_empty(), "{} of {lives} lives fail. One of them:\n{one}", failed.len());
}

#[test]
fn whatever_people_do_and_whatever_fails_sessions_stay_what_they_are() {
    lives(STEPS, CASES, run);
}

/// What the simulator is good for: rows that change behind everybody's back are noticed.
#[test]
fn a_session_that_is_tampered_with_is_noticed() {
    for (sql, invariant) in [
        ("update auth_sessions set counter = 0", "the counter of a session never goes back"),
        ("update auth_sessions set counter = counter + 1", "nothing but a refresh moves a counter"),
        (
            "insert into auth_sessions (id, user_id, refreshed_at, created_at)
             select lower(hex(randomblob(16))), auth_users.id, 0, 0 from auth_users, json_each('[1,2,3,4,5,6,7,8]')",
            "there are no more sessions than ways in",
        ),
        ("delete from auth_sessions", "no session ends without a reason"),
    ] {
        let noticed = (0..20).find_map(|seed| {
            let mut life = Life::new(seed);
            for _ in 0..STEPS / 2 {
                life.step().expect("a life without tampering is good");
            }
            life.world.host.execute(sql);
            life.memory.check(&life.world).err()
        });
        assert!(noticed.as_deref().is_some_and(|what| what.contains(invariant)), "{sql}: {noticed:?}");
    }
}
