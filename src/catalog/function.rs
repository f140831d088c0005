//! Functions that are called over HTTP: what they take, what they answer, and their statements.

#[cfg(not(target_arch = "wasm32"))]
use serde::Serialize;

use nanoserde::{DeBin, SerBin};

use super::{Column, Table, Template};

/// A function of `functions.sql`.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
pub struct Function {
    /// The name, as declared. No two functions share one.
    pub name: String,
    /// In declaration order. One without a default must be given.
    pub arguments: Vec<Column>,
    /// What is answered; `None` for nothing.
    pub returns: Option<Returns>,
    /// Whether it may write, so that only `POST` calls it.
    pub is_volatile: bool,
    /// What `anon` executes.
    pub anon: Execution,
    /// What `authenticated` executes.
    pub authenticated: Execution,
    /// The statements without anybody's policies, which `service_role` executes.
    pub owner: Vec<Step>,
}

/// What one role executes when it calls a function.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
#[cfg_attr(not(target_arch = "wasm32"), serde(rename_all = "snake_case"))]
pub enum Execution {
    /// Nothing: it may not.
    Denied,
    /// The owner's statements: the function is a `security definer`.
    AsOwner,
    /// Statements in which everything that is read stands under the role's policies.
    AsCaller(Vec<Step>),
}

/// What a function answers.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
pub struct Returns {
    /// Whether there may be any number of rows, rather than one or none.
    pub is_set: bool,
    /// What one row is.
    pub row: Row,
}

/// What one row of a function's result is.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
#[cfg_attr(not(target_arch = "wasm32"), serde(rename_all = "snake_case"))]
pub enum Row {
    /// A row of the table or view of that name.
    Of(String),
    /// A row of columns that the function declares, as if of a view with the function's name.
    Declared(Table),
    /// One value: the only column, which has the function's name.
    Value(Table),
}

/// One statement of a function. Only the last one answers.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
#[cfg_attr(not(target_arch = "wasm32"), serde(rename_all = "snake_case"))]
pub enum Step {
    /// A query with the result's columns, named as they are.
    Select(Template),
    /// A change of one table's rows.
    Change(Change),
}

/// A change, in the pieces between which policies are put.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
pub struct Change {
    /// The table.
    pub table: String,
    /// What is done.
    pub action: Action,
    /// Whether it asks what is in existing rows, for which they must be visible.
    pub reads: bool,
    /// What is answered of each row.
    pub returning: Returning,
}

/// What a change does.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
#[cfg_attr(not(target_arch = "wasm32"), serde(rename_all = "snake_case"))]
pub enum Action {
    /// Writes the rows of a query, whose columns have the names of those they are written to.
    Insert { columns: Vec<String>, rows: Template },
    /// Gives columns values, in the same order, where the condition holds for the row.
    Update { columns: Vec<String>, values: Vec<Template>, condition: Template },
    /// Deletes rows for which the condition holds.
    Delete { condition: Template },
}

/// What a change answers of each row.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
#[cfg_attr(not(target_arch = "wasm32"), serde(rename_all = "snake_case"))]
pub enum Returning {
    /// Nothing.
    Nothing,
    /// The row itself, which is a row of the result.
    Row,
    /// A value for each of the result's columns, in their order.
    Values(Vec<Template>),
}
