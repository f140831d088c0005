//! Made-up schemas: tables with odd names, keys that refer to other tables or to their own, and
//! tables in between.

use crate::support::generator::Generator;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Integer,
    Boolean,
    Text,
    Uuid,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
    pub nullable: bool,
    /// The table whose `id` it refers to.
    pub parent: Option<usize>,
}

/// A table. All but a table in between have an `id` in front.
#[derive(Debug, Clone)]
pub struct Table {
    pub name: &'static str,
    pub columns: Vec<Column>,
    /// The positions of the primary key's columns.
    pub key: Vec<usize>,
}

/// Tables, each of which refers to earlier ones or to itself. The first says who is in which group.
#[derive(Debug, Clone)]
pub struct Schema {
    pub tables: Vec<Table>,
}

/// The table that says who is in which group.
pub const GROUPS: usize = 0;

/// A view of it, which reads as its owner.
pub const VIEW: &str = "mine";

const TABLES: [&str; 5] = ["groups", "item", "Order", "two words", "größe"];
const COLUMNS: [(&str, Kind); 5] = [
    ("size", Kind::Integer),
    ("Name", Kind::Text),
    ("a b", Kind::Text),
    ("weiß", Kind::Boolean),
    ("other", Kind::Uuid),
];

impl Column {
    fn new(name: &str, kind: Kind, nullable: bool) -> Self {
        Self { name: name.into(), kind, nullable, parent: None }
    }

    fn sql(&self, schema: &Schema, table: &Table) -> String {
        let kind = match self.kind {
            Kind::Integer => "integer",
            Kind::Boolean => "boolean",
            Kind::Text => "text",
            Kind::Uuid => "uuid",
        };
        let not_null = if self.nullable { "" } else { " not null" };
        let parent = self.parent.map(|parent| {
            let name = schema.tables[parent].name;
            // A cascade within a table takes rows away before the statement has come to answer them.
            let action = if name == table.name { "set null" } else { "cascade" };
            format!(" references {} (id) on delete {action}", quoted(name))
        });
        format!("{} {kind}{not_null}{}", quoted(&self.name), parent.unwrap_or_default())
    }
}

impl Table {
    /// The position of the column of that name.
    pub fn position(&self, name: &str) -> usize {
        self.columns.iter().position(|column| column.name == name).expect("a column of that name")
    }

    /// Whether it stands between two others.
    pub fn is_between(&self) -> bool {
        self.key.len() == 2
    }

    /// The positions of the columns that hold such values.
    pub fn of_kind(&self, kind: Kind) -> Vec<usize> {
        (0..self.columns.len()).filter(|at| self.columns[*at].kind == kind).collect()
    }

    /// The name of the foreign key of a column, as Postgres would give it.
    pub fn foreign_key(&self, at: usize) -> String {
        format!("{}_{}_fkey", self.name, self.columns[at].name)
    }

    fn any(generator: &mut Generator, at: usize) -> Self {
        let mut columns =
            vec![Column { nullable: false, ..Column::new("id", Kind::Integer, false) }];
        for (name, kind, nullable) in [
            ("owner", Kind::Uuid, true),
            ("open", Kind::Boolean, false),
            ("n", Kind::Integer, true),
            ("grp", Kind::Integer, true),
        ] {
            columns.push(Column::new(name, kind, nullable));
        }
        for (name, kind) in COLUMNS {
            if generator.once_in(3) {
                columns.push(Column::new(name, kind, !generator.once_in(3)));
            }
        }
        if at != GROUPS {
            for number in 0..generator.below(3) {
                // Nothing refers to the groups, for a cascade would change what policies look into.
                let parent = 1 + generator.below(at);
                let column = Column::new(&format!("up_{number}"), Kind::Integer, true);
                columns.push(Column { parent: Some(parent), ..column });
            }
        }
        Self { name: TABLES[at], columns, key: vec![0] }
    }

    fn between(generator: &mut Generator, tables: usize) -> Self {
        let end = |name: &str, parent: usize| Column {
            parent: Some(parent),
            ..Column::new(name, Kind::Integer, false)
        };
        let columns = vec![
            end("left", 1 + generator.below(tables - 1)),
            end("right", 1 + generator.below(tables - 1)),
            Column::new("owner", Kind::Uuid, true),
            Column::new("open", Kind::Boolean, false),
            Column::new("grp", Kind::Integer, true),
        ];
        Self { name: "between", columns, key: vec![0, 1] }
    }

    fn sql(&self, schema: &Schema) -> String {
        let columns: Vec<String> =
            self.columns.iter().map(|column| column.sql(schema, self)).collect();
        let key: Vec<String> = self.key.iter().map(|at| quoted(&self.columns[*at].name)).collect();
        format!(
            "create table {} ({}, primary key ({}));\n",
            quoted(self.name),
            columns.join(", "),
            key.join(", ")
        )
    }
}

impl Schema {
    /// Two to five tables, perhaps with one between two of them.
    pub fn any(generator: &mut Generator) -> Self {
        let count = 2 + generator.below(TABLES.len() - 1);
        let mut tables: Vec<Table> = (0..count).map(|at| Table::any(generator, at)).collect();
        if !generator.once_in(3) {
            tables.push(Table::between(generator, count));
        }
        Self { tables }
    }

    /// As `schema.sql` has it.
    pub fn sql(&self) -> String {
        let tables: String = self.tables.iter().map(|table| table.sql(self)).collect();
        format!("{tables}create view {VIEW} as select owner, grp from groups;\n")
    }
}

/// A name as SQL and filters quote it.
pub fn quoted(name: &str) -> String {
    format!("\"{name}\"")
}
