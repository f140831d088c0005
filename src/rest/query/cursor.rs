//! A reader of small grammars: it looks at a text from left to right and insists that nothing is
//! left unread.

/// Why a text did not parse: where, and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unparsed {
    /// The character at which it stopped, counted from 1.
    pub column: usize,
    /// What was there.
    pub unexpected: String,
    /// What would have been right.
    pub expecting: &'static str,
}

/// A text and how far it has been read.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    text: &'a str,
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    /// Begins at the start of `text`.
    pub const fn new(text: &'a str) -> Self {
        Self { text, rest: text }
    }

    /// What has not been read yet.
    pub const fn rest(&self) -> &'a str {
        self.rest
    }

    /// The next character, left where it is.
    pub fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// Reads `prefix` if it is next.
    pub fn eat(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Reads characters as long as they are wanted.
    pub fn take_while(&mut self, mut wanted: impl FnMut(char) -> bool) -> &'a str {
        let end = self.rest.find(|character| !wanted(character)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    /// Skips spaces.
    pub fn skip_spaces(&mut self) {
        self.take_while(|character| character == ' ');
    }

    /// Reads `token`, with spaces around it.
    ///
    /// # Errors
    /// When it is not next.
    pub fn expect(&mut self, token: &str, expecting: &'static str) -> Result<(), Unparsed> {
        self.skip_spaces();
        if !self.eat(token) {
            return Err(self.unexpected(expecting));
        }
        self.skip_spaces();
        Ok(())
    }

    /// Insists that everything has been read.
    ///
    /// # Errors
    /// When something has not.
    pub fn finish(&self, expecting: &'static str) -> Result<(), Unparsed> {
        if self.rest.is_empty() { Ok(()) } else { Err(self.unexpected(expecting)) }
    }

    /// The error of not finding what was expected here.
    pub fn unexpected(&self, expecting: &'static str) -> Unparsed {
        let read = self.text.len().saturating_sub(self.rest.len());
        let column = self.text.get(..read).map_or(0, |text| text.chars().count());
        let unexpected = match self.peek() {
            Some(character) => format!("'{character}'"),
            None => "end of input".to_owned(),
        };
        Unparsed { column: column.saturating_add(1), unexpected, expecting }
    }

    /// Reads a text in double quotes, in which a backslash takes the next character literally.
    ///
    /// # Errors
    /// When there is no closing quote.
    pub fn quoted(&mut self) -> Result<String, Unparsed> {
        self.expect_exactly('"')?;
        let mut value = String::new();
        let mut characters = self.rest.char_indices();
        while let Some((index, character)) = characters.next() {
            match character {
                '"' => {
                    self.rest = self.rest.get(index..).and_then(|rest| rest.get(1..)).unwrap_or("");
                    return Ok(value);
                }
                '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
                other => value.push(other),
            }
        }
        self.rest = "";
        Err(self.unexpected("a closing '\"'"))
    }

    fn expect_exactly(&mut self, wanted: char) -> Result<(), Unparsed> {
        let mut characters = self.rest.chars();
        if characters.next() == Some(wanted) {
            self.rest = characters.as_str();
            return Ok(());
        }
        Err(self.unexpected("'\"'"))
    }
}
