//! Whatever is asked, the SQL that comes of it prepares on SQLite, binds as many values as it has
//! parameters, and is made of known words and the catalog's names alone.
//!
//! (That each statement prepares and binds is what the native host insists on, in every test.)
//! What fails is shrunk to the smallest request that does.

mod support;

use std::collections::BTreeSet;
use std::rc::Rc;

use proptest::prelude::{BoxedStrategy, Strategy, any, prop_assert, prop_oneof, proptest};
use proptest::sample::select;
use proptest::test_runner::TestRunner;

use selvedge::catalog::{Access, Catalog, Grant, Piece};
use selvedge::http::encoding::encode;
use support::corridor::Caller::{self, Nobody, Service, User};
use support::corridor::{ADA, House};
use support::generator::property;
use support::zoo;

/// The words that statements are made of.
const WORDS: &str = include_str!("statements.words");

/// What could end a literal, a name or a statement, were it ever part of one.
const NASTIES: [&str; 16] = [
    "x",
    "'",
    "\"",
    "''",
    "\"\"",
    "`",
    ";--",
    "/*",
    "*/",
    "\\",
    "') or (1=1",
    "\" or \"\"=\"",
    "?1",
    "$x",
    "é",
    "",
];

/// What a text of SQL is made of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Token {
    /// `word`, in lower case
    Word(String),
    /// `"name"`
    Name(String),
    /// `'text'`
    Text(String),
    /// Anything else that is not white space.
    Sign(char),
}

fn tokens(sql: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut characters = sql.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            quote @ ('\'' | '"') => {
                let mut text = String::new();
                while let Some(next) = characters.next() {
                    if next == quote && characters.next_if_eq(&quote).is_none() {
                        break;
                    }
                    text.push(next);
                }
                tokens.push(if quote == '"' { Token::Name(text) } else { Token::Text(text) });
            }
            start if start.is_ascii_alphabetic() || start == '_' => {
                let mut word = String::from(start.to_ascii_lowercase());
                while let Some(next) =
                    characters.next_if(|next| next.is_ascii_alphanumeric() || *next == '_')
                {
                    word.push(next.to_ascii_lowercase());
                }
                tokens.push(Token::Word(word));
            }
            space if space.is_ascii_whitespace() => {}
            sign => tokens.push(Token::Sign(sign)),
        }
    }
    tokens
}

/// All that may stand in a statement: the words above, the catalog's names, and what policies,
/// defaults and checks consist of.
fn vocabulary(catalog: &Catalog) -> BTreeSet<Token> {
    let mut known: BTreeSet<Token> = tokens(WORDS).into_iter().collect();
    let grants = |access: &Access| -> Vec<Grant> {
        let all = [&access.select, &access.insert, &access.update, &access.delete];
        all.into_iter().flatten().cloned().collect()
    };
    for table in &catalog.tables {
        known.insert(Token::Name(table.name.clone()));
        known.insert(Token::Text(table.name.clone()));
        known.extend(table.full_texts.iter().map(|index| Token::Name(index.name.clone())));
        for column in &table.columns {
            known.insert(Token::Name(column.name.clone()));
            known.insert(Token::Text(column.name.clone()));
            known.insert(Token::Text(format!("$.\"{}\"", column.name)));
            known.extend(column.default.iter().flat_map(|default| tokens(default)));
        }
        for grant in [&table.anon, &table.authenticated].into_iter().flat_map(grants) {
            for piece in grant.using.pieces().iter().chain(grant.check.pieces()) {
                if let Piece::Sql(sql) = piece {
                    known.extend(tokens(sql));
                }
            }
        }
    }
    known
}

/// The first part of a statement that is not known.
fn stranger(sql: &str, known: &BTreeSet<Token>) -> Option<Token> {
    let is_number = |text: &str| text.chars().all(|character| character.is_ascii_digit());
    tokens(sql).into_iter().find(|token| match token {
        // Aliases are numbered.
        Token::Word(word) if word.strip_prefix('t').is_some_and(is_number) => false,
        // A place in the bound list of rows.
        Token::Text(text) if is_place(text) => false,
        Token::Sign(sign) => !(sign.is_ascii_digit() || "().,*<>=|+-?%/".contains(*sign)),
        token => !known.contains(token),
    })
}

/// `$[3]` or `$[0][3]`
fn is_place(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('$') else { return false };
    rest.chars().all(|character| character.is_ascii_digit() || "[]".contains(character))
}

type Texts = BoxedStrategy<String>;

/// Texts of all kinds, in which the nasty ones are not rare.
fn text() -> Texts {
    let nasty = proptest::collection::vec(select(&NASTIES[..]), 1..4);
    prop_oneof![
        nasty.prop_map(|parts| parts.concat()),
        any::<String>(),
        "[0-9]{1,3}",
        "[a-zé]{1,6}",
    ]
    .boxed()
}

const TABLES: [&str; 5] = ["zoo", "pair", "child", "keyless", "seen"];

const COLUMNS: [&str; 28] = [
    "id", "flag", "small", "whole", "big", "real", "num", "dec", "txt", "short", "uid", "at",
    "day", "tick", "doc", "raw", "twice", "low", "x", "y", "zoo_id", "note", "self", "letters",
    "loud", "nothing", "tags", "nums",
];

fn one_of(texts: &'static [&'static str]) -> Texts {
    select(texts).prop_map(str::to_owned).boxed()
}

fn column() -> Texts {
    let path = ("(->|->>)", text()).prop_map(|(arrow, key)| format!("doc{arrow}{key}"));
    prop_oneof![6 => one_of(&COLUMNS), 1 => path, 1 => text()].boxed()
}

fn item() -> Texts {
    let casts = one_of(&[
        "",
        "",
        "",
        "::text",
        "::int",
        "::bigint",
        "::numeric",
        "::float8",
        "::bool",
        "::jsonb",
        "::uuid",
        "::date",
        "::time",
        "::timestamp",
        "::timestamptz",
        "::bytea",
        "::nothing",
    ]);
    let aggregates = one_of(&["", "", "", ".sum()", ".avg()", ".min()", ".max()", ".count()"]);
    let plain = || {
        (column(), casts.clone(), aggregates.clone())
            .prop_map(|(column, cast, aggregate)| format!("{column}{cast}{aggregate}"))
    };
    let named = (text(), plain()).prop_map(|(alias, column)| format!("{alias}:{column}"));
    prop_oneof![4 => plain(), 2 => named, 1 => one_of(&["*", "count()", "count"])].boxed()
}

fn items() -> Texts {
    let list = |item: Texts| {
        proptest::collection::vec(item, 0..4).prop_map(|items| items.join(",")).boxed()
    };
    let targets =
        one_of(&["pair", "child", "zoo", "self", "zoo_id", "...zoo", "...pair", "nothing"]);
    let hints = one_of(&["", "", "!inner", "!left", "!pair_zoo_id_fkey", "!nothing"]);
    list(item())
        .prop_recursive(3, 8, 3, move |inner| {
            let embed = (text(), targets.clone(), hints.clone(), inner, any::<bool>());
            let embed = embed.prop_map(|(alias, target, hint, items, named)| {
                if named {
                    format!("{alias}:{target}{hint}({items})")
                } else {
                    format!("{target}{hint}({items})")
                }
            });
            (item(), embed).prop_map(|(item, embed)| format!("{item},{embed}"))
        })
        .boxed()
}

/// `operator.value`
fn operation() -> Texts {
    let operators = one_of(&[
        "eq",
        "neq",
        "gt",
        "gte",
        "lt",
        "lte",
        "like",
        "ilike",
        "match",
        "imatch",
        "is",
        "isdistinct",
        "cs",
        "cd",
        "ov",
        "fts",
        "plfts",
        "phfts",
        "wfts",
        "not.eq",
        "not.like",
        "not.in",
        "like(any)",
        "eq(all)",
        "nothing",
    ]);
    let plain = (operators, text()).prop_map(|(operator, value)| format!("{operator}.{value}"));
    let several = proptest::collection::vec(text(), 0..3);
    let list = several.prop_map(|items| format!("in.(\"{}\")", items.join("\",\"")));
    let whole = one_of(&[
        "is.null",
        "not.is.null",
        "is.true",
        "cs.{a,1}",
        "not.cd.{1,NULL}",
        "ov.{}",
        r#"cs.{"a":[{"b":"'"}],"\"":null}"#,
        r#"cd.["\"",{"x":[1,true]}]"#,
        "lte.\"x\"",
        r#"in.(1,"\"'\"",null,"{}")"#,
        "imatch.^É'.*|\"$",
        "ilike.'________________________%______________________________%\"_É%_",
        "gt(any).{1,2,NULL}",
        "ilike(all).{É*,'}",
    ]);
    prop_oneof![6 => plain, 2 => list, 3 => whole].boxed()
}

/// `key=value`, encoded.
fn parameter() -> Texts {
    let encoded = |(key, value): (String, String)| format!("{}={}", encode(&key), encode(&value));
    let prefixes = one_of(&["", "", "", "pair.", "child.", "zoo.", "pair.child."]);
    let placed = |key: Texts, value: Texts| {
        (prefixes.clone(), key, value)
            .prop_map(move |(prefix, key, value)| encoded((format!("{prefix}{key}"), value)))
            .boxed()
    };
    let member =
        (column(), operation()).prop_map(|(column, operation)| format!("{column}.{operation}"));
    let logic = proptest::collection::vec(member, 1..4);
    let logic = logic.prop_map(|members| format!("({})", members.join(","))).boxed();
    let direction = one_of(&["", ".asc", ".desc", ".desc.nullslast", ".nullsfirst"]);
    let related = (one_of(&["zoo", "pair", "self", "child"]), column())
        .prop_map(|(embed, column)| format!("{embed}({column})"));
    let ordered = prop_oneof![3 => column(), 1 => related];
    let term = (ordered, direction).prop_map(|(column, direction)| format!("{column}{direction}"));
    let number = prop_oneof!["[0-9]{1,3}", "[0-9]{18,22}", text()].boxed();
    prop_oneof![
        6 => placed(column(), operation()),
        1 => placed(one_of(&["zoo", "pair", "child", "self"]), one_of(&["is.null", "not.is.null"])),
        2 => placed(one_of(&["and", "or", "not.and", "not.or"]), logic),
        2 => placed(one_of(&["order"]), term.boxed()),
        2 => placed(one_of(&["limit", "offset"]), number),
        1 => (one_of(&["on_conflict", "columns"]), column()).prop_map(encoded),
    ]
    .boxed()
}

fn body() -> Texts {
    let value = prop_oneof![
        text().prop_map(|text| serde_json::Value::from(text).to_string()),
        one_of(&["null", "true", "1", "-1.5", "[]", "{\"a\":[1,\"'\"]}", "9007199254740993"]),
    ];
    let member = (column(), value)
        .prop_map(|(column, value)| format!("{}:{value}", serde_json::Value::from(column)));
    let row = proptest::collection::vec(member, 0..4);
    let row = row.prop_map(|members| format!("{{{}}}", members.join(",")));
    proptest::collection::vec(row, 0..3).prop_map(|rows| format!("[{}]", rows.join(","))).boxed()
}

const PREFER: [&str; 7] = [
    "",
    "count=estimated",
    "return=representation",
    "count=exact",
    "resolution=merge-duplicates",
    "resolution=ignore-duplicates,return=representation",
    "missing=default,return=headers-only",
];

const CALLERS: [Caller; 3] = [Nobody, User(ADA), Service];

thread_local! {
    static ZOO: Rc<(House, BTreeSet<Token>)> = {
        let house = House::of(zoo::SCHEMA, zoo::POLICIES);
        house.host.execute(zoo::ROWS);
        let known = vocabulary(&house.app.catalog);
        Rc::new((house, known))
    };
}

proptest! {
    #![proptest_config(property(3000))]

    #[test]
    fn statements_are_made_of_known_words_and_the_catalogs_names(
        method in one_of(&["GET", "GET", "GET", "POST", "PUT", "PATCH", "DELETE"]),
        table in one_of(&TABLES),
        items in items(),
        parameters in proptest::collection::vec(parameter(), 0..4),
        (body, prefer, accept, caller) in
            (body(), one_of(&PREFER), one_of(&["", "", "text/csv"]), select(&CALLERS[..])),
    ) {
        let (house, known) = &*ZOO.with(Rc::clone);
        let line = format!("{method} {table}?select={}&{}", encode(&items), parameters.join("&"));
        let body = if method == "GET" || method == "DELETE" { String::new() } else { body };
        house.host.record();
        let answer = house.rest_as(caller, &line, &[("prefer", &prefer), ("accept", &accept)], &body);
        prop_assert!(answer.status < 500, "{line}\n{body}\n{answer:?}");
        for sql in house.host.record() {
            let stranger = stranger(&sql, known);
            prop_assert!(stranger.is_none(), "{line}\n{body}\n{stranger:?} in\n{sql}");
        }
    }
}

/// A text in the double quotes of the dialect.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A name or key in quotes, in which neither quotes nor backslashes may be.
fn named() -> Texts {
    text().prop_map(|text| format!("\"x{}\"", text.replace(['"', '\\'], "'"))).boxed()
}

/// A filter of the zoo that holds a text in some place of it, and parses whatever the text is.
fn fitting() -> Texts {
    let forms = one_of(&[
        "txt=eq.RAW",
        "low=neq.RAW",
        "txt=gte.RAW",
        "txt=not.isdistinct.RAW",
        "txt=ilike.*RAW*",
        "low=like.RAWx",
        "txt=plfts.RAW",
        "low=not.wfts.RAW",
        "txt=phfts(simple).RAW",
        "txt=in.(QUOTED,x)",
        "tags=ov.{QUOTED}",
        "txt=eq(any).{QUOTED,NULL}",
        "or=(txt.eq.QUOTED,and(low.like.\"*x\",doc->>NAMED.neq.QUOTED))",
        "doc->>NAMED=eq.RAW",
        "doc->NAMED->>-1=gt.RAW",
        "doc->a=neq.JSON",
        "doc=cs.{\"a\":[JSON]}",
        "doc=cd.{\"a\":JSON}",
        "order=doc->>NAMED,id",
        "pair.note=eq.RAW",
    ]);
    (forms, text(), named())
        .prop_map(|(form, text, name)| {
            let (key, value) = form.split_once('=').expect("a parameter");
            let filled = |part: &str| {
                let json = serde_json::Value::from(text.as_str()).to_string();
                // The last to be filled in is the one that may hold the others' words.
                encode(&part.replace("NAMED", &name).replace("QUOTED", &quoted(&text)))
                    .replace("JSON", &encode(&json))
                    .replace("RAW", &encode(&text))
            };
            format!("{}={}", filled(key), filled(value))
        })
        .boxed()
}

/// Most of what is made up above is refused before there is any SQL. This is not.
#[test]
fn texts_that_reach_the_database_are_never_part_of_a_statement() {
    let methods = one_of(&["GET", "GET", "POST", "PATCH", "DELETE"]);
    let filters = proptest::collection::vec(fitting(), 0..3);
    let request = (methods, filters, named(), text(), one_of(&PREFER));
    let answered = std::cell::Cell::new(0);
    let cases = property(1500);
    let least = cases.cases / 2;
    TestRunner::new(cases)
        .run(&request, |(method, filters, name, text, prefer)| {
            let (house, known) = &*ZOO.with(Rc::clone);
            let select = format!("id,{name}:txt,at:doc->{name},{name}:pair({name}:note)");
            let line = format!("{method} zoo?select={}&{}", encode(&select), filters.join("&"));
            let is_written = method == "POST" || method == "PATCH";
            let row = serde_json::json!({ "txt": text, "doc": { &name: text }, "tags": [text] });
            let body = if is_written { row.to_string() } else { String::new() };
            house.host.record();
            let answer = house.rest(User(ADA), &line, &prefer, &body);
            prop_assert!(answer.status < 500, "{line}\n{body}\n{answer:?}");
            answered.set(answered.get() + u32::from(answer.status < 300));
            for sql in house.host.record() {
                let stranger = stranger(&sql, known);
                prop_assert!(stranger.is_none(), "{line}\n{body}\n{stranger:?} in\n{sql}");
            }
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    assert!(answered.get() > least, "only {} requests were answered", answered.get());
}

/// What looks for strangers finds one.
#[test]
fn a_stranger_is_found() {
    let (_, known) = &*ZOO.with(Rc::clone);
    let is_known = |sql: &str| stranger(sql, known).is_none();
    assert!(is_known("select json_object('id', t0.\"id\") as row from \"zoo\" as t0"));
    for sql in [
        "select \"password_hash\"",
        "select 'it''s'",
        "select pragma_table_list",
        "select 1; select 2",
        "select \"a\"\"b\"",
        "select 'unfinished",
        "select $x",
    ] {
        assert!(!is_known(sql), "{sql}");
    }
}
