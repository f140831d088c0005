//! SQL under construction, with its holes.

use crate::catalog::{Claim, Piece, Predicate, Template};

/// Pieces of SQL, joined where they meet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Sql(Vec<Piece>);

impl Sql {
    pub fn text(text: impl Into<String>) -> Self {
        Self(vec![Piece::Sql(text.into())])
    }

    /// A string in quotes.
    pub fn string(text: &str) -> Self {
        Self::text(format!("'{}'", text.replace('\'', "''")))
    }

    pub fn claim(claim: Claim) -> Self {
        Self(vec![Piece::Claim(claim)])
    }

    /// The argument of that number, counted from 0.
    pub fn argument(number: u8) -> Self {
        Self(vec![Piece::Argument(number)])
    }

    pub fn row() -> Self {
        Self(vec![Piece::Row])
    }

    /// Adds text at the end.
    #[must_use]
    pub fn then(mut self, text: &str) -> Self {
        match self.0.last_mut() {
            Some(Piece::Sql(last)) => last.push_str(text),
            _ => self.0.push(Piece::Sql(text.to_owned())),
        }
        self
    }

    /// Adds more at the end.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        for piece in more.0 {
            match piece {
                Piece::Sql(text) => self = self.then(&text),
                hole => self.0.push(hole),
            }
        }
        self
    }

    /// All of them with `separator` in between.
    pub fn join(list: impl IntoIterator<Item = Self>, separator: &str) -> Self {
        let mut joined = Self::default();
        for (index, one) in list.into_iter().enumerate() {
            if index > 0 {
                joined = joined.then(separator);
            }
            joined = joined.and(one);
        }
        joined
    }

    /// In parentheses.
    #[must_use]
    pub fn grouped(self) -> Self {
        Self::text("(").and(self).then(")")
    }

    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn into_predicate(self) -> Predicate {
        Predicate::new(self.0)
    }

    pub fn into_template(self) -> Template {
        Template::new(self.0)
    }
}
