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

    /// As text, with words in the place of its holes.
    pub fn shown(&self) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Sql(text) => text.clone(),
            Piece::Row => "row_at_hand".to_owned(),
            Piece::Claim(claim) => format!("claim_{}", claim.name()),
            Piece::Argument(number) => format!("argument_{number}"),
        };
        self.0.iter().map(piece).collect()
    }

    /// The columns of rows that it reads.
    pub fn reads(&self) -> Vec<Read> {
        reads(&self.shown())
    }

    /// Whether it sums up the rows of the query that it stands in: an aggregate outside of sub-selects.
    pub fn has_aggregate(&self) -> bool {
        let text = self.shown();
        let mut sub_selects = 0_usize;
        let mut depths = Vec::new();
        let mut quote = None;
        for (at, character) in text.char_indices() {
            let rest = text.get(at..).unwrap_or_default();
            match character {
                _ if quote == Some(character) => quote = None,
                _ if quote.is_some() => {}
                '\'' | '"' => quote = Some(character),
                '(' => {
                    let is_query = rest.starts_with("(select ") || rest.starts_with("(with ");
                    sub_selects = sub_selects.saturating_add(usize::from(is_query));
                    depths.push(is_query);
                }
                ')' => {
                    let is_query = depths.pop().unwrap_or_default();
                    sub_selects = sub_selects.saturating_sub(usize::from(is_query));
                }
                _ if sub_selects == 0 => {
                    let is_begin = !text.get(..at).is_some_and(|before| {
                        before.ends_with(|last: char| last.is_alphanumeric() || last == '_')
                    });
                    let found = AGGREGATES.iter().find(|name| rest.starts_with(**name));
                    if is_begin && found.is_some_and(|name| !is_of_several(name, rest)) {
                        return true;
                    }
                }
                _ => {}
            }
        }
        false
    }
}

/// A column of a row that is read: `p0."name"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Read {
    pub row: String,
    /// As it is written behind the row.
    pub written: String,
}

/// The columns of rows that a text of SQL reads: a name, a dot and another name, outside of quotes.
pub(super) fn reads(text: &str) -> Vec<Read> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let (token, after) = match character {
            '\'' | '"' => rest.split_at(quoted_length(rest, character)),
            _ => rest.split_at(character.len_utf8()),
        };
        rest = after;
        let is_name = word.starts_with(|first: char| first.is_alphabetic() || first == '_');
        if character == '.' && is_name {
            let length = match rest.chars().next() {
                Some('"') => quoted_length(rest, '"'),
                _ => rest
                    .find(|one: char| !one.is_alphanumeric() && one != '_')
                    .unwrap_or(rest.len()),
            };
            let (column, after) = rest.split_at(length);
            found.push(Read { row: std::mem::take(&mut word), written: column.to_owned() });
            rest = after;
        } else if character.is_alphanumeric() || character == '_' {
            word.push_str(token);
        } else {
            word.clear();
        }
    }
    found
}

/// How long something in quotes is, with its quotes.
fn quoted_length(text: &str, quote: char) -> usize {
    let end = text.char_indices().skip(1).find(|(_, one)| *one == quote);
    end.map_or(text.len(), |(at, one)| at.saturating_add(one.len_utf8()))
}

/// What SQLite calls its aggregates.
const AGGREGATES: [&str; 7] =
    ["count(", "sum(", "avg(", "min(", "max(", "group_concat(", "json_group_array("];

/// Whether a call of `max` or `min` has several arguments, which makes it a function of one row's values.
fn is_of_several(name: &str, call: &str) -> bool {
    if !matches!(name, "max(" | "min(") {
        return false;
    }
    let mut depth = 0_usize;
    let mut is_string = false;
    for character in call.chars() {
        match character {
            '\'' => is_string = !is_string,
            _ if is_string => {}
            '(' => depth = depth.saturating_add(1),
            ')' if depth <= 1 => return false,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 1 => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_read_behind_rows() {
        let read = |sql: &str| {
            let found = reads(sql).into_iter();
            found.map(|one| format!("{} {}", one.row, one.written)).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(read("p0.\"a.b\" + 1.5 || 'p1.x' || p2.value"), "p0 \"a.b\", p2 value");
        assert_eq!(read("\"p0.a\" and max(p10.\"it's\") and p1.\"x\""), "p10 \"it's\", p1 \"x\"");
        assert_eq!(read("1.0 + x"), "");
        let row = Sql::text("max(").and(Sql::row()).then(".\"id\")");
        assert_eq!(row.reads(), [Read { row: "row_at_hand".into(), written: "\"id\"".into() }]);
    }

    #[test]
    fn aggregates_are_those_of_the_query_itself() {
        for (sql, expected) in [
            ("count(*)", true),
            ("case when x then 1 + sum(y) end", true),
            ("coalesce(max(x), 0)", true),
            ("(select count(*) from t)", false),
            ("(with p(c) as (select 1) select count(*) from p) + 1", false),
            ("(select 1) + count(*)", true),
            ("account(x)", false),
            ("'count(*)'", false),
            ("substr(x, max(y, 1))", false),
            ("max(coalesce(y, 1)) + 1", true),
            ("max(',') + 1", true),
            ("'it''s' || count(*)", true),
            ("p0.\"it's\" || count(*)", true),
            ("p0.\"count(\"", false),
        ] {
            assert_eq!(Sql::text(sql).has_aggregate(), expected, "{sql}");
        }
    }
}
