//! Checks, generated columns and the expressions of indexes: SQLite's own, but for PostgreSQL's
//! casts, arrays and names of functions.

use super::Reader;
use super::cast::{Constant, constant, is_cast};
use super::cursor::{is_name, is_word, range};
use super::declared_type::{Written, written};
use super::literal;
use super::table::TableDraft;
use crate::catalog::Type;
use crate::compiler::declarations::inside;
use crate::compiler::lexer::{Kind, Token};

/// Functions that have another name in SQLite and are else the same.
const RENAMED: [(&str, &str); 6] = [
    ("char_length", "length"),
    ("character_length", "length"),
    ("btrim", "trim"),
    ("strpos", "instr"),
    ("jsonb_array_length", "json_array_length"),
    ("cardinality", "json_array_length"),
];

/// What has no translation, and what to write.
const EXPLAINED: [(&str, &str); 12] = [
    ("now", "SQLite's checks cannot read the clock: write a trigger that raises"),
    ("current_date", "SQLite's checks cannot read the clock: write a trigger that raises"),
    ("current_timestamp", "SQLite's checks cannot read the clock: write a trigger that raises"),
    ("regexp_match", "write `not glob '*[^a-z0-9]*'`"),
    ("regexp_replace", "write `replace(..)`"),
    ("extract", "write `strftime(..)`"),
    ("date_part", "write `strftime(..)`"),
    ("similar", "write `like` or `glob`"),
    ("to_tsvector", "full-text search is an FTS5 table: see docs/search.md"),
    ("position", "write `instr(text, part)`"),
    ("interval", "times are texts here: write `julianday(..)`"),
    ("num_nonnulls", "write `(a is not null) + (b is not null) = 1`"),
];

impl<'a> Reader<'a> {
    /// Translates an expression over the columns of a table.
    pub(super) fn read_expression(&mut self, draft: &TableDraft, tokens: &[Token<'a>]) {
        let mut index = 0_usize;
        while let Some(token) = tokens.get(index) {
            let rest = tokens.get(index..).unwrap_or_default();
            let taken = if is_cast(tokens, index) {
                self.read_cast(draft, tokens, index)
            } else if let Some(length) = self.read_list(tokens, index) {
                length
            } else if token.is("~") || token.is("!") && rest.get(1).is_some_and(|t| t.is("~")) {
                self.read_pattern(tokens, index)
            } else if token.is("ilike") || token.is("like") {
                self.read_like(tokens, index)
            } else if token.is("?") || is_pair(rest, "@", ">") || is_pair(rest, "&", "&") {
                let help = "write json_extract(..) or json_array_length(..)";
                self.error(&token.range(), "SQLite has no such operator", help);
                1
            } else {
                self.read_word(rest)
            };
            index = index.saturating_add(taken.max(1));
        }
    }

    /// Renames a function, or says that it has no translation.
    fn read_word(&mut self, rest: &[Token<'a>]) -> usize {
        let Some((token, behind)) = rest.split_first().filter(|(token, _)| is_name(token)) else {
            return 1;
        };
        let is_call = behind.first().is_some_and(|next| next.is("("));
        if is_word(token, "auth") && behind.first().is_some_and(|next| next.is(".")) {
            let help = "write it as `with check (..)` of a policy";
            self.error(&token.range(), "a check does not know the caller", help);
            return rest.len();
        }
        // Both may be names of columns as well.
        let is_bare = match behind.first() {
            Some(next) if token.is("interval") => next.kind == Kind::Text,
            Some(next) if token.is("similar") => next.is("to"),
            _ => token.is("current_date") || token.is("current_timestamp"),
        };
        if is_call || is_bare {
            for (name, help) in EXPLAINED {
                if is_word(token, name) {
                    let message = format!("`{name}` has no translation here");
                    self.error(&token.range(), message, help);
                    return rest.len();
                }
            }
        }
        if !is_call {
            return 1;
        }
        for (theirs, ours) in RENAMED {
            if is_word(token, theirs) {
                self.edits.replace(token.range(), ours);
                return 1;
            }
        }
        let whole = inside(behind).unwrap_or_default();
        if is_word(token, "trim")
            && let [side, from, ..] = whole
            && from.is("from")
        {
            return self.read_trim(token, side, from);
        }
        let argument = whole.first();
        let source = |tokens: &[Token<'a>]| self.source(&range(tokens)).to_owned();
        let text = match (token.name().unwrap_or_default().to_ascii_lowercase().as_str(), argument)
        {
            ("jsonb_typeof" | "json_typeof", Some(_)) => format!(
                "(case json_type({0}) when 'text' then 'string' when 'integer' then 'number' \
                 when 'real' then 'number' when 'true' then 'boolean' when 'false' then 'boolean' \
                 else json_type({0}) end)",
                source(whole)
            ),
            ("array_length", Some(column)) if is_first_dimension(whole) => {
                format!("nullif(json_array_length({}), 0)", column.text)
            }
            _ => return 1,
        };
        let length = whole.len().saturating_add(3);
        self.edits.replace(range(rest.get(..length).unwrap_or_default()), text);
        length
    }

    /// `trim(both from name)`, as `pg_dump` writes `trim(name)`.
    fn read_trim(&mut self, name: &Token<'a>, side: &Token<'a>, from: &Token<'a>) -> usize {
        let sides = [("both", "trim"), ("leading", "ltrim"), ("trailing", "rtrim")];
        if let Some((_, ours)) = sides.iter().find(|(word, _)| side.is(word)) {
            self.edits.replace(name.range(), *ours);
            let behind = self.text.get(from.range().end..).unwrap_or_default();
            let blank = behind.len().saturating_sub(behind.trim_start().len());
            self.edits.remove(side.start..from.range().end.saturating_add(blank));
        }
        4
    }

    /// Takes a cast out that changes nothing in the form in which values are kept.
    fn read_cast(&mut self, draft: &TableDraft, tokens: &[Token<'a>], at: usize) -> usize {
        let behind = tokens.get(at.saturating_add(2)..).unwrap_or_default();
        let length = cast_length(behind);
        let target = written(behind.get(..length).unwrap_or_default());
        let before = tokens.get(..at).unwrap_or_default();
        let operand = operand(before);
        let is_divided = tokens.iter().any(|token| token.is("/") || token.is("%"));
        let cast =
            range(tokens.get(at..at.saturating_add(2).saturating_add(length)).unwrap_or_default());
        let target_kind = match self.enum_named(target.item()) {
            Some(_) => Some(Type::Text { characters_max: None }),
            None => target.kind(),
        };
        let column = match operand {
            [column] => Some(column),
            [_, column, _] => Some(column),
            _ => None,
        };
        let column_kind = column.and_then(|column| draft.kind(column));
        let is_same = match (column_kind, target_kind) {
            (Some(from), Some(to)) => keeps(from, to, is_divided),
            _ => false,
        };
        if is_same {
            self.edits.remove(cast);
        } else if let (Some((value, _)), Some(kind)) = (constant(operand), target_kind)
            && let Some(sql) = literal::sql(&value, unlimited(kind))
        {
            self.edits.replace(range(operand).start..cast.end, sql);
        } else {
            self.explain_cast(&cast, &target);
        }
        length.saturating_add(2)
    }

    fn explain_cast(&mut self, at: &std::ops::Range<usize>, target: &Written) {
        let message = format!("the cast to {} has no translation here", target.text);
        self.error(at, message, "leave it out, or write SQLite's `cast(.. as ..)`");
    }

    /// `= any (array['a', 'b'])` is a list to SQLite.
    fn read_list(&mut self, tokens: &[Token<'a>], at: usize) -> Option<usize> {
        let rest = tokens.get(at..)?;
        let (is_not, word) = match rest {
            [equals, word, ..] if equals.is("=") && word.is("any") => (false, 1_usize),
            [less, more, word, ..] if less.is("<") && more.is(">") && word.is("all") => (true, 2),
            _ => return None,
        };
        let group = rest.get(word.saturating_add(1)..)?;
        let whole = inside(group)?;
        let length = word.saturating_add(whole.len()).saturating_add(3);
        let at = range(rest.get(..length)?);
        let Some((Constant::Array(items), _)) = constant(whole) else {
            let help = "write `in ('a', 'b')`; a check cannot look into an array";
            self.error(&at, "this array has no translation", help);
            return Some(length);
        };
        let item = |item: &Constant| match item {
            Constant::Text(text) => Some(format!("'{}'", text.replace('\'', "''"))),
            Constant::Number(number) => Some(number.clone()),
            _ => None,
        };
        let Some(items) = items.iter().map(item).collect::<Option<Vec<String>>>() else {
            self.error(&at, "this array has no translation", "write `in (..)`");
            return Some(length);
        };
        let word = if is_not { "not in" } else { "in" };
        self.edits.replace(at, format!("{word} ({})", items.join(", ")));
        Some(length)
    }

    /// SQLite's `like` takes ASCII letters for equal in either case, as `ilike` does.
    fn read_like(&mut self, tokens: &[Token<'a>], at: usize) -> usize {
        let Some(word) = tokens.get(at) else { return 1 };
        let pattern = tokens.get(at.saturating_add(1)).filter(|token| token.kind == Kind::Text);
        let Some(text) = pattern.and_then(Token::name) else { return 1 };
        if text.contains('\\') {
            let help = "SQLite's like has no escape but for `escape '\\'` behind the pattern";
            self.error(&word.range(), "this pattern has no translation", help);
        } else if word.is("ilike") && text.is_ascii() {
            self.edits.replace(word.range(), "like");
        } else if word.is("ilike") {
            let help = "write ASCII letters only, or lower(..) of both";
            self.error(&word.range(), "SQLite knows no case of letters beyond ASCII", help);
        } else if text.chars().any(|c| c.is_ascii_alphabetic()) {
            let folded = tokens.get(..at).unwrap_or_default().iter().rev().take(6);
            if !folded.into_iter().any(|token| token.is("lower") || token.is("upper")) {
                self.warn(
                    &word.range(),
                    "SQLite's `like` takes a and A for the same",
                    "write `glob 'a*'`, or `lower(..) like 'a%'` where that is meant",
                );
            }
        }
        2
    }
}

fn is_pair(tokens: &[Token<'_>], one: &str, two: &str) -> bool {
    matches!(tokens, [first, second, ..]
        if first.is(one) && second.is(two) && first.range().end == second.start)
}

/// `(tags, 1)`
fn is_first_dimension(arguments: &[Token<'_>]) -> bool {
    matches!(arguments, [_, comma, one] if comma.is(",") && one.text == "1")
}

/// The tokens in front that a cast or an operator is on: one, a group, or a call.
pub(super) fn operand<'t, 'a>(before: &'t [Token<'a>]) -> &'t [Token<'a>] {
    let mut depth = 0_usize;
    for (index, token) in before.iter().enumerate().rev() {
        if token.is(")") {
            depth = depth.saturating_add(1);
        } else if token.is("(") {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 {
            return before.get(index..).unwrap_or_default();
        }
    }
    before
}

/// How many tokens of what is behind `::` are its type.
fn cast_length(behind: &[Token<'_>]) -> usize {
    let mut length = 1_usize;
    let word = |at: usize, word: &str| behind.get(at).is_some_and(|token| is_word(token, word));
    if behind.get(1).is_some_and(|token| token.is(".")) {
        length = 3;
    }
    let last = length.saturating_sub(1);
    if (word(last, "character") && word(length, "varying"))
        || (word(last, "double") && word(length, "precision"))
    {
        length = length.saturating_add(1);
    }
    if behind.get(length).is_some_and(|token| token.is("("))
        && let Some(inner) = behind.get(length..).and_then(inside)
    {
        length = length.saturating_add(inner.len()).saturating_add(2);
    }
    if (word(length, "with") || word(length, "without")) && word(length.saturating_add(1), "time") {
        length = length.saturating_add(3);
    }
    if behind.get(length).is_some_and(|token| token.text == "[]") {
        length = length.saturating_add(1);
    }
    length
}

/// Whether a value is kept alike as either type.
fn keeps(from: Type, to: Type, is_divided: bool) -> bool {
    let is_text = |kind: Type| matches!(kind, Type::Text { .. });
    let rank = |kind: Type| match kind {
        Type::SmallInt => Some(1),
        Type::Integer => Some(2),
        Type::BigInt => Some(3),
        Type::Numeric { .. } | Type::Double => Some(4),
        _ => None,
    };
    match (rank(from), rank(to)) {
        // Whole numbers divide without a rest, others do not.
        (Some(from), Some(to)) => from <= to && (!is_divided || (from < 4) == (to < 4)),
        _ => from == to || (is_text(from) && to == Type::Text { characters_max: None }),
    }
}

/// A constant is cut by its cast, which is an error to see and not to repeat.
const fn unlimited(kind: Type) -> Type {
    match kind {
        Type::Text { .. } => Type::Text { characters_max: None },
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compiler::lexer::tokens as cut;

    #[test]
    fn an_operand_is_one_token_or_a_group() {
        for (text, expected) in
            [("a and b", "b"), ("(a) = (b)", "("), ("f(a, b)", "("), ("x = 'it''s'", "'it''s'")]
        {
            let tokens = cut(text);
            assert_eq!(operand(&tokens).first().map(|token| token.text), Some(expected), "{text}");
        }
    }
}
