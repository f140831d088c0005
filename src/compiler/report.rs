//! What is wrong with the sources, drawn with file, line and underline. Checks push what they find
//! and go on, so that all mistakes of a stage are shown at once.

use std::fmt;
use std::ops::Range;

use super::postgres_ddl::Edits;

/// The files that make a backend, in the order in which they are loaded.
#[derive(Debug, Clone)]
pub struct Sources {
    /// Selvedge's own tables, which the schema may refer to.
    pub migration: Source,
    /// The user's tables and views.
    pub schema: Source,
    /// Who may see and do what.
    pub policies: Source,
    /// What can be called; empty when there is no such file.
    pub functions: Source,
}

/// A file: its name, for messages, and its text.
#[derive(Debug, Clone)]
pub struct Source {
    /// As the reader of a message finds it.
    pub name: String,
    /// UTF-8.
    pub text: String,
}

impl Sources {
    pub(super) const fn get(&self, file: File) -> &Source {
        match file {
            File::Migration => &self.migration,
            File::Schema => &self.schema,
            File::Policies => &self.policies,
            File::Functions => &self.functions,
        }
    }
}

/// Which file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum File {
    Migration,
    Schema,
    Policies,
    Functions,
}

/// A place between two characters; both numbers begin with 1, and columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

impl Position {
    /// The place in front of the byte at `offset`.
    pub(super) fn of(text: &str, offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_begin = before.rfind('\n').map_or(0, |newline| newline.saturating_add(1));
        let in_line = before.get(line_begin..).unwrap_or_default().chars().count();
        Self {
            line: before.matches('\n').count().saturating_add(1),
            column: in_line.saturating_add(1),
        }
    }
}

/// A piece of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    pub file: File,
    pub start: Position,
    /// Behind the last character.
    pub end: Position,
}

/// Whether the build fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Error,
    Warning,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    pub span: Span,
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// The table or view that it misses. Where that could not be created, this is no finding of its
    /// own.
    missing: Option<String>,
}

impl Diagnostic {
    pub(super) fn error(span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, span, message: message.into(), help: None, missing: None }
    }

    pub(super) fn warning(span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            span,
            message: message.into(),
            help: None,
            missing: None,
        }
    }

    #[must_use]
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Says which table or view is not there.
    #[must_use]
    pub(super) fn misses(mut self, name: &str) -> Self {
        self.missing = Some(name.to_ascii_lowercase());
        self
    }

    /// Adds the most similar of `candidates` as help, if one is similar at all.
    #[must_use]
    pub(super) fn suggest<'a>(
        mut self,
        wrong: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        if let Some(name) = closest(wrong, candidates) {
            self.help = Some(format!("did you mean \"{name}\"?"));
        }
        self
    }
}

/// All findings, and the sources that they point into.
#[derive(Debug, Clone)]
pub struct Report {
    /// As they are executed: the schema is SQLite's.
    sources: Box<Sources>,
    /// The schema as it is written.
    schema: String,
    /// How the one became the other.
    edits: Edits,
    diagnostics: Vec<Diagnostic>,
    /// Tables and views that could not be created, in lower case.
    failed: Vec<String>,
    /// Whether something could not be created of which not even the name is known.
    has_unknown_failed: bool,
    /// How many findings only follow from those.
    consequences_count: usize,
}

/// A file as it is executed, and where its bytes stand in what was written.
#[derive(Debug, Clone)]
pub(super) struct Places {
    file: File,
    text: String,
    edits: Edits,
}

impl Places {
    /// The span of some bytes of the executed text.
    pub fn span(&self, at: &Range<usize>) -> Span {
        let at = self.edits.locate(at);
        Span {
            file: self.file,
            start: Position::of(&self.text, at.start),
            end: Position::of(&self.text, at.end),
        }
    }
}

impl Report {
    pub(super) fn new(sources: Sources) -> Self {
        Self {
            schema: sources.schema.text.clone(),
            sources: Box::new(sources),
            edits: Edits::default(),
            diagnostics: Vec::new(),
            failed: Vec::new(),
            has_unknown_failed: false,
            consequences_count: 0,
        }
    }

    /// Puts a translated schema in the place of the one that was written.
    pub(super) fn translate(&mut self, schema: String, edits: Edits) {
        self.sources.schema.text = schema;
        self.edits = edits;
    }

    /// The schema as it is written.
    pub(super) fn written_schema(&self) -> &str {
        &self.schema
    }

    /// The schema as it is executed.
    pub(super) fn schema(&self) -> String {
        self.sources.schema.text.clone()
    }

    /// Where the bytes of a file were written.
    pub(super) fn places(&self, file: File) -> Places {
        match file {
            File::Schema => Places { file, text: self.schema.clone(), edits: self.edits.clone() },
            _ => {
                Places { file, text: self.sources.get(file).text.clone(), edits: Edits::default() }
            }
        }
    }

    /// The span of some bytes of a file as it is executed.
    pub(super) fn span(&self, file: File, at: &Range<usize>) -> Span {
        self.places(file).span(at)
    }

    /// A table or view could not be created: that it is not there is no finding of its own.
    pub(super) fn fail(&mut self, name: &str) {
        self.failed.push(name.to_ascii_lowercase());
    }

    /// The same of something whose name cannot be read.
    pub(super) const fn fail_unknown(&mut self) {
        self.has_unknown_failed = true;
    }

    /// Whether a table or view of that name could not be created.
    pub(super) fn has_failed(&self, name: &str) -> bool {
        self.failed.contains(&name.to_ascii_lowercase())
    }

    fn is_consequence(&self, diagnostic: &Diagnostic) -> bool {
        let named = diagnostic.message.strip_prefix("no such table: ");
        let named = named.map(|name| name.strip_prefix("main.").unwrap_or(name));
        diagnostic
            .missing
            .as_deref()
            .or(named)
            .is_some_and(|name| self.has_unknown_failed || self.has_failed(name))
    }

    /// Adds a finding. The same one twice counts once: a policy is compiled for each of its roles.
    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        if self.is_consequence(&diagnostic) {
            self.consequences_count = self.consequences_count.saturating_add(1);
        } else if !self.diagnostics.contains(&diagnostic) {
            self.diagnostics.push(diagnostic);
        }
    }

    pub(super) fn sources(&self) -> &Sources {
        &self.sources
    }

    /// Whether anything found fails the build.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.errors_count() > 0
    }

    /// Whether anything found in that file fails the build.
    pub(super) fn has_errors_in(&self, file: File) -> bool {
        let is_error = |one: &Diagnostic| one.severity == Severity::Error && one.span.file == file;
        self.diagnostics.iter().any(is_error)
    }

    /// How many findings fail the build, those included that only follow from others and are not shown.
    #[must_use]
    pub fn errors_count(&self) -> usize {
        let is_error = |one: &&Diagnostic| one.severity == Severity::Error;
        let shown = self.diagnostics.iter().filter(is_error).count();
        shown.saturating_add(self.consequences_count)
    }

    /// Everything found, in the order of the files.
    #[must_use]
    pub fn diagnostics(&self) -> Vec<&Diagnostic> {
        let mut all: Vec<&Diagnostic> = self.diagnostics.iter().collect();
        all.sort_by_key(|one| (one.span.file, one.span.start));
        all
    }

    /// One line for each finding, without the underlined text.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let line = |one: &&Diagnostic| {
            let name = &self.sources.get(one.span.file).name;
            let Position { line, column } = one.span.start;
            let help = one.help.as_ref().map(|help| format!(" (help: {help})"));
            format!("{name}:{line}:{column}: {}{}", one.message, help.unwrap_or_default())
        };
        self.diagnostics().iter().map(line).collect()
    }

    fn draw(&self, one: &Diagnostic, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = self.sources.get(one.span.file);
        let text = if one.span.file == File::Schema { &self.schema } else { &source.text };
        let Span { start, end, .. } = one.span;
        let severity = match one.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let number = start.line.to_string();
        let margin = " ".repeat(number.len());
        // A tab would shift the underline, so it is shown as one space.
        let line = text.lines().nth(start.line.saturating_sub(1)).unwrap_or_default();
        let line = line.replace('\t', " ");
        let length = line.chars().count();
        let last = if end.line == start.line { end.column } else { length.saturating_add(1) };
        let carets = "^".repeat(last.saturating_sub(start.column).max(1));
        writeln!(f, "{severity}: {}", one.message)?;
        writeln!(f, "{margin}--> {}:{}:{}", source.name, start.line, start.column)?;
        writeln!(f, "{margin} |")?;
        writeln!(f, "{number} | {}", line.trim_end())?;
        writeln!(f, "{margin} | {}{carets}", " ".repeat(start.column.saturating_sub(1)))?;
        if let Some(help) = &one.help {
            writeln!(f, "{margin} |")?;
            // SQL to be copied has lines of its own.
            let help = help.replace('\n', &format!("\n{margin}   "));
            writeln!(f, "{margin} = help: {help}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Warnings would only distract from what must be mended first.
        let least = if self.has_errors() { Severity::Error } else { Severity::Warning };
        let shown = self.diagnostics().into_iter().filter(|one| one.severity <= least);
        for (index, diagnostic) in shown.enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            self.draw(diagnostic, f)?;
        }
        Ok(())
    }
}

/// The candidate that `wrong` is most likely a misspelling of.
pub(super) fn closest<'a>(
    wrong: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wrong = wrong.to_ascii_lowercase();
    // Of names of one or two letters every other one would be similar.
    let tolerance = match wrong.chars().count() {
        0..=2 => 0,
        length => (length / 3).max(1),
    };
    candidates
        .into_iter()
        .map(|candidate| (strsim::levenshtein(&wrong, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= tolerance)
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_only_what_is_similar() {
        assert_eq!(closest("ownr_id", ["id", "owner_id", "name"]), Some("owner_id"));
        assert_eq!(closest("zzz", ["id", "owner_id"]), None);
    }

    #[test]
    fn positions_count_characters() {
        let text = "aé\nxß y";
        assert_eq!(Position::of(text, 0), Position { line: 1, column: 1 });
        assert_eq!(Position::of(text, 3), Position { line: 1, column: 3 });
        let offset = text.find('y').unwrap_or_default();
        assert_eq!(Position::of(text, offset), Position { line: 2, column: 4 });
    }
}
