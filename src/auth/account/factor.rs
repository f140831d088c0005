//! A second factor as its owner sees it. Its seed is read nowhere but where a code is compared.

use super::write_times;
use crate::host::Milliseconds;
use crate::http::json::{Object, Writer};
use crate::time::rfc3339;

/// A row of `auth_factors`, without what is secret.
pub(in crate::auth) struct Factor {
    id: String,
    friendly_name: String,
    status: String,
    last_challenged_at: Option<Milliseconds>,
    created_at: Milliseconds,
    updated_at: Milliseconds,
}

impl Factor {
    pub(super) fn read(row: &Object<'_>) -> Option<Self> {
        Some(Self {
            id: row.text("id").ok()??,
            friendly_name: row.text("friendly_name").ok()??,
            status: row.text("status").ok()??,
            last_challenged_at: row.integer("last_challenged_at").ok()?,
            created_at: row.integer("created_at").ok()??,
            updated_at: row.integer("updated_at").ok()??,
        })
    }

    /// The dialect's factor. A name that is none is left out.
    pub(in crate::auth) fn written(&self) -> String {
        let mut factor = Writer::object();
        let name = Some(self.friendly_name.as_str()).filter(|name| !name.is_empty());
        factor.texts(&[("id", &self.id)]);
        factor.optional_texts(&[("friendly_name", name)]);
        factor.texts(&[("factor_type", "totp"), ("status", &self.status)]);
        write_times(&mut factor, self.created_at, self.updated_at);
        let challenged = self.last_challenged_at.map(rfc3339);
        factor.optional_texts(&[("last_challenged_at", challenged.as_deref())]);
        factor.finish_object()
    }
}
