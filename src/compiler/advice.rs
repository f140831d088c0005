//! Warnings about what compiles and is hardly meant: a claim that no token has, a comparison that is never
//! true, a condition that is the same for every row, and rows that everybody may write.

use sqlparser::ast::Spanned;

use super::condition::constant;
use super::expand::Expander;
use super::expression::Typed;
use super::parse::{Policies, Role, Verb, span};
use super::report::{Diagnostic, File, Report, Span, closest};
use super::sql::Sql;
use crate::catalog::{Claim, Piece};

/// The claims of access tokens and API keys.
const CLAIMS: [&str; 16] = [
    "aal",
    "amr",
    "app_metadata",
    "aud",
    "email",
    "exp",
    "iat",
    "is_anonymous",
    "iss",
    "nbf",
    "phone",
    "ref",
    "role",
    "session_id",
    "sub",
    "user_metadata",
];

impl Expander<'_> {
    /// Reports what builds all the same.
    fn warn(&mut self, at: Span, message: impl Into<String>, help: &str) {
        let at = match self.statement {
            // The parser gives some parts of a statement no place.
            Some(statement) if at.file == File::Policies => statement,
            _ => at,
        };
        self.report.push(Diagnostic::warning(at, message).help(help));
    }

    /// Warns of a comparison that is true for no row.
    pub fn advise_comparison(&mut self, left: &Typed, right: &Typed, at: Span) {
        for (one, other) in [(left, right), (right, left)] {
            let Some(text) = other.text() else { continue };
            let is_role = one.sql == Sql::claim(Claim::Role)
                || one.json_path() == Some((&Sql::claim(Claim::Jwt), "$.role"));
            if is_role && !Role::ALL.iter().any(|role| role.name() == text) {
                let message = format!("no policy is asked for the role \"{text}\"");
                let help = "the roles are anon and authenticated; service_role passes all policies";
                self.warn(at, message, help);
            }
            if !one.options.is_empty() && !one.options.iter().any(|option| option == text) {
                let message = format!("the column is never \"{text}\"");
                let help = format!("a check allows '{}'", one.options.join("', '"));
                self.warn(at, message, &help);
            }
        }
    }

    /// Warns of a null beside `=` and its like.
    pub fn advise_null(&mut self, left: &Typed, right: &Typed, at: Span) {
        if left.is_null() || right.is_null() {
            let help = "write `is null` or `is not null`";
            self.warn(at, "a comparison with null is never true", help);
        }
    }

    /// Warns of a claim that no token has.
    pub fn advise_claim(&mut self, document: &Typed, key: &str, at: Span) {
        if document.sql != Sql::claim(Claim::Jwt) || CLAIMS.contains(&key) {
            return;
        }
        let message = format!("no token of this server has the claim \"{key}\"");
        let help = match closest(key, CLAIMS) {
            Some(claim) => format!("did you mean \"{claim}\"?"),
            None => format!(
                "claims of your own stand in app_metadata: auth.jwt() -> 'app_metadata' ->> '{key}'"
            ),
        };
        self.warn(at, message, &help);
    }

    /// Warns of a condition that asks for nothing.
    pub fn advise_condition(&mut self, sql: &Sql, at: Span) {
        let asks = sql.pieces().iter().any(|piece| match piece {
            Piece::Sql(sql) => sql.contains(" from ") || sql.contains("'now'"),
            Piece::Row | Piece::Claim(_) | Piece::Argument(_) => true,
        });
        if !asks {
            let help = "compare a column, or write true or false";
            self.warn(at, "this condition is the same for every row and every caller", help);
        }
    }
}

/// Warns of policies by which everybody writes, and of those for `anon` that ask for a user.
pub(super) fn policies(policies: &Policies, report: &mut Report) {
    for policy in policies.all.iter().filter(|policy| !policy.is_restrictive) {
        let writes = policy.verb != Some(Verb::Select);
        let open = [&policy.using, &policy.check]
            .into_iter()
            .flatten()
            .find(|expression| constant(expression) == Some(true));
        if let Some(open) = open.filter(|_| writes) {
            let verb = policy.verb.map_or("write", Verb::name);
            let message =
                format!("policy \"{}\" lets every caller {verb} every row", policy.name.text);
            report.push(
                Diagnostic::warning(span(open.span()), message)
                    .help("name the rows, as in `using (user_id = auth.uid())`"),
            );
        }
    }
}
