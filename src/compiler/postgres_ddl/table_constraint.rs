//! Constraints of columns and of tables.

use std::ops::Range;

use super::Reader;
use super::cast::{Constant, constant};
use super::cursor::{Cursor, range};
use super::default::{Default, default};
use super::table::{TableDraft, is_plain_collation, length_before_constraint, names};
use crate::compiler::lexer::Token;

/// What a constraint without a word for SQLite is.
const DEFERRED: &str = "SQLite defers foreign keys only";

impl<'a> Reader<'a> {
    /// Reads the constraints of one item of the list; `column` is the name of the column that they
    /// are on, none for those of the table.
    pub(super) fn read_constraints(
        &mut self,
        draft: &mut TableDraft,
        column: Option<&str>,
        tokens: &[Token<'a>],
    ) {
        let mut cursor = Cursor::new(tokens);
        let mut is_reference = false;
        while let Some(token) = cursor.peek() {
            let before = cursor.rest();
            if cursor.take(&["constraint"]) {
                cursor.skip(1);
            } else if cursor.take(&["primary", "key"]) {
                is_reference = false;
                let columns = cursor.group().map(names);
                let own = column.map(|name| vec![name.to_owned()]);
                draft.primary_key = columns.or(own).unwrap_or_default();
            } else if cursor.take(&["unique"]) {
                is_reference = false;
                self.read_unique(&mut cursor, token);
            } else if cursor.take(&["check"]) {
                is_reference = false;
                if let Some(inner) = cursor.group() {
                    self.read_condition(draft, inner);
                }
            } else if cursor.take(&["default"]) {
                self.read_default(draft, column, token, &mut cursor);
            } else if cursor.take(&["generated"]) {
                self.read_generated(draft, column, token, &mut cursor);
            } else if cursor.take(&["as"]) {
                // SQLite's short form of a generated column.
                if let Some(inner) = cursor.group() {
                    self.read_condition(draft, inner);
                }
            } else if cursor.take(&["references"]) {
                is_reference = true;
                self.read_reference(&mut cursor);
            } else if cursor.take(&["not", "null"]) {
                if let Some(column) = column.and_then(|name| draft.column(name)) {
                    column.is_not_null = true;
                }
            } else if cursor.take(&["collate"]) {
                self.read_collation(token, &mut cursor);
            } else if cursor.take(&["no", "inherit"]) || cursor.take(&["not", "valid"]) {
                self.take_out(before, cursor);
            } else if cursor.take(&["exclude"]) {
                let help = "write a trigger that raises where rows overlap";
                self.error(&token.range(), "SQLite has no exclusion constraints", help);
                return;
            } else if cursor.take(&["not", "deferrable"])
                || cursor.take(&["initially", "immediate"])
            {
                if !is_reference {
                    self.take_out(before, cursor);
                }
            } else if cursor.take(&["deferrable"]) {
                if !is_reference {
                    self.error(&token.range(), DEFERRED, "leave `deferrable` out");
                }
            } else {
                self.skip_rest(&mut cursor, before);
            }
        }
    }

    /// Words about storage and indexes, and what SQLite is to judge.
    fn skip_rest(&mut self, cursor: &mut Cursor<'_, 'a>, before: &[Token<'a>]) {
        let is_storage = cursor.take(&["storage"]) || cursor.take(&["compression"]);
        if is_storage || cursor.take(&["using", "index", "tablespace"]) {
            cursor.skip(1);
            self.take_out(before, *cursor);
        } else if cursor.take(&["include"]) {
            cursor.group();
            self.take_out(before, *cursor);
        } else {
            cursor.skip(1);
        }
    }

    /// Takes out the tokens that the cursor has passed.
    pub(super) fn take_out(&mut self, before: &[Token<'a>], cursor: Cursor<'_, 'a>) {
        let taken = before.len().saturating_sub(cursor.rest().len());
        self.take_out_tokens(before.get(..taken).unwrap_or_default());
    }

    /// Takes out tokens and the blanks in front of them.
    pub(super) fn take_out_tokens(&mut self, tokens: &[Token<'a>]) {
        let Range { start, end } = range(tokens);
        let before = self.text.get(..start).unwrap_or_default();
        self.edits.remove(before.trim_end_matches([' ', '\t']).len()..end);
    }

    fn read_unique(&mut self, cursor: &mut Cursor<'_, 'a>, token: Token<'a>) {
        let before = cursor.rest();
        if cursor.take(&["nulls", "not", "distinct"]) {
            let help = "add `not null`, or a unique index on coalesce(..)";
            self.error(&token.range(), "to SQLite two nulls are never the same", help);
        } else if cursor.take(&["nulls", "distinct"]) {
            self.take_out(before, *cursor);
        }
        cursor.group();
    }

    fn read_default(
        &mut self,
        draft: &mut TableDraft,
        column: Option<&str>,
        word: Token<'a>,
        cursor: &mut Cursor<'_, 'a>,
    ) {
        let rest = cursor.rest();
        let length = length_before_constraint(rest, 1);
        let tokens = rest.get(..length).unwrap_or_default();
        cursor.skip(length);
        let table = draft.name.clone();
        let Some(column) = column.and_then(|name| draft.column(name)) else { return };
        let kind = column.kind;
        let at = range(tokens);
        if let Some(one) = self.enum_named(column.written.item())
            && let Some((Constant::Text(value), _)) = constant(tokens)
            && !one.values.contains(&value)
            && !column.written.text.ends_with(']')
        {
            let message = format!("\"{value}\" is no value of \"{}\"", one.name);
            let help = format!("its values are {}", one.values.join(", "));
            return self.error_mended(&at, "null", message, help);
        }
        let whole: Vec<Token<'a>> = std::iter::once(word).chain(tokens.iter().copied()).collect();
        match default(tokens, kind) {
            Default::Keep => {}
            Default::Replace(sql) => self.edits.replace(at, sql),
            Default::Caller => {
                self.extras.caller_defaults.push((table, column.name.clone()));
                self.take_out_tokens(&whole);
            }
            Default::Claim(claim) => {
                self.extras.claim_defaults.push((table, column.name.clone(), claim));
                self.take_out_tokens(&whole);
            }
            Default::Numbered => {
                column.numbered = Some(at);
                self.take_out_tokens(&whole);
            }
            Default::Explain(help) => {
                let message =
                    format!("the default of column \"{}\" has no translation", column.name);
                self.error_mended(&at, "null", message, help);
            }
        }
    }

    fn read_generated(
        &mut self,
        draft: &mut TableDraft,
        column: Option<&str>,
        word: Token<'a>,
        cursor: &mut Cursor<'_, 'a>,
    ) {
        let before = cursor.rest();
        let is_always = cursor.take(&["always"]);
        let _ = is_always || cursor.take(&["by", "default"]);
        cursor.take(&["on", "null"]);
        if cursor.take(&["as", "identity"]) {
            cursor.group();
            let taken = before.len().saturating_sub(cursor.rest().len());
            let tokens = before.get(..taken).unwrap_or_default();
            let whole: Vec<Token<'a>> =
                std::iter::once(word).chain(tokens.iter().copied()).collect();
            if let Some(column) = column.and_then(|name| draft.column(name)) {
                column.numbered = Some(range(&whole));
                column.is_always = is_always;
            }
            self.take_out_tokens(&whole);
        } else if cursor.take(&["as"])
            && let Some(inner) = cursor.group()
        {
            self.read_condition(draft, inner);
        }
    }

    /// A condition that cannot be translated does not keep the table from being created.
    fn read_condition(&mut self, draft: &TableDraft, inner: &[Token<'a>]) {
        let before = self.failures_count();
        self.read_expression(draft, inner);
        let failures = self.failures_count().saturating_sub(before);
        if failures > 0 {
            self.mended_count = self.mended_count.saturating_add(failures);
            self.edits.replace(range(inner), "null");
        }
    }

    fn read_reference(&mut self, cursor: &mut Cursor<'_, 'a>) {
        let Some(name) = cursor.qualified() else { return };
        self.refer(&name);
        cursor.group();
        loop {
            let before = cursor.rest();
            if cursor.take(&["match", "full"]) || cursor.take(&["match", "simple"]) {
                self.take_out(before, *cursor);
            } else if cursor.take(&["on", "delete"]) || cursor.take(&["on", "update"]) {
                let is_set = cursor.take(&["set"]);
                cursor.skip(1);
                if let Some(group) = cursor.group().filter(|_| is_set) {
                    let help = "SQLite sets all columns of the key: leave the list out";
                    self.error(&range(group), "a list of columns has no translation", help);
                }
            } else {
                return;
            }
        }
    }

    fn read_collation(&mut self, word: Token<'a>, cursor: &mut Cursor<'_, 'a>) {
        let Some(name) = cursor.qualified() else { return };
        let at = word.start..name.range().end;
        if is_plain_collation(&name.name) {
            let before = self.text.get(..at.start).unwrap_or_default();
            self.edits.remove(before.trim_end_matches([' ', '\t']).len()..at.end);
        }
    }
}
