//! What is known while expressions are written: the schema, the functions, and the names that are visible.

use rusqlite::Connection;

use super::expression::{Defect, Kind, Typed};
use super::postgres_ddl::EnumType;
use super::reflect::Relation;
use super::routine::{Helper, Routines};
use super::rules::{Columns, Rules};
use super::sql::Sql;
use crate::catalog::{Column, Table, TableKind, Type};

/// What a name in an expression may mean: the columns of one item of a `from`, or of the row.
#[derive(Debug, Clone)]
pub(super) struct Item {
    /// The alias or table name by which a query may call it.
    pub name: String,
    /// What is written in its place.
    pub row: Sql,
    pub columns: Vec<String>,
    /// Their types, in the same order.
    pub kinds: Vec<Kind>,
    /// How many decimals each shows; nothing where that is not known.
    pub scales: Vec<Option<u32>>,
    /// The only texts that a check allows each; nothing where there is no such check.
    pub options: Vec<Vec<String>>,
    /// What is written for them, where that is not their names behind `row`.
    pub written: Vec<Typed>,
    /// Whether the item's name alone is its only column: it is a function that yields values.
    pub is_value: bool,
    /// Its primary key, of which no two rows have the same; empty where there is none.
    pub key: Vec<String>,
    /// Those that the role may read.
    pub readable: Columns,
    /// Whether it is a table of the schema `auth`.
    pub is_auth: bool,
    /// Whether it has been reported, so that nothing about its columns need be.
    pub is_broken: bool,
}

impl Item {
    /// A table by that name, whose rows are written as `row`.
    pub fn of(table: &Table, name: &str, row: Sql, readable: Columns) -> Self {
        Self {
            name: name.to_owned(),
            row,
            columns: table.columns.iter().map(|column| column.name.clone()).collect(),
            kinds: table.columns.iter().map(Kind::of_column).collect(),
            scales: table.columns.iter().map(scale_of).collect(),
            options: table.columns.iter().map(|column| column.options.clone()).collect(),
            written: Vec::new(),
            is_value: false,
            key: match table.kind {
                TableKind::Table => table.primary_key.clone(),
                TableKind::View => Vec::new(),
            },
            readable,
            is_auth: false,
            is_broken: false,
        }
    }

    /// What stands in for an item that has been reported.
    pub fn broken(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            row: Sql::default(),
            columns: Vec::new(),
            kinds: Vec::new(),
            scales: Vec::new(),
            options: Vec::new(),
            written: Vec::new(),
            is_value: false,
            key: Vec::new(),
            readable: Columns::All,
            is_auth: false,
            is_broken: true,
        }
    }
}

/// The items that are visible at one level of nesting.
pub(super) type Scope = Vec<Item>;

/// What expressions are typed against: the schema, the policies, and the functions that they may call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Environment<'a> {
    /// On which each policy is tried.
    pub connection: &'a Connection,
    pub relations: &'a [Relation],
    pub rules: &'a Rules,
    /// The functions that expressions may call.
    pub helpers: &'a [Helper],
    /// The names of those whose declarations have been reported.
    pub broken_helpers: &'a [String],
    /// Types that list their values.
    pub enums: &'a [EnumType],
    /// What is translated wrongly on purpose, in tests only.
    pub defect: Option<&'static Defect>,
}

impl<'a> Environment<'a> {
    /// Without any function to call.
    pub const fn new(
        connection: &'a Connection,
        relations: &'a [Relation],
        rules: &'a Rules,
        enums: &'a [EnumType],
    ) -> Self {
        Self {
            connection,
            relations,
            rules,
            helpers: &[],
            broken_helpers: &[],
            enums,
            defect: None,
        }
    }

    /// With the functions of a file.
    pub fn with(self, routines: &'a Routines) -> Self {
        Self { helpers: &routines.helpers, broken_helpers: &routines.broken, ..self }
    }
}

/// A function whose body is being written in place of a call, and its arguments.
pub(super) struct Frame {
    pub function: String,
    pub is_definer: bool,
    pub arguments: Vec<(String, Typed)>,
}

/// How many decimals a column shows.
fn scale_of(column: &Column) -> Option<u32> {
    match column.kind {
        Type::Numeric { digits: Some(digits) } => u32::try_from(digits.scale).ok(),
        Type::SmallInt | Type::Integer | Type::BigInt => Some(0),
        _ => None,
    }
}
