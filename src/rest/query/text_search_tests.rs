use super::*;

fn read(notation: Notation, text: &str) -> Result<Option<Sought>, Error> {
    TextSearch { notation, language: None, text: text.to_owned() }.read()
}

fn printed(sought: &Sought) -> String {
    let list = |members: &[Sought], word: &str| {
        format!("({})", members.iter().map(printed).collect::<Vec<_>>().join(word))
    };
    match sought {
        Sought::Phrase { words, prefix } => format!("{words:?}{}", if *prefix { "*" } else { "" }),
        Sought::All(members) => list(members, " & "),
        Sought::Any(members) => list(members, " | "),
        Sought::Not(inner) => format!("!{}", printed(inner)),
    }
}

#[track_caller]
fn reads(notation: Notation, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let sought = read(notation, text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!(sought.as_ref().map(printed).unwrap_or_default(), *expected, "{text}");
    }
}

#[track_caller]
fn refuses(text: &str) -> Error {
    match read(Notation::Expression, text) {
        Ok(sought) => panic!("{text} is read as {sought:?}"),
        Err(error) => error,
    }
}

/// What Postgres 17 makes of them, but for its stop words.
#[test]
fn expressions_are_read_as_by_to_tsquery() {
    reads(
        Notation::Expression,
        &[
            ("cat", r#""cat""#),
            ("  cat\t& dog ", r#"("cat" & "dog")"#),
            ("a & b | c & !d", r#"(("a" & "b") | ("c" & !"d"))"#),
            ("a | b & c", r#"("a" | ("b" & "c"))"#),
            ("!(a | b) & !!c", r#"(!("a" | "b") & !!"c")"#),
            ("sup:*", r#""sup"*"#),
        ],
    );
    reads(
        Notation::Expression,
        &[
            ("a <-> b <1> c:*", r#""a b c"*"#),
            ("a & b <-> c", r#"("a" & "b c")"#),
            ("a<->b", r#""a<->b""#),
            ("foo-bar", r#""foo-bar""#),
            ("'two words' & it's", r#"("two words" & "it's")"#),
            ("'it''s \\'so\\''", r#""it's 'so'""#),
            ("a\\&b", r#""a&b""#),
            ("\"a\"", r#""\"a\"""#),
            ("ü & 日本", r#"("ü" & "日本")"#),
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
        &[("fat cats", r#"("fat" & "cats")"#), ("a & !b | (c", r#"("a" & "!b" & "(c")"#)],
    );
    reads(Notation::Phrase, &[("the fat cats", r#""the fat cats""#), ("a \" b", r#""a \" b""#)]);
    reads(
        Notation::Web,
        &[
            ("fat cats", r#"("fat" & "cats")"#),
            ("\"fat cats\" or -dog", r#"("fat cats" | !"dog")"#),
            ("a OR b c or d", r#"("a" | ("b" & "c") | "d")"#),
            ("or", r#""or""#),
            ("or a", r#"("or" & "a")"#),
            ("a or", r#"("a" & "or")"#),
            ("a or or b", r#"("a" | ("or" & "b"))"#),
            ("oracle nor orca", r#"("oracle" & "nor" & "orca")"#),
            ("a or\"b c\"", r#"("a" | "b c")"#),
            ("a or-b", r#"("a" & "or-b")"#),
            ("-\"a b\" c", r#"(!"a b" & "c")"#),
            ("--a", r#""a""#),
            ("well-known", r#""well-known""#),
            ("\"open a", r#"("open" & "a")"#),
            ("a & (b | c):d", r#"("a" & "b" & "c" & "d")"#),
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
    for text in ["a <2> b", "a <0> b", "a:A", "a:*b", "(a | b) <-> c", "a:* <-> b", "!a <-> b"] {
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
    assert_eq!(refuses(&nested(SEARCH_NESTING_MAX + 1)).code, Code::TooComplex);
    assert_eq!(refuses(&"!".repeat(100)).code, Code::TooComplex);
    let long = |length: usize| read(Notation::Web, &"a".repeat(length)).map_err(|error| error.code);
    assert!(long(SEARCH_BYTES_MAX).is_ok());
    assert_eq!(long(SEARCH_BYTES_MAX + 1), Err(Code::TooComplex));
}
