//! Functions of arrays, and the casts between arrays.

use super::Context;
use super::array::has_one_form;
use super::casts;
use super::kind::Kind;
use super::template;
use super::typed::{Form, Typed};
use crate::catalog::{Item, Piece};
use crate::compiler::expand::Expander;
use crate::compiler::report::Span;
use crate::compiler::sql::Sql;

/// An array and one more item. Both are lists without spaces.
const APPENDED: &str = "case when @1 = '[]' then @0 when @0 is null or @0 = '[]' then @1 \
    else substr(@0, 1, length(@0) - 1) || ',' || substr(@1, 2) end";
/// Two arrays, of which one that is null is left out.
const JOINED: &str = "case when @0 is null or @0 = '[]' then coalesce(@1, @0) when @1 is null or @1 = '[]' then @0 \
    else substr(@0, 1, length(@0) - 1) || ',' || substr(@1, 2) end";
const REMOVED: &str = "case when @0 is not null then \
    (select json_group_array(value) from json_each(@0) where value is not @1) end";
const TO_STRING: &str = "case when @0 is not null and @1 is not null then \
    coalesce((select group_concat(value, @1) from json_each(@0) where value is not null), '') end";
const TO_STRING_WITH: &str = "case when @0 is not null and @1 is not null then coalesce((select group_concat(item, @1) \
    from (select coalesce(value, @2) as item from json_each(@0)) where item is not null), '') end";
const SPLIT: &str = "case when @0 is null then null when @1 is null then null when @0 = '' then '[]' \
    else '[' || replace(json_quote(@0), substr(json_quote(@1), 2, length(json_quote(@1)) - 2), '\",\"') || ']' end";
const POSITION: &str = "(select min(key) + 1 from json_each(@0) where value is @1)";

impl Expander<'_> {
    /// Writes a call of a function of arrays; `None` when it is none.
    pub(super) fn array_function(
        &mut self,
        name: &str,
        arguments: &[Typed],
        at: Span,
    ) -> Option<Typed> {
        let item = arguments.iter().find_map(|one| match one.kind {
            Kind::Array(item) => Some(item),
            _ => None,
        });
        let (template, result) = match (name, item, arguments.len()) {
            ("cardinality", Some(_), 1) => ("json_array_length(@0)", Kind::Int4),
            ("array_length" | "array_upper", Some(_), 2) => {
                ("case when @1 = 1 then nullif(json_array_length(@0), 0) end", Kind::Int4)
            }
            ("array_lower", Some(_), 2) => {
                ("case when @1 = 1 and json_array_length(@0) > 0 then 1 end", Kind::Int4)
            }
            ("array_ndims", Some(_), 1) => {
                ("case when json_array_length(@0) > 0 then 1 end", Kind::Int4)
            }
            ("array_position", Some(_), 2) => (POSITION, Kind::Int4),
            ("array_remove", Some(item), 2)
                if has_one_form(Kind::Array(item)) && item != Item::Boolean =>
            {
                (REMOVED, Kind::Array(item))
            }
            ("array_to_string", Some(item), 2) if is_shown_as_kept(item) => (TO_STRING, Kind::Text),
            ("array_to_string", Some(item), 3) if is_shown_as_kept(item) => {
                (TO_STRING_WITH, Kind::Text)
            }
            ("array_append", Some(_), 2) => {
                let [array, one] = arguments else { return None };
                let one = self.as_item(one, item, at);
                return Some(self.joined_arrays(array, &one, at));
            }
            ("array_prepend", Some(_), 2) => {
                let [one, array] = arguments else { return None };
                let one = self.as_item(one, item, at);
                return Some(self.joined_arrays(&one, array, at));
            }
            ("array_cat", Some(_), 2) => {
                let [left, right] = arguments else { return None };
                return Some(self.joined_arrays(left, right, at));
            }
            ("string_to_array", None, 2) => (SPLIT, Kind::Array(Item::Text)),
            _ => return None,
        };
        let wanted = |index: usize| match (name, index, item) {
            ("array_length" | "array_upper" | "array_lower", 1, _) => Kind::Int4,
            ("array_position" | "array_remove", 1, Some(item)) => Kind::of(item.kind(), ""),
            ("array_to_string", 1 | 2, _) | ("string_to_array", ..) => Kind::Text,
            (_, _, Some(item)) => Kind::Array(item),
            _ => Kind::Unknown,
        };
        if name == "string_to_array"
            && arguments.get(1).and_then(Typed::text).is_none_or(str::is_empty)
        {
            let help = "write the separator as a string in quotes";
            return Some(self.refuse_typed(at, "this separator is not supported", help));
        }
        let arguments: Vec<Typed> = arguments
            .iter()
            .enumerate()
            .map(|(index, one)| self.coerce(one.clone(), wanted(index), Context::Implicit, at))
            .collect();
        Some(Typed::closed(result, template::write(template, &arguments)))
    }

    /// A string in quotes or a null as an item of an array.
    fn as_item(&mut self, one: &Typed, item: Option<Item>, at: Span) -> Typed {
        match (one.kind, item) {
            (Kind::Unknown, Some(item)) => {
                self.coerce(one.clone(), Kind::of(item.kind(), ""), Context::Implicit, at)
            }
            _ => one.clone(),
        }
    }

    /// Writes an array and another, or an array and one item before or behind it.
    pub(super) fn joined_arrays(&mut self, left: &Typed, right: &Typed, at: Span) -> Typed {
        let (kind, template) = match (left.kind, right.kind) {
            (Kind::Array(one), Kind::Array(other)) if one == other => (left.kind, JOINED),
            (Kind::Array(_), Kind::Unknown) => (left.kind, JOINED),
            (Kind::Unknown, Kind::Array(_)) => (right.kind, JOINED),
            (Kind::Array(item), other) if other.becomes(Kind::of(item.kind(), "")) => {
                (left.kind, APPENDED)
            }
            (one, Kind::Array(item)) if one.becomes(Kind::of(item.kind(), "")) => {
                (right.kind, APPENDED)
            }
            _ => {
                self.no_operator("||", left, right, at);
                return Typed::broken();
            }
        };
        let Kind::Array(item) = kind else { return Typed::broken() };
        let mut operands = Vec::new();
        for one in [left, right] {
            let operand = if matches!(one.kind, Kind::Array(_)) || template == JOINED {
                self.coerce(one.clone(), kind, Context::Implicit, at)
            } else {
                let one =
                    self.coerce(one.clone(), Kind::of(item.kind(), ""), Context::Implicit, at);
                Typed::closed(kind, list_of(item, vec![one]))
            };
            operands.push(operand);
        }
        // An item stands in a list of its own, which is never null.
        let template = match (template, left.kind) {
            (APPENDED, Kind::Array(_)) => APPENDED,
            _ => JOINED,
        };
        Typed::closed(kind, template::write(template, &operands))
    }

    /// Makes an array one of another type, item by item.
    pub(super) fn cast_array(
        &mut self,
        array: &Typed,
        (from, to): (Item, Item),
        context: Context,
        at: Span,
    ) -> Option<Typed> {
        let (one, other) = (Kind::of(from.kind(), ""), Kind::of(to.kind(), ""));
        casts::find(one, other).filter(|cast| cast.context <= context)?;
        if matches!(to, Item::Boolean | Item::Bytes) || matches!(from, Item::Boolean | Item::Bytes)
        {
            return None;
        }
        let item = Typed::new(one, Form::Simple, Sql::text("v5.value"));
        let item = self.coerce(item, other, Context::Explicit, at);
        let each = Typed::new(other, Form::Simple, item.sql);
        // Nothing of the row is in it.
        let list = template::write("json_group_array(@0)", &[each]);
        let [Piece::Sql(list)] = list.pieces() else { return None };
        let list = list.replace('@', "@@");
        let sql =
            format!("case when @0 is not null then (select {list} from json_each(@0) as v5) end");
        Some(Typed::closed(Kind::Array(to), template::write(&sql, std::slice::from_ref(array))))
    }
}

/// Items as the list that an array is.
pub(super) fn list_of(item: Item, items: Vec<Typed>) -> Sql {
    let written = items.into_iter().map(|one| match item {
        Item::Boolean => template::write(
            "json(case @0 when 1 then 'true' when 0 then 'false' else 'null' end)",
            &[one],
        ),
        _ => one.sql,
    });
    Sql::text("json_array").and(Sql::join(written, ", ").grouped())
}

/// Whether the text of an item is what it is kept as.
const fn is_shown_as_kept(item: Item) -> bool {
    matches!(
        item,
        Item::Text | Item::Uuid | Item::SmallInt | Item::Integer | Item::BigInt | Item::Date
    )
}
