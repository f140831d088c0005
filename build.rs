//! Compiles `schema.sql`, `policies.sql` and `functions.sql` into the catalog that the Worker embeds,
//! writes the schema as SQLite executes it, and
//! checks the letters in `mail/` that it embeds as they are.

#[expect(
    dead_code,
    unused_imports,
    reason = "the build script writes the catalog and never looks anything up"
)]
#[path = "src/catalog/mod.rs"]
mod catalog;
#[allow(
    dead_code,
    unused_imports,
    reason = "the build script compiles whole files, never single conditions"
)]
#[path = "src/compiler/mod.rs"]
mod compiler;
#[expect(dead_code, unused_imports, reason = "only literals are read by it, not bodies")]
#[path = "src/http"]
mod http {
    pub mod json;
}
#[expect(dead_code, reason = "the build script reads no name of a letter")]
#[path = "src/mail/kind.rs"]
mod kind;
#[path = "src/mail/template.rs"]
mod template;
#[expect(dead_code, reason = "only the calendar is read by it")]
#[path = "src/time.rs"]
mod time;
#[allow(dead_code, unused_imports, reason = "the Worker reads bodies by it too")]
#[path = "src/values/mod.rs"]
mod values;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use compiler::{Source, Sources};
use kind::Kind;

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("\n{message}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    println!("cargo:rerun-if-changed=src/catalog");
    println!("cargo:rerun-if-changed=src/compiler");
    println!("cargo:rerun-if-changed=src/http/json");
    println!("cargo:rerun-if-changed=src/time.rs");
    println!("cargo:rerun-if-changed=src/values");
    let sources = Sources {
        migration: read(Path::new("migrations/0001_auth.sql"))?,
        schema: read(&named_by("SELVEDGE_SCHEMA", "schema.sql"))?,
        policies: read(&named_by("SELVEDGE_POLICIES", "policies.sql"))?,
        functions: functions()?,
    };
    let compiled = compiler::compile(&sources).map_err(|report| report.to_string())?;
    for line in compiled.report.lines() {
        println!("cargo:warning={line}");
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?);
    let write = |name: &str, bytes: &[u8]| {
        fs::write(out.join(name), bytes).map_err(|error| error.to_string())
    };
    write("catalog.bin", &compiled.catalog.encode())?;
    write_schema(&compiled.schema)?;
    write("mail.rs", letters()?.as_bytes())
}

/// Writes the schema as the database is to execute it, for the scripts that make the database.
fn write_schema(schema: &str) -> Result<(), String> {
    println!("cargo:rerun-if-env-changed=SELVEDGE_TRANSLATED_AGAIN");
    println!("cargo:rerun-if-env-changed=SELVEDGE_TRANSLATED");
    let Some(path) = env::var_os("SELVEDGE_TRANSLATED").map(PathBuf::from) else { return Ok(()) };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    }
    fs::write(path, schema).map_err(|error| error.to_string())
}

/// The templates of `mail/` beside the schema, checked, as the table that `src/embedded.rs` includes.
fn letters() -> Result<String, String> {
    println!("cargo:rerun-if-changed=src/mail");
    let folder = named_by("SELVEDGE_SCHEMA", "schema.sql").with_file_name("mail");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut table = String::from("static TEMPLATES: &[(&str, &str, &str)] = &[\n");
    let Ok(entries) = fs::read_dir(root.join(&folder)) else { return Ok(table + "];\n") };
    let mut names: Vec<String> = entries
        .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
        .filter(|name| !name.starts_with('.') && name != "README.md")
        .collect();
    names.sort();
    for name in names {
        let Source { name: path, text } = read(&folder.join(&name))?;
        let failed = |why: String| format!("error: {path}: {why}");
        let (letter, part) = name.split_once('.').unwrap_or((&name, ""));
        if !Kind::ALL.iter().any(|kind| kind.name() == letter) {
            let known: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
            return Err(failed(format!("no letter has this name; they are {}", known.join(", "))));
        }
        if !["html", "txt", "subject"].contains(&part) {
            return Err(failed("a letter has the parts .html, .txt and .subject".to_owned()));
        }
        template::check(&text, part == "html").map_err(failed)?;
        table.push_str(&format!("({letter:?}, {part:?}, {text:?}),\n"));
    }
    Ok(table + "];\n")
}

/// The path in an environment variable, relative to the manifest.
fn named_by(variable: &str, default: &str) -> PathBuf {
    println!("cargo:rerun-if-env-changed={variable}");
    env::var_os(variable).map_or_else(|| default.into(), PathBuf::from)
}

/// A backend needs no functions. The file of this folder goes with the schema of this folder.
fn functions() -> Result<Source, String> {
    let named = named_by("SELVEDGE_FUNCTIONS", "functions.sql");
    let is_named = env::var_os("SELVEDGE_FUNCTIONS").is_some();
    let root = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let is_there = || Path::new(&root).join(&named).exists();
    if is_named || (env::var_os("SELVEDGE_SCHEMA").is_none() && is_there()) {
        return read(&named);
    }
    println!("cargo:rerun-if-changed={}", named.display());
    Ok(Source { name: named.display().to_string(), text: String::new() })
}

fn read(path: &Path) -> Result<Source, String> {
    let root = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default();
    let full = Path::new(&root).join(path);
    println!("cargo:rerun-if-changed={}", full.display());
    let name = path.display().to_string();
    let text = fs::read_to_string(full).map_err(|error| format!("error: {name}: {error}"))?;
    Ok(Source { name, text })
}
