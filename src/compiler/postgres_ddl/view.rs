//! `create view`.

use super::cast::is_cast;
use super::cursor::{Cursor, is_name, is_word, range};
use super::{Reader, Statement};
use crate::compiler::lexer::{Kind, Token};

impl<'a> Reader<'a> {
    pub(super) fn read_view(&mut self, statement: &Statement<'a>) {
        let before = self.failures_count();
        let mut cursor = Cursor::new(&statement.tokens);
        cursor.skip(1);
        let start = cursor.rest();
        if cursor.take(&["or", "replace"]) {
            self.take_out(start, cursor);
        }
        if let Some(kind) = cursor.peek().filter(|kind| !kind.is("view")) {
            let help = if kind.is("materialized") {
                "write `create view`, which is computed when it is read"
            } else {
                "write `create view .. as with recursive ..`"
            };
            let message = format!("SQLite has no {} views", kind.text.to_lowercase());
            cursor.skip(2);
            cursor.take(&["if", "not", "exists"]);
            self.failed.extend(cursor.qualified().map(|name| name.text()));
            return self.reject(statement, &kind.range(), message, help);
        }
        cursor.skip(1);
        cursor.take(&["if", "not", "exists"]);
        let Some(name) = cursor.qualified() else { return };
        if !self.name_created(statement, &name) {
            return;
        }
        cursor.group();
        let start = cursor.rest();
        if cursor.take(&["with"])
            && let Some(options) = cursor.group()
        {
            self.read_view_options(options);
            self.take_out(start, cursor);
        }
        let body = cursor.rest();
        self.qualify(body);
        self.explain_query(body);
        if self.failures_count() > before {
            self.failed.push(name.text());
            self.leave_out(statement);
        }
    }

    fn read_view_options(&mut self, options: &[Token<'a>]) {
        let mut cursor = Cursor::new(options);
        while let Some(option) = cursor.next() {
            let is_on = !cursor.take(&["="])
                || cursor.next().is_some_and(|value| {
                    !["false", "off", "0", "'false'", "'off'"]
                        .iter()
                        .any(|no| value.text.eq_ignore_ascii_case(no))
                });
            if is_word(&option, "security_invoker") && is_on {
                self.error(
                    &option.range(),
                    "a view reads its tables as their owner here, never as its caller",
                    "leave `with (..)` out: the view is closed until a policy on it opens it; \
                     write the conditions of its tables' policies there",
                );
            }
        }
    }

    /// Says what of a query SQLite does not know.
    fn explain_query(&mut self, tokens: &[Token<'a>]) {
        for (index, token) in tokens.iter().enumerate() {
            let rest = tokens.get(index..).unwrap_or_default();
            let is_call = is_name(token) && rest.get(1).is_some_and(|next| next.is("("));
            let is_next = |word: &str| rest.get(1).is_some_and(|next| next.is(word));
            let found = if is_cast(tokens, index) {
                Some(("SQLite casts otherwise", "write `cast(.. as text)`, or leave it out"))
            } else if is_word(token, "auth") && is_next(".") && !names_users(rest) {
                let help = "write the condition into a policy on the view";
                Some(("a view does not know the caller", help))
            } else if is_call && is_word(token, "now") {
                let help = "write `strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now')`";
                Some(("SQLite has no now()", help))
            } else if token.is("distinct") && is_next("on") {
                let help = "write a window function: row_number() over (partition by ..)";
                Some(("SQLite has no `distinct on`", help))
            } else if token.is("lateral") {
                Some(("SQLite has no `lateral`", "write a sub-select for each column"))
            } else if token.is("ilike") {
                Some(("SQLite has no `ilike`", "write `like`, which ignores the case of ASCII"))
            } else if token.is("interval") && rest.get(1).is_some_and(|t| t.kind == Kind::Text) {
                Some(("SQLite has no intervals", "write `julianday(..)`, or strftime(..)"))
            } else if token.is("array") && rest.get(1).is_some_and(|t| t.text.starts_with('[')) {
                Some(("SQLite has no arrays", "write `json_array(..)`, or `in (..)`"))
            } else {
                let renamed = [
                    ("array_agg", "write `json_group_array(..)`"),
                    ("jsonb_agg", "write `json_group_array(..)`"),
                    ("json_agg", "write `json_group_array(..)`"),
                    ("jsonb_build_object", "write `json_object(..)`"),
                    ("json_build_object", "write `json_object(..)`"),
                    ("date_trunc", "write `strftime(..)`"),
                    ("extract", "write `strftime(..)`"),
                    ("to_char", "write `strftime(..)` or `printf(..)`"),
                    ("split_part", "write substr(..) and instr(..)"),
                    ("bool_or", "write `max(..)`"),
                    ("bool_and", "write `min(..)`"),
                ];
                let named = renamed.iter().find(|(name, _)| is_call && is_word(token, name));
                named.map(|(_, help)| ("SQLite has no such function", *help))
            };
            if let Some((message, help)) = found {
                let end = rest.get(..2).map_or_else(|| token.range(), range);
                self.error(&end, message, help);
            }
        }
    }
}

/// `auth.users`
fn names_users(tokens: &[Token<'_>]) -> bool {
    tokens.get(2).is_some_and(|name| is_word(name, "users"))
}
