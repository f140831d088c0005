//! `Accept` (RFC 9110 section 12.5.1): in which form to answer.

use crate::error::{Code, Error};
use crate::http::{Headers, JSON};

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Media {
    /// One object or several rows.
    pub form: Form,
    /// Whether members that are null are left out of objects, at any depth.
    pub nulls_stripped: bool,
    /// How to tell the plan of the request, when it shall not be run.
    pub explained: Option<Explained>,
}

/// How rows are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A JSON array.
    List,
    /// One JSON object; any other number of rows is an error.
    Object,
    /// A line for each row (RFC 4180), below one with the columns' names.
    Csv,
}

/// How the plan of a request is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Explained {
    /// For people.
    Text,
    /// For programs.
    Json,
}

impl Media {
    /// Chooses by `Accept`: of what can be made the form of the highest weight, of equals the one
    /// named most exactly, and of those the first. Plans can be made in `development` only.
    ///
    /// # Errors
    /// `PGRST107` when none is acceptable.
    pub fn read(headers: &Headers, development: bool) -> Result<Self, Error> {
        let accept: Vec<&str> = headers
            .all("accept")
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .filter(|range| !range.is_empty())
            .collect();
        if accept.is_empty() {
            return Ok(Self::of(Form::List));
        }
        let mut best = None;
        for (media, rank) in accept.iter().filter_map(|range| media_range(range, development)) {
            if rank.0 > 0 && best.is_none_or(|(_, other)| rank > other) {
                best = Some((media, rank));
            }
        }
        best.map(|(media, _)| media).ok_or_else(|| {
            Error::new(
                Code::MediaTypeUnavailable,
                format!("None of these media types are available: {}", accept.join(", ")),
            )
        })
    }

    const fn of(form: Form) -> Self {
        Self { form, nulls_stripped: false, explained: None }
    }

    /// The content type of rows in this form.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match (self.form, self.nulls_stripped) {
            (Form::List, false) => JSON,
            (Form::List, true) => "application/vnd.pgrst.array+json;nulls=stripped; charset=utf-8",
            (Form::Object, false) => "application/vnd.pgrst.object+json; charset=utf-8",
            (Form::Object, true) => {
                "application/vnd.pgrst.object+json;nulls=stripped; charset=utf-8"
            }
            (Form::Csv, _) => "text/csv; charset=utf-8",
        }
    }
}

/// A weight in thousandths, and how exactly the type is named.
type Rank = (u32, u32);

/// Reads `type/subtype;q=0.5`.
fn media_range(range: &str, development: bool) -> Option<(Media, Rank)> {
    let mut parts = range.split(';').map(str::trim);
    let essence = parts.next()?.to_ascii_lowercase();
    let (mut media, exactness) = match essence.as_str() {
        "*/*" => (Media::of(Form::List), 0),
        "application/*" => (Media::of(Form::List), 1),
        "text/*" => (Media::of(Form::Csv), 1),
        "application/json" | "application/vnd.pgrst.array+json" | "application/vnd.pgrst.array" => {
            (Media::of(Form::List), 2)
        }
        "application/vnd.pgrst.object+json" | "application/vnd.pgrst.object" => {
            (Media::of(Form::Object), 2)
        }
        "text/csv" => (Media::of(Form::Csv), 2),
        "application/vnd.pgrst.plan+text" | "application/vnd.pgrst.plan" if development => {
            (Media { explained: Some(Explained::Text), ..Media::of(Form::List) }, 2)
        }
        "application/vnd.pgrst.plan+json" if development => {
            (Media { explained: Some(Explained::Json), ..Media::of(Form::List) }, 2)
        }
        _ => return None,
    };
    let mut weight = 1000;
    for parameter in parts {
        if let Some(quality) = parameter.strip_prefix("q=") {
            weight = thousandths(quality)?;
        } else if parameter.eq_ignore_ascii_case("nulls=stripped") {
            media.nulls_stripped = media.form != Form::Csv;
        } else if let (Some(of), Some(_)) = (parameter.strip_prefix("for="), media.explained) {
            media.form = media_range(of.trim_matches('"'), false)?.0.form;
        }
    }
    Some((media, (weight, exactness)))
}

/// Reads a weight, `0` to `1` with up to three decimals (RFC 9110 section 12.4.2).
fn thousandths(text: &str) -> Option<u32> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let mut thousandths = 0_u32;
    for place in 0..3 {
        let digit = decimals
            .as_bytes()
            .get(place)
            .map_or(Some(0), |digit| char::from(*digit).to_digit(10))?;
        thousandths = thousandths.saturating_mul(10).saturating_add(digit);
    }
    match (whole, thousandths) {
        _ if decimals.len() > 3 => None,
        ("0", thousandths) => Some(thousandths),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(accept: &str, development: bool) -> Result<Media, Error> {
        Media::read(&Headers::new([("Accept".into(), accept.into())]), development)
    }

    #[test]
    fn the_heaviest_that_can_be_made_is_chosen() {
        let stripped = |form| Media { nulls_stripped: true, ..Media::of(form) };
        for (accept, expected) in [
            ("", Media::of(Form::List)),
            (" , ", Media::of(Form::List)),
            ("*/*", Media::of(Form::List)),
            ("application/*", Media::of(Form::List)),
            ("Application/JSON; charset=utf-8", Media::of(Form::List)),
            ("text/html, text/*;q=0.5, */*;q=0.1", Media::of(Form::Csv)),
            ("application/vnd.pgrst.object", Media::of(Form::Object)),
            ("application/vnd.pgrst.object+json;nulls=stripped", stripped(Form::Object)),
            ("application/vnd.pgrst.array+json; nulls=stripped", stripped(Form::List)),
            ("text/csv;nulls=stripped", Media::of(Form::Csv)),
            ("*/*, text/csv", Media::of(Form::Csv)),
            ("application/json;q=0.8, text/csv;q=0.9", Media::of(Form::Csv)),
            ("application/json;q=0.999, text/csv;q=0.99", Media::of(Form::List)),
            ("application/json, text/csv", Media::of(Form::List)),
            ("text/xml, application/geo+json;q=1.000, */*;q=0.001", Media::of(Form::List)),
            ("application/vnd.pgrst.plan+json, text/csv;q=0.1", Media::of(Form::Csv)),
        ] {
            assert_eq!(read(accept, false), Ok(expected), "{accept}");
        }
    }

    #[test]
    fn what_cannot_be_made_is_refused() {
        for accept in [
            "text/html",
            "application/geo+json",
            "application/octet-stream",
            "text/xml",
            "application/vnd.pgrst.plan+text",
            "application/json;q=0",
            "text/csv;q=0.000",
            "application/json;q=1.1",
            "application/json;q=2",
            "application/json;q=0.1234",
            "application/json;q=-1",
            "application/json;q=x",
            "json",
        ] {
            let code = read(accept, false).map_err(|error| error.code);
            assert_eq!(code, Err(Code::MediaTypeUnavailable), "{accept}");
        }
    }

    #[test]
    fn plans_are_told_in_development() {
        let plan = |explained, form| Media { explained: Some(explained), ..Media::of(form) };
        for (accept, expected) in [
            ("application/vnd.pgrst.plan", plan(Explained::Text, Form::List)),
            (
                "application/vnd.pgrst.plan+text; for=\"application/json\"; options=analyze|verbose;",
                plan(Explained::Text, Form::List),
            ),
            (
                "application/vnd.pgrst.plan+json; for=\"application/vnd.pgrst.object+json\"; options=;",
                plan(Explained::Json, Form::Object),
            ),
            ("application/vnd.pgrst.plan+json; for=\"text/csv\"", plan(Explained::Json, Form::Csv)),
        ] {
            assert_eq!(read(accept, true), Ok(expected), "{accept}");
        }
        let nested = "application/vnd.pgrst.plan; for=\"application/vnd.pgrst.plan\"";
        for accept in [nested, "application/vnd.pgrst.plan; for=\"text/xml\""] {
            let code = read(accept, true).map_err(|error| error.code);
            assert_eq!(code, Err(Code::MediaTypeUnavailable), "{accept}");
        }
    }
}
