//! Made-up policies and grants: trees here, which become text for the compiler alone.

use super::schema::{GROUPS, Kind, Schema, Table, VIEW, quoted};
use super::value::{Operator, PEOPLE, Value};
use crate::support::corridor::{Caller, Person};
use crate::support::generator::Generator;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    Select,
    Insert,
    Update,
    Delete,
}

impl Verb {
    const ALL: [Self; 4] = [Self::Select, Self::Insert, Self::Update, Self::Delete];

    fn sql(self) -> &'static str {
        match self {
            Self::Select => "select",
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// What a policy asks of a row.
#[derive(Debug, Clone)]
pub enum Condition {
    /// A column is `auth.uid()`.
    Mine(usize),
    /// A boolean column.
    Flag(usize),
    Compare(usize, Operator, Value),
    IsNull(usize),
    Always,
    SignedIn,
    Email(Person),
    /// `grp in (select grp from groups where owner = auth.uid())`, through the policies of the groups.
    Member,
    /// The same through a view, which reads as its owner: of changes to the groups alone, so that a
    /// row is judged by the table that it is about to be in.
    Fellow,
    /// The parent that a column refers to is visible.
    Parent(usize),
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Condition {
    fn any(generator: &mut Generator, schema: &Schema, at: usize, depth: usize) -> Self {
        let table = &schema.tables[at];
        let column = |generator: &mut Generator, kind| *generator.pick(&table.of_kind(kind));
        // A table that looked into itself would be a circle.
        let parents: Vec<usize> = (0..table.columns.len())
            .filter(|column| table.columns[*column].parent.is_some_and(|parent| parent != at))
            .collect();
        match generator.below(if depth < 2 { 15 } else { 11 }) {
            0..=2 => Self::Mine(column(generator, Kind::Uuid)),
            3 => Self::Flag(column(generator, Kind::Boolean)),
            4 | 5 => {
                let at = generator.below(table.columns.len());
                let kind = table.columns[at].kind;
                match kind {
                    Kind::Integer | Kind::Text => {
                        let operator = *generator.pick(&Operator::ALL);
                        Self::Compare(at, operator, Value::any(generator, kind))
                    }
                    Kind::Boolean | Kind::Uuid => Self::IsNull(at),
                }
            }
            6 | 7 if at != GROUPS => Self::Member,
            8 | 9 if !parents.is_empty() => Self::Parent(*generator.pick(&parents)),
            6 => Self::Always,
            7 => Self::SignedIn,
            8..=10 => Self::Email(*generator.pick(&PEOPLE)),
            11 => Self::Not(Box::new(Self::any(generator, schema, at, depth + 1))),
            kind => {
                let count = 2 + generator.below(2);
                let inner =
                    (0..count).map(|_| Self::any(generator, schema, at, depth + 1)).collect();
                if kind < 14 { Self::All(inner) } else { Self::Any(inner) }
            }
        }
    }

    fn sql(&self, schema: &Schema, table: &Table) -> String {
        let column = |at: &usize| quoted(&table.columns[*at].name);
        let all = |inner: &[Self], word: &str| {
            let inner: Vec<String> = inner.iter().map(|one| one.sql(schema, table)).collect();
            format!("({})", inner.join(word))
        };
        match self {
            Self::Mine(at) => format!("{} = auth.uid()", column(at)),
            Self::Flag(at) => column(at),
            Self::Compare(at, operator, value) => {
                format!("{} {} {}", column(at), operator.sql(), value.sql())
            }
            Self::IsNull(at) => format!("{} is null", column(at)),
            Self::Always => "true".into(),
            Self::SignedIn => "auth.role() = 'authenticated'".into(),
            Self::Email(person) => format!("auth.jwt() ->> 'email' = '{}'", person.1),
            Self::Member => "grp in (select grp from groups where owner = auth.uid())".into(),
            Self::Fellow => format!("grp in (select grp from {VIEW})"),
            Self::Parent(at) => {
                let parent = table.columns[*at].parent.expect("a column that refers");
                let parent = quoted(schema.tables[parent].name);
                let own = quoted(table.name);
                format!("exists (select 1 from {parent} as p where p.id = {own}.{})", column(at))
            }
            Self::Not(inner) => format!("not ({})", inner.sql(schema, table)),
            Self::All(inner) => all(inner, " and "),
            Self::Any(inner) => all(inner, " or "),
        }
    }

    /// The tables that it looks into.
    fn looks_into(&self, table: &Table) -> Vec<usize> {
        match self {
            Self::Member => vec![GROUPS],
            Self::Parent(at) => table.columns[*at].parent.into_iter().collect(),
            Self::Not(inner) => inner.looks_into(table),
            Self::All(inner) | Self::Any(inner) => {
                inner.iter().flat_map(|one| one.looks_into(table)).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// A policy on a table.
#[derive(Debug, Clone)]
pub struct Policy {
    pub table: usize,
    pub restrictive: bool,
    /// `None` is `for all`.
    pub verb: Option<Verb>,
    /// `None` is for both roles.
    pub signed_in: Option<bool>,
    pub using: Option<Condition>,
    pub check: Option<Condition>,
}

impl Policy {
    fn any(generator: &mut Generator, schema: &Schema, table: usize) -> Self {
        let verb = (!generator.once_in(4)).then(|| *generator.pick(&Verb::ALL));
        let changes_groups = table == GROUPS && !matches!(verb, None | Some(Verb::Select));
        let mut condition = || {
            let other = Condition::any(generator, schema, table, 0);
            match generator.below(4) {
                0 if changes_groups => Condition::Fellow,
                1 if changes_groups => Condition::Not(Box::new(Condition::Fellow)),
                2 if changes_groups => Condition::All(vec![Condition::Fellow, other]),
                _ => other,
            }
        };
        let using = (verb != Some(Verb::Insert)).then(&mut condition);
        let check = match verb {
            Some(Verb::Select | Verb::Delete) => None,
            Some(Verb::Insert | Verb::Update) | None => Some(condition()),
        };
        let check = check.filter(|_| verb == Some(Verb::Insert) || generator.once_in(2));
        let signed_in = (!generator.once_in(3)).then(|| !generator.once_in(3));
        Self { table, restrictive: generator.once_in(5), verb, signed_in, using, check }
    }

    fn sql(&self, schema: &Schema, index: usize) -> String {
        let table = &schema.tables[self.table];
        let kind = if self.restrictive { "restrictive" } else { "permissive" };
        let condition = |word: &str, condition: &Option<Condition>| {
            let text =
                condition.as_ref().map(|one| format!(" {word} ({})", one.sql(schema, table)));
            text.unwrap_or_default()
        };
        format!(
            "create policy p{index} on {} as {kind} for {} to {}{}{};\n",
            quoted(table.name),
            self.verb.map_or("all", Verb::sql),
            roles(self.signed_in),
            condition("using", &self.using),
            condition("with check", &self.check),
        )
    }

    /// Whether it has a say in what somebody does with a table.
    pub fn concerns(&self, table: usize, verb: Verb, who: Caller) -> bool {
        self.table == table
            && self.verb.is_none_or(|own| own == verb)
            && self.signed_in.is_none_or(|signed_in| signed_in == is_signed_in(who))
    }
}

/// A privilege that is limited to some columns.
#[derive(Debug, Clone)]
pub struct Grant {
    pub table: usize,
    pub verb: Verb,
    pub signed_in: bool,
    pub columns: Vec<usize>,
}

impl Grant {
    fn sql(&self, schema: &Schema) -> String {
        let table = &schema.tables[self.table];
        let columns: Vec<String> =
            self.columns.iter().map(|at| quoted(&table.columns[*at].name)).collect();
        format!(
            "grant {} ({}) on {} to {};\n",
            self.verb.sql(),
            columns.join(", "),
            quoted(table.name),
            roles(Some(self.signed_in))
        )
    }

    /// Whether it limits what somebody does with a table.
    pub fn concerns(&self, table: usize, verb: Verb, who: Caller) -> bool {
        self.table == table && self.verb == verb && self.signed_in == is_signed_in(who)
    }
}

fn is_signed_in(who: Caller) -> bool {
    matches!(who, Caller::User(_))
}

fn roles(signed_in: Option<bool>) -> &'static str {
    match signed_in {
        None => "anon, authenticated",
        Some(true) => "authenticated",
        Some(false) => "anon",
    }
}

/// Who may do what.
#[derive(Debug, Clone)]
pub struct Rules {
    pub policies: Vec<Policy>,
    pub grants: Vec<Grant>,
}

impl Rules {
    pub fn any(generator: &mut Generator, schema: &Schema) -> Self {
        let mut policies = Vec::new();
        for table in 0..schema.tables.len() {
            for _ in 0..=generator.below(5) {
                policies.push(Policy::any(generator, schema, table));
            }
        }
        let mut looked_into: Vec<usize> = policies
            .iter()
            .flat_map(|policy| {
                let conditions = [&policy.using, &policy.check].into_iter().flatten();
                conditions.flat_map(|one| one.looks_into(&schema.tables[policy.table]))
            })
            .collect();
        looked_into.sort_unstable();
        looked_into.dedup();
        // What other policies look into must be open to look into, or it does not compile.
        for table in &looked_into {
            let owner = schema.tables[*table].position("owner");
            policies.push(Policy {
                table: *table,
                restrictive: false,
                verb: Some(Verb::Select),
                signed_in: None,
                using: Some(Condition::Mine(owner)),
                check: None,
            });
        }
        let mut grants = Vec::new();
        for table in (0..schema.tables.len()).filter(|table| !looked_into.contains(table)) {
            for verb in [Verb::Select, Verb::Insert, Verb::Update] {
                if generator.once_in(8) {
                    let count = schema.tables[table].columns.len();
                    let mut columns: Vec<usize> =
                        (0..count).filter(|_| !generator.once_in(4)).collect();
                    if columns.is_empty() {
                        columns.push(0);
                    }
                    grants.push(Grant { table, verb, signed_in: !generator.once_in(3), columns });
                }
            }
        }
        Self { policies, grants }
    }

    /// As `policies.sql` has it.
    pub fn sql(&self, schema: &Schema) -> String {
        let grants = self.grants.iter().map(|grant| grant.sql(schema));
        let own = format!(
            "create policy own on {VIEW} for select to anon, authenticated using (owner = auth.uid());\n"
        );
        let policies = self.policies.iter().enumerate();
        grants
            .chain([own])
            .chain(policies.map(|(index, policy)| policy.sql(schema, index)))
            .collect()
    }
}
