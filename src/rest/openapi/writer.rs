//! JSON as text, from left to right. Commas come by themselves.

use crate::http::json::quoted;

/// A JSON text in the making.
#[derive(Debug, Default)]
pub struct Writer(String);

impl Writer {
    /// The text.
    pub fn finish(self) -> String {
        self.0
    }

    /// Something that is JSON already: a value, members, or the beginning of such.
    pub fn raw(&mut self, json: &str) {
        // No text of ours ends in an open bracket or a colon but where something is to follow: one
        // within quotes ends in the quote.
        if !matches!(self.0.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(',');
        }
        self.0.push_str(json);
    }

    /// The end of what [`Self::raw`] began, and what goes on behind it.
    pub fn end(&mut self, json: &str) {
        self.0.push_str(json);
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        self.raw(&quoted(text));
    }

    /// The name of the member that follows.
    pub fn key(&mut self, name: &str) {
        self.text(name);
        self.end(":");
    }

    /// A template, cut at each `|` into text and the names of holes.
    pub fn fill(&mut self, template: &str, holes: &[(&str, &str)]) {
        self.raw("");
        for piece in template.split('|') {
            let filled = holes.iter().find(|(hole, _)| *hole == piece);
            self.end(filled.map_or(piece, |(_, content)| content));
        }
    }
}
