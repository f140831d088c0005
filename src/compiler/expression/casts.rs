//! The casts there are (the part of `pg_cast` that is supported), and what each is for SQLite.

use super::kind::Kind;
use super::kind::Kind::{
    Boolean, Date, Float4, Float8, Int2, Int4, Int8, Interval, Json, Jsonb, Numeric, Text, Time,
    Timestamp, TimestampTz, Uuid,
};
use super::template::Check;

/// Where a cast happens without being written (`pg_cast.castcontext`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::compiler) enum Context {
    /// Anywhere.
    Implicit,
    /// Where a value is given to a column.
    Assignment,
    /// Nowhere: it must be written.
    Explicit,
}

impl Context {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Implicit => "implicit",
            Self::Assignment => "assignment",
            Self::Explicit => "explicit",
        }
    }
}

/// A cast.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cast {
    pub from: Kind,
    pub to: Kind,
    pub context: Context,
    /// What it is for SQLite.
    pub sql: &'static str,
    pub check: Option<Check>,
}

const fn cast(from: Kind, to: Kind, context: Context, sql: &'static str) -> Cast {
    Cast { from, to, context, sql, check: None }
}

const fn checked(from: Kind, to: Kind, context: Context, sql: &'static str, check: Check) -> Cast {
    Cast { from, to, context, sql, check: Some(check) }
}

use Context::{Assignment, Explicit, Implicit};

/// The nearest whole number; of two as near, the one further from zero.
const ROUNDED: &str = "cast(round(@0) as integer)";
/// The nearest whole number; of two as near, the even one.
const ROUNDED_TO_EVEN: &str = "case when @0 - floor(@0) = 0.5 then 2 * cast(round(@0 / 2.0) as integer) else cast(round(@0) as integer) end";

const TEXT_TO_BOOLEAN: &str = "case when @0 is null then null \
    when lower(trim(@0, @blank@)) in ('t', 'tr', 'tru', 'true', 'y', 'ye', 'yes', 'on', '1') then 1 \
    when lower(trim(@0, @blank@)) in ('f', 'fa', 'fal', 'fals', 'false', 'n', 'no', 'of', 'off', '0') then 0 \
    else @!cast:boolean@ end";

/// A sign, and digits of which there are not more than a bigint has for sure.
macro_rules! text_to_integer {
    ($name:literal) => {
        concat!(
            "case when @0 is null then null \
             when ltrim(substr(trim(@0, @blank@), 2), '0123456789') <> '' \
             or not (trim(@0, @blank@) glob '[0-9]*' or trim(@0, @blank@) glob '[-+][0-9]*') then @!cast:",
            $name,
            "@ when length(ltrim(trim(@0, @blank@), '+-0')) > 18 then @!range:",
            $name,
            "@ else cast(trim(@0, @blank@) as integer) end"
        )
    };
}

/// Digits with a point among them or not; an exponent is an error here.
macro_rules! text_to_decimal {
    ($name:literal, $kind:literal) => {
        concat!(
            "case when @0 is null then null \
             when trim(@0, @blank@) not glob '*[0-9]*' \
             or length(trim(@0, @blank@)) - length(replace(trim(@0, @blank@), '.', '')) > 1 \
             or not (trim(@0, @blank@) glob '[0-9.]*' or trim(@0, @blank@) glob '[-+][0-9.]*') \
             or ltrim(substr(trim(@0, @blank@), 2), '0123456789.') <> '' then @!cast:",
            $name,
            "@ else cast(trim(@0, @blank@) as ",
            $kind,
            ") end"
        )
    };
}

/// The canonical form, or 32 digits.
const TEXT_TO_UUID: &str = "case when @0 is null then null \
    when ltrim(lower(replace(@0, '-', '')), '0123456789abcdef') = '' and length(replace(@0, '-', '')) = 32 \
    and (@0 like '________-____-____-____-____________' or @0 not like '%-%') \
    then lower(substr(replace(@0, '-', ''), 1, 8) || '-' || substr(replace(@0, '-', ''), 9, 4) || '-' \
    || substr(replace(@0, '-', ''), 13, 4) || '-' || substr(replace(@0, '-', ''), 17, 4) || '-' \
    || substr(replace(@0, '-', ''), 21)) else @!cast:uuid@ end";

/// A day in ISO 8601 that there is; a time behind it, and its zone, mean nothing.
const TEXT_TO_DATE: &str = "(select case when t is null then null \
    when t glob '[0-9][0-9][0-9][0-9]-[0-1][0-9]-[0-3][0-9]*' and t >= '0001' \
    and date(substr(t, 1, 10)) = substr(t, 1, 10) and (length(t) = 10 or (substr(t, 11, 1) in ('T', ' ') \
    and strftime('%s', case when t glob '*:*[-+][0-9][0-9]' then t || ':00' else t end) is not null)) \
    then substr(t, 1, 10) else @!cast:date@ end from (select trim(@0, @blank@) as t))";

/// ISO 8601, its fraction of a second at most six digits. A zone is hours, or hours and minutes, or `Z`.
macro_rules! text_to_moment {
    ($name:literal, $zone:literal, $zoned:literal) => {
        concat!(
            "(select case when t is null then null \
             when date(substr(t, 1, 10)) = substr(t, 1, 10) and t >= '0001' and length(f) <= 6 \
             and s is not null then s || '.' || substr(f || '000000', 1, 6) || '",
            $zone,
            "' else @!cast:",
            $name,
            "@ end from (select t, f, strftime('%Y-%m-%dT%H:%M:%S', replace(t, '.' || f, '')) as s \
             from (select t, substr(r, 1, length(r) - length(ltrim(r, '0123456789'))) as f \
             from (select t, case when instr(t, '.') > 0 then substr(t, instr(t, '.') + 1) else '' end as r \
             from (select ",
            $zoned,
            " as t from (select trim(@0, @blank@) as t))))))"
        )
    };
}
/// Of a JSON value: `@!json:..@` where it is of another type.
const JSON_TO_BOOLEAN: &str = "case json_type(@0) when 'true' then 1 when 'false' then 0 when 'null' then null else case when @0 is not null then @!json:boolean@ end end";
macro_rules! json_to_number {
    ($name:literal, $integer:literal, $real:literal) => {
        concat!(
            "case json_type(@0) when 'null' then null when 'integer' then ",
            $integer,
            " when 'real' then ",
            $real,
            " else case when @0 is not null then @!json:",
            $name,
            "@ end end"
        )
    };
}
/// Objects and lists as PostgreSQL writes them: with spaces, the keys by their lengths first. Each node gets the
/// path of its place among its siblings, by which the parts of the text are put in order.
const JSON_TO_TEXT: &str = "case json_type(@0) when 'text' then json_quote(@0 ->> '$') \
    when 'null' then 'null' when 'true' then 'true' when 'false' then 'false' else (with recursive \
    v8 as (select id, parent, type, atom, key, fullkey, row_number() over (partition by parent \
    order by case typeof(key) when 'text' then octet_length(key) end, key) as place from json_tree(@0)), \
    v9(id, type, atom, key, fullkey, place, way) as (select id, type, atom, null, fullkey, 1, '' from v8 where parent is null \
    union all select v8.id, v8.type, v8.atom, v8.key, v8.fullkey, v8.place, v9.way || format('%08d', v8.place) \
    from v9 join v8 on v8.parent = v9.id) \
    select group_concat(part, '' order by way) from (select way, case when place > 1 then ', ' else '' end \
    || case typeof(key) when 'text' then json_quote(key) || ': ' else '' end \
    || case type when 'object' then '{' when 'array' then '[' when 'text' then json_quote(atom) \
    when 'true' then type when 'false' then type when 'null' then type \
    else case when @0 -> fullkey glob '*[eE]*' then @!json:text@ else @0 -> fullkey end end as part from v9 \
    union all select way || ':', case type when 'object' then '}' else ']' end from v9 \
    where type in ('object', 'array'))) end";
const TEXT_TO_JSON: &str =
    "case when json_valid(@0) then json(@0) when @0 is not null then @!cast:json@ end";

const BOOLEAN_TO_TEXT: &str = "case @0 when 1 then 'true' when 0 then 'false' end";
/// Without the zeros at the end of the fraction.
const TIME_TO_TEXT: &str = "rtrim(rtrim(@0, '0'), '.')";
const TIMESTAMP_TO_TEXT: &str = "replace(rtrim(rtrim(@0, '0'), '.'), 'T', ' ')";
const TIMESTAMPTZ_TO_TEXT: &str =
    "replace(rtrim(rtrim(substr(@0, 1, 26), '0'), '.'), 'T', ' ') || '+00'";
const TIME_TO_INTERVAL: &str =
    "unixepoch('1970-01-01T' || substr(@0, 1, 8)) * 1000000 + cast(substr(@0, 10) as integer)";

/// All casts. Those between `text` and `varchar` are no casts, since both are kept alike; and a cast of
/// `varchar` is one of `text`.
pub(super) const CASTS: &[Cast] = &[
    cast(Int2, Int4, Implicit, "@0"),
    cast(Int2, Int8, Implicit, "@0"),
    cast(Int2, Numeric, Implicit, "@0"),
    cast(Int2, Float4, Implicit, "cast(@0 as real)"),
    cast(Int2, Float8, Implicit, "cast(@0 as real)"),
    checked(Int4, Int2, Assignment, "@0", Check::Int2),
    cast(Int4, Int8, Implicit, "@0"),
    cast(Int4, Numeric, Implicit, "@0"),
    cast(Int4, Float8, Implicit, "cast(@0 as real)"),
    cast(Int4, Boolean, Explicit, "@0 <> 0"),
    checked(Int8, Int2, Assignment, "@0", Check::Int2),
    checked(Int8, Int4, Assignment, "@0", Check::Int4),
    cast(Int8, Numeric, Implicit, "@0"),
    cast(Int8, Float8, Implicit, "cast(@0 as real)"),
    checked(Numeric, Int2, Assignment, ROUNDED, Check::Int2),
    checked(Numeric, Int4, Assignment, ROUNDED, Check::Int4),
    checked(Numeric, Int8, Assignment, ROUNDED, Check::Int8),
    cast(Numeric, Float8, Implicit, "cast(@0 as real)"),
    cast(Float4, Float8, Implicit, "@0"),
    checked(Float8, Int2, Assignment, ROUNDED_TO_EVEN, Check::Int2),
    checked(Float8, Int4, Assignment, ROUNDED_TO_EVEN, Check::Int4),
    cast(Boolean, Int4, Explicit, "@0"),
    cast(Date, Timestamp, Implicit, "@0 || 'T00:00:00.000000'"),
    cast(Date, TimestampTz, Implicit, "@0 || 'T00:00:00.000000+00:00'"),
    cast(Timestamp, TimestampTz, Implicit, "@0 || '+00:00'"),
    cast(Timestamp, Date, Assignment, "substr(@0, 1, 10)"),
    cast(Timestamp, Time, Assignment, "substr(@0, 12)"),
    cast(TimestampTz, Timestamp, Assignment, "substr(@0, 1, 26)"),
    cast(TimestampTz, Date, Assignment, "substr(@0, 1, 10)"),
    cast(TimestampTz, Time, Assignment, "substr(@0, 12, 15)"),
    cast(Time, Interval, Implicit, TIME_TO_INTERVAL),
    cast(Json, Jsonb, Assignment, "@0"),
    cast(Jsonb, Json, Assignment, "@0"),
    cast(Jsonb, Boolean, Explicit, JSON_TO_BOOLEAN),
    checked(
        Jsonb,
        Int2,
        Explicit,
        json_to_number!(
            "smallint",
            "cast(@0 as integer)",
            "cast(round(cast(@0 as real)) as integer)"
        ),
        Check::Int2,
    ),
    checked(
        Jsonb,
        Int4,
        Explicit,
        json_to_number!(
            "integer",
            "cast(@0 as integer)",
            "cast(round(cast(@0 as real)) as integer)"
        ),
        Check::Int4,
    ),
    cast(
        Jsonb,
        Int8,
        Explicit,
        json_to_number!(
            "bigint",
            "cast(@0 as integer)",
            "cast(round(cast(@0 as real)) as integer)"
        ),
    ),
    cast(
        Jsonb,
        Numeric,
        Explicit,
        json_to_number!("numeric", "cast(@0 as numeric)", "cast(@0 as numeric)"),
    ),
    cast(
        Jsonb,
        Float8,
        Explicit,
        json_to_number!("double precision", "cast(@0 as real)", "cast(@0 as real)"),
    ),
    cast(Boolean, Text, Assignment, BOOLEAN_TO_TEXT),
    cast(Int2, Text, Assignment, "cast(@0 as text)"),
    cast(Int4, Text, Assignment, "cast(@0 as text)"),
    cast(Int8, Text, Assignment, "cast(@0 as text)"),
    cast(Uuid, Text, Assignment, "@0"),
    cast(Date, Text, Assignment, "@0"),
    cast(Time, Text, Assignment, TIME_TO_TEXT),
    cast(Timestamp, Text, Assignment, TIMESTAMP_TO_TEXT),
    cast(TimestampTz, Text, Assignment, TIMESTAMPTZ_TO_TEXT),
    cast(Jsonb, Text, Assignment, JSON_TO_TEXT),
    cast(Text, Boolean, Explicit, TEXT_TO_BOOLEAN),
    checked(Text, Int2, Explicit, text_to_integer!("smallint"), Check::Int2),
    checked(Text, Int4, Explicit, text_to_integer!("integer"), Check::Int4),
    cast(Text, Int8, Explicit, text_to_integer!("bigint")),
    checked(Text, Numeric, Explicit, text_to_decimal!("numeric", "numeric"), Check::Decimal),
    cast(Text, Float8, Explicit, text_to_decimal!("double precision", "real")),
    cast(Text, Uuid, Explicit, TEXT_TO_UUID),
    cast(Text, Date, Explicit, TEXT_TO_DATE),
    cast(
        Text,
        Timestamp,
        Explicit,
        text_to_moment!(
            "timestamp",
            "",
            // A zone is read and means nothing.
            "case when t glob '*:*[-+][0-9][0-9]' then substr(t, 1, length(t) - 3) \
             when t glob '*:*[-+][0-9][0-9]:[0-9][0-9]' then substr(t, 1, length(t) - 6) \
             when t glob '*[0-9][zZ]' then substr(t, 1, length(t) - 1) else t end"
        ),
    ),
    cast(
        Text,
        TimestampTz,
        Explicit,
        text_to_moment!(
            "timestamp",
            "+00:00",
            "case when t glob '*:*[-+][0-9][0-9]' then t || ':00' else t end"
        ),
    ),
    cast(Text, Json, Explicit, TEXT_TO_JSON),
    cast(Text, Jsonb, Explicit, TEXT_TO_JSON),
];

/// The cast between two types, if there is one.
pub(super) fn find(from: Kind, to: Kind) -> Option<&'static Cast> {
    let kept = |kind| if kind == Kind::Varchar { Text } else { kind };
    CASTS.iter().find(|cast| cast.from == kept(from) && cast.to == kept(to))
}
