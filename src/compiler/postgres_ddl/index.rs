//! `create index`, of which SQLite has one kind.

use super::cursor::{Cursor, is_name, is_word, range};
use super::table::{TableDraft, is_plain_collation};
use super::{Reader, Statement};
use crate::compiler::declarations::split;
use crate::compiler::lexer::{Kind, Token};

impl<'a> Reader<'a> {
    /// Reads an index; the cursor stands on the word `index`.
    pub(super) fn read_index(
        &mut self,
        statement: &Statement<'a>,
        mut cursor: Cursor<'_, 'a>,
        is_unique: bool,
    ) {
        let before = self.failures_count();
        if !cursor.take(&["index"]) {
            return;
        }
        let start = cursor.rest();
        if cursor.take(&["concurrently"]) {
            self.take_out(start, cursor);
        }
        cursor.take(&["if", "not", "exists"]);
        let has_name = !cursor.sees(&["on"]);
        if has_name && let Some(name) = cursor.qualified() {
            self.refer(&name);
        }
        let Some(on) = cursor.peek().filter(|on| on.is("on")) else { return };
        cursor.skip(1);
        let start = cursor.rest();
        if cursor.take(&["only"]) {
            self.take_out(start, cursor);
        }
        let Some(table) = cursor.qualified() else { return };
        self.refer(&table);
        let start = cursor.rest();
        if cursor.take(&["using"]) {
            let method = cursor.next();
            if let Some(method) =
                method.filter(|method| !is_word(method, "btree") && !is_word(method, "hash"))
            {
                let message = format!("SQLite has no {} index", method.text.to_lowercase());
                self.warn(&method.range(), message, "it is left out: queries only take longer");
                return self.leave_out(statement);
            }
            self.take_out(start, cursor);
        }
        let Some(list) = cursor.group() else { return };
        let draft = self.draft_of(&table.text());
        if !has_name {
            let name = index_name(&table.text(), list, is_unique);
            self.edits.insert(on.start, format!("{name} "), on.range());
        }
        for item in split(list) {
            self.read_index_item(&draft, item);
        }
        self.read_index_options(&draft, cursor);
        if self.failures_count() > before {
            self.leave_out(statement);
        }
    }

    /// A copy of what is known of a table so far.
    pub(super) fn draft_of(&self, name: &str) -> TableDraft {
        let known = self.tables.iter().find(|draft| draft.name.eq_ignore_ascii_case(name));
        known.cloned().unwrap_or_else(|| TableDraft {
            name: name.to_owned(),
            columns: Vec::new(),
            primary_key: Vec::new(),
            whole: 0..0,
            columns_end: 0,
            list_end: 0,
        })
    }

    fn read_index_item(&mut self, draft: &TableDraft, item: &[Token<'a>]) {
        self.read_expression(draft, item);
        let mut depth = 0_usize;
        for (index, token) in item.iter().enumerate() {
            let rest = item.get(index..).unwrap_or_default();
            depth = depth.saturating_add(usize::from(token.is("(")));
            depth = depth.saturating_sub(usize::from(token.is(")")));
            // It stands behind a column or an expression, and never in one.
            let before = index.checked_sub(1).and_then(|at| item.get(at));
            let is_class = token.kind == Kind::Word
                && depth == 0
                && before.is_some_and(|before| is_name(before) || before.is(")"))
                && (token.text.ends_with("_ops") || token.text.ends_with("_OPS"));
            if is_class {
                self.take_out_tokens(&[*token]);
            } else if let [nulls, end, ..] = rest
                && nulls.is("nulls")
                && (end.is("first") || end.is("last"))
            {
                // Where nulls stand in an index says nothing about what queries answer.
                self.take_out_tokens(&[*nulls, *end]);
            } else if let [collate, name, ..] = rest
                && collate.is("collate")
                && is_plain_collation(name)
            {
                self.take_out_tokens(&[*collate, *name]);
            }
        }
    }

    fn read_index_options(&mut self, draft: &TableDraft, mut cursor: Cursor<'_, 'a>) {
        while let Some(token) = cursor.peek() {
            let start = cursor.rest();
            if token.is("where") {
                return self.read_expression(draft, start.get(1..).unwrap_or_default());
            }
            if token.is("nulls") {
                let help = "add `not null`, or index coalesce(..)";
                self.error(&range(start), "to SQLite two nulls are never the same", help);
                return;
            }
            cursor.skip(1);
            let is_list = (token.is("include") || token.is("with")) && cursor.group().is_some();
            if is_list || (token.is("tablespace") && cursor.next().is_some()) {
                self.take_out(start, cursor);
            }
        }
    }
}

/// As PostgreSQL names an index without a name.
fn index_name(table: &str, list: &[Token<'_>], is_unique: bool) -> String {
    let mut parts = vec![table.to_owned()];
    for item in split(list) {
        parts.push(match item {
            [first, next, ..] if next.is("(") && first.kind == Kind::Word => {
                first.text.to_lowercase()
            }
            [first, ..] => first.name().unwrap_or_else(|| "expr".to_owned()),
            [] => continue,
        });
    }
    parts.push(if is_unique { "key" } else { "idx" }.to_owned());
    let name = parts.join("_");
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return name;
    }
    format!("\"{}\"", name.replace('"', "\"\""))
}
