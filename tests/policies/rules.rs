//! One small schema for each rule of privileges and policies.

use crate::support::corridor::Caller::{Nobody, Service, User};
use crate::support::corridor::{self, ADA, ALAN, Answer, Caller, GRACE, House, Person};

#[track_caller]
fn is(answer: &Answer, status: u16, expected: &str) {
    let shown = if status >= 400 { answer.code() } else { answer.body.clone() };
    assert_eq!((answer.status, shown.as_str()), (status, expected), "{answer:?}");
}

/// Whoever belongs to a group may see who does; who owns it lets others in.
const GROUPS: &str = "
    create table members (
      grp  integer not null,
      usr  uuid not null,
      role text not null default 'guest',
      primary key (grp, usr)
    );
    create view mine as select grp, usr, role from members;";

fn groups(policies: &str) -> House {
    let house = House::of(
        GROUPS,
        &format!(
            "create policy a on mine for select to authenticated using (usr = auth.uid());
             create policy b on members for select to authenticated using (true);
             {policies}"
        ),
    );
    house.host.execute(&format!(
        "insert into members (grp, usr, role) values (1, '{}', 'owner'), (1, '{}', 'guest')",
        ADA.0, GRACE.0
    ));
    house
}

#[test]
fn a_new_row_cannot_vouch_for_itself() {
    let house = groups(
        "create policy c on members for insert to authenticated
           with check (grp in (select grp from mine where role = 'owner'));",
    );
    let row = |person: &str, role: &str| format!(r#"{{"grp":1,"usr":"{person}","role":"{role}"}}"#);
    let post = |caller, body: &str| house.rest(caller, "POST members", "", body);
    is(&post(User(ALAN), &row(ALAN.0, "owner")), 403, "42501");
    // Nor can one row of a request vouch for the next.
    let both = format!("[{}]", [row(ALAN.0, "owner"), row(ALAN.0, "guest")].join(","));
    is(&post(User(ALAN), &both), 403, "42501");
    is(&post(User(ADA), &row(ALAN.0, "guest")), 201, "");
}

#[test]
fn a_changed_row_cannot_vouch_for_itself() {
    let house = groups(
        "create policy c on members for update to authenticated
           using (usr = auth.uid())
           with check (grp in (select grp from mine where role = 'owner'));",
    );
    let promote = |caller, filter: &str| {
        house.rest(caller, &format!("PATCH members?{filter}"), "", r#"{"role":"owner"}"#)
    };
    is(&promote(User(GRACE), "grp=eq.1"), 403, "42501");
    is(&promote(User(ADA), "grp=eq.1"), 204, "");
    // Rows that are not meant are not judged.
    is(&promote(User(GRACE), "grp=eq.2"), 204, "");
    is(&promote(User(ALAN), "grp=eq.1"), 204, "");
}

#[test]
fn a_merged_row_cannot_vouch_for_itself() {
    let house = groups(
        "create policy c on members for insert to authenticated with check (true);
         create policy d on members for update to authenticated
           using (usr = auth.uid())
           with check (grp in (select grp from mine where role = 'owner'));",
    );
    let body = |role: &str| format!(r#"{{"grp":1,"usr":"{}","role":"{role}"}}"#, GRACE.0);
    let merge = "resolution=merge-duplicates";
    is(&house.rest(User(GRACE), "POST members", merge, &body("owner")), 403, "42501");
    is(&house.rest(User(ADA), "POST members", merge, &body("owner")), 403, "42501");
}

#[test]
fn an_empty_list_changes_nothing_whatever_columns_names() {
    let house = House::of(
        "create table t (id integer primary key, note text);",
        "create policy a on t for all to authenticated using (true) with check (true);",
    );
    house.host.execute("insert into t values (1, 'kept')");
    let prefer = "return=representation";
    is(&house.rest(User(ADA), "PATCH t?columns=note", prefer, "[]"), 200, "[]");
    is(&house.rest(Service, "GET t?select=note", "", ""), 200, r#"[{"note":"kept"}]"#);
    is(&house.rest(Nobody, "PATCH t?columns=note", prefer, "[]"), 401, "42501");
}

#[test]
fn one_object_of_an_update_that_changes_nothing_is_none() {
    let house = House::of(
        "create table t (id integer primary key, note text);",
        "create policy a on t for all to authenticated using (true) with check (true);",
    );
    // A change before it, whose count must not be taken for this one's.
    let one = r#"{"id":1,"note":"kept"}"#;
    is(&house.rest(User(ADA), "POST t", "", one), 201, "");
    let bearer = house.bearer(User(ADA)).expect("a token");
    let headers = [
        ("authorization", bearer.as_str()),
        ("accept", "application/vnd.pgrst.object+json"),
        ("prefer", "return=representation"),
        ("content-type", "application/json"),
    ];
    is(&house.send("PATCH", "/rest/v1/t?id=eq.1", &headers, b"{}"), 406, "PGRST116");
}

const NOTES: &str = "
    create table notes (id integer primary key, owner uuid, open boolean not null default false,
      body text not null default '', secret text);
    create view loud as select id, upper(body) as body from notes;";

fn notes(policies: &str) -> House {
    let house = House::of(NOTES, policies);
    house.host.execute(&format!(
        "insert into notes (id, owner, open, body, secret) values
           (1, '{}', true, 'one', 'a'), (2, '{}', false, 'two', 'b'), (3, null, true, 'three', null)",
        ADA.0, GRACE.0
    ));
    house
}

/// Compares what each line is answered with: the ids of the rows, or status and code.
#[track_caller]
fn check(house: &House, cases: &[(Caller, &str, &str)]) {
    for (who, line, expected) in cases {
        let (line, body) = line.split_once(" <- ").unwrap_or((line, ""));
        let prefer = if line.starts_with("GET") { "" } else { "return=representation" };
        let answer = house.rest(*who, line, prefer, body);
        let found = if answer.status >= 300 {
            format!("{} {}", answer.status, answer.code())
        } else {
            let rows = answer.json();
            let ids = rows.as_array().expect("rows").iter().map(|row| row["id"].to_string());
            ids.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(found, *expected, "{who:?} {line} {body}\n{answer:?}");
    }
}

#[test]
fn permissive_policies_add_up_and_restrictive_ones_take_away() {
    let open = "create policy a on notes for select to authenticated using (owner = auth.uid());
                create policy b on notes for select to authenticated using (open);";
    check(
        &notes(open),
        &[
            (User(ADA), "GET notes?order=id", "1 3"),
            (User(GRACE), "GET notes?order=id", "1 2 3"),
            (User(ALAN), "GET notes?order=id", "1 3"),
            (Nobody, "GET notes", "401 42501"),
            (Service, "GET notes?order=id", "1 2 3"),
        ],
    );
    let narrowed = format!(
        "{open}
         create policy c on notes as restrictive for select to authenticated using (id < 3);
         create policy d on notes as restrictive for all to authenticated using (body <> 'one');"
    );
    check(
        &notes(&narrowed),
        &[
            (User(ADA), "GET notes?order=id", ""),
            (User(GRACE), "GET notes?order=id", "2"),
            (Service, "GET notes?order=id", "1 2 3"),
        ],
    );
    // What is null is not true, neither for a permissive policy nor for a restrictive one.
    let unknown = "create policy a on notes for select to authenticated using (true);
         create policy b on notes as restrictive for select to authenticated using (secret <> 'x');";
    check(&notes(unknown), &[(User(ADA), "GET notes?order=id", "1 2")]);
}

#[test]
fn a_restrictive_policy_alone_opens_nothing() {
    let house = notes(
        "create policy a on notes as restrictive for all to authenticated using (true) with check (true);",
    );
    check(
        &house,
        &[
            (User(ADA), "GET notes", ""),
            (User(ADA), "PATCH notes <- {\"body\":\"x\"}", ""),
            (User(ADA), "DELETE notes", ""),
            (User(ADA), "POST notes <- {\"body\":\"x\"}", "403 42501"),
            (Nobody, "GET notes", "401 42501"),
        ],
    );
}

#[test]
fn a_grant_without_a_policy_gives_the_privilege_and_no_rows() {
    let house = notes("grant select, insert, update, delete on notes to anon, authenticated;");
    for (who, status) in [(Nobody, "401"), (User(ADA), "403")] {
        let refused = format!("{status} 42501");
        check(
            &house,
            &[
                (who, "GET notes", ""),
                (who, "GET notes?id=eq.1", ""),
                (who, "PATCH notes?id=eq.1 <- {\"body\":\"x\"}", ""),
                (who, "DELETE notes?id=eq.1", ""),
                (who, "POST notes <- {\"body\":\"x\"}", &refused),
            ],
        );
        is(&house.rest(who, "GET notes", "count=exact", ""), 200, "[]");
    }
    assert_eq!(
        house.host.query("select count(*) from notes where body <> 'x'").as_deref(),
        Some("3")
    );
}

#[test]
fn without_the_privilege_a_table_is_closed() {
    // One policy for one verb opens that verb and no other.
    let house = notes("create policy a on notes for select to authenticated using (true);");
    check(
        &house,
        &[
            (User(ADA), "GET notes?order=id", "1 2 3"),
            (User(ADA), "POST notes <- {\"body\":\"x\"}", "403 42501"),
            (User(ADA), "PATCH notes?id=eq.1 <- {\"body\":\"x\"}", "403 42501"),
            (User(ADA), "PATCH notes?id=eq.1 <- {}", "403 42501"),
            (User(ADA), "DELETE notes?id=eq.1", "403 42501"),
            (Nobody, "GET notes", "401 42501"),
            (Nobody, "POST notes <- {\"body\":\"x\"}", "401 42501"),
            (Nobody, "POST notes <- []", "401 42501"),
            (Nobody, "PATCH notes?id=eq.1 <- {\"body\":\"x\"}", "401 42501"),
            (Nobody, "DELETE notes?id=eq.1", "401 42501"),
        ],
    );
}

#[test]
fn revoke_takes_back_what_a_policy_implies() {
    let house = notes(
        "create policy a on notes for all to authenticated using (true) with check (true);
         revoke delete on notes from authenticated;",
    );
    check(
        &house,
        &[
            (User(ADA), "GET notes?order=id", "1 2 3"),
            (User(ADA), "PATCH notes?id=eq.1 <- {\"body\":\"x\"}", "1"),
            (User(ADA), "DELETE notes?id=eq.1", "403 42501"),
            (Service, "DELETE notes?id=eq.1", "1"),
        ],
    );
}

#[test]
fn a_column_that_is_not_granted_can_be_neither_read_nor_asked_about() {
    let house = notes(
        "grant select (id, body) on notes to authenticated;
         create policy a on notes for select to authenticated using (secret is not null);",
    );
    check(
        &house,
        &[
            (User(ADA), "GET notes?select=id,body&order=id", "1 2"),
            (User(ADA), "GET notes?select=id&body=eq.two", "2"),
            (User(ADA), "GET notes", "403 42501"),
            (User(ADA), "GET notes?select=*", "403 42501"),
            (User(ADA), "GET notes?select=id,secret", "403 42501"),
            (User(ADA), "GET notes?select=id,body:secret", "403 42501"),
            (User(ADA), "GET notes?select=id&secret=eq.a", "403 42501"),
            (User(ADA), "GET notes?select=id&secret=is.null", "403 42501"),
            (User(ADA), "GET notes?select=id&or=(id.eq.1,secret.eq.a)", "403 42501"),
            (User(ADA), "GET notes?select=id&and=(not.or(secret.eq.a))", "403 42501"),
            (User(ADA), "GET notes?select=id&order=secret", "403 42501"),
            // Whether a column exists at all is told as Postgres tells it.
            (User(ADA), "GET notes?select=id&nothing=eq.a", "400 42703"),
        ],
    );
}

#[test]
fn a_column_that_is_not_granted_cannot_be_written() {
    let house = notes(
        "create policy a on notes for all to authenticated using (true) with check (true);
         revoke insert, update on notes from authenticated;
         grant insert (id, body), update (body) on notes to authenticated;",
    );
    check(
        &house,
        &[
            (User(ADA), "POST notes <- {\"id\":7,\"body\":\"x\"}", "7"),
            (User(ADA), "POST notes <- {\"id\":8,\"secret\":\"x\"}", "403 42501"),
            (User(ADA), "POST notes <- [{\"id\":8,\"secret\":null}]", "403 42501"),
            (User(ADA), "POST notes?columns=id,secret <- {\"id\":8}", "403 42501"),
            (User(ADA), "POST notes?columns=id <- {\"id\":8,\"secret\":\"x\"}", "8"),
            (User(ADA), "PATCH notes?id=eq.7 <- {\"body\":\"y\"}", "7"),
            (User(ADA), "PATCH notes?id=eq.7 <- {\"id\":9}", "403 42501"),
            (User(ADA), "PATCH notes?id=eq.7 <- {\"body\":\"y\",\"secret\":\"x\"}", "403 42501"),
        ],
    );
    assert_eq!(house.host.query("select group_concat(secret) from notes where id > 3"), None);
    // A merge writes what it brings, so it needs the privilege for all of it.
    let merge = "resolution=merge-duplicates";
    let body = r#"{"id":1,"body":"merged"}"#;
    is(&house.rest(User(ADA), "POST notes", merge, body), 403, "42501");
}

#[test]
fn what_is_returned_needs_the_privilege_to_read_it() {
    let house = notes(
        "grant select (id) on notes to authenticated;
         create policy a on notes for all to authenticated using (true) with check (true);
         revoke select on notes from authenticated;
         grant select (id) on notes to authenticated;",
    );
    check(
        &house,
        &[
            (User(ADA), "POST notes?select=id <- {\"id\":7}", "7"),
            (User(ADA), "POST notes?select=id,secret <- {\"id\":8}", "403 42501"),
            (User(ADA), "POST notes <- {\"id\":8}", "403 42501"),
            (User(ADA), "PATCH notes?id=eq.1&select=secret <- {\"body\":\"x\"}", "403 42501"),
            (User(ADA), "DELETE notes?id=eq.1&select=body", "403 42501"),
        ],
    );
    is(&house.rest(User(ADA), "POST notes", "", r#"{"id":8}"#), 201, "");
}

#[test]
fn a_view_is_closed_until_a_policy_of_its_own_opens_it() {
    let table = "create policy a on notes for select to authenticated using (true);";
    check(
        &notes(table),
        &[(User(ADA), "GET loud", "403 42501"), (Nobody, "GET loud", "401 42501")],
    );
    // A view reads as its owner: what the table hides it shows, as far as its own policy goes.
    let both = "create policy a on notes for select to authenticated using (false);
                create policy b on loud for select to authenticated using (id <> 2);";
    check(
        &notes(both),
        &[
            (User(ADA), "GET notes", ""),
            (User(ADA), "GET loud?order=id", "1 3"),
            (User(ADA), "GET loud?id=eq.2", ""),
            (Service, "GET loud?order=id", "1 2 3"),
            (Service, "DELETE loud", "405 55000"),
            (User(ADA), "DELETE loud", "403 42501"),
        ],
    );
}

#[test]
fn policies_know_the_claims_of_whoever_asks() {
    for (condition, ada, nobody) in [
        ("auth.email() = 'ada@example.com'", "1 2 3", ""),
        ("auth.email() is null", "", "1 2 3"),
        ("auth.role() = 'anon'", "", "1 2 3"),
        ("auth.uid() is null", "", "1 2 3"),
        ("owner = auth.uid()", "1", ""),
        ("owner is distinct from auth.uid()", "2 3", "1 2"),
        ("auth.jwt() ->> 'email' = 'ada@example.com'", "1 2 3", ""),
        ("auth.jwt() -> 'app_metadata' ->> 'team' = 'ada'", "1 2 3", ""),
        ("auth.jwt() ->> 'nothing' is null", "1 2 3", "1 2 3"),
        ("auth.jwt() ->> 'nothing' = 'x' or id = 2", "2", "2"),
        ("(auth.jwt() ->> 'role') = 'authenticated'", "1 2 3", ""),
    ] {
        let house = notes(&format!(
            "create policy a on notes for select to anon, authenticated using ({condition});"
        ));
        check(
            &house,
            &[(User(ADA), "GET notes?order=id", ada), (Nobody, "GET notes?order=id", nobody)],
        );
    }
}

#[test]
fn a_claim_is_a_value_and_never_sql() {
    let house = notes(
        "create policy a on notes for select to authenticated
           using (body = auth.jwt() -> 'user_metadata' ->> 'name');",
    );
    for name in
        ["one", "' or 1=1 --", "\" or 1=1 --", "{row}", "{uid}", "?1", "\\", "%", "\u{1f9f5}"]
    {
        let mut claims = corridor::claims(&house.app.config, ADA);
        claims["user_metadata"] = serde_json::json!({ "name": name });
        let token = selvedge::auth::sign(&house.app.config.jwt_secret, &claims.to_string());
        let bearer = format!("Bearer {token}");
        let answer =
            house.send("GET", "/rest/v1/notes?select=id", &[("authorization", &bearer)], b"");
        is(&answer, 200, if name == "one" { r#"[{"id":1}]"# } else { "[]" });
    }
}

#[test]
fn new_values_must_meet_the_check_and_rows_cannot_be_carried_away() {
    let house = notes(
        "create policy a on notes for select to authenticated using (true);
         create policy b on notes for insert to authenticated with check (owner = auth.uid());
         create policy c on notes for update to authenticated using (owner = auth.uid());
         create policy d on notes for update to authenticated
           using (open) with check (open and owner is null);",
    );
    let (ada, grace) = (ADA.0, GRACE.0);
    let cases = [
        (User(ADA), format!("POST notes <- {{\"id\":7,\"owner\":\"{ada}\"}}"), "7"),
        (User(ADA), format!("POST notes <- {{\"owner\":\"{grace}\"}}"), "403 42501"),
        (User(ADA), "POST notes <- {\"owner\":null}".into(), "403 42501"),
        (User(ADA), "POST notes <- {}".into(), "403 42501"),
        // One bad row undoes all.
        (
            User(ADA),
            format!(
                "POST notes <- [{{\"id\":8,\"owner\":\"{ada}\"}},{{\"id\":9,\"owner\":\"{grace}\"}}]"
            ),
            "403 42501",
        ),
        // Without a check, what may be changed must stay so.
        (User(GRACE), format!("PATCH notes?id=eq.2 <- {{\"owner\":\"{ada}\"}}"), "403 42501"),
        (User(GRACE), "PATCH notes?id=eq.2 <- {\"owner\":null}".into(), "403 42501"),
        (User(GRACE), "PATCH notes?id=eq.2 <- {\"body\":\"x\"}".into(), "2"),
        (User(ALAN), "PATCH notes?id=eq.2 <- {\"body\":\"x\"}".into(), ""),
        // Row 3 is open and nobody's: it may change while it stays so.
        (User(ALAN), "PATCH notes?id=eq.3 <- {\"body\":\"x\"}".into(), "3"),
        (User(ALAN), "PATCH notes?id=eq.3 <- {\"open\":false}".into(), "403 42501"),
        (User(ALAN), "PATCH notes <- {\"open\":false}".into(), "403 42501"),
    ];
    for (who, line, expected) in &cases {
        check(&house, &[(*who, line, expected)]);
    }
    let left =
        house.host.query("select group_concat(id || coalesce(owner, '-') || open) from notes");
    let expected = format!("1{ada}1,2{grace}0,3-1,7{ada}0");
    assert_eq!(left.as_deref(), Some(expected.as_str()));
}

#[test]
fn a_row_that_may_be_written_and_not_read_says_what_is_missing() {
    let house = notes(
        "grant select on notes to authenticated;
         create policy a on notes for insert to authenticated with check (true);",
    );
    let body = r#"{"id":7,"body":"x"}"#;
    let answer = house.rest(User(ADA), "POST notes?select=id", "return=representation", body);
    is(&answer, 403, "42501");
    let hint = answer.json()["hint"].as_str().expect("a hint").to_owned();
    assert!(hint.contains("policy for select on \"notes\""), "{hint}");
    assert_eq!(house.host.query("select count(*) from notes").as_deref(), Some("3"));
    is(&house.rest(User(ADA), "POST notes", "", body), 201, "");
}

#[test]
fn filters_of_a_change_tell_nothing_to_whoever_may_not_read() {
    let house = notes(
        "create policy a on notes for update to authenticated using (true);
         create policy b on notes for delete to authenticated using (true);",
    );
    let change = |line: &str, body: &str| house.rest(User(ADA), line, "count=exact", body);
    is(&change("PATCH notes?secret=eq.a", r#"{"body":"x"}"#), 403, "42501");
    is(&change("PATCH notes?id=eq.1", r#"{"body":"x"}"#), 403, "42501");
    is(&change("DELETE notes?secret=like.a*", ""), 403, "42501");
    is(&change("PATCH notes", r#"{"body":"x"}"#), 204, "");
    // With the privilege but without a row to see, a filter finds none.
    let blind = notes(
        "grant select on notes to authenticated;
         create policy a on notes for update to authenticated using (true);
         create policy b on notes for delete to authenticated using (true);",
    );
    check(
        &blind,
        &[
            (User(ADA), "PATCH notes?secret=eq.a <- {\"body\":\"x\"}", ""),
            (User(ADA), "DELETE notes?id=eq.1", ""),
            (User(ADA), "DELETE notes", ""),
        ],
    );
    assert_eq!(blind.host.query("select count(*) from notes").as_deref(), Some("3"));
}

#[test]
fn a_merge_reaches_neither_hidden_nor_foreign_rows() {
    let house = notes(
        "create policy a on notes for select to authenticated using (owner = auth.uid() or open);
         create policy b on notes for insert to authenticated with check (owner = auth.uid());
         create policy c on notes for update to authenticated
           using (owner = auth.uid()) with check (owner = auth.uid());",
    );
    let before = house.host.dump();
    let send = |who: Person, prefer: &str, id: i64| {
        let body = format!(r#"{{"id":{id},"owner":"{}","body":"mine"}}"#, who.0);
        house.rest(User(who), "POST notes?select=id", prefer, &body)
    };
    let merge = "resolution=merge-duplicates,return=representation";
    let ignore = "resolution=ignore-duplicates,return=representation";
    // 1 is Ada's and open, 2 is Grace's and hidden, 3 is nobody's and open.
    is(&send(GRACE, merge, 1), 403, "42501");
    is(&send(ADA, merge, 2), 403, "42501");
    is(&send(ADA, merge, 3), 403, "42501");
    is(&send(ADA, "", 2), 409, "23505");
    is(&send(ADA, ignore, 2), 201, "[]");
    assert_eq!(house.host.dump(), before);
    is(&send(ADA, merge, 1), 200, r#"[{"id":1}]"#);
    is(&send(ADA, merge, 9), 201, r#"[{"id":9}]"#);
}

const BOARD: &str = "
    create table boards (id integer primary key, owner uuid not null);
    create table cards (id integer primary key, board_id integer not null references boards (id), hidden boolean not null);
    create table tags (id integer primary key, secret boolean not null);
    create table card_tags (card_id integer references cards (id), tag_id integer references tags (id),
      hidden boolean not null, primary key (card_id, tag_id));";

#[test]
fn an_embed_never_shows_or_tells_of_what_its_own_policy_hides() {
    let house = House::of(
        BOARD,
        "create policy a on boards for select to authenticated using (true);
         create policy b on cards for select to authenticated using (not hidden);
         create policy c on tags for select to authenticated using (not secret);
         create policy d on card_tags for select to authenticated using (not hidden);",
    );
    house.host.execute(&format!(
        "insert into boards values (1, '{0}'), (2, '{0}');
         insert into cards values (1, 1, false), (2, 1, true), (3, 2, true);
         insert into tags values (1, false), (2, true);
         insert into card_tags values (1, 1, false), (1, 2, false), (2, 1, false), (3, 1, true);",
        ADA.0
    ));
    for (line, expected) in [
        (
            "boards?select=id,cards(id)&order=id",
            r#"[{"id":1,"cards":[{"id":1}]},{"id":2,"cards":[]}]"#,
        ),
        ("boards?select=id,cards!inner(id)", r#"[{"id":1,"cards":[{"id":1}]}]"#),
        ("boards?select=id,cards!inner(id)&cards.id=eq.3", "[]"),
        ("boards?select=id,cards(id)&cards.hidden=is.true&id=eq.1", r#"[{"id":1,"cards":[]}]"#),
        ("cards?select=id,boards(id)&order=id", r#"[{"id":1,"boards":{"id":1}}]"#),
        (
            "card_tags?select=card_id,cards(id)&order=card_id,tag_id",
            r#"[{"card_id":1,"cards":{"id":1}},{"card_id":1,"cards":{"id":1}},{"card_id":2,"cards":null}]"#,
        ),
        (
            "card_tags?select=card_id,cards!inner(id),tags!inner(id)",
            r#"[{"card_id":1,"cards":{"id":1},"tags":{"id":1}}]"#,
        ),
        // Through the junction: its own rows count, and those on the other side.
        ("cards?select=id,tags(id)", r#"[{"id":1,"tags":[{"id":1}]}]"#),
        ("tags?select=id,cards(id)", r#"[{"id":1,"cards":[{"id":1}]}]"#),
        ("tags?select=id,cards!inner(id)&cards.id=eq.2", "[]"),
        ("tags?select=id,cards!inner(id)&cards.id=eq.3", "[]"),
    ] {
        let line = format!("GET {line}");
        let answer = house.rest(User(GRACE), &line, "count=exact", "");
        is(&answer, 200, expected);
        let count = answer.json().as_array().map_or(0, Vec::len);
        let range = answer.header("content-range").unwrap_or_default().to_owned();
        assert!(range.ends_with(&format!("/{count}")), "{line}: {range}");
    }
    // Without the privilege on one of the tables there is no embed at all.
    let closed = House::of(
        BOARD,
        "create policy a on cards for select to authenticated using (true);
         create policy b on tags for select to authenticated using (true);",
    );
    for line in [
        "cards?select=id,tags(id)",
        "cards?select=id,boards(id)",
        "tags?select=id,card_tags!inner()",
    ] {
        is(&closed.rest(User(ADA), &format!("GET {line}"), "", ""), 403, "42501");
    }
    // A column grant that leaves out the join's own column closes the join.
    let narrow = House::of(
        BOARD,
        "create policy a on boards for select to authenticated using (true);
         grant select (id, hidden) on cards to authenticated;
         create policy b on cards for select to authenticated using (true);",
    );
    is(&narrow.rest(User(ADA), "GET boards?select=id,cards(id)", "", ""), 403, "42501");
    is(&narrow.rest(User(ADA), "GET cards?select=id", "", ""), 200, "[]");
}

#[test]
fn what_a_change_returns_of_other_tables_obeys_their_policies() {
    let house = House::of(
        BOARD,
        "create policy a on boards for select to authenticated using (owner = auth.uid());
         create policy b on cards for all to authenticated using (true) with check (true);
         create policy c on card_tags for select to authenticated using (false);
         create policy d on tags for select to authenticated using (true);",
    );
    house.host.execute(&format!(
        "insert into boards values (1, '{}'); insert into cards values (1, 1, false);
         insert into tags values (1, false); insert into card_tags values (1, 1, false);",
        ADA.0
    ));
    let select = "select=id,boards(id),tags(id),card_tags(tag_id)";
    let prefer = "return=representation";
    for (who, board) in [(ADA, r#"{"id":1}"#), (GRACE, "null")] {
        let line = format!("PATCH cards?id=eq.1&{select}");
        let expected = format!(r#"[{{"id":1,"boards":{board},"tags":[],"card_tags":[]}}]"#);
        is(&house.rest(User(who), &line, prefer, r#"{"hidden":true}"#), 200, &expected);
    }
}

#[test]
fn a_quota_counts_what_was_there_before() {
    let house = House::of(
        "create table notes (id integer primary key, owner uuid not null, body text default 'x');
         create view mine as select id, owner from notes;",
        "create policy a on mine for select to authenticated using (owner = auth.uid());
         create policy b on notes for all to authenticated using (owner = auth.uid())
           with check (owner = auth.uid() and (select count(*) from mine) < 2);",
    );
    let post = |id: i64| {
        let body = format!(r#"{{"id":{id},"owner":"{}"}}"#, ADA.0);
        house.rest(User(ADA), "POST notes", "", &body).status
    };
    assert_eq!([post(1), post(2), post(3)], [201, 201, 403]);
    // The quota holds for changes too, and a table that is full stays as it is.
    let change = house.rest(User(ADA), "PATCH notes?id=eq.1", "", r#"{"body":"y"}"#);
    is(&change, 403, "42501");
    assert_eq!(house.host.query("select group_concat(body) from notes").as_deref(), Some("x,x"));
}

#[test]
fn a_policy_on_a_generated_column_judges_what_it_becomes() {
    let house = House::of(
        "create table t (id integer primary key, n integer not null, label text not null default 'a',
           twice integer generated always as (n * 2) stored);",
        "create policy a on t for select to authenticated using (true);
         create policy b on t for insert to authenticated with check (label = 'a');
         create policy c on t for update to authenticated using (true) with check (twice < 100);",
    );
    house.host.execute("insert into t (id, n) values (1, 1)");
    let merge = "resolution=merge-duplicates";
    let send = |line: &str, prefer: &str, body: &str| house.rest(User(ADA), line, prefer, body);
    is(&send("PATCH t?id=eq.1", "", r#"{"n":60}"#), 403, "42501");
    is(&send("POST t", merge, r#"{"id":1,"n":60}"#), 403, "42501");
    is(&send("POST t", merge, r#"{"id":1,"n":40}"#), 200, "");
    assert_eq!(house.host.query("select twice from t").as_deref(), Some("80"));
}

#[test]
fn of_a_merge_the_policy_for_inserts_judges_what_was_sent() {
    let house = House::of(
        "create table t (id integer primary key, state text not null default 'draft', body text);",
        "create policy a on t for select to authenticated using (true);
         create policy b on t for insert to authenticated with check (state = 'draft');
         create policy c on t for update to authenticated using (state <> 'locked');",
    );
    house.host.execute("insert into t values (1, 'public', 'x'), (2, 'locked', 'x')");
    let merge = |body: &str| house.rest(User(ADA), "POST t", "resolution=merge-duplicates", body);
    // As in Postgres: the draft that was sent may be inserted, the row that is there changed.
    is(&merge(r#"{"id":1,"body":"y"}"#), 200, "");
    is(&merge(r#"{"id":2,"body":"y"}"#), 403, "42501");
    is(&merge(r#"{"id":1,"state":"public"}"#), 403, "42501");
    is(&merge(r#"{"id":3,"state":"public"}"#), 403, "42501");
    let left = house.host.query("select group_concat(id || state || body) from t");
    assert_eq!(left.as_deref(), Some("1publicy,2lockedx"));
}

#[test]
fn a_new_value_compares_as_its_column_does() {
    let house = House::of(
        "create table names (id integer primary key, name text collate nocase, n text);
         create table allowed (n text);",
        "create policy a on allowed for select to authenticated using (true);
         create policy b on names for select to authenticated using (true);
         create policy c on names for insert to authenticated
           with check (name <> 'root' and n in (select allowed.n from allowed) and n = '7');
         create policy d on names for update to authenticated
           using (true) with check (name <> 'root' and n in (select n from allowed));",
    );
    house.host.execute("insert into allowed values ('7')");
    let send = |line: &str, body: &str| house.rest(User(ADA), line, "", body);
    is(&send("POST names", r#"{"id":1,"name":"ROOT","n":"7"}"#), 403, "42501");
    is(&send("POST names", r#"{"id":1,"name":"guest","n":"8"}"#), 403, "42501");
    is(&send("POST names", r#"{"id":1,"name":"guest","n":"7"}"#), 201, "");
    is(&send("PATCH names", r#"{"name":"Root"}"#), 403, "42501");
    is(&send("PATCH names", r#"{"name":"Guest"}"#), 204, "");
}

#[test]
fn an_array_lets_in_whom_it_names() {
    let house = House::of(
        "create table docs (id integer primary key, readers uuid[], banned uuid[], tags text[]);",
        "create policy a on docs for select to public using (auth.uid() = any(readers));
         create policy b on docs for select to authenticated
           using (tags @> array['open', 'all'] or tags && array['world', null]);
         create policy c on docs as restrictive for select to public using (auth.uid() <> all(banned));
         create policy d on docs for insert to authenticated with check (auth.uid() = any(readers));
         create policy e on docs for update to authenticated using (true) with check (not (tags @> array['open', auth.email()]));",
    );
    let list = |people: &[Person]| {
        let ids: Vec<String> = people.iter().map(|person| format!("\"{}\"", person.0)).collect();
        format!("'[{}]'", ids.join(","))
    };
    let (ada, both, nobody) = (list(&[ADA]), list(&[GRACE, ADA]), list(&[]));
    house.host.execute(&format!(
        "insert into docs values
           (1, {ada}, {nobody}, null), (2, {both}, {nobody}, null), (3, {nobody}, {nobody}, '[\"x\"]'),
           (4, null, {nobody}, '[\"all\",\"x\",\"open\"]'), (5, {both}, {ada}, null),
           (6, {ada}, null, '[\"open\",\"all\"]'), (7, '[null]', {nobody}, '[null,\"world\"]'),
           (8, {nobody}, '[null]', '[\"world\"]'), (9, {nobody}, {nobody}, '[\"open\",null]')"
    ));
    let seen = |caller| house.rest(caller, "GET docs?select=id.count(),id&order=id", "", "").json();
    let ids = |caller| {
        let rows = seen(caller);
        rows.as_array().expect("rows").iter().map(|row| row["id"].to_string()).collect::<String>()
    };
    // Where a list of the banned is null, or has a null, nobody is known not to be on it.
    assert_eq!(ids(User(ADA)), "1247");
    assert_eq!(ids(User(GRACE)), "2457");
    assert_eq!(ids(User(ALAN)), "47");
    assert_eq!(ids(Nobody), "");
    assert_eq!(ids(Service), "123456789");
    let insert = |caller, body: &str| house.rest(caller, "POST docs", "", body);
    let row = |person: Person| format!(r#"{{"readers":["{}"],"banned":[]}}"#, person.0);
    is(&insert(User(ADA), &row(GRACE)), 403, "42501");
    is(&insert(User(ADA), r#"{"readers":[],"banned":[]}"#), 403, "42501");
    is(&insert(User(ADA), r#"{"readers":null,"banned":[]}"#), 403, "42501");
    is(&insert(User(ADA), &row(ADA)), 201, "");
    let tag = |tags: &str| {
        house.rest(User(ADA), "PATCH docs?id=eq.1", "", &format!(r#"{{"tags":{tags}}}"#))
    };
    is(&tag(&format!(r#"["{}","open"]"#, ADA.1)), 403, "42501");
    is(&tag("null"), 403, "42501");
    is(&tag(r#"["open"]"#), 204, "");
}

#[test]
fn what_is_stored_and_is_no_array_lets_nobody_in() {
    let house = House::of(
        "create table docs (id integer primary key, readers uuid[]);",
        "create policy a on docs for select to authenticated using (auth.uid() = any(readers));",
    );
    house.host.execute(&format!("insert into docs values (1, '\"{}\"')", ALAN.0));
    is(&house.rest(User(ADA), "GET docs", "", ""), 200, "[]");
    house.host.execute("insert into docs values (2, 'no json')");
    is(&house.rest(User(ADA), "GET docs", "", ""), 400, "22003");
}
