//! Documents that are built from values, and those that are compared with documents of other rows.

use super::Context;
use super::kind::Kind;
use super::template;
use super::typed::{Form, Typed};
use crate::catalog::Item;
use crate::compiler::expand::Expander;
use crate::compiler::report::Span;
use crate::compiler::sql::Sql;

/// Whether the first document contains the second, both known only when they are evaluated: every value of the
/// second stands at the same place in the first, where the items of a list are at any place. What is deeper in a
/// list than the members of its items raises an error, and so does a key with a bracket.
pub(super) const CONTAINS: &str = "case when @0 is not null and @1 is not null then case \
    when json_type(@0) = 'array' and json_type(@1) not in ('array', 'object') then \
    exists (select 1 from json_each(@0) as v5, json_tree(@1) as v7 \
    where replace(v5.type, 'real', 'integer') = replace(v7.type, 'real', 'integer') and v5.atom is v7.atom) \
    else not exists (select 1 from json_tree(@1) as v7 where not case \
    when typeof(v7.key) = 'text' and instr(v7.key, '[') > 0 then @!json:containment@ \
    when instr(v7.path, '[') > 0 then 1 \
    when typeof(v7.key) = 'integer' then json_type(@0, v7.path) is 'array' \
    and exists (select 1 from json_each(@0, v7.path) as v5 \
    where replace(v5.type, 'real', 'integer') = replace(v7.type, 'real', 'integer') and v5.atom is v7.atom \
    and (v7.type not in ('array', 'object') or not exists (select 1 from json_each(v7.value) as v8 where not case \
    when v8.type in ('array', 'object') then @!json:containment@ \
    when v7.type = 'array' then exists (select 1 from json_each(v5.value) as v9 \
    where replace(v9.type, 'real', 'integer') = replace(v8.type, 'real', 'integer') and v9.atom is v8.atom) \
    else replace(json_type(v5.value, v8.fullkey), 'real', 'integer') is replace(v8.type, 'real', 'integer') \
    and v5.value ->> v8.fullkey is v8.atom end))) \
    else replace(json_type(@0, v7.fullkey), 'real', 'integer') is replace(v7.type, 'real', 'integer') \
    and (v7.type in ('array', 'object') or @0 ->> v7.fullkey is v7.atom) end) end end";

/// Two documents as one: the members of both objects, where the second's replace the first's, or the items of
/// both lists. What is no list is one item.
pub(super) const JOINED: &str = "case when @0 is null or @1 is null then null \
    when json_type(@0) = 'object' and json_type(@1) = 'object' then \
    (select json_group_object(key, json(item)) from (select v5.key, @0 -> v5.fullkey as item from json_each(@0) as v5 \
    where not exists (select 1 from json_each(@1) as v6 where v6.key = v5.key) \
    union all select v6.key, @1 -> v6.fullkey from json_each(@1) as v6)) \
    else (select json_group_array(json(item) order by part, place) from ( \
    select 0 as part, key as place, @0 -> fullkey as item from json_each(case json_type(@0) when 'array' then @0 else '[]' end) \
    union all select 0, 0, @0 where json_type(@0) <> 'array' \
    union all select 1, key, @1 -> fullkey from json_each(case json_type(@1) when 'array' then @1 else '[]' end) \
    union all select 1, 0, @1 where json_type(@1) <> 'array')) end";

/// A document without a key, or a list without a text.
pub(super) const WITHOUT: &str = "case when @0 is null or @1 is null then null \
    when json_type(@0) = 'object' then (select json_group_object(key, json(item)) from \
    (select v5.key, @0 -> v5.fullkey as item from json_each(@0) as v5 where v5.key <> @1)) \
    when json_type(@0) = 'array' then (select json_group_array(json(@0 -> v5.fullkey) order by v5.key) \
    from json_each(@0) as v5 where v5.type <> 'text' or v5.atom <> @1) \
    else @!json:object@ end";

impl Expander<'_> {
    /// Writes a function of documents whose types are not in the table; `None` when it is none.
    pub(super) fn document_function(
        &mut self,
        name: &str,
        arguments: &[Typed],
        at: Span,
    ) -> Option<Typed> {
        let kind =
            if name.starts_with("json_") || name == "to_json" { Kind::Json } else { Kind::Jsonb };
        let written = match (name, arguments) {
            ("to_jsonb" | "to_json", [one]) => {
                if one.kind == Kind::Unknown {
                    let help = "write its type: `to_jsonb('..'::text)`";
                    let message =
                        "could not determine polymorphic type because input has type unknown";
                    return Some(self.refuse_typed(at, message, help));
                }
                let Some(member) = self.as_member(one, at) else { return Some(Typed::broken()) };
                let member = Typed::new(kind, Form::Closed, member);
                let sql = "case when @0 is not null then json_quote(@1) end";
                Typed::closed(kind, template::write(sql, &[one.clone(), member]))
            }
            ("jsonb_build_array" | "json_build_array", _) => {
                let members: Option<Vec<Sql>> =
                    arguments.iter().map(|one| self.as_member(one, at)).collect();
                let Some(members) = members else { return Some(Typed::broken()) };
                Typed::closed(kind, Sql::text("json_array").and(Sql::join(members, ", ").grouped()))
            }
            ("jsonb_build_object" | "json_build_object", _) => {
                self.built_object(arguments, kind, at)
            }
            (
                "jsonb_extract_path"
                | "json_extract_path"
                | "jsonb_extract_path_text"
                | "json_extract_path_text",
                [document, path @ ..],
            ) if !path.is_empty() => self.extracted_path(name, document, path, at),
            ("jsonb_exists", [document, key]) => {
                self.binary_operation("?", document.clone(), key.clone(), at)
            }
            ("jsonb_exists_any", [document, keys]) => {
                self.binary_operation("?|", document.clone(), keys.clone(), at)
            }
            ("jsonb_exists_all", [document, keys]) => {
                self.binary_operation("?&", document.clone(), keys.clone(), at)
            }
            ("jsonb_contains", [document, part]) => {
                self.binary_operation("@>", document.clone(), part.clone(), at)
            }
            ("jsonb_contained", [part, document]) => {
                self.binary_operation("<@", part.clone(), document.clone(), at)
            }
            _ => return None,
        };
        Some(written)
    }

    fn built_object(&mut self, arguments: &[Typed], kind: Kind, at: Span) -> Typed {
        let mut members = Vec::new();
        for pair in arguments.chunks(2) {
            let [key, value] = pair else {
                let help = "write a value behind each key";
                return self.refuse_typed(
                    at,
                    "argument list must have even number of elements",
                    help,
                );
            };
            if key.is_null() {
                return self.refuse_typed(at, "key must not be null", "write the key in quotes");
            }
            let key = self.coerce(key.clone(), Kind::Text, Context::Assignment, at);
            let Some(value) = self.as_member(value, at) else { return Typed::broken() };
            members.extend([key.sql, value]);
        }
        Typed::closed(kind, Sql::text("json_object").and(Sql::join(members, ", ").grouped()))
    }

    /// A value as the functions of SQLite take it that build documents.
    fn as_member(&mut self, value: &Typed, at: Span) -> Option<Sql> {
        let template = match value.kind {
            Kind::Boolean => "json(case @0 when 1 then 'true' when 0 then 'false' else 'null' end)",
            Kind::Int2 | Kind::Int4 | Kind::Int8 | Kind::Numeric | Kind::Float4 | Kind::Float8 => {
                "@0"
            }
            Kind::Text | Kind::Varchar | Kind::Uuid | Kind::Date | Kind::Unknown => "@0",
            Kind::Time | Kind::Timestamp => "rtrim(rtrim(@0, '0'), '.')",
            Kind::TimestampTz => "rtrim(rtrim(substr(@0, 1, 26), '0'), '.') || '+00:00'",
            Kind::Json | Kind::Jsonb => "json(@0)",
            Kind::Array(Item::Timestamp | Item::TimestampTz | Item::Time | Item::Bytes)
            | Kind::Interval
            | Kind::Bytea
            | Kind::Untyped => {
                let message = format!("a document of {} is not supported", value.kind.name());
                self.refuse(at, message, "cast it to `text`");
                return None;
            }
            Kind::Array(_) => "json(@0)",
            Kind::Broken => return None,
        };
        let sql = template::write(template, std::slice::from_ref(value));
        // A text that SQLite knows for JSON would become a part of the document rather than a string.
        let is_text = value.kind.is_text() && !value.is_simple();
        Some(if is_text { sql.grouped().then(" || ''") } else { sql })
    }

    /// `jsonb_extract_path(document, 'a', 'b')` is `document #> '{a,b}'`.
    fn extracted_path(&mut self, name: &str, document: &Typed, path: &[Typed], at: Span) -> Typed {
        let keys: Option<Vec<&str>> = path.iter().map(Typed::text).collect();
        let Some(keys) = keys else {
            let message = "the path to a member consists of strings in quotes here";
            return self.refuse_typed(at, message, "write `jsonb_extract_path(.., 'key', '0')`");
        };
        let path = Typed { kind: Kind::Array(Item::Text), ..Typed::string(&literal_of(&keys)) };
        let operator = if name.ends_with("_text") { "#>>" } else { "#>" };
        self.binary_operation(operator, document.clone(), path, at)
    }
}

/// Strings as the literal of an array.
pub(super) fn literal_of(items: &[&str]) -> String {
    let quote = |item: &&str| format!("\"{}\"", item.replace('\\', "\\\\").replace('"', "\\\""));
    format!("{{{}}}", items.iter().map(quote).collect::<Vec<_>>().join(","))
}
