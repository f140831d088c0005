//! Policies, grants and revokes as they are written, before their names are looked up.

use sqlparser::ast::Expr;

use super::report::Span;

/// Who is asking, as policies see it. `service_role` passes all policies and is not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    Anon,
    Authenticated,
}

impl Role {
    pub const ALL: [Self; 2] = [Self::Anon, Self::Authenticated];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Anon => "anon",
            Self::Authenticated => "authenticated",
        }
    }
}

/// What is done to rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verb {
    Select,
    Insert,
    Update,
    Delete,
}

impl Verb {
    pub const ALL: [Self; 4] = [Self::Select, Self::Insert, Self::Update, Self::Delete];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Select => "select",
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
        }
    }
}

/// A name and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub text: String,
    pub span: Span,
}

/// A `create policy`.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    pub name: Name,
    pub table: Name,
    pub is_restrictive: bool,
    /// `None` for all.
    pub verb: Option<Verb>,
    pub roles: Vec<Role>,
    pub using: Option<Expr>,
    pub check: Option<Expr>,
}

/// A `grant` or `revoke`.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub is_grant: bool,
    /// Each verb with its columns, if it lists any.
    pub verbs: Vec<(Verb, Option<Vec<Name>>)>,
    /// Whether the verbs were written as `all`, which on a view means what can be done to it.
    pub is_all_verbs: bool,
    /// `None` for all tables.
    pub tables: Option<Vec<Name>>,
    pub roles: Vec<Role>,
}

/// The whole file.
#[derive(Debug, Clone, Default)]
pub(super) struct Policies {
    pub all: Vec<Policy>,
    /// In file order.
    pub changes: Vec<Change>,
    /// Tables that row level security was switched on for, which changes nothing.
    pub enabled: Vec<Name>,
}
