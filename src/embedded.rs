//! What the build script made of `schema.sql`, `policies.sql`, `functions.sql` and `mail/`. Alone in its
//! file, as the build script compiles `catalog` before this exists.

/// The catalog's file, for `Catalog::decode`.
#[must_use]
pub const fn catalog() -> &'static [u8] {
    include_bytes!(concat!(env!("OUT_DIR"), "/catalog.bin"))
}

/// What the project has in the place of a part of a letter: its `html`, `txt` or `subject`.
#[must_use]
pub fn mail(kind: &str, part: &str) -> Option<&'static str> {
    let mut templates = TEMPLATES.iter();
    templates.find(|(name, of, _)| *name == kind && *of == part).map(|(_, _, text)| *text)
}

// `static TEMPLATES: &[(&str, &str, &str)]`, each the name of a letter, the part and the text.
include!(concat!(env!("OUT_DIR"), "/mail.rs"));
