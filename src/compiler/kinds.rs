//! What an expression of a function is: the type that Postgres would give it, as far as one can see.
//!
//! A policy's expression is true or not; what a function writes or answers must be of its column's
//! type, since SQLite would take anything anywhere.

use sqlparser::ast::{
    BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Spanned,
    UnaryOperator, Value,
};

use super::expand::Expander;
use super::functions::NOW;
use super::parse::span;
use super::types;
use crate::catalog::Type;

/// A text without a limit.
const TEXT: Type = Type::Text { characters_max: None };

/// What is known of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Its type.
    Known(Type),
    /// A string or a number as it stands there, which becomes whatever type it fits.
    Literal(String),
    /// Null, which is of every type.
    Null,
    /// Nothing.
    Unknown,
}

impl From<Option<Type>> for Kind {
    fn from(kind: Option<Type>) -> Self {
        kind.filter(|kind| *kind != Type::Any).map_or(Self::Unknown, Self::Known)
    }
}

impl Kind {
    pub const fn known(&self) -> Option<Type> {
        match self {
            Self::Known(kind) => Some(*kind),
            Self::Literal(_) | Self::Null | Self::Unknown => None,
        }
    }
}

impl Expander<'_> {
    /// The kind of an expression that has been written.
    pub fn kind(&self, expression: &Expr) -> Kind {
        match expression {
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => self.kind_of(expression).into(),
            Expr::Nested(inner) => self.kind(inner),
            Expr::Value(value) => match &value.value {
                Value::SingleQuotedString(text) => Kind::Literal(text.clone()),
                Value::Number(digits, _) if digits.contains(['.', 'e', 'E']) => {
                    Kind::Known(Type::NUMERIC)
                }
                Value::Number(digits, _) => Kind::Known(integer(digits)),
                Value::Boolean(_) => Kind::Known(Type::Boolean),
                Value::Null => Kind::Null,
                Value::Placeholder(text) => {
                    self.numbered_argument(text).map(|(_, argument)| argument.kind).into()
                }
                _ => Kind::Unknown,
            },
            Expr::UnaryOp { op: UnaryOperator::Not, .. } => Kind::Known(Type::Boolean),
            Expr::UnaryOp { expr, .. } => self.kind(expr),
            Expr::BinaryOp { left, op, right } => self.kind_of_operation(left, op, right),
            Expr::Case { conditions, else_result, .. } => {
                let results = conditions.iter().map(|when| &when.result);
                self.common(results.chain(else_result.as_deref()))
            }
            // SQLite's integers have 64 bits, whatever they are called.
            Expr::Cast { data_type, .. } => match types::parse(&data_type.to_string()) {
                Some(kind) if is_integer(kind) => Kind::Known(Type::BigInt),
                other => other.into(),
            },
            Expr::Function(function) => self.kind_of_call(function),
            Expr::Substring { .. } | Expr::Trim { .. } => Kind::Known(TEXT),
            Expr::Ceil { .. } | Expr::Floor { .. } => Kind::Known(Type::Double),
            Expr::Subquery(subquery) => {
                let at = span(subquery.span());
                let found = self.subqueries.iter().rev().find(|(place, _)| *place == at);
                found.map_or(Kind::Unknown, |(_, kind)| kind.clone())
            }
            Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::IsTrue(_)
            | Expr::IsNotTrue(_)
            | Expr::IsFalse(_)
            | Expr::IsNotFalse(_)
            | Expr::IsUnknown(_)
            | Expr::IsNotUnknown(_)
            | Expr::IsDistinctFrom(..)
            | Expr::IsNotDistinctFrom(..)
            | Expr::AnyOp { .. }
            | Expr::AllOp { .. }
            | Expr::InList { .. }
            | Expr::InSubquery { .. }
            | Expr::Exists { .. }
            | Expr::Between { .. }
            | Expr::Like { .. } => Kind::Known(Type::Boolean),
            _ => Kind::Unknown,
        }
    }

    fn kind_of_operation(&self, left: &Expr, operator: &BinaryOperator, right: &Expr) -> Kind {
        match operator {
            BinaryOperator::StringConcat | BinaryOperator::LongArrow => Kind::Known(TEXT),
            BinaryOperator::Arrow => Kind::Known(Type::Json),
            BinaryOperator::Plus
            | BinaryOperator::Minus
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Modulo => {
                let kinds = [left, right].map(|side| self.kind(side).known());
                match kinds {
                    [Some(Type::Double), Some(_)] | [Some(_), Some(Type::Double)] => {
                        Kind::Known(Type::Double)
                    }
                    [Some(Type::Numeric { .. }), Some(_)]
                    | [Some(_), Some(Type::Numeric { .. })] => Kind::Known(Type::NUMERIC),
                    [Some(left), Some(right)] if is_integer(left) && is_integer(right) => {
                        Kind::Known(Type::BigInt)
                    }
                    _ => Kind::Unknown,
                }
            }
            BinaryOperator::BitwiseAnd
            | BinaryOperator::BitwiseOr
            | BinaryOperator::PGBitwiseShiftLeft
            | BinaryOperator::PGBitwiseShiftRight => Kind::Known(Type::BigInt),
            _ => Kind::Known(Type::Boolean),
        }
    }

    fn kind_of_call(&self, function: &Function) -> Kind {
        let name = function.name.to_string().to_ascii_lowercase();
        let arguments = arguments(function);
        Kind::Known(match name.as_str() {
            "auth.uid" => Type::Uuid,
            "auth.jwt" | "json" | "json_array" | "json_object" | "json_quote"
            | "json_group_array" | "json_group_object" => Type::Json,
            "auth.role" | "auth.email" | "char" | "concat" | "concat_ws" | "format" | "hex"
            | "lower" | "ltrim" | "printf" | "replace" | "rtrim" | "substr" | "substring"
            | "trim" | "typeof" | "upper" | "group_concat" | "string_agg" | "json_type" => TEXT,
            "count" | "instr" | "json_array_length" | "length" | "octet_length" | "sign"
            | "unicode" | "unixepoch" => Type::BigInt,
            "avg" | "ceil" | "ceiling" | "floor" | "julianday" | "mod" | "total" => Type::Double,
            "glob" | "json_valid" | "like" => Type::Boolean,
            "now" => Type::TimestampTz,
            "current_date" | "date" => Type::Date,
            "strftime" => return self.kind_of_strftime(&arguments),
            "unhex" => Type::Bytes,
            "sum" => match self.common(arguments.into_iter()).known() {
                Some(kind) if is_integer(kind) => Type::BigInt,
                other => return other.into(),
            },
            "abs" | "coalesce" | "ifnull" | "max" | "min" | "nullif" => {
                return self.common(arguments.into_iter());
            }
            "round" => Type::NUMERIC,
            "iif" => return self.common(arguments.into_iter().skip(1)),
            _ => return Kind::Unknown,
        })
    }

    /// `strftime` with the forms in which times are kept gives such a time.
    fn kind_of_strftime(&self, arguments: &[&Expr]) -> Kind {
        let Some(Kind::Literal(form)) = arguments.first().map(|first| self.kind(first)) else {
            return Kind::Known(TEXT);
        };
        Kind::Known(match form.as_str() {
            "%Y-%m-%d" => Type::Date,
            "%H:%M:%f000" => Type::Time,
            "%Y-%m-%dT%H:%M:%f000" => Type::Timestamp,
            form if NOW.contains(form) && form.len() > 20 => Type::TimestampTz,
            _ => TEXT,
        })
    }

    /// The type of all of them, as far as they have one.
    fn common<'e>(&self, expressions: impl Iterator<Item = &'e Expr>) -> Kind {
        let mut common = Kind::Null;
        for expression in expressions {
            common = match (common, self.kind(expression)) {
                (common, Kind::Null) => common,
                (Kind::Null, kind) => kind,
                (Kind::Literal(one), Kind::Literal(other)) => {
                    if one == other {
                        Kind::Literal(one)
                    } else {
                        Kind::Known(TEXT)
                    }
                }
                (Kind::Known(one), Kind::Known(other)) => match wider(one, other) {
                    Some(kind) => Kind::Known(kind),
                    None => return Kind::Unknown,
                },
                (Kind::Known(kind), Kind::Literal(text))
                | (Kind::Literal(text), Kind::Known(kind)) => {
                    if !types::is_canonical_text(kind, &text) {
                        return Kind::Unknown;
                    }
                    Kind::Known(kind)
                }
                (_, Kind::Unknown) | (Kind::Unknown, _) => return Kind::Unknown,
            };
        }
        common
    }
}

fn arguments(function: &Function) -> Vec<&Expr> {
    let FunctionArguments::List(list) = &function.args else { return Vec::new() };
    let expression = |argument| match argument {
        &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expression)) => Some(expression),
        _ => None,
    };
    list.args.iter().filter_map(expression).collect()
}

fn integer(digits: &str) -> Type {
    if digits.parse::<i16>().is_ok() {
        Type::SmallInt
    } else if digits.parse::<i32>().is_ok() {
        Type::Integer
    } else if digits.parse::<i64>().is_ok() {
        Type::BigInt
    } else {
        Type::Double
    }
}

pub(super) const fn is_integer(kind: Type) -> bool {
    matches!(kind, Type::SmallInt | Type::Integer | Type::BigInt)
}

/// Where a type stands among the numbers, from the narrowest to the widest.
const fn width(kind: Type) -> Option<u8> {
    match kind {
        Type::SmallInt => Some(0),
        Type::Integer => Some(1),
        Type::BigInt => Some(2),
        Type::Numeric { .. } => Some(3),
        Type::Double => Some(4),
        _ => None,
    }
}

/// The type that holds values of both; nothing when they are of different sorts.
pub(super) fn wider(one: Type, other: Type) -> Option<Type> {
    match (one, other) {
        (Type::Text { characters_max: Some(one) }, Type::Text { characters_max: Some(other) }) => {
            Some(Type::Text { characters_max: Some(one.max(other)) })
        }
        (Type::Text { .. }, Type::Text { .. }) => Some(TEXT),
        (one, other) if one == other => Some(one),
        (Type::Numeric { .. }, Type::Numeric { .. }) => Some(Type::NUMERIC),
        (one, other) => {
            let (left, right) = (width(one)?, width(other)?);
            Some(if left >= right { one } else { other })
        }
    }
}
