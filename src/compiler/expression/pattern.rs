//! `like`, `ilike` and regular expressions, written as `glob`, which minds case as `like` does here.

use sqlparser::ast::Expr;

use super::Context;
use super::array::every;
use super::characters;
use super::kind::Kind;
use super::regex;
use super::template::{self, quoted};
use super::typed::{Form, Typed};
use crate::catalog::Item;
use crate::compiler::expand::Expander;
use crate::compiler::report::Span;
use crate::compiler::sql::Sql;

/// The longest pattern that D1 takes, in bytes.
const PATTERN_BYTES_MAX: usize = 50;

/// A pattern that is computed. Without special characters but `%` at its ends it is compared as it is; others
/// become a pattern of `glob`, for which D1 has its limit. A backslash raises an error.
const BY_VALUE: &str = "(select case when s is null or p is null then null when instr(p, '\\') > 0 then @!pattern@ \
    when instr(c, '%') > 0 or instr(c, '_') > 0 then s glob replace(replace(replace(replace(replace(p, '[', '[[]'), \
    '*', '[*]'), '?', '[?]'), '%', '*'), '_', '?') when p = c then s = p \
    when substr(p, 1, 1) <> '%' then substr(s, 1, length(c)) = c when substr(p, -1) <> '%' then \
    length(s) >= length(c) and substr(s, length(s) - length(c) + 1) = c else instr(s, c) > 0 end \
    from (select s, p, trim(p, '%') as c from (select @0 as s, @1 as p)))";

/// How a pattern is compared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Matching {
    pub negated: bool,
    pub ignores_case: bool,
    /// The character behind which another one is itself.
    pub escape: Option<char>,
}

impl Matching {
    /// With the escape character that there is without any being written.
    pub const fn new(negated: bool, ignores_case: bool) -> Self {
        Self { negated, ignores_case, escape: Some('\\') }
    }
}

impl Expander<'_> {
    /// Writes `like` and `ilike`.
    pub(super) fn like(
        &mut self,
        (subject, pattern): (&Expr, &Expr),
        escape: Option<&Expr>,
        matching: Matching,
        at: Span,
    ) -> Typed {
        let escape = match escape.map(|escape| self.expression(escape)) {
            None => matching.escape,
            Some(escape) => {
                let mut characters = escape.text().unwrap_or("  ").chars();
                let first = characters.next();
                if characters.next().is_some() {
                    let help = "write one character in quotes";
                    return self.refuse_typed(at, "invalid escape string", help);
                }
                first
            }
        };
        let pattern = self.expression(pattern);
        let subject = self.expression(subject);
        self.like_typed(subject, pattern, Matching { escape, ..matching }, at)
    }

    /// Writes `like` and its like with operands that are written.
    pub(super) fn like_typed(
        &mut self,
        subject: Typed,
        pattern: Typed,
        matching: Matching,
        at: Span,
    ) -> Typed {
        let is_plain = matching.escape == Some('\\');
        let is_long = |text: &str| {
            is_plain
                && text.len() > PATTERN_BYTES_MAX
                && !text.trim_matches('%').contains(['%', '_', '\\'])
        };
        let is_computed = is_plain && pattern.text().is_none_or(is_long);
        if !is_computed || pattern.is_null() {
            return self.matched(subject, &pattern, matching, at);
        }
        let subject = self.subject(subject, matching, at);
        let pattern = self.subject(pattern, matching, at);
        if subject.is_broken() || pattern.is_broken() {
            return Typed::broken();
        }
        let word = if matching.negated { "not " } else { "" };
        let sql = Sql::text(word).and(template::write(BY_VALUE, &[subject, pattern]));
        Typed::open(Kind::Boolean, sql)
    }

    /// Writes `like any (array[..])`: one of the patterns matches.
    pub(super) fn like_any(
        &mut self,
        subject: &Expr,
        patterns: &[Expr],
        matching: Matching,
        at: Span,
    ) -> Typed {
        let each = Matching { negated: false, ..matching };
        let tests: Vec<Sql> = patterns
            .iter()
            .map(|pattern| self.like((subject, pattern), None, each, at).grouped().sql)
            .collect();
        Typed::closed(Kind::Boolean, Sql::join(tests, " or ").grouped())
    }

    /// Writes `like any (..)` with an array that is computed.
    pub(super) fn like_any_of(
        &mut self,
        subject: &Expr,
        patterns: &Expr,
        matching: Matching,
        at: Span,
    ) -> Typed {
        let subject = self.expression(subject);
        let array = self.expression(patterns);
        let array = self.coerce(array, Kind::Array(Item::Text), Context::Implicit, at);
        let alias = self.fresh_alias();
        let pattern = Typed::new(Kind::Text, Form::Simple, Sql::text(format!("{alias}.value")));
        let test = self.like_typed(subject, pattern, matching, at);
        if array.is_broken() || test.is_broken() {
            return Typed::broken();
        }
        let rows = Sql::text("select ").and(test.sql).then(" as c from json_each(");
        let rows = rows.and(array.sql.clone()).then(") as ").then(&alias);
        let sql = Sql::text("case when ").and(array.operand()).then(" is not null then ");
        Typed::closed(Kind::Boolean, sql.and(every(rows, true)).then(" end"))
    }

    /// Writes `~` and its like.
    pub(super) fn regular_expression(
        &mut self,
        subject: Typed,
        pattern: Typed,
        matching: Matching,
        at: Span,
    ) -> Typed {
        let Some(text) = pattern.text().map(str::to_owned) else {
            let help = "write the pattern in quotes";
            return self.refuse_typed(at, "a pattern is a string in quotes here", help);
        };
        let fold =
            |glob: String| if matching.ignores_case { glob.to_ascii_lowercase() } else { glob };
        let is_short = |glob: &String| glob.len() <= PATTERN_BYTES_MAX;
        let test = match (
            characters::characters_only(&text, fold).or_else(|| characters::separated(&text, fold)),
            regex::globs(&text),
        ) {
            (Some(test), _) => test,
            (None, Some(globs)) if globs.iter().all(is_short) => {
                let tests =
                    globs.into_iter().map(|glob| format!("@0 glob {}", quoted(&fold(glob))));
                tests.collect::<Vec<_>>().join(" or ")
            }
            _ => {
                let help = "write `like`, or a pattern of plain characters, `.`, `[a-z]`, `.*`, `(a|b)`, `^` and `$`";
                return self.refuse_typed(at, "this regular expression is not supported", help);
            }
        };
        self.check_json_text(&subject, &pattern, at);
        let subject = self.subject(subject, matching, at);
        if subject.is_broken() {
            return subject;
        }
        let word = if matching.negated { "not " } else { "" };
        Typed::open(Kind::Boolean, template::write(&format!("{word}({test})"), &[subject]))
    }

    fn subject(&mut self, subject: Typed, matching: Matching, at: Span) -> Typed {
        let subject = self.as_text(subject, at);
        if matching.ignores_case && !subject.is_broken() {
            return Typed::closed(Kind::Text, template::write("lower(@0)", &[subject]));
        }
        subject
    }

    /// A text; a value of another type has no pattern.
    fn as_text(&mut self, subject: Typed, at: Span) -> Typed {
        if subject.kind == Kind::Unknown || subject.kind.is_text() || subject.is_broken() {
            return self.coerce(subject, Kind::Text, Context::Implicit, at);
        }
        self.no_operator("~~", &subject, &Typed::new(Kind::Text, subject.form, Sql::default()), at);
        Typed::broken()
    }

    fn matched(&mut self, subject: Typed, pattern: &Typed, matching: Matching, at: Span) -> Typed {
        if pattern.is_null() {
            return Typed { kind: Kind::Boolean, ..Typed::null() };
        }
        self.check_json_text(&subject, pattern, at);
        let subject = self.subject(subject, matching, at);
        if subject.is_broken() || pattern.is_broken() {
            return Typed::broken();
        }
        let Some(text) = pattern.text() else {
            let help = "write `strpos(.., ..) > 0` or `starts_with(.., ..)`";
            return self.refuse_typed(at, "a pattern is a string in quotes here", help);
        };
        let fold =
            |glob: String| if matching.ignores_case { glob.to_ascii_lowercase() } else { glob };
        match glob_of_like(text, matching.escape) {
            Some(glob) if glob.len() <= PATTERN_BYTES_MAX => {
                let word = if matching.negated { "not glob" } else { "glob" };
                let sql = format!("@0 {word} {}", quoted(&fold(glob)));
                Typed::open(Kind::Boolean, template::write(&sql, &[subject]))
            }
            Some(_) => {
                let message =
                    format!("a pattern of more than {PATTERN_BYTES_MAX} bytes is not supported");
                self.refuse_typed(at, message, "write `strpos(.., ..) > 0`, or several patterns")
            }
            None => {
                let help = "write the character behind the escape character, or that one twice";
                self.refuse_typed(at, "LIKE pattern must not end with escape character", help)
            }
        }
    }
}

/// A pattern of `like` as one of `glob`; `None` when it ends with its escape character.
fn glob_of_like(like: &str, escape: Option<char>) -> Option<String> {
    let mut glob = String::new();
    let mut characters = like.chars();
    while let Some(character) = characters.next() {
        if Some(character) == escape {
            glob.push_str(&regex::literal(characters.next()?));
        } else {
            match character {
                '%' => glob.push('*'),
                '_' => glob.push('?'),
                other => glob.push_str(&regex::literal(other)),
            }
        }
    }
    Some(glob)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_become_globs() {
        for (like, glob) in [
            ("a%_b", Some("a*?b")),
            ("10\\%*", Some("10%[*]")),
            ("[x]?", Some("[[]x][?]")),
            ("a\\", None),
        ] {
            assert_eq!(glob_of_like(like, Some('\\')).as_deref(), glob, "{like}");
        }
    }
}
