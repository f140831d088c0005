//! Two worlds that differ only in what Ada may not see: hidden rows, what is in them, and columns that
//! she may not read. Whatever she asks, she is answered the same in both.

use crate::support::corridor::Caller::User;
use crate::support::corridor::{ADA, Answer, House, catalog_with};

const SCHEMA: &str = "
create table teams (
  id integer primary key, name text not null, size integer, secret text, hidden boolean not null default false
);
create table notes (
  id integer primary key, team_id integer references teams (id) on delete cascade,
  parent_id integer references notes (id) on delete set null, title text not null, data jsonb, tags text[],
  score integer, secret text, hidden boolean not null default false, unique (team_id, title)
);
create virtual table found using fts5 (title, secret, content='notes', content_rowid='id');
create trigger found_insert after insert on notes begin
  insert into found (rowid, title, secret) values (new.id, new.title, new.secret);
end;
create trigger found_delete after delete on notes begin
  insert into found (found, rowid, title, secret) values ('delete', old.id, old.title, old.secret);
end;
create trigger found_update after update on notes begin
  insert into found (found, rowid, title, secret) values ('delete', old.id, old.title, old.secret);
  insert into found (rowid, title, secret) values (new.id, new.title, new.secret);
end;
create table labels (id integer primary key, name text not null, hidden boolean not null default false);
create table note_labels (
  note_id integer not null references notes (id) on delete cascade,
  label_id integer not null references labels (id) on delete cascade,
  hidden boolean not null default false, primary key (note_id, label_id)
);
create view board as select id, team_id, title, score, secret, hidden from notes;
";

const POLICIES: &str = "
create policy a on teams to authenticated using (not hidden);
create policy b on notes to authenticated using (not hidden);
create policy c on labels to authenticated using (not hidden);
create policy d on note_labels to authenticated using (not hidden);
create policy e on board for select to authenticated using (not hidden);
revoke select, insert, update on teams from authenticated;
grant select (id, name, size), insert (id, name, size), update (id, name, size) on teams to authenticated;
revoke select, insert, update on notes from authenticated;
grant select (id, team_id, parent_id, title, data, tags, score) on notes to authenticated;
grant insert (id, team_id, parent_id, title, data, tags, score) on notes to authenticated;
grant update (id, team_id, parent_id, title, data, tags, score) on notes to authenticated;
revoke select on board from authenticated;
grant select (id, team_id, title, score) on board to authenticated;
";

const FUNCTIONS: &str = "
create function those() returns setof labels language sql stable as $$ select * from labels $$;
create function how_many() returns bigint language sql stable as $$ select count(*) from notes $$;
create function best() returns table (title text, team text, score integer) language sql stable as $$
  select notes.title, teams.name, max(notes.score) from notes left join teams on teams.id = notes.team_id
  group by notes.title, teams.name order by 1, 2
$$;
create function rename(suffix text) returns setof labels language sql as $$
  update labels set name = name || suffix returning *
$$;
create function forget(n integer) returns bigint language sql as $$
  delete from notes where id <> n returning id
$$;
grant execute on all functions in schema public to authenticated;
";

/// What both worlds have. Hidden rows that visible ones refer to are in both, with other contents.
const SEEN: &str = r#"
insert into teams (id, name, size) values (1, 'Loom', 3), (2, 'Garden', null);
insert into labels (id, name) values (1, 'blue'), (2, 'red');
insert into notes (id, team_id, parent_id, title, data, tags, score) values
  (1, 1, null, 'warp thread', '{"a":1}', '["x"]', 5), (2, 1, 1, 'weft thread', null, null, null),
  (3, 3, 9, 'of a hidden team', '{"a":2}', '["y"]', 7), (4, null, 1, 'of none', '[]', '[]', 1);
insert into note_labels (note_id, label_id) values (1, 1), (2, 1), (2, 3), (3, 2);
"#;

/// What is hidden in each.
const HIDDEN: [&str; 2] = [
    r#"
insert into teams (id, name, size, secret, hidden) values (3, 'canary', 777, 'canary', true);
insert into labels (id, name, hidden) values (3, 'canary', true);
insert into notes (id, team_id, parent_id, title, data, tags, score, secret, hidden) values
  (9, 1, 1, 'canary thread', '{"a":1}', '["x"]', 777, 'canary', true);
"#,
    r#"
insert into teams (id, name, size, secret, hidden) values (3, 'other', -1, null, true), (4, 'Loom', 1, 'canary', true);
insert into labels (id, name, hidden) values (3, 'blue', true), (4, 'canary', true);
insert into notes (id, team_id, parent_id, title, data, tags, score, secret, hidden) values
  (5, 1, 2, 'canary', 'null', '[]', 0, null, true), (6, 2, 1, 'warp thread', null, null, 777, 'thread', true),
  (7, 2, 4, 'thread thread', null, null, -777, 'thread', true), (9, null, 9, 'warp thread', null, null, null, 'x', true);
insert into note_labels (note_id, label_id, hidden) values (1, 2, true), (1, 4, true), (5, 1, true), (4, 2, true);
update notes set secret = 'thread canary' where id < 4;
update teams set secret = 'canary' where id < 3;
"#,
];

fn worlds() -> [House; 2] {
    worlds_of(POLICIES)
}

fn worlds_of(policies: &str) -> [House; 2] {
    let catalog = catalog_with(SCHEMA, policies, FUNCTIONS);
    HIDDEN.map(|hidden| {
        let house = House::with(SCHEMA, catalog.clone());
        house.host.execute("pragma foreign_keys = off");
        house.host.execute(SEEN);
        house.host.execute(hidden);
        house.host.execute("pragma foreign_keys = on");
        house
    })
}

fn ask(house: &House, line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    // Whatever is chosen at random is chosen alike.
    house.host.seed(7);
    house.rest_as(User(ADA), &line.replace(' ', "%20").replacen("%20", " ", 1), headers, body)
}

/// Asks in both worlds. The answer is the same, and nothing hidden is in it.
#[track_caller]
fn same(worlds: &[House; 2], line: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let [one, other] = worlds.each_ref().map(|world| ask(world, line, headers, body));
    assert_eq!(one, other, "{line} {headers:?} {body}");
    // What was sent may come back.
    for hidden in ["canary", "777"] {
        assert!(line.contains(hidden) || !one.body.contains(hidden), "{line}: {}", one.body);
    }
    one
}

const SELECTS: [&str; 25] = [
    "id,title,score",
    "id,teams(name,size)",
    "id,teams!inner(name)",
    "id,...teams(name,size)",
    "id,...teams!inner(name)",
    "id,notes(id,title)",
    "id,notes!inner(id)",
    "id,...notes(a:id,b:title,c:score)",
    "id,...notes!inner(a:title)",
    "id,parent_id(id,title,score)",
    "id,...parent_id(p:title)",
    "id,labels(id,name)",
    "id,labels!inner(id)",
    "id,...labels(l:id,n:name)",
    "id,note_labels(label_id,labels(name))",
    "id,...note_labels(label_id,...labels(name))",
    "id,labels(count)",
    "id,notes(count(),score.max(),score.sum())",
    "count()",
    "score.max(),score.sum(),id.max(),count()",
    "team_id,count(),title.min()",
    "...teams(name),count(),score.max()",
    "...teams(size.sum(),count())",
    "id,teams(id,notes(id,labels(name)))",
    "data->a,tags,data->>a,score::text",
];

const FILTERS: [&str; 21] = [
    "",
    "score=gt.6",
    "title=fts.thread",
    "title=plfts.thread canary",
    "title=like.*canary*",
    "data->a=eq.1",
    "tags=cs.{x}",
    "id=in.(1,5,6,7,9)",
    "or=(score.eq.777,title.eq.canary,id.eq.9)",
    "not.or=(score.eq.777,title.eq.canary)",
    "team_id=eq.3",
    "parent_id=eq.9",
    "limit=2&offset=1",
    "offset=4",
    "order=title.desc,score",
    "order=title&limit=1",
    "title=fts.thread&limit=2",
    "score=isdistinct.777",
    "score=is.null",
    "order=score.nullsfirst&limit=3",
    "score=lt.0",
];

/// What is asked of embeds, where the select has them.
const OF_EMBEDS: [(&str, &str); 16] = [
    ("teams(", "teams.name=eq.canary"),
    ("teams(", "teams=is.null"),
    ("teams(name", "order=teams(name).desc,id"),
    ("teams(name", "order=teams(size),id&limit=2"),
    ("teams!inner", "teams.size=gt.100"),
    ("notes(", "notes=not.is.null"),
    ("notes(", "notes.score=eq.777"),
    ("notes(id", "notes.order=score.desc&notes.limit=1"),
    ("notes(a:id", "notes.order=title&notes.offset=1"),
    ("notes!inner", "notes.title=like.*thread"),
    ("notes!inner", "notes.id=gt.4"),
    ("parent_id(", "parent_id=is.null"),
    ("parent_id(", "order=parent_id(title),id"),
    ("labels(", "labels.name=eq.canary"),
    ("labels(id", "or=(labels.is.null,id.eq.1)"),
    ("labels!inner", "labels.id=gte.3"),
];

#[test]
fn no_read_tells_the_worlds_apart() {
    let worlds = worlds();
    let mut answered = 0;
    for select in SELECTS {
        let of_embeds = OF_EMBEDS.iter().filter(|(part, _)| select.contains(part));
        for filter in FILTERS.into_iter().chain(of_embeds.map(|(_, filter)| *filter)) {
            let line = format!("GET notes?select={select}&{filter}");
            let answer = same(&worlds, &line, &[("prefer", "count=exact")], "");
            answered += u32::from(answer.status < 300);
        }
        for headers in [
            [("accept", "text/csv"), ("range", "1-2")],
            [("accept", "application/vnd.pgrst.object+json"), ("prefer", "")],
            [("accept", "application/json;nulls=stripped"), ("prefer", "count=estimated")],
            [("accept", "application/vnd.pgrst.plan+text"), ("prefer", "count=planned")],
        ] {
            same(&worlds, &format!("GET notes?select={select}"), &headers, "");
            same(&worlds, &format!("HEAD notes?select={select}"), &headers, "");
        }
    }
    assert!(answered > 500, "only {answered} were answered");
    for line in [
        "GET board?select=id,title,score,teams(name),notes!parent_id(title)&order=id",
        "GET board?select=count(),score.max()",
        "GET board?score=gt.6&select=id,title",
        "GET labels?select=id,name,notes(id,title,teams(name))",
        "GET labels?select=name,notes!inner(score.max())",
        "GET teams?select=id,name,notes(title,labels(name)),board(id)",
        "GET teams?select=name,...notes(title,score),...board(b:id,t:title)",
        "GET teams?select=size.sum(),count()",
        "GET note_labels?select=note_id,label_id,notes(title),labels(name)",
        "GET rpc/those?select=id,name,notes(id,title,teams(name))&order=name.desc",
        "GET rpc/those?select=name,notes!inner(score.max())&notes.score=gt.4",
        "GET rpc/those?select=name,...notes(title,score)&name=neq.red&limit=1",
        "GET rpc/those?select=count(),name.max()",
        "GET rpc/how_many",
        "GET rpc/best",
        "GET rpc/best?score=gt.6",
    ] {
        assert!(same(&worlds, line, &[("prefer", "count=exact")], "").status < 400, "{line}");
    }
}

#[test]
fn a_hole_tells_the_worlds_apart() {
    for (table, letter) in [("teams", 'a'), ("notes", 'b'), ("labels", 'c'), ("note_labels", 'd')] {
        let closed = format!("policy {letter} on {table} to authenticated using (not hidden)");
        assert!(POLICIES.contains(&closed));
        let worlds = worlds_of(&POLICIES.replace(&closed, &closed.replace("not hidden", "true")));
        let differs = |select: &&str| {
            let line = format!("GET notes?select={select}");
            let [one, other] = worlds.each_ref().map(|world| ask(world, &line, &[], "").body);
            one != other
        };
        assert!(SELECTS.into_iter().filter(differs).count() > 3, "{table}");
    }
}

/// What Ada changes, or tries to.
const CHANGES: &[(&str, &str)] = &[
    ("PATCH notes", r#"{"score":2}"#),
    ("PATCH notes?score=gt.6", r#"{"score":2}"#),
    ("PATCH notes?title=fts.thread", r#"{"score":2}"#),
    ("PATCH notes?title=like.*canary*", r#"{"title":"x"}"#),
    ("PATCH notes?id=in.(5,6,9)", r#"{"score":2}"#),
    ("PATCH notes?team_id=eq.3", r#"{"team_id":1}"#),
    ("PATCH teams?id=eq.3", r#"{"name":"x"}"#),
    ("PATCH teams", r#"{"size":4}"#),
    ("PATCH note_labels?label_id=eq.3", r#"{"label_id":2}"#),
    ("DELETE notes", ""),
    ("DELETE notes?score=eq.777", ""),
    ("DELETE notes?id=gte.3", ""),
    ("DELETE labels?id=eq.3", ""),
    ("DELETE note_labels", ""),
    ("POST notes", r#"{"title":"new","team_id":1,"parent_id":1}"#),
    ("POST notes", r#"[{"id":1,"title":"again","team_id":1},{"id":20,"title":"new","team_id":3}]"#),
    ("POST notes", r#"{"id":9,"title":"over a hidden one"}"#),
    ("POST notes?on_conflict=team_id,title", r#"{"title":"warp thread","team_id":1}"#),
    ("PUT notes?id=eq.1", r#"{"id":1,"title":"put"}"#),
    ("PUT notes?id=eq.9", r#"{"id":9,"title":"put"}"#),
    ("POST note_labels", r#"[{"note_id":1,"label_id":3},{"note_id":9,"label_id":1}]"#),
    ("POST rpc/rename?select=name,notes(title)", r#"{"suffix":"!"}"#),
    ("POST rpc/rename?select=name,notes!inner(title)&order=", r#"{"suffix":"!"}"#),
    ("POST rpc/forget", r#"{"n":1}"#),
];

#[test]
fn no_change_tells_the_worlds_apart() {
    let representation = "return=representation,count=exact";
    let merge = "resolution=merge-duplicates,return=representation";
    let ignore = "resolution=ignore-duplicates,return=representation";
    let mut answered = 0;
    for &(line, body) in CHANGES {
        for prefer in [
            "",
            "count=exact",
            representation,
            merge,
            ignore,
            "return=headers-only",
            "handling=strict,max-affected=2",
        ] {
            for select in [
                "",
                "id,teams!inner(name)",
                "id,...notes(a:id,b:title)",
                "title,labels(name),parent_id(title)",
            ] {
                let takes_select = line.contains(" notes");
                if !select.is_empty() && !takes_select {
                    continue;
                }
                let parameter = if select.is_empty() { "select=*" } else { "select=" };
                let parameter = match (line.contains(" notes") || line.contains(" teams"), select) {
                    (true, "") => "select=id".to_owned(),
                    _ => format!("{parameter}{select}"),
                };
                let line =
                    format!("{line}{}{parameter}", if line.contains('?') { '&' } else { '?' });
                let worlds = worlds();
                let answer = same(&worlds, &line, &[("prefer", prefer)], body);
                answered += u32::from(answer.status < 300);
                // What is there to see afterwards is the same, too.
                for seen in [
                    "GET notes?select=id,team_id,parent_id,title,score&order=id",
                    "GET note_labels?order=note_id,label_id&select=note_id,label_id",
                ] {
                    same(&worlds, seen, &[], "");
                }
            }
        }
    }
    assert!(answered > 100, "only {answered} were answered");
}

/// Wherever a column may stand that Ada may not read.
const PLACES: &[&str] = &[
    "select=secret",
    "select=*",
    "",
    "select=x:secret",
    "select=secret::text",
    "select=secret.max()",
    "select=secret.count()",
    "select=id,count(),secret",
    "select=secret->a",
    "select=id&secret=eq.x",
    "select=id&secret=is.null",
    "select=id&secret=like.*",
    "select=id&secret=in.(a)",
    "select=id&secret=fts.thread",
    "select=id&or=(id.eq.1,secret.eq.x)",
    "select=id&not.and=(secret.eq.x,id.eq.1)",
    "select=id&secret->>a=eq.x",
    "select=id&order=secret",
    "select=id&order=secret->a",
    "select=id&order=id,secret.desc",
    "select=id,teams(secret)",
    "select=id,teams(*)",
    "select=id,...teams(secret)",
    "select=id,teams(id)&teams.secret=eq.x",
    "select=id,teams(id)&teams.or=(secret.eq.x)",
    "select=id,teams(id)&order=teams(secret)",
    "select=id,teams(id)&teams.order=secret",
    "select=id,notes(secret)",
    "select=id,notes(secret.max())",
    "select=id,...notes(id,secret)",
    "select=id,notes(id)&notes.order=secret",
    "select=id,parent_id(secret)",
    "select=id,parent_id!inner(id)&parent_id.secret=like.c*",
    "select=id,teams(notes(secret))",
    "select=id,labels(notes(secret))",
    "select=id,board(secret)",
];

/// Changes and other reads that name it.
const REFUSED: &[(&str, &str, &str)] = &[
    ("POST notes", "", r#"{"title":"x","secret":"x"}"#),
    ("POST notes?columns=title,secret", "", r#"{"title":"x"}"#),
    ("POST notes", "missing=default", r#"[{"title":"x","secret":null}]"#),
    ("POST notes", "resolution=merge-duplicates", r#"{"id":1,"title":"x","secret":"x"}"#),
    ("PATCH notes?id=eq.1", "", r#"{"secret":"x"}"#),
    ("PATCH notes?columns=secret", "missing=default", "{}"),
    ("PATCH notes?secret=eq.x", "", r#"{"score":1}"#),
    ("DELETE notes?secret=like.c*", "", ""),
    ("PUT notes?id=eq.1", "", r#"{"id":1,"title":"x","secret":"x"}"#),
    ("POST teams", "", r#"{"name":"x","hidden":false}"#),
    ("PATCH teams?hidden=is.true", "", r#"{"name":"x"}"#),
    ("GET rpc/those?select=id,notes(secret)", "", ""),
    ("GET rpc/those?select=id,...notes(secret.max())", "", ""),
    ("GET rpc/those?select=id,notes(id)&notes.secret=eq.x", "", ""),
    ("POST rpc/rename?select=id,...notes(secret)", "", r#"{"suffix":"!"}"#),
    ("POST rpc/rename?select=id,notes!inner(teams(secret))", "", r#"{"suffix":"!"}"#),
    ("GET board?select=secret", "", ""),
    ("GET board?select=id&secret=eq.x", "", ""),
    ("GET board?select=id&order=hidden", "", ""),
];

#[test]
fn a_column_without_its_privilege_stands_nowhere() {
    let worlds = worlds();
    let is_refused = |line: &str, prefer: &str, body: &str| {
        let answer = same(&worlds, line, &[("prefer", prefer)], body);
        let told = answer.header("proxy-status");
        assert_eq!((answer.status, told), (403, Some("Selvedge; error=42501")), "{line} {body}");
    };
    for place in PLACES {
        let line = |verb: &str| format!("{verb} notes?{place}");
        is_refused(&line("GET"), "", "");
        is_refused(&line("HEAD"), "count=exact", "");
        // A change shows what it answers, and its filters ask; of embeds it asks only to show them.
        is_refused(&line("PATCH"), "return=representation", r#"{"score":1}"#);
        is_refused(&line("DELETE"), "return=representation", "");
        if !place.contains("=secret")
            && !place.contains("&secret")
            && !place.contains("or=(id")
            && !place.contains("and=(")
        {
            is_refused(&line("POST"), "return=representation", r#"{"title":"x"}"#);
        }
    }
    for &(line, prefer, body) in REFUSED {
        is_refused(line, prefer, body);
    }
}
