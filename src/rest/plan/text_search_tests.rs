//! Expressions on a real FTS5: none fails, and each finds what it means.

use proptest::prelude::{
    Just, ProptestConfig, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest,
};
use rusqlite::Connection;

use super::*;
use crate::rest::query::Notation;

/// Rows whose texts are all combinations of four words, and a second column with other words.
fn texts() -> Vec<String> {
    let words = ["a", "b", "c", "d"];
    let chosen = |bits: usize| {
        let kept = words.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0);
        kept.map(|(_, word)| *word).collect::<Vec<_>>().join(" ")
    };
    (0..16).map(chosen).chain(["b a", "ab c"].map(str::to_owned)).collect()
}

fn index(tokenize: &str) -> Connection {
    let connection = Connection::open_in_memory().expect("a database");
    connection
        .execute_batch(&format!(
            "create virtual table t using fts5 (\"the \"\"text\", other, tokenize=\"{tokenize}\")"
        ))
        .expect("a table");
    for (row, text) in (0_i64..).zip(&texts()) {
        let other = "a b c d e";
        let insert = "insert into t (rowid, \"the \"\"text\", other) values (?1, ?2, ?3)";
        connection.execute(insert, (row, text, other)).expect("a row");
    }
    connection
}

thread_local! {
    static WORDS: Connection = index("unicode61");
    static STEMS: Connection = index("porter unicode61");
    static TRIGRAMS: Connection = index("trigram");
}

fn found(connection: &Connection, sought: &Sought) -> rusqlite::Result<Vec<i64>> {
    let (expression, is_complement) = expression(sought);
    let expression = format!("{} : ({expression})", quoted("the \"text"));
    let mut statement = connection.prepare("select rowid from t where t match ?1")?;
    let rows = statement.query_map([&expression], |row| row.get(0))?;
    let rows: Vec<i64> = rows.collect::<rusqlite::Result<_>>()?;
    let all = (0_i64..).zip(texts()).map(|(row, _)| row);
    Ok(all.filter(|row| rows.contains(row) != is_complement).collect())
}

/// What is meant, word by word.
fn means(sought: &Sought, text: &str) -> bool {
    match sought {
        Sought::Phrase { words, prefix } => {
            let (text, words) = (format!(" {text} "), format!(" {words}"));
            text.contains(&if *prefix { words } else { format!("{words} ") })
        }
        Sought::All(members) => members.iter().all(|member| means(member, text)),
        Sought::Any(members) => members.iter().any(|member| means(member, text)),
        Sought::Not(inner) => !means(inner, text),
    }
}

fn phrases() -> impl Strategy<Value = Sought> {
    let words = prop_oneof![
        Just("a"),
        Just("b"),
        Just("c"),
        Just("d"),
        Just("e"),
        Just("a b"),
        Just("b a"),
        Just("a b c")
    ];
    (words, any::<bool>())
        .prop_map(|(words, prefix)| Sought::Phrase { words: words.to_owned(), prefix })
}

fn expressions() -> impl Strategy<Value = Sought> {
    phrases().prop_recursive(5, 40, 5, |inner| {
        let members = proptest::collection::vec(inner.clone(), 2..5);
        prop_oneof![
            members.clone().prop_map(Sought::All),
            members.prop_map(Sought::Any),
            inner.prop_map(|inner| Sought::Not(Box::new(inner))),
        ]
    })
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn an_expression_finds_what_it_means(sought in expressions()) {
        let meant: Vec<i64> = (0_i64..)
            .zip(&texts())
            .filter(|(_, text)| means(&sought, text))
            .map(|(row, _)| row)
            .collect();
        let found = WORDS.with(|words| found(words, &sought));
        prop_assert_eq!(found, Ok(meant), "{:?}", expression(&sought));
    }
}

proptest! {
    #![proptest_config(config(5000))]

    #[test]
    fn no_text_makes_an_expression_that_fails(
        text in prop_oneof![
            any::<String>(),
            // What FTS5 and Postgres have a meaning for.
            "[ab!&|():*<>'\"\\-+^{},.\u{0}\u{301}\t 12]{0,40}",
            "(a|\"|'|or|OR|AND|NOT|NEAR|NEAR\\(|-|!|&|\\||<->|<1>|\\(|\\)|:\\*|:| |\u{0}){0,24}",
        ],
        notation in prop_oneof![
            Just(Notation::Expression), Just(Notation::Plain), Just(Notation::Phrase), Just(Notation::Web)
        ],
    ) {
        let search = TextSearch { notation, language: None, text };
        match search.read() {
            Err(error) => prop_assert!(error.code.status() == 400, "{error:?}"),
            Ok(None) => {}
            Ok(Some(sought)) => {
                for index in [&WORDS, &STEMS, &TRIGRAMS] {
                    let found = index.with(|index| found(index, &sought));
                    prop_assert!(found.is_ok(), "{:?}: {found:?}", expression(&sought));
                }
            }
        }
    }
}

#[test]
fn the_largest_search_runs() {
    let deep = (0..15).fold("a".to_owned(), |inner, level| {
        format!("({inner} {} !b)", if level % 2 == 0 { '&' } else { '|' })
    });
    let wide = (0..100).map(|word| format!("!w{word}")).collect::<Vec<_>>().join("|");
    for text in [deep, wide] {
        let search = TextSearch { notation: Notation::Expression, language: None, text };
        let sought = search.read().expect("it is within the limits").expect("it has words");
        assert!(WORDS.with(|words| found(words, &sought)).is_ok());
    }
}
