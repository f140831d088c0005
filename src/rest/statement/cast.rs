//! Casts as SQL. SQLite's own make 0 of what is no number; these refuse it, as Postgres does.

use super::number;
use super::raise::{invalid, out_of_range};
use crate::catalog::{Item, Type};

/// Writes the cast of a value, which is SQL that is repeated.
pub fn cast(value: &str, from: Type, to: Type) -> String {
    if from == to {
        return value.to_owned();
    }
    match (from, to) {
        (_, Type::Text { .. }) => to_text(value, from),
        (Type::Json, _) => {
            format!("(select {} from (select {} as v))", from_text("v", to), json_text(value))
        }
        (Type::Any, Type::Numeric { .. } | Type::Double) => {
            let text = from_text(value, to);
            format!("case when typeof({value}) in ('integer', 'real') then {value} else {text} end")
        }
        (Type::Text { .. } | Type::Any, _) => from_text(value, to),
        (Type::Integer | Type::BigInt, Type::Boolean) => format!("({value} <> 0)"),
        (Type::Boolean, _) | (_, Type::Numeric { .. }) => value.to_owned(),
        (_, Type::Double) => format!("cast({value} as real)"),
        (Type::Date, Type::Timestamp) => format!("({value} || 'T00:00:00.000000')"),
        (Type::Date, _) => format!("({value} || 'T00:00:00.000000+00:00')"),
        (Type::Timestamp, Type::TimestampTz) => format!("({value} || '+00:00')"),
        (_, Type::Timestamp) => format!("substr({value}, 1, 26)"),
        (_, Type::Date) => format!("substr({value}, 1, 10)"),
        (_, Type::Time) => format!("substr({value}, 12, 15)"),
        _ => {
            let rounded =
                format!("iif(typeof({value}) = 'integer', {value}, {})", rounded(value, from));
            let whole = format!("cast({rounded} as integer)");
            within(&rounded, &whole, to)
        }
    }
}

/// Writes a number without its fraction: the half of a double becomes even, that of a numeric goes
/// away from zero, as in PostgreSQL.
fn rounded(value: &str, from: Type) -> String {
    if from != Type::Double {
        return format!("round({value})");
    }
    format!(
        "round({value}) - iif(abs(round({value}) - {value}) = 0.5 and round({value}) % 2 <> 0, \
         sign({value}), 0)"
    )
}

/// Writes `whole` where `number` fits into an integer type.
fn within(number: &str, whole: &str, kind: Type) -> String {
    let (least, greatest) = match kind {
        Type::SmallInt => (i64::from(i16::MIN), i64::from(i16::MAX)),
        Type::Integer => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    };
    let raise = out_of_range(kind);
    format!("case when {number} not between {least} and {greatest} then {raise} else {whole} end")
}

fn to_text(value: &str, from: Type) -> String {
    match from {
        Type::Boolean => format!("case when {value} then 'true' when not {value} then 'false' end"),
        Type::Json => format!("json({value})"),
        Type::Array(item) => array_to_text(value, item),
        Type::Bytes => {
            format!("case when {value} is not null then '\\x' || lower(hex({value})) end")
        }
        Type::Double | Type::Numeric { .. } => number::text(value, from),
        Type::SmallInt | Type::Integer | Type::BigInt | Type::Any => {
            format!("cast({value} as text)")
        }
        Type::TimestampTz => {
            format!("({} || '+00')", time_text(&format!("substr({value}, 1, 26)")))
        }
        Type::Timestamp | Type::Time => time_text(value),
        _ => value.to_owned(),
    }
}

/// Writes a time as Postgres does as a text: with as many decimals as it needs, and a blank behind the date.
fn time_text(value: &str) -> String {
    format!("replace(rtrim(rtrim({value}, '0'), '.'), 'T', ' ')")
}

/// Writes an array as Postgres does: `{a,"b, c",NULL}`. Quoted is what would be read as something else.
///
/// In numbers and truths nothing is, so their text is rewritten as a whole: they have all the digits that they have
/// there. To ask for each item by its place would take a time that grows with the square of their number.
fn array_to_text(value: &str, item: Item) -> String {
    if let Item::Boolean
    | Item::SmallInt
    | Item::Integer
    | Item::BigInt
    | Item::Double
    | Item::Numeric = item
    {
        let words = [("null", "NULL"), ("true", "t"), ("false", "f"), ("[", "{"), ("]", "}")];
        return words.iter().fold(format!("json({value})"), |text, (json, postgres)| {
            format!("replace({text}, '{json}', '{postgres}')")
        });
    }
    let special = "'*[{},\"\\' || char(9, 10, 11, 12, 13, 32) || ']*'";
    let inner = match item {
        Item::TimestampTz => to_text("i.value", Type::TimestampTz),
        Item::Timestamp => to_text("i.value", Type::Timestamp),
        Item::Time => to_text("i.value", Type::Time),
        _ => "i.value".to_owned(),
    };
    let inner = inner.as_str();
    let escaped = format!("replace(replace({inner}, '\\', '\\\\'), '\"', '\\\"')");
    format!(
        "case when {value} is not null then '{{' || coalesce((select group_concat(case \
         when i.type = 'null' then 'NULL' \
         when i.value = '' or lower(i.value) = 'null' or {inner} glob {special} then '\"' || {escaped} || '\"' \
         else {inner} end, ',' order by i.id) from json_each({value}) as i), '') || '}}' end"
    )
}

/// Writes what a JSON value is as a text, without quotes. A number keeps its digits.
fn json_text(value: &str) -> String {
    format!("iif(json_type({value}) in ('text', 'null'), {value} ->> '$', ({value} -> '$') || '')")
}

fn from_text(value: &str, to: Type) -> String {
    let text = format!("trim({value})");
    let refused = invalid(value, to);
    // The condition under which it is one, and what it then is.
    let (is_one, read) = match to {
        Type::Boolean => return boolean(value, &text),
        Type::SmallInt | Type::Integer | Type::BigInt => (
            format!(
                "{text} glob '[-+0-9]*' and substr({text}, 2) not glob '*[^0-9]*' and {text} not in ('-', '+')"
            ),
            integer(&text, to),
        ),
        Type::Double | Type::Numeric { .. } => decimal(&text, to),
        Type::Json => (format!("json_valid({value})"), format!("json({value})")),
        Type::Uuid => uuid(&text),
        Type::Bytes => (
            format!("substr({text}, 1, 2) = '\\x' and unhex(substr({text}, 3)) is not null"),
            format!("unhex(substr({text}, 3))"),
        ),
        Type::Time => (
            format!("{text} glob '[0-2][0-9]:[0-5][0-9]*' and strftime('%H', {text}) is not null"),
            format!("iif({text} glob '??:??:??.??????', {text}, strftime('%H:%M:%f000', {text}))"),
        ),
        _ => moment(&text, to),
    };
    format!("case when {value} is null then null when {is_one} then {read} else {refused} end")
}

fn boolean(value: &str, text: &str) -> String {
    let refused = invalid(value, Type::Boolean);
    format!(
        "case when {value} is null then null \
         when lower({text}) in ('t', 'tr', 'tru', 'true', 'y', 'ye', 'yes', 'on', '1') then 1 \
         when lower({text}) in ('f', 'fa', 'fal', 'fals', 'false', 'n', 'no', 'of', 'off', '0') then 0 \
         else {refused} end"
    )
}

/// A number whose digits are not those of the text was too large, and SQLite has cut it off.
fn integer(text: &str, to: Type) -> String {
    let number = format!("cast({text} as integer)");
    let within = within(&number, &number, to);
    let raise = out_of_range(to);
    format!(
        "case when ltrim({text}, '+-0') <> ltrim(cast({number} as text), '-0') then {raise} else {within} end"
    )
}

fn decimal(text: &str, to: Type) -> (String, String) {
    let digits = format!("substr({text}, 1 + ({text} glob '[-+]*'))");
    // JSON5 knows numbers as Postgres does, but for zeros and signs in front.
    let is_one = format!(
        "({digits} glob '[0-9]*' or {digits} glob '.[0-9]*') and {digits} not glob '*[^-+.eE0-9]*' \
         and json_valid('1' || ltrim({digits}, '0'), 2)"
    );
    let kind = if to == Type::Double { "real" } else { "numeric" };
    let raise = out_of_range(to);
    let read = format!(
        "case when abs(cast({text} as real)) > 1.7976931348623157e308 then {raise} else cast({text} as {kind}) end"
    );
    (is_one, read)
}

fn uuid(text: &str) -> (String, String) {
    let digits = format!("lower(replace(replace(replace({text}, '-', ''), '{{', ''), '}}', ''))");
    let part = |from: usize, count: usize| format!("substr({digits}, {from}, {count})");
    let parts = [part(1, 8), part(9, 4), part(13, 4), part(17, 4), part(21, 12)];
    (
        format!("length({digits}) = 32 and {digits} not glob '*[^0-9a-f]*'"),
        parts.join(" || '-' || "),
    )
}

/// A date, or a date and time, whose canonical forms SQLite knows but for microseconds.
fn moment(text: &str, to: Type) -> (String, String) {
    let date = format!("substr({text}, 1, 10)");
    let is_one =
        format!("strftime('%Y-%m-%d', {date}) = {date} and strftime('%s', {text}) is not null");
    if to == Type::Date {
        return (is_one, date);
    }
    let zone = if to == Type::TimestampTz { " || '+00:00'" } else { "" };
    let read = format!(
        "iif({text} glob '????-??-??T??:??:??.??????' or {text} glob '????-??-??T??:??:??.??????+00:00', \
         substr({text}, 1, 26), strftime('%Y-%m-%dT%H:%M:%f000', {text})){zone}"
    );
    (is_one, read)
}
