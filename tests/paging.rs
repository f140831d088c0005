//! What depends on settings: how many rows a read answers at most, and what is told in development.

mod support;

use selvedge::db::{FINGERPRINTED_MAX, FingerprintKey, Rows};
use support::config_with;
use support::corridor::Caller::{Nobody, User};
use support::corridor::{ADA, Answer, House};

/// Seven numbers, of which a read answers three.
fn house() -> House {
    let mut house = House::of(
        "create table numbers (id integer primary key, name text not null, even boolean);",
        "create policy anyone on numbers for select to anon, authenticated using (id < 8);
         create policy ada on numbers for insert to authenticated with check (true);
         create policy ada_too on numbers for update to authenticated using (true);
         create policy ada_too_2 on numbers for delete to authenticated using (true);",
    );
    house.host.execute(
        "insert into numbers (id, name, even)
         select value, 'n' || value, value % 2 = 0 from json_each('[1, 2, 3, 4, 5, 6, 7, 8, 9]')",
    );
    house.app.config = config_with(&[("MAX_ROWS", "3")]);
    house
}

fn get(house: &House, target: &str, prefer: &str) -> Answer {
    house.rest(Nobody, &format!("GET {target}"), prefer, "")
}

/// Status, `Content-Range`, `Selvedge-Row-Cap`, `Selvedge-Count` and the rows.
#[track_caller]
fn check(house: &House, target: &str, prefer: &str, expected: &str) {
    let answer = get(house, target, prefer);
    let header = |name: &str| answer.header(name).unwrap_or("-").to_owned();
    let headers = ["content-range", "selvedge-row-cap", "selvedge-count"].map(header).join(" ");
    let body = answer.body.replace("{\"id\":", "").replace('}', "");
    assert_eq!(format!("{} {headers} {body}", answer.status), expected, "{target} {prefer}");
    let usage = house.host.take_usage();
    assert_eq!(usage.round_trips, 1, "{target} {prefer}");
}

#[test]
fn a_read_that_is_cut_off_says_so() {
    let house = house();
    let check = |target: &str, prefer: &str, expected: &str| {
        check(&house, &format!("numbers?select=id&order=id{target}"), prefer, expected);
    };
    check("", "", "200 0-2/* 3 - [1,2,3]");
    check("&limit=5000", "", "200 0-2/* 3 - [1,2,3]");
    check("&limit=4", "", "200 0-2/* 3 - [1,2,3]");
    check("", "count=exact", "206 0-2/7 3 - [1,2,3]");
    check("&offset=2", "", "200 2-4/* 3 - [3,4,5]");
    // As many as are answered, or as were asked for, are not cut off.
    check("&limit=3", "", "200 0-2/* - - [1,2,3]");
    check("&limit=2", "", "200 0-1/* - - [1,2]");
    check("&offset=4", "", "200 4-6/* - - [5,6,7]");
    check("&id=lt.4", "", "200 0-2/* - - [1,2,3]");
    check("&id=lt.4", "count=exact", "200 0-2/3 - - [1,2,3]");
    check("&limit=9223372036854775807", "", "200 0-2/* 3 - [1,2,3]");
}

#[test]
fn an_estimated_count_goes_a_page_further() {
    let house = house();
    let check = |target: &str, expected: &str| {
        let target = format!("numbers?select=id&order=id{target}");
        check(&house, &target, "count=estimated", expected);
    };
    // There are seven. The total is never less than what is answered, nor so small that it refuses.
    check("&limit=2", "206 0-1/4 - at-least [1,2]");
    check("", "206 0-2/4 3 at-least [1,2,3]");
    check("&offset=2", "206 2-4/6 3 at-least [3,4,5]");
    check("&offset=3", "206 3-5/7 3 at-least [4,5,6]");
    check("&offset=4", "206 4-6/7 - - [5,6,7]");
    check("&offset=7", "206 */7 - - []");
    check("&id=lt.3", "200 0-1/2 - - [1,2]");
    let answer = get(&house, "numbers?offset=8", "count=estimated");
    assert_eq!((answer.status, answer.code().as_str()), (416, "PGRST103"));
}

#[test]
fn every_form_is_cut_off() {
    let house = house();
    let send = |method: &str, accept: &str, prefer: &str| {
        let headers = [("accept", accept), ("prefer", prefer)];
        house.send(method, "/rest/v1/numbers?select=id&order=id", &headers, b"")
    };
    let csv = send("GET", "text/csv", "");
    assert_eq!((csv.body.as_str(), csv.header("selvedge-row-cap")), ("id\n1\n2\n3", Some("3")));
    let object = send("GET", "application/vnd.pgrst.object+json", "");
    assert_eq!((object.status, object.code().as_str()), (406, "PGRST116"));
    for (prefer, range) in [("", "0-2/*"), ("count=exact", "0-2/7"), ("count=estimated", "0-2/4")] {
        let head = send("HEAD", "", prefer);
        assert_eq!(head.header("content-range"), Some(range), "{prefer}");
        assert_eq!(head.header("selvedge-row-cap"), Some("3"), "{prefer}");
        assert_eq!((head.body.as_str(), head.header("etag")), ("", None));
    }
}

#[test]
fn a_write_answers_all_its_rows() {
    let house = house();
    let patched = house.rest(
        User(ADA),
        "PATCH numbers?select=id&id=lt.6",
        "return=representation",
        r#"{"even": true}"#,
    );
    assert_eq!(patched.json().as_array().map(Vec::len), Some(5), "{patched:?}");
    assert_eq!(patched.header("selvedge-row-cap"), None);
}

#[test]
fn what_anyone_may_read_may_be_kept_and_asked_for_again() {
    let house = house();
    let target = "numbers?select=id&order=id";
    let first = get(&house, target, "");
    assert_eq!(first.header("cache-control"), Some("private, no-cache"));
    let tag = first.header("etag").expect("a tag");
    assert_eq!(tag.len(), 18, "{tag}");
    let again = |caller, tag: &str| {
        let mut headers = vec![("if-none-match", tag)];
        let bearer = house.bearer(caller);
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        house.send("GET", &format!("/rest/v1/{target}"), &headers, b"")
    };
    let fresh = again(Nobody, tag);
    assert_eq!((fresh.status, fresh.body.as_str()), (304, ""));
    assert_eq!(fresh.header("cache-control"), Some("private, no-cache"));
    assert_eq!(again(User(ADA), tag).header("cache-control"), Some("no-store, max-age=0"));
    for other in ["\"\"", "x", "", tag.trim_matches('"'), "W/", "W/*", &tag.to_uppercase()] {
        assert_eq!(again(Nobody, other).status, 200, "{other}");
    }
    // A row that is not shown changes nothing, unless it is the one that is not shown any more.
    house
        .host
        .execute("update numbers set name = 'x' where id = 1; delete from numbers where id = 7");
    assert_eq!(again(Nobody, tag).status, 304);
    house.host.execute("delete from numbers where id > 3");
    let whole = again(Nobody, tag);
    assert_eq!((whole.status, whole.header("selvedge-row-cap")), (200, None));
}

#[test]
fn fingerprints_depend_on_the_secret_the_rows_and_their_borders() {
    let house = house();
    let [one, other] = ["one secret of 32 bytes and a bit", "another secret of 32 bytes and more"]
        .map(|secret| config_with(&[("JWT_SECRET", secret)]).fingerprint_key);
    assert_ne!(one, other);
    assert_eq!(format!("{one:?}"), "FingerprintKey");
    let rows = |sql: &str| {
        let statement = selvedge::db::Statement::rendered(sql.to_owned(), Vec::new());
        let batch = selvedge::host::Host::batch(&house.host, vec![statement]);
        pollster::block_on(batch).expect("rows").remove(0)
    };
    let name = |key: &FingerprintKey, sql: &str, context: &str| rows(sql).fingerprint(key, context);
    let two = "select 'a' as row union all select 'b'";
    assert_eq!(name(&one, two, "c"), name(&one, two, "c"));
    for (key, sql, context) in [
        (&other, two, "c"),
        (&one, two, "d"),
        (&one, "select 'ab' as row", "c"),
        (&one, "select 'a' as row union all select ''  union all select 'b'", "c"),
        (&one, "select 'b' as row union all select 'a'", "c"),
    ] {
        assert_ne!(name(&one, two, "c"), name(key, sql, context), "{sql} {context}");
    }
    let long =
        |bytes: usize| format!("select 'é' as row union all select printf('%.{bytes}c', 'x')");
    assert!(name(&one, &long(FINGERPRINTED_MAX - 1), "c").is_some());
    assert_eq!(name(&one, &long(FINGERPRINTED_MAX), "c"), None);
}

const PLAN: &str = "application/vnd.pgrst.plan+text; for=\"application/json\"; options=;";

#[test]
fn plans_are_told_in_development_only() {
    let mut house = house();
    let explain = |house: &House, caller, method: &str, accept: &str, body: &str| {
        let mut headers = vec![("accept", accept), ("content-type", "application/json")];
        let bearer = house.bearer(caller);
        headers.extend(bearer.as_deref().map(|bearer| ("authorization", bearer)));
        house.send(method, "/rest/v1/numbers?select=name&id=eq.4711", &headers, body.as_bytes())
    };
    let refused = explain(&house, User(ADA), "GET", PLAN, "");
    assert_eq!((refused.status, refused.code().as_str()), (406, "PGRST107"));
    assert_eq!(house.host.take_usage().round_trips, 0);

    house.app.config = config_with(&[("ENVIRONMENT", "development")]);
    let told = explain(&house, User(ADA), "GET", PLAN, "");
    assert_eq!(
        told.header("content-type"),
        Some("application/vnd.pgrst.plan+text; for=\"application/json\"; charset=utf-8")
    );
    expect_test::expect![[r#"
        select json_object('name', t0."name") as row
        from "numbers" as t0
        where ((t0."id" < 8) and (t0."id" = cast(?1 as integer)))
        limit cast(?2 as integer);
        -- SEARCH t0 USING INTEGER PRIMARY KEY (rowid=?)
    "#]]
    .assert_eq(&told.body);

    let json = explain(&house, User(ADA), "GET", &PLAN.replace("plan+text", "plan+json"), "");
    let plan = &json.json()[0];
    assert!(plan["statement"].as_str().is_some_and(|sql| sql.starts_with("select ")), "{plan}");
    assert_eq!(plan["plan"][0]["parent"], 0);
    assert_eq!(plan["plan"][0]["detail"], "SEARCH t0 USING INTEGER PRIMARY KEY (rowid=?)");
}

#[test]
fn a_change_that_is_explained_is_not_made() {
    let mut house = house();
    house.app.config = config_with(&[("ENVIRONMENT", "development")]);
    let bearer = house.bearer(User(ADA)).expect("a token");
    let headers =
        [("accept", PLAN), ("content-type", "application/json"), ("authorization", &bearer)];
    let before = house.host.dump();
    for (method, body) in
        [("POST", r#"{"name": "x"}"#), ("PATCH", r#"{"name": "x"}"#), ("DELETE", "")]
    {
        let told = house.send(method, "/rest/v1/numbers", &headers, body.as_bytes());
        assert_eq!(told.status, 200, "{method} {told:?}");
        let verb = match method {
            "POST" => "insert into",
            "PATCH" => "update",
            _ => "delete from",
        };
        assert!(told.body.starts_with(&format!("{verb} \"numbers\"")), "{}", told.body);
        assert!(!told.body.contains("'x'"), "values are not shown: {}", told.body);
        assert_eq!(house.host.dump(), before, "{method}");
    }
    // A plan is for who may ask the question, and whose session lives.
    let denied = house.send("GET", "/rest/v1/numbers?select=nmae", &headers, b"");
    assert_eq!(denied.code(), "42703");
    house.host.execute("delete from auth_sessions");
    let ended = house.send("GET", "/rest/v1/numbers", &headers, b"");
    assert_eq!((ended.status, ended.code().as_str()), (401, "PGRST303"));
}
