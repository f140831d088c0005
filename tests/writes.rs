//! Writes: how many rows, round trips and statements, and what is answered about them.

mod support;

use std::time::Instant;

use support::config_with;
use support::corridor::Caller::{Nobody, User};
use support::corridor::{ADA, Answer, GRACE, House};

const REPRESENTATION: &str = "return=representation";
const MERGE: &str = "resolution=merge-duplicates,return=representation";

fn open(schema: &str) -> House {
    let tables = schema.split("create table ").skip(1);
    let policies: String = tables
        .map(|table| {
            let name = table.split_whitespace().next().expect("a name");
            format!("create policy a on {name} for all to public using (true) with check (true);")
        })
        .collect();
    House::of(schema, &policies)
}

fn send(house: &House, line: &str, prefer: &str, body: &str) -> Answer {
    house.rest(Nobody, line, prefer, body)
}

#[track_caller]
fn is(answer: &Answer, status: u16, expected: &str) {
    let shown = if status >= 400 { answer.code() } else { answer.body.clone() };
    assert_eq!((answer.status, shown.as_str()), (status, expected), "{}", answer.body);
}

/// A schema of the common types.
const THINGS: &str = "create table things (
    id integer primary key, name varchar(80) not null, done boolean not null default false,
    weight numeric, at timestamptz, priority smallint not null default 3
);";

fn bulk(rows: usize) -> String {
    let row = |id: usize| {
        format!(
            r#"{{"id":{id},"name":"thing number {id}","done":{},"weight":{id}.5,"at":"2026-01-01T00:00:00Z","priority":{}}}"#,
            id % 2 == 0,
            id % 5
        )
    };
    format!("[{}]", (1..=rows).map(row).collect::<Vec<_>>().join(","))
}

#[test]
fn ten_thousand_rows_are_one_statement() {
    let house = open(THINGS);
    // So many rows of the demo's size do not fit into the megabyte that a body may have.
    let rows: Vec<String> = (1..=10_000)
        .map(|id| format!(r#"{{"id":{id},"name":"n{id}","priority":{}}}"#, id % 5))
        .collect();
    let body = format!("[{}]", rows.join(","));
    assert!(body.len() < 1 << 20, "{}", body.len());
    house.host.take_usage();
    is(&send(&house, "POST things", "", &body), 201, "");
    let usage = house.host.take_usage();
    assert_eq!((usage.round_trips, usage.statements), (1, 1));
    assert_eq!(house.host.query("select count(*) from things").as_deref(), Some("10000"));
    assert_eq!(
        house.host.query("select name from things where id = 9999").as_deref(),
        Some("n9999")
    );
    // All of them merged: the count of those that are there, and the change.
    is(&send(&house, "POST things", "resolution=merge-duplicates", &body), 200, "");
    let usage = house.host.take_usage();
    assert_eq!((usage.round_trips, usage.statements), (1, 2));
}

/// Run with `cargo test --release --test writes -- --ignored --nocapture`.
#[test]
#[ignore = "it measures"]
fn measure() {
    for count in [1_000, 5_000] {
        let body = bulk(count);
        let house = open(THINGS);
        let mut best = f64::MAX;
        for _ in 0..20 {
            house.host.execute("delete from things");
            let start = Instant::now();
            is(&send(&house, "POST things", "", &body), 201, "");
            best = best.min(start.elapsed().as_secs_f64());
        }
        println!("{count} rows, {} bytes: {:.3} ms", body.len(), best * 1000.0);
        house.host.execute("delete from things");
        let start = Instant::now();
        for _ in 0..20 {
            let broken = send(
                &house,
                "POST things",
                "resolution=merge-duplicates",
                &body.replace("\"done\"", "\"dome\""),
            );
            is(&broken, 400, "PGRST204");
        }
        println!("  of which reading: {:.3} ms", start.elapsed().as_secs_f64() * 50.0);
    }
}
