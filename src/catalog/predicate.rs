//! A policy's condition, ready to be written into any statement: SQL with holes for the alias of
//! the row it judges and for the claims of whoever asks.
//!
//! In the catalog's file it is one readable text: `{row}."owner_id" = {uid}`; a brace of the SQL
//! itself is doubled.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A condition. It holds for a row when the SQL is true: neither false nor null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Predicate(Vec<Piece>);

/// A piece of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// SQL that the compiler has prepared on a real SQLite.
    Sql(String),
    /// The alias of the row.
    Row,
    /// A bound claim.
    Claim(Claim),
}

/// What a condition may know about whoever asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
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

    /// Whether it looks at other rows than the one it judges.
    #[must_use]
    pub fn looks_around(&self) -> bool {
        self.0.iter().any(|piece| match piece {
            Piece::Sql(sql) => sql.to_ascii_lowercase().contains("select"),
            Piece::Row | Piece::Claim(_) => false,
        })
    }

    /// The columns of the row that it judges, each as often as it is named.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let behind = self.0.iter().skip(1).map(Some).chain([None]);
        let pairs = self.0.iter().zip(behind);
        pairs
            .filter(|(piece, _)| matches!(piece, Piece::Row))
            .map(|(_, behind)| behind.map(Piece::column).unwrap_or_default())
            .collect()
    }

    /// The pieces, in order.
    #[must_use]
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    fn parse(text: &str) -> Option<Self> {
        let mut pieces = Vec::new();
        let mut sql = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, behind) = rest.split_at(at);
            sql.push_str(before);
            if let Some(doubled) = ["{{", "}}"].iter().find(|doubled| behind.starts_with(*doubled))
            {
                sql.push_str(doubled.get(..1)?);
                rest = behind.get(2..)?;
                continue;
            }
            let (name, after) = behind.strip_prefix('{')?.split_once('}')?;
            if !sql.is_empty() {
                pieces.push(Piece::Sql(std::mem::take(&mut sql)));
            }
            pieces.push(match name {
                "row" => Piece::Row,
                name => Piece::Claim(Claim::ALL.into_iter().find(|claim| claim.name() == name)?),
            });
            rest = after;
        }
        sql.push_str(rest);
        if !sql.is_empty() {
            pieces.push(Piece::Sql(sql));
        }
        Some(Self(pieces))
    }

    fn print(&self) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Sql(sql) => text.push_str(&sql.replace('{', "{{").replace('}', "}}")),
                Piece::Row => text.push_str("{row}"),
                Piece::Claim(claim) => {
                    text.push('{');
                    text.push_str(claim.name());
                    text.push('}');
                }
            }
        }
        text
    }
}

impl Serialize for Predicate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.print())
    }
}

impl<'de> Deserialize<'de> for Predicate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("a hole that is no claim"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_it_parses() {
        for text in ["", "0", "{row}.\"a\" = {uid}", "{row}.j = '{{}}' and {jwt} ->> 'x'"] {
            assert_eq!(
                Predicate::parse(text).map(|predicate| predicate.print()),
                Some(text.into())
            );
        }
        assert_eq!(Predicate::parse("{nobody}"), None);
        assert_eq!(Predicate::parse("{row"), None);
        assert_eq!(Predicate::parse("}"), None);
    }
}
