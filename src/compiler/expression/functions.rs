//! The functions there are (the part of `pg_proc` that is supported), and what each is for SQLite.
//!
//! Those that take any type stand in `call` and `array`: `coalesce`, `greatest`, `cardinality` and the like.

use super::kind::Kind;
use super::kind::Kind::{
    Boolean, Bytea, Date, Float8, Int2, Int4, Int8, Json, Jsonb, Numeric, Text, TimestampTz,
};
use super::operators::Write;
use super::resolve::Overload;
use super::template::Check;

/// A function of one row's values.
#[derive(Debug, Clone)]
pub(super) struct Function {
    pub name: &'static str,
    pub operands: &'static [Kind],
    pub result: Kind,
    pub write: Write,
}

impl Overload for Function {
    fn operands(&self) -> &[Kind] {
        self.operands
    }
}

const fn function(
    name: &'static str,
    operands: &'static [Kind],
    result: Kind,
    sql: &'static str,
) -> Function {
    Function { name, operands, result, write: Write::Sql(sql) }
}

const fn unsupported(
    name: &'static str,
    operands: &'static [Kind],
    result: Kind,
    help: &'static str,
) -> Function {
    Function { name, operands, result, write: Write::Unsupported(help) }
}

const fn checked(
    name: &'static str,
    operands: &'static [Kind],
    result: Kind,
    sql: &'static str,
    check: Check,
) -> Function {
    Function { name, operands, result, write: Write::Checked(sql, check) }
}

/// From the nth character, where those before the first count.
const FROM: &str = "substr(@0, max(@1, 1))";
const FROM_FOR: &str = "case when @2 < 0 and @0 is not null and @1 is not null then @!substring@ \
    else substr(@0, max(@1, 1), max(@1 + @2 - max(@1, 1), 0)) end";
/// A negative number is how many are left out at the other end.
const LEFT: &str = "substr(@0, 1, max(case when @1 < 0 then length(@0) + @1 else @1 end, 0))";
const RIGHT: &str = "substr(@0, max(case when @1 < 0 then 1 - @1 else length(@0) - @1 + 1 end, 1))";
const STARTS_WITH: &str = "substr(@0, 1, length(@1)) = @1";
/// The nth part. It walks as a list whose separators have become those of JSON.
const SPLIT_PART: &str = "case when @0 is null or @1 is null or @2 is null then null when @2 = 0 then @!split@ \
    when @1 = '' then case when @2 in (1, -1) then @0 else '' end \
    else coalesce(('[' || replace(json_quote(@0), substr(json_quote(@1), 2, length(json_quote(@1)) - 2), '\",\"') || ']') \
    ->> case when @2 > 0 then '$[' || (@2 - 1) || ']' else '$[#' || @2 || ']' end, '') end";
const ROUND_TO_EVEN: &str =
    "case when @0 - floor(@0) = 0.5 then 2 * round(@0 / 2.0) else round(@0) end";
/// To n decimals: the double that stands for the decimal is brought to its 15 digits first.
const ROUND_TO: &str = "case when @0 is null or @1 is null then null when @1 > 20 then @0 when @1 < -20 then @0 * 0 else \
    cast(format('%.15g', round(cast(format('%.15g', @0 * cast('1e' || @1 as real)) as real)) \
    / cast('1e' || @1 as real)) as numeric) end";
const TRUNC_TO: &str = "case when @0 is null or @1 is null then null when @1 > 20 then @0 when @1 < -20 then @0 * 0 else \
    cast(format('%.15g', trunc(cast(format('%.15g', @0 * cast('1e' || @1 as real)) as real)) \
    / cast('1e' || @1 as real)) as numeric) end";
const ARRAY_LENGTH_OF_JSON: &str = "case json_type(@0) when 'array' then json_array_length(@0) \
    else case when @0 is not null then @!json:array@ end end";
/// `string`, `number`, `boolean`, `object`, `array` or `null`.
const TYPE_OF_JSON: &str = "case json_type(@0) when 'text' then 'string' when 'integer' then 'number' \
    when 'real' then 'number' when 'true' then 'boolean' when 'false' then 'boolean' else json_type(@0) end";
const MAKE_DATE: &str = "case when @0 is null or @1 is null or @2 is null then null when @0 between 1 and 9999 and @1 between 1 and 12 and @2 between 1 and 31 \
    and date(format('%04d-%02d-%02d', @0, @1, @2)) = format('%04d-%02d-%02d', @0, @1, @2) \
    then format('%04d-%02d-%02d', @0, @1, @2) else @!range:date@ end";
const TO_TIMESTAMP: &str = "coalesce(strftime('%Y-%m-%dT%H:%M:%S', floor(round(@0 * 1000000) / 1000000), 'unixepoch'), \
    case when @0 is not null then @!range:timestamp@ end) \
    || format('.%06d', cast(round((@0 - floor(@0)) * 1000000) as integer) % 1000000) || '+00:00'";

const BY_PARTS: &str = "write `split_part(.., '@', 2)`, or compare with `like` or `~`";
/// A length filled up, or what is left of a text that is longer. PostgreSQL fails at a gigabyte.
macro_rules! padded {
    ($fill:literal, $before:literal, $behind:literal) => {
        concat!(
            "case when @0 is null or @1 is null or",
            $fill,
            " is null then null when @1 <= length(@0) then substr(@0, 1, max(@1, 0)) when",
            $fill,
            " = '' then @0 when @1 > 1000000 then @!length@ else ",
            $before,
            "substr(replace(hex(zeroblob(@1 - length(@0))), '00',",
            $fill,
            "), 1, @1 - length(@0))",
            $behind,
            " end"
        )
    };
}
const LPAD: &str = padded!(" ' '", "", " || @0");
const RPAD: &str = padded!(" ' '", "@0 || ", "");
const LPAD_WITH: &str = padded!(" @2", "", " || @0");
const RPAD_WITH: &str = padded!(" @2", "@0 || ", "");
/// At most so often that the text stays short: PostgreSQL fails at a gigabyte.
const REPEAT: &str = "case when @0 is null or @1 is null then null when @0 = '' then @0 \
    when @1 > 1000000 then @!length@ else replace(hex(zeroblob(max(@1, 0))), '00', @0) end";
const SQRT: &str = "case when @0 < 0 then @!range:double precision@ else sqrt(@0) end";

/// All functions of the table.
pub(super) const FUNCTIONS: &[Function] = &[
    function("lower", &[Text], Text, "lower(@0)"),
    function("upper", &[Text], Text, "upper(@0)"),
    function("length", &[Text], Int4, "length(@0)"),
    function("length", &[Bytea], Int4, "length(@0)"),
    function("char_length", &[Text], Int4, "length(@0)"),
    function("character_length", &[Text], Int4, "length(@0)"),
    function("octet_length", &[Text], Int4, "octet_length(@0)"),
    function("octet_length", &[Bytea], Int4, "octet_length(@0)"),
    function("bit_length", &[Text], Int4, "8 * octet_length(@0)"),
    function("btrim", &[Text], Text, "trim(@0)"),
    function("btrim", &[Text, Text], Text, "trim(@0, @1)"),
    function("ltrim", &[Text], Text, "ltrim(@0)"),
    function("ltrim", &[Text, Text], Text, "ltrim(@0, @1)"),
    function("rtrim", &[Text], Text, "rtrim(@0)"),
    function("rtrim", &[Text, Text], Text, "rtrim(@0, @1)"),
    function(
        "replace",
        &[Text, Text, Text],
        Text,
        "case when @2 is not null then replace(@0, @1, @2) end",
    ),
    function("substr", &[Text, Int4], Text, FROM),
    function("substr", &[Text, Int4, Int4], Text, FROM_FOR),
    function("substring", &[Text, Int4], Text, FROM),
    function("substring", &[Text, Int4, Int4], Text, FROM_FOR),
    unsupported("substring", &[Text, Text], Text, BY_PARTS),
    unsupported("substring", &[Text, Text, Text], Text, BY_PARTS),
    function("repeat", &[Text, Int4], Text, REPEAT),
    function("lpad", &[Text, Int4], Text, LPAD),
    function("rpad", &[Text, Int4], Text, RPAD),
    function("lpad", &[Text, Int4, Text], Text, LPAD_WITH),
    function("rpad", &[Text, Int4, Text], Text, RPAD_WITH),
    function("left", &[Text, Int4], Text, LEFT),
    function("right", &[Text, Int4], Text, RIGHT),
    function("strpos", &[Text, Text], Int4, "instr(@0, @1)"),
    function("position", &[Text, Text], Int4, "instr(@0, @1)"),
    function("starts_with", &[Text, Text], Boolean, STARTS_WITH),
    function("split_part", &[Text, Text, Int4], Text, SPLIT_PART),
    function("ascii", &[Text], Int4, "case @0 when '' then 0 else unicode(@0) end"),
    checked("abs", &[Int2], Int2, "abs(@0)", Check::Int2),
    checked("abs", &[Int4], Int4, "abs(@0)", Check::Int4),
    function("abs", &[Int8], Int8, "abs(@0)"),
    function("abs", &[Numeric], Numeric, "abs(@0)"),
    function("abs", &[Float8], Float8, "abs(@0)"),
    function("ceil", &[Numeric], Numeric, "ceil(@0)"),
    function("ceil", &[Float8], Float8, "ceil(@0)"),
    function("ceiling", &[Numeric], Numeric, "ceil(@0)"),
    function("ceiling", &[Float8], Float8, "ceil(@0)"),
    function("floor", &[Numeric], Numeric, "floor(@0)"),
    function("floor", &[Float8], Float8, "floor(@0)"),
    function("trunc", &[Numeric], Numeric, "trunc(@0)"),
    function("trunc", &[Float8], Float8, "trunc(@0)"),
    function("trunc", &[Numeric, Int4], Numeric, TRUNC_TO),
    function("round", &[Numeric], Numeric, "round(@0)"),
    function("round", &[Float8], Float8, ROUND_TO_EVEN),
    function("round", &[Numeric, Int4], Numeric, ROUND_TO),
    checked("sqrt", &[Float8], Float8, SQRT, Check::Float),
    unsupported("sqrt", &[Numeric], Numeric, "write `sqrt((..)::double precision)`"),
    function("sign", &[Numeric], Numeric, "sign(@0)"),
    function("sign", &[Float8], Float8, "sign(@0)"),
    function(
        "mod",
        &[Int2, Int2],
        Int2,
        "case when @1 = 0 and @0 is not null then @!zero@ else @0 % @1 end",
    ),
    function(
        "mod",
        &[Int4, Int4],
        Int4,
        "case when @1 = 0 and @0 is not null then @!zero@ else @0 % @1 end",
    ),
    function(
        "mod",
        &[Int8, Int8],
        Int8,
        "case when @1 = 0 and @0 is not null then @!zero@ else @0 % @1 end",
    ),
    unsupported("mod", &[Numeric, Numeric], Numeric, "cast both to `integer`"),
    function("make_date", &[Int4, Int4, Int4], Date, MAKE_DATE),
    checked("to_timestamp", &[Float8], TimestampTz, TO_TIMESTAMP, Check::Moment),
    function("jsonb_typeof", &[Jsonb], Text, TYPE_OF_JSON),
    function("json_typeof", &[Json], Text, TYPE_OF_JSON),
    function("jsonb_array_length", &[Jsonb], Int4, ARRAY_LENGTH_OF_JSON),
    function("json_array_length", &[Json], Int4, ARRAY_LENGTH_OF_JSON),
];

/// What to write instead of functions of SQLite, and of PostgreSQL's that are not supported.
pub(super) const INSTEAD: &[(&str, &str)] = &[
    ("age", "compare dates instead: `.. <= current_date - interval '18 years'`"),
    ("array_dims", "write `cardinality(..)`"),
    ("char", "write the character in quotes"),
    ("date_part", "write `extract(.. from ..)`"),
    ("datetime", "write `now()`, or `(..)::timestamptz`"),
    ("format", "write `..  || ..`"),
    ("gen_random_uuid", "only the default of a column is random"),
    ("glob", "write `.. like '..%'`"),
    ("group_concat", "write `string_agg(.., ',')`"),
    ("hex", "compare the bytes: `.. = '\\x00ff'`"),
    ("ifnull", "write `coalesce(.., ..)`"),
    ("iif", "write `case when .. then .. else .. end`"),
    ("instr", "write `strpos(.., ..)`"),
    ("json", "write `(..)::jsonb`"),
    ("json_extract", "write `.. -> 'key'` or `.. ->> 'key'`"),
    ("json_group_array", "write `array_agg(..)` or `jsonb_agg(..)`"),
    ("json_quote", "write `(..)::jsonb`"),
    ("json_tree", "write `jsonb_each(..)` or `jsonb_array_elements(..)`"),
    ("json_type", "write `jsonb_typeof(..)`"),
    ("json_valid", "declare the column as `jsonb`"),
    ("jsonb_path_exists", "write `@>`, `?` or `->`"),
    ("jsonb_set", "compare members with `->` and `->>`"),
    ("jsonb_to_record", "read the members: `.. ->> 'key'`"),
    ("jsonb_to_recordset", "write `jsonb_array_elements(..)`"),
    ("julianday", "write a difference of dates: `current_date - ..`"),
    ("justify_days", "write the interval in days"),
    ("justify_hours", "write the interval in days"),
    ("justify_interval", "write the interval in days"),
    ("like", "write `.. like '..'`"),
    ("power", "write a product"),
    ("printf", "write `.. || ..`"),
    ("random", "only the default of a column is random"),
    ("regexp_like", "write `.. ~ ..`"),
    ("regexp_match", "write a condition such as code ~ '^[a-z]+$', or split_part(email, '@', 2)"),
    ("regexp_matches", "write a condition such as code ~ '^[a-z]+$', or split_part(email, '@', 2)"),
    ("regexp_replace", "write `replace(.., '..', '..')`"),
    ("regexp_split_to_array", "write `string_to_array(.., ',')`"),
    ("regexp_split_to_table", "write `string_to_table(.., ',')`"),
    ("strftime", "write `now()`, `extract(.. from ..)` or `date_trunc('..', ..)`"),
    ("time", "write `(..)::time`"),
    ("timediff", "write a difference of times: `now() - ..`"),
    ("to_char", "write `extract(.. from ..)` or `date_trunc('..', ..)`"),
    ("to_date", "write `(..)::date`"),
    ("total", "write `sum(..)`"),
    ("typeof", "the type is the declared one"),
    ("unhex", "write `'\\x00ff'`"),
    ("unicode", "write `ascii(..)`"),
    ("unixepoch", "write `now()`"),
    ("uuid_generate_v4", "only the default of a column is random"),
];
