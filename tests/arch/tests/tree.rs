//! The checkout as text: its manifests and its Rust sources.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use toml::Table;

/// Folder of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_owned()
}

/// A member of the workspace.
pub struct Member {
    /// Folder relative to the root, such as `platform/core`.
    pub folder: String,
    /// Its manifest.
    pub manifest: Table,
}

impl Member {
    /// Names of its dependencies in the given table (`dependencies`, `dev-dependencies`).
    pub fn dependencies(&self, table: &str) -> Vec<String> {
        self.manifest.get(table).and_then(|found| found.as_table()).map(|found| found.keys().cloned().collect()).unwrap_or_default()
    }
}

/// Every member by package name.
pub fn members() -> BTreeMap<String, Member> {
    let manifest: Table = read("Cargo.toml").parse().unwrap();
    let folders = manifest["workspace"]["members"].as_array().unwrap().iter().map(|folder| folder.as_str().unwrap().to_owned());
    folders
        .map(|folder| {
            let manifest: Table = read(&format!("{folder}/Cargo.toml")).parse().unwrap();
            (manifest["package"]["name"].as_str().unwrap().to_owned(), Member { folder, manifest })
        })
        .collect()
}

/// A file of the checkout.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

/// A Rust source.
pub struct Source {
    /// Path relative to the root.
    pub path: String,
    /// Text without `#[cfg(test)]` tails and line comments.
    pub code: String,
    /// The whole text.
    pub text: String,
}

impl Source {
    /// Whether it is only compiled for tests.
    pub fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("tests.rs") || self.path.ends_with("test_app.rs")
    }
}

/// The Rust sources below a folder of the checkout.
pub fn sources(folder: &str) -> Vec<Source> {
    files(folder, "rs").into_iter().map(|(path, text)| Source { path, code: shipped(&text), text }).collect()
}

/// The SQL files below a folder of the checkout: path and text.
pub fn sql(folder: &str) -> Vec<(String, String)> {
    files(folder, "sql")
}

fn files(folder: &str, extension: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    walk(&root().join(folder), extension, &mut found);
    found.sort();
    found
}

fn walk(folder: &Path, extension: &str, found: &mut Vec<(String, String)>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            if !path.ends_with("target") && !path.ends_with("node_modules") {
                walk(&path, extension, found);
            }
        } else if path.extension().is_some_and(|found| found == extension) {
            let relative = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            found.push((relative, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The part of a source that ships: no comments, nothing after `#[cfg(test)] mod`.
fn shipped(text: &str) -> String {
    let tests = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    let lines = text[..tests].lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.fold(String::new(), |code, line| code + line + "\n")
}
