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
/// second stands at the same place in the first, where the items of a list are at any place. Lists of lists and
/// lists of objects would have to be tried item by item: they raise an error.
pub(super) const CONTAINS: &str = "case when @0 is not null and @1 is not null then case \
    when json_type(@0) = 'array' and json_type(@1) not in ('array', 'object') then \
    exists (select 1 from json_each(@0) as l, json_tree(@1) as p \
    where replace(l.type, 'real', 'integer') = replace(p.type, 'real', 'integer') and l.atom is p.atom) \
    else not exists (select 1 from json_tree(@1) as p where not case \
    when typeof(p.key) = 'integer' then case when p.type in ('array', 'object') then @!json:containment@ \
    else json_type(@0, p.path) is 'array' and exists (select 1 from json_each(@0, p.path) as l \
    where replace(l.type, 'real', 'integer') = replace(p.type, 'real', 'integer') and l.atom is p.atom) end \
    else replace(json_type(@0, p.fullkey), 'real', 'integer') is replace(p.type, 'real', 'integer') \
    and (p.type in ('array', 'object') or @0 ->> p.fullkey is p.atom) end) end end";

/// Two documents as one: the members of both objects, where the second's replace the first's, or the items of
/// both lists. What is no list is one item.
pub(super) const JOINED: &str = "case when @0 is null or @1 is null then null \
    when json_type(@0) = 'object' and json_type(@1) = 'object' then \
    (select json_group_object(key, json(item)) from (select l.key, @0 -> l.fullkey as item from json_each(@0) as l \
    where not exists (select 1 from json_each(@1) as r where r.key = l.key) \
    union all select r.key, @1 -> r.fullkey from json_each(@1) as r)) \
    when (json_type(@0) = 'object' and json_type(@1) <> 'array') or (json_type(@1) = 'object' and json_type(@0) <> 'array') \
    then @!json:object@ \
    else (select json_group_array(json(item) order by part, place) from ( \
    select 0 as part, key as place, @0 -> fullkey as item from json_each(case json_type(@0) when 'array' then @0 else '[]' end) \
    union all select 0, 0, @0 where json_type(@0) <> 'array' \
    union all select 1, key, @1 -> fullkey from json_each(case json_type(@1) when 'array' then @1 else '[]' end) \
    union all select 1, 0, @1 where json_type(@1) <> 'array')) end";

/// A document without a key, or a list without a text.
pub(super) const WITHOUT: &str = "case when @0 is null or @1 is null then null \
    when json_type(@0) = 'object' then (select json_group_object(key, json(item)) from \
    (select l.key, @0 -> l.fullkey as item from json_each(@0) as l where l.key <> @1)) \
    when json_type(@0) = 'array' then (select json_group_array(json(@0 -> l.fullkey) order by l.key) \
    from json_each(@0) as l where l.type <> 'text' or l.atom <> @1) \
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
