//! `Prefer` (RFC 7240) and `Accept`: how to go about a request, and in which form to answer.

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

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A JSON array.
    List,
    /// One JSON object; any other number of rows is an error.
    Object,
}

impl Form {
    /// Chooses by `Accept`: the acceptable form of the highest weight, the first of equals.
    ///
    /// # Errors
    /// `PGRST107` when none is acceptable.
    pub fn read(headers: &Headers) -> Result<Self, Error> {
        let accept: Vec<&str> = headers.all("accept").flat_map(|value| value.split(',')).collect();
        if accept.iter().all(|range| range.trim().is_empty()) {
            return Ok(Self::List);
        }
        let mut best: Option<(u32, Self)> = None;
        for (form, weight) in accept.iter().filter_map(|range| media_range(range)) {
            if weight > 0 && best.is_none_or(|(other, _)| weight > other) {
                best = Some((weight, form));
            }
        }
        best.map(|(_, form)| form).ok_or_else(|| {
            let ranges: Vec<&str> = accept.iter().map(|range| range.trim()).collect();
            Error::new(
                Code::MediaTypeUnavailable,
                format!("None of these media types are available: {}", ranges.join(", ")),
            )
        })
    }
}

/// Reads `type/subtype;q=0.5` into a form and its weight in thousandths.
fn media_range(range: &str) -> Option<(Form, u32)> {
    let mut parts = range.split(';').map(str::trim);
    let form = match parts.next()?.to_ascii_lowercase().as_str() {
        "application/json"
        | "application/vnd.pgrst.array+json"
        | "application/vnd.pgrst.array"
        | "application/*"
        | "*/*" => Form::List,
        "application/vnd.pgrst.object+json" | "application/vnd.pgrst.object" => Form::Object,
        _ => return None,
    };
    let mut weight = 1000;
    for parameter in parts {
        if let Some(quality) = parameter.strip_prefix("q=") {
            let quality: f32 =
                quality.parse().ok().filter(|quality| (0.0..=1.0).contains(quality))?;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 1")]
            {
                weight = (quality * 1000.0) as u32;
            }
        } else if parameter.eq_ignore_ascii_case("nulls=stripped") {
            return None;
        }
    }
    Some((form, weight))
}
