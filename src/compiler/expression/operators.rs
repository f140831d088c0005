//! The operators there are (the part of `pg_operator` that is supported), and what each is for SQLite.
//!
//! Arrays are not in the table, as their operators are for all of them: see `array`.

use std::sync::LazyLock;

use super::kind::Kind;
use super::kind::Kind::{
    Array, Boolean, Bytea, Date, Float4, Float8, Int2, Int4, Int8, Interval, Json, Jsonb, Numeric,
    Text, Time, Timestamp, TimestampTz, Uuid,
};
use super::resolve::Overload;
use super::template::Check;
use crate::catalog::Item;

/// An operator between two operands.
#[derive(Debug, Clone)]
pub(super) struct Operator {
    pub name: &'static str,
    pub operands: [Kind; 2],
    pub result: Kind,
    pub write: Write,
}

/// How an operator or function is written for SQLite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Write {
    /// A template.
    Sql(&'static str),
    /// A template whose result is checked.
    Checked(&'static str, Check),
    /// Two operands of types that compare.
    Compare,
    /// By code of `time`, which needs the literals of intervals.
    Moment(MomentOperation),
    /// By code of `json`, which needs literals.
    Json,
    /// PostgreSQL has it and it is not supported; what to write instead.
    Unsupported(&'static str),
}

/// Sums and differences of dates, times and intervals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MomentOperation {
    /// A date or time and an interval, in this order.
    Shift { is_back: bool },
    /// An interval and a date or time.
    ShiftSwapped,
    /// Two points in time.
    Difference,
    /// Two intervals.
    Sum { is_back: bool },
    /// An interval and a factor, in either order.
    Multiply { is_swapped: bool },
    /// An interval and a divisor.
    Divide,
}

impl Overload for Operator {
    fn operands(&self) -> &[Kind] {
        &self.operands
    }
}

/// The comparisons.
pub(super) const COMPARISONS: [&str; 6] = ["=", "<>", "<", "<=", ">", ">="];

/// All operators.
pub(super) static OPERATORS: LazyLock<Vec<Operator>> = LazyLock::new(|| {
    let mut all = Vec::new();
    comparisons(&mut all);
    integers(&mut all);
    all.extend(rows(NUMBERS));
    all.extend(rows(MOMENTS));
    all.extend(rows(OTHERS));
    all
});

type Row = (&'static str, Kind, Kind, Kind, Write);

fn rows(rows: &'static [Row]) -> impl Iterator<Item = Operator> {
    rows.iter().map(|&(name, left, right, result, write)| Operator {
        name,
        operands: [left, right],
        result,
        write,
    })
}

/// Types whose values compare with each other without a cast.
const FAMILIES: &[&[Kind]] = &[
    &[Int2, Int4, Int8],
    &[Float4, Float8],
    &[Date, Timestamp, TimestampTz],
    &[Boolean],
    &[Numeric],
    &[Text],
    &[Uuid],
    &[Time],
    &[Interval],
    &[Bytea],
];

fn comparisons(all: &mut Vec<Operator>) {
    for name in COMPARISONS {
        for family in FAMILIES {
            for left in *family {
                let pairs = family.iter().map(|right| Operator {
                    name,
                    operands: [*left, *right],
                    result: Boolean,
                    write: Write::Compare,
                });
                all.extend(pairs);
            }
        }
        let write = match name {
            "=" | "<>" => Write::Json,
            _ => Write::Unsupported("compare a member: `(.. ->> 'key')::integer`"),
        };
        all.push(Operator { name, operands: [Jsonb, Jsonb], result: Boolean, write });
    }
}

const fn width(kind: Kind) -> u8 {
    match kind {
        Int2 => 0,
        Int4 => 1,
        _ => 2,
    }
}

/// Sums, differences, products and quotients of whole numbers, whose type is the wider one's.
fn integers(all: &mut Vec<Operator>) {
    let kinds = [Int2, Int4, Int8];
    for left in kinds {
        for right in kinds {
            let result = if width(left) >= width(right) { left } else { right };
            let check = match result {
                Int2 => Check::Int2,
                Int4 => Check::Int4,
                _ => Check::Int8,
            };
            let mut push = |name, write| {
                all.push(Operator { name, operands: [left, right], result, write });
            };
            push("+", Write::Checked("@0 + @1", check));
            push("-", Write::Checked("@0 - @1", check));
            push("*", Write::Checked("@0 * @1", check));
            push(
                "/",
                Write::Checked(
                    "case when @1 = 0 and @0 is not null then @!zero@ else @0 / @1 end",
                    check,
                ),
            );
            if left == right {
                push(
                    "%",
                    Write::Sql("case when @1 = 0 and @0 is not null then @!zero@ else @0 % @1 end"),
                );
                push("&", Write::Sql("@0 & @1"));
                push("|", Write::Sql("@0 | @1"));
            }
        }
    }
}

const DECIMAL: Check = Check::Decimal;
const BY_MODULO: &str = "cast both to integer where they have no decimals";

const NUMBERS: &[Row] = &[
    ("+", Numeric, Numeric, Numeric, Write::Checked("@0 + @1", DECIMAL)),
    ("-", Numeric, Numeric, Numeric, Write::Checked("@0 - @1", DECIMAL)),
    ("*", Numeric, Numeric, Numeric, Write::Checked("@0 * @1", DECIMAL)),
    (
        "/",
        Numeric,
        Numeric,
        Numeric,
        Write::Checked(
            "case when @1 = 0 and @0 is not null then @!zero@ else cast(@0 as real) / @1 end",
            DECIMAL,
        ),
    ),
    ("%", Numeric, Numeric, Numeric, Write::Unsupported(BY_MODULO)),
    ("+", Float8, Float8, Float8, Write::Checked("@0 + @1", Check::Float)),
    ("-", Float8, Float8, Float8, Write::Checked("@0 - @1", Check::Float)),
    (
        "*",
        Float8,
        Float8,
        Float8,
        Write::Checked(
            "case when @0 * @1 = 0 and @0 <> 0 and @1 <> 0 then @!range:double precision@ else @0 * @1 end",
            Check::Float,
        ),
    ),
    (
        "/",
        Float8,
        Float8,
        Float8,
        Write::Checked(
            "case when @1 = 0 and @0 is not null then @!zero@ when @0 / @1 = 0 and @0 <> 0 then @!range:double precision@ \
             else @0 / @1 end",
            Check::Float,
        ),
    ),
    ("^", Float8, Float8, Float8, Write::Unsupported("write a product")),
    ("^", Numeric, Numeric, Numeric, Write::Unsupported("write a product")),
];

const SHIFT: Write = Write::Moment(MomentOperation::Shift { is_back: false });
const SHIFT_BACK: Write = Write::Moment(MomentOperation::Shift { is_back: true });
const SHIFT_SWAPPED: Write = Write::Moment(MomentOperation::ShiftSwapped);
const DIFFERENCE: Write = Write::Moment(MomentOperation::Difference);
/// What SQLite has no day for is null to it.
const DATE_PLUS: &str = "coalesce(date(@0, (@1) || ' days'), \
    case when @0 is not null and @1 is not null then @!range:date@ end)";
const PLUS_DATE: &str = "coalesce(date(@1, (@0) || ' days'), \
    case when @0 is not null and @1 is not null then @!range:date@ end)";
const DATE_MINUS: &str = "coalesce(date(@0, (- (@1)) || ' days'), \
    case when @0 is not null and @1 is not null then @!range:date@ end)";
const DAYS: &str = "unixepoch(@0) / 86400 - unixepoch(@1) / 86400";
const DATE_AND_TIME: &str = "@0 || 'T' || @1";

const MOMENTS: &[Row] = &[
    ("+", Date, Int4, Date, Write::Checked(DATE_PLUS, Check::Moment)),
    ("+", Int4, Date, Date, Write::Checked(PLUS_DATE, Check::Moment)),
    ("-", Date, Int4, Date, Write::Checked(DATE_MINUS, Check::Moment)),
    ("-", Date, Date, Int4, Write::Sql(DAYS)),
    ("+", Date, Time, Timestamp, Write::Sql(DATE_AND_TIME)),
    ("+", Time, Date, Timestamp, Write::Sql("@1 || 'T' || @0")),
    ("+", Date, Interval, Timestamp, SHIFT),
    ("-", Date, Interval, Timestamp, SHIFT_BACK),
    ("+", Interval, Date, Timestamp, SHIFT_SWAPPED),
    ("+", Timestamp, Interval, Timestamp, SHIFT),
    ("-", Timestamp, Interval, Timestamp, SHIFT_BACK),
    ("+", Interval, Timestamp, Timestamp, SHIFT_SWAPPED),
    ("+", TimestampTz, Interval, TimestampTz, SHIFT),
    ("-", TimestampTz, Interval, TimestampTz, SHIFT_BACK),
    ("+", Interval, TimestampTz, TimestampTz, SHIFT_SWAPPED),
    ("+", Time, Interval, Time, SHIFT),
    ("-", Time, Interval, Time, SHIFT_BACK),
    ("+", Interval, Time, Time, SHIFT_SWAPPED),
    ("-", Timestamp, Timestamp, Interval, DIFFERENCE),
    ("-", TimestampTz, TimestampTz, Interval, DIFFERENCE),
    ("-", Time, Time, Interval, DIFFERENCE),
    ("+", Interval, Interval, Interval, Write::Moment(MomentOperation::Sum { is_back: false })),
    ("-", Interval, Interval, Interval, Write::Moment(MomentOperation::Sum { is_back: true })),
    (
        "*",
        Interval,
        Float8,
        Interval,
        Write::Moment(MomentOperation::Multiply { is_swapped: false }),
    ),
    (
        "*",
        Float8,
        Interval,
        Interval,
        Write::Moment(MomentOperation::Multiply { is_swapped: true }),
    ),
    ("/", Interval, Float8, Interval, Write::Moment(MomentOperation::Divide)),
];

const TEXTS: Kind = Array(Item::Text);
const BY_CONTAINMENT: &str = "compare members, as in `.. ->> 'key'`";

const OTHERS: &[Row] = &[
    ("||", Text, Text, Text, Write::Sql("@0 || @1")),
    ("||", Jsonb, Jsonb, Jsonb, Write::Json),
    ("^@", Text, Text, Boolean, Write::Sql("substr(@0, 1, length(@1)) = @1")),
    ("->", Jsonb, Text, Jsonb, Write::Json),
    ("->", Jsonb, Int4, Jsonb, Write::Json),
    ("->", Json, Text, Json, Write::Json),
    ("->", Json, Int4, Json, Write::Json),
    ("->>", Jsonb, Text, Text, Write::Json),
    ("->>", Jsonb, Int4, Text, Write::Json),
    ("->>", Json, Text, Text, Write::Json),
    ("->>", Json, Int4, Text, Write::Json),
    ("#>", Jsonb, TEXTS, Jsonb, Write::Json),
    ("#>", Json, TEXTS, Json, Write::Json),
    ("#>>", Jsonb, TEXTS, Text, Write::Json),
    ("#>>", Json, TEXTS, Text, Write::Json),
    ("@>", Jsonb, Jsonb, Boolean, Write::Json),
    ("<@", Jsonb, Jsonb, Boolean, Write::Json),
    ("?", Jsonb, Text, Boolean, Write::Json),
    ("?|", Jsonb, TEXTS, Boolean, Write::Json),
    ("?&", Jsonb, TEXTS, Boolean, Write::Json),
    ("-", Jsonb, Text, Jsonb, Write::Json),
    ("-", Jsonb, Int4, Jsonb, Write::Unsupported(BY_CONTAINMENT)),
    ("-", Jsonb, TEXTS, Jsonb, Write::Unsupported(BY_CONTAINMENT)),
    ("#-", Jsonb, TEXTS, Jsonb, Write::Unsupported(BY_CONTAINMENT)),
    ("@?", Jsonb, Text, Boolean, Write::Unsupported("write `@>`, `?` or `->`")),
    ("@@", Jsonb, Text, Boolean, Write::Unsupported("write `@>`, `?` or `->`")),
];
