//! Functions that yield rows: in `from`, and in the columns of a select.
//!
//! SQLite's `json_each` is what all of them are for SQLite, since it may refer to what stands before it in
//! `from`. What PostgreSQL raises an error for, as the items of an object, raises one here.

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, GroupByExpr, Select, Spanned,
    TableAlias, TableFactor,
};

use super::Context;
use super::kind::Kind;
use super::template::{self, raise};
use super::typed::{Form, Typed};
use crate::compiler::expand::{Expander, Item};
use crate::compiler::parse::span;
use crate::compiler::report::Span;
use crate::compiler::rules::Columns;
use crate::compiler::sql::Sql;

/// What a function yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Yield {
    /// The items of an array.
    Unnested,
    /// The parts of a text between a separator.
    Parts,
    /// The items of a list, as documents or as texts.
    Items { is_text: bool },
    /// The keys of an object.
    Keys,
    /// The keys of an object with their values.
    Pairs { is_text: bool },
}

/// Every function that yields rows, and the type of the document that it takes.
const ROWS: &[(&str, Kind, Yield)] = &[
    ("unnest", Kind::Unknown, Yield::Unnested),
    ("string_to_table", Kind::Text, Yield::Parts),
    ("jsonb_array_elements", Kind::Jsonb, Yield::Items { is_text: false }),
    ("jsonb_array_elements_text", Kind::Jsonb, Yield::Items { is_text: true }),
    ("json_array_elements", Kind::Json, Yield::Items { is_text: false }),
    ("json_array_elements_text", Kind::Json, Yield::Items { is_text: true }),
    ("jsonb_object_keys", Kind::Jsonb, Yield::Keys),
    ("json_object_keys", Kind::Json, Yield::Keys),
    ("jsonb_each", Kind::Jsonb, Yield::Pairs { is_text: false }),
    ("jsonb_each_text", Kind::Jsonb, Yield::Pairs { is_text: true }),
    ("json_each", Kind::Json, Yield::Pairs { is_text: false }),
    ("json_each_text", Kind::Json, Yield::Pairs { is_text: true }),
];

/// A list, or an error.
const LIST: &str = "case json_type(@0) when 'array' then @0 else case when @0 is not null then @!json:array@ end end";
/// An object, or an error.
const OBJECT: &str = "case json_type(@0) when 'object' then @0 else case when @0 is not null then @!json:object@ end end";

/// A call of such a function in `from`.
struct Call<'q> {
    name: String,
    arguments: Vec<&'q Expr>,
    alias: Option<&'q TableAlias>,
    has_ordinality: bool,
    at: Span,
}

/// The rows of a call.
struct Rows {
    /// The item of `from`.
    sql: Sql,
    columns: Vec<(String, Typed)>,
    /// Whether PostgreSQL has no name for the only column but the function's or its alias.
    is_unnamed: bool,
    /// The number of a row, where rows have an order.
    ordinal: Option<Typed>,
}

/// Whether a function of that name yields rows.
pub(super) fn yields_rows(name: &str) -> bool {
    ROWS.iter().any(|(known, ..)| *known == name)
}

/// Whether an expression calls such a function.
pub(in crate::compiler) fn has_rows(expression: &Expr) -> bool {
    let text = expression.to_string().to_ascii_lowercase();
    ROWS.iter().any(|(name, ..)| text.contains(&format!("{name}(")))
}

impl Expander<'_> {
    /// Writes a function in `from`; `None` for an item that is none.
    pub(in crate::compiler) fn rows_of(&mut self, factor: &TableFactor) -> Option<Sql> {
        let call = match call(factor)? {
            Ok(call) => call,
            Err(at) => {
                self.show(Item::broken(""), at);
                let help =
                    "write the function with its arguments and an alias: `unnest(..) as item`";
                return Some(self.refuse(at, "this item of `from` is not supported", help));
            }
        };
        let called = call.alias.map_or_else(|| call.name.clone(), |alias| alias.name.value.clone());
        let arguments: Vec<Typed> =
            call.arguments.iter().map(|argument| self.expression(argument)).collect();
        let Some(rows) = self.yielded(&call.name, arguments, call.at) else {
            self.show(Item::broken(&called), call.at);
            return Some(Sql::default());
        };
        let is_value = rows.columns.len() == 1 && !call.has_ordinality;
        let mut columns = rows.columns;
        if let (true, [(name, _)]) = (rows.is_unnamed, columns.as_mut_slice()) {
            name.clone_from(&called);
        }
        match (call.has_ordinality, rows.ordinal) {
            (true, Some(ordinal)) => columns.push(("ordinality".to_owned(), ordinal)),
            (true, None) => {
                let help = "leave out `with ordinality`";
                self.refuse(call.at, "these rows have no order here", help);
            }
            (false, _) => {}
        }
        let renamed = call.alias.map(|alias| alias.columns.as_slice()).unwrap_or_default();
        if renamed.len() > columns.len() {
            let message = format!(
                "table \"{called}\" has {} columns available but {} columns specified",
                columns.len(),
                renamed.len()
            );
            self.refuse(call.at, message, "name as many columns as there are");
        }
        for ((name, _), new) in columns.iter_mut().zip(renamed) {
            name.clone_from(&new.name.value);
        }
        let (columns, written): (Vec<String>, Vec<Typed>) = columns.into_iter().unzip();
        let item = Item {
            name: called,
            row: Sql::default(),
            columns,
            kinds: written.iter().map(|column| column.kind).collect(),
            scales: Vec::new(),
            options: Vec::new(),
            written,
            is_value,
            key: Vec::new(),
            readable: Columns::All,
            is_auth: false,
            is_broken: false,
        };
        self.show(item, call.at);
        Some(rows.sql)
    }

    /// Writes a function that yields rows in a column of a select: one more item of its `from`. `None` for
    /// other functions.
    pub(super) fn rows_in_select(
        &mut self,
        function: &Function,
        is_allowed: bool,
        at: Span,
    ) -> Option<Typed> {
        let name = match function.name.0.as_slice() {
            [name] => name.as_ident()?.value.to_ascii_lowercase(),
            _ => return None,
        };
        if !yields_rows(&name) {
            return None;
        }
        if !is_allowed {
            let message = "set-returning functions are not allowed here";
            let help =
                format!("write it in `from`: `exists (select 1 from {name}(..) as item where ..)`");
            return Some(self.refuse_typed(at, message, &help));
        }
        if !self.lateral.is_empty() {
            let help = "write the functions in `from`";
            return Some(self.refuse_typed(
                at,
                "two functions that yield rows are not supported",
                help,
            ));
        }
        let Some(arguments) = plain_arguments_of(function) else {
            return Some(self.refuse_typed(at, "this argument is not supported", "write a value"));
        };
        let arguments: Vec<Typed> =
            arguments.into_iter().map(|argument| self.expression(argument)).collect();
        let Some(Rows { sql, columns, .. }) = self.yielded(&name, arguments, at) else {
            return Some(Typed::broken());
        };
        if let Ok([(_, column)]) = <[_; 1]>::try_from(columns) {
            self.lateral.push(sql);
            return Some(column);
        }
        let help = format!("write it in `from`: `select key from {name}(..)`");
        Some(self.refuse_typed(at, format!("{name} has two columns"), &help))
    }

    /// Adds what the columns of a select call to its `from`.
    pub(in crate::compiler) fn with_lateral(
        &mut self,
        from: Sql,
        select: &Select,
        is_grouped: bool,
    ) -> Sql {
        let lateral = std::mem::take(&mut self.lateral);
        let Some(first) = lateral.first() else { return from };
        let is_grouped = is_grouped
            || select.having.is_some()
            || !matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty());
        if is_grouped {
            let message = "a function that yields rows is not supported beside aggregates";
            return self.refuse(span(select.span()), message, "write the function in `from`");
        }
        if from.is_empty() { first.clone() } else { from.then(" join ").and(first.clone()) }
    }

    fn yielded(&mut self, name: &str, arguments: Vec<Typed>, at: Span) -> Option<Rows> {
        let Some((_, takes, what)) = ROWS.iter().find(|(known, ..)| *known == name) else {
            let names: Vec<String> = ROWS.iter().map(|(name, ..)| format!("{name}(..)")).collect();
            let message = format!("function {name}() yields no rows here");
            self.refuse(at, message, &format!("there are {}", names.join(", ")));
            return None;
        };
        if arguments.iter().any(Typed::is_broken) {
            return None;
        }
        if *what == Yield::Parts {
            let list = self.called("string_to_array", arguments, at);
            return (!list.is_broken()).then(|| self.unnested(&list, Kind::Text));
        }
        let Ok([value]) = <[Typed; 1]>::try_from(arguments) else {
            self.refuse(at, format!("{name}() takes one value"), "write one value");
            return None;
        };
        match (*what, value.kind) {
            (Yield::Unnested, Kind::Array(item)) => {
                Some(self.unnested(&value, Kind::of(item.kind(), "")))
            }
            (Yield::Unnested, kind) => {
                let message = format!("function unnest({}) does not exist", kind.name());
                let help = match kind {
                    Kind::Jsonb => "write `jsonb_array_elements_text(..)`",
                    Kind::Json => "write `json_array_elements_text(..)`",
                    _ => "write an array: a column of an array type, or `array[..]`",
                };
                self.refuse(at, message, help);
                None
            }
            (_, Kind::Array(_)) => {
                let message = format!("function {name}({}) does not exist", value.kind.name());
                self.refuse(at, message, "write `unnest(..)`");
                None
            }
            (_, kind) if kind != *takes && kind != Kind::Unknown => {
                let message = format!("function {name}({}) does not exist", kind.name());
                let other = match kind {
                    Kind::Jsonb if name.starts_with("json_") => name.replacen("json_", "jsonb_", 1),
                    Kind::Json => name.replacen("jsonb_", "json_", 1),
                    _ => "a document, such as `.. -> 'key'`".to_owned(),
                };
                self.refuse(at, message, &format!("write {other}"));
                None
            }
            (what, _) => {
                let value = self.coerce(value, *takes, Context::Implicit, at);
                (!value.is_broken()).then(|| self.of_document(what, *takes, &value))
            }
        }
    }

    fn unnested(&mut self, array: &Typed, item: Kind) -> Rows {
        let alias = self.fresh_alias();
        let sql = Sql::text("json_each").and(array.sql.clone().grouped()).then(" as ").then(&alias);
        let column = Typed::new(item, Form::Simple, Sql::text(format!("{alias}.value")));
        Rows {
            sql,
            columns: vec![("unnest".to_owned(), column)],
            is_unnamed: true,
            ordinal: Some(ordinal(&alias)),
        }
    }

    fn of_document(&mut self, what: Yield, kind: Kind, document: &Typed) -> Rows {
        let alias = self.fresh_alias();
        let is_list = matches!(what, Yield::Items { .. });
        let checked =
            template::write(if is_list { LIST } else { OBJECT }, std::slice::from_ref(document));
        let sql = Sql::text("json_each").and(checked.grouped()).then(" as ").then(&alias);
        let key = || {
            let key = Typed::new(Kind::Text, Form::Simple, Sql::text(format!("{alias}.key")));
            ("key".to_owned(), key)
        };
        let value = |is_text| {
            let kind = if is_text { Kind::Text } else { kind };
            ("value".to_owned(), Typed::closed(kind, member(&alias, is_text)))
        };
        let columns = match what {
            Yield::Keys => vec![key()],
            Yield::Pairs { is_text } => vec![key(), value(is_text)],
            Yield::Items { is_text } => vec![value(is_text)],
            Yield::Unnested | Yield::Parts => Vec::new(),
        };
        let is_unnamed = what == Yield::Keys;
        Rows { sql, columns, is_unnamed, ordinal: is_list.then(|| ordinal(&alias)) }
    }
}

fn ordinal(alias: &str) -> Typed {
    Typed::new(Kind::Int8, Form::Open, Sql::text(format!("{alias}.key + 1")))
}

/// What `json_each` walks at, as a document or as a text. The text of an object or a list has another form in
/// PostgreSQL.
fn member(alias: &str, is_text: bool) -> Sql {
    // A number as it is written; where its key is one that SQLite finds no way to, as SQLite writes it.
    let number = format!("coalesce({alias}.json -> {alias}.fullkey, cast({alias}.value as text))");
    let (text, null, compound) = if is_text {
        (format!("{alias}.value"), "null", raise("json:text"))
    } else {
        (format!("json_quote({alias}.value)"), "'null'", format!("{alias}.value"))
    };
    Sql::text(format!(
        "case {alias}.type when 'text' then {text} when 'null' then {null} when 'true' then 'true' \
         when 'false' then 'false' when 'object' then {compound} when 'array' then {compound} else {number} end"
    ))
}

/// The arguments of a function, where they are plain values.
pub(super) fn plain_arguments_of(function: &Function) -> Option<Vec<&Expr>> {
    match &function.args {
        FunctionArguments::List(list) => plain_arguments(&list.args),
        _ => None,
    }
}

/// The arguments of a call, where they are plain values.
fn plain_arguments(arguments: &[FunctionArg]) -> Option<Vec<&Expr>> {
    arguments
        .iter()
        .map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Some(expression),
            _ => None,
        })
        .collect()
}

/// The call that an item of `from` is, or where it is one that is not supported.
fn call(factor: &TableFactor) -> Option<Result<Call<'_>, Span>> {
    let at = span(factor.span());
    let (name, arguments, alias, has_ordinality, is_plain) = match factor {
        TableFactor::Table {
            name,
            alias,
            args: Some(args),
            with_ordinality,
            version,
            sample,
            ..
        } => {
            let arguments = plain_arguments(&args.args).filter(|_| args.settings.is_none());
            let is_plain = version.is_none() && sample.is_none();
            (name.to_string(), arguments, alias, *with_ordinality, is_plain)
        }
        TableFactor::Function { name, args, alias, with_ordinality, .. } => {
            (name.to_string(), plain_arguments(args), alias, *with_ordinality, true)
        }
        TableFactor::UNNEST { alias, array_exprs, with_offset, with_ordinality, .. } => {
            let arguments = Some(array_exprs.iter().collect());
            ("unnest".to_owned(), arguments, alias, *with_ordinality, !*with_offset)
        }
        TableFactor::TableFunction { .. } => return Some(Err(at)),
        _ => return None,
    };
    let is_plain = is_plain
        && alias.as_ref().is_none_or(|alias| {
            alias.at.is_none() && alias.columns.iter().all(|column| column.data_type.is_none())
        });
    let name = name.to_ascii_lowercase();
    let name = name.strip_prefix("pg_catalog.").unwrap_or(&name).to_owned();
    Some(match arguments.filter(|_| is_plain) {
        Some(arguments) => Ok(Call { name, arguments, alias: alias.as_ref(), has_ordinality, at }),
        None => Err(at),
    })
}
