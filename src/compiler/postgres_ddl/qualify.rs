//! Schemas in front of names. What is served is what PostgreSQL would have in `public`, so that is
//! left out; `auth.users` is the table `auth_users`.

use super::cursor::{Qualified, is_name, is_word};
use super::{Reader, Statement};
use crate::compiler::lexer::{Kind, Token};

/// What of Supabase's columns of `auth.users` has another name here.
const RENAMED: [(&str, &str); 2] =
    [("raw_user_meta_data", "user_metadata"), ("raw_app_meta_data", "app_metadata")];

impl<'a> Reader<'a> {
    /// Translates the name of a table where one is referred to; false where it was explained.
    pub(super) fn refer(&mut self, name: &Qualified<'a>) -> bool {
        let Some(schema) = name.schema() else { return true };
        match (schema.as_str(), name.text().to_ascii_lowercase().as_str()) {
            ("main", _) => {}
            ("public", _) => self.edits.remove(name.range().start..name.name.start),
            ("auth", "users") => self.edits.replace(name.range(), "auth_users"),
            ("auth", _) => {
                self.error(
                    &name.range(),
                    "of the schema \"auth\" there is only auth.users",
                    "it is the table auth_users here; migrations/0001_auth.sql shows the others",
                );
                return false;
            }
            ("storage", _) => {
                let help = "keep the path of the file as text";
                self.error(&name.range(), "there is no storage yet", help);
                return false;
            }
            _ => {
                self.error(
                    &name.range(),
                    "the only schema is \"public\"",
                    "write the name alone: a table is closed until a policy opens it",
                );
                return false;
            }
        }
        true
    }

    /// The same for the name of what is created. Anything else than `public` is explained.
    pub(super) fn name_created(&mut self, statement: &Statement<'a>, name: &Qualified<'a>) -> bool {
        match name.schema().as_deref() {
            // SQLite's own name of the database.
            None | Some("main") => true,
            Some("public") => {
                self.edits.remove(name.range().start..name.name.start);
                true
            }
            Some(schema) => {
                let message = format!("the only schema is \"public\", and this is \"{schema}\"");
                let help = format!(
                    "write `{}` alone: a table is closed until a policy opens it",
                    name.text()
                );
                self.failed.push(name.text());
                self.reject(statement, &name.range(), message, help);
                false
            }
        }
    }

    /// Translates the names in a query: of a view, of a trigger's body.
    pub(super) fn qualify(&mut self, tokens: &[Token<'a>]) {
        let reads_users = tokens.windows(3).any(is_auth_users);
        for (index, token) in tokens.iter().enumerate() {
            let before = index.checked_sub(1).and_then(|at| tokens.get(at));
            if before.is_some_and(|before| before.is(".")) {
                if reads_users {
                    self.rename(token);
                }
                continue;
            }
            match tokens.get(index..) {
                Some([schema, dot, name, ..])
                    if dot.is(".") && is_name(schema) && is_name(name) =>
                {
                    let whole = schema.start..name.range().end;
                    if is_word(schema, "public") {
                        self.edits.remove(schema.start..name.start);
                    } else if is_word(schema, "auth") && is_word(name, "users") {
                        self.edits.replace(whole, "auth_users");
                    }
                }
                _ if reads_users => self.rename(token),
                _ => {}
            }
        }
    }

    fn rename(&mut self, token: &Token<'a>) {
        if token.kind == Kind::Text {
            return;
        }
        for (theirs, ours) in RENAMED {
            if is_word(token, theirs) {
                self.edits.replace(token.range(), ours);
            }
        }
    }
}

fn is_auth_users(three: &[Token<'_>]) -> bool {
    matches!(three, [schema, dot, name]
        if dot.is(".") && is_word(schema, "auth") && is_word(name, "users"))
}

/// The text of a trigger's body with PostgreSQL's names translated, for a message.
pub(super) fn translated(text: &str) -> String {
    let mut text = text.replace("public.", "").replace("auth.users", "auth_users");
    for (theirs, ours) in RENAMED {
        text = text.replace(theirs, ours);
    }
    text
}
