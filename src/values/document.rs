//! JSON as PostgreSQL's `jsonb` keeps it: of members with the same name the last, numbers without an
//! exponent and with the zeros that they were written with, and no white space. The order of members
//! stays, which `jsonb` changes.

use std::collections::BTreeMap;

use crate::http::json::{Json, Walker, quoted};

/// The greatest exponent that is written out; the text of others stays as it is.
const EXPONENT_MAX: i64 = 1000;

/// Rewrites a text that is known to be JSON.
pub fn normalized(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    value(&mut Walker::new(text), &mut out);
    out
}

/// Recursion is as deep as the text is nested, which its reader has limited.
fn value(walker: &mut Walker<'_>, out: &mut String) {
    if walker.eat('[') {
        out.push('[');
        while !walker.eat(']') {
            value(walker, out);
            if walker.eat(',') {
                out.push(',');
            }
        }
        out.push(']');
    } else if walker.eat('{') {
        object(walker, out);
    } else {
        let text = walker.value();
        match Json::of(text) {
            Some(Json::Number(_)) => out.push_str(&number(text).unwrap_or_else(|| text.to_owned())),
            _ => out.push_str(text),
        }
    }
}

fn object(walker: &mut Walker<'_>, out: &mut String) {
    let mut members: Vec<String> = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    while !walker.eat('}') {
        let name = walker.name().into_owned();
        let mut member = quoted(&name);
        member.push(':');
        value(walker, &mut member);
        walker.eat(',');
        if let Some(earlier) = places.get(&name).and_then(|place| members.get_mut(*place)) {
            *earlier = member;
        } else {
            places.insert(name, members.len());
            members.push(member);
        }
    }
    out.push('{');
    out.push_str(&members.join(","));
    out.push('}');
}

/// A number without an exponent; `None` where it stays as it is.
fn number(text: &str) -> Option<String> {
    let (sign, unsigned) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let is_zero = |mantissa: &str| mantissa.bytes().all(|byte| matches!(byte, b'0' | b'.'));
    let Some((mantissa, exponent)) = unsigned.split_once(['e', 'E']) else {
        // Zero has no sign.
        return (!sign.is_empty() && is_zero(unsigned)).then(|| unsigned.to_owned());
    };
    let exponent: i64 = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
    if !(-EXPONENT_MAX..=EXPONENT_MAX).contains(&exponent) {
        return None;
    }
    let sign = if is_zero(mantissa) { "" } else { sign };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let zeros = |many: i64| "0".repeat(usize::try_from(many).unwrap_or_default());
    let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
    // Digits with zeros on both sides, so that the point falls between two of them.
    let before = zeros(exponent.saturating_neg().saturating_sub(length(whole)).saturating_add(1));
    let behind = zeros(exponent.saturating_sub(length(fraction)));
    let digits = format!("{before}{whole}{fraction}{behind}");
    let point = length(&before).saturating_add(length(whole)).saturating_add(exponent);
    let (whole, fraction) = digits.split_at_checked(usize::try_from(point).ok()?)?;
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if fraction.is_empty() { "" } else { "." };
    Some(format!("{sign}{whole}{point}{fraction}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_exponent_and_keep_their_zeros() {
        for (text, expected) in [
            ("1", "1"),
            ("1.50", "1.50"),
            ("1e2", "100"),
            ("1E+2", "100"),
            ("1.5e1", "15"),
            ("1.50e1", "15.0"),
            ("12.5e-1", "1.25"),
            ("1e-3", "0.001"),
            ("-1.0e-2", "-0.010"),
            ("-0", "0"),
            ("-0.0", "0.0"),
            ("0e3", "0"),
            ("0e5000", "0e5000"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
        ] {
            assert_eq!(normalized(text), expected, "{text}");
        }
    }

    #[test]
    fn the_last_member_of_a_name_stays() {
        for (text, expected) in [
            (r#"{"a":1,"b":2,"a":3}"#, r#"{"a":3,"b":2}"#),
            (r#"{ "a" : [1, {"x":1,"x":[]}] , "" : null }"#, r#"{"a":[1,{"x":[]}],"":null}"#),
            (r#"{"\u0061":1,"a":"\u00e9\n"}"#, r#"{"a":"\u00e9\n"}"#),
            ("[]", "[]"),
            ("{}", "{}"),
            ("\"a\"", "\"a\""),
        ] {
            assert_eq!(normalized(text), expected, "{text}");
        }
    }
}
