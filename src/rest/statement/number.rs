//! Floating-point numbers as text. SQLite's own text of a number has up to 17 digits on D1, where
//! 99999999999.9999 would come back as 99999999999.999893.
//!
//! The texts are JSON too, and null for null. Each repeats its value, which is short SQL.

use crate::catalog::{Digits, Type};

/// Decimal digits that a double holds exactly.
const EXACT_DIGITS: i16 = 15;

/// Writes the text of a number of that type.
pub fn text(value: &str, kind: Type) -> String {
    match kind {
        Type::Double => double(value),
        Type::Numeric { digits } => numeric(value, digits),
        _ => value.to_owned(),
    }
}

/// The shortest text that reads back as the same double. PostgreSQL writes an exponent from 15
/// digits before the point on.
pub fn double(value: &str) -> String {
    format!(
        "case when cast(format('%.15g', {value}) as real) = {value} then format('%.15g', {value}) \
         when cast(format('%.16g', {value}) as real) = {value} \
         then format(iif(abs({value}) < 1e15, '%.16g', '%.15e'), {value}) \
         when {value} is not null then format(iif(abs({value}) < 1e15, '%!.17g', '%!.16e'), {value}) end"
    )
}

/// The digits that went in, and those of the scale where one is declared.
fn numeric(value: &str, digits: Option<Digits>) -> String {
    match digits.map(|digits| digits.scale) {
        Some(scale @ 1..=EXACT_DIGITS) => {
            let zeros = "0".repeat(scale.unsigned_abs().into());
            let exact_below = EXACT_DIGITS.saturating_sub(scale);
            // With more digits the last would be made up.
            format!(
                "case when typeof({value}) = 'integer' then {value} || '.{zeros}' \
                 when abs({value}) < 1e{exact_below} then format('%.{scale}f', {value}) \
                 when {value} is not null then {} end",
                plain(value)
            )
        }
        _ => format!(
            "case typeof({value}) when 'real' then {} else cast({value} as text) end",
            plain(value)
        ),
    }
}

/// A decimal of 15 digits without an exponent.
fn plain(value: &str) -> String {
    let (zeros_behind, zeros_before) =
        ("format('%.*c', e - 14, '0')", "format('%.*c', -1 - e, '0')");
    format!(
        "iif(abs({value}) < 1e15 and (abs({value}) >= 1e-4 or {value} = 0), format('%.15g', {value}), \
         (select iif(e > 0, replace(m, '.', '') || {zeros_behind}, \
         iif(m < '0', '-', '') || '0.' || {zeros_before} || rtrim(ltrim(replace(m, '.', ''), '-'), '0')) \
         from (select substr(t, 1, instr(t, 'e') - 1) as m, cast(substr(t, instr(t, 'e') + 1) as integer) as e \
         from (select format('%.14e', {value}) as t))))"
    )
}
