//! The description of the API: that it tells a role what that role may reach, and no other name.
//!
//! What it says is held against what requests are answered, on the demo, on names that are hard to
//! write, and on made-up schemas whose privileges are drawn by lot.

mod support;

use std::collections::BTreeSet;

use expect_test::expect;
use serde_json::Value;

use selvedge::catalog::{Access, Catalog, Column, Grant, Predicate, Table, TableKind};
use selvedge::error::Code;
use selvedge::http::encoding::encode;
use selvedge::route::Endpoint;
use support::corridor::Caller::{self, Nobody, Service, User};
use support::corridor::{ADA, House, catalog_of, catalog_with};
use support::generator::Generator;

const CALLERS: [Caller; 3] = [Nobody, User(ADA), Service];

#[track_caller]
fn described(house: &House, caller: Caller) -> (Value, String) {
    let answer = house.rest(caller, "GET openapi.json", "", "");
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(house.rest(caller, "GET ", "", "").body, answer.body);
    (answer.json(), answer.body)
}

/// The members of an object, if there is one.
fn keys(value: &Value) -> BTreeSet<String> {
    value.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect()
}

/// Every `$ref` of a document, and whether all of them lead somewhere.
fn check_references(document: &Value, value: &Value) {
    match value {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                let pointer = reference.strip_prefix('#').expect("a reference within");
                assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
            }
            members.values().for_each(|value| check_references(document, value));
        }
        Value::Array(items) => items.iter().for_each(|value| check_references(document, value)),
        _ => {}
    }
}

#[test]
fn nobody_reads_of_the_demo_what_an_empty_house_would_tell() {
    let demo = House::demo();
    let empty = House::with("", Catalog { tables: Vec::new(), functions: Vec::new() });
    for (caller, is_same) in [(Nobody, true), (User(ADA), false), (Service, false)] {
        assert_eq!(described(&demo, caller).1 == described(&empty, caller).1, is_same);
    }
}

#[test]
fn a_user_reads_of_the_demo_its_tables_and_views() {
    let (document, _) = described(&House::demo(), User(ADA));
    check_references(&document, &document);
    let mut lines = String::new();
    for (path, verbs) in document["paths"].as_object().expect("paths") {
        let verbs: Vec<String> = keys(verbs).into_iter().filter(|key| key != "servers").collect();
        lines.push_str(&format!("{path}: {}\n", verbs.join(" ")));
    }
    expect![[r#"
        /: get
        /auth/v1/.well-known/jwks.json: get
        /auth/v1/admin/audit: get
        /auth/v1/admin/generate_link: post
        /auth/v1/admin/users: get post
        /auth/v1/admin/users/{user_id}: delete get parameters put
        /auth/v1/admin/users/{user_id}/factors: get parameters
        /auth/v1/admin/users/{user_id}/factors/{factor_id}: delete parameters
        /auth/v1/admin/users/{user_id}/logout: parameters post
        /auth/v1/authorize: get
        /auth/v1/callback: get post
        /auth/v1/factors: post
        /auth/v1/factors/recovery-codes: get post
        /auth/v1/factors/recovery-codes/verify: post
        /auth/v1/factors/{factor_id}: delete parameters
        /auth/v1/factors/{factor_id}/challenge: parameters post
        /auth/v1/factors/{factor_id}/verify: parameters post
        /auth/v1/health: get
        /auth/v1/invite: post
        /auth/v1/logout: post
        /auth/v1/magiclink: post
        /auth/v1/otp: post
        /auth/v1/reauthenticate: get
        /auth/v1/recover: post
        /auth/v1/resend: post
        /auth/v1/sessions: get
        /auth/v1/sessions/{session_id}: delete parameters
        /auth/v1/settings: get
        /auth/v1/signup: post
        /auth/v1/token: post
        /auth/v1/user: get put
        /auth/v1/user/identities/authorize: get
        /auth/v1/user/identities/{identity_id}: delete parameters
        /auth/v1/verify: get post
        /comments: delete get patch post put
        /labels: delete get patch post put
        /members: delete get patch post put
        /memberships: get
        /open_tasks: get
        /project_notes: delete get patch post put
        /projects: delete get patch post put
        /rpc/complete_task: post
        /rpc/leave_project: post
        /rpc/move_task: post
        /rpc/my_open_tasks: get post
        /rpc/progress: get post
        /rpc/workload: get post
        /task_labels: delete get patch post put
        /tasks: delete get patch post put
    "#]]
    .assert_eq(&lines);
}

#[test]
fn a_table_has_a_schema_for_reading_and_others_for_writing() {
    let (document, _) = described(&House::demo(), User(ADA));
    let schemas = &document["components"]["schemas"];
    expect![[r#"
        {
          "properties": {
            "project_id": {
              "description": "Note:\nThis is a Primary Key.<pk/>\nThis is a Foreign Key to `projects.id`.<fk table='projects' column='id'/>",
              "format": "int64",
              "type": "integer"
            },
            "role": {
              "enum": [
                "viewer",
                "editor",
                "owner"
              ],
              "type": "string"
            },
            "user_id": {
              "description": "Note:\nThis is a Primary Key.<pk/>",
              "format": "uuid",
              "type": "string"
            }
          },
          "required": [
            "project_id",
            "user_id",
            "role"
          ],
          "type": "object"
        }"#]].assert_eq(&serde_json::to_string_pretty(&schemas["members"]).expect("JSON"));
    expect![[r#"
        {
          "additionalProperties": false,
          "properties": {
            "archived": {
              "default": false,
              "type": "boolean"
            },
            "created_at": {
              "format": "date-time",
              "type": "string"
            },
            "id": {
              "format": "int64",
              "type": "integer"
            },
            "name": {
              "maxLength": 80,
              "type": "string"
            },
            "owner_id": {
              "format": "uuid",
              "type": "string"
            },
            "settings": {
              "default": {}
            }
          },
          "required": [
            "name",
            "owner_id"
          ],
          "type": "object"
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&schemas["projects.insert"]).expect("JSON"));
    expect!["[]"].assert_eq(&schemas["tasks.update"]["required"].to_string());
}

#[test]
fn every_endpoint_of_the_auth_dialect_is_described_with_its_methods() {
    let (document, _) = described(&House::demo(), Nobody);
    for endpoint in Endpoint::ALL.iter().copied() {
        let methods = endpoint.methods();
        let names = methods.iter().map(|method| method.name().to_lowercase());
        let expected: BTreeSet<String> = names.filter(|name| name != "head").collect();
        let mut found = keys(&document["paths"][endpoint.path()]);
        assert!(found.remove("servers"), "{}", endpoint.path());
        let has_ids = endpoint.path().contains('{');
        assert_eq!(found.remove("parameters"), has_ids, "{}", endpoint.path());
        assert_eq!(found, expected, "{}", endpoint.path());
    }
}

#[test]
fn every_type_is_described() {
    let house = House::of(support::zoo::SCHEMA, support::zoo::POLICIES);
    let (document, _) = described(&house, User(ADA));
    let schemas = &document["components"]["schemas"];
    let lines = |schema: &str| -> String {
        let columns = schemas[schema]["properties"].as_object().expect("columns");
        columns.iter().map(|(name, column)| format!("{name}: {column}\n")).collect()
    };
    expect![[r#"
        at: {"format":"date-time","type":["string","null"]}
        big: {"format":"int64","type":["integer","null"]}
        day: {"format":"date","type":["string","null"]}
        dec: {"format":"decimal","type":["number","null"]}
        doc: {}
        flag: {"type":["boolean","null"]}
        id: {"description":"Note:\nThis is a Primary Key.<pk/>","format":"int64","type":"integer"}
        local: {"format":"date-time-local","type":["string","null"]}
        low: {"readOnly":true,"type":["string","null"]}
        num: {"format":"decimal","type":["number","null"]}
        nums: {"items":{"format":"decimal","type":["number","null"]},"type":["array","null"]}
        raw: {"type":["string","null"]}
        real: {"format":"double","type":["number","null"]}
        short: {"maxLength":5,"type":["string","null"]}
        small: {"format":"int16","type":["integer","null"]}
        tags: {"items":{"type":["string","null"]},"type":["array","null"]}
        tick: {"format":"time-local","type":["string","null"]}
        twice: {"format":"int32","readOnly":true,"type":["integer","null"]}
        txt: {"type":["string","null"]}
        uid: {"format":"uuid","type":["string","null"]}
        whole: {"format":"int32","type":["integer","null"]}
    "#]]
    .assert_eq(&lines("zoo"));
    expect![[r#"
        note: {"default":"none","type":["string","null"]}
        x: {"format":"int32","type":"integer"}
        y: {"type":"string"}
        zoo_id: {"format":"int64","type":["integer","null"]}
    "#]]
    .assert_eq(&lines("pair.insert"));
    expect![[r#"["x","y"]"#]].assert_eq(&schemas["pair.insert"]["required"].to_string());
    expect![[r#"
        id: {"description":"Note:\nThis is a Primary Key.<pk/>","format":"int64","type":"integer"}
        self: {"description":"Note:\nThis is a Foreign Key to `child.id`.<fk table='child' column='id'/>","format":"int64","type":["integer","null"]}
        x: {"description":"Note:\nThis is a Foreign Key to `pair.x`.<fk table='pair' column='x'/>","format":"int32","type":["integer","null"]}
        y: {"description":"Note:\nThis is a Foreign Key to `pair.y`.<fk table='pair' column='y'/>","type":["string","null"]}
    "#]].assert_eq(&lines("child"));
    // A view's columns have the types of the table's, where they are such columns.
    expect![[r#"
        bytes: {"type":["string","null"]}
        doc: {}
        id: {"description":"Note:\nThis is a Primary Key.<pk/>","format":"int64","type":"integer"}
        letters: {}
        loud: {}
        next: {}
        txt: {"type":["string","null"]}
    "#]]
    .assert_eq(&lines("seen"));
    // What is computed cannot be written.
    assert!(schemas["zoo.insert"]["properties"]["twice"].is_null());
    assert!(schemas["zoo.update"]["properties"]["low"].is_null());
}

#[test]
fn defaults_and_listed_values_are_told_where_they_are_constants() {
    let house = House::of(
        "create table x (
           id integer not null primary key, plain text default 'its', quote text default 'it''s', sum text default ('a' || 'b'),
           yes boolean default true, one smallint default -1, half numeric default 0.5,
           empty text default null, doc jsonb default '{\"a\":1}', at date default current_date,
           many integer default 1, tags text[] default '[\"a\"]', days date[] not null, odd integer default true, kind text check (kind in ('a', 'b''c')) check (kind <> 'a'),
           [Size] varchar(5) not null check (\"size\" in ('s')), number integer check (number in (1, 2)),
           loose text check (loose in ('a') or loose is null), other text check (kind in ('z')),
           word text check (word not in ('a')), two text check (two in ('a', lower('B'))));",
        "create policy p on x for all to authenticated using (true) with check (true);",
    );
    let (document, _) = described(&house, User(ADA));
    let columns = &document["components"]["schemas"]["x.insert"]["properties"];
    let lines: String = columns
        .as_object()
        .expect("columns")
        .iter()
        .map(|(name, column)| format!("{name}: {column}\n"))
        .collect();
    expect![[r#"
        Size: {"maxLength":5,"type":"string"}
        at: {"format":"date","type":["string","null"]}
        days: {"items":{"format":"date","type":["string","null"]},"type":"array"}
        doc: {"default":{"a":1}}
        empty: {"type":["string","null"]}
        half: {"default":0.5,"format":"decimal","type":["number","null"]}
        id: {"format":"int64","type":"integer"}
        kind: {"enum":["a","b'c",null],"type":["string","null"]}
        loose: {"type":["string","null"]}
        many: {"default":1,"format":"int32","type":["integer","null"]}
        number: {"format":"int32","type":["integer","null"]}
        odd: {"format":"int32","type":["integer","null"]}
        one: {"default":-1,"format":"int16","type":["integer","null"]}
        other: {"type":["string","null"]}
        plain: {"default":"its","type":["string","null"]}
        quote: {"type":["string","null"]}
        sum: {"type":["string","null"]}
        tags: {"default":["a"],"items":{"type":["string","null"]},"type":["array","null"]}
        two: {"type":["string","null"]}
        word: {"type":["string","null"]}
        yes: {"default":true,"type":["boolean","null"]}
    "#]]
    .assert_eq(&lines);
}

#[test]
fn a_status_that_is_described_is_one_of_the_table() {
    let (document, text) = described(&House::demo(), Service);
    let statuses: BTreeSet<String> =
        Code::ALL.iter().map(|code| code.status().to_string()).collect();
    let mut seen = 0;
    for item in document["paths"].as_object().expect("paths").values() {
        for operation in item.as_object().expect("verbs").values() {
            for status in keys(&operation["responses"]) {
                let is_refusal = status.starts_with(['4', '5']);
                assert!(!is_refusal || statuses.contains(&status), "{status}");
                seen += usize::from(is_refusal);
            }
        }
    }
    assert!(seen > 50, "{seen} {text}");
}

const FUNCTIONS: &str = "
    create function adding(one integer, two bigint default 2) returns bigint language sql immutable
      as $$ select one + two $$;
    create function zq_hidden(zq_hidden_argument text default 'zq_hidden_default') returns text
      language sql stable as $$ select zq_hidden_argument $$;
    create function all_animals() returns setof zoo language sql stable as $$ select * from zoo $$;
    create function named() returns setof text language sql stable security definer
      as $$ select txt from zoo $$;
    create function counted(\"limit\" integer) returns table (animals integer, name varchar(5))
      language sql stable as $$ select id, short from zoo where id < counted.\"limit\" $$;
    create function forget() returns void language sql as $$ delete from child $$;
    grant execute on function adding to public; grant execute on function named to public;
    grant execute on function all_animals to authenticated;
    grant execute on function counted to authenticated;
    grant execute on function forget to authenticated;";

#[test]
fn functions_are_described_to_those_who_may_call_them() {
    let (schema, policies) = (support::zoo::SCHEMA, support::zoo::POLICIES);
    let house = House::with(schema, catalog_with(schema, policies, FUNCTIONS));
    let called = |caller| -> Vec<String> {
        let (document, text) = described(&house, caller);
        check_references(&document, &document);
        assert_eq!(mentions(&text, "zq_hidden"), caller == Service);
        let paths = document["paths"].as_object().expect("paths");
        let functions = paths.iter().filter(|(path, _)| path.starts_with("/rpc/"));
        functions
            .map(|(path, item)| {
                format!("{path} {}", keys(item).into_iter().collect::<Vec<_>>().join(" "))
            })
            .collect()
    };
    assert_eq!(called(Nobody), ["/rpc/adding get post", "/rpc/named get post"]);
    expect![[r#"
        /rpc/adding get post
        /rpc/all_animals get post
        /rpc/counted get post
        /rpc/forget post
        /rpc/named get post"#]]
    .assert_eq(&called(User(ADA)).join("\n"));
    assert_eq!(called(Service).len(), 6);
    let (document, _) = described(&house, User(ADA));
    let at = |pointer: &str| document.pointer(pointer).map(ToString::to_string).unwrap_or_default();
    expect![[r##"[{"in":"query","name":"one","required":true,"schema":{"format":"int32","type":["integer","null"]}},{"in":"query","name":"two","schema":{"format":"int64","type":["integer","null"]}},{"$ref":"#/components/parameters/select"},{"$ref":"#/components/parameters/order"},{"$ref":"#/components/parameters/limit"},{"$ref":"#/components/parameters/offset"},{"$ref":"#/components/parameters/and"},{"$ref":"#/components/parameters/or"}]"##]].assert_eq(&at("/paths/~1rpc~1adding/get/parameters"));
    expect![[r#"{"content":{"application/json":{"schema":{"additionalProperties":false,"properties":{"one":{"format":"int32","type":["integer","null"]},"two":{"default":2,"format":"int64","type":["integer","null"]}},"required":["one"],"type":"object"}}}}"#]].assert_eq(&at("/paths/~1rpc~1adding/post/requestBody"));
    expect![[r##"[{"in":"query","name":"limit","required":true,"schema":{"format":"int32","type":["integer","null"]}},{"$ref":"#/components/parameters/select"},{"$ref":"#/components/parameters/order"},{"$ref":"#/components/parameters/offset"},{"$ref":"#/components/parameters/and"},{"$ref":"#/components/parameters/or"}]"##]].assert_eq(&at("/paths/~1rpc~1counted/get/parameters"));
    let answer = "/get/responses/200/content/application~1json/schema";
    expect![[r#"{"anyOf":[{"format":"int64","type":["integer","null"]},{"type":"null"}]}"#]]
        .assert_eq(&at(&format!("/paths/~1rpc~1adding{answer}")));
    expect![[r##"{"items":{"$ref":"#/components/schemas/zoo"},"type":"array"}"##]]
        .assert_eq(&at(&format!("/paths/~1rpc~1all_animals{answer}")));
    expect![[r#"{"items":{"type":["string","null"]},"type":"array"}"#]]
        .assert_eq(&at(&format!("/paths/~1rpc~1named{answer}")));
    expect![[r#"{"items":{"properties":{"animals":{"format":"int32","type":["integer","null"]},"name":{"maxLength":5,"type":["string","null"]}},"type":"object"},"type":"array"}"#]].assert_eq(&at(&format!("/paths/~1rpc~1counted{answer}")));
    // A function that is called in the owner's name tells nobody of the owner's tables.
    let (_, text) = described(&house, Nobody);
    assert!(!mentions(&text, "zoo") && !mentions(&text, "txt"), "{text}");
}

/// Names in which the query string, a URL, JSON or OpenAPI sees something of its own.
const NAMES: [&str; 14] = [
    "select",
    "order",
    "and",
    "not",
    "a b",
    "a.b",
    "a-b",
    "a->b",
    "a{b}",
    "a/b?c#d",
    "back\\slash",
    "quo\"te",
    "é",
    "A_2db",
];

#[test]
fn what_is_hard_to_write_is_described_as_it_must_be_sent() {
    let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
    let columns: Vec<String> = NAMES.map(|name| format!("{} text", quoted(name))).to_vec();
    let (mut schema, mut policies) = (String::new(), String::new());
    for name in NAMES {
        let table = quoted(name);
        schema.push_str(&format!("create table {table} ({});", columns.join(", ")));
        policies.push_str(&format!(
            "create policy p on {table} for all to anon using (true) with check (true);"
        ));
    }
    let house = House::of(&schema, &policies);
    let (document, _) = described(&house, Nobody);
    check_references(&document, &document);
    let components = &document["components"];
    for kind in ["parameters", "schemas"] {
        for key in keys(&components[kind]) {
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            assert!(key.chars().all(is_allowed), "{key}");
        }
    }
    let mut filters = 0;
    let mut tables = BTreeSet::new();
    let paths = document["paths"].as_object().expect("paths");
    for (path, item) in paths.iter().filter(|(path, _)| !path.starts_with("/auth/")) {
        let Some(schema) =
            item.pointer("/get/responses/200/content/application~1json/schema/items")
        else {
            continue;
        };
        let pointer = schema["$ref"].as_str().expect("a table's").trim_start_matches('#');
        let schema = document.pointer(pointer).expect("its schema");
        assert_eq!(keys(&schema["properties"]), NAMES.map(str::to_owned).into());
        tables.insert(item["get"]["tags"][0].as_str().expect("a name").to_owned());
        let mut seen = BTreeSet::new();
        for parameter in item["get"]["parameters"].as_array().expect("parameters") {
            let pointer = parameter["$ref"].as_str().expect("shared").trim_start_matches('#');
            let parameter = document.pointer(pointer).expect("a parameter");
            let name = parameter["name"].as_str().expect("its name");
            assert!(seen.insert(name), "{name} is described twice");
            if pointer.contains("/filter.") {
                filters += 1;
                let target = format!("/rest/v1{path}?{}=is.null", encode(name));
                let answer = house.send("GET", &target, &[], b"");
                assert_eq!((answer.status, answer.body.as_str()), (200, "[]"), "{target}");
            }
        }
    }
    assert_eq!(filters, NAMES.len() * NAMES.len());
    assert_eq!(tables, NAMES.map(str::to_owned).into());
}

#[test]
fn nothing_in_it_is_built_from_the_request() {
    let house = House::demo();
    let headers =
        [("host", "evil.example"), ("x-forwarded-host", "evil.example"), ("accept", "x/evil")];
    let answer = house.send("GET", "/rest/v1/openapi.json?evil=evil&select=evil", &headers, b"");
    assert_eq!(answer.status, 200);
    assert!(!answer.body.contains("evil"));
    let url = format!("{}/rest/v1", house.app.config.site_url);
    assert_eq!(answer.json()["servers"][0]["url"], url);
}

/// Tables that refer to each other, with names that occur nowhere else.
const SCHEMA: &str = "
    create table zq_one (zq_one_id integer primary key, zq_one_a text default 'zq_one_a_default',
      zq_one_b text check (zq_one_b in ('zq_one_b_option')),
      zq_one_c text generated always as (lower(zq_one_a)) virtual);
    create table zq_two (zq_two_a integer not null, zq_two_b text not null,
      zq_two_c integer references zq_one (zq_one_id), primary key (zq_two_a, zq_two_b));
    create table zq_three (zq_three_a uuid, zq_three_b text, zq_three_c integer,
      foreign key (zq_three_c, zq_three_b) references zq_two (zq_two_a, zq_two_b));
    create view zq_four as select zq_one_id as zq_four_id, zq_one_a as zq_four_a from zq_one;";

/// A privilege on all columns or some, or none.
fn grant(generator: &mut Generator, table: &Table) -> Option<Grant> {
    let columns = match generator.below(4) {
        0 | 1 => return None,
        2 => None,
        _ => {
            let names = table.columns.iter().map(|column| column.name.clone());
            Some(names.filter(|_| generator.once_in(2)).collect())
        }
    };
    Some(Grant { columns, using: Predicate::always(), check: Predicate::always() })
}

fn access(generator: &mut Generator, table: &Table) -> Access {
    let mut any = || grant(generator, table);
    let whole = |grant: Option<Grant>| grant.map(|grant| Grant { columns: None, ..grant });
    let (select, insert, update, delete) = (any(), any(), any(), whole(any()));
    match table.kind {
        TableKind::Table => Access { select, insert, update, delete },
        TableKind::View => Access { select, ..Access::default() },
    }
}

#[test]
fn a_role_reads_of_what_its_requests_may_name_and_of_nothing_else() {
    let mut generator = Generator::new(0x0a91);
    let (mut told, mut kept) = (0, 0);
    for _ in 0..150 {
        let mut catalog = catalog_of(SCHEMA, "");
        for table in &mut catalog.tables {
            table.anon = access(&mut generator, table);
            table.authenticated = access(&mut generator, table);
        }
        let house = House::with(SCHEMA, catalog);
        for caller in CALLERS {
            let (document, text) = described(&house, caller);
            check_references(&document, &document);
            for table in &house.app.catalog.tables {
                let named = compare(&house, caller, &document, table);
                for name in table.columns.iter().map(|column| &column.name).chain([&table.name]) {
                    let is_told = mentions(&text, name);
                    assert_eq!(is_told, named.contains(name), "{name} for {caller:?}\n{text}");
                    *(if is_told { &mut told } else { &mut kept }) += 1;
                }
            }
        }
    }
    assert!(told > 1000 && kept > 1000, "{told} {kept}");
}

/// Whether a name is part of any word of a text, as in `<name>_default`.
fn mentions(text: &str, name: &str) -> bool {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let is_of = |word: &str| {
        word.strip_prefix(name).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with("_default") || rest.starts_with("_option")
        })
    };
    words.into_iter().any(is_of)
}

/// Holds what is described of a table against what requests are answered; gives the names that may
/// be told.
fn compare(house: &House, caller: Caller, document: &Value, table: &Table) -> BTreeSet<String> {
    let may = |line: &str, body: &str| {
        let answer = house.rest(caller, line, "", body);
        !matches!(answer.code().as_str(), "42501" | "55000")
    };
    let name = &table.name;
    let mut named = BTreeSet::new();
    let mut verbs = BTreeSet::new();
    for (verb, suffix) in [("GET", ""), ("POST", ".insert"), ("PATCH", ".update")] {
        let schema = &document["components"]["schemas"][format!("{name}{suffix}")];
        let mut expected = BTreeSet::new();
        for column in &table.columns {
            let is_reached = if verb == "GET" {
                may(&format!("GET {name}?select={}&limit=0", column.name), "")
            } else {
                let body = format!("{{\"{}\":null}}", column.name);
                !column.generated && may(&format!("{verb} {name}"), &body)
            };
            if is_reached {
                expected.insert(column.name.clone());
            }
        }
        assert_eq!(keys(&schema["properties"]), expected, "{verb} {name} for {caller:?}");
        let required = schema["required"].as_array().into_iter().flatten();
        assert!(required.into_iter().all(|one| expected.contains(one.as_str().unwrap_or(""))));
        named.append(&mut expected);
        // Rows of no columns can be read and inserted too.
        let (target, body) = match verb {
            "GET" => (format!("GET {name}?select="), ""),
            _ => (format!("{verb} {name}"), "{}"),
        };
        if may(&target, body) {
            verbs.insert(verb.to_lowercase());
        }
    }
    let key: Vec<&Column> =
        table.primary_key.iter().filter_map(|column| table.column(column)).collect();
    let filters: Vec<String> = key.iter().map(|column| format!("{}=eq.1", column.name)).collect();
    let members: Vec<String> = key.iter().map(|column| format!("\"{}\":1", column.name)).collect();
    let put = format!("PUT {name}?{}", filters.join("&"));
    if !key.is_empty() && may(&put, &format!("{{{}}}", members.join(","))) {
        verbs.insert("put".into());
    }
    if may(&format!("DELETE {name}"), "") {
        verbs.insert("delete".into());
    }
    assert_eq!(keys(&document["paths"][format!("/{name}")]), verbs, "{name} for {caller:?}");
    if !verbs.is_empty() {
        named.insert(name.clone());
    }
    named
}
