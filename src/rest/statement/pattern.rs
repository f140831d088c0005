//! Patterns as SQL.

use super::writer::{Writer, joined};
use crate::http::json::{list, quoted};
use crate::rest::pattern::{Pattern, Segment, Segments, Shape};

/// Writes that a text is like a pattern; null is neither like it nor unlike it. `is_column` when the
/// text is a column of texts as it stands, which an index may serve.
pub fn like(writer: &mut Writer<'_>, text: &str, pattern: &Pattern, is_column: bool) -> String {
    let left = &folded(writer, text, pattern);
    match &pattern.shape {
        // A column that ignores case does not make the pattern do so.
        Shape::Equal(equal) => {
            format!("({left} = {} collate binary)", writer.bind(equal.as_str()))
        }
        Shape::Prefix(prefix) => {
            let start = writer.bind(prefix.as_str());
            match successor(prefix).filter(|_| is_column && !pattern.ignore_case) {
                // What begins with a text is all that sorts from it up to its successor.
                Some(end) => {
                    let end = writer.bind(end);
                    format!("({left} >= {start} collate binary and {left} < {end} collate binary)")
                }
                None => format!("(substr({left}, 1, length({start})) = {start})"),
            }
        }
        Shape::Suffix(suffix) => {
            let end = writer.bind(suffix.as_str());
            format!("(substr({left}, -length({end})) = {end})")
        }
        Shape::Contains(part) => format!("(instr({left}, {}) > 0)", writer.bind(part.as_str())),
        Shape::Glob(glob) => format!("({left} glob {})", writer.bind(glob.as_str())),
        Shape::Segments(segments) => segmented(writer, left, segments),
    }
}

/// Writes a text without case, as far as the pattern's letters ask for it.
fn folded(writer: &mut Writer<'_>, text: &str, pattern: &Pattern) -> String {
    if !pattern.ignore_case {
        return text.to_owned();
    }
    let mut folded = format!("lower({text})");
    for (capital, letter) in &pattern.folds {
        let (capital, letter) = (writer.bind(*capital), writer.bind(*letter));
        folded = format!("replace({folded}, {capital}, {letter})");
    }
    folded
}

/// The least text that sorts behind all that begin with this one; none when it ends with the last
/// character there is, or is empty.
fn successor(prefix: &str) -> Option<String> {
    let last = prefix.chars().next_back()?;
    // The range of characters steps over the gap of the surrogates.
    let next = (last..=char::MAX).nth(1)?;
    let mut successor = prefix.to_owned();
    successor.pop();
    successor.push(next);
    Some(successor)
}

/// Writes that the segments follow one another: the first at the start, the last at the end, and
/// each of those between at the first place where it fits behind the one before.
fn segmented(writer: &mut Writer<'_>, text: &str, segments: &Segments) -> String {
    let Segments { first, middle, last } = segments;
    let ends = last.as_ref().map_or(0, |last| last.length);
    let least = first.length.saturating_add(ends);
    let length = if last.is_some() { ">=" } else { "=" };
    let mut conditions = vec![format!("length(x) {length} {least}")];
    runs(writer, first, "", &mut conditions);
    if let Some(last) = last {
        runs(writer, last, &format!("length(x) - {ends} + "), &mut conditions);
    }
    if !middle.is_empty() {
        conditions.push(between(writer, first.length, middle, ends));
    }
    let conditions = joined(&conditions, "and", "1");
    format!("(select case when x is not null then {conditions} end from (select {text} as x))")
}

fn runs(writer: &mut Writer<'_>, segment: &Segment, from: &str, conditions: &mut Vec<String>) {
    for (before, run) in &segment.runs {
        let (start, run) = (before.saturating_add(1), writer.bind(run.as_str()));
        conditions.push(format!("substr(x, {from}{start}, length({run})) = {run}"));
    }
}

/// Writes the search for what stands between: `i` segments have been found, and the next is looked
/// for from the character `at`. Each is an array of its length, its one run, and how many characters
/// stand before that. (The next is picked out of all, for a join with all of them would look for each
/// at every step.)
fn between(writer: &mut Writer<'_>, start: usize, middle: &[Segment], ends: usize) -> String {
    let segments: Vec<String> = middle
        .iter()
        .map(|segment| {
            let (before, run) =
                segment.runs.first().map_or((0, ""), |(before, run)| (*before, run.as_str()));
            format!("[{},{},{before}]", segment.length, quoted(run))
        })
        .collect();
    let wanted = writer.bind(list(&segments));
    let found = "instr(substr(x, at + (w.value ->> 2)), w.value ->> 1)";
    format!(
        "exists (with recursive m (i, at) as (select 0, {} union all \
         select i + 1, at + {found} - 1 + (w.value ->> 0) \
         from m join json_each(json_array(json_extract({wanted}, '$[' || i || ']'))) as w \
         where {found} > 0) \
         select 1 from m where i = {} and at + {ends} - 1 <= length(x))",
        start.saturating_add(1),
        middle.len()
    )
}
