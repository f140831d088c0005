//! What each kind of statement means here.

use super::cursor::{Cursor, is_word, range};
use super::{Reader, Statement};
use crate::compiler::lexer::Token;

/// What is said of `create function`, wherever it stands.
const FUNCTIONS_HELP: &str =
    "move it into functions.sql, where `language sql` functions are written";

impl<'a> Reader<'a> {
    /// Reads one statement: translates it, leaves it out, explains it, or leaves it to SQLite.
    pub(super) fn read(&mut self, statement: &Statement<'a>) {
        let tokens = statement.tokens.as_slice();
        let cursor = Cursor::new(tokens);
        let Some(first) = cursor.peek() else { return };
        if is_session_setting(&cursor) {
            return self.leave_out(statement);
        }
        match first.text.to_ascii_lowercase().as_str() {
            "create" => self.read_create(statement),
            "alter" => self.read_alter(statement),
            "drop" => self.read_drop(statement),
            "comment" => self.read_comment(statement),
            "grant" | "revoke" => self.keep_policy(statement),
            "copy" => self.reject(
                statement,
                &first.range(),
                "rows have no place in a schema",
                "dump with `pg_dump --schema-only`, and write the rows as `insert` into seed.sql",
            ),
            "do" => self.reject(
                statement,
                &first.range(),
                "a block of PL/pgSQL cannot be executed here",
                "write the statements that it executes, without conditions: the schema is applied \
                 as a whole",
            ),
            "insert" if cursor.rest().get(2).is_some_and(|token| is_word(token, "storage")) => self
                .reject(
                    statement,
                    &range(tokens.get(2..).unwrap_or_default()),
                    "there is no storage yet",
                    "leave buckets out, and the policies on storage.objects",
                ),
            "select" => self.reject(
                statement,
                &first.range(),
                "a query has no place in a schema",
                "a schema creates tables, views, indexes and triggers",
            ),
            _ => {}
        }
    }

    fn read_create(&mut self, statement: &Statement<'a>) {
        let mut cursor = Cursor::new(&statement.tokens);
        cursor.skip(1);
        let is_replacing = cursor.take(&["or", "replace"]);
        for words in [&["unlogged", "table"][..], &["table"], &["foreign", "table"]] {
            if cursor.sees(words) {
                return self.read_table(statement);
            }
        }
        let Some(kind) = cursor.peek() else { return };
        let at = range(cursor.rest().get(..2).unwrap_or_default());
        match kind.text.to_ascii_lowercase().as_str() {
            "index" => self.read_index(statement, cursor, false),
            "unique" => {
                cursor.skip(1);
                self.read_index(statement, cursor, true);
            }
            "view" | "recursive" | "materialized" => self.read_view(statement),
            "trigger" | "constraint" => self.read_trigger(statement),
            "function" | "procedure" => self.explain_function(statement, cursor),
            "type" => self.read_type(statement, cursor),
            "extension" => self.read_extension(statement, cursor),
            // Nothing is served but what `public` would hold; other schemas hold helpers.
            "schema" | "sequence" | "publication" => self.leave_out(statement),
            "policy" => self.keep_policy(statement),
            "domain" => self.reject(
                statement,
                &at,
                "there are no domains",
                "write its type and its check at each column",
            ),
            "role" | "user" => self.reject(
                statement,
                &at,
                "the roles are anon, authenticated and service_role",
                "leave it out, and ask for a claim in the policies: auth.jwt() ->> 'user_role'",
            ),
            "rule" | "event" | "aggregate" | "operator" | "cast" | "collation" | "text"
            | "server" | "statistics" | "language" => {
                let message = format!("`create {}` has no translation", kind.text.to_lowercase());
                self.reject(statement, &at, message, "leave it out");
            }
            _ if is_replacing => {
                let help = "leave `or replace` out: the schema says what there is to be";
                self.reject(statement, &at, "SQLite does not replace", help);
            }
            _ => {}
        }
    }

    /// An enum has been read before all else.
    fn read_type(&mut self, statement: &Statement<'a>, mut cursor: Cursor<'_, 'a>) {
        cursor.skip(1);
        let Some(name) = cursor.qualified() else { return };
        if !cursor.take(&["as", "enum"]) {
            let help = "write a table of its own, or jsonb";
            let message =
                format!("type \"{}\" is not an enum, and has no translation", name.text());
            self.reject(statement, &name.range(), message, help);
        }
    }

    fn read_extension(&mut self, statement: &Statement<'a>, mut cursor: Cursor<'_, 'a>) {
        cursor.skip(1);
        cursor.take(&["if", "not", "exists"]);
        let Some(token) = cursor.next() else { return };
        let name = token.name().unwrap_or_default().to_ascii_lowercase();
        let needless = [
            "pgcrypto",
            "uuid-ossp",
            "pg_graphql",
            "pg_stat_statements",
            "pgjwt",
            "plpgsql",
            "supabase_vault",
            "citext",
            "moddatetime",
            "pgsodium",
            "plpgsql_check",
            "pgaudit",
        ];
        if !needless.contains(&name.as_str()) {
            let message = format!("there is no extension \"{name}\"");
            let help = match name.as_str() {
                "pg_trgm" | "unaccent" => {
                    "full-text search is an FTS5 table: see docs/search.md".to_owned()
                }
                _ => "it is left out: what needs it is an error of its own".to_owned(),
            };
            self.warn(&token.range(), message, help);
        }
        self.leave_out(statement);
    }

    fn explain_function(&mut self, statement: &Statement<'a>, mut cursor: Cursor<'_, 'a>) {
        cursor.skip(1);
        let Some(name) = cursor.qualified() else { return };
        let is_sql = cursor.rest().windows(2).any(|two| {
            matches!(two, [word, language] if word.is("language") && is_word(language, "sql"))
        });
        let is_trigger = cursor.rest().windows(2).any(
            |two| matches!(two, [word, kind] if word.is("returns") && is_word(kind, "trigger")),
        );
        let name_text = name.text();
        if is_trigger {
            let message = format!(
                "function \"{name_text}\" cannot run here: SQLite's triggers have a body of their own"
            );
            self.reject(
                statement,
                &name.range(),
                message,
                "leave it out: the trigger that calls it shows what to write instead",
            );
        } else if is_sql {
            let message = format!("function \"{name_text}\" has no place in a schema");
            self.reject(statement, &name.range(), message, FUNCTIONS_HELP);
        } else {
            let message =
                format!("function \"{name_text}\" is not written in SQL, and cannot run here");
            let help = "write it as `language sql` into functions.sql";
            self.reject(statement, &name.range(), message, help);
        }
    }

    /// Policies and grants may stand beside the tables: they are read with those of `policies.sql`.
    fn keep_policy(&mut self, statement: &Statement<'a>) {
        self.extras.policies.push(statement.whole.clone());
        self.leave_out(statement);
    }

    /// `drop .. if exists` in front of what is created is how a script is made to run twice.
    fn read_drop(&mut self, statement: &Statement<'a>) {
        let tokens = statement.tokens.as_slice();
        let mut cursor = Cursor::new(tokens);
        cursor.skip(1);
        if cursor.take(&["policy"]) {
            return self.keep_policy(statement);
        }
        let Some(kind) = cursor.next() else { return };
        cursor.take(&["view"]);
        if !cursor.take(&["if", "exists"]) {
            return;
        }
        let Some(name) = cursor.qualified().map(|name| name.text()) else { return };
        let is_made = |draft: &super::TableDraft| draft.name.eq_ignore_ascii_case(&name);
        if kind.is("table") && self.tables.iter().any(is_made) {
            let message = format!("table \"{name}\" is created above and dropped here");
            self.reject(statement, &range(tokens), message, "leave out both");
        } else {
            self.leave_out(statement);
        }
    }

    fn read_comment(&mut self, statement: &Statement<'a>) {
        if Cursor::new(&statement.tokens).sees(&["comment", "on"]) {
            self.leave_out(statement);
        }
    }
}

/// What sets up a session, a transaction or a cache, and creates nothing.
fn is_session_setting(cursor: &Cursor<'_, '_>) -> bool {
    let tokens: &[Token<'_>] = cursor.rest();
    let Some(first) = tokens.first() else { return false };
    let is_first = |words: &[&str]| words.iter().any(|word| first.is(word));
    if is_first(&["set", "reset", "begin", "commit", "start", "notify", "\\", "security"]) {
        return true;
    }
    first.is("select") && tokens.iter().take(4).any(|token| is_word(token, "set_config"))
}
