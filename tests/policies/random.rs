//! Made-up schemas, policies, rows and requests, answered by the API and by a naive evaluator that
//! goes through all rows one by one. The evaluator shares nothing with what writes SQL: policies are
//! trees here, and become text only for the compiler.
//!
//! `SELVEDGE_SEED` runs one seed again.

use std::collections::{BTreeMap, BTreeSet};

use selvedge::catalog::{Access, Catalog, Predicate};
use serde_json::{Value, json};

use crate::support::corridor::Caller::{self, Nobody, Service, User};
use crate::support::corridor::{ADA, ALAN, Answer, GRACE, House, Person, catalog_of};
use crate::support::generator::Generator;

const PEOPLE: [Person; 3] = [ADA, GRACE, ALAN];
const CALLERS: [Caller; 5] = [Nobody, User(ADA), User(GRACE), User(ALAN), Service];

/// `a` has many `b` and, through `ab`, many `c`; `m` says who is in which group.
const SCHEMA: &str = "
    create table a (id integer primary key, owner uuid, open boolean not null, n integer, grp integer);
    create table b (id integer primary key, owner uuid, open boolean not null, n integer, grp integer,
      a_id integer references a (id) on delete cascade);
    create table c (id integer primary key, owner uuid, open boolean not null, n integer, grp integer);
    create table ab (a_id integer not null references a (id) on delete cascade,
      c_id integer not null references c (id) on delete cascade,
      owner uuid, open boolean not null, n integer, grp integer, primary key (a_id, c_id));
    create table m (id integer primary key, owner uuid, open boolean not null, n integer, grp integer);
    create view mine as select owner, grp from m;";

const TABLES: [&str; 5] = ["a", "b", "c", "ab", "m"];

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verb {
    Select,
    Insert,
    Update,
    Delete,
}

const VERBS: [Verb; 4] = [Verb::Select, Verb::Insert, Verb::Update, Verb::Delete];

/// Truth in SQL: `None` is null.
type Truth = Option<bool>;

#[derive(Debug, Clone)]
enum Condition {
    Mine,
    Open,
    Always,
    SignedIn,
    Greater(i64),
    Email(Person),
    /// `grp in (select grp from m where owner = auth.uid())`
    Member,
    /// `grp in (select grp from mine)`, where `mine` is a view of `m`: of changes to `m` alone, so that
    /// a row is judged by the table that it is about to be in.
    Fellow,
    /// The parent is visible: for `b` its `a`, for `ab` its `a`, by `exists`.
    Parent,
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

impl Condition {
    fn any(generator: &mut Generator, table: &str, depth: usize) -> Self {
        let inner = |generator: &mut Generator| Box::new(Self::any(generator, table, depth + 1));
        // `m` is what others look into, so it looks into nothing.
        match generator.below(if depth < 2 { 14 } else { 9 }) {
            0..=2 => Self::Mine,
            3 => Self::Open,
            4 => Self::Greater(generator.small(5)),
            5 | 6 if table != "m" => Self::Member,
            7 if matches!(table, "b" | "ab") => Self::Parent,
            5 => Self::Always,
            6 => Self::SignedIn,
            7 | 8 => Self::Email(*generator.pick(&PEOPLE)),
            9 => Self::Not(inner(generator)),
            10 | 11 => Self::And(inner(generator), inner(generator)),
            _ => Self::Or(inner(generator), inner(generator)),
        }
    }

    fn sql(&self) -> String {
        match self {
            Self::Mine => "owner = auth.uid()".into(),
            Self::Open => "open".into(),
            Self::Always => "true".into(),
            Self::SignedIn => "auth.role() = 'authenticated'".into(),
            Self::Greater(number) => format!("n > {number}"),
            Self::Email(person) => format!("auth.jwt() ->> 'email' = '{}'", person.1),
            Self::Member => "grp in (select grp from m where owner = auth.uid())".into(),
            Self::Fellow => "grp in (select grp from mine)".into(),
            Self::Parent => "exists (select 1 from a where a.id = a_id)".into(),
            Self::Not(inner) => format!("not ({})", inner.sql()),
            Self::And(left, right) => format!("({} and {})", left.sql(), right.sql()),
            Self::Or(left, right) => format!("({} or {})", left.sql(), right.sql()),
        }
    }
}

/// Whether a row is judged as it is, or as it is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    Before,
    After,
}

#[derive(Debug, Clone)]
struct Policy {
    table: &'static str,
    restrictive: bool,
    /// `None` is `for all`.
    verb: Option<Verb>,
    /// `None` is for both roles.
    role: Option<bool>,
    using: Option<Condition>,
    check: Option<Condition>,
}

impl Policy {
    fn any(generator: &mut Generator, table: &'static str) -> Self {
        let verb = (!generator.once_in(4)).then(|| *generator.pick(&VERBS));
        let looks_at_itself = table == "m" && !matches!(verb, None | Some(Verb::Select));
        let mut condition = || {
            let other = Condition::any(generator, table, 0);
            match generator.below(4) {
                0 if looks_at_itself => Condition::Fellow,
                1 if looks_at_itself => Condition::Not(Box::new(Condition::Fellow)),
                2 if looks_at_itself => {
                    Condition::And(Box::new(Condition::Fellow), Box::new(other))
                }
                _ => other,
            }
        };
        let using = (verb != Some(Verb::Insert)).then(&mut condition);
        let check = match verb {
            Some(Verb::Insert) => Some(condition()),
            Some(Verb::Select | Verb::Delete) => None,
            Some(Verb::Update) | None => Some(condition()),
        };
        let check = check.filter(|_| verb == Some(Verb::Insert) || generator.once_in(2));
        let role = (!generator.once_in(3)).then(|| !generator.once_in(3));
        Self { table, restrictive: generator.once_in(5), verb, role, using, check }
    }

    fn sql(&self, index: usize) -> String {
        let kind = if self.restrictive { "restrictive" } else { "permissive" };
        let verb = match self.verb {
            None => "all",
            Some(Verb::Select) => "select",
            Some(Verb::Insert) => "insert",
            Some(Verb::Update) => "update",
            Some(Verb::Delete) => "delete",
        };
        let role = match self.role {
            None => "anon, authenticated",
            Some(true) => "authenticated",
            Some(false) => "anon",
        };
        let using = self.using.as_ref().map(|using| format!(" using ({})", using.sql()));
        let check = self.check.as_ref().map(|check| format!(" with check ({})", check.sql()));
        format!(
            "create policy p{index} on {} as {kind} for {verb} to {role}{}{};\n",
            self.table,
            using.unwrap_or_default(),
            check.unwrap_or_default()
        )
    }

    fn concerns(&self, table: &str, verb: Verb, who: Caller) -> bool {
        self.table == table
            && self.verb.is_none_or(|own| own == verb)
            && self.role.is_none_or(|signed_in| signed_in == matches!(who, User(_)))
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Row {
    id: i64,
    owner: Option<&'static str>,
    open: bool,
    n: Option<i64>,
    grp: Option<i64>,
    /// Of `b` and `ab`.
    a_id: Option<i64>,
    /// Of `ab`.
    c_id: i64,
}

impl Row {
    fn any(generator: &mut Generator, id: i64) -> Self {
        Self {
            id,
            owner: Some(generator.pick(&PEOPLE).0).filter(|_| !generator.once_in(5)),
            open: generator.once_in(2),
            n: Some(generator.small(6)).filter(|_| !generator.once_in(5)),
            grp: Some(generator.small(3)).filter(|_| !generator.once_in(5)),
            a_id: Some(generator.small(5) + 1).filter(|_| !generator.once_in(5)),
            c_id: generator.small(4) + 1,
        }
    }

    fn json(&self, table: &str) -> Value {
        let mut row =
            json!({ "owner": self.owner, "open": self.open, "n": self.n, "grp": self.grp });
        if table != "ab" {
            row["id"] = json!(self.id);
        }
        if matches!(table, "b" | "ab") {
            row["a_id"] = json!(self.a_id);
        }
        if table == "ab" {
            row["c_id"] = json!(self.c_id);
        }
        row
    }

    fn key(&self, table: &str) -> (i64, i64) {
        if table == "ab" { (self.a_id.unwrap_or(0), self.c_id) } else { (self.id, 0) }
    }
}

/// The rows and who may do what with them, as the evaluator knows them.
#[derive(Debug, Clone)]
struct World {
    policies: Vec<Policy>,
    rows: BTreeMap<&'static str, Vec<Row>>,
}

impl World {
    fn any(generator: &mut Generator) -> Self {
        let mut policies = Vec::new();
        for table in TABLES {
            for _ in 0..=generator.below(5) {
                policies.push(Policy::any(generator, table));
            }
            // What other policies look into must be open to look into, or it does not compile.
            if matches!(table, "m" | "a") {
                let using = Some(Condition::Mine);
                let (verb, role) = (Some(Verb::Select), None);
                let open = Policy { table, restrictive: false, verb, role, using, check: None };
                policies.push(open);
            }
        }
        let mut rows: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
        for (table, count) in [("a", 5), ("c", 4), ("b", 6), ("ab", 6), ("m", 4)] {
            let mut seen = BTreeSet::new();
            let table_rows = rows.entry(table).or_default();
            for id in 1..=count {
                let mut row = Row::any(generator, id);
                if table == "ab" {
                    row.a_id = row.a_id.or(Some(1));
                }
                if seen.insert(row.key(table)) {
                    table_rows.push(row);
                }
            }
        }
        Self { policies, rows }
    }

    fn policies_sql(&self) -> String {
        let own = "create policy own on mine for select to anon, authenticated
             using (owner = auth.uid());\n";
        let policies = self.policies.iter().enumerate();
        own.to_owned() + &policies.map(|(index, policy)| policy.sql(index)).collect::<String>()
    }

    fn rows_sql(&self) -> String {
        let literal = |value: &Value| match value {
            Value::Null => "null".to_owned(),
            Value::String(text) => format!("'{text}'"),
            other => other.to_string(),
        };
        let mut sql = String::new();
        for table in ["a", "c", "b", "ab", "m"] {
            for row in &self.rows[table] {
                let row = row.json(table);
                let row = row.as_object().expect("an object");
                let columns: Vec<&str> = row.keys().map(String::as_str).collect();
                let values: Vec<String> = row.values().map(literal).collect();
                let (columns, values) = (columns.join(", "), values.join(", "));
                sql.push_str(&format!("insert into {table} ({columns}) values ({values});\n"));
            }
        }
        sql
    }

    fn truth(&self, condition: &Condition, row: &Row, who: Caller) -> Truth {
        let person = match who {
            User(person) => Some(person),
            Nobody | Service => None,
        };
        match condition {
            Condition::Mine => Some(row.owner? == person?.0),
            Condition::Open => Some(row.open),
            Condition::Always => Some(true),
            Condition::SignedIn => Some(person.is_some()),
            Condition::Greater(number) => Some(row.n? > *number),
            Condition::Email(other) => Some(person?.1 == other.1),
            Condition::Member => self.is_in_group(row, person, |one| self.visible("m", one, who)),
            // A view reads as its owner; its own policy is that of the closure.
            Condition::Fellow => self.is_in_group(row, person, |_| true),
            Condition::Parent => {
                let parent = |one: &&Row| row.a_id == Some(one.id);
                Some(self.rows["a"].iter().filter(parent).any(|one| self.visible("a", one, who)))
            }
            Condition::Not(inner) => self.truth(inner, row, who).map(|truth| !truth),
            Condition::And(left, right) => {
                match (self.truth(left, row, who), self.truth(right, row, who)) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (Some(true), Some(true)) => Some(true),
                    _ => None,
                }
            }
            Condition::Or(left, right) => {
                match (self.truth(left, row, who), self.truth(right, row, who)) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (Some(false), Some(false)) => Some(false),
                    _ => None,
                }
            }
        }
    }

    /// `in`, as SQL has it: without any groups false, and null where a null leaves it open.
    fn is_in_group(
        &self,
        row: &Row,
        person: Option<Person>,
        may_see: impl Fn(&Row) -> bool,
    ) -> Truth {
        let mine = |one: &&Row| person.is_some_and(|me| one.owner == Some(me.0));
        let groups: Vec<Option<i64>> = self.rows["m"]
            .iter()
            .filter(mine)
            .filter(|one| may_see(one))
            .map(|one| one.grp)
            .collect();
        if groups.is_empty() {
            return Some(false);
        }
        let group = row.grp?;
        match groups.contains(&Some(group)) {
            true => Some(true),
            false if groups.contains(&None) => None,
            false => Some(false),
        }
    }

    /// Any permissive policy must hold and every restrictive one.
    fn holds(&self, table: &str, verb: Verb, moment: Moment, row: (&Row, Caller)) -> bool {
        let (row, who) = row;
        if who == Service {
            return true;
        }
        let mut permitted = false;
        for policy in self.policies.iter().filter(|policy| policy.concerns(table, verb, who)) {
            let condition = if moment == Moment::After {
                policy.check.as_ref().or(policy.using.as_ref())
            } else {
                policy.using.as_ref()
            };
            let condition = condition.expect("a policy has a condition for its verb");
            let truth = self.truth(condition, row, who) == Some(true);
            match policy.restrictive {
                true if !truth => return false,
                true => {}
                false => permitted |= truth,
            }
        }
        permitted
    }

    fn visible(&self, table: &str, row: &Row, who: Caller) -> bool {
        self.holds(table, Verb::Select, Moment::Before, (row, who))
    }

    /// A policy for a verb implies the privilege, and only a permissive one gives rows.
    fn privileged(&self, table: &str, verb: Verb, who: Caller) -> bool {
        who == Service || self.policies.iter().any(|policy| policy.concerns(table, verb, who))
    }

    /// As SQLite's cascades have it.
    fn remove(&mut self, table: &str, keys: &BTreeSet<(i64, i64)>) {
        let gone = |row: &Row| keys.contains(&row.key(table));
        if let Some(rows) = self.rows.get_mut(table) {
            rows.retain(|row| !gone(row));
        }
        for (child, column) in [("b", "a"), ("ab", "a"), ("ab", "c")] {
            if table == column
                && let Some(rows) = self.rows.get_mut(child)
            {
                rows.retain(|row| {
                    let parent = if column == "a" { row.a_id } else { Some(row.c_id) };
                    parent.is_none_or(|parent| !keys.contains(&(parent, 0)))
                });
            }
        }
    }
}

/// A filter of a request.
#[derive(Debug, Clone)]
enum Filter {
    All,
    Greater(i64),
    NotGreater(i64),
    Owner(&'static str),
    OpenOrNull,
}

impl Filter {
    fn any(generator: &mut Generator) -> Self {
        match generator.below(6) {
            0 => Self::Greater(generator.small(5)),
            1 => Self::NotGreater(generator.small(5)),
            2 => Self::Owner(generator.pick(&PEOPLE).0),
            3 => Self::OpenOrNull,
            _ => Self::All,
        }
    }

    fn query(&self, prefix: &str) -> String {
        match self {
            Self::All => String::new(),
            Self::Greater(number) => format!("&{prefix}n=gt.{number}"),
            Self::NotGreater(number) => format!("&{prefix}n=not.gt.{number}"),
            Self::Owner(owner) => format!("&{prefix}owner=eq.{owner}"),
            Self::OpenOrNull => format!("&{prefix}or=(open.is.true,n.is.null)"),
        }
    }

    fn meets(&self, row: &Row) -> bool {
        match self {
            Self::All => true,
            Self::Greater(number) => row.n.is_some_and(|n| n > *number),
            Self::NotGreater(number) => row.n.is_some_and(|n| n <= *number),
            Self::Owner(owner) => row.owner == Some(owner),
            Self::OpenOrNull => row.open || row.n.is_none(),
        }
    }
}

/// A request and what it must come to.
struct Expected {
    line: String,
    prefer: &'static str,
    body: String,
    /// `Err` for a refusal by privilege or policy.
    answer: Result<Value, ()>,
    total: Option<usize>,
    after: World,
}

/// Embeds that are tried: outer, inner, how inner is spelled, whether it is to one.
const EMBEDS: [(&str, &str, bool); 6] = [
    ("a", "b", false),
    ("b", "a", true),
    ("a", "c", false),
    ("c", "a", false),
    ("ab", "a", true),
    ("a", "ab", false),
];

impl World {
    fn related(
        &self,
        (outer, one): (&str, &Row),
        (inner, other): (&str, &Row),
        who: Caller,
    ) -> bool {
        let through = |a: i64, c: i64| {
            self.rows["ab"]
                .iter()
                .any(|row| row.key("ab") == (a, c) && self.visible("ab", row, who))
        };
        match (outer, inner) {
            ("a", "b" | "ab") => other.a_id == Some(one.id),
            ("b" | "ab", "a") => one.a_id == Some(other.id),
            ("a", "c") => through(one.id, other.id),
            ("c", "a") => through(other.id, one.id),
            _ => false,
        }
    }

    fn read(&self, generator: &mut Generator, who: Caller) -> Expected {
        let (outer, inner, to_one) = *generator.pick(&EMBEDS);
        let (filter, inner_filter) = (Filter::any(generator), Filter::any(generator));
        let (embeds, is_inner) = (generator.once_in(2), generator.once_in(2));
        let columns = |table: &str| if table == "ab" { "a_id,c_id" } else { "id" };
        let shown = |table: &str, row: &Row| match table {
            "ab" => json!({ "a_id": row.a_id, "c_id": row.c_id }),
            _ => json!({ "id": row.id }),
        };
        let join = if is_inner { "!inner" } else { "" };
        let order = |table: &str, prefix: &str| format!("&{prefix}order={}", columns(table));
        let mut line = format!("GET {outer}?select={}", columns(outer));
        if embeds {
            line.push_str(&format!(",{inner}{join}({})", columns(inner)));
            line.push_str(&inner_filter.query(&format!("{inner}.")));
            line.push_str(&order(inner, &format!("{inner}.")));
        }
        line.push_str(&filter.query(""));
        line.push_str(&order(outer, ""));
        let mut allowed = self.privileged(outer, Verb::Select, who);
        if embeds {
            allowed &= self.privileged(inner, Verb::Select, who);
            if matches!((outer, inner), ("a", "c") | ("c", "a")) {
                allowed &= self.privileged("ab", Verb::Select, who);
            }
        }
        let mut found: Vec<(Value, (i64, i64))> = Vec::new();
        for row in &self.rows[outer] {
            if !self.visible(outer, row, who) || !filter.meets(row) {
                continue;
            }
            let mut object = shown(outer, row);
            if embeds {
                let mut others: Vec<&Row> = self.rows[inner]
                    .iter()
                    .filter(|other| self.related((outer, row), (inner, other), who))
                    .filter(|other| self.visible(inner, other, who) && inner_filter.meets(other))
                    .collect();
                others.sort_by_key(|other| other.key(inner));
                if is_inner && others.is_empty() {
                    continue;
                }
                let others: Vec<Value> =
                    others.into_iter().map(|other| shown(inner, other)).collect();
                object[inner] = if to_one { json!(others.first()) } else { json!(others) };
            }
            found.push((object, row.key(outer)));
        }
        found.sort_by_key(|(_, key)| *key);
        let rows: Vec<Value> = found.into_iter().map(|(object, _)| object).collect();
        let total = rows.len();
        let (mut offset, mut limit) = (0, usize::MAX);
        if generator.once_in(3) {
            (offset, limit) = (generator.below(total + 1), generator.below(3) + 1);
            line.push_str(&format!("&limit={limit}&offset={offset}"));
        }
        let rows: Vec<Value> = rows.into_iter().skip(offset).take(limit).collect();
        Expected {
            line,
            prefer: "count=exact",
            body: String::new(),
            answer: if allowed { Ok(json!(rows)) } else { Err(()) },
            total: allowed.then_some(total),
            after: self.clone(),
        }
    }

    /// The rows that a change touches: those of the verb's policies and, where somebody looks at
    /// them, of those for select.
    fn touched(
        &self,
        (table, verb): (&str, Verb),
        filter: &Filter,
        who: Caller,
        looks: bool,
    ) -> Vec<Row> {
        let meant = |row: &&Row| {
            self.holds(table, verb, Moment::Before, (row, who))
                && (!looks || self.visible(table, row, who))
                && filter.meets(row)
        };
        self.rows[table].iter().filter(meant).cloned().collect()
    }

    fn change(&self, generator: &mut Generator, who: Caller) -> Expected {
        let table = *generator.pick(&["a", "b", "m"]);
        let verb = *generator.pick(&[Verb::Update, Verb::Delete]);
        let filter = Filter::any(generator);
        let shows = generator.once_in(2);
        let looks = shows || !matches!(filter, Filter::All);
        let method = if verb == Verb::Update { "PATCH" } else { "DELETE" };
        let line = format!("{method} {table}?select=id{}", filter.query(""));
        let prefer = if shows { "return=representation" } else { "" };
        let mut allowed = self.privileged(table, verb, who);
        allowed &= !looks || self.privileged(table, Verb::Select, who);
        let touched = self.touched((table, verb), &filter, who, looks);
        let keys: BTreeSet<(i64, i64)> = touched.iter().map(|row| row.key(table)).collect();
        let mut after = self.clone();
        let mut body = String::new();
        if verb == Verb::Update {
            let new = Row::any(generator, 0);
            let mut set = json!({});
            let columns = ["owner", "open", "n", "grp"];
            let chosen: Vec<&str> = columns.into_iter().filter(|_| generator.once_in(2)).collect();
            let chosen = if chosen.is_empty() { vec!["n"] } else { chosen };
            for column in &chosen {
                set[*column] = new.json(table)[*column].clone();
            }
            body = set.to_string();
            let rows = after.rows.get_mut(table).expect("a table");
            for row in rows.iter_mut().filter(|row| keys.contains(&row.key(table))) {
                for column in &chosen {
                    match *column {
                        "owner" => row.owner = new.owner,
                        "open" => row.open = new.open,
                        "n" => row.n = new.n,
                        _ => row.grp = new.grp,
                    }
                }
                // What a policy looks at is what was there before the change.
                allowed &= self.holds(table, verb, Moment::After, (row, who));
                allowed &= !looks || self.visible(table, row, who);
            }
        } else {
            after.remove(table, &keys);
        }
        let ids: Vec<Value> = touched.iter().map(|row| json!({ "id": row.id })).collect();
        let shown = if shows { json!(ids) } else { Value::Null };
        Expected {
            line,
            prefer,
            body,
            answer: if allowed { Ok(shown) } else { Err(()) },
            total: None,
            after: if allowed { after } else { self.clone() },
        }
    }

    /// A row whose parent, if it has one, is there.
    fn new_row(&self, generator: &mut Generator, table: &str, id: i64) -> Row {
        let row = Row::any(generator, id);
        let is_there = |a_id: &i64| self.rows["a"].iter().any(|parent| *a_id == parent.id);
        let a_id = row.a_id.filter(|a_id| table == "b" && is_there(a_id));
        Row { a_id, c_id: 0, ..row }
    }

    fn insert(&self, generator: &mut Generator, who: Caller) -> Expected {
        let table = *generator.pick(&["a", "b", "m"]);
        let merges = generator.once_in(3);
        let shows = generator.once_in(2);
        let mut allowed = self.privileged(table, Verb::Insert, who);
        if shows || merges {
            allowed &= self.privileged(table, Verb::Select, who);
        }
        if merges {
            allowed &= self.privileged(table, Verb::Update, who);
        }
        let mut after = self.clone();
        let mut bodies = Vec::new();
        let mut ids = Vec::new();
        let existing: Vec<i64> = self.rows[table].iter().map(|row| row.id).collect();
        // A merge sees what the rows before it have done, so there is one where that matters.
        let several = !merges || table != "m";
        for index in 0..=u8::from(several && generator.once_in(2)) {
            let fresh = 100 + i64::from(index);
            let id = match existing.get(usize::from(index)) {
                Some(id) if merges && generator.once_in(2) => *id,
                _ => fresh,
            };
            let row = self.new_row(generator, table, id);
            allowed &= self.holds(table, Verb::Insert, Moment::After, (&row, who));
            if shows || merges {
                allowed &= self.visible(table, &row, who);
            }
            let rows = after.rows.get_mut(table).expect("a table");
            if let Some(old) = rows.iter_mut().find(|old| old.id == id) {
                allowed &= self.holds(table, Verb::Update, Moment::Before, (old, who));
                allowed &= self.visible(table, old, who);
                allowed &= self.holds(table, Verb::Update, Moment::After, (&row, who));
                *old = row.clone();
            } else {
                rows.push(row.clone());
            }
            bodies.push(row.json(table));
            ids.push(json!({ "id": id }));
        }
        let prefer = match (merges, shows) {
            (true, true) => "resolution=merge-duplicates,return=representation",
            (true, false) => "resolution=merge-duplicates",
            (false, true) => "return=representation",
            (false, false) => "",
        };
        Expected {
            line: format!("POST {table}?select=id"),
            prefer,
            body: json!(bodies).to_string(),
            answer: if allowed {
                Ok(if shows { json!(ids) } else { Value::Null })
            } else {
                Err(())
            },
            total: None,
            after: if allowed { after } else { self.clone() },
        }
    }
}

/// The database as the evaluator holds it.
fn state(house: &House) -> BTreeMap<&'static str, BTreeSet<String>> {
    let read = |table: &'static str| {
        let answer = house.rest(Service, &format!("GET {table}"), "", "");
        let rows: Vec<Value> = serde_json::from_str(&answer.body).expect("rows");
        (table, rows.iter().map(Value::to_string).collect())
    };
    TABLES.into_iter().map(read).collect()
}

fn sorted(rows: &Value) -> Vec<String> {
    let mut rows: Vec<String> =
        rows.as_array().into_iter().flatten().map(Value::to_string).collect();
    rows.sort();
    rows
}

/// What is wrong with an answer and with what it leaves, if anything is.
fn fault(house: &House, who: Caller, expected: &Expected, found: &Answer) -> Option<String> {
    let Expected { line, answer, total, after, .. } = expected;
    match answer {
        Err(()) => {
            let status = if who == Nobody { 401 } else { 403 };
            if (found.status, found.code().as_str()) != (status, "42501") {
                return Some("must be refused".into());
            }
        }
        Ok(_) if found.status >= 300 => return Some("must not be refused".into()),
        Ok(rows) => {
            let found_rows: Value = serde_json::from_str(&found.body).unwrap_or_default();
            let same = if line.starts_with("GET") {
                found_rows == *rows
            } else {
                sorted(&found_rows) == sorted(rows)
            };
            if !same {
                return Some("answers other rows".into());
            }
            let range = found.header("content-range").unwrap_or_default();
            if total.is_some_and(|total| !range.ends_with(&format!("/{total}"))) {
                return Some(format!("counts {range}"));
            }
        }
    }
    if line.starts_with("GET") {
        return None;
    }
    let texts = |table| after.rows[table].iter().map(|row| row.json(table).to_string()).collect();
    let wanted: BTreeMap<_, BTreeSet<String>> =
        TABLES.into_iter().map(|table| (table, texts(table))).collect();
    let is = state(house);
    (is != wanted).then(|| format!("leaves {is:#?} instead of {wanted:#?}"))
}

/// Runs one made-up world; `plant` may put a hole into its catalog.
fn run(seed: u64, requests: usize, plant: impl FnOnce(&mut Catalog)) -> Result<(), String> {
    let mut generator = Generator::new(seed);
    let mut world = World::any(&mut generator);
    let policies = world.policies_sql();
    let mut catalog = catalog_of(SCHEMA, &policies);
    plant(&mut catalog);
    let house = House::with(SCHEMA, catalog);
    house.host.execute(&world.rows_sql());
    for number in 0..requests {
        let who = *generator.pick(&CALLERS);
        let expected = match generator.below(4) {
            0 | 1 => world.read(&mut generator, who),
            2 => world.change(&mut generator, who),
            _ => world.insert(&mut generator, who),
        };
        let found = house.rest(who, &expected.line, expected.prefer, &expected.body);
        if let Some(what) = fault(&house, who, &expected, &found) {
            let Expected { line, prefer, body, answer, total, .. } = expected;
            return Err(format!(
                "seed {seed}, request {number}: {what}\n{who:?} {line}\nprefer: {prefer}\n{body}\n\
                 expected {answer:?} {total:?}\nfound {} {}\n{policies}\n{}",
                found.status,
                found.body,
                world.rows_sql()
            ));
        }
        world = expected.after;
        // Fresh keys stay fresh.
        if world.rows.values().flatten().any(|row| row.id >= 100) {
            for table in ["a", "b", "m"] {
                house.host.execute(&format!("delete from {table} where id >= 100"));
                world.remove(table, &[(100, 0), (101, 0)].into());
            }
        }
    }
    Ok(())
}

const WORLDS: u64 = 200;
const REQUESTS: usize = 30;

#[test]
fn made_up_requests_are_answered_as_a_naive_evaluator_answers_them() {
    if let Ok(seed) = std::env::var("SELVEDGE_SEED") {
        let run = run(seed.parse().expect("a number"), REQUESTS, |_| ());
        return assert_eq!(run, Ok(()));
    }
    let mut failures = Vec::new();
    for seed in 0..WORLDS {
        failures.extend(run(seed, REQUESTS, |_| ()).err());
    }
    let first = failures.first().map_or("", String::as_str);
    assert!(failures.is_empty(), "{} of {WORLDS} worlds fail. The first:\n{first}", failures.len());
}

/// Which predicate of an access is replaced by one that always holds.
#[derive(Debug, Clone, Copy)]
enum Hole {
    Select,
    Insert,
    UpdateUsing,
    UpdateCheck,
    Delete,
}

fn plant(catalog: &mut Catalog, table: &str, hole: Hole) {
    let table = catalog.tables.iter_mut().find(|other| other.name == table).expect("a table");
    let open = |access: &mut Access| {
        let (grant, is_check) = match hole {
            Hole::Select => (&mut access.select, false),
            Hole::Insert => (&mut access.insert, true),
            Hole::UpdateUsing => (&mut access.update, false),
            Hole::UpdateCheck => (&mut access.update, true),
            Hole::Delete => (&mut access.delete, false),
        };
        if let Some(grant) = grant {
            let predicate = if is_check { &mut grant.check } else { &mut grant.using };
            *predicate = Predicate::always();
        }
    };
    open(&mut table.anon);
    open(&mut table.authenticated);
}

#[test]
fn a_planted_hole_is_found() {
    for (table, hole) in [
        ("a", Hole::Select),
        ("b", Hole::Select),
        ("ab", Hole::Select),
        ("a", Hole::Insert),
        ("b", Hole::UpdateUsing),
        ("b", Hole::UpdateCheck),
        ("m", Hole::Delete),
    ] {
        let finds =
            |seed: &u64| run(*seed, REQUESTS, |catalog| plant(catalog, table, hole)).is_err();
        let found = (0..WORLDS).find(finds);
        assert!(found.is_some(), "a hole in {table} ({hole:?}) is not found");
    }
}
