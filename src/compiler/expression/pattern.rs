//! `like`, `ilike` and regular expressions, written as `glob`, which minds case as `like` does here.

use sqlparser::ast::Expr;

use super::Context;
use super::kind::Kind;
use super::regex;
use super::template::{self, quoted};
use super::typed::Typed;
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
}

impl Expander<'_> {
    /// Writes `like` and `ilike`.
    pub(super) fn like(
        &mut self,
        subject: &Expr,
        pattern: &Expr,
        escape: Option<&Expr>,
        matching: Matching,
        at: Span,
    ) -> Typed {
        let escape = match escape.map(|escape| self.expression(escape)) {
            None => Some('\\'),
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
        self.like_typed(subject, pattern, escape, matching, at)
    }

    /// Writes `like` and its like with operands that are written.
    pub(super) fn like_typed(
        &mut self,
        subject: Typed,
        pattern: Typed,
        escape: Option<char>,
        matching: Matching,
        at: Span,
    ) -> Typed {
        let glob = pattern.text().map(|text| glob_of_like(text, escape));
        if glob.is_some() || pattern.is_null() || escape != Some('\\') {
            return self.matched(subject, pattern, glob, matching, at);
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
            .map(|pattern| self.like(subject, pattern, None, each, at).grouped().sql)
            .collect();
        Typed::closed(Kind::Boolean, Sql::join(tests, " or ").grouped())
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
        let test = match (regex::characters_only(&text, fold), regex::globs(&text)) {
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

    fn matched(
        &mut self,
        subject: Typed,
        pattern: Typed,
        glob: Option<Option<String>>,
        matching: Matching,
        at: Span,
    ) -> Typed {
        if pattern.is_null() {
            return Typed { kind: Kind::Boolean, ..Typed::null() };
        }
        self.check_json_text(&subject, &pattern, at);
        let subject = self.subject(subject, matching, at);
        if subject.is_broken() || pattern.is_broken() {
            return Typed::broken();
        }
        let fold =
            |glob: String| if matching.ignores_case { glob.to_ascii_lowercase() } else { glob };
        match glob {
            Some(Some(glob)) if glob.len() <= PATTERN_BYTES_MAX => {
                let word = if matching.negated { "not glob" } else { "glob" };
                let sql = format!("@0 {word} {}", quoted(&fold(glob)));
                Typed::open(Kind::Boolean, template::write(&sql, &[subject]))
            }
            Some(Some(_)) => {
                let message =
                    format!("a pattern of more than {PATTERN_BYTES_MAX} bytes is not supported");
                self.refuse_typed(at, message, "write `strpos(.., ..) > 0`, or several patterns")
            }
            Some(None) => {
                let help = "write the character behind the escape character, or that one twice";
                self.refuse_typed(at, "LIKE pattern must not end with escape character", help)
            }
            None => self.refuse_typed(
                at,
                "a pattern is a string in quotes here",
                "write `strpos(.., ..) > 0` or `starts_with(.., ..)`",
            ),
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
