//! Patterns of `URI_ALLOW_LIST`.

/// Whether a pattern covers a text: `*` stands for any characters but `.` and `/`, `**` for any.
/// Each byte is compared with each place of the pattern at most once.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = Vec::new();
    let mut bytes = pattern.bytes().peekable();
    while let Some(byte) = bytes.next() {
        parts.push(match byte {
            b'*' if bytes.next_if_eq(&b'*').is_some() => Part::Anything,
            b'*' => Part::Name,
            literal => Part::Literal(literal),
        });
    }
    // The places behind which everything read so far fits; a wildcard may stand for nothing.
    let mut places = skip_wildcards(&parts, &[0]);
    for byte in text.bytes() {
        let mut next = Vec::new();
        for place in places {
            let Some(part) = parts.get(place) else { continue };
            match part {
                Part::Literal(literal) if *literal == byte => next.push(place.saturating_add(1)),
                Part::Name if !b"./".contains(&byte) => next.push(place),
                Part::Anything => next.push(place),
                Part::Literal(_) | Part::Name => {}
            }
        }
        places = skip_wildcards(&parts, &next);
    }
    places.contains(&parts.len())
}

/// A part of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// This byte.
    Literal(u8),
    /// `*`
    Name,
    /// `**`
    Anything,
}

/// These places and those behind wildcards that follow, in their order.
fn skip_wildcards(parts: &[Part], places: &[usize]) -> Vec<usize> {
    let mut all = Vec::new();
    for place in places {
        let mut place = *place;
        all.push(place);
        while matches!(parts.get(place), Some(Part::Name | Part::Anything)) {
            place = place.saturating_add(1);
            all.push(place);
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_no_more_time_than_it_has_places() {
        let pattern = "**a".repeat(400);
        assert!(!matches(&pattern, &"a".repeat(399)));
        assert!(matches(&pattern, &"a".repeat(2000)));
        assert!(
            matches("*", "")
                && matches("**", "a.b/c")
                && !matches("*", "a.b")
                && matches("a*c", "abc")
        );
    }
}
