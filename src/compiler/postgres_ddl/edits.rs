//! Changes of a text, kept as edits so that places in the outcome lead back to what was written.

use std::ops::Range;

/// A piece of the text and what stands there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edit {
    at: Range<usize>,
    text: String,
    /// What a message about the new text points to.
    origin: Range<usize>,
    /// Which of several at one place comes first.
    rank: u8,
}

/// Edits of a text; none leaves it as it is, byte for byte.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edits(Vec<Edit>);

impl Edits {
    /// Puts other text in the place of some bytes.
    pub fn replace(&mut self, at: Range<usize>, text: impl Into<String>) {
        self.0.push(Edit { at: at.clone(), text: text.into(), origin: at, rank: 0 });
    }

    /// Takes bytes out.
    pub fn remove(&mut self, at: Range<usize>) {
        self.replace(at, "");
    }

    /// Puts text in front of a byte; messages about it point to `origin`.
    pub fn insert(&mut self, at: usize, text: impl Into<String>, origin: Range<usize>) {
        self.insert_ranked(0, at, text, origin);
    }

    /// The same behind what of a lower rank is put at the same place.
    pub fn insert_ranked(
        &mut self,
        rank: u8,
        at: usize,
        text: impl Into<String>,
        origin: Range<usize>,
    ) {
        self.0.push(Edit { at: at..at, text: text.into(), origin, rank });
    }

    /// Whether anything within those bytes is changed.
    pub fn touch(&self, range: &Range<usize>) -> bool {
        self.0.iter().any(|edit| range.start <= edit.at.start && edit.at.end <= range.end)
    }

    /// The text with all edits made. Of two that overlap the one that begins first counts, which is
    /// the wider one: a statement that is left out takes the edits within it along.
    pub fn apply(&mut self, text: &str) -> String {
        self.0.sort_by_key(|edit| (edit.at.start, usize::MAX.saturating_sub(edit.at.end)));
        // Insertions stand in front of what begins at the same place.
        self.0.sort_by_key(|edit| (edit.at.start, !edit.at.is_empty(), edit.rank));
        let mut kept: Vec<Edit> = Vec::new();
        let mut done = 0;
        let mut output = String::new();
        for edit in std::mem::take(&mut self.0) {
            if edit.at.start < done {
                continue;
            }
            output.push_str(text.get(done..edit.at.start).unwrap_or_default());
            output.push_str(&edit.text);
            done = edit.at.end;
            kept.push(edit);
        }
        output.push_str(text.get(done..).unwrap_or_default());
        self.0 = kept;
        output
    }

    /// Where bytes of the outcome come from. Only once the edits are applied.
    pub fn locate(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.origin(range.start).start;
        if range.is_empty() {
            return start..start;
        }
        let end = self.origin(range.end.saturating_sub(1)).end;
        start..end.max(start)
    }

    /// The byte of the source that a byte of the outcome is, or what it was made from.
    fn origin(&self, offset: usize) -> Range<usize> {
        let mut source = 0_usize;
        let mut output = 0_usize;
        for edit in &self.0 {
            let kept = edit.at.start.saturating_sub(source);
            if offset < output.saturating_add(kept) {
                break;
            }
            output = output.saturating_add(kept);
            source = edit.at.start;
            if offset < output.saturating_add(edit.text.len()) {
                return edit.origin.clone();
            }
            output = output.saturating_add(edit.text.len());
            source = source.max(edit.at.end);
        }
        let at = source.saturating_add(offset.saturating_sub(output));
        at..at.saturating_add(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lead_back_to_what_was_written() {
        let text = "create table public.t (a serial, b now);";
        let mut edits = Edits::default();
        edits.replace(25..31, "integer primary key");
        edits.remove(13..20);
        edits.insert(38, ", check (b > 0)", 35..38);
        let output = edits.apply(text);
        assert_eq!(output, "create table t (a integer primary key, b now, check (b > 0));");
        let found = |part: &str| {
            let at = output.find(part).unwrap_or_default();
            text.get(edits.locate(&(at..at + part.len()))).unwrap_or_default()
        };
        assert_eq!(found("t ("), "t (");
        assert_eq!(found("integer"), "serial");
        assert_eq!(found("a integer primary"), "a serial");
        assert_eq!(found("b now"), "b now");
        assert_eq!(found("check"), "now");
        assert_eq!(found(";"), ";");
        assert_eq!(edits.locate(&(13..13)), 20..20);
    }

    #[test]
    fn the_wider_of_two_edits_counts() {
        let mut edits = Edits::default();
        edits.replace(2..3, "x");
        edits.remove(1..4);
        assert!(edits.touch(&(1..4)) && !edits.touch(&(3..9)));
        assert_eq!(edits.apply("abcdef"), "aef");
        assert_eq!(Edits::default().apply("abc"), "abc");
        assert_eq!(Edits::default().locate(&(1..2)), 1..2);
    }
}
