//! Tests as pages name them: a path, or a path and a name behind a colon.

use std::fs;
use std::path::Path;

/// What is wrong with a name such as `tests/gate.rs: a_page_has_no_script`, if anything is.
pub fn fault(root: &Path, path: &str, name: Option<&str>) -> Option<String> {
    let Ok(found) = fs::metadata(root.join(path)) else {
        return Some(format!("{path} does not exist"));
    };
    let name = name?;
    let text =
        if found.is_file() { fs::read_to_string(root.join(path)).ok()? } else { String::new() };
    let declared = [
        format!("fn {name}("),
        format!("### {name}\n"),
        format!("test(\"{name}\""),
        format!("test(`{name}`"),
    ];
    let is_there = declared.iter().any(|declared| text.contains(declared));
    (!is_there).then(|| format!("{path} has no test {name}"))
}
