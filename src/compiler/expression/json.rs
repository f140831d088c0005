//! Operators of `json` and `jsonb`. A document is kept as text; paths, and documents that something is
//! compared with, are literals, so that they become paths and comparisons of SQLite's.

use serde_json::Value;

use super::document;
use super::kind::Kind;
use super::template::{self, quoted};
use super::typed::{Literal, Typed};
use crate::compiler::expand::Expander;
use crate::compiler::report::Span;
use crate::compiler::sql::Sql;
use crate::values;

/// The nodes of a document in an order of their paths, numbers being numbers however they are written.
const NODES: &str = "(select json_group_array(json_array(fullkey, case type when 'integer' then 'number' \
    when 'real' then 'number' else type end, case when type = 'real' and abs(atom) < 1e15 and atom = cast(atom as integer) then cast(atom as integer) else atom end)) \
    from (select fullkey, type, atom from json_tree(@) order by fullkey))";

/// Whether a document has the text as a key, or as an item, or is the text.
const HAS_KEY: &str = "exists (select 1 from json_each(@0) as v5 where case json_type(@0) when 'object' \
    then v5.key = @1 else v5.type = 'text' and v5.atom = @1 end)";

impl Expander<'_> {
    /// Writes an operator of documents.
    pub(super) fn json_operation(
        &mut self,
        name: &str,
        operands: &[Typed],
        result: Kind,
        at: Span,
    ) -> Typed {
        let [left, right] = operands else { return Typed::broken() };
        match name {
            "->" | "->>" => match step(right) {
                Some(step) => {
                    self.advise_claim(left, right.text().unwrap_or_default(), at);
                    found(left, &step, result)
                }
                None if right.kind == Kind::Int4 => item(operands, result),
                None => {
                    let message = "the key of a member is a string in quotes here";
                    self.refuse_typed(at, message, "write `.. -> 'key'`")
                }
            },
            "#>" | "#>>" => self.at_path(left, right, result, at),
            "=" | "<>" => self.same_document(left, right, name == "<>", at),
            "@>" => self.contains(left, right, at),
            "<@" => self.contains(right, left, at),
            "?" => Typed::closed(
                Kind::Boolean,
                template::write(
                    &format!("case when @0 is not null and @1 is not null then {HAS_KEY} end"),
                    operands,
                ),
            ),
            "||" => Typed::closed(result, template::write(document::JOINED, operands)),
            "-" => Typed::closed(result, template::write(document::WITHOUT, operands)),
            _ => {
                let key = HAS_KEY.replace("@1", "v6.value");
                let any = format!("exists (select 1 from json_each(@1) as v6 where {key})");
                let all = format!(
                    "not exists (select 1 from json_each(@1) as v6 where v6.value is not null and not {key})"
                );
                let test = if name == "?|" { any } else { all };
                let sql = format!("case when @0 is not null and @1 is not null then {test} end");
                Typed::closed(Kind::Boolean, template::write(&sql, operands))
            }
        }
    }

    /// Follows a path such as `'{a,0,b}'`, in which a number is an index in a list and a key in an object.
    fn at_path(&mut self, left: &Typed, right: &Typed, result: Kind, at: Span) -> Typed {
        let items = right.text().and_then(|text| values::items(text).ok());
        let Some(items) = items else {
            let message = "a path is a string in quotes here";
            return self.refuse_typed(at, message, "write `.. #>> '{key,0}'`");
        };
        let document = left.kind;
        let mut value = left.clone();
        let last = items.len().saturating_sub(1);
        for (index, item) in items.iter().enumerate() {
            let Some(item) = item else { return Typed { kind: result, ..Typed::null() } };
            let kind = if index == last { result } else { document };
            let key = found(&value, &path_key(item), kind);
            value = match item.parse::<i64>() {
                Ok(number) => {
                    let in_list = found(&value, &path_index(number), kind);
                    let sql = Sql::text("case json_type(")
                        .and(value.sql.clone())
                        .then(") when 'array' then ")
                        .and(in_list.sql)
                        .then(" else ")
                        .and(key.sql)
                        .then(" end");
                    Typed::closed(kind, sql)
                }
                Err(_) => key,
            };
        }
        if items.is_empty() && result == Kind::Text { found(&value, "", result) } else { value }
    }

    /// Writes whether two documents are the same: by their nodes, or node by node with a literal.
    fn same_document(&mut self, left: &Typed, right: &Typed, negated: bool, at: Span) -> Typed {
        let (value, literal) = match (left.text(), right.text()) {
            (_, Some(text)) => (left, Some(text)),
            (Some(text), None) => (right, Some(text)),
            (None, None) => (left, None),
        };
        let sql = if let Some(text) = literal {
            let Some(json) = self.document(text, at) else { return Typed::broken() };
            let same = equal("@0", "$", &json);
            let same = format!("case when @0 is not null then coalesce({same}, 0) end");
            template::write(&same, std::slice::from_ref(value))
        } else {
            let nodes = [NODES.replace("(@)", "(@0)"), NODES.replace("(@)", "(@1)")];
            let same = format!(
                "case when @0 is not null and @1 is not null then {} end",
                nodes.join(" = ")
            );
            template::write(&same, &[left.clone(), right.clone()])
        };
        if negated {
            Typed::open(Kind::Boolean, Sql::text("not ").and(sql))
        } else {
            Typed::closed(Kind::Boolean, sql)
        }
    }

    fn contains(&mut self, document: &Typed, part: &Typed, at: Span) -> Typed {
        let Some(text) = part.text() else {
            if part.is_null() {
                return Typed { kind: Kind::Boolean, ..Typed::null() };
            }
            let sql = template::write(document::CONTAINS, &[document.clone(), part.clone()]);
            return Typed::closed(Kind::Boolean, sql);
        };
        let Some(json) = self.document(text, at) else { return Typed::broken() };
        let mut test = self.containing("@0", "$", &json);
        if !json.is_array() && !json.is_object() {
            // A scalar is also contained in a list that has it.
            let alias = self.fresh_alias();
            let item = equal_item(&alias, &json);
            test = format!(
                "{test} or (json_type(@0) = 'array' and exists (select 1 from json_each(@0) as {alias} where {item}))"
            );
        }
        let sql = format!("case when @0 is not null then coalesce({test}, 0) end");
        Typed::closed(Kind::Boolean, template::write(&sql, std::slice::from_ref(document)))
    }

    /// Writes whether the node at a path contains what a literal says.
    fn containing(&mut self, base: &str, path: &str, json: &Value) -> String {
        let is = |kind: &str| format!("json_type({base}, {}) = '{kind}'", quoted(path));
        match json {
            Value::Object(members) => {
                let mut tests = vec![is("object")];
                for (key, value) in members {
                    let path = format!("{path}{}", path_key(key));
                    tests.push(self.containing(base, &path, value));
                }
                format!("({})", tests.join(" and "))
            }
            Value::Array(items) => {
                let mut tests = vec![is("array")];
                for item in items {
                    let alias = self.fresh_alias();
                    let test = if item.is_array() || item.is_object() {
                        let kind = if item.is_array() { "array" } else { "object" };
                        let inner = self.containing(&format!("{alias}.value"), "$", item);
                        format!("{alias}.type = '{kind}' and {inner}")
                    } else {
                        equal_item(&alias, item)
                    };
                    tests.push(format!(
                        "exists (select 1 from json_each({base}, {}) as {alias} where {test})",
                        quoted(path)
                    ));
                }
                format!("({})", tests.join(" and "))
            }
            scalar => equal(base, path, scalar),
        }
    }

    fn document(&mut self, text: &str, at: Span) -> Option<Value> {
        let read = serde_json::from_str(text).ok();
        if read.is_none() {
            let message = format!("invalid input syntax for type json: \"{text}\"");
            self.refuse(at, message, "write JSON in single quotes");
        }
        read
    }
}

/// Follows one step from a document; steps from a document that was itself reached by steps make one path.
fn found(document: &Typed, step: &str, result: Kind) -> Typed {
    let (base, path) = match &document.json {
        Some(reached) => (&reached.0, format!("{}{step}", reached.1)),
        None => (document, format!("${step}")),
    };
    let sql = if result == Kind::Text {
        // The text of a string; of anything else, its JSON. SQLite would make 1 of true.
        let template = format!(
            "case json_type(@0, {0}) when 'text' then @0 ->> {0} when 'null' then null else @0 -> {0} end",
            quoted(&path)
        );
        let sql = template::write(&template, std::slice::from_ref(base));
        return Typed {
            is_json_text: true,
            json: Some(Box::new((base.clone(), path))),
            ..Typed::closed(result, sql)
        };
    } else {
        template::write(&format!("@0 -> {}", quoted(&path)), std::slice::from_ref(base))
    };
    Typed { json: Some(Box::new((base.clone(), path))), ..Typed::open(result, sql) }
}

/// A literal's step in a path.
fn step(key: &Typed) -> Option<String> {
    match (&key.literal, key.kind) {
        (Some(Literal::Text(key)), Kind::Text) => Some(path_key(key)),
        _ => None,
    }
}

fn path_key(key: &str) -> String {
    let is_plain = key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_plain { format!(".{key}") } else { format!(".{}", Value::from(key)) }
}

/// A negative number counts from the end.
fn path_index(number: i64) -> String {
    if number < 0 { format!("[#{number}]") } else { format!("[{number}]") }
}

/// An item by its number. A `jsonb` that is a scalar is a list of itself to PostgreSQL, unlike a `json`.
fn item(operands: &[Typed], result: Kind) -> Typed {
    let [document, number] = operands else { return Typed::broken() };
    let literal = match &number.literal {
        Some(Literal::Number(digits)) => digits.parse::<i64>().ok(),
        _ => None,
    };
    let is_list =
        document.kind == Kind::Jsonb && literal.is_none_or(|number| matches!(number, 0 | -1));
    if let (Some(number), false) = (literal, is_list) {
        return found(document, &path_index(number), result);
    }
    let path = match literal {
        Some(number) => quoted(&format!("${}", path_index(number))),
        None => "('$[' || case when @1 < 0 then '#' else '' end || @1 || ']')".to_owned(),
    };
    let own = match (is_list, literal) {
        (false, _) => "null",
        (true, Some(_)) => "@0",
        (true, None) => "case when @1 in (0, -1) then @0 end",
    };
    let sql = format!(
        "case json_type(@0) when 'array' then @0 -> {path} when 'object' then null else {own} end"
    );
    let item = Typed::closed(document.kind, template::write(&sql, operands));
    if result == Kind::Text { found(&item, "", result) } else { Typed { kind: result, ..item } }
}

/// Writes `document[key]`, where a scalar has no items.
pub(super) fn json_subscript(document: &Typed, key: &Typed) -> Option<Typed> {
    match (&key.literal, key.kind) {
        (Some(Literal::Number(digits)), Kind::Int4) => {
            Some(found(document, &path_index(digits.parse().ok()?), Kind::Jsonb))
        }
        (Some(Literal::Text(text)), Kind::Unknown | Kind::Text) => {
            Some(found(document, &path_key(text), Kind::Jsonb))
        }
        _ => None,
    }
}

/// Writes whether the node at a path is the same as a literal; null where there is no such node.
fn equal(base: &str, path: &str, json: &Value) -> String {
    let at = quoted(path);
    let is = |kind: &str| format!("json_type({base}, {at}) = '{kind}'");
    match json {
        Value::Null => is("null"),
        Value::Bool(true) => is("true"),
        Value::Bool(false) => is("false"),
        Value::Number(number) => {
            format!(
                "(json_type({base}, {at}) in ('integer', 'real') and {base} ->> {at} = {number})"
            )
        }
        Value::String(text) => format!("({} and {base} ->> {at} = {})", is("text"), quoted(text)),
        Value::Array(items) => {
            let length = format!("json_array_length({base}, {at}) = {}", items.len());
            let items = items
                .iter()
                .enumerate()
                .map(|(index, item)| equal(base, &format!("{path}[{index}]"), item));
            let tests: Vec<String> = [is("array"), length].into_iter().chain(items).collect();
            format!("({})", tests.join(" and "))
        }
        Value::Object(members) => {
            let count =
                format!("(select count(*) from json_each({base}, {at})) = {}", members.len());
            let members = members
                .iter()
                .map(|(key, value)| equal(base, &format!("{path}{}", path_key(key)), value));
            let tests: Vec<String> = [is("object"), count].into_iter().chain(members).collect();
            format!("({})", tests.join(" and "))
        }
    }
}

/// The same of an item of a list that is walked through.
fn equal_item(alias: &str, json: &Value) -> String {
    match json {
        Value::Number(number) => {
            format!("{alias}.type in ('integer', 'real') and {alias}.atom = {number}")
        }
        Value::String(text) => {
            format!("{alias}.type = 'text' and {alias}.atom = {}", quoted(text))
        }
        other => format!("{alias}.type = '{other}'"),
    }
}
