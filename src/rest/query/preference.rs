//! `Prefer` (RFC 7240): how to go about a request and what to answer.

use crate::error::{Code, Error};
use crate::http::Headers;

/// What `Prefer` asked for; the first of a kind counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Preferences {
    /// `return=`
    pub returning: Option<Return>,
    /// `resolution=`
    pub resolution: Option<Resolution>,
    /// `missing=default`: a key that is absent takes its column's default rather than null.
    pub missing_default: Option<bool>,
    /// `count=`: the total is wanted. Planned and estimated counts are exact here.
    pub count: Option<&'static str>,
    /// `handling=strict`: an unknown preference is an error.
    pub strict: Option<bool>,
    /// `max-affected=`
    pub max_affected: Option<u64>,
}

/// What a write answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    Minimal,
    HeadersOnly,
    Representation,
}

/// What an insert does with a row whose key exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resolution {
    Merge,
    Ignore,
}

impl Preferences {
    /// Reads all `Prefer` headers.
    ///
    /// # Errors
    /// `PGRST122` for an unknown preference under `handling=strict`.
    pub fn read(headers: &Headers) -> Result<Self, Error> {
        let mut preferences = Self::default();
        let mut unknown = Vec::new();
        for preference in headers.all("prefer").flat_map(|value| value.split(',')) {
            let preference = preference.trim();
            if !preference.is_empty() && !preferences.take(preference) {
                unknown.push(preference);
            }
        }
        if preferences.strict == Some(true) && !unknown.is_empty() {
            return Err(Error::new(
                Code::PreferenceInvalid,
                "Invalid preferences given with handling=strict",
            )
            .details(format!("Invalid preferences: {}", unknown.join(", "))));
        }
        Ok(preferences)
    }

    /// Takes one preference; `false` when it is unknown.
    fn take(&mut self, preference: &str) -> bool {
        match preference {
            "return=minimal" => set(&mut self.returning, Return::Minimal),
            "return=headers-only" => set(&mut self.returning, Return::HeadersOnly),
            "return=representation" => set(&mut self.returning, Return::Representation),
            "resolution=merge-duplicates" => set(&mut self.resolution, Resolution::Merge),
            "resolution=ignore-duplicates" => set(&mut self.resolution, Resolution::Ignore),
            "missing=default" => set(&mut self.missing_default, true),
            "missing=null" => set(&mut self.missing_default, false),
            "count=exact" => set(&mut self.count, "exact"),
            "count=planned" => set(&mut self.count, "planned"),
            "count=estimated" => set(&mut self.count, "estimated"),
            "handling=strict" => set(&mut self.strict, true),
            "handling=lenient" => set(&mut self.strict, false),
            // A dry run needs a transaction that is read and then undone, which D1 has not; a
            // server may ignore it.
            "tx=commit" | "tx=rollback" => {}
            other => {
                let Some(limit) = other.strip_prefix("max-affected=") else { return false };
                let Ok(limit) = limit.parse() else { return false };
                set(&mut self.max_affected, limit);
            }
        }
        true
    }

    /// The limit on affected rows, which counts only under `handling=strict`.
    #[must_use]
    pub fn max_affected(&self) -> Option<u64> {
        self.max_affected.filter(|_| self.strict == Some(true))
    }
}

fn set<T>(slot: &mut Option<T>, value: T) {
    if slot.is_none() {
        *slot = Some(value);
    }
}
