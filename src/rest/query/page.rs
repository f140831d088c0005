//! Which of all rows are meant: `limit=`, `offset=` and the header `Range`.

use super::parameters::{Parameters, Placed};
use crate::error::{Code, Error};
use crate::http::Headers;

/// Narrows a request's `limit` and `offset` to what its header `Range` names as well.
///
/// A range is `0-9`, both ends included, or `10-` (the unit is `items`; a range of another unit, or
/// that does not parse, is ignored, as RFC 9110 section 14.2 wants). `limit=0` asks for no rows,
/// which no range can say, and stays as it is.
///
/// # Errors
/// `PGRST103` when the range ends before it begins, or has no place in common with the others.
pub fn narrow(parameters: &mut Parameters, headers: &Headers) -> Result<(), Error> {
    let is_items = headers.get("range-unit").is_none_or(|unit| unit.eq_ignore_ascii_case("items"));
    let Some((first, last)) = headers.get("range").filter(|_| is_items).and_then(range) else {
        return Ok(());
    };
    if first > last {
        return Err(unsatisfiable(
            "The lower boundary must be lower than or equal to the upper boundary in the Range header.",
        ));
    }
    let offset = own(&parameters.offsets).unwrap_or(0);
    let limit = own(&parameters.limits);
    if limit == Some(0) {
        return Ok(());
    }
    let end = limit.map_or(u64::MAX, |limit| offset.saturating_add(limit));
    let (begin, end) = (offset.max(first), end.min(last.saturating_add(1)));
    if begin >= end {
        return Err(unsatisfiable("The Range header and the limit and offset share no row."));
    }
    // The first of a kind counts.
    let place = |value| Placed { path: Vec::new(), value };
    parameters.offsets.insert(0, place(begin));
    parameters.limits.insert(0, place(end.saturating_sub(begin)));
    Ok(())
}

fn own(placed: &[Placed<u64>]) -> Option<u64> {
    placed.iter().find(|placed| placed.path.is_empty()).map(|placed| placed.value)
}

/// Reads `first-last` or `first-`. A number beyond all rows may as well be the greatest there is.
fn range(text: &str) -> Option<(u64, u64)> {
    let (first, last) = text.trim().split_once('-')?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if first.is_empty() || !is_number(first) || !is_number(last) {
        return None;
    }
    Some((first.parse().unwrap_or(u64::MAX), last.parse().unwrap_or(u64::MAX)))
}

fn unsatisfiable(details: &str) -> Error {
    Error::new(Code::RangeInvalid, "Requested range not satisfiable").details(details)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, range: &str) -> Result<(Option<u64>, Option<u64>), String> {
        let mut parameters = Parameters::read(query).expect("a query");
        let headers = Headers::new([("Range".into(), range.into())]);
        match narrow(&mut parameters, &headers) {
            Ok(()) => Ok((own(&parameters.offsets), own(&parameters.limits))),
            Err(error) => Err(error.code.wire().to_owned()),
        }
    }

    #[test]
    fn a_range_is_narrowed_by_limit_and_offset() {
        for (query, range, expected) in [
            ("", "0-9", (Some(0), Some(10))),
            ("", "5-", (Some(5), Some(u64::MAX - 5))),
            ("", "5-5", (Some(5), Some(1))),
            ("", " 0-0 ", (Some(0), Some(1))),
            ("limit=3", "0-9", (Some(0), Some(3))),
            ("limit=30", "2-9", (Some(2), Some(8))),
            ("offset=4", "0-9", (Some(4), Some(6))),
            ("offset=4&limit=2", "0-9", (Some(4), Some(2))),
            ("offset=8&limit=20", "0-9", (Some(8), Some(2))),
            ("limit=0", "0-9", (None, Some(0))),
            ("a.limit=1", "0-9", (Some(0), Some(10))),
            ("", "0-99999999999999999999", (Some(0), Some(u64::MAX))),
        ] {
            assert_eq!(check(query, range), Ok(expected), "{query} {range}");
        }
    }

    #[test]
    fn what_is_no_range_is_ignored() {
        for range in ["", "-", "-5", "a-b", "0-9,20-29", "bytes=0-9", "items=0-9", "1--2", "0 - 9"]
        {
            assert_eq!(check("limit=7", range), Ok((None, Some(7))), "{range}");
        }
    }

    #[test]
    fn a_range_of_nothing_is_refused() {
        for (query, range) in [
            ("", "5-4"),
            ("limit=0", "5-4"),
            ("offset=10", "0-9"),
            ("limit=3", "3-9"),
            ("offset=99999999999", "0-9"),
        ] {
            assert_eq!(check(query, range), Err("PGRST103".into()), "{query} {range}");
        }
    }
}
