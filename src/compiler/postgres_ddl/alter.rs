//! `alter`: what it adds to a table is written into the table's own statement.

use super::cursor::{Cursor, range};
use super::table::is_table_constraint;
use super::{Reader, Statement};
use crate::compiler::declarations::split;
use crate::compiler::lexer::Token;

impl<'a> Reader<'a> {
    pub(super) fn read_alter(&mut self, statement: &Statement<'a>) {
        let mut cursor = Cursor::new(&statement.tokens);
        cursor.skip(1);
        let Some(kind) = cursor.next() else { return };
        match kind.text.to_ascii_lowercase().as_str() {
            "table" => self.alter_table(statement, cursor),
            // The types have been read before all else.
            "type" => {}
            "policy" => self.extras.policies.push(statement.whole.clone()),
            "publication" => {
                let help = "it is left out: changes are not sent to anybody";
                self.warn(&range(&statement.tokens), "there is no realtime yet", help);
            }
            _ => {}
        }
        let is_left_out = [
            "default",
            "function",
            "schema",
            "sequence",
            "publication",
            "policy",
            "view",
            "role",
            "database",
            "extension",
            "index",
            "domain",
            "procedure",
            "materialized",
        ];
        if is_left_out.iter().any(|word| kind.is(word)) {
            self.leave_out(statement);
        }
    }

    fn alter_table(&mut self, statement: &Statement<'a>, mut cursor: Cursor<'_, 'a>) {
        cursor.take(&["if", "exists"]);
        cursor.take(&["only"]);
        let Some(name) = cursor.qualified() else { return };
        self.leave_out(statement);
        if name.schema().is_some_and(|schema| schema != "public") {
            return self.alter_other(&name);
        }
        let Some(at) =
            self.tables.iter().position(|one| one.name.eq_ignore_ascii_case(&name.text()))
        else {
            if !self.failed.iter().any(|one| one.eq_ignore_ascii_case(&name.text()))
                && !is_about_rights(cursor.rest())
            {
                let message = format!("table \"{}\" does not exist", name.text());
                self.error(&name.range(), message, "write it above, with `create table`");
            }
            return;
        };
        for action in split(cursor.rest()) {
            let before = self.failures_count();
            self.alter_action(at, action);
            if self.failures_count() > before
                && let Some(draft) = self.tables.get(at)
            {
                self.failed.push(draft.name.clone());
                let whole = draft.whole.clone();
                self.edits.remove(whole);
            }
        }
    }

    /// Supabase's own tables are switched on and altered by many a published script.
    fn alter_other(&mut self, name: &super::cursor::Qualified<'a>) {
        if name.schema().as_deref() == Some("storage") {
            self.error(&name.range(), "there is no storage yet", "leave it out");
        } else if name.schema().as_deref() != Some("auth") {
            self.error(&name.range(), "the only schema is \"public\"", "write the name alone");
        }
    }

    fn alter_action(&mut self, at: usize, action: &[Token<'a>]) {
        let mut cursor = Cursor::new(action);
        if is_about_rights(action) {
            return;
        }
        if cursor.sees(&["disable", "row", "level", "security"]) {
            let help = "leave it out: `create policy .. for all using (true)` opens a table";
            return self.error(&range(action), "row level security is always on", help);
        }
        if cursor.take(&["add"]) {
            let is_column = cursor.take(&["column"]);
            cursor.take(&["if", "not", "exists"]);
            if !is_column && is_table_constraint(cursor.rest()) {
                self.add_constraint(at, cursor.rest());
            } else {
                self.add_column(at, cursor.rest());
            }
        } else if cursor.take(&["alter"]) {
            cursor.take(&["column"]);
            self.alter_column(at, action, cursor);
        } else {
            self.error(
                &range(action),
                "a schema says what there is to be, not how it came to be",
                "write the table as it is to be: `npm start` and `npm run deploy` compare it with \
                 the database",
            );
        }
    }

    fn add_constraint(&mut self, at: usize, tokens: &[Token<'a>]) {
        let Some(mut draft) = self.tables.get(at).cloned() else { return };
        let whole = range(tokens);
        let text = self.translated_apart(&whole, |reader| {
            reader.read_constraints(&mut draft, None, tokens);
        });
        self.edits.insert_ranked(2, draft.list_end, format!(",\n  {text}"), whole);
        if let Some(kept) = self.tables.get_mut(at) {
            *kept = draft;
        }
    }

    fn add_column(&mut self, at: usize, tokens: &[Token<'a>]) {
        let Some(mut draft) = self.tables.get(at).cloned() else { return };
        let whole = range(tokens);
        let Some(name) = tokens.first().and_then(Token::name) else { return };
        if draft.column(&name).is_some() {
            let message = format!("column \"{name}\" is there already");
            return self.error(&whole, message, "leave it out");
        }
        let text = self.translated_apart(&whole, |reader| {
            let Some(column) = reader.read_column(&draft.name.clone(), tokens) else { return };
            draft.columns.push(column);
            let behind =
                super::table::length_before_constraint(tokens.get(1..).unwrap_or_default(), 0);
            let rest = tokens.get(behind.saturating_add(1)..).unwrap_or_default();
            reader.read_constraints(&mut draft, Some(&name), rest);
            if draft.column(&name).is_some_and(|column| column.numbered.is_some()) {
                let help = "write it into the table";
                reader.error(&whole, "a column that is added cannot number the rows", help);
            }
        });
        self.edits.insert_ranked(1, draft.columns_end, format!(",\n  {text}"), whole);
        if let Some(kept) = self.tables.get_mut(at) {
            *kept = draft;
        }
    }

    /// What `read` makes of some bytes, which are to stand elsewhere.
    fn translated_apart(
        &mut self,
        whole: &std::ops::Range<usize>,
        read: impl FnOnce(&mut Self),
    ) -> String {
        let outer = std::mem::take(&mut self.edits);
        read(self);
        let mut inner = std::mem::replace(&mut self.edits, outer);
        let text = self.text.get(..whole.end).unwrap_or_default();
        let output = inner.apply(text);
        output.get(whole.start..).unwrap_or_default().trim().to_owned()
    }

    fn alter_column(&mut self, at: usize, action: &[Token<'a>], mut cursor: Cursor<'_, 'a>) {
        let whole = range(action);
        let Some(name) = cursor.next().and_then(|token| token.name()) else { return };
        let Some(mut draft) = self.tables.get(at).cloned() else { return };
        let Some(column) = draft.column(&name) else {
            let message = format!("column \"{name}\" does not exist in table \"{}\"", draft.name);
            return self.error(&whole, message, "write it into the table");
        };
        let end = column.whole.end;
        if cursor.sees(&["add", "generated"]) || cursor.sees(&["set", "default"]) {
            cursor.skip(1);
            let tokens = cursor.rest();
            let text = self.translated_apart(&range(tokens), |reader| {
                reader.read_constraints(&mut draft, Some(&name), tokens);
            });
            if !text.is_empty() {
                self.edits.insert(end, format!(" {text}"), whole);
            }
        } else if cursor.take(&["set", "not", "null"]) {
            if !column.is_not_null {
                self.edits.insert(end, " not null", whole);
            }
            column.is_not_null = true;
        } else if !(cursor.take(&["set", "statistics"]) || cursor.take(&["set", "storage"])) {
            self.error(&whole, "this change has no translation", "write it into the table");
        }
        if let Some(kept) = self.tables.get_mut(at) {
            *kept = draft;
        }
    }
}

/// What is always so, or means nothing here: row level security, owners, replication.
fn is_about_rights(action: &[Token<'_>]) -> bool {
    let mut cursor = Cursor::new(action);
    cursor.take(&["enable", "row", "level", "security"])
        || cursor.take(&["force", "row", "level", "security"])
        || cursor.take(&["no", "force", "row", "level", "security"])
        || cursor.take(&["owner", "to"])
        || cursor.take(&["replica", "identity"])
        || cursor.take(&["cluster", "on"])
        || cursor.take(&["set", "("])
        || cursor.take(&["validate", "constraint"])
}
