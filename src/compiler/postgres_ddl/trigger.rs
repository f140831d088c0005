//! Triggers and the functions that they call: PL/pgSQL does not run here, so each is explained, with
//! SQLite's trigger where the function is of a usual form.

use super::cast::dollar_text;
use super::cursor::{Cursor, Qualified, is_word, range};
use super::qualify::translated;
use super::{Reader, Statement};
use crate::compiler::lexer::{Kind, Token, statements, tokens as cut};
use crate::compiler::types;

/// A `create function .. returns trigger`.
#[derive(Debug, Clone)]
pub(super) struct TriggerFunction {
    name: String,
    body: String,
}

/// What a function of a usual form does.
enum Action {
    /// Nothing but statements.
    Statements(Vec<String>),
    /// It sets a column of the new row to the time.
    Stamp(String),
}

impl<'a> Reader<'a> {
    /// Collects the functions that triggers may call.
    pub(super) fn read_functions(&mut self, all: &[Statement<'a>]) {
        for statement in all {
            let mut cursor = Cursor::new(&statement.tokens);
            if !cursor.take(&["create"]) {
                continue;
            }
            cursor.take(&["or", "replace"]);
            if !cursor.take(&["function"]) {
                continue;
            }
            let Some(name) = cursor.qualified() else { continue };
            let body = statement.tokens.iter().find(|token| token.kind == Kind::Foreign);
            let body = body.and_then(|body| dollar_text(body.text));
            if let Some(body) = body {
                self.functions.push(TriggerFunction { name: name.text(), body: body.to_owned() });
            }
        }
    }

    pub(super) fn read_trigger(&mut self, statement: &Statement<'a>) {
        let tokens = statement.tokens.as_slice();
        let is_call = |two: &[Token<'a>]| {
            matches!(two, [execute, kind] if execute.is("execute")
                && (kind.is("function") || kind.is("procedure")))
        };
        let Some(call) = tokens.windows(2).position(is_call) else {
            // SQLite's own, but for names with a schema.
            if tokens.first().is_some_and(|first| first.is("create")) {
                self.qualify(tokens.get(1..).unwrap_or_default());
            }
            return;
        };
        let mut cursor = Cursor::new(tokens.get(call.saturating_add(2)..).unwrap_or_default());
        let Some(function) = cursor.qualified() else { return };
        let arguments = cursor.group().unwrap_or_default();
        let at = tokens.iter().position(|token| token.is("trigger")).unwrap_or_default();
        let name = tokens.get(at.saturating_add(1)).copied();
        let head = tokens.get(at..call).unwrap_or_default();
        let help = match self.instead(head, &function, arguments) {
            Some(sql) => format!("write\n{sql}"),
            None => "write SQLite's: create trigger .. after insert on .. begin insert into .. \
                     values (new.id, ..); end;"
                .to_owned(),
        };
        let at = name.map_or_else(|| range(tokens), |name| name.range());
        let message = format!(
            "a trigger cannot call the function \"{}\": SQLite's triggers have a body of their own",
            function.text()
        );
        self.reject(statement, &at, message, help);
    }

    /// SQLite's trigger, if the function is of a usual form.
    fn instead(
        &self,
        head: &[Token<'a>],
        function: &Qualified<'a>,
        arguments: &[Token<'a>],
    ) -> Option<String> {
        let [_, name, timing, rest @ ..] = head else { return None };
        let on = rest.iter().position(|token| token.is("on"))?;
        let (events, behind) = rest.split_at_checked(on)?;
        let mut cursor = Cursor::new(behind.get(1..)?);
        let table = cursor.qualified()?;
        let table = match table.schema().as_deref() {
            Some("auth") if is_word(&table.name, "users") => "auth_users".to_owned(),
            None | Some("public") => table.name.text.to_owned(),
            Some(_) => return None,
        };
        let when = self.condition(cursor.rest())?;
        let body = match self.action(function, arguments)? {
            Action::Statements(statements) => {
                if timing.is("before") {
                    return None;
                }
                statements.join(";\n  ")
            }
            Action::Stamp(column) => {
                let draft = self.draft_of(&table);
                let known = draft.columns.iter().find(|one| one.name.eq_ignore_ascii_case(&column));
                let kind = known.and_then(|column| column.kind);
                let now = super::literal::now(kind?, &[])?;
                format!("update {table} set {column} = {now}\n  where rowid = new.rowid")
            }
        };
        // SQLite's triggers are for one event each.
        let events: Vec<&[Token<'a>]> = events.split(|token| token.is("or")).collect();
        let mut written = Vec::new();
        for event in &events {
            let kind = event.first()?.text.to_lowercase();
            let name = match events.as_slice() {
                [_] => name.text.to_owned(),
                _ => format!("{}_{kind}", name.name()?),
            };
            if kind == "truncate" || (kind == "delete" && body.contains("new.")) {
                return None;
            }
            let event = self.source(&range(event)).to_lowercase();
            written.push(format!(
                "create trigger {name} after {event} on {table}{when}\nbegin\n  {body};\nend;"
            ));
        }
        Some(written.join("\n"))
    }

    /// The condition of a trigger, if SQLite understands it as well; empty where there is none.
    fn condition(&self, behind: &[Token<'a>]) -> Option<String> {
        let at = behind.iter().position(|token| token.is("when"));
        let Some(condition) = at.and_then(|at| behind.get(at..)) else {
            return Some(String::new());
        };
        let is_foreign = condition.iter().any(|token| token.is("*") || token.is(":"));
        (!is_foreign).then(|| format!("\n{}", translated(self.source(&range(condition)))))
    }

    fn action(&self, function: &Qualified<'a>, arguments: &[Token<'a>]) -> Option<Action> {
        if is_word(&function.name, "moddatetime")
            && let [column] = arguments
        {
            return column.name().map(Action::Stamp);
        }
        let found =
            self.functions.iter().find(|one| one.name.eq_ignore_ascii_case(&function.text()))?;
        let all = statements(&found.body);
        let mut actions = Vec::new();
        for (index, statement) in all.iter().enumerate() {
            let tokens = match statement.split_first() {
                Some((begin, rest)) if index == 0 && begin.is("begin") => rest,
                _ => statement.as_slice(),
            };
            let [first, ..] = tokens else { continue };
            if first.is("return") || (first.is("end") && tokens.len() == 1) {
                continue;
            }
            if let [new, dot, column, assign @ .., now, open, close] = tokens
                && new.is("new")
                && dot.is(".")
                && now.is("now")
                && open.is("(")
                && close.is(")")
                && assign.iter().all(|token| token.is(":") || token.is("="))
            {
                return (all.len() <= 3).then(|| Action::Stamp(column.text.to_owned()));
            }
            let is_statement = ["insert", "update", "delete"].iter().any(|word| first.is(word));
            if !is_statement {
                return None;
            }
            let text = found.body.get(range(tokens)).unwrap_or_default();
            actions.push(lines(&translated(text))?);
        }
        (!actions.is_empty()).then_some(Action::Statements(actions))
    }
}

/// The statement with its lines indented; nothing where SQLite would not understand it.
fn lines(sql: &str) -> Option<String> {
    let is_foreign = |token: &Token<'_>| {
        token.is(":") || is_word(token, "auth") || is_word(token, "now") || is_word(token, "tg_op")
    };
    if cut(sql).iter().any(is_foreign) || sql.contains(types::RANDOM_UUID) {
        return None;
    }
    let lines: Vec<&str> = sql.lines().map(str::trim).collect();
    Some(lines.join("\n    "))
}
