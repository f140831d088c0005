//! What the compiled conditions let through on a real SQLite: each test says who sees which rows.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use selvedge::catalog::{Access, Catalog, Claim, Piece, Predicate};
use selvedge::compiler::{Source, Sources, compile};

const ANN: &str = "00000000-0000-4000-8000-00000000000a";
const BOB: &str = "00000000-0000-4000-8000-00000000000b";
const EVE: &str = "00000000-0000-4000-8000-00000000000e";

/// Who asks: the four claims, and the role whose access counts.
#[derive(Clone, Copy)]
struct Who<'a> {
    uid: Option<&'a str>,
    role: &'a str,
    jwt: &'a str,
}

const ANONYMOUS: Who<'static> = Who { uid: None, role: "anon", jwt: "{}" };

const fn user(uid: &str) -> Who<'_> {
    Who { uid: Some(uid), role: "authenticated", jwt: "{}" }
}

struct Fixture {
    connection: Connection,
    catalog: Catalog,
}

/// Compiles, and makes a database of the schema with the given rows.
fn fixture(schema: &str, policies: &str, rows: &str) -> Fixture {
    let migration = include_str!("../migrations/0001_auth.sql");
    let source = |name: &str, text: &str| Source { name: name.into(), text: text.into() };
    let sources = Sources {
        migration: source("migration", migration),
        schema: source("schema.sql", schema),
        policies: source("policies.sql", policies),
        functions: source("functions.sql", ""),
    };
    let compiled = compile(&sources).unwrap_or_else(|report| panic!("{report}"));
    let connection = Connection::open_in_memory().expect("SQLite opens");
    connection.execute_batch("pragma foreign_keys = on").expect("a pragma");
    for sql in [migration, schema, rows] {
        connection.execute_batch(sql).expect("the fixture's SQL");
    }
    Fixture { connection, catalog: compiled.catalog }
}

fn demo() -> Fixture {
    fixture(
        include_str!("../schema.sql"),
        include_str!("../policies.sql"),
        &format!(
            "insert into auth_users (id, created_at, updated_at)
               values ('{ANN}', 1, 1), ('{BOB}', 1, 1), ('{EVE}', 1, 1);
             insert into projects (id, name, owner_id) values (1, 'one', '{ANN}'), (2, 'two', '{EVE}');
             insert into members values (1, '{BOB}', 'viewer');
             insert into tasks (id, project_id, title) values (1, 1, 'a'), (2, 1, 'b'), (3, 2, 'c');
             update tasks set done = true where id = 2;
             insert into comments (id, task_id, author_id, body)
               values (1, 1, '{ANN}', 'x'), (2, 1, '{BOB}', 'y'), (3, 3, '{EVE}', 'z');
             insert into labels (id, project_id, name) values (1, 1, 'l'), (2, 2, 'm');
             insert into task_labels values (1, 1), (3, 2);"
        ),
    )
}

impl Fixture {
    fn access(&self, table: &str, who: Who<'_>) -> &Access {
        let table = self.catalog.table(table).expect("the table is served");
        if who.role == "anon" { &table.anon } else { &table.authenticated }
    }

    /// The first column of the rows that a condition lets through.
    fn rows(&self, table: &str, predicate: &Predicate, who: Who<'_>) -> Vec<i64> {
        let filled: String = predicate
            .pieces()
            .iter()
            .map(|piece| match piece {
                Piece::Sql(text) => text.as_str(),
                Piece::Row => "t0",
                Piece::Claim(Claim::Uid) => "?1",
                Piece::Claim(Claim::Role) => "?2",
                Piece::Claim(Claim::Email) => "?3",
                Piece::Claim(Claim::Jwt) => "?4",
                Piece::Argument(_) => panic!("a policy has no arguments"),
            })
            .collect();
        let filled = if predicate.is_always() { "true".to_owned() } else { filled };
        let text = |text: Option<&str>| text.map_or(Value::Null, |text| Value::Text(text.into()));
        let claims = [text(who.uid), text(Some(who.role)), Value::Null, text(Some(who.jwt))];
        let sql = format!(
            "select * from \"{table}\" as t0 where ({filled}) and coalesce(?1, ?2, ?3, ?4) <> ''
             order by 1"
        );
        let mut statement = self.connection.prepare(&sql).expect("the condition prepares");
        let rows = statement.query_map(params_from_iter(claims), |row| row.get(0));
        rows.expect("it runs").collect::<Result<_, _>>().expect("it yields integers")
    }

    #[track_caller]
    fn sees(&self, table: &str, who: Who<'_>, expected: &[i64]) {
        let grant = self.access(table, who).select.as_ref().expect("the privilege");
        assert_eq!(self.rows(table, &grant.using, who), expected, "{table}");
    }

    #[track_caller]
    fn may_update(&self, table: &str, who: Who<'_>, old: &[i64], new: &[i64]) {
        let grant = self.access(table, who).update.as_ref().expect("the privilege");
        assert_eq!(self.rows(table, &grant.using, who), old, "{table}, old rows");
        assert_eq!(self.rows(table, &grant.check, who), new, "{table}, new rows");
    }

    #[track_caller]
    fn may_insert(&self, table: &str, who: Who<'_>, expected: &[i64]) {
        let grant = self.access(table, who).insert.as_ref().expect("the privilege");
        assert!(grant.using.is_always());
        assert_eq!(self.rows(table, &grant.check, who), expected, "{table}");
    }

    #[track_caller]
    fn may_delete(&self, table: &str, who: Who<'_>, expected: &[i64]) {
        let grant = self.access(table, who).delete.as_ref().expect("the privilege");
        assert!(grant.check.is_always());
        assert_eq!(self.rows(table, &grant.using, who), expected, "{table}");
    }
}

#[test]
fn the_demo_is_closed_to_nobody() {
    let demo = demo();
    for table in &demo.catalog.tables {
        assert_eq!(table.anon, Access::default(), "{}", table.name);
    }
}

#[test]
fn members_of_the_demo_see_their_projects_only() {
    let demo = demo();
    for (who, projects, tasks, comments, open, labels, task_labels) in [
        (ANN, &[1][..], &[1, 2][..], &[1, 2][..], &[1][..], &[1][..], &[1][..]),
        (BOB, &[1], &[1, 2], &[1, 2], &[1], &[1], &[1]),
        (EVE, &[2], &[3], &[3], &[3], &[2], &[3]),
        ("00000000-0000-4000-8000-0000000000ff", &[], &[], &[], &[], &[], &[]),
    ] {
        let who = user(who);
        demo.sees("projects", who, projects);
        demo.sees("tasks", who, tasks);
        demo.sees("comments", who, comments);
        demo.sees("open_tasks", who, open);
        demo.sees("labels", who, labels);
        demo.sees("task_labels", who, task_labels);
    }
}

#[test]
fn without_a_uid_nobody_sees_anything() {
    let demo = demo();
    let nobody = Who { uid: None, ..user("") };
    for table in &demo.catalog.tables {
        demo.sees(&table.name, nobody, &[]);
    }
}

#[test]
fn viewers_of_the_demo_write_nothing_but_their_comments() {
    let demo = demo();
    demo.may_update("tasks", user(BOB), &[], &[]);
    demo.may_insert("tasks", user(BOB), &[]);
    demo.may_delete("tasks", user(BOB), &[]);
    demo.may_update("tasks", user(ANN), &[1, 2], &[1, 2]);
    demo.may_insert("comments", user(BOB), &[2]);
    demo.may_delete("comments", user(BOB), &[2]);
    demo.may_insert("comments", user(EVE), &[3]);
}

#[test]
fn owners_of_the_demo_choose_members_but_stay() {
    let demo = demo();
    // Project 1 has its owner and one viewer; only the viewer can be removed.
    demo.sees("members", user(ANN), &[1, 1]);
    demo.may_delete("members", user(ANN), &[1]);
    demo.may_delete("members", user(BOB), &[]);
    demo.may_delete("members", user(EVE), &[]);
    demo.sees("project_notes", user(BOB), &[]);
}

const NOTES: &str = "create table notes (
  id integer primary key, owner_id uuid, topic text, is_public boolean not null default false);";

const NOTE_ROWS: &str = "insert into notes values
  (1, '00000000-0000-4000-8000-00000000000a', 'x', 1),
  (2, '00000000-0000-4000-8000-00000000000a', 'y', 0),
  (3, '00000000-0000-4000-8000-00000000000b', 'x', 0),
  (4, null, null, 0);";

#[test]
fn permissive_policies_add_up_and_restrictive_ones_cut() {
    let policies = "
        create policy own on notes for select to authenticated using (owner_id = auth.uid());
        create policy shared on notes for select using (is_public);
        create policy topic on notes as restrictive for select to authenticated using (topic = 'x');";
    let notes = fixture(NOTES, policies, NOTE_ROWS);
    notes.sees("notes", user(ANN), &[1]);
    notes.sees("notes", user(BOB), &[1, 3]);
    notes.sees("notes", ANONYMOUS, &[1]);
    assert_eq!(notes.access("notes", user(ANN)).insert, None);
}

#[test]
fn an_or_in_a_policy_does_not_leak_past_a_restrictive_one() {
    let policies = "
        create policy wide on notes for select using (id = 1 or id = 3 or true and id = 4);
        create policy none on notes as restrictive for select using (false or id > 3 or id = 3);";
    let notes = fixture(NOTES, policies, NOTE_ROWS);
    notes.sees("notes", user(ANN), &[3, 4]);
}

#[test]
fn restrictive_policies_alone_let_nothing_through() {
    let policies = "create policy only on notes as restrictive for all using (true);";
    let notes = fixture(NOTES, policies, NOTE_ROWS);
    notes.sees("notes", user(ANN), &[]);
    notes.may_insert("notes", user(ANN), &[]);
    notes.may_update("notes", user(ANN), &[], &[]);
    notes.may_delete("notes", ANONYMOUS, &[]);
}

#[test]
fn a_grant_without_a_policy_lets_nothing_through() {
    let notes = fixture(NOTES, "grant all on notes to anon, authenticated;", NOTE_ROWS);
    notes.sees("notes", user(ANN), &[]);
    notes.may_insert("notes", ANONYMOUS, &[]);
}

#[test]
fn a_condition_that_is_null_lets_nothing_through() {
    let policies = "create policy own on notes for select using (owner_id <> auth.uid());
        create policy cut on notes as restrictive for select using (not topic = 'y');";
    let notes = fixture(NOTES, policies, NOTE_ROWS);
    notes.sees("notes", ANONYMOUS, &[]);
    notes.sees("notes", user(EVE), &[1, 3]);
}

#[test]
fn new_rows_are_judged_by_with_check_or_else_by_using() {
    let policies = "
        create policy all_own on notes for all to authenticated using (owner_id = auth.uid());
        create policy publish on notes for update to authenticated
          using (topic = 'x') with check (is_public);";
    let notes = fixture(NOTES, policies, NOTE_ROWS);
    notes.may_insert("notes", user(ANN), &[1, 2]);
    notes.may_update("notes", user(ANN), &[1, 2, 3], &[1, 2]);
    notes.may_update("notes", user(BOB), &[1, 3], &[1, 3]);
    notes.may_delete("notes", user(BOB), &[3]);
}

#[test]
fn a_sub_select_obeys_the_policies_of_what_it_reads() {
    let schema = "
        create table teams (id integer primary key, is_open boolean not null);
        create table members (team_id integer not null, user_id uuid not null,
          primary key (team_id, user_id));
        create table posts (id integer primary key, team_id integer not null);";
    let policies = "
        create policy own on members for select to authenticated using (user_id = auth.uid());
        create policy open on teams for select to authenticated using (is_open);
        create policy joined on posts for select to authenticated
          using (team_id in (select teams.id from teams left join members on members.team_id = teams.id
                             where members.user_id is not null));
        create policy lonely on posts for delete to authenticated
          using (not exists (select 1 from members where members.team_id = posts.team_id));
        create policy all_teams on posts for insert to authenticated
          with check ((select count(*) from teams) = 1);";
    let rows = format!(
        "insert into teams values (1, true), (2, false), (3, true);
         insert into members values (1, '{ANN}'), (2, '{ANN}'), (1, '{BOB}');
         insert into posts values (10, 1), (20, 2), (30, 3);
         delete from teams where id = 3;"
    );
    let fixture = fixture(schema, policies, &rows);
    // Team 2 is closed, so not even its member reaches its posts through it.
    fixture.sees("posts", user(ANN), &[10]);
    fixture.sees("posts", user(EVE), &[]);
    // A hidden row does not exist, for better or worse: that is what Postgres answers, too.
    fixture.may_delete("posts", user(BOB), &[20, 30]);
    fixture.may_insert("posts", user(EVE), &[10, 20, 30]);
}

#[test]
fn policies_of_policies_apply_at_any_depth() {
    let schema = "
        create table a (id integer primary key, owner_id uuid);
        create table b (id integer primary key, a_id integer);
        create table c (id integer primary key, b_id integer);";
    let policies = "
        create policy a on a for select to authenticated using (owner_id = auth.uid());
        create policy b on b for select to authenticated using (a_id in (select id from a));
        create policy c on c for select to authenticated
          using (exists (select * from (select id as key from b) as x where x.key = b_id));";
    let rows = format!(
        "insert into a values (1, '{ANN}'), (2, '{BOB}');
         insert into b values (1, 1), (2, 2);
         insert into c values (1, 1), (2, 2), (3, 9);"
    );
    let fixture = fixture(schema, policies, &rows);
    fixture.sees("c", user(ANN), &[1]);
    fixture.sees("c", user(BOB), &[2]);
    fixture.sees("c", user(EVE), &[]);
}

#[test]
fn claims_of_the_token_can_be_asked() {
    let policies = "
        create policy admins on notes for select to authenticated
          using (auth.jwt() -> 'app_metadata' ->> 'role' = 'admin');
        create policy topics on notes for select to authenticated
          using (topic in (select jsonb_array_elements_text(auth.jwt() -> 'topics')));";
    let notes = fixture(NOTES, policies, NOTE_ROWS);
    let with = |jwt| Who { jwt, ..user(ANN) };
    notes.sees("notes", with(r#"{"app_metadata":{"role":"admin"}}"#), &[1, 2, 3, 4]);
    notes.sees("notes", with(r#"{"user_metadata":{"role":"admin"}}"#), &[]);
    notes.sees("notes", with(r#"{"topics":["x"]}"#), &[1, 3]);
    notes.sees("notes", with(r#"{"topics":[]}"#), &[]);
}

#[test]
fn grants_with_columns_narrow_what_a_policy_implies() {
    let policies = "
        create policy everyone on notes for all using (true);
        grant select (id, topic) on notes to anon;
        grant select (is_public) on notes to anon;
        revoke insert, delete on notes from anon;
        revoke update (id) on notes from public;";
    let notes = fixture(NOTES, policies, NOTE_ROWS);
    let anon = notes.access("notes", ANONYMOUS);
    let columns = |grant: &Option<selvedge::catalog::Grant>| {
        grant.as_ref().and_then(|grant| grant.columns.clone()).unwrap_or_default().join(" ")
    };
    assert_eq!(columns(&anon.select), "id topic is_public");
    assert_eq!(columns(&anon.update), "owner_id topic is_public");
    assert_eq!((&anon.insert, &anon.delete), (&None, &None));
    let user = notes.access("notes", user(ANN));
    assert!(user.select.as_ref().is_some_and(|grant| grant.columns.is_none()));
    assert!(user.select.as_ref().is_some_and(|grant| grant.covers("owner_id")));
}

#[test]
fn expected_names_of_checks_are_those_sqlite_reports() {
    let schema = r#"create table t (
        id integer primary key,
        a integer check ( a  /* c */ > 0
          and a < 9 ) ,
        "b c" integer check ("b c" <> 7),
        d text constraint "d is short" check (length(d) < 3),
        e text check ('x' <> e),
        check ((a + 1) <> 3 /* why */)
    );"#;
    let fixture = fixture(schema, "grant select on t to anon;", "");
    let checks = &fixture.catalog.table("t").expect("t").checks;
    let values = ["a", "\"b c\"", "d", "e", "a"].into_iter().zip(["0", "7", "'abc'", "'x'", "2"]);
    assert_eq!(checks.len(), 5);
    for ((column, value), check) in values.zip(checks) {
        let insert = format!("insert into t ({column}) values ({value})");
        let error = fixture.connection.execute_batch(&insert).expect_err("the check fails");
        let quoted = error.to_string();
        let quoted = quoted.split_once("failed: ").map(|(_, quoted)| quoted.to_owned());
        let expected = if check.name == "d is short" { &check.name } else { &check.expression };
        assert_eq!(quoted.as_ref(), Some(expected));
    }
}

#[test]
fn conditions_of_the_demo_are_answered_from_indexes() {
    let demo = demo();
    let grant = demo.access("tasks", user(ANN)).select.as_ref().expect("the privilege");
    let filled: String = grant
        .using
        .pieces()
        .iter()
        .map(|piece| match piece {
            Piece::Sql(text) => text.as_str(),
            Piece::Row => "t0",
            Piece::Claim(_) => "?1",
            Piece::Argument(_) => panic!("a policy has no arguments"),
        })
        .collect();
    let sql = format!("explain query plan select id from tasks as t0 where {filled}");
    let mut statement = demo.connection.prepare(&sql).expect("it prepares");
    let rows = statement.query_map([ANN], |row| row.get::<_, String>(3)).expect("it runs");
    let plan: Vec<String> = rows.collect::<Result<_, _>>().expect("texts");
    // The derived table in which a policy stands is flattened away.
    assert!(plan.iter().any(|step| step.contains("members_user_id")), "{plan:#?}");
    assert!(!plan.iter().any(|step| step.contains("MATERIALIZE")), "{plan:#?}");
    assert!(!plan.iter().any(|step| step.contains("SCAN members")), "{plan:#?}");
}

#[test]
fn texts_in_json_are_texts_and_patterns_mind_case() {
    let fixture = fixture(
        "create table t (id integer primary key, data jsonb, note text);
         create table n (id integer primary key, note text);",
        "create policy a on t for select to authenticated using (
           data ->> 'locked' <> 'true' and note like 'Ab_%'
         );
         create policy b on n for select to authenticated using (
           cast(note as integer) >= 0
         );",
        r#"insert into t values
             (1, '{"locked": true}', 'Abc'), (2, '{"locked": false}', 'Abc'),
             (3, '{"locked": "true"}', 'Abc'), (4, '{}', 'Abc'),
             (5, '{"locked": 1}', 'abc'), (6, '{"locked": 1}', 'Ab'), (7, '{"locked": 1}', 'Abcd');
           insert into n values (1, '7'), (2, ' +07 '), (3, '-7'), (4, null);"#,
    );
    let somebody = user("11111111-1111-4111-8111-111111111111");
    fixture.sees("t", somebody, &[2, 7]);
    fixture.sees("n", somebody, &[1, 2]);
}
