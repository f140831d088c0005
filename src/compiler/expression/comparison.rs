//! Comparisons: `=`, `<`, `between`, `in`, `is distinct from`. A column stays as it is wherever its stored
//! form sorts as its type does, so that indexes serve.

use sqlparser::ast::{BinaryOperator, Expr};

use super::Context;
use super::kind::Kind;
use super::operators::{OPERATORS, Operator, Write};
use super::resolve::{Resolution, resolve};
use super::template;
use super::typed::{Form, Typed};
use crate::compiler::expand::Expander;
use crate::compiler::report::Span;
use crate::compiler::sql::Sql;

impl Expander<'_> {
    /// Writes a comparison.
    pub(super) fn compare(&mut self, name: &str, left: Typed, right: Typed, at: Span) -> Typed {
        self.advise_null(&left, &right, at);
        if let Some(written) = self.array_operation(name, &left, &right, at) {
            return written;
        }
        if Self::is_of_documents(name, &left, &right) {
            return self.binary_operation(name, left, right, at);
        }
        match self.comparable(name, left, right, at) {
            Some((left, right)) => Typed::open(Kind::Boolean, written(name, &left, &right)),
            None => Typed::broken(),
        }
    }

    fn is_of_documents(name: &str, left: &Typed, right: &Typed) -> bool {
        matches!(
            resolved(name, left.kind, right.kind),
            Resolution::One(operator) if operator.write != Write::Compare
        )
    }

    /// Two operands as SQLite compares them as PostgreSQL does; `None` when that is reported.
    pub(super) fn comparable(
        &mut self,
        name: &str,
        left: Typed,
        right: Typed,
        at: Span,
    ) -> Option<(Typed, Typed)> {
        if left.is_broken() || right.is_broken() {
            return None;
        }
        let [one, other] = match resolved(name, left.kind, right.kind) {
            Resolution::One(operator) if operator.write == Write::Compare => operator.operands,
            // Two texts in quotes are texts.
            Resolution::Ambiguous if left.kind == Kind::Unknown && right.kind == Kind::Unknown => {
                [Kind::Text, Kind::Text]
            }
            _ => {
                self.no_operator(name, &left, &right, at);
                return None;
            }
        };
        let is_order = !matches!(name, "=" | "<>");
        if is_order && (self.refuse_rank(&left, at) || self.refuse_rank(&right, at)) {
            return None;
        }
        let is_literal = |one: &Typed| one.kind == Kind::Unknown;
        let is_mixed = left.kind != right.kind && !is_literal(&left) && !is_literal(&right);
        if is_mixed && (left.is_infinite || right.is_infinite) {
            let message = format!("{} may be infinite beside {}", one.name(), other.name());
            self.refuse(at, message, "compare times of one type, or cast one of them");
            return None;
        }
        if let Some(converted) = compared_moments(name, &left, &right) {
            return Some(converted);
        }
        self.check_json_text(&left, &right, at);
        self.advise_comparison(&left, &right, at);
        let left = self.compared_as(left, one, other, at);
        let right = self.compared_as(right, other, one, at);
        let bare = |one: Typed| if is_order { without_affinity(one) } else { one };
        (!left.is_broken() && !right.is_broken()).then(|| (bare(left), bare(right)))
    }

    /// An operand of a comparison, which may be a time before or after all others.
    pub(super) fn compared(&mut self, operand: &Expr) -> Typed {
        self.is_compared = true;
        self.expression(operand)
    }

    /// An operand of a comparison. SQLite compares numbers by their values whatever they are kept as.
    fn compared_as(&mut self, value: Typed, kind: Kind, beside: Kind, at: Span) -> Typed {
        let is_number = value.kind.is_number() && kind.is_number();
        let rounds = value.kind == Kind::Int8 && kind == Kind::Float8 && beside == Kind::Float8;
        if is_number && !rounds && value.kind != Kind::Float4 {
            return value;
        }
        self.coerce(value, kind, Context::Implicit, at)
    }

    /// Reports an object or a list in quotes beside the text of a member: PostgreSQL writes these in a form
    /// of its own, so that they would be compared with something else.
    pub(super) fn check_json_text(&mut self, left: &Typed, right: &Typed, at: Span) {
        let is_compound = |one: &Typed| one.text().is_some_and(|text| text.contains(['{', '[']));
        if (left.is_json_text && is_compound(right)) || (right.is_json_text && is_compound(left)) {
            let message = "the text of an object or a list has another form in PostgreSQL";
            self.refuse(at, message, "compare documents: `.. -> 'key' = '{\"a\": 1}'`");
        }
    }

    /// Reports operands between which PostgreSQL has no such operator.
    pub(super) fn no_operator(&mut self, name: &str, left: &Typed, right: &Typed, at: Span) {
        if left.is_broken() || right.is_broken() {
            return;
        }
        let (one, other) = (left.kind, right.kind);
        if one == Kind::Untyped || other == Kind::Untyped {
            let known = if one == Kind::Untyped { other } else { one };
            let help = format!("write its type: `(..)::{}`", known.cast_name());
            self.refuse(at, "the type of this column is not known, since it is computed", &help);
            return;
        }
        let message = format!("operator does not exist: {} {name} {}", one.name(), other.name());
        let is_json = |kind| matches!(kind, Kind::Json | Kind::Jsonb);
        let help = match (one, other) {
            (json, kind) | (kind, json) if is_json(json) && !is_json(kind) => {
                format!("read the member as a value: `(.. ->> 'key')::{}`", kind.cast_name())
            }
            _ if name.starts_with("~~") => "cast it: `(..)::text`".to_owned(),
            (text, kind) | (kind, text) if text.is_text() => {
                format!("cast one of them: `(..)::{}`", kind.cast_name())
            }
            (moment, number) | (number, moment)
                if number.is_number() && Expander::is_moment(moment) =>
            {
                "compare it with a time, such as `now()` or '2026-11-22 10:00:00+00'".to_owned()
            }
            _ => "compare values of one type, or cast one of them".to_owned(),
        };
        self.refuse(at, message, &help);
    }

    const fn is_moment(kind: Kind) -> bool {
        matches!(kind, Kind::Date | Kind::Time | Kind::Timestamp | Kind::TimestampTz)
    }

    /// Writes `subject between low and high`.
    pub(super) fn between(
        &mut self,
        subject: &Expr,
        (low, high): (&Expr, &Expr),
        negated: bool,
        at: Span,
    ) -> Typed {
        if self.is_loose_subject(subject) {
            return Typed::broken();
        }
        let subject = self.compared(subject);
        let (low, high) = (self.compared(low), self.compared(high));
        let Some((from, low)) = self.comparable(">=", subject.clone(), low, at) else {
            return Typed::broken();
        };
        let Some((to, high)) = self.comparable("<=", subject, high, at) else {
            return Typed::broken();
        };
        if from.sql == to.sql {
            let word = if negated { " not between " } else { " between " };
            let sql =
                from.operand().then(word).and(low.operand()).then(" and ").and(high.operand());
            return Typed::open(Kind::Boolean, sql);
        }
        let (above, below) = (written(">=", &from, &low), written("<=", &to, &high));
        let both = above.then(" and ").and(below);
        negatable(both, negated)
    }

    /// Writes `subject in (..)`.
    pub(super) fn listed(
        &mut self,
        subject: &Expr,
        list: &[Expr],
        negated: bool,
        at: Span,
    ) -> Typed {
        if self.is_loose_subject(subject) {
            return Typed::broken();
        }
        if let Expr::Tuple(parts) = subject {
            return self.listed_rows(parts, list, negated, at);
        }
        let mut subject = self.expression(subject);
        let items: Vec<Typed> = list.iter().map(|item| self.expression(item)).collect();
        // A string in quotes is of the type of those in the list that have one.
        let known = items.iter().map(|item| item.kind).find(|kind| *kind != Kind::Unknown);
        if let (Kind::Unknown, Some(known)) = (subject.kind, known) {
            if items.iter().any(|item| item.kind != known && item.kind != Kind::Unknown) {
                let help = "write the type of the literal in front of `in`";
                return self.refuse_typed(at, "the type of this literal is not known", help);
            }
            subject = self.coerce(subject, known, Context::Implicit, at);
        }
        let mut tests = Vec::new();
        let mut pairs = Vec::new();
        for item in items {
            if item.is_broken() || subject.is_broken() {
                return Typed::broken();
            }
            if matches!(subject.kind, Kind::Jsonb | Kind::Array(_)) {
                tests.push(self.compare("=", subject.clone(), item, at).grouped().sql);
                continue;
            }
            let Some(pair) = self.comparable("=", subject.clone(), item, at) else {
                return Typed::broken();
            };
            tests.push(written("=", &pair.0, &pair.1).grouped());
            pairs.push(pair);
        }
        let first = pairs.first().map(|(left, _)| left.clone());
        match first.filter(|first| {
            pairs.len() == tests.len() && pairs.iter().all(|(left, _)| left.sql == first.sql)
        }) {
            Some(left) => {
                let list = Sql::join(pairs.into_iter().map(|(_, right)| right.sql), ", ").grouped();
                let word = if negated { " not in " } else { " in " };
                Typed::open(Kind::Boolean, left.operand().then(word).and(list))
            }
            None => negatable(Sql::join(tests, " or "), negated),
        }
    }

    /// Writes `left is [not] distinct from right`.
    pub(super) fn distinct(&mut self, left: Typed, right: Typed, is_same: bool, at: Span) -> Typed {
        let is_plain = !matches!(left.kind, Kind::Jsonb | Kind::Array(_))
            && !matches!(right.kind, Kind::Jsonb | Kind::Array(_));
        if is_plain {
            if left.kind == Kind::Unknown
                && right.kind == Kind::Unknown
                && left.is_null()
                && right.is_null()
            {
                return Typed::boolean(is_same);
            }
            let Some((left, right)) = self.comparable("=", left, right, at) else {
                return Typed::broken();
            };
            let word = if is_same { " is " } else { " is not " };
            return Typed::open(Kind::Boolean, left.operand().then(word).and(right.operand()));
        }
        let equal = self.compare("=", left.clone(), right.clone(), at);
        if equal.is_broken() {
            return equal;
        }
        let word = if is_same { "" } else { "not " };
        let sql = format!("{word}coalesce(@0, @1 is null and @2 is null)");
        Typed::open(Kind::Boolean, template::write(&sql, &[equal, left, right]))
    }
}

/// A column that has become a text, without what it is declared as: SQLite would take the other text for a
/// number where it looks like one.
fn without_affinity(value: Typed) -> Typed {
    if value.is_recast {
        return Typed { sql: Sql::text("+").and(value.sql.clone()), form: Form::Closed, ..value };
    }
    value
}

/// The operator that is meant between two types.
fn resolved(name: &str, left: Kind, right: Kind) -> Resolution<'static, Operator> {
    resolve(OPERATORS.iter().filter(|operator| operator.name == name), &[left, right], true)
}

/// Days and times of different types: what has no zone is in UTC, and a day begins at midnight.
fn compared_moments(name: &str, left: &Typed, right: &Typed) -> Option<(Typed, Typed)> {
    let rank = |kind| match kind {
        Kind::Date => Some(0_u8),
        Kind::Timestamp => Some(1),
        Kind::TimestampTz => Some(2),
        _ => None,
    };
    let (one, other) = (rank(left.kind)?, rank(right.kind)?);
    if one == other {
        return Some((left.clone(), right.clone()));
    }
    if one > other {
        let (right, left) = compared_moments(flipped(name), right, left)?;
        return Some((left, right));
    }
    // A day's text is the beginning of those of its times, and so sorts before all of them.
    if left.kind == Kind::Date && matches!(name, ">" | "<=") {
        return Some((left.clone(), right.clone()));
    }
    let is_cut = left.kind == Kind::Timestamp && right.form != Form::Column;
    if is_cut {
        let cut = template::write("substr(@0, 1, 26)", std::slice::from_ref(right));
        return Some((left.clone(), Typed::closed(Kind::Timestamp, cut)));
    }
    let ending = match (left.kind, right.kind) {
        (Kind::Date, Kind::Timestamp) => "'T00:00:00.000000'",
        (Kind::Date, _) => "'T00:00:00.000000+00:00'",
        _ => "'+00:00'",
    };
    let whole = template::write(&format!("@0 || {ending}"), std::slice::from_ref(left));
    Some((Typed::open(right.kind, whole), right.clone()))
}

pub(super) fn negatable(sql: Sql, negated: bool) -> Typed {
    let sql = sql.grouped();
    if negated {
        Typed::open(Kind::Boolean, Sql::text("not ").and(sql))
    } else {
        Typed::closed(Kind::Boolean, sql)
    }
}

/// Writes two operands that compare with each other.
pub(super) fn written(name: &str, left: &Typed, right: &Typed) -> Sql {
    left.operand().then(" ").then(name).then(" ").and(right.operand())
}

/// The comparison that means the same with its operands exchanged.
fn flipped(name: &str) -> &str {
    match name {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        other => other,
    }
}

/// The name of an operator in the table; `None` for those that are no names.
pub(super) fn operator_name(operator: &BinaryOperator) -> Option<&'static str> {
    Some(match operator {
        BinaryOperator::Eq => "=",
        BinaryOperator::NotEq => "<>",
        BinaryOperator::Gt => ">",
        BinaryOperator::GtEq => ">=",
        BinaryOperator::Lt => "<",
        BinaryOperator::LtEq => "<=",
        BinaryOperator::Plus => "+",
        BinaryOperator::Minus => "-",
        BinaryOperator::Multiply => "*",
        BinaryOperator::Divide => "/",
        BinaryOperator::Modulo => "%",
        BinaryOperator::PGExp => "^",
        BinaryOperator::StringConcat => "||",
        BinaryOperator::BitwiseAnd => "&",
        BinaryOperator::BitwiseOr => "|",
        BinaryOperator::Arrow => "->",
        BinaryOperator::LongArrow => "->>",
        BinaryOperator::HashArrow => "#>",
        BinaryOperator::HashLongArrow => "#>>",
        BinaryOperator::HashMinus => "#-",
        BinaryOperator::AtArrow => "@>",
        BinaryOperator::ArrowAt => "<@",
        BinaryOperator::AtQuestion => "@?",
        BinaryOperator::AtAt => "@@",
        BinaryOperator::Question => "?",
        BinaryOperator::QuestionPipe => "?|",
        BinaryOperator::QuestionAnd => "?&",
        BinaryOperator::PGOverlap => "&&",
        BinaryOperator::PGStartsWith => "^@",
        _ => return None,
    })
}
