//! Arithmetic of dates, times and intervals. Times are kept as texts in UTC, which is the time zone of the
//! database here.

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArgOperator, FunctionArguments,
};

use super::Context;
use super::interval::{DAY, Interval, SECOND};
use super::kind::Kind;
use super::operators::MomentOperation;
use super::template::{self, Check};
use super::typed::{Form, Literal, Typed};
use crate::compiler::expand::Expander;
use crate::compiler::report::Span;
use crate::compiler::sql::Sql;

/// The time of the statement as a `timestamptz` is kept.
pub(in crate::compiler) const NOW: &str = "strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now')";
const NOW_TIMESTAMP: &str = "strftime('%Y-%m-%dT%H:%M:%f000', 'now')";

/// Microseconds since 1970 of a timestamp.
const MICROSECONDS: &str =
    "(unixepoch(substr(@0, 1, 19)) * 1000000 + cast(substr(@0, 21, 6) as integer))";
/// Microseconds since midnight of a time.
const TIME_MICROSECONDS: &str =
    "(unixepoch('1970-01-01T' || substr(@0, 1, 8)) * 1000000 + cast(substr(@0, 10) as integer))";
/// A timestamp without its zone, of microseconds since 1970.
const OF_MICROSECONDS: &str = "strftime('%Y-%m-%dT%H:%M:%S', (@0 - (@0 % 1000000 + 1000000) % 1000000) / 1000000, \
    'unixepoch') || format('.%06d', (@0 % 1000000 + 1000000) % 1000000)";

const fn zone(kind: Kind) -> &'static str {
    match kind {
        Kind::TimestampTz => "+00:00",
        _ => "",
    }
}

/// The modifiers by which SQLite adds whole seconds.
fn modifiers(interval: Interval) -> String {
    let mut modifiers = String::new();
    if interval.months != 0 {
        // PostgreSQL takes the last day of a month that is too short.
        modifiers.push_str(&format!(", '{:+} months', 'floor'", interval.months));
    }
    if interval.days != 0 {
        modifiers.push_str(&format!(", '{:+} days'", interval.days));
    }
    let seconds = interval.microseconds.checked_div(SECOND).unwrap_or(0);
    if seconds != 0 {
        modifiers.push_str(&format!(", '{seconds:+} seconds'"));
    }
    modifiers
}

impl Expander<'_> {
    /// `now()`.
    pub(super) fn now() -> Typed {
        Typed::new(Kind::TimestampTz, Form::Simple, Sql::text(NOW))
    }

    /// `current_date`.
    pub(super) fn today() -> Typed {
        Typed::new(Kind::Date, Form::Simple, Sql::text("date('now')"))
    }

    /// `now()` without a time zone.
    pub(super) fn local_now() -> Typed {
        Typed::new(Kind::Timestamp, Form::Simple, Sql::text(NOW_TIMESTAMP))
    }

    /// `'now'`, `'today'`, `'tomorrow'`, `'yesterday'` as literals of a date or a time.
    pub(super) fn named_moment(text: &str, to: Kind) -> Option<Typed> {
        let days = match text.trim().to_ascii_lowercase().as_str() {
            "now" => {
                return match to {
                    Kind::TimestampTz => Some(Self::now()),
                    Kind::Timestamp => Some(Self::local_now()),
                    Kind::Date => Some(Self::today()),
                    _ => None,
                };
            }
            "today" => "",
            "tomorrow" => ", '+1 day'",
            "yesterday" => ", '-1 day'",
            _ => return None,
        };
        let behind = match to {
            Kind::Date => "",
            Kind::Timestamp => " || 'T00:00:00.000000'",
            Kind::TimestampTz => " || 'T00:00:00.000000+00:00'",
            _ => return None,
        };
        let form = if behind.is_empty() { Form::Simple } else { Form::Open };
        Some(Typed::new(to, form, Sql::text(format!("date('now'{days}){behind}"))))
    }

    pub(super) fn moment_operation(
        &mut self,
        operation: MomentOperation,
        operands: &[Typed],
        result: Kind,
        at: Span,
    ) -> Typed {
        let [left, right] = operands else { return Typed::broken() };
        match operation {
            MomentOperation::Shift { is_back } => self.shift(left, right, is_back, (result, at)),
            MomentOperation::ShiftSwapped => self.shift(right, left, false, (result, at)),
            MomentOperation::Difference => {
                let length = if left.kind == Kind::Time { TIME_MICROSECONDS } else { MICROSECONDS };
                let sql = format!("{length} - {}", length.replace("@0", "@1"));
                let is_difference = left.kind != Kind::Time;
                Typed {
                    is_difference,
                    ..Typed::open(Kind::Interval, template::write(&sql, operands))
                }
            }
            MomentOperation::Sum { is_back } => self.interval_sum(left, right, is_back, at),
            MomentOperation::Divide => self.interval_quotient(left, right, at),
            MomentOperation::Multiply { is_swapped } => {
                let (interval, factor) = if is_swapped { (right, left) } else { (left, right) };
                self.interval_product(interval, factor, at)
            }
        }
    }

    /// Writes a date or time and an interval.
    fn shift(
        &mut self,
        moment: &Typed,
        interval: &Typed,
        is_back: bool,
        (result, at): (Kind, Span),
    ) -> Typed {
        let literal = match interval.literal {
            Some(Literal::Interval(interval)) => {
                Some(if is_back { interval.negated() } else { interval })
            }
            Some(Literal::Null) => return Typed { kind: result, ..Typed::null() },
            _ => None,
        };
        if moment.kind == Kind::Time {
            let length = literal.map(|interval| interval.microseconds.to_string());
            let sign = if is_back && length.is_none() { "-" } else { "+" };
            let length = length.map_or_else(|| "@1".to_owned(), |length| format!("({length})"));
            let day = DAY.to_string();
            let sum = format!("((({TIME_MICROSECONDS} {sign} {length}) % {day} + {day}) % {day})");
            let sum = Typed::closed(
                Kind::Int8,
                template::write(&sum, &[moment.clone(), interval.clone()]),
            );
            let text = format!("substr({OF_MICROSECONDS}, 12)");
            return Typed::closed(result, template::write(&text, &[sum]));
        }
        match literal {
            Some(interval) => shift_by_literal(moment, interval, result),
            None if interval.literal.is_none() => {
                let moment = Self::timestamp_of(moment, result);
                let sign = if is_back { "-" } else { "+" };
                let sum = format!("{MICROSECONDS} {sign} @1");
                let sum = template::write(&sum, &[moment, interval.clone()]);
                let sum = Typed::open(Kind::Int8, sum);
                // A day that SQLite has not is null to it.
                let text = format!(
                    "coalesce({OF_MICROSECONDS} || '{}', case when @0 is not null then @!range:timestamp@ end)",
                    zone(result)
                );
                Typed::closed(result, Check::Moment.write(template::write(&text, &[sum])))
            }
            None => self.refuse_typed(at, "this interval is not supported", "write a literal"),
        }
    }

    fn timestamp_of(moment: &Typed, result: Kind) -> Typed {
        if moment.kind != Kind::Date {
            return moment.clone();
        }
        let text = format!("@0 || 'T00:00:00.000000{}'", zone(result));
        Typed::open(result, template::write(&text, std::slice::from_ref(moment)))
    }

    fn interval_sum(&mut self, left: &Typed, right: &Typed, is_back: bool, at: Span) -> Typed {
        if let (Some(Literal::Interval(one)), Some(Literal::Interval(other))) =
            (&left.literal, &right.literal)
        {
            let other = if is_back { other.negated() } else { *other };
            return match one.plus(other) {
                Some(sum) => self.interval(sum, at),
                None => self.refuse_typed(at, "interval out of range", "write a shorter interval"),
            };
        }
        if [left, right].into_iter().any(has_months) {
            return self.months_unknown(at);
        }
        let sql = if is_back { "@0 - @1" } else { "@0 + @1" };
        Typed::open(Kind::Interval, template::write(sql, &[left.clone(), right.clone()]))
    }

    fn interval_product(&mut self, interval: &Typed, factor: &Typed, at: Span) -> Typed {
        if let (Some(Literal::Interval(one)), Some(Literal::Number(number))) =
            (&interval.literal, &factor.literal)
            && let Ok(number) = number.parse::<i64>()
        {
            return match one.times(number) {
                Some(product) => self.interval(product, at),
                None => self.refuse_typed(at, "interval out of range", "write a shorter interval"),
            };
        }
        if has_months(interval) {
            return self.months_unknown(at);
        }
        let sql = "case when abs(@0 * @1) < 9.2e18 then cast(round(@0 * @1) as integer) \
            when @0 * @1 is not null then @!range:interval@ end";
        Typed::closed(Kind::Interval, template::write(sql, &[interval.clone(), factor.clone()]))
    }

    fn interval_quotient(&mut self, interval: &Typed, divisor: &Typed, at: Span) -> Typed {
        if let (Some(Literal::Interval(one)), Some(Literal::Number(number))) =
            (&interval.literal, &divisor.literal)
            && let Some(quotient) = number.parse().ok().and_then(|number| one.divided(number))
        {
            return self.interval(quotient, at);
        }
        let help = "write the interval that it comes to, as in `interval '12 hours'`";
        self.refuse_typed(at, "this quotient of an interval is not supported", help)
    }

    /// Writes `make_interval(days => ..)` with units whose length does not change.
    pub(super) fn make_interval(&mut self, function: &Function, at: Span) -> Typed {
        let FunctionArguments::List(list) = &function.args else { return Typed::broken() };
        let mut terms = Vec::new();
        for (index, argument) in list.args.iter().enumerate() {
            let (name, value) = match argument {
                FunctionArg::Named {
                    name,
                    arg: FunctionArgExpr::Expr(value),
                    operator: FunctionArgOperator::RightArrow | FunctionArgOperator::Assignment,
                } => (name.value.to_ascii_lowercase(), value),
                FunctionArg::Unnamed(FunctionArgExpr::Expr(value)) => {
                    let units = ["years", "months", "weeks", "days", "hours", "mins", "secs"];
                    (units.get(index).copied().unwrap_or_default().to_owned(), value)
                }
                FunctionArg::ExprNamed {
                    name: Expr::Identifier(name),
                    arg: FunctionArgExpr::Expr(value),
                    operator: FunctionArgOperator::RightArrow | FunctionArgOperator::Assignment,
                } => (name.value.to_ascii_lowercase(), value),
                _ => (String::new(), &Expr::Tuple(Vec::new())),
            };
            let unit = match name.as_str() {
                "years" | "months" => 0,
                "weeks" => DAY.saturating_mul(7),
                "days" => DAY,
                "hours" => SECOND.saturating_mul(3_600),
                "mins" => SECOND.saturating_mul(60),
                "secs" => SECOND,
                _ => {
                    let help = "write `make_interval(days => ..)`; there are weeks, days, hours, mins and secs";
                    return self.refuse_typed(
                        at,
                        "this argument of make_interval is not supported",
                        help,
                    );
                }
            };
            let kind = if name == "secs" { Kind::Float8 } else { Kind::Int4 };
            let value = self.expression(value);
            let value = self.coerce(value, kind, Context::Implicit, at);
            if value.is_broken() {
                return value;
            }
            let is_zero = matches!(&value.literal, Some(Literal::Number(digits)) if digits == "0");
            if unit == 0 && !is_zero {
                return self.months_unknown(at);
            }
            if unit != 0 {
                terms.push(template::write(
                    &format!("cast(round(@0 * {unit}) as integer)"),
                    &[value],
                ));
            }
        }
        if terms.is_empty() {
            terms.push(Sql::text("0"));
        }
        Typed::open(Kind::Interval, Sql::join(terms, " + "))
    }

    fn months_unknown(&mut self, at: Span) -> Typed {
        let help = "add the months to the date, or write the interval in days";
        self.refuse_typed(at, "months cannot be computed with, since they differ in length", help)
    }
}

fn has_months(interval: &Typed) -> bool {
    matches!(&interval.literal, Some(Literal::Interval(interval)) if interval.months != 0)
}

fn shift_by_literal(moment: &Typed, interval: Interval, result: Kind) -> Typed {
    let modifiers = modifiers(interval);
    let rest = interval.microseconds.checked_rem(SECOND).unwrap_or(0);
    let source = moment.sql.pieces();
    let is_now = |text: &str| *source == [crate::catalog::Piece::Sql(text.to_owned())];
    if rest == 0 {
        for (now, format) in
            [(NOW, "%Y-%m-%dT%H:%M:%f000+00:00"), (NOW_TIMESTAMP, "%Y-%m-%dT%H:%M:%f000")]
        {
            if is_now(now) {
                let sql = Sql::text(format!("strftime('{format}', 'now'{modifiers})"));
                return Typed::new(result, Form::Simple, sql);
            }
        }
        if is_now("date('now')") && moment.kind == Kind::Date {
            let zone = zone(result);
            let sql = format!("strftime('%Y-%m-%dT%H:%M:%S.000000{zone}', date('now'){modifiers})");
            return Typed::new(result, Form::Simple, Sql::text(sql));
        }
    }
    let zone = zone(result);
    let shifted = if moment.kind == Kind::Date {
        format!("strftime('%Y-%m-%dT%H:%M:%S.000000{zone}', @0{modifiers})")
    } else {
        format!("strftime('%Y-%m-%dT%H:%M:%S', substr(@0, 1, 19){modifiers}) || substr(@0, 20)")
    };
    // A day that SQLite has not is null to it.
    let shifted =
        format!("coalesce({shifted}, case when @0 is not null then @!range:timestamp@ end)");
    let mut sql = template::write(&shifted, std::slice::from_ref(moment));
    if rest != 0 {
        let sum = format!("{MICROSECONDS} + ({rest})");
        let whole = Typed::closed(result, sql);
        let sum = Typed::open(Kind::Int8, template::write(&sum, &[whole]));
        sql = template::write(&format!("{OF_MICROSECONDS} || '{zone}'"), &[sum]);
    }
    Typed::closed(result, Check::Moment.write(sql))
}

/// Writes `extract(field from moment)`; `None` for a field that is not supported.
pub(super) fn extracted(field: &str, moment: &Typed) -> Option<Sql> {
    let is_date = moment.kind == Kind::Date;
    let is_time = moment.kind == Kind::Time;
    let (hour, minute, second) = if is_time { (1, 4, 7) } else { (12, 15, 18) };
    let part = |from: u8, length: u8| format!("cast(substr(@0, {from}, {length}) as integer)");
    // What SQLite tells a day by.
    let day = |format: &str| format!("cast(strftime('{format}', substr(@0, 1, 10)) as integer)");
    let sql = match field {
        "day" if moment.is_difference => format!("@0 / {DAY}"),
        "hour" if moment.is_difference => "@0 / 3600000000 % 24".to_owned(),
        "minute" if moment.is_difference => "@0 / 60000000 % 60".to_owned(),
        "second" if moment.is_difference => "cast(@0 % 60000000 / 1000000.0 as numeric)".to_owned(),
        "year" if !is_time => part(1, 4),
        "month" if !is_time => part(6, 2),
        "day" if !is_time => part(9, 2),
        "hour" if !is_date => part(hour, 2),
        "minute" if !is_date => part(minute, 2),
        "second" if !is_date => format!("cast(substr(@0, {second}, 9) as numeric)"),
        "dow" if !is_time => day("%w"),
        "isodow" if !is_time => day("%u"),
        "doy" if !is_time => day("%j"),
        "week" if !is_time => day("%V"),
        "isoyear" if !is_time => day("%G"),
        "quarter" if !is_time => format!("({} + 2) / 3", part(6, 2)),
        "decade" if !is_time => format!("{} / 10", part(1, 4)),
        "century" if !is_time => format!("({} + 99) / 100", part(1, 4)),
        "epoch" if is_date => "unixepoch(@0)".to_owned(),
        "epoch" if is_time => format!("cast({TIME_MICROSECONDS} / 1000000.0 as numeric)"),
        "epoch" if moment.kind == Kind::Interval => "cast(@0 / 1000000.0 as numeric)".to_owned(),
        "epoch" => format!("cast({MICROSECONDS} / 1000000.0 as numeric)"),
        _ => return None,
    };
    Some(template::write(&sql, std::slice::from_ref(moment)))
}

/// Writes `date_trunc('field', moment)`; `None` for a field that is not supported.
pub(super) fn truncated(field: &str, moment: &Typed) -> Option<Sql> {
    let zone = zone(moment.kind);
    let midnight = format!("|| 'T00:00:00.000000{zone}'");
    let sql = match field {
        "microseconds" => "@0".to_owned(),
        "milliseconds" => format!("substr(@0, 1, 23) || '000{zone}'"),
        "second" => format!("substr(@0, 1, 19) || '.000000{zone}'"),
        "minute" => format!("substr(@0, 1, 16) || ':00.000000{zone}'"),
        "hour" => format!("substr(@0, 1, 13) || ':00:00.000000{zone}'"),
        "day" => format!("substr(@0, 1, 10) {midnight}"),
        "week" => format!("date(substr(@0, 1, 10), '-6 days', 'weekday 1') {midnight}"),
        "month" => format!("substr(@0, 1, 7) || '-01' {midnight}"),
        "quarter" => format!(
            "substr(@0, 1, 5) || format('%02d', (cast(substr(@0, 6, 2) as integer) - 1) / 3 * 3 + 1) || '-01' {midnight}"
        ),
        "year" => format!("substr(@0, 1, 4) || '-01-01' {midnight}"),
        _ => return None,
    };
    Some(template::write(&sql, std::slice::from_ref(moment)))
}
