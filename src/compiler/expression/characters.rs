//! Regular expressions that say which characters a text consists of.

use super::regex::{Characters, bounds, class};
use super::template::quoted;

/// `^[a-z]+$`, `^[a-z]*$`, `^[a-z]{2,}$`, `^[^@]+@example\.com$`: a template that says whether a text has
/// such characters only, but for what it ends with. `fold` is what is done to characters.
pub(super) fn characters_only(pattern: &str, fold: impl Fn(String) -> String) -> Option<String> {
    let rest = pattern.strip_prefix('^')?;
    let mut characters = rest.chars().peekable();
    let mut beginning = String::new();
    let class = loop {
        match (characters.next()?, characters.peek()) {
            ('[', _) => break class(&mut characters)?,
            ('\\', Some('d')) => {
                characters.next();
                break "0-9".to_owned();
            }
            ('\\', _) => beginning.push(characters.next().filter(char::is_ascii_punctuation)?),
            ('.' | ']' | '(' | ')' | '*' | '+' | '?' | '{' | '}' | '|' | '^' | '$', _) => {
                return None;
            }
            (other, _) => beginning.push(other),
        }
    };
    let others = match class.strip_prefix('^') {
        Some(class) => format!("[{class}]"),
        None => format!("[^{class}]"),
    };
    let (least, most) = match characters.next()? {
        '*' => (0, None),
        '+' => (1, None),
        '{' => bounds(&mut characters)?,
        _ => return None,
    };
    let ending = fold(ending(&mut characters)?);
    let beginning = fold(beginning);
    let (before, behind) = (beginning.chars().count(), ending.chars().count());
    let count = before.saturating_add(behind);
    let mut tests = Vec::new();
    if before > 0 {
        tests.push(format!("substr(@0, 1, {before}) = {}", quoted(&beginning)));
    }
    if behind > 0 {
        tests.push(format!("substr(@0, -{behind}) = {}", quoted(&ending)));
    }
    let whole = match count {
        0 => "@0".to_owned(),
        _ => format!("substr(@0, {}, length(@0) - {count})", before.saturating_add(1)),
    };
    let (least, most) = (least.saturating_add(count), most.map(|most| count.saturating_add(most)));
    match (least, most) {
        (0, None) => {}
        (1, None) => tests.push("@0 <> ''".to_owned()),
        (least, None) => tests.push(format!("length(@0) >= {least}")),
        (least, Some(most)) => tests.push(format!("length(@0) between {least} and {most}")),
    }
    tests.push(format!("{whole} not glob {}", quoted(&fold(format!("*{others}*")))));
    Some(tests.join(" and "))
}

/// `^[a-z]+(-[a-z]+)*$`: a template that says whether a text is words of such characters, with one separator
/// between two of them.
pub(super) fn separated(pattern: &str, fold: impl Fn(String) -> String) -> Option<String> {
    let mut characters = pattern.strip_prefix("^[")?.chars().peekable();
    let first = class(&mut characters).filter(|class| !class.starts_with('^'))?;
    let is = |characters: &mut Characters<'_>, text: &str| {
        text.chars().all(|wanted| characters.next() == Some(wanted))
    };
    if !is(&mut characters, "+(") {
        return None;
    }
    if characters.next_if_eq(&'?').is_some() && characters.next() != Some(':') {
        return None;
    }
    let separator = match characters.next()? {
        '\\' => characters.next().filter(|next| matches!(next, '.' | '-'))?,
        plain @ ('-' | '_' | '/' | ':' | ' ' | ',') => plain,
        _ => return None,
    };
    if characters.next() != Some('[')
        || class(&mut characters)? != first
        || first.contains(separator) && separator != '-'
    {
        return None;
    }
    // A minus in the class is itself only at the end.
    if (separator == '-' && first.ends_with('-'))
        || !is(&mut characters, "+)*$")
        || characters.next().is_some()
    {
        return None;
    }
    let part = |pattern: String| quoted(&fold(pattern));
    // Not of the class nor the separator: the separator at the end of a class is itself.
    let other = part(format!("*[^{first}{separator}]*"));
    let (begin, end) = (part(format!("[{first}]*")), part(format!("*[{first}]")));
    let twice = part(format!("*{separator}{separator}*"));
    Some(format!(
        "@0 glob {begin} and @0 glob {end} and @0 not glob {other} and @0 not glob {twice}"
    ))
}

/// Plain characters up to the end of the text.
fn ending(characters: &mut Characters<'_>) -> Option<String> {
    let mut ending = String::new();
    loop {
        match characters.next()? {
            '$' => return characters.next().is_none().then_some(ending),
            '\\' => ending.push(characters.next().filter(char::is_ascii_punctuation)?),
            '.' | '[' | ']' | '(' | ')' | '*' | '+' | '?' | '{' | '}' | '|' | '^' => return None,
            other => ending.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_between_separators() {
        for (pattern, expected) in [
            (
                "^[a-z0-9]+(-[a-z0-9]+)*$",
                Some(
                    "@0 glob '[a-z0-9]*' and @0 glob '*[a-z0-9]' and @0 not glob '*[^a-z0-9-]*' and @0 not glob '*--*'",
                ),
            ),
            (
                "^[a-z]+(?:_[a-z]+)*$",
                Some(
                    "@0 glob '[a-z]*' and @0 glob '*[a-z]' and @0 not glob '*[^a-z_]*' and @0 not glob '*__*'",
                ),
            ),
            ("^[a-z]+(-[a-z0-9]+)*$", None),
            ("^[a-z-]+(-[a-z-]+)*$", None),
            ("^[a-z_]+(_[a-z_]+)*$", None),
            ("^[a-z]+(-[a-z]+)+$", None),
            ("^[^a-z]+(-[^a-z]+)*$", None),
            ("^[a-z]+(-[a-z]+)*", None),
        ] {
            let found = separated(pattern, |class| class);
            assert_eq!(found.as_deref(), expected, "{pattern}");
        }
    }

    #[test]
    fn characters_of_a_whole_text() {
        for (pattern, expected) in [
            ("^[a-z0-9_]+$", Some("@0 <> '' and @0 not glob '*[^a-z0-9_]*'")),
            ("^[a-z-]*$", Some("@0 not glob '*[^a-z-]*'")),
            ("^[a-z]{2,}$", Some("length(@0) >= 2 and @0 not glob '*[^a-z]*'")),
            ("^\\d{1,3}$", Some("length(@0) between 1 and 3 and @0 not glob '*[^0-9]*'")),
            (
                "^[^@]+@x\\.io$",
                Some(
                    "substr(@0, -5) = '@@x.io' and length(@0) >= 6 and substr(@0, 1, length(@0) - 5) not glob '*[@@]*'",
                ),
            ),
            (
                "^user_[a-z]+$",
                Some(
                    "substr(@0, 1, 5) = 'user_' and length(@0) >= 6 and substr(@0, 6, length(@0) - 5) not glob '*[^a-z]*'",
                ),
            ),
            ("^[a-z]+", None),
            ("^[a-z]+b*$", None),
            ("[a-z]+$", None),
            ("^\\w+$", None),
        ] {
            let found = characters_only(pattern, |class| class);
            assert_eq!(found.as_deref(), expected, "{pattern}");
        }
    }
}
