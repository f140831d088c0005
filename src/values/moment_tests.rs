use super::*;

/// 2026-11-22T10:11:12.345Z
const NOW: Milliseconds = 1_795_342_272_345;

#[track_caller]
fn reads(kind: Type, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        let read = parse(kind, text, Some(NOW)).map(|scalar| scalar.text);
        assert_eq!(read.as_deref(), Ok(*expected), "{text}");
    }
}

#[track_caller]
fn rejects(kind: Type, state: &str, texts: &[&str]) {
    for text in texts {
        let fault = parse(kind, text, Some(NOW)).map_err(|fault| fault.sqlstate());
        assert_eq!(fault, Err(state), "{text}");
    }
}

#[test]
fn timestamps_with_a_zone_are_written_in_utc() {
    reads(
        Type::TimestampTz,
        &[
            ("2026-11-22", "2026-11-22T00:00:00.000000+00:00"),
            ("2026-1-2", "2026-01-02T00:00:00.000000+00:00"),
            ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00.000000+00:00"),
            ("2026-11-22 10:00:00.5+01", "2026-11-22T09:00:00.500000+00:00"),
            ("2026-11-22T00:30:00+01:00", "2026-11-21T23:30:00.000000+00:00"),
            ("2026-11-22T00:30:00+01:00:30", "2026-11-21T23:29:30.000000+00:00"),
            ("2026-12-31T23:59:59.999999-0330", "2027-01-01T03:29:59.999999+00:00"),
            ("2024-02-29 10:00", "2024-02-29T10:00:00.000000+00:00"),
            ("2026-11-22T10:00:00 00:00", "2026-11-22T10:00:00.000000+00:00"),
            ("20250101 00:00", "2025-01-01T00:00:00.000000+00:00"),
            ("20231018T123759Z", "2023-10-18T12:37:59.000000+00:00"),
            ("2026-11-22 10:00:00 UTC", "2026-11-22T10:00:00.000000+00:00"),
            ("2026-11-22 10:00 pm", "2026-11-22T22:00:00.000000+00:00"),
            ("2026-12-31T24:00:00", "2027-01-01T00:00:00.000000+00:00"),
            ("2026-12-31T23:59:60", "2027-01-01T00:00:00.000000+00:00"),
            ("2026-12-31T23:59:59.9999999", "2027-01-01T00:00:00.000000+00:00"),
            ("now", "2026-11-22T10:11:12.345000+00:00"),
            ("NOW()", "2026-11-22T10:11:12.345000+00:00"),
            ("today", "2026-11-22T00:00:00.000000+00:00"),
            ("tomorrow", "2026-11-23T00:00:00.000000+00:00"),
            ("yesterday 12:30", "2026-11-21T12:30:00.000000+00:00"),
            ("epoch", "1970-01-01T00:00:00.000000+00:00"),
        ],
    );
}

#[test]
fn fractions_round_to_microseconds_and_halves_to_even() {
    reads(
        Type::Time,
        &[
            ("10:00:00.0000005", "10:00:00.000000"),
            ("10:00:00.0000015", "10:00:00.000002"),
            ("10:00:00.00000051", "10:00:00.000001"),
            ("10:00:00.1234564", "10:00:00.123456"),
            ("10:00:00.1234566", "10:00:00.123457"),
        ],
    );
}

#[test]
fn other_types_ignore_what_they_do_not_hold() {
    reads(Type::Timestamp, &[("2026-11-22T10:00:00+01:00", "2026-11-22T10:00:00.000000")]);
    reads(Type::Date, &[("2026-11-22T10:00:00+01:00", "2026-11-22"), ("today", "2026-11-22")]);
    reads(
        Type::Time,
        &[
            ("10:00", "10:00:00.000000"),
            ("1:02:03.5", "01:02:03.500000"),
            ("10:00:00+01", "10:00:00.000000"),
            ("101112", "10:11:12.000000"),
            ("24:00:00", "24:00:00.000000"),
            ("12:00 am", "00:00:00.000000"),
            ("2026-11-22 10:00", "10:00:00.000000"),
            ("now", "10:11:12.345000"),
        ],
    );
}

#[test]
fn what_is_no_time_is_rejected() {
    let texts = ["", "2026", "22.11.2026", "2026-11-22T", "2026-11-22T10", "2026-11-22é", "later"];
    rejects(Type::TimestampTz, "22007", &texts);
    rejects(Type::Date, "22007", &["10:00", "2026-11", "2026-111-1", "now now"]);
    rejects(Type::Time, "22007", &["2026-11-22", "10", "10:", "x"]);
    rejects(
        Type::TimestampTz,
        "22008",
        &[
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "0000-01-01",
            "2026-01-32",
            "2026-11-22T24:00:01",
            "2026-11-22T10:60:00",
            "2026-11-22T10:00:61",
            "2026-11-22T13:00:00 pm",
        ],
    );
    rejects(Type::Time, "22008", &["25:00", "24:00:00.1", "10:99"]);
    rejects(Type::TimestampTz, "22009", &["2026-11-22T10:00:00+16:00", "2026-11-22T10:00+01:60"]);
}

#[test]
fn what_is_not_stored_is_rejected_with_a_hint() {
    for text in [
        "infinity",
        "-Infinity",
        "10000-01-01",
        "0044-03-15 BC",
        "9999-12-31T23:59:59-01:00",
        "0001-01-01T00:00:00+01:00",
        "2026-11-22 10:00 Europe/Berlin",
        "2026-11-22 10:00 CET",
    ] {
        let fault = parse(Type::TimestampTz, text, Some(NOW)).expect_err(text);
        let is_known = matches!(fault, LiteralError::Unsupported(..) | LiteralError::ZoneName(_));
        assert!(is_known, "{text}: {fault:?}");
        assert!(fault.hint().is_some(), "{text}");
    }
}

#[test]
fn the_present_needs_a_clock() {
    for text in ["now", "now()", "today", "tomorrow", "yesterday"] {
        let fault = parse(Type::TimestampTz, text, None);
        assert!(matches!(fault, Err(LiteralError::Relative(_))), "{text}: {fault:?}");
    }
}
