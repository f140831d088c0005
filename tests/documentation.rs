//! The SQL of the documentation compiles, and does what the pages say.

mod support;

use serde_json::{Value, json};

use selvedge::compiler::{Compiled, Report, Source, Sources, compile};
use support::corridor::Caller::{Nobody, User};
use support::corridor::{ADA, ALAN, Answer, Caller, GRACE, House};

const POLICIES: &str = include_str!("../docs/policies.md");
const FUNCTIONS: &str = include_str!("../docs/functions.md");
const CHANGES: &str = include_str!("../CHANGELOG.md");

const FILES: [&str; 3] = ["schema.sql", "policies.sql", "functions.sql"];

/// The project that the blocks of SQL of a page are together: its three files.
fn project(page: &str) -> [String; 3] {
    let mut files = [const { String::new() }; 3];
    for block in page.split("```sql\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        let mut file = None;
        for line in block.lines() {
            let named = FILES.iter().position(|name| {
                line.strip_prefix("-- ").is_some_and(|rest| rest.split(':').next() == Some(*name))
            });
            file = named.or(file);
            let file = file.unwrap_or_else(|| panic!("the block names no file: {block}"));
            files[file].push_str(line);
            files[file].push('\n');
        }
    }
    files
}

fn try_compile([schema, policies, functions]: &[String; 3]) -> Result<Compiled, Report> {
    let source = |name: &str, text: &str| Source { name: name.into(), text: text.into() };
    compile(&Sources {
        migration: source("migrations/0001_auth.sql", include_str!("../migrations/0001_auth.sql")),
        schema: source("schema.sql", schema),
        policies: source("policies.sql", policies),
        functions: source("functions.sql", functions),
    })
}

#[track_caller]
fn house(files: &[String; 3]) -> House {
    let compiled = try_compile(files).unwrap_or_else(|report| panic!("{report}"));
    let warnings = compiled.report.lines();
    assert!(warnings.is_empty(), "{}", warnings.join("\n"));
    House::with(&compiled.schema, compiled.catalog)
}

/// The rows of the table below a heading, whose first cell is code; cells without their quotes.
fn rows(page: &str, heading: &str) -> Vec<Vec<String>> {
    let (_, section) = page.split_once(&format!("# {heading}\n")).expect("the heading");
    let section = section.split("\n#").next().unwrap_or_default();
    let row = |line: &str| {
        let line = line.trim_start_matches("| ").trim_end_matches(" |");
        let unquote = |cell: &str| {
            let code = cell.strip_prefix('`').and_then(|code| code.strip_suffix('`'));
            // Only a cell that is code as a whole loses its quotes.
            code.filter(|code| !code.contains('`')).unwrap_or(cell).replace("\\|", "|")
        };
        line.split(" | ").map(unquote).collect()
    };
    section.lines().filter(|line| line.starts_with("| `")).map(row).collect()
}

#[track_caller]
fn returns(house: &House, caller: Caller, line: &str, expected: &Value) {
    let answer = house.rest(caller, line, "", "");
    assert_eq!((answer.status, &answer.json()), (200, expected), "{caller:?} {line}");
}

#[track_caller]
fn rejects(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code().as_str()), (status, code), "{answer:?}");
}

const TEAMS: &str = "
    insert into teams (id, name) values (1, 'Loom'), (2, 'Dye');
    insert into team_members (team_id, user_id, role) values
      (1, '11111111-1111-4111-8111-111111111111', 'admin'),
      (1, '22222222-2222-4222-8222-222222222222', 'member'),
      (2, '33333333-3333-4333-8333-333333333333', 'member');
    insert into documents (id, user_id, team_id, title, is_public) values
      (1, '11111111-1111-4111-8111-111111111111', 1, 'shared', 0),
      (2, '33333333-3333-4333-8333-333333333333', 2, 'public', 1),
      (3, '33333333-3333-4333-8333-333333333333', 2, 'others', 0);";

#[test]
fn policies_of_the_page_admit_what_it_says() {
    let house = house(&project(POLICIES));
    house.host.execute(TEAMS);
    let titles = |titles: &[&str]| {
        Value::from(titles.iter().map(|title| json!({ "title": title })).collect::<Vec<_>>())
    };
    let line = "GET documents?select=title&order=id";
    returns(&house, Nobody, line, &titles(&["public"]));
    returns(&house, User(GRACE), line, &titles(&["shared", "public"]));
    returns(&house, User(ALAN), line, &titles(&["public", "others"]));
    returns(&house, User(GRACE), "GET teams?select=name", &json!([{ "name": "Loom" }]));
    let roles = json!([{ "role": "admin" }, { "role": "member" }]);
    returns(&house, User(GRACE), "GET team_members?select=role&order=role", &roles);
    returns(&house, User(GRACE), "GET payments", &json!([]));
    house.host.execute("update documents set expires_at = '2026-01-01T00:00:00.000000+00:00'");
    returns(&house, Nobody, line, &titles(&[]));
}

#[test]
fn policies_of_the_page_hide_and_reject_the_rest() {
    let house = house(&project(POLICIES));
    house.host.execute(TEAMS);
    let before = house.host.dump();
    let document = json!({ "title": "mine", "user_id": ADA.0 }).to_string();
    rejects(&house.rest(User(GRACE), "POST documents", "", &document), 403, "42501");
    rejects(&house.rest(Nobody, "POST documents", "", &document), 401, "42501");
    rejects(&house.rest(Nobody, "GET teams", "", ""), 401, "42501");
    let payment = json!({ "title": "mine" }).to_string();
    rejects(&house.rest(User(ADA), "POST payments", "", &payment), 403, "42501");
    let member = json!({ "team_id": 1, "user_id": ALAN.0 }).to_string();
    rejects(&house.rest(User(GRACE), "POST team_members", "", &member), 403, "42501");
    let role = json!({ "role": "admin" }).to_string();
    let line = "PATCH team_members?team_id=eq.1";
    assert_eq!(house.rest(User(GRACE), line, "", &role).status, 204);
    for helper in ["is_team_member", "teams_of_user"] {
        let answer = house.rest(User(ADA), &format!("POST rpc/{helper}"), "", "{}");
        rejects(&answer, 404, "PGRST202");
    }
    assert_eq!(house.host.dump(), before);
    assert_eq!(house.rest(User(ADA), "POST team_members", "", &member).status, 201);
}

#[test]
fn a_policy_that_reads_its_own_table_does_not_build() {
    let [schema, policies, functions] = project(POLICIES);
    for condition in [
        "team_id in (select team_id from team_members where role = 'admin')",
        "exists (select 1 from teams where id = team_id and private.is_team_member(id)) \
         and team_id in (select m.team_id from team_members m)",
    ] {
        let own = format!("create policy own on team_members for select using ({condition});");
        let report = try_compile(&[schema.clone(), format!("{policies}{own}"), functions.clone()])
            .expect_err("recursion");
        let lines = report.lines().join("\n");
        assert!(lines.contains("infinite recursion"), "{lines}");
        assert!(lines.contains("security definer"), "{lines}");
    }
}

/// The page's project with one more policy, on documents.
fn with_condition(condition: &str) -> [String; 3] {
    let [schema, mut policies, functions] = project(POLICIES);
    policies.push_str(&format!(
        "create policy tried on documents for select to authenticated using ({condition});"
    ));
    [schema, policies, functions]
}

#[test]
fn what_the_pages_say_not_to_build_does_not_and_the_error_says_what_to_write() {
    let tables =
        [rows(POLICIES, "What does not build"), rows(CHANGES, "Expressions that no longer build")];
    for rows in tables {
        assert!(rows.len() > 10, "{}", rows.len());
        for row in rows {
            let [condition, help] = row.as_slice() else { panic!("two cells: {row:?}") };
            let report = try_compile(&with_condition(condition)).expect_err(condition);
            let lines = report.lines().join("\n");
            assert_eq!(report.errors_count(), 1, "{condition}\n{lines}");
            let bare = |text: &str| text.replace('`', "");
            assert!(bare(&lines).contains(&bare(help)), "{condition}: {help}\n{lines}");
        }
    }
}

#[test]
fn expressions_that_fail_answer_the_code_of_the_page() {
    let rows = rows(POLICIES, "When an expression fails");
    assert!(rows.len() > 6, "{}", rows.len());
    for row in rows {
        let [condition, code, _] = row.as_slice() else { panic!("three cells: {row:?}") };
        let house = house(&with_condition(condition));
        house.host.execute(TEAMS);
        house.host.execute(
            "update documents set data = '{\"level\":\"high\"}', is_public = 0,
             expires_at = '2026-01-01T00:00:00.000000+00:00'",
        );
        let before = house.host.dump();
        rejects(&house.rest(User(GRACE), "GET documents", "", ""), 400, code);
        assert_eq!(house.host.dump(), before);
    }
}

const PROJECTS: &str = "
    insert into projects (id, owner_id, name) values
      (1, '11111111-1111-4111-8111-111111111111', 'Loom'),
      (2, '33333333-3333-4333-8333-333333333333', 'Dye');
    insert into members values
      (1, '11111111-1111-4111-8111-111111111111'), (1, '22222222-2222-4222-8222-222222222222');
    insert into tasks (id, project_id, title, done) values
      (1, 1, 'warp', 1), (2, 1, 'weft', 0), (3, 2, 'madder', 0);";

#[test]
fn functions_of_the_page_return_what_it_says() {
    let house = house(&project(FUNCTIONS));
    house.host.execute(PROJECTS);
    let call = |caller, name: &str, arguments: &Value| {
        house.rest(caller, &format!("POST rpc/{name}"), "", &arguments.to_string())
    };
    let project = json!({ "project": 1 });
    assert_eq!(call(User(GRACE), "progress", &project).json(), json!(50));
    // Under the policies of who calls it.
    assert_eq!(call(User(ALAN), "progress", &project).json(), Value::Null);
    let weft = json!([{ "title": "weft", "projects": { "name": "Loom" } }]);
    returns(&house, User(GRACE), "GET rpc/open_tasks?select=title,projects(name)", &weft);
    let workload = json!([{ "project_id": 1, "project": "Loom", "open_tasks": 1 }]);
    assert_eq!(call(User(ADA), "workload", &json!({})).json(), workload);
    assert_eq!(call(User(ADA), "workload", &json!({ "least": 2 })).json(), json!([]));
    let by_id = call(User(ADA), "tasks_by_id", &json!({ "ids": [2, 3] }));
    assert_eq!(by_id.json().as_array().map(Vec::len), Some(1));
    let plan = house.host.query_plan();
    assert!(plan.contains("SEARCH p0 USING INTEGER PRIMARY KEY"), "{plan}");
    let name = json!({ "project": 1, "name": "Great Loom" });
    assert_eq!(call(User(ADA), "rename_project", &name).json()["name"], "Great Loom");
    assert_eq!(call(User(GRACE), "leave_project", &project).status, 204);
    assert_eq!(house.host.query("select count(*) from members").as_deref(), Some("1"));
}

#[test]
fn functions_of_the_page_reject_the_rest() {
    let house = house(&project(FUNCTIONS));
    house.host.execute(PROJECTS);
    let before = house.host.dump();
    let call = |caller, name: &str, arguments: &Value| {
        house.rest(caller, &format!("POST rpc/{name}"), "", &arguments.to_string())
    };
    let project = json!({ "project": 1 });
    rejects(&call(Nobody, "progress", &project), 401, "42501");
    rejects(&call(User(ADA), "is_member", &project), 404, "PGRST202");
    rejects(&call(User(ADA), "progress", &json!({ "project": "x" })), 400, "22P02");
    rejects(&house.rest(User(ADA), "GET rpc/leave_project?project=1", "", ""), 405, "25006");
    let name = json!({ "project": 1, "name": "Mine" });
    assert_eq!(call(User(GRACE), "rename_project", &name).json(), Value::Null);
    assert_eq!(call(User(ALAN), "leave_project", &project).status, 204);
    let task = json!({ "project_id": 1, "title": "unravel" }).to_string();
    rejects(&house.rest(User(ALAN), "POST tasks", "", &task), 403, "42501");
    assert_eq!(house.host.dump(), before);
}

#[test]
fn the_readme_compiles() {
    let house = house(&project(include_str!("../README.md")));
    let note = json!({ "owner_id": GRACE.0, "body": "x" }).to_string();
    rejects(&house.rest(User(ADA), "POST notes", "", &note), 403, "42501");
}
