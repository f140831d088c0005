//! Files that pages load. Each is part of the Worker, since files that Cloudflare serves by itself
//! would leave without our headers.

use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use crate::route::ASSET_PREFIX;

/// A file that never changes under its name.
#[derive(Debug)]
pub struct Asset {
    /// What it is.
    pub content_type: &'static str,
    /// All of it.
    pub text: &'static str,
    stem: &'static str,
    extension: &'static str,
    hash: LazyLock<String>,
}

/// The stylesheet of all pages.
pub static STYLE: Asset = Asset {
    content_type: "text/css; charset=utf-8",
    text: include_str!("style.css"),
    stem: "style",
    extension: "css",
    hash: LazyLock::new(|| hash(STYLE.text)),
};

/// The mark in the header and in a browser's tab.
pub static MARK: Asset = Asset {
    content_type: "image/svg+xml",
    text: include_str!("mark.svg"),
    stem: "mark",
    extension: "svg",
    hash: LazyLock::new(|| hash(MARK.text)),
};

impl Asset {
    /// The file of that name, current hash included.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        [&STYLE, &MARK].into_iter().find(|asset| asset.name() == name)
    }

    /// Where it is served.
    #[must_use]
    pub fn path(&self) -> String {
        format!("{ASSET_PREFIX}/{}", self.name())
    }

    /// Its entity tag (RFC 9110 section 8.8.3), quotes included.
    #[must_use]
    pub fn entity_tag(&self) -> String {
        format!("\"{}\"", *self.hash)
    }

    fn name(&self) -> String {
        format!("{}-{}.{}", self.stem, *self.hash, self.extension)
    }
}

/// The first 64 bits of SHA-256 as hexadecimal digits: enough to tell two versions of a file apart.
fn hash(text: &str) -> String {
    let bits =
        Sha256::digest(text).iter().take(8).fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
    format!("{bits:016x}")
}
