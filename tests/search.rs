//! Full-text search where the demo's schema is too small: several indexes, nulls, columns that may not
//! be read, what an order could tell, and whether an index keeps up with its table.

mod support;

use support::corridor::Caller::{Service, User};
use support::corridor::{ADA, Answer, GRACE, House};

const SCHEMA: &str = "
    create table notes (
      id integer primary key, owner_id uuid not null, title text, body text, secret text,
      parent_id integer references notes (id) on delete cascade
    );
    create index notes_owner_id on notes (owner_id);
    create virtual table notes_stems using fts5
      (title, body, secret, content='notes', content_rowid='id', tokenize='porter unicode61');
    create trigger notes_stems_insert after insert on notes begin
      insert into notes_stems (rowid, title, body, secret) values (new.id, new.title, new.body, new.secret);
    end;
    create trigger notes_stems_delete after delete on notes begin
      insert into notes_stems (notes_stems, rowid, title, body, secret)
        values ('delete', old.id, old.title, old.body, old.secret);
    end;
    create trigger notes_stems_update after update on notes begin
      insert into notes_stems (notes_stems, rowid, title, body, secret)
        values ('delete', old.id, old.title, old.body, old.secret);
      insert into notes_stems (rowid, title, body, secret) values (new.id, new.title, new.body, new.secret);
    end;
    create virtual table notes_words using fts5 (body, content='notes', content_rowid='id');
    create trigger notes_words_insert after insert on notes begin
      insert into notes_words (rowid, body) values (new.id, new.body);
    end;
    create trigger notes_words_delete after delete on notes begin
      insert into notes_words (notes_words, rowid, body) values ('delete', old.id, old.body);
    end;
    create trigger notes_words_update after update of id, body on notes begin
      insert into notes_words (notes_words, rowid, body) values ('delete', old.id, old.body);
      insert into notes_words (rowid, body) values (new.id, new.body);
    end;";

const POLICIES: &str = "
    create policy a on notes for all to authenticated
      using (owner_id = auth.uid()) with check (owner_id = auth.uid());
    grant select (id, owner_id, title, body, parent_id) on notes to authenticated;
    grant insert, update, delete on notes to authenticated;";

/// Ada's notes are 1 to 5, Grace's 11 and 12.
fn house() -> House {
    let house = House::of(SCHEMA, POLICIES);
    let (ada, grace) = (ADA.0, GRACE.0);
    house.host.execute(&format!(
        "insert into notes (id, owner_id, title, body, secret) values
          (1, '{ada}', 'Cats', 'cats running', 'walrus'),
          (2, '{ada}', 'Dogs', 'a dog runs after the cat', 'walrus'),
          (3, '{ada}', null, null, null),
          (4, '{ada}', 'Walrus', 'nothing', null),
          (5, '{ada}', '', '', null),
          (11, '{grace}', 'Cats', 'more cats', 'walrus'),
          (12, '{grace}', 'Dogs', 'run', null)"
    ));
    house
}

fn get(house: &House, query: &str) -> Answer {
    let select = if query.contains("select=") { "" } else { "select=id&" };
    house.rest(User(ADA), &format!("GET notes?{select}{query}"), "", "")
}

/// The ids in the answer, in its order.
#[track_caller]
fn ids(answer: &Answer) -> String {
    assert!(answer.status < 300, "{answer:?}");
    let rows = answer.json();
    let rows = rows.as_array().expect("a list").iter().map(|row| row["id"].to_string());
    rows.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn finds(house: &House, cases: &[(&str, &str)]) {
    for (query, expected) in cases {
        assert_eq!(ids(&get(house, &format!("select=id&{query}&order=id"))), *expected, "{query}");
    }
}

#[test]
fn the_language_chooses_the_index() {
    finds(
        &house(),
        &[
            ("body=fts(english).run", "1 2"),
            ("body=fts(simple).run", ""),
            ("body=fts(simple).runs", "2"),
            // Without a language it is the first that is declared.
            ("body=fts.run", "1 2"),
            ("title=fts(english).cat", "1"),
        ],
    );
    let refused = get(&house(), "title=fts(simple).cats");
    assert_eq!((refused.status, refused.code()), (400, "PGRST127".to_owned()));
}

/// As in Postgres a null is neither found nor not found.
#[test]
fn a_null_is_never_found() {
    finds(
        &house(),
        &[
            ("body=fts.cat", "1 2"),
            ("body=not.fts.cat", "4 5"),
            ("body=fts.!cat", "4 5"),
            ("body=not.fts.!cat", "1 2"),
            ("not.and=(body.not.fts.cat)", "1 2"),
            ("not.or=(body.fts.cat,id.eq.4)", "5"),
            ("not.and=(body.fts.cat,title.fts.cat)", "2 4 5"),
            ("or=(body.not.fts.cat,id.eq.3)", "3 4 5"),
            ("not.and=(not.and(body.fts.!cat))", "4 5"),
            ("body=fts.", ""),
            ("body=not.fts.", "1 2 4 5"),
            ("body=plfts.?", ""),
        ],
    );
}

#[test]
fn a_column_that_may_not_be_read_may_not_be_searched_either() {
    let house = house();
    for query in ["secret=fts.walrus", "or=(title.fts.x,secret.wfts.walrus)", "secret=not.fts.x"] {
        assert_eq!(get(&house, query).code(), "42501", "{query}");
        let line = format!("DELETE notes?{query}");
        assert_eq!(house.rest(User(ADA), &line, "", "").code(), "42501", "{query}");
    }
    // Nor does a search in another column of the same index find what stands there.
    finds(
        &house,
        &[("title=fts.walrus", "4"), ("title=fts.!walrus", "1 2 5"), ("body=fts.walrus", "")],
    );
    let all = house.rest(Service, "GET notes?secret=fts.walrus&select=id&order=id", "", "");
    assert_eq!(ids(&all), "1 2 11");
    // FTS5's own column filter is a word like others.
    for text in ["secret:walrus", "{secret}:walrus", "\") OR secret:(\"walrus", "-title:walrus"] {
        for operator in ["plfts", "phfts", "wfts"] {
            let query = format!("select=id&title={operator}.{}&order=id", encoded(text));
            let found = ids(&get(&house, &query));
            assert!(!found.contains('1') && !found.contains('2'), "{query}: {found}");
        }
    }
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// By its own rows, which it may order by a search, nobody learns which words others use.
#[test]
fn the_order_tells_nothing_of_hidden_rows() {
    let house = house();
    house.host.execute(&format!(
        "insert into notes (id, owner_id, body) values
          (21, '{0}', 'apple pear plum'), (22, '{0}', 'plum apple pear'), (23, '{0}', 'pear fig'),
          (24, '{0}', 'apple fig'), (25, '{0}', 'apple apple fig'), (26, '{0}', 'plum')",
        ADA.0
    ));
    let queries = [
        "fts.apple|pear",
        "fts.apple|plum",
        "wfts.apple or plum or pear",
        "plfts.apple fig",
        "fts.!fig|plum",
    ];
    let orders = || -> Vec<String> {
        queries
            .iter()
            .map(|query| {
                ids(&get(&house, &format!("select=id&body={}", query.replace(' ', "%20"))))
            })
            .collect()
    };
    let by_bm25 = || {
        house.host.query(
            "select group_concat(rowid) from (select rowid from notes_stems
             where notes_stems match 'body : (apple OR pear)' and rowid between 21 and 26 order by rank)",
        )
    };
    let (before, before_by_bm25) = (orders(), by_bm25());
    assert_eq!(before[0], "21 22 25 23 24");
    for hidden in ["apple", "pear pear fig", "plum plum"] {
        for _ in 0..50 {
            house.host.execute(&format!(
                "insert into notes (owner_id, body) values ('{}', '{hidden} and more')",
                GRACE.0
            ));
        }
        assert_eq!(orders(), before, "{hidden}");
    }
    // Which is not so by itself.
    assert_ne!(by_bm25(), before_by_bm25);
}

/// Where nothing is asked for, a single search decides; otherwise the order is nobody's.
#[test]
fn a_search_orders_only_when_it_stands_alone() {
    let house = house();
    let ordered = |query: &str| {
        house.host.record();
        assert_eq!(get(&house, query).status, 200, "{query}");
        house.host.record().iter().any(|sql| sql.contains("highlight"))
    };
    for query in ["body=fts.cat", "body=fts.cat&title=eq.Cats", "body=wfts.cat&limit=1&select=id"] {
        assert!(ordered(query), "{query}");
    }
    for query in [
        "body=fts.cat&order=id",
        "body=fts.cat&title=fts.cat",
        "body=fts.!cat",
        "body=not.fts.cat",
        "or=(body.fts.cat,id.eq.1)",
        "body=fts.",
        "title=eq.Cats",
    ] {
        assert!(!ordered(query), "{query}");
    }
}

/// An index that has what its table has, whatever was done to the table.
#[test]
fn the_index_keeps_up_with_every_write() {
    let house = house();
    let (ada, all) = (ADA.0, "return=representation");
    let row = |id: u32, body: &str| format!(r#"{{"id":{id},"owner_id":"{ada}","body":"{body}"}}"#);
    let list = (100..400).map(|id| row(id, "bulk of words")).collect::<Vec<_>>().join(",");
    let steps = [
        ("POST notes", "", format!("[{list}]"), 201),
        ("PATCH notes?id=eq.1", "", r#"{"body":"now a ferret"}"#.into(), 204),
        (
            "PATCH notes?body=fts.bulk&id=lt.200&select=id",
            all,
            r#"{"body":"a weasel"}"#.into(),
            200,
        ),
        ("PATCH notes?id=eq.2", "", r#"{"id":77}"#.into(), 204),
        ("PATCH notes?id=eq.4", "", r#"{"parent_id":1}"#.into(), 204),
        (
            "POST notes",
            "resolution=merge-duplicates",
            format!("[{},{}]", row(1, "stoat"), row(500, "x")),
            201,
        ),
        ("POST notes", "resolution=ignore-duplicates", format!("[{}]", row(1, "never")), 201),
        ("DELETE notes?body=fts.weasel&id=lt.150", "", String::new(), 204),
        // Takes its child along.
        ("DELETE notes?body=fts.stoat", "", String::new(), 204),
        (
            "PATCH notes?id=eq.77",
            "",
            r#"{"owner_id":"22222222-2222-4222-8222-222222222222"}"#.into(),
            403,
        ),
    ];
    for (line, prefer, body, status) in steps {
        let answer = house.rest(User(ADA), line, prefer, &body);
        assert_eq!(answer.status, status, "{line}: {answer:?}");
        for index in ["notes_stems", "notes_words"] {
            let check =
                format!("insert into {index} ({index}, rank) values ('integrity-check', 1)");
            house.host.execute(&check);
        }
    }
    finds(
        &house,
        &[("body=fts.stoat", ""), ("body=fts.ferret", ""), ("body=fts.never", ""), ("id=eq.4", "")],
    );
    let weasels = house.rest(User(ADA), "GET notes?body=fts.weasel&select=id", "count=exact", "");
    assert_eq!(weasels.header("content-range"), Some("0-49/50"));
}

/// What is read is what is found, not the table.
#[test]
fn a_search_reads_what_it_finds() {
    let house = house();
    for number in 0..500 {
        let body = if number == 250 { "needle" } else { "hay" };
        house.host.execute(&format!(
            "insert into notes (owner_id, body) values ('{}', '{body} in a stack')",
            ADA.0
        ));
    }
    let steps = |query: &str| {
        house.host.take_usage();
        house.host.take_steps();
        assert_eq!(get(&house, query).json().as_array().map(Vec::len), Some(1), "{query}");
        assert_eq!(house.host.take_usage().round_trips, 1);
        house.host.take_steps()
    };
    for query in ["body=fts.needle", "body=fts.needle&order=id", "body=phfts.needle%20in&limit=5"] {
        let steps = steps(query);
        assert!(steps < 250, "{query}: {steps} steps");
    }
    // What goes through all rows takes some steps for each.
    assert!(steps("body=like.*needle*") > 1_000);
}

#[test]
fn many_searches_at_once_are_answered_or_refused() {
    let house = house();
    for count in [1, 10, 50, 98] {
        let members = vec!["body.fts.cat"; count].join(",");
        let answer = get(&house, &format!("select=id&order=id&or=({members})"));
        assert_eq!(ids(&answer), "1 2", "{count}");
        let members = vec!["body.not.fts.cat"; count].join(",");
        let answer = get(&house, &format!("select=id&order=id&and=({members})"));
        assert_eq!(ids(&answer), "4 5", "{count}");
    }
}

/// However many filters there are beside it.
#[test]
fn a_search_behind_many_filters_still_decides_the_order() {
    let house = house();
    for count in [1, 39, 40, 41, 99] {
        let filters = vec!["id=lt.100"; count].join("&");
        for query in [format!("{filters}&body=fts.cat"), format!("body=fts.cat&{filters}")] {
            assert_eq!(ids(&get(&house, &query)), "1 2", "{query}");
        }
    }
}

#[test]
fn hostile_texts_are_read_or_refused() {
    let house = house();
    for text in [
        "\"",
        "\"\"",
        "'",
        "''",
        "\\",
        "*",
        ":",
        "^",
        "-",
        "+",
        "NEAR(a b)",
        "AND",
        "a AND",
        "NOT a",
        "a\" OR \"b",
        "{title}:a",
        "\u{1}",
        "\u{feff}",
        "\u{301}",
        "🧶",
        "ﬃ",
        "a:*:*",
        "<->",
        "a<->",
        "(((((((((((((((((a)))))))))))))))))",
        "!!!!!!!!!!!!!!!!!a",
        "%00",
        "_",
        "$1",
        "?1",
    ] {
        for operator in ["fts", "plfts", "phfts", "wfts", "not.fts", "fts(english)", "wfts(simple)"]
        {
            for query in [
                format!("body={operator}.{}", encoded(text)),
                format!("or=(body.{operator}.{},id.eq.1)", encoded(&format!("\"{text}\""))),
            ] {
                let answer = get(&house, &query);
                assert!(matches!(answer.status, 200 | 400), "{query}: {answer:?}");
            }
        }
    }
}
