//! Functions on a schema made for breaking out of them: whatever a caller's function reads or writes
//! stands under the caller's policies, an owner's function does not, and what fails leaves nothing.

mod support;

use selvedge::catalog::{Catalog, TableKind};
use support::corridor::Caller::{self, Nobody, Service, User};
use support::corridor::{ADA, ALAN, Answer, GRACE, House, MALLORY, Person, catalog_with};

const SCHEMA: &str = "
create table notes (
  id integer primary key,
  owner_id uuid not null default '00000000-0000-4000-8000-000000000000',
  title varchar(20) not null check (length(title) > 0),
  shared boolean not null default false,
  priority smallint not null default 3,
  worth numeric(6, 2),
  data jsonb,
  unique (owner_id, title)
);
create table tags (
  note_id integer not null references notes (id) on delete cascade,
  tag text not null,
  primary key (note_id, tag)
);
create table ledger (id integer primary key, amount integer not null, payer uuid);
create table salaries (id integer primary key, name text not null, salary integer not null);
create table log (id integer primary key, line text not null);
create trigger no_swearing before insert on tags when new.tag = 'damn'
begin
  select raise(abort, 'not in this house');
end;
";

const POLICIES: &str = "
create policy own on notes to authenticated using (owner_id = auth.uid());
create policy shared on notes for select to anon, authenticated using (shared);
create policy of_own on tags to authenticated
  using (note_id in (select id from notes where owner_id = auth.uid()))
  with check (note_id in (select id from notes where owner_id = auth.uid()));
create policy few on ledger for all to authenticated
  using (payer is null or payer = auth.uid())
  with check ((select count(*) from ledger) < 3 and amount between 0 and 100);
create policy names on salaries for select to authenticated using (true);
revoke select (salary) on salaries from authenticated;
create policy write_only on log for insert to authenticated with check (true);
";

const FUNCTIONS: &str = "
create function all_notes() returns setof notes language sql stable as $$
  select * from notes
$$;
create function titles() returns setof text language sql stable as $$
  select title from notes order by title
$$;
create function count_notes() returns bigint language sql stable as $$
  select count(*) from notes
$$;
create function count_all_notes() returns bigint language sql stable security definer as $$
  select count(*) from notes
$$;
create function note(wanted integer) returns notes language sql stable as $$
  select * from notes where id = wanted
$$;
create function tags_beside(wanted integer) returns table (title text, tags bigint, list jsonb)
language sql stable as $$
  select title, (select count(*) from tags where note_id = notes.id),
    (select coalesce(jsonb_agg(tag), '[]') from tags where note_id = notes.id)
  from notes where id = wanted
$$;
create function whole_table() returns setof salaries language sql stable security definer as $$
  select * from salaries
$$;
create function paid() returns table (name text, salary integer)
language sql stable security definer as $$
  select name, salary from salaries
$$;
create function whoami() returns jsonb language sql stable as $$
  select jsonb_build_object('uid', auth.uid(), 'role', auth.role(), 'email', auth.email())
$$;
create function echo(a text, b jsonb default null, c boolean default true, d bytea default null)
returns table (a text, b jsonb, c boolean, d bytea) language sql stable as $$
  select echo.a, echo.b, echo.c, echo.d
$$;
create function some_notes(ids integer[]) returns setof notes language sql stable as $$
  select * from notes where id = any(ids) order by id
$$;
create function tag_all(ids integer[], tags text[] default '{new}') returns setof tags language sql as $$
  insert into tags select i, t from unnest(ids) as i cross join unnest(tags) as t returning *
$$;
create function add_note(title text, data jsonb default null) returns integer language sql as $$
  insert into notes (owner_id, title, data) values (auth.uid(), title, data) returning id
$$;
create function add_note_for(owner uuid, title text) returns void language sql as $$
  insert into notes (owner_id, title) values (owner, title)
$$;
create function take_over(wanted integer) returns setof notes language sql as $$
  update notes set owner_id = auth.uid() where id = wanted returning *
$$;
create function give_away(wanted integer, receiver uuid) returns void language sql as $$
  update notes set owner_id = receiver where id = wanted
$$;
create function clear() returns setof integer language sql as $$
  delete from notes returning id
$$;
create function clear_all() returns setof integer language sql security definer as $$
  delete from notes returning id
$$;
create function retitle(wanted integer, prefix text) returns notes language sql as $$
  update notes set title = prefix || title, priority = priority * 2 where id = wanted returning *
$$;
create function raise_all(by_how_much integer) returns void language sql as $$
  update notes set priority = priority + by_how_much
$$;
create function copy_tags(source integer, target integer) returns void language sql as $$
  insert into tags select target, tag from tags where note_id = source
$$;
create function add_both(title text, tag text) returns void language sql as $$
  insert into notes (owner_id, title) values (auth.uid(), title);
  insert into tags select id, tag from notes where notes.title = add_both.title
$$;
create function pay(amount integer) returns setof ledger language sql as $$
  insert into ledger (amount, payer) values (amount, auth.uid()) returning *
$$;
create function double_payment(wanted integer) returns integer language sql as $$
  update ledger set amount = amount * 2 where id = wanted returning amount
$$;
create function pay_and_list(amount integer) returns setof ledger language sql as $$
  insert into ledger (amount) values (amount);
  select * from ledger order by id
$$;
create function add_line(line text) returns void language sql as $$
  insert into log (line) values (line)
$$;
create function set_worth(wanted integer, worth numeric) returns numeric language sql as $$
  update notes set worth = set_worth.worth, data = '1.0' where id = wanted returning notes.worth
$$;
grant execute on all functions in schema public to authenticated;
grant execute on function all_notes to anon;
grant execute on function count_notes to anon;
grant execute on function count_all_notes to anon;
grant execute on function whoami to anon;
revoke execute on function clear_all from authenticated;
";

fn house() -> House {
    let house = House::with(SCHEMA, catalog_with(SCHEMA, POLICIES, FUNCTIONS));
    let (Person(ada, _), Person(grace, _)) = (ADA, GRACE);
    house.host.execute(&format!(
        "insert into notes (id, owner_id, title, shared) values
           (1, '{ada}', 'ada one', 0), (2, '{ada}', 'ada two', 1), (3, '{grace}', 'grace', 0);
         insert into tags values (1, 'a'), (3, 'secret');
         insert into salaries values (1, 'Ada', 10);"
    ));
    house
}

fn call(house: &House, caller: Caller, name: &str, body: &str) -> Answer {
    house.rest(caller, &format!("POST rpc/{name}"), "", body)
}

/// Status and code, or status and body.
fn told(answer: &Answer) -> String {
    let code = answer.code();
    let text = if code.is_empty() { &answer.body } else { &code };
    format!("{} {text}", answer.status).trim_end().to_owned()
}

#[track_caller]
fn check(house: &House, caller: Caller, cases: &[(&str, &str, &str)]) {
    for (name, body, expected) in cases {
        let answer = call(house, caller, name, body);
        assert_eq!(told(&answer), *expected, "{name} {body}: {}", answer.body);
    }
}

/// Refusals, after each of which everything is as it was.
#[track_caller]
fn refuses(house: &House, caller: Caller, cases: &[(&str, &str, &str)]) {
    let before = house.host.dump();
    for (name, body, expected) in cases {
        let answer = call(house, caller, name, body);
        assert_eq!(told(&answer), *expected, "{name} {body}: {}", answer.body);
        assert_eq!(house.host.dump(), before, "{name} {body} has left something");
    }
}

#[test]
fn a_callers_function_reads_what_the_caller_may_read() {
    let house = house();
    let ids = "all_notes?select=id&order=id";
    check(
        &house,
        User(ADA),
        &[
            (ids, "{}", r#"200 [{"id":1},{"id":2}]"#),
            ("titles", "", r#"200 ["ada one","ada two"]"#),
            ("titles?limit=1&offset=1", "", r#"200 ["ada two"]"#),
            ("count_notes", "", "200 2"),
            ("count_all_notes", "", "200 3"),
            ("note?select=id", r#"{"wanted":3}"#, "200 null"),
            ("note?select=id,tags(tag)", r#"{"wanted":1}"#, r#"200 {"id":1,"tags":[{"tag":"a"}]}"#),
            (
                "tags_beside",
                r#"{"wanted":1}"#,
                r#"200 [{"title":"ada one","tags":1,"list":["a"]}]"#,
            ),
            ("tags_beside", r#"{"wanted":3}"#, "200 []"),
        ],
    );
    check(
        &house,
        User(GRACE),
        &[
            (ids, "{}", r#"200 [{"id":2},{"id":3}]"#),
            // The note is shared, its tags are not.
            ("note?select=id,tags(tag)", r#"{"wanted":2}"#, r#"200 {"id":2,"tags":[]}"#),
            ("tags_beside", r#"{"wanted":2}"#, r#"200 [{"title":"ada two","tags":0,"list":[]}]"#),
        ],
    );
    check(
        &house,
        Nobody,
        &[
            (ids, "{}", r#"200 [{"id":2}]"#),
            ("count_notes", "", "200 1"),
            ("count_all_notes", "", "200 3"),
            ("whoami", "", r#"200 {"uid":null,"role":"anon","email":null}"#),
            ("all_notes?select=id,tags(tag)", "", "401 42501"),
        ],
    );
    check(
        &house,
        Service,
        &[("count_notes", "", "200 3"), ("titles?limit=1", "", r#"200 ["ada one"]"#)],
    );
}

#[test]
fn whoever_may_not_execute_a_function_learns_nothing_of_it() {
    let house = house();
    refuses(
        &house,
        Nobody,
        &[
            ("titles", "", "401 42501"),
            ("note", r#"{"wanted":2}"#, "401 42501"),
            ("add_note", r#"{"title":"x"}"#, "401 42501"),
            ("clear", "", "401 42501"),
            ("clear_all", "", "401 42501"),
        ],
    );
    refuses(&house, User(ADA), &[("clear_all", "", "403 42501")]);
    house.host.execute("delete from auth_sessions");
    refuses(
        &house,
        User(ADA),
        &[
            ("titles", "", "401 PGRST303"),
            ("add_note", r#"{"title":"x"}"#, "401 PGRST303"),
            ("clear", "", "401 PGRST303"),
        ],
    );
}

#[test]
fn an_owners_function_shows_what_it_declares() {
    let house = house();
    check(
        &house,
        User(ADA),
        &[
            ("paid", "", r#"200 [{"name":"Ada","salary":10}]"#),
            ("paid?salary=gt.10", "", "200 []"),
            // As rows of the table they show what the caller may read of the table.
            ("whole_table?select=id,name", "", r#"200 [{"id":1,"name":"Ada"}]"#),
            ("whole_table", "", "403 42501"),
            ("whole_table?select=salary", "", "403 42501"),
            ("whole_table?select=id&salary=gt.1", "", "403 42501"),
            ("whole_table?select=id&order=salary", "", "403 42501"),
        ],
    );
}

#[test]
fn a_callers_function_writes_what_the_caller_may_write() {
    let house = house();
    let Person(ada, _) = ADA;
    refuses(
        &house,
        User(GRACE),
        &[
            ("add_note_for", &format!(r#"{{"owner":"{ada}","title":"forged"}}"#), "403 42501"),
            ("take_over", r#"{"wanted":1}"#, "200 []"),
            // Shared is to be seen, not to be taken.
            ("take_over", r#"{"wanted":2}"#, "200 []"),
            ("give_away", &format!(r#"{{"wanted":3,"receiver":"{ada}"}}"#), "403 42501"),
            ("give_away", &format!(r#"{{"wanted":1,"receiver":"{ada}"}}"#), "204"),
            ("retitle", r#"{"wanted":2,"prefix":"x"}"#, "200 null"),
            ("copy_tags", r#"{"source":3,"target":1}"#, "403 42501"),
            // What she cannot see she cannot copy.
            ("copy_tags", r#"{"source":1,"target":3}"#, "204"),
        ],
    );
    check(&house, User(GRACE), &[("clear", "", "200 [3]")]);
    check(&house, User(ADA), &[("count_all_notes", "", "200 2")]);
    check(&house, Service, &[("clear_all", "", "200 [1,2]")]);
}

#[test]
fn a_failing_statement_undoes_those_before_it() {
    let house = house();
    refuses(
        &house,
        User(ADA),
        &[
            ("add_both", r#"{"title":"new","tag":"damn"}"#, "400 P0001"),
            ("add_both", r#"{"title":"","tag":"a"}"#, "400 23514"),
            ("add_both", r#"{"title":"ada one","tag":"b"}"#, "409 23505"),
            ("add_both", r#"{"title":"new","tag":null}"#, "400 23502"),
        ],
    );
    house.host.take_usage();
    check(&house, User(ADA), &[("add_both", r#"{"title":"new","tag":"t"}"#, "204")]);
    assert_eq!(house.host.take_usage().round_trips, 1);
    check(
        &house,
        User(ADA),
        &[(
            "all_notes?select=title,tags(tag)&title=eq.new",
            "",
            r#"200 [{"title":"new","tags":[{"tag":"t"}]}]"#,
        )],
    );
}

/// A policy that counts the table is asked before the change, as for any request.
#[test]
fn policies_that_look_around_judge_before_the_change() {
    let house = house();
    check(
        &house,
        User(ADA),
        &[
            ("pay?select=id", r#"{"amount":60}"#, r#"200 [{"id":1}]"#),
            ("double_payment", r#"{"wanted":1}"#, "403 42501"),
            ("pay?select=id", r#"{"amount":40}"#, r#"200 [{"id":2}]"#),
            ("double_payment", r#"{"wanted":2}"#, "200 80"),
            ("pay", r#"{"amount":101}"#, "403 42501"),
            ("pay?select=id", r#"{"amount":1}"#, r#"200 [{"id":3}]"#),
            ("pay", r#"{"amount":1}"#, "403 42501"),
        ],
    );
    check(&house, User(GRACE), &[("double_payment", r#"{"wanted":2}"#, "200 null")]);
}

#[test]
fn a_function_that_writes_and_answers_too_much_has_not_written() {
    let house = house();
    let object = |house: &House, body: &str| {
        let bearer = house.bearer(User(ADA)).expect("a token");
        let headers = [
            ("authorization", bearer.as_str()),
            ("accept", "application/vnd.pgrst.object+json"),
            ("content-type", "application/json"),
        ];
        house.send("POST", "/rest/v1/rpc/pay_and_list?select=amount", &headers, body.as_bytes())
    };
    assert_eq!(told(&object(&house, r#"{"amount":1}"#)), r#"200 {"amount":1}"#);
    let before = house.host.dump();
    assert_eq!(told(&object(&house, r#"{"amount":2}"#)), "406 PGRST116");
    assert_eq!(house.host.dump(), before);
    let strict = |name: &str, most: u32, body: &str| {
        let prefer = format!("handling=strict, max-affected={most}");
        told(&house.rest(User(ADA), &format!("POST rpc/{name}"), &prefer, body))
    };
    assert_eq!(strict("pay_and_list", 1, r#"{"amount":2}"#), "400 PGRST124");
    assert_eq!(strict("clear", 1, ""), "400 PGRST124");
    assert_eq!(strict("add_note", 1, r#"{"title":"x"}"#), "400 PGRST128");
    assert_eq!(house.host.dump(), before);
    assert_eq!(strict("clear", 2, ""), "200 [1,2]");
    assert_eq!(
        strict("pay_and_list?select=amount", 2, r#"{"amount":2}"#),
        r#"200 [{"amount":1},{"amount":2}]"#
    );
}

#[test]
fn what_is_written_fits_its_column() {
    let house = house();
    refuses(
        &house,
        User(ADA),
        &[
            ("retitle", r#"{"wanted":1,"prefix":"fourteen chars"}"#, "400 22001"),
            ("raise_all", r#"{"by_how_much":32767}"#, "400 22003"),
            ("raise_all", r#"{"by_how_much":null}"#, "400 23502"),
            ("add_note", r#"{"title":"longer than twenty characters"}"#, "400 22001"),
            ("add_note", r#"{"title":""}"#, "400 23514"),
            ("add_note", r#"{"title":"ada one"}"#, "409 23505"),
            ("add_note", r#"{"title":null}"#, "400 23502"),
            ("set_worth", r#"{"wanted":1,"worth":"0.1234567890123456"}"#, "400 22003"),
            ("set_worth", r#"{"wanted":1,"worth":9999.995}"#, "400 22003"),
            ("set_worth", r#"{"wanted":1,"worth":-10000}"#, "400 22003"),
        ],
    );
    let id = call(&house, User(ADA), "add_note", r#"{"title":"data","data":1.0}"#).body;
    check(
        &house,
        User(ADA),
        &[
            ("set_worth", r#"{"wanted":1,"worth":12.345}"#, "200 12.35"),
            ("set_worth", r#"{"wanted":1,"worth":-0.005}"#, "200 -0.01"),
            ("set_worth", r#"{"wanted":1,"worth":9999.994}"#, "200 9999.99"),
            ("set_worth", r#"{"wanted":1,"worth":12}"#, "200 12"),
            ("set_worth", r#"{"wanted":1,"worth":12.50}"#, "200 12.5"),
            ("note?select=worth", r#"{"wanted":1}"#, r#"200 {"worth":12.50}"#),
            (
                "retitle?select=title,priority",
                r#"{"wanted":1,"prefix":"> "}"#,
                r#"200 {"title":"> ada one","priority":6}"#,
            ),
            ("note?select=data", &format!(r#"{{"wanted":{id}}}"#), r#"200 {"data":1.0}"#),
            ("note?select=data", r#"{"wanted":1}"#, r#"200 {"data":1.0}"#),
            ("raise_all", r#"{"by_how_much":-1}"#, "204"),
            ("note?select=priority", r#"{"wanted":1}"#, r#"200 {"priority":5}"#),
        ],
    );
}

/// A row that may be written but not read can be written by a function that answers nothing.
#[test]
fn writing_needs_no_right_to_read() {
    let house = house();
    check(&house, User(ADA), &[("add_line", r#"{"line":"x"}"#, "204")]);
    assert_eq!(house.rest(User(ADA), "GET log", "", "").code(), "42501");
}

#[test]
fn arrays_are_lists_of_values() {
    let house = house();
    check(
        &house,
        User(ADA),
        &[
            ("some_notes?select=id", r#"{"ids":[1,2,3]}"#, r#"200 [{"id":1},{"id":2}]"#),
            ("some_notes?select=id", r#"{"ids":"{2,3}"}"#, r#"200 [{"id":2}]"#),
            ("some_notes?select=id", r#"{"ids":[]}"#, "200 []"),
            ("some_notes", r#"{"ids":["x"]}"#, "400 22P02"),
            ("some_notes", r#"{"ids":{"a":1}}"#, "400 22P02"),
            (
                "tag_all",
                r#"{"ids":[1,2]}"#,
                r#"200 [{"note_id":1,"tag":"new"},{"note_id":2,"tag":"new"}]"#,
            ),
            (
                "tag_all",
                r#"{"ids":[1],"tags":["x","y"]}"#,
                r#"200 [{"note_id":1,"tag":"x"},{"note_id":1,"tag":"y"}]"#,
            ),
        ],
    );
    refuses(
        &house,
        User(ADA),
        &[
            ("tag_all", r#"{"ids":[2,3],"tags":["z"]}"#, "403 42501"),
            ("tag_all", r#"{"ids":[2],"tags":["z","damn"]}"#, "400 P0001"),
            ("tag_all", r#"{"ids":[2],"tags":[null]}"#, "400 23502"),
        ],
    );
    let get = house.rest(User(ADA), "GET rpc/some_notes?ids={1,2}&select=id", "", "");
    assert_eq!(told(&get), r#"200 [{"id":1},{"id":2}]"#);
}

#[test]
fn arguments_are_values_and_nothing_else() {
    let house = house();
    let hostile = r#"'); drop table notes; -- "\" {row} {uid} ?1 $1 %"#;
    let sent = serde_json::json!({ "a": hostile, "b": { "x": [1.0, null, hostile] }, "c": false });
    let answer = call(&house, User(ADA), "echo", &sent.to_string());
    let row = &answer.json()[0];
    assert_eq!((&row["a"], &row["b"], &row["c"]), (&sent["a"], &sent["b"], &sent["c"]));
    check(
        &house,
        User(ADA),
        &[
            ("echo", r#"{"a":null}"#, r#"200 [{"a":null,"b":null,"c":true,"d":null}]"#),
            ("echo?select=b", r#"{"a":"","b":1.0}"#, r#"200 [{"b":1.0}]"#),
            ("echo?select=b", r#"{"a":"","b":"x"}"#, r#"200 [{"b":"x"}]"#),
            ("echo?select=d", r#"{"a":"","d":"\\xAB"}"#, r#"200 [{"d":"\\xab"}]"#),
            ("echo", r#"{"a":"","d":"\\xA"}"#, "400 22P02"),
            ("echo?select=d", r#"{"a":"","d":"AB"}"#, r#"200 [{"d":"\\x4142"}]"#),
            ("echo", r#"{"a":"","c":"perhaps"}"#, "400 22P02"),
            ("echo", r#"{"a":"","e":1}"#, "404 PGRST202"),
            ("echo", r#"{"a":""#, "400 PGRST102"),
            ("echo?a=eq.x", r#"{"a":"x"}"#, r#"200 [{"a":"x","b":null,"c":true,"d":null}]"#),
            ("echo?a=eq.y", r#"{"a":"x"}"#, "200 []"),
        ],
    );
    // In the query string of a GET an argument's name is the argument's.
    let get = |target: &str| told(&house.rest(User(ADA), &format!("GET rpc/{target}"), "", ""));
    assert_eq!(get("echo?a=eq.x&select=a"), r#"200 [{"a":"eq.x"}]"#);
    assert_eq!(get("echo?a=x&c=f&select=a,c"), r#"200 [{"a":"x","c":false}]"#);
    assert_eq!(get("echo?a=x&a=y&select=a"), r#"200 [{"a":"y"}]"#);
    assert_eq!(get(r#"echo?a=x&b={"k":[1]}&select=x:b->k->>0"#), r#"200 [{"x":"1"}]"#);
    assert_eq!(get("echo?a=x&b={&select=b"), "400 22P02");
    assert_eq!(get("echo?a=x&select=("), "400 PGRST100");
    assert_eq!(get("echo?a=x&order=a.sideways"), "400 PGRST100");
    assert_eq!(get("echo?a=x&nothing=eq.1"), "400 42703");
    assert_eq!(get("echo?a=x&nothing=1"), "404 PGRST202");
    assert_eq!(get("note?wanted=1&select=id&id=eq.2"), "200 null");
    assert_eq!(get("add_note?title=x"), "405 25006");
}

/// The demo's catalog with a function for everything that is done to a whole table, executed by
/// everybody who has signed in.
fn catalog_with_functions() -> Catalog {
    let demo = House::demo().app.catalog;
    let mut functions = String::new();
    let mut add = |name: String, returns: String, body: String| {
        functions.push_str(&format!(
            "create function {name}() returns {returns} language sql {body};
             grant execute on function {name} to authenticated;\n"
        ));
    };
    for table in &demo.tables {
        let (name, first) = (&table.name, &table.columns[0].name);
        let void = || "void".to_owned();
        add(
            format!("all_{name}"),
            format!("setof {name}"),
            format!("stable as $$ select * from {name} $$"),
        );
        if table.kind == TableKind::View {
            continue;
        }
        add(format!("clear_{name}"), void(), format!("as $$ delete from {name} $$"));
        add(
            format!("thin_{name}"),
            void(),
            format!("as $$ delete from {name} where {first} > 0 $$"),
        );
        if let Some((.., set)) = UPDATES.iter().find(|(table, ..)| table == name) {
            add(format!("update_{name}"), void(), format!("as $$ update {name} set {set} $$"));
        }
    }
    catalog_with(include_str!("../schema.sql"), include_str!("../policies.sql"), &functions)
}

fn demo_with(catalog: &Catalog) -> House {
    let mut house = House::demo();
    house.app.catalog = catalog.clone();
    house
}

/// A change for some tables: as the body of a request, and as SQL.
const UPDATES: [(&str, &str, &str); 5] = [
    ("projects", r#"{"archived": true}"#, "archived = true"),
    ("members", r#"{"role": "viewer"}"#, "role = 'viewer'"),
    ("tasks", r#"{"project_id": 2}"#, "project_id = 2"),
    ("comments", r#"{"body": "x"}"#, "body = 'x'"),
    ("project_notes", r#"{"body": "x"}"#, "body = 'x'"),
];

/// A function that does what a request does sees what the request sees.
#[test]
fn functions_and_requests_see_the_same() {
    let house = demo_with(&catalog_with_functions());
    let queries = [
        "select=*",
        "limit=1&offset=1",
        "project_id=eq.1",
        "select=*,tasks(id,comments(body))",
        "select=*,projects!inner(name,members(user_id))&projects.archived=is.false",
        "id=gt.1&order=id.desc",
    ];
    let mut compared = 0;
    for person in [ADA, GRACE, ALAN, MALLORY] {
        for table in &house.app.catalog.tables {
            for query in queries {
                let ask = |path: &str| {
                    let line = format!("GET {path}{}?{query}", table.name);
                    house.rest(User(person), &line, "count=exact", "")
                };
                let (request, call) = (ask(""), ask("rpc/all_"));
                assert_eq!(told(&call), told(&request), "{}?{query} by {}", table.name, person.1);
                assert_eq!(call.header("content-range"), request.header("content-range"));
                compared += usize::from(call.status < 300 && call.body != "[]");
            }
        }
    }
    assert!(compared > 50, "{compared} answers had rows");
}

/// And it is allowed what the request is allowed, and no more.
#[test]
fn functions_and_requests_do_the_same() {
    let catalog = catalog_with_functions();
    let mut changed = 0;
    for person in [ADA, GRACE, ALAN] {
        for table in catalog.tables.iter().filter(|table| table.kind == TableKind::Table) {
            let (table, first) = (&table.name, &table.columns[0].name);
            let mut changes = vec![
                (format!("DELETE {table}"), "", format!("clear_{table}")),
                (format!("DELETE {table}?{first}=gt.0"), "", format!("thin_{table}")),
            ];
            if let Some((_, body, _)) = UPDATES.iter().find(|(name, ..)| name == table) {
                changes.push((format!("PATCH {table}"), body, format!("update_{table}")));
            }
            for (line, body, function) in changes {
                let (by_request, by_call) = (demo_with(&catalog), demo_with(&catalog));
                let before = by_call.host.dump();
                let request = by_request.rest(User(person), &line, "", body);
                let call = call(&by_call, User(person), &function, "");
                assert_eq!(told(&call), told(&request), "{line} by {}", person.1);
                let after = by_call.host.dump();
                assert_eq!(after, by_request.host.dump(), "{line} by {}", person.1);
                changed += usize::from(after != before);
            }
        }
    }
    assert!(changed > 10, "{changed} functions changed something");
}

#[test]
fn what_a_function_has_changed_is_left_out_by_an_inner_embed() {
    let house = house();
    let body = r#"{"ids":[1,2],"tags":["new"]}"#;
    let ask = |query: &str, accept: &str, body: &str| {
        let line = format!("POST rpc/{query}");
        told(&house.rest_as(User(ADA), &line, &[("accept", accept)], body))
    };
    // Both are tagged. That they are told apart by what they belong to is the answer's affair.
    let select = "tag_all?select=note_id,notes!inner(shared)";
    assert_eq!(
        ask(select, "", body),
        r#"200 [{"note_id":1,"notes":{"shared":false}},{"note_id":2,"notes":{"shared":true}}]"#
    );
    assert_eq!(house.host.query("select count(*) from tags").as_deref(), Some("4"));
    house.host.execute("delete from tags where tag <> 'secret'; insert into tags values (1, 'a')");
    // To whom a tag's note is hidden, that is none.
    let take_over = "take_over?select=id,tags!inner(tag)";
    assert_eq!(ask(take_over, "", r#"{"wanted":1}"#), r#"200 [{"id":1,"tags":[{"tag":"a"}]}]"#);
    assert_eq!(ask(take_over, "", r#"{"wanted":2}"#), "200 []");
    let object = "application/vnd.pgrst.object+json";
    assert_eq!(ask(take_over, object, r#"{"wanted":2}"#), "406 PGRST116");
    assert_eq!(ask(take_over, object, r#"{"wanted":1}"#), r#"200 {"id":1,"tags":[{"tag":"a"}]}"#);
    // What answers one row answers none.
    let retitle = "retitle?select=title,tags!inner()";
    assert_eq!(ask(retitle, "", r#"{"wanted":2,"prefix":"x "}"#), "200 null");
    assert_eq!(ask(retitle, "", r#"{"wanted":1,"prefix":"x "}"#), r#"200 {"title":"x ada one"}"#);
    assert_eq!(
        house.host.query("select title from notes where id = 2").as_deref(),
        Some("x ada two")
    );
}
