//! The layers as one TOML tree, before it becomes [`Settings`].
//!
//! A text from the environment takes the type that the default has at its key, so that a password of digits stays a text.

use std::collections::BTreeMap;

use toml::{Table, Value};

use crate::error::{ConfigError, SettingFault};
use crate::settings::Settings;
use crate::{DEFAULTS, SECRETS, is_secret};

const PREFIX: &str = "NEXUS__";
const FILE_SUFFIX: &str = "_file";

pub(crate) struct Layers {
    tree: Table,
}

impl Layers {
    /// The embedded defaults alone.
    #[expect(clippy::expect_used, reason = "the embedded defaults are checked by this crate's tests")]
    pub(crate) fn defaults() -> Self {
        Self { tree: DEFAULTS.parse().expect("the embedded defaults are TOML") }
    }

    /// Lays a file's TOML over what is there: tables are merged, everything else (lists included) is replaced.
    pub(crate) fn add_file(&mut self, path: &str, text: &str) -> Result<(), ConfigError> {
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let line = error.span().map_or(1, |span| 1 + text.get(..span.start).unwrap_or_default().matches('\n').count());
            // `Display` would quote the line, which may hold a secret.
            ConfigError::Malformed { path: path.to_owned(), line, reason: error.message().to_owned() }
        })?;
        merge(&mut self.tree, table);
        Ok(())
    }

    /// Lays every `NEXUS__SECTION__KEY` over what is there.
    pub(crate) fn add_environment(&mut self, environment: &BTreeMap<String, String>) -> Result<(), ConfigError> {
        let mut faults = Vec::new();
        for (name, text) in environment {
            let Some(key) = name.strip_prefix(PREFIX) else { continue };
            let path: Vec<String> = key.to_ascii_lowercase().split("__").map(str::to_owned).collect();
            if let Err(message) = self.set(&path, text) {
                faults.push(SettingFault { key: path.join("."), message: format!("{message} (from the variable {name})") });
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(ConfigError::Invalid(faults)) }
    }

    fn set(&mut self, path: &[String], text: &str) -> Result<(), String> {
        let Some((last, parents)) = path.split_last() else { return Err("no such setting".to_owned()) };
        let template = Self::defaults();
        let mut shape = Some(&template.tree);
        let mut parts = parents.iter();
        let mut table = &mut self.tree;
        while let Some(part) = parts.next() {
            let expected = shape.and_then(|shape| shape.get(part)).ok_or("no such section")?;
            let next = table.entry(part.clone()).or_insert_with(|| empty_like(expected));
            (table, shape) = match (next, expected) {
                (Value::Table(next), Value::Table(expected)) => (next, Some(expected)),
                (Value::Array(items), Value::Array(expected)) => {
                    let index: usize = parts.next().and_then(|part| part.parse().ok()).ok_or("an index is missing, as in NEXUS__SERVERS__0__HOST")?;
                    if index > items.len() {
                        return Err(format!("index {index} leaves a gap: there are {} before it", items.len()));
                    }
                    if index == items.len() {
                        items.push(Value::Table(Table::new()));
                    }
                    match items.get_mut(index) {
                        Some(Value::Table(next)) => (next, expected.first().and_then(Value::as_table)),
                        _ => return Err("not a table".to_owned()),
                    }
                }
                _ => return Err("not a section".to_owned()),
            };
        }
        let value = match shape.and_then(|shape| shape.get(last)) {
            Some(expected) => coerce(expected, text)?,
            None if is_secret_file(path) => Value::String(text.to_owned()),
            None => return Err("no such setting".to_owned()),
        };
        // A secret given in a later layer takes the place of the same one given the other way in an earlier layer.
        if is_secret(path) {
            table.remove(&format!("{last}{FILE_SUFFIX}"));
        } else if let Some(secret) = last.strip_suffix(FILE_SUFFIX) {
            table.remove(secret);
        }
        table.insert(last.clone(), value);
        Ok(())
    }

    /// Replaces every `<secret>_file` by the content of that file, without a newline at its end.
    pub(crate) fn read_secret_files(&mut self) -> Result<(), ConfigError> {
        let mut faults = Vec::new();
        for secret in SECRETS {
            let Some((section, key)) = secret.split_once('.') else { continue };
            match self.tree.get_mut(section) {
                Some(Value::Table(table)) => read_secret_file(table, section, key, &mut faults),
                Some(Value::Array(items)) => {
                    for (index, item) in items.iter_mut().enumerate() {
                        if let Value::Table(table) = item {
                            read_secret_file(table, &format!("{section}.{index}"), key, &mut faults);
                        }
                    }
                }
                _ => {}
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(ConfigError::Invalid(faults)) }
    }

    /// The tree as settings. Fails on the first unknown key or wrong type.
    pub(crate) fn deserialize(mut self) -> Result<Settings, ConfigError> {
        self.complete_servers();
        serde_path_to_error::deserialize(Value::Table(self.tree)).map_err(|error| {
            let path: Vec<String> = error.path().to_string().replace('[', ".").replace(']', "").split('.').map(str::to_owned).collect();
            let message = if is_secret(&path) { "must be a text".to_owned() } else { error.inner().message().to_owned() };
            ConfigError::one(path.join("."), message)
        })
    }

    /// A server of the file needs to name only what differs from the defaults.
    fn complete_servers(&mut self) {
        let template = Self::defaults();
        let Some(Value::Table(defaults)) = template.tree.get("servers").and_then(|servers| servers.get(0)) else { return };
        if let Some(Value::Array(servers)) = self.tree.get_mut("servers") {
            for server in servers {
                if let Value::Table(server) = server {
                    for key in ["port", "tls_mode"] {
                        if let Some(value) = defaults.get(key) {
                            server.entry(key).or_insert_with(|| value.clone());
                        }
                    }
                }
            }
        }
    }
}

fn merge(under: &mut Table, over: Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(Value::Table(under)), Value::Table(over)) => merge(under, over),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

fn empty_like(value: &Value) -> Value {
    if value.is_array() { Value::Array(Vec::new()) } else { Value::Table(Table::new()) }
}

fn is_secret_file(path: &[String]) -> bool {
    let Some((last, parents)) = path.split_last() else { return false };
    let Some(key) = last.strip_suffix(FILE_SUFFIX) else { return false };
    let mut path = parents.to_vec();
    path.push(key.to_owned());
    is_secret(&path)
}

fn read_secret_file(table: &mut Table, section: &str, key: &str, faults: &mut Vec<SettingFault>) {
    let name = format!("{key}{FILE_SUFFIX}");
    let Some(path) = table.remove(&name) else { return };
    let mut fault = |message: String| faults.push(SettingFault { key: format!("{section}.{name}"), message });
    let Some(path) = path.as_str() else { return fault("must be a path".to_owned()) };
    if path.is_empty() {
        return;
    }
    if table.get(key).and_then(Value::as_str).is_some_and(|value| !value.is_empty()) {
        return fault(format!("give either {key} or {name}, not both"));
    }
    match std::fs::read_to_string(path) {
        Ok(text) => {
            table.insert(key.to_owned(), Value::String(text.trim_end_matches(['\r', '\n']).to_owned()));
        }
        Err(error) => fault(format!("{path} can't be read: {error}")),
    }
}

fn coerce(expected: &Value, text: &str) -> Result<Value, String> {
    match expected {
        Value::String(_) => Ok(Value::String(text.to_owned())),
        Value::Integer(_) => text.trim().parse().map(Value::Integer).map_err(|_| format!("`{text}` is not a whole number")),
        Value::Boolean(_) => text.trim().parse().map(Value::Boolean).map_err(|_| format!("`{text}` is neither true nor false")),
        Value::Array(items) if !matches!(items.first(), Some(Value::Table(_))) => {
            Ok(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(|item| Value::String(item.to_owned())).collect::<Vec<_>>().into())
        }
        _ => Err("is a section, not a setting".to_owned()),
    }
}
