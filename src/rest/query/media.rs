//! `Accept` (RFC 9110 section 12.5.1): in which form to answer.

use crate::error::{Code, Error};
use crate::http::Headers;

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
