//! Casts that are written: to a type, and to the size that it may name.

use sqlparser::ast::{DataType, Expr};

use super::Context;
use super::kind::{Kind, Size};
use super::template;
use super::typed::{Form, Typed};
use crate::catalog::Digits;
use crate::compiler::expand::Expander;
use crate::compiler::report::Span;
use crate::compiler::sql::Sql;

impl Expander<'_> {
    /// Writes a cast.
    pub(super) fn cast(&mut self, inner: &Expr, data_type: &DataType, at: Span) -> Typed {
        let declared = data_type.to_string();
        if let (Expr::Array(list), Some((kind @ Kind::Array(_), _))) =
            (inner, Kind::named(&declared))
            && list.elem.is_empty()
        {
            return Typed::new(kind, Form::Simple, Sql::text("'[]'"));
        }
        if let (Expr::Array(list), Some((kind @ Kind::Array(item), _))) =
            (inner, Kind::named(&declared))
        {
            let items: Vec<Typed> = list.elem.iter().map(|one| self.expression(one)).collect();
            return self.array_of_kind(items, (kind, item), at);
        }
        let value = self.expression(inner);
        self.cast_to(value, &declared, at)
    }

    pub(super) fn cast_to(&mut self, value: Typed, declared: &str, at: Span) -> Typed {
        if let Some(values) = self.enum_values(declared) {
            return self.one_of(value, declared, &values, at);
        }
        let Some((kind, size)) = Kind::named(declared) else {
            let message = format!("type \"{}\" does not exist", declared.to_lowercase());
            let help = format!("the types are {}", crate::compiler::types::TYPES);
            return self.refuse_typed(at, message, &help);
        };
        if value.is_broken() {
            return value;
        }
        let value = self.coerce(value, kind, Context::Explicit, at);
        let value = Typed { is_ranked: false, ..value };
        match size {
            _ if value.is_broken() => value,
            Size::Any => value,
            Size::Characters(length) => {
                let sql = template::write(&format!("substr(@0, 1, {length})"), &[value]);
                Typed::closed(kind, sql)
            }
            Size::Digits(digits) => self.rounded(value, digits, at),
        }
    }

    /// The values of a type that lists them.
    pub fn enum_values(&self, declared: &str) -> Option<Vec<String>> {
        let name = declared.rsplit('.').next().unwrap_or_default().trim_matches('"');
        let mut enums = self.environment.enums.iter();
        enums.find(|one| one.name.eq_ignore_ascii_case(name)).map(|one| one.values.clone())
    }

    /// A value of an enum, if it is one.
    pub(in crate::compiler) fn ranked(&self, value: Typed) -> Typed {
        let is_ranked = value.is_ranked || self.is_ranked(&value.options);
        Typed { is_ranked, ..value }
    }

    /// Whether these are the values of an enum that are not listed in the order of texts.
    pub(in crate::compiler) fn is_ranked(&self, options: &[String]) -> bool {
        !options.is_sorted() && self.environment.enums.iter().any(|one| one.values == options)
    }

    /// Reports a value that would be sorted as a text is, and is an enum's. Whether it is one.
    pub(in crate::compiler) fn refuse_rank(&mut self, value: &Typed, at: Span) -> bool {
        if value.is_ranked {
            let message = "values of an enum are sorted as texts here, which is another order";
            let help = "name the values: `role in ('admin', 'owner')`, or sort by `case .. end`";
            self.refuse(at, message, help);
        }
        value.is_ranked
    }

    /// Writes a cast to a type that lists its values, which are kept as texts.
    fn one_of(&mut self, value: Typed, name: &str, values: &[String], at: Span) -> Typed {
        let value = self.coerce(value, Kind::Text, Context::Explicit, at);
        if value.is_broken() || value.is_null() {
            return value;
        }
        if let Some(text) = value.text() {
            if values.iter().any(|one| one == text) {
                return Typed { is_ranked: self.is_ranked(values), ..value };
            }
            let message = format!("invalid input value for enum {name}: \"{text}\"");
            let help = format!("its values are '{}'", values.join("', '"));
            return self.refuse_typed(at, message, &help);
        }
        let list: Vec<String> = values.iter().map(|one| template::quoted(one)).collect();
        let test = format!(
            "case when @0 in ({}) then @0 when @0 is not null then @!cast:enum@ end",
            list.join(", ")
        );
        let is_ranked = self.is_ranked(values);
        Typed { is_ranked, ..Typed::closed(Kind::Text, template::write(&test, &[value])) }
    }

    /// Writes a decimal number so that it has the precision and scale of a declaration.
    pub fn rounded(&mut self, value: Typed, digits: Digits, at: Span) -> Typed {
        let decimals = super::number(&digits.scale.to_string());
        let rounded = self.called("round", vec![value, decimals], at);
        if rounded.is_broken() {
            return rounded;
        }
        let whole = i32::from(digits.precision).saturating_sub(i32::from(digits.scale));
        let fits = format!(
            "case when abs(@0) < 1e{whole} then @0 when @0 is not null then @!numeric:{}:{}@ end",
            digits.precision, digits.scale
        );
        let sql = template::write(&fits, &[rounded]);
        Typed { scale: u32::try_from(digits.scale).ok(), ..Typed::closed(Kind::Numeric, sql) }
    }
}
