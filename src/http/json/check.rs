//! Whether a text is JSON, as RFC 8259 has it and no laxer. Nothing is allocated for it but a byte
//! for each bracket that is open.

use super::{JSON_DEPTH_MAX, JsonError};

/// Makes sure that `bytes` are one JSON value, and answers its text without white space around it.
///
/// A lone surrogate is refused: half of a pair is no character (section 8.2), and no database's
/// UTF-8.
///
/// # Errors
/// See [`JsonError`].
pub fn checked(bytes: &[u8]) -> Result<&str, JsonError> {
    let text = std::str::from_utf8(bytes).map_err(|_| JsonError::NotUtf8)?;
    Checker { rest: bytes, bytes: bytes.len() }.document()?;
    Ok(text.trim_matches([' ', '\t', '\n', '\r']))
}

/// How many bytes stand in front of the first quote, backslash or control character. Eight are looked
/// at at once: a word less [`ONES`] has a high bit where a byte was 0, and less as many times 32 where
/// one was below 32. A byte above such a one may have the bit too, for what was borrowed, but the lowest
/// is right.
pub(super) fn plain(bytes: &[u8]) -> usize {
    let has_zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let (words, last) = bytes.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let control = word.wrapping_sub(WHITES) & !word;
        let special = (control | has_zero(word ^ QUOTES) | has_zero(word ^ BACKSLASHES)) & HIGHS;
        if special != 0 {
            let within = usize::try_from(special.trailing_zeros() / 8).unwrap_or_default();
            return number.saturating_mul(8).saturating_add(within);
        }
    }
    let special = |byte: &u8| *byte < b' ' || matches!(byte, b'"' | b'\\');
    let within = last.iter().position(special).unwrap_or(last.len());
    bytes.len().saturating_sub(last.len()).saturating_add(within)
}

/// Eight bytes that are 1, and others of one kind.
const ONES: u64 = u64::from_le_bytes([1; 8]);
const HIGHS: u64 = u64::from_le_bytes([0x80; 8]);
const WHITES: u64 = u64::from_le_bytes([b' '; 8]);
const QUOTES: u64 = u64::from_le_bytes([b'"'; 8]);
const BACKSLASHES: u64 = u64::from_le_bytes([b'\\'; 8]);

/// What has not been looked at yet.
struct Checker<'a> {
    rest: &'a [u8],
    bytes: usize,
}

impl Checker<'_> {
    fn document(&mut self) -> Result<(), JsonError> {
        // What closes each bracket that is open.
        let mut open = Vec::new();
        loop {
            match self.solid() {
                Some(bracket @ (b'[' | b'{')) => {
                    if open.len() == JSON_DEPTH_MAX {
                        return Err(JsonError::TooDeep);
                    }
                    let closing = if bracket == b'[' { b']' } else { b'}' };
                    self.skip_white();
                    if !self.eat(closing) {
                        open.push(closing);
                        if closing == b'}' {
                            self.name()?;
                        }
                        continue;
                    }
                }
                Some(b'"') => self.string()?,
                Some(b't') => self.word(b"rue")?,
                Some(b'f') => self.word(b"alse")?,
                Some(b'n') => self.word(b"ull")?,
                Some(first @ (b'-' | b'0'..=b'9')) => self.number(first)?,
                other => return Err(self.fault(other, "a value was expected")),
            }
            if self.behind_value(&mut open)? {
                return Ok(());
            }
        }
    }

    /// Closes what ends behind a value, and answers whether that was everything.
    fn behind_value(&mut self, open: &mut Vec<u8>) -> Result<bool, JsonError> {
        loop {
            let next = self.solid();
            match (open.last(), next) {
                (None, None) => return Ok(true),
                (None, other) => return Err(self.fault(other, "the end was expected")),
                (Some(b'}'), Some(b',')) => return self.name().map(|()| false),
                (Some(_), Some(b',')) => return Ok(false),
                (Some(closing), Some(byte)) if *closing == byte => {
                    open.pop();
                }
                (Some(_), other) => {
                    return Err(self.fault(other, "a comma or a closing bracket was expected"));
                }
            }
        }
    }

    /// A member's name and its colon.
    fn name(&mut self) -> Result<(), JsonError> {
        match self.solid() {
            Some(b'"') => self.string()?,
            other => return Err(self.fault(other, "a name in double quotes was expected")),
        }
        match self.solid() {
            Some(b':') => Ok(()),
            other => Err(self.fault(other, "a colon was expected")),
        }
    }

    /// A string from behind its opening quote.
    fn string(&mut self) -> Result<(), JsonError> {
        loop {
            self.rest = self.rest.get(plain(self.rest)..).unwrap_or_default();
            match self.next() {
                Some(b'"') => return Ok(()),
                Some(b'\\') => self.escape()?,
                other => return Err(self.fault(other, "a text has a control character or no end")),
            }
        }
    }

    /// An escape from behind its backslash.
    fn escape(&mut self) -> Result<(), JsonError> {
        match self.next() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => return Ok(()),
            Some(b'u') => {}
            other => return Err(self.fault(other, "there is no such escape")),
        }
        match self.unit()? {
            0 => Err(JsonError::Nul),
            0xd800..=0xdbff => {
                let is_pair =
                    self.eat(b'\\') && self.eat(b'u') && matches!(self.unit()?, 0xdc00..=0xdfff);
                if is_pair { Ok(()) } else { Err(self.fault(None, "a lone surrogate")) }
            }
            0xdc00..=0xdfff => Err(self.fault(None, "a lone surrogate")),
            _ => Ok(()),
        }
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Result<u32, JsonError> {
        let mut unit = 0;
        for _ in 0..4 {
            let next = self.next();
            match next.and_then(|byte| char::from(byte).to_digit(16)) {
                Some(digit) => unit = unit << 4 | digit,
                None => return Err(self.fault(next, "a hexadecimal digit was expected")),
            }
        }
        Ok(unit)
    }

    /// A number from behind its first character.
    fn number(&mut self, first: u8) -> Result<(), JsonError> {
        let leading = if first == b'-' { self.next() } else { Some(first) };
        match leading {
            // Nothing but a point or an exponent goes on behind a zero.
            Some(b'0') => {}
            Some(b'1'..=b'9') => self.skip_digits(),
            other => return Err(self.fault(other, "a digit was expected")),
        }
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            let _is_signed = self.eat(b'+') || self.eat(b'-');
            self.digits()?;
        }
        Ok(())
    }

    /// At least one digit.
    fn digits(&mut self) -> Result<(), JsonError> {
        match self.next() {
            Some(b'0'..=b'9') => {
                self.skip_digits();
                Ok(())
            }
            other => Err(self.fault(other, "a digit was expected")),
        }
    }

    fn skip_digits(&mut self) {
        while let [b'0'..=b'9', behind @ ..] = self.rest {
            self.rest = behind;
        }
    }

    fn skip_white(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', behind @ ..] = self.rest {
            self.rest = behind;
        }
    }

    fn word(&mut self, ending: &[u8]) -> Result<(), JsonError> {
        match self.rest.strip_prefix(ending) {
            Some(behind) => {
                self.rest = behind;
                Ok(())
            }
            None => Err(self.fault(None, "a value was expected")),
        }
    }

    fn next(&mut self) -> Option<u8> {
        let (first, behind) = self.rest.split_first()?;
        self.rest = behind;
        Some(*first)
    }

    /// The next byte that is no white space.
    fn solid(&mut self) -> Option<u8> {
        self.skip_white();
        self.next()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let behind = self.rest.strip_prefix(&[byte]);
        self.rest = behind.unwrap_or(self.rest);
        behind.is_some()
    }

    /// What is wrong with the byte that was read last.
    fn fault(&self, found: Option<u8>, what: &str) -> JsonError {
        if found == Some(0) {
            return JsonError::Nul;
        }
        let at = self.bytes.saturating_sub(self.rest.len());
        JsonError::Invalid(format!("{what} at byte {at}"))
    }
}
