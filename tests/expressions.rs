//! What an expression of a policy or a function cannot compute: the request fails with PostgreSQL's code,
//! and no row is answered or written.

mod support;

use support::corridor::Caller::{Nobody, User};
use support::corridor::{ADA, Answer, House, catalog_with, compiled};

const SCHEMA: &str = "
create table items (
  id integer primary key,
  number integer,
  text text,
  day date,
  data jsonb
);
";

const ROWS: &str = "
insert into items values (1, 0, 'x', '2026-01-31', '{\"n\": 1}'), (2, 2, '7', '9999-12-31', '{\"n\": \"a\"}');
";

/// A policy of that condition on all rows, and an open one for inserts and deletes.
fn house(condition: &str) -> House {
    let policies = format!(
        "create policy read on items for select to authenticated using ({condition});
         create policy add on items for insert to authenticated with check ({condition});
         create policy remove on items for delete to authenticated using (true);"
    );
    let house = House::with(SCHEMA, catalog_with(SCHEMA, &policies, ""));
    house.host.execute(ROWS);
    house
}

#[track_caller]
fn fails(answer: &Answer, code: &str, message: &str) {
    assert_eq!((answer.status, answer.code()), (400, code.to_owned()), "{}", answer.body);
    assert!(answer.body.contains(message), "{} has not: {message}", answer.body);
}

#[test]
fn what_cannot_be_computed_fails_with_the_code_of_postgres() {
    for (condition, code, message) in [
        ("10 / number > 1", "22012", "division by zero"),
        ("10.0 / number > 1", "22012", "division by zero"),
        ("number % number = 0", "22012", "division by zero"),
        ("number + 2147483647 > 0", "22003", "integer out of range"),
        ("text::integer > 3", "22P02", "invalid input syntax for type integer"),
        ("text::boolean is not true", "22P02", "invalid input syntax for type boolean"),
        ("coalesce(text::uuid, auth.uid()) = auth.uid()", "22P02", "type uuid"),
        ("text::date > '2026-01-01'", "22007", "invalid input syntax for type date"),
        ("(data -> 'n')::integer > 0", "22023", "cannot cast this jsonb value to type integer"),
        ("substr(text, 1, number - 1) = ''", "22011", "negative substring length not allowed"),
        ("split_part(text, 'x', number) = ''", "22023", "field position must not be zero"),
        ("day + 1 > '2026-01-01'", "22008", "date out of range"),
        ("day + interval '1 day' > now()", "22008", "timestamp out of range"),
        ("(number + 10)::numeric(1, 0) > 0", "22003", "numeric field overflow"),
    ] {
        let house = house(condition);
        let before = house.host.dump();
        fails(&house.rest(User(ADA), "GET items", "", ""), code, message);
        // What is computed of no row fails for none.
        let none = house.rest(User(ADA), "GET items?id=eq.3", "", "");
        assert_eq!((none.status, none.body.as_str()), (200, "[]"), "{condition}");
        assert_eq!(house.host.dump(), before);
    }
}

#[test]
fn a_new_row_that_cannot_be_judged_is_not_written() {
    let house = house("text::integer > 3");
    house.host.execute("delete from items");
    let before = house.host.dump();
    let row = r#"{"id": 3, "text": "many"}"#;
    fails(&house.rest(User(ADA), "POST items", "", row), "22P02", "type integer");
    assert_eq!(house.host.dump(), before);
    let both = r#"[{"id": 3, "text": "4"}, {"id": 4, "text": "many"}]"#;
    fails(&house.rest(User(ADA), "POST items", "", both), "22P02", "type integer");
    assert_eq!(house.host.dump(), before);
    assert_eq!(house.rest(User(ADA), "POST items", "", r#"{"id": 3, "text": "4"}"#).status, 201);
}

#[test]
fn a_failure_tells_no_value_of_a_row() {
    let house = house("text::integer > 3");
    house.host.execute("update items set text = 'secret of somebody'");
    let answer = house.rest(User(ADA), "GET items", "", "");
    assert!(!answer.body.contains("secret"), "{}", answer.body);
}

#[test]
fn a_sub_select_of_several_rows_is_no_value() {
    let functions = "
        create function one() returns integer language sql stable as $$
          select (select id from items)
        $$;
        grant execute on function one to authenticated;";
    let policies = "create policy read on items for select to authenticated using (true);";
    let house = House::with(SCHEMA, catalog_with(SCHEMA, policies, functions));
    house.host.execute(ROWS);
    let answer = house.rest(User(ADA), "POST rpc/one", "", "{}");
    fails(&answer, "21000", "more than one row returned by a subquery");
    house.host.execute("delete from items where id = 2");
    assert_eq!(house.rest(User(ADA), "POST rpc/one", "", "{}").body, "1");
}

#[test]
fn several_rows_are_no_value_however_they_are_written() {
    let functions = "
        create function discount(x integer) returns integer language sql stable as $$ select x $$;
        create function ids() returns setof integer language sql stable security definer as $$
          select id from others
        $$;";
    let schema = format!("{SCHEMA} create table others (id integer primary key);");
    for value in [
        "(select discount(id) from others)",
        "(select id || 'max(' from others)",
        "(select (select count(*) from others b where b.id = a.id) from others a)",
        "(select a.id from others a where a.id = discount(a.id))",
        "(select unnest(array[1, 2]))",
        "(select jsonb_array_elements('[1, 2]'::jsonb))",
        "(select ids() order by 1)",
        "(select id from others union select id + 1 from others)",
    ] {
        let policies = format!(
            "create policy read on items for select to authenticated using ({value} is not null);
             create policy read on others for select to authenticated using (true);"
        );
        let house = House::with(&schema, catalog_with(&schema, &policies, functions));
        house.host.execute(ROWS);
        house.host.execute("insert into others values (1), (2)");
        let answer = house.rest(User(ADA), "GET items", "", "");
        fails(&answer, "21000", "more than one row returned by a subquery");
    }
}

#[test]
fn null_comes_after_all_values() {
    for (query, admits) in [
        ("select number from others order by number limit 1", false),
        ("select number from others order by number desc limit 1", true),
        ("select number from others order by number nulls first limit 1", true),
        ("select number from others order by number desc nulls last limit 1", false),
    ] {
        let schema = format!("{SCHEMA} create table others (number integer);");
        let policies = format!(
            "create policy read on items for select to authenticated using (({query}) is null);
             create policy read on others for select to authenticated using (true);"
        );
        let house = House::with(&schema, catalog_with(&schema, &policies, ""));
        house.host.execute(ROWS);
        house.host.execute("insert into others values (1), (null), (2)");
        let body = house.rest(User(ADA), "GET items?select=id", "", "").body;
        assert_eq!(body == "[]", !admits, "{query}: {body}");
    }
}

#[test]
fn an_enum_in_the_order_of_texts_and_its_text_are_sorted() {
    let schema = "
        create type mood as enum ('sad', 'ok', 'happy');
        create type grade as enum ('a', 'b', 'c');
        create table items (id integer primary key, m mood, g grade);";
    for (condition, admitted) in [
        ("g < 'b'", "[{\"id\":1}]"),
        ("greatest(g, 'b') = 'c'", "[{\"id\":2}]"),
        ("m::text < 'ok'", "[{\"id\":2}]"),
        ("m = 'ok'", "[{\"id\":1}]"),
        ("m in ('sad', 'ok') and g <> 'c'", "[{\"id\":1}]"),
    ] {
        let policies =
            format!("create policy read on items for select to authenticated using ({condition});");
        let project = compiled(schema, &policies, "");
        let house = House::with(&project.schema, project.catalog);
        house.host.execute("insert into items values (1, 'ok', 'a'), (2, 'happy', 'c')");
        let body = house.rest(User(ADA), "GET items?select=id", "", "").body;
        assert_eq!(body, admitted, "{condition}");
    }
}

/// How SQLite reads a table under a policy of that condition.
fn plan(condition: &str) -> String {
    let schema =
        "create table items (id integer primary key, at timestamptz, due date, owner_id uuid,
          price numeric(10, 2), status text);
        create index items_at on items (at);
        create index items_due on items (due);
        create index items_owner on items (owner_id);
        create index items_price on items (price);
        create index items_status on items (status);";
    let policies =
        format!("create policy read on items for select to authenticated using ({condition});");
    let house = House::with(schema, catalog_with(schema, &policies, ""));
    let answer = house.rest(User(ADA), "GET items?select=price", "", "");
    assert_eq!(answer.status, 200, "{condition}: {}", answer.body);
    house.host.query_plan()
}

#[test]
fn a_column_that_sorts_as_its_type_does_is_found_by_its_index() {
    for (condition, index) in [
        ("at > now() - interval '7 days'", "items_at"),
        ("at between '2026-01-01' and now()", "items_at"),
        ("at >= date_trunc('month', now())", "items_at"),
        ("due > current_date - 7", "items_due"),
        ("due <= now()", "items_due"),
        ("owner_id = auth.uid()", "items_owner"),
        ("owner_id = (auth.jwt() ->> 'sub')::uuid", "items_owner"),
        ("owner_id in ('00000000-0000-4000-8000-000000000001', auth.uid())", "items_owner"),
        ("price > 3", "items_price"),
        ("price = 3.50", "items_price"),
        ("status = 'open'", "items_status"),
        ("status = auth.jwt() ->> 'status'", "items_status"),
        ("status like 'op%'", "items_status"),
    ] {
        let plan = plan(condition);
        assert!(plan.contains(index), "{condition}: {plan}");
    }
}

#[test]
fn names_within_what_an_expression_is_written_as_are_not_those_of_tables() {
    for table in ["l", "r", "i", "j", "k", "n", "item"] {
        let schema = format!(
            "create table \"{table}\" (id integer primary key, value text[], key jsonb, type text, atom text);"
        );
        let policies = format!(
            "create policy read on \"{table}\" for select to authenticated using (true);
             create policy change on \"{table}\" for update to authenticated
               using (value @> array['a'] and array['a', 'b'] && value and key ? 'x' and key @> '[\"x\"]'
                 and key || '[\"y\"]' @> '[\"y\"]' and key::text like '%x%')
               with check (true);"
        );
        let house = House::with(&schema, catalog_with(&schema, &policies, ""));
        house.host.execute(&format!(
            "insert into \"{table}\" (id, value, key) values
               (1, '[\"a\"]', '[\"x\"]'), (2, '[\"b\"]', '[\"x\"]'), (3, '[\"a\"]', '[\"z\"]')"
        ));
        let answer = house.rest(
            User(ADA),
            &format!("PATCH {table}?select=id&id=gt.0"),
            "return=representation",
            r#"{"type": "changed"}"#,
        );
        assert_eq!((answer.status, answer.body.as_str()), (200, r#"[{"id":1}]"#), "{table}");
    }
}

#[test]
fn a_default_that_is_a_claim_is_filled_in_from_the_token() {
    let schema = "create table public.notes (
        id integer primary key,
        owner uuid not null default auth.uid(),
        role text not null default (auth.jwt() ->> 'role'),
        team text default (auth.jwt() ->> 'team'),
        exp text default auth.jwt() ->> 'exp');";
    let policies = "create policy own on notes for all to authenticated
        using (owner = auth.uid()) with check (role = 'authenticated' and team is null);";
    let project = compiled(schema, policies, "");
    let house = House::with(&project.schema, project.catalog);
    let insert = |body: &str| {
        house.rest(User(ADA), "POST notes?select=role,team,exp", "return=representation", body)
    };
    let answer = insert(r#"{"id": 1}"#);
    assert_eq!(answer.status, 201, "{}", answer.body);
    assert!(
        answer.body.starts_with(r#"[{"role":"authenticated","team":null,"exp":"1"#),
        "{}",
        answer.body
    );
    // What is sent counts, and the policy judges it.
    assert_eq!(insert(r#"{"id": 2, "role": "admin"}"#).status, 403);
    assert_eq!(insert(r#"{"id": 2, "team": "red"}"#).status, 403);
    let nobody = house.rest(Nobody, "POST notes", "", r#"{"id": 2}"#);
    assert_eq!(nobody.status, 401, "{}", nobody.body);
}
