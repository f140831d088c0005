//! Regular expressions in checks. SQLite has none, but `glob` knows classes of characters.

use super::Reader;
use super::cursor::{is_word, range};
use super::expression::operand;
use crate::compiler::lexer::{Kind, Token};

impl<'a> Reader<'a> {
    /// Regular expressions of one class of characters are a pattern of `glob`. The operator stands
    /// at `at`; returns how many tokens were read from there.
    pub(super) fn read_pattern(&mut self, tokens: &[Token<'a>], at: usize) -> usize {
        let rest = tokens.get(at..).unwrap_or_default();
        let symbols =
            rest.iter().take_while(|token| ["~", "!", "*"].iter().any(|symbol| token.is(symbol)));
        let operator: String = symbols.map(|token| token.text).collect();
        let left = operand(without_cast(tokens.get(..at).unwrap_or_default()));
        let pattern = rest.get(operator.len()).filter(|token| token.kind == Kind::Text);
        let text = pattern.and_then(Token::name).unwrap_or_default();
        let left_text = self.source(&range(left)).to_owned();
        // A cast behind it is that of a constant to text.
        let behind = operator.len().saturating_add(1);
        let end = match rest.get(behind..) {
            Some([one, two, kind, ..]) if one.is(":") && two.is(":") && is_word(kind, "text") => {
                behind.saturating_add(3)
            }
            _ => behind,
        };
        let is_column = matches!(left, [_] | [_, _, _]);
        let sql = match operator.as_str() {
            "~" if is_column => class_only(&text, &left_text, false),
            "~*" if is_column => class_only(&text, &left_text, true),
            _ => None,
        };
        if let Some(sql) = sql {
            let whole = range(left).start..range(rest.get(..end).unwrap_or_default()).end;
            self.edits.replace(whole, sql);
            return end;
        }
        let help = if text.contains('@') {
            "of an address, write `mail like '_%@_%._%' and mail not like '%@%@%'`"
        } else {
            "write `like` or `glob`: `name not glob '*[^a-z0-9_]*'` allows these characters only"
        };
        let at = rest.first().map(Token::range).unwrap_or_default();
        self.error(&at, format!("SQLite has no regular expressions: `{operator}`"), help);
        end
    }
}

/// Without a cast to text at the end, which `pg_dump` writes of every `varchar`.
fn without_cast<'t, 'a>(before: &'t [Token<'a>]) -> &'t [Token<'a>] {
    match before {
        [rest @ .., one, two, kind] if one.is(":") && two.is(":") && is_word(kind, "text") => rest,
        _ => before,
    }
}

/// `^[a-z0-9_]+$` of a column in SQLite's words: no character but those, and with `+` at least one.
/// Where case makes no difference, the letters of ASCII stand in both.
fn class_only(pattern: &str, column: &str, ignores_case: bool) -> Option<String> {
    let inner = pattern.strip_prefix("^[")?;
    let (class, count) = inner.split_once(']')?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | ' ');
    if class.is_empty() || !class.chars().all(is_plain) {
        return None;
    }
    let class = if ignores_case { both_cases(class)? } else { class.to_owned() };
    // D1 takes patterns of 50 bytes.
    if class.len() > 45 {
        return None;
    }
    let only = format!("{column} not glob '*[^{class}]*'");
    let count = count.strip_suffix('$')?;
    let length = match count {
        "*" => return Some(format!("({only})")),
        "+" => format!("{column} <> ''"),
        _ => {
            let (least, most) = count.strip_prefix('{')?.strip_suffix('}')?.split_once(',')?;
            let least: u32 = least.parse().ok()?;
            match most.parse::<u32>() {
                Ok(most) => format!("length({column}) between {least} and {most}"),
                Err(_) if most.is_empty() => format!("length({column}) >= {least}"),
                Err(_) => return None,
            }
        }
    };
    Some(format!("({length} and {only})"))
}

/// A class with its letters in both cases; a hyphen at its end stays there, where it is no range.
fn both_cases(class: &str) -> Option<String> {
    let (inner, hyphen) = class.strip_suffix('-').map_or((class, ""), |inner| (inner, "-"));
    if inner.starts_with('-') || inner.ends_with('-') {
        return None;
    }
    // A range that spans both cases, such as `Z-a`, has other characters in between.
    let ends: Vec<char> = inner.chars().collect();
    let is_mixed = |three: &[char]| match three {
        [first, '-', last] => {
            first.is_ascii_lowercase() != last.is_ascii_lowercase()
                || first.is_ascii_digit() != last.is_ascii_digit()
        }
        _ => false,
    };
    if ends.windows(3).any(is_mixed) {
        return None;
    }
    let lower = inner.to_ascii_lowercase();
    let upper = inner.to_ascii_uppercase();
    let both = if lower == upper { lower } else { format!("{lower}{upper}") };
    Some(both + hyphen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_one_class_are_globs() {
        for (pattern, expected) in [
            ("^[a-z0-9_]+$", Some("(a <> '' and a not glob '*[^a-z0-9_]*')")),
            ("^[a-z]*$", Some("(a not glob '*[^a-z]*')")),
            ("^[a-z]{3,20}$", Some("(length(a) between 3 and 20 and a not glob '*[^a-z]*')")),
            ("^[a-z]{3,}$", Some("(length(a) >= 3 and a not glob '*[^a-z]*')")),
            ("^[^a-z]+$", None),
            ("^[a-z]+", None),
            ("[a-z]+$", None),
            ("^[a-z]+[0-9]$", None),
            ("^[a-z\\d]+$", None),
            ("^[]+$", None),
            ("^[a-z]{3}$", None),
            ("^[a-z]{,3}$", None),
            ("^[a'b]+$", None),
            ("", None),
        ] {
            assert_eq!(class_only(pattern, "a", false).as_deref(), expected, "{pattern}");
        }
        for (pattern, expected) in [
            ("^[a-z0-9-]*$", Some("(a not glob '*[^a-z0-9A-Z0-9-]*')")),
            ("^[0-9]*$", Some("(a not glob '*[^0-9]*')")),
            ("^[-a]*$", None),
            ("^[Z-a]*$", None),
            ("^[9-a]*$", None),
        ] {
            assert_eq!(class_only(pattern, "a", true).as_deref(), expected, "{pattern}");
        }
    }
}
