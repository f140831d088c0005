//! Compiles `schema.sql`, `policies.sql` and `functions.sql` into the catalog that the Worker embeds.

#[expect(dead_code, reason = "the build script writes the catalog and never looks anything up")]
#[path = "src/catalog/mod.rs"]
mod catalog;
#[path = "src/compiler/mod.rs"]
mod compiler;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use compiler::{Source, Sources};

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
    fs::write(out.join("catalog.bin"), compiled.catalog.encode()).map_err(|error| error.to_string())
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
