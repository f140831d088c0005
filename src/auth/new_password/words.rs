//! Words that everybody would try first for one account: its address, and the name of the site
//! (OWASP ASVS 6.2.11).

/// A shorter word stands in others by chance.
const WORD_CHARACTERS_MIN: usize = 4;

/// How many characters of a password are left without such words. They may stand in a password, but
/// add nothing to its length.
pub(super) fn characters_besides(password: &str, site_url: &str, address: Option<&str>) -> usize {
    let mut rest = password.to_ascii_lowercase();
    let local = address.and_then(|address| address.split('@').next()).unwrap_or_default();
    let host = site_url.split("//").last().unwrap_or_default();
    let mut words: Vec<String> = parts(local).chain(parts(host)).collect();
    words.push(local.to_ascii_lowercase());
    words.retain(|word| word.len() >= WORD_CHARACTERS_MIN);
    // The longest first: `ann.smith` before `smith`.
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    for word in words {
        rest = rest.replace(&word, "");
    }
    rest.chars().count()
}

fn parts(text: &str) -> impl Iterator<Item = String> {
    text.split(|character: char| !character.is_ascii_alphanumeric()).map(str::to_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_knows_adds_nothing() {
        let site = "https://tapestry.example.com";
        for (password, left) in [
            ("correct horse", 13),
            ("annabel-smith", 1),
            ("Annabel.Smith1", 1),
            ("smithannabel12345678", 8),
            ("TAPESTRYtapestry1", 1),
            ("example-tapestry", 1),
            // `com` is too short to be one, and `Annabe` is none.
            ("com.com.com.", 12),
            ("annabe smit", 11),
            ("", 0),
        ] {
            let found = characters_besides(password, site, Some("annabel.smith@mail.example"));
            assert_eq!(found, left, "{password}");
        }
        assert_eq!(characters_besides("127.0.0.1:54321", "http://127.0.0.1:54321", None), 10);
        assert_eq!(characters_besides("bob bob bob", site, Some("bob@example.com")), 11);
        assert_eq!(characters_besides("anything", site, Some("@")), 8);
    }
}
