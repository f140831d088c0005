//! Writing JSON, compactly and from left to right.

/// A text as JSON.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len().saturating_add(2));
    push_quoted(&mut json, text);
    json
}

/// Whatever is escaped is ASCII, so it is found by bytes and never inside of another character.
fn push_quoted(json: &mut String, text: &str) {
    json.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(is_special) {
        json.push_str(rest.get(..at).unwrap_or_default());
        let mut behind = rest.get(at..).unwrap_or_default().chars();
        if let Some(special) = behind.next() {
            push_escaped(json, special);
        }
        rest = behind.as_str();
    }
    json.push_str(rest);
    json.push('"');
}

const fn is_special(byte: u8) -> bool {
    matches!(byte, 0..=0x1f | b'"' | b'\\')
}

fn push_escaped(json: &mut String, special: char) {
    let letter = match special {
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{c}' => 'f',
        '\r' => 'r',
        '"' | '\\' => special,
        control => {
            json.push_str(if control < '\u{10}' { "\\u000" } else { "\\u001" });
            json.extend(char::from_digit(u32::from(control) & 15, 16));
            return;
        }
    };
    json.push('\\');
    json.push(letter);
}

/// Texts that are JSON already, as one JSON array.
#[must_use]
pub fn list(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

/// A JSON text in the making. Commas come by themselves.
#[derive(Debug, Default)]
pub struct Writer(String);

impl Writer {
    /// An object that has been begun.
    #[must_use]
    pub fn object() -> Self {
        Self("{".to_owned())
    }

    /// The text.
    #[must_use]
    pub fn finish(self) -> String {
        self.0
    }

    /// The text of an object, which ends here.
    #[must_use]
    pub fn finish_object(mut self) -> String {
        self.end("}");
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
        self.raw("");
        push_quoted(&mut self.0, text);
    }

    /// The name of the member that follows.
    pub fn key(&mut self, name: &str) {
        self.text(name);
        self.end(":");
    }

    /// A member whose value is JSON already.
    pub fn member(&mut self, name: &str, json: &str) {
        self.key(name);
        self.raw(json);
    }

    /// Members that are texts.
    pub fn texts(&mut self, members: &[(&str, &str)]) {
        for (name, text) in members {
            self.key(name);
            self.text(text);
        }
    }

    /// Members that are integers.
    pub fn integers(&mut self, members: &[(&str, i64)]) {
        for (name, number) in members {
            self.member(name, &number.to_string());
        }
    }

    /// Members that are texts, but for those that are not there.
    pub fn optional_texts(&mut self, members: &[(&str, Option<&str>)]) {
        for (name, text) in members {
            if let Some(text) = text {
                self.texts(&[(name, text)]);
            }
        }
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
