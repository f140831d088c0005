//! Texts that differ from a good one by a single edit.

/// Every text that comes of `good` by one edit: a character left out, two exchanged, or one of the 128
/// of ASCII and a few others put in or in the place of another.
pub fn single_edits(good: &str) -> impl Iterator<Item = String> {
    let characters: Vec<char> = good.chars().collect();
    let letters = (0..128_u8).map(char::from).chain(['\u{80}', 'ſ', 'K', '．', '\u{feff}']);
    let letters: Vec<char> = letters.collect();
    let good = good.to_owned();
    let edits = (0..=characters.len()).flat_map(move |at| {
        let (before, after) = characters.split_at(at);
        let text = |parts: [&[char]; 3]| parts.concat().into_iter().collect::<String>();
        let mut edits: Vec<String> =
            letters.iter().map(|letter| text([before, &[*letter], after])).collect();
        if let Some((_, rest)) = after.split_first() {
            edits.push(text([before, &[], rest]));
            edits.extend(letters.iter().map(|letter| text([before, &[*letter], rest])));
        }
        if let [first, second, rest @ ..] = after {
            edits.push(text([before, &[*second, *first], rest]));
        }
        edits
    });
    edits.filter(move |edit| *edit != good)
}
