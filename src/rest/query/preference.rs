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
    /// `count=`: the total is wanted.
    pub count: Option<Count>,
    /// `handling=strict`: an unknown preference is an error.
    pub strict: Option<bool>,
    /// `timezone=`, when it is one in which times are answered anyway.
    pub timezone: Option<&'static str>,
    /// `max-affected=`
    pub max_affected: Option<u64>,
}

/// How exactly all rows are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Count {
    /// To the last row.
    Exact,
    /// The same: SQLite makes no estimate of what a query finds, so no other number would be honest.
    Planned,
    /// To the last row, but no further than a page beyond what is answered.
    Estimated,
}

impl Count {
    /// As it is written in the header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "count=exact",
            Self::Planned => "count=planned",
            Self::Estimated => "count=estimated",
        }
    }
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
            "count=exact" => set(&mut self.count, Count::Exact),
            "count=planned" => set(&mut self.count, Count::Planned),
            "count=estimated" => set(&mut self.count, Count::Estimated),
            "handling=strict" => set(&mut self.strict, true),
            "handling=lenient" => set(&mut self.strict, false),
            // A dry run needs a transaction that is read and then undone, which D1 has not; a
            // server may ignore it.
            "tx=commit" | "tx=rollback" => {}
            // Other zones would need the tables of all zones. Whoever insists is told by
            // `handling=strict`; else times come in UTC and say so.
            "timezone=UTC" => set(&mut self.timezone, "timezone=UTC"),
            "timezone=Etc/UTC" => set(&mut self.timezone, "timezone=Etc/UTC"),
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
