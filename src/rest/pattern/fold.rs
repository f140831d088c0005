//! Case, beyond ASCII.
//!
//! SQLite's `lower` knows ASCII. So the letters of a pattern decide which others are replaced in the
//! texts that it is compared with: `é` in a pattern makes `é` of each `É`. Letters that no pattern
//! asks for may stay as they are, since they match nothing.
//!
//! Left out are letters whose other case is several characters (`ß` and `SS`, `İ`), the Kelvin sign
//! beside an ASCII `k`, and scripts beyond the basic plane.

use std::sync::OnceLock;

use crate::error::Error;

/// The most letters that are replaced in one text: each is one level of SQLite's expression.
const FOLDS_MAX: usize = 64;

/// Where letters stand that have a lower case of one character.
const CAPITALS: [(char, char); 3] =
    [('\u{80}', '\u{2dff}'), ('\u{a640}', '\u{a7ff}'), ('\u{ff21}', '\u{ff3a}')];

/// The lower case of a character, where that is one character.
pub fn fold(character: char) -> char {
    let mut lower = character.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(lower), None) => lower,
        _ => character,
    }
}

/// All characters that are letters of the pattern in another case, each with that letter.
///
/// # Errors
/// `PGRST127` when they are too many.
pub fn folds(all: &[char]) -> Result<Vec<(char, char)>, Error> {
    let mut letters: Vec<char> = Vec::new();
    for letter in all.iter().filter(|letter| !letter.is_ascii()) {
        if let Err(place) = letters.binary_search(letter) {
            letters.insert(place, *letter);
        }
    }
    if letters.is_empty() {
        return Ok(Vec::new());
    }
    let asked_for = |(_, letter): &&(char, char)| letters.binary_search(letter).is_ok();
    let found: Vec<(char, char)> = capitals().iter().filter(asked_for).copied().collect();
    if found.len() > FOLDS_MAX {
        return Err(Error::not_implemented(format!(
            "ignoring the case of more than {FOLDS_MAX} different letters beyond ASCII; use like, \
             or several shorter patterns"
        )));
    }
    Ok(found)
}

/// Each letter that has a lower case, with that; found once, since they are looked for among many
/// thousand characters.
fn capitals() -> &'static [(char, char)] {
    static FOUND: OnceLock<Vec<(char, char)>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let all = CAPITALS.into_iter().flat_map(|(from, to)| from..=to);
        all.map(|capital| (capital, fold(capital))).filter(|(from, to)| from != to).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn letters_are_found_in_their_other_case() {
        let folded = |text: &str| folds(&text.chars().map(fold).collect::<Vec<_>>());
        assert_eq!(folded("abc"), Ok(vec![]));
        assert_eq!(folded("É"), Ok(vec![('É', 'é')]));
        assert_eq!(folded("éÉñ漢"), Ok(vec![('É', 'é'), ('Ñ', 'ñ')]));
        assert_eq!(
            folded("Ωå"),
            Ok(vec![('Å', 'å'), ('Ω', 'ω'), ('\u{2126}', 'ω'), ('\u{212b}', 'å')])
        );
        assert_eq!(folded("ж"), Ok(vec![('Ж', 'ж')]));
        assert_eq!(folded("ß"), Ok(vec![('ẞ', 'ß')]));
        assert_eq!(fold('İ'), 'İ');
        let many: String = ('а'..='я').chain('α'..='ω').chain('ա'..='ֆ').collect();
        assert_eq!(folded(&many).map_err(|error| error.code), Err(Code::NotImplemented));
    }
}
