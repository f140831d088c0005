//! Schemas as PostgreSQL writes them, executed and served.

mod support;

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use selvedge::compiler::{Compiled, Report, Source, Sources, compile};
use selvedge::identity::Role;
use support::corridor::Caller::{Nobody, Service, User};
use support::corridor::{ADA, Answer, Caller, GRACE, House, compiled};

const REPRESENTATION: &str = "return=representation";

fn sources(schema: &str, policies: &str) -> Sources {
    let source = |name: &str, text: &str| Source { name: name.into(), text: text.into() };
    Sources {
        migration: source("migrations/0001_auth.sql", include_str!("../migrations/0001_auth.sql")),
        schema: source("schema.sql", schema),
        policies: source("policies.sql", policies),
        functions: source("functions.sql", ""),
    }
}

fn translated(schema: &str) -> Result<Compiled, Report> {
    compile(&sources(schema, ""))
}

const NOTES: &str = "
    create table public.notes (
      id bigint generated always as identity primary key,
      user_id uuid default auth.uid() not null references auth.users on delete cascade,
      kind note_kind not null default 'short'::note_kind,
      body text not null check (char_length(body) > 2)
    );
    create type public.note_kind as enum ('short', 'long');
    create policy own on public.notes for all to authenticated
      using (user_id = auth.uid()) with check (user_id = auth.uid());
    create policy anyone on public.notes for insert to anon with check (true);";

fn post(house: &House, caller: Caller, line: &str, prefer: &str, body: &Value) -> Answer {
    house.rest(caller, line, prefer, &body.to_string())
}

#[test]
fn a_default_of_the_callers_id_is_the_callers() {
    let house = House::of(NOTES, "");
    let line = "POST notes?select=user_id,body";
    let answer = post(&house, User(ADA), line, REPRESENTATION, &json!({ "body": "one" }));
    assert_eq!((answer.status, answer.json()), (201, json!([{ "user_id": ADA.0, "body": "one" }])));
    let many = json!([{ "body": "two" }, { "body": "three" }]);
    let answer = post(&house, User(GRACE), line, REPRESENTATION, &many);
    assert_eq!(answer.json()[1]["user_id"], GRACE.0);
    let some = json!([{ "body": "four" }, { "body": "five", "user_id": ADA.0 }]);
    let prefer = "return=representation,missing=default";
    let line = "POST notes?select=user_id,body&columns=user_id,body";
    let answer = post(&house, User(ADA), line, prefer, &some);
    assert_eq!(answer.json()[0]["user_id"], ADA.0, "{answer:?}");
    assert_eq!(house.host.query("select count(*) from notes").as_deref(), Some("5"));
}

#[test]
fn a_default_of_the_callers_id_opens_nothing() {
    let house = House::of(NOTES, "");
    let before = house.host.dump();
    let named = "POST notes?columns=user_id,body";
    for (caller, line, prefer, body, status, code) in [
        (User(ADA), "POST notes", "", json!({ "body": "one", "user_id": GRACE.0 }), 403, "42501"),
        (User(ADA), "POST notes", "", json!({ "body": "one", "user_id": null }), 403, "42501"),
        // Without `missing=default`, a column that is named and left out is null.
        (User(ADA), named, "", json!({ "body": "one" }), 403, "42501"),
        (Nobody, "POST notes", "", json!({ "body": "one" }), 400, "23502"),
        (Service, "POST notes", "", json!({ "body": "one" }), 400, "23502"),
        (Service, named, "missing=default", json!({ "body": "one" }), 400, "23502"),
    ] {
        let answer = post(&house, caller, line, prefer, &body);
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{caller:?} {body}");
    }
    assert_eq!(house.host.dump(), before);
}

#[test]
fn a_function_fills_in_the_callers_id_too() {
    let functions = "create function note(words text) returns notes language sql as $$
        insert into notes (body) values (words) returning * $$;
        grant execute on all functions in schema public to authenticated;";
    let compiled = compiled(NOTES, "", functions);
    let house = House::with(&compiled.schema, compiled.catalog);
    let answer = post(&house, User(GRACE), "POST rpc/note", "", &json!({ "words": "here" }));
    assert_eq!((answer.status, &answer.json()["user_id"]), (200, &json!(GRACE.0)), "{answer:?}");
}

#[test]
fn values_of_an_identity_are_chosen_by_the_database() {
    let house = House::of(NOTES, "");
    post(&house, User(ADA), "POST notes", "", &json!({ "body": "one" }));
    let before = house.host.dump();
    for (line, body) in [
        ("POST notes", json!({ "id": 7, "body": "two" })),
        ("PATCH notes?id=eq.1", json!({ "id": 7 })),
    ] {
        for caller in [User(ADA), Service] {
            let answer = post(&house, caller, line, "", &body);
            assert_eq!((answer.status, answer.code().as_str()), (400, "428C9"), "{answer:?}");
        }
    }
    assert_eq!(house.host.dump(), before);
    let answer = house.rest(User(ADA), "GET notes?select=id", "", "");
    assert_eq!(answer.json(), json!([{ "id": 1 }]));
}

#[test]
fn an_enum_holds_its_values_alone() {
    let house = House::of(NOTES, "");
    let refused = post(&house, User(ADA), "POST notes", "", &json!({ "body": "one", "kind": "?" }));
    assert_eq!((refused.status, refused.code().as_str()), (400, "23514"), "{refused:?}");
    let short = post(&house, User(ADA), "POST notes", "", &json!({ "body": "no" }));
    assert_eq!((short.status, short.code().as_str()), (400, "23514"), "{short:?}");
    let kind = "POST notes?select=kind";
    let answer = post(&house, User(ADA), kind, REPRESENTATION, &json!({ "body": "one" }));
    assert_eq!(answer.json(), json!([{ "kind": "short" }]));
    let table = house.app.catalog.table("notes").expect("it is served");
    assert_eq!(table.column("kind").expect("a column").options, ["short", "long"]);
}

const PROFILES: &str = "
    create table public.profiles (
      id uuid references auth.users on delete cascade primary key,
      full_name text not null check (char_length(full_name) >= 3)
    );
    create trigger on_auth_user_created after insert on auth.users
    begin
      insert into public.profiles (id, full_name)
      values (new.id, new.raw_user_meta_data ->> 'full_name');
    end;
    create policy own on profiles for select using (auth.uid() = id);";

fn sign_up(house: &House, email: &str, data: &Value) -> Answer {
    let key = support::corridor::key(&house.app.config, Role::Anon);
    let body = json!({ "email": email, "password": "correct horse battery staple", "data": data });
    let headers = [("apikey", key.as_str()), ("content-type", "application/json")];
    house.send("POST", "/auth/v1/signup", &headers, body.to_string().as_bytes())
}

#[test]
fn a_sign_up_makes_a_profile_or_nothing_at_all() {
    let compiled = compiled(PROFILES, "", "");
    // People of other tests have no name, so they are entered before there is a trigger.
    let house = House::with("", compiled.catalog);
    house.host.execute(&compiled.schema);
    let answer = sign_up(&house, "new@example.com", &json!({ "full_name": "New Person" }));
    assert_eq!(answer.status, 200, "{answer:?}");
    let name = house.host.query("select full_name from profiles");
    assert_eq!(name.as_deref(), Some("New Person"));
    let before = house.host.dump();
    for (email, data) in [
        ("other@example.com", json!({})),
        ("other@example.com", json!({ "full_name": "N" })),
        ("third@example.com", json!({ "full_name": null })),
    ] {
        let answer = sign_up(&house, email, &data);
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (500, &json!("unexpected_failure")),
            "{answer:?}"
        );
        for secret in ["profiles", "full_name", "CHECK", "NOT NULL"] {
            assert!(!answer.body.contains(secret), "{answer:?}");
        }
    }
    let accounts = |dump: &str| dump.lines().filter(|line| line.contains("example.com")).count();
    assert_eq!(accounts(&house.host.dump()), accounts(&before));
    let answer = sign_up(&house, "other@example.com", &json!({ "full_name": "Other" }));
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// Every other request that makes a user, with what the trigger refuses.
#[test]
fn no_request_that_makes_a_user_leaves_half_of_one() {
    let compiled = compiled(PROFILES, "", "");
    let mut house = House::with("", compiled.catalog);
    house.host.execute(&compiled.schema);
    let settings = [("EXTERNAL_ANONYMOUS_USERS_ENABLED", "true"), ("MAILER_AUTOCONFIRM", "false")];
    house.app.config = support::config_with(&settings);
    let tables = ["auth_users", "auth_sessions", "profiles"];
    let count = |house: &House| {
        tables.map(|table| house.host.query(&format!("select count(*) from {table}")))
    };
    let before = count(&house);
    let anon = support::corridor::key(&house.app.config, Role::Anon);
    let service = support::corridor::key(&house.app.config, Role::ServiceRole);
    let password = "correct horse battery staple";
    let email = "half@example.com";
    for (key, address, body) in [
        (&anon, "/auth/v1/signup", json!({ "email": email, "password": password })),
        (&anon, "/auth/v1/signup", json!({})),
        (&anon, "/auth/v1/otp", json!({ "email": email, "create_user": true })),
        (&service, "/auth/v1/admin/users", json!({ "email": email, "password": password })),
        (&service, "/auth/v1/invite", json!({ "email": email })),
        (
            &service,
            "/auth/v1/admin/generate_link",
            json!({ "type": "signup", "email": email, "password": password }),
        ),
    ] {
        let bearer = format!("Bearer {key}");
        let headers = [
            ("apikey", key.as_str()),
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        let answer = house.send("POST", address, &headers, body.to_string().as_bytes());
        let code = answer.json()["code"].clone();
        assert_eq!(
            (answer.status, code),
            (500, json!("unexpected_failure")),
            "{address} {answer:?}"
        );
        assert_eq!(count(&house), before, "{address}");
    }
}

#[test]
fn a_schema_without_anything_of_postgres_stays_as_it_is() {
    for folder in ["tests/compiler/accepted", "tests/from_supabase"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|one| one != "sqlite") {
                continue;
            }
            // What was translated is plain SQLite, and so is not translated again.
            let text = fs::read_to_string(&path).expect("a file");
            let again = translated(&text).unwrap_or_else(|report| panic!("{report}"));
            assert_eq!(again.schema, text, "{}", path.display());
        }
    }
    let demo = include_str!("../schema.sql");
    assert_eq!(translated(demo).expect("it compiles").schema, demo);
}

/// The rows of a table of the documentation: the code in their cells.
fn rows(heading: &str) -> Vec<Vec<String>> {
    let text = include_str!("../docs/from-supabase.md");
    let (_, section) = text.split_once(&format!("\n## {heading}\n")).expect("the heading");
    let section = section.split("\n## ").next().unwrap_or_default();
    let row = |line: &str| {
        let cells = line.split(" | ").map(|cell| {
            let code = cell.trim_matches(|c| c == '|' || c == ' ');
            let code =
                code.strip_prefix('`').and_then(|code| code.strip_suffix('`')).unwrap_or(code);
            code.replace("\\|", "|")
        });
        cells.collect()
    };
    section.lines().filter(|line| line.starts_with("| `")).map(row).collect()
}

/// A line of the documentation as a whole schema.
fn schema_of(line: &str) -> String {
    let statements = ["create", "alter", "comment", "grant", "set", "drop", "insert", "do"];
    let is_statement = statements.iter().any(|word| line.starts_with(&format!("{word} ")));
    let types = "create type mood as enum ('happy', 'sad');";
    let table = "create table t (id bigint, body text, tags text[], done boolean);";
    if line.starts_with("create type") {
        format!("{line}; {table}")
    } else if is_statement {
        format!("{types} {table} {line};")
    } else if line.starts_with("check") || line.starts_with("constraint") {
        format!("create table u (a text, tags text[], data jsonb, n integer, {line});")
    } else {
        format!("{types} create table u (other integer, {line});")
    }
}

#[test]
fn the_documentation_tells_what_is_translated() {
    let rows = rows("What is translated");
    assert!(rows.len() > 25, "{}", rows.len());
    for row in rows {
        let [written, executed] = row.as_slice() else { panic!("two cells: {row:?}") };
        let schema = schema_of(written);
        let compiled = translated(&schema).unwrap_or_else(|report| panic!("{written}\n{report}"));
        if executed == "nothing" {
            assert!(!compiled.schema.contains(written), "{}", compiled.schema);
        } else {
            assert!(compiled.schema.contains(executed), "{executed}\n{}", compiled.schema);
            assert_ne!(compiled.schema, schema, "{written}");
        }
    }
}

#[test]
fn the_documentation_tells_what_to_write_instead() {
    let rows = rows("What to write instead");
    assert!(rows.len() > 15, "{}", rows.len());
    for row in rows {
        let [written, help] = row.as_slice() else { panic!("two cells: {row:?}") };
        let report = translated(&schema_of(written)).expect_err(written);
        let lines = report.lines().join("\n");
        assert!(
            lines.contains(&help.replace('`', ""))
                || lines.replace('`', "").contains(&help.replace('`', "")),
            "{written}: {help}\n{lines}"
        );
        assert_eq!(report.errors_count(), 1, "{written}\n{lines}");
    }
}

/// The triggers that messages show are what SQLite takes.
#[test]
fn the_triggers_that_messages_show_compile_and_run() {
    let case = include_str!("compiler/refused/postgres_triggers.sql");
    let schema = case.strip_prefix("-- schema.sql\n").expect("the first line");
    let schema = schema.split("-- policies.sql").next().expect("the schema");
    let report = translated(schema).expect_err("functions of triggers");
    let shown: Vec<&str> = report
        .diagnostics()
        .iter()
        .filter_map(|one| one.help.as_deref()?.strip_prefix("write\n"))
        .collect();
    assert_eq!(shown.len(), 4, "{shown:#?}");
    let tables = schema.split("create function").next().expect("the tables");
    let log = "create table log (profile_id uuid, at timestamptz);";
    let instead = format!("{tables}\n{log}\n{}", shown.join("\n"));
    let compiled = compiled(&instead, "", "");
    let house = House::with("", compiled.catalog);
    house.host.execute(&compiled.schema);
    let answer = sign_up(&house, "new@example.com", &json!({ "full_name": "New Person" }));
    assert_eq!(answer.status, 200, "{answer:?}");
    house.host.execute("update profiles set updated_at = null");
    house.host.execute("update profiles set full_name = 'Other'");
    for (query, expected) in [
        ("select full_name from profiles", "Other"),
        ("select count(*) from profiles where updated_at like '____-__-__T%+00:00'", "1"),
        ("select count(*) >= 3 from log", "1"),
    ] {
        assert_eq!(house.host.query(query).as_deref(), Some(expected), "{query}");
    }
}
