//! What a misspelt name may have meant.

/// The most characters of a name that are compared, since the work grows with the square.
const COMPARED_CHARACTERS_MAX: usize = 64;

/// The candidate that is nearest to `name`, when at most a third of its letters differ.
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.chars().count() > COMPARED_CHARACTERS_MAX {
        return None;
    }
    candidates
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, candidate)| distance.saturating_mul(3) <= candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters must be put in, left out or changed (Levenshtein's distance).
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.chars().count()).collect();
    for (index, from) in left.chars().enumerate() {
        let mut diagonal = index;
        let mut before = index.saturating_add(1);
        let mut next = vec![before];
        for (to, above) in right.chars().zip(row.iter().skip(1)) {
            let changed = diagonal.saturating_add(usize::from(from != to));
            let cost = changed.min(above.saturating_add(1)).min(before.saturating_add(1));
            diagonal = *above;
            before = cost;
            next.push(cost);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let tables = ["tasks", "projects", "task_labels"];
        let nearest = |name| nearest(name, tables.into_iter());
        assert_eq!(nearest("task"), Some("tasks"));
        assert_eq!(nearest("project"), Some("projects"));
        assert_eq!(nearest("tasklabels"), Some("task_labels"));
        assert_eq!(nearest("xyz"), None);
        assert_eq!(nearest(""), None);
        assert_eq!(nearest(&"x".repeat(1000)), None);
    }

    #[test]
    fn distances() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", "abc"), 0);
    }
}
