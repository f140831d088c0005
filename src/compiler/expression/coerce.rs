//! Makes a value of one type one of another, where PostgreSQL does so by itself or by a cast.

use super::casts::{self, Context};
use super::interval::Interval;
use super::kind::Kind;
use super::template;
use super::typed::{Form, Literal, Typed};
use crate::catalog::Type;
use crate::compiler::expand::Expander;
use crate::compiler::report::{Diagnostic, Span};
use crate::compiler::sql::Sql;
use crate::values::{self, Cast, Scalar};

impl Expander<'_> {
    /// Makes the value one of that type, or reports why it cannot be.
    pub fn coerce(&mut self, value: Typed, to: Kind, context: Context, at: Span) -> Typed {
        if value.is_broken() || to == Kind::Broken {
            return Typed::broken();
        }
        if value.kind == Kind::Unknown {
            let at = value.at.unwrap_or(at);
            return self.literal_as(value, to, at);
        }
        if value.kind == to || (value.kind.is_text() && to.is_text()) {
            return Typed { kind: to, ..value };
        }
        if value.kind == Kind::Untyped {
            return self.untyped_as(&value, to, context, at);
        }
        if let (Kind::Array(from), Kind::Array(item)) = (value.kind, to)
            && let Some(cast) = self.cast_array(&value, (from, item), context, at)
        {
            return cast;
        }
        if let Some(defect) =
            self.environment.defect.filter(|defect| defect.is_cast(value.kind, to))
            && casts::find(value.kind, to).is_some_and(|cast| cast.context <= context)
        {
            return Typed::open(to, template::write(defect.sql, &[value]));
        }
        let cast = casts::find(value.kind, to).filter(|cast| cast.context <= context);
        let shown = (value.kind == Kind::Numeric && to.is_text()).then_some(value.scale).flatten();
        match (cast, shown) {
            (Some(cast), _) => {
                let mut sql = template::write(cast.sql, std::slice::from_ref(&value));
                if let Some(check) = cast.check {
                    sql = check.write(sql);
                }
                let form =
                    if cast.sql == "@0" && cast.check.is_none() { value.form } else { Form::Open };
                let scale = value.kind.is_integer().then_some(0);
                let is_kept = to.is_number() && (value.kind.is_integer() || !to.is_integer());
                let literal = value.literal.filter(|_| value.kind.is_number() && is_kept);
                let is_recast = form == Form::Column && to.is_text();
                Typed { literal, scale, is_recast, ..Typed::new(to, form, sql) }
            }
            (None, Some(scale)) if context >= Context::Assignment => {
                let format = format!("format('%.{scale}f', @0)");
                let format = format!("case when @0 is not null then {format} end");
                Typed::closed(to, template::write(&format, &[value]))
            }
            _ => self.no_cast(&value, to, context, at),
        }
    }

    fn no_cast(&mut self, value: &Typed, to: Kind, context: Context, at: Span) -> Typed {
        let (from, into) = (value.kind.name(), to.name());
        let message = match context {
            Context::Assignment => {
                format!("a value of type {from} cannot be assigned to type {into}")
            }
            _ => format!("cannot cast type {from} to {into}"),
        };
        let is_castable = casts::find(value.kind, to).is_some();
        let help = match (value.kind, to) {
            _ if is_castable => format!("write the cast: `(..)::{}`", to.cast_name()),
            (Kind::Numeric, to) if to.is_text() => {
                "declare the column as numeric(p, s), or round it to as many decimals as it has"
                    .into()
            }
            (_, Kind::Interval) => "multiply an interval: `.. * interval '1 day'`".into(),
            (Kind::Float4 | Kind::Float8, to) if to.is_text() => "compare it as a number".into(),
            (Kind::Json, Kind::Boolean | Kind::Int2 | Kind::Int4 | Kind::Int8 | Kind::Numeric) => {
                format!("cast it to jsonb first: `(..)::jsonb::{}`", to.cast_name())
            }
            _ => "write an expression of that type".into(),
        };
        self.refuse_typed(at, message, &help)
    }

    /// Reads a string in quotes as a value of the type, or gives null the type.
    fn literal_as(&mut self, value: Typed, to: Kind, at: Span) -> Typed {
        let text = match &value.literal {
            Some(Literal::Null) => return Typed { kind: to, ..value },
            Some(Literal::Text(text)) => text.clone(),
            _ if to.is_text() || to == Kind::Unknown => return Typed { kind: to, ..value },
            _ => {
                return self.no_cast(
                    &Typed { kind: Kind::Text, ..value },
                    to,
                    Context::Explicit,
                    at,
                );
            }
        };
        if to.is_text() || to == Kind::Unknown {
            return Typed { kind: to, ..value };
        }
        if to == Kind::Interval {
            return match Interval::parse(&text, None) {
                Some(interval) => self.interval(interval, at),
                None => self.refuse_typed(
                    at,
                    format!("invalid input syntax for type interval: \"{text}\""),
                    "write whole units, such as `interval '36 hours'` or `interval '1 month 2 days'`",
                ),
            };
        }
        if let Some(moment) = infinite_moment(&value, &text, to) {
            return moment;
        }
        if let Some(moment) = Self::named_moment(&text, to) {
            return moment;
        }
        if to == Kind::Time && text.trim().eq_ignore_ascii_case("epoch") {
            let message = format!("invalid input syntax for type time: \"{text}\"");
            return self.refuse_typed(at, message, form_of(to));
        }
        match values::parse(to.stored(), &text) {
            Ok(scalar) => Typed::constant(to, &text, stored(&scalar)),
            Err(error) => self.refuse_typed(at, error.message(), form_of(to)),
        }
    }

    /// What is not known to SQLite must be cast, and is looked at when it is evaluated.
    fn untyped_as(&mut self, value: &Typed, to: Kind, context: Context, at: Span) -> Typed {
        if context != Context::Explicit {
            let help = format!("write its type: `(..)::{}`", to.cast_name());
            let message = "the type of this column is not known, since it is computed";
            return self.refuse_typed(at, message, &help);
        }
        let classes = match to.stored() {
            Type::Boolean | Type::SmallInt | Type::Integer | Type::BigInt => "'integer'",
            Type::Double | Type::Numeric { .. } => "'integer', 'real'",
            Type::Bytes => "'blob'",
            Type::Json => {
                let json = "case typeof(@0) when 'text' then case when json_valid(@0) then @0 \
                    else json_quote(@0) end when 'null' then null else json_quote(@0) end";
                return Typed::closed(to, template::write(json, std::slice::from_ref(value)));
            }
            Type::Any => return self.no_cast(value, to, context, at),
            _ => "'text'",
        };
        let read = if to == Kind::Float8 { "cast(@0 as real)" } else { "@0" };
        let name = to.name();
        let sql = format!(
            "case when typeof(@0) in ({classes}) then {read} when @0 is not null then @!cast:{name}@ end"
        );
        Typed::closed(to, template::write(&sql, std::slice::from_ref(value)))
    }

    /// An interval's literal.
    pub(super) fn interval(&mut self, interval: Interval, at: Span) -> Typed {
        let Some(length) = interval.length() else {
            return self.refuse_typed(at, "interval out of range", "write a shorter interval");
        };
        let sql = Sql::text(length.to_string());
        let literal = Some(Literal::Interval(interval));
        Typed { literal, ..Typed::new(Kind::Interval, Form::Simple, sql) }
    }

    /// Reports something that has no meaning, and goes on with what nothing more is reported of.
    pub fn refuse_typed(&mut self, at: Span, message: impl Into<String>, help: &str) -> Typed {
        self.push(Diagnostic::error(at, message).help(help));
        Typed::broken()
    }
}

/// The time before or after all others, where it is compared: its name sorts there among the texts of times. No
/// column keeps it, and nothing else is written for it.
fn infinite_moment(value: &Typed, text: &str, to: Kind) -> Option<Typed> {
    let name = match text.trim().to_ascii_lowercase().as_str() {
        "infinity" | "+infinity" => "infinity",
        "-infinity" => "-infinity",
        _ => return None,
    };
    let is_moment = matches!(to, Kind::Date | Kind::Timestamp | Kind::TimestampTz);
    (value.is_compared && is_moment)
        .then(|| Typed { is_infinite: true, ..Typed::new(to, Form::Simple, Sql::string(name)) })
}

/// A value as SQLite keeps it.
fn stored(scalar: &Scalar) -> Sql {
    match scalar.cast {
        Cast::Text => Sql::string(&scalar.text),
        Cast::Bytes => Sql::text(format!("x'{}'", scalar.text.trim_start_matches("\\x"))),
        Cast::Real if !scalar.text.contains(['.', 'e', 'E']) => {
            Sql::text(format!("{}.0", scalar.text))
        }
        Cast::Integer | Cast::Real | Cast::Numeric => Sql::text(&scalar.text),
    }
}

/// What to write for a literal of the type.
const fn form_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Boolean => "write true or false",
        Kind::Int2 | Kind::Int4 | Kind::Int8 => "write a whole number",
        Kind::Numeric | Kind::Float4 | Kind::Float8 => "write a number",
        Kind::Uuid => "write it as '00000000-0000-4000-8000-000000000000'",
        Kind::Date => "write it as '2026-11-22'",
        Kind::Time => "write it as '10:00:00'",
        Kind::Timestamp => "write it as '2026-11-22 10:00:00'",
        Kind::TimestampTz => "write it as '2026-11-22 10:00:00+00'",
        Kind::Json | Kind::Jsonb => {
            "write JSON in single quotes, such as '{\"key\": 1}' or '\"text\"'"
        }
        Kind::Bytea => "write it as '\\x00ff'",
        Kind::Array(_) => "write it as '{a,b}', or as `array['a', 'b']`",
        _ => "write a value of that type",
    }
}

impl Kind {
    /// Whether a value of this type may be given to a column of `other`.
    pub fn is_assignable(self, other: Self) -> bool {
        let is_cast =
            || casts::find(self, other).is_some_and(|cast| cast.context <= Context::Assignment);
        self == other
            || self == Self::Unknown
            || (self.is_text() && other.is_text())
            || (self == Self::Numeric && other.is_text())
            || is_cast()
    }
}
