use super::*;
use proptest::prelude::*;
use serde_json::Value;

fn check(text: &str) -> Result<Json, JsonError> {
    read(text.as_bytes())
}

#[test]
fn refuses_what_databases_stumble_over() {
    assert_eq!(check(r#""a\u0000b""#), Err(JsonError::Nul));
    assert_eq!(check("\"a\0b\""), Err(JsonError::Nul));
    assert!(check(r#""a\\u0000b""#).is_ok());
    for lone in [r#""\ud800""#, r#""\udc00\ud800""#, r#"[{"a":"\ud800x"}]"#, r#""\ud83dx""#] {
        assert!(matches!(read(lone.as_bytes()), Err(JsonError::Invalid(_))), "{lone}");
    }
    assert_eq!(read(br#""\ud83d\ude00""#), Ok(Json::Text("😀".into())));
    assert_eq!(read(b"\"\xff\""), Err(JsonError::NotUtf8));
    assert!(matches!(check(""), Err(JsonError::Invalid(_))));
}

#[test]
fn depth_is_limited_and_brackets_in_strings_do_not_count() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(check(&nested(JSON_DEPTH_MAX)).is_ok());
    assert_eq!(check(&nested(JSON_DEPTH_MAX + 1)), Err(JsonError::TooDeep));
    assert!(check(&format!("\"{}\"", "[".repeat(100))).is_ok());
}

#[test]
fn a_member_named_twice_is_refused_at_any_depth() {
    let check = |text: &str| Object::read(text.as_bytes()).map(|_| ());
    assert!(check(r#" {"a": [{"b": 1}, {"b": 2}], "b": {"a": null}} "#).is_ok());
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"\u0061":1}"#,
        r#"{"a":{"b":1,"c":2,"b":3}}"#,
        r#"{"c":[[{"a":[{"b":1,"b":2}]}]]}"#,
    ] {
        let refused = check(text);
        assert!(matches!(&refused, Err(JsonError::Invalid(why)) if why.contains("twice")));
    }
    for text in ["", "{", "[1,", "{\"a\":}", "{} {}", "nul", "[\"\u{0}\"]"] {
        assert!(check(text).is_err(), "{text}");
    }
    for value in ["1", "-1", "1.5", "18446744073709551616", "\"\"", "true", "null"] {
        assert!(check(&format!("{{\"a\":[{value}]}}")).is_ok(), "{value}");
        assert!(check(value).is_err(), "{value}");
    }
}

#[test]
fn what_is_nested_stays_text_whatever_it_is_called() {
    let magic = r#"{"$serde_json::private::RawValue": "[[[["}"#;
    assert_eq!(read(magic.as_bytes()), Ok(Json::Compound(magic.into())));
    let magic = r#"{"$serde_json::private::Number": "1"}"#;
    assert_eq!(read(magic.as_bytes()), Ok(Json::Compound(magic.into())));
}

#[test]
fn a_walk_passes_every_value_once() {
    let text = r#" [ {"a" :1 , "b\"}":[2,{"c":"]\\"}] ,"d":null}, "x,y", -1.5e3 ,[ ] ] "#;
    let mut walker = Walker::new(checked(text.as_bytes()).expect("test JSON"));
    assert!(walker.eat('['));
    assert!(walker.eat('{'));
    let mut members = Vec::new();
    loop {
        let name = walker.name();
        members.push((name, walker.value()));
        if !walker.eat(',') {
            break;
        }
    }
    assert!(walker.eat('}'));
    let expected = [("a", "1"), ("b\"}", r#"[2,{"c":"]\\"}]"#), ("d", "null")];
    assert_eq!(members, expected.map(|(name, value)| (name.into(), value)));
    for expected in [r#""x,y""#, "-1.5e3", "[ ]"] {
        assert!(walker.eat(','));
        assert_eq!(walker.value(), expected);
    }
    assert!(walker.eat(']'));
    assert!(!walker.eat(']'));
    assert_eq!(walker.value(), "");
    for text in ["", "[", "1 2", "{a:1}", "[1,]", "\"\\u0000\"", "\"\\ud800\""] {
        assert!(checked(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn digits_are_kept() {
    let number = |text: &str| read(text.as_bytes());
    for text in ["9007199254740993.10", "1.0", "-0", "1e400"] {
        assert_eq!(number(text), Ok(Json::Number(text.into())));
    }
    assert!(number("01").is_err());
}

/// Everything of a text, read by the walker alone.
fn whole(walker: &mut Walker<'_>) -> Value {
    if walker.eat('[') {
        let mut items = Vec::new();
        while !walker.eat(']') {
            items.push(whole(walker));
            walker.eat(',');
        }
        return Value::Array(items);
    }
    if walker.eat('{') {
        let mut members = serde_json::Map::new();
        while !walker.eat('}') {
            let name = walker.name().into_owned();
            members.insert(name, whole(walker));
            walker.eat(',');
        }
        return Value::Object(members);
    }
    match Json::of(walker.value()).expect("a value") {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(truth),
        Json::Text(text) => Value::String(text),
        Json::Number(text) => serde_json::from_str(&text).expect("a number"),
        Json::Compound(text) => panic!("{text}"),
    }
}

/// Whether a text has one of the few things that are JSON and are refused here, or that the other
/// reader refuses: NUL, deep nesting, and numbers that it cannot hold.
fn is_stricter(text: &str) -> bool {
    let lower = text.to_lowercase();
    lower.contains('\0') || lower.contains("\\u0000") || text.matches(['[', '{']).count() > 64
}

/// Holds both readers against each other, but for a number that the other one cannot hold.
#[track_caller]
fn agree(text: &str) {
    let theirs = serde_json::from_str::<Value>(text);
    if theirs.as_ref().is_err_and(|error| error.to_string().contains("number out of range")) {
        return;
    }
    match checked(text.as_bytes()) {
        Ok(ours) => assert_eq!(Some(whole(&mut Walker::new(ours))), theirs.ok(), "{text:?}"),
        Err(_) if is_stricter(text) => {}
        Err(error) => assert_eq!(theirs.ok(), None, "{text:?}: {error:?}"),
    }
}

fn any_json() -> impl Strategy<Value = String> {
    let number = "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?";
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        number.prop_map(|text| text),
        any::<String>().prop_map(|text| Value::from(text).to_string()),
        "\"([a-zé😀 ]|\\\\[\"\\\\/bfnrt]|\\\\u[0-9a-fA-F]{4}|\\\\ud[89ab][0-9a-f]{2}\\\\ud[c-f][0-9a-f]{2}){0,6}\"",
    ];
    leaf.prop_recursive(6, 40, 5, |inner| {
        let white = "[ \t\n\r]{0,2}";
        let name = prop_oneof![Just("\"a\"".to_owned()), "\"[a-c\\\\]{0,3}\""];
        prop_oneof![
            (white, proptest::collection::vec(inner.clone(), 0..5)).prop_map(
                |(white, items)| format!("[{white}{}]", items.join(&format!("{white},")))
            ),
            (white, proptest::collection::vec((name, inner), 0..5)).prop_map(|(white, members)| {
                let members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| format!("{name}{white}:{white}{value}"))
                    .collect();
                format!("{white}{{{}{white}}}{white}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    /// Every byte at every place in a word, and whatever it borrows from the bytes above it.
    #[test]
    fn what_is_special_is_found_where_it_is(bytes in proptest::collection::vec(
        prop_oneof![any::<u8>(), prop::sample::select(b" !\"#[\\]\x1f\x7f\x80\xa2\xdc\xff".to_vec())],
        0..40,
    )) {
        for start in 0..=bytes.len() {
            let rest = &bytes[start..];
            let special = |byte: &u8| *byte < b' ' || *byte == b'"' || *byte == b'\\';
            prop_assert_eq!(check::plain(rest), rest.iter().position(special).unwrap_or(rest.len()));
        }
    }

    #[test]
    fn two_readers_agree_on_json(text in any_json()) {
        agree(&text);
    }

    #[test]
    fn two_readers_agree_on_what_is_nearly_json(
        text in any_json(),
        place in any::<prop::sample::Index>(),
        instead in "[]\\[{}:,\"\\\\0-9.eE+ntf u\u{0}\u{c}\u{a0}\u{feff}-]{0,2}",
        removed in 0_usize..3,
    ) {
        let mut characters: Vec<char> = text.chars().collect();
        let place = place.index(characters.len() + 1);
        let end = characters.len().min(place + removed);
        characters.splice(place..end, instead.chars());
        agree(&characters.into_iter().collect::<String>());
    }

    #[test]
    fn no_bytes_are_too_much_for_it(bytes in prop_oneof![
        any::<Vec<u8>>(),
        "[]\\[{}:,\"\\\\a0-9.eE+ntf u-]{0,40}".prop_map(String::into_bytes),
    ]) {
        let _anything = (read(&bytes), Object::read(&bytes), read_list(&bytes));
        if let Ok(text) = std::str::from_utf8(&bytes) {
            // Even of what nobody has checked something is read, and it ends.
            let _anything = (Json::of(text), Object::of(text));
        }
    }

    #[test]
    fn two_writers_agree(text in any::<String>(), control in 0_u8..128) {
        let text = format!("{text}{}{text}", char::from(control));
        prop_assert_eq!(quoted(&text), Value::from(text.as_str()).to_string());
        prop_assert_eq!(read(quoted(&text).as_bytes()).is_ok(), !text.contains('\0'));
    }

    #[test]
    fn a_decimal_is_the_number_it_was_read_of(
        text in "[+-]?([0-9]{1,25}(\\.[0-9]{0,25})?|\\.[0-9]{1,25})([eE][+-]?[0-9]{1,3})?",
    ) {
        let decimal = Decimal::read(&text).expect("a decimal");
        let number: f64 = text.parse().expect("a double");
        prop_assert_eq!(decimal.is_finite(), number.is_finite(), "{}", &text);
        let written = decimal.written();
        prop_assert!(checked(written.as_bytes()).is_ok(), "{} {}", &text, &written);
        prop_assert_eq!(written.parse::<f64>().map(f64::abs).map(f64::to_bits), Ok(number.abs().to_bits()), "{}", &text);
        prop_assert_eq!(Decimal::read(&written), Some(decimal));
    }
}

/// Texts that are JSON.
const JSON: &[&str] = &[
    "0",
    "-0",
    "-0.0",
    "0e1",
    "1E+2",
    "1e-2",
    "10",
    "1.0e10",
    " 1 ",
    "\t\r\n[ ]",
    "{ }",
    "\"\"",
    "\"\u{7f}\"",
    "\"\u{2028}\"",
    "\"\u{10ffff}\"",
    r#""\/\b\f\n\r\t\"\\""#,
    r#""\u00e9\u00E9""#,
    r#""\uFFFF\uFDD0""#,
    r#""\ud83d\ude00""#,
    r#"{"":0}"#,
    r#"{"a":1,"a":2}"#,
    "[[],[[]],{}]",
    "123456789012345678901234567890",
    "1e-400",
    "[null,true,false]",
    "\"a\\\\\"",
];

#[test]
fn what_is_json() {
    for text in JSON {
        agree(text);
        assert!(checked(text.as_bytes()).is_ok(), "{text:?}");
    }
    assert!(checked(b"1e400").is_ok() && checked(b"-1e99999").is_ok());
}

/// Texts that are none.
const NO_JSON: &[&str] = &[
    "",
    " ",
    "\u{feff}1",
    "\u{a0}1",
    "\u{c}1",
    "1\u{c}",
    "+1",
    "-",
    "--1",
    "- 1",
    "01",
    "-01",
    "00",
    "1.",
    ".5",
    "-.5",
    "1.e1",
    "1e",
    "1e+",
    "1e-",
    "1e1.5",
    "1E2E3",
    "1 2",
    "1,",
    "0x1",
    "1_0",
    "1a",
    "Infinity",
    "-Infinity",
    "NaN",
    "nul",
    "nulll",
    "True",
    "TRUE",
    "tru",
    "undefined",
    "'a'",
    "a",
    "\"",
    "\"a",
    "\"a\\\"",
    "\"\t\"",
    "\"\n\"",
    "\"\u{1f}\"",
    "\"\\",
    r#""\""#,
    r#""\a""#,
    r#""\x41""#,
    r#""\u""#,
    r#""\u12""#,
    r#""\u12g4""#,
    r#""\u+123""#,
    r#""\U0041""#,
    r#""\'""#,
    r#""\ud800""#,
    r#""\udc00""#,
    r#""\ud800\ud800""#,
    r#""\ud800\n""#,
    r#""\ud800a""#,
    r#""\udc00\ud800""#,
    r#""\ud800\u0041""#,
    r#""\ud83d\ude0""#,
    "[",
    "]",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[,]",
    "[1,,2]",
    "[1 2]",
    "[1}",
    "[1:2]",
    "{",
    "}",
    "{]",
    "{,}",
    "{a:1}",
    "{'a':1}",
    "{1:1}",
    "{null:1}",
    r#"{"a"}"#,
    r#"{"a":}"#,
    r#"{"a":1,}"#,
    r#"{"a":1,,"b":2}"#,
    r#"{"a" 1}"#,
    r#"{"a"::1}"#,
    r#"{"a":1 "b":2}"#,
    r#"{"a":1]"#,
    r#"{"a":1}}"#,
    r#"{"a":1};"#,
    "{} {}",
    "[]]",
    "[1]//",
    "/**/1",
    "#",
    "\u{1}",
    "\\u0031",
    "\"a\"b",
    "truefalse",
];

#[test]
fn what_is_no_json() {
    for text in NO_JSON {
        agree(text);
        assert!(matches!(checked(text.as_bytes()), Err(JsonError::Invalid(_))), "{text:?}");
    }
    for bytes in [&b"\xff"[..], b"\"\xc0\x80\"", b"\"\xed\xa0\x80\"", b"\xef\xbb", b"1\0\0\0\x80"] {
        assert_eq!(checked(bytes), Err(JsonError::NotUtf8), "{bytes:?}");
    }
}

#[test]
fn members_have_types() {
    let body = br#"{"a":"x\u0041","b":null,"c":-5,"d":1.0,"e":{"f":[1]},"g":true,"h":-0,"i":9223372036854775808}"#;
    let object = Object::read(body).expect("an object");
    assert_eq!(object.text("a"), Ok(Some("xA".to_owned())));
    assert_eq!((object.text("b"), object.text("z")), (Ok(None), Ok(None)));
    assert_eq!((object.integer("c"), object.integer("b")), (Ok(Some(-5)), Ok(None)));
    assert_eq!((object.raw("e"), object.raw("b")), (Some(r#"{"f":[1]}"#), None));
    for name in ["c", "d", "e", "g"] {
        assert!(object.text(name).is_err(), "{name}");
    }
    for name in ["a", "d", "e", "g", "h", "i"] {
        assert!(object.integer(name).is_err(), "{name}");
    }
    for text in ["", "1", "[]", "{", "{]", "{\"a\":]", "{\"a\"", "{\"a\":1", "{a}", "\"{\""] {
        assert!(Object::of(text).is_none(), "{text}");
    }
    // A number that no double can hold.
    assert!(Object::read(br#"{"a":[1e400]}"#).is_err());
}

#[test]
fn decimals_have_one_text() {
    for (text, expected) in [
        ("0", "0"),
        ("-0.000", "0"),
        ("0e9999", "0"),
        ("1", "1"),
        ("-01.50", "-1.5"),
        ("+.5", "0.5"),
        ("5.", "5"),
        ("1e2", "100"),
        ("120e-1", "12"),
        ("1e-3", "0.001"),
        ("-1.25e-7", "-0.000000125"),
        ("12345.678", "12345.678"),
        ("1e20", "100000000000000000000"),
        ("1e21", "1e21"),
        ("1.5e300", "1.5e300"),
        ("1e-300", "1e-300"),
        ("9007199254740993", "9007199254740993"),
        ("0.1000000000000000055511151231257827", "0.1000000000000000055511151231257827"),
    ] {
        assert_eq!(
            Decimal::read(text).map(|number| number.written()).as_deref(),
            Some(expected),
            "{text}"
        );
    }
    for text in [
        "", ".", "-", "e1", "1e", "1e+", "1.2.3", "1e1.5", "inf", "nan", "0x1", "1_0", " 1", "--1",
        "+-1",
    ] {
        assert_eq!(Decimal::read(text), None, "{text}");
    }
    let finite = |text: &str| Decimal::read(text).is_some_and(|number| number.is_finite());
    for text in [
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "-1.79769313486231580793e308",
        "1e-99999999999999999999",
        "0e99999999999999999999",
    ] {
        assert!(finite(text) && text.parse::<f64>().is_ok_and(f64::is_finite), "{text}");
    }
    for text in [
        "1.7976931348623159e308",
        "-1.797693134862315808e308",
        "1e309",
        "1e99999999999999999999",
        "10e308",
    ] {
        assert!(!finite(text) && text.parse::<f64>().is_ok_and(f64::is_infinite), "{text}");
    }
}
