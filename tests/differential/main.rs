//! Made-up schemas, policies, functions, rows and requests, answered by the API and by a naive evaluator that
//! goes through all rows one by one. The evaluator shares nothing with what writes SQL: policies are
//! trees here, and become text only for the compiler.
//!
//! `SELVEDGE_SEED` runs one world again; `SELVEDGE_CASES` says how many requests to make, from that
//! world on if both are given.

#[path = "../support/mod.rs"]
mod support;

mod aggregate;
mod function;
mod policy;
mod read;
mod request;
mod schema;
mod value;
mod world;
mod write;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use selvedge::catalog::{Access, Catalog, Execution, Predicate};

use request::fault;
use support::corridor::Caller::{self, Nobody, Service, User};
use support::corridor::{ADA, ALAN, GRACE, House, catalog_with};
use support::generator::Generator;
use world::World;
use write::FRESH;

const CALLERS: [Caller; 6] = [Nobody, User(ADA), User(GRACE), User(ALAN), User(ADA), Service];

/// Requests to each made-up world.
const REQUESTS: u64 = 50;

/// Requests in all, unless `SELVEDGE_CASES` says otherwise; `npm test` makes ten times as many.
const CASES: u64 = 10_000;

/// Runs one made-up world; `plant` may put a hole into its catalog.
fn run(seed: u64, plant: impl FnOnce(&mut Catalog)) -> Result<(), String> {
    let mut generator = Generator::new(seed);
    let mut world = World::any(&mut generator);
    let (schema, policies) = (world.schema.sql(), world.rules.sql(&world.schema));
    let functions = world.functions(&mut generator);
    let bodies = world.functions_sql(&functions);
    let mut catalog = catalog_with(&schema, &policies, &bodies);
    plant(&mut catalog);
    let house = House::with(&schema, catalog);
    house.host.execute(&world.rows_sql());
    for number in 0..REQUESTS {
        let who = *generator.pick(&CALLERS);
        let expected = match generator.below(8) {
            0..=2 => world.read(&mut generator, who),
            3 => world.change(&mut generator, who),
            4 => world.insert(&mut generator, who),
            5 => world.aggregate(&mut generator, who),
            _ => world.call(&mut generator, &functions, who),
        };
        let found = house.rest(who, &expected.line, expected.prefer, &expected.body);
        if let Some(what) = fault(&house, who, &expected, &found) {
            return Err(format!(
                "seed {seed}, request {number}: {what}\n{who:?} {}\nprefer: {}\n{}\n\
                 expected {:?} {:?}\nfound {} {}\n{schema}{policies}{bodies}\n{}",
                expected.line,
                expected.prefer,
                expected.body,
                expected.answer,
                expected.total,
                found.status,
                found.body,
                world.rows_sql()
            ));
        }
        if let Some(after) = expected.after {
            world = after;
            tidy(&house, &mut world);
        }
    }
    Ok(())
}

/// Fresh keys stay fresh.
fn tidy(house: &House, world: &mut World) {
    for at in 0..world.schema.tables.len() {
        let table = world.schema.tables[at].clone();
        let is_fresh = |row: &&world::Row| {
            !table.is_between() && matches!(row[0], value::Value::Integer(id) if id >= FRESH)
        };
        let fresh: std::collections::BTreeSet<_> =
            world.rows[at].iter().filter(is_fresh).map(|row| table.key_of(row)).collect();
        if !fresh.is_empty() {
            let name = schema::quoted(table.name);
            house.host.execute(&format!("delete from {name} where id >= {FRESH}"));
            world.remove(at, &fresh);
        }
    }
}

/// Runs worlds on all processors, and answers the first failures.
fn run_all(first: u64, worlds: u64) -> Vec<String> {
    let (next, failures) = (AtomicU64::new(first), Mutex::new(Vec::new()));
    let work = || loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed >= first.saturating_add(worlds) {
            break;
        }
        if let Err(failure) = run(seed, |_| ()) {
            failures.lock().expect("no thread panics").push(failure);
        }
    };
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    failures.into_inner().expect("no thread panics")
}

#[test]
fn made_up_requests_are_answered_as_a_naive_evaluator_answers_them() {
    let number = |name: &str| Some(std::env::var(name).ok()?.parse::<u64>().expect("a number"));
    let (seed, cases) = (number("SELVEDGE_SEED"), number("SELVEDGE_CASES"));
    if let (Some(seed), None) = (seed, cases) {
        return assert_eq!(run(seed, |_| ()), Ok(()));
    }
    let worlds = cases.unwrap_or(CASES).div_ceil(REQUESTS);
    let failures = run_all(seed.unwrap_or(0), worlds);
    let first = failures.first().map_or("", String::as_str);
    assert!(
        failures.is_empty(),
        "{} of {worlds} worlds fail. One of them:\n{first}",
        failures.len()
    );
}

/// Which predicate of an access is replaced by one that always holds.
#[derive(Debug, Clone, Copy)]
enum Hole {
    Select,
    Insert,
    UpdateUsing,
    UpdateCheck,
    Delete,
}

fn plant(catalog: &mut Catalog, table: &str, hole: Hole) {
    let Some(table) = catalog.tables.iter_mut().find(|other| other.name == table) else { return };
    let open = |access: &mut Access| {
        let (grant, is_check) = match hole {
            Hole::Select => (&mut access.select, false),
            Hole::Insert => (&mut access.insert, true),
            Hole::UpdateUsing => (&mut access.update, false),
            Hole::UpdateCheck => (&mut access.update, true),
            Hole::Delete => (&mut access.delete, false),
        };
        if let Some(grant) = grant {
            let predicate = if is_check { &mut grant.check } else { &mut grant.using };
            *predicate = Predicate::always();
        }
    };
    open(&mut table.anon);
    open(&mut table.authenticated);
}

/// Has callers execute a function as its owner would, or have it though it was not granted to them.
fn plant_in_function(catalog: &mut Catalog, denied: bool) {
    for function in &mut catalog.functions {
        for execution in [&mut function.anon, &mut function.authenticated] {
            match execution {
                Execution::Denied if denied => *execution = Execution::AsOwner,
                Execution::AsCaller(_) if !denied => *execution = Execution::AsOwner,
                Execution::Denied | Execution::AsCaller(_) | Execution::AsOwner => {}
            }
        }
    }
}

/// One occurrence of a table without its predicate is enough to be noticed.
#[test]
fn a_planted_hole_is_found() {
    for (table, hole) in [
        ("item", Hole::Select),
        ("Order", Hole::Select),
        ("between", Hole::Select),
        ("item", Hole::Insert),
        ("groups", Hole::UpdateUsing),
        ("item", Hole::UpdateCheck),
        ("two words", Hole::Delete),
    ] {
        let finds = |seed: &u64| run(*seed, |catalog| plant(catalog, table, hole)).is_err();
        let found = (0..200).find(finds);
        assert!(found.is_some(), "a hole in {table} ({hole:?}) is not found");
    }
    for denied in [false, true] {
        let finds = |seed: &u64| run(*seed, |catalog| plant_in_function(catalog, denied)).is_err();
        assert!((0..200).any(|seed| finds(&seed)), "a hole in functions ({denied}) is not found");
    }
}
