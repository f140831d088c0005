//! Writes what was read back as a query string: the inverse of [`Parameters::read`].
//!
//! What may stand plainly does, and the rest in quotes, so that both ways of writing are tried.

use super::super::parameters::{Parameters, Placed};
use super::super::text_search::{Notation, TextSearch};
use super::super::{
    Comparison, Condition, EmbedItem, Field, Filter, Is, Join, JsonStep, Nulls, Operator,
    OrderTerm, SelectItem, Set, TermItem, Test,
};

/// Keys and the ends of keys that are no columns.
pub const RESERVED: [&str; 8] =
    ["select", "columns", "on_conflict", "order", "limit", "offset", "and", "or"];

/// The pairs of a query string, not yet encoded.
pub fn pairs(parameters: &Parameters) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    let mut add = |key: String, value: String| pairs.push((key, value));
    let names = |names: &[String]| joined(names, ",", |each| name(each));
    if let Some(items) = &parameters.select {
        add("select".into(), select(items));
    }
    for (key, columns) in
        [("columns", &parameters.columns), ("on_conflict", &parameters.on_conflict)]
    {
        if let Some(columns) = columns {
            add(key.into(), names(columns));
        }
    }
    for condition in &parameters.conditions {
        let (last, value) = top_level(&condition.value);
        add(key(condition, &last), value);
    }
    for order in &parameters.orders {
        add(key(order, "order"), joined(&order.value, ",", order_term));
    }
    for limit in &parameters.limits {
        add(key(limit, "limit"), limit.value.to_string());
    }
    for offset in &parameters.offsets {
        add(key(offset, "offset"), offset.value.to_string());
    }
    pairs
}

fn joined<T>(items: &[T], separator: &str, print: impl Fn(&T) -> String) -> String {
    items.iter().map(print).collect::<Vec<_>>().join(separator)
}

fn key<T>(placed: &Placed<T>, last: &str) -> String {
    let embed = |segment: &String| {
        // In front of `and` and `or` the plain word negates.
        if segment == "not" { quoted(segment) } else { name(segment) }
    };
    let path = placed.path.iter().map(embed).chain([last.to_owned()]);
    path.collect::<Vec<_>>().join(".")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn name(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "_$- ".contains(c);
    if text.trim() == text && !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

fn json_key(text: &str) -> String {
    let may_begin = |c: char| !c.is_ascii_digit() && c != '-';
    if text.starts_with(may_begin) && !text.contains(['(', ':', '.', ',', '>', ')']) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

fn field(field: &Field) -> String {
    let mut text = name(&field.column);
    for (index, step) in field.path.iter().enumerate() {
        let is_last = index + 1 == field.path.len();
        text.push_str(if is_last && field.as_text { "->>" } else { "->" });
        text.push_str(&match step {
            JsonStep::Key(key) => json_key(key),
            JsonStep::Index(index) => index.to_string(),
        });
    }
    text
}

fn order_term(term: &OrderTerm) -> String {
    let mut text = field(&term.field);
    if let Some(embed) = &term.embed {
        text = format!("{}({text})", name(embed));
    }
    text.push_str(if term.descending { ".desc" } else { "" });
    text.push_str(match term.nulls {
        None => "",
        Some(Nulls::First) => ".nullsfirst",
        Some(Nulls::Last) => ".nullslast",
    });
    text
}

fn select(items: &[SelectItem]) -> String {
    joined(items, ",", |item| match item {
        SelectItem::All => "*".to_owned(),
        SelectItem::Term(item) => term(item),
        SelectItem::Embed(item) => embed(item),
    })
}

fn alias(alias: Option<&String>) -> String {
    alias.map(|alias| format!("{}:", name(alias))).unwrap_or_default()
}

fn term(item: &TermItem) -> String {
    let cast = |cast: &Option<String>| cast.as_ref().map(|cast| format!("::{}", name(cast)));
    let mut text = alias(item.alias.as_ref());
    if let Some(of) = &item.field {
        text.push_str(&field(of));
        text.extend(cast(&item.cast));
    }
    if let Some(aggregate) = item.aggregate {
        text.push_str(if item.field.is_some() { "." } else { "" });
        text.push_str(aggregate.name());
        text.push_str("()");
        text.extend(cast(&item.aggregate_cast));
    }
    text
}

fn embed(item: &EmbedItem) -> String {
    let mut text = if item.spread { "...".to_owned() } else { alias(item.alias.as_ref()) };
    text.push_str(&name(&item.target));
    if let Some(hint) = &item.hint {
        text.push('!');
        text.push_str(&name(hint));
    }
    // `count()` counts; so a table of that name says more.
    let counts = item.target == "count" && item.items.is_empty();
    text.push_str(match item.join {
        Join::Inner => "!inner",
        Join::Left if counts => "!left",
        Join::Left => "",
    });
    format!("{text}({})", select(&item.items))
}

/// The last part of the key, and the value.
fn top_level(condition: &Condition) -> (String, String) {
    let (negate, condition) = unwrapped(condition);
    let of_key = |members: &[Condition], word: &str| {
        let not = if negate { "not." } else { "" };
        (format!("{not}{word}"), list(members))
    };
    match condition {
        Condition::All(members) => of_key(members, "and"),
        Condition::Any(members) => of_key(members, "or"),
        Condition::Filter(Filter { field, .. }) | Condition::Search(field, _) => {
            let not = if negate { "not." } else { "" };
            (key_of_field(field), format!("{not}{}", operation(condition, str::to_owned)))
        }
        Condition::Not(_) => unreachable!("the grammar has no double negation"),
    }
}

fn key_of_field(of: &Field) -> String {
    let is_reserved = of.path.is_empty() && RESERVED.contains(&&*of.column);
    if is_reserved { quoted(&of.column) } else { field(of) }
}

fn unwrapped(condition: &Condition) -> (bool, &Condition) {
    match condition {
        Condition::Not(inner) => (true, inner),
        other => (false, other),
    }
}

fn list(members: &[Condition]) -> String {
    format!("({})", joined(members, ",", member))
}

fn member(condition: &Condition) -> String {
    let (negate, condition) = unwrapped(condition);
    let not = if negate { "not." } else { "" };
    match condition {
        Condition::All(members) => format!("{not}and{}", list(members)),
        Condition::Any(members) => format!("{not}or{}", list(members)),
        Condition::Filter(Filter { field: of, .. }) | Condition::Search(of, _) => {
            format!("{}.{not}{}", field(of), operation(condition, |text| value(text, "\"{")))
        }
        Condition::Not(_) => unreachable!("the grammar has no double negation"),
    }
}

/// A value that ends at a comma or a parenthesis, and begins like no other kind of value.
fn value(text: &str, beginnings: &str) -> String {
    let is_special = text.contains([',', ')']) || text.starts_with(|c| beginnings.contains(c));
    if is_special { quoted(text) } else { text.to_owned() }
}

fn operation(condition: &Condition, value_of: impl Fn(&str) -> String) -> String {
    let test = match condition {
        Condition::Search(_, TextSearch { notation, language, text }) => {
            let word = match notation {
                Notation::Expression => "fts",
                Notation::Plain => "plfts",
                Notation::Phrase => "phfts",
                Notation::Web => "wfts",
            };
            let language =
                if language.is_empty() { String::new() } else { format!("({language})") };
            return format!("{word}{language}.{}", value_of(text));
        }
        Condition::Filter(filter) => &filter.test,
        _ => unreachable!("an operation tests a field"),
    };
    match test {
        Test::Value(of, text) => format!("{}.{}", operator(*of), value_of(text)),
        Test::Each { operator: of, all, items } => {
            let each = if *all { "all" } else { "any" };
            format!("{}({each}).{}", operator(*of), value_of(items))
        }
        Test::In(items) => format!("in.({})", joined(items, ",", |item| value(item, "\" "))),
        Test::Is(is) => format!("is.{}", word_of_is(*is)),
        Test::Set(set, text) => format!("{}.{}", word_of_set(*set), value_of(text)),
        // Which range it was is not kept, for none is possible.
        Test::Range => "sl.".to_owned(),
    }
}

const fn operator(operator: Operator) -> &'static str {
    match operator {
        Operator::Compare(Comparison::Equal) => "eq",
        Operator::Compare(Comparison::NotEqual) => "neq",
        Operator::Compare(Comparison::Less) => "lt",
        Operator::Compare(Comparison::LessOrEqual) => "lte",
        Operator::Compare(Comparison::Greater) => "gt",
        Operator::Compare(Comparison::GreaterOrEqual) => "gte",
        Operator::Compare(Comparison::Distinct) => "isdistinct",
        Operator::Like { ignore_case: false } => "like",
        Operator::Like { ignore_case: true } => "ilike",
        Operator::Match { ignore_case: false } => "match",
        Operator::Match { ignore_case: true } => "imatch",
    }
}

const fn word_of_is(is: Is) -> &'static str {
    match is {
        Is::Null => "null",
        Is::NotNull => "not_null",
        Is::True => "true",
        Is::False => "false",
        Is::Unknown => "unknown",
    }
}

const fn word_of_set(set: Set) -> &'static str {
    match set {
        Set::Contains => "cs",
        Set::Contained => "cd",
        Set::Overlaps => "ov",
    }
}
