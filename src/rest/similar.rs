//! What a misspelt name may have meant.

use strsim::levenshtein;

/// The most characters of a name that are compared, since the work grows with the square.
const COMPARED_CHARACTERS_MAX: usize = 64;

/// The candidate that is nearest to `name`, when at most a third of its letters differ.
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.chars().count() > COMPARED_CHARACTERS_MAX {
        return None;
    }
    candidates
        .map(|candidate| (levenshtein(name, candidate), candidate))
        .filter(|(distance, candidate)| distance.saturating_mul(3) <= candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
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
}
