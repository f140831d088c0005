//! The REST dialect where the demo's schema is too small: ambiguous relationships, every type,
//! generated columns, triggers, keys of several columns, and limits.

mod support;

use expect_test::{Expect, expect};
use serde_json::Value;

use support::corridor::Caller::User;
use support::corridor::{ADA, Answer, House};
use support::zoo;

fn zoo_house() -> House {
    let house = House::of(zoo::SCHEMA, zoo::POLICIES);
    house.host.execute(zoo::ROWS);
    house
}

fn send(house: &House, line: &str) -> Answer {
    let (line, body) = line.split_once(" <- ").unwrap_or((line, ""));
    let prefer = if line.starts_with("GET") { "" } else { "return=representation" };
    house.rest(User(ADA), line, prefer, body)
}

/// Compares status and code, or the rows.
#[track_caller]
fn check(house: &House, cases: &[(&str, &str)]) {
    for (line, expected) in cases {
        let answer = send(house, line);
        let found = match answer.code().as_str() {
            "" => answer.body.clone(),
            code => format!("{} {code}", answer.status),
        };
        assert_eq!(found, *expected, "{line}\n{}", answer.body);
    }
}

#[track_caller]
fn shows(answer: &Answer, expected: &Expect) {
    let body: Value = answer.json();
    let text = serde_json::to_string_pretty(&body).expect("JSON");
    expected.assert_eq(&format!("{}\n{text}\n", answer.status));
}

#[test]
fn an_embed_that_may_mean_several_things_is_told_so() {
    let house = House::of(
        "create table people (id integer primary key, name text);
         create table letters (id integer primary key,
           sender integer references people (id), receiver integer references people (id));",
        "create policy a on people for select to authenticated using (true);
         create policy b on letters for select to authenticated using (true);",
    );
    house.host.execute(
        "insert into people values (1, 'Ann'), (2, 'Bo'); insert into letters values (1, 1, 2)",
    );
    shows(
        &send(&house, "GET letters?select=id,people(name)"),
        &expect![[r#"
        300
        {
          "code": "PGRST201",
          "details": [
            {
              "cardinality": "many-to-one",
              "embedding": "letters with people",
              "relationship": "letters_receiver_fkey using letters(receiver) and people(id)"
            },
            {
              "cardinality": "many-to-one",
              "embedding": "letters with people",
              "relationship": "letters_sender_fkey using letters(sender) and people(id)"
            }
          ],
          "hint": "Try changing 'people' to one of the following: 'people!letters_receiver_fkey', 'people!letters_sender_fkey'. Find the desired relationship in the 'details' key.",
          "message": "Could not embed because more than one relationship was found for 'letters' and 'people'"
        }
    "#]],
    );
    assert_eq!(send(&house, "GET people?select=letters(id)").code(), "PGRST201");
    for (line, expected) in [
        ("letters?select=people!sender(name)", r#"[{"people":{"name":"Ann"}}]"#),
        ("letters?select=people!letters_receiver_fkey(name)", r#"[{"people":{"name":"Bo"}}]"#),
        ("letters?select=receiver(name)", r#"[{"receiver":{"name":"Bo"}}]"#),
        ("people?select=letters!sender(id)&order=id", r#"[{"letters":[{"id":1}]},{"letters":[]}]"#),
    ] {
        check(&house, &[(&format!("GET {line}"), expected)]);
    }
}

/// A column, what is sent, and what comes back.
const VALUES: &[(&str, &str, &str)] = &[
    ("flag", r#""yes""#, "true"),
    ("small", "-32768", "-32768"),
    ("big", "9223372036854775807", "9223372036854775807"),
    ("big", r#""-9223372036854775808""#, "-9223372036854775808"),
    ("real", "0.1", "0.1"),
    ("num", "0.10", "0.1"),
    ("txt", r#""\u00e9\ud83e\uddf5\\\"\n'""#, r#""é🧵\\\"\n'""#),
    ("txt", r#""12""#, r#""12""#),
    ("uid", r#""A0EEBC999C0B4EF8BB6D6BB9BD380A11""#, r#""a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11""#),
    ("at", r#""2026-02-28T23:30:00-01:00""#, r#""2026-03-01T00:30:00.000000+00:00""#),
    ("day", r#""2024-02-29""#, r#""2024-02-29""#),
    ("tick", r#""07:05""#, r#""07:05:00.000000""#),
    ("doc", r#"{"b":1.0,"a":[9007199254740993,null]}"#, r#"{"b":1.0,"a":[9007199254740993,null]}"#),
    ("doc", "1.0", "1.0"),
    ("doc", r#""12""#, r#""12""#),
    ("doc", "null", "null"),
    ("raw", r#""\\x00FF""#, r#""\\x00ff""#),
    ("raw", r#""\\x""#, r#""\\x""#),
    ("tags", r#"["a", "b,c", null]"#, r#"["a","b,c",null]"#),
    ("nums", r#""{1.50,9007199254740993}""#, "[1.5,9007199254740993]"),
];

#[test]
fn every_type_comes_out_as_it_went_in() {
    let house = zoo_house();
    shows(
        &send(&house, "GET zoo?id=eq.1"),
        &expect![[r#"
            200
            [
              {
                "at": "2026-01-01T09:00:00.000000+00:00",
                "big": 9007199254740993,
                "day": "2026-01-01",
                "dec": 10.5,
                "doc": {
                  "a": [
                    1,
                    {
                      "b": "c"
                    }
                  ],
                  "n": null,
                  "t": true
                },
                "flag": true,
                "id": 1,
                "local": "2026-01-01T09:00:00.000000",
                "low": "lion",
                "num": 1.25,
                "nums": [
                  1,
                  2.5
                ],
                "raw": "\\x00ff",
                "real": 1.5,
                "short": "cat",
                "small": 2,
                "tags": [
                  "a",
                  "b,c",
                  null
                ],
                "tick": "09:00:00",
                "twice": 6,
                "txt": "Lion",
                "uid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                "whole": 3
              }
            ]
        "#]],
    );
    for (column, sent, shown) in VALUES {
        let line = format!("PATCH zoo?id=eq.2&select={column} <- {{\"{column}\":{sent}}}");
        check(&house, &[(&line, &format!(r#"[{{"{column}":{shown}}}]"#))]);
        // What was stored is found by what was sent.
        if *column != "doc" && *sent != "null" {
            let value = sent.trim_matches('"').replace("\\\\", "\\");
            if value.contains(['"', '\n']) || *column == "txt" && value.contains("\\u") {
                continue;
            }
            let value = selvedge::http::encoding::encode(&value);
            check(
                &house,
                &[(&format!("GET zoo?id=eq.2&select=id&{column}=eq.{value}"), r#"[{"id":2}]"#)],
            );
        }
    }
}

#[test]
fn values_that_do_not_fit_are_refused_by_type() {
    let house = zoo_house();
    for (column, value, expected) in [
        ("flag", r#""o""#, "400 22P02"),
        ("small", "32768", "400 22003"),
        ("small", r#""x""#, "400 22P02"),
        ("whole", "2147483648", "400 22003"),
        ("whole", "1.0", "400 22P02"),
        ("big", "9223372036854775808", "400 22003"),
        ("real", "1e400", "400 22003"),
        ("real", r#""nan""#, "400 22P02"),
        ("num", "0.1234567890123456", "400 22003"),
        ("short", r#""sixsix""#, "400 22001"),
        ("uid", r#""a0eebc99""#, "400 22P02"),
        ("at", r#""the day before""#, "400 22007"),
        ("at", r#""infinity""#, "400 22008"),
        ("at", r#""2026-01-01T00:00+16:00""#, "400 22009"),
        ("flag", "2", "400 22P02"),
        ("dec", "1e9", "400 22003"),
        ("at", r#""2026-02-30T00:00:00Z""#, "400 22008"),
        ("local", r#""2026-01-01T24:01:00""#, "400 22008"),
        ("day", r#""01/02/2026""#, "400 22007"),
        ("tick", r#""25:00""#, "400 22008"),
        ("raw", r#""\\x0""#, "400 22P02"),
        ("raw", r#""\\xzz""#, "400 22P02"),
        ("raw", r#""\\0""#, "400 22P02"),
        ("twice", "2", "400 428C9"),
        ("low", r#""x""#, "400 428C9"),
        ("nothing", "2", "400 PGRST204"),
        ("id", "null", "400 23502"),
    ] {
        let line = format!("PATCH zoo?id=eq.1 <- {{\"{column}\":{value}}}");
        check(&house, &[(&line, expected)]);
    }
}

#[test]
fn constraints_are_told_in_postgres_words() {
    let house = zoo_house();
    let before = house.host.dump();
    check(
        &house,
        &[
            ("POST pair <- {\"x\":1,\"y\":\"a\"}", "409 23505"),
            ("POST zoo <- {\"txt\":\"LION\"}", "409 23505"),
            ("POST pair <- {\"x\":5}", "400 23502"),
            ("POST pair <- {\"x\":5,\"y\":\"z\",\"note\":\"bad\"}", "400 23514"),
            ("POST pair <- {\"x\":5,\"y\":\"z\",\"zoo_id\":99}", "409 23503"),
            ("POST child <- {\"x\":1,\"y\":\"nobody\"}", "409 23503"),
            ("DELETE pair?x=eq.1&y=eq.a", "409 23503"),
            ("DELETE zoo?id=eq.1", "409 23503"),
            ("PATCH pair?x=eq.1&y=eq.a <- {\"x\":7}", "409 23503"),
            ("POST pair <- {\"x\":666,\"y\":\"z\"}", "400 P0001"),
        ],
    );
    assert_eq!(house.host.dump(), before);
}

#[test]
fn what_is_too_much_is_refused_before_the_database_fails_over_it() {
    let house = zoo_house();
    let many = |count: usize, item: &str, by: &str| vec![item; count].join(by);
    // Wide and deep as the grammar allows.
    let nested = format!("{}id.eq.1{}", "not.and(not.or(".repeat(7), "))".repeat(7));
    let embeds = "child(id,child(id,child(id,child(id,child(id)))))";
    for (line, status) in [
        (format!("GET zoo?select=id&id=in.({})", many(4000, "1", ",")), 200),
        (format!("GET zoo?select=id&or=({})", many(1500, "id.eq.1", ",")), 200),
        (format!("GET zoo?select=id&and=({nested})"), 200),
        (
            format!(
                "GET zoo?select=id&or=(not.and({nested}))&or=({})",
                many(500, "txt.like.*x*", ",")
            ),
            200,
        ),
        (format!("GET zoo?select={}", many(200, "doc->a", ",")), 200),
        (format!("GET zoo?select={}", many(201, "id", ",")), 400),
        (format!("GET zoo?{}", many(1500, "id=gt.0", "&")), 200),
        (format!("GET zoo?{}", many(1501, "id=gt.0", "&")), 400),
        (format!("GET child?select=id,{embeds}"), 200),
        (
            format!(
                "GET child?select={}",
                (0..19).map(|i| format!("c{i}:{embeds}")).collect::<Vec<_>>().join(",")
            ),
            200,
        ),
        (format!("GET zoo?order={}", many(32, "doc->a.desc", ",")), 200),
        (format!("GET zoo?order={}", many(300, "id", ",")), 400),
        (format!("GET zoo?limit={}&offset={}", i64::MAX, i64::MAX), 200),
        ("GET zoo?limit=99999999999999999999".into(), 400),
    ] {
        let answer = send(&house, &line);
        assert_eq!(answer.status, status, "{:.80}..: {:.300}", line, answer.body);
    }
    let row =
        format!("{{{}}}", (0..400).map(|i| format!("\"c{i}\":1")).collect::<Vec<_>>().join(","));
    check(&house, &[(&format!("POST zoo <- {row}"), "400 PGRST204")]);
    let rows = format!("[{}]", many(5000, r#"{"whole":1}"#, ","));
    let bulk = house.rest(User(ADA), "POST zoo", "", &rows);
    assert_eq!((bulk.status, bulk.body.as_str()), (201, ""));
}
