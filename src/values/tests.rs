use super::*;
use crate::catalog::Digits;

#[track_caller]
fn reads(kind: Type, text: &str, expected: &str) {
    let read = parse(kind, text).map(|scalar| scalar.text);
    assert_eq!(read.as_deref(), Ok(expected), "{text}");
}

#[track_caller]
fn rejects(kind: Type, texts: &[&str], code: &str) {
    for text in texts {
        assert_eq!(parse(kind, text).map_err(|fault| fault.sqlstate()), Err(code), "{text}");
    }
}

#[test]
fn booleans() {
    for text in ["true", "T", "yes", "y", "on", "1"] {
        reads(Type::Boolean, text, "1");
    }
    for text in ["false", "f", "no", "off", "0"] {
        reads(Type::Boolean, text, "0");
    }
    rejects(Type::Boolean, &["", "o", "2", "truth", "null"], "22P02");
}

#[test]
fn integers() {
    reads(Type::Integer, " 12 ", "12");
    reads(Type::Integer, "+12", "12");
    reads(Type::BigInt, "9223372036854775807", "9223372036854775807");
    rejects(Type::Integer, &["", "abc", "1.0", "1e3", "0x", "1__0", "_1", "- 1", "١"], "22P02");
    rejects(Type::Integer, &["2147483648"], "22003");
    rejects(Type::SmallInt, &["-32769"], "22003");
    rejects(Type::BigInt, &["9223372036854775808"], "22003");
}

#[test]
fn decimals() {
    reads(Type::Double, "1.5e3", "1.5e3");
    reads(Type::Double, ".5", "0.5");
    reads(Type::NUMERIC, "+007.50", "7.5");
    reads(Type::NUMERIC, "4.2810458122137e17", "428104581221370000");
    reads(Type::NUMERIC, "428104581221370000.00", "428104581221370000");
    reads(Type::NUMERIC, "1e-7", "0.0000001");
    reads(Type::NUMERIC, "9007199254740993", "9007199254740993");
    rejects(Type::Double, &["", "nan", "inf", "1e", ".", "1_0", "0x1"], "22P02");
    rejects(Type::Double, &["1e999"], "22003");
    rejects(Type::NUMERIC, &["0.1234567890123456", "1e400"], "22003");
}

#[test]
fn uuids() {
    let canonical = "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11";
    reads(Type::Uuid, canonical, canonical);
    reads(Type::Uuid, "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", canonical);
    reads(Type::Uuid, "{a0eebc999c0b4ef8bb6d6bb9bd380a11}", canonical);
    rejects(
        Type::Uuid,
        &["", "1", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a1", "g0eebc999c0b4ef8bb6d6bb9bd380a11"],
        "22P02",
    );
}

#[test]
fn bytes_are_hexadecimal_or_escaped() {
    reads(Type::Bytes, "\\x00FF", "00FF");
    reads(Type::Bytes, "\\x 00 ff\n", "00ff");
    reads(Type::Bytes, "\\x", "");
    reads(Type::Bytes, "", "");
    reads(Type::Bytes, "aé", "61c3a9");
    reads(Type::Bytes, r"\001\377\\x", "01ff5c78");
    rejects(Type::Bytes, &["\\x0", "\\xzz", "\\x0 0"], "22023");
    rejects(Type::Bytes, &["\\", "\\1", "\\12", "\\400", "\\X00", "\\n"], "22P02");
}

#[test]
fn numerics_have_groups_and_other_bases() {
    reads(Type::NUMERIC, "1_000.5", "1000.5");
    reads(Type::NUMERIC, "0x1F", "31");
    reads(Type::NUMERIC, "-0b11", "-3");
    rejects(Type::NUMERIC, &["_1", "1_", "1_.5", "1._5", "1__0", "0x", "0xg"], "22P02");
    rejects(Type::NUMERIC, &["1e400", "1e131072", "1e-400", "1e-99999"], "22003");
    rejects(Type::Double, &["1e400", "-1e99999", "1e-400", "2e-324"], "22003");
    reads(Type::Double, "3e-324", "3e-324");
    rejects(Type::SmallInt, &["32768", "99999.5", "99999x", "99_999x", "0x8000"], "22003");
    rejects(Type::SmallInt, &["1.5", "_99999", "1x", "32__771", "32_x771"], "22P02");
}

#[test]
fn numbers_round_to_their_scale_away_from_zero() {
    let assigned = |precision, scale, text: &str| {
        let kind = Type::Numeric { digits: Some(Digits { precision, scale }) };
        let value = Json::Number(text.to_owned());
        assign(kind, &value, None)
            .map(|scalar| scalar.map(|scalar| scalar.text).unwrap_or_default())
    };
    for (precision, scale, text, expected) in [
        (5, 2, "1.005", "1.01"),
        (5, 2, "-1.005", "-1.01"),
        (5, 2, "1.00499999999999999999", "1"),
        (5, 2, "999.994", "999.99"),
        (5, 2, "0.0049", "0"),
        (5, 2, "0.005", "0.01"),
        (5, 2, "0.099999", "0.1"),
        (3, 0, "999.4", "999"),
        (6, -2, "150", "200"),
        (6, -2, "49", "0"),
        (6, -2, "50", "100"),
        (2, 4, "0.00994", "0.0099"),
    ] {
        assert_eq!(assigned(precision, scale, text).as_deref(), Ok(expected), "{text}");
    }
    for (precision, scale, text) in
        [(5, 2, "999.995"), (5, 2, "1000"), (3, 0, "999.5"), (2, 4, "0.00995"), (5, 2, "1e400")]
    {
        let fault = assigned(precision, scale, text).map_err(|fault| fault.sqlstate());
        assert_eq!(fault, Err("22003"), "{text}");
    }
    let fault = assigned(5, 2, "1000").expect_err("too large");
    assert_eq!(fault.message(), "numeric field overflow");
    assert_eq!(
        fault.details().as_deref(),
        Some("A field with precision 5, scale 2 must round to an absolute value less than 10^3.")
    );
}
