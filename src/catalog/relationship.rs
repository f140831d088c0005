//! Which rows belong to which, as foreign keys say.

use nanoserde::{DeBin, SerBin};
#[cfg(not(target_arch = "wasm32"))]
use serde::Serialize;

#[cfg(not(target_arch = "wasm32"))]
use super::is_false;

/// A way from one table's rows to another's.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
pub struct Relationship {
    /// How many rows there are on either side, seen from the table that has this relationship.
    pub cardinality: Cardinality,
    /// The table or view on the other side.
    pub target: String,
    /// The foreign key; for many-to-many the junction's key to this side.
    pub constraint: String,
    /// Pairs of this side's column and the other side's; for many-to-many the junction's.
    pub columns: Vec<(String, String)>,
    /// The table in between, for many-to-many.
    #[cfg_attr(not(target_arch = "wasm32"), serde(skip_serializing_if = "Option::is_none"))]
    pub junction: Option<Junction>,
    /// Whether the foreign key is this side's, which tells the two directions of a table that
    /// refers to itself apart.
    #[cfg_attr(not(target_arch = "wasm32"), serde(skip_serializing_if = "is_false"))]
    pub owns_key: bool,
}

/// The table between two others.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
pub struct Junction {
    /// Its name.
    pub table: String,
    /// Its foreign key to the other side.
    pub constraint: String,
    /// Pairs of its column and the other side's.
    pub columns: Vec<(String, String)>,
}

/// How many rows on this side belong to how many on the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, SerBin, DeBin)]
#[cfg_attr(not(target_arch = "wasm32"), derive(Serialize))]
#[cfg_attr(not(target_arch = "wasm32"), serde(rename_all = "kebab-case"))]
pub enum Cardinality {
    ManyToOne,
    OneToOne,
    OneToMany,
    ManyToMany,
}

impl Cardinality {
    /// Whether an embed is one object (or null) rather than a list.
    #[must_use]
    pub const fn is_to_one(self) -> bool {
        matches!(self, Self::ManyToOne | Self::OneToOne)
    }
}
