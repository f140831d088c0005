//! Writes: how many rows, round trips and statements, and what is answered about them.

mod support;

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

#[test]
fn digits_of_64_bits_are_kept_both_ways() {
    let house = open("create table t (id bigint primary key, n numeric, j jsonb);");
    for (sent, kept) in [
        ("9223372036854775807", "9223372036854775807"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("\"9223372036854775806\"", "9223372036854775806"),
        ("\"-9223372036854775807\"", "-9223372036854775807"),
        ("9007199254740993", "9007199254740993"),
        ("0", "0"),
        ("-0", "0"),
    ] {
        let body = format!(r#"[{{"id":{sent},"n":{sent},"j":{kept}}}]"#);
        let rows = format!(r#"[{{"id":{kept},"n":{kept},"j":{kept}}}]"#);
        is(&send(&house, "POST t", REPRESENTATION, &body), 201, &rows);
        is(&send(&house, &format!("GET t?id=eq.{kept}"), "", ""), 200, &rows);
        is(&send(&house, "POST t", MERGE, &body), 200, &rows);
        let patch = format!("PATCH t?id=eq.{kept}");
        is(&send(&house, &patch, REPRESENTATION, &format!(r#"{{"n":{sent}}}"#)), 200, &rows);
        is(&send(&house, &format!("DELETE t?id=eq.{kept}"), REPRESENTATION, ""), 200, &rows);
    }
    for sent in ["9223372036854775808", "-9223372036854775809", "\"9223372036854775808\""] {
        let body = format!(r#"{{"id":{sent}}}"#);
        is(&send(&house, "POST t", "", &body), 400, "22003");
    }
    for sent in ["1.5", "1e2", "\"\"", "true", "[1]"] {
        is(&send(&house, "POST t", "", &format!(r#"{{"id":{sent}}}"#)), 400, "22P02");
    }
}

#[test]
fn bodies_become_rows() {
    let house = open(
        "create table t (id integer primary key, a text default 'd', b integer default 7, c boolean);",
    );
    for (line, prefer, body, expected) in [
        ("POST t", "", "{}", r#"[{"id":1,"a":"d","b":7,"c":null}]"#),
        ("POST t?select=id,b", "", "[{},{}]", r#"[{"id":2,"b":7},{"id":3,"b":7}]"#),
        ("POST t", "", "[]", "[]"),
        ("POST t", "", " 5 ", "[]"),
        ("POST t", "", "null", "[]"),
        // A key that only some rows have is null, unless it is to be the default.
        (
            "POST t?columns=a,b&select=a,b",
            "",
            r#"[{"a":"x"},{"b":1}]"#,
            r#"[{"a":"x","b":null},{"a":null,"b":1}]"#,
        ),
        (
            "POST t?columns=a,b&select=a,b",
            "missing=default",
            r#"[{"a":"x"},{"b":1},{"a":null,"z":0}]"#,
            r#"[{"a":"x","b":7},{"a":"d","b":1},{"a":null,"b":7}]"#,
        ),
        ("POST t?columns=a,a&select=a", "", r#"{"a":"x"}"#, r#"[{"a":"x"}]"#),
        // Of a key given twice the last counts, and the order of keys does not.
        (
            "POST t?select=a,b",
            "",
            r#"[{"a":"x","b":1,"a":"y"},{"b":2,"a":"z"}]"#,
            r#"[{"a":"y","b":1},{"a":"z","b":2}]"#,
        ),
        ("POST t?select=a", "", r#"{"\u0061":"\u0041\n"}"#, r#"[{"a":"A\n"}]"#),
        (
            "POST t?select=a,c",
            "",
            r#"[{"a":1.50,"c":"yes"},{"a":{"x": 1},"c":false}]"#,
            r#"[{"a":"1.50","c":true},{"a":"{\"x\": 1}","c":false}]"#,
        ),
        (
            "PATCH t?id=eq.1&columns=a,b&select=a,b",
            "missing=default",
            r#"{"b":1}"#,
            r#"[{"a":"d","b":1}]"#,
        ),
        (
            "PATCH t?id=eq.1&columns=a,b&select=a,b",
            "missing=null",
            r#"{"b":1}"#,
            r#"[{"a":null,"b":1}]"#,
        ),
        ("PATCH t?id=eq.1&select=a", "", "{}", "[]"),
        ("PATCH t?id=eq.1&select=a", "", "[]", "[]"),
        ("PATCH t?id=eq.1&select=a", "", r#"[{"a":"only"}]"#, r#"[{"a":"only"}]"#),
    ] {
        let answer = send(&house, line, &format!("{REPRESENTATION}, {prefer}"), body);
        assert_eq!(answer.body, expected, "{line} {body}");
    }
}

#[test]
fn bodies_that_are_no_rows_are_refused() {
    let house = open("create table t (id integer primary key, a text default 'd', b integer);");
    let before = house.host.dump();
    for (line, body, expected) in [
        ("POST t", "", "PGRST102"),
        ("POST t", "{", "PGRST102"),
        ("POST t", "[{}] x", "PGRST102"),
        ("POST t", r#"[{"a":1},{"a":1,"b":2}]"#, "PGRST102"),
        ("POST t", r#"[{"a":1,"b":2},{"a":1}]"#, "PGRST102"),
        ("POST t", r#"[{"a":1},{"b":1}]"#, "PGRST102"),
        ("POST t", r#"[{"a":1},[]]"#, "PGRST102"),
        ("POST t", "[1]", "PGRST102"),
        ("POST t?columns=a", r#"[{"a":1},null]"#, "PGRST102"),
        ("POST t", r#"{"z":1}"#, "PGRST204"),
        ("POST t?columns=a,z", r#"{"a":1}"#, "PGRST204"),
        ("POST t?columns=", r#"{"a":1}"#, "PGRST100"),
        ("POST t?columns=a,", r#"{"a":1}"#, "PGRST100"),
        ("PATCH t?id=eq.1", r#"[{"a":1},{"a":2}]"#, "PGRST102"),
        ("PATCH t?id=eq.1", r#"{"z":1}"#, "PGRST204"),
        ("PATCH t?u.id=eq.1", r#"{"a":1}"#, "PGRST108"),
        ("DELETE t?u.id=eq.1", "", "PGRST108"),
        ("DELETE t?z=eq.1", "", "42703"),
    ] {
        let answer = send(&house, line, "", body);
        assert_eq!((answer.status, answer.code().as_str()), (400, expected), "{line} {body}");
    }
    assert_eq!(house.host.dump(), before);
}

#[test]
fn a_merge_tells_whether_it_has_made_a_row() {
    let house = open(
        "create table t (id integer primary key, code text unique, kind text not null default 'k',
           n integer, unique (code, kind));
         create table free (n integer);",
    );
    let merge = "resolution=merge-duplicates";
    for (line, body, status, statements) in [
        ("POST t", r#"[{"id":1,"code":"a"},{"id":2,"code":"b"}]"#, 201, 2),
        ("POST t", r#"[{"id":1,"code":"a"},{"id":2,"code":"b"}]"#, 200, 2),
        ("POST t", r#"[{"id":1,"code":"a"},{"id":3,"code":"c"}]"#, 201, 2),
        ("POST t", r#"{"id":1}"#, 200, 2),
        ("POST t", "[]", 200, 1),
        // Without its key a row is always new: nothing needs to be counted.
        ("POST t", r#"{"n":1}"#, 201, 1),
        ("POST t?on_conflict=code", r#"[{"code":"a","n":2},{"code":"b","n":2}]"#, 200, 2),
        ("POST t?on_conflict=code", r#"[{"code":"a","n":2},{"code":null,"n":2}]"#, 201, 2),
        // The default is part of the key.
        ("POST t?on_conflict=code,kind", r#"{"code":"a","n":3}"#, 200, 2),
        ("POST t?on_conflict=code,kind", r#"{"code":"new","n":3}"#, 201, 2),
        ("POST free", r#"{"n":3}"#, 201, 1),
    ] {
        house.host.take_usage();
        let answer = send(&house, line, merge, body);
        assert_eq!((answer.status, answer.body.as_str()), (status, ""), "{line} {body}");
        let applied = (!line.ends_with("free")).then_some(merge);
        assert_eq!(answer.header("preference-applied"), applied, "{line}");
        let usage = house.host.take_usage();
        assert_eq!((usage.round_trips, usage.statements), (1, statements), "{line} {body}");
    }
    let ignore = "resolution=ignore-duplicates,return=representation";
    let two = r#"[{"id":1,"n":9},{"id":50,"n":9}]"#;
    is(&send(&house, "POST t?select=id", ignore, two), 201, r#"[{"id":50}]"#);
    is(&send(&house, "POST t?select=id", ignore, two), 201, "[]");
}

#[test]
fn a_key_that_is_sent_twice_is_refused() {
    let house =
        open("create table t (a text, b integer, n integer, primary key (a, b), unique (n));");
    let before = house.host.dump();
    for (line, body, expected) in [
        ("POST t", r#"[{"b":1,"a":"x"},{"b":1,"a":"x"}]"#, (400, "21000")),
        ("POST t", r#"[{"b":1,"a":"x","n":1},{"b":"1","a":"\u0078","n":2}]"#, (400, "21000")),
        (
            "POST t?on_conflict=n",
            r#"[{"b":1,"a":"x","n":1},{"b":2,"a":"x","n":1}]"#,
            (400, "21000"),
        ),
        ("POST t", r#"[{"b":null,"a":"x"},{"b":null,"a":"x"}]"#, (400, "23502")),
    ] {
        let answer = send(&house, line, "resolution=merge-duplicates", body);
        assert_eq!((answer.status, answer.code().as_str()), expected, "{line} {body}");
    }
    assert_eq!(house.host.dump(), before);
    // One and another differ, nulls too; and what is ignored may be there twice.
    for (line, prefer, body) in [
        ("POST t", MERGE, r#"[{"b":1,"a":"x"},{"b":2,"a":"x"},{"b":1,"a":"1"}]"#),
        ("POST t?on_conflict=n", MERGE, r#"[{"b":3,"a":"x","n":null},{"b":4,"a":"x","n":null}]"#),
        ("POST t", "resolution=ignore-duplicates", r#"[{"b":9,"a":"x"},{"b":9,"a":"x"}]"#),
    ] {
        assert_eq!(send(&house, line, prefer, body).status, 201, "{body}");
    }
}

#[test]
fn a_key_that_is_sent_twice_in_two_spellings_is_refused() {
    let house = open(
        "create table n (k numeric primary key, v integer);
         create table d (k double precision primary key, v integer);
         create table c (k text collate nocase primary key, v integer);
         create table u (id integer primary key, k text collate nocase, n numeric, unique (k, n));
         create table p (k text primary key, v integer);",
    );
    let before = house.host.dump();
    for (line, body) in [
        ("POST n", r#"[{"k":7,"v":1},{"k":7.0,"v":2}]"#),
        ("POST n", r#"[{"k":"70","v":1},{"k":1,"v":1},{"k":7e1,"v":2}]"#),
        ("POST d", r#"[{"k":7,"v":1},{"k":7.0,"v":2}]"#),
        ("POST d?columns=v,k", r#"[{"k":0.5,"v":1},{"k":"5e-1","v":2}]"#),
        ("POST c", r#"[{"k":"a","v":1},{"k":"A","v":2}]"#),
        ("POST u?on_conflict=k,n", r#"[{"k":"a","n":1.50},{"k":"A","n":"1.5"}]"#),
    ] {
        let answer = send(&house, line, "resolution=merge-duplicates", body);
        assert_eq!((answer.status, answer.code().as_str()), (400, "21000"), "{line} {body}");
    }
    assert_eq!(house.host.dump(), before);
    // As the database compares them these are two, and nulls are as many as there are.
    for (line, prefer, body) in [
        ("POST n", MERGE, r#"[{"k":7,"v":1},{"k":7.5,"v":2},{"k":-7,"v":1}]"#),
        ("POST c", MERGE, r#"[{"k":"a","v":1},{"k":"b","v":2}]"#),
        ("POST p", MERGE, r#"[{"k":"a","v":1},{"k":"A","v":2}]"#),
        (
            "POST u?on_conflict=k,n",
            MERGE,
            r#"[{"k":"a","n":null},{"k":"A","n":null},{"k":null,"n":1}]"#,
        ),
        ("POST c", "resolution=ignore-duplicates", r#"[{"k":"x","v":1},{"k":"X","v":2}]"#),
    ] {
        house.host.take_usage();
        assert_eq!(send(&house, line, prefer, body).status, 201, "{body}");
        // Where texts tell, nothing else is asked.
        let loose = prefer == MERGE && !line.contains(" p");
        let expected = if prefer == MERGE { 2 + u32::from(loose) } else { 1 };
        assert_eq!(house.host.take_usage().statements, expected, "{line}");
    }
    assert_eq!(house.host.query("select count(*) from p").as_deref(), Some("2"));
    assert_eq!(house.host.query("select v from c where k = 'x'").as_deref(), Some("1"));
}

#[test]
fn put_makes_or_replaces_the_one_row_that_it_names() {
    let house = open(
        "create table t (id integer primary key, a text, b text default 'd');
         create table pair (x integer, y text, n integer, primary key (x, y));
         create table free (n integer, m integer); create view v as select id from t;",
    );
    let row = |a: &str| format!(r#"{{"id":1,"a":"{a}"}}"#);
    is(
        &send(&house, "PUT t?id=eq.1", REPRESENTATION, &row("x")),
        201,
        r#"[{"id":1,"a":"x","b":"d"}]"#,
    );
    is(
        &send(&house, "PUT t?id=eq.1", REPRESENTATION, &row("y")),
        200,
        r#"[{"id":1,"a":"y","b":"d"}]"#,
    );
    let answer =
        send(&house, "PUT t?id=eq.1", "return=minimal, count=exact, missing=default", &row("z"));
    is(&answer, 204, "");
    assert_eq!(answer.header("content-range"), None);
    assert_eq!(answer.header("preference-applied"), Some("return=minimal, count=exact"));
    is(&send(&house, "PUT t?id=eq.2", "", r#"[{"id":1,"a":"no"},{"id":"2","a":"yes"}]"#), 204, "");
    is(&send(&house, "PUT t?id=eq.3", "", r#"{"id":3}"#), 204, "");
    is(
        &send(&house, "PUT t?id=eq.3&columns=id", REPRESENTATION, r#"{"id":3,"a":"no"}"#),
        200,
        r#"[{"id":3,"a":null,"b":"d"}]"#,
    );
    let pair = "PUT pair?y=eq.a.b,c&x=eq.1";
    is(
        &send(&house, pair, REPRESENTATION, r#"{"x":1,"y":"a.b,c","n":5}"#),
        201,
        r#"[{"x":1,"y":"a.b,c","n":5}]"#,
    );
    is(
        &send(&house, pair, REPRESENTATION, r#"{"x":1,"y":"a.b,c","n":6}"#),
        200,
        r#"[{"x":1,"y":"a.b,c","n":6}]"#,
    );
    let left = house.host.query("select group_concat(coalesce(a, '-')) from t");
    assert_eq!(left.as_deref(), Some("z,yes,-"));
}

#[test]
fn put_is_of_one_row_by_its_key_and_nothing_else() {
    let house = open(
        "create table t (id integer primary key, a text, b text default 'd');
         create table pair (x integer, y text, n integer, primary key (x, y));
         create table free (n integer, m integer); create view v as select id from t;",
    );
    let row = |a: &str| format!(r#"{{"id":1,"a":"{a}"}}"#);
    let before = house.host.dump();
    house.host.take_usage();
    for (target, body, expected) in [
        ("t", row("x").as_str(), "405 PGRST105"),
        ("t?a=eq.x", &row("x"), "405 PGRST105"),
        ("t?id=gt.1", &row("x"), "405 PGRST105"),
        ("t?id=not.eq.1", &row("x"), "405 PGRST105"),
        ("t?id=in.(1)", &row("x"), "405 PGRST105"),
        ("t?id=eq.1&a=eq.x", &row("x"), "405 PGRST105"),
        ("t?id=eq.1&id=eq.1", &row("x"), "405 PGRST105"),
        ("t?or=(id.eq.1,id.eq.2)", &row("x"), "405 PGRST105"),
        ("t?and=(id.eq.1)", &row("x"), "405 PGRST105"),
        ("pair?x=eq.1", r#"{"x":1,"y":"a"}"#, "405 PGRST105"),
        ("free", r#"{"n":1}"#, "405 PGRST105"),
        ("free?n=eq.1", r#"{"n":1}"#, "405 PGRST105"),
        ("t?id=eq.1&limit=1", &row("x"), "400 PGRST114"),
        ("t?id=eq.1&offset=0", &row("x"), "400 PGRST114"),
        ("t?id=eq.2", &row("x"), "400 PGRST115"),
        ("t?id=eq.1", r#"{"a":"x"}"#, "400 PGRST115"),
        ("t?id=eq.1", r#"{"id":null}"#, "400 PGRST115"),
        ("t?id=eq.1", "[]", "400 PGRST115"),
        ("t?id=eq.1&columns=a", &row("x"), "400 PGRST115"),
        ("t?id=eq.x", &row("x"), "400 22P02"),
        ("t?id=eq.1", "", "400 PGRST102"),
        ("t?id=eq.1", r#"{"id":1,"z":1}"#, "400 PGRST204"),
        ("t?z=eq.1", &row("x"), "400 42703"),
        ("v?id=eq.1", r#"{"id":1}"#, "401 42501"),
        ("nothing?id=eq.1", "{}", "404 PGRST205"),
    ] {
        let answer = send(&house, &format!("PUT {target}"), "", body);
        assert_eq!(format!("{} {}", answer.status, answer.code()), expected, "{target} {body}");
    }
    assert_eq!(house.host.take_usage().round_trips, 0);
    assert_eq!(house.host.dump(), before);
}

const OWNED: &str = "create table things (id integer primary key, owner uuid not null, n integer);";
const OWNERS: &str = "
    create policy a on things for select to authenticated using (id < 100);
    create policy b on things for insert to authenticated with check (owner = auth.uid());
    create policy c on things for update to authenticated using (owner = auth.uid());
    create policy d on things for delete to authenticated using (owner = auth.uid() and n > 0);";

fn owned() -> House {
    let house = House::of(OWNED, OWNERS);
    for (id, owner, n) in [(1, ADA, 1), (2, GRACE, 2), (3, ADA, 0), (100, ADA, 1)] {
        house.host.execute(&format!("insert into things values ({id}, '{}', {n})", owner.0));
    }
    house
}

#[test]
fn put_obeys_policies_as_a_merge_does() {
    let house = owned();
    let before = house.host.dump();
    let thing = |id: i64, owner: support::corridor::Person| {
        format!(r#"{{"id":{id},"owner":"{}","n":5}}"#, owner.0)
    };
    for (id, owner, expected) in [(2, ADA, 403), (1, GRACE, 403), (9, GRACE, 403), (100, ADA, 403)]
    {
        let line = format!("PUT things?id=eq.{id}");
        let answer = house.rest(User(ADA), &line, REPRESENTATION, &thing(id, owner));
        assert_eq!((answer.status, answer.code().as_str()), (expected, "42501"), "{id}");
    }
    assert_eq!(house.host.dump(), before);
    is(
        &house.rest(User(ADA), "PUT things?id=eq.1&select=n", REPRESENTATION, &thing(1, ADA)),
        200,
        r#"[{"n":5}]"#,
    );
    is(
        &house.rest(User(ADA), "PUT things?id=eq.9&select=n", REPRESENTATION, &thing(9, ADA)),
        201,
        r#"[{"n":5}]"#,
    );
}

#[test]
fn developers_are_told_which_rows_a_policy_has_left_alone() {
    let mut house = owned();
    let hint = |house: &House, line: &str, body: &str| {
        house.host.take_usage();
        let answer = house.rest(User(ADA), line, "", body);
        assert_eq!(answer.status, 204, "{answer:?}");
        let exposed = answer.header("access-control-expose-headers").expect("CORS").to_owned();
        let hint = answer.header("selvedge-hint").map(str::to_owned);
        assert_eq!(exposed.contains("selvedge-hint"), hint.is_some());
        (hint, house.host.take_usage())
    };
    let update = "PATCH things?id=lte.2";
    let (told, usage) = hint(&house, update, r#"{"n":8}"#);
    assert_eq!((told, usage.round_trips, usage.statements), (None, 1, 2));
    house.app.config = config_with(&[("ENVIRONMENT", "development")]);
    let (told, usage) = hint(&house, update, r#"{"n":8}"#);
    assert_eq!((usage.round_trips, usage.statements), (1, 3));
    let expected =
        "1 row matched the filters but no policy for update on \"things\" lets you change them";
    assert_eq!(told.as_deref(), Some(expected.replace("them", "it").as_str()));
    let (told, _) = hint(&house, "DELETE things?id=gt.1", "");
    let expected =
        "2 rows matched the filters but no policy for delete on \"things\" lets you change them";
    assert_eq!(told.as_deref(), Some(expected), "a row that may not be seen does not count");
    for (line, body) in [
        ("PATCH things?id=eq.1", r#"{"n":8}"#),
        ("DELETE things?id=eq.100", ""),
        ("PATCH things?id=eq.7", r#"{"n":1}"#),
    ] {
        assert_eq!(hint(&house, line, body).0, None, "{line}");
    }
}

#[test]
fn changed_rows_are_answered_in_the_order_that_was_asked_for() {
    let house = open(
        "create table t (id integer primary key, name text not null, n integer default 5,
           up integer references t (id) on delete cascade);",
    );
    for (line, body, expected) in [
        (
            "POST t?select=name&order=name",
            r#"[{"name":"b"},{"name":"c"},{"name":"a"}]"#,
            r#"[{"name":"a"},{"name":"b"},{"name":"c"}]"#,
        ),
        ("POST t?select=id&order=id", r#"[{"name":"x"},{"name":"y"}]"#, r#"[{"id":4},{"id":5}]"#),
        (
            "POST t?select=id&order=id.desc",
            r#"[{"id":11,"name":"x"},{"id":12,"name":"y"},{"id":10,"name":"y"}]"#,
            r#"[{"id":12},{"id":11},{"id":10}]"#,
        ),
        (
            "POST t?select=id&order=n.desc.nullslast,id",
            r#"[{"id":21,"name":"x","n":null},{"id":22,"name":"y","n":1}]"#,
            r#"[{"id":22},{"id":21}]"#,
        ),
        ("PATCH t?id=eq.1&select=n&order=name", r#"{"n":1}"#, r#"[{"n":1}]"#),
        ("PATCH t?id=eq.0&select=n&order=name", r#"{"n":1}"#, "[]"),
        (
            "PATCH t?id=gt.3&id=lt.6",
            r#"{"up":1}"#,
            r#"[{"id":4,"name":"x","n":5,"up":1},{"id":5,"name":"y","n":5,"up":1}]"#,
        ),
        // What hangs on a row is shown as it was, though it goes with it.
        ("DELETE t?id=eq.1&select=id,t(id)", "", r#"[{"id":1,"t":[{"id":4},{"id":5}]}]"#),
        (
            "DELETE t?id=gte.10&select=id&order=name.desc,id.desc&limit=1",
            "",
            r#"[{"id":22},{"id":12},{"id":10},{"id":21},{"id":11}]"#,
        ),
    ] {
        assert_eq!(send(&house, line, REPRESENTATION, body).body, expected, "{line}");
    }
    assert_eq!(house.host.query("select group_concat(id) from t").as_deref(), Some("2,3"));
    let before = house.host.dump();
    for (line, prefer, body) in [
        ("PATCH t?order=name", "", r#"{"n":1}"#),
        ("POST t?order=id.desc", "", r#"[{"name":"x"},{"name":"y"}]"#),
        (
            "POST t?order=n",
            "resolution=merge-duplicates",
            r#"[{"id":2,"name":"x"},{"id":3,"name":"y"}]"#,
        ),
    ] {
        let answer = send(&house, line, &format!("{REPRESENTATION},{prefer}"), body);
        is(&answer, 400, "PGRST127");
        assert_eq!(house.host.dump(), before);
    }
}

#[test]
fn a_foreign_key_in_the_way_is_named() {
    let house = House::of(
        "create table parents (id integer primary key, code text unique);
         create table followers (id integer primary key, parent integer references parents (id) on delete cascade on update cascade);
         create table children (id integer primary key, parent integer, code text,
           constraint of_parent foreign key (parent) references parents (id),
           foreign key (code) references parents (code));",
        "create policy a on parents for all to authenticated using (true);
         create policy b on parents for delete to anon using (true);
         create policy c on parents for select to anon using (id < 0);",
    );
    house.host.execute(
        "insert into parents values (1, 'a'), (2, 'b'), (3, 'c');
         insert into followers values (1, 1), (2, 2);
         insert into children values (1, 1, null), (2, null, 'b');",
    );
    let before = house.host.dump();
    let check = |caller, line: &str, body: &str, constraint: &str, details: &str| {
        let answer = house.rest(caller, line, "", body);
        is(&answer, 409, "23503");
        let error = answer.json();
        let message = format!(
            "update or delete on table \"parents\" violates foreign key constraint \"{constraint}\" on table \"children\""
        );
        assert_eq!(error["message"], message.as_str());
        assert_eq!(error["details"], details, "{line}");
        assert_eq!(house.host.dump(), before);
    };
    check(
        User(ADA),
        "DELETE parents?id=eq.1",
        "",
        "of_parent",
        "Key (id)=(1) is still referenced from table \"children\".",
    );
    check(
        User(ADA),
        "DELETE parents?id=eq.2",
        "",
        "children_code_fkey",
        "Key (code)=(b) is still referenced from table \"children\".",
    );
    check(
        User(ADA),
        "PATCH parents?id=eq.2",
        r#"{"code":"z"}"#,
        "children_code_fkey",
        "Key (code)=(b) is still referenced from table \"children\".",
    );
    check(
        User(ADA),
        "PATCH parents?id=eq.1",
        r#"{"id":9}"#,
        "of_parent",
        "Key (id)=(1) is still referenced from table \"children\".",
    );
    // Whoever may not see the row is not told its key.
    check(
        Nobody,
        "DELETE parents",
        "",
        "of_parent",
        "Key is still referenced from table \"children\".",
    );
    is(&house.rest(User(ADA), "DELETE parents?id=eq.3", "", ""), 204, "");
}

#[test]
fn the_address_of_a_new_row_names_its_whole_key() {
    let house = open(
        "create table pair (x integer, y text, primary key (x, y));
         create table raw (id blob primary key);
         create table free (n integer);",
    );
    let headers = "return=headers-only";
    for (table, body, location) in [
        (
            "pair",
            r#"{"x":1,"y":"a b&c=d/é,\"."}"#,
            Some("/rest/v1/pair?x=eq.1&y=eq.a%20b%26c%3Dd%2F%C3%A9%2C%22."),
        ),
        ("raw", r#"{"id":"\\x00FF"}"#, Some("/rest/v1/raw?id=eq.%5Cx00ff")),
        ("pair", r#"[{"x":2,"y":"a"},{"x":2,"y":"b"}]"#, None),
        ("free", r#"{"n":1}"#, None),
    ] {
        let answer = send(&house, &format!("POST {table}"), headers, body);
        is(&answer, 201, "");
        assert_eq!(answer.header("location"), location, "{body}");
        assert_eq!(answer.header("preference-applied"), Some(headers));
        if let Some(location) = location {
            let target = location.strip_prefix("/rest/v1/").expect("a table's address");
            let found = send(&house, &format!("GET {target}"), "", "");
            assert_ne!(found.body, "[]", "{location}");
        }
    }
    let merge = "resolution=merge-duplicates, return=headers-only";
    let answer = send(&house, "POST pair", merge, r#"{"x":2,"y":"a"}"#);
    is(&answer, 200, "");
}

#[test]
fn limits_on_a_change_undo_it() {
    let house = owned();
    let before = house.host.dump();
    let object = |line: &str, prefer: &str, body: &str| {
        let (method, target) = line.split_once(' ').expect("a method");
        let bearer = house.bearer(User(ADA)).expect("a token");
        let headers = [
            ("authorization", bearer.as_str()),
            ("accept", "application/vnd.pgrst.object+json"),
            ("content-type", "application/json"),
            ("prefer", prefer),
        ];
        house.send(method, &format!("/rest/v1/{target}"), &headers, body.as_bytes())
    };
    let two = format!(r#"[{{"id":50,"owner":"{0}"}},{{"id":51,"owner":"{0}"}}]"#, ADA.0);
    for prefer in ["", "return=minimal", "return=headers-only", REPRESENTATION] {
        for (line, body, rows) in [
            ("PATCH things?id=lt.100", r#"{"n":9}"#, 2),
            ("PATCH things?id=eq.2", r#"{"n":9}"#, 0),
            ("PATCH things?id=eq.1", "{}", 0),
            ("DELETE things?id=eq.3", "", 0),
            ("POST things", two.as_str(), 2),
            ("POST things", "[]", 0),
        ] {
            let answer = object(line, prefer, body);
            assert_eq!(
                (answer.status, answer.code().as_str()),
                (406, "PGRST116"),
                "{line} {prefer}"
            );
            assert_eq!(answer.json()["details"], format!("The result contains {rows} rows"));
            assert_eq!(house.host.dump(), before, "{line} {prefer}");
        }
    }
    let strict = "handling=strict, max-affected=1";
    for (line, body) in [("PATCH things?id=lt.100", r#"{"n":9}"#), ("DELETE things", "")] {
        let line = if line == "DELETE things" {
            house.host.execute("update things set n = 1");
            line
        } else {
            line
        };
        let before = house.host.dump();
        is(&house.rest(User(ADA), line, strict, body), 400, "PGRST124");
        assert_eq!(house.host.dump(), before);
    }
    let answer = house.rest(User(ADA), "PATCH things?id=eq.1", strict, r#"{"n":9}"#);
    is(&answer, 204, "");
    assert_eq!(answer.header("preference-applied"), Some(strict));
    // It says nothing of new rows, and nothing unless it is strict.
    let answer = house.rest(User(ADA), "POST things", strict, &two);
    is(&answer, 201, "");
    assert_eq!(answer.header("preference-applied"), Some("handling=strict"));
    is(&house.rest(User(ADA), "PATCH things?id=lt.100", "max-affected=1", r#"{"n":9}"#), 204, "");
}

#[test]
fn whoever_may_write_and_not_read_is_told_what_is_missing() {
    let house = House::of(
        "create table letters (id integer primary key, body text);",
        "create policy a on letters for insert to anon with check (true);
         create policy b on letters for update to anon using (true);
         create policy c on letters for delete to anon using (true);
         create policy d on letters for all to authenticated using (id < 10) with check (true);",
    );
    let body = r#"{"id":11,"body":"x"}"#;
    is(&send(&house, "POST letters", "", body), 201, "");
    is(&send(&house, "PATCH letters", "", r#"{"body":"y"}"#), 204, "");
    for (line, prefer, body) in [
        ("POST letters", REPRESENTATION, body),
        ("POST letters", "return=headers-only", body),
        ("POST letters", "resolution=merge-duplicates", body),
        ("PUT letters?id=eq.11", "", body),
        ("PATCH letters?id=eq.11", "", body),
        ("PATCH letters", REPRESENTATION, r#"{"body":"z"}"#),
        ("DELETE letters?id=eq.11", "", ""),
    ] {
        let answer = send(&house, line, prefer, body);
        is(&answer, 401, "42501");
        let hint = answer.json()["hint"].to_string();
        assert!(hint.contains("no policy for select"), "{line} {prefer}: {hint}");
    }
    let answer = house.rest(User(ADA), "POST letters", REPRESENTATION, r#"{"id":12}"#);
    is(&answer, 403, "42501");
    assert!(answer.json()["hint"].to_string().contains("no policy for select"));
    assert_eq!(
        house.host.query("select group_concat(id || body) from letters").as_deref(),
        Some("11y")
    );
}

#[test]
fn an_inner_embed_leaves_rows_out_of_what_is_answered() {
    let house = open(
        "create table p (id integer primary key, name text);
         create table t (id integer primary key, p_id integer references p (id), n integer);",
    );
    house.host.execute("insert into p values (1, 'a'), (2, 'b')");
    house.host.execute("insert into t values (1, 1, 0), (2, 2, 0), (3, null, 0)");
    let inner = "select=id,p!inner(name)";
    // All rows are changed, and those are answered that have such a row beside them.
    for (line, body, status, expected, range) in [
        ("PATCH t", r#"{"n":1}"#, 200, "[1,2]", "0-1/2"),
        ("PATCH t?p.name=eq.b", r#"{"n":2}"#, 200, "[2]", "0-0/1"),
        ("PATCH t?p.name=eq.c", r#"{"n":3}"#, 200, "[]", "*/0"),
        ("POST t?p.name=eq.a", r#"[{"p_id":1},{"p_id":2},{"p_id":null}]"#, 201, "[4]", "*/1"),
        ("DELETE t?p.name=eq.b&id=gte.4", "", 200, "[5]", "*/1"),
    ] {
        let line = format!("{line}{}{inner}", if line.contains('?') { '&' } else { '?' });
        let answer = send(&house, &line, "return=representation,count=exact", body);
        let found: Vec<_> =
            answer.json().as_array().expect(&line).iter().map(|row| row["id"].clone()).collect();
        assert_eq!(
            (answer.status, serde_json::to_string(&found).expect("JSON").as_str()),
            (status, expected),
            "{line}"
        );
        assert_eq!(answer.header("content-range"), Some(range), "{line}");
    }
    assert_eq!(
        house
            .host
            .query("select group_concat(id || ':' || n) from t where n is not null")
            .as_deref(),
        Some("1:3,2:3,3:3")
    );
    assert_eq!(house.host.query("select count(*) from t").as_deref(), Some("3"));
    // As CSV, and spread.
    let csv = |line: &str| {
        house.rest_as(
            Nobody,
            line,
            &[("prefer", REPRESENTATION), ("accept", "text/csv")],
            r#"{"n":4}"#,
        )
    };
    assert_eq!(
        csv("PATCH t?select=id,p!inner(name)").body,
        "id,p\n1,\"{\"\"name\"\":\"\"a\"\"}\"\n2,\"{\"\"name\"\":\"\"b\"\"}\""
    );
    assert_eq!(csv("PATCH t?select=id,...p!inner(name)&p.name=eq.b").body, "id,name\n2,b");
}

#[test]
fn one_object_that_an_inner_embed_leaves_out_is_undone() {
    let house = open(
        "create table p (id integer primary key, name text);
         create table t (id integer primary key, p_id integer references p (id), n integer);",
    );
    house.host.execute("insert into p values (1, 'a')");
    house.host.execute("insert into t values (1, 1, 0)");
    let object = [("prefer", REPRESENTATION), ("accept", "application/vnd.pgrst.object+json")];
    let select = "select=id,p!inner(name)";
    for (line, body) in [
        ("PATCH t?id=eq.1&p.name=eq.b", r#"{"n":1}"#),
        ("POST t?p.name=eq.b", r#"{"id":2,"p_id":1}"#),
        ("DELETE t?id=eq.1&p.name=eq.b", ""),
    ] {
        let answer = house.rest_as(Nobody, &format!("{line}&{select}"), &object, body);
        is(&answer, 406, "PGRST116");
        assert!(answer.body.contains("The result contains 0 rows"), "{}", answer.body);
    }
    assert_eq!(
        house.host.query("select group_concat(id || ':' || n) from t").as_deref(),
        Some("1:0")
    );
    for (line, body) in
        [("PATCH t?id=eq.1&p.name=eq.a", r#"{"n":1}"#), ("DELETE t?id=eq.1&p.name=eq.a", "")]
    {
        let answer = house.rest_as(Nobody, &format!("{line}&{select}"), &object, body);
        is(&answer, 200, r#"{"id":1,"p":{"name":"a"}}"#);
    }
}

#[test]
fn the_widest_table_is_written_whole() {
    let names: Vec<String> = (1..100).map(|number| format!("c{number}")).collect();
    let columns: Vec<String> = names.iter().map(|name| format!("{name} integer")).collect();
    let values: Vec<String> = names.iter().map(|name| format!("\"{name}\":1")).collect();
    let values = values.join(",");
    let body = format!("{{{values}}}");
    for policy in [
        "using (true)",
        "using (c1 >= 0) with check (c99 > 0)",
        "using (c2 is null or c2 = 1 or exists (select 1 from u where u.id = t.id)) with check (c99 > 0 and not exists (select 1 from u where u.id = t.id))",
    ] {
        let house = House::of(
            &format!(
                "create table u (id integer primary key); create table t (id integer primary key, {})",
                columns.join(", ")
            ),
            &format!(
                "create policy u on u for select to public using (true); create policy p on t for all to public {policy};"
            ),
        );
        house.host.execute("insert into t (id, c1) values (1, 0), (2, 0)");
        is(
            &send(&house, "PATCH t?id=eq.1&select=c1,c50,c99", REPRESENTATION, &body),
            200,
            r#"[{"c1":1,"c50":1,"c99":1}]"#,
        );
        is(&send(&house, "POST t?select=id", REPRESENTATION, &body), 201, r#"[{"id":3}]"#);
        let all = format!("{{\"id\":2,{values}}}");
        is(&send(&house, "POST t?select=id,c99", MERGE, &all), 200, r#"[{"id":2,"c99":1}]"#);
        // An update reads what it sets together with the row's own key, and SQLite takes a hundred.
        let expected = if policy == "using (true)" { 204 } else { 400 };
        let answer = send(&house, "PATCH t?id=eq.2", "", &all);
        assert_eq!((policy, answer.status), (policy, expected));
    }
}
