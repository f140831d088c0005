//! A policy's condition and a function's SQL, ready to be written into any statement: SQL with holes
//! for the alias of the row at hand, for the claims of whoever asks, and for arguments.
//!
//! To read it is one text: `{row}."owner_id" = {uid}`; a brace of the SQL
//! itself is doubled.

use nanoserde::{DeBin, SerBin};

/// A condition. It holds for a row when the SQL is true: neither false nor null.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
pub struct Predicate(Vec<Piece>);

/// SQL of a function, to be written into a statement: a query, a condition or a value.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
pub struct Template(Vec<Piece>);

/// A piece of SQL.
#[derive(Debug, Clone, PartialEq, Eq, SerBin, DeBin)]
pub enum Piece {
    /// SQL that the compiler has prepared on a real SQLite.
    Sql(String),
    /// The alias of the row.
    Row,
    /// A bound claim.
    Claim(Claim),
    /// The argument of that number, counted from 0, of the function that is called.
    Argument(u8),
}

/// What a condition may know about whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, SerBin, DeBin)]
pub enum Claim {
    /// `auth.uid()`
    Uid,
    /// `auth.role()`
    Role,
    /// `auth.email()`
    Email,
    /// `auth.jwt()`
    Jwt,
}

impl Claim {
    /// All claims.
    pub const ALL: [Self; 4] = [Self::Uid, Self::Role, Self::Email, Self::Jwt];

    /// The function's name behind `auth.`, which is also its name in the catalog.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uid => "uid",
            Self::Role => "role",
            Self::Email => "email",
            Self::Jwt => "jwt",
        }
    }
}

impl Piece {
    /// The column that this piece begins with when it continues a row's alias: `."owner_id" = ..`.
    /// Empty when it is none.
    #[must_use]
    pub fn column(&self) -> String {
        let Self::Sql(sql) = self else { return String::new() };
        let Some(quoted) = sql.strip_prefix(".\"") else { return String::new() };
        let mut column = String::new();
        let mut characters = quoted.chars().peekable();
        while let Some(character) = characters.next() {
            if character == '"' && characters.next_if_eq(&'"').is_none() {
                break;
            }
            column.push(character);
        }
        column
    }
}

impl Predicate {
    /// A condition made of pieces; none at all is always true.
    #[must_use]
    pub const fn new(pieces: Vec<Piece>) -> Self {
        Self(pieces)
    }

    /// The condition that every row meets.
    #[must_use]
    pub const fn always() -> Self {
        Self(Vec::new())
    }

    /// The condition that no row meets: a privilege without a permitting policy.
    #[must_use]
    pub fn never() -> Self {
        Self(vec![Piece::Sql("0".into())])
    }

    /// Whether every row meets it, so that it need not be written.
    #[must_use]
    pub const fn is_always(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it looks at other rows than the one it judges. The compiler quotes the names of tables, and
    /// only those, behind `from` and `join`.
    #[must_use]
    pub fn looks_around(&self) -> bool {
        self.0.iter().any(|piece| match piece {
            Piece::Sql(sql) => sql.contains("from \"") || sql.contains("join \""),
            Piece::Row | Piece::Claim(_) | Piece::Argument(_) => false,
        })
    }

    /// The columns of the row that it judges, each as often as it is named.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let behind_rows = self.0.split(|piece| *piece == Piece::Row).skip(1);
        behind_rows.map(|behind| behind.first().map(Piece::column).unwrap_or_default()).collect()
    }

    /// The pieces, in order.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }
}

impl Template {
    /// SQL made of pieces.
    #[must_use]
    pub const fn new(pieces: Vec<Piece>) -> Self {
        Self(pieces)
    }

    /// The pieces, in order.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }
}

/// The readable form.
#[cfg(not(target_arch = "wasm32"))]
fn print(pieces: &[Piece]) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Sql(sql) => text.push_str(&sql.replace('{', "{{").replace('}', "}}")),
            Piece::Row => text.push_str("{row}"),
            Piece::Claim(claim) => text.push_str(&format!("{{{}}}", claim.name())),
            Piece::Argument(number) => text.push_str(&format!("{{{number}}}")),
        }
    }
    text
}

/// The readable form is one text.
#[cfg(not(target_arch = "wasm32"))]
impl serde::Serialize for Predicate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&print(&self.0))
    }
}

/// The readable form is one text.
#[cfg(not(target_arch = "wasm32"))]
impl serde::Serialize for Template {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&print(&self.0))
    }
}
