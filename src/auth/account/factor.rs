//! A second factor as its owner sees it. Its seed is read nowhere but where a code is compared.

use crate::http::json::Object;

/// A row of `auth_factors`, without what is secret.
pub(in crate::auth) struct Factor {
    id: String,
    /// The dialect's factor, a JSON object.
    written: String,
}

impl Factor {
    /// Reads a factor as [`account_json`](super::account_json) has it.
    pub(super) fn read(row: &Object<'_>) -> Option<Self> {
        Some(Self { id: row.text("id").ok()??, written: row.raw("written")?.to_owned() })
    }

    /// Whether it has that id.
    pub(in crate::auth) fn has_id(&self, id: &str) -> bool {
        self.id == id
    }

    /// The dialect's factor. A name that is none is left out.
    pub(in crate::auth) fn written(&self) -> String {
        self.written.clone()
    }
}
