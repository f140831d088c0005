//! Filters: what each operator finds, on rows that were made for telling right from wrong.

mod support;

use serde_json::{Value, json};

use selvedge::http::encoding::encode;
use support::corridor::Caller::User;
use support::corridor::{ADA, Answer, GRACE, House};

const SCHEMA: &str = "
    create table things (
      id integer primary key, name text, code varchar(20) collate nocase, doc jsonb,
      tags text[] not null default '[]', counts integer[], marks uuid array, flags boolean[3],
      prices numeric[], days date[], raw bytea
    );
    create index things_name on things (name);
    create index things_code on things (code);
    create index things_raw on things (raw);
    create view shown as select id, tags, counts, doc from things;";

const POLICIES: &str = "
    create policy a on things for all to authenticated using (true) with check (true);
    create policy b on shown for select to authenticated using (true);";

fn house() -> House {
    House::of(SCHEMA, POLICIES)
}

/// A house with these rows; each has the number of its place as its id.
fn house_of(column: &str, values: &[Value]) -> House {
    let house = house();
    let rows: Vec<Value> = values
        .iter()
        .enumerate()
        .map(|(index, value)| json!({"id": index + 1, column: value}))
        .collect();
    let answer = house.rest(User(ADA), "POST things", "", &Value::from(rows).to_string());
    assert_eq!(answer.status, 201, "{answer:?}");
    house
}

fn ask(house: &House, filter: &str) -> Answer {
    let (key, value) = filter.split_once('=').expect("a filter");
    let target = format!("GET things?select=id&order=id&{key}={}", encode(value));
    house.rest(User(ADA), &target, "", "")
}

/// The numbers of the rows found, or the code of the refusal.
fn found(house: &House, filter: &str) -> String {
    let answer = ask(house, filter);
    if answer.status != 200 {
        assert_eq!(answer.status / 100, 4, "{filter}: {answer:?}");
        return answer.code();
    }
    let rows = answer.json();
    let ids = rows.as_array().expect("rows").iter().map(|row| row["id"].to_string());
    ids.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(house: &House, cases: &[(&str, &str)]) {
    for (filter, expected) in cases {
        assert_eq!(found(house, filter), *expected, "{filter}\n{}", ask(house, filter).body);
    }
}

#[test]
fn arrays_come_out_as_they_went_in() {
    let house = house();
    for (column, sent, shown) in [
        ("tags", r#"["a","b,c",null,"\"",""]"#, r#"["a","b,c",null,"\"",""]"#),
        ("tags", r#""{a,\"b,c\",NULL,\"\\\"\",\"\"}""#, r#"["a","b,c",null,"\"",""]"#),
        ("tags", r#"[]"#, "[]"),
        ("tags", r#""{}""#, "[]"),
        ("tags", r#"[1, true]"#, r#"["1","true"]"#),
        ("counts", r#"[1, "2", null]"#, "[1,2,null]"),
        ("counts", r#""{1,-2}""#, "[1,-2]"),
        ("counts", "null", "null"),
        (
            "marks",
            r#"["A0EEBC999C0B4EF8BB6D6BB9BD380A11"]"#,
            r#"["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]"#,
        ),
        ("flags", r#"[true, "f", null]"#, "[true,false,null]"),
        ("prices", r#"[1.50, 2, "3.0", 1e2]"#, "[1.5,2,3,100]"),
        ("days", r#""{2026-01-02}""#, r#"["2026-01-02"]"#),
    ] {
        let line = format!("POST things?select={column}");
        let body = format!("{{\"{column}\":{sent}}}");
        let answer = house.rest(User(ADA), &line, "return=representation", &body);
        assert_eq!(answer.body, format!("[{{\"{column}\":{shown}}}]"), "{body}");
    }
    for (column, sent, code) in [
        ("tags", r#""a""#, "22P02"),
        ("tags", r#"{"a":1}"#, "22P02"),
        ("tags", "1", "22P02"),
        ("tags", "true", "22P02"),
        ("tags", r#"[["a"]]"#, "PGRST127"),
        ("tags", "null", "23502"),
        ("counts", r#"["a"]"#, "22P02"),
        ("counts", "[1.5]", "22P02"),
        ("counts", "[2147483648]", "22003"),
        ("counts", r#""{1,}""#, "22P02"),
        ("flags", "[2]", "22P02"),
        ("marks", r#"["x"]"#, "22P02"),
        ("days", r#"["2026-02-30"]"#, "22008"),
    ] {
        let body = format!("{{\"{column}\":{sent}}}");
        let answer = house.rest(User(ADA), "POST things", "", &body);
        assert_eq!(answer.code(), code, "{body}: {answer:?}");
    }
}

#[test]
fn an_array_as_a_text_is_what_postgres_writes() {
    let house = house();
    for (column, sent, shown) in [
        ("tags", r#"["a","b,c",null]"#, r#"{a,\"b,c\",NULL}"#),
        ("tags", "[]", "{}"),
        ("tags", r#"["","null","NULL","nulls"]"#, r#"{\"\",\"null\",\"NULL\",nulls}"#),
        ("tags", r#"["{","}","[]","it's","(x)"]"#, r#"{\"{\",\"}\",[],it's,(x)}"#),
        (
            "tags",
            r#"["\"","\\","a b","a\tb","\n","7","\u00e9"]"#,
            r#"{\"\\\"\",\"\\\\\",\"a b\",\"a\tb\",\"\n\",7,é}"#,
        ),
        ("counts", "[1,-2,null]", "{1,-2,NULL}"),
        ("counts", "[]", "{}"),
        ("counts", "null", "null"),
        ("flags", "[true,false,null]", "{t,f,NULL}"),
        ("prices", "[1.50,2,1e2]", "{1.5,2,100}"),
        ("days", r#"["2026-01-02"]"#, "{2026-01-02}"),
    ] {
        let shown = if shown == "null" { shown.to_owned() } else { format!("\"{shown}\"") };
        let line = format!("POST things?select=as:{column}::text,{column}");
        let send = |value: &str| {
            let body = format!("{{\"{column}\":{value}}}");
            house.rest(User(ADA), &line, "return=representation", &body)
        };
        let answer = send(sent);
        let expected = format!("[{{\"as\":{shown},");
        assert!(answer.body.starts_with(&expected), "{} is not {expected}", answer.body);
        // Sent as it was shown it is the same array.
        assert_eq!(send(&shown).body, answer.body);
    }
}

#[test]
fn arrays_are_compared_as_sets_and_as_wholes() {
    let tags =
        [json!(["a", "b"]), json!([]), json!(["b", "a", "a"]), json!(["a", null]), json!(["a,b"])];
    let house = house_of("tags", &tags);
    check(
        &house,
        &[
            ("tags=cs.{a}", "1 3 4"),
            ("tags=cs.{b,a,b}", "1 3"),
            ("tags=cs.{}", "1 2 3 4 5"),
            (r#"tags=cs.{"a,b"}"#, "5"),
            ("tags=cs.{NULL}", ""),
            ("tags=not.cs.{a}", "2 5"),
            ("tags=cd.{a,b,c}", "1 2 3"),
            ("tags=cd.{}", "2"),
            ("tags=cd.{a,NULL}", "2"),
            ("tags=ov.{b,x}", "1 3"),
            ("tags=ov.{}", ""),
            ("tags=ov.{NULL}", ""),
            ("tags=not.ov.{b,x}", "2 4 5"),
            ("tags=eq.{a,b}", "1"),
            ("tags=eq.{a,NULL}", "4"),
            ("tags=neq.{}", "1 3 4 5"),
            ("tags=isdistinct.{a,b}", "2 3 4 5"),
            (r#"tags=in.("{a,b}","{}")"#, "1 2"),
            (r#"tags=eq(any).{"{a,b}","{}"}"#, "1 2"),
            ("tags->>0=eq.a", "1 4"),
            ("tags->>-1=eq.b", "1"),
            (r#"tags->1=eq."b""#, "1"),
            ("tags->1=eq.null", "4"),
            (r#"or=(tags.cs.{b,a},tags.cs.{"a,b"})"#, "1 3 5"),
            // And what they have not.
            ("tags=gt.{a}", "PGRST127"),
            ("tags=lte(any).{a}", "PGRST127"),
            ("tags=like.a*", "42883"),
            ("tags=imatch.a", "42883"),
            ("tags=is.true", "42804"),
            ("tags=cs.a", "22P02"),
            ("tags=cs.{a", "22P02"),
            ("tags=cs.{{a}}", "PGRST127"),
            (r#"tags=cs.["a"]"#, "22P02"),
            ("tags=eq.a", "22P02"),
            ("tags=sl.{a}", "PGRST127"),
        ],
    );
    let counts = [json!([1, 2]), json!(null), json!([2]), json!([1, null])];
    let house = house_of("counts", &counts);
    check(
        &house,
        &[
            ("counts=cs.{2}", "1 3"),
            ("counts=cs.{+1, 2}", "1"),
            ("counts=cd.{1,2,3}", "1 3"),
            ("counts=not.cd.{1,2,3}", "4"),
            ("counts=ov.{2,9}", "1 3"),
            ("counts=eq.{1,2}", "1"),
            ("counts=neq.{1,2}", "3 4"),
            ("counts=isdistinct.{1,2}", "2 3 4"),
            ("counts=is.null", "2"),
            ("counts->0=gt.1", "3"),
            ("counts=cs.{a}", "22P02"),
            ("counts=cs.{99999999999}", "22003"),
            ("counts=ov.{1.5}", "22P02"),
        ],
    );
    let house = house_of("flags", &[json!([true]), json!([false, true])]);
    check(&house, &[("flags=cs.{f}", "2"), ("flags=cd.{yes}", "1"), ("flags=ov.{maybe}", "22P02")]);
    // Whatever wrote an array, white space does not count.
    house.host.execute(r#"update things set tags = '[ "x" ]' where id = 1"#);
    check(&house, &[("tags=eq.{x}", "1"), ("tags=in.({x})", "1"), ("tags=cs.{x}", "1")]);
    let answer = house.rest(User(ADA), "GET shown?select=tags&tags=cs.{x}", "", "");
    assert_eq!(answer.body, r#"[{"tags":["x"]}]"#);
}

const DOCUMENTS: &[&str] = &[
    r#"{"a":1,"b":{"c":[1,2,{"d":"e"}]},"t":true}"#,
    r#"{"b":{"c":[{"d":"e"},2,1]},"a":1.0,"t":true}"#,
    r#"{"a":"1"}"#,
    r#"["foo","bar",1]"#,
    r#""foo""#,
    "1",
    "null",
    "[]",
    "{}",
    r#"[["foo"],{"x":null}]"#,
    "true",
    r#"{"a.b":1,"q\"":{"\\":2}}"#,
];

#[test]
fn json_contains_as_in_postgres() {
    let documents: Vec<Value> =
        DOCUMENTS.iter().map(|text| serde_json::from_str(text).expect("JSON")).collect();
    let house = house_of("doc", &documents);
    house.host.execute("insert into things (id) values (99)");
    house.host.execute("update things set doc = 'null' where id = 7");
    check(
        &house,
        &[
            (r#"doc=cs.{"a":1}"#, "1 2"),
            (r#"doc=cs.{"a":1.00,"t":true}"#, "1 2"),
            (r#"doc=cs.{"a":"1"}"#, "3"),
            (r#"doc=cs.{"b":{"c":[{"d":"e"}]}}"#, "1 2"),
            (r#"doc=cs.{"b":{"c":[2,2,1]}}"#, "1 2"),
            (r#"doc=cs.{"b":{"c":[{}]}}"#, "1 2"),
            (r#"doc=cs.{"b":{"c":2}}"#, ""),
            (r#"doc=cs.{"b":{"c":[]}}"#, "1 2"),
            ("doc=cs.{}", "1 2 3 9 12"),
            ("doc=cs.[]", "4 8 10"),
            (r#"doc=cs."foo""#, "4 5"),
            (r#"doc=cs.["foo"]"#, "4"),
            (r#"doc=cs.["bar","foo","foo"]"#, "4"),
            (r#"doc=cs.[["foo"]]"#, "10"),
            (r#"doc=cs.[[]]"#, "10"),
            (r#"doc=cs.[{"x":null}]"#, "10"),
            ("doc=cs.1", "4 6"),
            ("doc=cs.null", "7"),
            ("doc=cs.true", "11"),
            ("doc=cs.false", ""),
            (r#"doc=cs.{"a.b":1}"#, "12"),
            (r#"doc=cs.{"q\"":{"\\":2}}"#, "12"),
            (r#"doc=not.cs.{"a":1}"#, "3 4 5 6 7 8 9 10 11 12"),
            (r#"doc->b->c=cs.[2]"#, "1 2"),
            (r#"doc->b->c=cs.2"#, "1 2"),
            (r#"doc->b=not.cs.{"c":[3]}"#, "1 2"),
            // The other way round.
            (r#"doc=cd.{"a":1,"b":{"c":[1,2,{"d":"e","f":0}]},"t":true}"#, "1 2 9"),
            (r#"doc=cd.{"a":"1","x":0}"#, "3 9"),
            (r#"doc=cd.["foo","bar",1,[]]"#, "4 5 6 8"),
            (r#"doc=cd."foo""#, "5"),
            ("doc=cd.[]", "8"),
            ("doc=cd.{}", "9"),
            ("doc=cd.null", "7"),
            (r#"doc=cd.[null]"#, "7 8"),
            (r#"doc=cd.[["foo","x"],{"x":null,"y":1}]"#, "8 10"),
            (r#"doc->b->c->2=cd.{"d":"e","f":1}"#, "1"),
            // What they have not.
            ("doc=cs.{a}", "22P02"),
            ("doc=cs.x", "22P02"),
            ("doc=ov.[1]", "42883"),
            ("doc->>a=cs.[1]", "PGRST127"),
            ("name=cs.{a}", "PGRST127"),
            ("id=ov.{1}", "PGRST127"),
            ("doc=cs.[[[[[[[[[[1]]]]]]]]]]", "54001"),
        ],
    );
    let wide = format!("doc=cs.[{}]", vec!["1"; 99].join(","));
    assert_eq!(found(&house, &wide), "4");
    let wider = format!("doc=cs.[{}]", vec!["1"; 100].join(","));
    assert_eq!(found(&house, &wider), "54001");
    // As deep and as wide as may be asked for, which SQLite must take.
    let mut deep = "[1,2,3,4,5,6,7,8,9,10]".to_owned();
    for _ in 0..7 {
        deep = format!(r#"{{"k":{deep},"l":[0,1,2],"m":"x"}}"#);
    }
    for operator in ["cs", "cd", "eq", "neq", "isdistinct"] {
        let answer = ask(&house, &format!("doc={operator}.{deep}"));
        assert_eq!(answer.status, 200, "{operator}: {answer:?}");
    }
}

#[test]
fn json_is_equal_whatever_its_form() {
    let documents: Vec<Value> =
        DOCUMENTS.iter().map(|text| serde_json::from_str(text).expect("JSON")).collect();
    let house = house_of("doc", &documents);
    house.host.execute("insert into things (id) values (99)");
    house.host.execute("update things set doc = 'null' where id = 7");
    house.host.execute(r#"update things set doc = '{ "t": true, "b": {"c": [1, 2, {"d": "e"}]}, "a": 1e0 }' where id = 1"#);
    check(
        &house,
        &[
            (r#"doc=eq.{"a":1,"t":true,"b":{"c":[1,2,{"d":"e"}]}}"#, "1"),
            (r#"doc=eq.{"a":1,"t":true,"b":{"c":[{"d":"e"},2,1]}}"#, "2"),
            (r#"doc=neq.{"a":"1"}"#, "1 2 4 5 6 7 8 9 10 11 12"),
            (r#"doc=isdistinct.{"a":"1"}"#, "1 2 4 5 6 7 8 9 10 11 12 99"),
            (r#"doc=eq."foo""#, "5"),
            ("doc=eq.1.0", "6"),
            ("doc=eq.null", "7"),
            ("doc=neq.null", "1 2 3 4 5 6 8 9 10 11 12"),
            ("doc=eq.[]", "8"),
            ("doc=eq.{}", "9"),
            ("doc=eq.true", "11"),
            ("doc=is.null", "99"),
            (r#"doc=in.("{\"a\":\"1\"}",1,"\"foo\"",null,true)"#, "3 5 6 7 11"),
            (r#"doc=not.in.([],1)"#, "1 2 3 4 5 7 9 10 11 12"),
            ("doc=in.()", ""),
            ("doc=not.in.()", "1 2 3 4 5 6 7 8 9 10 11 12 99"),
            (r#"doc=eq(any).{1,"\"foo\"",NULL}"#, "5 6"),
            (r#"doc=eq(all).{1,1.0}"#, "6"),
            // In order: null, texts, numbers, truths, arrays, objects; but [] is the least.
            ("doc=gt.1", "1 2 3 4 9 10 11 12"),
            ("doc=lt.1", "5 7 8"),
            ("doc=gte.null", "1 2 3 4 5 6 7 9 10 11 12"),
            (r#"doc=lte."foo""#, "5 7 8"),
            ("doc=gte.true", "1 2 3 4 9 10 11 12"),
            ("doc->a=gt.0", "1 2"),
            ("doc->a=lt.2", "1 2 3"),
            ("doc->a=eq.1", "1 2"),
            ("doc->a=not.eq.1", "3"),
            (r#"doc->a=in.(1,"\"1\"")"#, "1 2 3"),
            ("doc->a=isdistinct.1", "3 4 5 6 7 8 9 10 11 12 99"),
            ("doc->>a=in.(1,2)", "3"),
            ("doc->>a=eq.1.0", "2"),
            ("doc->>a=isdistinct.1", "1 2 4 5 6 7 8 9 10 11 12 99"),
            ("doc->>t=like.tr*", "1 2"),
            ("doc->>t=like(any).{x,t%}", "1 2"),
            ("doc->>0=match.^fo", "4"),
            (r#"doc->-1=eq.1"#, "4"),
            (r#"doc->-2=eq."bar""#, "4"),
            ("doc->1->x=eq.null", "10"),
            ("doc->1->x=is.null", "1 2 3 4 5 6 7 8 9 11 12 99"),
            ("doc->1->>x=not.is.null", ""),
            ("doc->a=gt.[]", "PGRST127"),
            ("doc->a=eq.x", "22P02"),
            ("doc->a=in.(x)", "22P02"),
            ("doc->a=like.x", "42883"),
            ("doc->a=match.x", "42883"),
            ("doc->t=is.true", "42804"),
            ("doc->>t=is.true", "42804"),
            ("name->a=eq.1", "42883"),
        ],
    );
}

/// A pattern and a text as Postgres compares them, written so that it is plainly right.
fn is_like(pattern: &[char], text: &[char]) -> bool {
    // Which beginnings of the text are like the pattern as far as it has been read.
    let mut fits: Vec<bool> = (0..=text.len()).map(|length| length == 0).collect();
    for token in pattern {
        fits = match token {
            '%' => fits
                .iter()
                .scan(false, |seen, fit| {
                    *seen |= fit;
                    Some(*seen)
                })
                .collect(),
            _ => (0..=text.len())
                .map(|length| {
                    length > 0 && fits[length - 1] && (*token == '_' || *token == text[length - 1])
                })
                .collect(),
        };
    }
    fits[text.len()]
}

#[test]
fn patterns_of_any_length_find_what_postgres_finds() {
    let x = "x".repeat(60);
    let texts: Vec<String> =
        ["", "a", "ab", "abc", "aab", "abab", "acab", "éa", "aéb", "b", "A", "aB", "a%b", "a*c"]
            .iter()
            .flat_map(|text| {
                [
                    (*text).to_owned(),
                    format!("{text}{x}"),
                    format!("{x}{text}"),
                    format!("a{x}{text}b{x}"),
                    format!("{x}{text}{x}{text}"),
                ]
            })
            .collect();
    let house = house_of("name", &texts.iter().map(|text| json!(text)).collect::<Vec<_>>());
    house.host.execute("insert into things (id) values (999)");
    let parts = ["a", "a_", "_b", "%", "_", "é", "b%a", &x, "%a_b%", "x_x"];
    let (mut seed, mut refused) = (7_usize, 0);
    for round in 0..300 {
        let mut pattern = if round % 3 == 0 { x.clone() } else { String::new() };
        for _ in 0..=(round % 5) {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            pattern.push_str(parts[(seed >> 33) % parts.len()]);
            if seed >> 40 & 1 == 1 {
                pattern.push('%');
            }
        }
        while pattern.contains("%%") {
            pattern = pattern.replace("%%", "%");
        }
        let parts: Vec<&str> = pattern.split('%').collect();
        let has_hole = |part: &&str| part.trim_matches('_').contains('_');
        let middle = parts.iter().skip(1).take(parts.len().saturating_sub(2));
        if pattern.len() > 50 && middle.copied().any(|part| has_hole(&part)) {
            let line = format!("GET things?name=like.{}", encode(&pattern));
            assert_eq!(house.rest(User(ADA), &line, "", "").code(), "PGRST127", "{pattern}");
            refused += 1;
            continue;
        }
        let characters: Vec<char> = pattern.chars().collect();
        for (operator, fold) in [("like", false), ("ilike", true)] {
            let expected: Vec<String> = texts
                .iter()
                .enumerate()
                .filter(|(_, text)| {
                    let text = if fold { text.to_lowercase() } else { (*text).clone() };
                    is_like(&characters, &text.chars().collect::<Vec<_>>())
                })
                .map(|(index, _)| (index + 1).to_string())
                .collect();
            let filter = format!("name={operator}.{pattern}");
            assert_eq!(found(&house, &filter), expected.join(" "), "{filter}");
        }
    }
    assert!((10..150).contains(&refused), "{refused} of 300 are refused");
    let long = format!("name=not.like.a_{x}%b");
    assert!(!found(&house, &long).contains("999"), "null is neither like nor unlike");
}

#[test]
fn case_is_ignored_beyond_ascii() {
    let names = [
        "École",
        "ÉCOLE",
        "école",
        "ecole",
        "ΑΒΓ",
        "αβγ",
        "Жук",
        "жУК",
        "Straße",
        "STRASSE",
        "100%",
        "a_b",
        "\u{212b}ngström",
        "ångström",
    ];
    let house = house_of("name", &names.map(|name| json!(name)));
    check(
        &house,
        &[
            ("name=ilike.éCOLE", "1 2 3"),
            ("name=ilike.É*", "1 2 3"),
            ("name=ilike.*É*", "1 2 3"),
            ("name=like.É*", "1 2"),
            ("name=ilike._cole", "1 2 3 4"),
            ("name=ilike.*βγ", "5 6"),
            ("name=ilike.ж_к", "7 8"),
            ("name=imatch.^жук$", "7 8"),
            ("name=imatch.^ж|É", "1 2 3 7 8"),
            ("name=ilike.ÅNG*", "13 14"),
            // Two letters for one are not found.
            ("name=ilike.strasse", "10"),
            ("name=ilike.straße", "9"),
            // What is escaped stands for itself.
            (r"name=like.100\%", "11"),
            (r"name=like.a\_b", "12"),
            (r"name=like.a\\b", ""),
            (r"name=like.a\", "22025"),
            (r"name=ilike(any).{a*\\}", "22025"),
            ("name=ilike(any).{É*,жУк}", "1 2 3 7 8"),
            ("name=ilike(all).{É*,*e}", "1 2 3"),
            ("name=like(all).{}", "1 2 3 4 5 6 7 8 9 10 11 12 13 14"),
            ("name=like(any).{}", ""),
            ("name=match(all).{c,^É}", "1"),
            ("name=match(any).{^É,^a_b$}", "1 2 12"),
            ("name=match.[a-z]", "PGRST127"),
            ("name=imatch.a*", "PGRST127"),
            ("id=like.1*", "42883"),
            ("id=ilike(any).{1}", "42883"),
            ("id=match(all).{}", "42883"),
            ("name=like(any).x", "22P02"),
            ("name=like(any).{x", "22P02"),
        ],
    );
    // A column that itself ignores case does not make `like` do so.
    let house = house_of("code", &["Zed", "zed", "zebra"].map(|code| json!(code)));
    check(&house, &[("code=like.Z*", "1"), ("code=like.z*", "2 3"), ("code=like.zed", "2")]);
}

#[test]
fn each_item_is_compared() {
    let house = house_of("counts", &[json!(null), json!(null), json!(null)]);
    check(
        &house,
        &[
            ("id=eq(any).{1,3,9}", "1 3"),
            ("id=not.eq(any).{1,3,9}", "2"),
            ("id=not.eq(any).{1,NULL}", ""),
            ("id=eq(any).{}", ""),
            ("id=eq(all).{}", "1 2 3"),
            ("id=gt(all).{0,1}", "2 3"),
            ("id=gt(any).{2,9}", "3"),
            ("id=gt(any).{2,NULL}", "3"),
            ("id=gte(all).{2,NULL}", ""),
            ("id=lt(any).{2,1}", "1"),
            ("id=lte(all).{2,3}", "1 2"),
            ("id=eq(any).{x}", "22P02"),
            ("id=eq(any).1", "22P02"),
            ("id=isdistinct.2", "1 3"),
            ("id=not.isdistinct.2", "2"),
            ("id=isdistinct.null", "22P02"),
            ("name=isdistinct.null", "1 2 3"),
            ("name=neq.null", ""),
            ("name=not.isdistinct.null", ""),
        ],
    );
    let items = |count: usize| format!("id=gt(any).{{{}}}", vec!["1"; count].join(","));
    assert_eq!(found(&house, &items(100)), "2 3");
    assert_eq!(found(&house, &items(101)), "54001");
}

#[test]
fn what_is_many_is_answered_or_named() {
    let house = house_of("name", &[json!("a"), json!("b"), json!(null)]);
    let terms = |count: usize, term: &dyn Fn(usize) -> String| {
        (0..count).map(term).collect::<Vec<_>>().join(",")
    };
    let id = |index: usize| format!("id.eq.{}", index + 2);
    let name = |index: usize| format!("name.eq.{index}");
    let like = |index: usize| format!("name.ilike.{index}*");
    let doc = |index: usize| format!("doc->a.eq.{index}");
    for count in [1, 99, 100, 101, 500] {
        check(
            &house,
            &[
                (&format!("or=({})", terms(count, &id)), if count == 1 { "2" } else { "2 3" }),
                (&format!("not.or=({})", terms(count, &name)), "1 2"),
                (&format!("and=({})", terms(count, &|_| "id.gt.1".into())), "2 3"),
                (&format!("or=({})", terms(count, &like)), ""),
                (&format!("or=({})", terms(count, &doc)), ""),
            ],
        );
    }
    // Nested as they come: sixteen levels, each with thirty terms.
    let mut nested = terms(30, &id);
    for level in 0..15 {
        let word = if level % 2 == 0 { "and" } else { "or" };
        nested = format!("{word}({nested}),{}", terms(30, &id));
    }
    let nested = format!("or=({nested})");
    assert_eq!(found(&house, &nested), "2 3", "{} bytes", nested.len());
    assert_eq!(found(&house, &format!("or=({})", terms(1_501, &|_| "id.eq.1".into()))), "54001");
    // As many items as a URL of 16 KiB holds.
    let list = terms(8_000, &|index| (index % 2).to_string());
    let line = format!("GET things?select=id&id=in.({list})");
    assert_eq!(house.rest(User(ADA), &line, "", "").body, r#"[{"id":1}]"#);
}

/// How SQLite goes about a filter.
fn plan(house: &House, filter: &str) -> String {
    let (key, value) = filter.split_once('=').expect("a filter");
    let line = format!("GET things?{key}={}", encode(value));
    let answer = house.rest(User(ADA), &line, "", "");
    assert_eq!(answer.status, 200, "{filter}: {answer:?}");
    house.host.query_plan()
}

#[test]
fn indexes_serve_filters() {
    let house = house_of("name", &[json!("a"), json!("b"), json!(null)]);
    for (filter, expected) in [
        ("name=eq.a", "INDEX things_name (name=?)"),
        ("name=in.(a,b)", "INDEX things_name (name=?)"),
        ("name=eq(any).{a,b}", "INDEX things_name (name=?)"),
        ("name=gt.a", "INDEX things_name (name>?)"),
        ("and=(name.gte.a,name.lt.b)", "INDEX things_name (name>? AND name<?)"),
        ("name=like.a*", "INDEX things_name (name>? AND name<?)"),
        ("name=like.a", "INDEX things_name (name=?)"),
        ("name=match.^a", "INDEX things_name (name>? AND name<?)"),
        ("name=is.null", "INDEX things_name (name=?)"),
        (r"raw=in.(\x00,\x01)", "INDEX things_raw (raw=?)"),
        ("id=eq.1", "SEARCH t0 USING INTEGER PRIMARY KEY (rowid=?)"),
        ("id=in.(1,2)", "SEARCH t0 USING INTEGER PRIMARY KEY (rowid=?)"),
        ("id=gte(all).{1,2}", "SEARCH t0 USING INTEGER PRIMARY KEY (rowid>?)"),
        // An index that ignores case cannot serve what minds it.
        ("code=like.a*", "SCAN t0"),
        ("name=ilike.a*", "SCAN t0"),
    ] {
        let plan = plan(&house, filter);
        assert!(plan.contains(expected), "{filter}: {plan}");
    }
}

#[test]
fn hundreds_of_terms_of_each_kind_are_answered_and_more_are_named() {
    let house = house_of("name", &[json!("a"), json!("b"), json!(null)]);
    let mut failures = String::new();
    // A term, and how many of them are taken.
    for (term, most) in [
        ("id.gt.{}", 900),
        ("name.eq.{}", 900),
        ("name.isdistinct.{}", 700),
        ("name.like.{}*", 500),
        ("name.ilike.*{}*", 500),
        ("name.like.{}_a*", 500),
        ("id.is.null", 1_000),
        ("doc->>a.eq.{}", 500),
        ("doc->a.eq.{}", 500),
        ("doc->a.gt.{}", 300),
        ("id.in.({},1)", 500),
        ("doc->a.in.({},1)", 250),
        ("tags.cs.{{}}", 200),
        ("doc.cs.[{}]", 250),
    ] {
        for count in [most, 400, 600, 800, 1_000] {
            let terms: Vec<String> =
                (0..count).map(|index| term.replacen("{}", &index.to_string(), 1)).collect();
            for word in ["or", "and", "not.and"] {
                let line = format!("GET things?select=id&{word}=({})", terms.join(","));
                let answer = house.rest(User(ADA), &line, "count=exact", "");
                let told = answer.status == 200 || answer.code() == "54001" || answer.status == 414;
                let taken = count != most || answer.status == 200;
                if !(told && taken) {
                    let (status, body) = (answer.status, answer.body);
                    failures.push_str(&format!("{count} {word} {term}: {status} {body}\n"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{failures}");
}

#[test]
fn many_terms_meet_a_policy_with_alternatives() {
    let house = House::demo();
    for count in [1, 39, 40, 41, 80, 500, 800] {
        let terms = vec!["id=gt.4"; count].join("&");
        for line in [
            format!("tasks?select=id&{terms}"),
            format!("tasks?select=id&and=({})", terms.replace('=', ".").replace('&', ",")),
            format!("tasks?select=id&not.or=({})", terms.replace("=gt", ".lte").replace('&', ",")),
        ] {
            let answer = house.rest(User(GRACE), &format!("GET {line}"), "count=exact", "");
            assert_eq!(answer.body, r#"[{"id":5}]"#, "{count} {line}");
        }
        let line = format!("PATCH tasks?select=id&{terms}");
        let answer = house.rest(User(GRACE), &line, "return=representation", r#"{"priority":1}"#);
        assert_eq!(answer.body, r#"[{"id":5}]"#, "{count} {line}");
    }
}
