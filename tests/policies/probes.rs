//! What somebody might learn or do beside the answer that is asked for.

use crate::support::corridor::Caller::{Nobody, User};
use crate::support::corridor::{ADA, ALAN, Answer, GRACE, House, Person};

#[track_caller]
fn is(answer: &Answer, status: u16, expected: &str) {
    let shown = if status >= 400 { answer.code() } else { answer.body.clone() };
    assert_eq!((answer.status, shown.as_str()), (status, expected), "{answer:?}");
}

fn things() -> House {
    let house = House::of(
        "create table things (
           id integer primary key, owner uuid not null, name text not null, n bigint,
           unique (owner, name)
         );
         create view sizes as select abs(n) as size from things;",
        "create policy a on things for all to authenticated using (owner = auth.uid());
         create policy b on sizes for select to public using (true);",
    );
    let row = thing(ADA, "secret");
    is(&house.rest(User(ADA), "POST things", "", &row), 201, "");
    house
}

fn thing(owner: Person, name: &str) -> String {
    format!(r#"{{"owner":"{}","name":"{name}"}}"#, owner.0)
}

#[test]
fn a_refused_row_does_not_tell_whether_its_key_is_taken() {
    let house = things();
    is(&house.rest(User(GRACE), "POST things", "", &thing(GRACE, "mine")), 201, "");
    for name in ["secret", "free"] {
        let row = thing(ADA, name);
        is(&house.rest(User(GRACE), "POST things", "", &row), 403, "42501");
        for resolution in ["resolution=ignore-duplicates", "resolution=merge-duplicates"] {
            let answer =
                house.rest(User(GRACE), "POST things?on_conflict=owner,name", resolution, &row);
            is(&answer, 403, "42501");
        }
        for line in ["PATCH things?name=eq.mine", "PATCH things"] {
            is(&house.rest(User(GRACE), line, "", &row), 403, "42501");
        }
    }
    // One's own keys are no secret.
    is(&house.rest(User(GRACE), "POST things", "", &thing(GRACE, "mine")), 409, "23505");
}

#[test]
fn a_merge_is_not_judged_by_what_was_computed_before_it() {
    let house = House::of(
        "create table levels (
           id integer primary key, level integer not null,
           twice integer generated always as (level * 2) stored
         );",
        "create policy a on levels for select to public using (true);
         create policy b on levels for insert to public with check (true);
         create policy c on levels for update to public using (true) with check (twice < 10);",
    );
    is(&house.rest(Nobody, "POST levels", "", r#"{"id":1,"level":1}"#), 201, "");
    is(&house.rest(Nobody, "PATCH levels?id=eq.1", "", r#"{"level":9}"#), 401, "42501");
    let merge = "resolution=merge-duplicates";
    is(&house.rest(Nobody, "POST levels", merge, r#"{"id":1,"level":9}"#), 401, "42501");
    is(&house.rest(Nobody, "PATCH levels?id=eq.1", "", r#"{"level":4}"#), 204, "");
    assert_eq!(house.host.query("select max(level) from levels").as_deref(), Some("4"));
}

#[test]
fn policies_compare_new_rows_as_stored_ones() {
    let house = House::of(
        "create table kinds (id integer primary key, kind integer, code text, is_open boolean);",
        "create policy a on kinds for all to public
           using (kind = '5' and code = '7' and is_open = true);",
    );
    let good = r#"{"kind":5,"code":"7","is_open":true}"#;
    is(&house.rest(Nobody, "POST kinds", "", good), 201, "");
    is(&house.rest(Nobody, "PATCH kinds", "", good), 204, "");
    is(&house.rest(Nobody, "PATCH kinds", "", r#"{"kind":6}"#), 401, "42501");
}

#[test]
fn a_value_that_cannot_be_computed_with_is_no_defect_of_the_server() {
    let house = things();
    let least = r#"{"n":-9223372036854775808}"#;
    is(&house.rest(User(ADA), "PATCH things?name=eq.secret", "", least), 204, "");
    is(&house.rest(Nobody, "GET sizes", "", ""), 400, "22003");
}

#[test]
fn many_short_rows_do_not_grow_without_bound() {
    let house = things();
    let rows = format!("[{}]", vec!["{}"; 349_000].join(","));
    let before = house.host.total_changes();
    let answer = house.rest(User(ALAN), "POST things?columns=owner,name,n", "", &rows);
    is(&answer, 400, "54001");
    assert_eq!(house.host.total_changes(), before);
}

#[test]
fn no_name_of_a_table_gets_between_a_policy_and_its_row() {
    for name in ["i", "m", "p", "q", "r", "v", "hits", "row", "value", "t", "old", "rowid"] {
        let house = House::of(
            &format!(
                "create table members (id integer primary key, project integer, who uuid);
                 create table \"{name}\" (id integer primary key, project integer, tags text[]);"
            ),
            &format!(
                "create policy a on members for select to authenticated using (who = auth.uid());
                 create policy b on \"{name}\" for all to authenticated using (exists (
                   select 1 from members where members.project = \"{name}\".project));"
            ),
        );
        house.host.execute(&format!(
            "insert into members values (1, 7, '{}');
             insert into \"{name}\" values (1, 7, '[\"x\"]'), (2, 8, '[\"x\"]');",
            ADA.0
        ));
        let representation = "return=representation";
        for line in ["PATCH", "GET", "DELETE"] {
            let body = if line == "PATCH" { r#"{"tags":["x","y"]}"# } else { "" };
            let line = format!("{line} {name}?tags=cs.{{x}}&select=id");
            is(&house.rest(User(ADA), &line, representation, body), 200, r#"[{"id":1}]"#);
        }
        let others = r#"[{"id":2,"project":7}]"#;
        let merge = "resolution=merge-duplicates";
        is(&house.rest(User(ADA), &format!("POST {name}"), merge, others), 403, "42501");
    }
}

#[test]
fn no_part_of_a_key_is_null_because_it_was_left_out() {
    let house = House::of(
        "create table pairs (a integer, b integer default 1, note text, primary key (a, b));
         create table codes (code text primary key, note text);",
        "create policy a on pairs for all to public using (true);
         create policy b on codes for all to public using (true);",
    );
    for (line, body) in [
        ("POST pairs", r#"{"note":"x"}"#),
        ("POST pairs", r#"[{"b":1},{"b":2}]"#),
        ("POST pairs?columns=note", "[{}]"),
        ("POST codes", "{}"),
        ("POST codes", r#"{"note":"x"}"#),
    ] {
        for prefer in ["", "missing=default", "resolution=merge-duplicates"] {
            is(&house.rest(Nobody, line, prefer, body), 400, "23502");
        }
    }
    is(&house.rest(Nobody, "POST pairs", "", r#"{"a":1}"#), 201, "");
    is(&house.rest(Nobody, "PATCH pairs", "", r#"{"note":"y"}"#), 204, "");
    is(&house.rest(Nobody, "GET pairs", "", ""), 200, r#"[{"a":1,"b":1,"note":"y"}]"#);
}

#[test]
fn what_a_view_computes_is_found_whether_it_is_a_number_or_a_text() {
    let house = House::of(
        "create table posts (id integer primary key, n integer);
         create view labels as select id, cast(n as text) as code, iif(n > 5, n, '0' || n) as mixed
           from posts;",
        "create policy a on labels for select to public using (true);",
    );
    house.host.execute("insert into posts values (1, 5), (2, 6), (3, null)");
    for (filter, expected) in [
        ("code=eq.5", "[1]"),
        ("code=in.(5,6)", "[1,2]"),
        ("code=neq.5", "[2]"),
        ("code=eq.5.0", "[]"),
        ("mixed=eq.05", "[1]"),
        ("mixed=eq.6", "[2]"),
        ("mixed=in.(05,6)", "[1,2]"),
        ("mixed=not.eq.6", "[1]"),
        ("mixed=eq.x", "[]"),
    ] {
        let answer = house.rest(Nobody, &format!("GET labels?select=id&{filter}"), "", "");
        let ids: Vec<i64> = answer
            .json()
            .as_array()
            .expect("rows")
            .iter()
            .filter_map(|row| row["id"].as_i64())
            .collect();
        assert_eq!(format!("{ids:?}").replace(' ', ""), expected, "{filter}: {answer:?}");
    }
}

#[test]
fn a_long_array_is_not_gone_through_for_each_item_that_is_sought() {
    let house = House::of(
        "create table lists (id integer primary key, items integer[]);",
        "create policy a on lists for all to public using (true);",
    );
    let items: Vec<String> = (0..10_000).map(|item| item.to_string()).collect();
    let row = format!(r#"{{"id":1,"items":[{}]}}"#, items.join(","));
    is(&house.rest(Nobody, "POST lists", "", &row), 201, "");
    is(&house.rest(Nobody, "POST lists", "", r#"{"id":2,"items":[1,null,1]}"#), 201, "");
    let sought = items.get(..3_200).expect("so many").join(",");
    for (array, expected) in [
        (sought.as_str(), r#"[{"id":1}]"#),
        ("1,1", r#"[{"id":1},{"id":2}]"#),
        ("1,NULL", "[]"),
        ("NULL", "[]"),
        ("", r#"[{"id":1},{"id":2}]"#),
        ("10000", "[]"),
    ] {
        let line = format!("GET lists?select=id&order=id&items=cs.{{{array}}}");
        is(&house.rest(Nobody, &line, "", ""), 200, expected);
    }
    let steps = |items: usize| {
        let items = (0..items).map(|item| item.to_string()).collect::<Vec<_>>().join(",");
        house.host.execute(&format!("update lists set items = '[{items}]' where id = 1"));
        house.host.take_steps();
        let line = format!("GET lists?select=id&items=cs.{{{items}}}");
        is(&house.rest(Nobody, &line, "", ""), 200, r#"[{"id":1}]"#);
        house.host.take_steps()
    };
    // Item by item, twice as many are four times the steps.
    let (few, many) = (steps(1_600), steps(3_200));
    assert!(many < few * 3, "{few} steps become {many}");
}
