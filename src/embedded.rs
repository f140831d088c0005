//! What the build script made of `schema.sql`, `policies.sql` and `functions.sql`. Alone in its
//! file, as the build script compiles `catalog` before this exists.

/// The catalog's file, for `Catalog::decode`.
#[must_use]
pub const fn catalog() -> &'static [u8] {
    include_bytes!(concat!(env!("OUT_DIR"), "/catalog.bin"))
}
