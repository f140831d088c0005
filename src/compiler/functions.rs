//! The functions that a policy may call: SQLite's own, of those D1 allows, whose answer depends on
//! their arguments and the clock alone. Any other is a build error.

/// Functions of a row's values.
pub(super) const SCALAR: &[&str] = &[
    "abs",
    "ceil",
    "ceiling",
    "char",
    "coalesce",
    "concat",
    "concat_ws",
    "date",
    "datetime",
    "floor",
    "format",
    "glob",
    "hex",
    "ifnull",
    "iif",
    "instr",
    "json",
    "json_array",
    "json_array_length",
    "json_extract",
    "json_object",
    "json_quote",
    "json_type",
    "json_valid",
    "julianday",
    "length",
    "like",
    "lower",
    "ltrim",
    "max",
    "min",
    "mod",
    "nullif",
    "octet_length",
    "printf",
    "replace",
    "round",
    "rtrim",
    "sign",
    "strftime",
    "substr",
    "substring",
    "time",
    "timediff",
    "trim",
    "typeof",
    "unhex",
    "unicode",
    "unixepoch",
    "upper",
];

/// Functions of many rows.
pub(super) const AGGREGATE: &[&str] = &[
    "avg",
    "count",
    "group_concat",
    "json_group_array",
    "json_group_object",
    "max",
    "min",
    "string_agg",
    "sum",
    "total",
];

/// Functions that yield rows, and the columns of those.
pub(super) const TABLE: &[&str] = &["json_each", "json_tree"];

/// The columns of every function in [`TABLE`].
pub(super) const TABLE_COLUMNS: &[&str] =
    &["key", "value", "type", "atom", "id", "parent", "fullkey", "path"];

/// What to write instead of some of Postgres' functions.
pub(super) const INSTEAD: &[(&str, &str)] = &[
    ("array_length", "write json_array_length(..)"),
    ("char_length", "write length(..)"),
    ("character_length", "write length(..)"),
    ("current_setting", "write auth.jwt() ->> 'name' for a claim"),
    ("current_time", "write strftime('%H:%M:%f000', 'now')"),
    ("current_timestamp", "write now()"),
    ("current_user", "write auth.role() or auth.uid()"),
    ("current_role", "write auth.role()"),
    ("greatest", "write max(..)"),
    ("gen_random_uuid", "only a column's default is random"),
    ("jsonb_array_length", "write json_array_length(..)"),
    ("jsonb_array_elements", "write `from json_each(..)`"),
    ("jsonb_array_elements_text", "write `from json_each(..)`"),
    ("jsonb_typeof", "write json_type(..)"),
    ("least", "write min(..)"),
    ("localtimestamp", "write now()"),
    ("random", "only a column's default is random"),
    ("session_user", "write auth.role() or auth.uid()"),
    ("user", "write auth.role() or auth.uid()"),
    ("strpos", "write instr(..)"),
    ("unnest", "write `from json_each(..)`"),
];

/// The time as a `timestamptz` column holds it.
pub(super) const NOW: &str = "strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now')";
