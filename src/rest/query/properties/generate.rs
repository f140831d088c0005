//! Queries as the grammar can say them, made up.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_oneof};
use proptest::sample::select;

use super::super::parameters::{Parameters, Placed};
use super::super::text_search::{Notation, TextSearch};
use super::super::{
    Aggregate, Comparison, Condition, EmbedItem, Field, Filter, Is, Join, JsonStep, Nulls,
    Operator, OrderTerm, SelectItem, Set, TermItem, Test,
};
use super::SIGNIFICANT;

/// A text of anything, in which what the grammar has a meaning for is not rare.
pub fn text() -> BoxedStrategy<String> {
    let without_nul = |text: String| text.replace('\0', "");
    prop_oneof![
        2 => "[a-z]{0,4}",
        3 => vec(select(&SIGNIFICANT[..]), 0..5).prop_map(|parts| parts.concat()),
        1 => any::<String>().prop_map(without_nul),
    ]
    .boxed()
}

fn name() -> BoxedStrategy<String> {
    let not_empty = |text: String| if text.is_empty() { "x".to_owned() } else { text };
    prop_oneof![3 => "[a-z_$é-]{1,5}", 1 => text()].prop_map(not_empty).boxed()
}

/// What is answered as a key of JSON, and may have neither quotes nor backslashes.
fn alias() -> BoxedStrategy<String> {
    name().prop_map(|name| name.replace(['"', '\\'], "_")).boxed()
}

fn field() -> BoxedStrategy<Field> {
    let key = text().prop_map(|key| JsonStep::Key(key.replace(['"', '\\'], "-")));
    let index = (-i32::MAX..=i32::MAX).prop_map(JsonStep::Index);
    let path =
        prop_oneof![3 => Just(Vec::new()), 1 => vec(prop_oneof![2 => key, 1 => index], 1..4)];
    let field = (name(), path, any::<bool>());
    field
        .prop_map(|(column, path, as_text)| {
            let as_text = as_text && !path.is_empty();
            Field { column, path, as_text }
        })
        .boxed()
}

fn term() -> BoxedStrategy<SelectItem> {
    let aggregates =
        [Aggregate::Sum, Aggregate::Avg, Aggregate::Min, Aggregate::Max, Aggregate::Count];
    let parts = (of(alias()), of(field()), of(name()), of(select(aggregates.to_vec())), of(name()));
    parts
        .prop_map(|(alias, field, cast, aggregate, aggregate_cast)| {
            let counts_rows = field.is_none();
            let aggregate = if counts_rows { Some(Aggregate::Count) } else { aggregate };
            SelectItem::Term(TermItem {
                alias,
                field,
                cast: cast.filter(|_| !counts_rows),
                aggregate,
                aggregate_cast: aggregate_cast.filter(|_| aggregate.is_some()),
            })
        })
        .boxed()
}

fn items() -> BoxedStrategy<Vec<SelectItem>> {
    let leaf = || prop_oneof![1 => Just(SelectItem::All), 6 => term()];
    vec(leaf(), 0..4)
        .prop_recursive(4, 24, 3, move |inner| {
            // These two words are no names of foreign keys.
            let hint = name().prop_filter("a join", |hint| !["inner", "left"].contains(&&**hint));
            let join = select(vec![Join::Left, Join::Inner]);
            let target = prop_oneof![5 => name(), 1 => Just("count".to_owned())];
            let parts = (target, of(hint), of(alias()), join, any::<bool>(), inner);
            let embed = parts.prop_map(|(target, hint, alias, join, spread, items)| {
                let alias = alias.filter(|_| !spread);
                SelectItem::Embed(EmbedItem { target, hint, alias, join, spread, items })
            });
            vec(prop_oneof![leaf(), embed.boxed()], 0..4)
        })
        .boxed()
}

fn test() -> BoxedStrategy<Test> {
    use Comparison::{Distinct, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
    let each = [Equal, Greater, GreaterOrEqual, Less, LessOrEqual].map(Operator::Compare);
    let folding = [false, true]
        .into_iter()
        .flat_map(|ignore_case| [Operator::Like { ignore_case }, Operator::Match { ignore_case }]);
    let each: Vec<Operator> = each.into_iter().chain(folding).collect();
    let plain = [NotEqual, Distinct].map(Operator::Compare).into_iter().chain(each.clone());
    let is = vec![Is::Null, Is::NotNull, Is::True, Is::False, Is::Unknown];
    let set = vec![Set::Contains, Set::Contained, Set::Overlaps];
    let list = vec(text(), 0..5).prop_map(|items| {
        // A single empty item is none.
        if items.as_slice() == [""] { Vec::new() } else { items }
    });
    let array = || {
        prop_oneof![
            text(),
            vec("[a-z\"\\\\,{}) ]{0,4}", 0..3).prop_map(|items| format!("{{{}}}", items.join(",")))
        ]
    };
    prop_oneof![
        4 => (select(plain.collect::<Vec<_>>()), text()).prop_map(|(of, text)| Test::Value(of, text)),
        2 => (select(each), any::<bool>(), array())
            .prop_map(|(operator, all, items)| Test::Each { operator, all, items }),
        2 => list.prop_map(Test::In),
        1 => select(is).prop_map(Test::Is),
        2 => (select(set), array()).prop_map(|(set, text)| Test::Set(set, text)),
        1 => Just(Test::Range),
    ]
    .boxed()
}

fn negated(condition: BoxedStrategy<Condition>) -> BoxedStrategy<Condition> {
    let negate = |(negate, condition)| {
        if negate { Condition::Not(Box::new(condition)) } else { condition }
    };
    (any::<bool>(), condition).prop_map(negate).boxed()
}

fn condition() -> BoxedStrategy<Condition> {
    let filter = (field(), test());
    let filter = filter.prop_map(|(field, test)| Condition::Filter(Filter { field, test }));
    let notations = vec![Notation::Expression, Notation::Plain, Notation::Phrase, Notation::Web];
    let search = (field(), select(notations), "([a-z_]{1,4})?", text());
    let search = search.prop_map(|(field, notation, language, text)| {
        Condition::Search(field, TextSearch { notation, language, text })
    });
    let leaf = prop_oneof![4 => filter, 1 => search].boxed();
    negated(leaf)
        .prop_recursive(4, 24, 4, |inner| {
            let members = vec(inner, 1..4);
            let joined = prop_oneof![
                members.clone().prop_map(Condition::All),
                members.prop_map(Condition::Any)
            ];
            negated(joined.boxed())
        })
        .boxed()
}

fn order() -> BoxedStrategy<Vec<OrderTerm>> {
    let nulls = of(select(vec![Nulls::First, Nulls::Last]));
    let term = (of(name()), field(), any::<bool>(), nulls);
    let term = term.prop_map(|(embed, field, descending, nulls)| OrderTerm {
        embed,
        field,
        descending,
        nulls,
    });
    vec(term, 1..4).boxed()
}

fn placed<T: std::fmt::Debug + Clone + 'static>(
    value: BoxedStrategy<T>,
) -> BoxedStrategy<Vec<Placed<T>>> {
    let segment = prop_oneof![6 => name(), 1 => Just("not".to_owned())];
    let path = prop_oneof![2 => Just(Vec::new()), 1 => vec(segment, 1..4)];
    vec((path, value).prop_map(|(path, value)| Placed { path, value }), 0..3).boxed()
}

/// All of a query string.
pub fn parameters() -> BoxedStrategy<Parameters> {
    let number = || prop_oneof![0..100_u64, 0..=i64::MAX.unsigned_abs()].boxed();
    let names = || of(vec(name(), 1..4));
    let parts = (
        of(items()),
        placed(condition()),
        placed(order()),
        (placed(number()), placed(number())),
        (names(), names()),
    );
    parts
        .prop_map(|(select, conditions, orders, (limits, offsets), (columns, on_conflict))| {
            Parameters { select, conditions, orders, limits, offsets, columns, on_conflict }
        })
        .boxed()
}
