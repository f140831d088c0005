//! `create table`, and what later statements add to it.

use std::ops::Range;

use super::cursor::{Cursor, is_name, is_word, range};
use super::declared_type::{Written, instead, written};
use super::{Reader, Statement};
use crate::catalog::Type;
use crate::compiler::declarations::split;
use crate::compiler::lexer::{Kind, Token};

/// A table while the schema is read.
#[derive(Debug, Clone)]
pub(super) struct TableDraft {
    pub name: String,
    pub columns: Vec<ColumnDraft>,
    /// The columns of the key, wherever it is declared.
    pub primary_key: Vec<String>,
    /// The whole statement.
    pub whole: Range<usize>,
    /// Behind the last column.
    pub columns_end: usize,
    /// Behind the last column or constraint.
    pub list_end: usize,
}

/// A column while the schema is read.
#[derive(Debug, Clone)]
pub(super) struct ColumnDraft {
    pub name: String,
    pub type_at: Range<usize>,
    pub written: Written,
    pub kind: Option<Type>,
    pub whole: Range<usize>,
    pub is_not_null: bool,
    /// Where it is said that the database numbers the rows.
    pub numbered: Option<Range<usize>>,
    /// `generated always as identity`
    pub is_always: bool,
}

impl TableDraft {
    pub fn column(&mut self, name: &str) -> Option<&mut ColumnDraft> {
        self.columns.iter_mut().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    pub fn kind(&self, column: &Token<'_>) -> Option<Type> {
        let name = column.name()?;
        let found = self.columns.iter().find(|one| one.name.eq_ignore_ascii_case(&name));
        found.and_then(|column| column.kind)
    }
}

/// Words that begin a constraint of a column, and so end a type or a default.
fn begins_constraint(tokens: &[Token<'_>]) -> bool {
    let Some(first) = tokens.first().filter(|first| first.kind == Kind::Word) else { return false };
    let words = [
        "constraint",
        "null",
        "unique",
        "check",
        "default",
        "collate",
        "references",
        "generated",
        "deferrable",
        "initially",
        "storage",
        "compression",
    ];
    let second = |word: &str| tokens.get(1).is_some_and(|token| token.is(word));
    words.iter().any(|word| first.is(word))
        || (first.is("primary") && second("key"))
        || (first.is("not") && (second("null") || second("deferrable")))
        || first.is("as")
}

impl<'a> Reader<'a> {
    pub(super) fn read_table(&mut self, statement: &Statement<'a>) {
        let mut cursor = Cursor::new(&statement.tokens);
        cursor.skip(1);
        if let Some(word) = cursor.peek().filter(|token| token.is("unlogged")) {
            self.edits.remove(word.start..cursor.rest().get(1).map_or(word.start, |t| t.start));
            cursor.skip(1);
        }
        if cursor.sees(&["foreign"]) {
            let at = range(&statement.tokens);
            self.failed.extend(statement.tokens.get(3).and_then(Token::name));
            return self.reject(statement, &at, "there are no foreign tables", "leave it out");
        }
        cursor.skip(1);
        cursor.take(&["if", "not", "exists"]);
        let Some(name) = cursor.qualified() else { return };
        if !self.name_created(statement, &name) {
            return;
        }
        let Some(open) = cursor.peek() else { return };
        let Some(list) = cursor.group() else {
            if open.is("partition") {
                let help = "write one table, without partitions";
                self.failed.push(name.text());
                self.reject(statement, &open.range(), "there are no partitions", help);
            }
            return;
        };
        let end = range(list).end;
        let mut draft = TableDraft {
            name: name.text(),
            columns: Vec::new(),
            primary_key: Vec::new(),
            whole: statement.whole.clone(),
            columns_end: end,
            list_end: end,
        };
        let before = self.failures_count();
        self.read_items(&mut draft, list);
        self.read_options(cursor);
        if self.failures_count() > before {
            self.failed.push(draft.name.clone());
            self.leave_out(statement);
        }
        self.tables.push(draft);
    }

    /// Columns first, for constraints may stand in front of the columns that they name.
    fn read_items(&mut self, draft: &mut TableDraft, list: &[Token<'a>]) {
        let items = split(list);
        let of_table = |item: &&[Token<'a>]| is_table_constraint(item);
        for item in items.iter().filter(|item| !of_table(item)) {
            if item.first().is_some_and(|first| first.is("like")) && item.len() > 1 {
                let at = range(item);
                self.error(&at, "SQLite cannot copy columns", "write the columns out");
                continue;
            }
            if let Some(column) = self.read_column(&draft.name.clone(), item) {
                draft.columns_end = column.whole.end;
                draft.columns.push(column);
            }
        }
        for item in items {
            if is_table_constraint(item) {
                self.read_constraints(draft, None, item);
            } else if let Some(name) = item.first().and_then(Token::name) {
                let behind = length_before_constraint(item.get(1..).unwrap_or_default(), 0)
                    .saturating_add(1);
                self.read_constraints(draft, Some(&name), item.get(behind..).unwrap_or_default());
            }
        }
    }

    /// The name and the type of a column.
    pub(super) fn read_column(&mut self, table: &str, item: &[Token<'a>]) -> Option<ColumnDraft> {
        let (name, rest) = item.split_first().filter(|(name, _)| is_name(name))?;
        if KEYWORDS.iter().any(|word| name.is(word)) {
            let message = format!("`{}` is a keyword of SQLite", name.text);
            let help = format!("write \"{}\" in double quotes, wherever it is named", name.text);
            self.error(&name.range(), message, help);
        }
        let of_type = rest.get(..length_before_constraint(rest, 0))?;
        let found = written(of_type);
        let type_at = if of_type.is_empty() { name.range() } else { range(of_type) };
        let mut column = ColumnDraft {
            name: name.name()?,
            kind: found.kind(),
            written: found,
            type_at: type_at.clone(),
            whole: range(item),
            is_not_null: false,
            numbered: None,
            is_always: false,
        };
        let text = column.written.text.clone();
        if let Some(values) = self.enum_named(column.written.item()).map(|one| one.values.clone()) {
            if text.ends_with(']') {
                let message = "an array of an enum cannot be checked";
                self.error(&type_at, message, "write text[], or a table of its own");
            }
            column.kind = Some(Type::Text { characters_max: None });
            self.edits.replace(type_at.clone(), "text");
            let items: Vec<String> =
                values.iter().map(|value| format!("'{}'", value.replace('\'', "''"))).collect();
            let check = format!(" check ({} in ({}))", name.text, items.join(", "));
            self.edits.insert(column.whole.end, check, type_at);
        } else if self
            .explained_types
            .iter()
            .any(|one| one.eq_ignore_ascii_case(column.written.item()))
        {
            self.edits.replace(type_at, "text");
            self.extras.untyped.push(table.to_owned());
        } else if column.written.is_serial() {
            column.numbered = Some(type_at);
            column.kind = Some(Type::BigInt);
        } else if column.written.is_foreign {
            self.edits.replace(type_at.clone(), text.clone());
        }
        if column.kind.is_none()
            && let Some(help) = instead(&text)
        {
            let message = format!("there is no type \"{text}\"");
            self.error_mended(&column.type_at, "text", message, help);
            self.extras.untyped.push(table.to_owned());
        }
        Some(column)
    }

    /// What stands behind the list of columns.
    fn read_options(&mut self, mut cursor: Cursor<'_, 'a>) {
        while let Some(token) = cursor.peek() {
            let rest = cursor.rest();
            if token.is("inherits") || token.is("partition") {
                self.error(
                    &token.range(),
                    "a table neither inherits from others nor has partitions",
                    "write all columns into one table",
                );
                return;
            }
            cursor.skip(1);
            let is_storage = token.is("with") && cursor.group().is_some();
            if is_storage || (token.is("tablespace") && cursor.next().is_some()) {
                let taken = rest.len().saturating_sub(cursor.rest().len());
                self.edits.remove(range(rest.get(..taken).unwrap_or_default()));
            }
        }
    }

    /// Decides what can only be known once all statements are read: which key numbers its rows.
    pub(super) fn finish_tables(&mut self) {
        for draft in std::mem::take(&mut self.tables) {
            for column in &draft.columns {
                let is_key = |name: &String| name.eq_ignore_ascii_case(&column.name);
                if let Some(at) = &column.numbered {
                    self.number(&draft, column, at);
                } else if draft.primary_key.iter().any(is_key)
                    && !column.is_not_null
                    && self.edits.touch(&draft.whole)
                {
                    // PostgreSQL's keys hold no null; SQLite's may.
                    let is_rowid = column.written.text == "integer" && draft.primary_key.len() == 1;
                    if !is_rowid {
                        self.edits.insert(column.type_at.end, " not null", column.type_at.clone());
                    }
                }
            }
        }
    }

    /// SQLite numbers the rows of an `integer primary key`, and no other column.
    fn number(&mut self, draft: &TableDraft, column: &ColumnDraft, at: &Range<usize>) {
        let is_whole = matches!(column.kind, Some(Type::SmallInt | Type::Integer | Type::BigInt));
        let is_key =
            matches!(draft.primary_key.as_slice(), [key] if key.eq_ignore_ascii_case(&column.name));
        if !is_key || !is_whole {
            let message = format!("column \"{}\" cannot be numbered", column.name);
            if column.written.is_serial() {
                self.edits.replace(column.type_at.clone(), "integer");
            }
            self.error(
                at,
                message,
                "SQLite numbers only a primary key of one column: write `integer primary key` \
                 there, and an ordinary column here",
            );
            return;
        }
        if column.written.text != "integer" {
            self.edits.replace(column.type_at.clone(), "integer");
            let declared = column.written.declared_number();
            self.extras.numbered.push((draft.name.clone(), column.name.clone(), declared));
        }
        if column.is_always {
            self.extras.identities.push((draft.name.clone(), column.name.clone()));
        }
    }
}

/// Words that name a column in PostgreSQL without quotes, and in SQLite only with.
const KEYWORDS: [&str; 15] = [
    "add",
    "alter",
    "autoincrement",
    "commit",
    "delete",
    "drop",
    "escape",
    "exists",
    "index",
    "insert",
    "nothing",
    "set",
    "transaction",
    "update",
    "values",
];

/// How many tokens stand before the constraint that ends a type or a default; the first `skipped` begin none.
pub(super) fn length_before_constraint(tokens: &[Token<'_>], skipped: usize) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate() {
        let rest = tokens.get(index..).unwrap_or_default();
        if index >= skipped && depth == 0 && begins_constraint(rest) {
            return index;
        }
        if token.is("(") {
            depth = depth.saturating_add(1);
        } else if token.is(")") {
            depth = depth.saturating_sub(1);
        }
    }
    tokens.len()
}

/// Whether an item of the list is about the table rather than a column.
pub(super) fn is_table_constraint(item: &[Token<'_>]) -> bool {
    let Some(first) = item.first().filter(|first| first.kind == Kind::Word) else { return false };
    let second = item.get(1);
    first.is("constraint")
        || (first.is("primary") && second.is_some_and(|token| token.is("key")))
        || (["unique", "check"].iter().any(|word| first.is(word))
            && second.is_some_and(|token| token.is("(") || token.is("nulls")))
        || (first.is("foreign") && second.is_some_and(|token| token.is("key")))
        || (first.is("exclude") && second.is_some_and(|token| token.is("using") || token.is("(")))
}

/// The names in a list of columns.
pub(super) fn names(list: &[Token<'_>]) -> Vec<String> {
    split(list).into_iter().filter_map(|item| item.first()?.name()).collect()
}

/// Whether a word is PostgreSQL's own collation or that of bytes, which are SQLite's too.
pub(super) fn is_plain_collation(token: &Token<'_>) -> bool {
    ["default", "c", "posix", "ucs_basic"].iter().any(|name| is_word(token, name))
}
