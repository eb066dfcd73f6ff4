//! Puts the built console (`web/dist`) into the shipped program: a table of its files with their bytes, which `src/console` serves.
//!
//! Invariants: a program can be built without Node and without the console; only the shipped one carries it, the others read `web/dist` when they start, so that
//! working on the console builds no Rust.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    // What Cargo tells a build script is no setting of the program.
    let told = |name: &str| env::var_os(name).ok_or_else(|| format!("Cargo does not say {name}"));
    let table = match told("PROFILE")?.to_str() {
        Some("release") => embedded(Path::new(&told("CARGO_MANIFEST_DIR")?).join("../../web/dist"))?,
        _ => "None".to_owned(),
    };
    let source = format!(
        "/// Path below the console's folder, and content; `None` where the program reads them when it starts.\nconst EMBEDDED: Option<&[(&str, &[u8])]> = {table};\n"
    );
    fs::write(Path::new(&told("OUT_DIR")?).join("console_files.rs"), source)?;
    Ok(())
}

/// The files below `folder` as Rust.
fn embedded(folder: PathBuf) -> Result<String, Box<dyn Error>> {
    // A folder that is not there makes Cargo look again at the next build.
    println!("cargo::rerun-if-changed={}", folder.display());
    let Ok(folder) = folder.canonicalize() else {
        println!("cargo::warning=web/dist does not exist: this program has no console (cd web && pnpm install && pnpm build)");
        return Ok("Some(&[])".to_owned());
    };
    let mut files = Vec::new();
    collect(&folder, &mut files)?;
    files.sort();
    let mut table = String::from("Some(&[\n");
    for file in &files {
        let name = file.strip_prefix(&folder)?.to_str().ok_or("a file of the console has a name that is not UTF-8")?;
        writeln!(table, "    ({name:?}, include_bytes!({file:?})),")?;
    }
    table.push_str("])");
    Ok(table)
}

/// Ordinary files only: what a link leads to is not the console's.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), files)?;
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}
