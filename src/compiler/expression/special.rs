//! Expressions that SQL writes with words of its own.

use sqlparser::ast::{
    AccessExpr, CeilFloorKind, DateTimeField, Expr, Function, FunctionArguments,
    Interval as IntervalExpr, Spanned, Subscript, TrimWhereField, TypedString, Value,
};

use super::Context;
use super::interval::Interval;
use super::kind::Kind;
use super::pattern::Matching;
use super::template;
use super::time::extracted;
use super::typed::Typed;
use crate::compiler::expand::Expander;
use crate::compiler::parse::span;
use crate::compiler::report::Span;

/// `ceil(x)`, not `ceil(x, 2)` or `ceil(x to day)`.
const WHOLE: &CeilFloorKind = &CeilFloorKind::DateTimeField(DateTimeField::NoDateTime);

impl Expander<'_> {
    /// Writes what is neither a value nor an operator between two.
    pub(super) fn special(&mut self, expression: &Expr, at: Span) -> Typed {
        match expression {
            Expr::Like { negated, any: false, expr, pattern, escape_char } => {
                let matching = Matching::new(*negated, false);
                self.like((expr, pattern), escape_char.as_deref(), matching, at)
            }
            Expr::ILike { negated, any: false, expr, pattern, escape_char } => {
                let matching = Matching::new(*negated, true);
                self.like((expr, pattern), escape_char.as_deref(), matching, at)
            }
            Expr::Like { negated, expr, pattern, .. } => {
                self.any_pattern(expr, pattern, Matching::new(*negated, false), at)
            }
            Expr::ILike { negated, expr, pattern, .. } => {
                self.any_pattern(expr, pattern, Matching::new(*negated, true), at)
            }
            Expr::Substring { expr, substring_from, substring_for, special, shorthand } => {
                // `substr` takes its arguments with commas.
                if *shorthand && !*special {
                    let help = "write `substring(.. from .. for ..)`, or `substr(.., .., ..)`";
                    return self.refuse_typed(at, "syntax error at or near \"from\"", help);
                }
                let name = if *shorthand { "substr" } else { "substring" };
                let start = substring_from.as_deref();
                let start = start.map_or_else(one, |start| self.expression(start));
                let mut arguments = vec![self.expression(expr), start];
                arguments.extend(substring_for.as_deref().map(|length| self.expression(length)));
                self.called(name, arguments, at)
            }
            Expr::Trim { trim_where, trim_what, expr, trim_characters } => {
                let name = match trim_where {
                    None | Some(TrimWhereField::Both) => "btrim",
                    Some(TrimWhereField::Leading) => "ltrim",
                    Some(TrimWhereField::Trailing) => "rtrim",
                };
                let mut arguments = vec![self.expression(expr)];
                let listed = trim_characters.iter().flatten().next();
                let what = trim_what.as_deref().or(listed);
                arguments.extend(what.map(|what| self.expression(what)));
                self.called(name, arguments, at)
            }
            Expr::Ceil { expr, field } if field == WHOLE => {
                let value = self.expression(expr);
                self.called("ceil", vec![value], at)
            }
            Expr::Floor { expr, field } if field == WHOLE => {
                let value = self.expression(expr);
                self.called("floor", vec![value], at)
            }
            Expr::Position { expr, r#in } => {
                let (part, text) = (self.expression(expr), self.expression(r#in));
                self.called("position", vec![text, part], at)
            }
            Expr::Extract { field, expr, .. } => {
                let value = self.expression(expr);
                self.extract(&field.to_string(), value, at)
            }
            Expr::AtTimeZone { timestamp, time_zone } => {
                let (time, zone) = (self.expression(timestamp), self.expression(time_zone));
                self.at_time_zone(time, &zone, at)
            }
            Expr::Interval(interval) => self.interval_literal(interval, at),
            Expr::TypedString(TypedString { data_type, value, .. }) => match &value.value {
                Value::SingleQuotedString(text) => {
                    self.cast_to(Typed::string(text), &data_type.to_string(), at)
                }
                _ => self.unsupported_typed("this literal", at),
            },
            Expr::CompoundFieldAccess { root, access_chain } => self.access(root, access_chain, at),
            Expr::Collate { expr, collation } => self.collated(expr, &collation.to_string(), at),
            other => self.tested(other, at),
        }
    }

    fn collated(&mut self, value: &Expr, collation: &str, at: Span) -> Typed {
        // Texts are compared by their bytes anyway.
        if matches!(collation.trim_matches('"'), "C" | "POSIX" | "ucs_basic") {
            return self.expression(value);
        }
        let help = "declare the collation of the column, or use `lower(..)`";
        self.refuse_typed(at, format!("the collation {collation} is not supported"), help)
    }

    fn tested(&mut self, expression: &Expr, at: Span) -> Typed {
        if let Some(word) = test_behind_distinct(expression) {
            let help = "write parentheses around what stands before the last `is`";
            let message = format!("syntax error at or near \"{word}\"");
            return self.refuse_typed(at, message, help);
        }
        match expression {
            Expr::IsNull(inner) => self.null_test(inner, " is null"),
            Expr::IsNotNull(inner) => self.null_test(inner, " is not null"),
            Expr::IsTrue(inner) => self.truth_test(inner, " is true"),
            Expr::IsNotTrue(inner) => self.truth_test(inner, " is not true"),
            Expr::IsFalse(inner) => self.truth_test(inner, " is false"),
            Expr::IsNotFalse(inner) => self.truth_test(inner, " is not false"),
            Expr::IsUnknown(inner) => self.truth_test(inner, " is null"),
            Expr::IsNotUnknown(inner) => self.truth_test(inner, " is not null"),
            Expr::IsDistinctFrom(left, right) | Expr::IsNotDistinctFrom(left, right)
                if super::row::row_of(left).is_some() && super::row::row_of(right).is_some() =>
            {
                let is_same = matches!(expression, Expr::IsNotDistinctFrom(..));
                let rows =
                    super::row::row_of(left).zip(super::row::row_of(right)).unwrap_or_default();
                self.distinct_rows(rows, is_same, at)
            }
            Expr::IsDistinctFrom(left, right) => {
                let (left, right) = (self.expression(left), self.expression(right));
                self.distinct(left, right, false, at)
            }
            Expr::IsNotDistinctFrom(left, right) => {
                let (left, right) = (self.expression(left), self.expression(right));
                self.distinct(left, right, true, at)
            }
            Expr::SimilarTo { .. } => self.refuse_typed(
                at,
                "similar to is not supported",
                "write like, or a regular expression, such as code ~ '^[a-z]+$'",
            ),
            Expr::Tuple(_) => self.refuse_typed(
                at,
                "a row stands only beside `=`, `<>` and `in`",
                "compare its values one by one",
            ),
            _ => self.unsupported_typed("this expression", at),
        }
    }

    pub(super) fn unsupported_typed(&mut self, what: &str, at: Span) -> Typed {
        let message = format!("{what} is not supported in a {}", self.noun());
        self.refuse_typed(
            at,
            message,
            "see the operators and functions in the documentation of policies",
        )
    }

    fn any_pattern(
        &mut self,
        subject: &Expr,
        patterns: &Expr,
        matching: Matching,
        at: Span,
    ) -> Typed {
        match super::array::bare(patterns) {
            Expr::Array(list) if !matching.negated => {
                self.like_any(subject, &list.elem, matching, at)
            }
            array => self.like_any_of(subject, array, matching, at),
        }
    }

    /// Writes `extract(field from value)`.
    pub(super) fn extract(&mut self, field: &str, value: Typed, at: Span) -> Typed {
        if value.kind == Kind::Unknown {
            let help = "write the type of the literal: `'..'::timestamptz`";
            return self.refuse_typed(at, "function extract(unknown, unknown) is not unique", help);
        }
        let is_moment = matches!(
            value.kind,
            Kind::Date | Kind::Time | Kind::Timestamp | Kind::TimestampTz | Kind::Interval
        );
        if value.is_broken() {
            return value;
        }
        let field = field.to_ascii_lowercase();
        let field = field.trim_matches('\'').trim_end_matches('s');
        let is_known = is_moment
            && (value.kind != Kind::Interval
                || field == "epoch"
                || (value.is_difference && matches!(field, "day" | "hour" | "minute" | "second")));
        if let Some(sql) = extracted(field, &value).filter(|_| is_known) {
            return Typed::open(Kind::Numeric, sql);
        }
        let message = format!("extract({field} from {}) is not supported", value.kind.name());
        let help = "there are year, month, day, hour, minute, second, dow, isodow, doy, week, \
                            quarter and epoch of dates and times, and epoch of intervals";
        self.refuse_typed(at, message, help)
    }

    /// Writes `time at time zone 'UTC'`, the only zone there is.
    pub(super) fn at_time_zone(&mut self, time: Typed, zone: &Typed, at: Span) -> Typed {
        if time.is_broken() || zone.is_broken() {
            return Typed::broken();
        }
        let is_utc = zone.text().is_some_and(|zone| {
            matches!(zone.to_ascii_lowercase().as_str(), "utc" | "gmt" | "z" | "etc/utc")
        });
        if !is_utc {
            let help = "write `at time zone 'UTC'`, and add an interval for another zone";
            return self.refuse_typed(at, "this time zone is not supported", help);
        }
        let to = match time.kind {
            Kind::TimestampTz => Kind::Timestamp,
            Kind::Timestamp => Kind::TimestampTz,
            // A day is taken as the beginning of it in the time zone of the session.
            Kind::Date => Kind::Timestamp,
            kind => {
                let message = format!("{} has no time zone", kind.name());
                return self.refuse_typed(at, message, "write a timestamp in front of it");
            }
        };
        if time.kind == Kind::TimestampTz && time.sql == Self::now().sql {
            return Self::local_now();
        }
        self.coerce(time, to, Context::Explicit, at)
    }

    /// Writes what the parser takes for a function and PostgreSQL has a syntax of its own for; `None` for
    /// other functions.
    pub(super) fn worded(&mut self, function: &Function, at: Span) -> Option<Typed> {
        let name = function.name.to_string().to_ascii_lowercase();
        let has_parentheses = !matches!(function.args, FunctionArguments::None);
        match name.as_str() {
            "current_date" | "current_time" | "current_timestamp" | "localtime"
            | "localtimestamp" | "current_user" | "current_role" | "session_user" | "user"
                if has_parentheses =>
            {
                let help = format!("write `{name}` without parentheses");
                Some(self.refuse_typed(at, "syntax error at or near \"(\"", &help))
            }
            "position" => {
                let help = "write `position(.. in ..)`, or `strpos(.., ..)`";
                Some(self.refuse_typed(at, "syntax error at or near \",\"", help))
            }
            "row" => {
                let help = "compare it with another row: `row(a, b) = row(1, 2)`";
                Some(self.refuse_typed(at, "a row stands only beside a comparison", help))
            }
            "make_interval" => Some(self.make_interval(function, at)),
            _ => None,
        }
    }

    fn interval_literal(&mut self, interval: &IntervalExpr, at: Span) -> Typed {
        let text = match super::array::bare(&interval.value) {
            Expr::Value(value) => match &value.value {
                Value::SingleQuotedString(text) => text.clone(),
                _ => String::new(),
            },
            _ => String::new(),
        };
        let unit =
            interval.leading_field.as_ref().map(|field| field.to_string().to_ascii_lowercase());
        let is_plain = interval.leading_precision.is_none()
            && interval.last_field.is_none()
            && interval.fractional_seconds_precision.is_none();
        match Interval::parse(&text, unit.as_deref()).filter(|_| is_plain) {
            Some(interval) => self.interval(interval, at),
            None => self.refuse_typed(
                at,
                format!("invalid input syntax for type interval: \"{text}\""),
                "write whole units, such as `interval '36 hours'` or `interval '1 month 2 days'`",
            ),
        }
    }

    fn access(&mut self, root: &Expr, chain: &[AccessExpr], at: Span) -> Typed {
        if matches!(
            root,
            Expr::Array(_) | Expr::Function(_) | Expr::Case { .. } | Expr::Cast { .. }
        ) {
            let help = "write parentheses around the array: `(array[..])[1]`";
            return self.refuse_typed(at, "syntax error at or near \"[\"", help);
        }
        let mut value = self.expression(root);
        for step in chain {
            let AccessExpr::Subscript(Subscript::Index { index }) = step else {
                return self.unsupported_typed("this access", at);
            };
            let index_at = span(index.span());
            let index = self.expression(index);
            if value.is_broken() || index.is_broken() {
                return Typed::broken();
            }
            value = match value.kind {
                Kind::Jsonb => match super::json::json_subscript(&value, &index) {
                    Some(member) => member,
                    None => self.refuse_typed(
                        index_at,
                        "this subscript is not supported",
                        "write `.. -> 'key'` or `.. -> 0`",
                    ),
                },
                _ => self.subscript(&value, &index, index_at),
            };
        }
        value
    }

    /// Writes `date_trunc('field', time)`.
    pub(super) fn truncate(&mut self, field: &Typed, time: Typed, at: Span) -> Typed {
        let time = match time.kind {
            Kind::Date => self.coerce(time, Kind::TimestampTz, Context::Implicit, at),
            Kind::Unknown => {
                let help = "write the type of the literal: `'..'::timestamptz`";
                let message = "function date_trunc(unknown, unknown) is not unique";
                return self.refuse_typed(at, message, help);
            }
            _ => time,
        };
        if time.is_broken() || field.is_broken() {
            return Typed::broken();
        }
        let name = field.text().unwrap_or_default().to_ascii_lowercase();
        let is_time = matches!(time.kind, Kind::Timestamp | Kind::TimestampTz);
        if let Some(sql) = super::time::truncated(&name, &time).filter(|_| is_time) {
            return Typed::open(time.kind, sql);
        }
        let message = format!("date_trunc('{name}', {}) is not supported", time.kind.name());
        let help = "there are 'year', 'quarter', 'month', 'week', 'day', 'hour', 'minute' and \
                            'second' of timestamps and dates";
        self.refuse_typed(at, message, help)
    }

    /// A check around what a function computes, as the tables have it.
    pub(super) fn as_written(template: &str, operands: &[Typed], kind: Kind) -> Typed {
        Typed::open(kind, template::write(template, operands))
    }
}

/// Whether a test follows `is distinct from` without parentheses, which has no order in PostgreSQL's grammar.
fn test_behind_distinct(expression: &Expr) -> Option<&'static str> {
    let (Expr::IsNull(inner)
    | Expr::IsNotNull(inner)
    | Expr::IsTrue(inner)
    | Expr::IsNotTrue(inner)
    | Expr::IsFalse(inner)
    | Expr::IsNotFalse(inner)
    | Expr::IsUnknown(inner)
    | Expr::IsNotUnknown(inner)
    | Expr::IsDistinctFrom(inner, _)
    | Expr::IsNotDistinctFrom(inner, _)) = expression
    else {
        return None;
    };
    let is_distinct =
        matches!(inner.as_ref(), Expr::IsDistinctFrom(..) | Expr::IsNotDistinctFrom(..));
    is_distinct.then_some("is")
}

fn one() -> Typed {
    super::number("1")
}
