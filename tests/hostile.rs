//! What somebody with bad intentions sends to `/rest/v1`, threat by threat. SECURITY.md names the test
//! of each; those that are not here stand beside what they attack.

mod support;

use std::io::{Write, stderr};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;
use std::{process, thread};

use selvedge::http::encoding::encode;
use support::corridor::Caller::{Nobody, Service, User};
use support::corridor::{ADA, ALAN, Answer, GRACE, House};

#[track_caller]
fn is(answer: &Answer, status: u16, expected: &str) {
    let shown = if status >= 400 { answer.code() } else { answer.body.clone() };
    assert_eq!((answer.status, shown.as_str()), (status, expected), "{answer:?}");
}

/// No text of a client's ever holds this, but for those of the attacks below.
const MARK: &str = "zq9";

/// Ends of literals, names, comments and statements, with the mark behind each.
const ATTACKS: [&str; 14] = [
    "zq9' or '1'='1",
    "zq9\" or \"1\"=\"1",
    "zq9'; drop table tasks; --",
    "zq9\"; drop table tasks; --",
    "zq9') union select password_hash from auth_users --",
    "zq9\") union select password_hash from auth_users --",
    "zq9/*",
    "*/zq9--",
    "zq9\\",
    "zq9\\' or 1=1",
    "zq9`[]",
    "zq9?1",
    "zq9$.\"'",
    "zq9%00\u{1}",
];

/// A target for each place of a request in which a client's text can stand.
fn places(attack: &str) -> Vec<String> {
    let quoted = format!("\"{}\"", attack.replace('\\', "\\\\").replace('"', "\\\""));
    let (raw, quoted) = (encode(attack), encode(&quoted));
    [
        "GET tasks?title=eq.RAW",
        "GET tasks?title=like.*RAW*",
        "GET tasks?title=ilike.RAW",
        "GET tasks?title=match.RAW",
        "GET tasks?title=in.(QUOTED,x)",
        "GET tasks?title=eq(any).{QUOTED}",
        "GET tasks?title=wfts.RAW",
        "GET tasks?title=fts(RAW).x",
        "GET tasks?or=(title.eq.QUOTED,id.eq.1)",
        "GET tasks?RAW=eq.1",
        "GET tasks?QUOTED=eq.1",
        "GET tasks?QUOTED.id=eq.1",
        "GET tasks?select=QUOTED",
        "GET tasks?select=QUOTED:id",
        "GET tasks?select=RAW:id",
        "GET tasks?select=id::QUOTED",
        "GET tasks?select=id.sum()::QUOTED",
        "GET tasks?select=QUOTED(id)",
        "GET tasks?select=projects!QUOTED(id)",
        "GET tasks?select=QUOTED:projects(QUOTED:id)",
        "GET projects?select=settings->QUOTED",
        "GET projects?select=settings->>RAW",
        "GET projects?select=QUOTED:settings->a->>QUOTED",
        "GET projects?settings->>QUOTED=eq.1",
        "GET projects?settings->QUOTED=eq.RAW",
        "GET projects?settings=cs.{QUOTED:1}",
        "GET labels?aliases=cs.{QUOTED}",
        "GET projects?order=settings->QUOTED",
        "GET tasks?order=QUOTED",
        "GET tasks?order=RAW.desc",
        "GET tasks?order=projects(QUOTED)&select=projects(id)",
        "GET tasks?limit=RAW",
        "GET tasks?offset=RAW",
        "POST tasks?columns=QUOTED",
        "POST tasks?on_conflict=QUOTED",
        "POST tasks?columns=id,RAW",
        "PATCH tasks?id=eq.RAW",
        "DELETE tasks?title=eq.RAW",
        "PUT tasks?id=eq.RAW",
        "GET RAW",
        "POST rpc/RAW",
        "GET rpc/progress?project=RAW",
        "GET rpc/progress?RAW=1",
    ]
    .map(|place| place.replace("RAW", &raw).replace("QUOTED", &quoted))
    .to_vec()
}

#[test]
fn sql_in_any_place_of_a_request_stays_a_text() {
    let house = House::demo();
    let before = house.host.dump();
    let (mut answered, mut statements) = (0, 0);
    for attack in ATTACKS {
        let body = serde_json::json!([{ (attack): attack, "title": attack }]).to_string();
        for place in places(attack) {
            house.host.record();
            let body =
                if place.starts_with("GET") || place.starts_with("DELETE") { "" } else { &body };
            let answer = house.rest(User(ALAN), &place, "resolution=merge-duplicates", body);
            assert!(answer.status < 500, "{place}\n{answer:?}");
            assert!(!answer.body.contains("argon2"), "{place}\n{answer:?}");
            answered += u32::from(answer.status < 300);
            for sql in house.host.record() {
                statements += 1;
                assert!(!sql.contains(MARK), "{place}\n{sql}");
            }
        }
    }
    assert!(answered > 100 && statements > 100, "{answered} {statements}");
    assert!(house.host.dump() == before, "something has changed");
}

#[test]
fn an_injected_alternative_shows_no_row_more() {
    let house = House::demo();
    for attack in ATTACKS {
        let count = |value: &str| {
            let line = format!("GET tasks?select=id&title=eq.{}", encode(value));
            house.rest(User(ADA), &line, "", "").body
        };
        assert_eq!(count(attack), "[]", "{attack}");
    }
}

/// Ends a run that hangs. It is no measure of anything: what can be counted is counted. But nothing
/// counts the steps of parsing, or of what SQLite does within one step of a program.
fn guarded<T>(what: &str, work: impl FnOnce() -> T) -> T {
    const HANGS: Duration = Duration::from_mins(1);
    let (working, watch) = channel::<()>();
    let shown = format!("{what} hangs\n");
    thread::spawn(move || {
        if watch.recv_timeout(HANGS) == Err(RecvTimeoutError::Timeout) {
            stderr().write_all(shown.as_bytes()).ok();
            process::exit(1);
        }
    });
    let done = work();
    drop(working);
    done
}

#[test]
fn json_bombs_are_refused_before_they_go_off() {
    let house = House::demo();
    let before = house.host.dump();
    let size = (1 << 20) - 64;
    let keys =
        |count: usize| (0..count).map(|key| format!("\"k{key}\":0")).collect::<Vec<_>>().join(",");
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    for (what, body, refusal) in [
        ("brackets", "[".repeat(size), "400 PGRST102"),
        ("objects", "{\"a\":".repeat(size / 5), "400 PGRST102"),
        ("depth", format!("{{\"settings\":{}}}", nested(65)), "400 PGRST102"),
        // More than a body holds, so that to look for each among all others takes minutes.
        ("keys", format!("{{{}}}", keys(300_000)), "400 PGRST204"),
        (
            "rows of different keys",
            format!("[{{{}}},{{{}}}]", keys(150_000), keys(150_001)),
            "400 PGRST102",
        ),
        ("empty rows", format!("[{}]", vec!["{}"; size / 4].join(",")), "401 42501"),
        ("digits", format!("{{\"id\":{}}}", "9".repeat(size)), "400 22003"),
        ("an exponent", "{\"id\":1e999999999}".to_owned(), "400 22P02"),
        ("escapes", format!("{{\"name\":\"{}\"}}", "\\u0041".repeat(size / 7)), "400 22001"),
        ("half a pair", "{\"name\":\"\\ud800\"}".to_owned(), "400 PGRST102"),
    ] {
        for line in
            ["POST projects", "PATCH projects?id=eq.1", "POST projects?columns=name,settings"]
        {
            house.host.take_steps();
            let answer = guarded(what, || house.rest(User(ADA), line, "", &body));
            let steps = house.host.take_steps();
            let shown = format!("{} {}", answer.status, answer.code());
            let is_refused = (400..500).contains(&answer.status);
            // What does not count is not judged either.
            assert!(is_refused || answer.status < 300, "{what} {line}: {shown}");
            if line == "POST projects" && what != "empty rows" {
                assert_eq!(
                    shown,
                    refusal,
                    "{what}: {}",
                    &answer.body[..answer.body.len().min(300)]
                );
            }
            // A policy stops it at the first row, all else before the database hears of it.
            assert!(steps < 100, "{what} {line}: {steps} steps");
        }
    }
    assert!(house.host.dump() == before, "something has changed");
}

#[test]
fn of_a_key_that_stands_twice_the_last_counts() {
    let house = House::demo();
    let body = format!(
        "{{\"name\":\"a\",\"owner_id\":\"{}\",\"name\":\"b\",\"owner_id\":\"{}\"}}",
        GRACE.0, ADA.0
    );
    let answer =
        house.rest(User(ADA), "POST projects?select=name,owner_id", "return=representation", &body);
    is(&answer, 201, &format!("[{{\"name\":\"b\",\"owner_id\":\"{}\"}}]", ADA.0));
    // Judged by the policy is the one that is written.
    let body =
        format!("{{\"name\":\"c\",\"owner_id\":\"{}\",\"owner_id\":\"{}\"}}", ADA.0, GRACE.0);
    is(&house.rest(User(ADA), "POST projects", "", &body), 403, "42501");
}

#[test]
fn a_list_may_have_ten_thousand_items() {
    let house = House::demo();
    let found = "[{\"id\":1}]";
    for (count, expected) in [
        (1, found),
        (2, found),
        (99, found),
        (100, found),
        (101, found),
        (9_999, found),
        (10_000, found),
        (10_001, "PGRST100"),
        (10_002, "PGRST100"),
    ] {
        // Mostly empty, or they would not fit into a URL.
        let items = format!("{}Thread%20the%20warp", ",".repeat(count - 1));
        let answer =
            house.rest(User(ADA), &format!("GET tasks?select=id&title=in.({items})"), "", "");
        is(&answer, if expected == found { 200 } else { 400 }, expected);
        if count <= 101 {
            let filters = (0..count).map(|_| "id=in.(1,2)").collect::<Vec<_>>().join("&");
            let answer =
                house.rest(User(ADA), &format!("GET tasks?select=id&id=eq.1&{filters}"), "", "");
            is(&answer, 200, found);
        }
    }
    let numbers = |count: usize| vec!["1"; count].join(",");
    let line = format!("GET tasks?select=id&id=in.({})", numbers(8_000));
    is(&house.rest(User(ADA), &line, "", ""), 200, found);
    let line = format!("GET tasks?select=id&id=in.({})", numbers(10_000));
    is(&house.rest(User(ADA), &line, "", ""), 414, "uri_too_long");
}

/// A filter of some size.
type OfSize = fn(usize) -> String;

#[test]
fn no_pattern_or_filter_takes_long() {
    fn stars(separator: &str, count: usize) -> String {
        vec!["*"; count].join(separator)
    }
    let house = House::demo();
    let steps = |what: &str, filter: &str, characters: usize| {
        house.host.execute(&format!(
            "update comments set body = replace(hex(zeroblob({characters} / 2)), '0', 'a') where id = 1"
        ));
        house.host.take_steps();
        let line = format!("GET comments?{filter}");
        let answer = guarded(what, || house.rest(Service, &line, "", ""));
        assert!(answer.status == 200 || answer.status == 400, "{what}: {answer:?}");
        house.host.take_steps()
    };
    let filters: [(&str, usize, OfSize); 20] = [
        ("like", 24, |n| format!("body=like.{}b", stars("a", n))),
        ("a long like", 4_000, |n| format!("body=like.{}b", stars("a", n))),
        ("one sign", 2_000, |n| format!("body=like.{}b", stars("_", n))),
        ("a hole", 60, |n| format!("body=like.a*a_b*{}", "a".repeat(n))),
        ("a hundred parts", 101, |n| format!("body=like.{}", stars("_a", n))),
        ("ilike", 24, |n| format!("body=ilike.{}b", stars("A", n))),
        ("a long ilike", 4_000, |n| format!("body=ilike.{}b", stars("A", n))),
        ("ilike beyond ASCII", 1_000, |n| format!("body=ilike.{}", encode(&stars("é", n)))),
        ("match", 1, |n| format!("body=match.{}", encode(&"^(a+)+$".repeat(n)))),
        ("a long match", 2_000, |n| format!("body=match.{}", encode(&"a.*".repeat(n)))),
        ("imatch", 500, |n| format!("body=imatch.{}", encode(&"(a|a)*".repeat(n)))),
        ("search", 200, |n| format!("body=fts.{}", encode(&format!("{}a", "!(".repeat(n))))),
        ("prefixes", 100, |n| format!("body=fts.{}", encode(&vec!["a:*"; n].join("|")))),
        ("logic", 3_000, |n| format!("or=({}", "and(".repeat(n))),
        ("filters", 400, |n| vec!["body=like.*a*b"; n].join("&")),
        ("embeds", 1_000, |n| format!("select={}", "tasks(".repeat(n))),
        ("braces", 8_000, |n| format!("or=(body.eq.{}", "{".repeat(n))),
        ("quotes", 4_000, |n| format!("or=(body.eq.{}", "%22".repeat(n))),
        ("an order", 2_000, |n| format!("order={}", vec!["body"; n].join(","))),
        ("steps", 3_000, |n| format!("task_id{}=eq.1", "->a".repeat(n))),
    ];
    for (what, size, filter) in filters {
        let (half, whole) = (filter(size / 2), filter(size));
        let found =
            [steps(what, &half, 50_000), steps(what, &whole, 50_000), steps(what, &whole, 100_000)];
        // Twice the filter or twice the text is twice the work at most; what multiplies is four times.
        let grows = found.windows(2).any(|pair| pair[1] > pair[0] * 3);
        assert!(!grows, "{what}: {found:?} steps");
    }
}

#[test]
fn of_repeated_parameters_the_first_counts_and_filters_add_up() {
    let house = House::demo();
    for (query, expected) in [
        ("select=id&select=*&id=eq.1", "[{\"id\":1}]"),
        ("select=id&id=gt.1&id=lt.3", "[{\"id\":2}]"),
        ("select=id&id=eq.1&id=eq.2", "[]"),
        ("select=id&id=eq.1&or=(id.eq.1,id.eq.2)&or=(id.eq.2)", "[]"),
        ("select=id&order=id&limit=1&limit=100", "[{\"id\":1}]"),
        ("select=id&order=id&limit=1&offset=1&offset=0", "[{\"id\":2}]"),
        ("select=id&order=id.desc&order=id&limit=1&project_id=eq.1", "[{\"id\":3}]"),
        ("select=id&%73elect=*&id=eq.1", "[{\"id\":1}]"),
    ] {
        is(&house.rest(User(ADA), &format!("GET tasks?{query}"), "", ""), 200, expected);
    }
    let line = "POST labels?columns=project_id,name&columns=id,project_id,name&select=id,name";
    let row = "{\"id\":77,\"project_id\":1,\"name\":\"x\"}";
    let answer = house.rest(User(ADA), line, "return=representation", row);
    assert_eq!((answer.status, answer.body.contains("77")), (201, false), "{answer:?}");
}

#[test]
fn nothing_that_is_sent_becomes_a_header() {
    let house = House::of(
        "create table notes (name text primary key, body text);",
        "create policy a on notes for all to public using (true);",
    );
    let evil = "x\r\nset-cookie: a=b\r\n\r\n<script>";
    let row = serde_json::json!({ "name": evil }).to_string();
    let mut answers = vec![house.rest(Nobody, "POST notes", "return=headers-only", &row)];
    let location = answers[0].header("location").expect("a location").to_owned();
    assert!(location.contains("%0D%0A") && !location.contains('<'), "{location}");
    for target in [
        "notes?name=eq.EVIL",
        "notes?select=EVIL:name",
        "notes?select=\"EVIL\":name",
        "notes?order=EVIL",
        "notes?limit=EVIL",
        "EVIL",
    ] {
        let target = target.replace("EVIL", &encode(evil));
        for (name, value) in [("range", "0-1"), ("prefer", "count=exact"), ("accept", "text/csv")] {
            answers.push(house.rest_as(Nobody, &format!("GET {target}"), &[(name, value)], ""));
        }
    }
    for raw in ["\t", "\r", "\n", "\u{85}"] {
        answers.push(house.rest(Nobody, &format!("GET notes?name=eq.a{raw}b"), "", ""));
    }
    for (name, value) in [
        ("range", "0-1\r\nset-cookie: a=b"),
        ("prefer", "handling=lenient\r\nset-cookie: a=b"),
        ("prefer", "count=exact, set-cookie: a=b, timezone=<script>"),
        ("accept", "text/csv; set-cookie=a"),
        ("accept-profile", "public\nset-cookie: a=b"),
        ("if-none-match", "\"\r\nset-cookie: a=b\""),
        ("x-request-id", "a=b"),
    ] {
        answers.push(house.rest_as(Nobody, "GET notes?select=name", &[(name, value)], ""));
    }
    for answer in answers {
        assert!(answer.status < 500, "{answer:?}");
        assert_eq!(answer.header("set-cookie"), None, "{answer:?}");
        for (name, value) in &answer.headers {
            let is_plain = |c: char| c == ' ' || c.is_ascii_graphic();
            assert!(value.chars().all(is_plain) && !value.contains("<script"), "{name}: {value}");
        }
    }
}

/// Grace's garden, of which Ada sees nothing.
const HIDDEN: &str = "project_id=eq.2";

#[test]
fn counts_and_names_of_answers_tell_nothing_of_hidden_rows() {
    let house = House::demo();
    let seen = || {
        let mut seen = Vec::new();
        for line in [
            "GET tasks?select=id,title",
            "GET tasks?select=count()",
            "GET tasks?select=id,comments(count)",
            "GET projects?select=name,tasks(id.max())",
            "GET tasks?title=wfts.beans or warp&select=id",
            "HEAD tasks",
        ] {
            for prefer in ["", "count=exact", "count=planned", "count=estimated"] {
                let answer = house.rest(
                    User(ADA),
                    &line.replace(' ', "%20").replacen("%20", " ", 1),
                    prefer,
                    "",
                );
                let header = |name| answer.header(name).map(str::to_owned);
                seen.push((answer.status, header("content-range"), header("etag"), answer.body));
            }
        }
        seen
    };
    let before = seen();
    assert!(before.iter().all(|(status, ..)| matches!(status, 200 | 206)), "{before:?}");
    for change in [format!("PATCH tasks?{HIDDEN}"), format!("DELETE tasks?{HIDDEN}&id=eq.4")] {
        let body = if change.starts_with("PATCH") { "{\"priority\":5,\"done\":true}" } else { "" };
        is(&house.rest(User(GRACE), &change, "", body), 204, "");
        assert_eq!(seen(), before, "{change}");
    }
}

#[test]
fn refusals_hold_nothing_that_was_not_sent() {
    let house = House::of(
        "create table vaults (
           id integer primary key, owner uuid not null, code text not null unique,
           secret text not null, check (length(secret) > 3)
         );
         create table keys (id integer primary key, vault_id integer not null references vaults (id), mark text);",
        "create policy a on vaults for all to authenticated using (owner = auth.uid());
         create policy b on keys for all to authenticated using (mark = 'open');",
    );
    house.host.execute(&format!(
        "insert into vaults values (1, '{}', 'c1', 'hidden-secret'), (2, '{}', 'c2', 'my secret');
         insert into keys values (7, 2, 'hidden-mark');",
        ADA.0, GRACE.0
    ));
    let vault = |id: u8, code: &str, secret: &str| {
        format!(r#"{{"id":{id},"owner":"{}","code":"{code}","secret":"{secret}"}}"#, GRACE.0)
    };
    let merge = "resolution=merge-duplicates, return=representation";
    for (line, prefer, body, expected) in [
        // That a key is taken is told, as in Postgres; of its row nothing else is.
        ("POST vaults", "", vault(1, "c3", "long enough"), "409 23505"),
        ("POST vaults", "", vault(3, "c1", "long enough"), "409 23505"),
        ("PATCH vaults?id=eq.2", "", r#"{"code":"c1"}"#.to_owned(), "409 23505"),
        ("POST vaults", merge, vault(1, "c3", "long enough"), "403 42501"),
        ("POST vaults?on_conflict=code", merge, vault(3, "c1", "long enough"), "403 42501"),
        ("POST vaults", "", vault(3, "c3", "no"), "400 23514"),
        ("PATCH vaults", "", r#"{"secret":"no"}"#.to_owned(), "400 23514"),
        ("PATCH vaults", "", r#"{"code":null}"#.to_owned(), "400 23502"),
        ("DELETE vaults?id=eq.2", "", String::new(), "409 23503"),
        ("POST keys", "", r#"{"vault_id":9,"mark":"open"}"#.to_owned(), "409 23503"),
    ] {
        let before = house.host.dump();
        let answer = house.rest(User(GRACE), line, prefer, &body);
        assert_eq!(
            format!("{} {}", answer.status, answer.code()),
            expected,
            "{line} {body}\n{answer:?}"
        );
        for hidden in ["hidden", ADA.0, "password", "select ", "insert into", "sqlite"] {
            assert!(
                !answer.body.to_lowercase().contains(hidden),
                "{line} {body}: {hidden}\n{answer:?}"
            );
        }
        assert!(house.host.dump() == before, "{line} has changed something");
    }
}

#[test]
fn a_filter_of_a_change_is_no_oracle() {
    let house = House::demo();
    let before = house.host.dump();
    // Whether a hidden row meets a condition must not show, by any answer.
    for prefer in ["", "count=exact", "return=representation", "handling=strict, max-affected=1"] {
        for verb in ["PATCH", "DELETE"] {
            let answers = ["title=eq.Sow%20the%20beans", "title=eq.Nothing"].map(|filter| {
                let body = if verb == "PATCH" { "{\"done\":false}" } else { "" };
                let answer = house.rest(User(ADA), &format!("{verb} tasks?{filter}"), prefer, body);
                let headers = ["content-range", "preference-applied", "etag"];
                let headers = headers.map(|name| answer.header(name).map(str::to_owned));
                (answer.status, headers, answer.body)
            });
            assert_eq!(answers[0], answers[1], "{verb} {prefer}");
        }
    }
    assert!(house.host.dump() == before, "something has changed");
}
