//! An expression as it is written for SQLite, and what PostgreSQL knows of it.

use super::interval::Interval;
use super::kind::Kind;
use crate::catalog::Claim;
use crate::compiler::report::Span;
use crate::compiler::sql::Sql;

/// An expression of a known type.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(in crate::compiler) struct Typed {
    pub sql: Sql,
    pub kind: Kind,
    pub form: Form,
    /// What it says, where it is a literal.
    pub literal: Option<Literal>,
    /// How many decimals a `numeric` shows, where that is known.
    pub scale: Option<u32>,
    /// The only texts that it can be, where a check lists them.
    pub options: Vec<String>,
    /// Whether it is of an enum whose values PostgreSQL sorts in another order than texts.
    pub is_ranked: bool,
    /// The document that this is a member of, and the path to it.
    pub json: Option<Box<(Typed, String)>>,
    /// Where it stands, for what is wrong with a literal.
    pub at: Option<Span>,
    /// Whether it is the text of a member, which for objects and lists PostgreSQL writes in another form.
    pub is_json_text: bool,
    /// Whether it is a column of another type that was cast to a text as it is kept.
    pub is_recast: bool,
    /// Whether it is a literal that is compared, so that it may be a time before or after all others.
    pub is_compared: bool,
    /// Whether it may be such a time, which nothing but a comparison is written for.
    pub is_infinite: bool,
    /// Whether it is the difference of two points in time: an interval of days, and hours below 24.
    pub is_difference: bool,
}

/// How the SQL may be put beside other SQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::compiler) enum Form {
    /// A column of a table: an index may serve it where nothing is written around it.
    Column,
    /// Something short that may be written more than once: a literal, a claim, an argument.
    Simple,
    /// One operand.
    Closed,
    /// An operator and its operands, so that it needs parentheses.
    Open,
}

/// What a literal says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::compiler) enum Literal {
    Null,
    /// A string in quotes.
    Text(String),
    /// A number, with its sign.
    Number(String),
    Boolean(bool),
    Interval(Interval),
}

impl Typed {
    pub fn new(kind: Kind, form: Form, sql: Sql) -> Self {
        Self {
            sql,
            kind,
            form,
            literal: None,
            scale: None,
            json: None,
            options: Vec::new(),
            is_ranked: false,
            at: None,
            is_json_text: false,
            is_recast: false,
            is_compared: false,
            is_infinite: false,
            is_difference: false,
        }
    }

    /// SQL in parentheses, a call, or `case .. end`.
    pub fn closed(kind: Kind, sql: Sql) -> Self {
        Self::new(kind, Form::Closed, sql)
    }

    pub fn open(kind: Kind, sql: Sql) -> Self {
        Self::new(kind, Form::Open, sql)
    }

    /// Stands for an expression whose mistake has been reported.
    pub fn broken() -> Self {
        Self::closed(Kind::Broken, Sql::default())
    }

    pub fn claim(claim: Claim) -> Self {
        let kind = match claim {
            Claim::Uid => Kind::Uuid,
            Claim::Role | Claim::Email => Kind::Text,
            Claim::Jwt => Kind::Jsonb,
        };
        Self::new(kind, Form::Simple, Sql::claim(claim))
    }

    pub fn null() -> Self {
        let sql = Sql::text("null");
        Self { literal: Some(Literal::Null), ..Self::new(Kind::Unknown, Form::Simple, sql) }
    }

    pub fn boolean(truth: bool) -> Self {
        let sql = Sql::text(if truth { "true" } else { "false" });
        let literal = Some(Literal::Boolean(truth));
        Self { literal, ..Self::new(Kind::Boolean, Form::Simple, sql) }
    }

    /// A string in quotes, whose type is not known yet.
    pub fn string(text: &str) -> Self {
        let literal = Some(Literal::Text(text.to_owned()));
        Self { literal, ..Self::new(Kind::Unknown, Form::Simple, Sql::string(text)) }
    }

    /// A literal of a known type, which is `sql` for SQLite.
    pub fn constant(kind: Kind, text: &str, sql: Sql) -> Self {
        Self { literal: Some(Literal::Text(text.to_owned())), ..Self::new(kind, Form::Simple, sql) }
    }

    /// The same, which stands at that place.
    pub fn placed(self, at: Span) -> Self {
        Self { at: Some(at), ..self }
    }

    /// In parentheses.
    pub fn grouped(self) -> Self {
        match self.form {
            Form::Open => Self { sql: self.sql.grouped(), form: Form::Closed, ..self },
            Form::Column | Form::Simple | Form::Closed => self,
        }
    }

    /// The document that this is read from, and the path in it.
    pub fn json_path(&self) -> Option<(&Sql, &str)> {
        self.json.as_ref().map(|json| (&json.0.sql, json.1.as_str()))
    }

    pub fn is_broken(&self) -> bool {
        self.kind == Kind::Broken
    }

    pub fn is_null(&self) -> bool {
        self.literal == Some(Literal::Null)
    }

    /// The text of a string in quotes, whatever its type has become.
    pub fn text(&self) -> Option<&str> {
        match &self.literal {
            Some(Literal::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Whether its SQL may be repeated: nothing is computed by it.
    pub const fn is_simple(&self) -> bool {
        matches!(self.form, Form::Column | Form::Simple)
    }

    /// The SQL as it stands beside an operator.
    pub fn operand(&self) -> Sql {
        match self.form {
            Form::Open => self.sql.clone().grouped(),
            Form::Column | Form::Simple | Form::Closed => self.sql.clone(),
        }
    }
}
