//! The query string's grammar, proven: whatever is sent is read or refused, and what was read, once
//! written out, is read as the same again.

mod generate;
mod print;

use proptest::collection::vec;
use proptest::prelude::{
    BoxedStrategy, ProptestConfig, Strategy, any, prop_assert_eq, prop_oneof, proptest,
};
use proptest::sample::{Index, select};
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngSeed, TestCaseError, TestRunner};

use super::parameters::Parameters;
use crate::http::encoding::encode;

/// What the grammar has a meaning for.
const SIGNIFICANT: [&str; 48] = [
    " ",
    "  ",
    "\"",
    "\\",
    "\\\"",
    "(",
    ")",
    "()",
    "{",
    "}",
    "{a,b}",
    ",",
    ".",
    "..",
    "...",
    ":",
    "::",
    "-",
    "->",
    "->>",
    ">",
    "!",
    "*",
    "_",
    "$",
    "0",
    "-1",
    "12",
    "not",
    "not.",
    "and",
    "or",
    "and(",
    "in",
    "in.(",
    "eq",
    "eq.",
    "is.null",
    "(any)",
    "asc",
    ".desc",
    ".nullsfirst",
    "count",
    "count()",
    "!inner",
    "é",
    "\u{a0}",
    "\n",
];

/// So many cases, the same in every run; `PROPTEST_CASES` and `PROPTEST_RNG_SEED` say otherwise.
pub fn config(cases: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig {
        cases: if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { cases },
        rng_seed: match default.rng_seed {
            RngSeed::Random => RngSeed::Fixed(1),
            chosen @ RngSeed::Fixed(_) => chosen,
        },
        failure_persistence: None,
        ..default
    }
}

fn encoded(pairs: &[(String, String)]) -> String {
    let pair = |(key, value): &(String, String)| format!("{}={}", encode(key), encode(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

fn is_stable(pairs: &[(String, String)]) -> Result<bool, TestCaseError> {
    let query = encoded(pairs);
    let Ok(read) = Parameters::read(&query) else { return Ok(false) };
    let printed = print::pairs(&read);
    let again = Parameters::read(&encoded(&printed));
    prop_assert_eq!(again, Ok(read), "{:?}\nprinted as {:?}", pairs, printed);
    Ok(true)
}

/// One change: of which text, where in it, how much is taken away, and what is put there.
type Change = (Index, Index, usize, &'static str);

fn change() -> BoxedStrategy<Change> {
    (any::<Index>(), any::<Index>(), 0..3_usize, select(&SIGNIFICANT[..])).boxed()
}

fn changed(text: &str, (_, at, length, inserted): &Change) -> String {
    let characters: Vec<char> = text.chars().collect();
    let start = at.index(characters.len() + 1);
    let mut changed: String = characters.iter().take(start).collect();
    changed.push_str(inserted);
    changed.extend(characters.iter().skip(start + length));
    changed
}

proptest! {
    #![proptest_config(config(4000))]

    #[test]
    fn what_is_printed_is_read_as_it_was_meant(parameters in generate::parameters()) {
        let printed = print::pairs(&parameters);
        prop_assert_eq!(Parameters::read(&encoded(&printed)), Ok(parameters), "{:?}", printed);
    }

    #[test]
    fn what_is_almost_a_query_is_refused_or_stable(
        parameters in generate::parameters(),
        changes in vec(change(), 1..4),
    ) {
        let mut pairs = print::pairs(&parameters);
        for change in &changes {
            if pairs.is_empty() {
                break;
            }
            let place = change.0.index(2 * pairs.len());
            let pair = &mut pairs[place / 2];
            let text = if place % 2 == 0 { &mut pair.0 } else { &mut pair.1 };
            *text = changed(text, change);
        }
        // Each by itself too, so that one that is refused does not hide the others.
        for pair in &pairs {
            is_stable(std::slice::from_ref(pair))?;
        }
        is_stable(&pairs)?;
    }

    #[test]
    fn any_text_is_refused_or_stable(
        key in prop_oneof![
            select(&print::RESERVED[..]).prop_map(str::to_owned),
            "(a\\.|not\\.|\"[a.\"\\\\]{1,3}\"\\.){0,2}(and|or|order|limit|offset|id|a->b|a->>\"b\\.c\")",
            generate::text(),
        ],
        value in prop_oneof![
            generate::text(),
            vec(select(&SIGNIFICANT[..]), 0..16).prop_map(|parts| parts.concat()),
            "(not\\.)?(eq|neq|in|is|cs|ov|sl|like|fts|wfts)(\\((any|all|en)\\))?\\.[(){}\",a1 \\\\]{0,12}",
            "\\((not\\.)?(a|and|or)(\\.eq\\.|\\.in\\.\\(|\\()[(){}\",a1 .\\\\]{0,12}\\)",
            "[ab*.:!(),>\" -]{0,16}",
        ],
    ) {
        is_stable(&[(key, value)])?;
    }
}

/// A property of what is refused throughout would show nothing.
#[test]
fn enough_of_what_is_almost_a_query_is_one() {
    let mut runner = TestRunner::new(config(1));
    let several = vec((generate::parameters(), change()), 300);
    let several = several.new_tree(&mut runner).expect("queries").current();
    let (mut all, mut read) = (0, 0);
    for (parameters, change) in several {
        for (key, value) in print::pairs(&parameters) {
            all += 1;
            read += usize::from(is_stable(&[(key, changed(&value, &change))]).expect("stable"));
        }
    }
    assert!(read > all / 8 && read < all, "{read} of {all} were read");
}
