//! One small schema for each rule of privileges and policies.

use crate::support::corridor::Caller::{Nobody, Service, User};
use crate::support::corridor::{ADA, ALAN, Answer, GRACE, House};

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
