//! The parts of the document that are the same for everybody. They name no table and no column.

/// From the beginning to the address.
pub const BEGINNING: &str = concat!(
    r#"{"openapi":"3.1.0","info":{"title":"Selvedge","version":""#,
    env!("CARGO_PKG_VERSION"),
    r#"","description":"Rows in PostgREST's dialect, accounts in that of Supabase Auth. This has what your role may reach: ask with another key or token for what others may."},"servers":[{"url":"#
);

/// From the address to the first path that is not the document's own.
pub const PATHS: &str = r#"}],"security":[{},{"apikey":[]},{"bearer":[]},{"apikey":[],"bearer":[]}],"paths":{
"/":{"get":{"summary":"This document","responses":{"200":{"description":"An OpenAPI document","content":{"application/json":{"schema":{"type":"object"}}}}}}}"#;

/// From the last path to the first filter.
pub const PARAMETERS: &str = r##"},"components":{
"securitySchemes":{"apikey":{"type":"apiKey","in":"header","name":"apikey","description":"The anon or the service_role key"},
"bearer":{"type":"http","scheme":"bearer","bearerFormat":"JWT","description":"A user's access token, or a key. It decides over apikey"}},
"headers":{"Content-Range":{"description":"first-last/total, with * for what is not known","schema":{"type":"string"},"example":"0-24/3573"}},
"responses":{"rest.Error":{"description":"A refusal","content":{"application/json":{"schema":{"$ref":"#/components/schemas/rest.Error"}}}},
"auth.Error":{"description":"A refusal","content":{"application/json":{"schema":{"$ref":"#/components/schemas/auth.Error"}}}}},
"parameters":{
"select":{"name":"select","in":"query","schema":{"type":"string"},"description":"What to answer of each row: columns, JSON paths and related rows, as in id,label:title,data->>key,projects(name). Without it all columns, each of which you must be allowed to read"},
"order":{"name":"order","in":"query","schema":{"type":"string"},"description":"Columns, each with .asc or .desc and .nullsfirst or .nullslast"},
"limit":{"name":"limit","in":"query","schema":{"type":"integer","minimum":0},"description":"How many rows at most"},
"offset":{"name":"offset","in":"query","schema":{"type":"integer"},"description":"How many rows to skip"},
"and":{"name":"and","in":"query","schema":{"type":"string"},"description":"Conditions that must all hold, as in (id.gt.1,or(id.lt.9,id.is.null)). not.and is the opposite"},
"or":{"name":"or","in":"query","schema":{"type":"string"},"description":"Conditions of which one must hold. not.or is the opposite"},
"columns":{"name":"columns","in":"query","schema":{"type":"string"},"description":"The columns that are written, whatever else the body has"},
"on_conflict":{"name":"on_conflict","in":"query","schema":{"type":"string"},"description":"The columns of the unique constraint by which a row is known to exist; the primary key if it is left out"},
"Range":{"name":"Range","in":"header","schema":{"type":"string","pattern":"^[0-9]+-[0-9]*$"},"description":"The first and the last row, counted from 0"},
"Prefer.read":{"name":"Prefer","in":"header","schema":{"type":"array","items":{"enum":["count=exact","count=planned","count=estimated","handling=strict","handling=lenient"]}}},
"Prefer.insert":{"name":"Prefer","in":"header","schema":{"type":"array","items":{"enum":["return=minimal","return=headers-only","return=representation","resolution=merge-duplicates","resolution=ignore-duplicates","missing=default","missing=null","count=exact","handling=strict","handling=lenient"]}}},
"Prefer.put":{"name":"Prefer","in":"header","schema":{"type":"array","items":{"enum":["return=minimal","return=representation","handling=strict","handling=lenient"]}}},
"Prefer.change":{"name":"Prefer","in":"header","description":"max-affected counts with handling=strict","schema":{"type":"array","items":{"anyOf":[{"enum":["return=minimal","return=headers-only","return=representation","count=exact","handling=strict","handling=lenient"]},{"type":"string","pattern":"^max-affected=[0-9]+$"}]}}}"##;

/// From the last filter to the first schema of a table. A table's schema has no dot in its name, or
/// one before `insert` or `update`.
pub const SCHEMAS: &str = r##"},"schemas":{
"rest.Filter":{"type":"string","pattern":"^(not\\.)?(eq|neq|gt|gte|lt|lte|like|ilike|match|imatch|in|is|isdistinct|cs|cd|ov|fts|plfts|phfts|wfts)(\\([a-z]+\\))?\\.",
"description":"operator.value, with not. in front for the opposite. eq, neq, gt, gte, lt and lte compare; like and ilike (without case) take * for any text; in takes (a,b); is takes null, not_null, true, false or unknown; isdistinct is neq for nulls too; cs, cd and ov compare what arrays and JSON hold; fts, plfts, phfts and wfts search for words. eq(any).{a,b} and eq(all).{a,b} take several values"},
"rest.Error":{"type":"object","required":["code","message","details","hint"],"properties":{"code":{"type":"string","description":"PGRST and a number, or Postgres' SQLSTATE"},"message":{"type":"string"},"details":{},"hint":{"type":["string","null"]}}},
"auth.Error":{"type":"object","required":["code","error_code","message","msg"],"properties":{"code":{"type":"string"},"error_code":{"type":"string"},"message":{"type":"string"},"msg":{"type":"string"}}}"##;

/// A column's filter, behind its key, a template: `@` is the name in the query string.
pub const FILTER: &str =
    r##"{"name":|@|,"in":"query","schema":{"$ref":"#/components/schemas/rest.Filter"}}"##;

// Templates of a table's operations, cut at each `|`: `@` is its name, `~` the name of its component, `*` the filters by its
// columns and `^` the content of an answer with rows.

/// Rows are read.
pub const GET: &str = r##""get":{"tags":[|@|],"parameters":[|*|{"$ref":"#/components/parameters/select"},{"$ref":"#/components/parameters/order"},{"$ref":"#/components/parameters/limit"},{"$ref":"#/components/parameters/offset"},{"$ref":"#/components/parameters/and"},{"$ref":"#/components/parameters/or"},{"$ref":"#/components/parameters/Range"},{"$ref":"#/components/parameters/Prefer.read"}],
"responses":{"200":{"description":"The rows"|^|},"206":{"description":"A part of the rows"|^|},"400":|!|,"401":|!|,"403":|!|,"406":|!|,"416":|!|,"503":|!|}}"##;

/// Rows are inserted, or merged.
pub const POST: &str = r##""post":{"tags":[|@|],"parameters":[{"$ref":"#/components/parameters/select"},{"$ref":"#/components/parameters/columns"},{"$ref":"#/components/parameters/on_conflict"},{"$ref":"#/components/parameters/Prefer.insert"}],
"requestBody":{"required":true,"content":{"application/json":{"schema":{"anyOf":[{"$ref":"#/components/schemas/|~|.insert"},{"type":"array","items":{"$ref":"#/components/schemas/|~|.insert"}}]}},"text/csv":{}}},
"responses":{"200":{"description":"The rows have been merged"|^|},"201":{"description":"The rows have been inserted"|^|},"400":|!|,"401":|!|,"403":|!|,"406":|!|,"409":|!|,"413":|!|,"415":|!|,"503":|!|}}"##;

/// The row of a key is inserted or replaced.
pub const PUT: &str = r##""put":{"tags":[|@|],"parameters":[|*|{"$ref":"#/components/parameters/select"},{"$ref":"#/components/parameters/columns"},{"$ref":"#/components/parameters/Prefer.put"}],
"requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/|~|.insert"}}}},
"responses":{"200":{"description":"The row has been replaced"|^|},"201":{"description":"The row has been inserted"|^|},"204":{"description":"It is done"},"400":|!|,"401":|!|,"403":|!|,"405":|!|,"406":|!|,"409":|!|,"413":|!|,"415":|!|,"503":|!|}}"##;

/// Rows are changed.
pub const PATCH: &str = r##""patch":{"tags":[|@|],"parameters":[|*|{"$ref":"#/components/parameters/select"},{"$ref":"#/components/parameters/columns"},{"$ref":"#/components/parameters/and"},{"$ref":"#/components/parameters/or"},{"$ref":"#/components/parameters/Prefer.change"}],
"requestBody":{"required":true,"content":{"application/json":{"schema":{"$ref":"#/components/schemas/|~|.update"}}}},
"responses":{"200":{"description":"The changed rows"|^|},"204":{"description":"It is done"},"400":|!|,"401":|!|,"403":|!|,"406":|!|,"409":|!|,"413":|!|,"415":|!|,"503":|!|}}"##;

/// Rows are deleted.
pub const DELETE: &str = r##""delete":{"tags":[|@|],"parameters":[|*|{"$ref":"#/components/parameters/select"},{"$ref":"#/components/parameters/and"},{"$ref":"#/components/parameters/or"},{"$ref":"#/components/parameters/Prefer.change"}],
"responses":{"200":{"description":"The deleted rows"|^|},"204":{"description":"It is done"},"400":|!|,"401":|!|,"403":|!|,"406":|!|,"409":|!|,"503":|!|}}"##;

/// A parameter that tables and functions share, of that name.
pub const PARAMETER: &str = r##"{"$ref":"#/components/parameters/|~|"}"##;

// Templates of a call: `*` is the beginning of its list of parameters, `@` the schema of its body
// and `^` that of its answer.

/// A function that only reads, by arguments in the query string.
pub const CALL_BY_GET: &str = r##""get":{"tags":["functions"],"parameters":|*|],"responses":{"200":{"description":"What it answers","content":{"application/json":{"schema":|^|}}},"204":{"description":"It is done"},"206":{"description":"A part of the rows"},"400":|!|,"401":|!|,"403":|!|,"406":|!|,"416":|!|,"503":|!|}}"##;

/// A function by arguments in a body.
pub const CALL_BY_POST: &str = r##""post":{"tags":["functions"],"parameters":|*|],"requestBody":{"content":{"application/json":{"schema":|@|}}},"responses":{"200":{"description":"What it answers","content":{"application/json":{"schema":|^|}}},"204":{"description":"It is done"},"206":{"description":"A part of the rows"},"400":|!|,"401":|!|,"403":|!|,"404":|!|,"406":|!|,"409":|!|,"413":|!|,"415":|!|,"416":|!|,"503":|!|}}"##;

/// What `!` is in them.
pub const REFUSAL: &str = r##"{"$ref":"#/components/responses/rest.Error"}"##;

/// What `^` is, where rows may be read.
pub const ROWS: &str = r##","headers":{"Content-Range":{"$ref":"#/components/headers/Content-Range"}},"content":{"application/json":{"schema":{"type":"array","items":{"$ref":"#/components/schemas/"##;

/// Behind the name of their component.
pub const ROWS_END: &str = r#""}}},"text/csv":{}}"#;

/// The beginning of an operation of the auth dialect, a template: `~` is what it is for.
pub const ACCOUNT: &str = r#"{"tags":["accounts"],"summary":"|~|""#;

/// Its body: `!` is whether there must be one, `@` the media type and `~` the schema.
pub const ACCOUNT_BODY: &str = r#""requestBody":{"required":|!|,"content":{"|@|":{"schema":|~|}}}"#;

/// Its answer, of that schema, and its end.
pub const ACCOUNT_ANSWER: &str = r##""responses":{"200":{"description":"Done","content":{"application/json":{"schema":|~|}}},"default":{"$ref":"#/components/responses/auth.Error"}}}"##;

/// The same without an answer.
pub const ACCOUNT_DONE: &str = r##""responses":{"204":{"description":"Done"},"default":{"$ref":"#/components/responses/auth.Error"}}}"##;

/// The same where it leads somewhere else.
pub const ACCOUNT_LEADS: &str = r##""responses":{"302":{"description":"Somewhere else"},"303":{"description":"To the same by GET"},"default":{"$ref":"#/components/responses/auth.Error"}}}"##;

/// The same where it is a page.
pub const ACCOUNT_PAGE: &str = r##""responses":{"200":{"description":"A page with a button","content":{"text/html":{}}},"303":{"description":"Where it leads"},"default":{"$ref":"#/components/responses/auth.Error"}}}"##;

/// What a link or a code is for.
pub const PURPOSE: &str =
    r#"{"enum":["signup","invite","magiclink","recovery","email_change","email"]}"#;

/// A UUID in a path.
pub const ID: &str =
    r#"{"name":"~","in":"path","required":true,"schema":{"type":"string","format":"uuid"}}"#;

/// Only with a user's token.
pub const BY_USER: &str = r#""security":[{"bearer":[]}]"#;
