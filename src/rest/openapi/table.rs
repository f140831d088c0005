//! Tables and views: a path with the verbs that a role has, a filter for each column that it may
//! read, and a schema for what it reads, one for what it inserts and one for what it changes.

use super::fixed;
use crate::catalog::{Column, ForeignKey, Table, TableKind, Type};
use crate::http::Method;
use crate::http::json::{self, Writer, quoted};
use crate::rest::Call;
use crate::rest::plan::{Privilege, Source};
use crate::route::{self, Route};

/// A table, and what somebody may do with it. A privilege is the columns that it covers.
pub struct Reach<'a> {
    call: &'a Call<'a>,
    table: &'a Table,
    /// Its name as that of a component.
    component: String,
    select: Option<Vec<&'a Column>>,
    insert: Option<Vec<&'a Column>>,
    update: Option<Vec<&'a Column>>,
    delete: Option<Vec<&'a Column>>,
}

impl<'a> Reach<'a> {
    /// `None` when they may do nothing with it, and so may not know of it.
    pub fn of(table: &'a Table, call: &'a Call<'a>) -> Option<Self> {
        let reach = Self {
            call,
            table,
            component: component(&table.name),
            select: covered(table, Privilege::Select, call),
            insert: covered(table, Privilege::Insert, call),
            update: covered(table, Privilege::Update, call),
            delete: covered(table, Privilege::Delete, call),
        };
        let verbs = [&reach.select, &reach.insert, &reach.update, &reach.delete];
        verbs.iter().any(|columns| columns.is_some()).then_some(reach)
    }

    /// Whether this is the table of that name, and may be read.
    pub fn reads(&self, name: &str) -> bool {
        self.table.name == name && self.select.is_some()
    }

    /// The path and its verbs.
    pub fn path(&self, json: &mut Writer) {
        json.key(&route::below_rest(&self.table.name));
        json.raw("{");
        for method in (Route::Table { name: String::new() }).methods() {
            let template = match method {
                Method::Get if self.select.is_some() => fixed::GET,
                Method::Post if self.insert.is_some() => fixed::POST,
                Method::Put if self.puts() => fixed::PUT,
                Method::Patch if self.update.is_some() => fixed::PATCH,
                Method::Delete if self.delete.is_some() => fixed::DELETE,
                _ => continue,
            };
            self.operation(json, template, *method == Method::Put);
        }
        json.end("}");
    }

    /// Whether a row can be put, which inserts or changes the one whose key is asked for.
    fn puts(&self) -> bool {
        let key = &self.table.primary_key;
        let covers_key = |columns: &Option<Vec<&Column>>| {
            key.iter().all(|name| columns.iter().flatten().any(|column| column.name == *name))
        };
        !key.is_empty()
            && covers_key(&self.select)
            && covers_key(&self.insert)
            && covers_key(&self.update)
    }

    fn operation(&self, json: &mut Writer, template: &str, by_key: bool) {
        let mut filters = String::new();
        for column in self.select.iter().flatten() {
            if !by_key || self.table.primary_key.contains(&column.name) {
                filters.push_str(r##"{"$ref":"#/components/parameters/"##);
                filters.push_str(&self.filter(column));
                filters.push_str("\"},");
            }
        }
        let mut rows = String::new();
        if self.select.is_some() {
            rows = [fixed::ROWS, &self.component, fixed::ROWS_END].concat();
        }
        let tag = quoted(&self.table.name);
        let holes = [
            ("@", tag.as_str()),
            ("~", &self.component),
            ("*", &filters),
            ("^", &rows),
            ("!", fixed::REFUSAL),
        ];
        json.fill(template, &holes);
    }

    /// A parameter for each column that may be read, and so filtered by.
    pub fn filters(&self, json: &mut Writer) {
        for column in self.select.iter().flatten() {
            json.key(&self.filter(column));
            json.fill(fixed::FILTER, &[("@", &quoted(&query_key(&column.name)))]);
        }
    }

    /// The component that describes the filter by a column.
    fn filter(&self, column: &Column) -> String {
        ["filter.", &self.component, ".", &component(&column.name)].concat()
    }

    /// The schemas of its rows.
    pub fn schemas(&self, json: &mut Writer) {
        self.schema(json, "", self.select.as_deref());
        self.schema(json, INSERT, self.insert.as_deref());
        self.schema(json, UPDATE, self.update.as_deref());
    }

    /// The schema of what is read, or with a suffix of what is written.
    fn schema(&self, json: &mut Writer, suffix: &str, columns: Option<&[&Column]>) {
        let Some(columns) = columns else { return };
        let (reads, inserts) = (suffix.is_empty(), suffix == INSERT);
        json.key(&[&self.component, suffix].concat());
        json.raw(r#"{"type":"object","properties":{"#);
        let mut required = Writer::default();
        required.raw("[");
        for column in columns {
            if column.generated && !reads {
                continue;
            }
            json.key(&column.name);
            json.raw("{");
            value(json, column);
            if reads {
                self.notes(json, column);
            } else if inserts && let Some(default) = default(column) {
                json.raw("\"default\":");
                json.end(&default);
            }
            json.end("}");
            if reads || (inserts && self.must_be_given(column)) {
                required.text(&column.name);
            }
        }
        json.end("},\"required\":");
        json.end(&required.finish());
        json.end(if reads { "]}" } else { "],\"additionalProperties\":false}" });
    }

    /// SQLite numbers the rows of an `integer primary key` by itself.
    fn must_be_given(&self, column: &Column) -> bool {
        let is_numbered = self.table.primary_key == [column.name.as_str()]
            && column.kind == Type::BigInt
            && ["integer", "bigserial", "smallserial"]
                .iter()
                .any(|numbered| column.declared.eq_ignore_ascii_case(numbered));
        !column.nullable && column.default.is_none() && !is_numbered
    }

    /// What tools look for in descriptions, in `PostgREST`'s words.
    fn notes(&self, json: &mut Writer, column: &Column) {
        if column.generated {
            json.raw("\"readOnly\":true");
        }
        let mut notes = String::new();
        if self.table.primary_key.contains(&column.name) {
            notes.push_str("\nThis is a Primary Key.<pk/>");
        }
        for key in &self.table.foreign_keys {
            if let Some(other) = self.referred(key, column) {
                let table = &key.references;
                for part in ["\nThis is a Foreign Key to `", table, ".", other, "`.<fk table='"] {
                    notes.push_str(part);
                }
                for part in [table, "' column='", other, "'/>"] {
                    notes.push_str(part);
                }
            }
        }
        if !notes.is_empty() {
            json.key("description");
            json.text(&["Note:", &notes].concat());
        }
    }

    /// The column that a foreign key's column refers to, if it may be read.
    fn referred<'k>(&self, key: &'k ForeignKey, column: &Column) -> Option<&'k str> {
        let mut pairs = key.columns.iter().zip(&key.referenced_columns);
        let (_, other) = pairs.find(|(own, _)| **own == column.name)?;
        let table = self.call.catalog.table(&key.references)?;
        let columns = covered(table, Privilege::Select, self.call)?;
        columns.iter().any(|column| column.name == *other).then_some(other)
    }
}

/// What the schemas of what is written have behind the table's name.
const INSERT: &str = ".insert";
const UPDATE: &str = ".update";

/// The columns that a privilege covers; `None` without it. Views are only read.
fn covered<'a>(table: &'a Table, privilege: Privilege, call: &Call<'a>) -> Option<Vec<&'a Column>> {
    if table.kind == TableKind::View && privilege != Privilege::Select {
        return None;
    }
    let source = Source::new(table, privilege, (call.who, call.now)).ok()?;
    let columns = table.columns.iter();
    Some(columns.filter(|column| source.cover(&column.name).is_ok()).collect())
}

/// A column's values, as members of a schema.
pub fn value(json: &mut Writer, column: &Column) {
    type_of(json, column.kind, column.nullable);
    if !column.options.is_empty() {
        json.raw("\"enum\":[");
        for option in &column.options {
            json.text(option);
        }
        json.end(if column.nullable { ",null]" } else { "]" });
    }
}

/// The members of a schema of rows with those columns.
pub fn members(json: &mut Writer, columns: &[Column]) {
    json.raw("\"type\":\"object\",\"properties\":{");
    for column in columns {
        json.key(&column.name);
        json.raw("{");
        value(json, column);
        json.end("}");
    }
    json.end("}");
}

/// The members of a schema that say of which type a value is.
fn type_of(json: &mut Writer, kind: Type, nullable: bool) {
    let (name, format) = match kind {
        Type::Boolean => ("boolean", ""),
        Type::SmallInt => ("integer", "int16"),
        Type::Integer => ("integer", "int32"),
        Type::BigInt => ("integer", "int64"),
        Type::Double => ("number", "double"),
        Type::Numeric { .. } => ("number", "decimal"),
        Type::Text { .. } | Type::Bytes => ("string", ""),
        Type::Uuid => ("string", "uuid"),
        Type::TimestampTz => ("string", "date-time"),
        Type::Timestamp => ("string", "date-time-local"),
        Type::Date => ("string", "date"),
        Type::Time => ("string", "time-local"),
        Type::Array(_) => ("array", ""),
        // Anything, null too.
        Type::Json | Type::Any => return,
    };
    json.raw(if nullable { "\"type\":[" } else { "\"type\":" });
    json.text(name);
    if nullable {
        json.end(",\"null\"]");
    }
    if !format.is_empty() {
        json.key("format");
        json.text(format);
    }
    match kind {
        Type::Text { characters_max: Some(most) } => {
            json.raw("\"maxLength\":");
            json.end(&i64::from(most).to_string());
        }
        Type::Array(item) => {
            json.raw("\"items\":{");
            type_of(json, item.kind(), true);
            json.end("}");
        }
        _ => {}
    }
}

/// A default that is a constant, as JSON; what is computed for each row has no value to tell.
pub fn default(column: &Column) -> Option<String> {
    let sql = column.default.as_deref()?;
    let constant = match column.kind {
        Type::Boolean => {
            let is_true = sql == "1" || sql.eq_ignore_ascii_case("true");
            let is_false = sql == "0" || sql.eq_ignore_ascii_case("false");
            return (is_true || is_false).then(|| is_true.to_string());
        }
        Type::SmallInt | Type::Integer | Type::BigInt | Type::Double | Type::Numeric { .. } => {
            let first = sql.as_bytes().first()?;
            (first.is_ascii_digit() || *first == b'-').then(|| sql.to_owned())?
        }
        _ => {
            let inside = sql.strip_prefix('\'')?.strip_suffix('\'')?;
            if inside.contains('\'') {
                return None;
            }
            match column.kind {
                Type::Json | Type::Array(_) => inside.to_owned(),
                _ => quoted(inside),
            }
        }
    };
    // SQL has ways to write a number that JSON has not.
    json::checked(constant.as_bytes()).is_ok().then_some(constant)
}

/// A name as the name of a component, which has letters, digits, `.`, `-` and `_` alone: any other
/// byte, and the first two of these, become a hyphen and two letters, so that no two names become
/// one.
pub fn component(name: &str) -> String {
    let mut component = Vec::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || byte == b'_' {
            component.push(byte);
        } else {
            let letter = |half: u8| b'a'.wrapping_add(half);
            component.extend_from_slice(&[b'-', letter(byte >> 4), letter(byte & 15)]);
        }
    }
    String::from_utf8(component).unwrap_or_default()
}

/// A column's name as the key of a filter: in quotes when the dialect would read it otherwise.
fn query_key(name: &str) -> String {
    const WORDS: [&str; 8] =
        ["select", "columns", "on_conflict", "order", "limit", "offset", "and", "or"];
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_plain && !WORDS.contains(&name) { name.to_owned() } else { quoted(name) }
}
