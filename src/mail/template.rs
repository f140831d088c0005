//! Texts with holes, as the original's templates have them: `{{ .ConfirmationURL }}`.
//!
//! The build script checks the templates of a project by [`check`], so that what is rendered here
//! has no fault. Nothing but holes is known: no conditions, no loops.
//!
//! In HTML a value is escaped. Within a tag it stands in quotes, where it is either a whole URL of
//! ours at the beginning, or percent-encoded: so no value ends an attribute, or begins another URL.

/// The holes: what a letter may tell. `.Data.name` is besides them a text in the user's own
/// metadata.
pub const HOLES: [&str; 13] = [
    "AppName",
    "SiteURL",
    "ConfirmationURL",
    "RedirectTo",
    "Token",
    "TokenHash",
    "Email",
    "NewEmail",
    "OldEmail",
    "SendingTo",
    "Provider",
    "FactorType",
    "Type",
];

/// The holes that a link may begin with.
const URLS: [&str; 3] = ["SiteURL", "ConfirmationURL", "RedirectTo"];

/// Where a hole is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In a text without markup.
    Text,
    /// Between tags.
    Content,
    /// At the beginning of an attribute.
    Url,
    /// Further on in an attribute.
    Attribute,
    /// In a tag without quotes, which [`check`] refuses.
    Bare,
}

/// A part of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A text that stays as it is.
    Text(&'a str),
    /// A hole: its name without the dot, and where it is.
    Hole(&'a str, Place),
}

/// The parts of a template, from left to right. What is no hole stays as it is.
pub fn pieces(template: &str, is_html: bool) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = template;
    let mut tag = Tag::default();
    let mut hole = None;
    std::iter::from_fn(move || {
        if let Some(name) = hole.take() {
            return Some(Piece::Hole(name, if is_html { tag.place() } else { Place::Text }));
        }
        if rest.is_empty() {
            return None;
        }
        let (text, after) = match rest.split_once("{{") {
            Some((text, inner)) => match inner.split_once("}}") {
                Some((name, after)) => {
                    let name = name.trim();
                    hole = Some(name.strip_prefix('.').unwrap_or(name));
                    (text, after)
                }
                None => (rest, ""),
            },
            None => (rest, ""),
        };
        rest = after;
        tag.pass(text);
        Some(Piece::Text(text))
    })
}

/// Where in a tag a text ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Tag {
    #[default]
    Outside,
    Inside,
    /// Within quotes of this kind, and whether anything stands there yet.
    Quoted(char, bool),
}

impl Tag {
    fn pass(&mut self, text: &str) {
        for character in text.chars() {
            *self = match (*self, character) {
                (Self::Outside, '<') => Self::Inside,
                (Self::Inside, '>') => Self::Outside,
                (Self::Inside, '"' | '\'') => Self::Quoted(character, false),
                (Self::Quoted(quote, _), _) if quote == character => Self::Inside,
                (Self::Quoted(quote, _), _) => Self::Quoted(quote, true),
                (same, _) => same,
            };
        }
    }

    /// Where a hole is.
    fn place(&mut self) -> Place {
        match *self {
            Self::Outside => Place::Content,
            Self::Inside => Place::Bare,
            Self::Quoted(quote, begun) => {
                *self = Self::Quoted(quote, true);
                if begun { Place::Attribute } else { Place::Url }
            }
        }
    }
}

/// Looks through the template of a project.
///
/// # Errors
/// What is wrong with it, in one sentence.
pub fn check(template: &str, is_html: bool) -> Result<(), String> {
    let mut before = String::new();
    for piece in pieces(template, is_html) {
        match piece {
            Piece::Text(text) => {
                if text.contains("{{") || text.contains("}}") {
                    return Err("braces that are not closed, or not opened".to_owned());
                }
                before.push_str(&text.to_ascii_lowercase());
            }
            Piece::Hole(name, place) => check_hole(name, place, &before)?,
        }
    }
    if is_html && before.contains("<script") {
        return Err("a script, which no program for mail runs".to_owned());
    }
    Ok(())
}

fn check_hole(name: &str, place: Place, before: &str) -> Result<(), String> {
    let hole = format!("{{{{ .{name} }}}}");
    let is_data = name.strip_prefix("Data.").is_some_and(|key| {
        !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    if !is_data && !HOLES.contains(&name) {
        let known = HOLES.map(|known| format!(".{known}")).join(", ");
        return Err(format!("{hole} is none of {known} and .Data.name"));
    }
    match place {
        Place::Text => Ok(()),
        // Whatever a value is there, it could become a rule.
        _ if before.rfind("<style") > before.rfind("</style") => {
            Err(format!("{hole} stands in a style"))
        }
        Place::Url if !URLS.contains(&name) => {
            Err(format!("{hole} begins an attribute, which only a URL of ours may"))
        }
        Place::Content | Place::Url | Place::Attribute => Ok(()),
        Place::Bare => Err(format!("{hole} stands in a tag without quotes")),
    }
}
