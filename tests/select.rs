//! Casts, aggregates, spreads and the bounds of embeds, where the demo's schema is too small.

mod support;

use support::config_with;
use support::corridor::Caller::User;
use support::corridor::{ADA, House};
use support::zoo;

fn zoo_house() -> House {
    let house = House::of(zoo::SCHEMA, zoo::POLICIES);
    house.host.execute(zoo::ROWS);
    house
}

/// Compares status and code, or the rows.
#[track_caller]
fn check(house: &House, cases: &[(&str, &str)]) {
    for (target, expected) in cases {
        let answer = house.rest(User(ADA), &format!("GET {target}"), "", "");
        let found = match answer.code().as_str() {
            "" => answer.body.clone(),
            code => format!("{} {code}", answer.status),
        };
        assert_eq!(found, *expected, "{target}\n{}", answer.body);
    }
}

/// A text, a type, and what the text is as that type, or why it is none.
const CASTS: &[(&str, &str, &str)] = &[
    ("12", "int", "12"),
    (" -12 ", "int", "-12"),
    ("+007", "int2", "7"),
    ("-0", "int", "0"),
    ("32767", "smallint", "32767"),
    ("32768", "smallint", "400 22003"),
    ("-32769", "smallint", "400 22003"),
    ("2147483648", "integer", "400 22003"),
    ("9223372036854775807", "bigint", "9223372036854775807"),
    ("-9223372036854775808", "bigint", "-9223372036854775808"),
    ("9223372036854775808", "bigint", "400 22003"),
    ("99999999999999999999999", "bigint", "400 22003"),
    ("", "int", "400 22P02"),
    ("-", "int", "400 22P02"),
    ("+-1", "int", "400 22P02"),
    ("1-", "int", "400 22P02"),
    ("1.0", "int", "400 22P02"),
    ("1e3", "int", "400 22P02"),
    ("0x1", "int", "400 22P02"),
    ("abc", "int", "400 22P02"),
    ("12abc", "int", "400 22P02"),
    ("1 2", "int", "400 22P02"),
    ("1.5", "numeric", "1.5"),
    ("+.5e1", "numeric", "5"),
    ("5.", "float8", "5"),
    ("007.50", "numeric", "7.5"),
    ("-0.25", "double precision", "-0.25"),
    ("1e400", "float8", "400 22003"),
    ("-1e400", "numeric", "400 22003"),
    (".", "numeric", "400 22P02"),
    ("-", "numeric", "400 22P02"),
    ("e5", "numeric", "400 22P02"),
    (".e5", "numeric", "400 22P02"),
    ("1e", "numeric", "400 22P02"),
    ("1.2.3", "numeric", "400 22P02"),
    ("1-2", "numeric", "400 22P02"),
    ("--1", "numeric", "400 22P02"),
    ("0x1F", "numeric", "400 22P02"),
    ("Infinity", "numeric", "400 22P02"),
    ("NaN", "float8", "400 22P02"),
    ("1/**/", "numeric", "400 22P02"),
    ("Yes", "bool", "true"),
    (" OFF ", "boolean", "false"),
    ("1", "bool", "true"),
    ("2", "bool", "400 22P02"),
    ("", "bool", "400 22P02"),
    ("[1, {\"a\": null}]", "jsonb", "[1,{\"a\":null}]"),
    ("1.0", "json", "1.0"),
    ("", "json", "400 22P02"),
    ("{a}", "json", "400 22P02"),
    ("{A0EEBC999C0B4EF8BB6D6BB9BD380A11}", "uuid", "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\""),
    ("a0eebc99", "uuid", "400 22P02"),
    ("g0eebc999c0b4ef8bb6d6bb9bd380a11", "uuid", "400 22P02"),
    ("2026-11-22", "date", "\"2026-11-22\""),
    ("2026-11-22T10:00:00Z", "date", "\"2026-11-22\""),
    ("2026-02-30", "date", "400 22007"),
    ("2026-13-01", "date", "400 22007"),
    ("2026", "date", "400 22007"),
    ("now", "date", "400 22007"),
    ("2026-11-22x", "date", "400 22007"),
    ("2026-11-22 10:00:00.25+01:00", "timestamptz", "\"2026-11-22T09:00:00.250000+00:00\""),
    ("2026-11-22T10:00:00.123456+00:00", "timestamptz", "\"2026-11-22T10:00:00.123456+00:00\""),
    ("2026-11-22T10:00:00.123456", "timestamp", "\"2026-11-22T10:00:00.123456\""),
    ("2026-11-22T25:00:00", "timestamp", "400 22007"),
    ("10:30", "time", "\"10:30:00.000000\""),
    ("10:30:00.123456", "time", "\"10:30:00.123456\""),
    ("25:00", "time", "400 22007"),
    ("\\x00FF", "bytea", "\"\\\\x00ff\""),
    ("\\x0", "bytea", "400 22P02"),
    ("00ff", "bytea", "400 22P02"),
    ("it's", "int", "400 22P02"),
    ("selvedge:check'", "int", "400 22P02"),
];

#[test]
fn a_text_is_cast_as_postgres_would_or_refused() {
    let house = zoo_house();
    for (text, kind, expected) in CASTS {
        let quoted = text.replace('\'', "''");
        house.host.execute(&format!("update zoo set txt = '{quoted}' where id = 1"));
        let expected = match expected.strip_prefix("400") {
            Some(_) => (*expected).to_owned(),
            None => format!("[{{\"x\":{expected}}}]"),
        };
        let kind = kind.replace(' ', "%20");
        check(&house, &[(&format!("zoo?select=x:txt::{kind}&id=eq.1"), &expected)]);
    }
    check(
        &house,
        &[(
            "zoo?select=txt::int,txt::date,txt::jsonb,txt::bool,txt::uuid&id=eq.3",
            r#"[{"txt":null}]"#,
        )],
    );
}

/// A column of the zoo's first row, a type, and what it is as that type.
#[test]
fn values_of_every_type_are_cast() {
    let house = zoo_house();
    for (column, kind, expected) in [
        ("flag", "text", "\"true\""),
        ("flag", "int", "1"),
        ("flag", "numeric", "400 42846"),
        ("small", "bool", "400 42846"),
        ("big", "text", "\"9007199254740993\""),
        ("big", "int4", "400 22003"),
        ("big", "numeric", "9007199254740993"),
        ("real", "int", "2"),
        ("real", "text", "\"1.5\""),
        ("dec", "bigint", "11"),
        ("num", "float8", "1.25"),
        ("uid", "text", "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\""),
        ("uid", "int", "400 42846"),
        ("at", "date", "\"2026-01-01\""),
        ("at", "timestamp", "\"2026-01-01T09:00:00.000000\""),
        ("local", "timestamptz", "\"2026-01-01T09:00:00.000000+00:00\""),
        ("day", "timestamp", "\"2026-01-01T00:00:00.000000\""),
        ("day", "time", "400 42846"),
        ("day", "bool", "400 42846"),
        ("doc", "text", r#""{\"a\":[1,{\"b\":\"c\"}],\"n\":null,\"t\":true}""#),
        ("doc->a->0", "int", "1"),
        ("doc->t", "bool", "true"),
        ("doc->t", "int", "400 22P02"),
        ("doc->a", "int", "400 22P02"),
        ("doc->>n", "int", "null"),
        ("doc->a", "date", "400 42846"),
        ("raw", "text", "\"\\\\x00ff\""),
        ("raw", "int", "400 42846"),
        ("id", "nothing", "400 42704"),
        ("nothing", "int", "400 42703"),
    ] {
        let expected = match expected.strip_prefix("400") {
            Some(_) => expected.to_owned(),
            None => format!("[{{\"x\":{expected}}}]"),
        };
        check(&house, &[(&format!("zoo?select=x:{column}::{kind}&id=eq.1"), &expected)]);
    }
    check(
        &house,
        &[
            (
                "seen?select=letters::text,next::numeric,loud::text&id=eq.1",
                r#"[{"letters":"4","next":4,"loud":"Lion!"}]"#,
            ),
            ("seen?select=loud::int&id=eq.1", "400 22P02"),
        ],
    );
}

#[test]
fn aggregates_keep_their_types() {
    let house = zoo_house();
    for (term, expected) in [
        ("count()", "3"),
        ("id.count()", "3"),
        ("txt.count()", "2"),
        ("flag.count()", "2"),
        ("doc.count()", "2"),
        ("small.sum()", "0"),
        ("whole.max()", "3"),
        ("big.max()", "9007199254740993"),
        ("big.sum()", "9007199254740992"),
        ("real.avg()", "0"),
        ("num.sum()", "1.25"),
        ("num.avg()", "0.625"),
        ("dec.max()", "10.50"),
        ("txt.min()", "\"Lion\""),
        ("uid.min()", "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\""),
        ("at.max()", "\"2026-01-01T09:00:00.000000+00:00\""),
        ("day.min()", "\"2026-01-01\""),
        ("tick.min()", "\"09:00:00\""),
        ("raw.max()", "\"\\\\x00ff\""),
        ("doc->>a.max()", r#""[1,{\"b\":\"c\"}]""#),
        ("twice.avg()::int", "0"),
        ("txt::text.max()::text", "\"not json\""),
        ("flag.max()", "404 42883"),
        ("flag.sum()", "404 42883"),
        ("doc.min()", "404 42883"),
        ("doc->a.min()", "404 42883"),
        ("doc->>a.sum()", "404 42883"),
        ("uid.avg()", "404 42883"),
        ("raw.sum()", "404 42883"),
        ("at.sum()", "404 42883"),
        ("txt::int.sum()", "400 22P02"),
    ] {
        let expected = match expected.strip_prefix('4') {
            Some(_) if expected.contains(' ') => expected.to_owned(),
            _ => format!("[{{\"x\":{expected}}}]"),
        };
        check(&house, &[(&format!("zoo?select=x:{term}"), &expected)]);
    }
    check(
        &house,
        &[
            ("seen?select=letters.sum(),next.avg()", r#"[{"sum":12,"avg":1}]"#),
            ("seen?select=loud.sum()", "400 22P02"),
        ],
    );
    house.host.execute("update zoo set num = 0.1, dec = 0.2, big = 9223372036854775807");
    check(
        &house,
        &[
            // No digits but those that a decimal has.
            ("zoo?select=num.sum(),dec.sum(),real.count()", r#"[{"sum":0.60,"count":2}]"#),
            ("zoo?select=big.sum()", "400 22003"),
            ("zoo?select=big.max()::int", "400 22003"),
        ],
    );
}

#[test]
fn keys_of_several_columns_are_embedded_spread_and_ordered_by() {
    let house = zoo_house();
    check(
        &house,
        &[
            (
                "child?select=id,...pair(note,x)&order=id",
                r#"[{"id":1,"note":"none","x":1},{"id":2,"note":"none","x":1},{"id":3,"note":null,"x":null}]"#,
            ),
            (
                "child?select=id,...pair(y,...zoo(txt))&order=pair(y).desc.nullslast",
                r#"[{"id":2,"y":"b","txt":"not json"},{"id":1,"y":"a","txt":"Lion"},{"id":3,"y":null,"txt":null}]"#,
            ),
            (
                "pair?select=x,y,...child(ids:id)&order=x,y",
                r#"[{"x":1,"y":"a","ids":[1]},{"x":1,"y":"b","ids":[2]},{"x":2,"y":"a","ids":[]}]"#,
            ),
            ("pair?select=x,y,child()&child=is.null", r#"[{"x":2,"y":"a"}]"#),
            (
                "pair?select=x,child(count)&child.id=gt.1&order=x,y",
                r#"[{"x":1,"child":[{"count":0}]},{"x":1,"child":[{"count":1}]},{"x":2,"child":[{"count":0}]}]"#,
            ),
            ("child?select=...pair(x),id.sum()&order=id", "400 42803"),
            (
                "child?select=x,...self(parent:id)&order=x.nullsfirst,self(id)",
                r#"[{"x":null,"parent":2},{"x":1,"parent":1},{"x":1,"parent":null}]"#,
            ),
            ("child?select=id,zoo(id)", "400 PGRST200"),
        ],
    );
}

#[test]
fn a_column_that_is_called_count_is_no_aggregate() {
    let house = House::of(
        "create table stock (id integer primary key, count integer not null);",
        "create policy a on stock for select to authenticated using (true);",
    );
    house.host.execute("insert into stock values (1, 7), (2, 5)");
    check(
        &house,
        &[
            ("stock?select=count&order=id", r#"[{"count":7},{"count":5}]"#),
            ("stock?select=count()", r#"[{"count":2}]"#),
            ("stock?select=count.sum()", r#"[{"sum":12}]"#),
        ],
    );
}

#[test]
fn a_column_that_may_not_be_read_is_not_told_by_any_detour() {
    let house = House::of(
        "create table people (id integer primary key, name text, pay integer, boss integer references people (id));
         create table notes (id integer primary key, person integer references people (id), body text);",
        "revoke select on people from authenticated;
         grant select (id, name) on people to authenticated;
         create policy a on people for select to authenticated using (true);
         create policy b on notes for select to authenticated using (id < 2);",
    );
    house.host.execute(
        "insert into people values (1, 'Ann', 5, null), (2, 'Bo', 7, 1);
         insert into notes values (1, 1, 'seen'), (2, 1, 'hidden'), (3, 2, 'hidden')",
    );
    for target in [
        "people?select=pay.max()",
        "people?select=pay.count()",
        "people?select=pay::text",
        "people?select=pay,count()",
        "people?select=id,count()&order=pay",
        "people?select=boss(name)",
        "people?select=...boss(name)",
        "people?select=id,people()&people=is.null",
        "notes?select=...people(pay)",
        "notes?select=...people(pay.sum())",
        "notes?select=people(pay.sum())",
        "notes?select=id,people()&order=people(pay)",
        "notes?select=id,people()&people.pay=eq.5",
    ] {
        check(&house, &[(target, "403 42501")]);
    }
    check(
        &house,
        &[
            (
                "people?select=name,notes(count)&order=id",
                r#"[{"name":"Ann","notes":[{"count":1}]},{"name":"Bo","notes":[{"count":0}]}]"#,
            ),
            (
                "people?select=name,...notes(body)&order=id",
                r#"[{"name":"Ann","body":["seen"]},{"name":"Bo","body":[]}]"#,
            ),
            ("people?select=name,notes()&notes=is.null", r#"[{"name":"Bo"}]"#),
            ("people?select=name,notes()&notes=not.is.null", r#"[{"name":"Ann"}]"#),
            ("people?select=name,notes!inner(id.max())", r#"[{"name":"Ann","notes":[{"max":1}]}]"#),
            ("notes?select=count(),...people(name)", r#"[{"count":1,"name":"Ann"}]"#),
        ],
    );
}

#[test]
fn related_rows_are_never_cut_off_in_silence() {
    let mut house = zoo_house();
    house.app.config = config_with(&[("MAX_ROWS", "3")]);
    house
        .host
        .execute("insert into pair (x, y, zoo_id, note) values (3, 'c', 1, 'x'), (4, 'd', 1, 'y')");
    check(&house, &[("zoo?select=pair(x)&id=eq.1", r#"[{"pair":[{"x":1},{"x":3},{"x":4}]}]"#)]);
    house.host.execute("insert into pair (x, y, zoo_id, note) values (5, 'e', 1, 'z')");
    for refused in [
        "zoo?select=pair(x)",
        "zoo?select=id,...pair(x)",
        "zoo?select=id,...pair(x,note)",
        "zoo?select=id,...pair(x,note)&pair.limit=4",
        "zoo?select=pair(x)&pair.order=x.desc",
        "zoo?select=pair(x)&pair.limit=4",
        "zoo?select=pair(x)&pair.limit=99999999999999999",
        "zoo?select=pair(x,count())",
        "pair?select=zoo(pair(x))&zoo_id=eq.1",
    ] {
        check(&house, &[(refused, "400 54000")]);
    }
    check(
        &house,
        &[
            (
                "zoo?select=pair(x)&pair.order=x.desc&pair.limit=2&id=eq.1",
                r#"[{"pair":[{"x":5},{"x":4}]}]"#,
            ),
            (
                "zoo?select=pair(x)&pair.offset=1&pair.order=x&id=eq.1",
                r#"[{"pair":[{"x":3},{"x":4},{"x":5}]}]"#,
            ),
            (
                "zoo?select=...pair(x,note)&pair.order=x.desc&pair.limit=2&id=eq.1",
                r#"[{"x":[5,4],"note":["z","y"]}]"#,
            ),
            ("zoo?select=pair(count)&id=eq.1", r#"[{"pair":[{"count":4}]}]"#),
            ("zoo?select=id&id=eq.1&pair=is.null", "400 42703"),
            ("zoo?select=id,pair()&pair=not.is.null&order=id", r#"[{"id":1},{"id":2}]"#),
        ],
    );
    let answer = house.rest(User(ADA), "GET zoo?select=id,pair(x)", "", "");
    let body = answer.json();
    assert_eq!(body["message"], "more than 3 rows of \"pair\" belong to one row");
    assert_eq!(
        body["hint"],
        "limit them, for instance by pair.limit=3, or ask for them by themselves in pages"
    );
}

#[test]
fn lists_in_lists_are_bounded_together() {
    let house = House::of(
        "create table a (id integer primary key);
         create table b (id integer primary key, a_id integer references a (id));
         create table c (id integer primary key, b_id integer references b (id), body text);
         create index b_a on b (a_id); create index c_b on c (b_id);",
        "create policy a on a for select to authenticated using (true);
         create policy b on b for select to authenticated using (true);
         create policy c on c for select to authenticated using (true);",
    );
    // 12 times 20 times 10 bodies of 1 kB.
    house.host.execute(
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < 12) insert into a select i from n;
         with recursive n (i) as (select 0 union all select i + 1 from n where i < 239) insert into b select i, i % 12 + 1 from n;
         with recursive n (i) as (select 0 union all select i + 1 from n where i < 2399) insert into c select i, i % 240, printf('%01000d', i) from n;",
    );
    let status = |target: &str| {
        let answer = house.rest(User(ADA), &format!("GET {target}"), "", "");
        (answer.status, answer.code())
    };
    let fine = (200, String::new());
    let refused = (400, "54000".to_owned());
    assert_eq!(status("a?select=id,b(id,c(body))"), fine);
    assert_eq!(status("a?select=...b(id,c(body))"), fine);
    house.host.execute("update c set body = body || printf('%010000d', 0)");
    // Each row has 2.2 MB.
    assert_eq!(status("a?select=id,b(id,c(body))&id=eq.1"), refused);
    assert_eq!(status("a?select=...b(c(body))&id=eq.1"), refused);
    assert_eq!(status("a?select=id,b(id,c(body))&id=eq.1&b.limit=5"), fine);
    // All rows together have 26 MB.
    assert_eq!(status("b?select=id,c(body)"), refused);
    assert_eq!(status("b?select=id,c(body)&limit=200"), refused);
    assert_eq!(status("b?select=id,c(body)&limit=100"), fine);
    assert_eq!(status("a?select=id,b(id,...c(body))&b.limit=16"), refused);
    let spreads = |count: usize| {
        let spread = |number| format!("...a(a{number}:id)");
        format!("b?select={}&limit=1", (0..count).map(spread).collect::<Vec<_>>().join(","))
    };
    assert_eq!(status(&spreads(60)), fine);
    assert_eq!(status(&spreads(70)), (400, "54001".to_owned()));
    let answer = house.rest(User(ADA), "GET b?select=id,c(body)", "", "");
    assert_eq!(answer.json()["message"], "the answer is too large");
}

#[test]
fn the_rows_of_a_spread_are_read_once_for_all_its_columns() {
    let columns: Vec<String> = (0..30).map(|number| format!("c{number}")).collect();
    let house = House::of(
        &format!(
            "create table g (id integer primary key, up integer references g (id));
             create table a (id integer primary key, g_id integer references g (id));
             create table b (id integer primary key, a_id integer references a (id), {});",
            columns.iter().map(|name| format!("{name} text")).collect::<Vec<_>>().join(", ")
        ),
        "create policy g on g for select to authenticated using (true);
         create policy a on a for select to authenticated using (true);
         create policy b on b for select to authenticated using (id <> 3);",
    );
    house.host.execute(
        "insert into g (id) values (1), (2); insert into a values (1, 1), (2, null), (3, 2);
         with recursive n (i) as (select 1 union all select i + 1 from n where i < 300)
         insert into b (id, a_id, c0) select i, iif(i > 8, null, 1), iif(i % 2, null, 'x' || i) from n;
         update b set c1 = '\"]}', c29 = 'last' where id < 3;",
    );
    let read = |target: &str| {
        house.host.take_steps();
        let answer = house.rest(User(ADA), &format!("GET {target}"), "", "");
        assert_eq!(answer.status, 200, "{target}: {}", answer.body);
        (answer.body, house.host.take_steps())
    };
    let (_, one) = read("a?select=id,...b(c0)&id=eq.1");
    let (_, thirty) = read(&format!("a?select=id,...b({})&id=eq.1", columns.join(",")));
    // What is read is the same; only more is shown of it.
    assert!(thirty < one * 2, "{thirty} steps for thirty columns, {one} for one");
    // Each list where it was asked for, all in one order, with their nulls.
    assert_eq!(
        read("a?select=...b(z:id,c0,c1,c29),id&b.order=id.desc&b.id=lt.3&id=lt.3&order=id").0,
        r#"[{"z":[2,1],"c0":["x2",null],"c1":["\"]}","\"]}"],"c29":["last","last"],"id":1},{"z":[],"c0":[],"c1":[],"c29":[],"id":2}]"#
    );
    // Through a row that may not be there, of which all columns are null.
    assert_eq!(
        read("a?select=id,...g(g:id,...a(a:id,c:g_id))&order=id").0,
        r#"[{"id":1,"g":1,"a":[1],"c":[1]},{"id":2,"g":null,"a":null,"c":null},{"id":3,"g":2,"a":[3],"c":[2]}]"#
    );
    // In a list, in one object, in groups, and beside lists of lists.
    assert_eq!(
        read("g?select=id,a(id,...b(x:id,y:c0))&a.b.id=lt.3&a.b.order=id&id=eq.1").0,
        r#"[{"id":1,"a":[{"id":1,"x":[1,2],"y":[null,"x2"]}]}]"#
    );
    assert_eq!(
        read("g?select=...a(x:id,y:g_id,b(id))&a.b.limit=1&a.b.order=id&id=eq.1").0,
        r#"[{"x":[1],"y":[1],"b":[[{"id":1}]]}]"#
    );
    assert_eq!(
        read("g?select=count(),...a(x:id,y:g_id)&id=eq.1").0,
        r#"[{"count":1,"x":[1],"y":[1]}]"#
    );
}
