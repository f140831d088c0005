//! The native host keeps what it promises, since every other test believes it.

mod support;

use pollster::block_on;

use selvedge::db::{DbError, Rows, Statement, Usage};
use selvedge::host::Host;
use support::{NativeHost, START, interleave};

const SCHEMA: &str = "
    create table parents (id integer primary key, name text unique);
    create table children (id integer primary key, parent_id integer not null references parents (id));";

fn statement(sql: &str) -> Statement {
    Statement::rendered(sql.to_owned(), Vec::new())
}

fn run(host: &NativeHost, batch: &[&str]) -> Result<Vec<Option<String>>, DbError> {
    let batch = batch.iter().map(|sql| statement(sql)).collect();
    Ok(block_on(host.batch(batch))?.iter().map(|rows| rows.text(0)).collect())
}

#[test]
fn a_batch_is_all_or_nothing() {
    let host = NativeHost::new(SCHEMA);
    let insert = "insert into parents (id, name) values (1, 'a')";
    for failing in [
        "insert into parents (id, name) values (2, 'a')",
        "insert into children (parent_id) values (7)",
        "insert into nowhere values (1)",
        "select json_extract('{}', 'selvedge:stop') as row",
        "not SQL",
    ] {
        assert!(run(&host, &[insert, failing]).is_err(), "{failing}");
        assert_eq!(host.query("select count(*) from parents").as_deref(), Some("0"), "{failing}");
    }
    assert_eq!(run(&host, &[insert, "select name from parents"]), Ok(vec![None, Some("a".into())]));
}

#[test]
fn errors_are_told_apart() {
    let host = NativeHost::new(SCHEMA);
    let refused = |sql: &str| run(&host, &[sql]).expect_err("refused");
    assert_eq!(run(&host, &["insert into parents values (1, 'a')"]), Ok(vec![None]));
    assert_eq!(refused("insert into children values (1, 7)"), DbError::ForeignKey);
    let unique = DbError::Unique { table: "parents".into(), columns: vec!["name".into()] };
    assert_eq!(refused("insert into parents values (2, 'a')"), unique);
    let raised = DbError::Raised { marker: "stop:here".into() };
    assert_eq!(refused("select json_extract('{}', 'selvedge:stop:here')"), raised);
    assert!(matches!(refused("select nothing"), DbError::Other { .. }));
}

#[test]
fn the_limits_are_those_of_d1() {
    let host = NativeHost::new(SCHEMA);
    let joined = |count: usize, part: &str, by: &str| vec![part; count].join(by);
    // What just fits, and what is one too many.
    let cases: [(&str, &dyn Fn(usize) -> String); 4] = [
        ("compound", &|n| joined(n, "select 'x'", " union all ")),
        ("pattern", &|n| format!("select 'x' where 'y' like '{}'", joined(n * 10, "%", ""))),
        ("depth", &|n| format!("select 'x' where {}", joined(n * 20 - 1, "1", " + "))),
        ("length", &|n| format!("select '{}'", joined(n * 20_000 - 9, "x", ""))),
    ];
    for (name, sql) in cases {
        assert!(run(&host, &[&sql(5)]).is_ok(), "{name}");
        let refused = run(&host, &[&sql(6)]);
        assert!(matches!(refused, Err(DbError::TooComplex { .. })), "{name}: {refused:?}");
    }
    let bound = |count: usize| {
        let sql = format!("select json_array({})", joined(count, "?", ","));
        let statement = Statement::rendered(sql, vec![Some("x".into()); count]);
        block_on(host.batch(vec![statement])).map(|_| ())
    };
    assert_eq!(bound(100), Ok(()));
    assert!(matches!(bound(101), Err(DbError::TooComplex { .. })));
}

#[test]
fn faults_come_when_they_were_ordered() {
    let host = NativeHost::new(SCHEMA);
    let lost = DbError::from_message("D1_ERROR: Network connection lost.");
    let insert = "insert into parents default values";
    let count = || host.query("select count(*) from parents").expect("a count");
    host.fail_batch(2, lost.clone());
    assert_eq!(run(&host, &[insert]), Ok(vec![None]));
    assert_eq!(run(&host, &[insert]), Err(lost.clone()));
    assert_eq!(count(), "1");
    host.lose_answer(1, lost.clone());
    assert_eq!(run(&host, &[insert]), Err(lost));
    assert_eq!(count(), "2");
    assert_eq!(run(&host, &[insert]), Ok(vec![None]));
}

#[test]
fn what_is_used_is_counted_and_what_is_random_is_not() {
    let host = NativeHost::new(SCHEMA);
    let insert = "insert into parents (name) values ('a'), ('b')";
    assert!(run(&host, &[insert, "select name from parents"]).is_ok());
    let usage = Usage { round_trips: 1, statements: 2, rows_read: 2, rows_written: 2 };
    assert_eq!(host.usage(), usage);
    assert_eq!(host.take_usage(), usage);
    assert_eq!(host.take_usage(), Usage::default());
    let random = |seed| {
        host.seed(seed);
        let mut bytes = [0; 16];
        host.random(&mut bytes);
        bytes
    };
    assert_eq!(random(1), random(1));
    assert_ne!(random(1), random(2));
    assert_eq!(host.now(), START);
    host.advance(5);
    assert_eq!(host.now(), START + 5);
}

#[test]
fn interleaved_requests_meet_at_every_batch() {
    let host = NativeHost::new(SCHEMA);
    // Reading first and writing later is what must not be done: here everybody reads nothing.
    let greedy = |_| async {
        let rows = host.batch(vec![statement("select count(*) from parents")]).await?;
        let seen = rows.first().and_then(|rows| rows.text(0));
        host.batch(vec![statement("insert into parents default values")]).await?;
        Ok::<_, DbError>(seen)
    };
    let seen = interleave((0..3).map(greedy));
    assert_eq!(seen, vec![Ok(Some("0".into())); 3]);
    assert_eq!(host.query("select count(*) from parents").as_deref(), Some("3"));
}
