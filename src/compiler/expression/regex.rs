//! Regular expressions, as far as they are a few patterns of `glob`.

/// The most patterns that one regular expression becomes.
const PATTERNS_MAX: usize = 16;
/// The most often that something is repeated.
const REPEATED_MAX: usize = 32;

pub(super) type Characters<'t> = std::iter::Peekable<std::str::Chars<'t>>;

/// Patterns, each with whether it begins at the beginning and ends at the end of the text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Branch {
    glob: String,
    begins: bool,
    ends: bool,
}

/// A regular expression as patterns of `glob`, one of which matches where it does.
pub(super) fn globs(pattern: &str) -> Option<Vec<String>> {
    let mut characters = pattern.chars().peekable();
    let branches = alternatives(&mut characters, true)?;
    if characters.next().is_some() {
        return None;
    }
    let written = branches.into_iter().map(|Branch { glob, begins, ends }| {
        let (before, behind) = (if begins { "" } else { "*" }, if ends { "" } else { "*" });
        format!("{before}{glob}{behind}")
    });
    Some(written.collect())
}

/// Branches between bars, up to a parenthesis or the end.
fn alternatives(characters: &mut Characters<'_>, is_outermost: bool) -> Option<Vec<Branch>> {
    let mut all = branch(characters, is_outermost)?;
    while characters.next_if_eq(&'|').is_some() {
        all.extend(branch(characters, is_outermost)?);
    }
    (all.len() <= PATTERNS_MAX).then_some(all)
}

fn branch(characters: &mut Characters<'_>, is_outermost: bool) -> Option<Vec<Branch>> {
    let begins = is_outermost && characters.next_if_eq(&'^').is_some();
    let mut all = vec![Branch { begins, ..Branch::default() }];
    while let Some(character) = characters.peek().copied() {
        match character {
            '|' | ')' => break,
            '$' if is_outermost => {
                characters.next();
                for one in &mut all {
                    one.ends = true;
                }
                if !matches!(characters.peek(), None | Some('|')) {
                    return None;
                }
            }
            _ => {
                let choices = piece(characters)?;
                all = all
                    .iter()
                    .flat_map(|one| {
                        choices.iter().map(move |choice| Branch {
                            glob: format!("{}{choice}", one.glob),
                            ..one.clone()
                        })
                    })
                    .collect();
                if all.len() > PATTERNS_MAX {
                    return None;
                }
            }
        }
    }
    Some(all)
}

/// An atom with what is written behind it about how often it stands there: all that it may be.
fn piece(characters: &mut Characters<'_>) -> Option<Vec<String>> {
    let is_any = characters.peek() == Some(&'.');
    let choices = atom(characters)?;
    let quantified = match characters.peek() {
        Some('*') if is_any => vec!["*".to_owned()],
        Some('+') if is_any => vec!["?*".to_owned()],
        Some('?') => {
            let nothing = std::iter::once(String::new());
            nothing.chain(choices).collect()
        }
        Some('{') => {
            characters.next();
            let (least, most) = bounds(characters)?;
            let [only] = choices.as_slice() else { return None };
            let all = match most {
                Some(most) => (least..=most).map(|count| only.repeat(count)).collect(),
                None if is_any => vec![format!("{}*", only.repeat(least))],
                None => return None,
            };
            return no_quantifier(characters, all);
        }
        Some('*' | '+') => return None,
        _ => return Some(choices),
    };
    characters.next();
    no_quantifier(characters, quantified)
}

fn no_quantifier(characters: &mut Characters<'_>, choices: Vec<String>) -> Option<Vec<String>> {
    (!matches!(characters.peek(), Some('*' | '+' | '?' | '{'))).then_some(choices)
}

/// `2}`, `2,}` or `2,4}`.
pub(super) fn bounds(characters: &mut Characters<'_>) -> Option<(usize, Option<usize>)> {
    let mut text = String::new();
    loop {
        match characters.next()? {
            '}' => break,
            character @ ('0'..='9' | ',') => text.push(character),
            _ => return None,
        }
    }
    let (least, most) = match text.split_once(',') {
        None => {
            let count = text.parse().ok()?;
            (count, Some(count))
        }
        Some((least, "")) => (least.parse().ok()?, None),
        Some((least, most)) => (least.parse().ok()?, Some(most.parse().ok()?)),
    };
    let is_small =
        least <= REPEATED_MAX && most.is_none_or(|most| least <= most && most <= REPEATED_MAX);
    is_small.then_some((least, most))
}

fn atom(characters: &mut Characters<'_>) -> Option<Vec<String>> {
    let one = match characters.next()? {
        '.' => "?".to_owned(),
        '[' => format!("[{}]", class(characters)?),
        '(' => {
            // Such a group is only not remembered; others mean more.
            if characters.next_if_eq(&'?').is_some() && characters.next() != Some(':') {
                return None;
            }
            let inner = alternatives(characters, false)?;
            return (characters.next() == Some(')'))
                .then(|| inner.into_iter().map(|branch| branch.glob).collect());
        }
        '\\' => match characters.next()? {
            'd' => "[0-9]".to_owned(),
            escaped if escaped.is_ascii_punctuation() => literal(escaped),
            _ => return None,
        },
        '*' | '+' | '?' | '{' | '}' | ')' | '|' | '^' | '$' | ']' => return None,
        other => literal(other),
    };
    Some(vec![one])
}

/// A character as `glob` has it.
pub(super) fn literal(character: char) -> String {
    if matches!(character, '*' | '?' | '[') {
        format!("[{character}]")
    } else {
        character.to_string()
    }
}

/// A class of characters such as `[a-z_]`, from behind its bracket: what `glob` has between its own. None
/// for what is not letters, digits and a few signs, since the two write the others differently.
pub(super) fn class(characters: &mut Characters<'_>) -> Option<String> {
    let mut class = String::new();
    if characters.next_if_eq(&'^').is_some() {
        class.push('^');
    }
    // The character that a range may begin with.
    let mut from: Option<char> = None;
    loop {
        let character = characters.next()?;
        match character {
            ']' => break,
            '-' if characters.peek() == Some(&']') && !matches!(class.as_str(), "" | "^") => {
                class.push('-');
            }
            '-' => {
                let (first, last) = (from.take()?, characters.next()?);
                let is_range = |test: fn(&char) -> bool| test(&first) && test(&last);
                let is_alike = is_range(char::is_ascii_lowercase)
                    || is_range(char::is_ascii_uppercase)
                    || is_range(char::is_ascii_digit);
                if !is_alike || first > last {
                    return None;
                }
                class.push('-');
                class.push(last);
            }
            '_'
            | '.'
            | '@'
            | '+'
            | '%'
            | ' '
            | '/'
            | ':'
            | '#'
            | 'a'..='z'
            | 'A'..='Z'
            | '0'..='9' => {
                class.push(character);
                from = Some(character);
            }
            _ => return None,
        }
    }
    (!class.is_empty() && class != "^").then_some(class)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_become_patterns() {
        for (pattern, expected) in [
            ("^abc", Some("abc*")),
            ("abc$", Some("*abc")),
            ("^a.c$", Some("a?c")),
            ("@example\\.com$", Some("*@example.com")),
            ("^[a-z]x", Some("[a-z]x*")),
            ("a.*b", Some("*a*b*")),
            ("^(a|b)$", Some("a b")),
            ("a|^b$", Some("*a* b")),
            ("^x(?:1|2)?y", Some("xy* x1y* x2y*")),
            ("^a\\d{2}$", Some("a[0-9][0-9]")),
            ("^a.+@", Some("a?*@*")),
            ("^[0-9]{1,2}$", Some("[0-9] [0-9][0-9]")),
            ("a+", None),
            ("(a|b)*", None),
            ("(^a|b)", None),
            ("(a", None),
            ("a)", None),
            ("a\\w", None),
            ("a\\D", None),
            ("[[:alpha:]]", None),
            ("[A-z]", None),
            ("[z-a]", None),
            ("x{2,}", None),
            ("x{2}{3}", None),
            ("a$b", None),
            ("(?=a)", None),
        ] {
            let found = globs(pattern).map(|globs| globs.join(" "));
            assert_eq!(found.as_deref(), expected, "{pattern}");
        }
    }
}
