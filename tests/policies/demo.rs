//! The demo, judged row by row. What each person may do is written here once more, in Rust and by
//! the names of people and projects, and compared with what the API does.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::corridor::Caller::{self, Nobody, Service, User};
use crate::support::corridor::{ADA, ALAN, GRACE, House, MALLORY, Person};

const CALLERS: [Caller; 6] = [Nobody, User(MALLORY), User(ALAN), User(GRACE), User(ADA), Service];

const MEMBERS: [(i64, Person, &str); 4] =
    [(1, ADA, "owner"), (1, GRACE, "editor"), (1, ALAN, "viewer"), (2, GRACE, "owner")];

/// Task and its project.
const TASKS: [(i64, i64); 5] = [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2)];
const DONE: [i64; 2] = [1, 5];
/// Label and its project.
const LABELS: [(i64, i64); 3] = [(1, 1), (2, 1), (3, 2)];
const TASK_LABELS: [(i64, i64); 4] = [(1, 2), (2, 1), (2, 2), (4, 3)];
/// Comment, its task, and who wrote it.
const COMMENTS: [(i64, i64, Person); 4] = [(1, 1, ADA), (2, 2, GRACE), (3, 2, ADA), (4, 4, GRACE)];

/// A row of the demo by its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    Project(i64),
    Member(i64, Person, &'static str),
    Task(i64, i64),
    Comment { id: i64, task: i64, author: Person },
    Label(i64, i64),
    TaskLabel(i64, i64),
    Note(i64),
    Membership(i64, Person),
    OpenTask(i64, i64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Select,
    Insert,
    Update,
    Delete,
}

fn project_of(task: i64) -> i64 {
    TASKS.iter().find(|(id, _)| *id == task).map_or(0, |(_, project)| *project)
}

fn label_project(label: i64) -> i64 {
    LABELS.iter().find(|(id, _)| *id == label).map_or(0, |(_, project)| *project)
}

/// What somebody is in a project.
fn role(who: Caller, project: i64) -> Option<&'static str> {
    let User(person) = who else { return None };
    let member = |entry: &&(i64, Person, &str)| entry.0 == project && entry.1 == person;
    MEMBERS.iter().find(member).map(|entry| entry.2)
}

/// Whether somebody may do that with a row that exists, or with one that would be just like it.
fn may(who: Caller, verb: Verb, row: Row) -> bool {
    if is_hidden_from_all(row) {
        return false;
    }
    if who == Service {
        return !row.is_view() || verb == Verb::Select;
    }
    let member = |project| role(who, project).is_some();
    let edits = |project| matches!(role(who, project), Some("editor" | "owner"));
    let owns = |project| role(who, project) == Some("owner");
    match (row, verb) {
        (Row::Project(id), Verb::Select) => member(id),
        (Row::Project(id), _) => owns(id),
        (Row::Member(project, ..), Verb::Select) => member(project),
        (Row::Member(project, _, role), Verb::Delete) => owns(project) && role != "owner",
        (Row::Member(project, ..), _) => owns(project),
        (Row::Task(_, project) | Row::Label(_, project), Verb::Select) => member(project),
        (Row::Task(_, project) | Row::Label(_, project), _) => edits(project),
        (Row::Comment { task, .. }, Verb::Select) => member(project_of(task)),
        (Row::Comment { task, author, .. }, _) => who == User(author) && member(project_of(task)),
        (Row::TaskLabel(task, _), Verb::Select) => member(project_of(task)),
        (Row::TaskLabel(task, label), _) => edits(project_of(task)) && edits(label_project(label)),
        (Row::Note(project), _) => owns(project),
        (Row::Membership(_, person), Verb::Select) => who == User(person),
        (Row::OpenTask(_, project), Verb::Select) => member(project),
        (Row::Membership(..) | Row::OpenTask(..), _) => false,
    }
}

fn rows() -> Vec<Row> {
    let mut rows = vec![Row::Project(1), Row::Project(2), Row::Note(1), Row::Note(2)];
    rows.extend(MEMBERS.map(|(project, person, role)| Row::Member(project, person, role)));
    rows.extend(TASKS.map(|(id, project)| Row::Task(id, project)));
    rows.extend(COMMENTS.map(|(id, task, author)| Row::Comment { id, task, author }));
    rows.extend(LABELS.map(|(id, project)| Row::Label(id, project)));
    rows.extend(TASK_LABELS.map(|(task, label)| Row::TaskLabel(task, label)));
    rows.extend(MEMBERS.map(|(project, person, _)| Row::Membership(project, person)));
    rows.extend(TASKS.map(|(id, project)| Row::OpenTask(id, project)));
    rows
}

impl Row {
    fn table(self) -> &'static str {
        match self {
            Self::Project(_) => "projects",
            Self::Member(..) => "members",
            Self::Task(..) => "tasks",
            Self::Comment { .. } => "comments",
            Self::Label(..) => "labels",
            Self::TaskLabel(..) => "task_labels",
            Self::Note(_) => "project_notes",
            Self::Membership(..) => "memberships",
            Self::OpenTask(..) => "open_tasks",
        }
    }

    fn key(self) -> Value {
        match self {
            Self::Project(id)
            | Self::Task(id, _)
            | Self::Comment { id, .. }
            | Self::Label(id, _)
            | Self::OpenTask(id, _) => json!({ "id": id }),
            Self::Member(project, person, _) | Self::Membership(project, person) => {
                json!({ "project_id": project, "user_id": person.0 })
            }
            Self::TaskLabel(task, label) => json!({ "task_id": task, "label_id": label }),
            Self::Note(project) => json!({ "project_id": project }),
        }
    }

    /// The key as filters.
    fn filter(self) -> String {
        let key = self.key();
        let filters: Vec<String> = key
            .as_object()
            .expect("an object")
            .iter()
            .map(|(column, value)| {
                format!("{column}=eq.{}", value.as_str().map_or(value.to_string(), str::to_owned))
            })
            .collect();
        filters.join("&")
    }

    /// The key's columns, for `select=`.
    fn key_columns(self) -> String {
        let key = self.key();
        key.as_object().expect("an object").keys().cloned().collect::<Vec<_>>().join(",")
    }

    /// A column that is set to what it is: nothing changes but the right to do so is needed.
    fn same(self) -> Value {
        match self {
            Self::Project(id) => json!({ "id": id }),
            Self::Member(_, _, role) => json!({ "role": role }),
            Self::Task(_, project) | Self::Label(_, project) => json!({ "project_id": project }),
            Self::Comment { author, .. } => json!({ "author_id": author.0 }),
            Self::TaskLabel(task, _) => json!({ "task_id": task }),
            Self::Note(project) => json!({ "project_id": project }),
            Self::Membership(..) | Self::OpenTask(..) => json!({ "project_id": 1 }),
        }
    }

    /// A whole row with another key that belongs to the same people.
    fn like(self) -> Value {
        match self {
            Self::Project(id) => {
                let owner = if id == 1 { ADA } else { GRACE };
                json!({ "id": id + 100, "name": "n", "owner_id": owner.0 })
            }
            Self::Member(project, ..) => {
                json!({ "project_id": project, "user_id": MALLORY.0, "role": "viewer" })
            }
            Self::Task(id, project) => {
                json!({ "id": id + 100, "project_id": project, "title": format!("new {id}") })
            }
            Self::Comment { id, task, author } => {
                json!({ "id": id + 100, "task_id": task, "author_id": author.0, "body": "b" })
            }
            Self::Label(id, project) => {
                json!({ "id": id + 100, "project_id": project, "name": format!("new {id}") })
            }
            Self::TaskLabel(..) | Self::Note(_) => self.key(),
            Self::Membership(..) | Self::OpenTask(..) => self.key(),
        }
    }

    fn is_view(self) -> bool {
        matches!(self, Self::Membership(..) | Self::OpenTask(..))
    }
}

fn set(rows: &Value) -> BTreeSet<String> {
    rows.as_array().expect("rows").iter().map(Value::to_string).collect()
}

#[test]
fn everybody_reads_and_counts_what_they_may_and_nothing_else() {
    let house = House::demo();
    for who in CALLERS {
        for table in rows().chunk_by(|one, other| one.table() == other.table()) {
            let columns = table[0].key_columns();
            let line = format!("GET {}?select={columns}", table[0].table());
            let answer = house.rest(who, &line, "count=exact", "");
            if who == Nobody {
                assert_eq!((answer.status, answer.code().as_str()), (401, "42501"), "{line}");
                continue;
            }
            let visible: BTreeSet<String> = table
                .iter()
                .filter(|row| may(who, Verb::Select, **row))
                .map(|row| row.key().to_string())
                .collect();
            assert_eq!(set(&answer.json()), visible, "{who:?} {line}");
            let total = format!("/{}", visible.len());
            let range = answer.header("content-range").expect("a range").to_owned();
            assert!(range.ends_with(&total), "{who:?} {line}: {range}");
        }
    }
}

/// Whether a view does not have the row, whoever asks.
fn is_hidden_from_all(row: Row) -> bool {
    matches!(row, Row::OpenTask(task, _) if DONE.contains(&task))
}

#[test]
fn a_row_that_is_hidden_answers_like_one_that_does_not_exist() {
    let house = House::demo();
    for row in rows().into_iter().filter(|row| !matches!(row, Row::Membership(..))) {
        let absent = match row {
            Row::Member(_, person, _) => format!("project_id=eq.999&user_id=eq.{}", person.0),
            Row::TaskLabel(..) => "task_id=eq.999&label_id=eq.999".to_owned(),
            Row::Note(_) => "project_id=eq.999".to_owned(),
            _ => "id=eq.999".to_owned(),
        };
        let verbs: &[(&str, String)] = if row.is_view() {
            &[("GET", String::new())]
        } else {
            &[("GET", String::new()), ("PATCH", row.same().to_string()), ("DELETE", String::new())]
        };
        for (verb, body) in verbs {
            for prefer in ["", "return=representation, count=exact"] {
                let ask = |filter: &str| {
                    let line = format!("{verb} {}?{filter}", row.table());
                    let mut answer = house.rest(User(MALLORY), &line, prefer, body);
                    // An address that was asked is told again, whatever is there.
                    let told = ["x-request-id", "content-location"];
                    answer.headers.retain(|(name, _)| !told.contains(name));
                    answer
                };
                assert_eq!(ask(&row.filter()), ask(&absent), "{verb} {row:?}");
            }
        }
    }
}

#[test]
fn everybody_updates_and_deletes_what_they_may_and_nothing_else() {
    for who in CALLERS {
        for row in rows().into_iter().filter(|row| !row.is_view()) {
            let table = row.table();
            for (verb, method, body) in [
                (Verb::Update, "PATCH", row.same().to_string()),
                (Verb::Delete, "DELETE", String::new()),
            ] {
                let house = House::demo();
                let before = house.host.dump();
                let columns = row.key_columns();
                let line = format!("{method} {table}?select={columns}&{}", row.filter());
                let answer = house.rest(who, &line, "return=representation", &body);
                if who == Nobody {
                    assert_eq!((answer.status, answer.code().as_str()), (401, "42501"), "{line}");
                    assert_eq!(house.host.dump(), before);
                    continue;
                }
                let allowed = may(who, verb, row);
                let expected = if allowed { json!([row.key()]) } else { json!([]) };
                assert_eq!((answer.status, answer.json()), (200, expected), "{who:?} {line}");
                let gone = house.host.dump() != before;
                assert_eq!(gone, allowed && verb == Verb::Delete, "{who:?} {line}");
            }
        }
    }
}

#[test]
fn everybody_inserts_and_merges_what_they_may_and_nothing_else() {
    for who in CALLERS {
        for row in rows().into_iter().filter(|row| !row.is_view()) {
            let house = House::demo();
            // What cannot be there twice makes room for itself.
            if matches!(row, Row::TaskLabel(..) | Row::Note(_)) {
                house.rest(Service, &format!("DELETE {}?{}", row.table(), row.filter()), "", "");
            }
            let before = house.host.dump();
            let line = format!("POST {}", row.table());
            let answer = house.rest(who, &line, "", &row.like().to_string());
            let allowed = may(who, Verb::Insert, row);
            let expected = match (allowed, who) {
                (true, _) => (201, String::new()),
                (false, Nobody) => (401, "42501".to_owned()),
                (false, _) => (403, "42501".to_owned()),
            };
            assert_eq!((answer.status, answer.code()), expected, "{who:?} {line} {row:?}");
            assert_eq!(house.host.dump() != before, allowed, "{who:?} {line}");

            // The same key again, merged into the row that is there now or has always been.
            let house = House::demo();
            let before = house.host.dump();
            let mut whole = row.like();
            for (column, value) in row.key().as_object().expect("an object") {
                whole[column] = value.clone();
            }
            if let Row::Member(_, _, role) = row {
                whole["role"] = json!(role);
            }
            let merge = "resolution=merge-duplicates";
            let answer = house.rest(who, &line, merge, &whole.to_string());
            let allowed = [Verb::Select, Verb::Insert, Verb::Update]
                .into_iter()
                .all(|verb| may(who, verb, row));
            assert_eq!(answer.status < 300, allowed, "{who:?} {line} {whole}: {answer:?}");
            if !allowed {
                assert_eq!(house.host.dump(), before, "{who:?} {line}");
            }
        }
    }
}

/// Reads `outer?select=..,inner(..)` with each join and compares both with the filter above.
fn check_embed(who: Caller, outer: &[Row], inner: &[Row], related: impl Fn(Row, Row) -> bool) {
    let house = House::demo();
    let (outer_columns, inner_columns) = (outer[0].key_columns(), inner[0].key_columns());
    let (outer_table, inner_table) = (outer[0].table(), inner[0].table());
    for join in ["", "!inner"] {
        let select = format!("{outer_columns},{inner_table}{join}({inner_columns})");
        let line = format!("GET {outer_table}?select={select}");
        let answer = house.rest(who, &line, "count=exact", "");
        assert!(answer.status == 200, "{who:?} {line}: {answer:?}");
        let mut expected = BTreeSet::new();
        for row in outer.iter().filter(|row| may(who, Verb::Select, **row)) {
            let visible = |other: &&Row| related(*row, **other) && may(who, Verb::Select, **other);
            let others: BTreeSet<String> =
                inner.iter().filter(visible).map(|other| other.key().to_string()).collect();
            if join.is_empty() || !others.is_empty() {
                expected.insert((row.key().to_string(), others));
            }
        }
        let mut found = BTreeSet::new();
        for row in answer.json().as_array().expect("rows") {
            let mut row = row.clone();
            let others = row.as_object_mut().and_then(|row| row.remove(inner_table));
            let others = match others.expect("the embed") {
                Value::Array(others) => others,
                Value::Null => Vec::new(),
                one => vec![one],
            };
            found.insert((row.to_string(), others.iter().map(Value::to_string).collect()));
        }
        assert_eq!(found, expected, "{who:?} {line}");
        let total = format!("/{}", expected.len());
        assert!(answer.header("content-range").is_some_and(|range| range.ends_with(&total)));
    }
}

#[test]
fn embeds_show_what_everybody_may_read_from_both_sides() {
    let of = |table: &str| -> Vec<Row> {
        rows().into_iter().filter(|row| row.table() == table).collect()
    };
    let project = |row: Row| match row {
        Row::Project(id) | Row::Note(id) => id,
        Row::Member(project, ..) | Row::Task(_, project) | Row::Label(_, project) => project,
        Row::OpenTask(_, project) | Row::Membership(project, _) => project,
        Row::Comment { .. } | Row::TaskLabel(..) => 0,
    };
    let task = |row: Row| match row {
        Row::Task(id, _) => id,
        Row::Comment { task, .. } | Row::TaskLabel(task, _) => task,
        _ => 0,
    };
    let label = |row: Row| match row {
        Row::Label(id, _) | Row::TaskLabel(_, id) => id,
        _ => 0,
    };
    for who in CALLERS.into_iter().filter(|who| *who != Nobody) {
        for (outer, inner) in [
            ("projects", "members"),
            ("projects", "tasks"),
            ("projects", "labels"),
            ("projects", "project_notes"),
            // Views, by the keys of the tables that they read.
            ("projects", "open_tasks"),
            ("projects", "memberships"),
        ] {
            let same = |one: Row, other: Row| project(one) == project(other);
            check_embed(who, &of(outer), &of(inner), same);
            check_embed(who, &of(inner), &of(outer), same);
        }
        for inner in ["comments", "task_labels"] {
            let same = |one: Row, other: Row| task(one) == task(other);
            check_embed(who, &of("tasks"), &of(inner), same);
            check_embed(who, &of(inner), &of("tasks"), same);
        }
        let same = |one: Row, other: Row| label(one) == label(other);
        check_embed(who, &of("labels"), &of("task_labels"), same);
        check_embed(who, &of("task_labels"), &of("labels"), same);
        // Through the junction, whose own policy counts too.
        let joined = |one: Row, other: Row| {
            TASK_LABELS.iter().any(|(task_id, label_id)| {
                let junction = Row::TaskLabel(*task_id, *label_id);
                let is = |row: Row| task(row) == *task_id || label(row) == *label_id;
                is(one) && is(other) && may(who, Verb::Select, junction)
            })
        };
        check_embed(who, &of("tasks"), &of("labels"), joined);
        check_embed(who, &of("labels"), &of("tasks"), joined);
    }
}
