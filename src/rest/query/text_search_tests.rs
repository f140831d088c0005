//! What is read is what Postgres reads, but for its stop words; and on a real FTS5 no expression
//! fails, and each finds what it means.

use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use rusqlite::Connection;

use super::super::properties::config;
use super::*;

fn read(notation: Notation, text: &str) -> Result<Option<Sought>, Error> {
    TextSearch { notation, language: String::new(), text: text.to_owned() }.read()
}

/// Compares with the expression, behind `not` where its complement is meant.
#[track_caller]
fn reads(notation: Notation, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let sought = read(notation, text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let found = sought.map_or(String::new(), |sought| {
            format!("{}{}", if sought.is_complement { "not " } else { "" }, sought.expression)
        });
        assert_eq!(found, *expected, "{text}");
    }
}

#[track_caller]
fn refuses(text: &str) -> Error {
    match read(Notation::Expression, text) {
        Ok(sought) => panic!("{text} is read as {sought:?}"),
        Err(error) => error,
    }
}

#[test]
fn expressions_are_read_as_by_to_tsquery() {
    reads(
        Notation::Expression,
        &[
            ("cat", r#""cat""#),
            ("  cat\t& dog ", r#"("cat" AND "dog")"#),
            ("a & b | c & !d", r#"(("a" AND "b") OR (("c") NOT ("d")))"#),
            ("a | b & c", r#"("a" OR ("b" AND "c"))"#),
            ("!(a | b) & !!c", r#"(("c") NOT (("a" OR "b")))"#),
            ("!a", r#"not "a""#),
            ("!a & !b", r#"not ("a" OR "b")"#),
            ("a | !b", r#"not (("b") NOT ("a"))"#),
            ("sup:*", r#""sup" *"#),
            ("a <-> b <1> c:*", r#""a" + "b" + "c" *"#),
            ("a & b <-> c", r#"("a" AND "b" + "c")"#),
            ("a<->b", r#""a<->b""#),
            ("foo-bar", r#""foo-bar""#),
            ("'two words' & it's", r#"("two words" AND "it's")"#),
            ("'it''s \\'so\\''", r#""it's 'so'""#),
            ("a\\&b", r#""a&b""#),
            ("\"a\"", r#""""a""""#),
            ("ü & 日本", r#"("ü" AND "日本")"#),
        ],
    );
}

#[test]
fn what_has_no_word_in_it_vanishes() {
    reads(
        Notation::Expression,
        &[
            ("", ""),
            (" ", ""),
            ("'!' & a", r#""a""#),
            ("a | ('-' & !'')", r#""a""#),
            ("'' <-> a", r#""a""#),
            ("!'?'", ""),
            ("'-':*", ""),
        ],
    );
    reads(Notation::Plain, &[("", ""), (" ! ? ", "")]);
    reads(Notation::Phrase, &[("", ""), ("-!-", "")]);
    reads(Notation::Web, &[("", ""), ("\"", ""), ("-", ""), ("()", ""), ("\"\" -\"?\"", "")]);
}

#[test]
fn plain_words_phrases_and_searches_of_people_are_never_wrong() {
    reads(
        Notation::Plain,
        &[("fat cats", r#"("fat" AND "cats")"#), ("a & !b | (c", r#"("a" AND "!b" AND "(c")"#)],
    );
    reads(Notation::Phrase, &[("the fat cats", r#""the fat cats""#), ("a \" b\0", r#""a "" b ""#)]);
    reads(
        Notation::Web,
        &[
            ("fat cats", r#"("fat" AND "cats")"#),
            ("\"fat cats\" or -dog", r#"not (("dog") NOT ("fat cats"))"#),
            ("a OR b c or d", r#"("a" OR ("b" AND "c") OR "d")"#),
            ("or", r#""or""#),
            ("or a", r#"("or" AND "a")"#),
            ("a or", r#"("a" AND "or")"#),
            ("a or or b", r#"("a" OR ("or" AND "b"))"#),
            ("oracle nor orca", r#"("oracle" AND "nor" AND "orca")"#),
            ("a or\"b c\"", r#"("a" OR "b c")"#),
            ("a or-b", r#"("a" AND "or-b")"#),
            ("-\"a b\" c", r#"(("c") NOT ("a b"))"#),
            ("--a", r#""a""#),
            ("well-known", r#""well-known""#),
            ("\"open a", r#"("open" AND "a")"#),
            ("a & (b | c):d", r#"("a" AND "b" AND "c" AND "d")"#),
        ],
    );
}

#[test]
fn an_expression_that_does_not_parse_is_refused_in_postgres_words() {
    for text in [
        "a b", "a &", "& a", "a | | b", "(a", "a)", "()", "!", "a !b", "a <- b", "a <x> b",
        "a <> b", "a <->", "'a", "a\\", ":a", "a::*", "a : b c", "http://x",
    ] {
        let error = refuses(text);
        assert_eq!(error.code, Code::SyntaxError, "{text}: {error:?}");
        assert_eq!(error.message, format!("syntax error in tsquery: \"{text}\""));
    }
}

#[test]
fn what_fts5_cannot_tell_is_refused() {
    for text in [
        "a <2> b",
        "a <0> b",
        "a:A",
        "a:*b",
        "a:*B",
        "(a | b) <-> c",
        "a <-> (b & c)",
        "a:* <-> b",
        "!a <-> b",
        "a <-> !b",
    ] {
        assert_eq!(refuses(text).code, Code::NotImplemented, "{text}");
    }
}

#[test]
fn the_limits_have_names() {
    let words = |count: usize| vec!["a"; count].join("&");
    assert!(read(Notation::Expression, &words(SEARCH_TERMS_MAX)).is_ok());
    assert_eq!(refuses(&words(SEARCH_TERMS_MAX + 1)).code, Code::TooComplex);
    let nested = |depth: usize| format!("{}a{}", "(".repeat(depth), ")".repeat(depth));
    assert!(read(Notation::Expression, &nested(SEARCH_NESTING_MAX)).is_ok());
    let hint = refuses(&nested(SEARCH_NESTING_MAX + 1)).hint.expect("a hint");
    for limit in [SEARCH_BYTES_MAX, SEARCH_TERMS_MAX, SEARCH_NESTING_MAX] {
        assert!(hint.contains(&limit.to_string()), "{hint}");
    }
    assert_eq!(refuses(&"!".repeat(100)).code, Code::TooComplex);
    let long = |length: usize| read(Notation::Web, &"a".repeat(length)).map_err(|error| error.code);
    assert!(long(SEARCH_BYTES_MAX).is_ok());
    assert_eq!(long(SEARCH_BYTES_MAX + 1), Err(Code::TooComplex));
}

/// An expression, to be written and to be judged word by word.
#[derive(Debug, Clone)]
enum Meaning {
    Words { words: &'static str, prefix: bool },
    All(Vec<Self>),
    Any(Vec<Self>),
    Not(Box<Self>),
}

impl Meaning {
    fn written(&self) -> String {
        let list = |members: &[Self], sign: &str| {
            format!("({})", members.iter().map(Self::written).collect::<Vec<_>>().join(sign))
        };
        match self {
            Self::Words { words, prefix } => {
                let words = words.replace(' ', " <-> ");
                format!("{words}{}", if *prefix { ":*" } else { "" })
            }
            Self::All(members) => list(members, " & "),
            Self::Any(members) => list(members, " | "),
            Self::Not(inner) => format!("!({})", inner.written()),
        }
    }

    fn holds(&self, text: &str) -> bool {
        match self {
            Self::Words { words, prefix } => {
                let (text, words) = (format!(" {text} "), format!(" {words}"));
                text.contains(&if *prefix { words } else { format!("{words} ") })
            }
            Self::All(members) => members.iter().all(|member| member.holds(text)),
            Self::Any(members) => members.iter().any(|member| member.holds(text)),
            Self::Not(inner) => !inner.holds(text),
        }
    }
}

fn meanings() -> impl Strategy<Value = Meaning> {
    let words = proptest::sample::select(vec!["a", "b", "c", "d", "e", "a b", "b a", "a b c"]);
    let words = (words, any::<bool>());
    let words = words.prop_map(|(words, prefix)| Meaning::Words { words, prefix });
    words.prop_recursive(5, 40, 5, |inner| {
        let members = proptest::collection::vec(inner.clone(), 2..5);
        prop_oneof![
            members.clone().prop_map(Meaning::All),
            members.prop_map(Meaning::Any),
            inner.prop_map(|inner| Meaning::Not(Box::new(inner))),
        ]
    })
}

/// All combinations of four words, and some in which order and beginnings count.
fn texts() -> Vec<String> {
    let chosen = |bits: usize| {
        let kept = ["a", "b", "c", "d"].into_iter().enumerate();
        let kept = kept.filter(|(at, _)| bits & (1 << at) != 0).map(|(_, word)| word);
        kept.collect::<Vec<_>>().join(" ")
    };
    (0..16).map(chosen).chain(["b a", "ab c"].map(str::to_owned)).collect()
}

/// The texts in one column, and other words in a second one that is never meant.
fn index(tokenize: &str) -> Connection {
    let connection = Connection::open_in_memory().expect("a database");
    connection
        .execute_batch(&format!(
            "create virtual table t using fts5 (\"the \"\"text\", other, tokenize=\"{tokenize}\")"
        ))
        .expect("a table");
    for (row, text) in (0_i64..).zip(&texts()) {
        let insert = "insert into t (rowid, \"the \"\"text\", other) values (?1, ?2, 'a b c d e')";
        connection.execute(insert, (row, text)).expect("a row");
    }
    connection
}

thread_local! {
    static WORDS: Connection = index("unicode61");
    static STEMS: Connection = index("porter unicode61");
    static TRIGRAMS: Connection = index("trigram");
}

fn found(connection: &Connection, sought: &Sought) -> rusqlite::Result<Vec<i64>> {
    let expression = format!("{} : ({})", quoted("the \"text"), sought.expression);
    let mut statement = connection.prepare("select rowid from t where t match ?1")?;
    let rows = statement.query_map([&expression], |row| row.get(0))?;
    let rows: Vec<i64> = rows.collect::<rusqlite::Result<_>>()?;
    let all = (0_i64..).zip(texts()).map(|(row, _)| row);
    Ok(all.filter(|row| rows.contains(row) != sought.is_complement).collect())
}

proptest! {
    #![proptest_config(config(2000))]

    #[test]
    fn an_expression_finds_what_it_means(meaning in meanings()) {
        let text = meaning.written();
        let Some(sought) = read(Notation::Expression, &text).expect("it is an expression") else {
            panic!("{text} has words");
        };
        let meant = (0_i64..).zip(texts()).filter(|(_, text)| meaning.holds(text));
        let meant: Vec<i64> = meant.map(|(row, _)| row).collect();
        let found = WORDS.with(|words| found(words, &sought));
        prop_assert_eq!(found, Ok(meant), "{}: {:?}", text, sought);
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
            Just(Notation::Expression),
            Just(Notation::Plain),
            Just(Notation::Phrase),
            Just(Notation::Web),
        ],
    ) {
        match read(notation, &text) {
            Err(error) => {
                prop_assert!(notation == Notation::Expression, "{error:?}");
                prop_assert!(error.code.status() == 400, "{error:?}");
            }
            Ok(None) => {}
            Ok(Some(sought)) => {
                for index in [&WORDS, &STEMS, &TRIGRAMS] {
                    let found = index.with(|index| found(index, &sought));
                    prop_assert!(found.is_ok(), "{sought:?}: {found:?}");
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
        let sought = read(Notation::Expression, &text).expect("it is within the limits");
        let sought = sought.expect("it has words");
        assert!(WORDS.with(|words| found(words, &sought)).is_ok());
    }
}
