use super::*;

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
    reads(Type::NUMERIC, "+007.50", "7.50");
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
